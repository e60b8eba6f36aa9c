"""Small patterns over words, for tables that people can read.

A pattern is a row of items separated by spaces, each standing for whole words of a normalised clause:
`a|b` either word, `a_b` two words in a row, `{name}` a word class of the tables, `x?` optional, `x*3` up to three of
them, `.3` any words up to three, `~3` the same but no new subject among them ("don't cancel I'll be there" is two
things), `^` and `$` the ends of the clause, `,` and `?` themselves. `:3` stops at these and at a verb of cancelling; the
rows of other times are compiled to it.

Each pattern hangs on one item it cannot do without, its key, marked `@` when the tables are compiled. It is tried
outwards from its key words, all its readings at once: the work grows with the length of the text and with nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, KeysView, Sequence
from dataclasses import dataclass
from functools import cache
from sys import intern

from texting.rules.replies_tables import tables

# Stands behind the last word of a clause, and so (at -1) before its first: it is no word of any pattern.
END = ""
_STOPS = frozenset((",", "?", END))
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
# The rests of a phrase that is one word: most are, and are told by this very value.
ONE_WORD = ((),)

Phrases = dict[str, tuple[tuple[str, ...], ...]]


@dataclass(frozen=True, slots=True)
class Item:
    """One item: what it may be, how often that may stand there, and how many other words may stand before it.

    `phrases` are by the word met first, each with the words that must follow it. Of the words of its `gap` none is in
    `bounds`. `once`: it stands there once and is not the end of the clause, as nine of ten are.
    """

    phrases: Phrases
    least: int = 1
    most: int = 1
    gap: int = 0
    bounds: frozenset[str] = _STOPS
    end: bool = False
    once: bool = True


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern parted at its key: `before` is read towards the left, `after` towards the right.

    The longest of its keys has `more` words behind its first. `others` are what must stand too where several items on one
    side of the key must: of each one word at least.
    """

    keys: Phrases
    before: tuple[Item, ...]
    after: tuple[Item, ...]
    opens: bool
    more: int
    others: tuple[KeysView[str], ...]


@cache
def pattern(text: str) -> Pattern:
    """The pattern of a row of items; where none is marked as its key, it hangs on the first."""
    items = text.split()
    opens = items[0] == "^"
    items = items[opens:]
    at = next((place for place, item in enumerate(items) if item[0] == "@"), 0)
    keys = read_item(items[at].removeprefix("@")).phrases
    before, after = _items(items[:at][::-1], True), _items(items[at + 1 :], False)
    more = max([len(rest) for rests in keys.values() for rest in rests])
    others = [item.phrases.keys() for side in (needed(before), needed(after)) if len(side) > 1 for item in side]
    return Pattern(keys, before, after, opens, more, tuple(others))


def needed(items: Iterable[Item]) -> list[Item]:
    """The items that must stand, by whichever of their words."""
    return [item for item in items if item.least and not item.end and item.phrases]


def _items(texts: list[str], backwards: bool) -> tuple[Item, ...]:
    """The items of a row, each with the gap in front of it."""
    items: list[Item] = []
    for text in texts:
        item = read_item(text, backwards)
        if item.once and items and not items[-1].phrases and items[-1].gap:
            before = items.pop()
            item = Item(item.phrases, gap=before.gap, bounds=before.bounds)
        items.append(item)
    return tuple(items)


@cache
def read_item(text: str, backwards: bool = False) -> Item:
    if _is_gap(text):
        return Item({}, 0, 0, gap=int(text[1:]), bounds=_BOUNDS[text[0]], once=False)
    body, least, most = _repeats(text)
    phrases = _phrases(body.split("|"), backwards)
    end = phrases.pop("$", None) is not None
    return Item(phrases, least, most, end=end, once=least == most == 1 and not end)


def _is_gap(item: str) -> bool:
    """Whether an item stands for any words up to a number."""
    return item[0] in _BOUNDS and _GAP.match(item) is not None


def _repeats(text: str) -> tuple[str, int, int]:
    """What an item says, and how often that may stand there: at least, at most."""
    body, star, count = text.rpartition("*")
    if star and count.isdigit():
        return body.strip("()"), 0, int(count)
    if len(text) > 1 and text[-1] == "?" and text[-2] != "|":
        return text[:-1].strip("()"), 0, 1
    return text.strip("()"), 1, 1


def _phrases(parts: Sequence[str], backwards: bool) -> Phrases:
    """The phrases of some alternatives: words, words in a row, and classes, opened."""
    more = [part for part in parts if "_" in part or part[0] == "{"]
    words = set(parts).difference(more) if more else parts
    phrases: Phrases = dict.fromkeys(map(intern, words), ONE_WORD)
    for part in more:
        found = _class(part[1:-1], backwards) if part[0] == "{" else _run(part, backwards)
        for first, rests in found.items():
            known = phrases.get(first, rests)
            phrases[first] = known if known == rests else tuple(dict.fromkeys(known + rests))
    return phrases


