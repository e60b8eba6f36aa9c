"""How long an event that could not be read is kept, and whether it may go: never unseen, never while a replay is under way.

No law asks for it: the scheduling system has the visit, and what we hold is a body that may name a patient. The days are
the practice's own (`[retention] quarantine_days`), and a hold on anybody outranks them, because nobody knows whose it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from texting.rules.retention import Dispose, Hold, Keep

NOTICE = timedelta(days=14)
"""What is still open is announced this long before it goes: two weeks cover a vendor's absence."""
DAY = timedelta(days=1)
UNDER_WAY = timedelta(days=30)
"""A replayed event may lie in its queue for days and then in a dead letter queue for fourteen; it may come back."""
_PRACTICE = "practice.toml, [retention] quarantine_days"
_OURS = "policy of this project, not law"


@dataclass(frozen=True, slots=True)
class Event:
    """An event that could not be read: the days on which it came, was replayed last, and was announced to people.

    `is_open` while it waits for a replay.
    """

    came_on: date
    is_open: bool = True
    replayed_on: date | None = None
    announced_on: date | None = None


def goes_on(came_on: date, days: int) -> date:
    """The first day on which what came on `came_on` may be disposed of, if it was announced in time."""
    return came_on + goes_after(days)


def goes_after(days: int) -> timedelta:
    """How long after the day of its coming an event may be disposed of."""
    return timedelta(days=days + 1)


def to_announce(event: Event, holds: Sequence[Hold], today: date, days: int) -> bool:
    """Whether people must be told now that an open event is about to go, which none does while a hold stands."""
    soon = goes_on(event.came_on, days) <= today + NOTICE
    return soon and event.is_open and event.announced_on is None and not _standing(holds, today)


def verdict(event: Event, holds: Sequence[Hold], today: date, days: int) -> Dispose | Keep:
    """Whether `event` may be disposed of on `today`, and what keeps it longest."""
    for hold in _standing(holds, today):
        return Keep(None, f"legal hold {hold.hold_id}", "nobody knows whose this is, and a hold outranks every clock")
    clocks = [Keep(goes_on(event.came_on, days) - DAY, f"{days} days in quarantine", _PRACTICE)]
    if event.replayed_on:
        clocks.append(Keep(event.replayed_on + UNDER_WAY, "a replay may be under way", _OURS))
    if event.is_open:
        clocks.append(Keep((event.announced_on or today) + NOTICE - DAY, "two weeks' notice to people", _OURS))
    longest = max(clocks, key=lambda clock: clock.until or date.min)
    if longest.until is None or today <= longest.until:
        return longest
    return Dispose(longest.until + DAY, longest.clock, longest.citation)


def _standing(holds: Sequence[Hold], today: date) -> list[Hold]:
    return [hold for hold in holds if hold.lifted_on is None or today < hold.lifted_on]
