"""What the staff API answers: a request is read and given to its journey, and what came of it is told as HTTP.

Who asks is known by then: each route has its scope in the handler.
"""

from datetime import datetime
from typing import Any

from texting.doors import Answer, Request
from texting.flows import call_list, threads, write_to_patient
from texting.flows.consent_requests import read_as
from texting.flows.needs import World
from texting.flows.overtaking import Overtaken
from texting.flows.staff_requests import SENTENCES, CallsAsked, CloseAsked, FindAsked, SecureAsked, TextAsked, staff
from texting.flows.tasks import close_task
from texting.flows.write_to_patient import Refused
from texting.values import Actor


def find(world: World, request: Request, actor: Actor, now: datetime) -> Answer:
    """POST /v1/threads/find."""
    return Answer(200, threads.find(world, read_as(FindAsked, request.json(), SENTENCES), actor, now))


def recent(world: World, request: Request, actor: Actor, now: datetime) -> Answer:
    """GET /v1/threads."""
    return Answer(200, threads.recent(world))


def show(world: World, request: Request, actor: Actor, now: datetime) -> Answer:
    """GET /v1/threads/{thread_id}."""
    return Answer(200, threads.show(world, request.opaque("thread_id"), actor, now))


def text(world: World, request: Request, actor: Actor, now: datetime) -> Answer:
    """POST /v1/threads/{thread_id}/texts."""
    asked, once = read_as(TextAsked, request.json(), SENTENCES), request.header("idempotency-key")
    told = write_to_patient.write_text(world, request.opaque("thread_id"), asked, now, once)
    if isinstance(told, Refused | Overtaken):
        return _not_sent(told)
    return Answer(202, _said(message_id=told.message_id, held_until=threads.written(told.held_until)))


def secure(world: World, request: Request, actor: Actor, now: datetime) -> Answer:
    """POST /v1/threads/{thread_id}/secure."""
    asked = read_as(SecureAsked, request.json(), SENTENCES)
    told = write_to_patient.write_secure(world, request.opaque("thread_id"), asked, now)
    if isinstance(told, Refused | Overtaken):
        return _not_sent(told)
    ids = {"secure_id": told.secure_id, "notice_message_id": told.notice_message_id}
    return Answer(201, _said(**ids, passcode=told.passcode))


def recall(world: World, request: Request, actor: Actor, now: datetime) -> Answer:
    """POST /v1/secure/{secure_id}/recall."""
    secure_id = request.opaque("secure_id")
    return Answer(200, {"secure_id": secure_id, "state": write_to_patient.recall(world, secure_id, actor, now)})


def tasks(world: World, request: Request, actor: Actor, now: datetime) -> Answer:
    """GET /v1/tasks."""
    return Answer(200, threads.tasks(world.store.open_tasks(), now))


def calls(world: World, request: Request, actor: Actor, now: datetime) -> Answer:
    """GET /v1/tasks/calls."""
    return Answer(200, call_list.listed(world, read_as(CallsAsked, request.query, SENTENCES)))


def task(world: World, request: Request, actor: Actor, now: datetime) -> Answer:
    """GET /v1/tasks/{task_id}."""
    return Answer(200, threads.task(world, request.opaque("task_id"), actor, now))


def close(world: World, request: Request, actor: Actor, now: datetime) -> Answer:
    """POST /v1/tasks/{task_id}/close."""
    asked = read_as(CloseAsked, request.json(), SENTENCES)
    by = staff(world, asked.author) if asked.author else actor
    task = close_task(world, request.opaque("task_id"), asked.outcome, by, now)
    return Answer(200, {"task_id": task.task_id, "state": task.state, "closed_at": threads.written(task.closed_at)})


def message(world: World, request: Request, actor: Actor, now: datetime) -> Answer:
    """GET /v1/messages/{message_id}."""
    return Answer(200, threads.message(world, request.opaque("message_id"), actor, now))


def _not_sent(told: Refused | Overtaken) -> Answer:
    if isinstance(told, Overtaken):
        return Answer(409, {"error": told.sentence, "since": list(told.since)})
    return Answer(422, {"refused": list(told.reasons), "found": list(told.found), "secure_offer": told.offer})


def _said(**told: Any) -> dict[str, Any]:
    return {name: value for name, value in told.items() if value}
