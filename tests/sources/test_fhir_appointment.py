"""One FHIR Appointment and what stands around it, read into one event."""

from datetime import UTC, datetime

import pytest
from texting.sources import problems
from texting.sources.fhir import from_resources, gone, parts_of
from texting.values import BirthDate, Kind, Name, PatientFacts, Raw, Service

from tests.sources.fhir_specimens import MR, appointment, patient
from tests.sources.specimens import NOW


def read(visit, *others):
    return from_resources(visit, others, source="ehr", received_at=NOW)


def taking_part(*participants):
    return appointment(participant=list(participants))


def who(visit, *others):
    event = read(visit, *others)
    return event.patient and event.patient.ref, event.problems


def test_an_appointment_read_back_is_a_whole_event():
    """Every fact arrives from its place in the resources, people and services hidden."""
    event = read(appointment(), patient())
    assert event.patient == PatientFacts(
        "pt-1", Name("Ana"), Name("Ruiz"), Raw("+13125550142"), BirthDate("1990-05-17"), "es", "IL"
    )
    assert (event.start, event.duration_minutes) == (datetime(2026, 12, 4, 21, tzinfo=UTC), 45)
    assert (event.sequence, event.updated_at) == (3, datetime(2026, 12, 1, 17, tzinfo=UTC))
    assert (event.provider, event.service, event.location_id) == (Name("Dr. Lee"), Service("Glow facial"), "main")
    assert (event.source, event.kind, event.status, event.zone, event.problems) == (
        "ehr",
        Kind.BOOKED,
        "booked",
        None,
        (),
    )


STATUSES = {
    "proposed": Kind.REQUESTED,
    "pending": Kind.REQUESTED,
    "waitlist": Kind.REQUESTED,
    "booked": Kind.BOOKED,
    "arrived": Kind.ARRIVED,
    "checked-in": Kind.ARRIVED,
    "fulfilled": Kind.COMPLETED,
    "cancelled": Kind.CANCELLED,
    "noshow": Kind.NO_SHOW,
    "entered-in-error": Kind.DELETED,
}


@pytest.mark.parametrize(("status", "kind"), STATUSES.items())
def test_every_status_of_the_standard_has_its_kind(status, kind):
    """All ten statuses of R4 are known."""
    assert read(appointment(status=status), patient()).kind is kind


@pytest.mark.parametrize(
    ("answer", "status", "kind"),
    [
        ("accepted", "booked", Kind.CONFIRMED),
        ("tentative", "booked", Kind.BOOKED),
        ("accepted", "pending", Kind.REQUESTED),
        ("accepted", "cancelled", Kind.CANCELLED),
    ],
)
def test_a_booked_visit_its_patient_accepted_is_confirmed(answer, status, kind):
    """The patient's own acceptance confirms a booked visit, and nothing else does."""
    visit = taking_part({"actor": {"reference": "Patient/pt-1"}, "status": answer}) | {"status": status}
    assert read(visit, patient()).kind is kind


@pytest.mark.parametrize(
    ("actor", "contained", "ref"),
    [
        ({"reference": "Patient/pt-1"}, [], "pt-1"),
        ({"reference": "Patient/pt-1/_history/4"}, [], "pt-1"),
        ({"reference": "https://ehr.example/fhir/Patient/pt-1"}, [], "pt-1"),
        ({"reference": "#p"}, [patient(id="p", identifier=[{"value": "other"}, MR])], "urn:mrn|12345"),
        ({"reference": "#p"}, [patient(id="#p", identifier=[{"value": 7}])], "7"),
        ({"type": "Patient", "identifier": {"system": "urn:mrn", "value": "12345"}}, [], "urn:mrn|12345"),
    ],
)
def test_the_patient_is_found_through_any_reference(actor, contained, ref):
    """Relative, versioned, absolute, contained and logical references name the same person each time."""
    visit = taking_part({"actor": actor, "status": "needs-action"}) | {"contained": contained}
    assert who(visit, patient()) == (ref, ())


@pytest.mark.parametrize(
    ("participants", "code"),
    [
        ([], problems.PATIENT_MISSING),
        ([{"actor": {"display": "Ana Ruiz"}}], problems.PATIENT_MISSING),
        ([{"actor": {"reference": "#p"}}], problems.PATIENT_MISSING),  # contained in nothing
        ([{"actor": {"reference": "Patient/a"}}, {"actor": {"reference": "Patient/b"}}], problems.SEVERAL_PATIENTS),
        ([{"actor": {"reference": "Patient/a"}, "required": "information-only"}], problems.PATIENT_NOT_ATTENDING),
        ([{"actor": {"reference": "Patient/a"}, "status": "declined"}], problems.PATIENT_DECLINED),
    ],
)
def test_whom_a_visit_is_for_must_be_sure(participants, code):
    """No patient, a couple, one who need not come, one who declined: each waits for a person."""
    assert read(taking_part(*participants)).problems == (code,)


