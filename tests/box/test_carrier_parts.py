"""How the carrier counts a body, and what it charges for it."""

from decimal import Decimal

import pytest

from box.carrier.parts import count, price

SPECIMENS = [
    ("", "GSM", 0, 1),
    ("a" * 160, "GSM", 160, 1),
    ("a" * 161, "GSM", 161, 2),
    ("a" * 306, "GSM", 306, 2),
    ("a" * 307, "GSM", 307, 3),
    ("€" * 80, "GSM", 160, 1),  # an escape and a letter each
    ("a" * 152 + "€" + "a" * 152, "GSM", 306, 3),  # the euro sign may not be cut in two, so a part is left unfilled
    ("¿Confirmar? Sí", "Unicode", 14, 1),  # í is not in the alphabet, though ¿ and é are
    ("¿Qué? Ñandú".replace("ú", "ù"), "GSM", 11, 1),
    ("–" + "a" * 69, "Unicode", 70, 1),  # a typed dash makes the whole text Unicode
    ("–" + "a" * 70, "Unicode", 71, 2),
    ("ж" * 134, "Unicode", 134, 2),
    ("ж" * 135, "Unicode", 135, 3),
    ("😀" * 35, "Unicode", 70, 1),
    ("😀" * 36, "Unicode", 72, 2),
    ("a" * 66 + "😀" + "a" * 66, "Unicode", 134, 3),  # nor is a smiley cut in two
]


@pytest.mark.parametrize(("body", "encoding", "units", "parts"), SPECIMENS)
def test_bodies_are_counted_as_on_the_air(body: str, encoding: str, units: int, parts: int) -> None:
    """160 then 153 letters of GSM-7, else 70 then 67 units, and nothing cut in two."""
    counted = count(body)
    assert (counted.encoding, counted.units, counted.parts) == (encoding, units, parts)


@pytest.mark.parametrize(
    ("body", "too_long"), [("a" * 1530, False), ("a" * 1531, True), ("ж" * 630, False), ("ж" * 631, True)]
)
def test_ten_parts_are_the_most(body: str, too_long: bool) -> None:
    """The carrier refuses what its API's length limit would let through."""
    assert count(body).too_long is too_long


def test_every_part_is_charged() -> None:
    """Money is exact, and a simulator's number is free."""
    assert price("TOLL_FREE", 3) == (Decimal("0.02100"), Decimal("0.00900"))
    assert price("SIMULATOR", 3) == (Decimal(0), Decimal(0))
