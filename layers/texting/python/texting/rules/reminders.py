"""What should be said about a visit, and when: the practice's steps laid onto one appointment.

`plan` promises texts inside the window of every clock the recipient may live by, never before now, never after they
stop being true, each with an id that is the same however often it is planned. Times in and out are aware UTC.
"""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from texting.rules.quiet_hours import UNKNOWN, Rule, next_local, opening, zones_of
from texting.values import Planned, Visit, VisitState

REMINDER_STOPS = timedelta(hours=1)
"""A reminder that comes when the patient must be on the way already helps nobody."""


class Step(Protocol):
    """One text of the practice's plan. `days_before` None means right after booking; `at` is the recipient's clock."""

    @property
    def purpose(self) -> str: ...
    @property
    def slot(self) -> str: ...
    @property
    def days_before(self) -> int | None: ...
    @property
    def at(self) -> time: ...


def message_id(appointment_id: str, epoch: int, purpose: str, slot: str) -> str:
    """The id of one planned text: planned again, it is the same text, so it can never go twice (P3)."""
    named = "\x1f".join((appointment_id, str(epoch), purpose, slot))
    return "m_" + hashlib.sha256(named.encode()).hexdigest()[:24]


def plan(
    visit: Visit, steps: Sequence[Step], now: datetime, *, zones: Sequence[str], rule: Rule, moved: bool | None = None
) -> tuple[Planned, ...]:
    """What to say about `visit` from `now` on, earliest first; nothing unless it stands and lies ahead.

    `zones` are the recipient's, likeliest first, and `rule` their window (`quiet_hours.window`). A visit that `moved`
    (when not said: whose plan is not its first) is told as moved instead of as booked.
    """
    if visit.start is None or visit.start <= now or visit.state not in (VisitState.BOOKED, VisitState.CONFIRMED):
        return ()
    zones = zones or zones_of(UNKNOWN)
    told_anew = visit.epoch > 1 if moved is None else moved
    found = [
        _at_once(visit.start, step, now, rule, told_anew)
        if step.days_before is None
        else _ahead(visit, step, now, zones, rule)
        for step in steps
    ]
    return tuple(sorted(filter(None, found), key=lambda planned: (planned.send_at, planned.slot)))


def _at_once(start: datetime, step: Step, now: datetime, rule: Rule, moved: bool) -> Planned | None:
    """The booking's own text: now, or when the window opens next, and true until the visit starts."""
    purpose = "visit_moved" if moved and step.purpose == "booking_confirmation" else step.purpose
    return _inside(purpose, step.slot, now, start, rule)


def _ahead(visit: Visit, step: Step, now: datetime, zones: Sequence[str], rule: Rule) -> Planned | None:
    """A reminder some calendar days before the visit's own date; none once the visit is confirmed."""
    if visit.start is None or visit.state is VisitState.CONFIRMED:
        return None
    on = visit.start.astimezone(ZoneInfo(visit.zone)).date() - timedelta(days=step.days_before or 0)
    moment = _on_every_clock(on, step.at, now, zones, rule)
    return _inside(step.purpose, step.slot, moment, visit.start - REMINDER_STOPS, rule) if moment else None


def _on_every_clock(on: date, at: time, now: datetime, zones: Sequence[str], rule: Rule) -> datetime | None:
    """When to send what belongs to `at` on the day `on`, which is the likeliest clock's. None when that is past.

    By the likeliest clock; if the hour is closed on another of the recipient's clocks, by the first one that fits them
    all; else when all are open next that day, or not at all.
    """
    likeliest = next_local(now, zones, at, on, rule)
    if likeliest is None:
        return None
    moments = [next_local(now, (zone,), at, on, rule) for zone in zones]
    candidates = [*moments, opening(likeliest, rule).opens_at]
    place = ZoneInfo(zones[0])
    fitting = (one for one in candidates if one and one.astimezone(place).date() == on and opening(one, rule).open)
    return next(fitting, None)


def _inside(purpose: str, slot: str, earliest: datetime, true_until: datetime, rule: Rule) -> Planned | None:
    """The text at the first open moment from `earliest`, until the window closes or `true_until`; None if too late."""
    opens = opening(earliest, rule).opens_at
    closes = opening(opens, rule).closes_at if opens else None
    if not opens or not closes or opens >= true_until:
        return None
    return Planned(purpose, slot, opens, min(closes, true_until))
