"""How times are read, and which are never guessed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from texting.sources import moments, problems
from texting.sources.places import WINDOWS_ZONES

CHICAGO = ZoneInfo("America/Chicago")
NINE_PM = datetime(2026, 12, 4, 21, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-04T15:00:00-06:00",
        "2026-12-04T15:00:00-0600",  # no colon
        "2026-12-04T15:00-06",  # minutes, and hours of offset only
        "2026-12-04 15:00:00 -06:00",
        "2026-12-04t21:00:00z",  # lower case
        "2026-12-04T21:00:00+00:00",
        "2026-12-04T21:00:00.0000000Z",  # seven digits
        "2026-12-04T21:00:00.000000000Z",  # nine digits
        "2026-12-04T20:59:60Z",  # a leap second
        "2026-12-04T15:00:00",  # local
        " 2026-12-04T15:00 ",
    ],
)
def test_one_moment_in_many_spellings(text):
    """Every usual way to write this moment reads as the same UTC instant, without a problem."""
    assert moments.start(text, CHICAGO) == moments.Moment(NINE_PM)


def test_digits_beyond_microseconds_are_cut():
    """A seventh digit neither fails nor rounds into the next second."""
    assert moments.instant("2026-12-04T21:00:00.9999999Z") == NINE_PM + timedelta(microseconds=999999)


@pytest.mark.parametrize(
    ("text", "place", "code"),
    [
        ("2026-12-04T15:00:00", None, problems.START_WITHOUT_ZONE),
        ("2026-12-04T15:00:00-05:00", CHICAGO, problems.ZONE_CONTRADICTS_OFFSET),
        ("2026-07-04T15:00:00-06:00", CHICAGO, problems.ZONE_CONTRADICTS_OFFSET),  # winter's offset in summer
        ("2026-03-08T02:30:00", CHICAGO, problems.START_IN_GAP),
        ("2026-11-01T01:30:00", CHICAGO, problems.START_TWICE),
        ("1900-01-01T00:00:00Z", CHICAGO, problems.START_IMPLAUSIBLE),
        ("0001-01-01T00:00:00", CHICAGO, problems.START_IMPLAUSIBLE),
        ("9999-12-31T23:59:59-14:00", CHICAGO, problems.START_IMPLAUSIBLE),
        ("9999-12-31T23:59:60Z", CHICAGO, problems.START_UNREADABLE),  # past the end of time
        ("2026-02-30T10:00:00Z", CHICAGO, problems.START_UNREADABLE),
        ("2026-12-04T24:00:00Z", CHICAGO, problems.START_UNREADABLE),
        ("2026-12-04T15:00:00+25:00", CHICAGO, problems.START_UNREADABLE),
        ("2026-12-04", CHICAGO, problems.START_UNREADABLE),  # all day
        ("12/04/2026 3:00 PM", CHICAGO, problems.START_UNREADABLE),
        ("1796418000", CHICAGO, problems.START_UNREADABLE),  # seconds or milliseconds?
        (1796418000, CHICAGO, problems.START_UNREADABLE),
        ("٢٠٢٦-12-04T15:00:00Z", CHICAGO, problems.START_UNREADABLE),
        (None, CHICAGO, problems.START_UNREADABLE),
    ],
)
def test_what_has_no_one_reading_is_named_and_not_guessed(text, place, code):
    """Each doubtful time carries exactly its code for a person."""
    assert moments.start(text, place).problems == (code,)


@pytest.mark.parametrize("text", ["2026-11-01T01:30:00-05:00", "2026-11-01T01:30:00-06:00"])
def test_an_offset_settles_the_hour_that_comes_twice(text):
    """With its offset given, either reading of the doubled hour is exact."""
    assert moments.start(text, CHICAGO) == moments.Moment(datetime.fromisoformat(text).astimezone(UTC))


@pytest.mark.parametrize(
    "name",
    [
        "Central European Standard Time",  # as Windows says it, elsewhere
        "Central Daylight Time",
        "central standard time",
        "Mars/Olympus",
        "America",
        "America/",
        "../../etc/passwd",
        "America/Chicago\x00",
        "UTC",
        "Etc/GMT+6",
        "CST6CDT",
        "posix/America/Chicago",
        "",
        None,
        7,
        "A" * 400,
    ],
)
def test_a_zone_is_the_name_of_a_place(name):
    """Clocks, abbreviations, paths and UTC say nothing about where a visit is."""
    assert moments.zone(name) is None


@pytest.mark.parametrize(("windows", "iana"), WINDOWS_ZONES.items())
def test_windows_names_of_american_zones(windows, iana):
    """Windows' name is the zone that CLDR gives it, wall clock and all: each row is a zone that exists."""
    assert moments.zone(windows) == ZoneInfo(iana)


def test_windows_says_standard_in_summer_too():
    """A start in July under "Central Standard Time" is read by the clock on the wall, and its summer offset agrees."""
    place = moments.zone("Central Standard Time")
    assert moments.start("2026-07-04T15:00:00", place).at == datetime(2026, 7, 4, 20, tzinfo=UTC)
    assert moments.start("2026-07-04T15:00:00-05:00", place).problems == ()
    assert moments.zone("US Mountain Standard Time") == ZoneInfo("America/Phoenix")  # which keeps no summer time


@given(st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)), st.sampled_from(["America/Chicago", "America/Adak"]))
def test_a_local_time_is_read_as_the_clock_on_that_wall(at, name):
    """A local time that has one reading shows the same on the wall clock of its zone; all others are problems."""
    at = at.replace(microsecond=0)
    read = moments.start(at.isoformat(), ZoneInfo(name))
    assert bool(read.at) != bool(read.problems)
    if read.at:
        assert read.at.astimezone(ZoneInfo(name)).replace(tzinfo=None) == at


@given(st.one_of(st.text(max_size=40), st.integers(), st.none(), st.from_regex(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d.{0,12}")))
def test_no_text_makes_the_reader_fail(text):
    """Whatever stands in a time's place is read or named, never an exception."""
    assert moments.start(text, CHICAGO).problems or moments.start(text, CHICAGO).at
    assert moments.instant(text) is None or moments.instant(text).tzinfo is UTC
    moments.calendar_date(text)


@pytest.mark.parametrize(
    ("stated", "minutes"), [(45, 45), (0, None), (-5, None), (1440, 1440), (1441, None), ("45", None)]
)
def test_a_length_is_within_a_day(stated, minutes):
    """A stated length of nothing, less or more than a day is no length."""
    assert moments.minutes(None, None, stated) == minutes


def test_the_end_counts_more_than_the_stated_length():
    """End less start is preferred; a span of four days is no length at all."""
    assert moments.minutes(NINE_PM, NINE_PM + timedelta(hours=1), 45) == 60
    assert moments.minutes(NINE_PM, NINE_PM + timedelta(days=4), 45) is None
    assert moments.minutes(NINE_PM, NINE_PM, None) is None
