"""Disposal of closed tasks: after their years, by their patient's clocks, never under a hold."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from texting.aws.disposal import Shredder
from texting.flows import legal_hold
from texting.flows.tasks import close_task, new_task
from texting.records import Disposing
from texting.writes import Change

from tests.aws.ledger_world import Died
from tests.flows.test_dispose import DUE, GONE, LAWYER, certificates, night, visited
from tests.flows.test_dispose_work import CLOSED, closed, kept
from tests.journeys.stories import ANA, NOON


@pytest.fixture
def practice(practice):
    """A practice whose nights have passed until December 2026."""
    practice.world.store.commit(Change(Disposing(mark="2026-12")))
    return practice


def test_a_closed_task_goes_ten_years_after_it_was_closed(practice):
    """Not a day earlier, and with a certificate; an open one stays."""
    task_id = closed(practice)
    open_task, entry = new_task(practice.world, "unclear_visit", NOON, once="open")
    practice.world.store.commit(open_task, entry)
    assert night(practice, CLOSED - timedelta(days=1)).erased == 0
    assert night(practice, CLOSED).erased == 1
    assert kept(practice, "TASK") == [f"T#{open_task.record.task_id}"]
    assert practice.world.store.task(task_id) is None
    (done,) = certificates("closed_tasks")
    assert (done.count, done.kept, done.method) == (1, 0, "items_deleted")


def test_a_longer_setting_keeps_tasks_longer(practice):
    """The period is the practice's, and holds for tasks that were closed before it was changed."""
    closed(practice)
    longer = practice.world.practice.retention.model_copy(update={"task_years": 15})
    settings = practice.world.practice.model_copy(update={"retention": longer})
    practice.world = replace(practice.world, practice=settings)
    assert night(practice, CLOSED).put_off == 1
    assert night(practice, CLOSED.replace(year=2041)).erased == 1


def test_a_task_about_a_child_waits_for_the_birthday(practice):
    """How a minor was answered is kept as long as what the minor wrote."""
    practice.hears(patient={"birth_date": "2015-03-09"})
    patient_id = practice.world.ids.patient_id("main", "P-1")
    task_id = closed(practice, patient_id=patient_id)
    night(practice, CLOSED)
    night(practice, datetime(2043, 3, 9, 18, tzinfo=UTC))
    assert practice.world.store.task(task_id) is not None
    night(practice, datetime(2043, 3, 10, 18, tzinfo=UTC))
    assert practice.world.store.task(task_id) is None


def test_without_a_birth_date_the_patient_may_have_been_a_newborn(practice):
    """As of all records: twenty-eight years, as long as the patient is known; of one who is gone, an adult's ten."""
    patient_id = practice.consents("P-1", ANA)
    hers = closed(practice, patient_id=patient_id)
    closed(practice, patient_id="p_" + "7" * 32)
    night(practice, CLOSED)
    assert kept(practice, "TASK") == [f"T#{hers}"]
    night(practice, CLOSED.replace(year=2054, day=1))
    assert practice.world.store.task(hers) is not None


def test_a_hold_keeps_the_tasks_it_covers_and_those_of_nobody(practice):
    """A hold on one patient keeps her tasks and those about nobody known, and lets another patient's go."""
    first, other = practice.consents("P-1", ANA), practice.consents("P-2", "+13125550143")
    practice.hears(ref="P-1")
    practice.hears(appointment="A-2", ref="P-2", phone="+13125550143")
    hers, nobodys, others = closed(practice, patient_id=first), closed(practice), closed(practice, patient_id=other)
    hold = legal_hold.place_hold(practice.world, first, LAWYER, NOON)
    night(practice, CLOSED)
    assert set(kept(practice, "TASK")) == {f"T#{hers}", f"T#{nobodys}"}
    assert practice.world.store.task(others) is None
    legal_hold.release_hold(practice.world, first, hold, LAWYER, CLOSED)
    night(practice, CLOSED + timedelta(days=30))
    assert kept(practice, "TASK") == []


def test_a_hold_at_the_last_moment_keeps_a_task(practice, monkeypatch):
    """Placed between the intent and the deed, on the patient alone, it is honoured."""
    practice.hears()
    patient_id = practice.world.ids.patient_id("main", "P-1")
    task_id = closed(practice, patient_id=patient_id)
    real, placed = Shredder.erase, []

    def meanwhile(self, found, owner, year, unchanged):
        if owner == "" and not placed:
            placed.append(legal_hold.place_hold(practice.world, patient_id, LAWYER, CLOSED))
        real(self, found, owner, year, unchanged)

    monkeypatch.setattr(Shredder, "erase", meanwhile)
    night(practice, CLOSED)
    assert placed
    assert practice.world.store.task(task_id) is not None


def test_what_time_does_not_allow_waits(practice):
    """A night that runs out of time leaves the rest, and the month, to the next."""
    closed(practice)
    assert not night(practice, CLOSED, has_time=lambda: False).finished
    assert practice.world.store.disposing().mark == "2026-12"
    assert night(practice, CLOSED).finished


def test_what_an_open_task_is_about_stays_until_it_is_closed(practice):
    """Ten years on nobody has answered her: texts, visit and name are there, and go once somebody has seen to the task."""
    patient_id = visited(practice)
    practice.texts("Can my sister come along?")
    practice.runs()
    [task] = practice.world.store.open_tasks()
    late = DUE + timedelta(days=10)

    assert night(practice, late).erased == 0
    assert practice.world.store.patient(patient_id) is not None
    assert practice.world.store.timeline(task.thread_id)

    close_task(practice.world, task.task_id, "done", LAWYER, late)
    night(practice, late + timedelta(days=32))
    assert practice.world.store.patient(patient_id) is None
    assert practice.world.store.timeline(task.thread_id) == ()


def test_a_strangers_text_stays_while_it_waits_for_somebody(practice):
    """From a number nobody is known by: its texts lie under the number, which the task keeps."""
    assert practice.texts("hello, are you open on sunday?") == "waiting_for_staff"
    practice.runs()
    [task] = practice.world.store.open_tasks()

    night(practice, GONE)
    assert practice.world.store.timeline(task.thread_id)
    close_task(practice.world, task.task_id, "done", LAWYER, GONE)
    night(practice, GONE + timedelta(days=32))
    assert practice.world.store.timeline(task.thread_id) == ()


def _dies(*_):
    raise Died


def test_a_task_opened_after_the_intent_stops_the_erasing(practice, monkeypatch):
    """The night wrote down what it was about to erase, and died; before the next one somebody had a task to do."""
    patient_id = visited(practice)
    with monkeypatch.context() as patch:
        patch.setattr(Shredder, "erase", _dies)
        with pytest.raises(Died):
            night(practice, DUE)
    assert practice.world.store.disposing().intent
    practice.world.store.commit(*new_task(practice.world, "answer", DUE, once="late", patient_id=patient_id))

    night(practice, DUE + timedelta(days=1))
    assert practice.world.store.patient(patient_id) is not None
    assert not practice.world.store.disposing().intent
