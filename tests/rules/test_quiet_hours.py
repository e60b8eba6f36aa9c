"""When a text may go: specimens that name each clause, and properties over every zone and both clock changes."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from texting.rules import quiet_hours
from texting.rules.holidays_us import easter, holiday
from texting.rules.quiet_hours import Places, caps, next_local, opening, places_of, window, zones_of
from texting.rules.tables import compiled

ROWS = {row["state"]: row for row in compiled("quiet_hours")["window"]}
STATES = sorted(set(ROWS) - {"US", "UNKNOWN"})
ZONES = sorted({zone for state in STATES for zone in zones_of(state)})
ALL_DAY = (time(0), time(23, 59))  # a courtesy window wide enough to let the law alone decide


def at(local: str, zone: str) -> datetime:
    """The UTC moment of a wall-clock time."""
    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


# state, local time in its first zone, may marketing go, what the sentence must say
SPECIMENS = [
    # 47 CFR 64.1200(c)(1): "before the hour of 8 a.m. or after 9 p.m. (local time at the called party's location)"
    ("CO", "2026-12-01T08:00", True, "21:00"),
    ("CO", "2026-12-01T07:59", False, "Federal law (47 CFR 64.1200(c)(1)"),
    ("CO", "2026-12-01T20:59", True, "21:00"),
    ("CO", "2026-12-01T21:00", False, "08:00 to 21:00"),
    # Conn. Gen. Stat. 42-288a(c): 9:00 to 20:00
    ("CT", "2026-12-01T08:59", False, "Connecticut (Conn. Gen. Stat. 42-288a(c)"),
    ("CT", "2026-12-01T09:00", True, "20:00"),
    ("CT", "2026-12-01T20:00", False, "09:00 to 20:00"),
    # KRS 367.46955(16): no earlier than 10:00, the latest start in the country; Louisville is Eastern, the west Central
    ("KY", "2026-12-01T10:00", False, "America/Chicago"),
    ("KY", "2026-12-01T11:00", True, "21:00"),
    # R.I. Gen. Laws 5-61-3.6: weekdays 9 to 6, Saturdays 10 to 5, never on Sundays and holidays
    ("RI", "2026-12-01T17:59", True, "until 18:00"),
    ("RI", "2026-12-01T18:00", False, "09:00 to 18:00"),
    ("RI", "2026-12-05T09:30", False, "10:00 to 17:00"),
    ("RI", "2026-12-05T16:59", True, "until 17:00"),
    ("RI", "2026-12-06T12:00", False, "closes Sundays"),
    ("RI", "2026-08-10T12:00", False, "Victory Day"),
    # 73 P.S. 2245 as amended by Act 47 of 2026: 9 to 7, closed on Sundays and holidays
    ("PA", "2026-12-01T18:59", True, "until 19:00"),
    ("PA", "2026-12-01T19:00", False, "Act 47 of 2026"),
    ("PA", "2026-04-03T12:00", False, "Good Friday"),
    # Ala. Admin. Code r. 770-X-5-.17(2)
    ("AL", "2026-12-06T12:00", False, "closes Sundays"),
    ("AL", "2026-06-01T12:00", False, "Jefferson Davis' Birthday"),
    ("AL", "2026-06-02T12:00", True, "until 20:00"),
    # LPSC General Order R-29617: legal holidays
    ("LA", "2026-02-17T12:00", False, "Mardi Gras"),
    ("LA", "2026-11-27T12:00", False, "Acadian Day"),
    # Utah Code 13-25a-103(3): Sundays and legal holidays
    ("UT", "2026-07-24T12:00", False, "Pioneer Day"),
    ("UT", "2026-12-06T12:00", False, "closes Sundays"),
    # SDCL 37-30A-3(2): no Sundays, but holidays stay open; the west is an hour behind Sioux Falls
    ("SD", "2026-12-06T12:00", False, "closes Sundays"),
    ("SD", "2026-12-25T12:00", True, "21:00"),
    ("SD", "2026-12-01T09:30", False, "America/Denver"),
    # Tex. Bus. & Com. Code 301.051: Sundays from noon; El Paso is an hour behind Dallas
    ("TX", "2026-12-06T12:30", False, "12:00 to 21:00"),
    ("TX", "2026-12-06T13:00", True, "America/Chicago"),
    # Miss. Code 77-3-723(1) fixes Central Standard Time: in summer 8:30 on the wall is 7:30 by the statute
    ("MS", "2026-07-14T08:30", False, "Etc/GMT+6"),
    ("MS", "2026-07-14T09:00", True, "until 20:00"),
    ("MS", "2026-12-01T08:00", True, "until 20:00"),
    # Fla. Stat. 501.616(6): to 8 p.m.; Pensacola is an hour behind Miami
    ("FL", "2026-12-01T08:30", False, "America/Chicago"),
    ("FL", "2026-12-01T20:00", False, "Florida (Fla. Stat. 501.616(6)"),
]


@pytest.mark.parametrize(("state", "local", "allowed", "says"), SPECIMENS)
def test_marketing_keeps_each_states_hours(state: str, local: str, allowed: bool, says: str) -> None:
    """Marketing goes only inside the hours of the state's clause, by every clock there, and the clause is named."""
    found = opening(at(local, zones_of(state)[0]), window("marketing", [state], [], ALL_DAY))
    assert found.open is allowed, found.rule
    assert says in found.rule


