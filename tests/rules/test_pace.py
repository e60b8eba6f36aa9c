"""The arithmetic of the pace: never faster than allowed, nobody let in who would be late, the line in order."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from texting.records import Message, Pace
from texting.rules import pace
from texting.values import Category, State

NINE = datetime(2026, 12, 1, 15, 0, tzinfo=UTC)
STEP = timedelta(milliseconds=334)
rates = st.sampled_from([0.1, 0.75, 1.0, 3.0, 7.0, 100.0])
arrivals = st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 4), st.booleans()), min_size=2, max_size=60)


def text(name="m_1", deadline=NINE + timedelta(hours=1), **more):
    """A text that is due at nine."""
    return Message(name, "reminder", Category.APPOINTMENTS, State.PLANNED, "p", "n", "t", NINE, NINE, deadline, **more)


def granted(rate, asked):
    """When how many parts went, for texts that ask after so many milliseconds and wait as long as they are told."""
    now, at, gone = NINE, Pace("line"), []
    for later, parts, person in asked:
        now += timedelta(milliseconds=later)
        step = pace.interval(rate, at, now)
        goes = now + pace.wait(at, step, now, person=person)
        at = pace.taken(at, parts, step, goes)
        gone.append((goes, parts, person))
    return gone


@given(rates, arrivals)
def test_never_more_than_the_rate_in_any_second_and_the_burst(rate, asked):
    """Message parts per second: no second holds more than the rate, what the bucket held, one text and the reserve."""
    gone = sorted(granted(rate, asked))
    largest = max(parts for _, parts, _ in gone)
    for begins, _, _ in gone:
        inside = sum(parts for goes, parts, _ in gone if begins <= goes < begins + timedelta(seconds=1))
        assert inside <= rate + max(rate, 1) + largest + pace.RESERVE


@given(rates, arrivals)
def test_over_a_while_the_rate_is_kept(rate, asked):
    """From the first part to the last no more went than the rate allows for that time, and one burst."""
    gone = sorted(granted(rate, asked))
    while_ = (gone[-1][0] - gone[0][0]).total_seconds()
    assert sum(parts for _, parts, _ in gone[:-1]) <= rate * while_ + max(rate, 1) + pace.RESERVE + gone[-2][1]


@given(st.sampled_from([0.1, 0.75, 1.0]), arrivals)
def test_at_one_a_second_there_is_no_burst(rate, asked):
    """With the account's first quota, between two automated texts lies an interval for each part of the first."""
    gone = granted(rate, [(later, parts, False) for later, parts, _ in asked])
    for (first, parts, _), (second, _, _) in pairwise(gone):
        assert second - first >= parts * pace.interval(rate, Pace("line"), first)


def test_what_a_person_waits_for_goes_first():
    """Behind ten reminders an answer goes at once, four parts of answers do, and the reminders pay them back."""
    busy = Pace("line", next_at=NINE + pace.HOLDS)
    assert pace.wait(busy, STEP, NINE, person=False) == STEP
    for _ in range(2):
        assert pace.wait(busy, STEP, NINE, person=True) == timedelta(0)
        busy = pace.taken(busy, 2, STEP, NINE)
    assert pace.wait(busy, STEP, NINE, person=True) == STEP
    assert pace.wait(busy, STEP, NINE, person=False) == 5 * STEP


def test_a_throttle_halves_the_pace_for_a_minute():
    """After the carrier said to slow down, parts go half as often; then as before."""
    slow = pace.slowed(Pace("line"), NINE)
    assert pace.interval(3.0, slow, NINE) == 2 * STEP
    assert pace.interval(3.0, slow, NINE + timedelta(minutes=1)) == STEP


lines = st.lists(st.tuples(st.integers(1, 8), st.integers(1, 2)), min_size=1, max_size=80)


