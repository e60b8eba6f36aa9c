"""The values everybody speaks in: hidden words, and the frozen records the journeys pass along.

Times are aware datetimes in UTC; a zone is an IANA name that travels beside them. Ids are opaque strings of ours.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self


class Hidden:
    """A string that is about somebody: it compares and hashes, and refuses to be printed, formatted or serialised.

    Only `reveal()` gives it out, so that one search finds every place that does.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = str(text)

    def reveal(self) -> str:
        """The words themselves. Call it where they must be used, and nowhere else."""
        return self._text

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other._text == self._text

    def __hash__(self) -> int:
        return hash((type(self).__name__, self._text))

    def __bool__(self) -> bool:
        return bool(self._text)

    def __reduce__(self) -> Any:
        raise TypeError(f"{type(self).__name__} is not to be serialised; seal it first")


class PhoneNumber(Hidden):
    """An E.164 number of a patient, already found usable by `rules.phone_numbers.read`."""


class Name(Hidden):
    """A name of a person."""


class Body(Hidden):
    """The words of a text or of a secure message."""


class Service(Hidden):
    """What a visit is for: health information in itself."""


class BirthDate(Hidden):
    """A date of birth as YYYY-MM-DD."""

    def as_date(self) -> date:
        """The date itself, for comparing and for retention."""
        return date.fromisoformat(self._text)


class Raw(Hidden):
    """Anything a source sent that has not been understood yet (a phone number as typed, a payload)."""


class Category(StrEnum):
    """What consent is given for; each text belongs to exactly one."""

    APPOINTMENTS = "appointments"
    CARE = "care"
    BILLING = "billing"
    RESULTS = "results"
    GENERAL = "general"
    MARKETING = "marketing"


class Standing(StrEnum):
    """Where consent stands for one patient, number and category."""

    GRANTED = "granted"
    REVOKED = "revoked"
    NEVER = "never"


class Kind(StrEnum):
    """What happened to an appointment, whatever its source calls it."""

    REQUESTED = "requested"
    BOOKED = "booked"
    UPDATED = "updated"
    RESCHEDULED = "rescheduled"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    ARRIVED = "arrived"
    COMPLETED = "completed"
    NO_SHOW = "no_show"
    NO_SHOW_UNDONE = "no_show_undone"
    DELETED = "deleted"


class VisitState(StrEnum):
    """Where a visit stands."""

    REQUESTED = "requested"
    BOOKED = "booked"
    CONFIRMED = "confirmed"
    ARRIVED = "arrived"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


class State(StrEnum):
    """Where a message stands (design: one word, defined once)."""

    PLANNED = "planned"
    HELD = "held"
    CLAIMED = "claimed"
    HANDED = "handed"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    REFUSED = "refused"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"
    IN_DOUBT = "in_doubt"


FINAL = frozenset({State.DELIVERED, State.REFUSED, State.EXPIRED, State.WITHDRAWN, State.FAILED})
"""States that nothing moves a message out of, late contradicting receipts aside."""


@dataclass(frozen=True, slots=True)
class PatientFacts:
    """What a source says of the patient of an appointment. `phone` is as typed, not yet judged."""

    ref: str
    given_name: Name | None = None
    family_name: Name | None = None
    phone: Raw | None = None
    birth_date: BirthDate | None = None
    language: str | None = None
    state: str | None = None
    deceased: bool = False


@dataclass(frozen=True, slots=True)
class AppointmentEvent:
    """One thing a scheduling system says happened, in our words (`facts/scheduling.md` §2).

    `source` is the configured connection's name; `event_id` is unique within it; `start` is UTC, or None where the
    source gives none; `zone` is the IANA name the visit is worded in, or None for the location's; `sequence` orders
    events where the source counts, else `updated_at` does. `problems` are codes of what a
    person must look at before anything is sent.
    """

    source: str
    event_id: str
    appointment_id: str
    kind: Kind
    status: str
    start: datetime | None
    zone: str | None
    duration_minutes: int | None
    patient: PatientFacts | None
    location_id: str | None
    provider: Name | None
    service: Service | None
    sequence: int | None
    updated_at: datetime | None
    received_at: datetime
    raw_sha256: str
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadBack:
    """A hint that something changed: the current state must be read from the source before anything is decided."""

    source: str
    event_id: str
    resource: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Ignored:
    """A known but irrelevant event: accepted, counted, dropped. `reason` is a code."""

    source: str
    event_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Visit:
    """The newest accepted version of an appointment.

    `epoch` rises when start, zone, place, patient or number changes, and starts a new plan. `rev` guards writes.
    """

    appointment_id: str
    source: str
    source_id: str
    patient_id: str
    number_id: str | None
    state: VisitState
    start: datetime | None
    zone: str
    location_id: str
    duration_minutes: int | None
    provider: Name | None
    service: Service | None
    sequence: int | None
    updated_at: datetime | None
    content_sha256: str
    epoch: int = 1
    booked_at: datetime | None = None
    confirmed_at: datetime | None = None
    rev: int = 0


@dataclass(frozen=True, slots=True)
class Planned:
    """A text that should be said: which, when at the earliest, and when it stops being true (both UTC)."""

    purpose: str
    slot: str
    send_at: datetime
    true_until: datetime


@dataclass(frozen=True, slots=True)
class Send:
    """The gate lets it go, until `deadline` (UTC)."""

    deadline: datetime
    reason: str = "permitted"


@dataclass(frozen=True, slots=True)
class Hold:
    """Not now: ask again at `until` (UTC)."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Divert:
    """These words may not travel by SMS: seal them and announce them with a secure link."""

    reason: str
    found: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refuse:
    """It will not go. `reason` is a code with a sentence in `rules/tables/sentences.toml`."""

    reason: str
    detail: str = ""


Verdict = Send | Hold | Divert | Refuse


@dataclass(frozen=True, slots=True)
class Sealed:
    """AES-256-GCM under a data key of `owner` for `year`; opaque bytes to everybody else."""

    owner: str
    year: int
    nonce: bytes
    ciphertext: bytes

    def pack(self) -> bytes:
        """One byte string for a table: version, owner, year, nonce, ciphertext."""
        head = f"1|{self.owner}|{self.year}|".encode()
        return head + self.nonce + self.ciphertext

    @classmethod
    def unpack(cls, packed: bytes) -> Self:
        """Inverse of `pack`. Raises ValueError for anything else."""
        version, owner, year, rest = bytes(packed).split(b"|", 3)
        if version != b"1" or len(rest) < 12 + 16:
            raise ValueError("not a sealed value")
        return cls(owner.decode(), int(year), rest[:12], rest[12:])


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it, for the ledger: a kind (patient, staff, system, source, operator) and an opaque id."""

    kind: str
    actor_id: str


SYSTEM = Actor("system", "quietline")