def test_informational_texts_follow_courtesy_alone() -> None:
    """No state found limits informational texts: on Christmas Day in Rhode Island a reminder keeps courtesy hours."""
    rule = window("informational", ["RI"], [])
    assert opening(at("2026-12-25T19:59", "America/New_York"), rule).open
    shut = opening(at("2026-12-25T20:00", "America/New_York"), rule)
    assert not shut.open
    assert shut.opens_at == at("2026-12-26T08:00", "America/New_York")
    assert shut.rule == ("The practice's courtesy window allows 08:00 to 20:00, and it is 20:00 in America/New_York.")


def test_a_practice_may_be_more_courteous() -> None:
    """A narrower courtesy window narrows marketing too; a wider one never widens the law."""
    now = at("2026-12-01T12:30", "America/New_York")
    assert not opening(now, window("marketing", ["RI"], [], (time(9), time(12)))).open
    assert not opening(at("2026-12-01T18:30", "America/New_York"), window("marketing", ["RI"], [], ALL_DAY)).open


def test_a_courtesy_window_must_open() -> None:
    """Hours that end before they begin are a typing error, not a silent day."""
    with pytest.raises(ValueError, match="must open before it closes"):
        window("informational", ["IL"], [], (time(20), time(8)))


def test_disagreeing_places_all_apply() -> None:
    """A New York address, a stated Connecticut and a Hawaii number: every law and every clock counts."""
    places = places_of("+18085550142", stated_state="Connecticut", address_state="NY")
    assert places == Places(("NY", "CT", "HI"), ("America/New_York", "Pacific/Honolulu"))
    rule = window("marketing", places.states, places.zones)
    assert not opening(at("2026-12-01T12:00", "America/New_York"), rule).open  # 7:00 in Honolulu
    early = opening(at("2026-12-01T14:00", "America/New_York"), rule)  # 9:00 in Honolulu, and Connecticut's start
    assert early.open
    assert early.closes_at == at("2026-12-01T20:00", "America/New_York")


def test_an_unknown_place_gets_the_strictest_row() -> None:
    """A number and a state that tell nothing: the UNKNOWN row, by every US clock at once."""
    places = places_of("+19995550142", "Ontario")
    assert places.states == ("UNKNOWN",)
    assert set(places.zones) == set(ZONES)
    noon_in_chicago = at("2026-12-01T12:00", "America/Chicago")
    shut = opening(noon_in_chicago, window("marketing", places.states, places.zones))
    assert not shut.open
    assert shut.opens_at == at("2026-12-01T10:00", "Pacific/Honolulu")
    assert opening(shut.opens_at, window("marketing", [], [])).closes_at == at(
        "2026-12-01T18:00", "America/Puerto_Rico"
    )
    assert not opening(at("2026-11-26T15:00", "America/Chicago"), window("marketing", [], [])).open  # Thanksgiving


