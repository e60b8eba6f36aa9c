"""Where a text holds the practice's own name, which may sound clinical and yet tells nothing.

The name is told by its place and its neighbours, never by capitals, so that a text reads the same in any case.
"""

import re
from collections.abc import Iterable, Sequence

from texting.rules.normalise import fold
from texting.rules.phi_tables import GIVEN, KNOWN, LEXICON, WORDS
from texting.rules.phi_words import Row

_BUSINESS = WORDS["business"]
_SOFT_BUSINESS = WORDS["soft_business"]
_LEADING = WORDS["leading"]
_JOINERS = WORDS["joiners"]
_BEFORE_NAME = WORDS["before_name"]
_NAME_ALONE_AFTER = WORDS["name_alone_after"]
_SIGN_OFF = WORDS["sign_off"]
_NEVER_IN_NAME = WORDS["never_in_name"]
_VISIT = WORDS["visit"]
_WHEN = WORDS["when"]
_ARTICLES = WORDS["articles"]
_MOST_NAME_WORDS = 7
_HOST = re.compile(
    r"(?:https?://|www\.|[a-z0-9._%+-]+@)?((?:[a-z0-9-]+\.)+(?:com|net|org|co|io|health|clinic|me|ly|us|app|care|spa|link"
    r"|page|site|example|test|biz|info|mx|es|online|beauty|center|shop|store|md|tv|gl|st|to))(?![a-z0-9])"
)
_HOST_PLAIN = re.compile(
    r"forms?|book(?:ing|now)?|confirm|appointments?|appts?|consent|after|care|pre|post|portal|my|your|www|info|get|the"
    r"|prep|schedule|online|visit|[^a-z]"
)


def practice_words(row: Row, practice: str) -> frozenset[int]:
    """Indices of the words that belong to the practice's own name, given or inferred, or to its web address."""
    inside: set[int] = set()
    if practice:
        inside.update(_given(row, practice))
    inside.update(_inferred(row))
    inside.update(_hosts(row))
    inside.update(_streets(row))
    return frozenset(inside)


def _given(row: Row, practice: str) -> Iterable[int]:
    name = [text for text in Row(fold(practice).text).texts if text.isalnum()]
    places = [place for place, text in enumerate(row.texts) if text.isalnum()]
    texts = [row.texts[place] for place in places]
    for first in range(len(texts) - len(name) + 1):
        if name and texts[first : first + len(name)] == name:
            yield from range(places[first], places[first + len(name) - 1] + 1)


def _part_of_name(text: str) -> bool:
    return text in _BUSINESS or text in _JOINERS or (text.isalpha() and text not in _NEVER_IN_NAME)


def _inferred(row: Row) -> Iterable[int]:
    first = 0
    while first < len(row.texts):
        if not _part_of_name(row.texts[first]) or row.texts[first] in _JOINERS - {"the", "dr", "la", "el"}:
            first += 1
            continue
        end = first + 1
        while end < len(row.texts) and _part_of_name(row.texts[end]) and not parted(row, end):
            end += 1
        while end > first and row.texts[end - 1] in _JOINERS:
            end -= 1
        if end > first:
            yield from _name_in_run(row, first, end)
        first = max(end, first + 1)


def parted(row: Row, place: int) -> bool:
    """Whether a dash with space around it, a line or a bracket parts this word from the one before."""
    between = row.gap(place)
    return len(between) > 1 and any(mark in between for mark in _PARTING)


_PARTING = (" -", "- ", "--", "|", "~", "(", ")")


