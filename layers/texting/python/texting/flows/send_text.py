"""Journey: a message that is due becomes a text on the patient's phone, or a reason why not.

facts → gate → turn → claim → hand over → record. The turn is taken of the sending number's pace (`flows.pacing`). The
claim is one transaction over the message, the number's standing, the consent and the visit it was decided on (P2); the
carrier is called once, outside any retry (P3); what happens in between leaves a state that the next run understands.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from texting.errors import Contended
from texting.flows import pacing
from texting.flows.deciding import facts_of, noted
from texting.flows.divert import divert
from texting.flows.hand_over import Left, doubt, hand_over, hold, refuse
from texting.flows.needs import World
from texting.flows.telling import of_message
from texting.records import Message, Number
from texting.rules import gate, pace
from texting.rules.purposes import PURPOSES
from texting.values import Divert, Hold, Refuse, Send, State, Verdict
from texting.writes import Change, Evidence, Same, Write

SETTLES = timedelta(minutes=2)
"""A claim older than this was not finished by its own run: the longest run of a sender is 60 s."""


class Overtaken(Contended):
    """What was decided on changed before it could be claimed: nothing was handed over."""


def send_text(world: World, message_id: str, now: datetime) -> str:
    """Decide on one message and carry the verdict out. Returns the state it is left in, or `gone`.

    Raises Contended when somebody else changed what was decided on (ask again), and Unavailable.
    """
    return next(left.state for left in reversed(take_turn(world, message_id, now)) if left.message_id == message_id)


def take_turn(world: World, message_id: str, now: datetime) -> tuple[Left, ...]:
    """What `send_text` does, told of every message that was touched: an id that ever stood in line is a tick for the line
    too, and sends whoever is first in it."""
    message = world.store.message(message_id)
    if message is None:
        return (Left(message_id, "gone"),)
    in_line = pacing.stands_in_line(message)
    own = Left(message_id, str(message.state)) if in_line else _own(world, message, now)
    return (own, *(_serve(world, message, now) if message.line_at else ()))


def _own(world: World, message: Message, now: datetime) -> Left:
    if message.state is State.CLAIMED:
        return _unfinished(world, message, now)
    if message.state not in (State.PLANNED, State.HELD):
        return Left(message.message_id, str(message.state))
    if message.send_at > now:
        world.schedules.set(message.message_id, message.send_at)
        return Left(message.message_id, str(message.state))
    facts, verdict, rested = _decided(world, message, now)
    if not isinstance(verdict, Send):
        return _not_now(world, facts, verdict, rested)
    wait = pacing.take(world, facts.message, now)
    if wait is None:
        return _line_up(world, facts, verdict, rested)
    return _go(world, facts, verdict, _rest(wait, rested - now), rested)


def _serve(world: World, tick: Message, now: datetime) -> tuple[Left, ...]:
    """Send the first in line that may go; those before it that may not leave the line with their reason."""
    queue = tick.line if tick.line and pacing.stands_in_line(tick) else pacing.line_of(world)
    turn = pacing.Turn(world, queue)
    gone, touched = [], []
    for message in turn.first_in_line(tick):
        if not turn.near(message, now):
            break
        came = now
        facts, verdict, now = _decided(world, replace(message, line=None), came)
        try:
            left = _out_of_line(turn, message, facts, verdict, came, now)
        except Overtaken:  # another tick had it: the turn is still ours, for the next one
            continue
        if left is None:
            break
        gone.append(message)
        touched.append(left)
        if isinstance(verdict, Send):
            break
    turn.served(tick, gone, now)
    return tuple(touched)


def _out_of_line(
    turn: pacing.Turn, message: Message, facts: gate.Facts, verdict: Verdict, came: datetime, now: datetime
) -> Left | None:
    """Carry out the verdict on a text that stood in line; None when its turn is too far away. Raises Overtaken."""
    if not isinstance(verdict, Send):
        return _not_now(turn.world, facts, verdict, now)
    wait = turn.take(message, came)
    return None if wait is None else _go(turn.world, facts, verdict, _rest(wait, now - came), now)


def _rest(wait: timedelta, waited: timedelta) -> timedelta:
    """What is left of a wait for a turn. Turns are taken as of the moment a text came, not after the second its recipient
    is left alone: that second belongs to everybody else."""
    return max(wait - waited, timedelta(0))


def _decided(world: World, message: Message, now: datetime) -> tuple[gate.Facts, Verdict, datetime]:
    """The gate's verdict, on what is known once the recipient may be texted again; and when that was."""
    facts = facts_of(world, message, now)
    verdict = gate.decide(facts, now)
    gap = pace.until_next(facts.number.texted_at, now)
    if gap and isinstance(verdict, Send):
        world.pause(gap.total_seconds())
        now += gap
        facts = facts_of(world, message, now)
        verdict = gate.decide(facts, now)
    return facts, verdict, now


