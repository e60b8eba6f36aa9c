"""Tells a danger that is here from one denied, remembered, supposed, joked about, or told as a reason to move a visit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from texting.rules.replies_book import Book, Group, Rule
from texting.rules.replies_normalise import Clause
from texting.rules.replies_tables import tables

# Before a sign, its denial may stand this far away: "no chest pain or trouble breathing".
_NEAR = 5
# What tells of another time or another case stands this near a sign; the rest of a breathless text is about something else.
_BEFORE, _AFTER = 8, 8
# After these, a denial said earlier no longer holds: "no fever but the skin is white".
_TURNS = frozenset(
    "#said but however although though yet pero aunque sino because cause porque its im i my she he me mi se".split()
)
# "no me duele": the pronoun belongs to the denial before it.
_CLITICS = (["no"], ["ya_no"], ["nunca"], ["ni"], ["tampoco"])
# A sign that itself opens with a denial ("no puedo respirar") is not denied by one before the comma.
_REFUSES = frozenset(("no", "cant", "couldnt", "wont", "not", "ya_no", "isnt", "barely", "hardly", "casi"))
# Asked by someone who has the sign: it supposes nothing.
_WHAT_NOW = re.compile(
    r"\bshould (?:i|we) be (?:worried|concerned|alarmed|scared|nervous) (?:that|about|because)\b"
    r"|\bwhat (?:do|should|can|must|shall) (?:i|we)(?: need to)?(?: do)?\b|\bque (?:hago|debo hacer|hacemos)\b(?! si)"
)
_HELP_ASKED = frozenset(("should", "what", "que"))
# Words of suicide are answered with the crisis line, unless a body is in danger already.
_CRISIS = "self_harm"
_WISHES = (f"{_CRISIS}:hard",)
# Says that a sign is the writer's own.
_OWN = frozenset("i im ive ill my me mi mis yo siento tengo estoy".split())
# Dangers that are seen: what one always looked like is none of them.
_LOOKS = frozenset(("skin", "vision", "stroke", "airway"))
_UNSURE = Group(
    ("not_sure|dont_know|not_certain|no_idea|no_se|no_estoy_segura|no_estoy_seguro|unsure if|whether|que|si?",)
)


@cache
def _book() -> Book:
    return Book("dangers")


@dataclass(frozen=True, slots=True)
class Danger:
    """Why a text is an emergency, and whether 988 can help and nobody need be sent at once."""

    why: str
    crisis: bool


def emergency(clauses: Sequence[Clause], moving: bool) -> Danger | None:
    """The danger a text tells of, or None. `moving` says that it also moves or cancels a visit."""
    why, wished = "", False
    told: tuple[str, ...] = ()
    book = _book()
    for clause in clauses:
        if not book.calls(clause.words):
            continue
        words = _spoken(clause.words)
        wishes: set[int] = set()
        for rule, place in _crisis_first(words):
            told = told or tuple([word for clause in clauses for word in (*clause.words, ",")])
            kind, guard = rule.intent.split(":")
            if kind != _CRISIS and not wishes.isdisjoint(range(*place)):
                continue  # "thinking of an overdose": the wish's own words
            if _excused(clause, words, place, kind, guard, told, moving):
                continue
            why = why or rule.why
            if kind == _CRISIS:
                wishes.update(range(*place))
                wished = True
            elif kind != "call":
                return Danger(why, crisis=False)  # a body is in danger, whatever else is told
    return Danger(why, wished) if why else None


def _spoken(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple([word for word in words if word != ","]) if "," in words else words


def _crisis_first(words: tuple[str, ...]) -> Iterator[tuple[Rule, tuple[int, int]]]:
    """The signs of a clause, one looked for after the other, wishes to die before all others."""
    yield from _book().matches(words, every=True, among=_WISHES)
    yield from _book().matches(words, every=True, known=_WISHES)


@cache
def _group(part: str, name: str) -> Group:
    return Group(tables()["emergency"][part][name])


def _any(name: str, words: Sequence[str]) -> bool:
    return _group("doubt", name).holds(words)


def _excused(
    clause: Clause,
    words: Sequence[str],
    place: tuple[int, int],
    kind: str,
    guard: str,
    told: Sequence[str],
    moving: bool,
) -> bool:
    first, past = place
    before, sign, after = words[max(first - _BEFORE, 0) : first], words[first:past], words[past : past + _AFTER]
    near, around = (*before, *sign, *after), (*before, *after)
    # "who would miss me if I was gone" supposes nothing.
    if _supposed(around if kind == _CRISIS else near, kind) or _denied(clause.words, first, sign[0]):
        return True
    # "My sight is gone since noon", "better off without me": the sign's own words tell of nothing past.
    if _over(around if kind in (_CRISIS, "vision") else near, (*before, *sign), words) or _slight(
        kind, guard, words, told
    ):
        return True
    return _group("idiom", kind).holds(told) or (moving and _elsewhere(words, guard, told))


def _elsewhere(words: Sequence[str], guard: str, told: Sequence[str]) -> bool:
    """Whether it is another's, or only the reason to move a visit."""
    if guard == "call" or _any("reason", told):
        return True
    said = told if _OWN.isdisjoint(words) else words  # "my chest hurts. My son has a game": his is another clause
    return _any("others", said) and not _any("ours", told)


def _over(near: Sequence[str], told: Sequence[str], words: Sequence[str]) -> bool:
    """Whether it is past by a word near it, or told as had with no word of now in the clause."""
    return _any("past", near) or (_any("had", told) and not _any("now", words))


def _slight(kind: str, guard: str, words: Sequence[str], told: Sequence[str]) -> bool:
    """Whether it is told as a trifle, or as a look that was always so."""
    if guard == "soft" and _any("mild", words):
        return True
    return kind in _LOOKS and _any("cosmetic", [word for word in told if word != ","])


def _denied(words: Sequence[str], first: int, sign: str) -> bool:
    """Whether a denial stands shortly before the sign, with no turn between them. `first` counts without commas."""
    near: list[str] = []
    spoken = 0
    for word in words:
        if word != ",":
            if spoken == first:
                break
            spoken += 1
            if word in _TURNS and near[-1:] not in _CLITICS:
                near = []
            else:
                near.append(word)
        elif sign in _REFUSES or near == ["no"]:
            near = []
    return _any("denied", near[-_NEAR:]) and not _UNSURE.holds(near[-_NEAR:])


def _supposed(words: Sequence[str], kind: str) -> bool:
    if not _HELP_ASKED.isdisjoint(words):
        words = _WHAT_NOW.sub(" ", " ".join(words)).split()
    feared = kind not in ("violence", _CRISIS) and _any("feared", words)
    return (feared or _any("supposed", words)) and not _UNSURE.holds(words)
