"""Whom an answer is for."""

from datetime import UTC, datetime, timedelta

import pytest
from texting.rules.addressee import NOBODY, PERSON, VISIT, Said, only_thanks, whose
from texting.rules.replies import meaning

EARLIER = datetime(2026, 12, 1, 18, tzinfo=UTC)
LATER = EARLIER + timedelta(minutes=5)
PERSON_LAST = Said(of_visit=EARLIER, by_person=LATER)
REMINDER_LAST = Said(of_visit=LATER, by_person=EARLIER, by_us=EARLIER, requested=EARLIER)
WE_LAST = Said(of_visit=EARLIER, by_us=LATER)


@pytest.mark.parametrize(
    ("words", "said", "whom"),
    [
        ("great!", PERSON_LAST, PERSON),
        ("No, I have Aetna", PERSON_LAST, PERSON),
        ("2", PERSON_LAST, PERSON),
        ("C", PERSON_LAST, VISIT),
        ("confirm, thank you", PERSON_LAST, VISIT),
        ("I need to cancel my appointment", PERSON_LAST, VISIT),
        ("great!", REMINDER_LAST, VISIT),
        ("no", REMINDER_LAST, VISIT),
        ("great!", WE_LAST, NOBODY),
        ("yes", WE_LAST, VISIT),
        ("great!", Said(requested=EARLIER), PERSON),
        ("great!", Said(), VISIT),
        ("great!", Said(by_person=EARLIER), PERSON),  # nothing of ours was ever about a visit
    ],
)
def test_a_yes_or_no_answers_what_was_said_last(words, said, whom):
    """Unless it is our own code, which means the visit whenever it comes."""
    assert whose(words, meaning(words), said) == whom


@pytest.mark.parametrize(
    ("words", "alone"),
    [
        ("Thanks!", True),
        ("thank you so much for the reminder", True),
        ("muchas gracias por avisarme", True),
        ("thanks, text me the info", False),
        ("thanks for what?", False),
        ("Is it at 3? Thanks", False),
    ],
)
def test_only_a_thank_you_that_stands_alone_waits_for_nobody(words, alone):
    """A word more may be a question."""
    assert only_thanks(words) is alone
