"""Journey: what was written becomes part of the ledger that anyone can check.

*Written* entries wait in the table; here they are *sequenced*, each given its place for ever, and *published* as tiles
under a signed checkpoint. One writer at a time, by a lease. A run first finishes what an earlier one left: the same places
lead to the same objects, byte for byte, so that a crash anywhere is mended by running again (P7).
"""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from texting.audit import tiles
from texting.audit.checkpoint import Checkpoint, KeyChange, VerifierKey, open_checkpoint, sign_checkpoint
from texting.audit.entries import Entry, decode, entry_id, make_entry
from texting.audit.opacity import PRACTICE
from texting.audit.sequence import LogState, Waiting
from texting.errors import Bug, Misconfigured
from texting.values import SYSTEM

LEASE = timedelta(minutes=2)
"""Longer than any run: the function ends after 50 seconds."""
KEY_CHANGED = "ledger.key_changed"
ROUND = 1000
"""Entries taken in hand at once: what 50 seconds can place and publish several times over."""


class Log(Protocol):
    """The order of the log. Whatever writes raises Contended once the lease is lost."""

    def take(self, holder: str, now: datetime, until: datetime) -> LogState | None: ...
    def renew(self, state: LogState, until: datetime) -> None: ...
    def note_published(self, state: LogState, now: datetime) -> LogState: ...
    def release(self, state: LogState, caught_up_at: datetime | None) -> None: ...
    def add(self, entry: Entry) -> None: ...
    def waiting(self, most: int) -> tuple[Waiting, ...]: ...
    def sequence(self, state: LogState, entries: Sequence[Waiting]) -> tuple[LogState, tuple[Waiting, ...]]: ...
    def entries(self, first: int, end: int) -> list[bytes]: ...


class Objects(Protocol):
    """Where the log is published: objects put once, and a head that is moved only from where it was read."""

    def read(self, path: str) -> bytes: ...
    def put(self, path: str, data: bytes) -> None: ...
    def head(self) -> tuple[bytes, str]: ...
    def move_head(self, note: bytes, tag: str) -> None: ...


