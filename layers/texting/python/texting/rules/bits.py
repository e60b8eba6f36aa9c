"""Sets of small numbers as one integer each, a bit for every number: two sets of thousands meet in one operation."""


def bits(numbers: str) -> int:
    """The set of the numbers in a row of them, as the compiled tables write it ("3 17 4100")."""
    found = 0
    for number in numbers.split():
        found |= 1 << int(number)
    return found
