"""The journey of a patient's text: acted on once, answered at most once, owned always."""

from datetime import timedelta

import pytest
from texting.flows.change_consent import standing_of
from texting.flows.staff_requests import TextAsked
from texting.flows.write_to_patient import Accepted, write_text
from texting.values import Category, PhoneNumber

from tests.journeys.stories import ANA, BEN


def test_stop_is_confirmed_once_and_ends_everything(practice):
    """P2: one confirmation by permit, every category revoked, the next reminder refused with the sentence why."""
    patient_id = practice.consents("P-1", ANA)
    practice.hears()
    practice.runs()

    assert practice.texts("STOP") == "opted_out"
    assert len(practice.runs()) == 1
    assert practice.texts("stop!!") == "already_stopped"
    assert practice.runs() == []
    assert practice.later(days=9) == []
    assert practice.why()[-1] == "stopped"
    assert standing_of(practice.world, patient_id)["appointments"] == "revoked"


def test_start_restores_exactly_what_stop_ended(practice):
    """A category revoked before the STOP stays revoked after START."""
    patient_id = practice.consents("P-1", ANA, [Category.APPOINTMENTS])
    practice.texts("STOP")

    assert practice.texts("START") == "opted_in"
    standing = standing_of(practice.world, patient_id)
    assert (standing["appointments"], standing["billing"]) == ("granted", "never")


def test_the_same_inbound_twice_has_one_effect_and_one_reply(practice):
    """C15: SNS delivers at least once; the reply's id is the same and is claimed once."""
    practice.consents("P-1", ANA)
    practice.texts("STOP", inbound="x")
    practice.texts("STOP", inbound="x")

    assert len(practice.runs()) == 1


def test_stop_reaches_every_patient_on_the_phone(practice):
    """STOP acts on the number: mother and child alike."""
    mother, child = practice.consents("P-1", ANA), practice.consents("P-2", ANA)
    practice.texts("STOP")

    assert {standing_of(practice.world, one)["appointments"] for one in (mother, child)} == {"revoked"}


def test_a_household_is_asked_which_visit_and_its_code_settles_it(practice):
    """C19: two open visits on one phone: no names, short codes, and only the named visit changes."""
    for ref, appointment in (("P-1", "A-1"), ("P-2", "A-2")):
        practice.consents(ref, ANA)
        practice.hears(appointment, ref)
    practice.runs()

    assert practice.texts("yes") == "asked_which"
    (question,) = practice.runs()
    assert "Ana" not in question
    assert practice.texts("2") == "confirmed"
    states = [
        practice.world.store.visit(practice.world.ids.appointment_id("main", one)).state for one in ("A-1", "A-2")
    ]
    assert sorted(states) == ["booked", "confirmed"]


def test_bare_cancel_stops_texts_and_raises_the_visit(practice):
    """C5: the law's word is honoured, the visit is flagged, and the confirmation says how to cancel it."""
    practice.consents("P-1", ANA)
    practice.hears()
    practice.runs()

    assert practice.texts("Cancel") == "opted_out"
    (reply,) = practice.runs()
    assert "312-555-0100" in reply
    assert practice.tasks() == ["cancel_word"]


def test_cancelling_a_visit_is_not_an_opt_out(practice):
    """The visit stands until the scheduling system says otherwise; people and the system are told."""
    practice.consents("P-1", ANA)
    practice.hears()
    practice.runs()

    assert practice.texts("I need to cancel my appointment on friday") == "cancel_requested"
    assert len(practice.runs()) == 1
    assert practice.tasks() == ["cancel_visit"]
    assert practice.lists.told[0][0] == "visit.cancel_requested"
    assert practice.lists.told[0][1]["appointment_id"] == "A-1"


@pytest.mark.parametrize("request_", ["I need to cancel my appointment on friday", "can I come another day?"])
def test_an_ok_to_our_answer_takes_no_request_back(practice, request_):
    """ "We told the front desk", "ok": the visit is not confirmed, a person reads it, and a typed C still confirms."""
    practice.consents("P-1", ANA)
    practice.hears()
    practice.runs()
    practice.texts(request_)
    practice.runs()

    assert practice.texts("ok") == "acknowledged"
    assert practice.runs() == []
    assert "answer" in practice.tasks()
    assert "visit.confirmed" not in [name for name, _ in practice.lists.told]
    assert practice.texts("C") == "confirmed"


