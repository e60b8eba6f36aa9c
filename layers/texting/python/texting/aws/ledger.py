"""The ledger's bucket and its signing key: objects put once and never changed, one head that only moves on.

`head` and `export` are for people with a right to list the bucket (operator, box); the function that publishes has none.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from texting.audit import tiles
from texting.audit.checkpoint import Checkpoint, VerifierKey, open_checkpoint, raw_public_key, signed_by
from texting.audit.sequence import EMPTY_ROOT
from texting.aws.clients import client
from texting.errors import Bug, Contended, Unavailable

ABSENT = frozenset({"NoSuchKey", "AccessDenied"})
"""What S3 says of an object that is not there: the second to those who may not list, as the function that publishes."""
TAKEN = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})


@dataclass(frozen=True, slots=True)
class LedgerBucket:
    """The objects of the ledger, under Object Lock by the bucket's default."""

    name: str

    def read(self, path: str) -> bytes:
        """The newest version of one object. Raises Unavailable."""
        return self._get(path)[0]

    def put(self, path: str, data: bytes) -> None:
        """Put an object that is never to change; the same bytes already there are as good. Raises Bug for others."""
        try:
            client("s3").put_object(Bucket=self.name, Key=path, Body=data, IfNoneMatch="*", ChecksumAlgorithm="SHA256")
        except ClientError as fault:
            if _code(fault) not in TAKEN:
                raise Unavailable("The ledger's bucket did not take an object.") from fault
            if self.read(path) != data:
                raise Bug(
                    f"The ledger's {path} has other bytes than its entries lead to; nothing more is published."
                ) from None
        except BotoCoreError as fault:
            raise Unavailable("The ledger's bucket did not answer.") from fault

    def head(self) -> tuple[bytes, str]:
        """The newest checkpoint and the tag of its version; both empty when there is none."""
        try:
            return self._get(tiles.CHECKPOINT_PATH)
        except _Absent:
            return b"", ""

    def move_head(self, note: bytes, tag: str) -> None:
        """Overwrite the checkpoint whose tag was `tag`, or put the first one. Raises Contended when it has changed."""
        condition: dict[str, Any] = {"IfMatch": tag} if tag else {"IfNoneMatch": "*"}
        try:
            client("s3").put_object(
                Bucket=self.name, Key=tiles.CHECKPOINT_PATH, Body=note, ChecksumAlgorithm="SHA256", **condition
            )
        except ClientError as fault:
            if _code(fault) in TAKEN:
                raise Contended("The ledger's checkpoint was moved by somebody else.") from None
            raise Unavailable("The ledger's bucket did not take a checkpoint.") from fault
        except BotoCoreError as fault:
            raise Unavailable("The ledger's bucket did not answer.") from fault

    def _get(self, path: str) -> tuple[bytes, str]:
        try:
            found = client("s3").get_object(Bucket=self.name, Key=path)
            return found["Body"].read(), found["ETag"]
        except ClientError as fault:
            kind = _Absent if _code(fault) in ABSENT else Unavailable
            raise kind(f"The ledger's bucket did not give {path}.") from fault
        except BotoCoreError as fault:
            raise Unavailable("The ledger's bucket did not answer.") from fault


class _Absent(Unavailable):
    """The object is not there, or not for us."""


@dataclass(frozen=True, slots=True)
class Signer:
    """The log's Ed25519 key, which cannot leave KMS."""

    key_id: str

    def public_key(self) -> bytes:
        """Its 32 public bytes, asked for once per process. Raises Unavailable, or Bug for a key of another kind."""
        return _public_key(self.key_id)

    def sign(self, text: bytes) -> bytes:
        """The 64 bytes of the signature over `text`. Raises Unavailable."""
        try:
            signed = client("kms").sign(
                KeyId=self.key_id, Message=text, MessageType="RAW", SigningAlgorithm="ED25519_SHA_512"
            )
        except (ClientError, BotoCoreError) as fault:
            raise Unavailable("The ledger's key did not sign.") from fault
        return bytes(signed["Signature"])


@cache
def _public_key(key_id: str) -> bytes:
    try:
        spki = client("kms").get_public_key(KeyId=key_id)["PublicKey"]
    except (ClientError, BotoCoreError) as fault:
        raise Unavailable("The ledger's public key could not be read.") from fault
    return raw_public_key(bytes(spki))


class Head(NamedTuple):
    """What an operator is told of the ledger: entries, root in hexadecimal, and the vkey a verifier is handed."""

    size: int
    root: str
    vkey: str


def head(bucket: str, *key_ids: str) -> Head:
    """The newest checkpoint, signed by the first of the keys that did; an empty vkey while nothing was published.

    Raises Unavailable, and BadCheckpoint where none of them signed it.
    """
    note, _ = LedgerBucket(bucket).head()
    if not note:
        return Head(0, EMPTY_ROOT.hex(), "")
    name = note.split(b"\n", 1)[0].decode()
    keys = [VerifierKey(name, Signer(key_id).public_key()) for key_id in key_ids]
    checkpoint: Checkpoint = open_checkpoint(note, *keys)
    return Head(checkpoint.size, checkpoint.root.hex(), str(next(key for key in keys if signed_by(note, key))))


def export(bucket: str, folder: Path) -> int:
    """Copy the ledger into `folder`, for the verifier: the newest checkpoint and all that it covers. Returns the files.

    Objects of a publication under way are left out. Raises Unavailable.
    """
    objects = LedgerBucket(bucket)
    note, _ = objects.head()
    if not note:
        return 0
    size = int(note.split(b"\n", 2)[1])
    names = [name for name in _names(bucket) if tiles.covered(name, size) or _archived(name, size)]
    for name in names:
        _write(folder / name, objects.read(name))
    _write(folder / tiles.CHECKPOINT_PATH, note)
    return len(names) + 1


def _names(bucket: str) -> list[str]:
    try:
        pages = client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return [found["Key"] for page in pages for found in page.get("Contents", ())]
    except (ClientError, BotoCoreError) as fault:
        raise Unavailable("The ledger's bucket could not be listed.") from fault


def _archived(name: str, size: int) -> bool:
    told = name.removeprefix("checkpoints/")
    return told.isdecimal() and tiles.archive_path(int(told)) == name and int(told) <= size


def _write(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def _code(fault: ClientError) -> str:
    return str(fault.response.get("Error", {}).get("Code", ""))
