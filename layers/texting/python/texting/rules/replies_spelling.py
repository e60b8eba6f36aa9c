"""Undoes what thumbs do to the few words that matter: `stpo`, `stoppp`, `s t o p`, `st0p`, `stoptexting`.

A word is corrected only towards a keyword, only by one slip (two in words of nine letters or more), and never when it is
an everyday word itself, so that "shop", "step" and "quiet" stay what they are.
"""

import re
from functools import cache, lru_cache
from sys import intern

from texting.rules.replies_tables import tables

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_LEET = str.maketrans("013457$@!|", "oieastsaii")
# Spanish verbs of writing, leaving and taking off, in the moods of a wish or an order: past forms tell, they do not ask.
_STEMS = {
    "mandar": "mand",
    "enviar": "envi",
    "escribir": "escrib",
    "textear": "texte texti text",
    "mensajear": "mensaje",
    "molestar": "molest fastidi hostig hostigu acos bombarde jod ching chingu fregu freg",
    "contactar": "contact",
    "llamar": "llam",
    "insistir": "insist",
    "notificar": "notifi",
    "marcar": "marqu",
    "dejar": "dej",
    "quitar": "quit",
    "sacar": "saqu sac",
    "borrar": "borr",
    "eliminar": "elimin",
    "remover": "remuev remov",
    "desuscribir": "desuscrib",
    "volver": "vuelv volv",
    "seguir": "sig sigu",
    "comunicar": "comuni comuniqu",
    "retirar": "retir",
    "olvidar": "olvid",
    "tachar": "tach",
}
_SPANISH = {stem: verb for verb, stems in _STEMS.items() for stem in stems.split()}
_MOODS = re.compile(
    r"^(" + "|".join(sorted(_SPANISH, key=len, reverse=True)) + r")"
    r"(?:en|an|es|as|e|a|ar|er|ir|ando|iendo|quen|que|car|eis|ais|ad|id|ara|aran|aras|arais|iera|ieran|ieras|ierais|ase|asen|iese|iesen)?(se)?(me|nos|le|les)?(?:lo|la|los|las)?$"
)
# Orders to move a visit, "it" hung on them: "correla", "me la recorra" is another row's.
_MOVED = re.compile(
    r"^(?:(?:re)?corr|muev|mov|cambi|pas|adelant|atras|retras|reagend|reprogram|aplaz|acomod|traslad|agend|recorr)"
    r"(?:e|a|en|an|er|ar|amos|emos)(?:la|mela|nosla|las|melas)$|^(?:pong|pos?pong)an?(?:mela|nosla)$|^posponga?n?la$"
)
_NOT_SPANISH = frozenset(
    "text texts texted quit quite quits sac sig contact contacts insist insists remove removed removes sage same "
    "retire retired retires".split()
)
_CONTRACTED = {"'ll": "will", "'ve": "have", "'re": "are", "'d": "would"}
_TRIPLE = re.compile(r"(.)\1{2,}")
_DOUBLE = re.compile(r"(.)\1+")
_VOWELS = re.compile(r"[aeiouy]+")
_HEARD = 7  # a shorter word sounds like too many others
_HEADS = ("stop", "please", "unsubscribe", "nomore", "quit", "cancel", "remove", "optout", "leave", "wrong", "dont")
_TAILS = frozenset(
    "texting text texts textingme messaging messages message msgs all now please pls plz it me this "
    "sending calling spam stop reminders these them contacting messagingme everything already asap "
    "unsubscribe quit stoptexting stoptextingme textme thanks thx number sendingme contactme callme "
    "messageme alone mealone numbers".split()
)


@lru_cache(maxsize=16384)
def spelled(typed: str) -> tuple[str, ...]:
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
    # One object for each word, as in the patterns: a look-up need not compare letters.
    return tuple(map(intern, out))


def _opened(word: str) -> tuple[str, ...]:
    """Contractions without their apostrophe; 'll, 've, 're and 'd as words of their own."""
    if "'" not in word:
        return (word,)
    for tail, full in _CONTRACTED.items():
        if word.endswith(tail):
            return (word[: -len(tail)].replace("'", ""), full)
    return (word.replace("'", ""),)


@cache
def _names() -> frozenset[str]:
    return frozenset(tables()["words"]["names"]["given"])


@cache
def _targets() -> tuple[str, ...]:
    return tuple(tables()["words"]["typos"]["targets"])


@lru_cache(maxsize=1024)
def _letters(word: str) -> int:
    """Which letters a word holds, one bit each: two slips change four of them at most."""
    letters = 0
    for letter in word:
        letters |= 1 << (ord(letter) & 31)
    return letters


@cache
def _targets_near(length: int) -> tuple[tuple[str, int], ...]:
    """The targets that a word of so many letters can be a slip for, and which letters each holds."""
    return tuple((target, _letters(target)) for target in _targets() if abs(length - len(target)) <= _slips(target))


def _slips(target: str) -> int:
    return 2 if len(target) >= 9 else 1


@cache
def _known() -> frozenset[str]:
    words = tables()["words"]
    lists = words["lists"]
    return frozenset(
        (*words["typos"]["everyday"], *words["spelling"], *lists["en"], *lists["es"], *words["typos"]["targets"])
    )


@cache
def _written() -> frozenset[str]:
    """The words of the patterns: none of them is a slip for another."""
    return frozenset(tables()["words"]["vocabulary"].split())


