"""Turns what a thumb typed into clauses of plain words that patterns can read.

Case, accents, look-alikes, emoji, elongation, shorthand, contractions and misspellings are undone; politeness is
dropped; times and dates become `#time`, `#date` and `#num`. Nothing is lost that changes a meaning.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

from texting.rules.replies_spelling import corrected, lemma, parted
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
_EMOJI = (
    (re.compile("(?:[👍✅✔☑👌🆗💯🙆🤙👏🙌] ?)+"), " thumbup "),
    (re.compile("(?:[👎❌✖🙅] ?)+"), " thumbdown "),
    (re.compile("(?:[🛑✋⛔] ?)+"), " stop "),
    (re.compile("(?:[😂🤣😆😹] ?)+"), " lol "),
    (re.compile("(?:[🙏] ?)+"), " thanks "),
)
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
_TAILS = {"'ll": " will", "'ve": " have", "'re": " are", "'d": " would"}
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


_NO, _TEXTS = (
    ("no", "stop", "quit", "dont"),
    ("text", "texting", "message", "promo", "spam", "mensaje", "texto", "contact"),
)
_LOOSE = (",", "and", "y", "n")  # left over when the "thank you" after them is gone


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: its words, and whether it was asked (then the last of them is "?")."""

    words: tuple[str, ...]
    asked: bool


@dataclass(frozen=True, slots=True)
class Plain:
    """A text in plain words: all of them, and clause by clause."""

    words: tuple[str, ...]
    clauses: tuple[Clause, ...]
    thanks: bool


def folded(text: str) -> str:
    """Lower case, no accents, look-alikes or invisible characters; emoji that answer become words."""
    if len(text) > LONGEST:
        text = text[: LONGEST - 400] + "\n" + text[-400:]
    if text.isascii():
        return text.lower()
    text = text.translate(_ODD)
    for emoji, word in _EMOJI:
        text = emoji.sub(word, text)
    plain = unicodedata.normalize("NFKD", text)
    return "".join(c for c in plain if not unicodedata.combining(c)).translate(_ODD).lower()


def plain(text: str) -> Plain:
    """The plain words of a text already folded."""
    tokens = _tokens(_CURSE.sub(_curse, _SPACED.sub(_joined, _TITLE.sub(r"\1", _thumbed(text)))))
    thanks = "thanks" in tokens
    merged = _paired(tokens)
    polite = _polite()
    kept = [token for token in merged if token not in polite]
    clauses = tuple(_joined_up(_clauses(kept)))
    return Plain(words=tuple(t for t in merged if t not in ".?,"), clauses=clauses, thanks=thanks)


def _thumbed(text: str) -> str:
    if _THUMBED_MARKS.search(text):
        for written, meant in _THUMBED:
            text = written.sub(meant, text)
    return text


def _joined(match: re.Match[str]) -> str:
    run = re.sub(r"[ .\-_*~]", "", match[0]).replace("0", "o")
    return run if _SPELLED.match(run) else match[0]


def _curse(match: re.Match[str]) -> str:
    return "fucking" if match[0].endswith(("ing", "in", "n")) else "fuck" if match[1] == "f" else "damn"


def _tokens(text: str) -> list[str]:
    out: list[str] = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if kind == "plain" or kind == "word":
            out += _spelled(match[0])
        else:
            out.append(_NAMES[kind])
    return out


@lru_cache(maxsize=16384)
def _spelled(typed: str) -> tuple[str, ...]:
    """The plain words that one typed word stands for."""
    spelling: dict[str, str] = tables()["words"]["spelling"]
    names = _names()
    if typed.endswith("'s") and typed[:-2] in names:
        return ("#name",)
    out: list[str] = []
    for word in _opened(typed):
        if word in spelling:
            out += spelling[word].split("_")
        elif word in names:
            out.append("#name")
        else:
            for part in parted(corrected(word)):
                out += spelling[part].split("_") if part in spelling else lemma(part)
    return tuple(out)


def _opened(word: str) -> tuple[str, ...]:
    """Contractions without their apostrophe; 'll, 've, 're and 'd as words of their own."""
    if "'" not in word:
        return (word,)
    for tail, full in _TAILS.items():
        if word.endswith(tail):
            return (word[: -len(tail)].replace("'", ""), full.strip())
    return (word.replace("'", ""),)


@cache
def _names() -> frozenset[str]:
    return frozenset(tables()["words"]["names"]["given"])


@cache
def _polite() -> frozenset[str]:
    return frozenset(tables()["words"]["lists"]["polite"])


@cache
def _pairs() -> dict[str, list[tuple[tuple[str, ...], list[str]]]]:
    by_first: dict[str, list[tuple[tuple[str, ...], list[str]]]] = {}
    for phrase, full in tables()["words"]["pairs"].items():
        parts = tuple(phrase.split())
        by_first.setdefault(parts[0], []).append((parts, full.split()))
    for rows in by_first.values():
        rows.sort(key=lambda row: -len(row[0]))
    return by_first


def _paired(tokens: list[str]) -> list[str]:
    pairs = _pairs()
    out: list[str] = []
    i, size = 0, len(tokens)
    while i < size:
        token = tokens[i]
        pair = _pair(pairs[token], tokens, i) if token in pairs else None
        if pair:
            out += pair[1]
            i += len(pair[0])
        else:
            out.append(token)
            i += 1
    return out


def _pair(
    rows: list[tuple[tuple[str, ...], list[str]]], tokens: list[str], at: int
) -> tuple[tuple[str, ...], list[str]] | None:
    """The longest of these runs that stands here, and what it stands for."""
    return next((row for row in rows if tuple(tokens[at : at + len(row[0])]) == row[0]), None)


def _joined_up(clauses: list[Clause]) -> list[Clause]:
    """Clauses of one word in a row are one that was said with force: "Quit. Texting. Me", "NO. TEXTS"."""
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
    words: list[str] = []
    for piece in [*tokens, "."]:
        if piece not in ".?":
            words.append(piece)
            continue
        while words and words[-1] in _LOOSE:
            words.pop()
        while words and words[0] == ",":
            words.pop(0)
        if words:
            out.append(Clause((*words, *(("?",) if piece == "?" else ())), piece == "?"))
        words = []
    return out
