"""The words of an outbound text as the language guard reads them: obfuscation and slips of the pen undone.

A text is cut at its spaces; what stands between two of them is read once and remembered (phi_spelling.py says how a
single word is read). Only where letters are mixed with signs, or stand alone, is the text read as a whole.
"""

import re
from bisect import bisect_left
from functools import lru_cache
from itertools import chain

from texting.rules.normalise import spelled_out, unleet
from texting.rules.phi_spelling import inside, known, resolve, slip
from texting.rules.phi_tables import KNOWN, LEXICON, MOST_REMEMBERED, by_shape, distinctive

_TOKEN = re.compile(r"\d+(?:[.,:/]\d+)+(?![a-z0-9])|\bw/(?![o/])|[a-z0-9']+|[^\sa-z0-9']")
# Marks between words that neither join nor part them.
_SILENT = frozenset("-_*\"'()[]{}~^`#<>|\\")
# Patterns of the rare cases are compiled when first met, so that a command that reads one text starts quickly.
_AMOUNT = (
    r"(\d+(?:[.,]\d+)?)(u|units?|unidades|mgs?|mcg|mls?|cc|ccs|iu|hrs?|h|wks?|weeks?|mos?|months?|days?|lbs?|kgs?"
    r"|mins?|am|pm|x|syringes?|jeringas?)"
)
# What each of the next two must hold, for they take six times as long to say no.
_SIGN = r"[a-z0-9][@$!|+€£¢]|[@$€£][a-z]"
_BLOT = r"[a-z](?:[*_.%#?]+[a-z]|\*)"
_SIGNED = r"[a-z0-9@$!|+€£¢]*(?:[a-z0-9][@$!|+€£¢]|[@$€£][a-z])[a-z0-9@$!|+€£¢]*"
_CENSORED = r"[a-z]+(?:[*_.%#?][a-z]*)+[a-z]|[a-z]+\*+"
_SIGNS = re.compile(r"[a-z0-9][@$!|+€£¢*_%#][a-z0-9*]|[@$€£][a-z]|[a-z]\*")
_PARTS = "-|~()[]"
_SINGLE = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
# Signs among letters, or as many single letters, make a text worth a closer look.
_ODD = 3
_FEWEST_UNITS = 5


class Row:
    """A folded text's words and telling marks, each as the vocabulary writes it, and where they stand in it."""

    __slots__ = ("_spans", "folded", "partable", "texts")

    def __init__(self, folded: str) -> None:
        self.folded = folded
        chunks = folded.split()
        self.texts: list[str] = list(chain.from_iterable(map(_CHUNKS.__getitem__, chunks)))
        self._spans: list[tuple[int, int]] = []
        # Whether there is a mark at all that may part a name from what stands beside it.
        self.partable = any(map(folded.__contains__, _PARTS))
        if sum(map(_ODDITY.__getitem__, chunks)) >= _ODD:
            self._repair()

    @property
    def spans(self) -> list[tuple[int, int]]:
        """Each word's half-open span in the folded text."""
        if not self._spans:
            self._spans = _spans(self.folded)
        return self._spans

    def gap(self, place: int) -> str:
        """What stands between a word and the one before it."""
        return self.folded[self.spans[place - 1][1] if place else 0 : self.spans[place][0]]

    def _repair(self) -> None:
        for start, end, meant in reversed(_repairs(self.folded)):
            # Words do not overlap, so only the one that begins last before the stretch can reach into it.
            first, after = bisect_left(self.spans, (start, start)), bisect_left(self.spans, (end, end))
            first -= first > 0 and self.spans[first - 1][1] > start
            if first < after:
                self._spans[first:after] = [(self.spans[first][0], self.spans[after - 1][1])]
                self.texts[first:after] = [meant]


class _Meanings(dict[str, tuple[str, ...]]):
    """What each token means, remembered: none for a silent mark, two for an amount such as "20u"."""

    def __missing__(self, token: str) -> tuple[str, ...]:
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        self[token] = meant = _meaning(token)
        return meant


class _Chunks(dict[str, tuple[str, ...]]):
    """What the tokens between two spaces mean, remembered: words repeat, so most texts need no working out."""

    def __missing__(self, chunk: str) -> tuple[str, ...]:
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        self[chunk] = meant = tuple(chain.from_iterable(map(_MEANT.__getitem__, _TOKEN.findall(chunk))))
        return meant


