"""The words of an outbound text as the language guard reads them: obfuscation and slips of the pen undone.

A word the guard knows stands for itself. Any other is tried, in this order, as letters held down, digits and
signs for letters, a name one slip away, without its vowels, backwards, and as a longer run of letters with a
name inside. Every step looks words up; none searches, so time grows with length only.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from texting.rules.normalise import spelled_out, squeeze, unleet
from texting.rules.phi_slips import consonants, deletes, distance, one_slip, skeleton
from texting.rules.phi_tables import (
    CONSONANTS,
    DELETES,
    FAMILY_NAMES,
    GIVEN,
    GIVEN_OR_WORD,
    INSIDE,
    KNOWN,
    LEXICON,
    LONGEST,
    SKELETONS,
)

_TOKEN = re.compile(r"\d+(?:[.,:/]\d+)+(?![a-z0-9])|[a-z0-9']+|[^\sa-z0-9']")
# Marks between words that neither join nor part them.
_SILENT = frozenset("-_*\"'()[]{}~^`#<>|\\")
_AMOUNT = re.compile(
    r"(\d+(?:[.,]\d+)?)(u|units?|unidades|mgs?|mcg|mls?|cc|ccs|iu|hrs?|h|wks?|weeks?|mos?|months?|days?|lbs?|kgs?|min|mins"
    r"|am|pm|x|syringes?|jeringas?)"
)
_SIGNED = re.compile(r"[a-z0-9@$!|+€£¢]*(?:[a-z0-9][@$!|+€£¢]|[@$€£][a-z])[a-z0-9@$!|+€£¢]*")
_CENSORED = re.compile(r"[a-z]+(?:[*_.%#?][a-z]*)+[a-z]|[a-z]+\*+")
_SINGLES = re.compile(r"(?:\b[a-z0-9@$]\b[^a-z0-9]{1,3}){2}[a-z0-9@$]\b")


class Word(NamedTuple):
    """One word or mark of a text as the rules read it, and where it stands in the folded text."""

    text: str
    start: int
    end: int


def words(folded: str) -> list[Word]:
    """The folded text's words and telling marks, each as the vocabulary writes it."""
    found: list[Word] = []
    for token in _TOKEN.finditer(folded):
        text = token[0]
        if text in _SILENT:
            continue
        start = token.start()
        if "'" in text:
            text = text.replace("'", "")
            if not text:
                continue
        if text in KNOWN or (len(text) == 1 and not text.isdigit()):
            found.append(Word(text, start, token.end()))
        elif text[0].isdigit() and (amount := _AMOUNT.fullmatch(text)):
            middle = start + len(amount[1])
            found += (Word(amount[1], start, middle), Word(amount[2], middle, token.end()))
        else:
            found.append(Word(resolve(text), start, token.end()))
    return found


@lru_cache(maxsize=16_384)
def resolve(text: str) -> str:
    """The word of the vocabulary that was meant, or the text itself where none can be told."""
    if _known(text) or text.replace(",", "").replace(".", "").isdigit():
        return text
    for candidate in squeeze(text):
        if _known(candidate):
            return candidate
    if not text.isalpha():
        return _undigited(text)
    return near(text) or _inside(text) or text


def _known(text: str) -> bool:
    return text in KNOWN or text in LEXICON or text in GIVEN or text in FAMILY_NAMES or text in GIVEN_OR_WORD


def _undigited(text: str) -> str:
    """A word with digits in it: letters in disguise, or a code with a term inside."""
    letters = sum(map(str.isalpha, text))
    for candidate in unleet(text):
        if letters and len(candidate) > 2 and _known(candidate):
            return candidate
        if letters > 2 and (meant := near(candidate)):
            return meant
    if letters < 3:
        return text
    bare = re.sub(r"\d", "", text)
    if bare in LEXICON:
        return bare
    return _inside(bare) or next(filter(None, map(_inside, unleet(text))), text)


