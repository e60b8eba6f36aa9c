"""What the consent API refuses: one field named with its remedy, nothing repeated, nothing written."""

import boto3
import pytest

from tests.functions.conftest import caller_of, deployed
from tests.functions.test_consent import GIVE, MARKS, REVOKE, SHOW, with_
from tests.journeys.stories import ANA, BEN, EXAMPLE


@pytest.fixture(scope="module")
def quiet(tmp_path_factory):
    """A practice for what is refused: it holds one patient, Ben, and no test adds another."""
    with deployed(tmp_path_factory.mktemp("quiet"), EXAMPLE) as built:
        built.consents("P-2", BEN)
        yield built


def people(built):
    """How many items the practice knows about people."""
    return boto3.client("dynamodb").scan(TableName="people")["Count"]


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("patient", ..., "patient"),
        ("patient", "P-77", "patient"),
        ("patient.connection", "nobody", "patient.connection"),
        ("patient.connection", 7, "patient.connection"),
        ("patient.ref", "", "patient.ref"),
        ("patient.ref", ..., "patient.ref"),
        ("phone", ..., "phone"),
        ("phone", "", "phone"),
        ("phone", "555-0142", "phone"),
        ("phone", "+442079460000", "phone"),
        ("phone", 3125550142, "phone"),
        ("phone", "Ana's phone", "phone"),
        ("categories", ..., "categories"),
        ("categories", [], "categories"),
        ("categories", "appointments", "categories"),
        ("categories", ["appointments", "gossip"], "categories"),
        ("categories", [None], "categories"),
        ("evidence", ..., "evidence"),
        ("evidence", [], "evidence"),
        ("evidence.medium", ..., "evidence.medium"),
        ("evidence.medium", "   ", "evidence.medium"),
        ("evidence.text_version", ..., "evidence.text_version"),
        ("evidence.language", ..., "evidence.language"),
        ("evidence.language", "Spanish, please", "evidence.language"),
        ("evidence.signed_name", ..., "evidence.signed_name"),
        ("evidence.signed_name", {"first": "Ana"}, "evidence.signed_name"),
        ("evidence.signed_name", "Ana \ud800 Ruiz", "evidence.signed_name"),
        ("evidence.signed_at", ..., "evidence.signed_at"),
        ("evidence.signed_at", "yesterday", "evidence.signed_at"),
        ("evidence.signed_at", "2026-11-30T16:20:00", "evidence.signed_at"),  # no zone
        ("evidence.signed_at", "2027-11-30T16:20:00Z", "evidence.signed_at"),  # not yet
        ("evidence.recorded_by", ..., "evidence.recorded_by"),
    ],
)
def test_a_bad_field_is_named_with_its_remedy_and_not_repeated(quiet, path, value, field):
    """422 says which field and what to do; what was typed comes back in no form, and nothing is written."""
    before = people(quiet)
    reply = caller_of(quiet, "consent", "consents").post(GIVE, with_(path, value))

    assert (reply.status, reply.json["field"]) == (422, field)
    assert len(reply.json["error"]) > 20
    assert not any(mark in reply.text for mark in (*MARKS, "nobody", "gossip", "yesterday", "555-0142"))
    assert people(quiet) == before


@pytest.mark.parametrize("body", ["", "[]", "null", "{", '"x"', "[" * 5000])
def test_what_is_not_an_object_is_refused(quiet, body):
    """A body that is not one JSON object is 422 and names the body."""
    reply = caller_of(quiet, "consent", "consents").call("POST", GIVE, body=body)

    assert (reply.status, reply.json["field"]) == (422, "body")


@pytest.mark.parametrize(
    ("scopes", "status"),
    [((), 401), (("threads",), 403), (("threads", "tasks", "messages", "operate"), 403)],
)
@pytest.mark.parametrize(
    ("method", "resource"),
    [
        ("POST", GIVE),
        ("GET", SHOW),
        ("POST", REVOKE),
        ("POST", "/v1/consents/import"),
        ("POST", "/v1/consent-links"),
    ],
)
def test_no_token_is_401_and_the_wrong_scope_403(quiet, scopes, status, method, resource):
    """Who may not enter learns nothing, not even whether the request would have been right."""
    reply = caller_of(quiet, "consent", *scopes).call(method, resource, {"patient_id": "p_" + "0" * 32}, "{}")

    assert (reply.status, list(reply.json)) == (status, ["error"])


@pytest.mark.parametrize("patient_id", ["p_" + "0" * 32, "x", "P-77", "../..", "p_" + "0" * 3000, "#"])
def test_an_unknown_patient_is_404(quiet, patient_id):
    """Whatever stands in the path: nobody by that id."""
    api = caller_of(quiet, "consent", "consents")
    assert api.get(SHOW, patient_id=patient_id).status == 404
    assert api.post(REVOKE, {"phone": ANA}, patient_id=patient_id).status == 404


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"phone": "12"}, "phone"),
        ({"phone": ANA, "categories": ["gossip"]}, "categories"),
        ({"phone": ANA, "categories": "some"}, "categories"),
        ({"phone": ANA, "channel": 3}, "channel"),
        ({"phone": ANA, "words": "x" * 2001}, "words"),
    ],
)
def test_a_revocation_that_cannot_be_read_names_its_field(quiet, asked, field):
    """422 names the field; nothing is half revoked."""
    api, patient_id = caller_of(quiet, "consent", "consents"), quiet.world.ids.patient_id("main", "P-2")

    reply = api.post(REVOKE, asked, patient_id=patient_id)

    assert (reply.status, reply.json["field"]) == (422, field)
    assert api.get(SHOW, patient_id=patient_id).json["standing"]["care"] == "granted"