def test_a_territory_has_its_clock_and_the_strictest_row() -> None:
    """Guam has a clock of its own and no row: the UNKNOWN row by Guam's clock."""
    places = places_of("+16715550142")
    assert places == Places(("GU",), ("Pacific/Guam",))
    assert opening(at("2026-12-01T10:00", "Pacific/Guam"), window("marketing", places.states, places.zones)).open
    assert not opening(at("2026-12-01T18:00", "Pacific/Guam"), window("marketing", places.states, places.zones)).open


PLACED = [
    ("+13125550142", None, ("IL",), ("America/Chicago",)),
    ("+19155550142", "tx", ("TX",), ("America/Denver", "America/Chicago")),  # El Paso: likeliest first
    ("+12145550142", "Texas", ("TX",), ("America/Chicago", "America/Denver")),
    ("+18505550142", None, ("FL",), ("America/Chicago", "America/New_York")),
    ("+13055550142", "", ("FL",), ("America/New_York", "America/Chicago")),
    ("+12025550142", "D.C.", ("DC",), ("America/New_York",)),
    ("+12025550142", "District of Columbia", ("DC",), ("America/New_York",)),
    ("+17875550142", None, ("PR",), ("America/Puerto_Rico",)),
    ("+14075550142", "IL", ("IL", "FL"), ("America/Chicago", "America/New_York")),
]


@pytest.mark.parametrize(("number", "state", "states", "zones"), PLACED)
def test_reads_places(number: str, state: str | None, states: tuple[str, ...], zones: tuple[str, ...]) -> None:
    """What was said comes first and the area code is added; every zone of a state is there, the likeliest first."""
    assert places_of(number, state) == Places(states, zones)


def test_caps_are_the_strictest() -> None:
    """FL, OK, MD and OR: three in 24 hours; unknown place three; others none."""
    assert [state for state in STATES if caps([state])] == ["FL", "MD", "OK", "OR"]
    assert caps(["IL", "OR"]) == caps([]) == caps(["UNKNOWN"]) == caps(["VI"]) == 3
    assert caps(["IL", "NY"]) is None


