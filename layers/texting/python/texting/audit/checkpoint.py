"""The log's head as a signed note: who keeps the log, how many entries it has, and the root they lead to.

A checkpoint is text anyone can print; its signature is Ed25519 over that text. The private key never comes here: the
caller brings `sign`, in production KMS `Sign` with `ED25519_SHA_512` and `MessageType=RAW` (a checkpoint is far below
its limit of 4,096 bytes). Formats: https://c2sp.org/tlog-checkpoint and https://c2sp.org/signed-note.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from texting.audit.merkle import HASH_BYTES
from texting.errors import Bug

Sign = Callable[[bytes], bytes]
"""Signs the given bytes with Ed25519 and returns the 64 bytes of the signature."""

ED25519 = b"\x01"
"""The note signature type of Ed25519."""
KEY_CHANGE = "key-change"
"""The first word of the extension line by which the log's key gives way to another (docs/evidence.md, section 4)."""
MAX_NOTE_BYTES = 100_000
"""Well above a checkpoint with sixteen signatures of any kind; a larger note is not read."""

_SIGNATURE_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
_SPKI_PREFIX = bytes.fromhex("302a300506032b6570032100")


class BadCheckpoint(Bug):
    """Raised for a note that is not a checkpoint, or that no key we were told to trust has signed."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A log's public key under its name. `str()` gives the vkey line that a verifier is handed."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[^\s+\x00-\x1f]+", self.name):
            raise BadCheckpoint("A key's name must not be empty, nor hold spaces, plus signs or control characters.")
        if len(self.public_key) != 32:
            raise BadCheckpoint("An Ed25519 public key has 32 bytes.")

    @property
    def key_id(self) -> bytes:
        """Four bytes that find the right signature line; an identifier, not a proof."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public_key).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(ED25519 + self.public_key).decode()}"

    @classmethod
    def parse(cls, vkey: str) -> Self:
        """Read a vkey line; raises BadCheckpoint when it is not one, or not for Ed25519."""
        name, _, rest = vkey.partition("+")
        key_id, _, encoded = rest.partition("+")
        material = _decode(encoded)
        if material[:1] != ED25519:
            raise BadCheckpoint("This vkey is not for Ed25519.")
        key = cls(name, material[1:])
        if key.key_id.hex() != key_id:
            raise BadCheckpoint("The vkey's key id does not belong to its name and key; a character may be missing.")
        return key


