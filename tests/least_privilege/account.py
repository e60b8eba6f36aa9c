"""The account that the templates would make, without making it: every name and ARN, fixed.

What one resource says of another (Ref, GetAtt, Join, ImportValue) is resolved by the box's own reader of templates; only
what a resource *is called* once it exists is decided here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from box.runtime.template import Assembly, Made, Resolver, Resource
from infra.permissions import Names, read

NAMED_BY = ("TableName", "QueueName", "Name", "BucketName", "ConfigurationSetName", "OptOutListName")
HERE = "{region}:{account}"
MADE = {
    "AWS::DynamoDB::GlobalTable": ("{name}", f"arn:aws:dynamodb:{HERE}:table/{{name}}"),
    "AWS::Events::EventBus": ("{name}", f"arn:aws:events:{HERE}:event-bus/{{name}}"),
    "AWS::IAM::Role": ("{name}", "arn:aws:iam::{account}:role/{name}"),
    "AWS::KMS::Key": ("{name}", f"arn:aws:kms:{HERE}:key/{{name}}"),
    "AWS::Lambda::Function": ("{name}", f"arn:aws:lambda:{HERE}:function:{{name}}"),
    "AWS::Logs::LogGroup": ("{name}", f"arn:aws:logs:{HERE}:log-group:{{name}}:*"),
    "AWS::S3::Bucket": ("{name}", "arn:aws:s3:::{name}"),
    "AWS::SMSVOICE::ConfigurationSet": ("{name}", f"arn:aws:sms-voice:{HERE}:configuration-set/{{name}}"),
    "AWS::SMSVOICE::OptOutList": ("{name}", f"arn:aws:sms-voice:{HERE}:opt-out-list/{{name}}"),
    "AWS::SMSVOICE::PhoneNumber": ("{name}", f"arn:aws:sms-voice:{HERE}:phone-number/{{name}}"),
    "AWS::SNS::Topic": (f"arn:aws:sns:{HERE}:{{name}}", f"arn:aws:sns:{HERE}:{{name}}"),
    "AWS::SQS::Queue": ("https://sqs.{region}.amazonaws.com/{account}/{name}", f"arn:aws:sqs:{HERE}:{{name}}"),
    "AWS::Scheduler::ScheduleGroup": ("{name}", f"arn:aws:scheduler:{HERE}:schedule-group/{{name}}"),
}
"""Type → what Ref gives, and its ARN. A type that is not here has no business in a policy or a function's environment."""

RESTS_UNDER = (
    ("AWS::DynamoDB::GlobalTable", ("Replicas", 0, "SSESpecification", "KMSMasterKeyId")),
    ("AWS::SQS::Queue", ("KmsMasterKeyId",)),
    ("AWS::S3::Bucket", ("BucketEncryption", "ServerSideEncryptionConfiguration", 0,
                         "ServerSideEncryptionByDefault", "KMSMasterKeyID")),
)  # fmt: skip
"""Where each kind of resource says which key encrypts it at rest."""


@dataclass(frozen=True)
class Deployed:
    """One function: its word, what it is told, and what Lambda itself does in its name."""

    word: str
    role: str
    environment: dict[str, str]
    reads: tuple[str, ...]
    dead_letter: str


class Account:
    """Everything in one synthesized folder, under the names it would have."""

    def __init__(self, folder: Path) -> None:
        self.assembly = Assembly.read(folder)
        self.region, self.number = self.assembly.region, self.assembly.account
        self.resolver = Resolver(self.assembly)
        self.resolver.make = self.made
        self._names = Names(read(folder))

    def made(self, resource: Resource) -> Made:
        """What `Ref` and `GetAtt` give for a resource. Raises KeyError for a type that nothing should speak of."""
        given = next((resource.properties[name] for name in NAMED_BY if name in resource.properties), None)
        name = self.resolver.value(resource.stack, given) if given else resource.generated()
        told = {"name": name, "region": self.region, "account": self.number}
        ref, arn = (text.format(**told) for text in MADE[resource.type])
        return Made(ref, {"Arn": arn})

    def arn(self, resource: Resource) -> str:
        """A resource's ARN."""
        return str(self.made(resource).attributes["Arn"])

    def own(self, service: str, rest: str) -> str:
        """An ARN of this account and region."""
        return f"arn:aws:{service}:{self.region}:{self.number}:{rest}"

    @cached_property
    def functions(self) -> dict[str, Deployed]:
        """Every function by its word."""
        found = (self._deployed(resource) for resource in self.assembly.of("AWS::Lambda::Function"))
        return {one.word: one for one in found}

    @cached_property
    def keys(self) -> dict[str, str]:
        """The ARN of a table, queue or bucket → the ARN of the key it rests under."""
        found = {}
        for kind, path in RESTS_UNDER:
            for resource in self.assembly.of(kind):
                key: Any = self.resolver.value(resource.stack, resource.properties)
                for step in path:
                    key = key[step]
                found[self.arn(resource)] = str(key)
        return found

    def granted(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every statement of every managed policy with the ARN of each role that it is attached to."""
        for policy in self.assembly.of("AWS::IAM::ManagedPolicy"):
            told = self.resolver.value(policy.stack, policy.properties)
            for role in told["Roles"]:
                for statement in told["PolicyDocument"]["Statement"]:
                    yield f"arn:aws:iam::{self.number}:role/{role}", statement

    def word(self, arn: str) -> str:
        """A resource as docs/permissions.md calls it."""
        for resource in (one for one in self.assembly.all() if one.type in MADE):
            if arn == self.arn(resource) or arn.startswith(f"{self.arn(resource)}/"):
                name = self._names.of(resource.stack, {"Ref": resource.logical_id})
                index = arn.partition("/index/")[2]
                return f"{name}/{index}" if index else name
        return self._names.of("", arn)

    def _deployed(self, resource: Resource) -> Deployed:
        environment = self.resolver.of(resource, "Environment", "Variables")
        queues = [
            self.resolver.of(mapping, "EventSourceArn")
            for mapping in self.assembly.of("AWS::Lambda::EventSourceMapping")
            if mapping.stack == resource.stack and mapping.properties["FunctionName"] == {"Ref": resource.logical_id}
        ]
        return Deployed(
            word=environment["POWERTOOLS_SERVICE_NAME"],
            role=self.resolver.of(resource, "Role"),
            environment=environment,
            reads=tuple(queues),
            dead_letter=self.resolver.of(resource, "DeadLetterConfig", "TargetArn", default=""),
        )
