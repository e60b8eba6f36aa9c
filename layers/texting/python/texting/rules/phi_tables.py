"""The language guard's compiled tables, loaded once. Source: tables/phi_*.toml, through phi_compile.py."""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from texting.rules.bits import bits

# Not pathlib: importing it costs a command that reads one text a tenth of its start.
with open(os.path.join(os.path.dirname(__file__), "tables", "phi.json"), encoding="ascii") as _file:  # noqa: PTH118, PTH120, PTH123
    _DOCUMENT = json.load(_file)


# The words of an element, least, and 1 or (for none of these words) 0; of a gap None, if it is covered, and most.
Element = tuple[frozenset[str] | None, int, int]
Elements = tuple[Element, ...]


@dataclass(slots=True, eq=False)
class Pattern:
    """A row of tokens that tells something: all of it where the words stand in the order of its elements."""

    family: int
    elements: Elements
    unless: frozenset[str]
    # What it needs besides its two rarest, which it is looked up by.
    others: tuple[frozenset[str], ...]


# Kind and sentence of each family of terms or rules.
FAMILIES: list[list[str]] = _DOCUMENT["families"]
# A term's letters, joined, to its entry: see family_of, size_of and distinctive.
LEXICON: dict[str, int] = {}
for _entry, _terms in _DOCUMENT["lexicon"].items():
    LEXICON.update(dict.fromkeys(_terms.split(" "), int(_entry)))
# Endings that only clinical words have, each to its family.
STEMS: dict[str, int] = {_stem: _family for _family, _stems in _DOCUMENT["stems"] for _stem in _stems.split()}
# The family of a kind of visit that nothing here has heard of.
UNHEARD: int = _DOCUMENT["unheard"]
# So many patterns are clinical; those after them have everyday meanings.
CLINICAL: int = _DOCUMENT["clinical"]
GIVEN = frozenset(_DOCUMENT["given"].split())
GIVEN_OR_WORD = frozenset(_DOCUMENT["given_or_word"].split())
FAMILY_NAMES = frozenset(_DOCUMENT["family"].split())
# Lists of words by the part they play in a text (tables/phi_names.toml, words).
WORDS: dict[str, frozenset[str]] = {name: frozenset(row.split()) for name, row in _DOCUMENT["words"].items()}
# Words that stand for themselves and are no term: what the rules know, and everyday words one slip away from a term.
KNOWN = frozenset(_DOCUMENT["known"].split(" "))
# Short terms that count even within a longer run of letters.
INSIDE = frozenset(_DOCUMENT["inside"].split())
# Chat spellings of words the rules know.
CHAT: dict[str, str] = _DOCUMENT["chat"]
# What is worked out of a word is remembered between texts, up to this many.
MOST_REMEMBERED = 16_384
LONGEST: int = _DOCUMENT["longest"]


def family_of(entry: int) -> int:
    """The family a term belongs to."""
    return entry >> 4


def size_of(entry: int) -> int:
    """How many words the term is written in (eight stands for eight and more)."""
    return (entry >> 1) & 7


def distinctive(entry: int) -> bool:
    """Whether the term is so unlike everyday words that near spellings of it are read as it."""
    return bool(entry & 1)


@cache
def skeletons() -> dict[str, str]:
    """What a distinctive term sounds like, to the term."""
    return dict(zip(*map(str.split, _DOCUMENT["skeletons"]), strict=True))


@cache
def voiceless() -> dict[str, str]:
    """What a distinctive term is without its vowels, to the term."""
    return dict(zip(*map(str.split, _DOCUMENT["consonants"]), strict=True))


@cache
def _lines(key: str) -> list[str]:
    """One of the tables kept as lines, which cost the start nothing until the first text is read."""
    return _DOCUMENT[key].split("\n")  # type: ignore[no-any-return]


@cache
def _words(index: int) -> frozenset[str]:
    return frozenset(_lines("sets")[index].split(" "))


@cache
def _gates() -> dict[str, str]:
    words, numbers = _DOCUMENT["gates"]
    return dict(zip(words.split(" "), numbers.split("\n"), strict=True))


def gate(word: str) -> tuple[int, int]:
    """The patterns that a word is the rarest of, and those that it is the next rarest of: a bit for each number."""
    rarest, next_rarest = _gates().get(word, ";").split(";")
    return (bits(rarest), bits(next_rarest))


@cache
def pattern(number: int) -> Pattern:
    """One pattern of the tables by its number, made ready the first time it is asked for."""
    family, unless, others, elements = _lines("patterns")[number].split(";")
    return Pattern(
        int(family),
        tuple(_element(*map(int, part.split(","))) for part in elements.split(" ")),
        _words(int(unless)) if unless != "-1" else frozenset(),
        tuple([_words(int(other)) for other in others.split()]),
    )


def _element(words: int, least: int, most: int) -> Element:
    return (None if words < 0 else _words(words), least, most)


@cache
def _by_ends(of_rules: bool) -> dict[str, list[str]]:
    """Words that may be misspelt, by their first three letters and by "~" and their last three (or two of five)."""
    found: dict[str, list[str]] = {}
    for word in _DOCUMENT["spelled"].split() if of_rules else skeletons().values():
        found.setdefault(word[:3], []).append(word)
        found.setdefault("~" + word[-3 if len(word) > 5 else -2 :], []).append(word)
    return found


@cache
def by_shape() -> dict[tuple[int, str], list[str]]:
    """One-word terms by length and first letter, for words with letters blotted out."""
    found: dict[tuple[int, str], list[str]] = {}
    for term, entry in LEXICON.items():
        if size_of(entry) == 1 and len(term) > 3:
            found.setdefault((len(term), term[0]), []).append(term)
    return found


def candidates(word: str, *, of_rules: bool = False) -> Iterable[str]:
    """The terms (or the rules' words in `spelled`) with the same beginning or end: all that one slip can come from."""
    known = _by_ends(of_rules)
    for key in (word[:3], "~" + word[-3:], "~" + word[-2:]):
        yield from known.get(key, ())
