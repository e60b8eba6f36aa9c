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
_NEVER_IN_NAME = WORDS["never_in_name"] | ((_BEFORE_NAME | WORDS["leads_straight"]) - _JOINERS)
_VISIT = WORDS["visit"]
_WHEN = WORDS["when"]
_ARTICLES = WORDS["articles"]
_MOST_NAME_WORDS = 7
_HOST = (
    r"(?:https?://|www\.|[a-z0-9._%+-]+@)?((?:[a-z0-9-]+\.)+(?:com|net|org|co|io|health|clinic|me|ly|us|app|care|spa|link"
    r"|page|site|example|test|biz|info|mx|es|online|beauty|center|shop|store|md|tv|gl|st|to))(?![a-z0-9])"
)
_HOST_PLAIN = (
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
        if row.texts[first] in GIVEN and first + 2 < end and row.texts[first + 1] == "de":
            first += 2
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
    if len(texts) > _MOST_NAME_WORDS:
        return ()
    before, after = _around(row, first, end)
    begins = _begins(row, first, before, texts)
    leading = next(
        (n for n, text in enumerate(texts[:-1]) if text in _LEADING and (not n or texts[n - 1] in _JOINERS)), -1
    )
    if leading >= 0 and (begins or leading) and after not in _VISIT - _WHEN and before not in _ARTICLES:
        return range(first + leading, end)
    if _of_a_place(texts) and before not in _ARTICLES:
        return range(first, end)
    kept = _housed(row, first, texts, before) if begins else 0
    if kept or not begins:
        return range(first, first + kept)
    return range(first, end) if _alone(row, first, end, before, after) else ()


def _around(row: Row, first: int, end: int) -> tuple[str, str]:
    return row.texts[first - 1] if first else ".", row.texts[end] if end < len(row.texts) else "."


def _of_a_place(texts: Sequence[str]) -> bool:
    """Whether the name ends in "of" and a word of its own: "Hair Restoration of Dallas"."""
    return len(texts) > 2 and texts[-2] == "of" and _proper(texts[-1]) and texts[-1] not in KNOWN


def _house(texts: Sequence[str]) -> int:
    """The place of the last word for a kind of business, or -1; "surgery" only after the likes of "plastic"."""
    for place in range(len(texts) - 1, -1, -1):
        text = texts[place]
        if text in _BUSINESS and (text != "surgery" or (place and texts[place - 1] in _SURGERIES)):
            return place
    return -1


def _housed(row: Row, first: int, texts: Sequence[str], before: str) -> int:
    """How many words from here are a name around a word for a business ("Radiance Botox Bar"), or 0."""
    house = _house(texts)
    if house < 0 or len(texts) < 2:
        return 0
    kept = house + 1
    while kept + 1 < len(texts) and texts[kept] in ("&", "and", "+", "y"):
        kept += 2
    kept = min(kept, len(texts))
    following = row.texts[first + kept] if first + kept < len(row.texts) else "."
    if texts[house] in _FIRMS or any(map(_proper, texts[:house])):
        return kept
    opens = texts[0] in ("la", "el", "the") and following not in _ENDS_NAME and before not in _LEADS_STRAIGHT
    described = following in _VISIT - _WHEN or before in _ARTICLES or opens
    return 0 if described else kept


def _alone(row: Row, first: int, end: int, before: str, after: str) -> bool:
    """Whether words with no word for a business are a name all the same, by what leads to them."""
    texts = row.texts[first:end]
    proper = [place for place, text in enumerate(texts) if _proper(text)]
    if not proper or len(texts) < 2 or after in _VISIT:
        return False
    if before in _LEADS_STRAIGHT or (before == "," and first > 1 and row.texts[first - 2] == "preferencia"):
        return True
    titled = first == 0 and after == ":"
    led = titled or _introduced(row, first, before) or _signature(row, first, end, before)
    led = led or (before in _NAME_ALONE_AFTER and before != "to")
    namey = texts[0] in _NAMEY or (titled and texts[-1] in _TRADES)
    known = texts[0] in GIVEN or (texts[0] in KNOWN and not namey)
    return led and proper[0] == 0 and not known


def _introduced(row: Row, first: int, before: str) -> bool:
    """Whether "it's", "this is" or "this is Mia with" stands before."""
    earlier = row.texts[max(0, first - 4) : first - 1]
    if before == "its" or (before == "is" and earlier[-1:] == ["this"]):
        return True
    return before in ("with", "from", "at", "by", "de") and not _INTRODUCING.isdisjoint(earlier[-2:])


_INTRODUCING = frozenset(
    ("is", "its", "stopping", "stopped", "sent", "dropping", "habla", "soy", "escribe", "saluda", "im")
)
_SURGERIES = frozenset(("plastic", "cosmetic", "aesthetic", "oral", "dermatologic", "facial", "plastica", "estetica"))
_FIRMS = frozenset(("co", "inc", "llc", "pllc"))
_ENDS_NAME = frozenset((".", ",", "!", "?", ":", ";", "team", "family", "here", "equipo"))
_LEADS_STRAIGHT = WORDS["leads_straight"]


def _begins(row: Row, first: int, before: str, texts: Sequence[str]) -> bool:
    """Whether a name can begin here: at the start, after a mark or dash, or after a word that leads to one."""
    if before == "to":
        return first > 1 and row.texts[first - 2] in _LEADS_TO
    if first == 0 or before in _BEFORE_NAME or parted(row, first) or not _FIRMS.isdisjoint(texts):
        return True
    own = _proper(texts[0]) and texts[0] not in GIVEN and not _HOUSES.isdisjoint(texts)
    if before == "for":
        return own and texts[0] not in KNOWN
    return before in _ARTICLES and len(texts) > 2 and own


_TRADES = WORDS["trades"]
_NAMEY = WORDS["namey"]
_LEADS_TO = frozenset(("welcome", "come", "coming", "back", "get", "go", "going", "way", "drive", "head", "bienvenida"))
_HOUSES = WORDS["houses"]


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
    """Words in the name of a web or mail host, where it is a name and not a bare term; never in what stands before it."""
    if "." not in row.folded:
        return
    for host in re.finditer(_HOST, row.folded):
        start = host.start(1) + host[1].rfind(".", 0, host[1].rfind(".")) + 1
        inside = [place for place, span in enumerate(row.spans) if start <= span[0] and span[1] <= host.end(1)]
        name = row.folded[start : host.start(1) + host[1].rfind(".")]
        bare = name
        for place in inside:
            bare = bare.replace(row.texts[place], " ")
        own = len(re.sub(r"[^a-z]", "", re.sub(_HOST_PLAIN, " ", bare))) > 3
        if own or any(word in name for word in _HOUSES):
            yield from inside
