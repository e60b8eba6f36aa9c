"""A sending number's pace, shared by every sender that runs at the same moment, through conditional writes.

A text that may go takes its part of the pace and goes, at once or after a moment. One that may not lines up: it is held
with reason `pace`, and its own id comes back to the sender as a tick at about the time its place is reached. A tick sends
whoever is first in line, not its own text; there are never fewer ticks than texts in line. Arithmetic: `rules.pace`.
"""

import math
import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from texting.errors import Contended
from texting.flows.needs import World, month_of
from texting.flows.tasks import new_task
from texting.records import Message, Pace
from texting.rules import pace as rules
from texting.values import State
from texting.writes import Change, Write

T = TypeVar("T")
PATIENCE = timedelta(seconds=1)
"""What a sender waits with a text in hand; a batch of ten must be done in its function's 30 seconds."""
FARTHEST = 900
"""Seconds that a queue can keep a tick back; one that is due later comes back and goes to the end again."""
TRIES = 25
"""Ten senders that meet at one item are through in ten tries."""
NEXT = 5
"""Texts looked at by one tick: the first in line, and the next ones in case others were quicker."""
SLOWS = frozenset({"THROTTLED", "UNREACHABLE"})
CALLS = frozenset({"no_room", "spend_limit"})
"""Refusals after which somebody should call the patient instead."""
NO_MONEY = "MONTHLY_SPEND_LIMIT_REACHED"
"""How the carrier's word for a used-up month begins; it then names the channel."""


def line_of(world: World) -> str:
    """The line before the practice's sending number or pool, by an opaque id."""
    return "line_" + world.ids.digest("origination " + world.practice.sending.origination)[:24]


def pace_of(world: World) -> Pace:
    """How fast the practice's sending number may text now."""
    return world.store.pace(line_of(world))


def stands_in_line(message: Message) -> bool:
    """Whether it waits for its turn."""
    return message.state is State.HELD and message.line is not None


def take(world: World, message: Message, now: datetime) -> timedelta | None:
    """Take a text's turn: how long to wait for it, at most a second. None when it has to line up.

    Nothing overtakes those in line but what a person waits for.
    """
    person = rules.waits_for_person(message)

    def turn(pace: Pace) -> tuple[timedelta | None, Pace | None]:
        return (None, None) if pace.waiting and not person else _let_go(world, message, pace, now)

    return _turned(world, line_of(world), turn)


def take_from_line(world: World, message: Message, now: datetime) -> timedelta | None:
    """Take the turn of a text that stands in line, and count it out. None when it is too early."""

    def turn(pace: Pace) -> tuple[timedelta | None, Pace | None]:
        return _let_go(world, message, rules.left(pace, message.line_at or "", message.parts), now)

    return _turned(world, message.line or "", turn)


def too_early(world: World, message: Message, now: datetime) -> bool:
    """Whether the turn of a text in line is too far away to wait for."""
    pace = world.store.pace(message.line or "")
    return rules.wait(pace, _step(world, pace, now), now, person=rules.waits_for_person(message)) > PATIENCE


def line_up(world: World, message: Message, deadline: datetime, now: datetime) -> datetime | None:
    """Count a text in at the end of the line, and say when that will be reached. None when there is no room in time."""
    order, person = rules.order_of(message, deadline), rules.waits_for_person(message)

    def turn(pace: Pace) -> tuple[datetime | None, Pace | None]:
        step = _step(world, pace, now)
        if not person and not rules.has_room(pace, order, message.parts, step, now):
            return None, None
        return rules.slot(pace, step, now), rules.joined(pace, order, message.parts)

    return _turned(world, line_of(world), turn)


def leave(world: World, message: Message) -> None:
    """Count out a text that leaves the line without being sent."""
    _turned(world, message.line or "", lambda pace: (None, rules.left(pace, message.line_at or "", message.parts)))


def first_in_line(world: World, line: str, tick: Message) -> Iterator[Message]:
    """The first few texts in line, each read afresh; at last the tick's own, which the index may not know of yet."""
    seen = []
    for known in world.store.in_line(line, NEXT):
        message = world.store.message(known.message_id)
        if message is not None and message.line == line and stands_in_line(message):
            seen.append(message.message_id)
            yield message
    if not seen and stands_in_line(tick):
        yield tick


