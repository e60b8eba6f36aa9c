"""What an inbound text means."""

import pytest
from texting.rules.replies import meaning
from texting.rules.replies_compile import filed, parted
from texting.rules.replies_tables import tables


def test_the_compiled_tables_are_those_that_people_read() -> None:
    """The file read at run time says exactly what the TOML tables say."""
    assert tables() == filed(parted())


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("STOP", "opt_out"),
        ("please quit texting me", "opt_out"),
        ("ya no me manden mensajes", "opt_out"),
        ("I'll stop by at 3 to pick up my sunscreen", "question_or_other"),
        ("C", "confirm"),
        ("yes but can I come at 4", "reschedule"),
        ("cancel my 3pm", "cancel_appointment"),
        ("who is this?", "wrong_number"),
        ("I can't breathe", "emergency"),
        ("HELP", "help"),
        ("START", "opt_in"),
        ("Liked “Reply STOP to opt out”", "question_or_other"),
    ],
)
def test_each_intent_is_known_from_its_plainest_wording(text: str, intent: str) -> None:
    """The wordings that the policy itself names are read as it says."""
    assert meaning(text).intent == intent
