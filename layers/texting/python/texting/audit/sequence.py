"""What is known of the ledger between writing and publishing: where its order stands, and what still waits for a place."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of a log without entries (RFC 6962, section 2.1)."""


@dataclass(frozen=True, slots=True)
class LogState:
    """Where the log stands, as read by the one who holds its lease.

    The first `size` entries have their places for ever; the first `published` of them are in the bucket under `root`.
    `origin` and `vkey` are those of the first publication: a log keeps its name and its key. `caught_up_at` is the last
    time (UTC) at which nothing that had been written was unpublished.
    """

    holder: str
    size: int = 0
    published: int = 0
    root: bytes = EMPTY_ROOT
    origin: str = ""
    vkey: str = ""
    caught_up_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry that is written and not sequenced: its id, when it says it happened (UTC), its canonical bytes."""

    entry_id: str
    at: datetime
    data: bytes
