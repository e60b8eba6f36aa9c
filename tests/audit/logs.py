"""Small ledgers for tests: entries, a key of our own, and the objects a publisher would have put in the bucket."""

import base64
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from texting.audit import tiles
from texting.audit.checkpoint import Checkpoint, VerifierKey, sign_checkpoint
from texting.audit.entries import Entry, encode, entry_id, make_entry
from texting.values import SYSTEM, Actor

ORIGIN = "ledger.example/practice"
START = datetime(2026, 12, 1, 15, tzinfo=UTC)
SIGNER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = VerifierKey(ORIGIN, SIGNER.public_key().public_bytes_raw())
STAFF = Actor("staff", entry_id("staff", "1"))
DIGEST = "5f" * 32


def entry(number: int, kind: str = "message.delivered", **facts: object) -> Entry:
    """The entry with this number: each number has its own id and time."""
    at = START + timedelta(seconds=number)
    return make_entry(kind, at, SYSTEM, entry_id("subject", str(number)), facts, entry_id("entry", str(number)))


def told(count: int) -> list[bytes]:
    """The bytes of the first `count` entries."""
    return [encode(entry(number)) for number in range(count)]


def publish(batches: Iterable[Sequence[bytes]], signer: Ed25519PrivateKey = SIGNER) -> dict[str, bytes]:
    """Every object in the bucket after each batch was appended and its checkpoint signed."""
    key = VerifierKey(ORIGIN, signer.public_key().public_bytes_raw())
    files: dict[str, bytes] = {}
    edge = tiles.Edge()
    for batch in batches:
        growth = tiles.grow(edge, batch)
        edge = growth.edge
        files |= {each.path: each.data for each in growth.objects}
        note = sign_checkpoint(Checkpoint(ORIGIN, edge.size, edge.root()), key, signer.sign)
        files[tiles.archive_path(edge.size)] = files[tiles.CHECKPOINT_PATH] = note
    return files


def bare(files: dict[str, bytes], size: int) -> dict[str, bytes]:
    """Only what a log of this size must have: no older partial tiles, no archived checkpoints."""
    needed = {str(path) for path in tiles.all_paths(size)} | {tiles.CHECKPOINT_PATH}
    return {path: data for path, data in files.items() if path in needed}


def anchor(files: dict[str, bytes]) -> tuple[int, bytes]:
    """What somebody who saw this log's checkpoint would keep of it."""
    _, size, root = files[tiles.CHECKPOINT_PATH].decode().split("\n")[:3]
    return int(size), base64.b64decode(root)
