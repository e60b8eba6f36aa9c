"""Journeys of the operator: stop everything and go on, why a text went or did not, a number let free, a doubt settled.

What is told here holds ids, states, codes and our own sentences: never a number, a name or a word of a text. Looking is
disclosure: evidence of who looked is written before anything is returned (P6).
"""

import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from texting.audit.entries import entry_id
from texting.errors import Reject, Unknown
from texting.flows.needs import Store, World
from texting.flows.tasks import close_task
from texting.flows.telling import of_message, of_number, told
from texting.records import Inbound, Message, Number, Token
from texting.values import Actor, PhoneNumber, State
from texting.writes import Change, New

REASONS = ("incident", "wrong_words", "wrong_people", "carrier_trouble", "maintenance", "drill", "resolved", "other")
"""Why somebody stops or resumes sending. Codes, because the ledger keeps them for ever."""


@dataclass(frozen=True, slots=True)
class Said:
    """One verdict or receipt of a text: when, a code, and a sentence of ours."""

    at: str
    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Why:
    """One text of ours, or one of a patient's (`direction` is out or in), and everything that is known about its way."""

    message_id: str
    direction: str
    purpose: str
    state: str
    at: datetime
    deadline: datetime | None
    verdicts: tuple[Said, ...] = ()
    evidence: tuple[Said, ...] = ()


def stop_everything(store: Store, reason: str, actor: Actor, now: datetime) -> bool:
    """Let nothing out until `resume`. Returns whether it was on before. Raises Contended.

    It asks for the store alone, so that the switch turns even where the practice's settings are broken.
    """
    return _switch(store, True, reason, actor, now)


def resume(store: Store, reason: str, actor: Actor, now: datetime) -> bool:
    """Let texts out again; each asks the gate anew. Returns whether it was stopped before. Raises Contended."""
    return _switch(store, False, reason, actor, now)


def _switch(store: Store, stopped: bool, reason: str, actor: Actor, now: datetime) -> bool:
    if reason not in REASONS:
        raise Reject(f"Choose a reason from {', '.join(REASONS)}.")
    before = store.switch()
    if before.stopped == stopped:
        return False
    after = replace(before, stopped=stopped, by=actor.actor_id, at=now)
    kind = "sending.stopped" if stopped else "sending.resumed"
    store.commit(Change(after), told(kind, now, "practice", {"reason": reason}, once=str(before.rev), actor=actor))
    return True


def why_message(world: World, message_id: str, actor: Actor, now: datetime) -> Why:
    """What became of one text. Raises Unknown."""
    message = world.store.message(message_id)
    if message is None:
        raise Unknown("There is no text of this id.")
    _looked(world, message_id, actor, now)
    return _of_message(message)


def why_appointment(world: World, source: str, source_id: str, actor: Actor, now: datetime) -> tuple[Why, ...]:
    """Every text planned for an appointment, by its id in the scheduling system. Raises Unknown."""
    appointment_id = world.ids.appointment_id(source, source_id)
    if world.store.visit(appointment_id) is None:
        raise Unknown("No appointment of this id came from that connection; look at both spellings.")
    _looked(world, appointment_id, actor, now)
    return _in_order(_of_message(message) for message in world.store.messages_of(appointment_id))


def why_phone(world: World, phone: PhoneNumber, actor: Actor, now: datetime) -> tuple[Number, tuple[Why, ...]]:
    """How a number stands, and every text to and from it, for every patient on it. Raises Unknown."""
    number = _number(world, phone)
    _looked(world, number.number_id, actor, now)
    people: list[str | None] = [None, *world.store.patients_on(number.number_id)]
    threads = {world.ids.thread_id(patient_id, number.number_id) for patient_id in people}
    found = [one for thread in sorted(threads) for one in world.store.timeline(thread)]
    return number, _in_order(_of_message(one) if isinstance(one, Message) else _of_inbound(one) for one in found)


def _number(world: World, phone: PhoneNumber) -> Number:
    number = world.store.number(world.ids.number_id(phone))
    if number is None:
        raise Unknown("Nobody is known by this number here.")
    return number


def _looked(world: World, subject: str, actor: Actor, now: datetime) -> None:
    world.store.commit(
        told("access.read", now, subject, {"scope": "why"}, once=secrets.token_hex(8), actor=actor),
    )


def _in_order(found: Iterable[Why]) -> tuple[Why, ...]:
    return tuple(sorted(found, key=lambda one: (one.at, one.message_id)))


def _of_message(message: Message) -> Why:
    return Why(
        message_id=message.message_id,
        direction="out",
        purpose=message.purpose,
        state=str(message.state),
        at=message.claimed_at or message.send_at,
        deadline=message.deadline,
        verdicts=tuple(_verdict(one) for one in message.verdicts),
        evidence=tuple(Said(str(one.get("at", "")), str(one["type"]).lower(), "") for one in message.evidence),
    )


def _of_inbound(inbound: Inbound) -> Why:
    understood = Said(str(inbound.at.isoformat()), inbound.intent, f"Understood as {inbound.intent or 'nothing yet'}.")
    return Why(inbound.inbound_id, "in", "patient's text", inbound.outcome, inbound.at, None, (understood,))


