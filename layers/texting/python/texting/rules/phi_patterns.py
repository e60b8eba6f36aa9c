"""Finds the guard's terms and patterns in a row of words.

A term is looked up by its letters joined, so that "lip filler", "lip-filler" and "lipfiller" are one. A pattern is
tried only where its two rarest words are present (phi_gates.py), and matched from left to right over at most a dozen words.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

from texting.rules.phi_gates import hopeful
from texting.rules.phi_spelling import near
from texting.rules.phi_tables import (
    FAMILY_NAMES,
    GIVEN,
    GIVEN_OR_WORD,
    KNOWN,
    LEXICON,
    MOST_REMEMBERED,
    STEMS,
    UNHEARD,
    WORDS,
    Elements,
    Pattern,
    distinctive,
    family_of,
    pattern,
    size_of,
)
from texting.rules.phi_words import Row

# A finding before it is worded: its family and the places of the words that tell it.
Hit = tuple[int, tuple[int, ...]]
# A full stop after these ends no sentence.
_ABBREVIATED = frozenset(("mr", "mrs", "ms", "dr", "dra", "sr", "sra", "srta", "lic"))
_SENTENCE_ENDS = frozenset(".!?;")
_MOST_PIECES = 4
# Marks that join the pieces of a term.
_JOINTS = frozenset(".&/+")
_MOST_DOTTED = 12
_SHORTEST_STEMMED = 8
_ENDING = 4
_SHORTEST_UNHEARD = 4
_OWNED = frozenset(("your", "ur", "next", "first", "her", "his"))
_VISITS = frozenset("appointment appt appts session sessions treatment treatments consult procedure tx touchup".split())
_PLACES = WORDS["places"]
_LAST_LETTERS = frozenset(stem[-_ENDING:] for stem in STEMS)
_SHORTEST_PIECE = 3
_TINY_KEY = 4
_SHORT_KEY = 6
_LONG_KEY = 8
_MOST_SESSIONS = 24
_LAST_HOUR = 12
_MOST_UNITS = 999
_MINUTES = frozenset(("00", "10", "15", "20", "30", "40", "45", "50"))


# What a word may be worth looking at for: a term by itself, the beginning of a longer one, part of a misspelt one.
_TERM, _BEGINS, _UNKNOWN = 1, 2, 4


class _Worth(dict[str, int]):
    """What each word is worth looking at for, remembered, since words repeat."""

    def __missing__(self, text: str) -> int:
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        listed = text in LEXICON
        stemmed = text[-_ENDING:] in _LAST_LETTERS and len(text) >= _SHORTEST_STEMMED and text not in KNOWN
        unknown = len(text) >= _SHORTEST_PIECE and text not in KNOWN and not listed and text.isalpha()
        worth = (listed or stemmed) * _TERM | _begins_term(text) * _BEGINS | unknown * _UNKNOWN
        self[text] = worth
        return worth


class _Leads(dict[str, bool]):
    """Whether pieces run together are a term, or a longer term begins with them; remembered, as pairs of words repeat."""

    def __missing__(self, key: str) -> bool:
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        self[key] = leads = key in LEXICON or _begins_term(key)
        return leads


_WORTH = _Worth()
_leads = _Leads().__getitem__


@cache
def _in_order() -> list[str]:
    return sorted(LEXICON)


def _begins_term(text: str) -> bool:
    """Whether a longer term begins with these letters."""
    in_order = _in_order()
    after = bisect_right(in_order, text)
    return after < len(in_order) and in_order[after].startswith(text)


def terms(row: Row) -> list[Hit]:
    """Every term of the lexicon in the words: whole, run together or cut into pieces."""
    texts = row.texts
    found: list[Hit] = []
    slips: list[Hit] = []
    last = len(texts) - 1
    for first, of in enumerate(map(_WORTH.__getitem__, texts)):
        if of:
            if of & _TERM:
                known = LEXICON.get(texts[first])
                found += _stemmed(texts[first], first) if known is None else [(family_of(known), (first,))]
            if of & _BEGINS and first < last:
                after = texts[first + 1]
                if after in _JOINTS or _leads(texts[first] + after):
                    most = _MOST_DOTTED if after == "." else _MOST_PIECES
                    found += _pieced(row, first, min(first + most, len(texts)))
            if of & _UNKNOWN:
                slips += _cut_slips(texts, first)
    return slips + found


def unheard(texts: Sequence[str]) -> Iterable[Hit]:
    """Words before a visit ("your alloclae session") that are neither known nor anyone's name."""
    if _VISITS.isdisjoint(texts):
        return
    for place in range(2, len(texts)):
        if texts[place] in _VISITS and texts[place - 2] in _OWNED and _unheard_of(texts[place - 1]):
            yield (UNHEARD, (place - 1,))


def _unheard_of(text: str) -> bool:
    if len(text) < _SHORTEST_UNHEARD or not text.isalpha() or text in KNOWN or text in LEXICON:
        return False
    return not _named(text)


def _stemmed(text: str, place: int) -> Iterable[Hit]:
    """A word that no table holds, by an ending that only clinical words have ("…plasty", "…cillin")."""
    if text.isalpha() and text not in GIVEN and text not in FAMILY_NAMES:
        yield from ((family, (place,)) for stem, family in STEMS.items() if text.endswith(stem))


def _pieced(row: Row, first: int, limit: int) -> Iterable[Hit]:
    """Terms made of the word at `first` and those after it, up to `limit`."""
    key = row.texts[first]
    for after in range(first + 1, limit):
        piece = row.texts[after]
        if not piece.isalnum():
            if piece in _JOINTS and after + 1 < limit:
                continue
            return
        key += piece
        known = LEXICON.get(key)
        if known is not None and _whole(known, key, row, first, after + 1):
            yield (family_of(known), tuple(range(first, after + 1)))
        if not _leads(key):
            return


