"""How long records stay: specimens that name each clause, and the promise that no clock is ever cut short."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from texting.rules.retention import (
    Choices,
    Dispose,
    Hold,
    Keep,
    Kind,
    Record,
    Shortening,
    ShorteningRefused,
    add_years,
    keep_until,
    verdict,
)
from texting.rules.tables import compiled

ROWS = compiled("retention")["period"]
STATES = sorted({row["state"] for row in ROWS} - {"US", "DEFAULT"})
ADULT = date(1980, 6, 15)
LAST = date(2026, 12, 1)


def shortened(state: str, **more: bool) -> Choices:
    return Choices(shortened=(Shortening(state, "storage", "Dr. Lee"),), **more)


# kind, state, birth date, choices, until, what the clock says
SPECIMENS = [
    # The default stands under every row: ten years, whatever shorter figure a state has
    ("message", "IL", ADULT, Choices(), "2036-12-01", "default: 10 years after last patient contact"),
    ("message", "FL", ADULT, Choices(), "2036-12-01", "10 years"),
    ("message", None, ADULT, Choices(), "2036-12-01", "default: 10 years"),
    ("message", "ZZ", ADULT, Choices(), "2036-12-01", "default: 10 years"),
    # 105 CMR 140.302: a licensed clinic keeps twenty years
    ("message", "MA", ADULT, Choices(licensed_clinic=True), "2046-12-01", "MA: 20 years"),
    ("message", "MA", ADULT, Choices(), "2036-12-01", "10 years"),
    # A practice may keep longer
    ("message", "IL", ADULT, Choices(years=15), "2041-12-01", "15 years"),
    ("message", "IL", date(2015, 3, 9), Choices(minor_until_age=30), "2045-03-09", "minors until 30"),
    # … and never shorter by that figure
    ("message", "IL", ADULT, Choices(years=6), "2036-12-01", "10 years"),
    # Ala. Admin. Code r. 540-X-9-.10: seven years, once an administrator decides to rely on it
    ("message", "AL", ADULT, shortened("AL"), "2033-12-01", "AL: 7 years"),
    # 164.316(b)(2)(i): documentation six years, under any shorter row
    (
        "documentation",
        "FL",
        ADULT,
        shortened("FL"),
        "2033-12-01",
        "FL: 7 years",
    ),  # the requirements ask seven, the rule five
    ("documentation", "NV", ADULT, shortened("NV"), "2032-12-01", "federal: 6 years"),
    ("message", "NV", ADULT, shortened("NV"), "2031-12-01", "NV: 5 years"),
    # 22 TAC 165.1(b): seven years; the requirements ask ten
    ("message", "TX", ADULT, shortened("TX"), "2036-12-01", "TX: 10 years"),
    # Va. Code 59.1-514: an opt-out is honoured ten years, also where messages are kept shorter
    ("opt_out", "NV", ADULT, shortened("NV"), "2036-12-01", "federal: 10 years after receipt of the opt-out"),
    # Minors: to 28 by default
    ("message", "IL", date(2015, 3, 9), Choices(), "2043-03-09", "default: minors until 28"),
    # NRS 629.051: until 23; A.R.S. 12-2297: three years past eighteen, or six after the last service
    ("message", "NV", date(2015, 3, 9), shortened("NV"), "2038-03-09", "NV: minors until 23"),
    ("message", "AZ", date(2015, 3, 9), shortened("AZ"), "2036-03-09", "AZ: minors until 21"),
    ("message", "AZ", date(2009, 3, 9), shortened("AZ"), "2032-12-01", "AZ: 6 years"),
    # A blank on minors stays the default, also where the row for adults is relied on
    ("message", "AL", date(2015, 3, 9), shortened("AL"), "2043-03-09", "default: minors until 28"),
    # Fla.: requirements ask until 25 for minors
    ("message", "FL", date(2015, 3, 9), shortened("FL"), "2043-03-09", "default: minors until 28"),
    # S.C. Code 44-115-120: thirteen years after a minor's last treatment
    ("message", "SC", date(2009, 3, 9), Choices(), "2039-12-01", "SC: 13 years after a minor's last contact"),
    ("message", "SC", date(2008, 12, 1), Choices(), "2036-12-01", "10 years"),  # eighteen on the very day: an adult
    ("message", "SC", date(2008, 12, 2), Choices(), "2039-12-01", "SC: 13 years"),
    # Majority is 21 in Mississippi and 19 in Alabama: a patient of nineteen is a minor there and not elsewhere
    ("message", "SC", date(2008, 3, 9), Choices(), "2036-12-01", "10 years"),
    ("message", "MS", date(2007, 3, 9), Choices(), "2036-12-01", "10 years"),
    # No birth date: it may be a newborn's record
    ("message", "IL", None, Choices(), "2054-12-01", "birth date unknown"),
    ("message", "IL", None, Choices(adults_only=True), "2036-12-01", "10 years"),
    # Born on a leap day: the birthday of a common year is 1 March
    ("message", "NV", date(2016, 2, 29), shortened("NV"), "2039-03-01", "NV: minors until 23"),
]


@pytest.mark.parametrize(("kind", "state", "born", "choices", "until", "says"), SPECIMENS)
def test_the_longest_clock_decides(
    kind: Kind, state: str | None, born: date | None, choices: Choices, until: str, says: str
) -> None:
    """The record is kept to the last day of the longest clock, and the clause that asks it is named."""
    kept = keep_until(kind, state, LAST, born, choices)
    assert kept.until == date.fromisoformat(until)
    assert says in kept.clock
    assert kept.citation


DAYS = st.dates(date(1930, 1, 1), date(2060, 12, 31))
LEAP_DAYS = st.sampled_from([date(year, 2, 29) for year in range(1932, 2061, 4)])
PLACES = st.one_of(st.none(), st.sampled_from(STATES))
KINDS = st.sampled_from(["documentation", "message", "opt_out"])
SURE = sorted(row["state"] for row in ROWS if row["confidence"] == "high" and row["entity"] == "physician_practice")


def majority(row: dict[str, int]) -> int:
    return row.get("majority", 18)


def required(row: dict[str, int], last: date, born: date | None) -> list[date]:
    """A row's clocks, written out a second time."""
    found = [add_years(last, row[name]) for name in ("adult_years", "asked_adult_years") if name in row]
    if born and last < add_years(born, majority(row)):
        found += [add_years(born, row[name]) for name in ("minor_until_age", "asked_minor_until_age") if name in row]
        found += [add_years(last, row[name]) for name in ("minor_years", "asked_minor_years") if name in row]
        if "minor_years_past_majority" in row:
            found.append(add_years(born, majority(row) + row["minor_years_past_majority"]))
    return found


