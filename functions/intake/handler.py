"""The scheduling systems' door: verified, queued or quarantined, and answered at once (journey: `flows.take_in`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from texting import telemetry
from texting.aws.queues import Queue
from texting.aws.secrets import Secrets
from texting.aws.world import made
from texting.doors import Answer, Request, door
from texting.errors import BadSignature
from texting.flows.needs import World
from texting.flows.take_in import Knock, take_in
from texting.flows.world import world_of
from texting.settings import Environment


@dataclass(frozen=True, slots=True)
class Settings(Environment):
    """What the door is given."""

    VISITS_TABLE: str
    WORK_TABLE: str
    KEYS_TABLE: str
    LEDGER_TABLE: str
    SEAL_KEY: str
    EVENTS_QUEUE: str


@cache
def parts() -> tuple[World, Queue, Secrets]:
    """Everything the journey needs, made once per process."""
    settings = Settings.read()
    return world_of(settings, made), Queue(settings.EVENTS_QUEUE), Secrets()


def knock(request: Request) -> Answer:
    """One event from a scheduling system."""
    world, queue, secrets = parts()
    now = datetime.now(UTC)

    def live(name: str) -> Sequence[str]:
        return secrets.of(name, now).inbound

    try:
        answer = take_in(world, queue, live, Knock(request.path["connection"], request.raw, request.headers, now))
    except BadSignature:
        telemetry.count("SignaturesRefused")
        raise
    telemetry.count(_metric(answer.body))
    return Answer(answer.status, answer.body)


def _metric(said: object) -> str:
    told = said if isinstance(said, dict) else {}
    if not told.get("accepted"):
        return "EventsQuarantined"
    return "EventsDuplicate" if told.get("duplicate") else "EventsIgnored" if told.get("ignored") else "EventsAccepted"


lambda_handler = door({"POST /v1/scheduling/{connection}": knock})