def _not_now(world: World, facts: gate.Facts, verdict: Hold | Divert | Refuse, now: datetime) -> Left:
    decided = noted(facts.message, verdict, facts, now)
    if isinstance(verdict, Hold):
        state = hold(world, decided, verdict.until, verdict.reason, now)
    elif isinstance(verdict, Divert):
        state = divert(world, decided, verdict, now)
    else:
        state = refuse(world, decided, verdict, now)
    return Left(decided.message_id, state, verdict.reason)


def _line_up(world: World, facts: gate.Facts, verdict: Send, now: datetime) -> Left:
    """Wait in line for a turn, or be refused at once where that would come too late."""
    lined_up = pacing.line_up(world, facts.message, verdict.deadline, now)
    if lined_up is None:
        return _not_now(world, facts, Refuse("no_room"), now)
    until, tick = lined_up
    held = replace(
        noted(facts.message, Hold(until, "pace"), facts, now),
        state=State.HELD,
        send_at=until,
        line=pacing.line_of(world),
        line_at=pace.order_of(facts.message, verdict.deadline),
    )
    world.store.commit(Change(held), of_message("held", held, now, reason="pace", until=until))
    if tick:
        pacing.put_tick(world, held.message_id, until, now)
    return Left(held.message_id, str(State.HELD), "pace")


def _go(world: World, facts: gate.Facts, verdict: Send, wait: timedelta, now: datetime) -> Left:
    """One's turn has come, now or in a moment. Raises Overtaken."""
    if wait:
        world.pause(wait.total_seconds())
        now += wait
        if verdict.deadline - now < gate.SHORTEST_LIFE:
            return _not_now(world, facts, Refuse("permit_expired" if facts.message.permit_until else "too_late"), now)
    message = noted(facts.message, verdict, facts, now)
    claimed = replace(message, state=State.CLAIMED, claimed_at=now, deadline=verdict.deadline)
    number = _counted(facts.number, claimed, now)
    try:
        world.store.commit(Change(claimed), Change(number), *_unchanged(facts), _told_claim(claimed, facts, now))
    except Contended as lost:
        raise Overtaken(lost.sentence) from None
    return hand_over(world, replace(claimed, rev=claimed.rev + 1), facts, now)


def _counted(number: Number, message: Message, now: datetime) -> Number:
    """The number with this text counted towards its caps, its welcome noted, and what its next answer may be for."""
    purpose = PURPOSES[message.purpose]
    recent = tuple(at for at in number.sent if now - at < timedelta(days=7))
    of_visit = message.appointment_id is not None or message.purpose == "which_visit"
    return replace(
        number,
        written_at=now if message.author else number.written_at,
        answered_at=number.answered_at if message.author or of_visit else now,
        sent=(*recent, now) if purpose.capped else recent,
        welcomed_at=number.welcomed_at or (now if purpose.about_visit else None),
        texted_at=now,
    )


def _unchanged(facts: gate.Facts) -> tuple[Write, ...]:
    """What the verdict rests on and must still hold when the message is claimed; the number's own change checks it."""
    held: list[Write] = [Same(facts.switch)]
    if facts.consent is not None:
        held.append(Same(facts.consent))
    if facts.visit is not None:
        held.append(Same(facts.visit))
    return tuple(held)


def _told_claim(message: Message, facts: gate.Facts, now: datetime) -> Evidence:
    return of_message(
        "claimed",
        message,
        now,
        standing_version=facts.number.standing,
        consent_version=facts.consent.rev if facts.consent else 0,
        epoch=message.epoch,
        parts=message.parts,
        body_digest=None,
    )


def _unfinished(world: World, message: Message, now: datetime) -> Left:
    """A claim whose run ended before it could record: once it can no longer be running, it is in doubt."""
    if message.claimed_at is not None and now - message.claimed_at < SETTLES:
        raise Contended("Another run has claimed this message and may still be handing it over.")
    return doubt(world, message, now)
