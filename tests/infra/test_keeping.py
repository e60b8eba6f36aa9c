"""What is kept, for how long, under which key, and what survives the deletion of its stack."""

import json

import pytest

from tests.infra.assembly import Assembly, Resource

INDEXES = {
    "People": {"by_disposal": ("dispose_bucket", "dispose_on"), "by_patient": ("patient_id", "thread_id")},
    "Visits": {"by_patient": ("patient_id", "start_at")},
    "Messages": {
        "by_thread": ("thread_id", "at"),
        "by_line": ("line", "line_at"),
        "by_appointment": ("appointment_id", "send_at"),
        "by_state": ("open_state", "due"),
        "by_disposal": ("dispose_bucket", "dispose_on"),
        "by_owner": ("owner_year", "at"),
    },
    "Work": {"by_state": ("open_state", "due"), "by_disposal": ("dispose_bucket", "dispose_on")},
    "Secure": {
        "by_thread": ("thread_id", "at"),
        "by_disposal": ("dispose_bucket", "dispose_on"),
        "by_owner": ("owner_year", "at"),
    },
    "Keys": {},
    "Ledger": {"by_pending": ("pending", "at")},
}
# Each text sent changes its number, and must not pay for an index.
PROJECTIONS = {"People": {"KEYS_ONLY", "INCLUDE"}, "Work": {"ALL", "INCLUDE"}}
SIX_YEARS = 2192  # days; 45 CFR 164.316(b)(2)(i)


def _keys(schema: list[dict[str, str]]) -> tuple[str, ...]:
    return tuple(part["AttributeName"] for part in schema)


@pytest.mark.parametrize("name", INDEXES)
def test_tables(dev: Assembly, name: str) -> None:
    """Each table has the agreed keys and indexes, rests under our key, can be recovered and cannot be dropped."""
    table = dev.one("AWS::DynamoDB::GlobalTable", name)
    assert _keys(table.properties["KeySchema"]) == ("pk", "sk")
    found = {one["IndexName"]: one for one in table.properties.get("GlobalSecondaryIndexes", [])}
    assert {index: _keys(one["KeySchema"]) for index, one in found.items()} == INDEXES[name]
    assert {one["Projection"]["ProjectionType"] for one in found.values()} <= PROJECTIONS.get(name, {"ALL"})
    assert table.properties["BillingMode"] == "PAY_PER_REQUEST"
    (replica,) = table.properties["Replicas"]
    assert replica["SSESpecification"]["KMSMasterKeyId"]["Fn::GetAtt"][0].startswith("TablesKey")
    assert replica["DeletionProtectionEnabled"] is True
    recovery = replica["PointInTimeRecoverySpecification"]
    assert recovery["PointInTimeRecoveryEnabled"] is True
    assert recovery["RecoveryPeriodInDays"] == (1 if name == "Keys" else 35)
    assert table.body["DeletionPolicy"] == table.body["UpdateReplacePolicy"] == "Retain"
    assert "StreamSpecification" not in table.properties


def test_only_the_memory_of_events_expires_by_itself(dev: Assembly) -> None:
    """DynamoDB's own expiry leaves no evidence, so that it may touch nothing but the memory of events already seen."""
    expiring = {
        one.name: one.properties["TimeToLiveSpecification"]["AttributeName"]
        for one in dev.all("AWS::DynamoDB::GlobalTable")
        if "TimeToLiveSpecification" in one.properties
    }
    assert expiring == {"Visits": "expires"}


def test_there_are_seven_tables(dev: Assembly) -> None:
    """No table stands beside those of the contract."""
    tables = dev.all("AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table")
    assert {one.name for one in tables} == set(INDEXES)


