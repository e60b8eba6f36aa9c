"""Work for people: every task has a queue, a clock and a sentence, and opening one leaves evidence."""

from dataclasses import replace
from datetime import datetime, timedelta

from texting.audit.entries import entry_id
from texting.errors import Contended, Unknown
from texting.flows.keeping import task_on
from texting.flows.needs import World
from texting.flows.telling import of_task, told
from texting.records import Message, Task
from texting.rules import opening_hours
from texting.rules.sentences import say
from texting.values import Actor
from texting.writes import Change, New, Write

URGENT = frozenset({"emergency"})
CLINICAL = frozenset({"emergency", "secure_reply"})


def new_task(
    world: World,
    kind: str,
    now: datetime,
    *,
    once: str = "",
    thread_id: str = "",
    patient_id: str | None = None,
    appointment_id: str | None = None,
    message: Message | None = None,
    detail: str = "",
    due: datetime | None = None,
) -> list[Write]:
    """The writes that open a task. The same kind about the same thing (`once`, or the message) opens only once.

    It is due when the practice promised to answer, within its opening hours, unless `due` says otherwise; what is urgent
    is due at once.
    """
    about = once or (message.message_id if message else "")
    task = Task(
        task_id=task_id_of(kind, about),
        kind=kind,
        queue="clinical" if kind in CLINICAL else "front_desk",
        opened_at=now,
        due=due or (now if kind in URGENT else _promised(world, now)),
        sentence=say("task", kind, detail),
        thread_id=thread_id or (message.thread_id if message else ""),
        patient_id=patient_id or (message.patient_id if message else None),
        appointment_id=appointment_id or (message.appointment_id if message else None),
        message_id=message.message_id if message else "",
    )
    return [New(task), of_task(task)]


def _promised(world: World, now: datetime) -> datetime:
    """When the front desk, which keeps the first location's hours, has had its minutes to answer."""
    desk, allowed = world.practice.locations[0], timedelta(minutes=world.practice.answering.minutes_to_answer)
    return opening_hours.due(desk.hours, desk.time_zone, now, allowed)


def task_id_of(kind: str, about: str) -> str:
    """The id of the task of a kind about one thing."""
    return "k_" + entry_id("task", kind, about)


def close_task(world: World, task_id: str, outcome: str, actor: Actor, now: datetime) -> Task:
    """Mark a task done by `actor`; closing a closed one changes nothing. Raises Unknown."""
    task = world.store.task(task_id)
    if task is None:
        raise Unknown("There is no such task; look at the list of open tasks.")
    if task.state == "closed":
        return task
    closed = replace(task, state="closed", owner=actor.actor_id, closed_at=now, dispose_on=task_on(world, now))
    try:
        world.store.commit(Change(closed), told("task.closed", now, task_id, {"outcome": outcome}, actor=actor))
    except Contended:
        return close_task(world, task_id, outcome, actor, now)
    return closed