@dataclass(frozen=True, slots=True)
class KeyChange:
    """The log's key gives way to the next one: said in a checkpoint that both sign, the last of the former."""

    former: VerifierKey
    next_key: VerifierKey

    def line(self) -> str:
        """The extension line that says so."""
        return f"{KEY_CHANGE} {self.former} {self.next_key}\n"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the log says of itself: its origin, its size in entries, its root, and at most once for each key its end."""

    origin: str
    size: int
    root: bytes
    change: KeyChange | None = None

    def body(self) -> bytes:
        """The text that is signed: three lines, each with its newline, and a fourth where the key changes."""
        told = f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"
        return (told + (self.change.line() if self.change else "")).encode()

    def anchor(self) -> str:
        """The one line to keep outside the log, `SIZE:ROOT` with the root in hexadecimal."""
        return f"{self.size}:{self.root.hex()}"


def sign_checkpoint(checkpoint: Checkpoint, key: VerifierKey, sign: Sign, *, also: Sign | None = None) -> bytes:
    """The signed note to publish; where the key changes, the next key signs it `also`. Each signature is checked first.

    Raises BadCheckpoint when the origin is not the key's name, or `sign` or `also` used another key.
    """
    if checkpoint.origin != key.name:
        raise BadCheckpoint("A log signs under its own origin: the key's name must be the checkpoint's origin.")
    body = checkpoint.body()
    lines = [_signature(body, key, sign)]
    if checkpoint.change and also:
        lines.append(_signature(body, checkpoint.change.next_key, also))
    return body + b"\n" + "".join(lines).encode()


def _signature(body: bytes, key: VerifierKey, sign: Sign) -> str:
    signature = sign(body)
    if not _verifies(key, signature, body):
        raise BadCheckpoint("The signature does not verify with the log's public key; nothing is published.")
    return f"— {key.name} {base64.b64encode(key.key_id + signature).decode()}\n"


def open_checkpoint(note: bytes, *keys: VerifierKey) -> Checkpoint:
    """Read a signed checkpoint, believing nothing in it before the signature of a trusted key has verified.

    Signatures of unknown keys are passed over; one that names a trusted key and does not verify spoils the note.
    Raises BadCheckpoint.
    """
    text, signatures = _split(note)
    signers = set()
    for name, signed in signatures:
        for key in keys:
            if (name, signed[:4]) == (key.name, key.key_id):
                if not _verifies(key, signed[4:], text):
                    raise BadCheckpoint("The checkpoint's signature does not verify.")
                signers.add(key.name)
    checkpoint = _read_body(text)
    if checkpoint.origin not in signers:
        raise BadCheckpoint("The checkpoint carries no signature of a trusted key in the name of its origin.")
    return checkpoint


def signed_by(note: bytes, key: VerifierKey) -> bool:
    """Whether a note carries a signature line of this key; that it verifies is for `open_checkpoint` to say."""
    return any((name, signed[:4]) == (key.name, key.key_id) for name, signed in _split(note)[1])


def raw_public_key(spki: bytes) -> bytes:
    """The 32 bytes of an Ed25519 key in the DER form that KMS `GetPublicKey` answers with; raises BadCheckpoint."""
    if len(spki) != len(_SPKI_PREFIX) + 32 or not spki.startswith(_SPKI_PREFIX):
        raise BadCheckpoint("This is not an Ed25519 public key; create the KMS key as ECC_NIST_EDWARDS25519.")
    return spki[len(_SPKI_PREFIX) :]


def _split(note: bytes) -> tuple[bytes, list[tuple[str, bytes]]]:
    """The note's text and its signatures as (name, key id and signature)."""
    if len(note) > MAX_NOTE_BYTES:
        raise BadCheckpoint("The note is too long for a checkpoint.")
    text, gap, tail = note.rpartition(b"\n\n")
    if not gap or not tail.endswith(b"\n") or re.search(rb"[\x00-\x09\x0b-\x1f]", note):
        raise BadCheckpoint("This is not a signed note.")
    return text + b"\n", list(_signatures(tail))


def _signatures(tail: bytes) -> Iterator[tuple[str, bytes]]:
    for line in _utf8(tail).removesuffix("\n").split("\n"):
        match = _SIGNATURE_LINE.fullmatch(line)
        if match is None:
            raise BadCheckpoint("A signature line of the note is not well formed.")
        yield match[1], _decode(match[2])


def _read_body(text: bytes) -> Checkpoint:
    lines = _utf8(text).removesuffix("\n").split("\n")
    if len(lines) < 3 or not all(lines) or not re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1]):
        raise BadCheckpoint("The note is not a checkpoint: it must tell origin, size and root.")
    root = _decode(lines[2])
    if len(root) != HASH_BYTES:
        raise BadCheckpoint("The checkpoint's root is not a SHA-256 hash.")
    changes = [line for line in lines[3:] if line.startswith(f"{KEY_CHANGE} ")]
    return Checkpoint(lines[0], int(lines[1]), root, _read_change(changes[0]) if changes else None)


def _read_change(line: str) -> KeyChange:
    words = line.split(" ")
    if len(words) != 3:
        raise BadCheckpoint("A change of the log's key must name the former key and the next one.")
    return KeyChange(VerifierKey.parse(words[1]), VerifierKey.parse(words[2]))


def _decode(encoded: str) -> bytes:
    """Base64 with exactly one spelling for each value: stray bits after the last byte are refused too."""
    try:
        data = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadCheckpoint("A line of the checkpoint or key is not base64.") from error
    if base64.b64encode(data).decode() != encoded:
        raise BadCheckpoint("A line of the checkpoint or key is not canonical base64.")
    return data


def _utf8(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise BadCheckpoint("The note is not UTF-8.") from error


def _verifies(key: VerifierKey, signature: bytes, text: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key.public_key).verify(signature, text)
    except InvalidSignature:
        return False
    return True
