"""The generic event: what is read from it, what is held for a person, and what is quarantined."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from texting.errors import Unreadable
from texting.sources import generic, problems
from texting.values import AppointmentEvent, BirthDate, Ignored, Kind, Name, PatientFacts, Raw, Service

from tests.sources.specimens import NOW, booked, raw


def parse(event, zone=None):
    body = event if isinstance(event, bytes) else raw(event)
    return generic.parse(body, source="main", event_id="msg_1", received_at=NOW, zone=zone)


def changed(**patient):
    return booked(patient=booked()["data"]["patient"] | patient)


def test_the_documented_event_is_read_whole():
    """Every field of the documented example arrives in our words, with people and services as hidden values."""
    assert parse(booked()) == AppointmentEvent(
        source="main",
        event_id="msg_1",
        appointment_id="A-1001",
        kind=Kind.BOOKED,
        status="booked",
        start=datetime(2026, 12, 4, 21, tzinfo=UTC),
        zone="America/Chicago",
        duration_minutes=45,
        patient=PatientFacts(
            "P-77", Name("Ana"), Name("Ruiz"), Raw("+13125550142"), BirthDate("1990-05-17"), "es", "IL", False
        ),
        location_id="main",
        provider=Name("Dr. Lee"),
        service=Service("Glow facial"),
        sequence=1,
        updated_at=datetime(2026, 12, 1, 17, 4, 5, tzinfo=UTC),
        received_at=NOW,
        raw_sha256=parse(booked()).raw_sha256,
        problems=(),
    )


def test_a_read_event_shows_nobody():
    """Printing an event gives no name, number, birth date or service away."""
    shown = repr(parse(booked()))
    assert not [word for word in ("Ana", "Ruiz", "3125550142", "1990", "Lee", "facial") if word in shown]


KINDS = [
    ("appointment.booked", "booked", Kind.BOOKED),
    ("appointment.booked", ..., Kind.BOOKED),
    ("appointment.booked", "cancelled", Kind.CANCELLED),  # status wins
    ("appointment.cancelled", "booked", Kind.BOOKED),
    ("appointment.cancelled", None, Kind.CANCELLED),
    ("appointment.updated", "confirmed", Kind.CONFIRMED),
    ("appointment.updated", "booked", Kind.BOOKED),
    ("appointment.updated", ..., Kind.UPDATED),
    ("appointment.rescheduled", "booked", Kind.RESCHEDULED),  # says more, and agrees
    ("appointment.rescheduled", "cancelled", Kind.CANCELLED),
    ("appointment.no_show_undone", "booked", Kind.NO_SHOW_UNDONE),
    ("appointment.no_show_undone", "no_show", Kind.NO_SHOW),
    ("appointment.deleted", "cancelled", Kind.DELETED),
    ("appointment.deleted", ..., Kind.DELETED),
    ("appointment.requested", "requested", Kind.REQUESTED),
    ("appointment.arrived", "arrived", Kind.ARRIVED),
    ("appointment.completed", "COMPLETED", Kind.COMPLETED),
    ("appointment.cancelled", "Canceled", Kind.CANCELLED),
    ("appointment.no_show", "no-show", Kind.NO_SHOW),
    ("appointment.no_show", "No Show", Kind.NO_SHOW),
]


@pytest.mark.parametrize(("said", "status", "kind"), KINDS)
def test_status_wins_over_type(said, status, kind):
    """Where type and status disagree the status is believed; where they agree the finer word is."""
    assert parse(booked(status=status) | {"type": said}).kind is kind


def test_an_unknown_type_of_ours_is_read_by_its_status():
    """What is new about an appointment is not dropped: a status tells what happened, and without one people look."""
    assert parse(booked(status="cancelled") | {"type": "appointment.exploded"}).kind is Kind.CANCELLED
    with pytest.raises(Unreadable, match="type is none we know"):
        parse(booked(status=None) | {"type": "appointment.exploded"})


@pytest.mark.parametrize("said", ["invoice.paid", "appointment", "", "patient.booked", "appointments.booked"])
def test_an_unknown_type_is_ignored_and_not_an_error(said):
    """What is not about an appointment's life is accepted and dropped, however odd its data."""
    assert parse({"type": said, "data": None}) == Ignored("main", "msg_1", "unknown_type")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        (b"{", "not_json"),
        (b"\xff\xfe{\x00}\x00", "not_json"),  # UTF-16
        (b"type=appointment.booked", "not_json"),  # a form
        (b"<Appointment/>", "not_json"),
        (b'{"type": NaN}', "not_json"),
        (b'{"type": -Infinity}', "not_json"),
        (b'{"type": 1e999}', "not_json"),  # infinity by another road
        (b'{"type": "\\ud800"}', "not_json"),  # half a pair, which no store takes
        (b'{"type": ' + b"9" * 5000 + b"}", "not_json"),
        (b"[" * 100_000, "too_deep"),
        (b'{"a":' * 41 + b"1" + b"}" * 41, "too_deep"),
        (b'"' + b'\\"' * 120_000, "not_json"),  # a string that never ends
        (b" " * 262_145, "too_large"),
        (b"[]", "not_an_object"),
        (b"null", "not_an_object"),
        (b"{}", "bad_type"),
        (b'{"type": 7}', "bad_type"),
        (b'{"type": "appointment.booked"}', "bad_data"),
        (b'{"type": "appointment.booked", "data": []}', "bad_data"),
        (b'{"type": "appointment.booked", "data": "{"}', "not_json"),
        (b'{"type": "appointment.booked", "data": {}}', "bad_data_appointment_id"),
        (raw(booked(appointment_id=None)), "bad_data_appointment_id"),
        (raw(booked(appointment_id=True)), "bad_data_appointment_id"),
        (raw(booked(appointment_id=1.5)), "bad_data_appointment_id"),
        (raw(booked(appointment_id="x" * 513)), "bad_data_appointment_id"),
        (raw(booked(status="tentative")), "bad_data_status"),
        (raw(booked(status=["booked"])), "bad_data_status"),
    ],
)
def test_what_cannot_be_read_is_quarantined_with_its_reason(body, code):
    """Each unreadable body has its own code, and a sentence that repeats nothing of it."""
    with pytest.raises(Unreadable) as caught:
        parse(body)
    assert caught.value.code == code
    assert "A-1001" not in caught.value.sentence


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"start": None}, problems.START_MISSING),
        ({"start": ...}, problems.START_MISSING),
        ({"start": "tomorrow"}, problems.START_UNREADABLE),
        ({"start": "2026-12-04T15:00:00", "time_zone": None}, problems.START_WITHOUT_ZONE),
        ({"start": "2027-03-14T02:30:00"}, problems.START_IN_GAP),
        ({"start": "2027-11-07T01:30:00"}, problems.START_TWICE),
        ({"start": "9999-12-31T00:00:00Z"}, problems.START_IMPLAUSIBLE),
        ({"time_zone": "Central European Standard Time"}, problems.ZONE_UNKNOWN),
        ({"time_zone": "America/New_York"}, problems.ZONE_CONTRADICTS_OFFSET),
        ({"end": "2026-12-04T14:00:00-06:00"}, problems.END_BEFORE_START),
        ({"patient": None}, problems.PATIENT_MISSING),
        ({"patient": []}, problems.PATIENT_MISSING),
        ({"patient": {"given_name": "Ana"}}, problems.PATIENT_MISSING),
    ],
)
def test_what_only_a_person_can_settle_is_named(fields, code):
    """A booking in doubt carries its one code, which has a sentence, and no start that was guessed."""
    event = parse(booked(**fields))
    assert event.problems == (code,)
    assert code in problems.SENTENCES
    assert event.start is None or code == problems.PATIENT_MISSING


