"""Which patterns a clause calls up: never fewer than those that stand in it."""

import json
from itertools import islice
from pathlib import Path

from texting.rules import replies_book
from texting.rules.replies_book import Book, Group
from texting.rules.replies_normalise import folded, plain
from texting.rules.replies_patterns import END, find, pattern

TUNE = Path(__file__).parent / "replies_inbound_tune.jsonl"
BOOKS = ("phrases", "replies", "dangers")


def _clauses(every: int, most: int) -> list[tuple[str, ...]]:
    lines = TUNE.read_text(encoding="utf-8").splitlines()[::every]
    return list(
        islice((clause.words for line in lines for clause in plain(folded(json.loads(line)["text"])).clauses), most)
    )


def test_a_clause_calls_up_every_pattern_that_stands_in_it() -> None:
    """What the words of a clause call up at a glance is all that a search of the whole list would find."""
    rows = replies_book._rows()
    patterns = [rows.read(number) for number in range(sum(len(Book(name)._owners) for name in BOOKS))]
    for words in _clauses(97, 120):
        said = replies_book._said(words)
        keyed = {at for at, _ in said.keys}
        for number, wanted in enumerate(patterns):
            places = [at for at, word in enumerate(words) if word in wanted.keys and find(wanted, (*words, END), at)]
            assert not places or said.called >> number & 1, rows._texts[number]
            assert keyed.issuperset(places)


def test_a_book_speaks_only_where_it_is_called() -> None:
    """A clause that calls none of a book's patterns has no match in it."""
    for name in BOOKS:
        book = Book(name)
        uncalled = [words for words in _clauses(23, 400) if not book.calls(words)]
        assert uncalled
        assert not [words for words in uncalled if list(book.matches(words))]


def test_rules_are_asked_among_intents_or_without_the_known() -> None:
    """What is known already is not looked for again, and only what is asked for is found."""
    book, words = Book("replies"), ("stop", "texting", "me")
    assert {rule.intent for rule, _ in book.matches(words)} == {"opt_out"}
    assert not list(book.matches(words, known={"opt_out"}))
    assert not list(book.matches(words, among=("confirm", "fine")))


def test_words_are_remembered_within_bounds(monkeypatch) -> None:
    """A patient who writes new words for ever fills no memory."""
    monkeypatch.setattr(replies_book, "_MOST_REMEMBERED", 50)
    calls = replies_book._Calls({"stop": "1 5|2|"}, ("1", "5"))
    assert [calls[f"word{number}"] for number in range(200)] == [(0, 0, 0)] * 200
    assert len(calls) <= 50
    assert calls["stop"] == (0b100010, 0b100, 0)


def test_a_pattern_is_read_outwards_from_its_key() -> None:
    """Gaps, options, repeats and ends hold on both sides of the key, and none reaches over the ends of a clause."""
    specimens = [
        ("no .2 @text me|us", "no not ever text me", (0, 5)),
        ("no .2 @text me|us", "no not ever again text me", None),
        ("^ @text me $", "text me", (0, 2)),
        ("^ @text me $", "please text me", None),
        ("very*3 @late to_the? visit", "very very late to the visit", (2, 6)),
        ("dont|do_not @stop", "please do not stop", (1, 4)),
        ("@wake_up|get_up now $", "get up now ?", (0, 3)),
        ("a .3 @b .3 c", "b c", None),
    ]
    for row, text, place in specimens:
        words = (*text.split(), END)
        wanted = pattern(row)
        found = [find(wanted, words, at) for at, word in enumerate(words) if word in wanted.keys]
        assert next(filter(None, found), None) == place, row
        assert Group([row]).holds(text.split()) is (place is not None)
