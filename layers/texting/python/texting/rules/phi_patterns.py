"""Finds the guard's terms and patterns in a row of words.

A term is looked up by its letters joined, so that "lip filler", "lip-filler" and "lipfiller" are one. A pattern is
tried only where its rarest word is present, and matched from left to right over at most a dozen words.
"""

from collections.abc import Iterable, Sequence

from texting.rules.phi_tables import FAMILIES, GATES, KNOWN, LEXICON, LONGEST, Pattern, pattern
from texting.rules.phi_words import Word, near

# A finding before it is worded: family, first word, word after the last.
Hit = tuple[int, int, int]
EVERYDAY = -1
_SENTENCE_ENDS = frozenset(".!?;")
_MOST_PIECES = 4
_SHORT_KEY = 6
_LONG_KEY = 9
_MOST_SESSIONS = 24


def terms(words: Sequence[Word]) -> list[Hit]:
    """Every term of the lexicon in the words: whole, run together or cut into pieces."""
    texts = [word.text for word in words]
    found = _cut_slips(words)
    count = len(texts)
    for first, text in enumerate(texts):
        known = LEXICON.get(text)
        if known is not None:
            found.append((known[0], first, first + 1))
        key = text
        for after in range(first + 1, min(first + _MOST_PIECES, count)):
            piece = texts[after]
            if not piece.isalnum():
                if piece not in ".&/+" or after + 1 == count:
                    break
                continue
            key += piece
            if len(key) > LONGEST:
                break
            known = LEXICON.get(key)
            if known is not None and _whole(known, key, words, first, after + 1):
                found.append((known[0], first, after + 1))
    return found


def _cut_slips(words: Sequence[Word]) -> list[Hit]:
    """Misspelt names written as two words ("cool sculping"), one of them unknown by itself."""
    found = []
    for first in range(len(words) - 1):
        left, right = words[first].text, words[first + 1].text
        if left in KNOWN and right in KNOWN or len(left) + len(right) < _LONG_KEY or not (left + right).isalpha():
            continue
        if len(left) > 2 and len(right) > 2 and (meant := near(left + right)):
            found.append((LEXICON[meant][0], first, first + 2))
    return found


def _whole(known: Sequence[int], key: str, words: Sequence[Word], first: int, end: int) -> bool:
    """Whether joined pieces really make the term: cut as it is written, or no everyday words in themselves."""
    pieces = end - first
    if pieces == known[1]:
        return True
    if known[1] > 1:
        return len(key) > _SHORT_KEY
    tight = all(words[n].end + 1 >= words[n + 1].start for n in range(first, end - 1))
    if not known[2]:
        return tight and len(key) > 4 and pieces == 2 and words[first].end + 1 == words[first + 1].start
    return len(key) > 4


def matches(words: Sequence[Word], *, everyday: bool) -> list[Hit]:
    """Every pattern that holds in the words; the everyday ones, or the clinical ones."""
    texts = [word.text for word in words]
    present = frozenset(texts).union(*(_number(text) for text in texts if text[0].isdigit()))
    found: list[Hit] = []
    numbers: set[int] = set()
    for text in present:
        gated = GATES.get(text)
        if gated:
            numbers.update(gated)
    for number in numbers:
        row = pattern(number)
        if (row.family == EVERYDAY) is everyday and _may_hold(row, present):
            found += _everywhere(row, texts)
    return found


def _number(text: str) -> tuple[str, ...]:
    """What a number may stand for in a pattern: "#", and "fraction" when it reads like 3/6."""
    part, slash, whole = text.partition("/")
    if slash and part.isdigit() and whole.isdigit() and int(part) <= int(whole) <= _MOST_SESSIONS:
        return ("#", "fraction")
    return ("#",)


def _may_hold(row: Pattern, present: frozenset[str]) -> bool:
    return not any(map(present.isdisjoint, row.others)) and row.unless.isdisjoint(present)


def _everywhere(row: Pattern, texts: Sequence[str]) -> Iterable[Hit]:
    for first in range(len(texts)):
        end = _match(row, 0, texts, first)
        if end > first:
            yield (row.family, first, end)


def _match(row: Pattern, element: int, texts: Sequence[str], place: int) -> int:
    """Where the rest of the pattern ends when read from here, or -1."""
    if element == len(row.elements):
        return place
    choices, least, most = row.elements[element]
    if choices is None:
        for end in range(place, min(place + most, len(texts)) + 1):
            if end > place and texts[end - 1] in _SENTENCE_ENDS:
                return -1
            found = _match(row, element + 1, texts, end)
            if found >= 0:
                return found
        return -1
    if place < len(texts):
        text = texts[place]
        if text in choices or (text[0].isdigit() and not choices.isdisjoint(_number(text))):
            found = _match(row, element + 1, texts, place + 1)
            if found >= 0:
                return found
    return -1 if least else _match(row, element + 1, texts, place)
