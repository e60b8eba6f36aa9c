"""How long what was said is kept: the day from which it may be disposed of, by the longest clock that applies (P8)."""

from datetime import date, datetime

from texting.flows.needs import World


def dispose_on(world: World, patient_id: str | None, now: datetime) -> date:
    """The day from which a text of `now` may be disposed of; holds are looked at on that day, not here."""
    return now.date().replace(year=now.year + 28) if patient_id is None else now.date()
