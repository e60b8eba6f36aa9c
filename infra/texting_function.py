"""What all our functions have in common: Python 3.13 on arm64, both layers, an encrypted log, a trace, and no right but
those given by name."""

from dataclasses import dataclass
from pathlib import Path

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.allow import CONSUME, SEND, allow
from infra.nag import acknowledge
from infra.queues import let_in
from infra.trail import LOGS_KEPT

BATCH = 10
COMMON_FINDINGS = {
    "HIPAA.Security::HIPAA.Security-LambdaInsideVPC": (
        "The function speaks only to AWS's own TLS endpoints and, for read-back, to the practice's scheduling system. A "
        "VPC would cost more a month than all else together, and guard nothing that its role does not guard already."
    ),
    "HIPAA.Security::HIPAA.Security-LambdaConcurrency": (
        "A new account has ten concurrent executions in all, so that reserving some starves the rest. Queue readers are "
        "bounded by their event source, requests by the pace of each method, and throttling raises an alarm."
    ),
    "AwsSolutions::AwsSolutions-L1": (
        "Python 3.13 is supported by AWS until 2029-06-30 and is what our tests run on; we move when they do."
    ),
    "AwsSolutions::AwsSolutions-IAM5[Resource::*]": (
        "X-Ray's two writing actions know no resources; this is the only statement of the role with a star for a resource."
    ),
}


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the functions of one stack are made from: where their code lies, their layers, and the key of their logs."""

    functions: Path
    layers: tuple[lambda_.ILayerVersion, ...]
    key: kms.IKey


class TextingFunction(Construct):
    """A function `name` whose code is functions/<name>/handler.py. `timeout` in seconds, `memory` in MB."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        shelf: Shelf,
        *,
        environment: dict[str, str],
        timeout: int = 30,
        memory: int = 512,
        dead_letter: sqs.Queue | None = None,
    ) -> None:
        super().__init__(scope, name.title())
        self.word = name
        self.queue: sqs.Queue | None = None
        self.log = self._log(shelf.key)
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.permissions = self._permissions()
        if dead_letter:
            allow(self, dead_letter, SEND)
        self.function = lambda_.Function(
            self,
            "Function",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            code=lambda_.Code.from_asset(str(shelf.functions / name), exclude=["__pycache__", "*.pyc"]),
            handler="handler.lambda_handler",
            layers=list(shelf.layers),
            log_group=self.log,
            role=self.role.without_policy_updates(),  # the CDK adds nothing to what allow() gives
            environment={**_common(name), **environment},
            timeout=Duration.seconds(timeout),
            memory_size=memory,
            tracing=lambda_.Tracing.ACTIVE,
            dead_letter_queue=dead_letter,
        )
        self.function.node.add_dependency(self.permissions)
        self._acknowledge(has_dead_letter=dead_letter is not None)

    def _log(self, key: kms.IKey) -> logs.LogGroup:
        return logs.LogGroup(self, "Log", encryption_key=key, retention=LOGS_KEPT, removal_policy=RemovalPolicy.RETAIN)

    def _permissions(self) -> iam.ManagedPolicy:
        policy = iam.ManagedPolicy(self, "Permissions", roles=[self.role])
        policy.add_statements(
            iam.PolicyStatement(
                actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[self.log.log_group_arn]
            ),
            iam.PolicyStatement(actions=["xray:PutTraceSegments", "xray:PutTelemetryRecords"], resources=["*"]),
        )
        return policy

    def _acknowledge(self, *, has_dead_letter: bool) -> None:
        for rule, reason in COMMON_FINDINGS.items():
            acknowledge(self, reason, rule)
        if not has_dead_letter:
            acknowledge(
                self,
                "Nobody starts this function asynchronously, and only then would Lambda use a dead letter of its own: it "
                "reads a queue, which has one, or it answers a request, whose sender sees the failure.",
                "HIPAA.Security::HIPAA.Security-LambdaDLQ",
            )

    def reads(self, queue: sqs.Queue, *, at_once: int | None = None) -> None:
        """Feeds the function from `queue`, ten at a time, with at most `at_once` batches in parallel; what it reports as
        failed comes again, the rest does not."""
        self.queue = queue
        allow(self, queue, *CONSUME)
        self.function.add_event_source_mapping(
            "Queue",
            event_source_arn=queue.queue_arn,
            batch_size=BATCH,
            report_batch_item_failures=True,
            max_concurrency=at_once,
        ).node.add_dependency(self.permissions)

    def runs(self, expression: str, dead: sqs.Queue) -> None:
        """Starts the function on a timetable; a start that could not be delivered ends in `dead`."""
        rule = events.CfnRule(
            self,
            "Timetable",
            schedule_expression=expression,
            targets=[
                events.CfnRule.TargetProperty(
                    id=self.word,
                    arn=self.function.function_arn,
                    dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=dead.queue_arn),
                )
            ],
        )
        self.function.add_permission(
            "Timetable", principal=iam.ServicePrincipal("events.amazonaws.com"), source_arn=rule.attr_arn
        )
        let_in(dead, "events.amazonaws.com", rule.attr_arn)


def _common(name: str) -> dict[str, str]:
    """What every function is told. Account-bound table addresses are off, so that one endpoint variable moves them all."""
    return {
        "PRACTICE": "/opt/python/practice.toml",
        "POWERTOOLS_SERVICE_NAME": name,
        "POWERTOOLS_METRICS_NAMESPACE": "Quietline",
        "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
    }
