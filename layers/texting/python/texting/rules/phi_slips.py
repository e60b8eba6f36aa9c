"""How a written word strays from the one that was meant: letters lost, swapped, doubled, or heard differently."""

import re

_VOWELS = str.maketrans("", "", "aeiou")
_ONE_VOWEL = str.maketrans("eiouy", "aaaaa")
_SOUNDS = (("ph", "f"), ("qu", "k"), ("ck", "k"), ("ks", "x"), ("z", "s"), ("c", "k"), ("q", "k"), ("h", ""))
_DOUBLED = re.compile(r"(.)\1+")


def skeleton(word: str) -> str:
    """What a careless ear keeps of a word: one vowel, no doubled letters, like-sounding consonants alike."""
    for written, heard in _SOUNDS:
        word = word.replace(written, heard)
    return _DOUBLED.sub(r"\1", word.translate(_ONE_VOWEL))


def consonants(word: str) -> str:
    """The word without its vowels, save a vowel it begins with."""
    return word[:1] + word[1:].translate(_VOWELS)


def one_slip(written: str, meant: str) -> bool:
    """Whether one letter added, lost or changed, or two neighbours swapped, turns one word into the other."""
    longer = len(written) - len(meant)
    if not -1 <= longer <= 1:
        return False
    first, shorter = 0, min(len(written), len(meant))
    while first < shorter and written[first] == meant[first]:
        first += 1
    if longer:
        return written[first + (longer > 0) :] == meant[first + (longer < 0) :]
    left, right = written[first:], meant[first:]
    return left[1:] == right[1:] or (left[:2] == right[1::-1] and left[2:] == right[2:])


def distance(written: str, meant: str) -> int:
    """How many letters must be added, lost or changed to turn one word into the other."""
    row = list(range(len(meant) + 1))
    for count, letter in enumerate(written, 1):
        above, row[0] = row[0], count
        for place, other in enumerate(meant, 1):
            above, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, above + (letter != other))
    return row[-1]
