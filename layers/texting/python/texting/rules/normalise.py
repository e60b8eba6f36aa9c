"""One reading of a text, however it was typed.

Folds case, accents, look-alike letters from other alphabets, decorated and invisible characters into plain
ASCII, and keeps the way back to the original positions. Pure: the same text always folds the same way.
"""

import re
import unicodedata

# Invisible characters become this mark first, so that a fold that only swaps characters keeps its positions.
_GONE = "\x00"

# Letters that NFKD leaves alone and a reader takes for Latin ones: each pair is the letter, then what it looks like.
_LOOKALIKES = (
    # Cyrillic
    "аa бb вb гr еe ёe зe иu йu кk лl мm нh оo пn рp сc тt уy хx цu шw щw ъb ыb ьb эe яr іi їi јj ѕs ԁd ԛq ԝw"
    " ӏl һh ѵv єe ґr ќk ғf ҡk ҳx ұy үy өo әe"
    # Greek
    " αa βb γy δd εe ζz ηn θo ιi κk λl μu νv ξe οo πn ρp ςs σo τt υu χx ωw ϲc ϳj"
    # Armenian, Cherokee and Lisu: only those that pass for Latin at a glance
    " օo սu ոn հh ցg զq ƽs Ꭺa Ᏼb Ꮯc Ꭰd Ꭼe Ꮐg Ꮋh Ꭵi Ꭻj Ꮶk Ꮮl Ꮇm Ꮲp Ꮢr Ꮪs Ꭲt Ꮩv Ꮃw Ꮓz"
    " ꓐb ꓚc ꓓd ꓰe ꓝf ꓖg ꓧh ꓲi ꓙj ꓗk ꓡl ꓟm ꓠn ꓳo ꓑp ꓣr ꓢs ꓔt ꓴu ꓦv ꓪw ꓫx ꓬy ꓜz"
    # Canadian syllabics
    " ᗩa ᗷb ᑕc ᗪd ᗴe ᖴf ᕼh ᒍj ᒪl ᗰm ᑎn ᑭp ᖇr ᔕs ᑌu ᐯv ᗯw ᙭x ᘔz"
    # Latin with strokes and hooks, small capitals, letters turned upside down
    " øo łl đd ħh ŧt ıi ƀb ɓb ɗd ɖd ɑa ɡg ɩi ɨi ʟl ɴn ʀr ʙb ɢg ɪi ʜh ʏy ɵo ʋv ɯm ʌv ƒf ɛe ʂs ʐz ƴy ƙk ƥp ƭt"
    " ᴀa ᴄc ᴅd ᴇe ᴊj ᴋk ᴍm ᴏo ᴘp ꜱs ᴛt ᴜu ᴠv ᴡw ᴢz ꜰf ꞯq ɐa ɔc ǝe ɟf ƃg ɥh ᴉi ɾj ʞk ɹr ʇt ʍw ʎy"
    # signs that pass for letters
    " †t ‡t §s ¥y ₮t ฿b ₿b ₩w ₦n ₡c ₭k ₲g ₱p ₴s ₽p ∂d ∑e ∆a √v ∫s ∩n ∪u ⊤t ⊥t ◯o ○o ●o ⭕o ◦o ∅o ⓞo ℓl ℮e"
    " ⅼl ⅰi ⅴv ⅹx ⅽc ⅾd ⅿm"
    # punctuation
    " ‘' ’' ‚' ‛' ′' `' ´' ʼ' ʻ' “\" ”\" „\" ‟\" ″\" «\" »\" ‐- ‑- ‒- –- —- ―- −- ⁃- ﹣- ·. •. ‧. ∙. ▪. ‣."
    " ⁄/ ∕/ …. ¡! ¿?"
)
_DROPPED = "™®©℠\u115f\u1160\u3164\uffa0\u2800\u20e3\u034f"
_DROPPED_CATEGORIES = frozenset({"Mn", "Me", "Cf", "Cc", "Cs", "Co"})
_BLANKS = "\t\n\r\x0b\x0c\x85\u2028\u2029"


# A Latin letter with any mark on it is that letter; ligatures and the like have longer names.
_LATIN = re.compile(r"LATIN (?:SMALL|CAPITAL) LETTER ([A-Z])(?: WITH .*)?$")