def test_a_yes_to_what_we_wrote_after_a_request_confirms_again(practice):
    """A reminder sent after the request asks anew, and is answered by any yes."""
    practice.consents("P-1", ANA)
    practice.hears()
    practice.runs()
    practice.texts("can I come another day?")
    assert practice.later(days=9)

    assert practice.texts("ok, see you then") == "confirmed"


def _writes(practice, words, phone=ANA, ref="P-1"):
    """Staff write to a patient, and the text leaves."""
    ids = practice.world.ids
    thread = ids.thread_id(ids.patient_id("main", ref), ids.number_id(PhoneNumber(phone)))
    written = write_text(practice.world, thread, TextAsked(body=words, author="front-desk-1"), practice.now)
    assert isinstance(written, Accepted)
    assert practice.runs() == [words]
    practice.now += timedelta(minutes=1)


@pytest.mark.parametrize(
    "answer",
    ["great!", "ok", "👍", "Great thanks", "yes", "k", "Y", "1", "ok see you then", "No", "No, we have one", "n", "2"],
)
def test_a_yes_or_no_to_what_a_person_wrote_is_for_that_person(practice, answer):
    """It keeps and drops no visit, no machine talks in between, and a person reads it."""
    practice.consents("P-1", ANA)
    practice.hears()
    practice.runs()
    _writes(practice, "Do you need a parking permit?")

    assert practice.texts(answer) == "acknowledged"
    assert practice.runs() == []
    assert practice.tasks() == ["answer"]
    assert practice.lists.told == []


@pytest.mark.parametrize("answer", ["C", "c.", "CONFIRM", "Confirm please", "C1", "Sí, confirmo"])
def test_our_own_code_means_the_visit_whoever_wrote_last(practice, answer):
    """A typed C answers the reminder, after a person's text too."""
    practice.consents("P-1", ANA)
    practice.hears()
    practice.runs()
    _writes(practice, "Do you need a parking permit?")

    assert practice.texts(answer) == "confirmed"


def test_a_yes_to_a_reminder_that_came_after_a_person_wrote_is_for_the_reminder(practice):
    """What was said last is what is answered."""
    practice.consents("P-1", ANA)
    practice.hears()
    practice.runs()
    _writes(practice, "Do you need a parking permit?")
    assert practice.later(days=9)

    assert practice.texts("great!") == "confirmed"


def test_a_request_in_plain_words_stands_whoever_wrote_last(practice):
    """Only a bare no belongs to the person: a visit cancelled in words is cancelled in words."""
    practice.consents("P-1", ANA)
    practice.hears()
    practice.runs()
    _writes(practice, "Do you need a parking permit?")

    assert practice.texts("I need to cancel my appointment on friday") == "cancel_requested"


def test_a_household_is_not_asked_which_visit_after_a_person_wrote(practice):
    """Two visits on one phone: "great!" to the front desk is no answer about either."""
    for ref, appointment in (("P-1", "A-1"), ("P-2", "A-2")):
        practice.consents(ref, ANA)
        practice.hears(appointment, ref)
    practice.runs()
    _writes(practice, "Do you need a parking permit?")

    assert practice.texts("great!") == "acknowledged"
    assert practice.runs() == []


@pytest.mark.parametrize("answer", ["ok", "great thanks", "👍", "Muy bien, gracias"])
def test_an_ok_to_an_answer_of_ours_confirms_nothing(practice, answer):
    """ "A person will answer", "ok": that is no word about the visit, and waits for nobody; the question does."""
    practice.consents("P-1", ANA)
    practice.hears()
    practice.runs()
    practice.texts("Is there parking?")
    practice.runs()

    assert practice.texts(answer) == "acknowledged"
    assert practice.runs() == []
    assert practice.tasks() == ["answer"]


@pytest.mark.parametrize("answer", ["yes", "I'll be there", "C", "confirmed"])
def test_a_clear_yes_confirms_after_an_answer_of_ours(practice, answer):
    """Our answer asked nothing: a yes is still the reminder's."""
    practice.consents("P-1", ANA)
    practice.hears()
    practice.runs()
    practice.texts("Is there parking?")
    practice.runs()

    assert practice.texts(answer) == "confirmed"


