"""Journey: systems and staff record consent, read where it stands, and record that a patient took it back.

Every answer discloses how consent was given, signature included: that it was read is in the ledger first (P6).
"""

import secrets
from datetime import datetime
from typing import Any

from texting.errors import Unknown
from texting.flows import change_consent
from texting.flows.again import again
from texting.flows.consent_requests import (
    GrantAsked,
    RevokeAsked,
    channel_of,
    checked_connection,
    phone_of,
    signed_at,
)
from texting.flows.keeping import number_of
from texting.flows.needs import World
from texting.flows.tasks import new_task
from texting.flows.telling import told
from texting.records import ConsentChange, Number, Patient
from texting.values import Actor, PhoneNumber
from texting.writes import Joined, Write

SHOWN = (
    "medium", "text_version", "language", "signed_name", "signed_at", "recorded_by", "text_sha256", "words", "told_by",
)  # fmt: skip
"""What of the evidence an API caller is shown; the rest (full text, address, browser) is for whoever opens the record."""

TASK_SAYS = {
    "unknown_number": "for a phone number we did not know them by, so it was taken for every number of theirs",
    "no_number": "and we know no phone number of theirs",
}
NOTICES = {
    "unknown_number": "This patient was never known by this number. The revocation was recorded for it and, because it may "
    "have been mistyped, for every other number of theirs. A person will ask the patient; what they want to keep must be "
    "agreed to again.",
    "no_number": "No phone number of this patient is known, so no consent stood that could be taken back. Nothing is "
    "texted to them; a person was told.",
}


def give(world: World, asked: GrantAsked, actor: Actor, now: datetime) -> dict[str, Any]:
    """Record consent given elsewhere, with its evidence. Raises BadField. A number that said STOP stays stopped."""
    connection = checked_connection(world, asked.patient.connection)
    phone = phone_of(asked.phone)
    evidence = {
        "medium": asked.evidence.medium,
        "text_version": asked.evidence.text_version,
        "language": asked.evidence.language,
        "signed_name": asked.evidence.signed_name,
        "signed_at": signed_at(asked.evidence, now).isoformat().replace("+00:00", "Z"),
        "recorded_by": asked.evidence.recorded_by,
    }
    categories = tuple(dict.fromkeys(asked.categories))

    def granted() -> tuple[str, str]:
        patient, number, writes = change_consent.person_on(
            world, connection, asked.patient.ref, phone, asked.evidence.language, now
        )
        writes += change_consent.grant(world, patient, number, categories, actor, "staff", evidence, now)
        world.store.commit(*writes)
        return patient.patient_id, number.number_id

    patient_id, number_id = again(granted)
    return _told(world, patient_id, number_id, actor, now)


def show(world: World, patient_id: str, actor: Actor, now: datetime) -> dict[str, Any]:
    """Where consent stands and how it came to that. Raises Unknown."""
    patient = _known(world, patient_id)
    return _told(world, patient_id, number_that_counts(world, patient), actor, now)


def take_back(world: World, patient_id: str, asked: RevokeAsked, actor: Actor, now: datetime) -> dict[str, Any]:
    """Record that a patient took consent back, by whatever means they chose (47 CFR 64.1200(a)(10)).

    Raises Unknown and BadField. Without a phone it covers every number of the patient, without categories all of them. A
    phone that the patient was never known by may be any of theirs, mistyped: silence and doubt mean everything, and a
    person is asked to ask.
    """
    patient = _known(world, patient_id)
    phone = phone_of(asked.phone) if asked.phone is not None else None
    categories = None if asked.categories == "all" else tuple(dict.fromkeys(asked.categories))
    evidence = {"told_by": asked.channel, "words": asked.words}

    def taken() -> tuple[str | None, str]:
        writes: list[Write] = _noted(world, patient_id, phone, now) if phone else []
        numbers, doubt = _meant(world, patient, phone)
        for number_id in numbers:
            writes += change_consent.revoke(
                world, patient_id, number_id, categories, actor, channel_of(asked.channel), evidence, now
            )
        if doubt:
            once = f"{patient_id}/{'/'.join(numbers)}/{now.isoformat()}"
            writes += new_task(
                world, "revocation_unclear", now, once=once, patient_id=patient_id, detail=TASK_SAYS[doubt]
            )
        world.store.commit(*writes)
        return numbers[0] if numbers else None, doubt

    number_id, doubt = again(taken)
    notice = {"notice": NOTICES[doubt]} if doubt else {}
    return _told(world, patient_id, number_id, actor, now) | notice


def _meant(world: World, patient: Patient, phone: PhoneNumber | None) -> tuple[list[str], str]:
    """The numbers that a revocation covers, the one it named first, and the code of a doubt about that, or ""."""
    known = numbers_of(world, patient)
    if phone is None:
        return known, "" if known else "no_number"
    named = world.ids.number_id(phone)
    if named in known or patient.patient_id in world.store.patients_on(named) or not known:
        return [named], ""
    return [named, *known], "unknown_number"


def state_of(number: Number | None) -> str | None:
    """Whether texts may go to a number at all: open, stopped or suspended; None where there is no number."""
    if number is None:
        return None
    return "stopped" if number.stopped else "suspended" if number.suspended else "open"


def numbers_of(world: World, patient: Patient) -> list[str]:
    """The ids of every number the patient is or was known by, the current one first."""
    known = sorted(world.store.consents(patient.patient_id), key=lambda one: str(one.changed_at), reverse=True)
    current = [patient.number_id] if patient.number_id else []
    return list(dict.fromkeys([*current, *(one.number_id for one in known)]))


def number_that_counts(world: World, patient: Patient) -> str | None:
    """The number an answer is about: the current one, unless consent was only ever given on another."""
    numbers = numbers_of(world, patient)
    spoken_of = [one.number_id for one in world.store.consents(patient.patient_id)]
    return next((one for one in numbers if one in spoken_of), numbers[0] if numbers else None)


def _known(world: World, patient_id: str) -> Patient:
    patient = world.store.patient(patient_id)
    if patient is None:
        raise Unknown("There is no such patient.")
    return patient


def _noted(world: World, patient_id: str, phone: PhoneNumber, now: datetime) -> list[Write]:
    """A number we were told not to text is noted even if we never knew it: it may come with the next booking."""
    number, writes = number_of(world, phone, now)
    if not writes:
        return []
    thread_id = world.ids.thread_id(patient_id, number.number_id)
    return [*writes, Joined(number.number_id, patient_id, thread_id, now)]


def _told(world: World, patient_id: str, number_id: str | None, actor: Actor, now: datetime) -> dict[str, Any]:
    history = [_line(world, change) for change in world.store.history(patient_id)]
    number = world.store.number(number_id) if number_id else None
    body = {
        "patient_id": patient_id,
        "number": state_of(number),
        "standing": change_consent.standing_of(world, patient_id, number_id),
        "history": history,
    }
    read = told("access.read", now, patient_id, {"scope": "consents"}, once=secrets.token_hex(8), actor=actor)
    world.store.commit(read)
    return body


def _line(world: World, change: ConsentChange) -> dict[str, Any]:
    return {
        "at": change.at.isoformat().replace("+00:00", "Z"),
        "standing": str(change.standing),
        "categories": sorted(str(category) for category in change.categories),
        "covers": change.covers,
        "channel": change.channel,
        "by": change.actor.kind,
        "thread_id": world.ids.thread_id(change.patient_id, change.number_id),
        "evidence": {name: change.evidence[name] for name in SHOWN if change.evidence.get(name)},
        "evidence_digest": change_consent.evidence_digest(world, change.evidence),
    }
