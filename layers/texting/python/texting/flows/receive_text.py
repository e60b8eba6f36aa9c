"""Journey: a patient's text is understood, acted on, and ends owned: answered, or waiting for a named queue of people.

Deduplicated on the carrier's id before any effect: the record of the text, its effects and their evidence are one
transaction. What must follow (a reply to send, an event to tell) is kept on the record as `then` and done again whenever
the carrier delivers the text again, so that a run that dies in between loses nothing and repeats nothing.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from texting.errors import Contended
from texting.flows import change_consent, effects
from texting.flows.heard import Heard, patient_actor
from texting.flows.keeping import dispose_on, number_of
from texting.flows.needs import World
from texting.flows.reconcile import let_go
from texting.flows.tasks import new_task
from texting.flows.telling import told
from texting.records import Inbound
from texting.rules import replies
from texting.rules.phone_numbers import Unusable, read
from texting.values import Actor, Body, PhoneNumber, Standing
from texting.writes import Change, Evidence, New

TRIES = 5
"""How often an inbound is decided anew when another run changed the number at the same time."""


@dataclass(frozen=True, slots=True)
class Received:
    """A patient's text as the carrier published it. `at` is when the carrier's notification was made (UTC)."""

    carrier_inbound_id: str
    sender: str
    to: str
    body: Body
    at: datetime


def receive_text(world: World, received: Received, now: datetime) -> str:
    """Take one text in. Returns its outcome; the same text again returns the same one. Raises Contended, Unavailable."""
    inbound_id = world.ids.inbound_id(received.carrier_inbound_id)
    known = world.store.inbound(inbound_id)
    if known is None:
        known = _take_in(world, inbound_id, received, now)
    _follow_up(world, known)
    return known.outcome


def _take_in(world: World, inbound_id: str, received: Received, now: datetime) -> Inbound:
    for _ in range(TRIES):
        try:
            return _decide_and_write(world, inbound_id, received, now)
        except Contended:
            known = world.store.inbound(inbound_id)
            if known is not None:
                return known
    raise Contended("A patient's text could not be written in five tries; the queue brings it again.")


def _decide_and_write(world: World, inbound_id: str, received: Received, now: datetime) -> Inbound:
    e164 = read(received.sender)
    if isinstance(e164, Unusable):
        return _from_nobody(world, inbound_id, received, now)
    phone = PhoneNumber(e164)
    number, _ = number_of(world, phone, now)
    patients = world.store.patients_on(number.number_id)
    only = patients[0] if len(patients) == 1 else None
    reading = replies.meaning(received.body.reveal())
    inbound = _as_read(world, inbound_id, received, number.number_id, only, reading)
    done = effects.of(Heard(world, inbound, number, patients, reading, now))
    then, due = tuple(done.then), dispose_on(world, only, now)
    inbound = replace(inbound, outcome=done.outcome, then=then, task_id=done.task_id, dispose_on=due)
    digest = world.ids.digest(received.body)
    heard = replace(done.number, heard_at=now, heard_id=inbound_id, last_heard_hash=digest[:32])
    read_as = {"patient": only, "meaning": reading.intent, "also": list(reading.also)}
    evidence = _evidence(world, inbound, patient_actor(number.number_id), now, **read_as)
    world.store.commit(New(inbound), Change(heard), *done.writes, evidence)
    return inbound


def _as_read(
    world: World, inbound_id: str, received: Received, number_id: str, patient_id: str | None, reading: replies.Reading
) -> Inbound:
    """The text as it was read, before anything came of it."""
    return Inbound(
        inbound_id=inbound_id,
        number_id=number_id,
        thread_id=world.ids.thread_id(patient_id, number_id),
        at=received.at,
        body=received.body,
        intent=reading.intent,
        also=tuple(reading.also),
        language=_language(world, reading, patient_id),
        patient_id=patient_id,
    )


def _evidence(world: World, inbound: Inbound, actor: Actor, now: datetime, **read_as: Any) -> Evidence:
    facts = {"body_digest": world.ids.digest(inbound.body), "number": inbound.number_id, "outcome": inbound.outcome}
    return told("inbound.received", now, inbound.inbound_id, facts | read_as, actor=actor)


def _language(world: World, reading: replies.Reading, patient_id: str | None) -> str:
    """The language to answer in: Spanish when the text is Spanish, else the patient's own."""
    if reading.lang != "en" or patient_id is None:
        return world.practice.language(reading.lang)
    patient = world.store.patient(patient_id)
    return patient.language if patient else world.practice.language(reading.lang)


def _from_nobody(world: World, inbound_id: str, received: Received, now: datetime) -> Inbound:
    """A text from a short code or another sender that is no person's phone: kept, shown to people, never answered."""
    number_id = world.ids.number_id(PhoneNumber(received.sender))
    thread = world.ids.thread_id(None, number_id)
    inbound = Inbound(
        inbound_id, number_id, thread, received.at, received.body, intent="question_or_other", outcome="not_a_phone",
        dispose_on=dispose_on(world, None, now),
    )  # fmt: skip
    task = new_task(world, "unknown_number", now, once=inbound_id, thread_id=thread)
    evidence = _evidence(world, inbound, Actor("carrier", "sms"), now)
    world.store.commit(New(inbound), *task, evidence)
    return inbound


def _follow_up(world: World, inbound: Inbound) -> None:
    for step in inbound.then:
        kind, _, rest = step.partition(":")
        _STEPS[kind](world, inbound, rest)


def _reply(world: World, inbound: Inbound, message_id: str) -> None:
    world.outbox.put(message_id)


def _tell(world: World, inbound: Inbound, rest: str) -> None:
    name, _, appointment_id = rest.partition(":")
    visit = world.store.visit(appointment_id)
    if visit is not None:
        said = {"event_id": inbound.inbound_id, "connection": visit.source, "appointment_id": visit.source_id}
        world.bus.tell(name, said)


def _page(world: World, inbound: Inbound, task_id: str) -> None:
    world.pager.page(task_id)


def _revoke(world: World, inbound: Inbound, patient_id: str) -> None:
    """The rest of a STOP on a phone shared by more people than one transaction holds; nothing left to end, nothing done."""
    actor, evidence = patient_actor(inbound.number_id), {"inbound": inbound.inbound_id}
    live = [one for one in world.store.consents(patient_id) if one.number_id == inbound.number_id]
    if any(one.standing is Standing.GRANTED for one in live):
        writes = change_consent.revoke(
            world, patient_id, inbound.number_id, None, actor, "sms", evidence, inbound.at, by_stop=True
        )
        world.store.commit(*writes)


def _let_go(world: World, inbound: Inbound, rest: str) -> None:
    """START, before its confirmation: from a number on the carrier's own list nothing would come through."""
    let_go(world, inbound.number_id, inbound.at)


_STEPS = {"reply": _reply, "tell": _tell, "page": _page, "revoke": _revoke, "let_go": _let_go}
