"""Which words of a text make a first and a last name: by lists of names, by capitals and by what joins them.

Capitals count as evidence only in a text that uses them; one in a single case is read by the lists alone.
"""

import re
from collections.abc import Sequence
from functools import cache

from texting.rules.normalise import Folded
from texting.rules.phi_slots import owner, parted
from texting.rules.phi_tables import FAMILY_NAMES, GIVEN, GIVEN_OR_WORD, KNOWN, LEXICON, WORDS
from texting.rules.phi_words import Row

# How surely two words are a person's first and last name.
SURE, LIKELY, DOUBTFUL = 3, 2, 1
_PARTICLES = WORDS["particles"]
_BUSINESS = WORDS["business"]
_NOT_A_NAME = WORDS["not_a_name"]
_NOT_A_SURNAME = WORDS["not_a_surname"]
_BEGINS_SENTENCE = WORDS["begins_sentence"] | WORDS["months"]
_TITLES = WORDS["titles"]
_HONORIFICS = WORDS["honorifics"]
_DOUBLE_FIRST = WORDS["double_first"]
_DOUBLE_SECOND = WORDS["double_second"]
GREETINGS = WORDS["greetings"]
_MARKS = frozenset((",", "!", ".", "?", ":", ";", ""))
_FEWEST_WORDS_OF_TITLE = 5
_LEAST_SMALL = 0.15
_MOST_WORDS = 7


class Name:
    """A first and a last name: where it begins and ends in the row, and how surely it is one."""

    __slots__ = ("end", "first", "surety")

    def __init__(self, first: int, end: int, surety: int) -> None:
        self.first, self.end, self.surety = first, end, surety


def capitals(text: str, folded: Folded, row: Row) -> list[bool | None]:
    """For each word whether it has a capital; None for all where the text's capitals tell nothing."""
    begins = [first for first, _ in row.spans]
    if folded.origin is not None:
        begins = [folded.origin[first] for first in begins]
    words = [text[begin : begin + 2] for begin in begins if text[begin].isalpha()]
    small = sum(word[0].islower() for word in words)
    silent = small == len(words) or (len(words) >= _FEWEST_WORDS_OF_TITLE and small < _LEAST_SMALL * len(words))
    if silent or not any(map(str.islower, text)) or any(word[0].islower() and word[-1].isupper() for word in words):
        return [None] * len(begins)
    return [text[begin].isupper() for begin in begins]


class Capitals:
    """Each word's capital, worked out when first asked for."""

    __slots__ = ("_folded", "_known", "_row", "_text")

    def __init__(self, text: str, folded: Folded, row: Row) -> None:
        self._text, self._folded, self._row = text, folded, row
        self._known: list[bool | None] | None = None

    def __getitem__(self, place: int) -> bool | None:
        if self._known is None:
            self._known = capitals(self._text, self._folded, self._row)
        return self._known[place]


def names(row: Row, text: str, folded: Folded) -> Sequence[Name]:
    """Every stretch of the row that may be a person's first and last name, from left to right."""
    may = "".join(map(_MAY_BE.__getitem__, row.texts))
    begins = _beginning()
    if not begins.search(may):
        return ()
    capital = Capitals(text, folded, row)
    found: list[Name] = []
    for place in [match.start() for match in begins.finditer(may)]:
        if not found or place >= found[-1].end:
            name = _name(row, place, may[place : place + 4], capital)
            found += [name] if name else []
    return found


def _name(row: Row, place: int, may: str, capital: Capitals) -> Name | None:
    """The name that begins here, if one does (`may`: what this word and the next three may be)."""
    if "," in may and (turned := _turned(row, place, capital)):
        return turned
    if may[0] == _NAME and may[1] in _IN_NAME:
        return _name_at(row, place, capital)
    return _initialled(row, place, capital) if may[1] == "." else None


def unknown(text: str) -> bool:
    """Whether a word is neither the rules' nor a term's: perhaps a name."""
    return len(text) > 2 and text.isalpha() and text not in KNOWN and text not in LEXICON


# What a word may be: the beginning of a name, something within one, an initial or neither.
_NAME, _LINK, _INITIAL, _OTHER = "nli-"
_IN_NAME = frozenset((_NAME, _LINK, _INITIAL))
# Where a name may begin in a text written so, a letter a word ("-ni.--nl-"); in two texts of three it does nowhere.
_BEGINNING = "n(?=[nli])|[nli](?=[nli]{0,2},)|i(?=[.])"


