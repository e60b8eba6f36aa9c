"""What the box relies on of its embedded AWS, tried at every start: a promise shown on sand would be no promise.

Raises `NotReliable` with the thing that does not hold. The trials use a bucket and a table of their own.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from box.runtime.running import Runtime

RACERS, ROUNDS = 6, 3
TRIAL = "box-relied-on"


class NotReliable(RuntimeError):
    """Raised when the embedded AWS does not keep what the box is about to show."""


def assert_relied_on(runtime: Runtime) -> list[str]:
    """Try everything, and return what held, as sentences."""
    return [locked(runtime), atomic(runtime.client("dynamodb")), signs(runtime)]


def locked(runtime: Runtime) -> str:
    """The ledger's bucket is under Object Lock, and an object under its kind of lock cannot be deleted."""
    s3 = runtime.client("s3")
    names = [name for logical, name in runtime.built.buckets.items() if logical.startswith("Ledger")]
    for name in names:
        told = s3.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"]
        if told["ObjectLockEnabled"] != "Enabled":
            raise NotReliable("The ledger's bucket is not locked.")
    s3.create_bucket(Bucket=TRIAL, ObjectLockEnabledForBucket=True)
    until = datetime.now(UTC) + timedelta(days=1)
    version = s3.put_object(
        Bucket=TRIAL, Key="x", Body=b"x", ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=until
    )
    try:
        s3.delete_object(Bucket=TRIAL, Key="x", VersionId=version["VersionId"])
    except ClientError:
        return "A locked object refuses to be deleted."
    raise NotReliable("A locked object could be deleted.")


def atomic(dynamodb: Any) -> str:
    """Of several writers of the same new item exactly one wins, in plain writes and in transactions."""
    schema = [{"AttributeName": "pk", "KeyType": "HASH"}]
    attributes = [{"AttributeName": "pk", "AttributeType": "S"}]
    dynamodb.create_table(
        TableName=TRIAL, KeySchema=schema, AttributeDefinitions=attributes, BillingMode="PAY_PER_REQUEST"
    )
    put = {"TableName": TRIAL, "ConditionExpression": "attribute_not_exists(pk)"}

    def plain(key: str) -> bool:
        return _won(lambda: dynamodb.put_item(Item={"pk": {"S": key}}, **put))

    def together(key: str) -> bool:
        return _won(lambda: dynamodb.transact_write_items(TransactItems=[{"Put": {"Item": {"pk": {"S": key}}, **put}}]))

    with ThreadPoolExecutor(RACERS) as pool:
        for way in (plain, together):
            for turn in range(ROUNDS):
                if sum(pool.map(way, [f"{way.__name__}{turn}"] * RACERS)) != 1:
                    raise NotReliable("A conditional write was won by several writers, or by none.")
    dynamodb.delete_table(TableName=TRIAL)
    return "Of writers that race for one item exactly one wins."


def signs(runtime: Runtime) -> str:
    """The key that signs the ledger's checkpoints makes signatures that verify without KMS."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    kms = runtime.client("kms")
    key = next(f.environment["SIGNING_KEY"] for f in runtime.built.functions.values() if "SIGNING_KEY" in f.environment)
    signed = kms.sign(KeyId=key, Message=b"box", MessageType="RAW", SigningAlgorithm="ED25519_SHA_512")["Signature"]
    public = load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])
    if not isinstance(public, Ed25519PublicKey):
        raise NotReliable("The signing key is not an Ed25519 key.")
    public.verify(signed, b"box")
    return "What the ledger's key signs can be checked without it."


def _won(write: Any) -> bool:
    try:
        write()
    except ClientError:
        return False
    return True
