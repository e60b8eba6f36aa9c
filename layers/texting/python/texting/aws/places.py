"""Where each record is kept: its table, its keys, the index attributes beside them, and whose key seals it.

Keys say nothing about anybody: ids are keyed hashes or random, and times appear only where a query needs their order.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from texting.records import (
    Consent,
    ConsentChange,
    Disposing,
    Holds,
    Inbound,
    Latest,
    Link,
    Listing,
    Message,
    Number,
    Pace,
    Patient,
    Quarantined,
    Secure,
    Seen,
    Switch,
    Task,
    Thread,
    Token,
    quarantine_of,
)
from texting.values import FINAL, State, Visit
from texting.writes import Record

IDENTITY = 0
"""The year under which an owner's identity is sealed: it lives as long as the owner does."""


def moment(at: datetime) -> str:
    """A UTC time as text whose order is its order in time, to the millisecond."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Place:
    """How one kind of record is kept. `index` gives the attributes of the sparse indexes, absent when not due."""

    table: str
    key: Callable[[Any], tuple[str, str]]
    owner: Callable[[Any], tuple[str, int]]
    index: Callable[[Any], Mapping[str, str]] = lambda record: {}


def _under_key(record: Message | Inbound | Secure | Latest) -> Mapping[str, str]:
    """What finds everything sealed under one owner's key of one year, so that it is disposed of together."""
    owner, year = place_of(record).owner(record)
    return {"owner_year": f"{owner}#{year}"}


def moves_at(message: Message) -> datetime:
    """When an open message was to move on: its turn to be sent, or, once claimed, the claim."""
    if message.state in (State.PLANNED, State.HELD):
        return message.send_at
    return message.claimed_at or message.planned_at


def _message_index(message: Message) -> Mapping[str, str]:
    found = {"at": moment(message.planned_at), "thread_id": message.thread_id, **_under_key(message)}
    if message.state not in FINAL:
        found |= {"open_state": message.state, "due": moment(moves_at(message))}
    if message.dispose_on:
        found |= {"dispose_bucket": message.dispose_on.strftime("%Y-%m")}
    return found


def _inbound_index(inbound: Inbound) -> Mapping[str, str]:
    found = {"at": moment(inbound.at), **_under_key(inbound)}
    if inbound.dispose_on:
        found["dispose_bucket"] = inbound.dispose_on.strftime("%Y-%m")
    return found


def _secure_index(secure: Secure | Latest) -> Mapping[str, str]:
    found = {"dispose_bucket": secure.dispose_on.strftime("%Y-%m")} if secure.dispose_on else {}
    return {**found, **_under_key(secure)}


def _person_index(person: Patient | Number) -> Mapping[str, str]:
    return {"dispose_bucket": person.dispose_on.strftime("%Y-%m")} if person.dispose_on else {}


def _link_index(link: Link) -> Mapping[str, str]:
    """A link goes with the identity of whom it was for."""
    return {"owner_year": f"{link.patient_id}#{IDENTITY}", "at": moment(link.expires_at)}


def _visit_index(visit: Visit) -> Mapping[str, str]:
    return {"start_at": moment(visit.start)} if visit.start else {"start_at": "-"}


def _task_index(task: Task) -> Mapping[str, str]:
    if task.state == "open":
        return {"open_state": "task"}
    return {"dispose_bucket": task.dispose_on.strftime("%Y-%m")} if task.dispose_on else {}


def _quarantine_index(kept: Quarantined) -> Mapping[str, str]:
    """Also what was replayed is found by its age: it must not be forgotten there."""
    return {"open_state": "quarantine" if kept.state == "quarantined" else "replayed", "due": moment(kept.at)}


def _token_index(token: Token) -> Mapping[str, str]:
    """Living tokens can be listed without a scan, in the order they were issued."""
    return {} if token.revoked_at else {"open_state": "token", "due": moment(token.created_at)}


