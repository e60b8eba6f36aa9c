"""EventBridge rules on a schedule, fired on the box's clock, with naps through the time in which nothing can happen.

A year of `rate(1 minute)` is half a million invocations that find nothing. So a rule may nap once its run did exactly what
its last one did. One that comes round more often than every quarter of an hour naps for up to an hour if it only looked (or
touched a lease) and nobody has written since; any rule naps where a single move of the clock would bring it round more than
`MOST` times. Two things hold whatever the length of a move: a rule that naps wakes at its next tick as soon as anybody else
writes, and the last tick before the moment asked for always runs, so that whoever looks then sees nothing left undone.
"""

import math
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from box.runtime.bus import Rule
from box.runtime.schedules import interval
from box.runtime.template import TemplateRefused
from box.runtime.worker import wrote
from box.timer import Ticket, Timer

OFTEN = timedelta(minutes=15)
LONGEST_NAP = timedelta(hours=1)
MOST = 100
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


class Changes:
    """Counts what was written in the box, so that a rule can tell whether anything happened."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.count = 0
        self.heard: list[Callable[[], object]] = []

    def add(self) -> None:
        """Something was written: wake whoever naps."""
        with self._lock:
            self.count += 1
        for wake in self.heard:
            wake()


class Cron:
    """`cron(minute hour day-of-month month day-of-week year)` in UTC, as EventBridge reads it."""

    def __init__(self, expression: str) -> None:
        fields = expression.removeprefix("cron(").removesuffix(")").split()
        if len(fields) != 6:
            raise TemplateRefused(f"{expression} is not a cron expression of six fields.")
        ranges = ((0, 59), (0, 23), (1, 31), (1, 12), (1, 7), (1970, 2199))
        self._sets = [_numbers(field, *span, expression) for field, span in zip(fields, ranges, strict=True)]
        self._any_day = fields[4] in "*?"

    def after(self, moment: datetime) -> datetime:
        """The first time it comes round after `moment`."""
        minutes, hours, *_ = self._sets
        day = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        for _ in range(366 * 10):
            if self._on(day):
                times = (day.replace(hour=hour, minute=minute) for hour in sorted(hours) for minute in sorted(minutes))
                found = next((time for time in times if time > moment), None)
                if found:
                    return found
            day += timedelta(days=1)
        raise TemplateRefused("A cron expression never comes round.")

    def _on(self, day: datetime) -> bool:
        _, _, days, months, weekdays, years = self._sets
        weekday = day.isoweekday() % 7 + 1
        return day.year in years and day.month in months and day.day in days and weekday in weekdays


class Periodic:
    """One rule on a schedule. `run` fires it and returns the AWS calls that took."""

    def __init__(self, rule: Rule, timer: Timer, changes: Changes, run: Callable[[Rule, datetime], list[str]]) -> None:
        self.rule, self.timer, self.changes, self.run = rule, timer, changes, run
        self._horizon: datetime | None = None
        self._nap = timedelta(0)
        self.every = interval(rule.schedule)
        self._cron = None if self.every else Cron(rule.schedule)
        self._started = timer.clock.now()
        self._seen = -1
        self._calls: list[str] = []
        self._busy = False
        self._ticket: Ticket | None = None
        changes.heard.append(self.wake)
        self._wait_until(self.tick_after(self._started))

    def tick_after(self, moment: datetime) -> datetime:
        """The rule's next regular tick after `moment`."""
        if self._cron:
            return self._cron.after(moment)
        assert self.every is not None
        return self._started + self.every * (math.floor((moment - self._started) / self.every) + 1)

    def until(self, moment: datetime | None) -> None:
        """The clock is about to move to this moment; None when it has arrived."""
        self._horizon = moment
        often = self.every is not None and self.every < OFTEN
        span = (moment - self.timer.clock.now()) / MOST if moment else timedelta(0)
        self._nap = max(span, LONGEST_NAP) if often else span

    def wake(self) -> None:
        """Somebody wrote something: be there at the next regular tick."""
        if not self._busy and self.every and self._ticket and not self._ticket.cancelled:
            regular = self.tick_after(self.timer.clock.now())
            if self._ticket.when > regular:
                self.timer.cancel(self._ticket)
                self._wait_until(regular)

    def _fire(self) -> None:
        moment = self.timer.clock.now()
        before, self._busy = self.changes.count, True
        try:
            calls = self.run(self.rule, moment)
        finally:
            self._busy = False
        same = calls == self._calls
        heartbeat = same and heartbeat_only(calls)
        if not heartbeat and wrote(calls):
            self.changes.add()
        idle = heartbeat and before == self._seen if self.every else same
        self._calls, self._seen = calls, self.changes.count
        self._wait_until(self._next(moment, idle))

    def _next(self, moment: datetime, idle: bool) -> datetime:
        regular = self.tick_after(moment)
        if not idle or self._horizon is None:
            return regular
        return max(regular, min(self._last_before(moment + self._nap), self._last_before(self._horizon)))

    def _last_before(self, moment: datetime) -> datetime:
        """The last regular tick at or before a moment."""
        if self.every:
            return self._started + self.every * math.floor((moment - self._started) / self.every)
        tick = self.tick_after(moment - timedelta(days=8))
        while (following := self.tick_after(tick)) <= moment:
            tick = following
        return tick

    def _wait_until(self, when: datetime) -> None:
        self._ticket = self.timer.at(when, f"rule {self.rule.name}", self._fire)


def heartbeat_only(calls: list[str]) -> bool:
    """Whether these calls only look, and at most touch a lease: evidence of a change is never a plain update."""
    return not wrote([call for call in calls if call != "UpdateItem"])


def _numbers(field: str, low: int, high: int, expression: str) -> frozenset[int]:
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        start = low if first in "*?" else _number(first, expression)
        end = high if first in "*?" or (step and not last) else _number(last or first, expression)
        found.update(range(start, end + 1, int(step or 1)))
    if not found or not found <= set(range(low, high + 1)):
        raise TemplateRefused(f"{expression} is out of range.")
    return frozenset(found)


def _number(word: str, expression: str) -> int:
    if word.upper() in DAYS:
        return DAYS.index(word.upper()) + 1
    if word.upper() in MONTHS:
        return MONTHS.index(word.upper()) + 1
    if not word.isdigit():
        raise TemplateRefused(f"{expression} uses {word}, which the box does not understand.")
    return int(word)