def test_the_smaller_of_two_caps_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Should two states ever set different caps, the smaller holds for someone who may be in either."""
    rows = {**ROWS, "FL": {**ROWS["FL"], "cap_24h": 5}, "OK": {**ROWS["OK"], "cap_24h": 2}}
    monkeypatch.setattr(quiet_hours, "_rows", lambda: rows)
    assert caps(["FL", "OK"]) == 2


def test_clocks_that_never_agree_are_said_to() -> None:
    """Two hours of courtesy have no moment in both New York and Honolulu; the answer says so instead of waiting."""
    never = opening(
        at("2026-12-01T10:00", "America/New_York"), window("informational", ["NY", "HI"], [], (time(9), time(11)))
    )
    assert (never.open, never.opens_at) == (False, None)
    assert "share no open hour" in never.rule


def test_spring_and_autumn_windows() -> None:
    """On both days of change the window is eight to eight on the wall: the UTC hours move by one."""
    rule = window("informational", ["IL"], [])
    spring = opening(datetime(2026, 3, 8, 13, 0, tzinfo=UTC), rule)  # 8:00 CDT; a day earlier this was 7:00
    assert spring.open
    assert not opening(datetime(2026, 3, 7, 13, 59, tzinfo=UTC), rule).open
    assert not opening(datetime(2026, 11, 1, 13, 59, tzinfo=UTC), rule).open  # 7:59 CST
    assert opening(datetime(2026, 11, 1, 14, 0, tzinfo=UTC), rule).open


def test_a_window_that_touches_the_repeated_hour_is_narrow() -> None:
    """In the hour that comes twice a window opens at its later start and closes at its earlier end."""
    closes = opening(
        at("2026-11-01T00:30", "America/Chicago"), window("informational", ["IL"], [], (time(0), time(1, 30)))
    )
    assert closes.closes_at == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    opens = opening(
        at("2026-11-01T00:30", "America/Chicago"), window("informational", ["IL"], [], (time(1, 30), time(20)))
    )
    assert opens.opens_at == datetime(2026, 11, 1, 7, 30, tzinfo=UTC)


LOCAL = [
    # wall clock, zone, UTC
    ("2026-12-04", "10:00", "America/Chicago", "2026-12-04T16:00"),
    ("2026-07-04", "10:00", "America/Chicago", "2026-07-04T15:00"),
    ("2026-03-08", "02:30", "America/Chicago", "2026-03-08T08:00"),  # skipped: the first moment after the gap
    ("2026-03-08", "02:00", "America/New_York", "2026-03-08T07:00"),
    ("2026-11-01", "01:30", "America/Chicago", "2026-11-01T06:30"),  # comes twice: the earlier
    ("2026-03-08", "02:30", "America/Phoenix", "2026-03-08T09:30"),  # Arizona does not change
    ("2026-03-08", "02:30", "Pacific/Honolulu", "2026-03-08T12:30"),
]


@pytest.mark.parametrize(("day", "clock", "zone", "utc"), LOCAL)
def test_wall_clock_to_utc(day: str, clock: str, zone: str, utc: str) -> None:
    """A planned wall-clock time becomes one UTC moment on every day of the year."""
    found = next_local(datetime(2026, 1, 1, tzinfo=UTC), [zone], time.fromisoformat(clock), date.fromisoformat(day))
    assert found == datetime.fromisoformat(utc).replace(tzinfo=UTC)


def test_the_second_hour_only_when_the_first_is_closed() -> None:
    """In the hour that comes twice, the later moment is taken only where a window is closed at the earlier."""
    start_of_year, day = datetime(2026, 1, 1, tzinfo=UTC), date(2026, 11, 1)
    opens_then = window("informational", ["IL"], [], (time(1, 30), time(20)))
    assert next_local(start_of_year, ["America/Chicago"], time(1, 30), day, opens_then) == datetime(
        2026, 11, 1, 7, 30, tzinfo=UTC
    )


def test_past_wall_clock_times_are_none() -> None:
    """A slot already past at booking is skipped, not sent late."""
    now = at("2026-12-04T10:00", "America/Chicago")
    assert next_local(now, ["America/Chicago"], time(10), date(2026, 12, 4)) == now
    assert next_local(now + timedelta(seconds=1), ["America/Chicago"], time(10), date(2026, 12, 4)) is None


# Days around both changes of 2026 and 2027, and a year's turn; a moment in them at any second.
AROUND = [
    datetime(2026, 3, 8),
    datetime(2026, 11, 1),
    datetime(2027, 3, 14),
    datetime(2027, 11, 7),
    datetime(2026, 12, 31),
]
MOMENTS = st.sampled_from(AROUND).flatmap(
    lambda day: st.integers(-3 * 86400, 3 * 86400).map(
        lambda seconds: (day + timedelta(seconds=seconds)).replace(tzinfo=UTC)
    )
)


@given(st.sampled_from(ZONES), MOMENTS)
def test_courtesy_holds_in_every_zone(zone: str, now: datetime) -> None:
    """In every US zone and around both changes: open exactly from 8 to 20 on the wall, the bounds on the wall too."""
    found = opening(now, window("informational", [], [zone]))
    assert found.open == (8 <= now.astimezone(ZoneInfo(zone)).hour < 20)
    if found.open:
        assert found.closes_at is not None
        assert found.closes_at.astimezone(ZoneInfo(zone)).time() == time(20)
        assert found.closes_at > now
    else:
        assert found.opens_at is not None
        assert found.opens_at.astimezone(ZoneInfo(zone)).time() == time(8)
        assert now < found.opens_at <= now + timedelta(hours=13)


def lawful(now: datetime, state: str) -> bool:
    """The row read naively: is it inside the hours of the day by every clock, holidays aside?"""
    row = ROWS[state]
    for zone in (*zones_of(state), *([row["also_zone"]] if "also_zone" in row else [])):
        local = now.astimezone(ZoneInfo(zone))
        hours = row[("weekday", "saturday", "sunday")[max(0, local.weekday() - 4)]]
        if hours == "closed" or not hours[0] <= f"{local:%H:%M}" < hours[1]:
            return False
    return True


@given(st.lists(st.sampled_from(STATES), min_size=1, max_size=3, unique=True), MOMENTS)
def test_open_means_open_by_every_law_and_clock(states: list[str], now: datetime) -> None:
    """Whatever places are joined, an open window is inside each state's row by each clock, until its last second."""
    found = opening(now, window("marketing", states, []))
    if found.open:
        assert found.closes_at is not None
        for moment in (now, found.closes_at - timedelta(seconds=1)):
            assert all(lawful(moment, state) for state in states), found.rule
    elif found.opens_at:
        assert found.opens_at > now
        assert all(lawful(found.opens_at, state) for state in states)
        assert opening(found.opens_at, window("marketing", states, [])).open
        assert not opening(found.opens_at - timedelta(seconds=1), window("marketing", states, [])).open


