"""Where a word that could be a treatment is used in its everyday sense, by what the sentence is about.

Only words with such a sense count ("weak": laser, needle, chin), never a brand or a plain treatment; only where nothing in
the text speaks of a visit; and only where the word does not itself stand as something booked ("your laser", "lips at 3").
"""

from collections.abc import Iterable

from texting.rules.phi_slots import raw
from texting.rules.phi_tables import FAMILY_NAMES, GIVEN, GIVEN_OR_WORD, LEXICON, WORDS, distinctive
from texting.rules.phi_words import Row

_WEAK = WORDS["weak"]
# Terms that people also are called by.
_BORNE = frozenset(("peel", "chin", "cheek", "moles"))
_BORNE_ROLES = WORDS["roles"] | frozenset(("np", "pa", "rn", "dr", "with", "con"))
_TOPICS = WORDS["topics"]
_CARE = WORDS["care"]
_SENTENCE_ENDS = frozenset(".!?;")
_OWNED = frozenset("your ur yr su tu sus tus for para her his".split())
_APART = frozenset(("to", "for", "with", "in", "at", "of", "and", "on", "from", "a", "the", ","))
_YOURS = frozenset(("your", "su", "tu"))
_TIMED = frozenset(
    "at @ today tomorrow tonight hoy manana monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu"
    " thurs fri sat sun lunes martes miercoles jueves viernes sabado domingo with w con el".split()
)
_CALLED = frozenset("hi hello hey hola dear estimada estimado".split())
_SPANS = frozenset("days dias hours horas hrs weeks semanas".split())
_EACH = frozenset(("every", "cada", "each"))
_TITLES = WORDS["titles"] | {"dr", "dra", "prof", "sgt", "rev", "capt"}
_SEASONAL = WORDS["seasonal"]
_MONTHS = frozenset("june july august december agosto julio junio diciembre".split())
# Without one of these, a word has its everyday sense only in a greeting.
_SIGNS = _TOPICS.union(_SEASONAL, _TITLES, _BORNE)
_HABITS = WORDS["habits"]
_TREATED = WORDS["treated"] | WORDS["visit"] - {"is", "was"}


def everyday_words(row: Row, there: frozenset[str]) -> Iterable[int]:
    """Indices of words used in an everyday sense, and of names that are also conditions ("Dolores, …")."""
    texts = row.texts
    yield from _greeted(texts)
    if _SIGNS.isdisjoint(there):
        return
    if not _TITLES.isdisjoint(there):
        yield from _titled(row)
    if not _BORNE.isdisjoint(there):
        yield from _borne(texts)
    if not _SEASONAL.isdisjoint(there):
        yield from _lifestyle(texts, there)
    if not _TOPICS.isdisjoint(there) and _CARE.isdisjoint(there):
        yield from _spoken_of(texts)


def _spoken_of(texts: list[str]) -> Iterable[int]:
    """The words used in an everyday sense in the sentences about an everyday topic."""
    start = 0
    for place in range(len(texts) + 1):
        if place == len(texts) or texts[place] in _SENTENCE_ENDS:
            if not _TOPICS.isdisjoint(texts[start:place]):
                yield from _senses(texts, start, place)
            start = place + 1


def _senses(texts: list[str], start: int, end: int) -> Iterable[int]:
    for place in range(start, end):
        if texts[place] not in _WEAK:
            continue
        before = texts[place - 1] if place > start else ""
        after = texts[place + 1] if place + 1 < end else ""
        later = texts[place + 2] if place + 2 < end else ""
        timed = after in _TIMED or (after == "on" and (later in _TIMED or later[:1].isdigit()))
        near = texts[max(start, place - 3) : place]
        owned = before in _OWNED or (not _YOURS.isdisjoint(near) and _APART.isdisjoint(near))
        if not owned and not timed and not after[:1].isdigit():
            yield place


def _greeted(texts: list[str]) -> Iterable[int]:
    if len(texts) > 1 and texts[1] in (",", ":") and texts[0] in GIVEN_OR_WORD:
        yield 0
    elif len(texts) > 2 and texts[0] in _CALLED and texts[1] in GIVEN_OR_WORD and texts[1] in LEXICON:
        yield 1


def _borne(texts: list[str]) -> Iterable[int]:
    """Terms that are one of the staff's surname: "with Ana Peel"."""
    for place in range(2, len(texts)):
        if texts[place] in _BORNE and texts[place - 1] in GIVEN and texts[place - 2] in _BORNE_ROLES:
            yield place


def _titled(row: Row) -> Iterable[int]:
    texts = row.texts
    for place, text in enumerate(texts[:-1]):
        if text in _TITLES:
            named = place + 2 if texts[place + 1] == "." else place + 1
            yield from (n for n in _named(texts, named) if _no_brand(texts[n]) or _addressed(row, n, named))


def _named(texts: list[str], place: int) -> Iterable[int]:
    """The places of a name after a title: one word, and more while family names follow ("Dr. Ian Peel")."""
    for named in range(place, min(len(texts), place + 3)):
        if named == place or texts[named] in FAMILY_NAMES or texts[named] in _BORNE:
            yield named
        else:
            return


def _no_brand(text: str) -> bool:
    return text in _WEAK or text in FAMILY_NAMES or not distinctive(LEXICON.get(text, 1))


def _addressed(row: Row, place: int, named: int) -> bool:
    """Whether a word right after a title is a name though it reads like a brand: spelled otherwise, or before a comma."""
    return place == named and (raw(row, place) != row.texts[place] or row.texts[place + 1 : place + 2] == [","])


def _lifestyle(texts: list[str], there: frozenset[str]) -> Iterable[int]:
    """Every word of a tip for everybody (sun, water, sleep, food), told by its season; none where a visit is spoken of."""
    if "$" in there or not _TREATED.isdisjoint(there) or _SEASONAL & there <= _dated(texts):
        return ()
    if any(texts[place][:1].isdigit() and _lasts(texts, place) for place in range(len(texts) - 1)):
        return ()
    return (place for place, text in enumerate(texts) if text in _HABITS or text.isdigit())


def _dated(texts: list[str]) -> set[str]:
    """The words right before or after which a number stands: months in dates, no seasons."""
    return {
        text
        for place, text in enumerate(texts)
        if text in _MONTHS and any(map(_counts, texts[max(0, place - 1) : place + 2]))
    }


def _counts(text: str) -> bool:
    return text[0].isdigit()


def _lasts(texts: list[str], place: int) -> bool:
    """Whether a number tells how long ("24 hours"), not how often ("every 2 hours")."""
    return texts[place + 1] in _SPANS and (not place or texts[place - 1] not in _EACH)
