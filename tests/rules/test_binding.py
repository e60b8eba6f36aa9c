"""Which visit an answer means, and that it never means one it did not uniquely name."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from texting.rules.binding import bind
from texting.values import Visit, VisitState

NOW = datetime(2026, 12, 1, 16, 0, tzinfo=UTC)


def visit(name, days=3, state=VisitState.BOOKED):
    start = NOW + timedelta(days=days)
    return Visit(name, "main", name, "p", "n", state, start, "America/Chicago", "main", 30, None, None, 1, NOW, "h")


def bound(visits, asked=(), choices=(), options=(), asked_at=NOW):
    return bind(visits, frozenset(asked), choices, options, asked_at, NOW)


def test_the_one_visit_we_asked_about_is_meant():
    """Two visits ahead, one asked about: the answer is to the question."""
    assert bound([visit("a"), visit("b", 9)], asked=["a"]).visit == visit("a")


def test_two_open_questions_bind_to_neither():
    """Mother and child on one phone, both asked: no visit is touched, both are named to a person."""
    found = bound([visit("a"), visit("b")], asked=["a", "b"])

    assert found.visit is None
    assert [one.appointment_id for one in found.several] == ["a", "b"]


def test_a_confirmed_visit_does_not_compete_with_the_open_question():
    """The reminder for b is what the patient answers; a was settled before."""
    settled = visit("a", state=VisitState.CONFIRMED)

    assert bound([settled, visit("b")], asked=["a", "b"]).visit == visit("b")


def test_an_unasked_answer_means_the_only_visit_there_is():
    """One visit ahead, nothing asked: it can mean nothing else."""
    assert bound([visit("a")]).visit == visit("a")


def test_past_cancelled_and_far_visits_are_never_meant():
    """Only what still stands and lies ahead can be answered."""
    gone = [visit("a", -1), visit("b", state=VisitState.CANCELLED), visit("c", 60)]

    assert bound(gone).visit is None
    assert bound(gone).several == ()


def test_a_short_code_names_its_visit_for_a_day():
    """Codes are 1, 2, … in the order they were listed, and are forgotten after 24 hours."""
    pair = [visit("a"), visit("b")]

    assert bound(pair, choices=["a", "b"], options=["2"]).visit == visit("b")
    assert bound(pair, choices=["a", "b"], options=["C1"]).visit == visit("a")
    stale = NOW - timedelta(hours=25)
    assert bound(pair, choices=["a", "b"], options=["2"], asked_at=stale).visit is None


def test_two_codes_or_an_unknown_one_settle_nothing():
    """An answer that names two codes goes to a person."""
    pair = [visit("a"), visit("b")]

    assert bound(pair, choices=["a", "b"], options=["1", "2"]).visit is None
    assert bound(pair, choices=["a", "b"], options=["7"]).visit is None


@given(st.lists(st.sampled_from("abcdef"), unique=True, min_size=2), st.data())
def test_no_answer_without_a_code_binds_among_several_open_questions(names, data):
    """Household property: with two or more open questions and no code, nothing is ever bound."""
    asked = data.draw(st.lists(st.sampled_from(names), unique=True, min_size=2))

    assert bound([visit(name) for name in names], asked=asked).visit is None