class _MayBe(dict[str, str]):
    """What a word may be, in a letter (a full stop and a comma are themselves); remembered, for words repeat."""

    def __missing__(self, text: str) -> str:
        if len(self) > _MOST_REMEMBERED:
            self.clear()
        self[text] = letter = text if text in (".", ",") else _letter(text)
        return letter


def _letter(text: str) -> str:
    name = text in GIVEN or text in GIVEN_OR_WORD or text in FAMILY_NAMES or unknown(text)
    if name and text not in _TITLES and text not in _HONORIFICS:
        return _NAME
    if len(text) == 1 and text.isalpha():
        return _INITIAL
    return _LINK if name or text in _PARTICLES else _OTHER


@cache
def _beginning() -> re.Pattern[str]:
    return re.compile(_BEGINNING)


_MAY_BE = _MayBe()
_MOST_REMEMBERED = 16_384


def _name_at(row: Row, first: int, capital: Capitals) -> Name | None:
    texts = row.texts
    start = texts[first]
    sure = start in GIVEN
    if not sure and start not in GIVEN_OR_WORD and _given_follows(texts, first + 1):
        return None
    end, grade = _family_name(row, first, capital)
    if not grade or (end == first + 2 and start in _DOUBLE_FIRST and texts[first + 1] in _DOUBLE_SECOND):
        return None
    if not sure and capital[end - 1] is False:
        return None
    surety = grade if sure else _less_sure(start, grade, capital[first])
    return Name(first, end, surety) if surety else None


def _initialled(row: Row, first: int, capital: Capitals) -> Name | None:
    """An initial and a family name after what a patient's name follows: "reminder for T. Okonkwo"."""
    texts, place = row.texts, first + 2
    if len(texts[first]) > 1 or not first or texts[first - 1] not in _BEFORE_INITIAL or place >= len(texts):
        return None
    if texts[place + 1 : place + 2] and texts[place + 1] in _AFTER_STREET:
        return None
    return Name(first, place + 1, LIKELY) if _surely(texts, place, capital) > DOUBTFUL else None


def _given_follows(texts: Sequence[str], place: int) -> bool:
    """Whether the name rather begins at the next word ("Apreciable Ximena Ponce")."""
    after = texts[place + 1] if place + 1 < len(texts) else ""
    return texts[place] in GIVEN and (texts[place] not in FAMILY_NAMES or after in FAMILY_NAMES or unknown(after))


def _less_sure(start: str, grade: int, capital: bool | None) -> int:
    """How sure a name is whose first word no list has as a given name alone."""
    if start in _NOT_A_NAME or start in _BUSINESS or capital is False:
        return 0
    if start in GIVEN_OR_WORD and start not in KNOWN and start not in LEXICON:
        return grade
    if capital and grade == SURE and (start in GIVEN_OR_WORD or unknown(start)):
        return LIKELY
    return DOUBTFUL if grade > (LIKELY, DOUBTFUL)[bool(capital)] else 0


def _family_name(row: Row, first: int, capital: Capitals) -> tuple[int, int]:
    """Where the family name after a first name (and middle ones) ends, and how surely it is one; 0, 0 if none is."""
    texts = row.texts
    end = grade = 0
    place = first + 1
    limit = min(len(texts), first + _MOST_WORDS)
    while place < limit and not parted(row, place) and not owner(row, place - 1):
        surely = 0
        if not grade and _initial(texts, place):
            place += 1 + (texts[place + 1 : place + 2] == ["."])
            continue
        joined = _after_particles(texts, place, limit, capital)
        surely = _surely(texts, joined, capital) or (LIKELY if joined > place and capital[joined] else 0)
        if surely:
            end, grade, place = joined + 1, max(grade, surely), joined + 1
        elif not grade and _middle(texts, place, capital):
            place += 1
        else:
            break
    if grade and texts[end : end + 1] and texts[end] in _SUFFIXES and (texts[end + 1 : end + 2] or [""])[0] in _MARKS:
        end += 1
    return end, grade


def _initial(texts: Sequence[str], place: int) -> bool:
    """Whether a letter stands for a middle name; "a", "n" and the like only with a full stop."""
    text = texts[place]
    told = (text in _INITIALS and text not in "nw") or texts[place + 1 : place + 2] == ["."]
    return told and len(text) == 1 and text.isalpha()


