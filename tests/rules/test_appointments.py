"""The accept rule, case by case: what an event makes of the visit that stands."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from texting.rules.appointments import (
    Accepted,
    Duplicate,
    Facts,
    HeldForPerson,
    NeedsRead,
    ReadBack,
    Stale,
    accept,
    content,
)
from texting.sources import problems
from texting.values import AppointmentEvent, Kind, Name, PatientFacts, Raw, Service, VisitState

NOW = datetime(2026, 12, 1, 17, 4, tzinfo=UTC)
START = datetime(2026, 12, 4, 21, tzinfo=UTC)
FACTS = Facts("a-1", "p-1", "n-1", "America/Chicago", "main")
ANA = PatientFacts("P-77", Name("Ana"), Name("Ruiz"), Raw("+13125550142"))
MINUTE = timedelta(minutes=1)


def event(**fields):
    said = AppointmentEvent(
        source="main",
        event_id="msg",
        appointment_id="A-1001",
        kind=Kind.BOOKED,
        status="booked",
        start=START,
        zone="America/Chicago",
        duration_minutes=45,
        patient=ANA,
        location_id="main",
        provider=Name("Dr. Lee"),
        service=Service("Glow facial"),
        sequence=1,
        updated_at=NOW,
        received_at=NOW,
        raw_sha256="",
    )
    return replace(said, **fields)


def after(*events, facts=FACTS, read_back=ReadBack.IMPOSSIBLE):
    """The visit that stands after these events, each of which must be accepted."""
    visit = None
    for said in events:
        outcome = accept(said, visit, facts, read_back)
        assert isinstance(outcome, Accepted), outcome
        visit = outcome.visit
    return visit


def second(said, first=None, facts=FACTS, read_back=ReadBack.IMPOSSIBLE):
    """What a second event comes to."""
    return accept(said, after(first or event()), facts, read_back)


def test_a_first_booking_is_taken_as_it_is():
    """The first event of a visit makes it, in epoch 1, with nothing called a change."""
    made = accept(event(), None, FACTS, ReadBack.IMPOSSIBLE)
    assert (made.kind, made.changed, made.epoch_rises, made.moved) == (Kind.BOOKED, frozenset(), False, False)
    visit = made.visit
    assert (visit.appointment_id, visit.source_id, visit.state) == ("a-1", "A-1001", VisitState.BOOKED)
    assert (visit.start, visit.epoch, visit.booked_at, visit.rev) == (START, 1, NOW, 0)


OLD, NEW, SAME = -1, 1, 0
ORDER = [
    # (sequence, minutes later) first, then of the second event; None: the source gives none
    ((1, 0), (2, 0), NEW),
    ((2, 0), (1, 0), OLD),
    ((2, 0), (1, 9), OLD),  # the version counts before the clock
    ((1, 9), (2, 0), NEW),
    ((0, None), (1, None), NEW),  # 0 is a version
    ((1, None), (0, None), OLD),
    ((1, 0), (1, 9), NEW),  # the same version, said later
    ((1, 9), (1, 0), OLD),
    ((None, 0), (None, 9), NEW),
    ((None, 9), (None, 0), OLD),
    ((1, 0), (None, 9), NEW),  # a source that stopped counting
    ((None, 9), (1, 0), OLD),
    ((1, 0), (1, 0), SAME),
    ((None, 0), (None, 0), SAME),
    ((None, None), (None, None), SAME),
    ((1, None), (None, 5), SAME),  # nothing to compare
]


def at(mark, **fields):
    sequence, minutes = mark
    return event(sequence=sequence, updated_at=None if minutes is None else NOW + minutes * MINUTE, **fields)


@pytest.mark.parametrize(("first", "then", "order"), ORDER)
def test_order_decides(first, then, order):
    """Newer is taken, older is stale, the same again is a duplicate; what cannot be told is read, or else taken."""
    later = START + timedelta(hours=1)
    expected = {NEW: Accepted, OLD: Stale, SAME: Duplicate}[order]
    assert isinstance(second(at(then), at(first)), expected)
    for read_back, unclear in [
        (ReadBack.POSSIBLE, NeedsRead),
        (ReadBack.IMPOSSIBLE, Accepted),
        (ReadBack.DONE, Accepted),
    ]:
        outcome = second(at(then, start=later), at(first), read_back=read_back)
        assert isinstance(outcome, {NEW: Accepted, OLD: Stale, SAME: unclear}[order])


def test_no_out_of_order_booking_revives_a_cancelled_visit():
    """Without order a booking after a cancellation is read, or waits for a person; the read state itself is believed."""
    gone, back = event(kind=Kind.CANCELLED, sequence=None, updated_at=None), event(sequence=None, updated_at=None)
    assert isinstance(second(back, gone, read_back=ReadBack.POSSIBLE), NeedsRead)
    assert second(back, gone) == HeldForPerson("revives_cancelled", ("revives_cancelled",), False)
    revived = second(back, gone, read_back=ReadBack.DONE)
    assert (revived.kind, revived.visit.state) == (Kind.BOOKED, VisitState.BOOKED)


def test_a_newer_version_may_revive_a_cancelled_visit():
    """Un-cancelling is legal everywhere, and since nothing else changed the plan is the old one."""
    back = second(event(sequence=3), event(kind=Kind.CANCELLED, sequence=2))
    assert (back.kind, back.visit.state, back.epoch_rises) == (Kind.BOOKED, VisitState.BOOKED, False)


def test_a_cancellation_before_its_booking_is_remembered():
    """When the cancellation overtakes the booking, the late booking is stale and nobody is reminded."""
    gone = accept(event(kind=Kind.CANCELLED, start=None, patient=None, sequence=2), None, FACTS, ReadBack.IMPOSSIBLE)
    assert gone.visit.state is VisitState.CANCELLED
    assert accept(event(sequence=1), gone.visit, FACTS, ReadBack.IMPOSSIBLE) == Stale()


@pytest.mark.parametrize(
    ("before", "kind", "state", "judged"),
    [
        (Kind.BOOKED, Kind.UPDATED, VisitState.BOOKED, Kind.UPDATED),
        (Kind.BOOKED, Kind.RESCHEDULED, VisitState.BOOKED, Kind.UPDATED),  # the start did not move
        (Kind.BOOKED, Kind.CONFIRMED, VisitState.CONFIRMED, Kind.CONFIRMED),
        (Kind.BOOKED, Kind.ARRIVED, VisitState.ARRIVED, Kind.ARRIVED),
        (Kind.BOOKED, Kind.NO_SHOW, VisitState.NO_SHOW, Kind.NO_SHOW),
        (Kind.BOOKED, Kind.DELETED, VisitState.CANCELLED, Kind.DELETED),
        (Kind.BOOKED, Kind.REQUESTED, VisitState.REQUESTED, Kind.REQUESTED),
        (Kind.CONFIRMED, Kind.BOOKED, VisitState.CONFIRMED, Kind.UPDATED),  # a confirmation survives
        (Kind.CONFIRMED, Kind.UPDATED, VisitState.CONFIRMED, Kind.UPDATED),
        (Kind.CONFIRMED, Kind.CANCELLED, VisitState.CANCELLED, Kind.CANCELLED),
        (Kind.REQUESTED, Kind.BOOKED, VisitState.BOOKED, Kind.BOOKED),
        (Kind.NO_SHOW, Kind.NO_SHOW_UNDONE, VisitState.BOOKED, Kind.NO_SHOW_UNDONE),
        (Kind.NO_SHOW, Kind.BOOKED, VisitState.BOOKED, Kind.NO_SHOW_UNDONE),
        (Kind.NO_SHOW, Kind.ARRIVED, VisitState.ARRIVED, Kind.ARRIVED),  # late, but there
        (Kind.ARRIVED, Kind.COMPLETED, VisitState.COMPLETED, Kind.COMPLETED),
        (Kind.ARRIVED, Kind.BOOKED, VisitState.BOOKED, Kind.UPDATED),  # checked in by mistake
        (Kind.COMPLETED, Kind.CANCELLED, VisitState.CANCELLED, Kind.CANCELLED),
        (Kind.CANCELLED, Kind.UPDATED, VisitState.CANCELLED, Kind.UPDATED),  # an update alone revives nothing
        (Kind.CANCELLED, Kind.RESCHEDULED, VisitState.BOOKED, Kind.BOOKED),
    ],
)
def test_states_follow_from_newer_events(before, kind, state, judged):
    """Each newer event leads to its one state, and its kind is judged by what changed."""
    outcome = second(event(kind=kind, sequence=2), event(kind=before))
    assert (outcome.visit.state, outcome.kind) == (state, judged)


@pytest.mark.parametrize("kind", [Kind.UPDATED, Kind.RESCHEDULED, Kind.NO_SHOW_UNDONE])
def test_a_change_before_its_booking_is_the_booking(kind):
    """Whatever the first news of a visit calls itself, it is a booking."""
    assert accept(event(kind=kind), None, FACTS, ReadBack.IMPOSSIBLE).kind is Kind.BOOKED


@pytest.mark.parametrize("label", [Kind.BOOKED, Kind.UPDATED, Kind.RESCHEDULED])
def test_another_start_is_a_move_whatever_it_is_called(label):
    """A start that moves makes a rescheduling of any label, starts a new plan and must be told."""
    moved = second(event(kind=label, sequence=2, start=START + timedelta(days=1)))
    assert (moved.kind, moved.epoch_rises, moved.moved, moved.visit.epoch) == (Kind.RESCHEDULED, True, True, 2)
    assert moved.changed == {"start"}


@pytest.mark.parametrize(
    ("fields", "facts", "changed", "rises", "moved"),
    [
        ({"provider": Name("Dr. Kim")}, {}, "provider", False, False),
        ({"service": Service("Peel")}, {}, "service", False, False),
        ({"duration_minutes": 60}, {}, "duration", False, False),
        ({"zone": "America/Denver"}, {"zone": "America/Denver"}, "zone", True, True),
        ({"location_id": "north"}, {"location_id": "north"}, "place", True, True),
        ({"patient": replace(ANA, ref="P-78")}, {"patient_id": "p-2"}, "patient", True, False),
        ({"patient": replace(ANA, phone=Raw("+13125550143"))}, {"number_id": "n-2"}, "number", True, False),
        ({"patient": replace(ANA, phone=Raw("call me"))}, {"number_id": None}, "number", True, False),
    ],
)
def test_what_starts_a_new_plan(fields, facts, changed, rises, moved):
    """Only time, zone, place, patient and number start a new plan; a new room or provider says nothing twice."""
    outcome = second(event(sequence=2, **fields), facts=replace(FACTS, **facts))
    assert (outcome.changed, outcome.epoch_rises, outcome.moved) == ({changed}, rises, moved)
    assert outcome.visit.epoch == 1 + rises


def test_moved_there_and_back_is_two_moves():
    """Back at the first time the patient needs telling again, so each move has an epoch of its own."""
    visit = after(event(), event(sequence=2, start=START + timedelta(days=1)), event(sequence=3))
    assert (visit.epoch, visit.start) == (3, START)


def test_a_confirmation_ends_with_the_time_it_was_for():
    """Confirmed for Friday is not confirmed for Saturday, even where the source carries its flag along."""
    confirmed, saturday = event(kind=Kind.CONFIRMED), START + timedelta(days=1)
    for kind in (Kind.BOOKED, Kind.UPDATED, Kind.CONFIRMED):
        moved = second(event(kind=kind, sequence=2, start=saturday), confirmed).visit
        assert (moved.state, moved.confirmed_at) == (VisitState.BOOKED, None)


def test_another_patient_has_confirmed_nothing():
    """The confirmation was somebody else's."""
    other = event(sequence=2, patient=replace(ANA, ref="P-78"))
    visit = second(other, event(kind=Kind.CONFIRMED), facts=replace(FACTS, patient_id="p-2")).visit
    assert (visit.state, visit.confirmed_at) == (VisitState.BOOKED, None)


