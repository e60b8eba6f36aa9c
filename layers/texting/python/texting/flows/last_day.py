"""Whether the last day has passed on which the law wants something: a year of texts, a person, or a phone number (P8).

The longest clock decides, of every clock on everything that is kept for them, with the facts of today; and a hold decides
before any clock. Days are the practice's.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Protocol

from texting.flows.keeping import choices_of, task_choices
from texting.flows.legal_hold import ALL, ANY
from texting.flows.needs import World
from texting.records import Holds, Patient, Stored
from texting.rules.retention import Choices, Dispose, Hold, Keep, Kind, Record, verdict

AGAIN = timedelta(days=30)
"""When something under a hold, or in use, is looked at again."""
FIRST = date(2026, 1, 1)
"""No record is older than the product."""
Day = tuple[Kind, date]
"""A day from which a clock runs, and what kind of record it runs for."""


class Kept(Protocol):
    """What is kept for somebody, by index; nothing of it is opened."""

    def last_visit(self, patient_id: str) -> date | None: ...
    def years_of(self, owner: str) -> tuple[int, ...]: ...
    def numbers_of(self, patient_id: str) -> tuple[str, ...]: ...


def of_year(world: World, kept: Kept, year: Sequence[Stored], today: date) -> Dispose | Keep:
    """The verdict on all that one key of one year seals: each record's own day counts, and the last contact."""
    owner = year[0].owner
    contact = _last_contact(world, kept, owner) or FIRST
    days = [(_kind(one), day) for one in year for day in {one.made_on, max(one.made_on, contact)}]
    return _longest(world, kept, owner, days, today, choices_of(world))


def of_person(world: World, kept: Kept, person: Sequence[Stored], today: date) -> Dispose | Keep:
    """The verdict on a patient's identity and consents, which go last: each consent's day counts, each day on which a
    booking or a form named the patient's phone, the last contact, every year of which a key still stands, and what may
    be the patient's among the texts that lie under their number alone."""
    owner = person[0].owner
    papers: list[Day] = [("documentation", one.made_on) for one in person if one.made_on > date.min]
    contact = _last_contact(world, kept, owner)
    seen: list[Day] = [("message", contact)] if contact else []
    own = _longest(world, kept, owner, [*papers, *seen, *_years_standing(kept, owner)], today, choices_of(world))
    shared = {number_id: _years_standing(kept, number_id) for number_id in kept.numbers_of(owner)}
    others = [_longest(world, kept, on, years, today, choices_of(world)) for on, years in shared.items() if years]
    return _longer([own, *others])


def of_number(world: World, kept: Kept, number_id: str, today: date) -> Dispose | Keep:
    """The verdict on a phone number, which goes when no patient is on it any more and no text of a stranger's is left.

    What a minor said is kept by the texts' own clocks: the phone itself waits for an adult's.
    """
    patients = map(world.store.patient, world.store.patients_on(number_id))
    if waits := [patient.dispose_on or today for patient in patients if patient]:
        return Keep(max(*waits, today + AGAIN), "a patient is on this number", "it goes after the patient")
    number = world.store.number(number_id)
    kind: Kind = "opt_out" if number and number.stopped else "documentation"
    used = [at.date() for at in (number.heard_at, number.texted_at) if at] if number else []
    years, choices = _years_standing(kept, number_id), choices_of(world)
    days = [*((kind, day) for day in used), *years]
    return _longest(world, kept, number_id, days, today, choices if years else replace(choices, adults_only=True))


def of_task(world: World, kept: Kept, task: Stored, today: date) -> Dispose | Keep:
    """The verdict on a closed task: a document of the day it was closed, by its patient's clocks. One about a patient who
    is gone, or about nobody we know of, has an adult's, since who somebody was goes after all clocks of theirs."""
    patient = world.store.patient(task.owner)
    born = patient.birth_date.as_date() if patient and patient.birth_date else None
    choices = replace(task_choices(world), adults_only=patient is None)
    places = holds_on(world, kept, task.owner) if task.owner.startswith("p_") else holds_anywhere(world)
    holds = [Hold(each, None) for found in places for each in found.standing]
    return _longer(
        [
            verdict(Record("documentation", task.owner, state, task.made_on, born), holds, today, choices)
            for state in _states(world, patient)
        ]
    )


