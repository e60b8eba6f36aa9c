"""The word of the vocabulary that was meant by one that is misspelt, shortened or disguised.

A word the guard knows stands for itself. Any other is tried, in this order, as letters held down, digits and
signs for letters, a name one slip away, without its vowels, backwards, and as a longer run of letters with a
name inside. Every step looks words up; none searches, so time grows with length only.
"""

import re
from functools import lru_cache

from texting.rules.normalise import squeeze, unleet
from texting.rules.phi_slips import consonants, distance, one_slip, skeleton
from texting.rules.phi_tables import (
    CHAT,
    FAMILY_NAMES,
    GIVEN,
    GIVEN_OR_WORD,
    INSIDE,
    KNOWN,
    LEXICON,
    LONGEST,
    MOST_REMEMBERED,
    candidates,
    distinctive,
    size_of,
    skeletons,
    voiceless,
)

_HUNG_ON = r"([a-z]{2,}(?:[ae]n?|[aei]r|ndo))(?:se|me|te|nos)?(?:l[aeo]s?|se|me|te|nos)"
_MANY_BONES = 6
_SHORTEST_CUT = 7


def resolve(text: str) -> str:
    """The word of the vocabulary that was meant, or the text itself where none can be told."""
    text = CHAT.get(text, text)
    if known(text) or text.replace(",", "").replace(".", "").isdigit():
        return text
    for candidate in squeeze(text):
        if known(candidate):
            return candidate
    if not text.isalpha():
        return _undigited(text)
    return _without_pronouns(text) or near(text) or _misspelt(text) or inside(text) or text


def known(text: str) -> bool:
    """Whether a word stands for itself: the rules know it, or it is a term or a name."""
    return text in KNOWN or text in LEXICON or text in GIVEN or text in FAMILY_NAMES or text in GIVEN_OR_WORD


def _without_pronouns(text: str) -> str:
    """The Spanish verb that pronouns were hung on ("mandela", send it), where the rules know it; else nothing."""
    bare = re.fullmatch(_HUNG_ON, text)
    return bare[1] if bare and bare[1] in KNOWN else ""


def _undigited(text: str) -> str:
    """A word with digits in it: letters in disguise, or a code with a term inside."""
    letters = sum(map(str.isalpha, text))
    for candidate in unleet(text):
        if letters > 1 and len(candidate) > 2 and known(candidate):
            return candidate
        if letters > 2 and (meant := near(candidate)):
            return meant
    if letters < 3:
        return text
    bare = re.sub(r"\d", "", text)
    if bare in LEXICON or near(bare):
        return near(bare) or bare
    return inside(bare) or next(filter(None, map(inside, unleet(text))), text)


@lru_cache(maxsize=MOST_REMEMBERED)
def near(text: str) -> str:
    """The term one slip, one sound or its vowels away from a word of five letters or more; else nothing."""
    if len(text) < 4 or len(text) > LONGEST + 1:
        return ""
    if len(text) == len(consonants(text)) and text in voiceless():
        return voiceless()[text]
    if len(text) < 5:
        return next((meant for meant in candidates(text) if meant in INSIDE and one_slip(text, meant)), "")
    bones = consonants(text)
    if len(bones) >= _MANY_BONES and bones in voiceless():
        return voiceless()[bones]
    meant = slip(text) or _alike(text)
    if meant:
        return meant
    backwards = text[::-1]
    return backwards if distinctive(LEXICON.get(backwards, 0)) else ""


def _misspelt(text: str) -> str:
    """The rules' often misspelt word that is one slip away; else nothing."""
    if len(text) < 6:
        return ""
    return next((meant for meant in candidates(text, of_rules=True) if one_slip(text, meant)), "")


def _alike(text: str) -> str:
    """The term that sounds the same, where enough consonants agree to make it no accident."""
    sound = skeleton(text)
    meant = skeletons().get(sound, "")
    if not meant or len(sound) - sound.count("a") < 4 or distance(text, meant) > (2 if len(meant) < 9 else 3):
        return ""
    return meant


def slip(text: str) -> str:
    """The term one slip away, or the one cut short after seven letters or more ("microne")."""
    cut = len(text) >= _SHORTEST_CUT
    for meant in candidates(text):
        if one_slip(text, meant) or (cut and meant.startswith(text) and size_of(LEXICON[meant]) == 1):
            return meant
    return ""


def inside(text: str) -> str:
    """The longest telling term written inside a longer run of letters; else nothing."""
    length = len(text)
    if length < 7 or length > 80:
        return inside(text[:80]) if length > 80 else ""
    for size in range(min(length, LONGEST), 4, -1):
        for start in range(length - size + 1):
            piece = text[start : start + size]
            entry = LEXICON.get(piece)
            if entry and (piece in INSIDE or size >= (6 if distinctive(entry) else 8)):
                return piece
    return ""