def test_a_confirmation_does_not_outlive_a_cancellation():
    """Un-cancelled, the visit is asked about again."""
    visit = after(event(kind=Kind.CONFIRMED), event(kind=Kind.CANCELLED, sequence=2), event(sequence=3))
    assert (visit.state, visit.confirmed_at) == (VisitState.BOOKED, None)


def test_a_request_that_becomes_a_booking_is_the_first_plan():
    """Nothing was said while it was only requested, so the booking is told as a booking, at whatever time."""
    requested = event(kind=Kind.REQUESTED, start=None)
    made = second(event(sequence=2), requested)
    assert (made.kind, made.epoch_rises, made.moved, made.visit.epoch) == (Kind.BOOKED, False, False, 1)


def test_what_an_event_leaves_out_stays_as_it_was():
    """A cancellation or update with ids only changes nothing else of the visit, and raises no epoch."""
    bare = {"start": None, "zone": None, "duration_minutes": None, "patient": None, "location_id": None}
    facts = Facts("a-1", "", None, "America/New_York", "first")
    for kind in (Kind.CANCELLED, Kind.UPDATED):
        outcome = second(event(kind=kind, sequence=2, provider=None, service=None, **bare), facts=facts)
        assert outcome.changed <= {"state"}
        assert not outcome.epoch_rises
    silent = event(sequence=2, patient=PatientFacts("P-77"))  # the patient without a number: no news of it
    assert second(silent, facts=replace(FACTS, number_id=None)).visit.number_id == "n-1"


