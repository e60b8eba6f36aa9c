"""The scheduling door: who, heard before, readable; and what the pipeline behind it makes of an event."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from texting.errors import BadSignature, TooLarge, Unavailable, Unknown
from texting.flows.keep_events import keep_events
from texting.flows.take_in import Knock, replay, take_in
from texting.values import SYSTEM

from tests.flows.test_dispose import told

SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes....").decode()
OLD = "whsec_" + base64.b64encode(b"the one before, also long enough").decode()
EVENT = {
    "type": "appointment.booked",
    "timestamp": "2026-12-01T18:00:00Z",
    "data": {
        "appointment_id": "A-1",
        "version": 1,
        "status": "booked",
        "start": "2026-12-11T15:00:00-06:00",
        "time_zone": "America/Chicago",
        "patient": {"ref": "P-1", "given_name": "Ana", "family_name": "Ruiz", "phone": "+13125550142", "state": "IL"},
        "location": {"id": "main"},
    },
}


def signed(raw, event_id, at, secret=SECRET):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    stamp = str(int(at.timestamp()))
    mac = hmac.new(key, f"{event_id}.{stamp}.".encode() + raw, hashlib.sha256).digest()
    return {
        "webhook-id": [event_id],
        "webhook-timestamp": [stamp],
        "webhook-signature": ["v1," + base64.b64encode(mac).decode()],
    }


def knock(
    practice, body=EVENT, event_id="evt-1", connection="main", headers=None, secret=SECRET, secrets=(SECRET, OLD)
):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = headers or signed(raw, event_id, practice.now, secret)
    return take_in(practice.world, practice.lists, lambda _: secrets, Knock(connection, raw, given, practice.now))


def pipeline(practice, reader=None):
    waiting, practice.lists.events = practice.lists.events, []
    return [
        kept.outcome for item in waiting for kept in keep_events(practice.world, item, lambda _: reader, practice.now)
    ]


def test_an_event_is_queued_and_becomes_a_visit(practice):
    """202 at the door; behind it the visit and its texts."""
    answer = knock(practice)

    assert (answer.status, answer.body) == (202, {"accepted": True, "event_id": "evt-1"})
    assert pipeline(practice) == ["booked"]
    assert [purpose for purpose, _, _ in practice.messages()] == ["booking_confirmation", "reminder", "reminder"]


def test_the_previous_secret_still_opens(practice):
    """Two live secrets, so that rotation loses nothing."""
    assert knock(practice, secret=OLD).status == 202


def test_an_id_seen_before_has_no_effect(practice):
    """The same id again: 202, duplicate, nothing queued."""
    knock(practice)
    practice.lists.events.clear()

    assert knock(practice).body["duplicate"] is True
    assert practice.lists.events == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"webhook-id": ["evt-1"]},
        signed(
            b"other", "evt-1", __import__("datetime").datetime.fromtimestamp(1_796_148_000, __import__("datetime").UTC)
        ),
    ],
    ids=["none", "half", "of another body"],
)
def test_what_cannot_be_verified_is_refused_and_leaves_nothing(practice, headers):
    """401 and not a trace: no memory, no queue, no quarantine."""
    with pytest.raises(BadSignature):
        knock(practice, headers=headers or {"x": ["y"]})
    assert practice.lists.events == []
    assert practice.world.store.in_quarantine() == ()


def test_a_stale_or_doubled_signature_is_refused(practice):
    """Five minutes either way; a header given twice is nobody's."""
    raw = json.dumps(EVENT).encode()
    with pytest.raises(BadSignature):
        knock(practice, headers=signed(raw, "evt-1", practice.now - timedelta(minutes=6)))
    twice = signed(raw, "evt-1", practice.now)
    twice["webhook-signature"] *= 2
    with pytest.raises(BadSignature):
        knock(practice, headers=twice)


def test_an_unknown_connection_and_a_large_body(practice):
    """404 and 413, before anything else is looked at."""
    with pytest.raises(Unknown):
        knock(practice, connection="nobody")
    with pytest.raises(TooLarge):
        knock(practice, body=b"x" * (256 * 1024 + 1))


@pytest.mark.parametrize("body", [b"", b"nonsense", b"[]", b"\xff\xfe", b'{"type": "appointment.booked", "data": 3}'])
def test_what_cannot_be_read_is_kept_with_its_reason(practice, body):
    """202, quarantined, visible; the same again is the same quarantine."""
    answer = knock(practice, body=body)

    assert answer.status == 202
    assert answer.body["accepted"] is False
    (kept,) = practice.world.store.in_quarantine()
    assert kept.quarantine_id == answer.body["quarantine_id"]
    assert knock(practice, body=body).body["quarantine_id"] == kept.quarantine_id
    assert practice.lists.events == []


def test_a_known_but_irrelevant_event_is_accepted_and_dropped(practice):
    """2xx and counted: never a reason for the sender to give up on us."""
    assert knock(practice, body={"type": "invoice.paid", "data": {}}).body["ignored"] is True
    assert practice.lists.events == []


def test_a_replayed_quarantine_goes_through_once_it_can(practice):
    """After the mend the operator replays; what still cannot be read lies there again."""
    knock(practice, body=b"nonsense")
    (kept,) = practice.world.store.in_quarantine()

    replay(practice.world, practice.lists, kept.quarantine_id, SYSTEM, practice.now)
    assert pipeline(practice) == ["quarantined"]
    (again,) = practice.world.store.in_quarantine()
    assert again.quarantine_id == kept.quarantine_id


