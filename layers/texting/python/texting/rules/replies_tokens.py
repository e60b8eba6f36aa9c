"""Reads a text into plain tokens, chunk by chunk: what stands between two spaces is looked at once and remembered.

Shorthand, contractions, misspellings and run-together words are undone (`replies_spelling.py`); times, dates and numbers
become `#time`, `#date` and `#num`. Of each chunk is remembered too what language it speaks and what it hints at, so that
most texts need nothing but look-ups.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import chain
from operator import or_

from texting.rules.replies_language import weight
from texting.rules.replies_quotes import hints
from texting.rules.replies_spelling import spelled

_SPACED = re.compile(r"(?<![a-z0-9'])(?:[a-z0][ .\-_*~]{1,3}){2,}[a-z](?![a-z0-9'])")
_SPELLED = re.compile(
    r"^(please|plz|pls)?(stop|quit|end|cancel|unsubscribe|stopall|alto|baja|parar|pare|remove|revoke|optout|help|start|basta|no)(please|plz|pls|now|all|texting|it)?$"
)
_CURSE = re.compile(r"\b(f|s|b|a|m)[a-z]{0,3}[*#@$%&!]+[a-z]*(?:ing|in|n|ed)?\b")
_TOKEN = re.compile(
    r"(?P<plain>[a-z]+(?:'[a-z]+)?(?=[\s!?,]|$))"
    r"|(?P<url>https?://\S+|www\.\S+|\S+@\S+\.\S+)"
    r"|(?P<phone>(?:\+?1[ .-]?)?\(?\d{3}\)?[ .-]?\d{3}[ .-]\d{4}(?!\d)|\d{3}-\d{4}(?![\d-])|\d{10,11}(?!\d))"
    r"|(?P<time>\d{1,2}[:.]\d\d ?(?:[ap]\.?m\b\.?)?|\d{1,2} ?[ap]\.?m\b\.?|\d{1,2}ish\b|\d{1,2} ?o'?clock)"
    r"|(?P<call>9-?1-?1(?!\d))"
    r"|(?P<fever>\d{3}(?:\.\d)? ?(?:degrees|f\b|°)|10[0-6]\.\d)"
    r"|(?P<date>\d{1,2}[/-]\d{1,2}(?:[/-]\d{2,4})?|\d{1,2}(?:st|nd|rd|th)\b)"
    r"|(?P<year>(?:19[3-9]\d|20[0-4]\d)(?![\d:]))"
    r"|(?P<num>\d[\d,]*(?:\.\d+)?(?![a-z0-9]))"
    r"|(?P<word>[a-z0-9$@]*[a-z][a-z0-9$@]*(?:'[a-z]+)*)"
    r"|(?P<end>[.!;\n]+)|(?P<ask>[?]+)|(?P<pause>[,:(){}\[\]|]|(?<=\s)[-/~](?=\s))"
)
_MASKS = frozenset("*#@$%&!")  # without one of which nothing is a masked curse
# "need 2 stop", "take my # off", "STOP!!1!", "opt ouy": written as thumbs write them.
_THUMBED = (
    (re.compile(r"\b(need|have|want|like|going|trying|tryna|asked|told|how|able|ask|got) 2 (?=[a-z]{2})"), r"\1 to "),
    (re.compile(r"\b(stop|quit|text|reply) 2 (?=end|stop|quit|un|opt|cancel)"), r"\1 to "),
    (re.compile(r"(?<![\w#<])#(?![\w#>])"), " number "),
    (re.compile(r"(?<=!)1+(?=!|$)"), ""),
    (
        re.compile(
            r"\bopt{1,2}s?[ -](?:ouy|oit|iut|ot|oyt|oout|ouut|ut)\b|\b(?:o+pp?tt?|opy|ipt|otp|oppt|optt) ?-?ou+t\b"
        ),
        "optout",
    ),
    (re.compile(r"\b10[ -]4\b"), "ten4"),
    (re.compile(r"\b(?!unsubscribed\b)(?:un|dis|on)-?su[bs]*cri[bp][a-z]{0,6}\b"), "unsubscribe"),
    (re.compile(r"\bun-?su[bs](?!mi|st|tl|scribed)[a-z]{3,9}\b"), "unsubscribe"),
)
_THUMBED_MARKS = re.compile(r" 2 |#|!1|\bo+p+t|opy|ipt|otp|su[bs]+cri|unsu[bs]|10.4")
# A shortened "appt." ends a sentence, unless what follows belongs to it.
_TITLE = re.compile(
    r"\b(dr|mr|mrs|ms|sr|sra|dra|st|jr|appt(?=\. ?(?:at|on|is|for|with|to|time|today|tomorrow|this|next|\d)))\."
)
_NAMES = {
    "call": "#911",
    "phone": "#phone",
    "year": "#year",
    "time": "#time",
    "fever": "#fever",
    "date": "#date",
    "num": "#num",
    "url": "#url",
    "end": ".",
    "ask": "?",
    "pause": ",",
}
# Beside what `replies_quotes.hints` tells of a chunk: it reads differently beside another, or does so as a number does, it
# is written as thumbs do, it has a letter on its own.
_BESIDE, _NUMBER, _THUMBS, _LETTERS = 64, 128, 256, 512
_REMEMBERED, _LONG = 16384, 40  # how many chunks are remembered, and how long one may be
_TELLING = 600  # so many characters tell the language of any text
# A letter on its own without one of which no keyword is spelled out ("s t o p").
_LETTER = re.compile(r"(?<![a-z0-9'])[pqdlsjvhwxt](?![a-z0-9'])")
# What reads differently beside another chunk: such a letter, a digit ("3 pm", "need 2 stop"), half of "opt out", a
# shortened "appt.", a dash, and what is mended in a text that was thumbed elsewhere.
_LINKED = re.compile(_LETTER.pattern + r"|\d|\b(?:o+p+t+s?|opy|ipt|otp)$|\bappt\.$|^[-/~]|[-/~]$|sucri[bp]|un-su")
# Nine numbers of ten: hours and days. They read differently beside a few things only ("3 pm", "1 (555) 123-4567").
_HOUR = re.compile(r"\d{1,2}(?:[:.]\d\d)?(?:[ap]m|st|nd|rd|th)?[.,!?]*")
_LEANING = re.compile(r"\d\S* (?:[ap]\.?m|o'?clock|[\d(+])")


@dataclass(slots=True)  # not frozen: that would double what one costs to make
class Chunked:
    """A folded text by its chunks: the tokens, the weight in language and the hints of each, and what any of them hints at.

    Where any is `_BESIDE`, the tokens of that one are to be read with its neighbours'.
    """

    text: str
    tokens: tuple[tuple[str, ...], ...]
    weights: tuple[int, ...]
    hinted: tuple[int, ...]
    hints: int


# What is remembered of a chunk: its tokens, its weight in language, its hints.
_Chunk = tuple[tuple[str, ...], int, int]


class _Chunks(dict[str, _Chunk]):
    """What each chunk of text between two spaces tells, remembered: looking it up costs a tenth of reading it."""

    def __missing__(self, chunk: str) -> _Chunk:
        linked = _NUMBER if _HOUR.fullmatch(chunk) else _BESIDE if _LINKED.search(chunk) else 0
        hinted = hints(chunk) | linked | (_LETTERS if _LETTER.search(chunk) else 0)
        # "10 4" and " 2 " are read across spaces; whether the whole text is so written, `read` asks once more.
        hinted |= _THUMBS if chunk.endswith("10") or _is_thumbed(f" {chunk} ") else 0
        known = (() if linked == _BESIDE else _alone(chunk), weight(chunk), hinted)
        if len(self) >= _REMEMBERED:
            self.clear()
        if len(chunk) <= _LONG:
            self[chunk] = known
        return known


_CHUNKS = _Chunks()


def chunked(text: str) -> Chunked:
    """A folded text by its chunks."""
    tokens, weights, hinted = zip(*map(_CHUNKS.__getitem__, text.split(" ")), strict=True)
    return Chunked(text, tokens, weights, hinted, reduce(or_, hinted))


def balance(said: Chunked) -> int:
    """What a text weighs in language by its beginning: more Spanish above 0, more English below."""
    return sum(said.weights if len(said.text) <= _TELLING else chunked(said.text[:_TELLING]).weights)


def read(said: Chunked) -> list[str]:
    """The tokens of a text."""
    thumbed = said.hints & _THUMBS != 0 and _is_thumbed(said.text)
    if said.hints & _BESIDE or (said.hints & _NUMBER and (thumbed or _LEANING.search(said.text))):
        return _read_beside(said, thumbed)
    return list(chain.from_iterable(said.tokens))


def _alone(chunk: str) -> tuple[str, ...]:
    """The tokens of a chunk that reads the same beside any other."""
    thumbed = _is_thumbed(chunk)
    if chunk.isascii() and chunk.isalpha() and not thumbed:  # three new chunks in four
        return spelled(chunk)
    return tuple(_read(chunk, thumbed))


def _read_beside(said: Chunked, thumbed: bool) -> list[str]:
    """The tokens of a text some chunks of which need their neighbours: those are read together with them."""
    if said.hints & _LETTERS:  # of a keyword spelled out, which may be as long as the text
        return _read(said.text, thumbed, lettered=True)
    chunks, known = said.text.split(" "), said.tokens
    out: list[str] = []
    past = 0
    for start, end in _stretches(said.hinted):
        out += chain.from_iterable(known[past:start])
        out += _read(" ".join(chunks[start:end]), thumbed)
        past = end
    return [*out, *chain.from_iterable(known[past:])]


def _stretches(hinted: Sequence[int]) -> list[tuple[int, int]]:
    """Where chunks that need their neighbours stand, each with one neighbour on either side."""
    out: list[tuple[int, int]] = []
    for at in [at for at, hint in enumerate(hinted) if hint & (_BESIDE | _NUMBER)]:
        start = max(at - 1, 0)
        if out and out[-1][1] > start:  # they share that neighbour
            start = out.pop()[0]
        out.append((start, at + 2))
    return out


def _read(text: str, thumbed: bool, lettered: bool = False) -> list[str]:
    """The tokens of a text or a stretch of one. `lettered`: a letter stands on its own in it."""
    if thumbed:
        for written, meant in _THUMBED:
            text = written.sub(meant, text)
    if "." in text:
        text = _TITLE.sub(r"\1", text)
    if lettered:
        text = _SPACED.sub(_joined, text)
    if not _MASKS.isdisjoint(text):
        text = _CURSE.sub(_curse, text)
    return _matched(text)


def _is_thumbed(text: str) -> bool:
    return _THUMBED_MARKS.search(text) is not None


def _joined(match: re.Match[str]) -> str:
    run = re.sub(r"[ .\-_*~]", "", match[0]).replace("0", "o")
    return run if _SPELLED.match(run) else match[0]


def _curse(match: re.Match[str]) -> str:
    return "fucking" if match[0].endswith(("ing", "in", "n")) else "fuck" if match[1] == "f" else "damn"


def _matched(text: str) -> list[str]:
    out: list[str] = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if kind == "plain" or kind == "word":
            out += spelled(match[0])
        else:
            out.append(_NAMES[kind])
    return out
