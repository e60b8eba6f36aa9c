"""Where a text holds the practice's own name, which may sound clinical and yet tells nothing.

The name is told by its shape and by its place, never by capitals, so that a text reads the same in any case. A shape
that can only be a business (a word for one, "by Anna", "Institute of") needs a place where a name can begin; a weaker
shape needs a place where only a business can stand ("welcome to", "will be closed", "call … at 555").
"""

import re
from collections.abc import Iterable, Sequence

from texting.rules.normalise import fold
from texting.rules.phi_addresses import address_words
from texting.rules.phi_slots import ASKED_FOR, INTRODUCING, TEAMS, around, owner, parted, raw, slot
from texting.rules.phi_tables import GIVEN, KNOWN, LEXICON, WORDS
from texting.rules.phi_words import Row

_BUSINESS = WORDS["business"]
_SOFT_BUSINESS = WORDS["soft_business"]
_LEADING = WORDS["leading"]
_JOINERS = WORDS["joiners"]
_BEFORE_NAME = WORDS["before_name"]
_BUSINESS_VERBS = WORDS["business_verbs"]
_NEVER_IN_NAME = WORDS["never_in_name"] | _BUSINESS_VERBS | ((_BEFORE_NAME | WORDS["leads_straight"]) - _JOINERS)
_VISIT = WORDS["visit"]
_WHEN = WORDS["when"]
_ARTICLES = WORDS["articles"]
_TRADES = WORDS["trades"]
_NAMEY = WORDS["namey"]
_HOUSES = WORDS["houses"]
_LEADS_STRAIGHT = WORDS["leads_straight"]
_PLACES = WORDS["places"]
_LEADS_TO = WORDS["leads_to"]
_SURGERIES = frozenset(("plastic", "cosmetic", "aesthetic", "oral", "dermatologic", "facial", "plastica", "estetica"))
_ADJECTIVES = frozenset(("medical", "med", "aesthetic", "cosmetic", "md"))
_ROOMS = frozenset(("room", "rooms", "nurse", "girls", "doc", "guys", "experts", "place", "people"))
_FIRMS = frozenset(("co", "inc", "llc", "pllc"))
_ENDS_NAME = frozenset((".", ",", "!", "?", ":", ";", "team", "family", "here", "equipo"))
_SENTENCE_WORDS = frozenset(
    "your su tu at with w for from @ in con en para desde . , ! ? hi hello hola see you ready reminder go come new free"
    " our".split()
)
# What a patient has with a business: "your Luxe Injectables points".
_KEPT = frozenset("points rewards account membership portal receipt statement app profile login credit".split())
_DEPARTMENTS = frozenset(
    "center centre clinic institute lab labs hospital bureau den house clinica centro consultorio".split()
)
_PRESENTING = frozenset("- from is its love somos saluda , at".split()) - {"at"}
_UNLIKE_A_NAME = (_VISIT | WORDS["when"] | WORDS["offer"] | _SENTENCE_WORDS) - {"special"}
_MOST_NAME_WORDS = 9
_MOST_AFTER_FOR = 4
_LETTERS_OF_A_BRAND = 3
_PLAIN_ADDITIONS = (
    "appt|appoint|day|treat|session|touch|remov|time|follow|party|sale|special|consult|prep|after|refill|visit|promo"
    "|deal|cita"
)


def practice_words(row: Row, practice: str) -> frozenset[int]:
    """Indices of the words that belong to the practice's own name, given or inferred, or to an address."""
    inside: set[int] = set()
    if practice:
        inside.update(_given(row, practice))
    inside.update(_headed(row))
    inside.update(_inferred(row))
    inside.update(address_words(row))
    return frozenset(inside)


def _given(row: Row, practice: str) -> Iterable[int]:
    name = [text for text in Row(fold(practice).text).texts if text.isalnum()]
    places = [place for place, text in enumerate(row.texts) if text.isalnum()]
    texts = [row.texts[place] for place in places]
    for first in range(len(texts) - len(name) + 1):
        if name and texts[first : first + len(name)] == name:
            yield from range(places[first], places[first + len(name) - 1] + 1)


def _headed(row: Row) -> Iterable[int]:
    """The words before the message's colon, where they end in a word for a business ("Eyes on Main Clinic:")."""
    texts = row.texts
    end = texts.index(":") if ":" in texts[:_MOST_NAME_WORDS] else 0
    named = end > 1 and _house(texts[:end]) == end - 1 and texts[0] not in _ARTICLES
    return range(end) if named and _UNLIKE_A_NAME.isdisjoint(texts[:end]) else ()