def _middle(texts: Sequence[str], place: int, capital: Capitals) -> bool:
    """Whether a word is a second given name: listed, or also a word where capitals or what follows tell."""
    if texts[place] in GIVEN:
        return True
    if texts[place] not in GIVEN_OR_WORD or capital[place] is False:
        return False
    return bool(capital[place]) or (place + 1 < len(texts) and texts[place + 1] in FAMILY_NAMES)


def _after_particles(texts: Sequence[str], place: int, limit: int, capital: Capitals) -> int:
    """The place of the word that "de la" and the like lead to, where it can end a family name; else the same place."""
    joined = place
    while joined < limit and texts[joined] in _PARTICLES:
        joined += 1
    if joined == place or joined >= limit:
        return place
    loose = texts[place] in _LOOSE
    if texts[joined] in FAMILY_NAMES or (not loose and capital[joined]) or (joined > place + 1 and capital[joined]):
        return joined
    return place


def _surely(texts: Sequence[str], place: int, capital: Capitals) -> int:
    """How surely a word is a family name."""
    text = texts[place]
    if len(text) < 2 or not text.isalpha() or text in _NOT_A_SURNAME or text in _BUSINESS:
        return 0
    after = texts[place + 1] if place + 1 < len(texts) else ""
    if text in _BEGINS_SENTENCE and after not in _MARKS:
        return 0
    if text in FAMILY_NAMES:
        if text not in KNOWN or text in GIVEN:
            return SURE
        return 0 if capital[place] is False else LIKELY
    if text in GIVEN or text in GIVEN_OR_WORD or text in _NOT_A_NAME or not unknown(text):
        return 0
    return (DOUBTFUL, 0, LIKELY)[_EVIDENCE[capital[place]]]


_BEFORE_INITIAL = frozenset(
    "for para hi hello hola dear patient paciente re confirming confirm confirmando name nombre".split()
)
_AFTER_STREET = WORDS["named_after_people"]
_INITIALS = frozenset("bcdefghjklmnpqrstvwz")
_SUFFIXES = frozenset(("jr", "sr", "ii", "iii", "iv"))
_LOOSE = frozenset(("de", "del", "la", "las", "los", "el", "al", "le", "lo", "y", "o"))
_EVIDENCE = {None: 0, False: 1, True: 2}


def _turned(row: Row, first: int, capital: Capitals) -> Name | None:
    """A family name, a comma and a first name, where a clause begins and another mark follows: "Garcia, Monica - …"."""
    texts = row.texts
    before = texts[first - 1] if first else ""
    if not (before in _BEFORE_TURNED or before in _TITLES or parted(row, first)):
        return None
    comma = first
    while comma < first + 3 and comma < len(texts) - 1 and _may_lead(texts[comma], capital[comma]):
        comma += 1
    if comma == first or comma + 1 >= len(texts) or texts[comma] != ",":
        return None
    given = comma + 1
    listed = texts[given] in GIVEN or texts[given] in GIVEN_OR_WORD
    if not listed and not ((capital[given] or not first) and _maybe_given(texts[given])):
        return None
    end = given + 1
    while end < len(texts) and (texts[end] in _INITIALS or (capital[end] and _maybe_given(texts[end]))):
        end += 1
    after = texts[end] if end < len(texts) else ""
    closed = (
        after in _AFTER_TURNED
        or after[:1].isdigit()
        or (after == "." and before not in ("", "."))
        or (end < len(texts) and parted(row, end))
    )
    family = any(text in FAMILY_NAMES for text in texts[first:comma])
    return Name(first, end, LIKELY) if closed and (family or listed) else None


def _may_lead(text: str, capital: bool | None) -> bool:
    if text in _BEGINS_SENTENCE or text in _TITLES or text in GREETINGS:
        return False
    return text in FAMILY_NAMES or (unknown(text) and capital is True and text not in GIVEN)


def _maybe_given(text: str) -> bool:
    return text in GIVEN or text in GIVEN_OR_WORD or unknown(text)


_BEFORE_TURNED = frozenset(("", ":", ".", "!", "for", "para", "re", "patient", "paciente", "pt", "name", "attn"))
_AFTER_TURNED = frozenset(
    "date time appt dob fecha hora lun mar mie jue vie sab dom mon tue wed thu fri sat sun your su tu please pls favor"
    " tiene on at".split()
) | {"", ":"}
