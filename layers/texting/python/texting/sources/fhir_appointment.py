"""A FHIR Appointment (R4, tolerant of its neighbours) with the resources around it, read into one AppointmentEvent.

References may be relative, absolute, versioned, contained, `urn:uuid:` or logical. What a person must settle is named in
`problems`; what is no readable Appointment raises Unreadable.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from texting.errors import Unreadable
from texting.sources import fhir_patient, json_text, moments, problems
from texting.sources.fhir_patient import Resource
from texting.sources.fhir_references import Actor, actors, index, literal
from texting.values import AppointmentEvent, Kind, Name, Service

KINDS = {
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
ALIVE = frozenset({Kind.REQUESTED, Kind.BOOKED, Kind.CONFIRMED})
"""Kinds after which somebody may be texted, so that who and when must be known."""

_PRACTITIONERS = ("Practitioner", "PractitionerRole")


def parts_of(resource: Resource) -> tuple[str, ...]:
    """References (`Type/id`) to read before `from_resources`: the patient, the location, the provider if unnamed.

    Of a Patient: the record it was merged into.
    """
    if resource.get("resourceType") == "Patient":
        found = [literal(fhir_patient.replaced_by(resource))]
    else:
        taking_part = actors(resource, {})
        found = [a.reference for a in taking_part if a.kind == "Patient"]
        found += [a.reference for a in taking_part if a.kind == "Location"]
        found += [a.reference for a in taking_part if a.kind == "Practitioner" and not a.display]
    return tuple(dict.fromkeys(filter(None, found)))


def kind_of(appointment: Resource, patients: Sequence[Actor]) -> Kind:
    """What the status says; a booked visit that its patient accepted is confirmed. Raises Unreadable."""
    status = json_text.text(appointment.get("status"))
    if status not in KINDS:
        raise Unreadable("bad_status", "The Appointment's status is missing or none of FHIR R4's; correct the sender.")
    kind = KINDS[status]
    accepted = bool(patients) and all(patient.status == "accepted" for patient in patients)
    return Kind.CONFIRMED if kind is Kind.BOOKED and accepted else kind


def _current(actor: Actor, around: Mapping[str, Resource]) -> tuple[str | None, Resource]:
    """The patient's ref and record, followed once to the record it was merged into; empty if that is not at hand."""
    target = fhir_patient.replaced_by(actor.resource)
    if not target:
        return actor.ref, actor.resource
    path = literal(target)
    return path.partition("/")[2] or actor.ref, around.get(path or target, {})


def _died_by_reason(appointment: Resource) -> bool:
    reasons = [appointment.get("cancelationReason"), appointment.get("cancellationReason")]  # R4 and R5 spell it so
    codings = [c for r in reasons for c in json_text.as_objects(json_text.as_object(r).get("coding"))]
    return any(coding.get("code") == "pat-dec" for coding in codings)


def _restricted(*resources: Resource) -> bool:
    labels = [
        label for r in resources for label in json_text.as_objects(json_text.as_object(r.get("meta")).get("security"))
    ]
    return any(label.get("code") in ("R", "V") for label in labels)


def _zone(place: Resource) -> str | None:
    for extension in json_text.as_objects(place.get("extension")):
        if str(extension.get("url")).endswith("/timezone"):
            known = moments.zone(extension.get("valueCode") or extension.get("valueString"))
            return known.key if known else None
    return None


def _provider(taking_part: Sequence[Actor], at: datetime) -> Name | None:
    for actor in taking_part:
        if actor.kind in _PRACTITIONERS:
            given, family = fhir_patient.name(actor.resource, at)
            built = " ".join(part.reveal() for part in (given, family) if part)
            if actor.display or built:
                return Name(actor.display or built)
    return None


def _service(appointment: Resource) -> Service | None:
    kinds = [
        *json_text.as_objects(appointment.get("serviceType")),
        json_text.as_object(appointment.get("appointmentType")),
    ]
    for concept in kinds:
        displays = [coding.get("display") for coding in json_text.as_objects(concept.get("coding"))]
        for words in (concept.get("text"), *displays):
            if shown := json_text.text(words):
                return Service(shown)
    described = json_text.text(appointment.get("description"))
    return Service(described) if described else None