def _listing_index(listing: Listing) -> Mapping[str, str]:
    """Only what is still to be done at the carrier is found by index."""
    if listing.state not in ("due", "leaving") or listing.since is None:
        return {}
    return {"open_state": f"listing_{listing.state}", "due": moment(listing.since)}


def _seen_index(seen: Seen) -> Mapping[str, str]:
    return {"expires": str(int(seen.at.timestamp()) + 30 * 86_400)}


PLACES: Mapping[type, Place] = {
    Patient: Place(
        "people", lambda r: (f"P#{r.patient_id}", "PATIENT"), lambda r: (r.patient_id, IDENTITY), _person_index
    ),
    Number: Place("people", lambda r: (f"N#{r.number_id}", "NUMBER"), lambda r: (r.number_id, IDENTITY), _person_index),
    Thread: Place("people", lambda r: (f"T#{r.thread_id}", "THREAD"), lambda r: (r.thread_id, IDENTITY)),
    Consent: Place(
        "people",
        lambda r: (f"P#{r.patient_id}", f"C#{r.number_id}#{r.category}"),
        lambda r: (r.patient_id, IDENTITY),
    ),
    ConsentChange: Place(
        "people",
        lambda r: (f"P#{r.patient_id}", f"H#{moment(r.at)}#{r.change_id}"),
        lambda r: (r.patient_id, IDENTITY),
    ),
    Visit: Place(
        "visits",
        lambda r: (f"A#{r.appointment_id}", "VISIT"),
        lambda r: (r.patient_id, r.start.year if r.start else IDENTITY),
        _visit_index,
    ),
    Seen: Place("visits", lambda r: (f"E#{r.event_id}", "EVENT"), lambda r: (r.event_id, IDENTITY), _seen_index),
    Message: Place(
        "messages",
        lambda r: (f"M#{r.message_id}", "MESSAGE"),
        lambda r: (r.patient_id or r.number_id, r.planned_at.year),
        _message_index,
    ),
    Inbound: Place(
        "messages",
        lambda r: (f"I#{r.inbound_id}", "INBOUND"),
        lambda r: (r.patient_id or r.number_id, r.at.year),
        _inbound_index,
    ),
    Task: Place("work", lambda r: (f"T#{r.task_id}", "TASK"), lambda r: (r.task_id, IDENTITY), _task_index),
    Quarantined: Place(
        "work",
        lambda r: (f"Q#{r.quarantine_id}", "QUARANTINE"),
        lambda r: (quarantine_of(r.at.date()), r.at.year),
        _quarantine_index,
    ),
    Token: Place("work", lambda r: (f"K#{r.token_hash}", "TOKEN"), lambda r: ("tokens", IDENTITY), _token_index),
    Switch: Place("work", lambda r: ("CONTROL", "SENDING"), lambda r: ("control", IDENTITY)),
    Listing: Place(
        "work", lambda r: (f"LISTING#{r.number_id}", "LISTING"), lambda r: (r.number_id, IDENTITY), _listing_index
    ),
    Pace: Place("work", lambda r: (f"PACE#{r.line}", "PACE"), lambda r: ("control", IDENTITY)),
    Holds: Place("work", lambda r: (f"HOLD#{r.subject}", "HOLD"), lambda r: (r.subject, IDENTITY)),
    Disposing: Place("work", lambda r: ("RETENTION", "NIGHT"), lambda r: ("retention", IDENTITY)),
    Secure: Place(
        "secure", lambda r: (f"S#{r.secure_id}", "SECURE"), lambda r: (r.patient_id, r.at.year), _secure_index
    ),
    Latest: Place(  # its field is no `thread_id`: it is no secure message, and must not be found among the thread's
        "secure",
        lambda r: (f"T#{r.thread}", "LATEST"),
        lambda r: (r.patient_id or r.number_id, r.at.year),
        _secure_index,
    ),
    Link: Place("secure", lambda r: (f"L#{r.token_hash}", "LINK"), lambda r: (r.patient_id, IDENTITY), _link_index),
}


def place_of(record: Record | type) -> Place:
    """The place of a record or of its class."""
    return PLACES[record if isinstance(record, type) else type(record)]