@given(KINDS, PLACES, DAYS | LEAP_DAYS, st.none() | DAYS | LEAP_DAYS)
def test_never_shorter_than_any_clock(kind: Kind, state: str | None, last: date, born: date | None) -> None:
    """Whatever the record, no clock of the law, the requirements or the default ends after it may go."""
    until = keep_until(kind, state, last, born).until
    assert until is not None
    rows = [row for row in ROWS if row["state"] in (state, "DEFAULT") and row["entity"] != "licensed_clinic"]
    for row in rows:
        assert all(clock <= until for clock in required(row, last, born))
    if kind != "message":
        assert until >= add_years(last, 6)
    if kind == "opt_out":
        assert until >= add_years(last, 10)


@given(KINDS, st.sampled_from(SURE), DAYS | LEAP_DAYS, st.none() | DAYS | LEAP_DAYS)
def test_shortening_never_goes_below_the_state(kind: Kind, state: str, last: date, born: date | None) -> None:
    """A shortened record is kept at least as long as the state's own row and the requirements, never longer than before."""
    short, full = keep_until(kind, state, last, born, shortened(state)).until, keep_until(kind, state, last, born).until
    assert short is not None
    assert full is not None
    own = next(row for row in ROWS if (row["state"], row["entity"]) == (state, "physician_practice"))
    assert all(clock <= short for clock in required(own, last, born))
    assert short <= full
    if kind != "message":
        assert short >= add_years(last, 6)


