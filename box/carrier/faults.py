"""The fault laboratory's shelf: what is to go wrong, how often, and until when.

The carrier plays the faults of sending and of receipts; those of the queues are kept here for the runtime to ask.
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from box.carrier.errors import FaultRejected
from box.clock import UnreadableTime, parse_time, written

KINDS = {
    "send": ("throttle", "error_before", "timeout_after", "opted_out", "no_money", "outage"),
    "receipt": ("lost", "late", "duplicated", "reordered", "contradictory"),
    "queue": ("redeliver", "crash_after_call"),
}
COUNTED_ONCE = ("throttle", "error_before", "timeout_after", "opted_out", "no_money", "crash_after_call")
NEEDS = {"outage": "until", "late": "seconds", "crash_after_call": "call"}


@dataclass
class Fault:
    """One fault: `count` times from now (None: until they are all ended), with what its kind needs."""

    on: str
    kind: str
    count: int | None = None
    until: datetime | None = None
    seconds: float | None = None
    call: int | None = None

    def told(self) -> dict[str, Any]:
        """Return the fault as it was asked for, without what it does not use."""
        until = written(self.until) if self.until else None
        told: dict[str, Any] = {"on": self.on, "kind": self.kind, "count": self.count, "until": until}
        told |= {"seconds": self.seconds, "call": self.call}
        return {name: value for name, value in told.items() if value is not None}


class Faults:
    """The faults in force; safe to ask from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, wanted: Iterable[Mapping[str, Any]]) -> list[Fault]:
        """Put more faults in force; raises `FaultRejected`, and adds none, if one of them is not understood."""
        faults = [_understood(fault) for fault in wanted]
        with self._lock:
            self._faults += faults
        return faults

    def clear(self) -> None:
        """End all faults."""
        with self._lock:
            self._faults.clear()

    def take(self, on: str, *kinds: str) -> Fault | None:
        """Return the first fault of these kinds that is in force and use it up by one."""
        with self._lock:
            fault = next((f for f in self._faults if f.on == on and f.kind in kinds), None)
            if fault and fault.count is not None:
                fault.count -= 1
                if fault.count <= 0:
                    self._faults.remove(fault)
            return fault

    def give_back(self, fault: Fault) -> None:
        """Put a fault that was taken and did not come to pass in force again, before the others."""
        with self._lock:
            if not any(one is fault for one in self._faults):
                fault.count = 1 if fault.count is not None else None
                self._faults.insert(0, fault)
            elif fault.count is not None:
                fault.count += 1

    def outage(self, now: datetime) -> datetime | None:
        """Return when the carrier's outage ends, or None if there is none at that time."""
        with self._lock:
            ends = [f.until for f in self._faults if f.kind == "outage" and f.until and f.until > now]
        return max(ends, default=None)

    def listing(self) -> list[dict[str, Any]]:
        """Return the faults in force, in the order they were asked for."""
        with self._lock:
            return [fault.told() for fault in self._faults]


def _understood(wanted: Mapping[str, Any]) -> Fault:
    on, kind = wanted.get("on"), wanted.get("kind")
    if on not in KINDS:
        raise FaultRejected(f"`on` is one of {', '.join(KINDS)}.")
    if kind not in KINDS[on]:
        raise FaultRejected(f"On {on}, `kind` is one of {', '.join(KINDS[on])}.")
    unknown = set(wanted) - {"on", "kind", "count", NEEDS.get(kind, "count")}
    if unknown:
        raise FaultRejected(f"{kind} does not take {', '.join(sorted(unknown))}.")
    if kind in NEEDS and NEEDS[kind] not in wanted:
        raise FaultRejected(f"{kind} needs `{NEEDS[kind]}`.")
    return Fault(
        on,
        kind,
        count=_whole(wanted, "count") or (1 if kind in COUNTED_ONCE else None),
        until=_moment(wanted.get("until")),
        seconds=_seconds(wanted.get("seconds")),
        call=_whole(wanted, "call"),
    )


def _whole(wanted: Mapping[str, Any], name: str) -> int | None:
    value = wanted.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise FaultRejected(f"`{name}` is a whole number of one or more.")
    return value


def _seconds(value: Any) -> float | None:
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
        raise FaultRejected("`seconds` is a number of zero or more.")
    return float(value)


def _moment(value: Any) -> datetime | None:
    if value is None:
        return None
    try:
        return parse_time(value)
    except UnreadableTime as error:
        raise FaultRejected(f"`until`: {error}") from None
