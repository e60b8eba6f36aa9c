"""What all our functions have in common: Python 3.13 on arm64, both layers, an encrypted log, a trace, and no right but those
given by name."""

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
from infra.queues import let_in

LOGS_KEPT = logs.RetentionDays.SEVEN_YEARS  # 45 CFR 164.316(b)(2)(i) asks for six; one more so that none is a day short
BATCH = 10


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
            role=self.role.without_policy_updates(),  # the CDK adds nothing: what is not below or in functions/ is not there
            environment={**_common(name), **environment},
            timeout=Duration.seconds(timeout),
            memory_size=memory,
            tracing=lambda_.Tracing.ACTIVE,
            dead_letter_queue=dead_letter,
        )
        self.function.node.add_dependency(self.permissions)

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

    def reads(self, queue: sqs.Queue, *, at_once: int | None = None) -> None:
        """Feeds the function from `queue`, ten at a time, with at most `at_once` batches in parallel; what it reports as
        failed comes again, the rest does not."""
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
    """What every function is told; the tables' ARN-bound endpoints are off, so that one endpoint variable moves them all."""
    return {
        "PRACTICE": "/opt/python/practice.toml",
        "POWERTOOLS_SERVICE_NAME": name,
        "POWERTOOLS_METRICS_NAMESPACE": "Quietline",
        "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
    }
