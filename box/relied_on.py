"""What Quietline relies on AWS for, asked of whatever stands in its place before anything is built on it.

A promise kept on an emulator that cannot keep it would be a show. So the box asks at every start, with the same API
calls the product makes, and says in its page what the answer was.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

RACERS = 20
LOCKED_FOR = timedelta(minutes=10)  # longer than any check takes; the real day's end, for emulators live in real time

# What no check can change: the box says these on its page, beside the answers.
NOT_SHOWN = (
    "Object Lock, key service and permissions here show how we use them, not what AWS guarantees.",
    "Wrapped keys are not authenticated by the embedded key service; our own encryption of records is.",
    "AWS's own clocks (an object's retention, a table's time to live) run in real time, not on the box's clock.",
    "No quotas, throttling, regional failure or late reads, and no cold starts as on Lambda.",
    "The carrier is simulated: no registration, spam filter, throughput limit or real receipt.",
    "Everything is forgotten when the box stops. It is no place for a real patient.",
)

Clients = Mapping[str, Any]


class NotRelied(RuntimeError):
    """Raised when the embedded AWS does not do what the product relies on; says what, one line each."""


@dataclass(frozen=True)
class Relied:
    """One thing we rely on: its name, whether it held, and a sentence for the page."""

    name: str
    ok: bool
    note: str


def relied_on(clients: Clients) -> list[Relied]:
    """Ask everything we rely on of `clients` (`s3`, `dynamodb` and `kms`) and return the answers, good or bad."""
    return [_asked(name, check, clients) for name, check in CHECKS.items()]


def assert_relied_on(clients: Clients, *, excused: tuple[str, ...] = ()) -> list[Relied]:
    """Return the answers of `relied_on`; raises `NotRelied` if one is bad and its name is not excused."""
    answers = relied_on(clients)
    bad = [answer for answer in answers if not answer.ok and answer.name not in excused]
    if bad:
        raise NotRelied("\n".join(f"{answer.name}: {answer.note}" for answer in bad))
    return answers


def ledger_locked(s3: Any, bucket: str) -> str:
    """The bucket the ledger is published to is itself under Object Lock; raises `NotRelied`."""
    if s3.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]["ObjectLockEnabled"] != "Enabled":
        raise NotRelied("The ledger's bucket is not locked.")
    return "The ledger's own bucket is under Object Lock."


def locks_hold(clients: Clients) -> str:
    """A locked version of an object cannot be deleted, in either mode, without the right to bypass."""
    s3, bucket = clients["s3"], f"quietline-relied-on-{secrets.token_hex(8)}"
    s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    until = datetime.now(UTC) + LOCKED_FOR  # real time, which is what S3 goes by
    for mode, extra in (("COMPLIANCE", {"BypassGovernanceRetention": True}), ("GOVERNANCE", {})):
        lock = {"ObjectLockMode": mode, "ObjectLockRetainUntilDate": until}
        version = s3.put_object(Bucket=bucket, Key=mode, Body=b"evidence", **lock)["VersionId"]
        with _refused("AccessDenied"):
            s3.delete_object(Bucket=bucket, Key=mode, VersionId=version, **extra)
        if s3.get_object(Bucket=bucket, Key=mode, VersionId=version)["Body"].read() != b"evidence":
            raise AssertionError(f"the {mode} object changed")
    return "A locked object refuses deletion, in compliance mode even with the right to bypass."


def locks_last(clients: Clients) -> str:
    """A compliance lock can be neither shortened nor weakened."""
    s3, bucket = clients["s3"], f"quietline-relied-on-{secrets.token_hex(8)}"
    s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    until = datetime.now(UTC) + LOCKED_FOR
    lock = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": until}
    version = s3.put_object(Bucket=bucket, Key="e", Body=b"evidence", **lock)["VersionId"]
    for weaker in (
        {"Mode": "COMPLIANCE", "RetainUntilDate": until - LOCKED_FOR / 2},
        {"Mode": "GOVERNANCE", "RetainUntilDate": until},
    ):
        with _refused("AccessDenied"):
            s3.put_object_retention(Bucket=bucket, Key="e", VersionId=version, Retention=weaker)
    return "A compliance lock can be neither shortened nor weakened."


def one_winner(clients: Clients) -> str:
    """Of twenty conditional writes at once, one succeeds."""
    dynamodb = clients["dynamodb"]
    with _table(dynamodb) as table:
        for name in ("first", "second", "third"):

            def race(racer: int, name: str = name) -> bool:
                item = {"pk": {"S": name}, "racer": {"N": str(racer)}}
                try:
                    dynamodb.put_item(TableName=table, Item=item, ConditionExpression="attribute_not_exists(pk)")
                except dynamodb.exceptions.ConditionalCheckFailedException:
                    return False
                return True

            with ThreadPoolExecutor(RACERS) as racers:
                won = sum(racers.map(race, range(RACERS)))
            if won != 1:
                raise AssertionError(f"{won} of {RACERS} conditional writes won")
    return f"Of {RACERS} conditional writes at once exactly one succeeds."


def all_or_nothing(clients: Clients) -> str:
    """A transaction with one failed condition writes nothing, and says which condition it was."""
    dynamodb = clients["dynamodb"]
    with _table(dynamodb) as table:
        put = {"Put": {"TableName": table, "Item": {"pk": {"S": "change"}}}}
        check = {"TableName": table, "Key": {"pk": {"S": "absent"}}, "ConditionExpression": "attribute_exists(pk)"}
        try:
            dynamodb.transact_write_items(TransactItems=[put, {"ConditionCheck": check}])
        except dynamodb.exceptions.TransactionCanceledException as error:
            codes = [reason["Code"] for reason in error.response["CancellationReasons"]]
        else:
            raise AssertionError("a transaction with a failed condition went through")
        if codes != ["None", "ConditionalCheckFailed"]:
            raise AssertionError(f"the reasons were {codes}")
        if "Item" in dynamodb.get_item(TableName=table, Key={"pk": {"S": "change"}}, ConsistentRead=True):
            raise AssertionError("half of a cancelled transaction was written")
    return "A transaction with one failed condition writes nothing."


def contexts_bind(clients: Clients) -> str:
    """A data key opens only with the context it was wrapped with."""
    kms = clients["kms"]
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    made = kms.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext={"owner": "a"})
    wrapped = made["CiphertextBlob"]
    with _refused("InvalidCiphertextException"):
        kms.decrypt(CiphertextBlob=wrapped, EncryptionContext={"owner": "b"})
    if kms.decrypt(CiphertextBlob=wrapped, EncryptionContext={"owner": "a"})["Plaintext"] != made["Plaintext"]:
        raise AssertionError("the right context gave another key back")
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    return "A data key opens only with the context it was wrapped with."


def signatures_verify_offline(clients: Clients) -> str:
    """A signature made by KMS is plain Ed25519: anyone with the public key can check it."""
    kms, message = clients["kms"], b"a checkpoint\n1\nroot\n"
    key = kms.create_key(KeySpec="ECC_NIST_EDWARDS25519", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    wanted = {"KeyId": key, "Message": message, "MessageType": "RAW", "SigningAlgorithm": "ED25519_SHA_512"}
    signature = kms.sign(**wanted)["Signature"]
    public = load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])
    if not isinstance(public, Ed25519PublicKey):
        raise AssertionError("the public key is not an Ed25519 key")
    public.verify(signature, message)
    try:
        public.verify(signature, message + b" ")
    except InvalidSignature:
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
        return "An Ed25519 signature made by the key service verifies offline."
    raise AssertionError("a signature verified over another message")


CHECKS: dict[str, Callable[[Clients], str]] = {
    "object lock holds": locks_hold,
    "object lock lasts": locks_last,
    "conditional writes are atomic": one_winner,
    "transactions roll back": all_or_nothing,
    "encryption contexts bind": contexts_bind,
    "Ed25519 signatures": signatures_verify_offline,
}


def _asked(name: str, check: Callable[[Clients], str], clients: Clients) -> Relied:
    try:
        return Relied(name, ok=True, note=check(clients))
    except (ClientError, AssertionError) as error:
        return Relied(name, ok=False, note=str(error))


@contextmanager
def _refused(code: str) -> Iterator[None]:
    """Insist that AWS refuses what happens inside, with that error code."""
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] != code:
            raise
        return
    raise AssertionError(f"what should be refused with {code} was done")


@contextmanager
def _table(dynamodb: Any) -> Iterator[str]:
    """Make a table for one check and take it away again."""
    name = f"quietline-relied-on-{secrets.token_hex(8)}"
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    try:
        yield name
    finally:
        dynamodb.delete_table(TableName=name)