def _part_of_name(text: str) -> bool:
    return text in _BUSINESS or text in _JOINERS or (text.isalpha() and text not in _NEVER_IN_NAME)


def _inferred(row: Row) -> Iterable[int]:
    first = 0
    while first < len(row.texts):
        if not _part_of_name(row.texts[first]) or row.texts[first] in _JOINERS - {"the", "dr", "la", "el"}:
            first += 1
            continue
        end = _end_of_run(row, first)
        if row.texts[first] in GIVEN and first + 2 < end and row.texts[first + 1] == "de":
            first += 2
        if end > first:
            yield from _name_in_run(row, first, end)
        first = max(end, first + 1)


def _end_of_run(row: Row, first: int) -> int:
    """Where the words that may all be of one name end; "Center for" and the like take what they are for."""
    texts, end = row.texts, first + 1
    stop = len(texts)
    while end < stop and not parted(row, end):
        if texts[end] == "for" and texts[end - 1] in _LED_BY_FOR:
            stop = min(stop, end + 1 + _MOST_AFTER_FOR)
        elif _ends_run(row, first, end):
            break
        end += 1
    while end > first and texts[end - 1] in _JOINERS:
        end -= 1
    return end


def _ends_run(row: Row, first: int, end: int) -> bool:
    texts = row.texts
    if owner(row, end - 1) and any(text in LEXICON or text in _SOFT_BUSINESS for text in texts[first:end]):
        return True
    return not (_part_of_name(texts[end]) or (texts[end] in _ROOMS and texts[first] == "the"))


_LED_BY_FOR = frozenset(("center", "centre", "institute", "centers"))


def _name_in_run(row: Row, first: int, end: int) -> Iterable[int]:
    texts = row.texts[first:end]
    if len(texts) > _MOST_NAME_WORDS:
        return ()
    before, after = around(row, first, end)
    begins = _begins(row, first, before, texts)
    leading = next(
        (n for n, text in enumerate(texts[:-1]) if text in _LEADING and (not n or texts[n - 1] in _JOINERS)), -1
    )
    if leading >= 0 and (begins or leading) and after not in _VISIT - _WHEN and before not in _ARTICLES:
        return range(first + leading, end)
    if _of_a_place(texts) and before not in _ARTICLES:
        return range(first, end)
    instituted = _for_what(first, texts)
    if instituted or not begins:
        return instituted
    signed = _by_someone(texts, after)
    if signed:
        return range(first, first + signed)
    kept = _housed(row, first, texts, before)
    if kept < len(texts) and _stands_alone(row, first, end):
        return range(first, end)
    return range(first, first + kept)


def _for_what(first: int, texts: Sequence[str]) -> Iterable[int]:
    """A name led by "Center for" or "Institute of", wherever it stands."""
    for place in range(len(texts) - 2):
        if texts[place] in _LED_BY_FOR and texts[place + 1] in ("for", "of"):
            return range(first + place, first + len(texts))
    return ()


def _of_a_place(texts: Sequence[str]) -> bool:
    """Whether the name ends in "of" and a word of its own: "Hair Restoration of Dallas"."""
    if len(texts) > 2 and texts[-2] == "of":
        return texts[-1] in _PLACES or (_proper(texts[-1]) and texts[-1] not in KNOWN)
    return False


def _by_someone(texts: Sequence[str], after: str) -> int:
    """How many words are a trade and the one who plies it ("Botox by Brooke"), or 0; not with a time after them."""
    if (
        "by" not in texts[1:-1]
        or not (after in _ENDS_NAME or after.isalpha())
        or after in _WHEN
        or after in ("at", "on")
    ):
        return 0
    place = texts.index("by", 1)
    named = texts[place + 1] in GIVEN or _own(texts[place + 1])
    return place + 2 if named else 0


def _house(texts: Sequence[str]) -> int:
    """The place of the last word for a kind of business, or -1; "surgery" only after the likes of "plastic"."""
    for place in range(len(texts) - 1, -1, -1):
        text = texts[place]
        if text in _BUSINESS and (text != "surgery" or (place > 1 and texts[place - 1] in _SURGERIES)):
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
    proper = any(map(_tells_a_name, texts[:house]))
    if _goes_on(texts, house, kept, row, first):
        return len(texts)
    if texts[house] in _FIRMS or proper:
        return kept
    described = (
        following in _VISIT - _WHEN or before in _ARTICLES or _described(texts[house], texts[0], before, following)
    )
    return 0 if described and not (first == 0 and following == ":") else kept


