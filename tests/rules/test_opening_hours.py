"""When somebody is at the desk, until when an answer is due, and how patients are told."""

from datetime import UTC, datetime, timedelta

import pytest
from texting.rules.opening_hours import LONGEST, due, is_open, spoken

ZONE = "America/Chicago"
WEEK = dict.fromkeys(("mon", "tue", "wed", "thu"), "09:00-18:00") | {"fri": "09:00-17:00"}
HOUR = timedelta(hours=1)


def utc(text):
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "answer"),
    [
        ("2026-12-01T12:00-06:00", "2026-12-01T13:00-06:00"),  # Tuesday noon: an hour later
        ("2026-12-01T17:00-06:00", "2026-12-01T18:00-06:00"),  # the day's last whole hour
        ("2026-12-01T17:40-06:00", "2026-12-02T09:40-06:00"),  # twenty minutes today, forty tomorrow
        ("2026-12-01T03:00-06:00", "2026-12-01T10:00-06:00"),  # at night
        ("2026-12-04T17:00-06:00", "2026-12-07T10:00-06:00"),  # Friday closes at five, Monday opens
        ("2027-03-12T16:30-06:00", "2027-03-15T09:30-05:00"),  # over the weekend in which the clocks change
    ],
)
def test_an_answer_is_due_within_opening_hours(now, answer):
    """The promised hour is an hour in which the practice is open, by the wall clock of the place."""
    assert due(WEEK, ZONE, utc(now), HOUR) == utc(answer)


def test_a_long_promise_takes_several_days():
    """Twenty hours from Tuesday at nine are over on Thursday at eleven."""
    assert due(WEEK, ZONE, utc("2026-12-01T09:00-06:00"), 20 * HOUR) == utc("2026-12-03T11:00-06:00")


def test_without_hours_the_plain_clock_counts():
    """A practice that told no hours promised by the clock, and nothing is due never."""
    assert due({}, ZONE, utc("2026-12-05T23:00-06:00"), HOUR) == utc("2026-12-06T00:00-06:00")


def test_the_doors_open_and_close_on_the_minute():
    """Open at nine, closed at six, and closed on a day that is not named."""
    at = {time: is_open(WEEK, ZONE, utc(f"2026-12-01T{time}-06:00")) for time in ("08:59", "09:00", "17:59", "18:00")}
    assert at == {"08:59": False, "09:00": True, "17:59": True, "18:00": False}
    assert not is_open(WEEK, ZONE, utc("2026-12-05T12:00-06:00"))


@pytest.mark.parametrize(
    ("hours", "language", "said"),
    [
        (WEEK, "en", "Mon-Thu 9 AM-6 PM, Fri 9 AM-5 PM"),
        (WEEK, "es", "lun-jue 9 AM-6 PM, vie 9 AM-5 PM"),
        ({"tue": "08:30-12:00", "sat": "12:00-20:15"}, "en", "Tue 8:30 AM-12 PM, Sat 12 PM-8:15 PM"),
        ({}, "en", "as soon as we can"),
        ({}, "es", "en cuanto podamos"),
        ({"mon": "09:00-12:00", "wed": "13:00-17:00", "fri": "08:30-11:30"}, "en", "as soon as we can"),
    ],
)
def test_patients_are_told_the_hours_as_they_are(hours, language, said):
    """Friday's own hours too, in the patient's language; what would cost a second part is not listed."""
    assert spoken(hours, language) == said
    assert len(said) <= LONGEST
