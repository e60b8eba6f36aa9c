"""Journey: a carrier's event is kept as evidence, and the message's state is derived anew from all of it.

Any order, any duplication, the same answer (`rules.receipts`). Silence is never a failure, and never a reason to resend.
A text that did not arrive is put before people: the patient expects to hear from us, and does not know that we tried.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from texting.flows.needs import World
from texting.flows.tasks import new_task
from texting.flows.telling import of_message, of_number
from texting.records import Message, Number
from texting.rules import receipts
from texting.values import Actor, State
from texting.writes import Change, Write

CARRIER = Actor("carrier", "sms")
KINDS = {
    State.ACCEPTED: "accepted",
    State.DELIVERED: "delivered",
    State.EXPIRED: "expired",
    State.FAILED: "failed",
}
_MISSED = (State.FAILED, State.EXPIRED)


def note_receipt(world: World, event: Mapping[str, Any], now: datetime) -> str:
    """Take one carrier event in. Returns the message's state, `not_ours` for an unknown message, or `not_a_receipt`.

    Raises Contended when the message is being written at the same moment: the queue brings the event again.
    """
    piece = receipts.evidence(event)
    if piece is None:
        return "not_a_receipt"
    message = _message_of(world, event)
    if message is None:
        return "not_ours"
    known = receipts.joined(message.evidence, piece)
    if known == tuple(message.evidence):
        return str(message.state)
    state = receipts.status(message.state, known)
    carrier_id = message.carrier_id or str(event.get("messageId", ""))
    changed = replace(message, state=state, evidence=known, carrier_id=carrier_id)
    world.store.commit(
        Change(changed),
        *_told(message, changed, str(piece["type"]), now),
        *_learnt(world, message, changed, piece, now),
    )
    return str(state)


def _message_of(world: World, event: Mapping[str, Any]) -> Message | None:
    """By our own opaque context where the event carries it, else by the carrier's id."""
    context = event.get("context")
    message_id = context.get("message_id") if isinstance(context, Mapping) else None
    if not isinstance(message_id, str):
        message_id = world.store.by_carrier(str(event.get("messageId", "")))
    return world.store.message(message_id) if message_id else None


def _told(before: Message, after: Message, kind: str, now: datetime) -> list[Write]:
    if after.state == before.state:
        return []
    facts = {"reason": kind.lower()} if after.state is State.FAILED else {}
    writes: list[Write] = [of_message(KINDS[after.state], after, now, CARRIER, **facts)]
    if before.state is State.IN_DOUBT:
        writes.append(of_message("reconciled", after, now, CARRIER, state=str(after.state)))
    return writes


def _learnt(world: World, before: Message, message: Message, piece: Mapping[str, Any], now: datetime) -> list[Write]:
    """A permanent failure teaches the number's record; it, and every other text that did not arrive, is for people."""
    reason = receipts.PERMANENT.get(str(piece["type"]))
    number = world.store.number(message.number_id) if reason else None
    if reason is None:
        return _not_delivered(world, before, message, piece, now)
    if number is None or number.suspended:
        return []
    suspended: Number = replace(number, suspended=reason)
    task = new_task(world, "number_failed", now, message=message, detail=reason)
    return [Change(suspended), of_number("suspended", suspended, now, CARRIER, reason=reason), *task]


def _not_delivered(
    world: World, before: Message, message: Message, piece: Mapping[str, Any], now: datetime
) -> list[Write]:
    """The task for a text that has just turned out not to have arrived; none for an answer: its patient will ask again."""
    if message.answers or before.state in _MISSED or message.state not in _MISSED:
        return []
    detail = str(piece["type"]).removeprefix("TEXT_").replace("_", " ").lower()
    return new_task(world, "not_delivered", now, message=message, detail=detail)
