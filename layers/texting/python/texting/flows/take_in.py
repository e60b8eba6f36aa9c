"""Journey: a scheduling system knocks. Who it is, whether we have heard this before, and whether it can be read.

The door answers before the pipeline runs: the exact bytes are queued, or kept in quarantine with a reason. Order matters:
the queue takes the event before it is remembered, so that a crash in between makes a duplicate (which is harmless
further on) and never a loss.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from texting.errors import Contended, TooLarge, Unknown, Unreadable
from texting.flows.again import again
from texting.flows.needs import World
from texting.flows.telling import told
from texting.practice import Connection
from texting.records import Quarantined, Seen
from texting.sources import fhir, generic, signature
from texting.values import Actor, Ignored, Raw
from texting.writes import Change, New

MOST_BYTES = 256 * 1024
"""Ample for an appointment (`facts/scheduling.md` §3), and what a queue takes after base64."""


class EventQueue(Protocol):
    """Where accepted events wait for the scheduling function."""

    def send(self, body: Mapping[str, Any], delay_seconds: int = 0) -> None: ...


@dataclass(frozen=True, slots=True)
class Knock:
    """One HTTP request at the scheduling door. `headers` keep every value of a repeated header."""

    connection: str
    raw: bytes
    headers: Mapping[str, Sequence[str]]
    at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What the sender is told."""

    status: int
    body: Mapping[str, Any]


def take_in(world: World, queue: EventQueue, secrets_of: Callable[[str], Sequence[str]], knock: Knock) -> Answer:
    """Answer one knock. Raises Unknown (404), TooLarge (413), BadSignature (401), Unavailable (503)."""
    connection = world.practice.connection(knock.connection)
    if connection is None:
        raise Unknown("There is no connection of this name; look at [[connections]] in practice.toml.")
    if len(knock.raw) > MOST_BYTES:
        raise TooLarge(f"The body has more than {MOST_BYTES // 1024} KiB; send one appointment at a time.")
    event_id = _checked_sender(connection, secrets_of(connection.secret_name), knock)
    seen_id = world.ids.event_id(connection.name, event_id)
    seen = world.store.seen(seen_id)
    if seen is not None:
        return _again(seen, event_id)
    try:
        ignored = _only_noise(connection, event_id, knock)
    except Unreadable as reason:
        return _keep_in_quarantine(world, connection, event_id, seen_id, knock, reason)
    if not ignored:
        queue.send(_queued(connection, event_id, knock))
    return _remember(world, Seen(connection.name, seen_id, knock.at, "ignored" if ignored else "accepted"), event_id)


def _checked_sender(connection: Connection, secrets: Sequence[str], knock: Knock) -> str:
    """The event's id, once the sender is known."""
    if connection.kind == "standard-webhooks":
        return signature.verify(knock.raw, knock.headers, secrets, knock.at).event_id
    signature.bearer(knock.headers, secrets)
    return "fhir-" + hashlib.sha256(_fhir_marks(connection, knock)).hexdigest()[:32]


def _fhir_marks(connection: Connection, knock: Knock) -> bytes:
    """What makes a FHIR delivery the same one again: its resources' versions, for servers number nothing themselves.

    A bare hint carries no version: two equal ones can be two changes, so its arrival is part of its id.
    """
    try:
        found = fhir.parse(knock.raw, source=connection.name, received_at=knock.at)
    except Unreadable:
        return knock.raw
    return "\n".join(one.event_id for one in found).encode()


def _only_noise(connection: Connection, event_id: str, knock: Knock) -> bool:
    """Whether the event is known and irrelevant. Raises Unreadable for a body that is not what it claims."""
    if connection.kind == "standard-webhooks":
        found = generic.parse(knock.raw, source=connection.name, event_id=event_id, received_at=knock.at)
        return isinstance(found, Ignored)
    events = fhir.parse(knock.raw, source=connection.name, received_at=knock.at)
    return all(isinstance(one, Ignored) for one in events)


