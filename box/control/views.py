"""What the control surface reads of the practice's records: the one place that knows how they are kept.

Runs in a worker of its own with every table's name in its environment, through the product's own adapters, so that
what is shown is what the product would read. Unlike the product it may look through whole tables: a box is small.
The vault is made anew each time, because a key that was destroyed must not live on here.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

from texting import practice
from texting.aws.clients import client
from texting.aws.items import from_item
from texting.aws.queues import Queue
from texting.aws.world import made
from texting.errors import QuietlineError, Unknown
from texting.flows import callers, take_in
from texting.flows.needs import World
from texting.flows.wording import templates_of
from texting.records import Consent, Inbound, Message, Number, Patient, Quarantined, Secure, Task
from texting.settings import Environment
from texting.values import Actor, Hidden, Visit

WAITING = ("planned", "held")
OPERATOR = Actor("operator", "00000000-0000-4000-8000-0000000000b0")  # ids of actors are opaque, even the box's
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Settings(Environment):
    """Everything any function is given to read with."""

    PEOPLE_TABLE: str
    VISITS_TABLE: str
    MESSAGES_TABLE: str
    WORK_TABLE: str
    SECURE_TABLE: str
    KEYS_TABLE: str
    LEDGER_TABLE: str
    SEAL_KEY: str
    EVENTS_QUEUE: str


@cache
def settings() -> Settings:
    """The tables' names."""
    return Settings.read()


def world() -> World:
    """The practice's records, with a vault that remembers nothing."""
    rules = practice.load(settings().PRACTICE)
    return World(practice=rules, templates=templates_of(rules), **made(settings(), rules))


def items(table: str, prefix: str = "") -> Iterator[Mapping[str, Any]]:
    """Every item of a table whose partition key begins so."""
    for page in client("dynamodb").get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        yield from (item for item in page["Items"] if item["pk"]["S"].startswith(prefix))


def records(here: World, kind: type[R], table: str, prefix: str, sort: str) -> Iterator[R]:
    """Every record of a kind that can still be read; one whose key was destroyed is gone."""
    for item in items(table, prefix):
        if item["sk"]["S"].startswith(sort):
            try:
                yield from_item(kind, item, here.store.vault)  # type: ignore[attr-defined]
            except Unknown:
                continue


def plain(value: Any) -> Any:
    """A value as JSON has it: times in UTC with a Z, hidden words left out."""
    if isinstance(value, Hidden):
        return None
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value


def words(hidden: Hidden | None) -> str:
    """The words themselves, for those who may read them: the practice."""
    return hidden.reveal() if hidden else ""


# -- messages ---------------------------------------------------------------------------------------------------------


def messages(asked: Mapping[str, Any]) -> Any:
    """Every text of ours, or those of one appointment (its own id in the scheduling system) or in one state."""
    here = world()
    sources = {visit.appointment_id: visit.source_id for visit in visits(here)}
    found = [told_message(message, sources) for message in records(here, Message, settings().MESSAGES_TABLE, "M#", "M")]
    for name, key in (("appointment", "appointment_id"), ("state", "state"), ("id", "id")):
        if asked.get(name):
            found = [row for row in found if row[key] == asked[name]]
    return {"messages": sorted(found, key=lambda row: (row["planned_at"], row["send_at"], row["id"]))}


