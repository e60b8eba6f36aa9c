"""Which words stand in a tip for everybody: sun, water, sleep, teeth, hands, screens, told to nobody in particular.

A tip has a healthy habit as its subject and a word that speaks to all (a season, "every day", "folks"). It says nothing
of a visit, of what was treated, of how long, or of what to leave off. Whatever else a text says is judged as ever.
"""

from collections.abc import Iterable, Sequence

from texting.rules.phi_tables import LEXICON, WORDS
from texting.rules.phi_words import Row

_SUBJECTS = WORDS["tip_subjects"]
_GENERAL = WORDS["tip_general"]
_BLOCKS = WORDS["tip_blocks"]
_FORBIDS = WORDS["tip_forbids"]
_SOFT = WORDS["tip_soft"]
_NOT_LEFT_OFF = frozenset(
    "forget skip block get need wait olvide olvides olviden olvidar have worry just let underestimate".split()
)
_NOT_ONLY = frozenset("the just only all everything enough always".split())
_LEADS_TO_CARE = frozenset("after before since until post pre antes despues desde hasta tras previo".split())
_OF_CARE = frozenset("you your ur the we coming su tu la el arriving arrival seeing de".split())
_CARED_FOR = frozenset("come arrive see visit check were have had take use apply start resume return are".split())
_SPANS = frozenset(
    "night nights noche noches hour hours hrs hr day days week weeks month months hora horas dia dias semana semanas mes"
    " meses".split()
)
_HOW_LONG = frozenset(
    "esta for first next por durante proximos proximas primeros primeras at least the within x".split()
)
_EVERY = frozenset("every each cada todos todas todo of".split())
_ENOUGH_SLEEP = frozenset("of a de al daily diarias".split())


def tip_words(row: Row, there: frozenset[str]) -> Iterable[int]:
    """Indices of the words of a tip for everybody; none where the text is about the reader's own care."""
    if _SUBJECTS.isdisjoint(there) or _GENERAL.isdisjoint(there) or not _BLOCKS.isdisjoint(there):
        return ()
    texts = row.texts
    if any(_personal(texts, place) for place in range(len(texts))):
        return ()
    return (place for place, text in enumerate(texts) if text not in LEXICON or text in _SOFT)


def _personal(texts: Sequence[str], place: int) -> bool:
    """Whether here something is forbidden, timed or tied to a visit."""
    text = texts[place]
    after = texts[place + 1] if place + 1 < len(texts) else ""
    if text in _FORBIDS:
        return after not in _NOT_LEFT_OFF and not (text == "not" and after in _NOT_ONLY)
    if text in _LEADS_TO_CARE:
        later = texts[place + 2] if place + 2 < len(texts) else ""
        if after == "you" and later not in _CARED_FOR and texts[place + 2 : place + 4] != ["get", "here"]:
            return False
        return after in _OF_CARE and (after != "de" or later in _OF_CARE)
    if text not in _SPANS or not place:
        return False
    return _limited(texts, place, after)


def _limited(texts: Sequence[str], place: int, after: str) -> bool:
    """Whether a span tells how long something is done ("for 24 hours"), not how often or how much ("8 hours of sleep")."""
    before = texts[max(0, place - 4) : place]
    if before[-1] == "the" and after == "of":
        return True
    if not _EVERY.isdisjoint(before) or after in _ENOUGH_SLEEP:
        return False
    return before[-1][0].isdigit() or not _HOW_LONG.isdisjoint(before[-3:])
