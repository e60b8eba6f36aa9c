"""Which patterns a clause calls up: never fewer than those that stand in it."""

import json
from itertools import islice
from pathlib import Path

import pytest
from texting.rules import replies_book
from texting.rules.replies_book import Book, Group
from texting.rules.replies_normalise import folded, plain
from texting.rules.replies_patterns import END, Pattern, find, pattern
from texting.rules.replies_tokens import chunked

TUNE = Path(__file__).parent / "replies_inbound_tune.jsonl"
BOOKS = ("phrases", "replies", "dangers")


def _clauses(every: int, most: int) -> list[tuple[str, ...]]:
    lines = TUNE.read_text(encoding="utf-8").splitlines()[::every]
    texts = (plain(chunked(folded(json.loads(line)["text"]))) for line in lines)
    return list(islice((clause.words for text in texts for clause in text.clauses), most))


def test_a_clause_calls_up_every_pattern_that_stands_in_it() -> None:
    """What the words of a clause call up at a glance is all that a search of the whole list would find, exceptions too."""
    rows = replies_book._rows()
    patterns = [rows.read(number) for number in range(len(rows))]
    for words in _clauses(97, 120):
        said, called, keyed = replies_book._said(words)
        for number, wanted in enumerate(patterns):
            places = _places(wanted, (*words, END))
            assert not places or called >> number & 1, rows._texts[number]
            found = replies_book._place(1 << number, said, keyed)
            assert found == next(iter(places), None), rows._texts[number]


@pytest.mark.parametrize("name", BOOKS)
def test_every_exception_near_a_match_forbids_it(name: str) -> None:
    """A rule's exceptions are found wherever a search of all of them would find one: at a clause's ends and within it."""
    book, rows, met = Book(name), replies_book._rows(), 0
    for words in _clauses(11, 600):
        said = replies_book._said(words)
        for owner in {book._owners[number - book._first] for number, _ in _calling(book, said)}:
            forbidding = [rows.read(number) for number in _numbers(book._forbids(owner))]
            for place in ((0, 1), (len(words) // 2, len(words) // 2 + 1), (len(words) - 1, len(words))):
                first, past = max(place[0] - replies_book.NEAR, 0), place[1] + replies_book.NEAR
                near = (*words, END)[first:past] if past > len(words) else (*words[first:past], "…", END)
                near = ("…", *near) if first else near
                excepted = any(_places(wanted, near) for wanted in forbidding)
                met += excepted
                assert book._excepted(owner, said, place) is excepted
    assert met


def _calling(book: Book, said: replies_book._Said) -> list[tuple[int, int]]:
    """The patterns of a book that a clause calls up, each with one of its places."""
    return [(number, at) for at, here in said[2] for number in _numbers(here & book._all)]


def _numbers(bits: int) -> list[int]:
    return [number for number in range(bits.bit_length()) if bits >> number & 1]


def _places(wanted: Pattern, words: tuple[str, ...]) -> list[tuple[int, int]]:
    """Everywhere a pattern stands."""
    found = [find(wanted, words, at) for at, word in enumerate(words) if word in wanted.keys]
    return [place for place in found if place]


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
    keys = replies_book._Served({"stop": "1 5"})
    assert [keys[f"word{number}"] for number in range(200)] == [0] * 200
    assert len(keys) <= 50
    assert keys["stop"] == 0b100010


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
