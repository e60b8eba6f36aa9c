"""docs/evidence.md is a specification that holds: its worked example is what our writer writes and our reader reads."""

import re
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from texting.audit import tiles
from texting.audit.checkpoint import Checkpoint, VerifierKey, sign_checkpoint
from texting.audit.entries import decode, encode
from texting.audit.merkle import leaf_hash

from verifier.verify import read_key, verify

EXAMPLE = re.findall(r"```text\n(.*?\n)```", Path("docs/evidence.md").read_text("utf-8"), re.DOTALL)
ENTRIES, LEAVES, VKEY, NOTE = EXAMPLE
SIGNER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def test_the_example_is_what_is_written() -> None:
    """Entries, leaf hashes, key and checkpoint of the page come out of our code byte for byte."""
    raw = [encode(decode(line.encode())) for line in ENTRIES.splitlines()]
    assert [entry.decode() for entry in raw] == ENTRIES.splitlines()
    assert [leaf_hash(entry).hex() for entry in raw] == LEAVES.splitlines()
    key = VerifierKey("ledger.example/practice", SIGNER.public_key().public_bytes_raw())
    assert str(key) == VKEY.strip()
    root = tiles.grow(tiles.Edge(), raw).edge.root()
    assert sign_checkpoint(Checkpoint(key.name, 3, root), key, SIGNER.sign) == NOTE.encode()


def test_the_example_is_what_is_read() -> None:
    """Built as the page says, without our writer, the example verifies."""
    lines = [line.encode() for line in ENTRIES.splitlines()]
    files = {
        "checkpoint": NOTE.encode(),
        "tile/0/000.p/3": bytes.fromhex(LEAVES),
        "tile/entries/000.p/3": b"".join(len(line).to_bytes(2, "big") + line for line in lines),
    }
    report, _, _ = verify(files, [read_key(VKEY.strip())])
    assert report.kinds == {"consent.granted": 1, "message.refused": 1, "sending.resumed": 1}
