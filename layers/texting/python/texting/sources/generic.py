"""The generic appointment event: one JSON object, by signed webhook or over the event bus.

`parse` is pure and total: for any bytes it returns an AppointmentEvent or Ignored, or raises Unreadable. Unknown fields
are ignored, of keys given twice the last wins, `status` wins over `type`, and what only a person can settle is named in
`problems` instead of being guessed.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from texting.errors import Unreadable
from texting.sources import json_text, moments, places, problems
from texting.values import AppointmentEvent, BirthDate, Ignored, Kind, Name, PatientFacts, Raw, Service

KINDS = {f"appointment.{kind}": kind for kind in Kind}
"""Every `type` of ours; other types are somebody else's business."""

_SPELLINGS = {
    "canceled": Kind.CANCELLED,
    "noshow": Kind.NO_SHOW,
    "checked_in": Kind.ARRIVED,
    "fulfilled": Kind.COMPLETED,
}
_WORDS = {str(kind): kind for kind in Kind} | _SPELLINGS
_FINER = {Kind.BOOKED: {Kind.RESCHEDULED, Kind.NO_SHOW_UNDONE}, Kind.CANCELLED: {Kind.DELETED}}
"""Where `type` says more than a `status` that agrees with it."""

_CONNECTION = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_NEEDS_START = frozenset({Kind.BOOKED, Kind.CONFIRMED, Kind.RESCHEDULED})
_ALIVE = _NEEDS_START | {Kind.REQUESTED, Kind.UPDATED, Kind.NO_SHOW_UNDONE}
_DEATH = frozenset({"pat-dec", "deceased", "patient_deceased", "patient deceased", "death", "died"})


def _unreadable(field: str, remedy: str) -> Unreadable:
    return Unreadable(f"bad_{field.replace('.', '_')}", f"{field} {remedy}.")


def _kind(said: str, status: object) -> Kind | None:
    """What happened. `status`, where given, wins; None for a type that is not about an appointment's life.

    A type of ours that we do not know is read by its status, and is unreadable without one: it may matter.
    """
    name = said.strip().lower()
    kind = KINDS.get(name)
    if kind is None and not name.startswith("appointment."):
        return None
    if status in (None, ""):
        if kind is None:
            raise _unreadable("type", "is none we know, and data.status does not tell; use one in the documentation")
        return kind
    word = str(status).strip().lower().replace("-", "_").replace(" ", "_")
    if word not in _WORDS:
        raise _unreadable("data.status", "is no status we know; use one of those in the documentation")
    state = _WORDS[word]
    return kind if kind in _FINER.get(state, ()) else state


def _yes(value: object) -> bool:
    """Whether somebody is said to have died: anything that is not clearly a no stops the texts."""
    return str(value).strip().lower() not in ("", "none", "false", "0", "no", "n")


def _name(value: object) -> Name | None:
    words = json_text.text(value)
    return Name(words) if words else None


def _language(value: object) -> str | None:
    """The first part of a language's code: two or three ASCII letters."""
    code = (json_text.text(value) or "").split("-")[0].split("_")[0]
    return code.lower() if code.isascii() and code.isalpha() and 2 <= len(code) <= 3 else None


def _patient(value: object) -> PatientFacts | None:
    """The patient, if the source's own id of them is there."""
    given = json_text.as_object(value)
    ref = json_text.ident(given.get("ref"))
    if ref is None:
        return None
    phone, born = json_text.ident(given.get("phone")), moments.calendar_date(given.get("birth_date"))
    return PatientFacts(
        ref=ref,
        given_name=_name(given.get("given_name")),
        family_name=_name(given.get("family_name")),
        phone=Raw(phone) if phone else None,
        birth_date=BirthDate(born) if born else None,
        language=_language(given.get("language")),
        state=places.state(json_text.text(given.get("state"))),
        deceased=_yes(given.get("deceased")),
    )


class _Times(NamedTuple):
    """A visit's start (None unless it has one reading), its zone, length, and what is wrong with them."""

    start: datetime | None
    zone: str | None
    minutes: int | None
    problems: tuple[str, ...]


