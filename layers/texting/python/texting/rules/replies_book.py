"""The rules of the tables as books: each filed under the words that call it up, with what forbids it nearby.

What a pattern is, and how it is found among words, stands in `replies_patterns.py`.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from texting.rules.replies_patterns import Pattern, find, pattern
from texting.rules.replies_tables import tables

# How far from a match its exceptions may stand: what is said further off is about something else.
NEAR = 7


class Group:
    """Patterns of which any may hold, filed by their key words when first asked."""

    __slots__ = ("_patterns", "_rows")

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = tuple(patterns)
        self._rows: dict[str, list[Pattern]] = {}

    def holds(self, words: Sequence[str]) -> bool:
        """Whether any of these patterns stands among words."""
        if not self._patterns:
            return False
        rows = self._rows or self._filed()
        said, heard = tuple(words), set(words)
        for word in heard:
            if word in rows:
                for wanted in rows[word]:
                    if find(wanted, said, heard) is not None:
                        return True
        return False

    def _filed(self) -> dict[str, list[Pattern]]:
        for text in self._patterns:
            wanted = pattern(text)
            for word in wanted.key.words:
                self._rows.setdefault(word, []).append(wanted)
        return self._rows


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a table: what it means, what it says to staff, and what forbids it."""

    intent: str
    why: str
    unless: Group


class Book:
    """The rules of one book of the tables, filed by the words that call them up."""

    def __init__(self, name: str) -> None:
        rows = tables()["books"][name]["rules"]
        self._rules = [Rule(row["intent"], row["why"], Group(row["unless"])) for row in rows]
        self._never = {intent: Group(unless) for intent, unless in tables()["books"][name]["never"].items()}
        self._says = [(owner, row["intent"], say) for owner, row in enumerate(rows) for say in row["say"]]
        self._index: dict[str, list[int]] = tables()["books"][name]["index"]
        self._read: list[Pattern | None] = [None] * len(self._says)
        self._gates: list[frozenset[str] | None] = [None] * len(self._says)

    def matches(
        self, words: tuple[str, ...], every: bool = False, known: Container[str] = ()
    ) -> Iterator[tuple[Rule, tuple[int, int]]]:
        """Each rule that speaks in a clause, with its first place, or with `every` one of its patterns'.

        What a rule's exceptions forbid is left out, and the rules of intents that are `known` already.
        """
        heard = set(words)
        spoken: set[int] = set()
        for number in self._called(heard):
            owner, intent, _ = self._says[number]
            if owner in spoken or intent in known:
                continue
            place = find(self._read[number] or self._opened(number), words, heard)
            if place is not None and not self._excepted(owner, words, place):
                if not every:
                    spoken.add(owner)
                yield self._rules[owner], place

    def _excepted(self, owner: int, words: tuple[str, ...], place: tuple[int, int]) -> bool:
        """Whether the rule's own exceptions forbid it here, or those of its intent."""
        rule = self._rules[owner]
        never = self._never.get(rule.intent)
        return forbidden(rule.unless, words, place) or (never is not None and forbidden(never, words, place))

    def _called(self, heard: AbstractSet[str]) -> list[int]:
        """The patterns these words call up, in the tables' order, less those whose rarest need is seen to be missing."""
        index, gates, missing = self._index, self._gates, heard.isdisjoint
        return sorted(
            {
                one
                for word in heard
                if word in index
                for one in index[word]
                if (gate := gates[one]) is None or not missing(gate)
            }
        )

    def _opened(self, number: int) -> Pattern:
        """A pattern read for the first time; from now on its rarest need is its gate."""
        wanted = self._read[number] = pattern(self._says[number][2])
        if wanted.needs:
            self._gates[number] = wanted.needs[0]
        return wanted


def forbidden(unless: Group, words: tuple[str, ...], place: tuple[int, int]) -> bool:
    """Whether an exception stands within a few words of a match."""
    first, past = max(place[0] - NEAR, 0), place[1] + NEAR
    near = (*(("…",) if first else ()), *words[first:past], *(("…",) if past < len(words) else ()))
    return unless.holds(near)
