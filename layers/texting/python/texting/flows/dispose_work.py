"""Journey: what waited for people, and is over, goes too: events that could not be read, and closed tasks (P8).

Nothing that is open goes unseen. Two weeks before an unread event goes, a task names the day; until then it can be
replayed, and what was replayed stays while it may come back. Days and years are the practice's; a hold outranks them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time
from itertools import groupby

from texting.errors import Contended, Reject, Retry
from texting.flows import last_day
from texting.flows.disposing import IDENTITY, TASKS, Run, dispose_of, finish, zone_of
from texting.flows.tasks import close_task, new_task, task_id_of
from texting.records import Disposing, Holds, Stored, quarantine_of
from texting.rules import quarantine
from texting.rules.retention import Hold, Keep
from texting.values import SYSTEM

KIND = "quarantine_ending"
MOST = 100
"""Records of one intent, which are settled well within the time that a night leaves for one."""
Judged = Callable[[Run, Sequence[Stored]], list[Stored]]


def dispose_of_work(run: Run, months: Sequence[str], has_time: Callable[[], bool]) -> bool:
    """Announce and dispose of what is over, `months` being those in which tasks may be due. Returns whether there was time
    for all of it; what could not be settled tonight is counted as failed."""
    events = run.shredder.quarantined(run.today + quarantine.NOTICE - quarantine.goes_after(_days(run)))
    by_day = [tuple(found) for _, found in groupby(events, key=lambda one: one.made_on)]
    for step, records in (*((_day, found) for found in by_day), *((_some_tasks, found) for found in _due(run, months))):
        if not has_time():
            return False
        try:
            finish(run)  # what an earlier one left open comes first
            step(run, records)
        except (Retry, Reject):  # not tonight
            run.night.failed += 1
    _close_announcements(run)
    return True


def _day(run: Run, events: Sequence[Stored]) -> None:
    """A day's events: announced when they are about to go, and disposed of when they may, with the day's key at the end."""
    day = events[0].made_on
    holds = _holds_anywhere(run)
    if any(quarantine.to_announce(one, holds, run.today, _days(run)) for one in _facts(run, events)):
        _announce(run, day)
    going = _events_to_go(run, events)
    for start in range(0, len(going), MOST):
        batch = going[start : start + MOST]
        others = (one.path for one in reversed(events) if one not in batch)
        stays = any(run.shredder.look_at([path]) for path in others)
        dispose_of(run, batch, quarantine_of(day), day.year, key_goes=not stays)


def _announce(run: Run, day: date) -> None:
    """Put before people what is about to go; the task is due when half the time is over, so that the watch sees it late."""
    goes_on = max(quarantine.goes_on(day, _days(run)), run.today + quarantine.NOTICE)
    due = datetime.combine(run.today + quarantine.NOTICE / 2, time(15), UTC)
    task = new_task(run.world, KIND, run.now, once=day.isoformat(), detail=goes_on.isoformat(), due=due)
    with suppress(Contended):  # a night that ran twice
        run.world.store.commit(*task)
    run.night.announced += 1


def _events_to_go(run: Run, events: Sequence[Stored]) -> list[Stored]:
    """Those of a day's events that may be disposed of."""
    holds = _holds_anywhere(run)
    decided = [quarantine.verdict(one, holds, run.today, _days(run)) for one in _facts(run, events)]
    over = bool(events) and quarantine.goes_on(events[0].made_on, _days(run)) <= run.today
    run.night.held += over and any(isinstance(one, Keep) and one.until is None for one in decided)
    return [one for one, verdict in zip(events, decided, strict=True) if not isinstance(verdict, Keep)]


def _facts(run: Run, events: Sequence[Stored]) -> list[quarantine.Event]:
    """What the rules ask of a day's events; days are UTC's, but for the announcement's, which is the practice's."""
    task = run.world.store.task(task_id_of(KIND, events[0].made_on.isoformat())) if events else None
    announced_on = task.opened_at.astimezone(zone_of(run.world)).date() if task else None
    return [quarantine.Event(one.made_on, one.state == "quarantined", one.replayed_on, announced_on) for one in events]


def _due(run: Run, months: Sequence[str]) -> Iterator[tuple[Stored, ...]]:
    """The tasks that are due, so many at a time."""
    found = [one for month in months for one in run.shredder.tasks_due(month, run.today)]
    return (tuple(found[start : start + MOST]) for start in range(0, len(found), MOST))


def _some_tasks(run: Run, due: Sequence[Stored]) -> None:
    """Closed tasks: those that may go do, and the others are put off."""
    going = _tasks_to_go(run, due)
    if going:
        dispose_of(run, going, TASKS, IDENTITY, key_goes=False)


def _tasks_to_go(run: Run, tasks: Sequence[Stored]) -> list[Stored]:
    going = []
    for one in tasks:
        decided = last_day.of_task(run.world, run.shredder, one, run.today)
        if isinstance(decided, Keep):
            run.shredder.put_off(one, last_day.again_on(decided, run.today))
            run.night.put_off += decided.until is not None
            run.night.held += decided.until is None
        else:
            going.append(one)
    return going


def _still(to_go: Judged) -> Callable[[Run, Disposing], Sequence[Holds] | None]:
    """Whether all that is left of an intent may go by the facts of now; then no hold on anybody may come in between."""

    def may_go(run: Run, begun: Disposing) -> Sequence[Holds] | None:
        unchanged = last_day.holds_anywhere(run.world)
        left = run.shredder.as_kept(begun.records)
        return unchanged if len(to_go(run, left)) == len(left) else None

    return may_go


MAY_GO: Mapping[str, Callable[[Run, Disposing], Sequence[Holds] | None]] = {
    "quarantined_events": _still(_events_to_go),
    "closed_tasks": _still(_tasks_to_go),
}
"""By the class of records, whether an open intent may be carried out."""


def _close_announcements(run: Run) -> None:
    """An announcement is over when nothing open is left of its day: replayed, or gone."""
    announced = [task for task in run.world.store.open_tasks() if task.kind == KIND]
    events = run.shredder.quarantined(run.today) if announced else ()
    standing = {task_id_of(KIND, one.made_on.isoformat()) for one in events if one.state == "quarantined"}
    for task in announced:
        if task.task_id not in standing:
            close_task(run.world, task.task_id, "done", SYSTEM, run.now)


def _holds_anywhere(run: Run) -> list[Hold]:
    return [Hold(each, None) for found in last_day.holds_anywhere(run.world) for each in found.standing]


def _days(run: Run) -> int:
    return run.world.practice.retention.quarantine_days
