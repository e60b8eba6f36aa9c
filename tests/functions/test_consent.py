"""POST /v1/consents and its sisters: exactly as the design writes them, and nothing given away in a refusal."""

import copy
import json

import pytest
from texting.values import PhoneNumber

from tests.journeys.stories import ANA, BEN

GIVE, SHOW, REVOKE = "/v1/consents", "/v1/consents/{patient_id}", "/v1/consents/{patient_id}/revoke"
ASKED = {
    "patient": {"connection": "main", "ref": "P-77"},
    "phone": ANA,
    "categories": ["appointments", "care"],
    "evidence": {
        "medium": "paper",
        "text_version": "2026-11",
        "language": "es",
        "signed_name": "Ana Ruiz",
        "signed_at": "2026-11-30T16:20:00Z",
        "recorded_by": "front-desk-1",
    },
}
MARKS = ("Ana", "Ruiz", "P-77", "3125550142", "front-desk-1")


def with_(path, value):
    """ASKED with one field changed; `...` removes it."""
    asked = copy.deepcopy(ASKED)
    *parents, last = path.split(".")
    inside = asked
    for name in parents:
        inside = inside[name]
    if value is ...:
        del inside[last]
    else:
        inside[last] = value
    return asked


@pytest.fixture
def api(speak):
    """A system with a token for consents."""
    return speak("consent", "consents")


def test_consent_is_recorded_and_told_as_designed(api, practice):
    """201 with the patient's id, where every category stands, and a history that carries the evidence."""
    reply = api.post(GIVE, ASKED)

    assert reply.status == 201
    said = reply.json
    assert said["patient_id"] == practice.world.ids.patient_id("main", "P-77")
    assert said["standing"] == {
        "appointments": "granted", "care": "granted", "billing": "never", "results": "never", "general": "never",
        "marketing": "never",
    }  # fmt: skip
    assert said["number"] == "open"
    [line] = said["history"]
    assert (line["standing"], line["categories"], line["by"]) == ("granted", ["appointments", "care"], "token")
    assert line["evidence"] == ASKED["evidence"]


def test_reading_answers_the_same_and_is_in_the_ledger_first(api, ledger):
    """GET answers the same shape, and the disclosure of the signature is evidence of its own (P6)."""
    given = api.post(GIVE, ASKED).json
    before = len(ledger("access.read"))

    reply = api.get(SHOW, patient_id=given["patient_id"])

    assert (reply.status, reply.json) == (200, given)
    assert [entry.facts["scope"] for entry in ledger("access.read")[before:]] == ["consents"]


def test_the_history_digest_is_the_ledgers(api, ledger):
    """What the API calls the evidence's digest is what the ledger keeps, so that neither can be changed alone."""
    [line] = api.post(GIVE, ASKED).json["history"]

    assert [entry.facts["evidence_digest"] for entry in ledger("consent.granted")] == [line["evidence_digest"]]


def test_a_body_in_base64_is_the_same_body(api):
    """API Gateway may encode a body; the door takes it all the same."""
    assert api.call("POST", GIVE, body=json.dumps(ASKED), base64_body=True).status == 201


def test_revoking_some_categories_leaves_the_others(api):
    """A revocation that says what it covers covers that, and the patient's words are kept as evidence."""
    patient_id = api.post(GIVE, ASKED).json["patient_id"]

    reply = api.post(
        REVOKE, {"phone": ANA, "categories": ["care"], "channel": "front desk", "words": "no more tips"},
        patient_id=patient_id,
    )  # fmt: skip

    assert reply.status == 200
    assert (reply.json["standing"]["appointments"], reply.json["standing"]["care"]) == ("granted", "revoked")
    last = reply.json["history"][-1]
    assert (last["covers"], last["channel"], last["evidence"]["words"]) == ("named", "in_person", "no more tips")


@pytest.mark.parametrize("asked", [{"phone": ANA, "categories": "all", "channel": "phone", "words": "stop it"}, {}])
def test_silence_means_everything(api, asked):
    """47 CFR 64.1200(a)(10): what is not said to be kept is revoked; never-asked categories too."""
    patient_id = api.post(GIVE, ASKED).json["patient_id"]

    assert set(api.post(REVOKE, asked, patient_id=patient_id).json["standing"].values()) == {"revoked"}


