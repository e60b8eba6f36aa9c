"""S3 as we rely on it: locked evidence stays, and a tile is written once.

Source: S3 User Guide ("Locking objects with Object Lock", "Managing Object Lock", "Conditional writes") and the API
reference of the operations named. Locks here last two real minutes.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.conftest import Cloud, differs


def soon(minutes: float = 2) -> datetime:
    return (datetime.now(UTC) + timedelta(minutes=minutes)).replace(microsecond=0)


def put(cloud: Cloud, bucket: str, mode: str = "COMPLIANCE", until: datetime | None = None) -> dict[str, str]:
    """Put locked evidence and return what names its version."""
    lock = {"ObjectLockMode": mode, "ObjectLockRetainUntilDate": until or soon()}
    made = cloud.client("s3").put_object(Bucket=bucket, Key="evidence", Body=b"entry 1", **lock)
    return {"Bucket": bucket, "Key": "evidence", "VersionId": made["VersionId"]}


def refused(code: str, call: Any, **arguments: Any) -> None:
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    assert caught.value.response["Error"]["Code"] == code


@pytest.mark.parametrize("bypass", [False, True])
def test_a_compliance_lock_refuses_deletion_to_everyone(cloud: Cloud, bypass: bool) -> None:
    """Not even the right to bypass governance deletes a version under compliance."""
    s3, version = cloud.client("s3"), put(cloud, cloud.locked_bucket())
    refused("AccessDenied", s3.delete_object, **version, BypassGovernanceRetention=bypass)
    assert s3.get_object(**version)["Body"].read() == b"entry 1"


def test_a_batch_deletes_no_locked_version(cloud: Cloud) -> None:
    """The batch says so for each object, and the object is still there."""
    s3, version = cloud.client("s3"), put(cloud, cloud.locked_bucket())
    named = {"Objects": [{"Key": version["Key"], "VersionId": version["VersionId"]}]}
    answer = s3.delete_objects(Bucket=version["Bucket"], Delete=named)
    assert [error["Code"] for error in answer["Errors"]] == ["AccessDenied"]
    assert s3.get_object(**version)["Body"].read() == b"entry 1"


@differs(moto="accepts both, so that its locks can be undone")
@pytest.mark.parametrize(("mode", "minutes"), [("COMPLIANCE", 1), ("GOVERNANCE", 2)])
def test_a_compliance_lock_is_neither_shortened_nor_weakened(cloud: Cloud, mode: str, minutes: int) -> None:
    """Retention under compliance only ever grows."""
    s3, until = cloud.client("s3"), soon()
    version = put(cloud, cloud.locked_bucket(), until=until)
    weaker = {"Mode": mode, "RetainUntilDate": until - timedelta(minutes=2 - minutes)}
    refused("AccessDenied", s3.put_object_retention, **version, Retention=weaker)


def test_a_compliance_lock_can_be_extended(cloud: Cloud) -> None:
    """A legal hold that turns into a longer retention is possible."""
    s3, version = cloud.client("s3"), put(cloud, cloud.locked_bucket())
    longer = soon(3)
    s3.put_object_retention(**version, Retention={"Mode": "COMPLIANCE", "RetainUntilDate": longer})
    assert s3.head_object(**version)["ObjectLockRetainUntilDate"] == longer


@differs(moto="answers 500")
def test_a_lock_can_be_read_back(cloud: Cloud) -> None:
    """Anyone who audits can ask what protects an object."""
    until = soon()
    version = put(cloud, cloud.locked_bucket(), until=until)
    told = cloud.client("s3").get_object_retention(**version)["Retention"]
    assert (told["Mode"], told["RetainUntilDate"]) == ("COMPLIANCE", until)


def test_governance_gives_way_only_to_the_right_to_bypass(cloud: Cloud) -> None:
    """The development stage's lock holds against ordinary deletion."""
    s3, version = cloud.client("s3"), put(cloud, cloud.locked_bucket(), mode="GOVERNANCE")
    refused("AccessDenied", s3.delete_object, **version)
    s3.delete_object(**version, BypassGovernanceRetention=True)
    refused("NoSuchVersion", s3.get_object, **version)


