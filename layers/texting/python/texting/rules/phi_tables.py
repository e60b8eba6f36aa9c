"""The language guard's compiled tables, loaded once. Source: tables/phi_*.toml, through phi_compile.py."""

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

_DOCUMENT: dict[str, Any] = json.loads((Path(__file__).parent / "tables" / "phi.json").read_bytes())


class Pattern(NamedTuple):
    """A row of tokens: elements are (set of words or None for a gap, least, most)."""

    family: int
    elements: tuple[tuple[frozenset[str] | None, int, int], ...]
    unless: frozenset[str]
    others: tuple[frozenset[str], ...]


FAMILIES: list[list[str]] = _DOCUMENT["families"]
LEXICON: dict[str, list[int]] = _DOCUMENT["lexicon"]
DELETES: dict[str, str] = _DOCUMENT["deletes"]
SKELETONS: dict[str, str] = _DOCUMENT["skeletons"]
CONSONANTS: dict[str, str] = _DOCUMENT["consonants"]
GATES: dict[str, list[int]] = _DOCUMENT["gates"]
GIVEN = frozenset(_DOCUMENT["given"].split())
GIVEN_OR_WORD = frozenset(_DOCUMENT["given_or_word"].split())
FAMILY_NAMES = frozenset(_DOCUMENT["family"].split())
# Words that stand for themselves: everything the rules know, names, and everyday words close to a term.
KNOWN = frozenset(_DOCUMENT["vocabulary"].split()) | frozenset(_DOCUMENT["near"].split())
# Short terms that count even within a longer run of letters.
INSIDE = frozenset(_DOCUMENT["inside"].split())
LONGEST = max(map(len, LEXICON))


@cache
def _words(index: int) -> frozenset[str]:
    return frozenset(_DOCUMENT["sets"][index].split(" "))


@cache
def pattern(number: int) -> Pattern:
    """One pattern of the tables by its number, made ready the first time it is asked for."""
    family, elements, unless, others = _DOCUMENT["patterns"][number]
    return Pattern(
        family,
        tuple((None if words < 0 else _words(words), least, most) for words, least, most in elements),
        _words(unless) if unless >= 0 else frozenset(),
        tuple(map(_words, others)),
    )
