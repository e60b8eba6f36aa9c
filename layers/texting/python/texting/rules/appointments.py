"""What a scheduling event makes of a visit: the accept rule, the kind of change, and whether the plan starts anew.

Sources lie about order, repeat themselves and contradict each other. `accept` compares an event with the visit as it
stands and answers one of five things; it changes nothing and reads no clock.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from texting.values import AppointmentEvent, Hidden, Kind, Visit, VisitState

T = TypeVar("T", int, datetime)

LIVE = frozenset({VisitState.BOOKED, VisitState.CONFIRMED})
"""States in which a patient is expected, and so may be texted."""

_STATES = {
    Kind.REQUESTED: VisitState.REQUESTED,
    Kind.BOOKED: VisitState.BOOKED,
    Kind.RESCHEDULED: VisitState.BOOKED,
    Kind.NO_SHOW_UNDONE: VisitState.BOOKED,
    Kind.CONFIRMED: VisitState.CONFIRMED,
    Kind.CANCELLED: VisitState.CANCELLED,
    Kind.DELETED: VisitState.CANCELLED,
    Kind.ARRIVED: VisitState.ARRIVED,
    Kind.COMPLETED: VisitState.COMPLETED,
    Kind.NO_SHOW: VisitState.NO_SHOW,
}
DIED = "patient_died"
"""The code by which an event without a patient's record says that the patient has died."""

_NEW_PLAN = frozenset({"start", "zone", "place", "patient", "number"})
_MOVES = frozenset({"start", "zone", "place"})


class ReadBack(StrEnum):
    """Whether the source can be asked for its current state, or has been and this is its answer."""

    IMPOSSIBLE = "impossible"
    POSSIBLE = "possible"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Facts:
    """What was looked up for an event: our ids of its visit, patient and number, and where and in which zone it is.

    `patient_id` is "" when the event names nobody, `number_id` None when it gave no usable number; `zone` is the
    event's, else the location's.
    """

    appointment_id: str
    patient_id: str
    number_id: str | None
    zone: str
    location_id: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """The visit as it stands now (its `rev` still the stored one's), and what this event made of it.

    `changed` names what differs: state, start, zone, place, patient, number, provider, service, duration.
    `epoch_rises`: a new plan replaces the old one. `moved`: a visit that stood has another time or place, which the
    patient must be told. `patient_died`: everything to this patient must stop.
    """

    visit: Visit
    kind: Kind
    changed: frozenset[str]
    epoch_rises: bool
    moved: bool
    patient_died: bool


@dataclass(frozen=True, slots=True)
class Stale:
    """Older than what stands: recorded and dropped."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Says what stands already: dropped."""


@dataclass(frozen=True, slots=True)
class NeedsRead:
    """Its order cannot be told: the source's current state decides."""


@dataclass(frozen=True, slots=True)
class HeldForPerson:
    """A person must look first. `reason` is a code of `sources.problems` or `revives_cancelled`.

    `stop_plan`: the visit that stands is in doubt as well, so nothing planned for it may go out meanwhile.
    """

    reason: str
    reasons: tuple[str, ...]
    stop_plan: bool


Outcome = Accepted | Stale | Duplicate | NeedsRead | HeldForPerson


def content(event: AppointmentEvent) -> str:
    """A hash of what the event says of the visit, leaving out when and how it was said."""
    patient = event.patient
    said: list[Any] = [event.kind, event.start and event.start.isoformat(), event.zone, event.duration_minutes]
    said += [event.location_id, event.provider, event.service, sorted(event.problems)]
    if patient:
        said += [patient.ref, patient.given_name, patient.family_name, patient.phone, patient.birth_date]
        said += [patient.language, patient.state, patient.deceased]
    plain = [one.reveal() if isinstance(one, Hidden) else one for one in said]
    return hashlib.sha256(json.dumps(plain).encode()).hexdigest()


def accept(event: AppointmentEvent, stored: Visit | None, facts: Facts, read_back: ReadBack) -> Outcome:
    """What to do with `event`, given the visit that stands (`facts/scheduling.md` 2.2).

    Newer wins; older is stale; the same again is a duplicate; otherwise the source is read, and where it cannot be, the
    last received wins, except that it never revives a cancelled visit.
    """
    order = 1 if stored is None else _order(event, stored)
    if order < 0:
        return Stale()
    if stored is not None and order == 0:
        if content(event) == stored.content_sha256:
            return Duplicate()
        if read_back is ReadBack.POSSIBLE:
            return NeedsRead()
        if read_back is ReadBack.IMPOSSIBLE and _revives(event, stored):
            return HeldForPerson("revives_cancelled", ("revives_cancelled",), False)
    doubts = _doubts(event, stored)
    if doubts:
        return HeldForPerson(doubts[0], doubts, stored is not None and stored.state in LIVE)
    return _accepted(event, stored, facts)


def _order(event: AppointmentEvent, stored: Visit) -> int:
    """1 when the event is newer than the visit that stands, -1 when older, 0 when that cannot be told."""
    if event.sequence is not None and stored.sequence is not None and event.sequence != stored.sequence:
        return 1 if event.sequence > stored.sequence else -1
    if event.updated_at is not None and stored.updated_at is not None and event.updated_at != stored.updated_at:
        return 1 if event.updated_at > stored.updated_at else -1
    return 0


