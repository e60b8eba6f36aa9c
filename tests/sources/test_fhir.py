"""FHIR at the door: which deliveries are visits, which only say "look", and which are none of ours."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from texting.errors import Unreadable
from texting.sources import fhir
from texting.values import AppointmentEvent, Ignored, Kind, Name, Raw, ReadBack

from tests.sources.fhir_specimens import appointment, bundle, notification, parameters, patient
from tests.sources.specimens import NOW, raw, sample


def parse(body, can_read_back=True):
    body = body if isinstance(body, bytes) else raw(body)
    return fhir.parse(body, source="ehr", received_at=NOW, can_read_back=can_read_back)


def hints(body):
    """What is to be read back."""
    found = parse(body)
    assert all(isinstance(one, ReadBack) for one in found), found
    return [one.resource for one in found]


@pytest.mark.parametrize(
    ("name", "kind", "problems"),
    [
        ("example", Kind.CONFIRMED, ()),  # its patient accepted
        ("2docs", Kind.BOOKED, ("patient_not_attending",)),  # two doctors talk about him
        ("examplereq", Kind.REQUESTED, ()),
    ],
)
def test_published_examples_are_read(name, kind, problems):
    """The standard's own Appointments read with its own Patient and Location, and are read back without them."""
    visit = json.loads(sample(f"fhir-r4/Appointment-{name}.json"))
    around = [json.loads(sample(f"fhir-r4/{other}.json")) for other in ("Patient-example", "Location-1")]
    (event,) = parse(bundle(visit, *around))
    assert (event.appointment_id, event.kind, event.problems) == (name, kind, problems)
    if kind is Kind.CONFIRMED:
        assert event.patient.phone == Raw("(03) 3410 5613")  # the mobile, though its rank is lower
        assert event.patient.given_name == Name("Peter")
        assert (event.provider, event.location_id, event.duration_minutes) == (Name("Dr Adam Careful"), "1", 120)
    assert hints(visit) == [f"Appointment/{name}"]


def test_a_published_notification_about_a_patient_is_none_of_ours():
    """The real bundle of a large vendor, fields that strict readers refuse included, is read and put aside."""
    found = parse(sample("athenahealth/patient-notification.body.json"))
    assert [(type(one), one.reason) for one in found] == [(Ignored, "not_an_appointment")]


def test_an_empty_body_says_only_that_something_changed():
    """R4 servers may post nothing at all: everything changed lately must be looked at, each time anew."""
    assert [hints(body) for body in (b"", b"  \r\n")] == [[fhir.SEARCH]] * 2
    assert hints(bundle(notification())) == [fhir.SEARCH]
    assert hints(bundle(parameters(None, {}))) == [fhir.SEARCH]


@pytest.mark.parametrize("kind", ["collection", "searchset", "transaction", "batch", "history", "document", "odd"])
def test_a_bundle_of_any_type_gives_its_appointments(kind):
    """An appointment that came with its patient is taken as it is; one that came alone is read back."""
    other = appointment(id="ap-2", participant=[{"actor": {"reference": "Patient/pt-9"}, "status": "accepted"}])
    found = parse(bundle(appointment(), patient(), other, {"resourceType": "OperationOutcome"}, kind=kind))
    assert [type(one) for one in found] == [AppointmentEvent, ReadBack]
    assert (found[0].appointment_id, found[1].resource) == ("ap-1", "Appointment/ap-2")


def test_a_bundle_without_its_type_is_a_bundle():
    """Some servers leave the resource type out."""
    body = bundle(appointment(), patient())
    del body["resourceType"]
    assert parse(body)[0].appointment_id == "ap-1"


@pytest.mark.parametrize(
    "fields",
    [
        {},  # its patient is only referred to
        {"participant": ...},  # a patch
        {"status": ...},  # an id and nothing else
        {"participant": [{"actor": {"display": "Ana Ruiz"}}]},
    ],
)
def test_an_appointment_without_its_patient_is_read_back(fields):
    """What lacks the patient's record is a hint, marked by its version; without a server to ask it is what it is."""
    (hint,) = parse(appointment(**fields))
    assert (hint.resource, hint.event_id) == (
        "Appointment/ap-1",
        "Appointment/ap-1|3|2026-12-01T17:00:00.000Z",
    )
    if "status" not in fields:
        assert isinstance(parse(appointment(**fields), can_read_back=False)[0], AppointmentEvent)


@pytest.mark.parametrize("status", ["cancelled", "noshow", "fulfilled", "arrived", "checked-in", "entered-in-error"])
def test_an_end_needs_no_reading(status):
    """A visit that is off or over is known at once, also while the server cannot be reached."""
    (event,) = parse(appointment(status=status, start=..., end=...))
    assert (event.problems, event.patient.ref, event.start) == ((), "pt-1", None)


@pytest.mark.parametrize("kind", ["handshake", "heartbeat", "query-status"])
def test_signs_of_life_are_put_aside(kind):
    """A subscription's handshake and heartbeat are answered and make nothing."""
    for status in (notification(kind=kind), parameters(None, {}, kind)):
        assert [one.reason for one in parse(bundle(status, kind="history"))] == [kind]


@pytest.mark.parametrize(
    "number", [{"valueString": "2"}, {"valueUnsignedInt": 2}, {"valueInteger": 2}, {"valueInteger64": "2"}]
)
def test_an_id_only_notification_is_read_back(number):
    """Each event of a notification names what to read, however the server writes its number."""
    (hint,) = parse(bundle(parameters("https://ehr.example/fhir/Appointment/ap-1", number), kind="history"))
    assert hint.resource == "Appointment/ap-1"
    assert hint.event_id == "Appointment/ap-1|Subscription/s-1|2|2026-12-01T17:00:01Z"
    assert hints(bundle(notification("Appointment/a", "Appointment/b/_history/2"))) == [
        "Appointment/a",
        "Appointment/b",
    ]
    assert hints(notification("Appointment/a")) == ["Appointment/a"]


