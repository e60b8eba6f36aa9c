"""Which sentences are about an everyday matter (the parking, a raffle, the phones), where no word tells of care.

Words that only together could mean advice or a plan ("nothing to be alarmed about", "once a week") mean none there.
"""

from collections.abc import Iterable, Sequence

from texting.rules.phi_tables import LEXICON, WORDS
from texting.rules.phi_words import Row

_MATTERS = WORDS["matters"]
_BLOCKS = WORDS["matters_blocks"]
_SENTENCE_ENDS = frozenset(".!?;")


def matter_words(row: Row, there: frozenset[str]) -> Iterable[int]:
    """Indices of all words of the sentences about an everyday matter."""
    if _MATTERS.isdisjoint(there):
        return
    start, texts = 0, row.texts
    for place in range(len(texts) + 1):
        if place == len(texts) or texts[place] in _SENTENCE_ENDS:
            if _plain(texts[start:place]):
                yield from range(start, place)
            start = place + 1


def _plain(words: Sequence[str]) -> bool:
    return not _MATTERS.isdisjoint(words) and _BLOCKS.isdisjoint(words) and not any(word in LEXICON for word in words)
