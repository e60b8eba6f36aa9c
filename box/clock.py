"""The box's clock: it starts at a date we chose, stands still unless told to run, and never goes back.

Every process of the box sees the same time. The supervisor owns a `BoxClock` and shares it through a 32-byte file;
a worker `install`s that file and puts each invocation inside it, so that the product's own code, which knows
nothing of the box, reads box time from `datetime.now` and `time.time`.
"""

import mmap
import os
import struct
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine

DEFAULT_START = datetime(2026, 12, 1, 15, tzinfo=UTC)  # a Tuesday, mid-morning in Chicago

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAYOUT = struct.Struct("<qqqq")  # sequence number, microseconds since the epoch, monotonic anchor in ns, live or not


class WentBackwards(ValueError):
    """Raised when somebody asks the clock for a moment that has already passed."""


class UnreadableTime(ValueError):
    """Raised when a time or a length of time is not written as the box expects it."""


def parse_time(text: str) -> datetime:
    """Return an ISO 8601 moment as UTC; one without a zone is refused with `UnreadableTime`."""
    try:
        moment = datetime.fromisoformat(text)
    except (ValueError, TypeError):
        raise UnreadableTime("Give the time as ISO 8601, for example 2026-12-01T15:00:00Z.") from None
    if moment.tzinfo is None:
        raise UnreadableTime("Give the time with its zone, for example a trailing Z.")
    return moment.astimezone(UTC)


def written(moment: datetime) -> str:
    """Return a moment as the box writes it: ISO 8601 in UTC with a trailing Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


class BoxClock:
    """Tells the box's time in UTC; it stands still unless it is live, and moves only forwards."""

    def __init__(self, start: datetime = DEFAULT_START, *, live: bool = False) -> None:
        self.live = live
        self._lock = threading.Lock()
        self._base = start.astimezone(UTC)
        self._anchor = time.monotonic_ns()
        self._shared: mmap.mmap | None = None
        self._sequence = 0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "BoxClock":
        """Make the clock that `BOX_START` and `CLOCK=live` ask for."""
        start = environment.get("BOX_START")
        return cls(parse_time(start) if start else DEFAULT_START, live=environment.get("CLOCK") == "live")

    def now(self) -> datetime:
        """Return the box's present moment, in UTC."""
        with self._lock:
            return self._now()

    def set(self, moment: datetime) -> None:
        """Put the clock to a later moment; raises `WentBackwards` for an earlier one. Runs nothing: see `Timer`."""
        with self._lock:
            if moment < self._now():
                raise WentBackwards("The clock only goes forwards: ask for a moment that has not passed.")
            self._base, self._anchor = moment.astimezone(UTC), time.monotonic_ns()
            self._publish()

    def share(self, path: Path) -> Path:
        """Keep the time in a file at `path` from now on, for `install` in other processes."""
        path.write_bytes(bytes(LAYOUT.size))
        with self._lock, path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), LAYOUT.size)
            self._publish()
        return path

    def _now(self) -> datetime:
        return _running(self._base, self._anchor) if self.live else self._base

    def _publish(self) -> None:
        """Write the time between an odd and an even sequence number, so that no reader takes half of it."""
        if self._shared is None:
            return
        moment = (self._base - EPOCH) // timedelta(microseconds=1)
        for parity in (1, 2):
            record = (self._sequence + parity, moment, self._anchor, int(self.live))
            self._shared[:] = LAYOUT.pack(*record)
        self._sequence += 2


class BoxTime:
    """The box's clock as another process sees it; call it to get the context an invocation runs in."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._shared = mmap.mmap(file.fileno(), LAYOUT.size, access=mmap.ACCESS_READ)

    def now(self) -> datetime:
        """Return the box's present moment, in UTC, even inside an invocation that began earlier."""
        return self._read()[0]

    def __call__(self) -> time_machine.travel:
        """Return a context in which this process sees box time, standing at its entry unless the clock is live."""
        moment, live = self._read()
        return time_machine.travel(moment, tick=live)

    def _read(self) -> tuple[datetime, bool]:
        while True:
            before, microseconds, anchor, live = LAYOUT.unpack(self._shared[:])
            (after,) = struct.unpack_from("<q", self._shared)
            if before == after and before and before % 2 == 0:
                break
            os.sched_yield()
        moment = EPOCH + timedelta(microseconds=microseconds)
        return (_running(moment, anchor) if live else moment), bool(live)


def install(path: Path) -> BoxTime:
    """Open the shared clock at `path`; a worker runs each invocation, and its imports, in `with box_time():`."""
    return BoxTime(path)


def _running(base: datetime, anchor: int) -> datetime:
    """Return `base` plus what has passed since `anchor`: the monotonic clock is one for all processes here."""
    return base + timedelta(microseconds=(time.monotonic_ns() - anchor) // 1000)
