"""The plan of a visit's texts: what is said, when, and what is not said at all."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from texting.rules.quiet_hours import UNKNOWN, opening, window, zones_of
from texting.rules.reminders import REMINDER_STOPS, message_id, plan
from texting.values import Planned, Visit, VisitState

CHICAGO = ("America/Chicago",)
EIGHT, EIGHT_PM = time(8), time(20)


@dataclass(frozen=True)
class Step:
    purpose: str
    slot: str
    days_before: int | None = None
    at: time = time(10)


BOOKED, D3, D1 = Step("booking_confirmation", "booked"), Step("reminder", "d3", 3), Step("reminder", "d1", 1)
STEPS = (BOOKED, D3, D1)


def utc(text):
    return datetime.fromisoformat(text).astimezone(UTC)


def visit(start="2026-12-04T15:00-06:00", state=VisitState.BOOKED, zone="America/Chicago", epoch=1):
    return Visit(
        appointment_id="a-1",
        source="main",
        source_id="A-1001",
        patient_id="p-1",
        number_id="n-1",
        state=state,
        start=utc(start) if start else None,
        zone=zone,
        location_id="main",
        duration_minutes=45,
        provider=None,
        service=None,
        sequence=1,
        updated_at=None,
        content_sha256="",
        epoch=epoch,
    )


def informational(zones):
    return window("informational", (), zones, (EIGHT, EIGHT_PM))


def planned(of, now, steps=STEPS, zones=CHICAGO, **said):
    return plan(of, steps, utc(now), zones=zones, rule=informational(zones), **said)


def test_the_default_plan():
    """Booked a week ahead: at once, three days and one day before at ten, each true until the evening of its day."""
    assert planned(visit(), "2026-11-27T11:00-06:00") == (
        Planned("booking_confirmation", "booked", utc("2026-11-27T11:00-06:00"), utc("2026-11-27T20:00-06:00")),
        Planned("reminder", "d3", utc("2026-12-01T10:00-06:00"), utc("2026-12-01T20:00-06:00")),
        Planned("reminder", "d1", utc("2026-12-03T10:00-06:00"), utc("2026-12-03T20:00-06:00")),
    )


@pytest.mark.parametrize(
    ("now", "slots"),
    [
        ("2026-12-01T09:59-06:00", ["booked", "d3", "d1"]),
        ("2026-12-01T10:00-06:00", ["booked", "d3", "d1"]),  # exactly then
        ("2026-12-01T10:01-06:00", ["booked", "d1"]),
        ("2026-12-03T12:00-06:00", ["booked"]),
        ("2026-12-04T14:55-06:00", ["booked"]),  # five minutes before the visit
        ("2026-12-04T15:00-06:00", []),
        ("2026-12-05T09:00-06:00", []),  # booked into the past
    ],
)
def test_slots_already_past_at_booking_are_skipped(now, slots):
    """A reminder whose hour has gone is not made up for, and nothing is said about a visit that has begun."""
    assert [text.slot for text in planned(visit(), now)] == slots


def test_booked_at_night_is_confirmed_in_the_morning():
    """A booking outside the window is confirmed when it opens next, on that day until it closes."""
    text = planned(visit(), "2026-11-27T23:30-06:00")[0]
    assert (text.send_at, text.true_until) == (utc("2026-11-28T08:00-06:00"), utc("2026-11-28T20:00-06:00"))


def test_a_confirmation_that_would_come_too_late_is_not_planned():
    """Booked at night for half past seven: when the window opens the patient is there already."""
    assert planned(visit("2026-12-04T07:30-06:00"), "2026-12-03T22:00-06:00") == ()


def test_nothing_is_true_after_the_visit_starts():
    """A same-day text ends with the visit, a reminder an hour earlier, and one with no time left is not planned."""
    morning = Step("reminder", "d0", 0, time(9))
    confirmation, reminder = planned(visit(), "2026-12-04T08:30-06:00", (BOOKED, morning))
    assert confirmation.true_until == utc("2026-12-04T15:00-06:00")
    assert reminder.true_until == utc("2026-12-04T14:00-06:00")
    assert planned(visit("2026-12-04T10:00-06:00"), "2026-12-04T08:30-06:00", (morning,)) == ()
    assert planned(visit("2026-12-04T09:00-06:00"), "2026-12-04T08:30-06:00", (morning,)) == ()


def test_confirmed_means_quiet():
    """Once confirmed there are no more reminders; a visit booked as confirmed is still acknowledged."""
    assert [text.slot for text in planned(visit(state=VisitState.CONFIRMED), "2026-11-27T11:00-06:00")] == ["booked"]


@pytest.mark.parametrize("state", sorted(set(VisitState) - {VisitState.BOOKED, VisitState.CONFIRMED}))
def test_nothing_is_said_of_a_visit_that_does_not_stand(state):
    """Requested, arrived, completed, cancelled and missed visits have no plan."""
    assert planned(visit(state=state), "2026-11-27T11:00-06:00") == ()
    assert planned(visit(start=None), "2026-11-27T11:00-06:00") == ()


def test_a_moved_visit_is_told_as_moved():
    """A later epoch, or the caller's word, turns the booking's text into one about the move."""
    now = "2026-11-27T11:00-06:00"
    assert planned(visit(epoch=2), now)[0].purpose == "visit_moved"
    assert planned(visit(epoch=2), now, moved=False)[0].purpose == "booking_confirmation"
    assert planned(visit(), now, moved=True)[0].purpose == "visit_moved"
    assert planned(visit(epoch=2), now)[1].purpose == "reminder"


def test_reminders_follow_the_recipients_clock_and_the_visits_calendar():
    """Three days before a visit in Chicago, at ten in Honolulu where the patient lives."""
    texts = planned(visit(), "2026-11-27T11:00-06:00", (D3,), ("Pacific/Honolulu",))
    assert texts[0].send_at == utc("2026-12-01T10:00-10:00")


@pytest.mark.parametrize(
    ("zones", "at", "local"),
    [
        (("America/New_York", "America/Los_Angeles"), time(10), "2026-12-01T10:00-08:00"),  # ten in New York is seven
        (("America/Los_Angeles", "America/New_York"), time(10), "2026-12-01T10:00-08:00"),
        (("America/Los_Angeles", "America/New_York"), time(18), "2026-12-01T18:00-05:00"),
        (("America/Chicago", "America/New_York"), time(10), "2026-12-01T10:00-06:00"),  # fits both: the likeliest
        (("America/New_York", "Pacific/Honolulu", "Pacific/Guam"), time(10), "2026-12-01T17:00-05:00"),  # no ten fits
    ],
)
def test_a_text_fits_every_clock_the_recipient_may_live_by(zones, at, local):
    """Where the zone is not sure the hour is one that is open in all of them, on the likeliest one's day."""
    step = Step("reminder", "d3", 3, at)
    texts = planned(visit("2026-12-04T15:00-05:00", zone=zones[0]), "2026-11-27T11:00-06:00", (step,), zones)
    assert [text.send_at for text in texts] == [utc(local)]


