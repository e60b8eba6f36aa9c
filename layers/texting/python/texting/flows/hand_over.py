"""The carrier is asked once, and every answer it can give is recorded; and the ends of a message that does not go (P3).

What the carrier did not take is given back and counted back; what it may have taken is in doubt, and never tried again.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from texting.audit.entries import entry_id
from texting.errors import CarrierBusy, CarrierRefused, Contended, InDoubt
from texting.flows import pacing
from texting.flows.deciding import line
from texting.flows.needs import World, micro, month_of
from texting.flows.tasks import new_task
from texting.flows.telling import of_message
from texting.records import Message, Number
from texting.rules import gate, pace
from texting.values import Hold, Refuse, State
from texting.writes import Change, Write

CALM, SOON = 30, 3
"""Seconds to wait after the carrier asked us to slow down; the latter where a person waits."""


@dataclass(frozen=True, slots=True)
class Left:
    """How a run left a message. `reason` is why, "" when the run had nothing to do."""

    message_id: str
    state: str
    reason: str = ""


def hand_over(world: World, message: Message, facts: gate.Facts, now: datetime) -> Left:
    """Give a claimed message to the carrier, once, and record what came of it."""
    assert message.body is not None  # the gate saw rendered words
    life = int((message.deadline - now).total_seconds())
    try:
        carrier_id = world.carrier.send(
            facts.number.to_dial,
            message.body.reveal(),
            seconds_to_live=life,
            message_id=message.message_id,
        )
    except CarrierBusy as busy:
        return _give_back(world, message, facts, busy, now)
    except CarrierRefused as refused:
        return _refused_by_carrier(world, message, facts, refused, now)
    except InDoubt:
        return doubt(world, message, now)
    handed = replace(message, state=State.HANDED, carrier_id=carrier_id)
    # The carrier's own id is of its own choosing: the ledger takes a digest. A receipt may be quicker than this write
    # and has then already said more than "handed".
    told_handed = of_message("handed", handed, now, carrier=entry_id("carrier", carrier_id))
    with suppress(Contended):
        world.store.commit(Change(handed), told_handed)
    world.store.note_carrier(carrier_id, message.message_id)
    world.store.count("spend", month_of(now), message.parts * micro(world.practice.sending.price_per_part_usd))
    return Left(message.message_id, str(State.HANDED), "permitted")


def _give_back(world: World, message: Message, facts: gate.Facts, busy: CarrierBusy, now: datetime) -> Left:
    """The carrier took nothing: text slower, wait a little and decide anew, as long as the deadline allows."""
    calm = SOON if pace.waits_for_person(message) else CALM
    again = now + timedelta(seconds=calm)
    if again + gate.SHORTEST_LIFE >= message.deadline:
        left = _unsent(world, message, facts, Refuse("too_late"), now)
        pacing.slow(world, busy.reason, now)
        return left
    held = replace(
        message,
        state=State.HELD,
        send_at=again,
        claimed_at=None,
        verdicts=(*message.verdicts, line(Hold(again, "carrier_busy"), now)),
    )
    uncounted = Change(_uncounted(world, message, facts, now))
    world.store.commit(Change(held), uncounted, of_message("held", held, now, reason="carrier_busy", until=again))
    world.outbox.put(message.message_id, delay_seconds=calm)
    pacing.slow(world, busy.reason, now)
    return Left(message.message_id, str(State.HELD), "carrier_busy")


def _uncounted(world: World, message: Message, facts: gate.Facts, now: datetime) -> Number:
    """The number as it was before this text was counted: nobody got it, nor its disclosures if it was the first."""
    number, this = world.store.number(message.number_id) or facts.number, _kept(now)
    sent = tuple(at for at in number.sent if _kept(at) != this)
    first = number.welcomed_at is not None and _kept(number.welcomed_at) == this
    return replace(number, sent=sent, welcomed_at=None if first else number.welcomed_at)


def _kept(at: datetime) -> datetime:
    """The time as tables keep it: to the millisecond, downwards."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def _unsent(world: World, message: Message, facts: gate.Facts, verdict: Refuse, now: datetime) -> Left:
    """Refuse a claimed text that the carrier did not take."""
    refused = replace(message, verdicts=(*message.verdicts, line(verdict, now)))
    state = refuse(world, refused, verdict, now, Change(_uncounted(world, message, facts, now)))
    return Left(message.message_id, state, verdict.reason)


def _refused_by_carrier(
    world: World, message: Message, facts: gate.Facts, refused: CarrierRefused, now: datetime
) -> Left:
    if refused.reason.startswith(pacing.NO_MONEY):
        left = _unsent(world, message, facts, Refuse("spend_limit"), now)
        pacing.out_of_money(world, now)
        return left
    said = line(Refuse("carrier_refused"), now, refused.reason)
    failed = replace(message, state=State.FAILED, verdicts=(*message.verdicts, said))
    writes: list[Write] = [Change(failed), Change(_uncounted(world, message, facts, now))]
    writes.append(of_message("failed", failed, now, reason="carrier_refused", carrier_reason=refused.reason))
    writes += new_task(world, "number_failed", now, message=message, detail=refused.reason)
    world.store.commit(*writes)
    return Left(message.message_id, str(State.FAILED), "carrier_refused")


def doubt(world: World, message: Message, now: datetime) -> Left:
    """Nobody knows whether it went out: never again by itself; receipts or people will say."""
    said = line(Refuse("in_doubt"), now) | {"verdict": "send"}
    doubted = replace(message, state=State.IN_DOUBT, verdicts=(*message.verdicts, said))
    task = new_task(world, "in_doubt_message", now, message=message)
    world.store.commit(Change(doubted), of_message("in_doubt", doubted, now), *task)
    return Left(message.message_id, str(State.IN_DOUBT), "in_doubt")


def hold(world: World, message: Message, until: datetime, reason: str, now: datetime) -> str:
    """Keep the message until `until`. The schedule is set first: firing twice only asks the gate again."""
    world.schedules.set(message.message_id, until)
    held = replace(message, state=State.HELD, send_at=until)
    world.store.commit(Change(held), of_message("held", held, now, reason=reason, until=until))
    return str(State.HELD)


def refuse(world: World, message: Message, verdict: Refuse, now: datetime, *more: Write) -> str:
    """End a message with its reason; where somebody should call the patient instead, put it on the day's list for that."""
    state = State.WITHDRAWN if verdict.reason in gate.WITHDRAWS else State.REFUSED
    refused, task = replace(message, state=state), []
    if verdict.reason in pacing.CALLS and not pace.waits_for_person(message):
        refused = pacing.to_be_called(world, refused, now)
        task = pacing.call_list(world, now, verdict.reason)
    writes = (Change(refused), *more, of_message(str(state), refused, now, reason=verdict.reason))
    try:
        world.store.commit(*writes, *task)
    except Contended:
        if not task:
            raise
        world.store.commit(*writes, *pacing.call_list(world, now, verdict.reason))  # another text opened it just now
    return str(state)