def test_a_thumb_on_what_a_person_wrote_is_put_before_people(practice):
    """A tapback answers the text it stands on; on a reminder it says nothing that we take for a word."""
    practice.consents("P-1", ANA)
    practice.hears()
    practice.runs()
    assert practice.texts("Liked “Glow: You're booked”") == "tapback"
    assert practice.tasks() == []
    _writes(practice, "Do you need a parking permit?")

    assert practice.texts("Liked “Do you need a parking permit?”") == "tapback"
    assert practice.tasks() == ["answer"]


@pytest.mark.parametrize("words", ["Do you have parking? Thanks", "My insurance is Aetna, thank you"])
def test_a_thank_you_behind_a_question_hides_it_from_nobody(practice, words):
    """P10: only a text that says thanks and nothing else waits for nobody."""
    practice.consents("P-1", ANA)

    assert practice.texts(words) == "waiting_for_staff"
    assert practice.tasks() == ["answer"]


@pytest.mark.parametrize("words", ["thanks!", "Thank you so much", "muchas gracias", "thanks for the reminder", "🙏"])
def test_a_thank_you_alone_waits_for_nobody(practice, words):
    """No task and no reply for a thank you."""
    practice.consents("P-1", ANA)

    assert practice.texts(words) == "thanks"
    assert practice.tasks() == []
    assert practice.runs() == []


def test_a_wrong_number_silences_everything(practice):
    """C21: no reply at all, and nothing more until staff have looked."""
    practice.consents("P-1", ANA)
    practice.hears()
    practice.runs()

    assert practice.texts("wrong number") == "wrong_number"
    assert practice.runs() == []
    assert practice.later(days=9) == []
    assert practice.why()[-1] == "suspended"
    assert practice.tasks() == ["wrong_number"]


@pytest.mark.parametrize("stops", [False, True])
def test_a_start_after_wrong_number_is_told_that_staff_look_first(practice, stops):
    """Neither HELP nor "you'll get texts again" would be so; a STOP it gave as well ends, and nothing else goes."""
    practice.consents("P-1", ANA)
    practice.hears()
    practice.runs()
    practice.texts("wrong number")
    if stops:
        practice.texts("STOP")
        practice.runs()

    assert practice.texts("START") == ("opted_in" if stops else "start_waits")
    (reply,) = practice.runs()
    assert "our staff must look at it" in reply
    assert "start_waits" in practice.tasks()
    assert practice.later(days=9) == []


def test_an_emergency_is_answered_even_after_stop(practice):
    """The safety reply goes to opted-out numbers too, and staff are told at once."""
    practice.consents("P-1", ANA)
    practice.texts("STOP")
    practice.runs()

    assert practice.texts("I can't breathe and my throat is closing") == "emergency"
    (reply,) = practice.runs()
    assert "911" in reply
    (task,) = [task for task in practice.world.store.open_tasks() if task.kind == "emergency"]
    assert task.due == task.opened_at


def test_words_of_suicide_are_answered_with_the_crisis_line(practice):
    """988 is who can help there, day or night, after STOP too; a body in danger is answered with 911."""
    practice.consents("P-1", ANA)
    practice.texts("STOP")
    practice.runs()

    assert practice.texts("I don't want to live anymore") == "emergency"
    (reply,) = practice.runs()
    assert "988" in reply
    practice.now += timedelta(minutes=1)
    practice.texts("I took the whole bottle of pills")
    (reply,) = practice.runs()
    assert "988" not in reply
    assert "911" in reply


def test_a_question_is_owned_and_the_risk_is_told_once(practice):
    """Every inbound ends with a named queue and a clock; the warning goes once."""
    practice.consents("P-1", ANA)

    assert practice.texts("Do you have parking?") == "waiting_for_staff"
    (first,) = practice.runs()
    practice.now += timedelta(hours=2)
    practice.texts("And is there a lift?")
    (second,) = practice.runs()
    assert "not private" in first
    assert "not private" not in second
    assert practice.tasks() == ["answer", "answer"]


def test_two_machines_talking_fall_silent(practice):
    """C16: the budget per number ends a loop of automatic answers."""
    practice.consents("P-1", ANA)
    sent = 0
    for turn in range(30):
        practice.now += timedelta(minutes=1)
        practice.texts(f"Thank you for contacting us, case {turn}, what is your question?")
        sent += len(practice.runs())

    assert sent <= 4


