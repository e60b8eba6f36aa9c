"""Customer-managed keys, and the statements that let an AWS service use one on our behalf."""

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct


def customer_key(scope: Construct, name: str, description: str) -> kms.Key:
    """A rotated key that outlives its stack."""
    return kms.Key(
        scope,
        name,
        description=description,
        enable_key_rotation=True,
        pending_window=Duration.days(30),
        removal_policy=RemovalPolicy.RETAIN,
    )


def never_destroyed(key: kms.Key) -> None:
    """Nobody may disable or delete this key without first changing its policy, which the trail records: losing the key is
    losing everything under it, and Object Lock does not protect against that."""
    key.add_to_resource_policy(
        iam.PolicyStatement(
            sid="LosingThisKeyLosesTheRecords",
            effect=iam.Effect.DENY,
            principals=[iam.AnyPrincipal()],
            actions=["kms:DisableKey", "kms:ScheduleKeyDeletion"],
            resources=["*"],
        )
    )


def usable_by(key: kms.Key, service: str, *actions: str, conditions: dict[str, dict[str, str]] | None = None) -> None:
    """Lets an AWS service use the key, for this account's resources unless `conditions` say otherwise."""
    account = {"StringEquals": {"aws:SourceAccount": Stack.of(key).account}}
    key.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal(service)],
            actions=list(actions or ("kms:Decrypt", "kms:GenerateDataKey*")),
            resources=["*"],
            conditions=account if conditions is None else conditions,
        )
    )


def usable_by_logs(key: kms.Key) -> None:
    """Lets CloudWatch Logs encrypt this account's log groups with the key."""
    stack = Stack.of(key)
    context = f"arn:aws:logs:{stack.region}:{stack.account}:log-group:*"
    usable_by(
        key,
        f"logs.{stack.region}.amazonaws.com",
        *("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"),
        conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": context}},
    )
