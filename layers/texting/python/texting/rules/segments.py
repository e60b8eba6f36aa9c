"""How many parts a text is billed as, and which character made it so.

Exact for GSM 03.38 (7-bit, 160 characters or 153 per part) and UCS-2 (70 or 67): an extension character takes two
septets and a surrogate pair two units, and neither is ever cut in half at the end of a part. Nothing is replaced
silently except what keeps every reader's meaning (`safe`).
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Encoding = Literal["GSM-7", "UCS-2"]

# 3GPP TS 23.038 section 6.2.1: the default alphabet, and the extension table reached by an escape.
BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")

ONE = {"GSM-7": 160, "UCS-2": 70}
EACH = {"GSM-7": 153, "UCS-2": 67}
MOST = {"GSM-7": 1530, "UCS-2": 630}
"""Longest text that the carrier takes, in septets or units."""

_SUBSTITUTES = {
    **dict.fromkeys("‘’‚‛′´`", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t", " "),
    # Invisible in any reader. The joiner U+200D is not here: it holds emoji together.
    **dict.fromkeys("\u00ad\u200b\u2060\ufeff", ""),
    "…": "...",
}


@dataclass(frozen=True, slots=True)
class Culprit:
    """A character that GSM-7 lacks: its index in the text, and what may stand in for it without loss, if anything."""

    position: int
    character: str
    substitute: str | None


@dataclass(frozen=True, slots=True)
class Parts:
    """How a text travels. `units` are septets (GSM-7) or 16-bit units (UCS-2); `culprits` are why it is UCS-2."""

    encoding: Encoding
    parts: int
    units: int
    culprits: tuple[Culprit, ...] = ()

    @property
    def too_long(self) -> bool:
        """Whether the carrier would refuse it: over 1530 septets or 630 units."""
        return self.units > MOST[self.encoding]


def count(text: str) -> Parts:
    """Encoding, parts and units of `text` exactly as a carrier counts them. An empty text is one empty part."""
    culprits = tuple(
        Culprit(at, char, _SUBSTITUTES.get(char))
        for at, char in enumerate(text)
        if char not in BASIC and char not in EXTENSION
    )
    encoding: Encoding = "UCS-2" if culprits else "GSM-7"
    sizes = [_size(char, encoding) for char in text]
    units = sum(sizes)
    parts = 1 if units <= ONE[encoding] else _pack(sizes, EACH[encoding])
    return Parts(encoding, parts, units, culprits)


def safe(text: str) -> str:
    """`text` with typographic quotes, dashes, dots and blanks made plain; accents, ñ, emoji and words stay as written.

    Composes accents first (NFC), for an é typed as two characters is in GSM-7 once it is one.
    """
    return "".join(_SUBSTITUTES.get(char, char) for char in unicodedata.normalize("NFC", text))


def _size(char: str, encoding: Encoding) -> int:
    if encoding == "GSM-7":
        return 2 if char in EXTENSION else 1
    return 2 if ord(char) > 0xFFFF else 1


def _pack(sizes: Iterable[int], room: int) -> int:
    """Parts of `room` that hold the characters in order, none of them split."""
    parts, used = 1, 0
    for size in sizes:
        if used + size > room:
            parts, used = parts + 1, 0
        used += size
    return parts
