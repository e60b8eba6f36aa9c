"""The Watch stack: who is told when something is wrong. Alarms, the topic they speak to, and one page of graphs."""

from dataclasses import dataclass
from decimal import Decimal

from aws_cdk import CfnOutput, Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.deployment import Deployment
from infra.messaging import Messaging
from infra.stack import OurStack
from infra.texting_function import TextingFunction
from infra.trail import METRIC, METRIC_NAMESPACE
from infra.web import Web

FIVE_MINUTES = Duration.minutes(5)
WARN_AT = Decimal("0.8")  # of the month's limit: the gate stops sending at the whole of it
AGES = {"events": 300, "outbox": 300, "inbound": 300, "receipts": 3600}
"""How old, in seconds, the oldest message of a queue may be; a reply to a patient lives five minutes."""


@dataclass(frozen=True, slots=True)
class OwnAlarm:
    """An alarm on a metric of ours: the function that publishes it, and the value from which somebody must look."""

    metric: str
    service: str
    threshold: float
    statistic: str
    says: str


OWN = (
    OwnAlarm("MessagesRefusedLate", "send", 1, "Sum", "A text was refused because it would have been late"),
    OwnAlarm("MessagesInDoubt", "send", 1, "Sum", "A text may or may not have gone out; staff must look"),
    OwnAlarm("MessagesInDoubt", "watch", 1, "Sum", "A sender was lost between claim and answer; staff must look"),
    OwnAlarm("TasksOverdue", "watch", 1, "Maximum", "A patient waits longer than the practice promised"),
    OwnAlarm("LedgerUnreadable", "ledger", 1, "Sum", "An audit entry cannot be read and so cannot be published"),
    OwnAlarm("LedgerLagSeconds", "ledger", 900, "Maximum", "Evidence waits to be published"),
)


class Watching(OurStack):
    """Every alarm of the practice. Nothing depends on this stack."""

    def __init__(self, scope: Construct, deployment: Deployment, *, messaging: Messaging, web: Web) -> None:
        super().__init__(scope, "Watch", deployment)
        self.topic = self._topic(messaging, deployment.alarms_to)
        self.alarms: list[cloudwatch.Alarm] = []
        functions = [*messaging.functions, *web.functions]
        self._queues(messaging)
        self._functions(functions)
        self._own(deployment.monthly_limit_usd)
        self._dashboard(messaging, functions)

    def _topic(self, messaging: Messaging, alarms_to: str) -> sns.Topic:
        topic = sns.Topic(self, "Alarms", master_key=messaging.channels.key, enforce_ssl=True)
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": self.account}},
            )
        )
        if alarms_to:
            topic.add_subscription(subscriptions.EmailSubscription(alarms_to))
        CfnOutput(self, "AlarmTopicArn", value=topic.topic_arn)
        return topic

    def _alarm(self, name: str, metric: cloudwatch.IMetric, threshold: float, says: str) -> None:
        alarm = cloudwatch.Alarm(
            self,
            name,
            metric=metric,
            threshold=threshold,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=says,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        self.alarms.append(alarm)

    def _queues(self, messaging: Messaging) -> None:
        for word, dead in messaging.channels.dead_letters.items():
            waiting = dead.metric_approximate_number_of_messages_visible(period=FIVE_MINUTES, statistic="Maximum")
            self._alarm(_title(word), waiting, 1, f"Something waits in {word}: look, mend, replay")
        for word, queue in messaging.channels.work_queues.items():
            age = queue.queue.metric_approximate_age_of_oldest_message(period=FIVE_MINUTES, statistic="Maximum")
            self._alarm(f"{_title(word)}Age", age, AGES[word], f"The queue {word} is not being read in time")

    def _functions(self, functions: list[TextingFunction]) -> None:
        """Who reads a queue is watched by the queue's age and its dead letter; who does not, by errors."""
        for function in functions:
            if function.queue is not None:
                continue
            errors = function.function.metric_errors(period=FIVE_MINUTES, statistic="Sum")
            self._alarm(f"{_title(function.word)}Errors", errors, 1, f"The function {function.word} failed")
        throttled = cloudwatch.Metric(
            namespace="AWS/Lambda", metric_name="Throttles", statistic="Sum", period=FIVE_MINUTES
        )
        self._alarm("Throttles", throttled, 1, "This account's functions were held back; ask AWS for more concurrency")

    def _own(self, monthly_limit_usd: Decimal) -> None:
        for own in OWN:
            metric = _ours(own.metric, own.service, own.statistic)
            self._alarm(f"{own.metric}Of{_title(own.service)}", metric, own.threshold, own.says)
        spent = _ours("SpendUsd", "watch", "Maximum")
        warn_at = float(monthly_limit_usd * WARN_AT)
        self._alarm("Spend", spent, warn_at, "Four fifths of the month's money for texts are spent")

        tampering = cloudwatch.Metric(
            namespace=METRIC_NAMESPACE, metric_name=METRIC, statistic="Sum", period=FIVE_MINUTES
        )
        self._alarm("Tampering", tampering, 1, "Somebody tried to blind the trail, kill a key or loosen the ledger")

    def _dashboard(self, messaging: Messaging, functions: list[TextingFunction]) -> None:
        board = cloudwatch.Dashboard(self, "Dashboard", dashboard_name=self.stack_name)
        queues = messaging.channels.work_queues
        board.add_widgets(
            _graph("Texts", *(_ours(name, "send", "Sum") for name in ("MessagesHanded", "MessagesRefused"))),
            _graph("Oldest in queue", *(q.queue.metric_approximate_age_of_oldest_message() for q in queues.values())),
        )
        board.add_widgets(
            _graph("Errors", *(function.function.metric_errors() for function in functions)),
            cloudwatch.AlarmStatusWidget(title="Alarms", alarms=self.alarms, width=12),
        )


def _title(word: str) -> str:
    return "".join(part.title() for part in word.split("-"))


def _ours(name: str, service: str, statistic: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace="Quietline",
        metric_name=name,
        dimensions_map={"service": service},
        statistic=statistic,
        period=Duration.minutes(15),
    )


def _graph(title: str, *metrics: cloudwatch.IMetric) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(metrics), width=12)
