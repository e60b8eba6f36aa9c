"""How long a record is kept, and whether it may go: the longest of every clock that applies, and never under hold.

Clocks come from `tables/retention.toml`: federal documentation, the state's row, what the practice's requirements ask
beyond the law, and our own default, which fills every blank and stands under every row. A practice may lengthen any of
them. It may drop the default only in a state whose row we are sure of, with a name and a reason.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any, Literal

from texting.rules.tables import compiled

Kind = Literal["documentation", "message", "opt_out"]


class ShorteningRefused(ValueError):
    """A state's period may not be shortened: the row is not sure enough, or nobody says who decided and why."""


@dataclass(frozen=True, slots=True)
class Shortening:
    """An administrator's decision to keep records of `state` only as long as its own row asks."""

    state: str
    reason: str
    decided_by: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What a practice decided. `years` and `minor_until_age` only ever lengthen.

    `licensed_clinic`: the practice holds a clinic licence (Massachusetts asks twenty years of one). `adults_only`: it never
    treats minors, so that a record without a birth date need not be kept as a newborn's. Raises ShorteningRefused.
    """

    years: int = 0
    minor_until_age: int = 0
    licensed_clinic: bool = False
    adults_only: bool = False
    shortened: tuple[Shortening, ...] = ()

    def __post_init__(self) -> None:
        for choice in self.shortened:
            _check(choice)


@dataclass(frozen=True, slots=True)
class Record:
    """What retention needs to know of a record. `last_contact` is the day it was made or last in effect, if later."""

    kind: Kind
    patient_id: str
    state: str | None
    last_contact: date
    birth_date: date | None


@dataclass(frozen=True, slots=True)
class Hold:
    """A legal hold on one patient, or on everything when `patient_id` is None. It stands until the day it is lifted."""

    hold_id: str
    patient_id: str | None
    lifted_on: date | None = None


@dataclass(frozen=True, slots=True)
class Keep:
    """The record stays. `until` is the last day it must be there, None while a hold stands; `clock` is what decided."""

    until: date | None
    clock: str
    citation: str

    @property
    def reason(self) -> str:
        """Why, as one sentence."""
        when = f"until {self.until.isoformat()}" if self.until else "until it is lifted"
        return f"Kept {when}: {self.clock} ({self.citation})."


@dataclass(frozen=True, slots=True)
class Dispose:
    """The record may go, since the day `due`; `clock` is the longest one, which has run out."""

    due: date
    clock: str
    citation: str


def keep_until(
    kind: Kind, state: str | None, last_contact: date, birth_date: date | None, choices: Choices | None = None
) -> Keep:
    """The last day a record must be kept, and the clock that decided.

    A state not in the table has the default alone. Without a birth date the patient may have been born on `last_contact`,
    unless the practice treats adults only.
    """
    clocks = _clocks(kind, state, last_contact, birth_date, choices or Choices())
    return max(clocks, key=lambda clock: clock.until or date.min)


def verdict(record: Record, holds: Sequence[Hold], today: date, choices: Choices | None = None) -> Dispose | Keep:
    """Whether `record` may be disposed of on `today`: no hold stands on it, and its longest clock has run out."""
    for hold in holds:
        if hold.patient_id in (None, record.patient_id) and (hold.lifted_on is None or today < hold.lifted_on):
            return Keep(None, f"legal hold {hold.hold_id}", "a hold outranks every clock")
    kept = keep_until(record.kind, record.state, record.last_contact, record.birth_date, choices)
    if kept.until is None or today <= kept.until:
        return kept
    return Dispose(kept.until + timedelta(days=1), kept.clock, kept.citation)


def add_years(day: date, years: int) -> date:
    """`day`, `years` later. 29 February becomes 1 March in a common year: a period is never a day short."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _clocks(
    kind: Kind, state: str | None, last_contact: date, birth_date: date | None, choices: Choices
) -> Iterator[Keep]:
    """Every clock that applies to one record."""
    if kind != "message":
        yield _years(_row("US", "hipaa_documentation"), last_contact)
    if kind == "opt_out":
        yield _years(_row("US", "opt_out"), last_contact)
    for row in _rows_for(state, choices):
        if "adult_years" in row:
            yield _years(row, last_contact)
        yield from _minors_clocks(row, state, last_contact, birth_date, choices)


