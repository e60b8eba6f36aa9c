"""Tells a danger that is here from one denied, remembered, supposed, joked about, or told as a reason to move a visit."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from texting.rules.replies_normalise import Clause
from texting.rules.replies_patterns import Book, Rule, holds
from texting.rules.replies_tables import tables

# Before a sign, its denial may stand this far away: "no chest pain or trouble breathing".
_NEAR = 5


@cache
def _book() -> Book:
    rows = tables()["emergency"]["rule"]
    return Book(Rule(row["kind"] + ":" + row.get("guard", "hard"), row["why"], tuple(row["say"]), ()) for row in rows)


@cache
def _doubt(name: str) -> tuple[str, ...]:
    return tuple(tables()["emergency"]["doubt"][name])


def emergency(clauses: Sequence[Clause], moving: bool) -> str | None:
    """Why a text is an emergency, or None. `moving` says that it also moves or cancels a visit."""
    told = " ".join(clause.text for clause in clauses)
    joking = _any("idiom", f" {told.strip()} ")
    for clause in clauses:
        for rule, found in _book().matches(clause.text, clause.words):
            kind, guard = rule.intent.split(":")
            if not joking and not _excused(clause, found, kind, guard, told, moving):
                return rule.why
    return None


def _any(name: str, text: str) -> bool:
    return any(holds(pattern, text) for pattern in _doubt(name))


def _excused(clause: Clause, found: re.Match[str], kind: str, guard: str, told: str, moving: bool) -> bool:
    before = clause.text[: found.start() + 1]
    if _denied(before, found[0]) or _any("past", clause.text) or _supposed(clause, before):
        return True
    if guard == "soft" and _any("mild", clause.text):
        return True
    if moving and (_any("others", told) or _any("reason", told) or kind == "call"):
        return True
    return guard == "call" and _any("reason", told)


def _denied(before: str, sign: str) -> bool:
    near = " " + " ".join(before.split()[-_NEAR:]) + " "
    return any(holds(pattern, near) for pattern in _doubt("denied"))


def _supposed(clause: Clause, before: str) -> bool:
    if holds("not_sure|dont_know|wondering|tell|see|know|check|think|idk|unsure|asking if|whether", clause.text):
        return False
    return any(holds(pattern, clause.text) for pattern in _doubt("supposed"))


def kinds() -> Iterator[str]:
    """The kinds of danger that are known."""
    return (row["kind"] for row in tables()["emergency"]["rule"])