@given(st.sampled_from(ZONES), MOMENTS, st.times())
def test_wall_clock_times_never_go_back(zone: str, now: datetime, clock: time) -> None:
    """Over any change, the moment of a wall-clock time shows that time, or the first moment after it was skipped."""
    day, clock = now.date(), clock.replace(microsecond=0, fold=0)
    found = next_local(datetime(2020, 1, 1, tzinfo=UTC), [zone], clock, day)
    assert found is not None
    shown = found.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
    wanted = datetime.combine(day, clock)
    before = (found - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert shown == wanted or before < wanted < shown


def test_every_state_has_hours_and_clocks() -> None:
    """Fifty states, the District and Puerto Rico have a row, a clock and a federal floor they never go below."""
    assert len(STATES) == 52
    floor = ROWS["US"]
    for state in STATES:
        assert zones_of(state)
        for day in ("weekday", "saturday", "sunday"):
            hours = ROWS[state][day]
            assert hours == "closed" or floor[day][0] <= hours[0] < hours[1] <= floor[day][1]


def test_unknown_is_stricter_than_every_state() -> None:
    """The UNKNOWN row lies inside every state's hours on every kind of day."""
    unknown = ROWS["UNKNOWN"]
    for state in STATES:
        for day in ("weekday", "saturday"):
            start, end = ROWS[state][day]
            assert start <= unknown[day][0] < unknown[day][1] <= end
    assert unknown["sunday"] == "closed"


HOLIDAYS = [
    ("federal", "2026-07-03", "Independence Day"),  # a Saturday is observed on Friday (E.O. 11582)
    ("federal", "2026-07-04", "Independence Day"),  # and the day itself stays closed
    ("federal", "2027-12-31", "New Year's Day"),  # 2028-01-01 is a Saturday
    ("federal", "2023-01-02", "New Year's Day"),
    ("federal", "2026-01-19", "Birthday of Martin Luther King, Jr."),
    ("federal", "2026-05-25", "Memorial Day"),
    ("federal", "2026-11-26", "Thanksgiving Day"),
    ("federal", "2026-11-27", None),
    ("UT", "2026-06-15", "Juneteenth, on its Monday"),  # 63G-1-301(2)(c): Friday moves to the Monday before
    ("UT", "2027-06-21", "Juneteenth, on its Monday"),  # (d): Saturday moves to the Monday after
    ("RI", "2026-11-03", "Election day"),
    ("RI", "2027-11-02", None),
    ("PA", "2027-11-02", "Election Day"),
    ("LA", "2027-02-09", "Mardi Gras"),
    ("AL", "2026-12-25", "Christmas Day"),  # a state's list comes on top of the federal one
]


@pytest.mark.parametrize(("calendar", "day", "name"), HOLIDAYS)
def test_holidays(calendar: str, day: str, name: str | None) -> None:
    """5 U.S.C. 6103 and the states' lists, observed days and the weekend days themselves included."""
    assert holiday(date.fromisoformat(day), calendar) == name


EASTER = {2024: (3, 31), 2025: (4, 20), 2026: (4, 5), 2027: (3, 28), 2035: (3, 25), 2038: (4, 25)}


def test_easter() -> None:
    """Easter's earliest and latest dates of our time come out as the almanac has them."""
    assert {year: (easter(year).month, easter(year).day) for year in EASTER} == EASTER


@given(st.lists(MOMENTS, min_size=2, max_size=6), st.sampled_from(STATES))
def test_openings_come_in_order(moments: list[datetime], state: str) -> None:
    """Asking later never gives an earlier opening."""
    rule = window("marketing", [state], [])
    opens = [opening(moment, rule).opens_at for moment in sorted(moments)]
    assert all(one is not None and other is not None and one <= other for one, other in pairwise(opens))