def _described(house: str, opening: str, before: str, following: str) -> bool:
    """Whether "the …" tells a part of a building ("the laser clinic on 2"), not a name ("at The Lip Loft")."""
    if opening not in ("la", "el", "the") or before in _LEADS_STRAIGHT or before in _PRESENTING:
        return False
    return house in _DEPARTMENTS or (following not in _ENDS_NAME and before != "at")


def _goes_on(texts: Sequence[str], house: int, kept: int, row: Row, first: int) -> bool:
    """Whether the name goes on after the word for a business: "Clínica Láser", "Medical Weight Loss", "Bar Austin"."""
    if kept >= len(texts):
        return False
    after = row.texts[first + len(texts)] if first + len(texts) < len(row.texts) else "."
    if texts[-1] in _PLACES or texts[house] in _ADJECTIVES:
        return True
    own = any(map(_proper, texts[:house])) or house == 0
    tail = texts[kept:]
    ends = after in _ENDS_NAME or after in _BUSINESS_VERBS
    soft = all(text in _SOFT_BUSINESS or text in _JOINERS or text == "care" for text in tail)
    return own and ends and (soft or (house == 0 and _own(tail[-1])))


def _own(text: str) -> bool:
    return _proper(text) and text not in KNOWN


def _stands_alone(row: Row, first: int, end: int) -> bool:
    """Whether words with no word for a business are a name all the same: the weaker the shape, the surer the place."""
    shape = _shape(row, first, end)
    return bool(shape) and shape + slot(row, first, end, shape) > 2


def _shape(row: Row, first: int, end: int) -> int:
    """2 for a word of its own before what sounds clinical, 1 for one elsewhere or inside a made-up word, else 0."""
    texts = row.texts[first:end]
    if len(texts) < 2:
        return 2 * _made_up(row, first)
    proper = [place for place, text in enumerate(texts) if _tells_a_name(text)]
    if not proper:
        roomy = texts[0] == "the" and texts[-1] in _ROOMS
        return int(roomy or _made_up(row, first) or _made_up(row, end - 1))
    if proper[0] == 0 and texts[0] not in GIVEN:
        return 2
    return 2 if texts[-1] in _PLACES and texts[-1] not in GIVEN else 1


def _tells_a_name(text: str) -> bool:
    return _proper(text) and (
        text not in KNOWN or text in _NAMEY or text in _PLACES or text in _TRADES or text in GIVEN
    )


def _made_up(row: Row, place: int) -> bool:
    """Whether a word is a term with more letters on it, as a brand makes them ("LaserLuxe"), and no hashtag."""
    written = raw(row, place).removesuffix("'s")
    if row.texts[place] not in LEXICON or not written.isalpha() or "#" in row.gap(place):
        return False
    return len(written.replace(row.texts[place], "")) >= _LETTERS_OF_A_BRAND and not re.search(
        _PLAIN_ADDITIONS, written
    )


def _begins(row: Row, first: int, before: str, texts: Sequence[str]) -> bool:
    """Whether a name can begin here: at the start, after a mark or dash, or after a word that leads to one."""
    earlier = row.texts[first - 2] if first > 1 else ""
    if before == "to":
        return earlier in _LEADS_TO
    if first == 0 or before in _BEFORE_NAME or parted(row, first) or not _FIRMS.isdisjoint(texts):
        return True
    if before == "de":
        return earlier in TEAMS or not INTRODUCING.isdisjoint(row.texts[max(0, first - 3) : first - 1])
    own = _proper(texts[0]) and texts[0] not in GIVEN and not _HOUSES.isdisjoint(texts)
    if before == "for":
        return earlier in ASKED_FOR or (own and texts[0] not in KNOWN)
    after = row.texts[first + len(texts)] if first + len(texts) < len(row.texts) else ""
    return before in _ARTICLES and own and (len(texts) > 2 or after in _KEPT)


def _proper(text: str) -> bool:
    return not (
        text in LEXICON or text in _BUSINESS or text in _SOFT_BUSINESS or text in _JOINERS or text in _SURGERIES
    )