@pytest.mark.parametrize("code", sorted(set(problems.SENTENCES) - {problems.PATIENT_DIED}))
def test_a_doubtful_visit_waits_for_a_person(code):
    """A problem holds a booking, and stops the plan of a visit that stood; nothing is stored meanwhile."""
    doubtful = event(sequence=2, problems=(code,))
    assert accept(doubtful, None, FACTS, ReadBack.IMPOSSIBLE) == HeldForPerson(code, (code,), False)
    assert second(doubtful) == HeldForPerson(code, (code,), True)


@pytest.mark.parametrize("kind", [Kind.CANCELLED, Kind.DELETED, Kind.NO_SHOW, Kind.ARRIVED, Kind.COMPLETED])
def test_an_end_is_never_held(kind):
    """That a visit is off or over is believed whatever else is wrong: doubt must not keep texts going."""
    assert isinstance(second(event(kind=kind, sequence=2, problems=("zone_unknown",))), Accepted)


@pytest.mark.parametrize(
    ("fields", "code"),
    [({"start": None}, problems.START_MISSING), ({"patient": None, "kind": Kind.UPDATED}, problems.PATIENT_MISSING)],
)
def test_nothing_is_planned_for_nobody_or_never(fields, code):
    """A first event without a start or a patient waits, even where its source saw nothing wrong."""
    assert accept(event(**fields), None, FACTS, ReadBack.IMPOSSIBLE).reason == code