def test_one_revocation_covers_every_number(api):
    """Without a phone it covers every number of theirs, also where their consents were given in one instant."""
    patient_id = api.post(GIVE, ASKED).json["patient_id"]
    assert api.post(GIVE, with_("phone", BEN)).status == 201

    reply = api.post(REVOKE, {"channel": "phone", "words": "no more"}, patient_id=patient_id)

    assert (reply.status, set(reply.json["standing"].values())) == (200, {"revoked"})
    assert [line["standing"] for line in reply.json["history"]] == ["granted", "granted", "revoked", "revoked"]


def test_a_strange_channel_stays_out_of_the_ledger(api, ledger):
    """The ledger can never be erased: it gets a word of ours, the caller's own words stay with the sealed evidence."""
    patient_id = api.post(GIVE, ASKED).json["patient_id"]
    reply = api.post(REVOKE, {"phone": ANA, "channel": "told Maria Santos"}, patient_id=patient_id)

    assert [entry.facts["channel"] for entry in ledger("consent.revoked")] == ["other"]
    assert reply.json["history"][-1]["evidence"]["told_by"] == "told Maria Santos"


def test_a_revocation_for_a_number_we_never_knew_is_lost_nowhere(api, practice):
    """It may be mistyped: kept for it, before it ever comes with a booking, and for every number of theirs; and told."""
    patient_id = api.post(GIVE, ASKED).json["patient_id"]

    reply = api.post(REVOKE, {"phone": BEN, "categories": ["appointments"]}, patient_id=patient_id)

    assert (reply.status, reply.json["standing"]["appointments"]) == (200, "revoked")
    assert "never known by this number" in reply.json["notice"]
    store, ids = practice.world.store, practice.world.ids
    assert store.number(ids.number_id(PhoneNumber(BEN))) is not None
    on = {phone: store.consent(patient_id, ids.number_id(PhoneNumber(phone)), "appointments") for phone in (ANA, BEN)}
    assert {phone: str(one.standing) for phone, one in on.items()} == {ANA: "revoked", BEN: "revoked"}
    kept = store.consent(patient_id, ids.number_id(PhoneNumber(ANA)), "care")
    assert str(kept.standing) == "granted"
    [task] = store.open_tasks()
    assert (task.kind, task.patient_id) == ("revocation_unclear", patient_id)


def test_a_revocation_for_a_number_of_theirs_is_in_no_doubt(api, practice):
    """Any number the patient is or was known by: what it names is what it covers."""
    patient_id = api.post(GIVE, ASKED).json["patient_id"]
    api.post(GIVE, with_("phone", BEN))

    assert "notice" not in api.post(REVOKE, {"phone": BEN}, patient_id=patient_id).json
    assert practice.tasks() == []
    own = practice.world.store.consent(patient_id, practice.world.ids.number_id(PhoneNumber(ANA)), "care")
    assert str(own.standing) == "granted"


def test_a_revocation_of_a_patient_without_a_number_is_put_before_people(api, practice):
    """There is nothing to end, and somebody must know that it was said."""
    practice.hears(phone="000-000-0000")
    patient_id = practice.world.ids.patient_id("main", "P-1")

    reply = api.post(REVOKE, {}, patient_id=patient_id)

    assert "No phone number" in reply.json["notice"]
    assert "revocation_unclear" in practice.tasks()


def test_consent_does_not_end_a_stop(api, practice):
    """Granted by paper, stopped by text: the number stays stopped until its own START, and the answer says so."""
    api.post(GIVE, ASKED)
    practice.texts("STOP")

    reply = api.post(GIVE, ASKED)

    assert (reply.json["number"], reply.json["standing"]["care"]) == ("stopped", "granted")


def test_the_same_consent_twice_stands_once(api):
    """Said again, it is another line of history and the same standing."""
    api.post(GIVE, ASKED)
    reply = api.post(GIVE, ASKED)

    assert (reply.status, reply.json["standing"]["care"]) == (201, "granted")


def test_logs_and_ledger_hold_nobody(api, capsys, ledger):
    """P9: no name, number, reference or signature in what a run prints or in the ledger."""
    patient_id = api.post(GIVE, ASKED).json["patient_id"]
    api.post(GIVE, with_("phone", "nonsense"))
    api.post(REVOKE, {"phone": ANA, "words": "Ana Ruiz says stop"}, patient_id=patient_id)

    printed = capsys.readouterr()
    facts = json.dumps(
        [[entry.subject, entry.actor, dict(entry.facts)] for kind in set(ledger()) for entry in ledger(kind)]
    )
    for mark in MARKS:
        assert mark not in printed.out + printed.err + facts
