"""Reads what bare parts of a longer reply say: the yes or no that opens it, the keyword among other words."""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import dropwhile

from texting.rules.replies_normalise import Clause, Plain
from texting.rules.replies_tables import tables
from texting.rules.replies_whole import CANCELS, ours, phrase

_FIRST_YES = frozenset(
    "yes yep yup yeah yea confirmed confirm c y sure absolutely definitely claro confirmo thumbup".split()
)
# A clause that is one of these, and nothing else, is a yes wherever it stands.
_CLEAR_YES = _FIRST_YES | frozenset(
    "thumbup yessir yess yas roger affirmative dale orale simon sip confirmado confirmada confirmar totally bet".split()
)
_FIRST_NO = frozenset("no nope nah thumbdown nel".split())
_OPENS = _CLEAR_YES | _FIRST_NO | {"si", "sorry", ","}
_CARDS = frozenset(("insurance", "seguro"))  # brought along, they answer nothing
# What stands inside a longer text as a word of its own is meant; a yes or a no there answers something else.
_MEANT = frozenset(("opt_out", "wrong_number", "emergency", "opt_in"))
# A yes that opens a text still counts beside these.
_BESIDE_YES = frozenset(("opt_out", "confirm", "help", "late"))
_LONGEST = 7  # a bare phrase is six words at most, and one that changes nothing

# A part of a text, whether it was asked, and the intent it has where it is a bare phrase.
_Part = tuple[tuple[str, ...], bool, "str | None"]


def yes_or_no(words: Plain, found: Mapping[str, str]) -> dict[str, str]:
    """What bare parts of a longer text add: "Yes. Where do I park?", "No. We moved", "STOP. I mean it"."""
    added: dict[str, str] = {}
    parts = [(part, clause.asked) for clause in words.clauses for part in _parts(clause)]
    short = [(part, asked, phrase(part)) for part, asked in parts if len(part) <= _LONGEST]
    about_ours = short and not ours().isdisjoint(words.words)
    for part, asked, answer in short:
        meant = (answer and _said(part, asked, answer)) or (about_ours and not asked and _dropped_at(part))
        if meant:
            added.setdefault(meant, "Says it outright in one part of the text.")
    if _OPENS.isdisjoint([clause.words[0] for clause in words.clauses]) and not short:
        return added
    rest = {*found, *added}
    agreed = (len(short) == len(parts) and _weak_yes(short)) or (_plain_yes(words, rest) and _yes(words))
    refused = not rest and len(parts[0][0]) == 1 and _plain_no(words)
    if (agreed or refused) and well(words):
        added |= {"confirm": "Opens with a yes."} if agreed else {}
        added |= {"cancel_appointment": "Opens with a no."} if refused else {}
    return added


def _yes(words: Plain) -> bool:
    """Whether a text opens with a yes; a Spanish y is "and", and a si one only with a pause behind it."""
    first, then = (*_opening(words), ",")[:2]
    if first == "si":
        return then == ","
    for clause in words.clauses:
        if clause.words[0] in _CLEAR_YES and phrase(clause.words) == "confirm":
            return True
    return first in _FIRST_YES and not (first == "y" and then in tables()["words"]["lists"]["es"])


def _opening(words: Plain) -> tuple[str, ...]:
    """The first clause, less the sorry in front of what it says."""
    first = words.clauses[0].words
    return tuple(dropwhile(("sorry", ",").__contains__, first)) or first


@cache
def _answers() -> frozenset[str]:
    return frozenset(tables()["words"]["lists"]["answers"])


def well(words: Plain) -> bool:
    """Whether "all good" is said of the visit, with no word of pain or medicine about."""
    told = {word for clause in words.clauses for word in clause.words}
    if "#health" in told:
        return False
    answers = _answers().intersection(words.words)
    return answers <= _CARDS and answers.isdisjoint(told)


def _said(part: tuple[str, ...], asked: bool, intent: str) -> str | None:
    """The intent of one part that is a bare phrase, where it means the same inside a longer text."""
    if intent == "opt_out" and set(part) & CANCELS:
        intent = "cancel_appointment"  # among other words it is the visit's
    if intent == "opt_out" and " ".join(part) not in _outright():
        return None
    if intent in _MEANT:
        return None if asked or part in (("sos",), ("not", "me"), ("new", "phone")) else intent
    return intent if intent in ("reschedule", "cancel_appointment") and part[0] not in _FIRST_NO else None


def _dropped_at(part: tuple[str, ...]) -> str | None:
    """An opt-out, where "no more" or "take it off" is said in a text about texts, a number or a list."""
    return "opt_out" if " ".join(part) in _weak() else None


@cache
def _weak() -> frozenset[str]:
    return frozenset(tables()["optout"]["weak_parts"])


def _plain_no(words: Plain) -> bool:
    return _opening(words)[0] in _FIRST_NO and not [clause for clause in words.clauses if clause.asked]


@cache
def _outright() -> frozenset[str]:
    return frozenset(tables()["optout"]["bare_parts"])


def _parts(clause: Clause) -> list[tuple[str, ...]]:
    """A clause parted at its commas; of two in a row, the second stays with what follows it."""
    words = clause.words[:-1] if clause.words[-1] == "?" else clause.words
    if "," not in words:
        return [words]
    parts: list[list[str]] = [[]]
    for word in words:
        if word == "," and parts[-1]:
            parts.append([])
        else:
            parts[-1].append(word)
    return list(map(tuple, parts))


def _weak_yes(parts: Sequence[_Part]) -> bool:
    """Whether every part of the text agrees: "ok, great, thanks". An "ok" before a question or news agrees to nothing."""
    return 1 < len(parts) <= 4 and not [part for part, _, answer in parts if answer != "confirm" or len(part) > 4]


def _plain_yes(words: Plain, rest: set[str]) -> bool:
    return rest <= _BESIDE_YES and not words.clauses[0].asked
