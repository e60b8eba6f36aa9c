"""Small patterns over words, for tables that people can read.

A pattern is a row of items separated by spaces, each standing for whole words of a normalised clause:
`a|b` either word, `a_b` two words in a row, `{name}` a word class of the tables, `x?` optional, `x*3` up to three of
them, `.3` any words up to three, `~3` the same but no new subject among them ("don't cancel I'll be there" is two
things), `^` and `$` the ends of the clause, `,` and `?` themselves. `:3` stops at these and at a verb of cancelling; the
rows of other times are compiled to it.

Each pattern hangs on one item it cannot do without, its key. A text looks up only the patterns whose key words it
holds, and each is tried outwards from there, all its readings at once: the work grows with the length of the text and with
nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache

from texting.rules.replies_tables import tables

_STOPS = frozenset((",", "?"))
# A gap written with ~ ends before these: what follows is said of somebody anew.
_SUBJECTS = _STOPS | frozenset(
    "i im we he she they ill ive hes shes theyre but so because cuz since pero porque and y".split()
)
# A gap written with : ends before these: "something came up have to cancel today" asks for nothing today.
_CANCELS = (_SUBJECTS - {"and", "y"}) | frozenset(
    "cancel cancelling canceling cancelled canceled cxl skip scrap scratch axe nix forfeit cancelar cancele cancelen "
    "cancela cancelo cancelame canceleme cancelenme cancelala cancelela cancelenla cancelarla cancelamos cancelando "
    "anular anule anulen faltar suspender #cant #keep #aside #health #optin #optout".split()
)
_BOUNDS = {".": _STOPS, "~": _SUBJECTS, ":": _CANCELS}
_GAP = re.compile(r"[.~:]\d+$")


@dataclass(frozen=True, slots=True)
class Item:
    """One item: the words it may be, by the first of them, and how often it may stand there.

    `single` says that each of them is one word and stands once: nearly all are, and read in one glance.
    """

    words: dict[str, tuple[tuple[str, ...], ...]]
    least: int
    most: int
    single: bool = False
    anything: bool = False
    bounds: frozenset[str] = _STOPS
    end: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern parted at its key: `before` is read towards the left, `after` towards the right.

    `needs` are the words of each other item that must stand, the rarest first: a text with none of one of them is
    passed over at once.
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
    least = (frozenset(item.words) for item in (*before, *after) if item.least and not item.end)
    needs = tuple(sorted(least, key=_how_often))
    return Pattern(needs, _item(items[at], False), before, after, opens)


@cache
def _item(text: str, backwards: bool) -> Item:
    if _GAP.match(text):
        return Item({}, 0, int(text[1:]), anything=True, bounds=_BOUNDS[text[0]])
    body, least, most = _repeats(text)
    words: dict[str, list[tuple[str, ...]]] = {}
    for phrase in alternatives(body):
        parts = phrase[::-1] if backwards else phrase
        words.setdefault(parts[0], []).append(parts[1:])
    end = words.pop("$", None) is not None
    single = least == most == 1 and not end and not any(rest for rests in words.values() for rest in rests)
    return Item({word: tuple(rest) for word, rest in words.items()}, least, most, single, end=end)


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


def _how_often(words: frozenset[str]) -> int:
    """How often any of these words is met; of words never counted, the fewer the rarer."""
    frequency = _frequency()
    return sum(frequency.get(word, 1) for word in words)


@cache
def _frequency() -> dict[str, int]:
    frequency: dict[str, int] = tables()["words"]["frequency"]
    return frequency


def key_of(items: Sequence[str]) -> int:
    """The place of the item whose words are met least often, among those that must stand."""
    frequency, ranked = _frequency(), []
    for place, item in enumerate(items):
        if _GAP.match(item):
            continue
        body, least, _ = _repeats(item)
        firsts = {phrase[0] for phrase in alternatives(body)}
        if least and "$" not in firsts:
            ranked.append((sum(frequency.get(word, 1) for word in firsts), place))
    return min(ranked)[1]


def find(wanted: Pattern, words: tuple[str, ...], heard: AbstractSet[str]) -> tuple[int, int] | None:
    """Where a pattern stands among words, as the first and the past-the-last of them; None where it does not.

    `heard` is the set of the same words.
    """
    for need in wanted.needs:
        if heard.isdisjoint(need):
            return None
    key = wanted.key.words
    if wanted.opens and not wanted.before and words[0] not in key:
        return None
    for at, word in enumerate(words):
        if word not in key:
            continue
        start = _start(wanted, words, at) if wanted.before or wanted.opens else at
        if start is None:
            continue
        ends = {at + 1} if wanted.key.single else _step(wanted.key, words, {at})
        for item in wanted.after:
            if not ends:
                break
            ends = _reach(item, words, ends)
        if ends:
            return start, min(ends)
    return None


def _start(wanted: Pattern, words: tuple[str, ...], at: int) -> int | None:
    if not wanted.before:
        return 0 if at == 0 else None
    backwards = words[:at][::-1]
    starts = {0}
    for item in wanted.before:
        starts = _reach(item, backwards, starts)
        if not starts:
            return None
    if wanted.opens:
        return 0 if at in starts else None
    return at - min(starts)


def _reach(item: Item, words: tuple[str, ...], places: set[int]) -> set[int]:
    """The places an item leads to from any of these."""
    if item.single:
        known, size = item.words, len(words)
        return {place + 1 for place in places if place < size and words[place] in known}
    reached = set() if item.least else set(places)
    for _ in range(item.most):
        places = _any(words, places, item.bounds) if item.anything else _step(item, words, places)
        if not places:
            break
        reached |= places
    return reached


def _any(words: tuple[str, ...], places: set[int], bounds: frozenset[str]) -> set[int]:
    size = len(words)
    return {place + 1 for place in places if place < size and words[place] not in bounds}


def _step(item: Item, words: tuple[str, ...], places: set[int]) -> set[int]:
    out: set[int] = set()
    size = len(words)
    known = item.words
    for place in places:
        if place >= size:
            if item.end:
                out.add(place)
            continue
        word = words[place]
        if word in known:
            for rest in known[word]:
                if not rest:
                    out.add(place + 1)
                elif words[place + 1 : place + 1 + len(rest)] == rest:
                    out.add(place + 1 + len(rest))
        if item.end and word == "?" and place == size - 1:
            out.add(place)
    return out