def _run(part: str, backwards: bool) -> Phrases:
    """Words in a row, read in one direction."""
    first, *rest = map(intern, part.split("_")[:: -1 if backwards else 1])
    return {first: (tuple(rest),)}


@cache
def _class(name: str, backwards: bool) -> Phrases:
    words = tables()["words"]
    return _phrases(words["lists"]["negators"] if name == "not" else words["class"][name].split("|"), backwards)


def find(wanted: Pattern, words: Sequence[str], at: int) -> tuple[int, int] | None:
    """Where a pattern stands whose key is met at one place: its first word and the past-the-last, or None.

    Behind the last of `words` stands `END`.
    """
    rests = wanted.keys[words[at]]
    pasts: Sequence[int] = (at + 1,) if rests is ONE_WORD else _pasts(rests, words, at + 1, 1)
    if not pasts:
        return None
    start = at
    if wanted.before:
        starts = _read(wanted.before, words, at - 1, -1)
        if not starts:
            return None
        start = (min if wanted.opens else max)(starts) + 1
    if start and wanted.opens:
        return None
    if wanted.after:
        pasts = _read(wanted.after, words, pasts[0], 1) if len(pasts) == 1 else _spread(wanted.after, words, pasts, 1)
    return (start, min(pasts)) if pasts else None


def find_near(wanted: Pattern, words: Sequence[str], at: int) -> tuple[int, int] | None:
    """The same for a pattern of whose key a word is met at one place, which need not be its first."""
    keys = wanted.keys
    for start in range(at - wanted.more if at > wanted.more else 0, at + 1):
        if words[start] in keys:
            place = find(wanted, words, start)
            if place:
                return place
    return None


def _read(items: tuple[Item, ...], words: Sequence[str], place: int, step: int) -> Sequence[int]:
    """The places that items lead to from one, a word further with each `step`; none where they do not stand.

    As long as there is one place only: nine of ten patterns that are tried fail at the first or second item.
    """
    for number, item in enumerate(items):
        word, phrases = words[place], item.phrases
        if item.gap:
            if not phrases:
                return _spread(items[number:], words, [place], step)
            places = _after_gap(item, words, place, step)
        elif word in phrases:
            if not item.once:
                return _spread(items[number:], words, [place], step)
            rests = phrases[word]
            if rests is ONE_WORD:
                place += step
                continue
            places = _pasts(rests, words, place + step, step)
        elif item.least and not item.end:
            return ()
        elif not item.least or word == END:
            continue
        else:
            return _spread(items[number:], words, [place], step)
        if len(places) != 1:
            return _spread(items[number + 1 :], words, places, step) if places else places
        place = places[0]
    return (place,)


def _spread(items: tuple[Item, ...], words: Sequence[str], places: Sequence[int], step: int) -> Sequence[int]:
    """The same from several places, or from none."""
    for item in items:
        if not places:
            return places
        if not item.once:
            places = _anything(item, words, places, step) if item.gap else _repeated(item, words, places, step)
        elif item.gap:
            places = list({past for place in places for past in _after_gap(item, words, place, step)})
        else:
            places = _phrase(item, words, places, step)
    return places


def _after_gap(item: Item, words: Sequence[str], place: int, step: int) -> Sequence[int]:
    """The places past what stands after a gap."""
    phrases, bounds, past = item.phrases, item.bounds, place + step * (item.gap + 1)
    if phrases.keys().isdisjoint(words[place:past] if step > 0 else words[max(past, -1) + 1 : place + 1]):
        return ()
    places: list[int] = []
    for at in range(place, past, step):
        word = words[at]
        if word in phrases:
            rests = phrases[word]
            places += (at + step,) if rests is ONE_WORD else _pasts(rests, words, at + step, step)
        if word in bounds:
            break
    return places


def _anything(item: Item, words: Sequence[str], places: Sequence[int], step: int) -> list[int]:
    reached = set(places)
    for place in places:
        for at in range(place, place + step * item.gap, step):
            if words[at] in item.bounds:
                break
            reached.add(at + step)
    return list(reached)


def _repeated(item: Item, words: Sequence[str], places: Sequence[int], step: int) -> list[int]:
    reached = [] if item.least else list(places)
    for _ in range(item.most):
        places = _phrase(item, words, places, step)
        if not places:
            break
        reached += places
    return list(set(reached)) if len(reached) > 1 else reached


def _phrase(item: Item, words: Sequence[str], places: Sequence[int], step: int) -> list[int]:
    phrases, out = item.phrases, []
    for place in places:
        word = words[place]
        if word in phrases:
            out += _pasts(phrases[word], words, place + step, step)
        if item.end and (word == END or (word == "?" and words[place + 1] == END)):
            out.append(place)
    return out


def _pasts(rests: Sequence[tuple[str, ...]], words: Sequence[str], place: int, step: int) -> list[int]:
    """The places past the rests of phrases that stand here; END equals no word, so nothing is read beyond it."""
    pasts = []
    for rest in rests:
        at = place
        for word in rest:
            if words[at] != word:
                break
            at += step
        else:
            pasts.append(at)
    return pasts
