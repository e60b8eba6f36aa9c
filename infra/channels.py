"""What runs between the functions: queues, topics, the bus, the schedules, and the key under which all of it rests."""

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.allow import SEND, Permitted, allow, allow_passing
from infra.keys import customer_key, usable_by, usable_by_logs
from infra.nag import acknowledge
from infra.queues import WorkQueue, dead_letter, let_in

TIMEOUT = 30  # seconds, of every function that reads a queue


class Channels(Construct):
    """Every queue with its dead letter, the carrier's two topics, the event bus and the group of one-time schedules."""

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name)
        self.key = self._key()
        self.events = WorkQueue(self, "Events", key=self.key, timeout=TIMEOUT)
        self.outbox = WorkQueue(self, "Outbox", key=self.key, timeout=TIMEOUT, tries=3)
        self.inbound = WorkQueue(self, "Inbound", key=self.key, timeout=TIMEOUT)
        self.receipts = WorkQueue(self, "Receipts", key=self.key, timeout=TIMEOUT)
        self.schedules_dead = dead_letter(self, "SchedulesDead", self.key)
        acknowledge(
            self.schedules_dead,
            "This is a dead letter itself: schedules made at run time name it as theirs.",
            "AwsSolutions::AwsSolutions-SQS3",
        )
        self.timers_dead = dead_letter(self, "TimersDead", self.key)
        self.inbound_topic = self._topic("InboundTopic", self.inbound)
        self.receipts_topic = self._topic("ReceiptsTopic", self.receipts)
        self.bus = self._bus()
        self.schedules = Schedules(self, "Schedules", outbox=self.outbox.queue, dead=self.schedules_dead)

    @property
    def work_queues(self) -> dict[str, WorkQueue]:
        """Every queue that a function reads, by its word."""
        return {"events": self.events, "outbox": self.outbox, "inbound": self.inbound, "receipts": self.receipts}

    @property
    def dead_letters(self) -> dict[str, sqs.Queue]:
        """Every place where something may wait that could not be handled."""
        dead = {f"{word}-dead": queue.dead for word, queue in self.work_queues.items()}
        return {**dead, "schedules-dead": self.schedules_dead, "timers-dead": self.timers_dead}

    def _key(self) -> kms.Key:
        key = customer_key(self, "Key", "Encrypts Quietline's queues, topics, bus and logs")
        stack = Stack.of(self)
        usable_by_logs(key)
        usable_by(key, "sns.amazonaws.com")
        usable_by(key, "events.amazonaws.com", "kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey")
        usable_by(key, "cloudwatch.amazonaws.com", conditions={})  # alarms; the topic's policy names the account
        carrier = f"arn:aws:sms-voice:{stack.region}:{stack.account}:*"
        ours = {"StringEquals": {"aws:SourceAccount": stack.account}, "ArnLike": {"aws:SourceArn": carrier}}
        usable_by(key, "sms-voice.amazonaws.com", conditions=ours)
        return key

    def _topic(self, name: str, into: WorkQueue) -> sns.Topic:
        """One of the carrier's topics, delivered to our queue in SNS's own envelope."""
        stack = Stack.of(self)
        topic = sns.Topic(self, name, master_key=self.key, enforce_ssl=True)
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("sms-voice.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": stack.account}},
            )
        )
        sns.Subscription(
            self,
            f"{name}ToQueue",
            topic=topic,
            protocol=sns.SubscriptionProtocol.SQS,
            endpoint=into.queue.queue_arn,
            dead_letter_queue=into.dead,
        )
        let_in(into.queue, "sns.amazonaws.com", topic.topic_arn)
        return topic

    def _bus(self) -> events.EventBus:
        """The practice's own systems put appointments here; a rule takes them to the same queue as the webhooks."""
        bus = events.EventBus(self, "Bus", kms_key=self.key, description="Appointments in, what became of texts out")
        bus.apply_removal_policy(RemovalPolicy.DESTROY)
        rule = events.CfnRule(
            self,
            "Appointments",
            event_bus_name=bus.event_bus_name,
            event_pattern={"detail-type": ["appointment"]},
            targets=[
                events.CfnRule.TargetProperty(
                    id="events",
                    arn=self.events.queue.queue_arn,
                    dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=self.events.dead.queue_arn),
                )
            ],
        )
        let_in(self.events.queue, "events.amazonaws.com", rule.attr_arn)
        let_in(self.events.dead, "events.amazonaws.com", rule.attr_arn)
        return bus


class Schedules(Construct):
    """The group that one-time schedules are made in at run time, and the role they act under. None is made here: a schedule
    carries a message's opaque id and nothing else."""

    def __init__(self, scope: Construct, name: str, *, outbox: sqs.Queue, dead: sqs.Queue) -> None:
        super().__init__(scope, name)
        stack = Stack.of(self)
        self.group = scheduler.ScheduleGroup(self, "Group", removal_policy=RemovalPolicy.DESTROY)
        self.dead = dead
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "scheduler.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": stack.account}}
            ),
        )
        self.permissions = iam.ManagedPolicy(self, "Permissions", roles=[self.role])
        allow(self, outbox, SEND)
        allow(self, dead, SEND)
        self.outbox = outbox
        self._names = f"arn:aws:scheduler:{stack.region}:{stack.account}:schedule/{self.group.schedule_group_name}/m_*"

    @property
    def environment(self) -> dict[str, str]:
        """What a function must be told to make a schedule into the outbox."""
        return {
            "OUTBOX_ARN": self.outbox.queue_arn,
            "SCHEDULE_GROUP": self.group.schedule_group_name,
            "SCHEDULE_ROLE": self.role.role_arn,
            "SCHEDULE_DEAD_ARN": self.dead.queue_arn,
        }

    def allow_making(self, holder: Permitted) -> None:
        """Making and moving schedules of our group that are named after messages. One that has fired is gone by itself."""
        allow(holder, self._names, "scheduler:CreateSchedule", "scheduler:UpdateSchedule")
        acknowledge(
            holder.permissions,
            "Schedules are made at run time and named after their messages; the star stands for those names only.",
            f"AwsSolutions::AwsSolutions-IAM5[Resource::{self._names}]",
        )
        allow_passing(holder, self.role, "scheduler.amazonaws.com")
