"""What staff see and do, as an API: threads, texts, secure messages, tasks, and why a text did not go."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from texting import practice
from texting.aws.world import made
from texting.doors import Answer, Request, door
from texting.flows import call_list, threads, write_to_patient
from texting.flows.callers import caller
from texting.flows.consent_requests import read_as
from texting.flows.needs import World
from texting.flows.overtaking import Overtaken
from texting.flows.staff_requests import SENTENCES, CallsAsked, CloseAsked, FindAsked, SecureAsked, TextAsked, staff
from texting.flows.tasks import close_task
from texting.flows.wording import templates_of
from texting.flows.write_to_patient import Refused
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
    settings = Settings.read()
    rules = practice.load(settings.PRACTICE)
    return World(practice=rules, templates=templates_of(rules), **made(settings, rules))


def _caller(request: Request, scope: str) -> Actor:
    return caller(world(), request.header("authorization"), scope)


def find(request: Request) -> Answer:
    """POST /v1/threads/find."""
    actor, asked = _caller(request, "threads"), read_as(FindAsked, request.json(), SENTENCES)
    return Answer(200, threads.find(world(), asked, actor, datetime.now(UTC)))


def recent(request: Request) -> Answer:
    """GET /v1/threads."""
    _caller(request, "threads")
    return Answer(200, threads.recent(world()))


def show(request: Request) -> Answer:
    """GET /v1/threads/{thread_id}."""
    actor = _caller(request, "threads")
    return Answer(200, threads.show(world(), request.opaque("thread_id"), actor, datetime.now(UTC)))


def text(request: Request) -> Answer:
    """POST /v1/threads/{thread_id}/texts."""
    _caller(request, "threads")
    asked, once = read_as(TextAsked, request.json(), SENTENCES), request.header("idempotency-key")
    told = write_to_patient.write_text(world(), request.opaque("thread_id"), asked, datetime.now(UTC), once)
    if isinstance(told, Refused | Overtaken):
        return _refusal(told)
    return Answer(202, _said(message_id=told.message_id, held_until=threads.written(told.held_until)))


def secure(request: Request) -> Answer:
    """POST /v1/threads/{thread_id}/secure."""
    _caller(request, "threads")
    asked = read_as(SecureAsked, request.json(), SENTENCES)
    told = write_to_patient.write_secure(world(), request.opaque("thread_id"), asked, datetime.now(UTC))
    if isinstance(told, Refused | Overtaken):
        return _refusal(told)
    ids = {"secure_id": told.secure_id, "notice_message_id": told.notice_message_id}
    return Answer(201, _said(**ids, passcode=told.passcode))


def recall(request: Request) -> Answer:
    """POST /v1/secure/{secure_id}/recall."""
    actor, secure_id = _caller(request, "threads"), request.opaque("secure_id")
    state = write_to_patient.recall(world(), secure_id, actor, datetime.now(UTC))
    return Answer(200, {"secure_id": secure_id, "state": state})


def tasks(request: Request) -> Answer:
    """GET /v1/tasks."""
    _caller(request, "tasks")
    return Answer(200, threads.tasks(world().store.open_tasks(), datetime.now(UTC)))


def calls(request: Request) -> Answer:
    """GET /v1/tasks/calls."""
    _caller(request, "tasks")
    return Answer(200, call_list.listed(world(), read_as(CallsAsked, request.query, SENTENCES)))


def close(request: Request) -> Answer:
    """POST /v1/tasks/{task_id}/close."""
    actor, asked = _caller(request, "tasks"), read_as(CloseAsked, request.json(), SENTENCES)
    by = staff(world(), asked.author) if asked.author else actor
    task = close_task(world(), request.opaque("task_id"), asked.outcome, by, datetime.now(UTC))
    return Answer(200, {"task_id": task.task_id, "state": task.state, "closed_at": threads.written(task.closed_at)})


def message(request: Request) -> Answer:
    """GET /v1/messages/{message_id}."""
    actor = _caller(request, "messages")
    return Answer(200, threads.message(world(), request.opaque("message_id"), actor, datetime.now(UTC)))


def _refusal(told: Refused | Overtaken) -> Answer:
    if isinstance(told, Overtaken):
        return Answer(409, {"error": told.sentence, "since": list(told.since)})
    return Answer(422, {"refused": list(told.reasons), "found": list(told.found), "secure_offer": told.offer})


def _said(**told: Any) -> dict[str, Any]:
    return {name: value for name, value in told.items() if value}


lambda_handler = door(
    {
        "POST /v1/threads/find": find,
        "GET /v1/threads": recent,
        "GET /v1/threads/{thread_id}": show,
        "POST /v1/threads/{thread_id}/texts": text,
        "POST /v1/threads/{thread_id}/secure": secure,
        "POST /v1/secure/{secure_id}/recall": recall,
        "GET /v1/tasks": tasks,
        "GET /v1/tasks/calls": calls,
        "POST /v1/tasks/{task_id}/close": close,
        "GET /v1/messages/{message_id}": message,
    }
)
