"""What a flow asks to be written, all or nothing: records under a condition, checks, and the evidence beside them.

A flow hands these to `needs.Store.commit`; if any condition no longer holds, nothing is written and Contended raised.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

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
    Token,
)
from texting.values import Actor, Visit

Record = (
    Patient
    | Number
    | Consent
    | ConsentChange
    | Visit
    | Message
    | Inbound
    | Task
    | Secure
    | Latest
    | Link
    | Quarantined
    | Token
    | Seen
    | Switch
    | Pace
    | Listing
    | Holds
    | Disposing
)


@dataclass(frozen=True, slots=True)
class New:
    """Write `record`, which must not exist yet."""

    record: Record


@dataclass(frozen=True, slots=True)
class Change:
    """Store `record` with its `rev` raised by one, provided the stored one still has the `rev` it was read with.

    A record with rev 0 was never stored, and must still be absent.
    """

    record: Record


@dataclass(frozen=True, slots=True)
class Same:
    """Write nothing, but require that `record` is still as it was read; a record never stored must still be absent."""

    record: Record


@dataclass(frozen=True, slots=True)
class Joined:
    """Note that a patient is on a number (a thread). Writing it twice is the same as once."""

    number_id: str
    patient_id: str
    thread_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """The ledger entry that goes with the change. `entry_id` is deterministic, so that a retry writes it once.

    `facts` hold opaque ids, codes, counts, digests and times only: the ledger can never be erased.
    """

    kind: str
    entry_id: str
    at: datetime
    actor: Actor
    subject: str
    facts: Mapping[str, Any]


Write = New | Change | Same | Joined | Evidence
