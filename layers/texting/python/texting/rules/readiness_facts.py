"""What the doctor looks at, as plain values: facts of the account, the carrier and our own queues.

`Untold` stands where something could not be read, with the reason in a sentence; it is never the same as fine.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

Case = tuple[str, Mapping[str, Any]]
"""A row of `tables/readiness.toml` and what its sentences are filled with."""


class Mark(StrEnum):
    """How a line of the doctor's table stands."""

    OK = "ok"
    LOOK = "look"
    BROKEN = "broken"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Untold:
    """Something that could not be read, and why, in a sentence."""

    why: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it stands, a sentence, and what to do (empty when nothing)."""

    check: str
    title: str
    mark: Mark
    says: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What practice.toml says of sending. `file` is its name, `faults` are sentences about it."""

    file: str
    faults: tuple[str, ...] = ()
    mode: str = "off"
    pilots: int = 0
    monthly_limit_usd: Decimal = Decimal(0)
    baa_on_record: bool = False
    baa_ahead: bool = False
    same_sender: bool = True


@dataclass(frozen=True, slots=True)
class Identity:
    """A number or pool as the carrier tells it; `name` is its id, never the number itself."""

    name: str
    pool: bool
    type: str
    status: str
    message_type: str
    two_way_topic: str
    self_managed: bool
    opt_out_list: str
    registration: str = ""


@dataclass(frozen=True, slots=True)
class Wiring:
    """What a number or pool must be wired to: topics by ARN, the rest by name."""

    inbound_topic: str
    opt_out_list: str
    configuration_set: str
    receipts_topic: str


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a configuration set sends events; `topic` is empty for a destination that is not SNS."""

    name: str
    enabled: bool
    events: tuple[str, ...]
    topic: str


@dataclass(frozen=True, slots=True)
class Spend:
    """The carrier's monthly limit in US dollars, and the most it can be raised to without asking."""

    enforced: int
    most: int


@dataclass(frozen=True, slots=True)
class Alarm:
    """A CloudWatch alarm: its short name, OK, ALARM or INSUFFICIENT_DATA, and whether it tells anybody."""

    name: str
    state: str
    tells: bool


@dataclass(frozen=True, slots=True)
class Listeners:
    """Subscriptions to the alarms' topic."""

    confirmed: int
    pending: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Ledger entries not yet published, and how long the oldest has waited."""

    pending: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Key:
    """A KMS key by our word for it; `rotates` is None for a key that cannot."""

    name: str
    state: str
    rotates: bool | None


@dataclass(frozen=True, slots=True)
class Unread:
    """Scheduling events in quarantine: how many, on which day the first is disposed of, and whether people were told."""

    count: int
    goes_on: date | None = None
    soon: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """All that was looked at. Any field may be Untold, and a field left None was not asked for: no line comes of it."""

    chosen: Chosen
    stopped_at: datetime | Untold | None = None
    functions_missing: tuple[str, ...] | Untold | None = None
    tier: str | Untold | None = None
    spend: Spend | Untold | None = None
    rate: float | Untold | None = None
    identity: Identity | Untold | None = None
    identity_named: bool = True
    registration: str | Untold | None = None
    wiring: Wiring | None = None
    destinations: tuple[Destination, ...] | Untold | None = None
    agreements: tuple[str, ...] | Untold | None = None
    skew: float | Untold | None = None
    alarms: tuple[Alarm, ...] | Untold | None = None
    alarms_expected: int = 0
    listeners: Listeners | Untold | None = None
    dead_letters: Mapping[str, int] | Untold | None = None
    ages: Mapping[str, int] | Untold | None = None
    quarantined: Unread | Untold | None = None
    doubtful: int | Untold | None = None
    overdue: int | Untold | None = None
    ledger: Waiting | Untold | None = None
    keys: tuple[Key, ...] | Untold | None = None
    lock: str | Untold | None = None
    rules: Mapping[str, bool] | Untold | None = None
    secrets: Mapping[str, bool] | Untold | None = None
