"""Journey: what should have moved and did not is found, put back or shown (P10).

Putting a text before the sender again is always safe: the sender decides anew, refuses what is late, and turns a claim that
was never finished into `in_doubt`, which is never sent again by itself (P3).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Protocol

from texting.values import State

OVERSLEPT = timedelta(minutes=10)
"""A due text this old has lost its schedule: Scheduler fires within a minute, and gives up after five."""
UNFINISHED = timedelta(minutes=5)
"""A claim this old has lost its run: a sender runs for a minute at most."""
SILENT = timedelta(hours=72)
"""The carrier's last event may take this long (AWS); after that it will not come, and silence proves nothing."""
LATELY = timedelta(days=30)
"""Silence is counted for this long: what the carrier has not told by then it will not tell."""
MOST = 1000
"""Texts put back for each reason in one run, so that a long outage does not become a flood."""


class Sweep(Protocol):
    """Finds by index what has not moved; opens nothing."""

    def stuck(self, state: str, before: datetime) -> Iterable[str]: ...
    def count(self, state: str, before: datetime, since: datetime = ...) -> int: ...
    def overdue(self, now: datetime) -> int: ...
    def published_until(self) -> datetime | None: ...


class Outbox(Protocol):
    """The queue that the sender reads."""

    def put(self, message_id: str, delay_seconds: int = 0) -> None: ...


@dataclass(frozen=True, slots=True)
class Watched:
    """What a look around found, in counts. `lag` is in seconds, None while the ledger has never caught up."""

    put_back: Mapping[str, int] = field(default_factory=dict)
    unconfirmed: int = 0
    in_doubt: int = 0
    overdue: int = 0
    lag: int | None = None


def watch_over(sweep: Sweep, outbox: Outbox, now: datetime) -> Watched:
    """Put back what overslept, and count what only people or the carrier can move. Raises Unavailable."""
    until = sweep.published_until()
    return Watched(
        put_back={
            State.PLANNED: _put_back(outbox, sweep.stuck(State.PLANNED, now - OVERSLEPT)),
            State.HELD: _put_back(outbox, sweep.stuck(State.HELD, now - OVERSLEPT)),
            State.CLAIMED: _put_back(outbox, sweep.stuck(State.CLAIMED, now - UNFINISHED)),
        },
        unconfirmed=sum(sweep.count(state, now - SILENT, now - LATELY) for state in (State.HANDED, State.ACCEPTED)),
        in_doubt=sweep.count(State.IN_DOUBT, now),
        overdue=sweep.overdue(now),
        lag=max(0, int((now - until).total_seconds())) if until else None,
    )


def _put_back(outbox: Outbox, ids: Iterable[str]) -> int:
    count = 0
    for message_id in islice(ids, MOST):
        outbox.put(message_id)
        count += 1
    return count