def _revives(event: AppointmentEvent, stored: Visit) -> bool:
    return stored.state is VisitState.CANCELLED and _state(event, stored, moved=False) is not VisitState.CANCELLED


def _doubts(event: AppointmentEvent, stored: Visit | None) -> tuple[str, ...]:
    """Why a person must look: only where the visit would stand, for an end needs no details to be believed."""
    state = _state(event, stored, moved=False)
    if state not in LIVE | {VisitState.REQUESTED}:
        return ()
    found = tuple(problem for problem in event.problems if problem != DIED)
    if not found and state in LIVE and event.start is None and (stored is None or stored.start is None):
        return ("start_missing",)
    if not found and event.patient is None and (stored is None or not stored.patient_id):
        return ("patient_missing",)
    return found


def _state(event: AppointmentEvent, stored: Visit | None, moved: bool) -> VisitState:
    """Where the visit stands now. A confirmation outlives everything but another start or patient: then it is none."""
    before = stored.state if stored else VisitState.BOOKED
    state = before if event.kind is Kind.UPDATED else _STATES[event.kind]
    confirmed = stored is not None and stored.confirmed_at is not None
    if state in LIVE and confirmed:
        return VisitState.BOOKED if moved else VisitState.CONFIRMED
    return state


def _merged(event: AppointmentEvent, stored: Visit | None, facts: Facts) -> dict[str, Any]:
    """The visit's content: what the event says, and where it is silent what stood before."""
    if stored is None:
        place, patient, number = (facts.zone, facts.location_id), facts.patient_id, facts.number_id
    else:
        place = (facts.zone, facts.location_id if event.location_id else stored.location_id)
        if not event.location_id and not event.zone:
            place = (stored.zone, stored.location_id)
        patient = facts.patient_id if event.patient else stored.patient_id
        silent = patient == stored.patient_id and not (event.patient and event.patient.phone)
        number = facts.number_id or (stored.number_id if silent else None)
    return {
        "start": event.start or (stored.start if stored else None),
        "zone": place[0],
        "location_id": place[1],
        "patient_id": patient,
        "number_id": number,
        "provider": event.provider or (stored.provider if stored else None),
        "service": event.service or (stored.service if stored else None),
        "duration_minutes": event.duration_minutes or (stored.duration_minutes if stored else None),
    }


_NAMES = {"location_id": "place", "patient_id": "patient", "number_id": "number", "duration_minutes": "duration"}


def _accepted(event: AppointmentEvent, stored: Visit | None, facts: Facts) -> Accepted:
    merged = _merged(event, stored, facts)
    changed = {_NAMES.get(name, name) for name, value in merged.items() if stored and getattr(stored, name) != value}
    state = _state(event, stored, bool(changed & {"start", "patient"}))
    if stored is not None and stored.state is not state:
        changed.add("state")
    # Nothing was ever planned for a visit that was never booked, so nothing can be told anew.
    told = stored is not None and stored.booked_at is not None
    rises = told and bool(changed & _NEW_PLAN)
    visit = Visit(
        appointment_id=facts.appointment_id,
        source=event.source,
        source_id=event.appointment_id,
        state=state,
        sequence=_later(event.sequence, stored.sequence if stored else None),
        updated_at=_later(event.updated_at, stored.updated_at if stored else None),
        content_sha256=content(event),
        epoch=(stored.epoch if stored else 1) + rises,
        booked_at=_booked_at(event, stored, state),
        confirmed_at=_confirmed_at(event, stored, state),
        rev=stored.rev if stored else 0,
        **merged,
    )
    died = DIED in event.problems or (event.patient is not None and event.patient.deceased)
    moved = stored is not None and stored.state in LIVE and bool(changed & _MOVES)
    return Accepted(visit, _kind(event, stored, visit), frozenset(changed), rises, moved, died)


def _later(new: T | None, old: T | None) -> T | None:
    return new if old is None or (new is not None and new > old) else old


def _booked_at(event: AppointmentEvent, stored: Visit | None, state: VisitState) -> datetime | None:
    """When the visit first stood."""
    if stored is not None and stored.booked_at is not None:
        return stored.booked_at
    return event.received_at if state in LIVE else None


def _confirmed_at(event: AppointmentEvent, stored: Visit | None, state: VisitState) -> datetime | None:
    """When the visit as it stands was confirmed; an arrival keeps it, a move, a cancellation or a new request does not."""
    before = stored.confirmed_at if stored else None
    if state is VisitState.CONFIRMED:
        return before or event.updated_at or event.received_at
    return before if state in (VisitState.ARRIVED, VisitState.COMPLETED) else None


def _kind(event: AppointmentEvent, stored: Visit | None, visit: Visit) -> Kind:
    """What really happened, judged by what changed and not by the source's label."""
    if stored is None:
        return Kind.BOOKED if visit.state is VisitState.BOOKED else event.kind
    if visit.state not in LIVE:
        return event.kind
    if stored.state is VisitState.NO_SHOW:
        return Kind.NO_SHOW_UNDONE
    if stored.state in (VisitState.CANCELLED, VisitState.REQUESTED):
        return Kind.BOOKED
    if stored.start != visit.start:
        return Kind.RESCHEDULED
    return Kind.CONFIRMED if visit.state is VisitState.CONFIRMED is not stored.state else Kind.UPDATED
