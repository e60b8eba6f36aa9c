"""The builder: makes every resource of an assembly, each when another first speaks of it, and keeps what the parts
need.

A maker is chosen by the resource's type. A type without one is refused by name, unless it is on `NOT_SIMULATED`,
the short list of what the box leaves out on purpose and says so.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from box.carrier import Carrier
from box.runtime.bus import Bus, Topics
from box.runtime.pollers import Mapping
from box.runtime.queues import Queues
from box.runtime.rest_api import RestApi
from box.runtime.schedules import Schedules
from box.runtime.template import Assembly, Made, Resolver, Resource, TemplateRefused
from box.runtime.workers import Function

NOT_SIMULATED = {
    "AWS::CDK::Metadata": "nothing to run",
    "AWS::CloudTrail::Trail": "no trail: nobody but the box itself touches its tables",
    "AWS::CloudWatch::Alarm": "no alarms: metrics are printed with the logs",
    "AWS::CloudWatch::CompositeAlarm": "no alarms: metrics are printed with the logs",
    "AWS::CloudWatch::Dashboard": "no dashboard",
    "AWS::Budgets::Budget": "no bill",
    "AWS::IAM::Policy": "recorded; permissions are not enforced",
    "AWS::IAM::ManagedPolicy": "recorded; permissions are not enforced",
    "AWS::Lambda::Permission": "recorded; permissions are not enforced",
    "AWS::Logs::LogGroup": "each function's log is a file",
    "AWS::Logs::MetricFilter": "no metric filters: metrics are printed with the logs",
    "AWS::Logs::ResourcePolicy": "permissions are not enforced",
    "AWS::Logs::QueryDefinition": "no query console",
    "AWS::S3::BucketPolicy": "recorded; permissions are not enforced",
    "AWS::SMSVOICE::ResourcePolicy": "permissions are not enforced",
    "AWS::SNS::TopicPolicy": "permissions are not enforced",
    "AWS::SNS::TopicInlinePolicy": "permissions are not enforced",
    "AWS::SQS::QueuePolicy": "permissions are not enforced",
    "AWS::SecretsManager::ResourcePolicy": "permissions are not enforced",
    "AWS::Events::EventBusPolicy": "permissions are not enforced",
    "AWS::Events::Archive": "no archive of events",
    "AWS::WAFv2::WebACL": "no web firewall: the box listens on loopback only",
    "AWS::WAFv2::WebACLAssociation": "no web firewall: the box listens on loopback only",
    "AWS::WAFv2::LoggingConfiguration": "no web firewall: the box listens on loopback only",
    "AWS::ApiGateway::Account": "nothing to run",
    "AWS::ApiGateway::Deployment": "what is in the template is what runs",
    "AWS::ApiGateway::DomainName": "the box has one address",
    "AWS::ApiGateway::BasePathMapping": "the box has one address",
    "AWS::ApiGateway::GatewayResponse": "the front answers as API Gateway does unless told otherwise",
}
"""Type → what is missing because of it."""

Maker = Callable[["Builder", Resource], Made]


@dataclass
class Parts:
    """Where makers put what they make."""

    queues: Queues
    topics: Topics
    bus: Bus
    schedules: Schedules
    carrier: Carrier
    client: Callable[[str], Any]
    scratch: Path


@dataclass
class Built:
    """What came of the templates."""

    functions: dict[str, Function] = field(default_factory=dict)  # by ARN
    mappings: list[Mapping] = field(default_factory=list)
    rest: RestApi = field(default_factory=RestApi)
    tables: dict[str, str] = field(default_factory=dict)  # logical id → name
    buckets: dict[str, str] = field(default_factory=dict)
    layers: list[Path] = field(default_factory=list)
    roles: dict[str, Resource] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)


class Builder:
    """Makes an assembly's resources with the makers it is given."""

    def __init__(self, assembly: Assembly, parts: Parts, makers: dict[str, Maker]) -> None:
        self.assembly, self.parts, self.makers = assembly, parts, makers
        self.built = Built()
        self._resolver = Resolver(assembly)
        self._resolver.make = self.make
        self._made: dict[str, Made] = {}
        self._making: list[str] = []

    def build(self) -> Built:
        """Make everything; raises `TemplateRefused` for what the box cannot give, before anything is made."""
        self._refuse(self.assembly.all())
        for resource in self.assembly.all():
            if resource.type in NOT_SIMULATED:
                self.built.left_out[resource.type] = self.built.left_out.get(resource.type, 0) + 1
            else:
                self.make(resource)
        return self.built

    def make(self, resource: Resource) -> Made:
        """Make a resource, or return it if it exists; raises `TemplateRefused` when it needs itself."""
        if resource.name in self._made:
            return self._made[resource.name]
        if resource.type in NOT_SIMULATED:
            return Made(resource.generated(), {"Arn": f"arn:aws:box:::{resource.name}"})
        if resource.name in self._making:
            raise TemplateRefused(f"These need one another: {', '.join(self._making)}.")
        self._making.append(resource.name)
        try:
            made = self._made[resource.name] = self.makers[resource.type](self, resource)
        finally:
            self._making.pop()
        return made

    def of(self, resource: Resource, *path: str, default: Any = None) -> Any:
        """One property, resolved."""
        return self._resolver.of(resource, *path, default=default)

    def arn(self, service: str, rest: str) -> str:
        """An ARN of this account and region."""
        return f"arn:aws:{service}:{self.assembly.region}:{self.assembly.account}:{rest}"

    def _refuse(self, resources: Iterable[Resource]) -> None:
        unknown = [
            f"{r.type} ({r.name})" for r in resources if r.type not in NOT_SIMULATED and r.type not in self.makers
        ]
        if unknown:
            raise TemplateRefused(
                f"The box cannot give {', '.join(sorted(unknown))}: write a maker, or put the type on NOT_SIMULATED."
            )