@pytest.mark.parametrize("status", ["cancelled", "no_show", "completed", "arrived"])
def test_an_end_needs_neither_start_nor_patient(status):
    """A visit that is off or over is believed without a time and without a person: waiting would only text wrongly."""
    event = parse(booked(status=status, start="tomorrow", patient=None, time_zone="nowhere"))
    assert (event.problems, event.start) == ((), None)


def test_a_local_start_is_read_in_the_connections_zone():
    """A start without offset or zone of its own follows the zone the practice gave the connection, and only then."""
    naive = booked(start="2026-12-04T15:00:00", time_zone=None)
    assert parse(naive, "America/Chicago").start == datetime(2026, 12, 4, 21, tzinfo=UTC)
    assert parse(naive, "America/Chicago").zone is None
    assert parse(booked(time_zone=None), "America/New_York").problems == ()


@pytest.mark.parametrize(
    ("version", "sequence"),
    [
        (..., None),
        (None, None),
        (0, 0),
        ("0", 0),
        (7, 7),
        ("12", 12),
        (-1, None),
        (1.5, None),
        ("v7", None),
        (True, None),
    ],
)
def test_a_version_is_a_whole_number_or_missing(version, sequence):
    """Zero is a version; anything that cannot be counted leaves the order to the timestamp."""
    assert parse(booked(version=version)).sequence == sequence


@pytest.mark.parametrize(
    ("given_id", "read"), [(123, "123"), ("123", "123"), (0, "0"), (" a:/#== ", "a:/#=="), ("é", "é")]
)
def test_ids_are_strings_or_whole_numbers(given_id, read):
    """A number and the same digits are one appointment and one patient; odd signs in ids are kept."""
    event = parse(booked(appointment_id=given_id, patient={"ref": given_id}, location=given_id))
    assert (event.appointment_id, event.patient.ref, event.location_id) == (read, read, read)


