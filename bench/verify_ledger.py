"""How fast the verifier reads a ledger, against plain SHA-256 over the same bytes in the same run.

    python bench/verify_ledger.py [ENTRIES ...]

Prints, for each size, entries per second of the whole verification and of three parts of the work that no verifier
can leave out (hashing the entries once; hashing them into a tree; parsing their JSON), and the ratios between them.
Each figure is the best of three runs, so that a busy machine disturbs it least.
"""

import hashlib
import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "layers/texting/python")]

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: E402
from texting.audit import tiles  # noqa: E402
from texting.audit.checkpoint import Checkpoint, VerifierKey, sign_checkpoint  # noqa: E402
from texting.audit.entries import encode, entry_id, make_entry  # noqa: E402
from texting.audit.merkle import leaf_hash, root_of  # noqa: E402
from texting.values import SYSTEM  # noqa: E402

from verifier.verify import read_key, verify  # noqa: E402

SIGNER = Ed25519PrivateKey.generate()
KEY = VerifierKey("ledger.example/bench", SIGNER.public_key().public_bytes_raw())


def entries(count: int) -> list[bytes]:
    """Entries of the kind and length that a reminder leaves behind."""
    start = datetime(2026, 12, 1, tzinfo=UTC)
    raw = []
    for number in range(count):
        at = start + timedelta(seconds=number)
        facts = {"purpose": "reminder", "deadline": at + timedelta(hours=9), "number": entry_id("n", str(number % 997))}
        subject, own = entry_id("m", str(number)), entry_id("e", str(number))
        raw.append(encode(make_entry("message.claimed", at, SYSTEM, subject, facts, own)))
    return raw


def published(raw: list[bytes]) -> dict[str, bytes]:
    """The objects of a log of these entries."""
    growth = tiles.grow(tiles.Edge(), raw)
    note = sign_checkpoint(Checkpoint(KEY.name, len(raw), growth.edge.root()), KEY, SIGNER.sign)
    return {each.path: each.data for each in growth.objects} | {tiles.CHECKPOINT_PATH: note}


def best(work: Callable[[], object]) -> float:
    """Seconds of the fastest of three runs."""
    runs = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        runs.append(time.perf_counter() - start)
    return min(runs)


def main(sizes: list[int]) -> None:
    """Print one block for each size."""
    for size in sizes:
        raw = entries(size)
        files, keys = published(raw), [read_key(str(KEY))]
        seconds = {
            "plain sha256, each entry once": best(lambda raw=raw: [hashlib.sha256(entry).digest() for entry in raw]),
            "sha256 into a Merkle tree": best(lambda raw=raw: root_of([leaf_hash(entry) for entry in raw])),
            "json.loads of each entry": best(lambda raw=raw: [json.loads(entry) for entry in raw]),
            "verifier, everything": best(lambda files=files, keys=keys: verify(files, keys)),
        }
        print(f"{size:,} entries of {sum(map(len, raw)) // size} bytes")
        for what, taken in seconds.items():
            ratio = taken / seconds["plain sha256, each entry once"]
            print(f"  {what:<32}{size / taken:>12,.0f} entries/s{ratio:>8.1f} x plain sha256")


if __name__ == "__main__":
    main([int(each) for each in sys.argv[1:]] or [5_000, 40_000])