def _cut_slips(texts: Sequence[str], place: int) -> list[Hit]:
    """Misspelt names written as two words ("cool sculping"), one of them, at `place`, unknown by itself."""
    found: list[Hit] = []
    for first in (place - 1, place):
        if first < 0 or first + 1 >= len(texts) or min(len(texts[first]), len(texts[first + 1])) < _SHORTEST_PIECE:
            continue
        joined = texts[first] + texts[first + 1]
        if len(joined) >= _LONG_KEY and joined.isalpha() and (meant := near(joined)):
            found.append((family_of(LEXICON[meant]), (first, first + 1)))
    return found


def _whole(entry: int, key: str, row: Row, first: int, end: int) -> bool:
    """Whether joined pieces really make the term: cut as it is written, or too long or tight to be chance."""
    pieces = end - first
    written = row.folded[row.spans[first][0] : row.spans[end - 1][1]]
    if pieces == size_of(entry) or (len(key) > _TINY_KEY and written.replace(".", "") == key and written != key):
        return True
    if size_of(entry) > 1:
        return len(key) > _SHORT_KEY
    if len(key) <= _TINY_KEY:
        return False
    return distinctive(entry) or (pieces == 2 and len(row.gap(first + 1)) < 2 and row.gap(first + 1) != " ")


def places(texts: Sequence[str]) -> dict[str, list[int]]:
    """Where each word stands, and where the numbers that may stand for it in a pattern do."""
    where: dict[str, list[int]] = {}
    for place, text in enumerate(texts):
        if text in where:
            where[text].append(place)
        else:
            where[text] = [place]
        if text[0].isdigit():
            for meant in _number(text):
                where.setdefault(meant, []).append(place)
    return where


def matches(texts: Sequence[str], where: dict[str, list[int]], *, everyday: bool) -> list[Hit]:
    """Every pattern that holds in the words (`where` each stands); the everyday ones, or the clinical ones."""
    there = frozenset(where)
    found: list[Hit] = []
    for row in map(pattern, hopeful(where, everyday=everyday)):
        for other in row.others:
            if other.isdisjoint(there):
                break
        else:
            if row.unless.isdisjoint(there):
                found += _everywhere(row, texts, where, there)
    return found


def _everywhere(row: Pattern, texts: Sequence[str], where: dict[str, list[int]], there: frozenset[str]) -> list[Hit]:
    elements = row.elements
    choices, least, most = elements[0]
    if not (choices and least and most):
        return [(row.family, taken) for first in range(len(texts)) if (taken := _match(elements, 0, texts, first))]
    found: list[Hit] = []
    for word in choices & there:
        for first in where[word]:
            rest = _match(elements, 1, texts, first + 1)
            if rest is not None:
                found.append((row.family, (first, *rest)))
    return found


def _named(text: str) -> bool:
    return text in GIVEN or text in FAMILY_NAMES or text in GIVEN_OR_WORD or text in _PLACES


@lru_cache(maxsize=MOST_REMEMBERED)
def _number(text: str) -> tuple[str, ...]:
    """What a number may stand for in a pattern: "#"; "fraction" when it reads like 3/6; "amount" when it is no hour."""
    part, slash, whole = text.partition("/")
    if slash and part.isdecimal() and whole.isdecimal() and int(part) <= int(whole) <= _MOST_SESSIONS:
        return ("#", "fraction")
    part, point, rest = text.partition(".")
    if part.isdecimal() and (
        rest.isdecimal() and rest not in _MINUTES if point else _LAST_HOUR < int(part) <= _MOST_UNITS
    ):
        return ("#", "amount")
    return ("#",)


def _none_of_these(text: str) -> bool:
    """Whether a word outside an element's choices is also no term and no name."""
    return text.isalpha() and text not in LEXICON and not _named(text)


def _match(elements: Elements, element: int, texts: Sequence[str], place: int) -> tuple[int, ...] | None:
    """The places that a pattern from an element on takes when read from a place, or None; a plain gap takes none."""
    taken: list[int] = []
    for number in range(element, len(elements)):
        choices, least, most = elements[number]
        if choices is None:
            rest = _match_after_gap(elements, number, texts, place)
            return None if rest is None else (*taken, *rest)
        if place == len(texts):
            fits = False
        elif texts[place] in choices:
            fits = most != 0
        elif most:
            fits = texts[place][0].isdigit() and not choices.isdisjoint(_number(texts[place]))
        else:
            fits = _none_of_these(texts[place])
        if not fits:
            if least:
                return None
        elif least:
            taken.append(place)
            place += 1
        else:
            rest = _match(elements, number + 1, texts, place + 1)
            if rest is not None:
                return (*taken, place, *rest)
    return tuple(taken)


def _match_after_gap(elements: Elements, element: int, texts: Sequence[str], place: int) -> tuple[int, ...] | None:
    _, covers, most = elements[element]
    choices, least, one = elements[element + 1] if element + 1 < len(elements) else (None, 0, 0)
    next_words = choices if least and one else None
    for end in range(place, min(place + most, len(texts)) + 1):
        if end > place and texts[end - 1] in _SENTENCE_ENDS and not (end > 1 and texts[end - 2] in _ABBREVIATED):
            return None
        # One look at the next word saves most of the calls.
        if next_words and (end == len(texts) or not (texts[end] in next_words or texts[end][0].isdigit())):
            continue
        found = _match(elements, element + 1, texts, end)
        if found is not None:
            return (*range(place, end), *found) if covers else found
    return None