class Signer(Protocol):
    """The log's key."""

    def public_key(self) -> bytes: ...
    def sign(self, text: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Published:
    """What a run did. `state` is `published`, `quiet` (nothing new) or `busy` (another run holds the lease).

    `anchor` is the line to keep outside the bucket, `pending` what still waits, at least, and `lag` its age in seconds.
    `unreadable` entries were left where they are: they are not of the ledger's kind, and somebody must look.
    """

    state: str
    count: int = 0
    size: int = 0
    anchor: str = ""
    pending: int = 0
    lag: int = 0
    unreadable: int = 0


@dataclass(frozen=True)
class Press:
    """What publishing needs of the world. `origin` names the log when it is begun; later its first name stands.

    `former` is the key before this one, or the same: a log that stands under it is handed over to `signer`.
    """

    log: Log
    objects: Objects
    signer: Signer
    origin: str
    former: Signer


def origin_of(address: str) -> str:
    """The name of a practice's ledger, from its web address: `https://text.glow.example` gives text.glow.example/ledger."""
    return f"{urlsplit(address).netloc.lower()}/ledger"


def publish_ledger(press: Press, now: datetime, has_time: Callable[[], bool]) -> Published:
    """Sequence and publish what waits, round by round while `has_time`. `now` is UTC.

    Raises Contended when the lease is lost on the way, Unavailable, and Bug when the bucket or the key is not this log's.
    """
    state = press.log.take(secrets.token_hex(16), now, now + LEASE)
    if state is None:
        return Published("busy")
    before = state.published
    state = _publish(press, state, now)
    _announce(press, state, now)
    left: list[Waiting] = []
    while has_time():
        found = press.log.waiting(ROUND)
        state, placed = press.log.sequence(state, [one for one in found if _readable(one)])
        state = _publish(press, state, now, placed)
        if len(found) < ROUND:
            left = [one for one in found if not _readable(one)]
            break
        if not placed:  # nothing but what the index still shows, or what cannot be read
            left = list(found)
            break
    else:
        left = list(press.log.waiting(ROUND))
    press.log.release(state, None if left else now)
    return _told(state, state.published - before, left, now)


def _told(state: LogState, count: int, left: Sequence[Waiting], now: datetime) -> Published:
    oldest = min((one.at for one in left), default=now)
    return Published(
        state="published" if count else "quiet",
        count=count,
        size=state.published,
        anchor=f"{state.published}:{state.root.hex()}",
        pending=len(left),
        lag=max(0, int((now - oldest).total_seconds())),
        unreadable=sum(not _readable(one) for one in left),
    )


def _publish(press: Press, state: LogState, now: datetime, placed: Sequence[Waiting] = ()) -> LogState:
    """Publish all that is sequenced: `placed` just now, or else read back from where an earlier run left it.

    The checkpoint comes last: it never speaks of what is not there.
    """
    if state.published == state.size:
        return state
    key, signer = _hand(press, state)
    edge = tiles.read_edge(state.published, state.root, press.objects.read)
    fresh = [one.data for one in placed] or press.log.entries(state.published, state.size)
    growth = tiles.grow(edge, fresh)
    for each in growth.objects:
        press.objects.put(each.path, each.data)
    checkpoint = Checkpoint(key.name, growth.edge.size, growth.edge.root(), _change(press, key, fresh))
    note = sign_checkpoint(checkpoint, key, signer.sign, also=press.signer.sign)
    press.objects.put(tiles.archive_path(checkpoint.size), note)
    press.log.renew(state, now + LEASE)
    _move_head(press.objects, note, checkpoint, key)
    vkey = str(checkpoint.change.next_key if checkpoint.change else key)
    return press.log.note_published(replace(state, root=checkpoint.root, origin=key.name, vkey=vkey), now)


def _move_head(objects: Objects, note: bytes, checkpoint: Checkpoint, key: VerifierKey) -> None:
    standing, tag = objects.head()
    if standing == note:
        return
    if standing and open_checkpoint(standing, key).size >= checkpoint.size:
        raise Bug(
            "The bucket's checkpoint speaks of as many entries as the table or more, and not of the same: was the table "
            "restored from a backup? Nothing is published until somebody has looked."
        )
    objects.move_head(note, tag)


def _hand(press: Press, state: LogState) -> tuple[VerifierKey, Signer]:
    """The key under which the log stands, and whose it is; raises Misconfigured when it is neither of the two deployed."""
    name = state.origin or press.origin
    for signer in (press.signer, press.former):
        key = VerifierKey(name, signer.public_key())
        if state.vkey in ("", str(key)):
            return key, signer
    raise Misconfigured(
        "The ledger stands under another signing key; deploy with that one again, or as the one before."
    )


def _announce(press: Press, state: LogState, now: datetime) -> None:
    """Where the log stands under the former key, write that it changes; what covers that entry hands the log over.

    Once a day is enough, and needed: an entry that was placed while an older deployment ran has handed nothing over.
    """
    if press.signer == press.former or not state.vkey:
        return
    next_key = str(_next_key(press, state.origin))
    if state.vkey == next_key:
        return
    facts = {"key_digest": _digest(next_key)}
    once = entry_id(KEY_CHANGED, state.vkey, next_key, now.date().isoformat())
    press.log.add(make_entry(KEY_CHANGED, now, SYSTEM, PRACTICE, facts, once))


def _change(press: Press, key: VerifierKey, fresh: Sequence[bytes]) -> KeyChange | None:
    """The change of key that this publication carries: where it covers the entry that told of it."""
    next_key = _next_key(press, key.name)
    if next_key == key:
        return None
    told = {"key_digest": _digest(str(next_key))}
    covered = any(one.kind == KEY_CHANGED and one.facts == told for one in map(decode, fresh))
    return KeyChange(key, next_key) if covered else None


def _next_key(press: Press, name: str) -> VerifierKey:
    return VerifierKey(name or press.origin, press.signer.public_key())


def _digest(vkey: str) -> str:
    return hashlib.sha256(vkey.encode()).hexdigest()


def _readable(entry: Waiting) -> bool:
    """Whether the bytes are an entry of the ledger's kind, under its own id: nothing else may get a place."""
    try:
        return decode(entry.data).id == entry.entry_id
    except Bug:
        return False