def _table() -> dict[int, str]:
    table = {ord(pair[0]): pair[1] for pair in _LOOKALIKES.split()}
    table |= {
        ord(upper): plain
        for pair in _LOOKALIKES.split()
        for upper, plain in [(pair[0].upper(), pair[1])]
        if len(upper) == 1 and not upper.isascii()
    }
    table |= {ord(blank): " " for blank in _BLANKS}
    table |= {ord(mark): _GONE for mark in _DROPPED}
    for letter in range(26):
        plain = chr(97 + letter)
        # parenthesised, negative circled, negative squared letters, and the flags' regional letters
        for first in (0x249C, 0x1F110, 0x1F150, 0x1F170, 0x1F1E6, 0x1F130):
            table[first + letter] = plain
    return table


class _Fold(dict[int, str]):
    """A translation table that works out a character the first time it is met."""

    def __missing__(self, point: int) -> str:
        character = chr(point)
        folded = _fold_character(character)
        # About 150,000 characters exist; an attacker's text must not make this table grow without end.
        if len(self) < 20_000:
            self[point] = folded
        return folded


def _fold_character(character: str) -> str:
    if 0x1F3FB <= ord(character) <= 0x1F3FF or unicodedata.category(character) in _DROPPED_CATEGORIES:
        return _GONE
    if unicodedata.category(character) == "Zs":
        return " "
    latin = _LATIN.match(unicodedata.name(character, ""))
    if latin:
        return latin[1].lower()
    parts = unicodedata.normalize("NFKD", character.lower())
    kept = "".join(_TABLE.get(ord(part), part) for part in parts if unicodedata.category(part) not in ("Mn", "Me"))
    kept = kept.replace(_GONE, "").lower()
    return kept or _GONE


_TABLE = _table()
_FOLD = _Fold(_TABLE)
_FOLD.update({point: chr(point).lower() for point in range(32, 127)})


class Folded:
    """A folded text, and for each of its characters the position in the original (None: the same)."""

    __slots__ = ("origin", "text")

    def __init__(self, text: str, origin: tuple[int, ...] | None) -> None:
        self.text = text
        self.origin = origin

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original's half-open span behind a non-empty span of the folded text."""
        if self.origin is None:
            return (start, end)
        return (self.origin[start], self.origin[end - 1] + 1)


def fold(text: str) -> Folded:
    """The text in lower-case ASCII where it can be: accents, look-alikes and invisible characters undone."""
    if text.isascii() and text.isprintable():
        return Folded(text.lower(), None)
    folded = text.translate(_FOLD)
    if len(folded) == len(text) and _GONE not in folded:
        return Folded(folded, None)
    return _fold_with_origin(text)


def _fold_with_origin(text: str) -> Folded:
    letters: list[str] = []
    origin: list[int] = []
    for position, character in enumerate(text):
        for letter in _FOLD[ord(character)]:
            if letter != _GONE:
                letters.append(letter)
                origin.append(position)
    return Folded("".join(letters), tuple(origin))


_LEET = str.maketrans("0134567890@$!|+€£¢", "oieasgtbgoasiltelc")
_LEET_OTHER = str.maketrans("0134567890@$!|+€£¢", "oleasbtbgoaslitelc")
_RUN = re.compile(r"(.)\1{2,}")
_DOUBLED = re.compile(r"(.)\1+")


def unleet(word: str) -> tuple[str, ...]:
    """What a word with digits or signs for letters may stand for, likeliest first ("b0t0x" → "botox")."""
    first, second = word.translate(_LEET), word.translate(_LEET_OTHER)
    return (first,) if first == second else (first, second)


def squeeze(word: str) -> tuple[str, ...]:
    """The word with letters held down let go ("stoooop" → "stop", "stoop"); itself when nothing is tripled."""
    if not _RUN.search(word):
        return (word,)
    return (_RUN.sub(r"\1", word), _RUN.sub(r"\1\1", word), _DOUBLED.sub(r"\1", word))


# Three or more single letters with the same mark or gap between them ("s t o p", "b.o.t.o.x"), or with any marks
# but no spaces ("s*t-o*p"). Compiled when first met, as it is rare.
_SPELLED = (
    r"(?<![a-z0-9@$])[a-z0-9@$](?:([^a-z0-9@$]{1,3})[a-z0-9@$](?![a-z0-9])(?:\1[a-z0-9@$](?![a-z0-9]))+"
    r"|(?:[^a-z0-9@$\s]{1,2}[a-z0-9@$](?![a-z0-9])){2,})"
)
_LETTERS = r"[a-z0-9@$]"


def spelled_out(folded: str) -> list[tuple[str, int, int]]:
    """Words spelled letter by letter in a folded text, each joined, with its half-open span."""
    return [
        ("".join(re.findall(_LETTERS, found[0])), found.start(), found.end()) for found in re.finditer(_SPELLED, folded)
    ]
