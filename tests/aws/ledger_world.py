"""A ledger's table and locked bucket on moto, a key that signs like KMS, and a hand that stops a run after any write."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from botocore.client import BaseClient
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from moto import mock_aws
from texting.audit import tiles
from texting.audit.checkpoint import Checkpoint, VerifierKey, sign_checkpoint
from texting.audit.entries import Entry, encode
from texting.aws.clients import client
from texting.aws.ledger import LedgerBucket, Signer, _public_key
from texting.aws.places import moment
from texting.aws.sequencing import Sequencer
from texting.flows.publish_ledger import Press, Published, origin_of, publish_ledger

from tests.audit.logs import SIGNER, START, entry
from verifier import verify as verifier

NOW = START + timedelta(hours=1)
ORIGIN = origin_of("https://text.glow.example")
KEY = VerifierKey(ORIGIN, SIGNER.public_key().public_bytes_raw())
TABLE_KEYS = {"pk": "HASH", "sk": "RANGE", "pending": "HASH", "at": "RANGE"}
SIGNERS = {f"key-{n}": Ed25519PrivateKey.from_private_bytes(bytes([n] * 32)) for n in (2, 3)}
"""Keys that KMS has besides the ledger's first one."""
KEYS = [verifier.read_key(str(KEY))]


class Died(BaseException):
    """The machine stopped. Not an Exception, so that nothing can catch it by mistake."""


WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "PutObject"})


@dataclass
class Calls:
    """Every AWS call of the process. The machine stops once the write numbered `die_after` (from 1) has been made.

    That is every point that matters: a run that stops before a write, or after a read, leaves what the write before left.
    """

    made: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    die_after: int = 0

    def writes(self) -> list[str]:
        """The calls that changed something, by name."""
        return [operation for operation, _ in self.made if operation in WRITES]

    def around(self, real: Any) -> Any:
        def call(caller: BaseClient, operation: str, asked: dict[str, Any]) -> Any:
            answer = kms(operation, asked) or real(caller, operation, asked)
            self.made.append((operation, asked))
            if operation in WRITES and len(self.writes()) == self.die_after:
                raise Died
            return answer

        return call


def kms(operation: str, asked: dict[str, Any]) -> dict[str, Any] | None:
    """What KMS answers about an Ed25519 key, which moto does not know."""
    signer = SIGNERS.get(asked.get("KeyId", ""), SIGNER)
    if operation == "GetPublicKey":
        return {"PublicKey": signer.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)}
    if operation == "Sign":
        assert (asked["MessageType"], asked["SigningAlgorithm"]) == ("RAW", "ED25519_SHA_512")
        return {"Signature": signer.sign(asked["Message"])}
    return None


@dataclass
class LedgerWorld:
    """The ledger of one practice. `run` is one minute's run of the function."""

    press: Press
    calls: Calls
    bucket: str = "ledger-bucket"

    def begun(self, size: int) -> None:
        """A log that has its first `size` entries behind it: their objects, and the state they led to."""
        growth = tiles.grow(tiles.Edge(), [encode(one) for one in entries(0, size)])
        note = sign_checkpoint(Checkpoint(ORIGIN, size, growth.edge.root()), KEY, SIGNER.sign)
        ends = [(tiles.archive_path(size), note), (tiles.CHECKPOINT_PATH, note)]
        for path, data in [*((each.path, each.data) for each in growth.objects), *ends]:
            client("s3").put_object(Bucket=self.bucket, Key=path, Body=data, ChecksumAlgorithm="SHA256")
        state = {"pk": "STATE", "sk": "LOG", "root": growth.edge.root().hex(), "origin": ORIGIN, "vkey": str(KEY)}
        told = {name: {"S": value} for name, value in state.items()}
        told |= {"size": {"N": str(size)}, "published": {"N": str(size)}}
        client("dynamodb").put_item(TableName="ledger", Item=told)

    def write(self, entries: Sequence[Entry]) -> None:
        """Write entries as journeys do, but many in one call."""
        for start in range(0, len(entries), 25):
            puts = [{"PutRequest": {"Item": item(one)}} for one in entries[start : start + 25]]
            client("dynamodb").batch_write_item(RequestItems={"ledger": puts})

    def run(self, now: datetime = NOW, times: int = 10**6) -> Published:
        """One run with time for `times` rounds."""
        left = iter(range(times))
        return publish_ledger(self.press, now, lambda: next(left, None) is not None)

    def dies(self, after: int, now: datetime = NOW) -> bool:
        """One run whose machine stops after so many writes; False when the run was over sooner."""
        self.calls.made.clear()
        self.calls.die_after = after
        try:
            self.run(now)
        except Died:
            return True
        finally:
            self.calls.die_after = 0
        return False

    def objects(self) -> dict[str, bytes]:
        """The bucket as an export has it."""
        s3 = client("s3")
        names = [found["Key"] for found in s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])]
        return {name: s3.get_object(Bucket=self.bucket, Key=name)["Body"].read() for name in names}

    def state(self) -> dict[str, Any]:
        """The item STATE/LOG."""
        key = {"pk": {"S": "STATE"}, "sk": {"S": "LOG"}}
        found = client("dynamodb").get_item(TableName="ledger", Key=key)["Item"]
        return {name: next(iter(value.values())) for name, value in found.items()}

    def verified(self) -> verifier.Report:
        """What the independent reader says of the bucket, against the anchor kept outside of it; raises what is bad."""
        report, _, _ = verifier.verify(self.objects(), KEYS, [verifier.read_anchor(self.state()["anchor"])])
        return report


def make_table() -> None:
    """The ledger's table with its index of the waiting."""
    keys = {name: {"AttributeName": name, "KeyType": kind} for name, kind in TABLE_KEYS.items()}
    pending = {"IndexName": "by_pending", "KeySchema": [keys["pending"], keys["at"]]}
    client("dynamodb").create_table(
        TableName="ledger",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in TABLE_KEYS],
        KeySchema=[keys["pk"], keys["sk"]],
        GlobalSecondaryIndexes=[pending | {"Projection": {"ProjectionType": "ALL"}}],
    )


def item(one: Entry) -> dict[str, Any]:
    return {
        "pk": {"S": f"E#{one.id}"},
        "sk": {"S": "ENTRY"},
        "pending": {"S": "1"},
        "at": {"S": f"{one.at}#{one.id}"},
        "entry": {"B": encode(one)},
    }


def entries(first: int, end: int) -> list[Entry]:
    """Entries `first` to `end`, each a second after the one before."""
    made = [entry(number) for number in range(first, end)]
    assert all(one.at == moment(START + timedelta(seconds=number)) for number, one in enumerate(made, first))
    return made


@contextmanager
def ledger_world() -> Iterator[LedgerWorld]:
    """A fresh ledger in a fresh account."""
    calls = Calls()
    _public_key.cache_clear()
    with mock_aws(), patch.object(BaseClient, "_make_api_call", calls.around(BaseClient._make_api_call)):
        make_table()
        client("s3").create_bucket(Bucket=LedgerWorld.bucket, ObjectLockEnabledForBucket=True)
        press = Press(
            Sequencer("ledger"), LedgerBucket(LedgerWorld.bucket), Signer("signing-key"), ORIGIN, Signer("signing-key")
        )
        yield LedgerWorld(press, calls)
