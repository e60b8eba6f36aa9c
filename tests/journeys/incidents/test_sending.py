"""Incidents of sending: twice, in doubt, at night, for a visit that is not so, too fast (C1–C3, C9–C11, C26–C30)."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from texting.errors import InDoubt
from texting.values import PhoneNumber

from tests.journeys.stories import ANA, BEN, EXAMPLE
from tests.journeys.watched import WatchedPractice


def messages(p, appointment="A-1"):
    return p.world.store.messages_of(p.world.ids.appointment_id("main", appointment))


def visit(p, appointment="A-1"):
    return p.world.store.visit(p.world.ids.appointment_id("main", appointment))


@pytest.mark.parametrize("crash", range(12))
def test_c1_a_redelivered_or_resumed_send_goes_out_once(p, crash):
    """C1: the event twice, the outbox item three times, a run that dies at any step: one text at most, and no second."""
    for _ in range(2):
        p.hears()
    p.lists.outbox *= 3
    p.crash_after(crash)
    p.later(hours=1)
    p.lists.outbox = [message.message_id for message in messages(p)] * 2
    p.later(hours=1)
    assert len({text["message_id"] for text in p.carrier.sent}) == len(p.carrier.sent) <= 1
    assert crash or len(p.carrier.sent) == 1


def test_c2_an_unknown_outcome_is_shown_and_never_sent_again(p):
    """C2: the carrier took it and its answer was lost: in doubt, before people, and no redelivery or sweep repeats it."""
    p.hears()
    p.carrier.errors = [InDoubt("no answer")]
    p.runs()
    p.lists.outbox = [messages(p)[0].message_id] * 3
    p.sweep()
    p.later(hours=6)
    assert p.messages()[0] == ("booking_confirmation", "booked", "in_doubt")
    assert len(p.carrier.sent) == 1
    assert p.tasks() == ["in_doubt_message"]


@pytest.mark.parametrize("step", range(1, 9))
def test_c3_stop_at_any_step_of_a_run_is_the_last_word(p, step):
    """C3: STOP is written while the sender is at its n-th effect; what was not claimed before it never leaves."""
    p.hears()
    store, seen = p.world.store, []

    def race(point):
        seen.append(point)
        if len(seen) == step:
            p.texts("STOP", inbound="race")

    store.interrupt = p.carrier.interrupt = race
    p.runs()
    store.interrupt = p.carrier.interrupt = p._point
    if len(seen) < step:
        p.texts("STOP", inbound="race")
    before = [text for text in p.carrier.sent if "booked" in text["body"]]
    p.settle()
    p.judge()
    replies = [text for text in p.carrier.sent if "no more texts" in text["body"]]
    assert len(before) <= 1
    assert len(p.carrier.sent) == len(before) + len(replies) <= 2
    assert p.world.store.number(p.world.ids.number_id(PhoneNumber(ANA))).stopped


@pytest.mark.parametrize("hours_down", [7, 8, 10, 15, 19])
def test_c9_a_backlog_never_becomes_a_text_at_night(p, hours_down):
    """C9: the sender was down from noon into the night; what waited goes in the morning, or says that it was late."""
    p.hears(start="2026-12-03T15:00:00-06:00")
    p.now += timedelta(hours=hours_down)
    p.runs()
    local = p.now.astimezone(ZoneInfo("America/Chicago"))
    assert bool(p.carrier.sent) is (8 <= local.hour < 20)
    p.later(hours=24)  # the carrier judges hour and time to live of each text (P4)
    assert all(message.state in ("handed", "refused", "held", "planned") for message in messages(p))


def test_c9_a_text_claimed_shortly_before_eight_dies_with_the_window(p):
    """C9: the carrier is told to drop what it cannot deliver by the window's end: no queue of theirs makes it late."""
    p.now = datetime(2026, 12, 2, 1, 58, tzinfo=UTC)  # 19:58 in Chicago
    p.hears()
    p.runs()
    assert [text["ttl"] for text in p.carrier.sent] == [120]


ZONES = [("+13125550142", "IL", "America/Chicago"), ("+12125550143", "NY", "America/New_York"),
         ("+16025550147", "AZ", "America/Phoenix"), ("+18085550145", "HI", "Pacific/Honolulu")]  # fmt: skip
CHANGES = [
    (datetime(2027, 3, 10, 20, tzinfo=UTC), "2027-03-16T15:00:00-05:00", ["2027-03-13", "2027-03-15"]),
    (datetime(2026, 10, 28, 20, tzinfo=UTC), "2026-11-03T15:00:00-06:00", ["2026-10-31", "2026-11-02"]),
]


@pytest.mark.parametrize(("phone", "state", "zone"), ZONES, ids=[one[1] for one in ZONES])
@pytest.mark.parametrize(("booked", "start", "days"), CHANGES, ids=["spring", "autumn"])
def test_c10_ten_in_the_morning_stays_ten_across_a_change_of_clocks(phone, state, zone, booked, start, days):
    """C10: reminders on both sides of a change of clocks come at 10:00 where the patient lives, on the right days."""
    p = WatchedPractice(booked)
    p.consents("P-9", phone)
    p.hears("A-9", "P-9", phone, start=start, patient={"state": state})
    p.later(days=7)
    local = [message.claimed_at.astimezone(ZoneInfo(zone)) for message in messages(p, "A-9")[1:]]
    assert [f"{at:%Y-%m-%d %H:%M}" for at in local] == [f"{day} 10:00" for day in days]


