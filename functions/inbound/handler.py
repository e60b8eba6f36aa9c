"""Patients' texts: the carrier's notifications from the inbound queue, one at a time (journey: `flows.receive_text`)."""

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
from texting.flows.receive_text import Received, receive_text
from texting.flows.world import world_of
from texting.settings import Environment
from texting.values import Body

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
OUTCOMES = {"opted_out": "OptOuts", "opted_out_in_part": "OptOuts", "emergency": "Emergencies"}


@dataclass(frozen=True, slots=True)
class Settings(Environment):
    """What the function is given."""

    PEOPLE_TABLE: str
    VISITS_TABLE: str
    MESSAGES_TABLE: str
    WORK_TABLE: str
    KEYS_TABLE: str
    LEDGER_TABLE: str
    SEAL_KEY: str
    OUTBOX_QUEUE: str
    EVENT_BUS: str
    OPT_OUT_LIST: str


@cache
def world() -> World:
    """Everything the journey needs, made once per process."""
    return world_of(Settings.read(), made)


@telemetry.each("inbound_failed")
def receive_one(record: SQSRecord) -> None:
    """One notification: SNS's envelope round the carrier's payload (`facts/aws.md` §3)."""
    envelope = json.loads(record.body)
    told = json.loads(envelope["Message"])
    received = Received(
        carrier_inbound_id=told["inboundMessageId"],
        sender=told["originationNumber"],
        to=told["destinationNumber"],
        body=Body(told.get("messageBody") or ""),
        at=datetime.fromisoformat(envelope["Timestamp"]),
    )
    outcome = receive_text(world(), received, datetime.now(UTC))
    telemetry.log("inbound", outcome=outcome)
    telemetry.count("InboundReceived")
    if outcome in OUTCOMES:
        telemetry.count(OUTCOMES[outcome])


@telemetry.observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """A batch from the inbound queue; failures are reported one by one and come back."""
    world()
    return process_partial_response(event, receive_one, processor, context)
