"""Which of the guard's patterns are worth trying on a text: those whose two rarest words it has.

A pattern is a bit, so that one union of what the words are wanted for answers for all two thousand of them.
"""

from collections.abc import Iterable

from texting.rules.phi_tables import CLINICAL, MOST_REMEMBERED, gate


class _Gates(dict[str, tuple[int, int]]):
    """What patterns each word is the rarest and the next rarest of, remembered as a bit for each pattern."""

    def __missing__(self, word: str) -> tuple[int, int]:
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        self[word] = both = gate(word)
        return both


class _Numbers(dict[int, list[int]]):
    """The places of the bits that are set, the lowest first, remembered, since a gate lets few sets through."""

    def __missing__(self, bits: int) -> list[int]:
        if len(self) >= MOST_REMEMBERED:
            self.clear()
        self[bits] = numbers = []
        while bits:
            lowest = bits & -bits
            numbers.append(lowest.bit_length() - 1)
            bits ^= lowest
        return numbers


_GATES = _Gates()
_NUMBERS = _Numbers()
_CLINICAL = (1 << CLINICAL) - 1


def hopeful(words: Iterable[str], *, everyday: bool) -> Iterable[int]:
    """The patterns whose two rarest words are there, the everyday ones or the clinical ones, as the rarest are met.

    In a text of twenty words some 36 have the rarest, eight of them the next rarest as well.
    """
    next_rarest = 0
    gates = []
    # By map, since a look-up by subscript takes three times as long in a dict of ours.
    for rarest, bits in map(_GATES.__getitem__, words):
        if bits:
            next_rarest |= bits
        if rarest:
            gates.append(rarest)
    next_rarest &= ~_CLINICAL if everyday else _CLINICAL
    found: list[int] = []
    for rarest in gates:
        bits = rarest & next_rarest
        if bits:
            found += _NUMBERS[bits]
    return dict.fromkeys(found)
