"""Reads a reply that is one word or one code; settles how intents stand together and what an opt-out covers."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise

from texting.rules.replies_normalise import Plain, folded, plain
from texting.rules.replies_quotes import unsigned
from texting.rules.replies_spelling import corrected
from texting.rules.replies_tables import tables
from texting.rules.replies_tokens import chunked

OTHER = "question_or_other"
# Which is acted on first when several are meant (the policy's order; the last four by how soon a person must know).
ORDER = ("emergency", "opt_out", "reschedule", "cancel_appointment", "confirm", "wrong_number", "opt_in", "help", OTHER)
WHY = {
    "opt_out": "The whole text is a word that revokes consent.",
    "confirm": "The whole text says yes.",
    "cancel_appointment": "The whole text says no.",
    "reschedule": "The whole text asks for another time.",
    "help": "The whole text asks for help.",
    "opt_in": "The whole text asks for our texts again.",
    "wrong_number": "The whole text says that we have the wrong person.",
    "emergency": "The whole text says emergency.",
}
# These tell more than the intents they push aside: "yes but can I come at 4" must not confirm the visit.
_OUTWEIGHS = {
    "reschedule": ("cancel_appointment", "confirm"),
    "cancel_appointment": ("confirm",),
    "wrong_number": ("confirm", "cancel_appointment", "reschedule", "help", "opt_in"),
    "opt_out": ("help", "opt_in"),
    "emergency": ("help", "confirm", "opt_in"),
    "opt_in": ("help", "confirm"),
}
_CODE = re.compile(
    r"^\W*(?:option |opcion |number |numero |#|no\. ?)?([a-z]?)[ -]?(\d{0,2})"
    r"(?:\W*(?:please|pls|thanks|thank you|thx|por favor|gracias))?\W*$"
)
# A text that opens with another word holds no code: "option 2", "cthanks".
_BEFORE_CODES = frozenset("option opcion number numero no".split())
_AFTER_CODES = frozenset("please pls thanks thank thx por gracias".split())
_CODES = {
    "#1": "confirm",
    "#2": "reschedule",
    "c": "confirm",
    "y": "confirm",
    "r": "reschedule",
    "n": "cancel_appointment",
}
_NAME_AT_END = re.compile(r"^([^.!]{1,40}+)[.!]+ ([A-Z][a-z]{2,})\.?$")
# A signature at the end of a text stands behind one of these.
_SIGNS = ("\n", "-", "~", "–", "—", " from ")
_SURE = frozenset("stop unsubscribe optout remove cancel".split())
CANCELS = frozenset("cancel cancelled canceled cancelar cancela cancelado".split())
# Numbers that answer by themselves.
_NUMBERS = {"10-4": "confirm", "100%": "confirm", "911": "emergency", "9-1-1": "emergency"}
_YES_OR_NO = frozenset(("confirm", "cancel_appointment"))
# What may stand among any of the words around it; a yes or a no may not.
_KEYWORDS = frozenset(("opt_out", "wrong_number", "emergency", "opt_in", "help"))
_EVERYTHING = frozenset(("all", "everything", "todo", "todos", "any"))


@cache
def _bare() -> dict[str, str]:
    whole_texts: dict[str, str] = {}
    for name in ("visits", "other", "optout"):
        for intent, phrases in tables()[name]["bare"].items():
            whole_texts |= dict.fromkeys(phrases, intent)
    return whole_texts


@cache
def ours() -> frozenset[str]:
    """The words for our texts, a number or a list."""
    return frozenset(tables()["words"]["class"]["ours"].split("|"))


@cache
def polite() -> frozenset[str]:
    """The words that change no meaning."""
    return frozenset(tables()["words"]["lists"]["polite"])


@cache
def _around() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """What may stand around a keyword, and around any bare phrase; and these with every word of the phrases."""
    around = frozenset(tables()["words"]["lists"]["around"])
    gentle = around - frozenset(
        "no yes i it be would this my number ok okay said dije is have a que in me today now".split()
    )
    strong = polite() | around
    return strong, polite() | gentle, strong.union(*map(str.split, _bare()))


def whole(text: str, own: str, words: Plain, code: str) -> str | None:
    """The intent of a text that is a bare word or code, politeness and signature aside; None for anything longer."""
    number = _number(own, code)
    if number:
        return number
    if len(words.words) > 12:
        return None
    found = phrase(words.words)
    if found == "cancel_appointment" and not ours().isdisjoint(words.words):
        return None  # "thanks but no texts"
    if found == "opt_out" and words.clauses[0].asked and words.words[0] not in _SURE:
        # "end?" and "no more?" ask about something else, "texts? no" does not
        return None if len(words.clauses) == 1 or ours().isdisjoint(words.words) else found
    if found is None and len(words.clauses) == 1 and words.clauses[0].words[-2:] == (",", "#name"):
        found = phrase([word for word in words.clauses[0].words[:-2] if word != ","])
    if found or len(words.words) < 2:
        return found
    text = text.strip()
    short = unsigned(text) if any(map(text.__contains__, _SIGNS)) else text
    if short != text:
        return _plainly(short)
    return (_signed_by_name(text) if ". " in text or "! " in text else None) or _named(text)


def _plainly(text: str) -> str | None:
    """The intent of a part of a text that is a bare phrase."""
    return phrase(plain(chunked(folded(text))).words)


def _number(own: str, code: str) -> str | None:
    """What a code means, or a number that answers by itself."""
    if code:
        return _CODES.get(code[0] if code[0].isalpha() else f"#{code}")
    number = _NUMBERS.get(own.strip(" .!?"))
    return None if number == "confirm" and "?" in own else number


def phrase(words: Sequence[str]) -> str | None:
    """The intent of words that are a bare phrase, politeness aside."""
    strong, gentle, known = _around()
    # Three of four are answered here: a word of no bare phrase is among them, and it is not the only one that counts.
    if not known.issuperset(words) and len(set(words) - strong) > 1:
        return None
    bare, dropped = _bare(), polite()
    full = _unrepeated([word for word in words if word not in dropped])
    found = bare.get(" ".join(full))
    if found:
        return found
    if len(full) < 2:
        return bare.get(corrected(full[0], alone=True)) if full else None
    each = {bare.get(word) for word in full[:6]}
    if len(full) <= 6 and len(each) == 1 and each <= _YES_OR_NO:
        return each.pop()
    return _core(full, gentle) or _core(full, strong, _KEYWORDS)


def _unrepeated(words: list[str]) -> list[str]:
    return words[:1] + [word for before, word in pairwise(words) if word != before]


def _core(full: list[str], drop: frozenset[str], allowed: frozenset[str] | None = None) -> str | None:
    """The intent of what is left of words without those that only stand around it."""
    bare = _bare()
    core = [word for word in full if word not in drop]
    found = bare.get(" ".join(core))
    if found is None and len(core) == 1:
        found = bare.get(corrected(core[0], alone=True))
    return found if found and (allowed is None or found in allowed) and not _differs(core, full) else None


def _differs(core: Sequence[str], full: Sequence[str]) -> bool:
    """ "I cancel" and "cancel today" speak of the visit, "you quit" of somebody: not bare keywords."""
    if full[0] == "is" and core[0] in ("spam", "scam", "junk"):
        return True  # "is this spam" asks
    if core[0] == "wrong" and not {"day", "night", "evening", "weekend"}.isdisjoint(full):
        return True  # booked for the wrong day
    if not {"emergency", "emergencia"}.isdisjoint(core):
        return bool(set(full) & {"no", "not", "isnt"})
    if {"i", "love"} <= set(full):
        return True  # "omg stop I love it"
    if set(core) & CANCELS:
        return bool(set(full) & {"i", "today", "no", "yes", "it", "hoy", "lo", "we"})
    return core[0] in ("end", "quit", "fin", "para") and bool(
        set(full) & {"i", "you", "today", "day", "is", "the", "of", "lo"}
    )


def _signed_by_name(text: str) -> str | None:
    """A short answer and a name: "OK. Irving"."""
    found = _NAME_AT_END.match(text)
    if found is None or found[2].lower() in everyday_words():
        return None
    return _plainly(found[1])


@cache
def everyday_words() -> frozenset[str]:
    words = tables()["words"]
    days = (day for day in words["class"]["day"].split("|") if day.isalpha())
    return frozenset(
        (*words["lists"]["en"], *words["lists"]["es"], *words["typos"]["everyday"], *words["spelling"], *days)
    )


@cache
def _no_names() -> frozenset[str]:
    words = tables()["words"]
    lists = words["lists"]
    return frozenset((*lists["en"], *lists["es"], *lists["around"], *words["class"]["msg"].split("|")))


def _named(text: str) -> str | None:
    """A keyword followed by a name: "STOP Maria Lopez"."""
    first, *rest = text.split(None, 3) or [""]
    if not 0 < len(rest) <= 2 or not all(re.fullmatch(r"[A-Z][a-z'.-]+", word) for word in rest):
        return None
    if any(word.lower().strip(".") in _no_names() for word in rest) or "ing" in rest[0][-3:]:
        return None
    return "opt_out" if _plainly(first) == "opt_out" and first.lower() not in CANCELS | {"end", "quit"} else None


def settled(found: Mapping[str, str]) -> list[str]:
    """The intents that stand beside one another, the one to act on first in front."""
    if len(found) < 2:
        return list(found)
    gone = {lesser for intent in found for lesser in _OUTWEIGHS.get(intent, ())}
    return [intent for intent in ORDER if intent in found and intent not in gone]


@cache
def _scopes() -> tuple[tuple[str, ...], dict[str, str]]:
    """The words before what a patient keeps, and the category that each word of another names."""
    table = tables()["optout"]["scope"]
    return tuple(table["keep"]), {word: part for part, named in table.items() if part != "keep" for word in named}


def scope(words: Plain) -> str:
    """What an opt-out covers: "all", or the categories it named, joined by "+". Silence and doubt mean all."""
    keeps, names = _scopes()
    named: set[str] = set()
    if not [word for clause in words.clauses for word in clause.words if word in names]:
        return "all"
    for clause in words.clauses:
        heard = set(_let_go(clause.words, keeps))
        if not heard.isdisjoint(_EVERYTHING):
            return "all"
        named.update([names[word] for word in heard if word in names])
    if "marketing" in named:
        named -= {"appointments"}
    return "+".join(sorted(named)) or "all"


def _let_go(words: Sequence[str], keeps: Sequence[str]) -> Sequence[str]:
    """A clause up to where it says what the patient keeps."""
    text = f" {' '.join(words)} "
    for keep in keeps:
        if keep in text:
            text = text.split(f" {keep} ", 1)[0] + " "
    return text.split()


def answer_code(own: str) -> str:
    """The short answer code that is all of a folded reply ("1", "c2"), or ""."""
    first = own.partition(" ")[0]
    if first.isalpha() and len(first) > 1 and first not in _BEFORE_CODES and first[1:] not in _AFTER_CODES:
        return ""  # nine texts of ten
    found = _CODE.match(own)
    return found[1] + found[2] if found else ""