def test_a_stranger_is_owned_too(practice):
    """A text from a number nobody is known by becomes a task, not an exception."""
    assert practice.texts("hello, are you open on sunday?", phone=BEN) == "waiting_for_staff"
    assert practice.tasks() == ["unknown_number"]


@pytest.mark.parametrize("sender", ["72345", "AMAZON", "+442071838750"])
def test_short_codes_and_senders_without_a_phone_are_never_answered(practice, sender):
    """C16: never auto-reply to short codes or alphanumeric senders."""
    assert practice.texts("Your code is 1234", phone=sender) == "not_a_phone"
    assert practice.lists.outbox == []


def test_a_confirmation_of_nothing_goes_to_a_person(practice):
    """C without a visit changes nothing and is owned."""
    practice.consents("P-1", ANA)

    assert practice.texts("C") == "nothing_to_confirm"
    assert practice.tasks() == ["confirm_unclear"]


def test_a_crowded_phone_is_stopped_at_once_and_every_consent_follows(practice):
    """A group home: twelve patients on one phone are more than one transaction holds; STOP stops all of them alike."""
    people = [practice.consents(f"P-{at}", ANA) for at in range(12)]

    assert practice.texts("STOP") == "opted_out"
    assert {standing_of(practice.world, one)["appointments"] for one in people} == {"revoked"}
    practice.texts("START")
    assert practice.world.store.number(practice.world.ids.number_id(PhoneNumber(ANA))).stopped is False


def test_a_partial_opt_out_ends_what_it_names_and_a_person_looks(practice):
    """Stopping the promotions keeps the reminders, and staff see what was asked."""
    patient_id = practice.consents("P-1", ANA, [Category.APPOINTMENTS, Category.MARKETING])

    assert practice.texts("stop the promos, keep reminders") == "opted_out_in_part"
    standing = standing_of(practice.world, patient_id)
    assert (standing["appointments"], standing["marketing"]) == ("granted", "revoked")
    assert practice.tasks() == ["answer"]


@pytest.mark.parametrize(
    ("hours", "question", "said"),
    [
        (0, "Is there parking?", "A person will answer (Mon-Thu 9 AM-6 PM, Fri 9 AM-5 PM). In an emergency call 911."),
        (8, "Is there parking?", "Fri 9 AM-5 PM). In an emergency call 911. We will answer when we open."),
        (8, "¿Hay donde estacionar?", "(lun-jue 9 AM-6 PM, vie 9 AM-5 PM). En una emergencia llame al 911."),
    ],
)  # fmt: skip
def test_a_question_is_told_the_hours_as_they_are_and_when_we_are_closed(practice, hours, question, said):
    """Each day's own hours, in the language of the question; the practice's sentence, in its own language, while closed."""
    practice.consents("P-1", ANA)
    practice.texts("Is there wifi?")
    practice.runs()
    practice.now += timedelta(hours=hours)

    assert practice.texts(question) == "waiting_for_staff"
    (reply,) = practice.runs()
    assert reply.endswith(said)


def test_a_question_at_night_is_due_when_the_desk_has_had_its_hour(practice):
    """The clock of a task runs within opening hours: asked at ten at night, due at ten in the morning."""
    practice.now += timedelta(hours=10)
    practice.consents("P-1", ANA)
    practice.texts("Is there parking?")

    (task,) = practice.world.store.open_tasks()
    assert task.due == practice.now + timedelta(hours=12)


def test_a_wrong_number_speaks_for_no_visit_until_staff_have_looked(practice):
    """Who said that it is not their visit confirms, cancels and moves none; what they write still waits for a person."""
    practice.consents("P-1", ANA)
    practice.hears()
    practice.runs()
    practice.texts("wrong number")

    assert practice.texts("C") == "nothing_to_confirm"
    assert practice.texts("please cancel my appointment") == "cancel_requested"
    assert practice.runs() == []
    assert practice.lists.told == []
    visit = practice.world.store.visit(practice.world.ids.appointment_id("main", "A-1"))
    assert str(visit.state) == "booked"
    assert practice.tasks() == ["cancel_visit", "confirm_unclear", "wrong_number"]
