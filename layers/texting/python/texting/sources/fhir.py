"""FHIR R4 at the door: Appointments, Bundles of any type, and subscription notifications, full, id-only or empty.

`parse` is pure and total: for any bytes it returns appointment events, hints to read the current state back, and what was
ignored, or raises Unreadable. A hint names a resource as `Type/id`; `SEARCH` means that only "something changed" is known.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from texting.errors import Unreadable
from texting.sources import json_text, moments
from texting.sources.fhir_appointment import ALIVE, KINDS, event, from_resources, parts_of
from texting.sources.fhir_patient import Resource
from texting.sources.fhir_references import actors, index, literal
from texting.values import AppointmentEvent, Ignored, Kind, ReadBack

__all__ = ["SEARCH", "Result", "from_resources", "gone", "parse", "parts_of"]

SEARCH = "Appointment"
"""`ReadBack.resource` where the source did not say which appointment changed."""

Result = AppointmentEvent | ReadBack | Ignored


@dataclass(frozen=True, slots=True)
class _Delivery:
    """One delivery: whose, when, its hash, and whether its source can be read back."""

    source: str
    received_at: datetime
    digest: str
    can_read_back: bool

    def read(self, resource: str, *marks: object) -> ReadBack:
        """A hint. Without a mark of its own it is told from the next by its arrival: a hint too many does no harm."""
        known = [str(mark) for mark in marks if mark]
        tail = known or [self.received_at.isoformat(), self.digest[:16]]
        return ReadBack(self.source, "|".join([resource, *tail]), resource, self.received_at)

    def ignored(self, reason: str, mark: object = "") -> Ignored:
        """Accepted and dropped, for `reason`."""
        return Ignored(self.source, f"{reason}|{mark or self.digest[:32]}", reason)


def parse(raw: bytes, *, source: str, received_at: datetime, can_read_back: bool = True) -> list[Result]:
    """What one delivery says, never empty. With `can_read_back` a visit without its patient is read, not guessed.

    Raises Unreadable.
    """
    delivery = _Delivery(source, received_at, hashlib.sha256(raw).hexdigest(), can_read_back)
    if not raw.strip():
        return [delivery.read(SEARCH)]
    top = json_text.read(raw)
    if not isinstance(top, dict):
        raise Unreadable("not_an_object", "The body must be one FHIR resource as JSON.")
    kind = top.get("resourceType") or ("Bundle" if "entry" in top else None)
    if kind == "Bundle":
        return _bundle(top, delivery)
    if kind == "Appointment":
        return [_appointment(top, {}, delivery)]
    if kind in _STATUS:
        return _notification(top, [], delivery)
    if not isinstance(kind, str):
        raise Unreadable("not_fhir", "The body has no resourceType; send an Appointment, a Bundle or a notification.")
    return [delivery.ignored("not_an_appointment")]


def _appointment(resource: Resource, around: Mapping[str, Resource], delivery: _Delivery) -> Result:
    """The visit itself where all that is needed came with it, else a hint to read it."""
    path = literal(f"Appointment/{json_text.ident(resource.get('id')) or ''}")
    if delivery.can_read_back and path and not _whole(resource, around):
        meta = json_text.as_object(resource.get("meta"))
        return delivery.read(path, meta.get("versionId"), meta.get("lastUpdated"))
    return event(resource, around, source=delivery.source, received_at=delivery.received_at)


def _whole(resource: Resource, around: Mapping[str, Resource]) -> bool:
    """Whether nothing needs reading: the visit is off or over, or its patients' records came with it."""
    if str(resource.get("status")) not in KINDS:
        return resource.get("status") is not None
    if KINDS[str(resource["status"])] not in ALIVE:
        return True
    patients = [actor for actor in actors(resource, around) if actor.kind == "Patient"]
    return bool(patients) and all(patient.resource or not patient.reference for patient in patients)


def _entries(bundle: Resource) -> list[tuple[object, Resource]]:
    """The resources of a bundle with the addresses they came under."""
    entries = json_text.as_objects(bundle.get("entry"))
    return [(one.get("fullUrl"), one["resource"]) for one in entries if isinstance(one.get("resource"), dict)]


def _bundle(bundle: Resource, delivery: _Delivery) -> list[Result]:
    entries = _entries(bundle)
    status = next((resource for _, resource in entries if resource.get("resourceType") in _STATUS), None)
    gone = _deleted(bundle, delivery)
    if status is not None:
        return _notification(status, entries, delivery, gone)
    around = index(entries)
    found: list[Result] = [
        _appointment(resource, around, delivery)
        for _, resource in entries
        if resource.get("resourceType") == "Appointment"
    ]
    found += gone.values()
    found += [delivery.read(path) for path in _bare(bundle) if path not in gone]
    return found or [delivery.ignored("no_appointment")]


