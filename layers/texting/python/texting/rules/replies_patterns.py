"""Small patterns over words, for tables that people can read.

A pattern is a row of items separated by spaces, each standing for whole words of a normalised clause:
`a|b` either word, `a_b` two words in a row, `{name}` a word class of the tables, `x?` optional, `x*3` up
to three of them, `.3` any words up to three, `!x` not followed by, `^` and `$` the ends of the clause, `,` `?` themselves.
Each pattern is filed under the words of one item it cannot do without, so that a text meets only the few that
could match. They become regular expressions with bounded repeats, on first use.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from texting.rules.replies_tables import tables

_ITEM = re.compile(r"^\(?(?P<body>.*?)\)?(?P<repeat>\*\d+|(?<!\|)\?)?$")
# So common that a pattern filed under them would be met by nearly every text.
_COMMON = frozenset(
    "i we you he she it they me us him her them my your our the a an this that these those is are was "
    "were be been am im its do does did done have has had will would can could may might to of for in on "
    "at by with from and or but so if not no dont cant wont never any all some more out up off there here "
    "get got go going please just want need like u what when who how why where que de la el los las un "
    "una mi me se no ya en con por para a y o le lo les es esta , ? $ ^ #num #time one thanks yes ok make "
    "take day time come".split()
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a table: its patterns, what forbids it, and what it says to staff when it matches."""

    intent: str
    why: str
    say: tuple[str, ...]
    unless: tuple[str, ...]


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> re.Pattern[str]:
    """The regular expression of a pattern."""
    return re.compile("".join(_regex(item) for item in pattern.split()))


def _regex(item: str) -> str:
    if item == "^":
        return r"^ "
    if item == "$":
        return r"$"
    if item[0] == "." and item[1:].isdigit():
        return rf"(?:[^ ,?]+ ){{0,{item[1:]}}}"
    if item == "?":
        return r"\? "
    body, repeat = _parts(item)
    if body[0] == "!":
        return rf"(?!(?:{_alternatives(body[1:])}))"
    group = rf"(?:{_alternatives(body)})"
    if repeat == "?":
        return group + "?"
    return group + (f"{{0,{repeat[1:]}}}" if repeat else "")


def _parts(item: str) -> tuple[str, str]:
    found = _ITEM.match(item)
    assert found  # every string matches: the body is lazy and the rest optional
    return found["body"], found["repeat"] or ""


def _alternatives(body: str) -> str:
    words = []
    for word in words_of(body):
        if word == "$":
            words.append("$")
        elif word.endswith("*"):
            words.append(re.escape(word[:-1]) + "[^ ]* ")
        else:
            words.append(re.escape(word).replace(r"\ ", " ") + " ")
    return "|".join(words)


def words_of(body: str) -> Iterator[str]:
    """The alternatives of one item, classes opened and joined words parted."""
    for part in body.split("|"):
        if part.startswith("{"):
            yield from words_of(_classes()[part[1:-1]])
        else:
            yield part.replace("_", " ")


@cache
def _classes() -> dict[str, str]:
    classes: dict[str, str] = dict(tables()["words"]["class"])
    classes["not"] = "|".join(tables()["words"]["lists"]["negators"])
    return classes


@lru_cache(maxsize=4096)
def keys(pattern: str) -> frozenset[str]:
    """First words of the least common item a pattern cannot do without; empty when it has none."""
    best: tuple[int, int, frozenset[str]] = (99, 0, frozenset())
    for item in pattern.split():
        if item in "^$" or item[0] in ".!" or item == "?":
            continue
        body, repeat = _parts(item)
        if repeat:
            continue
        firsts = frozenset(word.split(" ")[0] for word in words_of(body))
        if "$" in firsts or "" in firsts or any(first.endswith("*") for first in firsts):
            continue
        rank = (len(firsts & _COMMON), len(firsts), firsts)
        if rank[:2] < best[:2] or best[0] == 99:
            best = rank
    return best[2]


class Book:
    """Rules filed by the words that call them up."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        self._by_word: dict[str, list[tuple[int, str]]] = {}
        self._always: list[tuple[int, str]] = []
        for number, rule in enumerate(self.rules):
            for pattern in rule.say:
                entry = (number, pattern)
                called = keys(pattern)
                if not called:
                    self._always.append(entry)
                for word in called:
                    self._by_word.setdefault(word, []).append(entry)

    def matches(self, clause: str, words: Iterable[str]) -> Iterator[tuple[Rule, re.Match[str]]]:
        """Each rule that speaks in a clause, with its first match; what `unless` forbids is left out."""
        seen: set[int] = set()
        entries = list(self._always)
        for word in dict.fromkeys(words):
            entries += self._by_word.get(word, ())
        for number, pattern in entries:
            if number in seen:
                continue
            found = compiled(pattern).search(clause)
            if found is None:
                continue
            rule = self.rules[number]
            seen.add(number)
            if not any(holds(unless, clause) for unless in rule.unless):
                yield rule, found


def holds(pattern: str, clause: str) -> bool:
    """Whether a pattern matches anywhere in a clause."""
    return compiled(pattern).search(clause) is not None