def test_a_replay_read_before_it_is_noted_lies_in_quarantine_again(practice):
    """P10: the pipeline may be quicker than the operator's second write; what it could not read is not lost."""
    knock(practice, body=b"nonsense")
    (kept,) = practice.world.store.in_quarantine()
    send = practice.lists.send

    def quick(body, delay_seconds=0):
        send(body, delay_seconds)
        assert pipeline(practice) == ["quarantined"]

    practice.lists.send = quick
    assert replay(practice.world, practice.lists, kept.quarantine_id, SYSTEM, practice.now) == "quarantined"
    assert [one.quarantine_id for one in practice.world.store.in_quarantine()] == [kept.quarantine_id]


def test_a_replay_noted_while_it_is_read_lies_in_quarantine_again(practice, monkeypatch):
    """P10: the note comes between the reader's look and its write; the reader looks again, and the ledger tells of both."""
    knock(practice, body=b"nonsense")
    (before,) = practice.world.store.in_quarantine()
    replay(practice.world, practice.lists, before.quarantine_id, SYSTEM, practice.now)
    store = type(practice.world.store)
    look, looks = store.quarantined, []

    def late(self, quarantine_id):
        looks.append(quarantine_id)
        return before if len(looks) == 1 else look(self, quarantine_id)

    monkeypatch.setattr(store, "quarantined", late)
    assert pipeline(practice) == ["quarantined"]
    assert [one.state for one in practice.world.store.in_quarantine()] == ["quarantined"]
    assert (len(told("event.quarantined")), len(told("event.replayed"))) == (2, 1)


def test_our_own_fault_remembers_nothing(practice):
    """The queue fails: 503 for the sender, and its retry is not a duplicate."""

    def broken(body, delay_seconds=0):
        raise Unavailable("A queue did not take a message.")

    practice.lists.send = broken
    with pytest.raises(Unavailable):
        knock(practice)
    del practice.lists.send
    assert "duplicate" not in knock(practice).body


def test_an_event_from_the_bus_takes_the_same_way(practice):
    """EventBridge's envelope with our detail and a connection."""
    item = {"id": "bus-1", "detail-type": "appointment", "detail": EVENT | {"connection": "main"}}

    (kept,) = keep_events(practice.world, item, lambda _: None, practice.now)
    assert kept.outcome == "booked"


def test_a_bus_event_that_names_no_connection_is_quarantined(practice):
    """Nothing round and round the queue."""
    (kept,) = keep_events(practice.world, {"id": "bus-2", "detail": {"connection": "x"}}, lambda _: None, practice.now)

    assert kept.outcome == "quarantined"
    assert [one.code for one in practice.world.store.in_quarantine()] == ["no_connection"]


class Gone:
    """A server that has no appointment of that name, until it has."""

    def appointment(self, reference):
        raise Unknown("gone")

    def search_since(self, since):
        raise AssertionError


def hinted(practice, appointment):
    """A FHIR history bundle that only points at an appointment."""
    entry = {"fullUrl": f"https://fhir.example.com/r4/Appointment/{appointment}"}
    raw = json.dumps({"resourceType": "Bundle", "type": "history", "entry": [entry]}).encode()
    return {
        "door": "webhook", "connection": "ehr", "kind": "fhir", "event_id": "f", "received_at": practice.now.isoformat(),
        "body_b64": base64.b64encode(raw).decode(),
    }  # fmt: skip


def test_an_appointment_never_heard_of_that_its_source_cannot_show_is_put_before_people(practice):
    """P10: servers announce what they cannot show yet; the event is kept, visible and replayable, not dropped."""
    item = hinted(practice, "A-1")

    outcomes = [kept.outcome for kept in keep_events(practice.world, item, lambda _: Gone(), practice.now)]

    assert outcomes == ["gone", "quarantined"]
    assert [one.code for one in practice.world.store.in_quarantine()] == ["not_at_source"]


@pytest.mark.parametrize("phone", [None, "", "000-000-0000", "ask her sister", "+442071838750", "312-555-0142 ext 9"])
def test_without_a_usable_phone_people_are_told_and_nothing_is_planned(practice, phone):
    """Task for staff, no text."""
    event = json.loads(json.dumps(EVENT))
    event["data"]["patient"]["phone"] = phone
    knock(practice, body=event)

    assert pipeline(practice) == ["booked"]
    assert practice.messages() == []
    assert practice.tasks() == ["no_phone"]


def test_a_start_in_the_spring_gap_waits_for_a_person(practice):
    """02:30 on 14 March 2027 does not exist in Chicago."""
    event = json.loads(json.dumps(EVENT))
    event["data"]["start"] = "2027-03-14T02:30:00"
    knock(practice, body=event)

    assert pipeline(practice) == ["held_for_person"]
    assert practice.tasks() == ["unclear_visit"]


def test_death_stops_everything(practice):
    """A deceased patient gets no text, whatever was planned."""
    practice.consents("P-1", "+13125550142")
    practice.hears()
    practice.runs()
    practice.hears(version=2, kind="updated", patient={"deceased": True})

    assert practice.later(days=12) == []


def test_out_of_order_and_again(practice):
    """An older version changes nothing; the same version again is a duplicate."""
    practice.hears(version=5)

    assert practice.hears(version=4, kind="cancelled").outcome == "stale"
    assert practice.hears(version=5).outcome in ("duplicate", "booked")
    assert practice.messages()[0][2] == "planned"