def _rows_for(state: str | None, choices: Choices) -> Iterator[dict[str, Any]]:
    """The rows that bind in `state`: its own, what is asked beyond it, the practice's figures, and the default."""
    own = _row(state or "", "physician_practice")
    default = _row("DEFAULT", "default")
    if own:
        yield own
        yield {**_asked(own), "citation": "the practice's requirements", "state": own["state"]}
    if choices.licensed_clinic and (clinic := _row(state or "", "licensed_clinic")):
        yield clinic
    if any(choice.state == state for choice in choices.shortened):
        default = _blanks(own, default)
    yield default
    yield _chosen(choices)


def _chosen(choices: Choices) -> dict[str, Any]:
    figures = {"adult_years": choices.years, "minor_until_age": choices.minor_until_age}
    wanted = {name: value for name, value in figures.items() if value}
    return {**wanted, "citation": "the practice's choice", "state": "practice"}


def _asked(row: dict[str, Any]) -> dict[str, Any]:
    return {name.removeprefix("asked_"): value for name, value in row.items() if name.startswith("asked_")}


def _blanks(own: dict[str, Any], default: dict[str, Any]) -> dict[str, Any]:
    """The default cut down to what the state's row leaves blank: years for adults, or everything on minors."""
    kept = dict(default)
    if "adult_years" in own:
        del kept["adult_years"]
    if own.keys() & {"minor_until_age", "minor_years_past_majority", "minor_years"}:
        kept = {name: value for name, value in kept.items() if not name.startswith("minor_")}
    return kept


def _years(row: dict[str, Any], last_contact: date) -> Keep:
    since = row.get("adult_from", "last contact")
    clock = f"{_who(row)}: {row['adult_years']} years after {since}"
    return Keep(add_years(last_contact, row["adult_years"]), clock, row["citation"])


def _minors_clocks(
    row: dict[str, Any], state: str | None, last_contact: date, birth_date: date | None, choices: Choices
) -> Iterator[Keep]:
    """The clocks of a patient who was, or may have been, under the age of majority at the last contact."""
    if birth_date is None and choices.adults_only:
        return
    majority = _majority(state)
    born = birth_date or last_contact
    if last_contact >= add_years(born, majority):
        return
    unsure = "" if birth_date else ", birth date unknown"
    if age := row.get("minor_until_age"):
        yield Keep(add_years(born, age), f"{_who(row)}: minors until {age}{unsure}", row["citation"])
    if past := row.get("minor_years_past_majority"):
        clock = f"{_who(row)}: minors until {past} years past majority at {majority}{unsure}"
        yield Keep(add_years(born, majority + past), clock, row["citation"])
    if years := row.get("minor_years"):
        clock = f"{_who(row)}: {years} years after a minor's last contact{unsure}"
        yield Keep(add_years(last_contact, years), clock, row["citation"])


def _majority(state: str | None) -> int:
    """The state's age of majority; the highest in the country where the state is not known."""
    ages = [row["majority"] for row in _table().values() if "majority" in row]
    age: int = _row(state or "", "physician_practice").get("majority", max(ages))
    return age


def _who(row: dict[str, Any]) -> str:
    state: str = row["state"]
    return {"DEFAULT": "default", "US": "federal"}.get(state, state)


def _check(choice: Shortening) -> None:
    row = _row(choice.state, "physician_practice")
    if row.get("confidence") != "high":
        raise ShorteningRefused(
            f"Records of {choice.state} cannot be kept shorter than the default: we are not sure enough of its rule. "
            "Have your lawyer check the row in docs/law.md and tell us the source."
        )
    if not choice.reason.strip() or not choice.decided_by.strip():
        raise ShorteningRefused(
            f"Keeping records of {choice.state} shorter than the default needs a reason and the name of who decided."
        )


@cache
def _table() -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["state"], row["entity"]): row for row in compiled("retention")["period"]}


def _row(state: str, entity: str) -> dict[str, Any]:
    return _table().get((state, entity), {})
