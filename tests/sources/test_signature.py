"""Who sent it: what opens the scheduling door, and the many things that must not."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook
from texting.errors import BadSignature
from texting.sources.signature import REFUSED, bearer, verify

from tests.sources.specimens import NOW, OTHER, SECRET, sample, signed

BODY = b'{"type":"appointment.booked"}'


def opens(body: bytes, headers, secrets=(SECRET,), now=NOW) -> bool:
    try:
        verify(body, headers, secrets, now)
    except BadSignature as refused:
        return refused.sentence != REFUSED
    return True


def test_published_vector_is_accepted_and_its_forgery_refused():
    """The vector published with the standard verifies at its own time, and its altered twin does not."""
    vector = json.loads(sample("standard-webhooks/vector.json"))
    headers = {name: vector[name] for name in ("webhook-id", "webhook-timestamp", "webhook-signature")}
    then = datetime.fromtimestamp(int(vector["webhook-timestamp"]), UTC)
    body = vector["body"].encode()
    assert verify(body, headers, [vector["secret"]], then).event_id == vector["webhook-id"]
    forged = headers | {"webhook-signature": vector["webhook-signature-invalid"]}
    assert not opens(body, forged, [vector["secret"]], then)


@given(st.binary(max_size=300), st.from_regex(r"[A-Za-z0-9_]{1,30}", fullmatch=True))
def test_what_the_reference_library_signs_opens_the_door(body, event_id):
    """Any UTF-8 body signed by the standard's own library is accepted, with the id it was sent under."""
    text = body.decode("utf-8", "replace")
    headers = {
        "Webhook-Id": event_id,
        "Webhook-Timestamp": str(int(NOW.timestamp())),
        "Webhook-Signature": Webhook(SECRET).sign(event_id, NOW, text),
    }
    assert verify(text.encode(), headers, [SECRET], NOW).event_id == event_id


def renamed(headers, family="svix"):
    """The same headers under another family's names."""
    return {name.replace("webhook", family): value for name, value in headers.items()}


def test_the_service_that_many_senders_use_has_names_of_its_own():
    """`svix-…` headers mean the same, and are held to the same: a forged body, an old timestamp, one given twice."""
    headers = renamed(signed(BODY))
    assert set(headers) == {"svix-id", "svix-timestamp", "svix-signature"}
    assert verify(BODY, headers, [SECRET], NOW).event_id == "msg_1"
    assert not opens(BODY + b" ", headers)
    assert not opens(BODY, headers, [OTHER])
    assert not opens(BODY, headers, now=NOW + timedelta(seconds=301))
    assert not opens(BODY, [*headers.items(), ("svix-id", "msg_2")])


def test_the_two_families_are_not_mixed():
    """One family signs all three; where both came, the standard's names count, whatever the others say."""
    own = signed(BODY)
    for name in own:
        mixed = {one: value for one, value in own.items() if one != name} | renamed({name: own[name]})
        assert not opens(BODY, mixed)
    assert verify(BODY, own | renamed(signed(b"other")), [SECRET], NOW).event_id == "msg_1"
    assert not opens(BODY, renamed(own) | {"webhook-signature": "v1,x"})


@pytest.mark.parametrize("form", ["mapping", "lists", "pairs", "upper"])
def test_headers_may_come_in_any_form_a_gateway_has(form):
    """One value each, lists of values, pairs and any letter case mean the same headers."""
    one = signed(BODY)
    forms = {
        "mapping": one,
        "lists": {name: [value] for name, value in one.items()},
        "pairs": list(one.items()),
        "upper": {name.upper(): value for name, value in one.items()},
    }
    assert verify(BODY, forms[form], [SECRET], NOW).event_id == "msg_1"


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_header_missing_or_given_twice_is_refused(name):
    """Two values of one header are an ambiguity an attacker could use, so neither is believed."""
    one = signed(BODY)
    assert not opens(BODY, {key: value for key, value in one.items() if key != name})
    assert not opens(BODY, {key: [value] * (1 + (key == name)) for key, value in one.items()})
    assert not opens(BODY, [*one.items(), (name.title(), one[name])])


@pytest.mark.parametrize(
    "body",
    [
        BODY + b"\n",  # a line end added by a proxy
        BODY[:-1],  # one byte lost
        BODY.replace(b":", b": "),  # the JSON written anew
        b"\xef\xbb\xbf" + BODY,  # a byte order mark
        b"",
    ],
)
def test_any_other_byte_is_another_message(body):
    """The signature covers the exact bytes received."""
    assert not opens(body, signed(BODY))


@pytest.mark.parametrize(
    ("seconds", "good"), [(0, True), (299, True), (300, True), (301, False), (-300, True), (-301, False), (360, False)]
)
def test_a_timestamp_holds_for_five_minutes_both_ways(seconds, good):
    """A replay is refused five minutes later, and a clock that runs ahead is not believed for longer either."""
    assert opens(BODY, signed(BODY), now=NOW + timedelta(seconds=seconds)) is good


