"""What the control surface shows of the practice's records, and the few things it does to them.

Runs in a worker of its own with every table's name in its environment: the supervisor itself holds no record.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from texting.aws.queues import Queue
from texting.errors import QuietlineError
from texting.flows import callers, take_in
from texting.flows.needs import World
from texting.records import Inbound, Message, Number, Patient, Quarantined, Task
from texting.rules.quarantine import goes_on
from texting.values import Actor, Visit

from box.control.conversations import name, threads
from box.control.reading import Settings, items, plain, records, settings, words, world

OPERATOR = Actor("operator", "00000000-0000-4000-8000-0000000000b0")  # ids of actors are opaque, even the box's


# -- messages ---------------------------------------------------------------------------------------------------------


def messages(asked: Mapping[str, Any]) -> Any:
    """Every text of ours, or those of one appointment (its own id in the scheduling system) or in one state."""
    here = world()
    sources = {visit.appointment_id: visit.source_id for visit in visits(here)}
    found = [told_message(message, sources) for message in records(here, Message, settings().MESSAGES_TABLE, "M#", "M")]
    for asked_for, key in (("appointment", "appointment_id"), ("state", "state"), ("id", "id")):
        if asked.get(asked_for):
            found = [row for row in found if row[key] == asked[asked_for]]
    return {"messages": sorted(found, key=lambda row: (row["planned_at"], row["send_at"], row["id"]))}


def told_message(message: Message, sources: Mapping[str, str]) -> dict[str, Any]:
    """One text of ours in ids and reasons; no words."""
    appointment = message.appointment_id
    return {
        "id": message.message_id,
        "carrier_id": message.carrier_id or None,
        "appointment_id": sources.get(appointment, appointment) if appointment else None,
        "thread_id": message.thread_id,
        "purpose": message.purpose,
        "slot": message.slot,
        "epoch": message.epoch,
        "state": str(message.state),
        "planned_at": plain(message.planned_at),
        "send_at": plain(message.send_at),
        "deadline": plain(message.deadline),
        "parts": message.parts,
        "answers": message.answers or None,
        "verdicts": plain(message.verdicts),
        "evidence": plain(message.evidence),
        "dispose_on": plain(message.dispose_on),
    }


def visits(here: World) -> list[Visit]:
    """Every appointment, in its newest accepted version."""
    return list(records(here, Visit, settings().VISITS_TABLE, "A#", "VISIT"))


def inbound(asked: Mapping[str, Any]) -> Any:
    """Every text a patient sent, and what became of it; `known` are the carrier's ids, to tell which text is which."""
    here = world()
    sent = {here.ids.inbound_id(known): known for known in asked.get("known", [])}
    phones = {one.number_id: words(one.phone) for one in records(here, Number, settings().PEOPLE_TABLE, "N#", "NUMBER")}
    rows = [
        {
            "id": one.inbound_id,
            "inbound_id": sent.get(one.inbound_id),
            "at": plain(one.at),
            "from": phones.get(one.number_id),
            "thread_id": one.thread_id,
            "patient_id": one.patient_id,
            "intent": one.intent,
            "also": list(one.also),
            "language": one.language,
            "outcome": one.outcome,
            "task_id": one.task_id or None,
        }
        for one in records(here, Inbound, settings().MESSAGES_TABLE, "I#", "INBOUND")
    ]
    return {"inbound": sorted(rows, key=lambda row: str(row["at"]))}


# -- work -------------------------------------------------------------------------------------------------------------


def tasks(asked: Mapping[str, Any]) -> Any:
    """What waits for a person, soonest due first, and whose it is; `state` asks for closed ones, or all."""
    here, wanted, now = world(), asked.get("state") or "open", datetime.now(UTC)
    people = {one.patient_id: one for one in records(here, Patient, settings().PEOPLE_TABLE, "P#", "PATIENT")}
    sources = {visit.appointment_id: visit.source_id for visit in visits(here)}
    rows = []
    for one in records(here, Task, settings().WORK_TABLE, "T#", "TASK"):
        if wanted in (one.state, "all"):
            row = {field.name: plain(getattr(one, field.name)) for field in fields(one)}
            row |= {"id": one.task_id, "overdue": one.state == "open" and one.due < now}
            row["patient"] = name(people.get(one.patient_id or "")) or None
            row["appointment_id"] = sources.get(one.appointment_id or "", one.appointment_id)
            rows.append(row)
    return {"tasks": sorted(rows, key=lambda row: (row["due"], row["id"]))}


def quarantine(asked: Mapping[str, Any]) -> Any:
    """What could not be read and was not replayed, with its reason and the first day on which retention may end it."""
    here = world()
    days = here.practice.retention.quarantine_days
    rows = [
        {"id": one.quarantine_id, "source": one.source, "door": one.door, "event_id": one.event_id,
         "reason": one.code, "sentence": one.sentence, "at": plain(one.at), "state": one.state,
         "goes_on": plain(goes_on(one.at.date(), days))}
        for one in records(here, Quarantined, settings().WORK_TABLE, "Q#", "QUARANTINE")
        if one.state == "quarantined"
    ]  # fmt: skip
    return {"quarantine": sorted(rows, key=lambda row: str(row["at"]))}


def replay(asked: Mapping[str, Any]) -> Any:
    """Put one quarantined event before the pipeline again."""
    queue = Queue(settings().EVENTS_QUEUE)
    return {"id": asked["id"], "state": take_in.replay(world(), queue, asked["id"], OPERATOR, datetime.now(UTC))}


def token(asked: Mapping[str, Any]) -> Any:
    """A token for the /v1 API with every scope."""
    return {"token": callers.issue(world(), "practice in a box", callers.SCOPES, OPERATOR, datetime.now(UTC))}


def keys(asked: Mapping[str, Any]) -> Any:
    """Every key of every table: a place where nobody may be named."""
    tables = {name: getattr(settings(), name) for name in Settings.variables() if name.endswith("_TABLE")}
    return {
        name: sorted(f"{item['pk']['S']} {item['sk']['S']}" for item in items(table)) for name, table in tables.items()
    }


VIEWS: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    view.__name__: view for view in (messages, threads, inbound, tasks, quarantine, replay, token, keys)
}


def lambda_handler(event: Mapping[str, Any], context: Any) -> Any:
    """Answer one question; what the product refuses is answered with its sentence."""
    try:
        return {"told": json.loads(json.dumps(VIEWS[event["view"]](event.get("asked", {})), default=str))}
    except QuietlineError as error:
        return {"refused": error.status, "sentence": error.sentence}
