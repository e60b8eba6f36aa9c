"""How long what was said is kept: the day from which it may be disposed of, by the longest clock that applies (P8)."""

from datetime import date, datetime, timedelta

from texting.flows.needs import World
from texting.records import Patient
from texting.rules.retention import Choices, keep_until


def dispose_on(world: World, patient: Patient | str | None, now: datetime) -> date:
    """The first day on which a text of `now` may be disposed of; holds are looked at on that day, not here.

    Where the patient is not known, the state is the practice's own and the birth date missing, which keeps longest.
    """
    known = world.store.patient(patient) if isinstance(patient, str) else patient
    state = (known.state if known else None) or world.practice.locations[0].state
    born = known.birth_date.as_date() if known and known.birth_date else None
    choices = Choices(years=world.practice.retention.years, minor_until_age=world.practice.retention.minor_until_age)
    kept = keep_until("message", state, now.date(), born, choices)
    return (kept.until or now.date()) + timedelta(days=1)
