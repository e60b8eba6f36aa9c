"""Tells the language of a text by the words that only one of the two has."""

from __future__ import annotations

import re
from functools import cache

from texting.rules.replies_tables import tables

TYPE_CHECKING = False  # typing would be a tenth of the start-up
if TYPE_CHECKING:
    from typing import Literal

_WORD = re.compile(r"[a-z]+")
# "cancion", "rapidamente", "llamando", "mandenme": endings that no common English word has.
_ENDINGS = ("cion", "mente", "ando", "iendo", "arme", "enme", "anme", "aron", "ieron", "irme", "erme")
_SAYS_SPANISH = ("Pide", "Quiere", "Cancela", "Confirma", "Este", "Pregunta")


def weight(folded: str) -> int:
    """What a folded text weighs: one for each word of Spanish in it, one less for each of English."""
    english, spanish = _words()
    words = _WORD.findall(folded)
    return sum([(word in spanish or word.endswith(_ENDINGS)) - (word in english) for word in words])


def language(balance: int, why: str = "") -> Literal["en", "es"]:
    """The language to answer in, from the weight of a text and the reason of its reading: the one most words are of."""
    return "es" if balance > 0 or (balance == 0 and why.startswith(_SAYS_SPANISH)) else "en"


@cache
def _words() -> tuple[frozenset[str], frozenset[str]]:
    lists = tables()["words"]["lists"]
    return frozenset(lists["en"]), frozenset(lists["es"])