@pytest.mark.parametrize(
    ("phone", "read"),
    [
        (3125550142, "3125550142"),
        ("312-555-0142 x9", "312-555-0142 x9"),  # judged later, kept as typed
        ("ana@example.com", "ana@example.com"),
        ("", None),
        (None, None),
        (["+13125550142"], None),
        ({}, None),
    ],
)
def test_a_phone_is_kept_as_typed(phone, read):
    """The number is not judged here: it travels as typed, or not at all."""
    assert parse(changed(phone=phone)).patient.phone == (Raw(read) if read else None)


@pytest.mark.parametrize(
    ("field", "value", "read"),
    [
        ("birth_date", "17.05.1990", None),
        ("birth_date", "1990-02-30", None),
        ("language", "es-MX", "es"),
        ("language", "EN_us", "en"),
        ("language", 7, None),
        ("state", "il", "IL"),
        ("state", "Illinois", "IL"),
        ("state", " new  york ", "NY"),
        ("state", "US-IL", "IL"),
        ("state", "Washington", "WA"),
        ("state", "Washington, D.C.", "DC"),
        ("state", "Ill.", None),
        ("state", "Bavaria", None),
        ("given_name", "  ", None),
        ("family_name", {"a": 1}, None),
        ("deceased", True, True),
        ("deceased", "2026-11-30", True),  # a date of death
        ("deceased", "no", False),
        ("deceased", None, False),
    ],
)
def test_odd_facts_of_a_patient(field, value, read):
    """A fact that cannot be read is left out, and nothing but a clear no keeps a person among the living."""
    assert getattr(parse(changed(**{field: value})).patient, field) == read


def test_a_name_is_kept_whatever_it_holds():
    """Markup, braces and emoji are a name like any other; line ends are blanks and only the length is limited."""
    name = "{{ body }}<b>Ana</b> \u202eDROP TABLE😀"
    assert parse(changed(given_name=name)).patient.given_name == Name(name)
    assert len(parse(changed(given_name="x" * 5000)).patient.given_name.reveal()) == 300
    assert parse(changed(given_name="Ana\r\nMaria")).patient.given_name == Name("Ana  Maria")


@pytest.mark.parametrize("reason", ["pat-dec", "Deceased"])
def test_a_death_is_named_even_in_a_cancellation_without_a_patient(reason):
    """A cancellation because the patient died says so, so that everything to them can stop."""
    event = parse(booked(status="cancelled", patient=None, cancel_reason=reason))
    assert event.problems == (problems.PATIENT_DIED,)


def test_tolerated_forms():
    """A byte order mark, unknown fields, an object sent as text and a key given twice all read; the last key wins."""
    text = booked()
    assert parse(b"\xef\xbb\xbf" + raw(text)).appointment_id == "A-1001"
    assert parse(text | {"extra": [1], "data": json.dumps(text["data"])}).appointment_id == "A-1001"
    twice = raw(text).replace(b'"version": 1', b'"version": 1, "version": 2')
    assert parse(twice).sequence == 2


def test_the_bus_says_the_same_as_the_webhook():
    """A bus event with its connection reads as the webhook's event does, under the envelope's id."""
    detail = booked() | {"connection": "front-desk"}
    event = generic.parse_detail(detail, event_id="e-1", received_at=NOW)
    assert (event.source, event.event_id, event.start) == ("front-desk", "e-1", parse(booked()).start)


@pytest.mark.parametrize("connection", [None, "", 7, "Main Street", "x" * 41, "a/b"])
def test_a_bus_event_must_name_its_connection(connection):
    """Without a connection's name nobody knows whose ids these are."""
    with pytest.raises(Unreadable, match="connection"):
        generic.parse_detail(booked() | {"connection": connection}, event_id="e", received_at=NOW)
    with pytest.raises(Unreadable):
        generic.parse_detail(None, event_id="e", received_at=NOW)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from([*booked()["data"], "end"])


def outcome(body):
    try:
        return parse(body, "America/Chicago")
    except Unreadable as refused:
        return refused


@given(FIELDS, JSON, st.sampled_from(["type", "timestamp", "data", None]))
def test_any_value_in_any_field_is_read_ignored_or_refused(field, value, top):
    """Whatever stands in a field, the answer is an event, Ignored or Unreadable."""
    event = booked(**{field: value})
    assert isinstance(outcome(raw(event | ({top: value} if top else {}))), AppointmentEvent | Ignored | Unreadable)


@given(st.integers(0, 700), st.binary(max_size=4), st.integers(0, 3))
def test_any_damage_to_the_bytes_is_survived(at, put, cut):
    """Bytes changed, added or lost anywhere never make the reader fail otherwise."""
    body = raw(booked())
    damaged = body[:at] + put + body[at + cut :]
    assert isinstance(outcome(damaged), AppointmentEvent | Ignored | Unreadable)


@given(st.binary(max_size=200))
def test_any_bytes_at_all_are_survived(body):
    """Noise is Unreadable and nothing worse."""
    assert isinstance(outcome(body), Unreadable)
