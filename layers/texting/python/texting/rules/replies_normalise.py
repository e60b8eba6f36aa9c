"""Turns what a thumb typed into clauses of plain words that patterns can read.

Case, accents, look-alikes, emoji, elongation, shorthand, contractions and misspellings are undone; politeness is
dropped; times and dates become `#time`, `#date` and `#num`. Nothing is lost that changes a meaning.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import chain

from texting.rules.replies_spelling import spelled
from texting.rules.replies_tables import tables

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
_Pair = tuple[list[str], list[str]]
_NO, _TEXTS = (
    ("no", "stop", "quit", "dont"),
    ("text", "texting", "message", "promo", "spam", "mensaje", "texto", "contact"),
)
_LOOSE = (",", "and", "y", "n")  # left over when the "thank you" after them is gone
_ENDS, _MARKS = frozenset(".?"), frozenset(".?,")
# A letter on its own without one of which no keyword is spelled out ("s t o p").
_LETTER = re.compile(r"(?<![a-z0-9'])[pqdlsjvhwxt](?![a-z0-9'])")
# What reads differently beside another chunk: such a letter, a digit ("3 pm", "need 2 stop"), half of "opt out", a
# shortened "appt.", a dash, and what is mended in a text that was thumbed elsewhere.
_LINKED = re.compile(_LETTER.pattern + r"|\d|\b(?:o+p+t+s?|opy|ipt|otp)$|\bappt\.$|^[-/~]|[-/~]$|sucri[bp]|un-su")
_BESIDE: tuple[str, ...] = (" ",)
_REMEMBERED, _LONG = 16384, 40  # how many chunks are remembered, and how long one may be


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


def plain(text: str) -> Plain:
    """The plain words of a text already folded."""
    tokens = _tokens(text)
    merged = _paired(tokens)
    polite = _polite()
    clauses = _joined_up(_clauses([token for token in merged if token not in polite]))
    words = tuple([token for token in merged if token not in _MARKS])
    return Plain(words, tuple(clauses), "thanks" in tokens)


class _Chunks(dict[str, tuple[str, ...]]):
    """The tokens of each chunk of text between two spaces, remembered; `_BESIDE` for one that needs its neighbours.

    Most chunks read the same anywhere: looking them up costs a tenth of reading the text.
    """

    def __missing__(self, chunk: str) -> tuple[str, ...]:
        if _LINKED.search(chunk):
            tokens = _BESIDE
        elif chunk.isascii() and chunk.isalpha() and not _is_thumbed(chunk):  # three new chunks in four
            tokens = spelled(chunk)
        else:
            tokens = tuple(_read(chunk, _is_thumbed(chunk)))
        if len(self) >= _REMEMBERED:
            self.clear()
        if len(chunk) <= _LONG:
            self[chunk] = tokens
        return tokens


_CHUNKS = _Chunks()


def _tokens(text: str) -> list[str]:
    """The tokens of a text, chunk by chunk; those that need their neighbours are read together with them."""
    chunks = text.split(" ")
    known = [_CHUNKS[chunk] for chunk in chunks]
    if _BESIDE not in known:
        return list(chain.from_iterable(known))
    thumbed = _is_thumbed(text)
    if _LETTER.search(text):  # of a keyword spelled out, which may be as long as the text
        return _read(text, thumbed)
    out: list[str] = []
    past = 0
    for start, end in _stretches(known):
        out += chain.from_iterable(known[past:start])
        out += _read(" ".join(chunks[start:end]), thumbed)
        past = end
    return [*out, *chain.from_iterable(known[past:])]


def _stretches(known: list[tuple[str, ...]]) -> list[tuple[int, int]]:
    """Where chunks that need their neighbours stand, each with one neighbour on either side."""
    out: list[tuple[int, int]] = []
    for at, tokens in enumerate(known):
        if tokens is _BESIDE:
            start = max(at - 1, 0)
            if out and out[-1][1] > start:  # they share that neighbour
                start = out.pop()[0]
            out.append((start, at + 2))
    return out


def _read(text: str, thumbed: bool) -> list[str]:
    if thumbed:
        for written, meant in _THUMBED:
            text = written.sub(meant, text)
    return _matched(_CURSE.sub(_curse, _SPACED.sub(_joined, _TITLE.sub(r"\1", text))))


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


@cache
def _polite() -> frozenset[str]:
    return frozenset(tables()["words"]["lists"]["polite"])


@cache
def _pairs() -> dict[str, dict[str, list[_Pair]]]:
    """Runs of words that stand for others, the longest first, by their first word and their second ("" for none)."""
    pairs: dict[str, dict[str, list[_Pair]]] = {}
    for phrase, full in sorted(tables()["words"]["pairs"].items(), key=lambda row: -row[0].count(" ")):
        run = phrase.split()
        pairs.setdefault(run[0], {}).setdefault("".join(run[1:2]), []).append((run, full.split()))
    return pairs


def _paired(tokens: list[str]) -> list[str]:
    pairs = _pairs()
    out: list[str] = []
    past = 0
    for at in [at for at, token in enumerate(tokens) if token in pairs]:
        pair = _pair(pairs[tokens[at]], tokens, at) if at >= past else None
        if pair:
            out += tokens[past:at] + pair[1]
            past = at + len(pair[0])
    return out + tokens[past:] if past else tokens


def _pair(pairs: dict[str, list[_Pair]], tokens: list[str], at: int) -> _Pair | None:
    """The longest of these runs that stands here, and what it stands for."""
    longer = pairs.get(tokens[at + 1], []) if at + 1 < len(tokens) else []
    for pair in [*longer, *pairs.get("", [])]:
        if tokens[at : at + len(pair[0])] == pair[0]:
            return pair
    return None


def _joined_up(clauses: list[Clause]) -> list[Clause]:
    """Clauses of one word in a row are one that was said with force: "Quit. Texting. Me", "NO. TEXTS"."""
    if len([clause for clause in clauses if len(clause.words) == 1]) < 2:
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
    out: list[Clause] = []
    start = 0
    tokens = [*tokens, "."]
    for end in [at for at, token in enumerate(tokens) if token in _ENDS]:
        words = tokens[start:end]
        while words and words[-1] in _LOOSE:
            words.pop()
        while words and words[0] == ",":
            words.pop(0)
        if words:
            asked = tokens[end] == "?"
            out.append(Clause((*words, "?") if asked else tuple(words), asked))
        start = end + 1
    return out
