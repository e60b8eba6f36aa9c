"""Reads what a patient's text means: the one intent to act on first, and every other found.

The policy is 47 CFR 64.1200(a)(10) for opt-outs (any wording a reasonable person reads as a revocation) and the practice's
own for the rest. No model and no list of texts: words are brought to a plain form, clauses are read for verb, object,
negation, question and time, and the tables in `tables/replies_*.toml` hold the words with their reasons.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from texting.rules import replies_quotes as quotes
from texting.rules.replies_answers import well, yes_or_no
from texting.rules.replies_book import Book
from texting.rules.replies_emergency import emergency
from texting.rules.replies_evidence import revokes
from texting.rules.replies_normalise import Clause, Plain, folded, plain
from texting.rules.replies_phrases import reworded
from texting.rules.replies_tables import tables
from texting.rules.replies_whole import OTHER, WHY, everyday_words, options, scope, settled, whole

TYPE_CHECKING = False  # typing would be a tenth of the start-up
if TYPE_CHECKING:
    from typing import Literal


@dataclass(slots=True)  # not frozen: that would triple what one costs to make, 2 % of a reading
class Reading:
    """What one text means. `scope` is what an opt-out covers: "all", or the part the patient named.

    `crisis` tells an emergency of the mind (988) from one of the body (911).
    """

    intent: str
    also: tuple[str, ...] = ()
    lang: Literal["en", "es"] = "en"
    why: str = ""
    scope: str = "all"
    bare: bool = False
    crisis: bool = False
    late: bool = False
    thanks: bool = False
    tapback: bool = False
    automatic: bool = False
    options: tuple[str, ...] = ()


_OPENERS = frozenset(
    "should can could may do does did is are was when what how where why which who would shall".split()
)
_ASKED = frozenset("i we you u my the it this that there he she they our your these time day is are do does if".split())
# Beside words of health, a yes must name the visit: "the redness is gone, looks good" keeps none.
_VISIT = frozenset(
    "there confirm confirmed confirming appointment visit coming attend make keep see #keep tomorrow cita voy vamos ire "
    "estare confirmo confirmada asistire ahi alli #time #date".split()
)
_YES = frozenset("yes yep yup yeah ok okay sure si claro sounds see cant".split())
# What opens a question whose mark was left off.
_ASKING = frozenset(
    "any anything what whats when whens which how hows who wheres got whatever can could may might would is are "
    "do does y o".split()
)
_SPANISH_ASKING = frozenset(
    "cual cuales cuando hay habra tiene tienen tendra tendran queda quedan puedo podria puede pueden podrian "
    "podriamos".split()
)
_LINKS = (",", "but", "and", "so", "or", "ok", "then")
_AGREEING = ("confirm", "fine")
# What a text may be read as, and still add up to an opt-out: whatever is stronger was meant.
_WEAK = frozenset(("help", "wrong_number", "opt_in", "late"))
_WORD = re.compile(r"[a-z]+")
_TELLING = 600  # so many characters tell the language of any text
_MOST_REMEMBERED = 16_384  # words, whose weight is kept between texts
# "cancion", "rapidamente", "llamando", "mandenme": endings that no common English word has.
_ENDINGS = ("cion", "mente", "ando", "iendo", "arme", "enme", "anme", "aron", "ieron", "irme", "erme")


@cache
def _book() -> Book:
    return Book("replies")


def meaning(text: str) -> Reading:
    """What a patient's text means. Never raises, whatever the text; takes well under a millisecond per 100 characters."""
    text = quotes.unintroduced(text, everyday_words)
    low = folded(text)
    tapped = quotes.tapback(low)
    if tapped == "":
        return Reading(OTHER, lang=language(low), why="A tapback on one of our texts.", tapback=True)
    own = tapped or quotes.own_words(low)
    words = plain(quotes.without_ours(own))
    machine = quotes.automatic(own)
    found = _found(text, own, words, heeded=not machine)
    if machine:
        heeded = () if machine == "machine" else ("opt_out", "emergency", "crisis", "late")
        found = {intent: why for intent, why in found.items() if intent in heeded}
    late, crisis = found.pop("late", None), found.pop("crisis", None)
    intents = settled(found)
    first = intents[0] if intents else OTHER
    return Reading(
        intent=first,
        also=tuple(intents[1:]),
        lang=language(own, found.get(first, "")),
        why=found.get(first) or late or "No request that we could name; a person should read it.",
        scope=scope(words) if "opt_out" in found else "all",
        bare=found.get("opt_out") == WHY["opt_out"],
        crisis=crisis is not None and first == "emergency",
        late=late is not None,
        thanks=words.thanks,
        tapback=tapped is not None,
        automatic=bool(machine),
        options=options(own),
    )


def _found(text: str, own: str, words: Plain, heeded: bool) -> dict[str, str]:
    """Every intent found in a text, each with its reason. `heeded`: a person wrote it, what is half said counts."""
    bare = whole(text, own, words)
    if bare:
        return {bare: WHY[bare]}
    words, spoken = reworded(words)
    found = _asked_for(words)
    welcome = found.pop("texts_fine", None)
    danger = emergency(spoken, moving="reschedule" in found or "cancel_appointment" in found)
    if danger:
        found["emergency"] = danger.why
        if danger.crisis:
            found["crisis"] = danger.why
    for intent, why in yes_or_no(words, found).items():
        found.setdefault(intent, why)
    if heeded and not welcome and _WEAK.issuperset(found):
        adds_up = revokes(words.clauses, otherwise=bool(found))
        found |= {"opt_out": adds_up} if adds_up else {}
    return found