@pytest.mark.parametrize("stamp", ["", "x", "-5", "1796144650.5", "1" * 20, " 1796144650", "1796144650 ", "١٧٩٦"])
def test_a_timestamp_is_a_plain_count_of_seconds(stamp):
    """Fractions, signs, blanks, foreign digits and absurd lengths are refused even when they are signed."""
    assert not opens(BODY, signed(BODY, at=stamp))


def test_both_live_secrets_open_and_a_retired_one_does_not():
    """While a secret is changed the old and the new one count; after that only the new one."""
    assert opens(BODY, signed(BODY, secret=OTHER), [SECRET, OTHER])
    assert opens(BODY, signed(BODY), [SECRET, OTHER])
    assert not opens(BODY, signed(BODY, secret=OTHER), [SECRET])


def test_one_good_signature_among_several_is_enough():
    """Senders that change keys send several signatures; versions we do not know are passed over."""
    good, other = signed(BODY), signed(BODY, secret=OTHER)
    several = f"v1a,c2ln v2,{'A' * 44} {other['webhook-signature']} {good['webhook-signature']}"
    assert opens(BODY, good | {"webhook-signature": several})
    assert not opens(BODY, good | {"webhook-signature": good["webhook-signature"].replace("v1,", "v1a,")})


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "v1,",
        "v1",
        "v1,!!!",
        "v1,AAAA",
        "v1," + "A" * 43,  # unpadded
        "v1," + "é" * 44,
        "v1,\ud800",
        "\x00",
    ],
)
def test_a_malformed_signature_is_a_wrong_one(signature):
    """Bad alphabets, lengths and characters are refused like any wrong signature, never an error of ours."""
    assert not opens(BODY, signed(BODY) | {"webhook-signature": signature})


def test_signatures_are_plain_base64_and_nothing_like_it():
    """The url-safe alphabet, lost padding and a comma-joined double are not the signature."""
    digest = signed(BODY)["webhook-signature"][3:]
    urlsafe = base64.urlsafe_b64encode(base64.b64decode(digest)).decode().rstrip("=")
    for changed in (f"v1,{urlsafe}", f"v1,{digest},v1,{digest}", f"V1,{digest}"):
        assert not opens(BODY, signed(BODY) | {"webhook-signature": changed})


LENGTHS = [["whsec_" + base64.b64encode(b"x" * length).decode()] for length in (1, 23, 65)]


@pytest.mark.parametrize(
    "secrets",
    [
        [],
        [""],
        ["whsec_"],
        *LENGTHS,
        ["whsec_not base64"],
        [SECRET.removeprefix("whsec_")],
        ["whsec_é"],
    ],
)
def test_without_a_usable_secret_everything_is_refused(secrets):
    """A connection whose secret is empty, missing or malformed accepts nobody, not even who signs with that."""
    assert not opens(BODY, signed(BODY), secrets)
    assert not opens(BODY, signed(BODY, secret="whsec_"), secrets)
    if secrets in LENGTHS:
        assert not opens(BODY, signed(BODY, secret=secrets[0]), secrets)


def test_swapped_ids_are_refused():
    """An old signature does not carry a new id past our memory of ids."""
    assert not opens(BODY, signed(BODY) | {"webhook-id": "msg_2"})


def test_an_id_cannot_hold_the_head_of_another_body():
    """An id with JSON in it could move the border between id and body, so it is refused although signed."""
    assert not opens(BODY, signed(BODY, event_id='a.1.{"x":"'))


ODD = st.one_of(st.text(max_size=60), st.lists(st.text(max_size=30), max_size=3))
NAMES = st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature", "authorization", "x"])


@given(st.binary(max_size=80), st.dictionaries(NAMES, ODD), st.lists(st.text(max_size=60), max_size=2))
def test_no_input_whatever_makes_it_fail_otherwise(body, headers, secrets):
    """For any bytes, headers and secrets the answer is BadSignature, never another exception."""
    assert not opens(body, headers, secrets)
    with pytest.raises(BadSignature):
        bearer(headers, [])


def test_a_bearer_secret_opens_the_fhir_door():
    """The token counts with any spelling of its scheme, for both live secrets, and exactly once."""
    bearer({"Authorization": "Bearer s3cret-of-today"}, ["s3cret-of-today"])
    bearer([("authorization", "bearer s3cret-of-today")], ["older", "s3cret-of-today"])
    bearer({"Authorization": ["Bearer s3cret-of-today"]}, ["s3cret-of-today"])


@pytest.mark.parametrize(
    ("header", "secrets"),
    [
        ("Bearer wrong", ["right"]),
        ("Basic right", ["right"]),
        ("right", ["right"]),
        ("Bearer ", [""]),
        ("Bearer ", ["  "]),
        ("Bearer", []),
        ("Bearer right, Bearer right", ["right"]),
        ("Bearer rightér", ["right"]),
    ],
)
def test_any_other_authorization_is_refused(header, secrets):
    """Wrong tokens, wrong schemes and connections without a secret get the one uniform refusal."""
    with pytest.raises(BadSignature, match=REFUSED):
        bearer({"Authorization": header}, secrets)
    with pytest.raises(BadSignature):
        bearer({"Authorization": ["Bearer right", "Bearer right"]}, ["right"])
