"""The one way a function is given a right: exact actions on one resource, and the use of that resource's key.

The CDK's own helpers give more than they say (write_data can delete, grant_put can touch retention) or less (grant leaves
out the customer's key); see docs/permissions.md for what comes of this file.
"""

from typing import Any, Protocol

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

GET, QUERY = "dynamodb:GetItem", "dynamodb:Query"
PUT, UPDATE, DELETE = "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"
CHECK = "dynamodb:ConditionCheckItem"
SEND = "sqs:SendMessage"
CONSUME = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
OPEN = "kms:Decrypt"  # of what others sealed; who seals for somebody first makes the key as well
SEAL = ("kms:GenerateDataKey", OPEN)

WITHOUT_WRITING = frozenset({GET, QUERY, CHECK, "s3:GetObject", *CONSUME})


class Permitted(Protocol):
    """Whatever holds a policy of its own."""

    permissions: iam.ManagedPolicy


def allow(holder: Permitted, resource: Any, *actions: str, indexes: tuple[str, ...] = ()) -> None:
    """Lets `holder` do exactly `actions` on `resource`, and use the key under which it rests: Decrypt, and GenerateDataKey
    if anything is written. A resource is a table (or its named `indexes`), a queue, a bucket's objects, a bus, a key or an
    ARN."""
    arns, key = _resting_place(resource)
    arns = [f"{arns[0]}/index/{index}" for index in indexes] or arns
    holder.permissions.add_statements(iam.PolicyStatement(actions=list(actions), resources=arns))
    if key is not None:
        uses = ["kms:Decrypt"] if WITHOUT_WRITING.issuperset(actions) else ["kms:Decrypt", "kms:GenerateDataKey"]
        holder.permissions.add_statements(iam.PolicyStatement(actions=uses, resources=[key.key_arn]))


def _resting_place(resource: Any) -> tuple[list[str], kms.IKey | None]:
    if isinstance(resource, str):
        return [resource], None
    for arn, key in (
        ("table_arn", "encryption_key"),
        ("queue_arn", "encryption_master_key"),
        ("bucket_arn", "encryption_key"),
        ("event_bus_arn", ""),
        ("key_arn", ""),
    ):
        if hasattr(resource, arn):
            found = getattr(resource, arn)
            return [f"{found}/*" if arn == "bucket_arn" else found], getattr(resource, key) if key else None
    raise TypeError(f"{type(resource).__name__} has no ARN that allow() knows of.")


def allow_passing(holder: Permitted, role: iam.IRole, service: str) -> None:
    """Lets `holder` hand `role` to one AWS service and to no other."""
    holder.permissions.add_statements(
        iam.PolicyStatement(
            actions=["iam:PassRole"],
            resources=[role.role_arn],
            conditions={"StringEquals": {"iam:PassedToService": service}},
        )
    )


def allow_secrets(holder: Permitted, stack: Any, names: list[str]) -> None:
    """Lets `holder` read the named secrets; Secrets Manager ends each ARN with six characters of its own, hence the ?s."""
    if names:
        arns = [f"arn:aws:secretsmanager:{stack.region}:{stack.account}:secret:{name}-??????" for name in names]
        holder.permissions.add_statements(
            iam.PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=arns)
        )
