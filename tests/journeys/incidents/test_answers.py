"""Incidents of answers: twice, in a loop, from a shared phone, at night, unanswered (C15–C16, C19–C21, C31, C40)."""

from datetime import timedelta

import pytest
from texting.values import PhoneNumber

from tests.journeys.stories import ANA, BEN


def number(p, phone=ANA):
    return p.world.store.number(p.world.ids.number_id(PhoneNumber(phone)))


def states(p):
    return sorted(str(p.world.store.visit(p.world.ids.appointment_id("main", one)).state) for one in ("A-1", "A-2"))


@pytest.mark.parametrize(("words", "replies"), [("STOP", 1), ("Is there parking?", 1), ("C", 1)])
def test_c15_a_text_delivered_three_times_has_one_effect(reminded, words, replies):
    """C15: the carrier's id is written in the transaction of the first delivery's effects; the others find it."""
    for _ in range(3):
        reminded.texts(words, inbound="same")
    assert len(reminded.runs()) == replies
    tasks = reminded.tasks()
    reminded.texts(words, inbound="same")
    assert reminded.tasks() == tasks
    assert reminded.runs() == []


def test_c16_two_machines_answering_each_other_fall_silent(p):
    """C16: after four replies in an hour a number gets no more of them, and every text still waits for a person."""
    sent = 0
    for turn in range(25):
        p.now += timedelta(minutes=1)
        p.texts(f"We got your text number {turn} and will come back to you. Is that fine?")
        sent += len(p.runs())
    assert sent <= 4
    assert len(p.tasks()) == 25


@pytest.mark.parametrize("sender", ["72345", "GLOWNEWS"])
def test_c16_senders_that_are_no_phone_are_never_answered(p, sender):
    """C16: a short code or a name is kept and shown to people, and nothing is sent."""
    assert p.texts("Reply YES to win", phone=sender) == "not_a_phone"
    assert p.later(hours=1) == []
    assert p.tasks() == ["unknown_number"]


def test_c19_one_phone_two_visits_are_told_apart_by_a_code(p):
    """C19: "yes" changes neither visit; the question names no patient; the code changes exactly the one it names."""
    p.hears("A-1", "P-1")
    p.hears("A-2", "P-2", start="2026-12-12T09:00:00-06:00")
    p.later(hours=1)
    assert p.texts("yes") == "asked_which"
    assert states(p) == ["booked", "booked"]
    (question,) = p.runs()
    assert "Ana" not in question
    p.texts("2")
    assert states(p) == ["booked", "confirmed"]


def test_c20_consent_does_not_travel_to_another_number(p):
    """C20: it was given for a number; a new one starts as never asked, and nothing is inferred from the old one."""
    p.hears()
    p.runs()
    p.hears(version=2, kind="updated", phone=BEN)
    assert p.later(days=12) == []
    assert "no_consent" in p.why()


def test_c20_a_number_said_to_be_somebody_elses_waits_for_staff(p):
    """C20: "wrong number" is the sign of a recycled one we can see: nothing more goes to it, for any patient on it."""
    p.hears("A-1", "P-1")
    p.hears("A-2", "P-2", start="2026-12-14T09:00:00-06:00")
    p.later(hours=1)
    p.texts("sorry, wrong number")
    assert p.later(days=14) == []
    assert number(p).suspended == "wrong_number"


def test_c21_a_wrong_number_is_answered_by_silence_and_a_task(reminded):
    """C21: no reply could be right; the number is suspended and a person looks."""
    assert reminded.texts("wrong number") == "wrong_number"
    assert reminded.later(days=3) == []
    assert "wrong_number" in reminded.tasks()
    assert reminded.why()[-1] == "suspended"


def test_c31_a_question_has_a_queue_and_a_clock_not_a_person_who_went_home(p):
    """C31: what waits belongs to a queue of people, is due in the practice's time to answer, and stays open until done."""
    p.texts("Is there parking?")
    (task,) = p.world.store.open_tasks()
    assert task.queue == "front_desk"
    assert task.owner == ""
    assert task.due - task.opened_at == timedelta(minutes=p.world.practice.answering.minutes_to_answer)
    p.later(days=7)
    assert [one.due < p.now for one in p.world.store.open_tasks()] == [True]


@pytest.mark.parametrize("stopped", [False, True])
def test_c40_an_emergency_at_night_is_answered_at_once(p, stopped):
    """C40: at three in the morning, and even to a number that opted out: 911, at once, and staff are due now."""
    if stopped:
        p.texts("STOP")
        p.runs()
    p.now += timedelta(hours=15)
    assert p.texts("my throat is closing and I can't breathe") == "emergency"
    (reply,) = p.runs()
    assert "911" in reply
    (task,) = [one for one in p.world.store.open_tasks() if one.kind == "emergency"]
    assert (task.queue, task.due) == ("clinical", p.now)
