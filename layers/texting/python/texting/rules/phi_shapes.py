"""What a run of words looks like: the name of a business, and how surely."""

import re
from collections.abc import Sequence

from texting.rules.phi_slots import KEPT, parted, raw
from texting.rules.phi_tables import GIVEN, KNOWN, LEXICON, WORDS
from texting.rules.phi_words import Row

_BUSINESS = WORDS["business"]
_SOFT_BUSINESS = WORDS["soft_business"]
_JOINERS = WORDS["joiners"]
_BUSINESS_VERBS = WORDS["business_verbs"]
_VISIT = WORDS["visit"]
_WHEN = WORDS["when"]
_ARTICLES = WORDS["articles"]
_LEADS_STRAIGHT = WORDS["leads_straight"]
_SURGERIES = frozenset(("plastic", "cosmetic", "aesthetic", "oral", "dermatologic", "facial", "plastica", "estetica"))
_ADJECTIVES = frozenset(("medical", "med", "aesthetic", "cosmetic", "md"))
FIRMS = frozenset(("co", "inc", "llc", "pllc"))
_ENDS_NAME = frozenset((".", ",", "!", "?", ":", ";", "team", "family", "here", "equipo"))
PARTS = frozenset(
    "seat seating chair chairs recliner bed bay entrance desk dept department wing line nurse coordinator window"
    " hallway waiting door side room tech unit suite program staff".split()
)
_AT = frozenset(("at", "with", "from", "for", "call", "de", "en"))
_DEPARTMENTS = frozenset(
    "center centre clinic institute lab labs hospital bureau den house clinica centro consultorio".split()
)
_PRESENTING = frozenset("- from is its love somos saluda , at".split()) - {"at"}
_LETTERS_OF_A_BRAND = 3
ROOMS = frozenset(("room", "rooms", "nurse", "girls", "doc", "guys", "experts", "place", "people"))
# Before "by" and a time: "spider veins gone by summer".
_UNTIL = frozenset(
    "gone ready done off smooth clear free smoother lighter better slimmer slim fit sculpted toned".split()
)
_HOW_WELL = frozenset("best well great wonders by for on in at to better fast".split())
_SEATS = frozenset("seat chair bed bay recliner pod silla sillon cama".split())
_INTO = frozenset(("in", "into", "inside", "to", "en", "at"))
_WAITING = frozenset(
    "wait sit seated seat relax lounge chill hang rest head straight espere sientese pase ready meet".split()
)
_INDOORS = frozenset(
    "seat chair bed bay recliner silla sillon cama"
    " piso puerta planta floor room suite second third first fourth sala ventanilla modulo window level nivel"
    " elevator".split()
)
_OF_A_PLACE = frozenset(("las", "los", "la", "el", "del", "san", "santa", "of"))
LED_BY_FOR = frozenset(("center", "centre", "institute", "centers"))
_TRADES = WORDS["trades"]
_NAMEY = WORDS["namey"]
_PLACES = WORDS["places"]
_PLAIN_ADDITIONS = (
    "appt|appoint|day|treat|session|touch|remov|time|follow|party|sale|special|consult|prep|after|refill|visit|promo"
    "|deal|cita"
)


def department(row: Row, first: int, end: int) -> bool:
    """Whether words without a word of their own tell a place in a house: "sleep lab, 8 pm", "clínica de peso, puerta 3"."""
    if any(map(tells_a_name, row.texts[first:end])):
        return False
    if _led_inside(row.texts, first):
        return True
    if row.texts[end : end + 1] != [","]:
        return False
    house = last_house(row.texts[first:end])
    following = row.texts[end + 1] if end + 1 < len(row.texts) else ""
    return following in _SEATS or (following in _INDOORS and (house < 0 or row.texts[first + house] in _DEPARTMENTS))


def _led_inside(texts: Sequence[str], first: int) -> bool:
    """Whether the reader is sent to a room, or a visit is moved there: "wait in the infusion lounge"."""
    before = texts[max(0, first - 6) : first]
    if not before or before[-1] not in _INTO:
        return False
    visit = not _VISIT.isdisjoint(before) and (before[-1] == "in" or "moved" in before)
    return visit or not _WAITING.isdisjoint(before)


def for_what(first: int, texts: Sequence[str]) -> Sequence[int]:
    """A name led by "Center for" or "Institute of", wherever it stands."""
    for place in range(len(texts) - 2):
        if texts[place] in LED_BY_FOR and texts[place + 1] in ("for", "of"):
            return range(first + place, first + len(texts))
    return ()


def of_a_place(texts: Sequence[str]) -> bool:
    """Whether the name ends in "of" and a word of its own: "Hair Restoration of Dallas"."""
    if len(texts) > 2 and texts[-2] == "of":
        return texts[-1] in _PLACES or tells_a_name(texts[-1])
    return False