def test_a_recipient_of_whom_no_zone_is_known():
    """Without a zone every US clock counts, and the text still finds an hour."""
    texts = plan(visit(), (D1,), utc("2026-11-27T11:00-06:00"), zones=(), rule=informational(()))
    assert opening(texts[0].send_at, informational(zones_of(UNKNOWN))).open


def test_an_hour_before_the_window_waits_for_its_opening():
    """A step set to seven goes at eight; one set to nine in the evening has no hour left on its day."""
    now = "2026-11-27T11:00-06:00"
    assert planned(visit(), now, (Step("reminder", "x", 1, time(7)),))[0].send_at == utc("2026-12-03T08:00-06:00")
    assert planned(visit(), now, (Step("reminder", "x", 1, time(21)),)) == ()


def test_ids_are_deterministic_opaque_and_distinct():
    """The same text has the same id for ever; any other visit, epoch, purpose or slot has another."""
    parts = ("a-1", 1, "reminder", "d3")
    assert message_id(*parts) == "m_8533e3e8fd9fe445f45e7d37"
    others = [("a-11", 1, "reminder", "d3"), ("a-1", 2, "reminder", "d3"), ("a-1", 1, "visit_moved", "d3")]
    others += [("a-1", 1, "reminder", "d1"), ("a-1", 11, "reminder", "d3"), ("a-1", 1, "reminderd", "3")]
    assert len({message_id(*one) for one in [parts, *others]}) == 7


US_ZONES = sorted(zones_of(UNKNOWN))
CHANGES = (date(2026, 3, 8), date(2026, 11, 1), date(2027, 3, 14), date(2026, 6, 15))


@given(
    st.lists(st.sampled_from(US_ZONES), min_size=1, max_size=3, unique=True),
    st.sampled_from(US_ZONES),
    st.sampled_from(CHANGES),
    st.integers(-4 * 1440, 4 * 1440),
    st.integers(1, 10 * 1440),
    st.sampled_from([time(8), time(10), time(19, 59), time(2, 30)]),
)
def test_never_at_night_never_late_and_always_the_same(zones, place, day, minutes, ahead, at):
    """Around both clock changes, in every US zone: inside the window on every clock, never past, never after the start."""
    start = datetime.combine(day, time(12), UTC) + timedelta(minutes=minutes)
    now = start - timedelta(minutes=ahead)
    of, rule = visit(start.isoformat(), zone=place), informational(zones)
    steps = (BOOKED, *(Step("reminder", f"d{days}", days, at) for days in (0, 1, 3)))
    texts = plan(of, steps, now, zones=zones, rule=rule)
    assert texts == plan(of, steps, now, zones=zones, rule=rule)
    for text in texts:
        assert now <= text.send_at < text.true_until <= start
        assert text.purpose != "reminder" or text.true_until <= start - REMINDER_STOPS
        for zone in zones:
            first, last = (moment.astimezone(ZoneInfo(zone)) for moment in (text.send_at, text.true_until))
            assert first.date() == last.date()
            assert EIGHT <= first.time() < last.time() <= EIGHT_PM


@given(st.sampled_from(US_ZONES), st.sampled_from(CHANGES), st.integers(0, 1439), st.integers(1, 7))
def test_calendar_days_are_counted_and_not_hours(zone, day, minute, days):
    """With one zone, a reminder stands at ten on the wall exactly so many dates before the visit's date."""
    local = datetime.combine(day, time(minute // 60, minute % 60), ZoneInfo(zone))
    start = local.astimezone(UTC)
    texts = plan(
        visit(start.isoformat(), zone=zone),
        (Step("reminder", "x", days),),
        start - timedelta(days=14),
        zones=(zone,),
        rule=informational((zone,)),
    )
    shown = texts[0].send_at.astimezone(ZoneInfo(zone))
    assert (shown.date(), shown.time()) == (start.astimezone(ZoneInfo(zone)).date() - timedelta(days=days), time(10))