def test_everything_rests_under_a_key_of_ours(dev: Assembly) -> None:
    """Queues, topics, logs, buckets, the bus and the trail name a customer-managed key."""
    for kind, key in (
        ("AWS::SQS::Queue", "KmsMasterKeyId"),
        ("AWS::SNS::Topic", "KmsMasterKeyId"),
        ("AWS::Logs::LogGroup", "KmsKeyId"),
        ("AWS::Events::EventBus", "KmsKeyIdentifier"),
        ("AWS::CloudTrail::Trail", "KMSKeyId"),
    ):
        found = dev.all(kind)
        assert found
        assert not [one.logical_id for one in found if not isinstance(one.properties.get(key), dict)]
    for bucket in dev.all("AWS::S3::Bucket"):
        (rule,) = bucket.properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
        assert isinstance(rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"], dict)


def test_logs_are_kept_for_seven_years(dev: Assembly) -> None:
    """Every log outlives the six years of HIPAA's documentation rule, and its stack."""
    logs = dev.all("AWS::Logs::LogGroup")
    assert len(logs) == 11 + 3  # the functions', the API's, the firewall's, the trail's
    for log in logs:
        assert log.properties["RetentionInDays"] > SIX_YEARS
        assert log.body["DeletionPolicy"] == "Retain"


def test_nothing_is_public(assemblies: dict[str, Assembly]) -> None:
    """Buckets are closed on all four sides, and no policy of any resource allows everybody anything."""
    for assembly in assemblies.values():
        for bucket in assembly.all("AWS::S3::Bucket"):
            assert set(bucket.properties["PublicAccessBlockConfiguration"].values()) == {True}
        for statement in _resource_statements(assembly):
            if statement["Effect"] == "Allow":
                assert statement["Principal"] not in ("*", {"AWS": "*"})


def test_plain_http_is_refused(dev: Assembly) -> None:
    """Buckets, queues and topics deny whatever does not come by TLS."""
    kinds = {"AWS::S3::BucketPolicy": 2, "AWS::SQS::QueuePolicy": 10, "AWS::SNS::TopicPolicy": 3}
    for kind, count in kinds.items():
        policies = dev.all(kind)
        assert len(policies) == count
        for policy in policies:
            denied = [
                one
                for one in policy.properties["PolicyDocument"]["Statement"]
                if one["Effect"] == "Deny" and one.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
            ]
            assert denied, policy.logical_id


@pytest.mark.parametrize(
    ("stage", "retention"),
    [("dev", {"Mode": "GOVERNANCE", "Days": 1}), ("prod", {"Mode": "COMPLIANCE", "Days": 3653})],
)
def test_ledger_lock(assemblies: dict[str, Assembly], stage: str, retention: dict[str, object]) -> None:
    """The ledger is locked for a day in dev, and for ten years against everybody in production."""
    ledger = assemblies[stage].one("AWS::S3::Bucket", "Ledger").properties
    assert ledger["ObjectLockEnabled"] is True
    assert ledger["ObjectLockConfiguration"]["Rule"]["DefaultRetention"] == retention
    assert ledger["VersioningConfiguration"] == {"Status": "Enabled"}
    assert "LifecycleConfiguration" not in ledger


def test_ledger_is_signed_with_ed25519(dev: Assembly) -> None:
    """Checkpoints are signed by a key that C2SP readers understand, and that never leaves KMS."""
    key = dev.one("AWS::KMS::Key", "SigningKey").properties
    assert (key["KeySpec"], key["KeyUsage"]) == ("ECC_NIST_EDWARDS25519", "SIGN_VERIFY")


def test_a_change_of_key_keeps_both(prod: Assembly) -> None:
    """With a second signing key the first one stays, and the ledger's function is given both, the new one to sign with."""
    keys = {name: prod.one("AWS::KMS::Key", name) for name in ("SigningKey", "SigningKey2")}
    assert {key.properties["KeySpec"] for key in keys.values()} == {"ECC_NIST_EDWARDS25519"}
    assert {key.body["DeletionPolicy"] for key in keys.values()} == {"Retain"}
    told = prod.one("AWS::Lambda::Function", "LedgerFunction").properties["Environment"]["Variables"]
    given = [json.dumps(told[name]) for name in ("SIGNING_KEY", "FORMER_SIGNING_KEY")]
    assert "SigningKey2" in given[0]
    assert "SigningKey" in given[1]
    assert "SigningKey2" not in given[1]


def test_symmetric_keys_rotate_and_survive(dev: Assembly) -> None:
    """Each encryption key rotates, and no key goes with its stack."""
    keys = dev.all("AWS::KMS::Key")
    assert len(keys) == 5  # a dollar a month each, so that a sixth is a decision
    for key in keys:
        assert key.body["DeletionPolicy"] == "Retain"
        assert key.properties.get("EnableKeyRotation", False) is (key.name != "SigningKey")


def test_stacks_that_hold_records_are_protected() -> None:
    """Nobody deletes the Data or the Audit stack without taking off its protection first."""
    from app import build

    app = build(context={"layer": "stub", "region": "us-east-1", "account": "111111111111"})
    protected = {child.node.id for child in app.node.children if getattr(child, "termination_protection", False)}
    assert protected == {"Data", "Audit"}


def test_trail_watches_ours_and_nothing_else(dev: Assembly) -> None:
    """The trail records management events, our tables and our two buckets; it is whole, encrypted and spans all regions."""
    (trail,) = dev.all("AWS::CloudTrail::Trail")
    selectors = {one["Name"]: _fields(one) for one in trail.properties["AdvancedEventSelectors"]}
    assert set(selectors) == {"Management", "Tables", "Ledger", "TrailItself"}
    assert len(selectors["Tables"]["resources.ARN"]["Equals"]) == 7
    assert trail.properties["EnableLogFileValidation"] is True
    assert trail.properties["IsMultiRegionTrail"] is True
    assert trail.properties["IsLogging"] is True
    assert "EventSelectors" not in trail.properties


def test_trail_never_sees_a_text(dev: Assembly) -> None:
    """No selector of data events names the SMS service, whose events hold patients' numbers in clear, and none is open."""
    (trail,) = dev.all("AWS::CloudTrail::Trail")
    for selector in trail.properties["AdvancedEventSelectors"]:
        fields = _fields(selector)
        if fields["eventCategory"] == {"Equals": ["Data"]}:
            (kind,) = fields["resources.type"]["Equals"]
            assert kind in ("AWS::DynamoDB::Table", "AWS::S3::Object")
            assert fields["resources.ARN"]


def test_trail_writes_only_as_itself(dev: Assembly) -> None:
    """CloudTrail may write into the trail's bucket for this one trail, and so may nobody else."""
    (policy,) = (one for one in dev.all("AWS::S3::BucketPolicy") if one.name == "TrailLogsPolicy")
    allowed = [one for one in policy.properties["PolicyDocument"]["Statement"] if one["Effect"] == "Allow"]
    assert [one["Principal"] for one in allowed] == [{"Service": "cloudtrail.amazonaws.com"}] * 2
    ours = "arn:aws:cloudtrail:us-east-1:111111111111:trail/quietline-dev-audit-trail"
    assert {one["Condition"]["StringEquals"]["aws:SourceArn"] for one in allowed} == {ours}


def _fields(selector: dict[str, object]) -> dict[str, dict[str, list[str]]]:
    listed: list[dict[str, object]] = selector["FieldSelectors"]  # type: ignore[assignment]
    return {str(one["Field"]): {k: v for k, v in one.items() if k != "Field"} for one in listed}  # type: ignore[misc]


def _resource_statements(assembly: Assembly) -> list[dict[str, object]]:
    policies: list[Resource] = assembly.all("AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy")
    documents = [one.properties["PolicyDocument"] for one in policies]
    documents += [one.properties["KeyPolicy"] for one in assembly.all("AWS::KMS::Key")]
    return [statement for document in documents for statement in document["Statement"]]