def told_message(message: Message, sources: Mapping[str, str]) -> dict[str, Any]:
    """One text of ours in ids and reasons; no words."""
    appointment = message.appointment_id
    return {
        "id": message.message_id,
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


# -- people -----------------------------------------------------------------------------------------------------------


def threads(asked: Mapping[str, Any]) -> Any:
    """Every thread with its texts as staff see them, the one that stirred last first."""
    here = world()
    patients = {one.patient_id: one for one in records(here, Patient, settings().PEOPLE_TABLE, "P#", "PATIENT")}
    numbers = {one.number_id: one for one in records(here, Number, settings().PEOPLE_TABLE, "N#", "NUMBER")}
    found: dict[str, dict[str, Any]] = {}
    for item in items(settings().PEOPLE_TABLE, "N#"):
        number = numbers.get(item["pk"]["S"].removeprefix("N#"))
        patient = patients.get(item["sk"]["S"].removeprefix("P#"))
        if number and patient:
            found[item["thread_id"]["S"]] = thread(item["thread_id"]["S"], patient, number, here)
    for number in numbers.values():
        alone = here.ids.thread_id(None, number.number_id)
        found[alone] = thread(alone, None, number, here)
    fill(here, found)
    kept = [row for row in found.values() if row["messages"] or row["patient_id"]]
    return {"threads": sorted(kept, key=lambda row: str(row["last_at"] or ""), reverse=True)}


def thread(thread_id: str, patient: Patient | None, number: Number, here: World) -> dict[str, Any]:
    """A thread's head: who, on which number, and what holds there."""
    name = f"{words(patient.given_name)} {words(patient.family_name)}".strip() if patient else ""
    consents = here.store.consents(patient.patient_id) if patient else ()
    return {
        "thread_id": thread_id,
        "patient_id": patient.patient_id if patient else None,
        "patient": name or None,
        "phone": words(number.phone),
        "language": patient.language if patient else None,
        "stopped": number.stopped,
        "suspended": number.suspended or None,
        "standing": {str(one.category): str(one.standing) for one in consents if mine(one, number)},
        "last_at": None,
        "messages": [],
    }


def mine(consent: Consent, number: Number) -> bool:
    """Whether a consent is for this number."""
    return consent.number_id == number.number_id


def fill(here: World, found: Mapping[str, dict[str, Any]]) -> None:
    """Put every text and secure message into its thread, oldest first."""
    table = settings().MESSAGES_TABLE
    for message in records(here, Message, table, "M#", "MESSAGE"):
        put(found, message.thread_id, message.claimed_at or message.send_at, spoken(message))
    for inbound in records(here, Inbound, table, "I#", "INBOUND"):
        told = {"direction": "in", "body": words(inbound.body), "intent": inbound.intent, "outcome": inbound.outcome}
        put(found, inbound.thread_id, inbound.at, {"id": inbound.inbound_id, **told})
    for secure in records(here, Secure, settings().SECURE_TABLE, "S#", "SECURE"):
        told = {"direction": "in" if secure.author == "patient" else "out", "body": words(secure.body)}
        told |= {"secure": secure.state, "author": secure.author, "reason": secure.reason}
        put(found, secure.thread_id, secure.at, {"id": secure.secure_id, **told})
    for row in found.values():
        row["messages"].sort(key=in_order)
        row["last_at"] = max((each["at"] for each in row["messages"] if each.get("state") not in WAITING), default=None)


def in_order(line: Mapping[str, Any]) -> tuple[str, int]:
    """A line's place in its thread. The box's clock stands still, so what shares an instant goes by what follows what."""
    if line["direction"] == "in":
        return line["at"], 1
    return line["at"], 3 if line["author"] != "quietline" else 2 if line.get("answers") else 0


def put(found: Mapping[str, dict[str, Any]], thread_id: str, at: datetime, told: dict[str, Any]) -> None:
    """Add one line to its thread, if there is such a thread."""
    if thread_id in found:
        found[thread_id]["messages"].append({"at": plain(at), **told})


def spoken(message: Message) -> dict[str, Any]:
    """One text of ours as staff see it, with the newest verdict in one sentence."""
    newest = message.verdicts[-1] if message.verdicts else {}
    return {
        "id": message.message_id,
        "direction": "out",
        "body": words(message.body),
        "purpose": message.purpose,
        "state": str(message.state),
        "author": message.author or "quietline",
        "answers": message.answers or None,
        "verdict": newest.get("verdict"),
        "sentence": newest.get("sentence"),
        "send_at": plain(message.send_at),
    }


def inbound(asked: Mapping[str, Any]) -> Any:
    """Every text a patient sent, and what became of it."""
    rows = [
        {
            "id": one.inbound_id,
            "at": plain(one.at),
            "thread_id": one.thread_id,
            "patient_id": one.patient_id,
            "intent": one.intent,
            "also": list(one.also),
            "language": one.language,
            "outcome": one.outcome,
            "task_id": one.task_id or None,
        }
        for one in records(world(), Inbound, settings().MESSAGES_TABLE, "I#", "INBOUND")
    ]
    return {"inbound": sorted(rows, key=lambda row: str(row["at"]))}


# -- work -------------------------------------------------------------------------------------------------------------


def tasks(asked: Mapping[str, Any]) -> Any:
    """What waits for a person, soonest due first; `state` asks for closed ones, or all."""
    here, wanted, now = world(), asked.get("state") or "open", datetime.now(UTC)
    sources = {visit.appointment_id: visit.source_id for visit in visits(here)}
    rows = []
    for one in records(here, Task, settings().WORK_TABLE, "T#", "TASK"):
        if wanted in (one.state, "all"):
            row = {field.name: plain(getattr(one, field.name)) for field in fields(one)}
            row |= {"id": one.task_id, "overdue": one.state == "open" and one.due < now}
            row["appointment_id"] = sources.get(one.appointment_id or "", one.appointment_id)
            rows.append(row)
    return {"tasks": sorted(rows, key=lambda row: (row["due"], row["id"]))}


def quarantine(asked: Mapping[str, Any]) -> Any:
    """What could not be read and was not replayed, with its reason."""
    rows = [
        {"id": one.quarantine_id, "source": one.source, "door": one.door, "event_id": one.event_id,
         "reason": one.code, "sentence": one.sentence, "at": plain(one.at), "state": one.state}
        for one in records(world(), Quarantined, settings().WORK_TABLE, "Q#", "QUARANTINE")
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
