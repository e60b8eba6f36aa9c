"""All that the journeys ask of the world, as Protocols, and the bundle in which a handler gives it to them.

The adapters in `aws/` never import this; the type checker compares the shapes where a handler joins the two.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from time import sleep
from typing import Any, Protocol

from texting.practice import Practice
from texting.records import (
    Consent,
    ConsentChange,
    Disposing,
    Holds,
    Inbound,
    Latest,
    Link,
    Listing,
    Message,
    Number,
    Pace,
    Patient,
    Quarantined,
    Secure,
    Seen,
    Switch,
    Task,
    Thread,
    Token,
)
from texting.rules.templates import Templates
from texting.values import Category, Hidden, PhoneNumber, Visit
from texting.writes import Write


class Store(Protocol):
    """What the practice keeps. Reads are fresh; `commit` writes all or nothing and raises Contended or Unavailable."""

    def patient(self, patient_id: str) -> Patient | None: ...
    def number(self, number_id: str) -> Number | None: ...
    def consent(self, patient_id: str, number_id: str, category: Category) -> Consent: ...
    def consents(self, patient_id: str) -> tuple[Consent, ...]: ...
    def history(self, patient_id: str) -> tuple[ConsentChange, ...]: ...
    def patients_on(self, number_id: str) -> tuple[str, ...]: ...
    def visit(self, appointment_id: str) -> Visit | None: ...
    def visits_of(self, patient_id: str, since: datetime) -> tuple[Visit, ...]: ...
    def message(self, message_id: str) -> Message | None: ...
    def messages_of(self, appointment_id: str) -> tuple[Message, ...]: ...
    def thread(self, thread_id: str) -> Thread | None: ...
    def last_at(self, thread_id: str) -> datetime | None: ...
    def timeline(self, thread_id: str) -> tuple[Message | Inbound, ...]: ...
    def by_carrier(self, carrier_id: str) -> str | None: ...
    def waiting(self, state: str, before: datetime) -> tuple[Message, ...]: ...
    def inbound(self, inbound_id: str) -> Inbound | None: ...
    def task(self, task_id: str) -> Task | None: ...
    def open_tasks(self) -> tuple[Task, ...]: ...
    def secure(self, secure_id: str) -> Secure | None: ...
    def secures_of(self, thread_id: str) -> tuple[Secure, ...]: ...
    def latest(self, thread_id: str) -> Latest | None: ...
    def link(self, token_hash: str) -> Link | None: ...
    def token(self, token_hash: str) -> Token | None: ...
    def tokens(self) -> tuple[Token, ...]: ...
    def seen(self, event_id: str) -> Seen | None: ...
    def quarantined(self, quarantine_id: str) -> Quarantined | None: ...
    def in_quarantine(self) -> tuple[Quarantined, ...]: ...
    def switch(self) -> Switch: ...
    def pace(self, line: str) -> Pace: ...
    def listing(self, number_id: str) -> Listing: ...
    def listings(self, state: str, before: datetime) -> tuple[Listing, ...]: ...
    def in_line(self, line: str, most: int, after: str = "") -> tuple[Message, ...]: ...
    def holds(self, subject: str) -> Holds: ...
    def disposing(self) -> Disposing: ...
    def counted(self, name: str, bucket: str) -> int: ...
    def count(self, name: str, bucket: str, amount: int = 1) -> None: ...
    def note_carrier(self, carrier_id: str, message_id: str) -> None: ...
    def commit(self, *writes: Write) -> None: ...


class Fingerprints(Protocol):
    """Opaque ids of things that must not be named."""

    def number_id(self, phone: PhoneNumber) -> str: ...
    def patient_id(self, source: str, ref: str) -> str: ...
    def appointment_id(self, source: str, source_id: str) -> str: ...
    def thread_id(self, patient_id: str | None, number_id: str) -> str: ...
    def event_id(self, source: str, event_id: str) -> str: ...
    def inbound_id(self, carrier_inbound_id: str) -> str: ...
    def proof(self, *parts: str) -> str: ...
    def digest(self, words: Hidden | str) -> str: ...


class Outbox(Protocol):
    """The queue that the sender reads: message ids, nothing else."""

    def put(self, message_id: str, delay_seconds: int = 0) -> None: ...


class Schedules(Protocol):
    """One-time schedules that put a message's id into the outbox. Setting one again moves it."""

    def set(self, message_id: str, at: datetime) -> None: ...


class Carrier(Protocol):
    """Hands one text over, in exactly one attempt.

    Returns the carrier's id. Raises CarrierBusy (nothing handed over), CarrierRefused (never will be) or InDoubt
    (nobody knows).
    """

    def send(self, to: PhoneNumber, body: str, *, seconds_to_live: int, message_id: str) -> str: ...


class OptedOut(Protocol):
    """A number on the carrier's list, and since when (UTC)."""

    @property
    def phone(self) -> PhoneNumber: ...
    @property
    def at(self) -> datetime: ...


class Fence(Protocol):
    """The carrier's own opt-out list: nothing, not even a reply, reaches a number on it. Raises Unavailable."""

    def put(self, phone: PhoneNumber) -> None: ...

    def take_off(self, phone: PhoneNumber) -> bool:
        """Whether the number is off the list now; the carrier lets each go only once in thirty days."""

    def pages(self) -> Iterator[Sequence[OptedOut]]: ...


class Bus(Protocol):
    """Tells other systems what happened, in opaque ids and the source's own appointment id."""

    def tell(self, kind: str, detail: Mapping[str, Any]) -> None: ...

    def page(self, task_id: str) -> None: ...


class Pager(Protocol):
    """Wakes a person at once. Carries a task's id, never a word of a patient."""

    def page(self, task_id: str) -> None: ...


@dataclass(frozen=True)
class World:
    """What a journey is given. A handler fills in only what its journeys use; touching the rest is a bug."""

    practice: Practice
    store: Store
    ids: Fingerprints
    templates: Templates
    _outbox: Outbox | None = None
    _schedules: Schedules | None = None
    _carrier: Carrier | None = None
    _bus: Bus | None = None
    _pager: Pager | None = None
    _fence: Fence | None = None
    pause: Callable[[float], None] = sleep

    @property
    def outbox(self) -> Outbox:
        """The sender's queue."""
        assert self._outbox, "this function was given no outbox"
        return self._outbox

    @property
    def schedules(self) -> Schedules:
        """One-time schedules."""
        assert self._schedules, "this function was given no schedules"
        return self._schedules

    @property
    def carrier(self) -> Carrier:
        """The carrier."""
        assert self._carrier, "this function was given no carrier"
        return self._carrier

    @property
    def bus(self) -> Bus:
        """The event bus."""
        assert self._bus, "this function was given no bus"
        return self._bus

    @property
    def fence(self) -> Fence:
        """The carrier's own opt-out list."""
        assert self._fence, "this function was given no opt-out list"
        return self._fence

    @property
    def pager(self) -> Pager:
        """The on-call pager."""
        assert self._pager, "this function was given no pager"
        return self._pager


def month_of(now: datetime) -> str:
    """The bucket in which the month's spending is counted."""
    return now.strftime("%Y-%m")


def micro(amount: Decimal) -> int:
    """US dollars as millionths, so that a counter can hold them."""
    return int(amount * 1_000_000)