def test_a_legal_hold_refuses_deletion_until_it_is_lifted(cloud: Cloud) -> None:
    """A hold has no end date and works without any retention."""
    s3, bucket = cloud.client("s3"), cloud.locked_bucket()
    made = s3.put_object(Bucket=bucket, Key="held", Body=b"x", ObjectLockLegalHoldStatus="ON")
    version = {"Bucket": bucket, "Key": "held", "VersionId": made["VersionId"]}
    refused("AccessDenied", s3.delete_object, **version)
    s3.put_object_legal_hold(**version, LegalHold={"Status": "OFF"})
    s3.delete_object(**version)


def test_the_buckets_default_retention_locks_what_says_nothing(cloud: Cloud) -> None:
    """A writer need not know of the lock for its object to be locked (governance here, so that it can be removed)."""
    s3, bucket = cloud.client("s3"), cloud.locked_bucket()
    rule = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}}
    s3.put_object_lock_configuration(
        Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    made = s3.put_object(Bucket=bucket, Key="plain", Body=b"x")
    version = {"Bucket": bucket, "Key": "plain", "VersionId": made["VersionId"]}
    assert s3.head_object(**version)["ObjectLockMode"] == "GOVERNANCE"
    refused("AccessDenied", s3.delete_object, **version)
    s3.delete_object(**version, BypassGovernanceRetention=True)


def test_an_ordinary_delete_hides_and_destroys_nothing(cloud: Cloud) -> None:
    """A delete marker can make the ledger look empty; the versions are whole, and the verifier reads versions."""
    s3, version = cloud.client("s3"), put(cloud, cloud.locked_bucket())
    s3.delete_object(Bucket=version["Bucket"], Key=version["Key"])
    refused("NoSuchKey", s3.get_object, Bucket=version["Bucket"], Key=version["Key"])
    assert s3.get_object(**version)["Body"].read() == b"entry 1"


@differs(moto="suspends it", ministack="suspends it")
def test_versioning_cannot_be_suspended_under_object_lock(cloud: Cloud) -> None:
    """The ground the lock stands on cannot be taken away."""
    suspended = {"Status": "Suspended"}
    change = cloud.client("s3").put_bucket_versioning
    refused("InvalidBucketState", change, Bucket=cloud.locked_bucket(), VersioningConfiguration=suspended)


def test_an_object_is_written_once(cloud: Cloud) -> None:
    """With If-None-Match the second writer of a tile is told, and the first one's bytes stand."""
    s3, bucket = cloud.client("s3"), cloud.locked_bucket()
    s3.put_object(Bucket=bucket, Key="tile/0/000", Body=b"first", IfNoneMatch="*")
    refused("PreconditionFailed", s3.put_object, Bucket=bucket, Key="tile/0/000", Body=b"second", IfNoneMatch="*")
    assert s3.get_object(Bucket=bucket, Key="tile/0/000")["Body"].read() == b"first"


def test_an_object_is_replaced_only_by_who_read_it(cloud: Cloud) -> None:
    """With If-Match a checkpoint moves on from the one that was read, or not at all."""
    s3, bucket = cloud.client("s3"), cloud.locked_bucket()
    tag = s3.put_object(Bucket=bucket, Key="checkpoint", Body=b"1")["ETag"]
    s3.put_object(Bucket=bucket, Key="checkpoint", Body=b"2", IfMatch=tag)
    refused("PreconditionFailed", s3.put_object, Bucket=bucket, Key="checkpoint", Body=b"3", IfMatch=tag)


@differs(ministack="keeps no checksum")
def test_a_checksum_comes_back(cloud: Cloud) -> None:
    """What we asked S3 to check on the way in, it tells on the way out."""
    s3, bucket = cloud.client("s3"), cloud.locked_bucket()
    made = s3.put_object(Bucket=bucket, Key="k", Body=b"entry 1", ChecksumAlgorithm="SHA256")
    told = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert told["ChecksumSHA256"] == made["ChecksumSHA256"]


def test_what_is_not_there_is_named_so(cloud: Cloud) -> None:
    """A missing object is an error of its own type."""
    s3 = cloud.client("s3")
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket=cloud.locked_bucket(), Key="nothing")
