"""What could not be read goes after its days, never unseen, never while a replay is under way, never under a hold."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from texting.rules import quarantine
from texting.rules.quarantine import Event
from texting.rules.retention import Dispose, Hold, Keep

CAME = date(2026, 12, 1)
LAST = CAME + timedelta(days=90)
HELD = [Hold("h_1", "p_somebody")]


def decided(event, today, holds=()):
    """The verdict with the default of ninety days."""
    return quarantine.verdict(event, holds, today, 90)


def test_ninety_whole_days_pass_first():
    """On the ninetieth day after it came it is there; on the day after that it may go."""
    announced = Event(CAME, announced_on=CAME + timedelta(days=50))
    assert decided(announced, LAST) == Keep(LAST, "90 days in quarantine", "practice.toml, [retention] quarantine_days")
    assert decided(announced, LAST + timedelta(days=1)).due == LAST + timedelta(days=1)


def test_it_is_announced_two_weeks_before_and_once():
    """From the fourteenth day before, until people were told; not while a hold stands, which would make it untrue."""
    first = quarantine.goes_on(CAME, 90) - timedelta(days=14)
    assert not quarantine.to_announce(Event(CAME), (), first - timedelta(days=1), 90)
    assert quarantine.to_announce(Event(CAME), (), first, 90)
    assert not quarantine.to_announce(Event(CAME), HELD, first, 90)
    assert not quarantine.to_announce(Event(CAME, announced_on=first), (), first, 90)
    assert not quarantine.to_announce(Event(CAME, is_open=False, replayed_on=CAME), (), first, 90)


def test_nothing_open_goes_without_notice():
    """However old it is: nights that did not run, or a shorter setting, cost nobody their two weeks."""
    late = LAST + timedelta(days=300)
    assert isinstance(decided(Event(CAME), late), Keep)
    told = Event(CAME, announced_on=late)
    assert isinstance(decided(told, late + timedelta(days=13)), Keep)
    assert isinstance(decided(told, late + timedelta(days=14)), Dispose)


def test_what_was_replayed_waits_until_it_can_come_back_no_more():
    """Thirty days after its last replay, longer than queue and dead letters hold it; it needs no notice."""
    replayed = Event(CAME, is_open=False, replayed_on=LAST)
    assert decided(replayed, LAST + timedelta(days=30)).clock == "a replay may be under way"
    assert isinstance(decided(replayed, LAST + timedelta(days=31)), Dispose)


def test_a_hold_on_anybody_keeps_it():
    """Nobody knows whose it is; a hold that was lifted keeps nothing."""
    told, late = Event(CAME, announced_on=CAME), LAST + timedelta(days=400)
    assert decided(told, late, HELD).until is None
    assert isinstance(decided(told, late, [Hold("h_1", None, lifted_on=late)]), Dispose)


days = st.dates(date(2026, 1, 1), date(2030, 1, 1))


@given(came=days, is_open=st.booleans(), replayed=st.none() | days, announced=st.none() | days, today=days,
       kept=st.integers(30, 730))  # fmt: skip
def test_whatever_the_days_nothing_goes_early(came, is_open, replayed, announced, today, kept):
    """What goes has had its days, its notice when it is open, and thirty days since any replay."""
    event = Event(came, is_open, replayed, announced)
    if isinstance(quarantine.verdict(event, (), today, kept), Dispose):
        assert today > came + timedelta(days=kept)
        assert not is_open or (announced is not None and today >= announced + timedelta(days=14))
        assert replayed is None or today > replayed + timedelta(days=30)