def waited_for(world: World) -> frozenset[str]:
    """What open tasks are about, patients and threads: it stays readable until they are closed, however long ago its
    clocks ran out (P10)."""
    open_tasks = world.store.open_tasks()
    return frozenset(about for task in open_tasks for about in (task.patient_id, task.thread_id) if about)


def open_work(world: World, kept: Kept, owner: str, waiting: frozenset[str], today: date) -> Keep | None:
    """What keeps all of an owner's records while a task about them is open, or about a number of theirs that may be
    anybody's."""
    numbers = (owner,) if is_number(owner) else kept.numbers_of(owner)
    if waiting.isdisjoint((owner, *(world.ids.thread_id(None, number_id) for number_id in numbers))):
        return None
    return Keep(today + AGAIN, "an open task is about this", "it goes once somebody has closed the task")


def again_on(keep: Keep, today: date) -> date:
    """When what is kept is looked at again: the day after the clock's last, or a while from now where a hold stands."""
    return keep.until + timedelta(days=1) if keep.until else today + AGAIN


def holds_anywhere(world: World) -> list[Holds]:
    """Every hold there is, for what may be about anybody."""
    return [world.store.holds(ALL), world.store.holds(ANY)]


def holds_on(world: World, kept: Kept, owner: str) -> list[Holds]:
    """Every place where a hold on an owner's records may stand: everything, the owner, each patient on a number, and each
    number of a patient."""
    near = world.store.patients_on(owner) if is_number(owner) else kept.numbers_of(owner)
    return [world.store.holds(subject) for subject in (ALL, owner, *near)]


def is_number(owner: str) -> bool:
    """Whether a key's owner is a phone number, and not a patient."""
    return owner.startswith("n_")


def _longest(
    world: World, kept: Kept, owner: str, days: Sequence[Day], today: date, choices: Choices
) -> Dispose | Keep:
    """The verdict of the clock that runs longest; whom nothing was ever kept about, an adult's clock of the first day."""
    if not days:
        days, choices = [("documentation", FIRST)], replace(choices, adults_only=True)
    patient = world.store.patient(owner)
    holds = [Hold(each, None) for found in holds_on(world, kept, owner) for each in found.standing]
    born = patient.birth_date.as_date() if patient and patient.birth_date else None
    found = [
        verdict(Record(kind, owner, state, day, born), holds, today, choices)
        for kind, day in days
        for state in _states(world, patient)
    ]
    return _longer(found)


def _longer(found: Sequence[Dispose | Keep]) -> Dispose | Keep:
    keeps = [each for each in found if isinstance(each, Keep)]
    return max(keeps, key=lambda keep: keep.until or date.max) if keeps else found[0]


def _states(world: World, patient: Patient | None) -> set[str | None]:
    return {place.state for place in world.practice.locations} | ({patient.state} if patient else set())


def _kind(stored: Stored) -> Kind:
    return "opt_out" if stored.intent in ("opt_out", "opt_in") else "message"


def _years_standing(kept: Kept, owner: str) -> list[Day]:
    """The end of each year of which something may still be sealed: where there is a key, something was."""
    return [("message", date(year, 12, 31)) for year in kept.years_of(owner) if year]


def _last_contact(world: World, kept: Kept, owner: str) -> date | None:
    """The last day we know of on which the patient was seen or heard; the law's years are counted from there."""
    patient = world.store.patient(owner)
    number_id = patient.number_id if patient else owner
    number = world.store.number(number_id) if number_id else None
    heard = number.heard_at.date() if number and number.heard_at else None
    return max((day for day in (heard, kept.last_visit(owner)) if day), default=None)