def _bare(bundle: Resource) -> list[str]:
    """Appointments a bundle only points at."""
    entries = json_text.as_objects(bundle.get("entry"))
    paths = [literal(one.get("fullUrl")) for one in entries if not isinstance(one.get("resource"), dict)]
    return list(dict.fromkeys(path for path in paths if path.startswith("Appointment/")))


def _deleted(bundle: Resource, delivery: _Delivery) -> dict[str, AppointmentEvent]:
    """Appointments a history bundle says were deleted, by `Appointment/id`."""
    found = {}
    for entry in json_text.as_objects(bundle.get("entry")):
        request = json_text.as_object(entry.get("request"))
        path = literal(request.get("url"))
        if request.get("method") == "DELETE" and path.startswith("Appointment/"):
            at = moments.instant(json_text.as_object(entry.get("response")).get("lastModified"))
            own = path.partition("/")[2]
            found[path] = gone(own, source=delivery.source, received_at=delivery.received_at, at=at)
    return found


def gone(appointment_id: str, *, source: str, received_at: datetime, at: datetime | None = None) -> AppointmentEvent:
    """The event of an appointment its server no longer has (404, 410, or deleted `at` in a history)."""
    marked = f"{appointment_id}:deleted:{(at or received_at).isoformat()}"
    return AppointmentEvent(
        source=source,
        event_id=marked,
        appointment_id=appointment_id,
        kind=Kind.DELETED,
        status="deleted",
        start=None,
        zone=None,
        duration_minutes=None,
        patient=None,
        location_id=None,
        provider=None,
        service=None,
        sequence=None,
        updated_at=at,
        received_at=received_at,
        raw_sha256=hashlib.sha256(marked.encode()).hexdigest(),
    )


# Subscription notifications: R4 backport servers put Parameters first, R4B, R5 and athenahealth SubscriptionStatus.

_STATUS = ("SubscriptionStatus", "Parameters")


@dataclass(frozen=True, slots=True)
class _Notice:
    """One event of a notification: its marks, and the reference of what it is about."""

    marks: tuple[str, ...]
    focus: str
    kind: str


def _value(part: Resource) -> Any:
    """The value of a parameter, whatever type the server gave it (numbers come as text, unsigned and plain)."""
    return next((value for key, value in part.items() if key.startswith("value")), None)


def _flat(status: Resource) -> dict[str, Any]:
    """A Parameters resource as the SubscriptionStatus it stands for; a SubscriptionStatus as it is."""
    if status.get("resourceType") != "Parameters":
        return dict(status)
    flat: dict[str, Any] = {"notificationEvent": []}
    for parameter in json_text.as_objects(status.get("parameter")):
        parts = {str(one.get("name")): _value(one) for one in json_text.as_objects(parameter.get("part"))}
        if parameter.get("name") == "notification-event":
            flat["notificationEvent"].append({**parts, "eventNumber": parts.get("event-number")})
        else:
            flat[str(parameter.get("name"))] = _value(parameter)
    return flat


def _notices(flat: Resource) -> Iterable[_Notice]:
    subscription = json_text.text(json_text.as_object(flat.get("subscription")).get("reference")) or ""
    for one in json_text.as_objects(flat.get("notificationEvent")):
        focus = json_text.as_object(one.get("focus"))
        reference = json_text.text(focus.get("reference"), 2000) or ""
        own, at = json_text.ident(one.get("id")), json_text.text(one.get("timestamp"))
        number = json_text.ident(one.get("eventNumber"))
        # A number alone repeats when a server counts per bundle, so it marks an event only beside its time.
        marks = (own,) if own else (subscription, number or "", at) if at else ()
        kind = literal(reference).partition("/")[0] or json_text.text(focus.get("type")) or ""
        yield _Notice(marks, reference, kind)


def _notification(
    status: Resource,
    entries: list[tuple[object, Resource]],
    delivery: _Delivery,
    gone: Mapping[str, AppointmentEvent] | None = None,
) -> list[Result]:
    flat, around = _flat(status), index(entries)
    kind = json_text.text(flat.get("type")) or "event-notification"
    if kind in ("handshake", "heartbeat", "query-status"):
        return [delivery.ignored(kind)]
    if flat.get("status") in ("error", "off"):
        return [delivery.ignored("subscription_off")]
    found = [_noticed(notice, around, delivery, gone or {}) for notice in _notices(flat)]
    return found or [delivery.read(SEARCH)]


def _noticed(
    notice: _Notice, around: Mapping[str, Resource], delivery: _Delivery, gone: Mapping[str, AppointmentEvent]
) -> Result:
    """What one notice comes to: the visit that came with it, a hint to read it, or nothing of ours."""
    path = literal(notice.focus)
    resource = around.get(path or notice.focus)
    if path in gone:
        return gone[path]
    if resource is not None and resource.get("resourceType") == "Appointment":
        return _appointment(resource, around, delivery)
    if notice.kind not in ("Appointment", "") or resource is not None:
        return delivery.ignored("not_an_appointment", "|".join(notice.marks))
    return delivery.read(path or SEARCH, *notice.marks)
