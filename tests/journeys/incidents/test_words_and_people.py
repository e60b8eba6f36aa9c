"""Incidents of words and people: characters, numbers, telemetry, links, the dead (C23, C25, C33, C34, C36, C38)."""

import pytest
from texting.rules.segments import count, safe
from texting.values import PhoneNumber

from tests.journeys.stories import ANA

OUR_NUMBER_IN_FOUR_HANDS = ["+13125550142", "(312) 555-0142", "312.555.0142", "1-312-555-0142"]


def test_c23_a_curly_quote_no_longer_doubles_the_price():
    """C23: typography that says nothing is made plain; an emoji says something, stays, and is counted as it is sent."""
    typed = "We’ll see you at 3 – bring your card. " * 4
    assert count(typed).parts == 3
    assert count(safe(typed)).parts == 1
    assert (safe("See you 👍"), count("See you 👍").encoding) == ("See you 👍", "UCS-2")


def test_c25_one_number_typed_in_four_ways_is_one_number(p):
    """C25: a STOP from the phone holds for the patient, however the scheduling system writes the number."""
    for at, typed in enumerate(OUR_NUMBER_IN_FOUR_HANDS, 1):
        p.consents(f"P-{at}", ANA)
        p.hears(f"A-{at}", f"P-{at}", typed, start=f"2026-12-{10 + at}T15:00:00-06:00")
    p.texts("STOP")
    assert len(p.later(days=20)) == 1  # the confirmation of the STOP
    assert len({message.number_id for at in range(1, 5) for message in p.world.store.messages_of(
        p.world.ids.appointment_id("main", f"A-{at}"))}) == 1  # fmt: skip


def test_c33_no_sink_of_ours_names_a_patient(p):
    """C33: ledger entries, schedules, the outbox and the bus carry ids: no name, number, birth date, service or word.

    The carrier's `Context` is `tests/aws/test_carrier.py`, the whole box's sinks are searched by `c33-telemetry`.
    """
    p.hears()
    p.later(days=8)
    p.texts("C, see you then, Anabel here")
    p.later(hours=1)
    entries = b"".join(encoded for _, encoded in p.world.store.entries.values())
    sinks = [entries.decode(), repr(p.lists.schedules), repr(p.lists.told), repr(p.lists.puts)]
    for mark in ("Ruiz", "Botox", "5550142", "1990-05-17", "Anabel"):
        assert not any(mark in sink for sink in sinks), mark


def test_c34_every_text_says_whose_it_is(reminded):
    """C34: the practice's name comes first in each, and none carries a link that it does not need."""
    reminded.texts("HELP")
    reminded.runs()
    assert len(reminded.carrier.sent) == 3
    for text in reminded.carrier.sent:
        assert text["body"].startswith("Glow Laser & Skin")
        assert "http" not in text["body"]


def test_c34_who_doubts_the_sender_is_told_who_it_is(p):
    """C34: "is this really you?" is answered with the practice's name and its office phone."""
    p.texts("is this really you?")
    (reply,) = p.runs()
    assert "Glow Laser & Skin" in reply
    assert "312-555-0100" in reply


def test_c36_a_patient_who_has_died_gets_nothing_more(p):
    """C36: the source's word ends every text about every visit of the patient, and the reason is kept."""
    p.hears()
    p.hears("A-2", "P-1", start="2026-12-14T09:00:00-06:00")
    p.runs()
    p.hears(version=2, kind="updated", patient={"deceased": True})
    assert p.later(days=20) == []
    assert set(p.why()[1:]) == {"deceased"}
    assert p.why("A-2")[-1] == "deceased"


@pytest.mark.parametrize("word", ["Žofia", "œuvre", "5 µg", "½", "→", "naïve"])
def test_c38_no_character_is_changed_that_says_something(word):
    """C38: what we may replace is a closed list of look-alikes; anything else reaches the phone as it was typed."""
    assert safe(word) == word


def test_c25_the_numbers_id_does_not_depend_on_the_hand(p):
    """C25: the id is made of the E.164 form and of nothing that was typed."""
    from texting.rules.phone_numbers import read

    ids = {p.world.ids.number_id(PhoneNumber(str(read(typed)))) for typed in OUR_NUMBER_IN_FOUR_HANDS}
    assert len(ids) == 1
