"""A sending number's pace, shared by every sender that runs at the same moment, through conditional writes.

A text that may go takes its part of the pace and goes, at once or after a moment. One that may not lines up: it is held
with reason `pace`, and its own id comes back to the sender as a tick at about the time its place is reached. A tick sends
whoever is first in line, not its own text. There is a tick for each text in line, as far as the queue can keep them back;
beyond that a tick that has served goes round again. Arithmetic: `rules.pace`.
"""

import math
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from texting.errors import Contended
from texting.flows.needs import World, month_of
from texting.flows.tasks import new_task
from texting.records import Message, Pace, Task
from texting.rules import pace as rules
from texting.values import State
from texting.writes import Change, Write

T = TypeVar("T")
PATIENCE, NONE = timedelta(seconds=1), timedelta(0)
"""What a sender waits with a text in hand that a person waits for, or whose turn in line has nearly come. Whatever else is
due lines up at once: senders that wait would keep the queue from whoever comes after, and the line from its order."""
FARTHEST = timedelta(minutes=15)
"""How long a queue can keep a tick back."""
TRIES = 25
"""Ten senders that meet at one item are through in ten tries."""
MOST_CALLS = 10_000
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
    """Take a text's turn: how long to wait for it. None when it has to line up.

    Nothing overtakes those in line but what a person waits for.
    """
    person = rules.waits_for_person(message)

    def turn(pace: Pace) -> tuple[timedelta | None, Pace | None]:
        if pace.texts and not person:
            return None, None
        return _let_go(world, message, pace, now, PATIENCE if person else NONE)

    return _turned(world, line_of(world), turn)


def line_up(world: World, message: Message, deadline: datetime, now: datetime) -> tuple[datetime, bool] | None:
    """Count a text in at the end of the line: when that will be reached, and whether to send a tick then. None when there
    is no room in time."""
    order, person = rules.order_of(message, deadline), rules.waits_for_person(message)

    def turn(pace: Pace) -> tuple[tuple[datetime, bool] | None, Pace | None]:
        step = _step(world, pace, now)
        if not person and not rules.has_room(pace, order, message.parts, step, now):
            return None, None
        after = rules.joined(pace, order, message.parts)
        wanted = rules.wants_tick(after, step, FARTHEST)
        return (rules.slot(pace, step, now), wanted), rules.ticked(after, int(wanted))

    return _turned(world, line_of(world), turn)


@dataclass(slots=True)
class Turn:
    """One tick's visit to a line: at most one turn is taken, and it goes to the first who can use it."""

    world: World
    line: str
    found: bool = False
    taken: bool = False

    def first_in_line(self, tick: Message) -> Iterator[Message]:
        """The first few texts in line, each read afresh; at last the tick's own, which the index may not know of yet."""
        for known in self.world.store.in_line(self.line, NEXT):
            message = self.world.store.message(known.message_id)
            if message is not None and message.line == self.line and stands_in_line(message):
                self.found = True
                yield message
        if not self.found and stands_in_line(tick):
            self.found = True
            yield tick

    def near(self, message: Message, now: datetime) -> bool:
        """Whether the turn of a text is ours already, or near enough to wait for."""
        pace = self.world.store.pace(self.line)
        wait = rules.wait(pace, _step(self.world, pace, now), now, person=rules.waits_for_person(message))
        return self.taken or wait <= PATIENCE

    def take(self, message: Message, now: datetime) -> timedelta | None:
        """Take the turn for a text: how long to wait for it. None when it is too far away after all."""
        if self.taken:
            return NONE
        wait = _turned(self.world, self.line, lambda pace: _let_go(self.world, message, pace, now, PATIENCE))
        self.taken = wait is not None
        return wait

    def served(self, tick: Message, gone: Sequence[Message], now: datetime) -> None:
        """Count out who left the line, and the tick that served them; it goes round again where others still need it.

        Where nobody stood it ends, and so do the counts.
        """

        def counted(pace: Pace) -> tuple[datetime | None, Pace | None]:
            if not self.found:
                return None, rules.emptied(pace) if pace.texts or pace.ticks else None
            for message in gone:
                pace = rules.left(pace, message.line_at or "", message.parts)
            step, pace = _step(self.world, pace, now), rules.ticked(pace, -1)
            if not rules.wants_tick(pace, step, FARTHEST):
                return None, pace
            return rules.slot(pace, step, now), rules.ticked(pace, 1)

        at = _turned(self.world, self.line, counted)
        if at:
            put_tick(self.world, tick.message_id, at, now)


def put_tick(world: World, message_id: str, at: datetime, now: datetime) -> None:
    """Put a text's id before the sender at `at`, or as late as the queue allows."""
    seconds = math.ceil(min(at - now, FARTHEST).total_seconds())
    world.outbox.put(message_id, delay_seconds=max(seconds, 1))


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


def line_of_calls(world: World, task: Task) -> str:
    """The line in which the texts of a call list stand: that of the day it was opened."""
    return f"calls#{_day(world, task.opened_at)}"


def on_call_list(world: World, task: Task, most: int = MOST_CALLS, after: str = "") -> tuple[Message, ...]:
    """The texts that could not go on the day a call list was opened, earliest deadline first; their patients are to be
    called. At most `most` of them, behind the place `after`."""
    return world.store.in_line(line_of_calls(world, task), most, after)


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


def _let_go(
    world: World, message: Message, pace: Pace, now: datetime, patience: timedelta
) -> tuple[timedelta | None, Pace | None]:
    step = _step(world, pace, now)
    wait = rules.wait(pace, step, now, person=rules.waits_for_person(message))
    if wait > patience:
        return None, None
    return wait, rules.taken(pace, message.parts, step, now + wait)


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