@pytest.mark.parametrize("kind", ["cancelled", "no_show", "deleted"])
def test_c11_nothing_is_said_of_a_visit_that_is_off(p, kind):
    """C11: the schedules still fire, and each finds the visit gone: nothing leaves, and the reason is kept."""
    p.hears()
    p.runs()
    p.hears(version=2, kind=kind)
    assert p.lists.schedules
    assert p.later(days=12) == []
    assert {state for _, slot, state in p.messages() if slot != "booked"} == {"withdrawn"}


def test_c11_a_moved_visit_is_told_once_and_its_old_reminders_die(p):
    """C11: the new time is told once; reminders of the old time find the visit changed."""
    p.hears()
    p.runs()
    p.hears(version=2, kind="rescheduled", start="2026-12-17T09:00:00-06:00")
    bodies = p.later(days=20)
    assert sum("Dec 17 at 9:00 AM" in body for body in bodies) == len(bodies) == 3
    assert [state for *_, state in p.messages()].count("withdrawn") == 2


def test_c26_a_new_number_gets_the_texts_and_the_old_one_none(p):
    """C26: the recipient is looked up when a text is claimed, not when it was planned."""
    p.now += timedelta(minutes=1)
    p.consents("P-1", BEN)
    p.hears()
    p.runs()
    p.hears(version=2, kind="updated", phone=BEN)
    p.later(days=12)
    assert [text["to"] for text in p.carrier.sent[1:]].count(ANA) == 0
    assert BEN in [text["to"] for text in p.carrier.sent]


def test_c27_confirmed_once_is_quiet_until_the_visit(reminded):
    """C27: after the answer to C, no reminder follows, and the plan says why."""
    reminded.texts("C")
    reminded.later(minutes=5)
    assert reminded.later(days=3) == []
    assert reminded.why()[-1] == "already_confirmed"


def test_c28_sending_changes_nothing_of_the_visit(p):
    """C28: two texts went out and the visit's record is untouched; a CONFIRM is told to the source as an event."""
    p.hears()
    before = visit(p)
    p.later(days=8)
    assert visit(p) == before
    p.texts("C")
    assert [kind for kind, _ in p.lists.told] == ["visit.confirmed"]


def test_c28_the_sources_own_news_keeps_a_confirmation(reminded):
    """C28: a new room is no new visit: the source's update neither undoes the CONFIRM nor sends anything again."""
    reminded.texts("C")
    reminded.runs()
    reminded.hears(version=2, kind="updated", service={"name": "Peel"})
    assert str(visit(reminded).state) == "confirmed"
    assert reminded.later(days=3) == []


@pytest.mark.parametrize("hour", range(24))
def test_c29_the_guard_at_the_last_hop_guards_at_every_hour(hour):
    """C29: whatever the hour of booking, the carrier is given whole seconds that end inside the window, or nothing.

    That each guard's loss is noticed at all is `tests/journeys/test_mutants.py`.
    """
    p = WatchedPractice(datetime(2026, 12, 1, hour, 30, tzinfo=UTC))
    p.consents("P-1", ANA)
    p.hears()
    p.later(days=2)
    (text,) = p.carrier.sent
    assert type(text["ttl"]) is int
    assert 5 <= text["ttl"] <= 12 * 3600


def test_c30_a_rush_keeps_the_pace_of_the_number():
    """C30: thirty bookings at one moment leave at one part a second, and all of them leave."""
    p = WatchedPractice(text=EXAMPLE.replace("texts_per_second = 100.0", "texts_per_second = 1.0"))
    people = [(f"P-{at}", f"+1312555{100 + at:04}") for at in range(30)]
    for ref, phone in people:
        p.consents(ref, phone)
        p.hears(f"A-{ref}", ref, phone)
    p.later(minutes=10)
    claimed = sorted(messages(p, f"A-{ref}")[0].claimed_at for ref, _ in people)
    assert len(p.carrier.sent) == len(people)
    assert all(later - earlier >= timedelta(seconds=1) for earlier, later in pairwise(claimed))


def test_c30_what_would_be_late_is_refused_and_called_instead():
    """C30: a minute before the window's end only those leave who can; the rest are refused and on the day's call list."""
    p = WatchedPractice(datetime(2026, 12, 2, 1, 59, tzinfo=UTC),
                        EXAMPLE.replace("texts_per_second = 100.0", "texts_per_second = 1.0"))  # fmt: skip
    for at in range(80):
        ref, phone = f"P-{at}", f"+1312555{100 + at:04}"
        p.consents(ref, phone)
        p.hears(f"A-{ref}", ref, phone, start="2026-12-02T08:02:00-06:00")
    p.later(hours=13)
    ends = [messages(p, f"A-P-{at}")[0] for at in range(80)]
    assert {str(one.state) for one in ends} == {"handed", "refused"}
    assert len(p.carrier.sent) == sum(str(one.state) == "handed" for one in ends)
    assert p.tasks() == ["call_list"]