def test_a_contained_patient_without_an_identifier_is_nobody_we_could_know_again():
    """An id inside one message is not an id of a person."""
    visit = taking_part({"actor": {"reference": "#p"}}) | {"contained": [patient(id="p")]}
    assert who(visit) == (None, (problems.PATIENT_MISSING,))


def test_a_merged_record_is_followed_once():
    """The patient is whom their record was merged into; unread, that waits for a person."""
    old = patient(link=[{"type": "replaced-by", "other": {"reference": "Patient/pt-2"}}])
    assert who(appointment(), old, patient(id="pt-2")) == ("pt-2", ())
    assert who(appointment(), old) == ("pt-2", (problems.PATIENT_REPLACED,))
    assert parts_of(old) == ("Patient/pt-2",)


@pytest.mark.parametrize(
    ("telecom", "phone"),
    [
        ([{"system": "phone", "value": "1"}, {"system": "phone", "value": "2", "use": "mobile"}], "2"),
        ([{"system": "phone", "value": "1", "rank": 2}, {"system": "phone", "value": "2", "rank": 1}], "2"),
        ([{"system": "phone", "value": "1", "rank": 1}, {"system": "sms", "value": "2"}], "2"),
        (
            [
                {"system": "phone", "value": "1", "use": "mobile", "period": {"end": "2025"}},
                {"system": "phone", "value": "2"},
            ],
            "2",
        ),
        ([{"system": "phone", "value": "1", "period": {"end": "2026-12-01"}}], "1"),  # ends today
        ([{"system": "phone", "value": "1", "use": "old"}], None),
        ([{"system": "email", "value": "a@b.c"}, {"system": "fax", "value": "9"}], None),
        ([{"system": "phone"}, {"use": "mobile"}, None, 7], None),
        (None, None),
    ],
)
def test_which_number_is_texted(telecom, phone):
    """Mobile before rank before order, and no number whose time has ended."""
    assert read(appointment(), patient(telecom=telecom)).patient.phone == (Raw(phone) if phone else None)


@pytest.mark.parametrize(
    ("names", "given", "family"),
    [
        (
            [{"use": "usual", "given": ["Annie"]}, {"use": "official", "given": ["Ana"], "family": "Ruiz"}],
            "Ana",
            "Ruiz",
        ),
        ([{"use": "maiden", "family": "Old"}, {"use": "usual", "family": "Ruiz"}], None, "Ruiz"),
        ([{"use": "official", "family": "Old", "period": {"end": "2002"}}, {"given": ["Ana"]}], "Ana", None),
        ([{"text": "Ana Maria Ruiz"}], None, "Ana Maria Ruiz"),
        ([{"use": "strange", "family": "X"}], None, None),
        ([], None, None),
        ({"family": "Ruiz", "given": "Ana"}, "Ana", "Ruiz"),  # lists forgotten
    ],
)
def test_which_name_is_kept(names, given, family):
    """Official before usual, none that ended, and a name that is only text is not cut at a blank."""
    person = read(appointment(), patient(name=names)).patient
    assert (person.given_name, person.family_name) == (given and Name(given), family and Name(family))


def spoken(*codes, preferred=None):
    return [{"language": {"coding": [{"code": code}]}, "preferred": code == preferred} for code in codes]


@pytest.mark.parametrize(
    ("fields", "name", "value"),
    [
        ({"communication": spoken("en", "es", preferred="es")}, "language", "es"),
        ({"communication": spoken("EN-us")}, "language", "en"),
        ({"communication": [{"language": {"text": "Spanish"}}]}, "language", None),
        ({"address": [{"use": "work", "state": "WI"}, {"use": "home", "state": "il"}]}, "state", "IL"),
        ({"address": [{"state": "Illinois"}]}, "state", "IL"),
        ({"address": [{"state": "Bavaria"}, {"state": "Ohio"}]}, "state", "OH"),
        ({"address": [{"state": "Bavaria"}]}, "state", None),
        ({"birthDate": "1990"}, "birth_date", None),
        ({"deceasedBoolean": True}, "deceased", True),
        ({"deceasedBoolean": False}, "deceased", False),
        ({"deceasedDateTime": "2026-11"}, "deceased", True),
    ],
)
def test_facts_of_a_patient(fields, name, value):
    """Language, state, birth date and death are read where they are plain, and left out where not."""
    assert getattr(read(appointment(), patient(**fields)).patient, name) == value