@given(lines, st.sampled_from([1.0, 3.0]))
def test_whoever_is_let_in_is_on_time(asked, rate):
    """Sent in order of deadline, everybody in line goes before the deadline, with the margin left."""
    step, line, inside = pace.interval(rate, Pace("line"), NINE), Pace("line"), []
    for count, (minutes, parts) in enumerate(asked):
        order = pace.order_of(text(f"m_{count}"), NINE + timedelta(minutes=minutes))
        if pace.has_room(line, order, parts, step, NINE):
            line = pace.joined(line, order, parts)
            inside.append((order, parts, NINE + timedelta(minutes=minutes)))
    at = NINE
    for _, parts, deadline in sorted(inside):
        assert at + pace.MARGIN <= deadline + step * 2  # two parts where one was reckoned with
        at += step * parts


@given(st.lists(st.integers(1, 4), min_size=1, max_size=300))
def test_as_many_as_possible_are_let_in(deadlines):
    """Whatever the order they come in, no choice of texts of one length sends more of them on time."""
    step, line, count = timedelta(seconds=1), Pace("line"), 0  # as the line is planned, a twentieth kept for answers
    for at, minutes in enumerate(deadlines):
        order = pace.order_of(text(f"m_{at}"), NINE + timedelta(minutes=minutes))
        if pace.has_room(line, order, 1, step, NINE):
            line, count = pace.joined(line, order, 1), count + 1
    best = 0
    for minutes in sorted(deadlines):  # the optimum: earliest deadline first, leaving out whoever would be late
        if NINE + pace.planned(step) * best + pace.MARGIN <= NINE + timedelta(minutes=minutes):
            best += 1
    assert count == best


def test_counting_in_and_out_leaves_nothing():
    """A line that everybody left is empty, however often it is told so."""
    order = pace.order_of(text(), NINE + timedelta(minutes=5))
    line = pace.joined(pace.joined(Pace("line"), order, 2), order, 1)
    assert pace.lined_up(line) == 3
    for parts in (2, 1, 1):
        line = pace.left(line, order, parts)
    assert line.waiting == {}


def test_a_tick_for_each_text_and_none_beyond_reach():
    """Three texts want three ticks; a line longer than the queue's reach wants as many as there are turns within it."""
    line, quarter = Pace("line"), timedelta(minutes=15)
    for _ in range(3):
        line = pace.joined(line, pace.order_of(text(), NINE + quarter), 1)
    assert [pace.wants_tick(pace.ticked(line, ticks), STEP, quarter) for ticks in (0, 2, 3)] == [True, True, False]
    assert not pace.wants_tick(pace.ticked(line, 2), STEP, 2 * STEP)
    assert pace.emptied(pace.ticked(line, 3)) == Pace("line")


def test_the_order_of_the_line():
    """What people wait for, then the earliest deadline, then anything as long as it is always the same."""
    soon, late = NINE + timedelta(minutes=5), NINE + timedelta(hours=9)
    answer = text("m_9", late, permit_until=late)
    typed = text("m_8", late, author="s_1")
    orders = [
        pace.order_of(*pair) for pair in ((answer, late), (typed, late), (text("m_2"), soon), (text("m_1"), late))
    ]
    assert sorted(orders) == [orders[1], orders[0], orders[2], orders[3]]
    assert pace.place(orders[0]) == pace.place(orders[1]) == pace.PERSON
    assert int(pace.place(orders[3])) * 60 == late.timestamp()


def test_one_recipient_one_text_a_second():
    """One text a second to one phone; a clock that runs behind is no reason to wait longer than that second."""
    assert pace.until_next(None, NINE) == timedelta(0)
    assert pace.until_next(NINE - timedelta(milliseconds=400), NINE) == timedelta(milliseconds=600)
    assert pace.until_next(NINE - timedelta(seconds=2), NINE) == timedelta(0)
    assert pace.until_next(NINE + timedelta(seconds=30), NINE) == timedelta(seconds=1)


def test_times_survive_the_table():
    """Tables keep milliseconds: what is stored is never earlier than what was reckoned."""
    odd = NINE + timedelta(microseconds=334_001)
    assert pace.taken(Pace("line"), 1, STEP, odd).next_at == NINE + timedelta(milliseconds=335) + STEP
