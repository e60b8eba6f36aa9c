"""The carrier's receipts: evidence kept, status derived (journey: `flows.note_receipt`)."""

import json
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
from texting.flows.note_receipt import note_receipt
from texting.flows.world import world_of
from texting.settings import Environment

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


@dataclass(frozen=True, slots=True)
class Settings(Environment):
    """What the function is given."""

    PEOPLE_TABLE: str
    MESSAGES_TABLE: str
    WORK_TABLE: str
    KEYS_TABLE: str
    LEDGER_TABLE: str
    SEAL_KEY: str


@cache
def world() -> World:
    """Everything the journey needs, made once per process."""
    return world_of(Settings.read(), made)


@telemetry.each("receipt_failed")
def note_one(record: SQSRecord) -> None:
    """One event of the configuration set, in SNS's envelope (`facts/aws.md` §4)."""
    event = json.loads(json.loads(record.body)["Message"])
    state = note_receipt(world(), event, datetime.now(UTC))
    telemetry.log("receipt", state=state)
    telemetry.count_state(state)


@telemetry.observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """A batch from the receipts queue; failures are reported one by one and come back."""
    world()
    return process_partial_response(event, note_one, processor, context)
