"""One-time schedules: EventBridge Scheduler's API, fired to the second on the box's clock.

A name, group, expression, zone or moment AWS would refuse is refused here with its error; a schedule with
ActionAfterCompletion DELETE is gone when it has fired.
"""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from box.runtime.queues import Queues
from box.timer import Ticket, Timer

AT = re.compile(r"at\((\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\)")


class ScheduleRefused(Exception):
    """Raised when the Scheduler's API would answer with an error; `code` is its wire name."""

    def __init__(self, code: str, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.status, self.sentence = code, status, sentence


@dataclass(eq=False)
class Schedule:
    """One schedule as it was asked for, and the ticket that will fire it."""

    name: str
    group: str
    told: Mapping[str, Any]
    when: datetime
    made: datetime
    changed: datetime
    ticket: Ticket


class Schedules:
    """Every schedule of the box; safe to call from any thread."""

    def __init__(self, timer: Timer, queues: Queues, region: str, account: str) -> None:
        self.timer, self.queues = timer, queues
        self.region, self.account = region, account
        self.lock = threading.RLock()
        self.groups: set[str] = {"default"}
        self.by_name: dict[tuple[str, str], Schedule] = {}
        self.seen: list[tuple[str, str]] = []  # every name and input ever asked for: a sink to be searched

    def create(self, name: str, told: Mapping[str, Any]) -> str:
        """Make a schedule and return its ARN; a name in use is a conflict."""
        key = (self._group(told), name)
        with self.lock:
            if key in self.by_name:
                raise ScheduleRefused("ConflictException", 409, f"Schedule {name} already exists.")
            now = self.timer.clock.now()
            self.by_name[key] = self._made(key, told, now)
        return self.arn(*key)

    def update(self, name: str, told: Mapping[str, Any]) -> str:
        """Replace a schedule entirely, as AWS does, and return its ARN."""
        with self.lock:
            old = self.get(name, self._group(told))
            made = self._made((old.group, name), told, old.made)
            self.timer.cancel(old.ticket)
            self.by_name[(old.group, name)] = made
        return self.arn(old.group, name)

    def get(self, name: str, group: str) -> Schedule:
        """A schedule, or ResourceNotFoundException."""
        with self.lock:
            if (group, name) not in self.by_name:
                raise ScheduleRefused("ResourceNotFoundException", 404, f"Schedule {name} does not exist.")
            return self.by_name[(group, name)]

    def delete(self, name: str, group: str) -> None:
        """Take a schedule back."""
        with self.lock:
            self.timer.cancel(self.get(name, group).ticket)
            del self.by_name[(group, name)]

    def all(self) -> list[Schedule]:
        """Every schedule, soonest first."""
        with self.lock:
            return sorted(self.by_name.values(), key=lambda schedule: schedule.when)

    def arn(self, group: str, name: str) -> str:
        """A schedule's ARN."""
        return f"arn:aws:scheduler:{self.region}:{self.account}:schedule/{group}/{name}"

    def _group(self, told: Mapping[str, Any]) -> str:
        group = str(told.get("GroupName", "default"))
        if group not in self.groups:
            raise ScheduleRefused("ResourceNotFoundException", 404, f"Schedule group {group} does not exist.")
        return group

    def _made(self, key: tuple[str, str], told: Mapping[str, Any], made: datetime) -> Schedule:
        when = moment(told["ScheduleExpression"], told.get("ScheduleExpressionTimezone", "UTC"))
        if when < self.timer.clock.now().replace(microsecond=0):
            raise ScheduleRefused("ValidationException", 400, "Invalid Schedule Expression: it is in the past.")
        if ":sqs:" not in told["Target"]["Arn"]:
            raise ScheduleRefused("ValidationException", 400, "The box fires schedules at queues only.")
        self.seen.append((key[1], str(told["Target"].get("Input", ""))))
        schedule = Schedule(key[1], key[0], dict(told), when, made, self.timer.clock.now(), None)  # type: ignore[arg-type]
        schedule.ticket = self.timer.at(when, f"schedule {key[0]}", lambda: self._fire(schedule))
        return schedule

    def _fire(self, schedule: Schedule) -> None:
        target = schedule.told["Target"]
        with self.lock:
            if self.by_name.get((schedule.group, schedule.name)) is not schedule:
                return
            if schedule.told.get("ActionAfterCompletion") == "DELETE":
                del self.by_name[(schedule.group, schedule.name)]
        if schedule.told.get("State", "ENABLED") == "ENABLED":
            self.queues.send(self.queues.named(target["Arn"]), target.get("Input") or "{}")


def moment(expression: str, zone: str) -> datetime:
    """When `at(...)` is, in UTC; raises ScheduleRefused for anything else, recurring expressions included."""
    found = AT.fullmatch(expression)
    if not found or zone not in available_timezones():
        raise ScheduleRefused("ValidationException", 400, "Invalid Schedule Expression or time zone.")
    try:
        return datetime.fromisoformat(found[1]).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except ValueError:
        raise ScheduleRefused("ValidationException", 400, f"Invalid Schedule Expression {expression}.") from None


def interval(expression: str) -> timedelta | None:
    """How often `rate(...)` comes round, or None when it is not a rate."""
    found = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", expression)
    return timedelta(**{f"{found[2]}s": int(found[1])}) if found else None
