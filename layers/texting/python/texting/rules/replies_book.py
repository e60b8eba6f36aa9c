"""The rules of the tables as books: which of them speak in a clause, less what their exceptions forbid nearby.

What a pattern is, and how it is found among words, stands in `replies_patterns.py`. The tables hold some 4,600 of them in
one list, a dozen of which can hold in a clause. Which, its words tell: each knows the patterns whose key it serves, and
those that need it before their key or after it, as the bits of one number each: three unions answer for a whole clause.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, KeysView, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, reduce
from itertools import accumulate
from operator import and_, or_

from texting.rules.bits import bits
from texting.rules.replies_patterns import END, Pattern, find, find_near, needed, pattern
from texting.rules.replies_tables import tables

# How far from a match its exceptions may stand: what is said further off is about something else.
NEAR = 7
# Words remembered between texts; those of the tables are some 6,000.
_MOST_REMEMBERED = 16_384


class Group:
    """Patterns of which any may hold, filed by their key words when first asked, each with words of which it needs one."""

    __slots__ = ("_patterns", "_rows")

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = tuple(patterns)
        self._rows: dict[str, list[tuple[Pattern, KeysView[str]]]] = {}

    def holds(self, words: Sequence[str]) -> bool:
        """Whether any of these patterns stands among words."""
        rows = self._rows or self._filed()
        if rows.keys().isdisjoint(words):
            return False
        met = [(at, rows[word]) for at, word in enumerate(words) if word in rows]
        called = [(wanted, at) for at, hung in met for wanted, need in hung if not need.isdisjoint(words)]
        said = (*words, END) if called else ()
        return any([find(wanted, said, at) for wanted, at in called])  # noqa: C419 - a third faster

    def _filed(self) -> dict[str, list[tuple[Pattern, KeysView[str]]]]:
        for wanted in map(pattern, self._patterns):
            needs = [item.phrases.keys() for item in needed(wanted.before + wanted.after)]
            row = wanted, min(needs, key=len, default=wanted.keys.keys())
            for word in wanted.keys:
                self._rows.setdefault(word, []).append(row)
        return self._rows


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a table: what it means, and what it says to staff."""

    intent: str
    why: str


# A clause as it is looked through: its words and `END`, the patterns that may stand in it as bits, and the places that may
# be part of a key, each with the patterns whose key that is.
_Said = tuple[tuple[str, ...], int, list[tuple[int, int]]]


# The same clause is asked of up to three books in turn.
@lru_cache(maxsize=8)
def _said(words: tuple[str, ...]) -> _Said:
    calls = _calls()
    after = [*accumulate([calls.ends, *map(calls.follows.__getitem__, words[:0:-1])], or_)]
    after.reverse()
    before = [*accumulate([calls.opens, *map(calls.leads.__getitem__, words[:-1])], or_)]
    before[0] |= calls.first
    keys = map(calls.keys.__getitem__, words)
    keyed = [(at, here) for at, here in enumerate(map(and_, map(and_, keys, after), before)) if here]
    called = 0
    for _, here in keyed:
        called |= here
    return (*words, END), called, keyed


class _Served(dict[str, int]):
    """For each word the patterns that it serves in one way, as bits."""

    def __init__(self, written: dict[str, str]) -> None:
        self._written = written

    def __missing__(self, word: str) -> int:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        self[word] = served = bits(self._written.get(word, ""))
        return served


@dataclass(frozen=True, slots=True)
class _Calls:
    """The patterns whose key a word can be part of, those that need it before their key, and those that need it after.

    And those that need nothing before their key, or nothing after it, or to stand first in a clause.
    """

    keys: _Served
    leads: _Served
    follows: _Served
    opens: int
    ends: int
    first: int


@cache
def _calls() -> _Calls:
    calls = tables()["calls"]
    keys, leads, follows = (_Served(calls[way]) for way in ("keys", "leads", "follows"))
    opens, ends, first = (bits(calls[free]) for free in ("opens", "ends", "first"))
    return _Calls(keys, leads, follows, opens, ends, first)