def test_a_servers_own_event_id_marks_its_hint():
    """Where bundle ids and numbers repeat, the event's own id tells two of them apart."""
    (hint,) = parse(bundle(notification("Appointment/a", id="ev-7")))
    assert hint.event_id == "Appointment/a|ev-7"


def test_hints_without_a_mark_are_told_apart_by_their_arrival():
    """Two bare "look" messages may be two changes: the second must not pass for a copy of the first."""
    body = raw({"resourceType": "Appointment", "id": "ap-1"})
    first = fhir.parse(body, source="ehr", received_at=NOW)
    again = fhir.parse(body, source="ehr", received_at=NOW.replace(minute=9))
    assert first[0].event_id != again[0].event_id
    unmarked = bundle(notification("Appointment/a", timestamp=None))
    assert NOW.isoformat() in parse(unmarked)[0].event_id


@pytest.mark.parametrize("reference", ["Appointment/ap-1", "https://ehr.example/fhir/Appointment/ap-1", "urn:uuid:7"])
def test_a_full_notification_is_taken_as_it_is(reference):
    """When the appointment and its patient came along, nothing is read."""
    body = bundle(notification(reference), appointment(), patient(), kind="subscription-notification")
    if reference.startswith("urn"):
        body["entry"][1]["fullUrl"] = reference
    (event,) = parse(body)
    assert (event.appointment_id, event.patient.phone) == ("ap-1", Raw("+13125550142"))


def test_what_a_notification_says_of_others_is_put_aside():
    """Events about patients or slots make nothing, beside one about an appointment that does."""
    found = parse(bundle(notification("Patient/pt-1", "Appointment/a")))
    assert [type(one) for one in found] == [Ignored, ReadBack]
    assert parse(bundle(notification("Patient/p") | {"status": "error"}))[0].reason == "subscription_off"


def test_a_deletion_in_a_history_is_a_deletion():
    """A bundle that says an appointment was deleted needs no reading; one that only points at it does."""
    gone = {
        "request": {"method": "DELETE", "url": "Appointment/ap-1"},
        "response": {"lastModified": "2026-12-01T17:00Z"},
    }
    (event,) = parse({"resourceType": "Bundle", "type": "history", "entry": [gone]})
    assert (event.kind, event.appointment_id, event.updated_at.hour) == (Kind.DELETED, "ap-1", 17)
    body = bundle(notification("Appointment/ap-1"))
    body["entry"].append(gone)
    assert parse(body)[0].kind is Kind.DELETED
    assert hints({"resourceType": "Bundle", "entry": [{"fullUrl": "https://x/Appointment/a"}]}) == ["Appointment/a"]


@pytest.mark.parametrize(
    "body",
    [
        {"resourceType": "Slot", "status": "busy"},
        {"resourceType": "OperationOutcome"},
        {"resourceType": "Bundle", "type": "searchset"},
        {"resourceType": "Bundle", "entry": None},
        bundle(patient()),
    ],
)
def test_what_holds_no_appointment_is_put_aside(body):
    """Known resources of other kinds are accepted and dropped."""
    assert all(isinstance(one, Ignored) for one in parse(body))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"<Appointment xmlns='http://hl7.org/fhir'/>", "not_json"),
        ([], "not_an_object"),
        ({"id": "ap-1"}, "not_fhir"),
        (appointment(status="tentative"), "bad_status"),
        (appointment(status=..., id="a b"), "bad_status"),
        (appointment(id=..., status="cancelled"), "bad_id"),
    ],
)
def test_what_cannot_be_read_is_quarantined(body, code):
    """XML, non-resources, unknown statuses and visits without an id wait with their reason."""
    with pytest.raises(Unreadable) as caught:
        parse(body)
    assert caught.value.code == code


@pytest.mark.parametrize("path", ["../Patient/x", "Appointment/..", "Appointment/a b", "Appointment/%2e%2e", "/", "a"])
def test_a_reference_cannot_leave_the_servers_path(path):
    """A focus that is no plain reference is not followed by name; the server is searched instead."""
    assert all(one.resource == fhir.SEARCH for one in parse(bundle(notification(path))) if isinstance(one, ReadBack))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
BODIES = (
    bundle(appointment(), patient()),
    bundle(notification("Appointment/a")),
    bundle(parameters("Appointment/a", {"valueString": "1"})),
)


def every_path(value, path=()):
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inside:
        yield from every_path(item, (*path, key))


def put(value, path, new):
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = put(value[path[0]], path[1:], new)
    return copy


@given(st.data(), st.sampled_from(BODIES), JSON, st.booleans())
def test_any_value_anywhere_is_survived(data, body, value, can_read_back):
    """Whatever stands anywhere in a body, the answer is a list of known things, or Unreadable."""
    path = data.draw(st.sampled_from(list(every_path(body))))
    try:
        found = parse(put(body, path, value), can_read_back)
    except Unreadable:
        return
    assert found
    assert all(isinstance(one, AppointmentEvent | ReadBack | Ignored) for one in found)


@given(st.integers(0, 1200), st.binary(max_size=4), st.integers(0, 3))
def test_any_damage_to_the_bytes_is_survived(at, new, cut):
    """Bytes changed, added or lost never make the reader fail otherwise."""
    body = raw(BODIES[0])
    try:
        assert parse(body[:at] + new + body[at + cut :])
    except Unreadable:
        return