@pytest.mark.parametrize("spelling", ["cancelationReason", "cancellationReason"])
def test_a_cancellation_for_a_death_says_so(spelling):
    """R4 and R5 spell the reason differently; both stop everything to the patient."""
    visit = appointment(status="cancelled", **{spelling: {"coding": [{"code": "pat-dec"}]}})
    assert read(visit).problems == (problems.PATIENT_DIED,)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"start": "2026-12-04T15:00:00", "end": ...}, problems.START_WITHOUT_ZONE),
        ({"start": ..., "end": ...}, problems.START_MISSING),
        ({"start": "2026-12-04", "end": ...}, problems.START_UNREADABLE),
        ({"end": "2026-12-04T14:00:00-06:00"}, problems.END_BEFORE_START),
        ({"meta": {"security": [{"code": "R"}]}}, problems.RESTRICTED),
        ({"meta": {"security": [{"code": "N"}, {"code": "V"}]}}, problems.RESTRICTED),
    ],
)
def test_what_only_a_person_can_settle_is_named(fields, code):
    """A start without its offset, none at all, or a restricted visit waits; once off, none of that matters."""
    assert read(appointment(**fields), patient()).problems == (code,)
    assert read(appointment(status="cancelled", **fields), patient()).problems == ()


def test_a_restricted_patient_restricts_the_visit():
    """The label counts on the patient's record as well."""
    assert read(appointment(), patient(meta={"security": [{"code": "R"}]})).problems == (problems.RESTRICTED,)


@pytest.mark.parametrize(
    ("meta", "sequence"),
    [({"versionId": "0"}, 0), ({"versionId": 12}, 12), ({"versionId": "a1"}, None), ({}, None), (None, None)],
)
def test_only_a_version_of_digits_counts(meta, sequence):
    """Some servers' versions are opaque words, which order nothing."""
    assert read(appointment(meta=meta), patient()).sequence == sequence


def test_length_service_zone_and_provider_have_second_sources():
    """Minutes stand in for an end, the description for a service, the record for a display, an extension for a zone."""
    url = "http://hl7.org/fhir/StructureDefinition/timezone"
    place = {"resourceType": "Location", "id": "main", "extension": [{"url": url, "valueCode": "America/Denver"}]}
    doctor = {"resourceType": "Practitioner", "id": "pr-1", "name": [{"family": "Lee", "given": ["Kim"]}]}
    visit = appointment(end=..., minutesDuration=30, serviceType=..., description="Peel")
    del visit["participant"][1]["actor"]["display"]
    event = read(visit, patient(), place, doctor)
    assert (event.duration_minutes, event.service) == (30, Service("Peel"))
    assert (event.zone, event.provider) == ("America/Denver", Name("Kim Lee"))


def test_what_is_to_be_fetched():
    """The patient first, then the place; the provider only when the appointment does not name them."""
    assert parts_of(appointment()) == ("Patient/pt-1", "Location/main")
    visit = taking_part(
        {"actor": {"reference": "Practitioner/pr-1"}},
        {"actor": {"reference": "#p"}},
        {"actor": {"reference": "urn:uuid:1"}},
        {"actor": {"reference": "Patient/pt-1"}},
        {"actor": {"reference": "https://elsewhere.example/x/Patient/pt-1"}},
        {"actor": {"reference": "Device/d"}},
    )
    assert parts_of(visit) == ("Patient/pt-1", "Practitioner/pr-1")


def test_an_event_is_known_again_by_what_was_read():
    """The same state has the same id; a new version or another number of the patient has another."""
    same = [read(appointment(), patient()).event_id for _ in range(2)]
    newer = read(appointment(meta={"versionId": "4"}), patient()).event_id
    other = read(appointment(), patient(telecom=[])).event_id
    assert len({*same, newer, other}) == 3
    assert "Ana" not in same[0]


def test_an_appointment_its_server_no_longer_has_is_deleted():
    """Gone is an event like any other: the visit ends."""
    event = gone("ap-1", source="ehr", received_at=NOW)
    assert (event.kind, event.appointment_id, event.problems) == (Kind.DELETED, "ap-1", ())
