"""Who may do what: the exact rights of every function, held to a table that a person wrote."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from infra.permissions import Names, page, rights
from tests.infra.assembly import FUNCTIONS, ROOT, Assembly

WRITTEN = tomllib.loads((Path(__file__).parent / "permissions.toml").read_text(encoding="utf-8"))
EVERYBODY = {
    "own log": {"logs:CreateLogStream", "logs:PutLogEvents"},
    "*": {"xray:PutTraceSegments", "xray:PutTelemetryRecords"},
}
LEDGER_DELETERS = ("s3:Delete", "s3:Bypass", "s3:PutBucket", "s3:PutObjectRetention", "s3:PutObjectLegalHold")
MANAGED_POLICY_LIMIT = 6144  # characters without blanks, an IAM quota


@pytest.mark.parametrize("function", FUNCTIONS)
def test_exact_rights(dev: Assembly, function: str) -> None:
    """A function may do what the table says and nothing else: to widen a policy is to change the table, in sight."""
    wanted = {name: set(actions) for name, actions in WRITTEN[function].items()} | EVERYBODY
    assert rights(dev.templates)[function] == wanted


def test_no_other_holders(dev: Assembly) -> None:
    """Besides the functions only the schedules' role and the trail's writer hold rights, and the table knows them."""
    assert set(rights(dev.templates)) == set(WRITTEN)
    for holder in set(WRITTEN) - set(FUNCTIONS):
        assert rights(dev.templates)[holder] == {name: set(actions) for name, actions in WRITTEN[holder].items()}


def test_nothing_is_granted_elsewhere(dev: Assembly) -> None:
    """No role has an inline policy, and none but API Gateway's log writer a policy of AWS's making."""
    assert not dev.all("AWS::IAM::Policy")
    roles = dev.all("AWS::IAM::Role")
    assert not [role.logical_id for role in roles if "Policies" in role.properties]
    assert [role.name for role in roles if "ManagedPolicyArns" in role.properties] == ["DoorsApiCloudWatchRole"]


def test_no_wildcard_actions_and_no_scans(dev: Assembly) -> None:
    """No action has a star in it, and nobody may scan: what grows with the practice is queried by index."""
    actions = {action for held in rights(dev.templates).values() for some in held.values() for action in some}
    assert not [action for action in actions if "*" in action or action in ("dynamodb:Scan", "dynamodb:PartiQLSelect")]


def test_only_retention_deletes(dev: Assembly) -> None:
    """Nobody but retention may delete an item, and it may not delete from the ledger."""
    deleters = {
        (holder, name)
        for holder, held in rights(dev.templates).items()
        for name, actions in held.items()
        if "dynamodb:DeleteItem" in actions
    }
    assert {holder for holder, _ in deleters} == {"retention"}
    assert "ledger" not in {name for _, name in deleters}


def test_nobody_touches_published_evidence(dev: Assembly) -> None:
    """No role may delete from the ledger's bucket, shorten its locks or change the bucket."""
    actions = {action for held in rights(dev.templates).values() for some in held.values() for action in some}
    assert not [action for action in actions if action.startswith(LEDGER_DELETERS)]


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_the_bucket_itself_refuses(assemblies: dict[str, Assembly], stage: str) -> None:
    """Whatever a role may say one day, the ledger's bucket denies everybody to delete, bypass, shorten or suspend."""
    (policy,) = (one for one in assemblies[stage].all("AWS::S3::BucketPolicy") if one.name == "LedgerPolicy")
    denied = _denied_to_all(policy.properties["PolicyDocument"])
    assert {
        *("s3:DeleteObject", "s3:DeleteObjectVersion", "s3:DeleteBucket", "s3:BypassGovernanceRetention"),
        *("s3:PutObjectRetention", "s3:PutBucketObjectLockConfiguration", "s3:PutBucketVersioning"),
        "s3:PutLifecycleConfiguration",
    } <= denied


def test_keys_that_hold_records_cannot_be_killed(dev: Assembly) -> None:
    """The keys under the tables, the sealed words and the evidence deny everybody to disable or delete them."""
    for name in ("TablesKey", "SealKey", "AuditKey", "SigningKey"):
        policy = dev.one("AWS::KMS::Key", name).properties["KeyPolicy"]
        assert {"kms:DisableKey", "kms:ScheduleKeyDeletion"} <= _denied_to_all(policy)


def test_passing_the_role_is_bound_to_the_scheduler(dev: Assembly) -> None:
    """Whoever may pass the schedules' role may pass it to the Scheduler only."""
    statements = [one for one in _statements(dev) if "iam:PassRole" in _listed(one["Action"])]
    assert len(statements) == 2
    for statement in statements:
        assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_policies_fit(assemblies: dict[str, Assembly], stage: str) -> None:
    """Each policy stays within IAM's size, counted with ARNs as long as they come."""
    for policy in assemblies[stage].all("AWS::IAM::ManagedPolicy"):
        text = json.dumps(policy.properties["PolicyDocument"], separators=(",", ":"))
        for reference in _references(policy.properties["PolicyDocument"]):
            text = text.replace(json.dumps(reference, separators=(",", ":")), '"' + "x" * 110 + '"')
        assert len(text) < MANAGED_POLICY_LIMIT, policy.logical_id


def test_the_page_says_the_same(dev: Assembly) -> None:
    """docs/permissions.md is what the templates say; the page's second line tells how to write it anew."""
    assert (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8") == page(dev.templates)


def test_a_production_stage_has_the_same_rights(dev: Assembly, prod: Assembly) -> None:
    """Stages differ in locks and numbers, never in rights; a pool is named where any number of the account had to be, and
    an on-call topic where the practice has one, and the ledger's second key where it has changed it."""
    before, after = rights(dev.templates), rights(prod.templates)
    assert before["send"].pop("sms-voice: phone-number/*") == after["send"].pop(
        "sms-voice: pool/pool-0123456789abcdef0123456789abcdef"
    )
    assert after["inbound"].pop("sns: on-call") == {"sns:Publish"}
    assert after["ledger"].pop("key: signing, the second") == {"kms:Sign", "kms:GetPublicKey"}
    assert before == after


def test_names_refuse_what_they_do_not_know() -> None:
    """A reference in an unknown form is an error, not an empty line in the table."""
    with pytest.raises(ValueError, match="not known here"):
        Names({}).of("Data", {"Fn::Sub": "${Table.Arn}"})


def _statements(assembly: Assembly) -> list[dict[str, Any]]:
    policies = assembly.all("AWS::IAM::ManagedPolicy")
    return [one for policy in policies for one in policy.properties["PolicyDocument"]["Statement"]]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _denied_to_all(document: dict[str, Any]) -> set[str]:
    return {
        action
        for statement in document["Statement"]
        if statement["Effect"] == "Deny" and statement["Principal"] == {"AWS": "*"} and "Condition" not in statement
        for action in _listed(statement["Action"])
    }


def _references(value: Any) -> list[Any]:
    if isinstance(value, list):
        return [found for one in value for found in _references(one)]
    if isinstance(value, dict):
        if len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref")):
            return [value]
        return [found for one in value.values() for found in _references(one)]
    return []
