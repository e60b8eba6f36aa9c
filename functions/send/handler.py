"""The sender: ids from the outbox queue, one at a time, each decided on and carried out (journey: `flows.send_text`)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from texting import telemetry
from texting.aws.world import made
from texting.flows.needs import World
from texting.flows.send_text import take_turn
from texting.flows.world import world_of
from texting.rules.gate import LATE
from texting.settings import Environment

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
ENOUGH = 15_000
"""Milliseconds that one text may take: two short waits, the carrier's ten seconds, and what is written around them."""


@dataclass(frozen=True, slots=True)
class Settings(Environment):
    """What the sender is given."""

    PEOPLE_TABLE: str
    VISITS_TABLE: str
    MESSAGES_TABLE: str
    WORK_TABLE: str
    SECURE_TABLE: str
    KEYS_TABLE: str
    LEDGER_TABLE: str
    SEAL_KEY: str
    OUTBOX_QUEUE: str
    OUTBOX_ARN: str
    SCHEDULE_GROUP: str
    SCHEDULE_ROLE: str
    SCHEDULE_DEAD_ARN: str
    CONFIGURATION_SET: str
    ORIGINATION: str


@cache
def world() -> World:
    """Everything the journey needs, made once per process."""
    return world_of(Settings.read(), made)


@telemetry.each("send_failed")
def send_one(record: SQSRecord) -> None:
    """One message id, and what it set going."""
    for left in take_turn(world(), record.json_body["message_id"], datetime.now(UTC)):
        telemetry.log("message", message_id=left.message_id, state=left.state, reason=left.reason)
        if left.reason:
            telemetry.count_state(left.state)
        if left.reason in LATE:
            telemetry.count("MessagesRefusedLate")
        if left.reason == "carrier_busy":
            telemetry.count("CarrierThrottled")


def put_off(record: SQSRecord) -> None:
    """To the end of the queue: the batch has no time left for it."""
    world().outbox.put(record.json_body["message_id"], delay_seconds=1)


@telemetry.observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """A batch from the outbox queue; failures are reported one by one and come back."""
    world()

    def one(record: SQSRecord) -> None:
        (send_one if context.get_remaining_time_in_millis() >= ENOUGH else put_off)(record)

    return process_partial_response(event, one, processor, context)
