"""Journey: a scheduling event becomes the visit as it stands, and the texts that should be said about it.

One transaction writes the visit, the patient, the planned messages and their evidence; schedules follow. Everything has a
deterministic id, so the same event again finds its own traces, and only sets the schedules anew.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from texting.flows.keeping import dispose_on, look_on, number_of
from texting.flows.needs import World
from texting.flows.tasks import new_task
from texting.flows.telling import of_message, told
from texting.practice import Location
from texting.records import Message, Number, Patient
from texting.rules import appointments, reminders
from texting.rules.appointments import Accepted, Duplicate, HeldForPerson, NeedsRead, ReadBack, Stale
from texting.rules.phone_numbers import Unusable, read
from texting.rules.purposes import PURPOSES
from texting.rules.quiet_hours import places_of, window
from texting.sources.problems import SENTENCES
from texting.values import Actor, AppointmentEvent, PatientFacts, PhoneNumber, Planned, State, Visit
from texting.writes import Change, Joined, New, Write

ReadAgain = Callable[[str], AppointmentEvent]
"""Reads an appointment (by the source's own id) from its source; raises Unavailable, Unknown."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of an event: `outcome` is a code, `planned` the ids of the texts it planned."""

    outcome: str
    planned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Who:
    """The patient and number of an event, as they will stand, with the writes that make them so."""

    patient: Patient | None
    number: Number | None
    trouble: str
    writes: tuple[Write, ...]


def keep_appointment(world: World, event: AppointmentEvent, now: datetime, read_again: ReadAgain | None) -> Kept:
    """Take one event in. `read_again` is None where the source cannot be asked. Raises Contended, Unavailable."""
    appointment_id = world.ids.appointment_id(event.source, event.appointment_id)
    stored = world.store.visit(appointment_id)
    who = _who(world, event, stored, now)
    facts = _facts(world, event, appointment_id, stored, who)
    outcome = appointments.accept(event, stored, facts, ReadBack.POSSIBLE if read_again else ReadBack.IMPOSSIBLE)
    if isinstance(outcome, NeedsRead) and read_again:
        event = read_again(event.appointment_id)
        who = _who(world, event, stored, now)
        facts = _facts(world, event, appointment_id, stored, who)
        outcome = appointments.accept(event, stored, facts, ReadBack.DONE)
    if isinstance(outcome, Accepted):
        return _accepted(world, event, outcome, who, now)
    if isinstance(outcome, HeldForPerson):
        return _held(world, event, appointment_id, outcome, stored, who, now)
    if isinstance(outcome, Duplicate) and stored is not None:
        _schedule(world, _waiting(world, stored), now)
    return Kept("stale" if isinstance(outcome, Stale) else "duplicate")


def _facts(
    world: World, event: AppointmentEvent, appointment_id: str, stored: Visit | None, who: _Who
) -> appointments.Facts:
    place = _place(world, event, stored)
    patient_id = who.patient.patient_id if who.patient else (stored.patient_id if stored else "")
    number_id = who.number.number_id if who.number else None
    return appointments.Facts(appointment_id, patient_id, number_id, event.zone or place.time_zone, place.id)


def _place(world: World, event: AppointmentEvent, stored: Visit | None) -> Location:
    connection = world.practice.connection(event.source)
    fallback = connection.location_id if connection else ""
    return world.practice.location(event.location_id or (stored.location_id if stored else "") or fallback)


def _who(world: World, event: AppointmentEvent, stored: Visit | None, now: datetime) -> _Who:
    """The patient by the source's own id, the number by what was typed, and the thread of the two."""
    said = event.patient
    if said is None:
        known = world.store.patient(stored.patient_id) if stored else None
        number = world.store.number(stored.number_id) if stored and stored.number_id else None
        return _Who(known, number, "", ())
    patient_id = world.ids.patient_id(event.source, said.ref)
    before = world.store.patient(patient_id)
    number, trouble, writes = _number(world, said, before, now)
    after = _identity(world, said, before or _stranger(world, event, said, patient_id, now), number)
    if after != before:
        writes.append(Change(after))
    if number is not None:
        thread = world.ids.thread_id(patient_id, number.number_id)
        writes.append(Joined(number.number_id, patient_id, thread, now))
    return _Who(after, number, trouble, tuple(writes))


def _number(
    world: World, said: PatientFacts, before: Patient | None, now: datetime
) -> tuple[Number | None, str, list[Write]]:
    """The number to text, or why there is none. Silence of the source keeps the number we know."""
    if not said.phone:
        known = world.store.number(before.number_id) if before and before.number_id else None
        return known, "" if known else "missing", []
    e164 = read(said.phone.reveal())
    if isinstance(e164, Unusable):
        return None, e164.reason, []
    number, writes = number_of(world, PhoneNumber(e164), now)
    return number, "", writes


def _stranger(world: World, event: AppointmentEvent, said: PatientFacts, patient_id: str, now: datetime) -> Patient:
    """A patient of whom nothing is known yet."""
    language, looked_at = world.practice.language(None), look_on(world, now)
    return Patient(patient_id, event.source, said.ref, None, None, None, language, None, None, dispose_on=looked_at)


def _identity(world: World, said: PatientFacts, base: Patient, number: Number | None) -> Patient:
    """The patient as the source now describes them; what it does not say stays as it was."""
    return replace(
        base,
        given_name=said.given_name or base.given_name,
        family_name=said.family_name or base.family_name,
        birth_date=said.birth_date or base.birth_date,
        language=world.practice.language(said.language) if said.language else base.language,
        state=said.state or base.state,
        number_id=number.number_id if number else base.number_id,
        deceased=said.deceased or base.deceased,
    )


def _accepted(world: World, event: AppointmentEvent, accepted: Accepted, who: _Who, now: datetime) -> Kept:
    visit = accepted.visit
    actor = Actor("source", event.source)
    planned = _planned(world, accepted, who, now)
    facts = {"state": str(visit.state), "epoch": visit.epoch, "patient": visit.patient_id, "number": visit.number_id}
    evidence = told("appointment.changed", now, visit.appointment_id, facts, once=f"rev{visit.rev}", actor=actor)
    writes: list[Write] = [Change(visit), *who.writes, evidence]
    for message in planned:
        writes += [New(message), of_message("planned", message, now)]
    if who.trouble and visit.state in appointments.LIVE:
        writes += _no_phone(world, visit, who.trouble, now)
    world.store.commit(*writes)
    _schedule(world, planned, now)
    return Kept(str(accepted.kind), tuple(message.message_id for message in planned))


def _no_phone(world: World, visit: Visit, trouble: str, now: datetime) -> list[Write]:
    task_about = f"{visit.appointment_id}/{visit.epoch}"
    writes = new_task(
        world,
        "no_phone",
        now,
        once=task_about,
        patient_id=visit.patient_id,
        appointment_id=visit.appointment_id,
        detail=trouble.replace("_", " "),
    )
    first = writes[0]
    known = isinstance(first, New) and world.store.task(getattr(first.record, "task_id", ""))
    return [] if known else writes


def _planned(world: World, accepted: Accepted, who: _Who, now: datetime) -> list[Message]:
    """The texts this version of the visit asks for and that are not planned yet."""
    visit, number, patient = accepted.visit, who.number, who.patient
    if number is None or patient is None or visit.number_id is None or patient.deceased:
        return []
    sending = world.practice.sending
    places = places_of(number.to_dial.reveal(), patient.state)
    rule = window("informational", places.states, places.zones, (sending.courtesy_from, sending.courtesy_until))
    wanted = reminders.plan(visit, world.practice.reminders, now, zones=places.zones, rule=rule, moved=accepted.moved)
    known = {message.message_id for message in world.store.messages_of(visit.appointment_id)}
    made = [_message(world, visit, patient, number, step, now) for step in wanted]
    return [message for message in made if message.message_id not in known]


def _message(world: World, visit: Visit, patient: Patient, number: Number, step: Planned, now: datetime) -> Message:
    return Message(
        message_id=reminders.message_id(visit.appointment_id, visit.epoch, step.purpose, step.slot),
        purpose=step.purpose,
        category=PURPOSES[step.purpose].category,
        state=State.PLANNED,
        patient_id=patient.patient_id,
        number_id=number.number_id,
        thread_id=world.ids.thread_id(patient.patient_id, number.number_id),
        planned_at=now,
        send_at=step.send_at,
        deadline=step.true_until,
        appointment_id=visit.appointment_id,
        epoch=visit.epoch,
        slot=step.slot,
        language=patient.language,
        dispose_on=dispose_on(world, patient, now),
    )


def _waiting(world: World, visit: Visit) -> list[Message]:
    """Texts of the visit's current plan that have not been decided on yet."""
    found = world.store.messages_of(visit.appointment_id)
    return [one for one in found if one.epoch == visit.epoch and one.state in (State.PLANNED, State.HELD)]


def _schedule(world: World, messages: list[Message], now: datetime) -> None:
    """Put each text before the sender when it is due: now through the queue, later through a one-time schedule."""
    for message in messages:
        if message.send_at <= now:
            world.outbox.put(message.message_id)
        else:
            world.schedules.set(message.message_id, message.send_at)


def _held(
    world: World,
    event: AppointmentEvent,
    appointment_id: str,
    held: HeldForPerson,
    stored: Visit | None,
    who: _Who,
    now: datetime,
) -> Kept:
    """A person looks first, and must know at whom: who was unknown is noted, of who is known a doubtful event changes
    nothing. Where the standing visit is in doubt too, its plan ends by raising its epoch."""
    detail = SENTENCES.get(held.reason, held.reason.replace("_", " "))
    writes = new_task(
        world,
        "unclear_visit",
        now,
        once=f"{appointment_id}/{event.event_id}",
        thread_id=_thread(world, who),
        patient_id=who.patient.patient_id if who.patient else stored.patient_id if stored else None,
        appointment_id=appointment_id,
        detail=detail,
    )
    task_id = getattr(getattr(writes[0], "record", None), "task_id", "")
    if world.store.task(task_id) is not None:
        return Kept("held_for_person")
    if who.patient is not None and not who.patient.rev:
        writes += who.writes
    if held.stop_plan and stored is not None:
        doubted = replace(stored, epoch=stored.epoch + 1)
        facts = {"state": str(stored.state), "epoch": doubted.epoch, "problems": list(held.reasons)}
        once = f"rev{stored.rev}"
        writes += [Change(doubted), told("appointment.changed", now, appointment_id, facts, once=once)]
    world.store.commit(*writes)
    return Kept("held_for_person")


def _thread(world: World, who: _Who) -> str:
    """The thread of the patient and number of an event, "" where one of them is missing."""
    return world.ids.thread_id(who.patient.patient_id, who.number.number_id) if who.patient and who.number else ""
