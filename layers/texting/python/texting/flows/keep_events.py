"""Journey: one item of the events queue, whichever door it came through, is read and kept event by event.

What cannot be read goes into quarantine with its reason, never round and round the queue; a hint ("look at appointment 7")
is followed by reading the source's current state.
"""

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from texting.errors import Unknown, Unreadable
from texting.flows.again import again
from texting.flows.keep_appointment import Kept, keep_appointment
from texting.flows.needs import World
from texting.flows.take_in import quarantined
from texting.practice import Connection
from texting.records import Quarantined
from texting.sources import fhir, generic
from texting.values import AppointmentEvent, Ignored, Raw, ReadBack
from texting.writes import Change, New

LOOK_BACK = timedelta(minutes=15)
"""How far an empty notification ("something changed") makes us search: longer than any queue delay we alarm on."""

MOST_SEARCHES = 20
"""Searches of up to 500 appointments each that one hint may cause."""


class Changed(Protocol):
    """Appointments that changed at a source, oldest first."""

    @property
    def references(self) -> Sequence[str]: ...
    @property
    def rest_since(self) -> datetime | None: ...


class Reader(Protocol):
    """Reads a source's current state (`remote.fhir.FhirReader`)."""

    def appointment(self, reference: str) -> tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]]: ...
    def search_since(self, since: datetime) -> Changed: ...


Readers = Callable[[Connection], Reader | None]


def keep_events(world: World, item: Mapping[str, Any], readers: Readers, now: datetime) -> list[Kept]:
    """Keep everything one queued item says. Raises Contended, Unavailable: the queue brings it again."""
    connection, door, event_id, raw, received_at = _opened(world, item, now)
    if connection is None:
        return [_unreadable(world, item, door, event_id, raw, _no_connection(), now)]
    reader = readers(connection)
    try:
        found = _read(connection, event_id, raw, received_at, reader)
        kept = [_kept(world, one, connection, reader, now) for one in found]
        if any(one.outcome == "gone" for one in kept):
            kept.append(_unreadable(world, item, connection.kind, event_id, raw, _not_there(), now))
        return kept
    except Unreadable as reason:
        return [_unreadable(world, item, connection.kind, event_id, raw, reason, now)]


def _opened(
    world: World, item: Mapping[str, Any], now: datetime
) -> tuple[Connection | None, str, str, bytes, datetime]:
    """The connection, kind, id, exact bytes and arrival of an item: our own envelope, or EventBridge's."""
    if "body_b64" in item:
        connection = world.practice.connection(str(item["connection"]))
        raw = base64.b64decode(item["body_b64"])
        return connection, str(item["kind"]), str(item["event_id"]), raw, datetime.fromisoformat(item["received_at"])
    detail = item.get("detail")
    raw = json.dumps(detail, sort_keys=True).encode()
    name = detail.get("connection") if isinstance(detail, Mapping) else None
    connection = world.practice.connection(str(name))
    return connection, "standard-webhooks", str(item.get("id", "")), raw, now


def _no_connection() -> Unreadable:
    return Unreadable("no_connection", "The event names no connection of practice.toml; give it one in `connection`.")


def _not_there() -> Unreadable:
    """Told of an appointment that its source does not have: too early, as some servers do, or deleted meanwhile."""
    return Unreadable(
        "not_at_source",
        "The scheduling system told of an appointment that it could not show when asked; replay this once it is there.",
    )


def _read(
    connection: Connection, event_id: str, raw: bytes, received_at: datetime, reader: Reader | None
) -> Iterator[AppointmentEvent | ReadBack | Ignored]:
    if connection.kind == "standard-webhooks":
        zone = connection.time_zone or None
        yield generic.parse(raw, source=connection.name, event_id=event_id, received_at=received_at, zone=zone)
        return
    yield from fhir.parse(raw, source=connection.name, received_at=received_at, can_read_back=reader is not None)


