"""Journey: staff look at conversations. Whose they are, what was said both ways, and what became of each text.

What staff read of a patient is in the ledger before it is answered (P6). Lists that hold ids, times and codes only are not
disclosures, and leave no entry.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from texting.errors import BadField, Unknown
from texting.flows.consent_requests import phone_of
from texting.flows.consents import numbers_of, state_of
from texting.flows.needs import World
from texting.flows.overtaking import conversation, id_of, not_yet_listed
from texting.flows.staff_requests import SENTENCES, FindAsked
from texting.flows.telling import told
from texting.records import Inbound, Message, Patient, Secure, Task, Thread
from texting.values import Actor

MOST_THREADS = 100


def thread_of(world: World, thread_id: str) -> Thread:
    """Whose thread it is. Raises Unknown."""
    found = world.store.thread(thread_id)
    if found is None:
        raise Unknown("There is no such thread.")
    return found


def find(world: World, asked: FindAsked, actor: Actor, now: datetime) -> dict[str, Any]:
    """The threads of a patient, or of a phone; none is an answer too. Raises BadField unless asked for exactly one."""
    if (asked.patient_id is None) == (asked.phone is None):
        raise BadField("patient_id", SENTENCES["patient_id"])
    if asked.phone is not None:
        number_id = world.ids.number_id(phone_of(asked.phone))
        patients: list[str | None] = [*world.store.patients_on(number_id), None]
        found = [Thread(world.ids.thread_id(one, number_id), one, number_id) for one in patients]
        subject = number_id
    else:
        patient = world.store.patient(asked.patient_id or "")
        if patient is None:
            return {"threads": []}
        subject = patient.patient_id
        found = [Thread(world.ids.thread_id(subject, one), subject, one) for one in numbers_of(world, patient)]
    audit(world, "threads", subject, actor, now)
    lines = [_line(world, thread) for thread in found]
    return {"threads": [line for line in lines if line["patient_id"] or line["last_at"]]}


def recent(world: World) -> dict[str, Any]:
    """The threads in which something waits for a person, the most urgent first: found by their tasks, never by a scan."""
    waiting: dict[str, list[Task]] = {}
    for task in world.store.open_tasks():
        if task.thread_id:
            waiting.setdefault(task.thread_id, []).append(task)
    lines = []
    for thread_id, tasks in list(waiting.items())[:MOST_THREADS]:
        thread = world.store.thread(thread_id)
        if thread is not None:
            due = written(min(task.due for task in tasks))
            lines.append(_line(world, thread) | {"tasks": sorted(task.kind for task in tasks), "due": due})
    return {"threads": lines}


def show(world: World, thread_id: str, actor: Actor, now: datetime) -> dict[str, Any]:
    """A whole thread, oldest first, and what to say when writing into it has been `seen`. Raises Unknown."""
    thread = thread_of(world, thread_id)
    entries = [*world.store.timeline(thread_id), *world.store.secures_of(thread_id)]
    talk = conversation(world, thread_id, thread.number_id)
    entries += not_yet_listed(world, thread, talk, {id_of(one) for one in entries})
    audit(world, "thread", thread_id, actor, now)
    lines = sorted((_shown(one, now) for one in entries), key=lambda line: str(line["at"]))
    return _line(world, thread) | {"seen": talk.seen, "timeline": lines}


def written(at: datetime | None) -> str | None:
    """A time as the API writes it: ISO 8601, UTC."""
    return at.isoformat().replace("+00:00", "Z") if at else None


def sentences(message: Message) -> list[dict[str, Any]]:
    """The verdicts on a message, each with its time, reason and sentence."""
    return [
        {name: _plain(one.get(name)) for name in ("at", "verdict", "reason", "sentence")} for one in message.verdicts
    ]


def _plain(value: Any) -> Any:
    """A value as JSON takes it; numbers come back from the store as decimals."""
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    return written(value) if isinstance(value, datetime) else value


def _line(world: World, thread: Thread) -> dict[str, Any]:
    number = world.store.number(thread.number_id)
    patient = world.store.patient(thread.patient_id) if thread.patient_id else None
    return {
        "thread_id": thread.thread_id,
        "patient_id": thread.patient_id,
        "number": state_of(number),
        "language": patient.language if patient else None,
        "last_at": written(world.store.last_at(thread.thread_id)),
    }


def _shown(entry: Message | Inbound | Secure, now: datetime) -> dict[str, Any]:
    if isinstance(entry, Secure):
        return _secure(entry, now)
    return _out(entry) if isinstance(entry, Message) else _in(entry)


def _out(message: Message) -> dict[str, Any]:
    return {
        "direction": "out",
        "message_id": message.message_id,
        "at": written(message.planned_at),
        "purpose": message.purpose,
        "state": str(message.state),
        "author": message.author or "quietline",
        "body": message.body.reveal() if message.body else None,
        "verdicts": sentences(message),
    }


def _in(inbound: Inbound) -> dict[str, Any]:
    return {
        "direction": "in",
        "inbound_id": inbound.inbound_id,
        "at": written(inbound.at),
        "body": inbound.body.reveal(),
        "meaning": inbound.intent,
        "outcome": inbound.outcome,
        "task_id": inbound.task_id or None,
    }


def _secure(secure: Secure, now: datetime) -> dict[str, Any]:
    over = secure.author != "patient" and secure.state == "waiting" and secure.expires_at <= now
    return {
        "direction": "in" if secure.author == "patient" else "out",
        "secure_id": secure.secure_id,
        "at": written(secure.at),
        "state": "expired" if over else secure.state,
        "author": secure.author,
        "read_at": written(secure.read_at),
        "expires_at": written(secure.expires_at),
        "body": secure.body.reveal(),
    }


def audit(world: World, scope: str, subject: str, actor: Actor, now: datetime) -> None:
    """Write down that a record is about to be shown."""
    world.store.commit(told("access.read", now, subject, {"scope": scope}, once=secrets.token_hex(8), actor=actor))


def tasks(open_tasks: Iterable[Task], now: datetime) -> dict[str, Any]:
    """What waits for a person, with its clock: ids, codes and sentences of ours."""
    return {"tasks": [_task(task, now) for task in open_tasks]}


def _task(task: Task, now: datetime) -> dict[str, Any]:
    return {
        "task_id": task.task_id,
        "kind": task.kind,
        "queue": task.queue,
        "sentence": task.sentence,
        "opened_at": written(task.opened_at),
        "due": written(task.due),
        "overdue": task.due < now,
        "thread_id": task.thread_id or None,
        "patient_id": task.patient_id,
        "appointment_id": task.appointment_id,
        "message_id": task.message_id or None,
    }


def task(world: World, task_id: str, actor: Actor, now: datetime) -> dict[str, Any]:
    """Whose a task is and how to reach them: the name, the phone we know, and what the scheduling system calls them. Raises
    Unknown."""
    found = world.store.task(task_id)
    if found is None:
        raise Unknown("There is no such task; look at the list of open tasks.")
    audit(world, "task", task_id, actor, now)
    patient = world.store.patient(found.patient_id) if found.patient_id else None
    thread = world.store.thread(found.thread_id) if found.thread_id else None
    number_id = thread.number_id if thread else patient.number_id if patient else None
    number = world.store.number(number_id) if number_id else None
    phone = number.phone.reveal() if number and number.phone else None
    return _task(found, now) | {"patient": _person(patient), "phone": phone}


def _person(patient: Patient | None) -> dict[str, Any] | None:
    if patient is None:
        return None
    return {
        "given_name": patient.given_name.reveal() if patient.given_name else None,
        "family_name": patient.family_name.reveal() if patient.family_name else None,
        "connection": patient.source,
        "ref": patient.ref,
        "language": patient.language,
    }


def message(world: World, message_id: str, actor: Actor, now: datetime) -> dict[str, Any]:
    """What became of one text, and why: no words of it. Raises Unknown."""
    found = world.store.message(message_id)
    if found is None:
        raise Unknown("There is no such message.")
    audit(world, "message", message_id, actor, now)
    return {
        "message_id": found.message_id,
        "appointment_id": found.appointment_id,
        "thread_id": found.thread_id,
        "purpose": found.purpose,
        "category": str(found.category) if found.category else None,
        "state": str(found.state),
        "send_at": written(found.send_at),
        "deadline": written(found.deadline),
        "verdicts": sentences(found),
        "evidence": [{name: _plain(value) for name, value in one.items()} for one in found.evidence],
    }
