"""AWS calls of one reminder, end to end, by operation: the bill and the latency, counted and not estimated.

    .venv/bin/python bench/calls.py [--json]

The journeys run with their real adapters against mocked services, the carrier's included; every request that leaves
botocore is counted. Reading from queues is left out: Lambda does it, and shares one call among up to ten messages.
"""

import argparse
import base64
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

sys.path[:0] = [".", "layers/texting/python"]
os.environ |= {
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
}

import boto3  # noqa: E402
from texting.aws import clients  # noqa: E402
from texting.aws.queues import Bus, Outbox, Queue, Schedules  # noqa: E402
from texting.flows.keep_events import keep_events  # noqa: E402
from texting.flows.needs import World  # noqa: E402
from texting.flows.note_receipt import note_receipt  # noqa: E402
from texting.flows.send_text import send_text  # noqa: E402
from texting.flows.take_in import Knock, take_in  # noqa: E402

from tests.flows.test_take_in import EVENT, SECRET, signed  # noqa: E402
from tests.journeys.stories import ANA, practice_in_memory  # noqa: E402

SERVICES = ("dynamodb", "kms", "sqs", "scheduler", "events")
Counted = dict[str, Counter[str]]


class Steps:
    """Counts requests by the step they belong to."""

    def __init__(self) -> None:
        self.counted: Counted = {}
        self.step = ""

    def note(self, model: Any, **_: Any) -> None:
        """Called by botocore before each request."""
        if self.step:
            self.counted.setdefault(self.step, Counter())[f"{model.service_model.service_name}:{model.name}"] += 1

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Count what happens inside as `name`."""
        self.step = name
        yield
        self.step = ""


def real_queues(world: World) -> World:
    """The same practice with real queues, schedules and bus in the mocked account."""
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="outbox")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    boto3.client("scheduler").create_schedule_group(Name="reminders")
    schedules = Schedules("reminders", "arn:aws:iam::123456789012:role/schedules", arn, arn)
    return World(
        world.practice, world.store, world.ids, world.templates, Outbox(url), schedules, world.carrier, Bus("default")
    )


def counted() -> Counted:
    """One appointment booked, confirmed to the patient and reminded of, with two receipts each."""
    steps = Steps()
    for practice in practice_in_memory():
        world = real_queues(practice.world)
        practice.consents("P-1", ANA)
        events = Queue(boto3.client("sqs").create_queue(QueueName="events")["QueueUrl"])
        for service in SERVICES:
            clients.client(service).meta.events.register("before-call", steps.note)
        raw = json.dumps(EVENT).encode()
        knock = Knock("main", raw, signed(raw, "evt-1", practice.now), practice.now)
        with steps.of("1 event at the door"):
            take_in(world, events, lambda _: (SECRET,), knock)
        item = {"connection": "main", "kind": "standard-webhooks", "event_id": "evt-1"}
        item |= {"received_at": practice.now.isoformat(), "body_b64": base64.b64encode(raw).decode()}
        with steps.of("2 visit kept, three texts planned"):
            keep_events(world, item, lambda _: None, practice.now)
        reminder = next(m for m in world.store.messages_of(world.ids.appointment_id("main", "A-1")) if m.slot == "d3")
        with steps.of("3 reminder sent"):
            send_text(world, reminder.message_id, reminder.send_at)
            steps.counted["3 reminder sent"]["sms-voice:SendTextMessage"] += len(practice.carrier.sent)
        for kind in ("TEXT_PENDING", "TEXT_DELIVERED"):
            event = {
                "eventType": kind,
                "eventTimestamp": 1,
                "isFinal": True,
                "context": {"message_id": reminder.message_id},
            }
            with steps.of(f"4 receipt {kind}"):
                note_receipt(world, event, reminder.send_at + timedelta(seconds=2))
    return steps.counted


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--json", action="store_true")
    found = counted()
    if asked.parse_args().json:
        print(json.dumps(found))
        return
    for step, calls in found.items():
        print(f"{step}: {sum(calls.values())}")
        for name, times in sorted(calls.items()):
            print(f"    {times:>3}  {name}")
    sending = sum(sum(calls.values()) for step, calls in found.items() if step[0] in "34")
    print(f"one reminder, from its due moment to its final receipt: {sending} calls")


if __name__ == "__main__":
    main()
