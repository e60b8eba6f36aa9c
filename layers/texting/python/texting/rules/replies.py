"""Reads what a patient's text means: the one intent to act on first, and every other found.

The policy is 47 CFR 64.1200(a)(10) for opt-outs (any wording a reasonable person reads as a revocation) and the practice's
own for the rest. No model and no list of texts: words are brought to a plain form, clauses are read for verb, object,
negation, question and time, and the tables in `tables/replies_*.toml` hold the words with their reasons.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from texting.rules import replies_quotes as quotes
from texting.rules.replies_answers import well, yes_or_no
from texting.rules.replies_book import Book
from texting.rules.replies_emergency import emergency
from texting.rules.replies_evidence import revokes
from texting.rules.replies_language import language
from texting.rules.replies_normalise import Clause, Plain, folded, plain
from texting.rules.replies_phrases import reworded
from texting.rules.replies_tokens import Chunked, balance, chunked
from texting.rules.replies_whole import OTHER, WHY, answer_code, everyday_words, scope, settled, whole

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


_MACHINES = quotes.BOT | quotes.MACHINE
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
_UNNAMED = "No request that we could name; a person should read it."
_AGREEING = ("confirm", "fine")
# What moves a visit only together with another half.
_HALVES = frozenset(("clash", "put_off", "asked_time", "offered_time"))
# What a text may be read as, and still add up to an opt-out: whatever is stronger was meant.
_WEAK = frozenset(("help", "wrong_number", "opt_in", "late"))


@cache
def _book() -> Book:
    return Book("replies")


def meaning(text: str) -> Reading:
    """What a patient's text means. Never raises, whatever the text; takes well under a millisecond per 100 characters."""
    text, said = _unintroduced(text)
    tapped = quotes.tapback(said.text) if said.hints & quotes.TAPPED else None
    if tapped == "":
        return Reading(OTHER, lang=language(balance(said)), why="A tapback on one of our texts.", tapback=True)
    if tapped or said.hints & quotes.QUOTED:
        said = chunked(tapped or quotes.own_words(said.text))
    own, code = said.text, answer_code(said.text)
    words = plain(_without_ours(said) if said.hints & quotes.OFFERED else said)
    machine = quotes.automatic(own, said.hints) if said.hints & _MACHINES else ""
    found = _heeded(_found(text, own, words, code, heeded=not machine), machine)
    late, crisis = found.pop("late", None), found.pop("crisis", None)
    intents = settled(found)
    first = intents[0] if intents else OTHER
    # Said one after the other: a dozen keywords in one call took 1 % of a reading.
    read = Reading(first, tuple(intents[1:]), language(balance(said), found.get(first, "")))
    read.why = found.get(first) or late or _UNNAMED
    if "opt_out" in found:
        read.scope, read.bare = scope(words), found["opt_out"] == WHY["opt_out"]
    read.crisis, read.late, read.thanks = crisis is not None and first == "emergency", late is not None, words.thanks
    read.tapback, read.automatic, read.options = tapped is not None, bool(machine), (code.upper(),) if code else ()
    return read


def _heeded(found: dict[str, str], machine: str) -> dict[str, str]:
    """What is acted on: all of a person's words; of what a machine may have written, what must not be missed."""
    if not machine:
        return found
    heeded = () if machine == "machine" else ("opt_out", "emergency", "crisis", "late")
    return {intent: why for intent, why in found.items() if intent in heeded}


def _unintroduced(text: str) -> tuple[str, Chunked]:
    """A text without its sender's name in front, as it is written, and folded and chunked."""
    said = chunked(folded(text))
    rest = quotes.unintroduced(text, everyday_words) if said.hints & quotes.INTRODUCED else text
    return rest, said if rest == text else chunked(folded(rest))


def _without_ours(said: Chunked) -> Chunked:
    rest = quotes.without_ours(said.text)
    return said if rest == said.text else chunked(rest)


def _found(text: str, own: str, words: Plain, code: str, heeded: bool) -> dict[str, str]:
    """Every intent found in a text, each with its reason. `heeded`: a person wrote it, what is half said counts."""
    bare = whole(text, own, words, code)
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
    if not _HALVES.isdisjoint(found):
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
