"""The rules of the tables as books: which of them speak in a clause, less what their exceptions forbid nearby.

What a pattern is, and how it is found among words, stands in `replies_patterns.py`. The tables hold some 4,600 of them in
one list, a dozen of which can hold in a clause. Which, its words tell: each knows the patterns whose key it serves, and
those that need it before their key or after it, as the bits of one number each: three unions answer for a whole clause.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, reduce
from operator import or_

from texting.rules.bits import bits
from texting.rules.replies_patterns import END, Pattern, find, pattern
from texting.rules.replies_tables import tables

# How far from a match its exceptions may stand: what is said further off is about something else.
NEAR = 7
# Words remembered between texts; those of the tables are some 6,000.
_MOST_REMEMBERED = 16_384


class Group:
    """Patterns of which any may hold, filed by their key words when first asked."""

    __slots__ = ("_patterns", "_rows")

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = tuple(patterns)
        self._rows: dict[str, list[Pattern]] = {}

    def holds(self, words: Sequence[str]) -> bool:
        """Whether any of these patterns stands among words."""
        rows = self._rows or self._filed()
        if rows.keys().isdisjoint(words):
            return False
        said = (*words, END)
        met = [(at, rows[word]) for at, word in enumerate(words) if word in rows]
        return any([find(wanted, said, at) for at, hung in met for wanted in hung])  # noqa: C419 - a third faster

    def _filed(self) -> dict[str, list[Pattern]]:
        for text in self._patterns:
            wanted = pattern(text)
            for word in wanted.keys:
                self._rows.setdefault(word, []).append(wanted)
        return self._rows


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a table: what it means, and what it says to staff."""

    intent: str
    why: str


@dataclass(slots=True)
class _Said:
    """A clause as it is looked through: its words and `END`, the patterns that may stand in it as bits, and where."""

    words: tuple[str, ...]
    called: int
    keys: list[tuple[int, str]]


# The same clause is asked of up to three books in turn.
@lru_cache(maxsize=8)
def _said(words: tuple[str, ...]) -> _Said:
    calls = _calls()
    after, before = calls.free
    served = list(map(calls.__getitem__, words))
    followed = []
    for keys, _, follows in reversed(served):
        followed.append(keys and keys & after)
        after |= follows
    called, keyed = 0, []
    for at, (_, leads, _) in enumerate(served):
        here = followed.pop() & before
        if here:
            called |= here
            keyed.append((at, words[at]))
        before |= leads
    return _Said((*words, END), called, keyed)


class _Calls(dict[str, tuple[int, int, int]]):
    """For each word the patterns whose key it can be, what they need before it and after it, as bits."""

    def __init__(self, rows: dict[str, str], free: Sequence[str]) -> None:
        self._rows = rows
        self.free = tuple(map(bits, free))

    def __missing__(self, word: str) -> tuple[int, int, int]:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        keys, leads, follows = self._rows.get(word, "||").split("|")
        self[word] = found = (bits(keys), bits(leads), bits(follows))
        return found


@cache
def _calls() -> _Calls:
    calls = tables()["calls"]
    return _Calls(calls["words"], calls["free"])


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
        self._unless: list[dict[str, str]] = [unless for *_, unless in book["rules"]]
        self._never: dict[str, dict[str, str]] = book["never"]
        self._all = (1 << len(self._owners)) - 1
        self._of_rule = [0] * len(self._rules)
        self._of_intent: dict[str, int] = {}
        for number, owner in enumerate(self._owners):
            self._of_rule[owner] |= 1 << number
        for rule, rows in zip(self._rules, self._of_rule, strict=True):
            self._of_intent[rule.intent] = self._of_intent.get(rule.intent, 0) | rows

    def calls(self, words: tuple[str, ...]) -> bool:
        """Whether any rule of this book can speak in a clause at all: seven of ten clauses are passed over so."""
        return _said(words).called >> self._first & self._all != 0

    def matches(
        self, words: tuple[str, ...], every: bool = False, known: Container[str] = (), among: Iterable[str] = ()
    ) -> Iterator[tuple[Rule, tuple[int, int]]]:
        """Each rule that speaks in a clause, with its first place, or with `every` one of its patterns'.

        In the tables' order. Left out are what a rule's exceptions forbid, the rules of intents that are `known` already,
        and all but those `among` some intents, where any are named.
        """
        said, rows = _said(words), _rows()
        called = said.called >> self._first & self._all
        if among:
            called &= reduce(or_, [self._of_intent[intent] for intent in among])
        while called:
            bit = called & -called
            called ^= bit
            number = bit.bit_length() - 1
            owner = self._owners[number]
            rule = self._rules[owner]
            if rule.intent in known:
                called &= ~self._of_intent[rule.intent]
                continue
            wanted = rows[number + self._first] or rows.read(number + self._first)
            place = _place(wanted, said)
            if place and not self._excepted(owner, said.words, place):
                if not every:
                    called &= ~self._of_rule[owner]
                yield rule, place

    def _excepted(self, owner: int, words: tuple[str, ...], place: tuple[int, int]) -> bool:
        """Whether the rule's own exceptions forbid it within a few words of a match, or those of its intent."""
        first, past = max(place[0] - NEAR, 0), place[1] + NEAR
        near = words[first:past] if past >= len(words) else (*words[first:past], "…", END)
        if first:
            near = ("…", *near)
        return _stands(self._unless[owner], near) or _stands(self._never.get(self._rules[owner].intent, {}), near)


def _place(wanted: Pattern, said: _Said) -> tuple[int, int] | None:
    """Where a pattern stands first."""
    keys = wanted.keys
    for at, word in said.keys:
        if word in keys:
            place = find(wanted, said.words, at)
            if place:
                return place
    return None


def _stands(filed: dict[str, str], words: tuple[str, ...]) -> bool:
    """Whether any of the patterns filed under their key words stands among words."""
    if filed.keys().isdisjoint(words):
        return False
    met = [(at, _hung(filed[word])) for at, word in enumerate(words) if word in filed]
    return any([find(wanted, words, at) for at, hung in met for wanted in hung])  # noqa: C419 - a third faster


@cache
def _hung(numbers: str) -> tuple[Pattern, ...]:
    """The patterns of these numbers, as the tables file them under a word."""
    rows = _rows()
    return tuple(rows[number] or rows.read(number) for number in map(int, numbers.split()))
