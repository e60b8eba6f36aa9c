"""Queues and one-time schedules. What they carry for the sender is a message's id, and nothing else."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from texting.aws.clients import client
from texting.errors import Unavailable

LATEST = 300
"""Seconds that Scheduler may try to deliver a due id; its default of a day would deliver yesterday's reminder."""


@dataclass(frozen=True, slots=True)
class Queue:
    """One SQS queue of ours."""

    url: str

    def send(self, body: Mapping[str, Any], delay_seconds: int = 0) -> None:
        """Put one JSON body on the queue. Raises Unavailable."""
        try:
            client("sqs").send_message(
                QueueUrl=self.url, MessageBody=json.dumps(body), DelaySeconds=min(delay_seconds, 900)
            )
        except (ClientError, BotoCoreError) as fault:
            raise Unavailable("A queue did not take a message.") from fault


@dataclass(frozen=True, slots=True)
class Outbox:
    """The queue that the sender reads."""

    url: str

    def put(self, message_id: str, delay_seconds: int = 0) -> None:
        """Put a message's id before the sender, after at most 900 seconds. Raises Unavailable."""
        Queue(self.url).send({"message_id": message_id}, delay_seconds)


@dataclass(frozen=True, slots=True)
class Schedules:
    """One-time schedules of EventBridge Scheduler: opaque names, opaque input, gone once fired."""

    group: str
    role_arn: str
    outbox_arn: str
    dead_arn: str

    def set(self, message_id: str, at: datetime) -> None:
        """Put the id into the outbox at `at` (UTC), within a second after and never before; setting it again moves it.

        Raises Unavailable.
        """
        wanted = self._wanted(message_id, at)
        scheduler = client("scheduler")
        try:
            scheduler.create_schedule(**wanted)
        except scheduler.exceptions.ConflictException:
            self._move(wanted)
        except (ClientError, BotoCoreError) as fault:
            raise Unavailable("A schedule could not be set.") from fault

    def _move(self, wanted: dict[str, Any]) -> None:
        try:
            client("scheduler").update_schedule(**wanted)
        except (ClientError, BotoCoreError) as fault:
            raise Unavailable("A schedule could not be moved.") from fault

    def _wanted(self, message_id: str, at: datetime) -> dict[str, Any]:
        return {
            "Name": message_id,
            "GroupName": self.group,
            # A time in UTC, so that no clock change can skip or repeat it; never in the past, which Scheduler refuses.
            "ScheduleExpression": f"at({_second(at):%Y-%m-%dT%H:%M:%S})",
            "ScheduleExpressionTimezone": "UTC",
            "ActionAfterCompletion": "DELETE",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {
                "Arn": self.outbox_arn,
                "RoleArn": self.role_arn,
                "Input": json.dumps({"message_id": message_id}),
                "RetryPolicy": {"MaximumEventAgeInSeconds": LATEST, "MaximumRetryAttempts": 3},
                "DeadLetterConfig": {"Arn": self.dead_arn},
            },
        }


def _second(at: datetime) -> datetime:
    """The first whole second that is not before `at`: an id that comes too early only goes back, and would at once be due
    again."""
    return at if not at.microsecond else at.replace(microsecond=0) + timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Bus:
    """The practice's event bus, on which we tell the scheduling system what its patients answered."""

    name: str

    def tell(self, kind: str, detail: Mapping[str, Any]) -> None:
        """Put one event on the bus. Raises Unavailable, also when AWS answers 200 with a failed entry."""
        entry = {"Source": "quietline", "DetailType": kind, "Detail": json.dumps(detail), "EventBusName": self.name}
        try:
            answer = client("events").put_events(Entries=[entry])
        except (ClientError, BotoCoreError) as fault:
            raise Unavailable("The event bus did not answer.") from fault
        if answer["FailedEntryCount"]:
            raise Unavailable("The event bus did not take an event.")


@dataclass(frozen=True, slots=True)
class Pager:
    """The practice's on-call topic: whoever subscribed to it is woken. What it says could stand on a lock screen."""

    topic: str

    def page(self, task_id: str) -> None:
        """Wake somebody about a task. Raises Unavailable: the patient's text is then taken in again and pages again."""
        said = f"Urgent: a text is waiting in the clinical queue (task {task_id}). Open the inbox now."
        try:
            client("sns").publish(TopicArn=self.topic, Subject="Urgent text waiting", Message=said)
        except (ClientError, BotoCoreError) as fault:
            raise Unavailable("The on-call topic did not take the page.") from fault