def tick(world: World, message_id: str, at: datetime, now: datetime) -> None:
    """Put a text's id before the sender at `at`, or as late as the queue allows."""
    seconds = math.ceil((at - now).total_seconds())
    world.outbox.put(message_id, delay_seconds=min(max(seconds, 1), FARTHEST))


def tick_again(world: World, message: Message, line: str, now: datetime) -> None:
    """A tick that could send nothing goes to the end of the line; where nobody stands, it ends, and the count with it."""
    pace = world.store.pace(line)
    if stands_in_line(message) or world.store.in_line(line, 1):
        tick(world, message.message_id, rules.slot(pace, _step(world, pace, now), now), now)
    elif pace.waiting:
        _emptied(world, pace)


def slow(world: World, reason: str, now: datetime) -> None:
    """The carrier asked to slow down. A quota of one recipient's slows nobody else."""
    if reason not in SLOWS:
        return
    with suppress(Contended):  # a hint, and the text itself is in safety already
        _turned(world, line_of(world), lambda pace: (None, rules.slowed(pace, now)))


def out_of_money(world: World, now: datetime) -> None:
    """The carrier says that the account's month is used up: nothing is tried for a day, or until the next month."""
    until = min(now + timedelta(days=1), _next_month(now))
    with suppress(Contended):
        _turned(world, line_of(world), lambda pace: (None, replace(pace, spent_until=until)))


def to_be_called(world: World, message: Message, now: datetime) -> Message:
    """The message on the day's list of patients to call instead."""
    order = f"{message.deadline.astimezone(UTC):%Y-%m-%dT%H:%M:%S}#{message.message_id}"
    return replace(message, line=f"calls#{_day(world, now)}", line_at=order)


def call_list(world: World, now: datetime, reason: str) -> list[Write]:
    """The writes that open the day's task to call the patients listed, and the month's about money, if none stands."""
    wanted = [("call_list", _day(world, now))]
    if reason == "spend_limit":
        wanted.append(("spend_limit", month_of(now)))
    return [write for kind, once in wanted for write in _task_once(world, kind, once, now)]


def _task_once(world: World, kind: str, once: str, now: datetime) -> list[Write]:
    """A task that collects many: opened unless it stands open; one that was closed too early is followed by another."""
    for count in range(1, 10):
        writes = new_task(world, kind, now, once=f"{once}#{count}")
        known = world.store.task(writes[0].record.task_id)  # type: ignore[union-attr]
        if known is None:
            return writes
        if known.state == "open":
            return []
    return []


def _day(world: World, now: datetime) -> str:
    """The front desk's calendar day."""
    return f"{now.astimezone(ZoneInfo(world.practice.locations[0].time_zone)).date()}"


def _next_month(now: datetime) -> datetime:
    return (now.replace(day=1, hour=0, minute=0, second=0, microsecond=0) + timedelta(days=32)).replace(day=1)


def _step(world: World, pace: Pace, now: datetime) -> timedelta:
    return rules.interval(world.practice.sending.texts_per_second, pace, now)


def _let_go(world: World, message: Message, pace: Pace, now: datetime) -> tuple[timedelta | None, Pace | None]:
    step = _step(world, pace, now)
    wait = rules.wait(pace, step, now, person=rules.waits_for_person(message))
    if wait > PATIENCE:
        return None, None
    return wait, rules.taken(pace, message.parts, step, now + wait)


def _emptied(world: World, pace: Pace) -> None:
    with suppress(Contended):  # somebody came meanwhile: the count lives again
        world.store.commit(Change(replace(pace, waiting={})))


def _turned(world: World, line: str, turn: Callable[[Pace], tuple[T, Pace | None]]) -> T:
    """What `turn` answers for the pace as it stands, once the pace it leaves behind is written. Raises Contended."""
    for _ in range(TRIES):
        answer, after = turn(world.store.pace(line))
        if after is None:
            return answer
        try:
            world.store.commit(Change(after))
        except Contended:
            world.pause(secrets.randbelow(40) / 1000)
            continue
        return answer
    raise Contended("The pace of the sending number could not be written; the queue brings this text again.")
