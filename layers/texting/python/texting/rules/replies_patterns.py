"""Small patterns over words, for tables that people can read.

A pattern is a row of items separated by spaces, each standing for whole words of a normalised clause:
`a|b` either word, `a_b` two words in a row, `{name}` a word class of the tables, `x?` optional, `x*3` up to three of
them, `.3` any words up to three, `^` and `$` the ends of the clause, `,` and `?` themselves.

Each pattern hangs on one item it cannot do without, its key. A text looks up only the patterns whose key words it
holds, and each is tried outwards from there, all its readings at once: the work grows with the length of the text and with
nothing else.
"""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache

from texting.rules.replies_tables import tables

# How far from a match its exceptions may stand: what is said further off is about something else.
NEAR = 7
_STOPS = frozenset((",", "?"))


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a table: what it means, what it says to staff, and what forbids it."""

    intent: str
    why: str
    unless: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One item: the words it may be, by the first of them, and how often it may stand there."""

    words: dict[str, tuple[tuple[str, ...], ...]]
    least: int
    most: int
    anything: bool = False
    end: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern parted at its key: `before` is read towards the left, `after` towards the right.

    `needs` are the words of each item that must stand: a text with none of one of them is passed over at once.
    """

    needs: tuple[frozenset[str], ...]
    key: Item
    before: tuple[Item, ...]
    after: tuple[Item, ...]
    opens: bool


@cache
def pattern(text: str) -> Pattern:
    """The pattern of a row of items."""
    items = text.split()
    opens = items[0] == "^"
    items = items[opens:]
    at = key_of(items)
    before = tuple(_item(item, True) for item in reversed(items[:at]))
    after = tuple(_item(item, False) for item in items[at + 1 :])
    needs = tuple(
        frozenset(item.words) for item in (_item(items[at], False), *before, *after) if item.least and not item.end
    )
    return Pattern(needs, _item(items[at], False), before, after, opens)


@cache
def _item(text: str, backwards: bool) -> Item:
    if text[0] == "." and text[1:].isdigit():
        return Item({}, 0, int(text[1:]), anything=True)
    body, least, most = _repeats(text)
    words: dict[str, list[tuple[str, ...]]] = {}
    for phrase in alternatives(body):
        parts = phrase[::-1] if backwards else phrase
        words.setdefault(parts[0], []).append(parts[1:])
    end = words.pop("$", None) is not None
    return Item({word: tuple(rest) for word, rest in words.items()}, least, most, end=end)


def _repeats(text: str) -> tuple[str, int, int]:
    body, star, count = text.rpartition("*")
    if star and count.isdigit():
        return body.strip("()"), 0, int(count)
    if len(text) > 1 and text[-1] == "?" and text[-2] != "|":
        return text[:-1].strip("()"), 0, 1
    return text.strip("()"), 1, 1


def alternatives(body: str) -> Iterator[tuple[str, ...]]:
    """The alternatives of one item, classes opened and joined words parted."""
    for part in body.split("|"):
        if part[0] == "{":
            yield from _class(part[1:-1])
        else:
            yield tuple(part.replace("_", " ").split())


@cache
def _class(name: str) -> tuple[tuple[str, ...], ...]:
    words = tables()["words"]
    body = "|".join(words["lists"]["negators"]) if name == "not" else words["class"][name]
    return tuple(alternatives(body))


@cache
def _common() -> frozenset[str]:
    return frozenset(tables()["words"]["lists"]["common"])


def key_of(items: Sequence[str]) -> int:
    """The place of the item with the fewest common words, then the fewest words, among those that must stand."""
    ranked = []
    for place, item in enumerate(items):
        if item[0] == "." and item[1:].isdigit():
            continue
        body, least, _ = _repeats(item)
        firsts = {phrase[0] for phrase in alternatives(body)}
        if least and "$" not in firsts:
            ranked.append((len(firsts & _common()), len(firsts), place))
    return min(ranked)[2]


def find(wanted: Pattern, words: Sequence[str], heard: AbstractSet[str]) -> tuple[int, int] | None:
    """Where a pattern stands among words, as the first and the past-the-last of them; None where it does not.

    `heard` is the set of the same words.
    """
    for need in wanted.needs:
        if heard.isdisjoint(need):
            return None
    for at, word in enumerate(words):
        if word not in wanted.key.words:
            continue
        ends = _step(wanted.key, words, {at})
        for item in wanted.after:
            ends = _reach(item, words, ends)
            if not ends:
                break
        else:
            start = _start(wanted, words, at)
            if start is not None and ends:
                return start, min(ends)
    return None


def _start(wanted: Pattern, words: Sequence[str], at: int) -> int | None:
    backwards = words[:at][::-1]
    starts = {0}
    for item in wanted.before:
        starts = _reach(item, backwards, starts)
        if not starts:
            return None
    if wanted.opens:
        return 0 if at in starts else None
    return at - min(starts)


def _reach(item: Item, words: Sequence[str], places: set[int]) -> set[int]:
    """The places an item leads to from any of these."""
    reached = set() if item.least else set(places)
    for _ in range(item.most):
        places = _any(words, places) if item.anything else _step(item, words, places)
        if not places:
            break
        reached |= places
    return reached


def _any(words: Sequence[str], places: set[int]) -> set[int]:
    size = len(words)
    return {place + 1 for place in places if place < size and words[place] not in _STOPS}


def _step(item: Item, words: Sequence[str], places: set[int]) -> set[int]:
    out: set[int] = set()
    size = len(words)
    for place in places:
        if place >= size:
            if item.end:
                out.add(place)
            continue
        for rest in item.words.get(words[place], ()):
            past = place + 1 + len(rest)
            if not rest or tuple(words[place + 1 : past]) == rest:
                out.add(past)
        if item.end and words[place] == "?" and place == size - 1:
            out.add(place)
    return out


def any_holds(patterns: Iterable[str], words: Sequence[str]) -> bool:
    """Whether any of these patterns stands among words."""
    heard = set(words)
    return any(find(pattern(text), words, heard) is not None for text in patterns)


class Book:
    """The rules of one book of the tables, filed by the words that call them up."""

    def __init__(self, name: str) -> None:
        rows = tables()["books"][name]["rules"]
        self._rules = [Rule(row["intent"], row["why"], tuple(row["unless"])) for row in rows]
        self._says: list[tuple[int, str]] = [(owner, say) for owner, row in enumerate(rows) for say in row["say"]]
        self._index: dict[str, list[int]] = tables()["books"][name]["index"]
        self._read: dict[int, Pattern] = {}

    def matches(self, words: Sequence[str], every: bool = False) -> Iterator[tuple[Rule, tuple[int, int]]]:
        """Each rule that speaks in a clause, with its first place, or with `every` one of its patterns'.

        What a rule's exceptions forbid is left out.
        """
        heard = set(words)
        called: set[int] = set()
        for word in heard:
            called.update(self._index.get(word, ()))
        spoken: set[int] = set()
        for number in sorted(called):
            owner, say = self._says[number]
            wanted = self._read.get(number) or self._read.setdefault(number, pattern(say))
            if owner in spoken or (place := find(wanted, words, heard)) is None:
                continue
            if not forbidden(self._rules[owner].unless, words, place):
                if not every:
                    spoken.add(owner)
                yield self._rules[owner], place


def forbidden(unless: Iterable[str], words: Sequence[str], place: tuple[int, int]) -> bool:
    """Whether an exception stands within a few words of a match."""
    first, past = max(place[0] - NEAR, 0), place[1] + NEAR
    near = [*(("…",) if first else ()), *words[first:past], *(("…",) if past < len(words) else ())]
    return any_holds(unless, near)
