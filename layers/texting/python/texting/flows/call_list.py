"""Journey: people call the patients whose texts could not go, for lack of time or of money. A day's list, page by page.

Ids, codes, times and sentences of ours only: nothing is disclosed before a thread is opened (`flows.threads`).
"""

from typing import Any

from texting.errors import BadField, Unknown
from texting.flows import pacing
from texting.flows.needs import World
from texting.flows.staff_requests import SENTENCES, CallsAsked
from texting.flows.threads import written
from texting.records import Message, Task

KIND = "call_list"


def listed(world: World, asked: CallsAsked) -> dict[str, Any]:
    """A page of a call list, earliest deadline first: the one asked for, or the oldest that is open. `next` is what to ask
    for the page after it, None on the last. Raises Unknown, BadField."""
    task = task_of(world, asked.task_id) if asked.task_id else _oldest(world)
    if task is None:
        return {"task_id": None, "opened_at": None, "calls": [], "next": None}
    found = pacing.on_call_list(world, task, asked.limit + 1, _place(world, task, asked.after))
    calls = found[: asked.limit]
    return {
        "task_id": task.task_id,
        "opened_at": written(task.opened_at),
        "calls": [_call(one) for one in calls],
        "next": calls[-1].message_id if len(found) > len(calls) else None,
    }


def task_of(world: World, task_id: str) -> Task:
    """The task that a call list is, open or closed. Raises Unknown."""
    task = world.store.task(task_id)
    if task is None or task.kind != KIND:
        raise Unknown("There is no call list of this id; look for call_list in the list of open tasks.")
    return task


def why(message: Message) -> tuple[str, str]:
    """Why a text could not go: its code and its sentence."""
    last = message.verdicts[-1] if message.verdicts else {}
    return str(last.get("reason", "")), str(last.get("sentence", ""))


def _oldest(world: World) -> Task | None:
    return next((one for one in world.store.open_tasks() if one.kind == KIND), None)


def _place(world: World, task: Task, after: str | None) -> str:
    """Where on the list the last text of the page before stands; "" for the first page. Raises BadField."""
    if after is None:
        return ""
    message = world.store.message(after)
    if message is None or message.line != pacing.line_of_calls(world, task) or message.line_at is None:
        raise BadField("after", SENTENCES["after"])
    return message.line_at


def _call(message: Message) -> dict[str, Any]:
    reason, sentence = why(message)
    return {
        "thread_id": message.thread_id,
        "patient_id": message.patient_id,
        "appointment_id": message.appointment_id,
        "message_id": message.message_id,
        "purpose": message.purpose,
        "deadline": written(message.deadline),
        "reason": reason,
        "sentence": sentence,
    }
