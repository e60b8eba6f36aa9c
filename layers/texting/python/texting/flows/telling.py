"""The ledger entries that go with what the journeys change: one helper per thing, so that each is always told alike."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from texting.audit.entries import entry_id
from texting.records import Message, Number, Task
from texting.values import SYSTEM, Actor
from texting.writes import Evidence


def told(
    kind: str,
    at: datetime,
    subject: str,
    facts: Mapping[str, Any] | None = None,
    *,
    once: str = "",
    actor: Actor = SYSTEM,
) -> Evidence:
    """Evidence of one thing. `once` is what makes it the same thing again (a version, an inbound id)."""
    kept = {name: value for name, value in (facts or {}).items() if value not in (None, "", (), [])}
    return Evidence(kind, entry_id(kind, subject, once), at, actor, subject, kept)


def of_message(kind: str, message: Message, at: datetime, actor: Actor = SYSTEM, **facts: Any) -> Evidence:
    """Evidence that a message changed; its `rev` makes it once."""
    base = {
        "purpose": message.purpose,
        "deadline": message.deadline,
        "number": message.number_id,
        "patient": message.patient_id,
        "appointment": message.appointment_id,
        "answers": message.answers,
    }
    return told(f"message.{kind}", at, message.message_id, base | facts, once=str(message.rev), actor=actor)


def of_number(kind: str, number: Number, at: datetime, actor: Actor, **facts: Any) -> Evidence:
    """Evidence that a number's standing changed."""
    return told(f"number.{kind}", at, number.number_id, facts, once=str(number.rev), actor=actor)


def of_task(task: Task, actor: Actor = SYSTEM) -> Evidence:
    """Evidence that a task was opened."""
    facts = {
        "task_kind": task.kind,
        "queue": task.queue,
        "due": task.due,
        "patient": task.patient_id,
        "thread": task.thread_id,
        "appointment": task.appointment_id,
        "message": task.message_id,
    }
    return told("task.opened", task.opened_at, task.task_id, facts, actor=actor)