def _kept(
    world: World,
    found: AppointmentEvent | ReadBack | Ignored,
    connection: Connection,
    reader: Reader | None,
    now: datetime,
) -> Kept:
    if isinstance(found, Ignored):
        return Kept("ignored")
    if isinstance(found, ReadBack):
        return _looked_up(world, found, connection, reader, now)
    return keep_appointment(world, found, now, _again(connection, reader, now))


def _again(connection: Connection, reader: Reader | None, now: datetime) -> Callable[[str], AppointmentEvent] | None:
    """How to read one appointment by the source's own id; None where the source cannot be asked."""
    if reader is None:
        return None

    def read(source_id: str) -> AppointmentEvent:
        appointment, others = reader.appointment(f"Appointment/{source_id}")
        return fhir.from_resources(appointment, others, source=connection.name, received_at=now)

    return read


def _looked_up(world: World, hint: ReadBack, connection: Connection, reader: Reader | None, now: datetime) -> Kept:
    """Follow a hint; "something changed" is followed by a search, each find of which is kept."""
    if reader is None:
        raise Unreadable(
            "cannot_read_back",
            "The notification holds no appointment, and this connection has no fhir_base to read it from.",
        )
    references = [hint.resource] if hint.resource != fhir.SEARCH else _searched(reader, hint.received_at - LOOK_BACK)
    outcomes = [_one_read(world, reference, connection, reader, now) for reference in references]
    planned = tuple(message_id for kept in outcomes for message_id in kept.planned)
    gone = any(kept.outcome == "gone" for kept in outcomes)
    return Kept("gone" if gone else outcomes[0].outcome if len(outcomes) == 1 else "searched", planned)


def _searched(reader: Reader, since: datetime) -> list[str]:
    """Everything that changed since, page after page; a source that never ends is cut off and alarmed by its backlog."""
    references: dict[str, None] = {}
    for _ in range(MOST_SEARCHES):
        changed = reader.search_since(since)
        references |= dict.fromkeys(changed.references)
        if changed.rest_since is None:
            break
        since = changed.rest_since
    return list(references)


def _one_read(world: World, reference: str, connection: Connection, reader: Reader, now: datetime) -> Kept:
    again = _again(connection, reader, now)
    assert again is not None
    source_id = reference.partition("/")[2]
    try:
        event = again(source_id)
    except Unknown:
        return _gone(world, source_id, connection, now)
    return keep_appointment(world, event, now, again)


def _gone(world: World, source_id: str, connection: Connection, now: datetime) -> Kept:
    """An appointment that the source no longer has is over, if we ever heard of it; else the event is put before people."""
    if world.store.visit(world.ids.appointment_id(connection.name, source_id)) is None:
        return Kept("gone")
    return keep_appointment(world, fhir.gone(source_id, source=connection.name, received_at=now), now, None)


def _unreadable(
    world: World, item: Mapping[str, Any], kind: str, event_id: str, raw: bytes, reason: Unreadable, now: datetime
) -> Kept:
    source = str(item.get("connection") or "bus")
    kept = Quarantined(
        quarantine_id="q_" + world.ids.event_id(source, event_id).removeprefix("e_"),
        source=source if world.practice.connection(source) else "bus",
        door=kind,
        event_id=event_id,
        code=reason.code,
        sentence=reason.sentence,
        at=now,
        body=Raw(base64.b64encode(raw).decode()),
    )
    again(lambda: _lay(world, kept, replayed="quarantine_id" in item))
    return Kept("quarantined")


def _lay(world: World, kept: Quarantined, *, replayed: bool) -> None:
    """Into quarantine, or there again with today's reason; what waits there and was not replayed stays as it is.

    What was replayed is always written, even if it is not noted as replayed yet: whoever is about to note that loses.
    """
    known = world.store.quarantined(kept.quarantine_id)
    if known is None:
        world.store.commit(New(kept), quarantined(kept))
    elif replayed or known.state == "replayed":
        back = replace(kept, replayed_at=known.replayed_at, rev=known.rev)
        world.store.commit(Change(back), quarantined(back))