def _asked_for(words: Plain) -> dict[str, str]:
    """What the frames find, clause by clause."""
    found: dict[str, str] = {}
    for clause in words.clauses:
        told = _told(clause)
        for rule, _ in _book().matches(clause.words, known=found):
            if told is clause.words if rule.intent in _AGREEING else rule.intent != "asked_time" or _asks(clause):
                found.setdefault(rule.intent, rule.why)
        if told and told is not clause.words:
            agreed = _book().matches(told, known=found, among=_AGREEING)
            found |= {rule.intent: rule.why for rule, _ in agreed}
        if "#askstop" in clause.words:  # what a STOP would do is asked, not told
            found.pop("opt_out", None)
        if "#optin" in clause.words:  # the revocation said before it is taken back
            found.pop("opt_out", None)
            found.pop("wrong_number", None)
    return _weighed(found, words)


def _weighed(found: dict[str, str], words: Plain) -> dict[str, str]:
    """The intents that halves make together, and without those that the rest of the text takes away."""
    if not found:
        return found
    _put_off(found)
    if found.pop("final", None) and "cancel_appointment" in found:
        found.pop("reschedule", None)
    calls, why = found.pop("no_calls", None), found.pop("fine", None)
    if calls and "texts_fine" not in found:
        found.setdefault("opt_out", calls)
    if why is None and "confirm" not in found:
        return found
    if well(words):
        return found if why is None else {"confirm": why} | found
    if _VISIT.isdisjoint([word for clause in words.clauses for word in clause.words]):
        found.pop("confirm", None)
    return found


def _put_off(found: dict[str, str]) -> None:
    """Moves a visit by halves: a clash or a cancellation with a question for other times, or a wish to wait."""
    clash, wait = found.pop("clash", None), found.pop("put_off", None)
    asked, offered = found.pop("asked_time", None), found.pop("offered_time", None)
    asked, cancelled = asked or offered, "cancel_appointment" in found
    if asked and (clash or cancelled):
        found.setdefault("reschedule", asked)
    elif wait and not cancelled:
        found.setdefault("reschedule", wait)


def _told(clause: Clause) -> tuple[str, ...]:
    """A clause up to where it begins to ask: "in the parking lot, should I come in" agrees to nothing."""
    words = clause.words
    last = len(words) - 1
    openers = () if _OPENERS.isdisjoint(words) else words
    for at, word in enumerate(openers):
        if word in _OPENERS and at < last and words[at + 1] in _ASKED and (at == 0 or words[at - 1] in _LINKS):
            return words[:at]
    return () if clause.asked and "," not in words and words[0] not in _YES else words


def _asks(clause: Clause) -> bool:
    """Whether a clause asks: by its mark, by the word that opens it or a part of it, or by the order of its words."""
    if clause.asked:
        return True
    words = clause.words
    return any(
        (word in _ASKING and (at == 0 or words[at - 1] in _LINKS)) or (word in _OPENERS and after in _ASKED)
        for at, (word, after) in enumerate(zip(words, (*words[1:], ""), strict=True))
    ) or not _SPANISH_ASKING.isdisjoint(words)


def language(low: str, why: str = "") -> Literal["en", "es"]:
    """The language to answer in, from a folded text and the reason of its reading: the one most words are of."""
    balance = sum(map(_weights().__getitem__, low[:_TELLING].split()))
    if balance == 0:
        balance = why.startswith(("Pide", "Quiere", "Cancela", "Confirma", "Este", "Pregunta"))
    return "es" if balance > 0 else "en"


class _Weights(dict[str, int]):
    """What each written word weighs: one for each word of Spanish in it, one less for each of English."""

    def __init__(self, english: Iterable[str], spanish: Iterable[str]) -> None:
        self._english, self._spanish = frozenset(english), frozenset(spanish)

    def __missing__(self, written: str) -> int:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        self[written] = weight = sum(map(self._weight, _WORD.findall(written)))
        return weight

    def _weight(self, word: str) -> int:
        return (word in self._spanish or word.endswith(_ENDINGS)) - (word in self._english)


@cache
def _weights() -> _Weights:
    lists = tables()["words"]["lists"]
    return _Weights(lists["en"], lists["es"])


def main(lines: Iterable[str] | None = None) -> None:
    """JSON lines {"text"} on standard input; for each, in order, its intent, the others found, and the language."""
    for line in sys.stdin if lines is None else lines:
        if not line.strip():
            continue
        read = meaning(_text(line))
        sys.stdout.write(json.dumps({"intent": read.intent, "also": list(read.also), "lang": read.lang}) + "\n")


def _text(line: str) -> str:
    """The text of one line; a line that cannot be read is an empty text, which a person must look at."""
    try:
        row = json.loads(line)
    except ValueError:
        return ""
    text = row.get("text", "") if isinstance(row, dict) else row
    return text if isinstance(text, str) else ""


if __name__ == "__main__":
    main()
