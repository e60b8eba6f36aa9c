"""What adds up to an opt-out though no phrase says it, and what never may."""

import json
from pathlib import Path

import pytest
from texting.rules.replies import meaning
from texting.rules.replies_evidence import evidence, revokes
from texting.rules.replies_normalise import Plain, folded, plain
from texting.rules.replies_phrases import reworded
from texting.rules.replies_tables import tables
from texting.rules.replies_tokens import chunked

LABELLED = Path(__file__).parent / "replies_inbound_tune.jsonl"
ADD_UP = [
    "not one of those messages is of any interest to me",  # the refusal stands before what is refused
    "nothing you send is wanted on this phone",
    "estos mensajes suyos yo no los pedí ni los quiero en mi celular",
]
DO_NOT = [
    "don't call, text me",  # texts are the way to reach them
    "the texts reach me fine, it's the emails I never get",
    "is there a bus that stops near your office",
    "I never got a text about this, what time was it",  # told, not asked for
    "no, send it to me by text please",
]


def _read(text: str) -> Plain:
    return plain(chunked(folded(text)))


@pytest.mark.parametrize("text", ADD_UP)
def test_halves_make_an_opt_out(text: str) -> None:
    """A reasonable person hears a revocation in words that no phrase of ours holds (47 CFR 64.1200(a)(10))."""
    assert meaning(text).why.startswith("Adds up")
    assert meaning(text).intent == "opt_out"
    assert revokes(_read(text).clauses, otherwise=False)


@pytest.mark.parametrize("text", DO_NOT)
def test_some_words_of_a_refusal_are_not_enough(text: str) -> None:
    """A refusal of something else, or a text about texts, is no revocation."""
    assert meaning(text).intent != "opt_out"


def test_what_a_rule_read_stands() -> None:
    """A visit that is confirmed, moved or dropped is never turned into an opt-out by weighing."""
    read = meaning("Yes I'll be there, and the reminder was no bother, I never mind your messages")
    assert read.intent == "confirm"


def test_a_machine_weighs_nothing() -> None:
    """An autoresponder refuses nothing: only a person's words are weighed."""
    text = "Automatic reply: this mailbox is not monitored, messages sent to this number are never read. I do not want spam"
    assert "opt_out" not in (meaning(text).intent, *meaning(text).also)


def test_the_reason_holds_no_word_of_the_patient() -> None:
    """Staff learn which ideas were weighed; what was written stays in the thread."""
    why = revokes(_read("Zebediah wants no more of these texts, you people disgust Zebediah").clauses, otherwise=False)
    assert why is not None
    assert why.startswith("Adds up to a wish for no texts: ")
    assert "zebediah" not in why.lower()


def test_what_is_passed_over_at_a_glance_would_not_have_added_up() -> None:
    """Most texts are answered before any idea is collected: on our labelled texts, as if all had been weighed."""
    table = tables()["evidence"]
    texts = [json.loads(line)["text"] for line in LABELLED.read_text("utf-8").splitlines()]
    read = [reworded(_read(text))[0].clauses for text in texts]
    weighed = []
    for clauses in read:
        said = evidence(clauses)
        named = all(not said.isdisjoint(table[part]) for part in ("about_us", "for_whom"))
        ours = {*table["about_us"], *table["joined"]}
        joined = any(table["points"].get(one, 0) > 0 and " > " in one and ours & {*one.split(" > ")} for one in said)
        weighed.append(named and joined and sum(table["points"].get(one, 0) for one in said) >= table["enough"])
    assert [revokes(clauses, otherwise=False) is not None for clauses in read] == weighed
    assert True in weighed


def test_more_is_asked_of_what_was_read_already() -> None:
    """What a rule took for a question needs more points than what nothing explains."""
    table = tables()["evidence"]
    assert table["enough_more"] > 0


def test_order_and_distance_tell_one_piece_from_another() -> None:
    """Two ideas belong together in their order, within a few words, in one clause."""
    near = evidence(_read("no more texts").clauses)
    far = evidence(_read("no. I read your texts").clauses)
    assert "refusal > texts" in near
    assert "texts > refusal" not in near
    assert "refusal > texts" not in far


def test_every_point_stands_on_the_side_a_person_chose() -> None:
    """No piece counts that is not listed, none against its listed side, and each is made of known ideas."""
    table = tables()["evidence"]
    sides = dict.fromkeys(table["may_speak_for"], 1) | dict.fromkeys(table["may_speak_against"], -1)
    assert all(worth * sides[piece] > 0 for piece, worth in table["points"].items())
    ideas = {idea for piece in sides for idea in piece.split(" > ") if not idea.startswith("#")}
    assert ideas <= set(table["idea"])
    assert ideas <= set(table["says"])
    assert set(table["about_us"]) <= set(table["idea"])