@given(PLACES, DAYS | LEAP_DAYS, st.none() | DAYS, st.integers(0, 60), st.integers(0, 60))
def test_choices_only_lengthen(state: str | None, last: date, born: date | None, years: int, age: int) -> None:
    """The practice's own figures never bring a day forward."""
    mine = keep_until("message", state, last, born, Choices(years=years, minor_until_age=age)).until
    ours = keep_until("message", state, last, born).until
    assert mine is not None
    assert ours is not None
    assert mine >= ours


@given(DAYS | LEAP_DAYS, st.integers(0, 60))
def test_a_period_is_never_a_day_short(day: date, years: int) -> None:
    """Years added to a leap day end on 1 March, not on 28 February."""
    later = add_years(day, years)
    assert later.year == day.year + years
    assert (later.month, later.day) == (day.month, day.day) or (day.month, day.day, later.month, later.day) == (
        2,
        29,
        3,
        1,
    )


UNSURE = [row["state"] for row in ROWS if row["confidence"] != "high" and row["entity"] == "physician_practice"]


@pytest.mark.parametrize("state", [*UNSURE, "ZZ"])
def test_an_unsure_row_cannot_be_relied_on(state: str) -> None:
    """Only a row marked high may be used to keep records shorter; the refusal says how to make it so."""
    with pytest.raises(ShorteningRefused, match="lawyer"):
        shortened(state)


@pytest.mark.parametrize(("reason", "who"), [("", "Dr. Lee"), ("storage", " ")])
def test_shortening_needs_a_reason_and_a_name(reason: str, who: str) -> None:
    """Nobody shortens a period without saying why and who."""
    with pytest.raises(ShorteningRefused, match="needs a reason and the name"):
        Choices(shortened=(Shortening("AL", reason, who),))


RECORD = Record("message", "p1", "IL", LAST, ADULT)


def test_kept_through_the_last_day_and_gone_after() -> None:
    """On the last day of the longest clock a record stays; from the next day on it may go."""
    until = date(2036, 12, 1)
    kept = verdict(RECORD, [], until)
    assert isinstance(kept, Keep)
    assert kept.reason == (
        "Kept until 2036-12-01: default: 10 years after last patient contact (Policy of this project, not law)."
    )
    assert verdict(RECORD, [], until + timedelta(days=1)) == Dispose(
        until + timedelta(days=1), kept.clock, kept.citation
    )


HOLDS = [
    ([Hold("h1", "p1")], True),
    ([Hold("h1", None)], True),  # on everything
    ([Hold("h1", "p2")], False),  # on somebody else
    ([Hold("h1", "p1", lifted_on=date(2050, 1, 1))], False),  # lifted that day
    ([Hold("h1", "p1", lifted_on=date(2050, 1, 2))], True),
    ([Hold("h1", "p1", lifted_on=date(2040, 1, 1)), Hold("h2", "p1")], True),  # another still stands
]


@pytest.mark.parametrize(("holds", "kept"), HOLDS)
def test_a_hold_outranks_every_clock(holds: list[Hold], kept: bool) -> None:
    """Under hold nothing goes, however long its clocks have run out."""
    found = verdict(RECORD, holds, date(2050, 1, 1))
    assert isinstance(found, Keep if kept else Dispose)
    if isinstance(found, Keep):
        assert found.until is None
        assert found.reason.startswith("Kept until it is lifted: legal hold h")


@given(
    KINDS,
    PLACES,
    DAYS,
    st.none() | DAYS,
    DAYS,
    st.lists(st.sampled_from([Hold("h", None), Hold("h", "p1"), Hold("h", "p2")])),
)
def test_nothing_goes_early_or_under_hold(
    kind: Kind, state: str | None, last: date, born: date | None, today: date, holds: list[Hold]
) -> None:
    """Disposal means that no hold covers the patient and the last day is past."""
    found = verdict(Record(kind, "p1", state, last, born), holds, today)
    if isinstance(found, Dispose):
        assert not [hold for hold in holds if hold.patient_id in (None, "p1")]
        until = keep_until(kind, state, last, born).until
        assert until is not None
        assert until < found.due <= today
