"""How long what was said is kept: the day from which it may be disposed of, by the longest clock that applies (P8).

And when retention first looks at whoever said it: no name or number is kept without a day on which that is asked.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta

from texting.flows.needs import World
from texting.records import Number, Patient
from texting.rules.retention import Choices, keep_until
from texting.values import PhoneNumber
from texting.writes import Change, New, Write


def dispose_on(world: World, patient: Patient | str | None, now: datetime) -> date:
    """The first day on which a text of `now` may be disposed of; holds are looked at on that day, not here.

    Where the patient is not known, the state is the practice's own and the birth date missing, which keeps longest.
    """
    known = world.store.patient(patient) if isinstance(patient, str) else patient
    state = (known.state if known else None) or world.practice.locations[0].state
    born = known.birth_date.as_date() if known and known.birth_date else None
    kept = keep_until("message", state, now.date(), born, choices_of(world))
    return (kept.until or now.date()) + timedelta(days=1)


def look_on(world: World, now: datetime) -> date:
    """The first day on which the identity of somebody first known at `now` can be past its clocks: an adult's papers."""
    choices = replace(choices_of(world), adults_only=True)
    kept = keep_until("documentation", world.practice.locations[0].state, now.date(), None, choices)
    return (kept.until or now.date()) + timedelta(days=1)


def task_on(world: World, now: datetime) -> date:
    """The first day on which a task closed at `now` can be past its clocks: an adult's, looked at again on that day."""
    choices = replace(task_choices(world), adults_only=True)
    kept = keep_until("documentation", world.practice.locations[0].state, now.date(), None, choices)
    return (kept.until or now.date()) + timedelta(days=1)


def number_of(world: World, phone: PhoneNumber, now: datetime) -> tuple[Number, list[Write]]:
    """The number as it stands, and the writes that note it: where it is new, or back after its phone was disposed of."""
    number_id = world.ids.number_id(phone)
    stored = world.store.number(number_id)
    if stored is not None and stored.phone is not None:
        return stored, []
    known = replace(stored or Number(number_id, phone), phone=phone, dispose_on=look_on(world, now))
    return known, [Change(known) if stored else New(known)]


def choices_of(world: World) -> Choices:
    """What the practice decided about retention; it only lengthens."""
    kept = world.practice.retention
    return Choices(years=kept.years, minor_until_age=kept.minor_until_age)


def task_choices(world: World) -> Choices:
    """What the practice decided about tasks, which show how patients were answered; it only lengthens."""
    return replace(choices_of(world), years=world.practice.retention.task_years)