@pytest.mark.parametrize(
    "fields", [{"patient": replace(ANA, deceased=True)}, {"patient": None, "problems": (problems.PATIENT_DIED,)}]
)
def test_a_death_stops_everything(fields):
    """Whether the record or the reason says so, the answer says that the patient has died."""
    assert second(event(kind=Kind.CANCELLED, sequence=2, **fields)).patient_died
    assert second(event(sequence=2, problems=(problems.PATIENT_DIED,))).patient_died


def test_a_start_in_the_past_is_taken():
    """What is over is stored like anything else; that nothing is planned for it is the plan's business."""
    assert after(event(start=NOW - timedelta(days=1))).state is VisitState.BOOKED


def test_content_is_what_is_said_and_not_how():
    """Ids, versions, times of sending and the status word do not make another content; every fact does."""
    how = {"event_id": "x", "sequence": 9, "updated_at": None, "received_at": START, "raw_sha256": "x", "status": "x"}
    assert content(event(**how)) == content(event())
    whats = {"start": None, "zone": None, "kind": Kind.UPDATED, "duration_minutes": 5, "location_id": "x"}
    whats |= {"provider": None, "service": None, "problems": ("x",), "patient": replace(ANA, language="es")}
    assert len({content(event(**{name: value})) for name, value in whats.items()} | {content(event())}) == 10


@given(
    st.permutations(range(1, 6)),
    st.lists(st.sampled_from(list(Kind)), min_size=5, max_size=5),
    st.lists(st.integers(0, 2), min_size=5, max_size=5),
)
def test_any_order_of_arrival_ends_with_the_newest_version(order, kinds, days):
    """However versioned events overtake each other, the visit ends with the newest one's version, start and end."""
    visit = None
    for version in [*order, *order]:
        said = event(sequence=version, kind=kinds[version - 1], start=START + timedelta(days=days[version - 1]))
        outcome = accept(said, visit, FACTS, ReadBack.IMPOSSIBLE)
        visit = outcome.visit if isinstance(outcome, Accepted) else visit
    assert (visit.sequence, visit.start) == (5, START + timedelta(days=days[4]))
    if kinds[4] in (Kind.CANCELLED, Kind.DELETED):
        assert visit.state is VisitState.CANCELLED