def _name_in_run(row: Row, first: int, end: int) -> Iterable[int]:
    texts = row.texts[first:end]
    before = row.texts[first - 1] if first else "."
    after = row.texts[end] if end < len(row.texts) else "."
    begins = _begins(row, first, before, texts)
    leading = next(
        (n for n, text in enumerate(texts[:-1]) if text in _LEADING and (not n or texts[n - 1] in _JOINERS)), -1
    )
    if not (begins or leading > 0) or end - first > _MOST_NAME_WORDS + 3:
        return
    proper = [place for place, text in enumerate(texts) if _proper(text)]
    if leading >= 0 and after not in _VISIT - _WHEN and before not in _ARTICLES:
        yield from range(first + leading, end)
        return
    last_business = max(
        (place for place, text in enumerate(texts) if text in _BUSINESS and text not in _JOINERS), default=-1
    )
    if last_business >= 0 and len(texts) > 1:
        kept = last_business + 1
        while kept + 1 < len(texts) and texts[kept] in ("&", "and", "+", "y"):
            kept += 2
        following = row.texts[first + kept] if first + kept < len(row.texts) else "."
        ended = following in ".,!?:;" or following in ("team", "family", "here", "equipo")
        named = any(place < last_business for place in proper)
        opens = texts[0] in ("la", "el", "the")
        described = not named and (following in _VISIT - _WHEN or before in _ARTICLES or (opens and not ended))
        if not described:
            yield from range(first, first + min(kept, len(texts)))
        return
    introduced = before == "its" or (before == "is" and first > 1 and row.texts[first - 2] == "this")
    alone = (
        introduced
        or (first == 0 and after == ":")
        or (before in _NAME_ALONE_AFTER and before != "to")
        or _signature(row, first, end, before)
    )
    titled = first == 0 and after == ":"
    known = texts[0] in GIVEN or (texts[0] in KNOWN and texts[0] not in _NAMEY and not titled)
    if alone and proper and proper[0] == 0 and len(texts) > 1 and after not in _VISIT and not known:
        yield from range(first, end)


def _begins(row: Row, first: int, before: str, texts: Sequence[str]) -> bool:
    """Whether a name can begin here: at the start, after a mark or dash, or after a word that leads to one."""
    if before == "to":
        return first > 1 and row.texts[first - 2] in _LEADS_TO
    if first == 0 or before in _BEFORE_NAME or parted(row, first):
        return True
    return before in _ARTICLES and len(texts) > 2 and _proper(texts[0]) and not _HOUSES.isdisjoint(texts)


_NAMEY = WORDS["namey"]
_LEADS_TO = frozenset(("welcome", "come", "coming", "back", "get", "go", "going", "way", "drive", "head", "bienvenida"))
_HOUSES = frozenset(
    (
        "aesthetics",
        "spa",
        "medspa",
        "clinic",
        "center",
        "dermatology",
        "institute",
        "studio",
        "lounge",
        "bar",
        "medical",
    )
)


def _proper(text: str) -> bool:
    return text not in LEXICON and text not in _BUSINESS and text not in _SOFT_BUSINESS and text not in _JOINERS


def _streets(row: Row) -> Iterable[int]:
    """Words that name a street ("Chin Street"), with the street's kind after them."""
    return (
        place
        for place in range(len(row.texts) - 1)
        if row.texts[place + 1] in _STREET_AFTER and row.texts[place].isalpha()
    )


_STREET_AFTER = WORDS["street_after"]


def _signature(row: Row, first: int, end: int, before: str) -> bool:
    ends = end == len(row.texts) or (end == len(row.texts) - 1 and row.texts[end] in ".!")
    signed = before in _SIGN_OFF or (before == "," and first > 1 and row.texts[first - 2] in _SIGN_OFF)
    return ends and (signed or parted(row, first))


def _hosts(row: Row) -> Iterable[int]:
    if "." not in row.folded:
        return
    for host in _HOST.finditer(row.folded):
        name = host[1].rsplit(".", 1)[0]
        inside = [place for place, span in enumerate(row.spans) if host.start() <= span[0] and span[1] <= host.end(1)]
        bare = name
        for place in inside:
            bare = bare.replace(row.texts[place], " ")
        own = len(re.sub(r"[^a-z]", "", _HOST_PLAIN.sub(" ", bare))) > 3
        if own and name.count(".") == (1 if name.startswith("www.") else 0):
            yield from inside
        elif any(word in name for word in ("spa", "clinic", "lounge", "studio", "skin", "bar", "center", "aesthetic")):
            yield from inside[-2:] if name.count(".") else inside