def _times(data: Mapping[str, Any], fallback: ZoneInfo | None) -> _Times:
    """The visit's times, read in the zone it declares, else in the connection's."""
    declared, said = moments.zone(data.get("time_zone")), data.get("start")
    wrong: tuple[str, ...] = (problems.ZONE_UNKNOWN,) if data.get("time_zone") and not declared else ()
    place = declared or (None if wrong else fallback)
    begin = moments.Moment(None) if said in (None, "") else moments.start(said, place, declared is not None)
    end = moments.start(data.get("end"), place, False).at
    wrong += begin.problems
    if begin.at and end and end < begin.at:
        wrong += (problems.END_BEFORE_START,)
    length = moments.minutes(begin.at, end, data.get("duration_minutes"))
    return _Times(None if wrong else begin.at, declared.key if declared else None, length, wrong)


def _problems(kind: Kind, data: Mapping[str, Any], times: _Times, patient: PatientFacts | None) -> tuple[str, ...]:
    """What stands in the way. A visit that is over or off needs neither a start nor a patient to be so."""
    died = str(data.get("cancel_reason")).strip().lower() in _DEATH
    found = [problems.PATIENT_DIED] if died else []
    if kind in _ALIVE:
        found.extend(times.problems)
        if times.start is None and not times.problems and kind in _NEEDS_START:
            found.append(problems.START_MISSING)
        if patient is None and kind is not Kind.UPDATED:
            found.append(problems.PATIENT_MISSING)
    return tuple(found)


def _event(data: Mapping[str, Any], kind: Kind, zone: str | None, **envelope: Any) -> AppointmentEvent:
    """The event of `data`; `envelope` holds the fields that do not come from the visit itself."""
    appointment_id = json_text.ident(data.get("appointment_id"))
    if appointment_id is None:
        raise _unreadable("data.appointment_id", "must be the visit's id, as text or a whole number")
    patient, times = _patient(data.get("patient")), _times(data, moments.zone(zone))
    place, service = data.get("location"), json_text.text(json_text.as_object(data.get("service")).get("name"))
    return AppointmentEvent(
        appointment_id=appointment_id,
        kind=kind,
        status=json_text.text(data.get("status"), 60) or str(kind),
        start=times.start,
        zone=times.zone,
        duration_minutes=times.minutes,
        patient=patient,
        location_id=json_text.ident(place.get("id") if isinstance(place, dict) else place),
        provider=_name(json_text.as_object(data.get("provider")).get("name")),
        service=Service(service) if service else None,
        sequence=json_text.whole(data.get("version")),
        problems=_problems(kind, data, times, patient),
        **envelope,
    )


def parse(
    raw: bytes, *, source: str, event_id: str, received_at: datetime, zone: str | None = None
) -> AppointmentEvent | Ignored:
    """What one event says. `zone` (IANA) reads a start that carries neither offset nor zone. Raises Unreadable."""
    top = json_text.read(raw)
    if not isinstance(top, dict):
        raise Unreadable("not_an_object", "The body must be one JSON object with type, timestamp and data.")
    data = top.get("data")
    if isinstance(data, str):  # some relays send the object as text
        data = json_text.read(data.encode())
    if not isinstance(top.get("type"), str):
        raise _unreadable("type", "must be text like appointment.booked")
    kind = _kind(top["type"], json_text.as_object(data).get("status"))
    if kind is None:
        return Ignored(source, event_id, "unknown_type")
    if not isinstance(data, dict):
        raise _unreadable("data", "must be an object that describes the visit")
    return _event(
        data,
        kind,
        zone,
        source=source,
        event_id=event_id,
        updated_at=moments.instant(top.get("timestamp")),
        received_at=received_at,
        raw_sha256=hashlib.sha256(raw).hexdigest(),
    )


def connection_of(detail: object) -> str:
    """The connection a bus event names. Raises Unreadable when it names none."""
    name = json_text.as_object(detail).get("connection")
    if not isinstance(name, str) or not _CONNECTION.fullmatch(name):
        raise _unreadable("connection", "must name a connection of practice.toml")
    return name


def parse_detail(
    detail: object, *, event_id: str, received_at: datetime, zone: str | None = None
) -> AppointmentEvent | Ignored:
    """What a bus event's detail says: the same object with `connection` beside `type`. Raises Unreadable."""
    source = connection_of(detail)
    raw = json.dumps(detail, sort_keys=True).encode()
    return parse(raw, source=source, event_id=event_id, received_at=received_at, zone=zone)
