"""Scheduling events, from our door or our bus, become visits and planned texts (journey: `flows.keep_appointment`)."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from texting import telemetry
from texting.aws.secrets import Secrets
from texting.aws.world import made
from texting.flows.keep_events import Readers, keep_events
from texting.flows.needs import World
from texting.flows.world import world_of
from texting.practice import Connection
from texting.remote.fhir import FhirReader
from texting.settings import Environment

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)
secrets = Secrets()


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
    OUTBOX_ARN: str
    SCHEDULE_GROUP: str
    SCHEDULE_ROLE: str
    SCHEDULE_DEAD_ARN: str


@cache
def world() -> World:
    """Everything the journey needs, made once per process."""
    return world_of(Settings.read(), made)


def reader(connection: Connection, now: datetime) -> FhirReader | None:
    """Who to ask for an appointment's current state, where the connection has a FHIR base."""
    if not connection.fhir_base:
        return None
    return FhirReader(connection.fhir_base, secrets.of(connection.secret_name, now).outbound)


@telemetry.each("event_failed")
def keep_one(record: SQSRecord) -> None:
    """One queued event: ours (exact bytes) or the bus's envelope."""
    now = datetime.now(UTC)
    readers: Readers = lambda connection: reader(connection, now)  # noqa: E731 - bound to this item's clock
    for kept in keep_events(world(), json.loads(record.body), readers, now):
        telemetry.log("event", outcome=kept.outcome, count=len(kept.planned))
        telemetry.count("MessagesPlanned", len(kept.planned))


@telemetry.observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """A batch from the events queue; failures are reported one by one and come back."""
    world()
    return process_partial_response(event, keep_one, processor, context)