@lru_cache(maxsize=16_384)
def near(text: str) -> str:
    """The term one slip, one sound or its vowels away from a word of five letters or more; else nothing."""
    if len(text) < 4 or len(text) > LONGEST + 1:
        return ""
    if len(text) == len(consonants(text)) and text in CONSONANTS:
        return CONSONANTS[text]
    if len(text) < 5:
        return ""
    meant = _slip(text) or _alike(text)
    if meant:
        return meant
    backwards = text[::-1]
    return backwards if backwards in LEXICON and LEXICON[backwards][2] else ""


def _alike(text: str) -> str:
    """The term that sounds the same, where enough consonants agree to make it no accident."""
    sound = skeleton(text)
    meant = SKELETONS.get(sound, "")
    if not meant or len(sound) - sound.count("a") < 4 or distance(text, meant) > (2 if len(meant) < 9 else 3):
        return ""
    return meant


def _slip(text: str) -> str:
    meant = DELETES.get(text, "")
    if meant:
        return meant
    for shorter in deletes(text):
        known = LEXICON.get(shorter)
        if known and known[2] and len(shorter) >= 5:
            return shorter
        meant = DELETES.get(shorter, "")
        if meant and one_slip(text, meant):
            return meant
    return ""


def _inside(text: str) -> str:
    """The longest telling term written inside a longer run of letters; else nothing."""
    length = len(text)
    if length < 7 or length > 80:
        return _inside(text[:80]) if length > 80 else ""
    for size in range(min(length, LONGEST), 4, -1):
        for start in range(length - size + 1):
            piece = text[start : start + size]
            known = LEXICON.get(piece)
            if known and (piece in INSIDE or size >= (6 if known[2] else 8)):
                return piece
    return ""


def repaired(folded: str) -> list[tuple[int, int, str]]:
    """Stretches that are one word in disguise (signs for letters, spelled out, censored), with the word meant."""
    found: list[tuple[int, int, str]] = []
    for chunk in _SIGNED.finditer(folded):
        meant = _unsigned(chunk[0])
        if meant:
            found.append((chunk.start(), chunk.end(), meant))
    if _SINGLES.search(folded):
        for joined, start, end in spelled_out(folded):
            meant = _spelled(joined)
            if meant:
                found.append((start, end, meant))
    if "*" in folded or "_" in folded or "." in folded or "#" in folded or "%" in folded:
        for chunk in _CENSORED.finditer(folded):
            meant = _uncensored(chunk[0])
            if meant:
                found.append((chunk.start(), chunk.end(), meant))
    found.sort()
    return found


def _unsigned(chunk: str) -> str:
    chunk = chunk.strip("!|+")
    if chunk.isalnum():
        return ""
    for candidate in unleet(chunk):
        if len(candidate) > 3 and candidate.isalpha() and (meant := resolve(candidate)) and _known(meant):
            return meant
    return ""


def _spelled(joined: str) -> str:
    for candidate in (joined, *unleet(joined)):
        meant = resolve(candidate)
        if len(candidate) > 2 and _known(meant):
            return meant
        inside = _inside(candidate)
        if inside:
            return inside
    return ""


def _uncensored(chunk: str) -> str:
    bare = re.sub(r"[^a-z]", "", chunk)
    if len(bare) > 3 and LEXICON.get(bare, (0, 0, 0))[2] or (len(bare) > 4 and "*" in chunk and _slip(bare)):
        return bare if bare in LEXICON else _slip(bare)
    if "*" not in chunk and "_" not in chunk and "#" not in chunk and "%" not in chunk:
        return ""
    hidden = re.sub(r"[^a-z]", ".", chunk)
    if len(bare) < 2 or len(hidden) < 4:
        return ""
    return next((term for term in _BY_SHAPE.get((len(hidden), hidden[0]), ()) if re.fullmatch(hidden, term)), "")


def _by_shape() -> dict[tuple[int, str], list[str]]:
    shapes: dict[tuple[int, str], list[str]] = {}
    for term, (_, size, _) in LEXICON.items():
        if size == 1 and len(term) > 3:
            shapes.setdefault((len(term), term[0]), []).append(term)
    return shapes


_BY_SHAPE = _by_shape()
