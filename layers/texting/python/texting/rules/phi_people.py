"""Where a text holds a patient's first and last name.

A name is a patient's unless what stands around it says that it is staff's, a place's or somebody famous's. A name that
is none for sure counts only where a patient is spoken to or of.
"""

from collections.abc import Sequence

from texting.rules.normalise import Folded, fold
from texting.rules.phi_names import DOUBTFUL, Capitals, Name, names, unknown
from texting.rules.phi_slots import parted
from texting.rules.phi_staffing import around_name, staff_or_place
from texting.rules.phi_tables import FAMILY_NAMES, GIVEN, KNOWN, WORDS
from texting.rules.phi_words import Row

_GREETINGS = WORDS["greetings"]
_LEADS = WORDS["patient_leads"]
_CELEBRATING = frozenset(
    "birthday anniversary cumpleanos cumple felicidades congrats congratulations bienvenida bienvenido".split()
)
_SIGNED = WORDS["sign_off"]
_NAMED_AFTER = WORDS["named_after"] | {",", ":"}
# "Happy birthday …", "buenos días …", "is this …?", "hablo con …?"
_WISHES = frozenset("happy feliz good buen buenos buenas great bienvenida bienvenido".split())
_WISHED = frozenset(
    "birthday bday cumpleanos cumple dia dias tardes noches morning afternoon evening day anniversary aniversario".split()
)
_ASKED = frozenset("is es this with con".split())
_CLOSING = frozenset(("", ",", "!", ".", "?"))
_FEWEST_TIMES = 2
_HALVES = frozenset(("am", "pm", "a", "p"))
_NOT_BOOKED = (WORDS["months"], WORDS["street_after"], WORDS["not_a_surname"])
_VERBAL = ("s", "ing", "ed", "ly")
_TIMES = frozenset("soon tomorrow later there today confirmed again pronto manana hoy luego then".split())


def full_names(text: str, folded: Folded, row: Row, staff: Sequence[str], patient: str) -> list[tuple[int, int]]:
    """Word ranges that hold a patient's first and last name; staff and the practice's people are left out."""
    those = names(row, text, folded)
    if not those and not patient:
        return []
    texts = row.texts
    whole = tuple(fold(patient).text.split())
    known_staff = [tuple(fold(name).text.split()) for name in staff]
    found = []
    for name in those:
        words = texts[name.first : name.end]
        if any(_covers(member, words) for member in known_staff):
            continue
        if _covers(whole, words) or _patients(row, name):
            found.append((name.first, name.end))
    if len(whole) > 1:
        found += [(n, n + len(whole)) for n in range(len(texts)) if tuple(texts[n : n + len(whole)]) == whole]
    return found


def rosters(text: str, folded: Folded, row: Row, where: dict[str, list[int]]) -> list[tuple[int, int]]:
    """Word ranges that list patients by their times, as only staff should read (`where` each word and number stands)."""
    numbers = where.get("#", ())
    if len(numbers) < _FEWEST_TIMES:
        return []
    slots = _slots(row.texts, numbers)
    return _roster(slots, row.texts, Capitals(text, folded, row)) if len(slots) >= _FEWEST_TIMES else []


def _roster(slots: Sequence[int], texts: Sequence[str], capital: Capitals) -> list[tuple[int, int]]:
    """The stretch from the first to the last time of day with a family name after it ("9:30 Ortiz, 10:00 Webb"), if
    there are two or more."""
    named = [place for place in slots if _booked(texts[place], capital, place)]
    return [(named[0] - 1, named[-1] + 1)] if len(named) > 1 else []


def _slots(texts: Sequence[str], numbers: Sequence[int]) -> list[int]:
    """The places right after a time of day ("9:30", "10 am"), told by where the numbers are."""
    slots = []
    for place in numbers:
        after = texts[place + 1] if place + 1 < len(texts) else ""
        if after in _HALVES and place + 2 < len(texts):
            slots.append(place + 2)
        elif after and (":" in texts[place] or texts[place][-1] in "ap"):
            slots.append(place + 1)
    return slots


def _booked(text: str, capital: Capitals, place: int) -> bool:
    if any(text in words for words in _NOT_BOOKED):
        return False
    return (text in FAMILY_NAMES or text in GIVEN or (unknown(text) and bool(capital[place]))) and (
        text not in KNOWN or bool(capital[place])
    )


def _covers(name: Sequence[str], texts: Sequence[str]) -> bool:
    return len(name) > 1 and all(text in name for text in texts if len(text) > 1)


def _patients(row: Row, name: Name) -> bool:
    return not staff_or_place(row, name) and (
        name.surety > DOUBTFUL or _given_and_no_verb(row, name) or _cued(row, name)
    )


def _given_and_no_verb(row: Row, name: Name) -> bool:
    """Whether a listed given name begins it, and what follows has no ending of a verb or an adverb."""
    return row.texts[name.first] in GIVEN and not row.texts[name.end - 1].endswith(_VERBAL)


def _cued(row: Row, name: Name) -> bool:
    """Whether a patient is spoken to or of where the name stands: greeted, after "for", set off by marks or a time."""
    texts, first = row.texts, name.first
    before, earlier, after = around_name(row, name)
    if before in _LEADS or (earlier in _WISHES and before in _WISHED) or (before == ":" and earlier in _LEADS):
        return True
    if before == ",":
        return earlier in _CELEBRATING or (after in _CLOSING and (after == "," or earlier not in _SIGNED))
    if before in _ASKED:
        return "?" in texts[name.end : name.end + 6]
    family = not FAMILY_NAMES.isdisjoint(texts[first + 1 : name.end])
    listed = family or texts[first] in GIVEN
    if not before or before in ".!?:":
        return listed and (after in _NAMED_AFTER or (name.end < len(texts) and parted(row, name.end)))
    if after in _CLOSING and (before in _TIMES or before[:1].isdigit()):
        return listed
    return before == "de" or (family and after in _NAMED_AFTER - {",", ":"})