class _Oddities(dict[str, int]):
    """How much the letters between two spaces look like a disguise: a single one a little, one beside a sign enough."""

    def __missing__(self, chunk: str) -> int:
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        singles = sum(map(_SINGLE.__contains__, _TOKEN.findall(chunk)))
        self[chunk] = oddity = singles + _ODD * bool(_SIGNS.search(chunk))
        return oddity


def _meaning(token: str) -> tuple[str, ...]:
    text = token.replace("'", "")
    if not text or text in _SILENT:
        return ()
    if token.endswith("'s") and not known(text):
        text = text[:-1]
    if len(text) == 1:
        return (text,)
    amount = re.fullmatch(_AMOUNT, text) if text[0].isdigit() and "'" not in token else None
    if not amount or text in KNOWN or text in LEXICON:
        return (resolve(text),)
    # "20u" is units; "2u" and "4u" are chat for "to you" and "for you".
    unit = amount[2] if amount[2] != "u" else "units" if float(amount[1].replace(",", ".")) >= _FEWEST_UNITS else "you"
    return (amount[1], unit)


_MEANT = _Meanings()
_CHUNKS = _Chunks()
_ODDITY = _Oddities()


def _spans(folded: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    end = 0
    for chunk in folded.split():
        start = folded.index(chunk, end)
        end = start + len(chunk)
        # Four of five are plain words.
        if chunk.isascii() and chunk.isalpha():
            found.append((start, end))
        else:
            found += [(start + first, start + after) for first, after in _spans_within(chunk)]
    return found


@lru_cache(maxsize=MOST_REMEMBERED)
def _spans_within(chunk: str) -> list[tuple[int, int]]:
    """Each word's span in what stands between two spaces."""
    found: list[tuple[int, int]] = []
    for token in _TOKEN.finditer(chunk):
        meant = _MEANT[token[0]]
        if len(meant) == 1:
            found.append(token.span())
        elif meant:
            middle = token.start() + len(meant[0])
            found += ((token.start(), middle), (middle, token.end()))
    return found


def _repairs(folded: str) -> list[tuple[int, int, str]]:
    """Stretches that are one word in disguise (signs for letters, spelled out, censored), with the word meant."""
    found: list[tuple[int, int, str]] = []
    for chunk in re.finditer(_SIGNED, folded) if re.search(_SIGN, folded) else ():
        mail = "@" in chunk[0] and folded[chunk.end() : chunk.end() + 1] == "."
        handle = chunk[0][0] == "@" and resolve(chunk[0][1:]) in LEXICON
        meant = "" if mail or handle else _unsigned(chunk[0])
        if meant:
            found.append((chunk.start(), chunk.end(), meant))
    for joined, start, end in spelled_out(folded):
        meant = _spelled(joined)
        if meant:
            found.append((start, end, meant))
    for chunk in re.finditer(_CENSORED, folded) if re.search(_BLOT, folded) else ():
        meant = _uncensored(chunk[0])
        if meant:
            found.append((chunk.start(), chunk.end(), meant))
    found.sort()
    return found


def _unsigned(chunk: str) -> str:
    chunk = chunk.strip("!|+")
    if chunk.isalnum():
        return ""
    for candidate in unleet(chunk):
        if len(candidate) > 3 and candidate.isalpha() and (meant := resolve(candidate)) and known(meant):
            return meant
    return ""


def _spelled(joined: str) -> str:
    for candidate in (joined, *unleet(joined)):
        meant = resolve(candidate)
        if len(candidate) > 2 and known(meant):
            return meant
        within = inside(candidate)
        if within:
            return within
    return ""


def _in_bits(chunk: str) -> bool:
    """Whether a word is cut by marks into three short pieces or more ("fi.ll.er")."""
    pieces = re.split(r"[^a-z]+", chunk)
    return len(pieces) > 2 and max(map(len, pieces)) < 4


def _uncensored(chunk: str) -> str:
    bare = re.sub(r"[^a-z]", "", chunk)
    if len(bare) > 3 and (distinctive(LEXICON.get(bare, 0)) or (bare in LEXICON and _in_bits(chunk))):
        return bare
    if len(bare) > 4 and "*" in chunk and (meant := slip(bare)):
        return meant
    if "*" not in chunk and "_" not in chunk and "#" not in chunk and "%" not in chunk:
        return ""
    hidden = re.sub(r"[^a-z]", ".", chunk)
    if len(bare) < 2 or len(hidden) < 4:
        return ""
    return next((term for term in by_shape().get((len(hidden), hidden[0]), ()) if re.fullmatch(hidden, term)), "")