class _Rows(list["Pattern | None"]):
    """Every pattern of the tables, read when first called up."""

    def __init__(self) -> None:
        self._texts: list[str] = tables()["rows"].split("\n")
        super().__init__([None] * len(self._texts))

    def read(self, number: int) -> Pattern:
        wanted = self[number] = pattern(self._texts[number])
        return wanted


@cache
def _rows() -> _Rows:
    return _Rows()


class Book:
    """The rules of one book of the tables, filed by the words that call them up."""

    def __init__(self, name: str) -> None:
        book = tables()["books"][name]
        self._first: int = book["first"]
        self._rules = [Rule(intent, why) for intent, why, *_ in book["rules"]]
        self._owners = [owner for owner, row in enumerate(book["rules"]) for _ in range(row[2])]
        self._unless: list[list[int]] = [unless for *_, unless in book["rules"]]
        self._never: dict[str, list[int]] = book["never"]
        self._forbidding: dict[int, int] = {}
        self._all = _span(self._first, len(self._owners))
        self._of_intent: dict[str, int] = {}
        first = self._first
        for intent, _, patterns, _ in book["rules"]:
            self._of_intent[intent] = self._of_intent.get(intent, 0) | _span(first, patterns)
            first += patterns

    def calls(self, words: tuple[str, ...]) -> bool:
        """Whether any rule of this book can speak in a clause at all: seven of ten clauses are passed over so."""
        return _said(words)[1] & self._all != 0

    def matches(
        self, words: tuple[str, ...], every: bool = False, known: Container[str] = (), among: Iterable[str] = ()
    ) -> Iterator[tuple[Rule, tuple[int, int]]]:
        """Each rule that speaks in a clause, with its first place, or with `every` one of its patterns'.

        In the tables' order. Left out are what a rule's exceptions forbid, the rules of intents that are `known` already,
        and all but those `among` some intents, where any are named.
        """
        words, called, keyed = said = _said(words)
        called, spoken = called & self._all, -1
        if among:
            called &= reduce(or_, [self._of_intent[intent] for intent in among])
        while called:
            bit = called & -called
            called ^= bit
            owner = self._owners[bit.bit_length() - 1 - self._first]
            if owner == spoken:
                continue
            rule = self._rules[owner]
            if rule.intent in known:
                called &= ~self._of_intent[rule.intent]
                continue
            place = _place(bit, words, keyed)
            if place and not self._excepted(owner, said, place):
                spoken = -1 if every else owner
                yield rule, place

    def _excepted(self, owner: int, said: _Said, place: tuple[int, int]) -> bool:
        """Whether the rule's own exceptions forbid it within a few words of a match, or those of its intent."""
        words, called, keyed = said
        called &= self._forbidding.get(owner) or self._forbids(owner)
        if not called:
            return False
        first, past = max(place[0] - NEAR, 0), place[1] + NEAR
        near = words[first:past] if past >= len(words) else (*words[first:past], "…", END)
        if first:
            near = ("…", *near)
        gone = max(first - 1, 0)
        keyed = [(at - gone, here) for at, here in keyed if first <= at < past]
        while called:
            bit = called & -called
            called ^= bit
            if _place(bit, near, keyed):
                return True
        return False

    def _forbids(self, owner: int) -> int:
        """The exceptions of a rule and those of its intent, as bits."""
        never = self._never.get(self._rules[owner].intent, (0, 0))
        self._forbidding[owner] = found = _span(*self._unless[owner]) | _span(*never)
        return found


def _span(first: int, count: int) -> int:
    """So many patterns in a row, as bits."""
    return (1 << count) - 1 << first


def _place(bit: int, words: tuple[str, ...], keyed: list[tuple[int, int]]) -> tuple[int, int] | None:
    """Where the pattern of this bit stands first."""
    rows, number = _rows(), bit.bit_length() - 1
    wanted = rows[number] or rows.read(number)
    for other in wanted.others:
        if other.isdisjoint(words):
            return None
    for at, here in keyed:
        if here & bit:
            place = find_near(wanted, words, at) if wanted.more else find(wanted, words, at)
            if place:
                return place
    return None
