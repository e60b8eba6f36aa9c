"""One AWS behaviour, asked of every cloud we use: moto in this process, the embedded AWS, and by hand the real one.

What the tests expect is AWS as documented. Where an emulator is known to differ, the test carries `@differs(...)` with
what it does instead: a strict expected failure, so that the day it is mended the suite says so.

On a real account, in an account for trials (it makes tables, keys and locked objects, costs some cents, and leaves
behind locked buckets, which can be emptied three minutes later, and keys that wait seven days for their deletion):

    QUIETLINE_CONFORMANCE_AWS=1 AWS_PROFILE=trials AWS_REGION=us-east-1 pytest tests/conformance -n0

With QUIETLINE_CONFORMANCE_NUMBER=phone-... (a simulator's number) the carrier's part is asked too, by dry runs.
"""

import os
import secrets
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import boto3
import pytest
from moto import mock_aws

from box.embedded_aws import EmbeddedAws
from box.embedded_moto import make_writes_atomic

KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
REAL = bool(os.environ.get("QUIETLINE_CONFORMANCE_AWS"))
SESSION = boto3.Session()
Test = TypeVar("Test", bound=Callable[..., None])


class Cloud:
    """One AWS to ask: makes clients once, names things uniquely, and cleans up after a test."""

    def __init__(self, name: str, settings: dict[str, Any]) -> None:
        self.name = name
        self.account = "0" * 12
        self._settings = settings
        self._clients: dict[str, Any] = {}
        self._cleanup: list[Callable[[], object]] = []

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = SESSION.client(service, **self._settings)
        return self._clients[service]

    def unique(self, word: str) -> str:
        return f"quietline-trial-{word}-{secrets.token_hex(6)}"

    def afterwards(self, action: Callable[[], object]) -> None:
        self._cleanup.append(action)

    def clean(self) -> None:
        while self._cleanup:
            self._cleanup.pop()()

    def table(self, index: bool = False, **more: Any) -> str:
        """Make a table with keys pk and sk, and if asked an index `by-due` on shelf and due."""
        name, dynamodb = self.unique("table"), self.client("dynamodb")
        names = ["pk", "sk", *(["shelf", "due"] if index else [])]
        wanted: dict[str, Any] = {"KeySchema": schema("pk", "sk"), "BillingMode": "PAY_PER_REQUEST", **more}
        if index:
            by_due = {
                "IndexName": "by-due",
                "KeySchema": schema("shelf", "due"),
                "Projection": {"ProjectionType": "ALL"},
            }
            wanted["GlobalSecondaryIndexes"] = [by_due]
        attributes = [{"AttributeName": attribute, "AttributeType": "S"} for attribute in names]
        dynamodb.create_table(TableName=name, AttributeDefinitions=attributes, **wanted)
        dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 2})
        self.afterwards(lambda: dynamodb.delete_table(TableName=name))
        return name

    def locked_bucket(self) -> str:
        """Make a bucket with Object Lock."""
        name = self.unique("bucket")
        self.client("s3").create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
        return name

    def key(self, **wanted: Any) -> str:
        """Make a KMS key."""
        kms = self.client("kms")
        key = str(kms.create_key(**wanted)["KeyMetadata"]["KeyId"])
        self.afterwards(lambda: kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7))
        return key

    def queue(self, **attributes: str) -> tuple[str, str]:
        """Make a queue and return its URL and ARN."""
        sqs = self.client("sqs")
        url = str(sqs.create_queue(QueueName=self.unique("queue"), Attributes=attributes)["QueueUrl"])
        self.afterwards(lambda: sqs.delete_queue(QueueUrl=url))
        told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return url, str(told["Attributes"]["QueueArn"])


def schema(hashed: str, sorted_by: str) -> list[dict[str, str]]:
    return [{"AttributeName": hashed, "KeyType": "HASH"}, {"AttributeName": sorted_by, "KeyType": "RANGE"}]


def differs(**clouds: str) -> Callable[[Test], Test]:
    """Mark a test as one that the named clouds fail, each with what it does instead."""

    def mark(test: Test) -> Test:
        test.differs = clouds  # type: ignore[attr-defined]
        return test

    return mark


@pytest.fixture(scope="session")
def ministack() -> Iterator[Cloud]:
    with EmbeddedAws("ministack") as aws:
        yield Cloud("ministack", aws.client_settings())


@pytest.fixture(scope="session")
def in_process() -> Cloud:
    make_writes_atomic()
    return Cloud("moto", KEYS)


@pytest.fixture(params=["moto", "ministack", *(["aws"] if REAL else [])])
def cloud(request: pytest.FixtureRequest) -> Iterator[Cloud]:
    reason = getattr(request.function, "differs", {}).get(request.param)
    if reason:
        request.applymarker(pytest.mark.xfail(reason=f"{request.param} differs: {reason}", strict=True))
    if request.param == "aws":
        yield from _cleaned(Cloud("aws", {}))
    elif request.param == "ministack":
        yield from _cleaned(request.getfixturevalue("ministack"))
    else:
        with mock_aws():
            yield from _cleaned(request.getfixturevalue("in_process"))


def _cleaned(cloud: Cloud) -> Iterator[Cloud]:
    yield cloud
    cloud.clean()
