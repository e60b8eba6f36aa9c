"""Turns what a thumb typed into clauses of plain words that patterns can read.

Case, accents, look-alikes, emoji, elongation, shorthand, contractions and misspellings are undone; politeness is
dropped; times and dates become `#time`, `#date` and `#num`. Nothing is lost that changes a meaning.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import dropwhile, filterfalse, pairwise

from texting.rules.replies_tables import tables
from texting.rules.replies_tokens import Chunked, read

LONGEST = 1600  # the longest text a carrier joins; what is beyond is read at its end only
_ODD = str.maketrans(
    {
        **dict.fromkeys("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\ufe0f\u202a\u202c\u2061", ""),
        **dict.fromkeys("’‘ʼ`´′＇", "'"),
    }
    | dict(zip("“”«»„‟＂", '"' * 7, strict=True))
    | dict(zip("аеорсухіѕјкмтвнԁɡоα", "aeopcyxisjkmtbhdgoa", strict=True))
    | dict(zip("АВЕКМНОРСТХУІЅ", "ABEKMHOPCTXYIS", strict=True))
    | {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "–": ", ", "—": ", ", "…": ". ", "¿": ". ", "¡": ". "}
)
_SIGNS = {
    "👍✅✔☑👌🆗💯🙆🤙👏🙌": " thumbup ",
    "👎❌✖🙅": " thumbdown ",
    "🛑✋⛔": " stop ",
    "😂🤣😆😹": " lol ",
    "🙏": " thanks ",
}
_EMOJI = [(re.compile(f"(?:[{signs}] ?)+"), word) for signs, word in _SIGNS.items()]
_ANSWERS = frozenset("".join(_SIGNS))
_Pair = tuple[list[str], list[str]]
_NO, _TEXTS = (
    ("no", "stop", "quit", "dont"),
    ("text", "texting", "message", "promo", "spam", "mensaje", "texto", "contact"),
)
_LOOSE = (",", "and", "y", "n")  # left over when the "thank you" after them is gone
_ENDS, _MARKS = frozenset(".?"), frozenset(".?,")


@dataclass(slots=True)  # not frozen: that would double what one costs to make
class Clause:
    """One clause: its words, and whether it was asked (then the last of them is "?")."""

    words: tuple[str, ...]
    asked: bool


@dataclass(slots=True)
class Plain:
    """A text in plain words: all of them, and clause by clause."""

    words: tuple[str, ...]
    clauses: tuple[Clause, ...]
    thanks: bool


_REMEMBERED = 16384  # how many characters are remembered


class _Characters(dict[int, str]):
    """What each character is folded to, remembered."""

    def __missing__(self, code: int) -> str:
        if len(self) >= _REMEMBERED:
            self.clear()
        plain = unicodedata.normalize("NFKD", chr(code).translate(_ODD))
        self[code] = "".join(c for c in plain if not unicodedata.combining(c)).translate(_ODD)
        return self[code]


_FOLDED = _Characters()


def folded(text: str) -> str:
    """Lower case, no accents, look-alikes or invisible characters; emoji that answer become words."""
    if len(text) > LONGEST:
        text = text[: LONGEST - 400] + "\n" + text[-400:]
    if text.isascii():
        return text.lower()
    if not _ANSWERS.isdisjoint(text):
        text = text.translate(_ODD)
        for emoji, word in _EMOJI:
            text = emoji.sub(word, text)
    return text.translate(_FOLDED).lower()


def plain(said: Chunked) -> Plain:
    """The plain words of a text already folded and chunked."""
    tokens = read(said)
    merged = _paired(tokens)
    clauses = _joined_up(_clauses(_without(_polite(), merged)))
    return Plain(tuple(_without(_MARKS, merged)), tuple(clauses), "thanks" in tokens)


def _without(dropped: frozenset[str], tokens: list[str]) -> list[str]:
    return tokens if dropped.isdisjoint(tokens) else list(filterfalse(dropped.__contains__, tokens))


@cache
def _polite() -> frozenset[str]:
    return frozenset(tables()["words"]["lists"]["polite"])


@cache
def _pairs() -> dict[tuple[str, str], list[_Pair]]:
    """Runs of words that stand for others, the longest first, by their first two words."""
    pairs: dict[tuple[str, str], list[_Pair]] = {}
    for phrase, full in sorted(tables()["words"]["pairs"].items(), key=lambda row: -row[0].count(" ")):
        run = phrase.split()
        pairs.setdefault((run[0], run[1]), []).append((run, full.split()))
    return pairs


@cache
def _halves() -> frozenset[str]:
    """Of each such run its rarer beginning: half of all texts have none of these."""
    frequency: dict[str, int] = tables()["words"]["frequency"]
    return frozenset(min(two, key=lambda word: frequency.get(word, 1)) for two in _pairs())


def _paired(tokens: list[str]) -> list[str]:
    pairs = _pairs()
    if _halves().isdisjoint(tokens) or pairs.keys().isdisjoint(zip(tokens, tokens[1:], strict=False)):  # noqa: RUF007 - pairwise() takes twice as long
        return tokens
    out: list[str] = []
    past = 0
    for at, two in enumerate(pairwise(tokens)):
        pair = _pair(pairs[two], tokens, at) if at >= past and two in pairs else None
        if pair:
            out += tokens[past:at] + pair[1]
            past = at + len(pair[0])
    return out + tokens[past:]


def _pair(pairs: list[_Pair], tokens: list[str], at: int) -> _Pair | None:
    """The longest of these runs that stands here, and what it stands for."""
    return next((pair for pair in pairs if tokens[at : at + len(pair[0])] == pair[0]), None)


def _joined_up(clauses: list[Clause]) -> list[Clause]:
    """Clauses of one word in a row are one that was said with force: "Quit. Texting. Me", "NO. TEXTS"."""
    if len(clauses) < 2 or len([clause for clause in clauses if len(clause.words) == 1]) < 2:
        return clauses
    out: list[Clause] = []
    at = 0
    while at < len(clauses):
        end = at
        while end < len(clauses) and len(clauses[end].words) == 1:
            end += 1
        forced = end - at >= 3 or (end - at == 2 and clauses[at].words[0] in _NO and clauses[at + 1].words[0] in _TEXTS)
        if forced:
            out.append(Clause(tuple(clause.words[0] for clause in clauses[at:end]), False))
        out += clauses[end if forced else at : end + 1]
        at = end + 1
    return out


def _clauses(tokens: list[str]) -> list[Clause]:
    if _ENDS.isdisjoint(tokens):  # two texts of three
        return _clause(tokens, asked=False)
    out: list[Clause] = []
    start = 0
    for end in [at for at, token in enumerate(tokens) if token in _ENDS]:
        out += _clause(tokens[start:end], tokens[end] == "?")
        start = end + 1
    return out + _clause(tokens[start:], asked=False)


def _clause(words: list[str], asked: bool) -> list[Clause]:
    """The clause of these words, less what was left over at its ends; none where nothing else is said."""
    if words and (words[-1] in _LOOSE or words[0] == ","):
        last = max((at for at, word in enumerate(words, 1) if word not in _LOOSE), default=0)
        words = list(dropwhile(",".__eq__, words[:last]))
    return [Clause((*words, "?") if asked else tuple(words), asked)] if words else []