def _queued(connection: Connection, event_id: str, knock: Knock) -> dict[str, Any]:
    return {
        "door": "webhook",
        "connection": connection.name,
        "kind": connection.kind,
        "event_id": event_id,
        "received_at": knock.at.isoformat(),
        "body_b64": base64.b64encode(knock.raw).decode(),
    }


def _remember(world: World, seen: Seen, event_id: str) -> Answer:
    try:
        world.store.commit(New(seen))
    except Contended:
        return _again(seen, event_id)
    accepted = {"accepted": True, "event_id": event_id}
    return Answer(202, accepted | ({"ignored": True} if seen.outcome == "ignored" else {}))


def _again(seen: Seen, event_id: str) -> Answer:
    if seen.outcome.startswith("q_"):
        return Answer(202, {"accepted": False, "quarantine_id": seen.outcome, "duplicate": True})
    return Answer(202, {"accepted": True, "event_id": event_id, "duplicate": True})


def _keep_in_quarantine(
    world: World, connection: Connection, event_id: str, seen_id: str, knock: Knock, reason: Unreadable
) -> Answer:
    kept = Quarantined(
        quarantine_id="q_" + seen_id.removeprefix("e_"),
        source=connection.name,
        door=connection.kind,
        event_id=event_id,
        code=reason.code,
        sentence=reason.sentence,
        at=knock.at,
        body=Raw(base64.b64encode(knock.raw).decode()),
    )
    try:
        world.store.commit(
            New(kept), New(Seen(connection.name, seen_id, knock.at, kept.quarantine_id)), quarantined(kept)
        )
    except Contended:
        return _again(Seen(connection.name, seen_id, knock.at, kept.quarantine_id), event_id)
    return Answer(202, {"accepted": False, "quarantine_id": kept.quarantine_id, "reason": reason.sentence})


def quarantined(kept: Quarantined) -> Any:
    """The evidence that something could not be read."""
    facts = {"connection": kept.source, "reason": kept.code}
    # The same event may come again when this one has been disposed of, and come back from a replay at any time.
    once = f"{kept.at.isoformat()} {kept.rev}" if kept.rev else kept.at.isoformat()
    return told("event.quarantined", kept.at, kept.quarantine_id, facts, once=once, actor=Actor("source", kept.source))


def replay(world: World, queue: EventQueue, quarantine_id: str, actor: Actor, now: datetime) -> str:
    """Put what was quarantined before the pipeline again, once the fault is mended. Returns the state it is then in.

    It lies in quarantine until the queue has it, and whoever reads it changes it: one that was read, in vain, before we
    came to note it as replayed stays where it is. What still cannot be read goes back with its reason. Raises Unknown.
    """
    kept = again(lambda: _about_to(world, quarantine_id, actor, now))
    queue.send(
        {
            "door": "replay",
            "connection": kept.source,
            "kind": kept.door,
            "event_id": kept.event_id,
            "received_at": kept.at.isoformat(),
            "body_b64": kept.body.reveal(),
            "quarantine_id": kept.quarantine_id,
        }
    )
    try:
        world.store.commit(Change(replace(kept, state="replayed", rev=kept.rev + 1)))
    except Contended:
        return "quarantined"
    return "replayed"


def _about_to(world: World, quarantine_id: str, actor: Actor, now: datetime) -> Quarantined:
    """What is to be replayed, with the evidence written that somebody does. Raises Unknown."""
    kept = world.store.quarantined(quarantine_id)
    if kept is None or kept.state != "quarantined":
        raise Unknown("Nothing of this id is in quarantine; look at the list.")
    asked = replace(kept, replayed_at=now)
    once, facts = f"{kept.at.isoformat()} {kept.rev}", {"connection": kept.source}
    world.store.commit(Change(asked), told("event.replayed", now, quarantine_id, facts, once=once, actor=actor))
    return asked