def _who_is_wrong(attending: Sequence[Actor], patients: Sequence[Actor], around: Mapping[str, Resource]) -> list[str]:
    """What is wrong with whom the visit is for."""
    if patients and not attending:
        return [problems.PATIENT_NOT_ATTENDING]
    if len({(one.ref, one.reference) for one in attending}) > 1:
        return [problems.SEVERAL_PATIENTS]
    if not attending or not attending[0].ref:
        return [problems.PATIENT_MISSING]
    merged = fhir_patient.replaced_by(attending[0].resource) and not _current(attending[0], around)[1]
    declined = attending[0].status == "declined"
    return [problems.PATIENT_REPLACED] * bool(merged) + [problems.PATIENT_DECLINED] * declined


def _when(appointment: Resource) -> tuple[moments.Moment, int | None, list[str]]:
    """The start (its offset is mandatory), the length in minutes, and what is wrong with them."""
    said = appointment.get("start")
    begin = moments.start(said, None) if said not in (None, "") else moments.Moment(None)
    end = moments.start(appointment.get("end"), None).at
    wrong = list(begin.problems)
    if begin.at and end and end < begin.at:
        wrong.append(problems.END_BEFORE_START)
    return begin, moments.minutes(begin.at, end, appointment.get("minutesDuration")), wrong


def _digest(*resources: Resource) -> str:
    return hashlib.sha256(json.dumps(resources, sort_keys=True).encode()).hexdigest()


def event(
    appointment: Resource, around: Mapping[str, Resource], *, source: str, received_at: datetime
) -> AppointmentEvent:
    """The event of one Appointment, with `around` as `fhir_references.index` made it. Raises Unreadable."""
    appointment_id = json_text.ident(appointment.get("id")) or fhir_patient.identifier(appointment)
    if not appointment_id:
        raise Unreadable("bad_id", "The Appointment has neither an id nor an identifier; correct the sender.")
    taking_part = actors(appointment, around)
    patients = [actor for actor in taking_part if actor.kind == "Patient"]
    attending = [patient for patient in patients if patient.required != "information-only"]
    kind = kind_of(appointment, attending)
    ref, record = _current(attending[0], around) if attending else (None, {})
    place = next((actor for actor in taking_part if actor.kind == "Location"), None)
    begin, length, wrong = _when(appointment)
    if begin == moments.Moment(None) and kind in (Kind.BOOKED, Kind.CONFIRMED):
        wrong.append(problems.START_MISSING)
    wrong += _who_is_wrong(attending, patients, around)
    wrong += [problems.RESTRICTED] * _restricted(appointment, record)
    died = (problems.PATIENT_DIED,) if _died_by_reason(appointment) else ()
    meta = json_text.as_object(appointment.get("meta"))
    version, updated = json_text.ident(meta.get("versionId")), json_text.text(meta.get("lastUpdated"))
    digest = _digest(appointment, record, place.resource if place else {})
    return AppointmentEvent(
        source=source,
        event_id=f"{appointment_id}:{version or updated or received_at.isoformat()}:{digest[:16]}",
        appointment_id=appointment_id,
        kind=kind,
        status=str(appointment["status"]),
        start=None if wrong and begin.problems else begin.at,
        zone=_zone(place.resource) if place else None,
        duration_minutes=length,
        patient=fhir_patient.facts(ref, record, received_at) if ref else None,
        location_id=place.ref if place else None,
        provider=_provider(taking_part, received_at),
        service=_service(appointment),
        sequence=json_text.whole(version),
        updated_at=moments.instant(updated),
        received_at=received_at,
        raw_sha256=digest,
        problems=died + (tuple(wrong) if kind in ALIVE else ()),
    )


def from_resources(
    appointment: Resource, others: Sequence[Resource], *, source: str, received_at: datetime
) -> AppointmentEvent:
    """The event of an Appointment that was read back, with the resources `parts_of` asked for. Raises Unreadable."""
    return event(appointment, index((None, other) for other in others), source=source, received_at=received_at)