def by_someone(texts: Sequence[str], after: str) -> int:
    """How many words are a trade and the one who plies it ("Botox by Brooke"), or 0; not with a time after them."""
    if (
        "by" not in texts[1:-1]
        or not (after in _ENDS_NAME or after.isalpha())
        or after in _WHEN
        or after in ("at", "on")
    ):
        return 0
    place = texts.index("by", 1)
    if texts[place - 1] in _UNTIL:
        return 0
    named = texts[place + 1] in GIVEN or is_own(texts[place + 1])
    return place + 2 if named else 0


def last_house(texts: Sequence[str]) -> int:
    """The place of the last word for a kind of business, or -1; "surgery" only after the likes of "plastic"."""
    for place in range(len(texts) - 1, -1, -1):
        text = texts[place]
        if text in _BUSINESS and (text != "surgery" or (place > 1 and texts[place - 1] in _SURGERIES)):
            return place
    return -1


def housed(row: Row, first: int, texts: Sequence[str], before: str) -> int:
    """How many words from here are a name around a word for a business ("Radiance Botox Bar"), or 0."""
    house = last_house(texts)
    if house < 0 or len(texts) < 2 or (before in ("in", "en") and texts[house] in _ADJECTIVES):
        return 0
    kept = house + 1
    while kept + 1 < len(texts) and texts[kept] in ("&", "and", "+", "y"):
        kept += 2
    kept = min(kept, len(texts))
    following = row.texts[first + kept] if first + kept < len(row.texts) else "."
    proper = any(map(tells_a_name, texts[:house]))
    if texts[house] == "works" and following in _HOW_WELL:
        return 0
    if _goes_on(texts, house, kept, row, first):
        return len(texts)
    if texts[house] in FIRMS or proper:
        return kept
    if following in PARTS and not proper:
        return 0
    described = (
        following in _VISIT - _WHEN or before in _ARTICLES or _described(texts[house], texts[0], before, following)
    )
    if (following in KEPT or (first and parted(row, first))) and texts[house] not in _DEPARTMENTS:
        described = False
    return 0 if described and not (first == 0 and following == ":") else kept


def _described(house: str, opening: str, before: str, following: str) -> bool:
    """Whether "the …" tells a part of a building ("the laser clinic on 2"), not a name ("at The Lip Loft")."""
    if opening not in ("la", "el", "the") or before in _LEADS_STRAIGHT or before in _PRESENTING:
        return False
    if house in _DEPARTMENTS:
        return True
    spoken_of = (
        (following in _ENDS_NAME and (before, following) != ("by", ","))
        or following in _BUSINESS_VERBS
        or following in KEPT
    )
    return not spoken_of and following not in ("will", "has") and before not in _AT


def _goes_on(texts: Sequence[str], house: int, kept: int, row: Row, first: int) -> bool:
    """Whether the name goes on after the word for a business: "Clínica Láser", "Medical Weight Loss", "Bar Austin"."""
    if kept >= len(texts):
        return False
    after = row.texts[first + len(texts)] if first + len(texts) < len(row.texts) else "."
    if texts[-1] in _PLACES or texts[house] in _ADJECTIVES:
        return True
    own = any(map(is_proper, texts[:house])) or house == 0
    tail = texts[kept:]
    ends = after in _ENDS_NAME or after in _BUSINESS_VERBS
    soft = all(text in _SOFT_BUSINESS or text in _JOINERS or text == "care" for text in tail)
    return own and ends and (soft or (house == 0 and is_own(tail[-1])))


def is_own(text: str) -> bool:
    return is_proper(text) and text not in KNOWN


def shape_of(row: Row, first: int, end: int) -> int:
    """2 for a word of its own before what sounds clinical, 1 for one elsewhere or inside a made-up word, else 0."""
    texts = row.texts[first:end]
    if len(texts) < 2:
        return 2 * made_up(row, first)
    proper = [place for place, text in enumerate(texts) if tells_a_name(text)]
    if not proper:
        roomy = texts[0] == "the" and texts[-1] in ROOMS
        return int(roomy or made_up(row, first) or made_up(row, end - 1))
    if proper[0] == 0 and texts[0] not in GIVEN:
        return 2
    placed = texts[-1] in _PLACES or (texts[-2] in _OF_A_PLACE and tells_a_name(texts[-1]))
    return 2 if placed and texts[-1] not in GIVEN else 1


def tells_a_name(text: str) -> bool:
    return is_proper(text) and (
        text not in KNOWN or text in _NAMEY or text in _PLACES or text in _TRADES or text in GIVEN
    )


def made_up(row: Row, place: int) -> bool:
    """Whether a word is a term with more letters on it, as a brand makes them ("LaserLuxe"), and no hashtag."""
    text = row.texts[place]
    if text not in LEXICON:
        return False
    written = raw(row, place).removesuffix("'s")
    if len(written.replace(text, "")) < _LETTERS_OF_A_BRAND or not written.isalpha() or "#" in row.gap(place):
        return False
    return not re.search(_PLAIN_ADDITIONS, written)


def is_proper(text: str) -> bool:
    return not (
        text in LEXICON or text in _BUSINESS or text in _SOFT_BUSINESS or text in _JOINERS or text in _SURGERIES
    )
