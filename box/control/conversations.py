"""Threads as staff see them: every text both ways and every secure message, in order."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from texting.flows.needs import World
from texting.flows.overtaking import conversation
from texting.flows.staff_requests import staff
from texting.records import Consent, Inbound, Message, Number, Patient, Secure

from box.control.reading import items, plain, records, settings, words, world

WAITING = ("planned", "held")
DESK = tuple(f"front-desk-{place}" for place in range(1, 5))
"""Who may be at the box's pages: each page that is open is one of them."""


def threads(asked: Mapping[str, Any]) -> Any:
    """Every thread with its texts as staff see them, the one that stirred last first; and who is who at the `desk`, by
    the ids that stand as authors."""
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
    newest_first = sorted(kept, key=lambda row: str(row["last_at"] or ""), reverse=True)
    return {"threads": newest_first, "desk": {staff(here, name).actor_id: name for name in DESK}}


def thread(thread_id: str, patient: Patient | None, number: Number, here: World) -> dict[str, Any]:
    """A thread's head: who, on which number, and what holds there."""
    consents = here.store.consents(patient.patient_id) if patient else ()
    return {
        "thread_id": thread_id,
        "patient_id": patient.patient_id if patient else None,
        "patient": name(patient) or None,
        "phone": words(number.phone),
        "language": patient.language if patient else None,
        "stopped": number.stopped,
        "suspended": number.suspended or None,
        "standing": {str(one.category): str(one.standing) for one in consents if mine(one, number)},
        "last_at": None,
        "seen": conversation(
            here, thread_id, number.number_id
        ).seen,  # read before the texts: never newer than they are
        "messages": [],
    }


def name(patient: Patient | None) -> str:
    """A patient's name as staff say it, "" for nobody known."""
    return f"{words(patient.given_name)} {words(patient.family_name)}".strip() if patient else ""


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
