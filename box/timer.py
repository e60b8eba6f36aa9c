"""The box's timer: everything that is to happen later waits here, and happens in order as the clock moves.

`move_to` is how the box's time passes. Each due instant runs at its own time, then the caller's `settle` drains what
it set in motion (queues, workers, topics), so that an effect which schedules another one inside the span finds it
run as well. What comes back is an idle box. A callback that fails is kept in `failures` and stops nothing.
"""

import heapq
import itertools
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from box.clock import BoxClock, WentBackwards

SAME_INSTANT_LIMIT = 10_000  # rounds at one instant before we call it a loop; a busy day of the demo stays below 50

log = logging.getLogger(__name__)

Callback = Callable[[], object]


class NeverIdle(RuntimeError):
    """Raised when things due at one instant keep scheduling more for that same instant."""


class MovedWhileMoving(RuntimeError):
    """Raised when a callback of the timer tries to move the clock it is called by."""


@dataclass(order=True)
class Ticket:
    """One thing to be done later; tickets of the same instant run in the order they were made."""

    when: datetime
    order: int
    name: str = field(compare=False)
    callback: Callback = field(compare=False, repr=False)
    every: timedelta | None = field(default=None, compare=False)
    cancelled: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Failure:
    """A callback that raised: which, when on the box's clock, and what."""

    name: str
    at: datetime
    error: Exception


class Timer:
    """Runs callbacks when the box's clock reaches them, one at a time and in order."""

    def __init__(self, clock: BoxClock, settle: Callback | None = None) -> None:
        self.clock = clock
        self.settle = settle
        self.failures: list[Failure] = []
        self._heap: list[Ticket] = []
        self._orders = itertools.count()
        self._changed = threading.Condition()
        self._running = threading.RLock()
        self._moving = False
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def at(self, when: datetime, name: str, callback: Callback) -> Ticket:
        """Have `callback` run at `when`, or at once if that has passed. `name` shows in lists: no patient in it."""
        return self._add(Ticket(when.astimezone(UTC), next(self._orders), name, callback))

    def after(self, seconds: float, name: str, callback: Callback) -> Ticket:
        """Have `callback` run that many box seconds from now."""
        return self.at(self.clock.now() + timedelta(seconds=seconds), name, callback)

    def every(self, interval: timedelta, name: str, callback: Callback, first: datetime | None = None) -> Ticket:
        """Have `callback` run at `first` (one interval from now unless given) and every interval after it."""
        if interval <= timedelta(0):
            raise ValueError("An interval must be longer than nothing.")
        when = first or self.clock.now() + interval
        return self._add(Ticket(when.astimezone(UTC), next(self._orders), name, callback, every=interval))

    def cancel(self, ticket: Ticket) -> None:
        """Take a ticket back; one that has run, or was cancelled before, is left as it is."""
        ticket.cancelled = True

    def pending(self) -> list[tuple[datetime, str]]:
        """Return what waits, soonest first."""
        with self._changed:
            return [(t.when, t.name) for t in sorted(self._heap) if not t.cancelled]

    def pump(self) -> datetime:
        """Run what is due now, and what that brings, until the box is idle; return the time."""
        with self._mover():
            return self._run_until(self.clock.now())

    def move_to(self, moment: datetime) -> datetime:
        """Let time pass up to `moment` and return it, idle; raises `WentBackwards` if it has passed."""
        with self._mover():
            if moment < self.clock.now():
                raise WentBackwards("The clock only goes forwards: ask for a moment that has not passed.")
            return self._run_until(moment)

    def advance(self, span: timedelta) -> datetime:
        """Let that much time pass, as `move_to` does; nothing at all just waits for idle."""
        if span < timedelta(0):
            raise WentBackwards("The clock only goes forwards: ask for a span of zero or more.")
        with self._mover():
            return self._run_until(self.clock.now() + span)

    def serve(self) -> None:
        """Run things by themselves as they fall due, in a thread of our own, until `stop`."""
        self._stopped.clear()
        self._thread = threading.Thread(target=self._serve, name="box-timer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread of `serve`, after what it is doing."""
        self._stopped.set()
        with self._changed:
            self._changed.notify_all()
        if self._thread:
            self._thread.join(timeout=10)

    def _add(self, ticket: Ticket) -> Ticket:
        with self._changed:
            heapq.heappush(self._heap, ticket)
            self._changed.notify_all()
        return ticket

    @contextmanager
    def _mover(self) -> Iterator[None]:
        with self._running:
            if self._moving:
                raise MovedWhileMoving("A callback of the timer cannot move the clock.")
            self._moving = True
            try:
                yield
            finally:
                self._moving = False

    def _run_until(self, target: datetime) -> datetime:
        self._settle()
        rounds, instant = 0, None
        while True:
            batch = self._take(target)
            if not batch and self.clock.now() >= target:
                return self.clock.now()
            moment = batch[0].when if batch else target
            rounds = rounds + 1 if moment == instant else 0
            instant = moment
            if rounds > SAME_INSTANT_LIMIT:
                raise NeverIdle(f"{batch[0].name} keeps scheduling itself for the same instant.")
            self._run(batch, moment)

    def _run(self, batch: list[Ticket], moment: datetime) -> None:
        if moment > self.clock.now():
            self.clock.set(moment)
        for ticket in batch:
            if not ticket.cancelled:  # by one that ran before it at this instant
                self._call(ticket.name, ticket.callback)
            if ticket.every and not ticket.cancelled:
                self._again(ticket, ticket.every)
        self._settle()

    def _again(self, ticket: Ticket, interval: timedelta) -> None:
        """Put the same ticket back, so that whoever holds it can still cancel it."""
        ticket.when, ticket.order = ticket.when + interval, next(self._orders)
        self._add(ticket)

    def _take(self, target: datetime) -> list[Ticket]:
        """Take every ticket of the earliest instant up to `target`."""
        batch: list[Ticket] = []
        with self._changed:
            while self._heap and (self._heap[0].cancelled or self._heap[0].when <= target):
                if not self._heap[0].cancelled and batch and self._heap[0].when != batch[0].when:
                    break
                ticket = heapq.heappop(self._heap)
                if not ticket.cancelled:
                    batch.append(ticket)
        return batch

    def _settle(self) -> None:
        if self.settle:
            self._call("settle", self.settle)

    def _call(self, name: str, callback: Callback) -> None:
        try:
            callback()
        except Exception as error:
            log.exception("%s failed", name)
            self.failures.append(Failure(name, self.clock.now(), error))

    def _serve(self) -> None:
        while not self._stopped.is_set():
            with self._changed:
                patience = self._patience()
                if patience is None or patience > 0:
                    self._changed.wait(patience)
                patience = self._patience()
            if not self._stopped.is_set() and patience is not None and patience <= 0:
                self.pump()

    def _patience(self) -> float | None:
        """Return the seconds until something falls due by itself, or None if only a change can bring that about."""
        while self._heap and self._heap[0].cancelled:
            heapq.heappop(self._heap)
        if not self._heap:
            return None
        wait = (self._heap[0].when - self.clock.now()).total_seconds()
        return max(0.0, wait) if self.clock.live or wait <= 0 else None