@cache
def _near() -> dict[str, frozenset[str]]:
    near: dict[str, set[str]] = {}
    for r, row in enumerate(_ROWS):
        for c, key in enumerate(row):
            around = {row[c - 1] if c else "", row[c + 1] if c + 1 < len(row) else ""}
            for other in _ROWS[max(r - 1, 0) : r + 2]:
                around.update(other[max(c - 1, 0) : c + 2])
            near[key] = around - {"", key}
    return {key: frozenset(value) for key, value in near.items()}


@lru_cache(maxsize=8192)
def corrected(word: str, alone: bool = False) -> str:
    """The keyword a misspelt word stands for, or the word itself.

    `alone` says that nothing else stands in the text: then a few everyday words ("stoop") can only be the keyword.
    """
    if alone and _lone(word):
        return _lone(word)
    if len(word) < 3 or len(word) > 24 or word in _known():
        return word
    for candidate in _plainer(word):
        if candidate in _known():
            return candidate
    if len(word) < 4 or not word.isalpha():
        return _unleet(word)
    full = word + "g"
    if word.endswith("in") and (full in _known() or full in _verbs()):
        return full
    if word in _written():
        return word
    letters = _letters(word)
    for target, theirs in _targets_near(len(word)):
        if (letters ^ theirs).bit_count() <= 4 and _slip(word, target):
            return target
    return _sounds().get(_sound(word), word)


def _lone(word: str) -> str:
    """The keyword that a word standing alone can only be: STOP with any one slip, others with those of the tables."""
    typos = tables()["words"]["typos"]
    if word in typos["alone"] or (3 < len(word) < 6 and word not in _known() and _distance(word, "stop", 1) <= 1):
        return "stop"
    return next((keyword for keyword, slips in typos["lone"].items() if word in slips), "")


@cache
def _verbs() -> frozenset[str]:
    """The verbs of the patterns that end in -ing: "hittin" is "hitting"."""
    return frozenset(tables()["words"]["verbs"].split())


@cache
def _sounds() -> dict[str, str]:
    return {_sound(target): target for target in reversed(_targets()) if len(target) >= _HEARD}


def _sound(word: str) -> str:
    """A word as it is heard: each run of vowels as one, letters not doubled, no silent end ("breeth", "breathe")."""
    return _VOWELS.sub("a", _DOUBLE.sub(r"\1", word)).removesuffix("a")


def _plainer(word: str) -> tuple[str, ...]:
    if not _TRIPLE.search(word):
        return ()
    return _TRIPLE.sub(r"\1", word), _TRIPLE.sub(r"\1\1", word), _DOUBLE.sub(r"\1", word)


def _unleet(word: str) -> str:
    if word.isalpha() or word.isdigit() or not any(c.isalpha() for c in word):
        return word
    plain = word.translate(_LEET)
    return plain if plain in _targets() or plain in _TAILS else word


@lru_cache(maxsize=8192)
def lemma(word: str) -> tuple[str, ...]:
    """A Spanish verb of writing or leaving as its infinitive, its "me" apart; any other word as it is."""
    if len(word) < 4 or word in _NOT_SPANISH:
        return (word,)
    if _MOVED.match(word):
        return ("moverla",)
    found = _MOODS.match(word)
    if found is None or found[0] == found[1]:
        return (word,)
    return (_SPANISH[found[1]], *((found[3],) if found[3] else ()))


def parted(word: str) -> tuple[str, ...]:
    """Words run together, parted: `stoptextingme`; anything else as it is."""
    if not word.startswith(_HEADS):
        return (word,)
    for head in _HEADS:
        if word.startswith(head) and word[len(head) :] in _TAILS:
            return (head, *parted_tail(word[len(head) :]))
    return (word,)


def parted_tail(tail: str) -> tuple[str, ...]:
    """The second half of a run-together word, itself parted where it holds `me`."""
    if tail.startswith("stop") and len(tail) > 4:
        return ("stop", *parted_tail(tail[4:]))
    return (tail[:-2], "me") if tail.endswith("me") and len(tail) > 2 else (tail,)


def _slip(word: str, target: str) -> bool:
    allowed = _slips(target)
    if abs(len(word) - len(target)) > allowed or (allowed == 2 and word[0] != target[0]):
        return False
    if len(target) <= 5:
        return _short_slip(word, target)
    return _distance(word, target, allowed) <= allowed


def _short_slip(word: str, target: str) -> bool:
    """One swap, one doubled letter, or one neighbouring key: short words have too many honest neighbours."""
    if len(word) == len(target):
        off = [i for i in range(len(word)) if word[i] != target[i]]
        if len(off) == 1:
            return word[off[0]] in _near().get(target[off[0]], ())
        return (
            len(off) == 2 and off[1] == off[0] + 1 and word[off[0]] == target[off[1]] and word[off[1]] == target[off[0]]
        )
    if len(word) == len(target) + 1:
        return any(word[:i] + word[i + 1 :] == target and _stutter(word, i) for i in range(len(word)))
    return len(target) > 4 and any(target[:i] + target[i + 1 :] == word for i in range(1, len(target)))


def _stutter(word: str, i: int) -> bool:
    beside = {word[i - 1] if i else "", word[i + 1] if i + 1 < len(word) else ""}
    return word[i] in beside or any(word[i] in _near().get(key, ()) for key in beside if key)


def _distance(a: str, b: str, most: int) -> int:
    """Edits between two words, a swap counting one; stops counting past `most`."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        here = [i]
        for j, y in enumerate(b, 1):
            cost = min(row[j] + 1, here[-1] + 1, row[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            here.append(cost)
        if min(here) > most:
            return most + 1
        before, row = row, here
    return row[-1]
