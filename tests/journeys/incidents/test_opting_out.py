"""Incidents of opting out: missed, imagined, blocked by itself, invisible (C4–C8, C17)."""

from datetime import timedelta

import pytest
from texting.errors import CarrierRefused
from texting.flows.note_receipt import note_receipt
from texting.values import PhoneNumber

from tests.journeys.stories import ANA


def number(p, phone=ANA):
    return p.world.store.number(p.world.ids.number_id(PhoneNumber(phone)))


def state(p):
    return str(p.world.store.visit(p.world.ids.appointment_id("main", "A-1")).state)


def test_c4_stop_does_not_block_its_own_confirmation(p):
    """C4: the one text that may follow STOP goes by a permit that STOP itself issued; a second STOP earns none."""
    p.texts("STOP")
    assert len(p.runs()) == 1
    p.texts("STOP")
    p.lists.outbox += [text["message_id"] for text in p.carrier.sent]
    assert p.later(hours=1) == []


def test_c4_a_confirmation_that_missed_its_five_minutes_is_not_sent(p):
    """C4: the permit dies after five minutes, however long the sender was down."""
    p.texts("STOP")
    p.now += timedelta(minutes=5)
    assert p.later(hours=1) == []


@pytest.mark.parametrize("words", ["CANCEL", "Cancel.", "cancelar"])
def test_c5_cancel_stops_texts_and_raises_the_visit(reminded, words):
    """C5: the law's word is honoured, staff ask about the visit, which stands, and the answer says how to cancel it."""
    assert reminded.texts(words) == "opted_out"
    (reply,) = reminded.runs()
    assert "312-555-0100" in reply
    assert "cancel_word" in reminded.tasks()
    assert state(reminded) == "booked"


def test_c5_no_text_of_ours_teaches_the_word(reminded):
    """C5: reminders ask for C and offer STOP; none tells a patient to text CANCEL."""
    assert not any("reply cancel" in text["body"].lower() for text in reminded.carrier.sent)


@pytest.mark.parametrize("words", ["Can I stop by at 3?", "I'll stop in at noon", "Could you help me find parking?"])
def test_c6_everyday_words_reach_a_person_and_opt_nobody_out(p, words):
    """C6: a text that begins with or holds STOP or HELP in its everyday sense is a question, and reminders go on."""
    p.hears()
    p.runs()
    p.texts(words)
    assert not number(p).stopped
    assert p.tasks()
    p.runs()
    assert len(p.later(days=8)) == 1


@pytest.mark.parametrize(
    "words", ["please stop texting", "Stop. Thank you", "no más", "ya no me manden mensajes", "take me off your list"]
)
def test_c7_any_reasonable_words_are_an_opt_out(p, words):
    """C7: 47 CFR 64.1200(a)(10): whoever says it in other words is opted out too, confirmed once, and left alone."""
    p.hears()
    p.runs()
    assert p.texts(words) == "opted_out"
    assert len(p.runs()) == 1
    assert p.later(days=12) == []


def test_c8_an_opt_out_that_only_the_carrier_knew_is_seen(p):
    """C8: the carrier refuses a number it has on its list: the text has failed, people are told, and none slips out."""
    p.hears()
    p.carrier.errors = [CarrierRefused("DESTINATION_PHONE_NUMBER_OPTED_OUT")]
    assert p.runs() == []
    assert p.messages()[0][2] == "failed"
    assert p.tasks()


def test_c8_silence_is_no_consent(p):
    """C8: a patient nobody asked gets nothing, whatever the carrier's list does not say."""
    p.hears("A-3", "P-3", "+13125550149")
    assert p.later(days=12) == []
    assert set(p.why("A-3")) == {"no_consent"}


def test_c17_a_tapback_on_stop_is_not_stop(reminded):
    """C17: a phone that quotes our own "STOP to opt out" has stopped nothing, and gets no answer."""
    reminded.texts("Liked “Glow Laser & Skin: Reply C to confirm, STOP to opt out”")
    assert not number(reminded).stopped
    assert reminded.runs() == []


@pytest.mark.parametrize(("words", "becomes"), [("Loved “Reply C to confirm”", "booked"), ("👍", "confirmed")])
def test_c17_a_tapback_does_not_confirm_and_a_thumb_does(reminded, words, becomes):
    """C17: only an answer of one's own confirms: a bare 👍 to the open question is one by rule, a quoted C is none."""
    reminded.texts(words)
    assert state(reminded) == becomes


def test_c37_both_ways_to_say_opted_out_end_alike(p):
    """C37: refused at the call or blocked in a receipt: the text is `failed`, and a person is told why.

    The taxonomy over every error of the service model is `tests/aws/test_carrier.py`.
    """
    p.hears()
    p.carrier.errors = [CarrierRefused("DESTINATION_PHONE_NUMBER_OPTED_OUT")]
    p.runs()
    p.consents("P-3", "+13125550149")
    p.hears("A-3", "P-3", "+13125550149")
    p.runs()
    context = {"message_id": p.carrier.sent[-1]["message_id"]}
    note_receipt(p.world, {"eventType": "TEXT_BLOCKED", "isFinal": True, "context": context}, p.now)
    assert (p.messages()[0][2], p.messages("A-3")[0][2]) == ("failed", "failed")
    assert len(p.tasks()) == 2