def _verdict(line: Mapping[str, Any]) -> Said:
    at = line["at"]
    return Said(at if isinstance(at, str) else at.isoformat(), f"{line['verdict']}:{line['reason']}", line["sentence"])


def release_number(world: World, phone: PhoneNumber, actor: Actor, now: datetime) -> str:
    """Let a suspended number be texted again, once somebody has looked. Returns what it was suspended for, or "".

    A STOP is not a suspension: only the patient's own START ends it, and a new consent does not. Raises Unknown, Contended.
    """
    number = _number(world, phone)
    if not number.suspended:
        return ""
    free = replace(number, suspended="")
    world.store.commit(Change(free), of_number("released", free, now, actor, was=number.suspended))
    return number.suspended


def doubtful(store: Store, now: datetime) -> tuple[Message, ...]:
    """The texts in doubt, oldest first."""
    return store.waiting(str(State.IN_DOUBT), now + timedelta(minutes=1))


def settle_doubt(world: World, message_id: str, state: State, actor: Actor, now: datetime) -> Message:
    """A person says what became of a text in doubt: `delivered` or `failed`. Raises Unknown, Reject, Contended."""
    if state not in (State.DELIVERED, State.FAILED):
        raise Reject("A doubt is settled as delivered or as failed.")
    doubted = _doubted(world, message_id)
    settled = replace(doubted, state=state)
    world.store.commit(Change(settled), of_message("reconciled", settled, now, actor, state=str(state)))
    _close(world, message_id, "settled", actor, now)
    return settled


def resend_doubtful(world: World, message_id: str, actor: Actor, now: datetime) -> str:
    """A person decides that a text in doubt did not go out: say it anew, as a text of its own, through the gate.

    The doubtful one ends `failed` and is never sent itself. Returns the new text's id; asking twice gives the same one.
    Raises Unknown, Reject when its deadline has passed, Contended.
    """
    again_id = "m_" + entry_id("resend", message_id)[:24]
    if world.store.message(again_id) is not None:
        return again_id
    doubted = _doubted(world, message_id)
    if doubted.deadline <= now or doubted.permit_until:
        raise Reject("Its time has passed: call the patient, and settle the doubt with `quietline messages settle`.")
    lost, anew = replace(doubted, state=State.FAILED), _anew(doubted, again_id, now)
    reconciled = of_message("reconciled", lost, now, actor, state="failed", reason="said_again")
    planned = of_message("planned", anew, now, actor, replaces=message_id)
    world.store.commit(Change(lost), New(anew), *_uncounted(world, doubted), reconciled, planned)
    world.outbox.put(again_id)
    _close(world, message_id, "said_again", actor, now)
    return again_id


def _anew(doubted: Message, message_id: str, now: datetime) -> Message:
    """The same words as a text of its own, of which nothing is known yet."""
    unknown: dict[str, Any] = {"verdicts": (), "evidence": (), "carrier_id": "", "claimed_at": None, "rev": 0}
    return replace(doubted, message_id=message_id, state=State.PLANNED, planned_at=now, send_at=now, **unknown)


def _uncounted(world: World, doubted: Message) -> list[Change]:
    """The number without the doubtful text among its counted ones, so that saying it again is not a second one."""
    number = world.store.number(doubted.number_id)
    if number is None or doubted.claimed_at not in number.sent:
        return []
    return [Change(replace(number, sent=tuple(at for at in number.sent if at != doubted.claimed_at)))]


def _doubted(world: World, message_id: str) -> Message:
    message = world.store.message(message_id)
    if message is None:
        raise Unknown("There is no text of this id.")
    if message.state is not State.IN_DOUBT:
        raise Reject(f"This text is not in doubt: it is {message.state}.")
    return message


def _close(world: World, message_id: str, outcome: str, actor: Actor, now: datetime) -> None:
    """The task that the doubt opened is done with it."""
    with suppress(Unknown):
        close_task(world, "k_" + entry_id("task", "in_doubt_message", message_id), outcome, actor, now)


def token_id(token: Token) -> str:
    """The id by which a token is listed, revoked and told of in the ledger; nothing of its value."""
    return "c_" + entry_id("token", token.token_hash)


def token_named(store: Store, name: str) -> Token:
    """The living token of this id or name. Raises Unknown, or Reject when several have the name."""
    found = [token for token in store.tokens() if name in (token_id(token), token.name)]
    if not found:
        raise Unknown("No living token has this id or name; look at `quietline token list`.")
    if len(found) > 1:
        raise Reject("Several tokens have this name; revoke by id: `quietline token list`.")
    return found[0]


def overdue(store: Store, now: datetime) -> int:
    """How many tasks are past the time the practice promised."""
    return sum(task.due < now for task in store.open_tasks())


def note_replay(store: Store, queue: str, count: int, actor: Actor, now: datetime) -> None:
    """Evidence, before it is done, that dead letters are tried again or thrown away. `queue` is our word for it."""
    facts = {"scope": queue.replace("-", "_"), "count": count}
    store.commit(told("event.replayed", now, "practice", facts, once=secrets.token_hex(8), actor=actor))


def note_export(store: Store, scope: str, count: int, actor: Actor, now: datetime) -> None:
    """Evidence, before it is done, that records leave the system."""
    facts = {"scope": scope, "count": count}
    store.commit(told("export.made", now, "practice", facts, once=secrets.token_hex(8), actor=actor))
