"""What staff see and do, as an API: threads, texts, secure messages, tasks, and why a text did not go."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from texting.answers import staff_api as staff
from texting.aws.world import made
from texting.doors import Answer, Request, Route, door
from texting.flows.callers import caller
from texting.flows.needs import World
from texting.flows.world import world_of
from texting.settings import Environment
from texting.values import Actor


@dataclass(frozen=True, slots=True)
class Settings(Environment):
    """What the function is given."""

    PEOPLE_TABLE: str
    MESSAGES_TABLE: str
    WORK_TABLE: str
    SECURE_TABLE: str
    KEYS_TABLE: str
    LEDGER_TABLE: str
    SEAL_KEY: str
    OUTBOX_QUEUE: str


@cache
def world() -> World:
    """Everything the journeys need, made once per process."""
    return world_of(Settings.read(), made)


def of(scope: str, answer: Callable[[World, Request, Actor, datetime], Answer]) -> Route:
    """A route for callers whose token reaches `scope`."""

    def route(request: Request) -> Answer:
        actor = caller(world(), request.header("authorization"), scope)
        return answer(world(), request, actor, datetime.now(UTC))

    return route


lambda_handler = door(
    {
        "POST /v1/threads/find": of("threads", staff.find),
        "GET /v1/threads": of("threads", staff.recent),
        "GET /v1/threads/{thread_id}": of("threads", staff.show),
        "POST /v1/threads/{thread_id}/texts": of("threads", staff.text),
        "POST /v1/threads/{thread_id}/secure": of("threads", staff.secure),
        "POST /v1/secure/{secure_id}/recall": of("threads", staff.recall),
        "GET /v1/tasks": of("tasks", staff.tasks),
        "GET /v1/tasks/calls": of("tasks", staff.calls),
        "GET /v1/tasks/{task_id}": of("threads", staff.task),
        "POST /v1/tasks/{task_id}/close": of("tasks", staff.close),
        "GET /v1/messages/{message_id}": of("messages", staff.message),
    }
)
