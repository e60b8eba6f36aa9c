"""What holds of every inbound text, not only of those we thought of."""

import string
import time

from hypothesis import given, settings
from hypothesis import strategies as st
from texting.rules.replies import meaning

KEYWORDS = (
    "stop",
    "unsubscribe",
    "opt out",
    "quit texting me",
    "remove me from your list",
    "ya no me manden mensajes",
    "parar",
)
BEFORE = ("", "please ", "Please, ", "hi, ", "ok ", "por favor ", "Hello! ", "  ", "\n", "…")
AFTER = (
    "",
    " please",
    " thanks",
    "!!!",
    ".",
    " 🙏",
    " 😊",
    "\n",
    " thank you",
    ", gracias",
    " - Ana",
    "\n-Ana Ruiz",
    " ASAP",
)


@given(
    st.sampled_from(KEYWORDS),
    st.sampled_from(BEFORE),
    st.sampled_from(AFTER),
    st.sampled_from((str.lower, str.upper, str.title, str.swapcase)),
)
def test_wrapping_never_loses_an_opt_out(keyword: str, before: str, after: str, case: object) -> None:
    """Case, space, punctuation, politeness and a signature change nothing about a revocation."""
    assert callable(case)
    assert meaning(before + case(keyword) + after).intent == "opt_out"


@given(st.text(max_size=400))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Whatever arrives, a reading comes back, with its intents each named once and the first of them in front."""
    read = meaning(text)
    assert read.intent not in read.also
    assert len(set(read.also)) == len(read.also)


@given(
    st.text(alphabet=string.ascii_letters + " .,!?\n'", max_size=200),
    st.sampled_from(("Liked", "Loved", "Emphasized", "Le gustó")),
)
def test_a_quotation_in_a_tapback_never_counts(quoted: str, verb: str) -> None:
    """Nothing inside a reaction's quotation marks confirms, opts out or alarms."""
    read = meaning(f"{verb} “{quoted} Reply STOP to end, C to confirm. EMERGENCY”")
    assert (read.intent, read.also, read.tapback) == ("question_or_other", (), True)


@given(st.text(max_size=300))
def test_the_same_text_is_read_the_same(text: str) -> None:
    """A reading depends on the text and on nothing else."""
    assert meaning(text) == meaning(text)


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(
        (
            "stop ",
            "s t o p ",
            "no me ",
            "a ",
            "((",
            '"',
            "i can't ",
            "if ",
            "not ",
            "reply ",
            "\u200b",
            "👍",
            "don't ",
            "1",
        )
    ),
    st.integers(min_value=1, max_value=4000),
)
def test_no_text_takes_long(piece: str, times: int) -> None:
    """Repetition of anything, even pages of it, is read in well under a second on any machine."""
    before = time.process_time()
    meaning(piece * times)
    assert time.process_time() - before < 0.5
