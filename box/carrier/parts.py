"""How many parts a text takes on the air, and what each costs.

Deliberately not the product's own counter: the carrier is the other side, and must be able to disagree.
Source: AWS End User Messaging SMS user guide, "Character limits" (160/153 GSM-7, 70/67 Unicode, at most 1530/630).
"""

from dataclasses import dataclass
from decimal import Decimal

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED = frozenset("^{}\\[]~|€\f")  # sent as an escape and a letter: two units

GSM_LIMIT, UNICODE_LIMIT = 1530, 630

# (price of a part, carrier's fee on a part), United States, in dollars; list prices of 2026-04, to be checked on a bill
PRICES = {
    "TOLL_FREE": (Decimal("0.00700"), Decimal("0.00300")),
    "TEN_DLC": (Decimal("0.00700"), Decimal("0.00302")),
    "LONG_CODE": (Decimal("0.00700"), Decimal("0.00302")),
    "SHORT_CODE": (Decimal("0.00700"), Decimal("0.00289")),
    "SIMULATOR": (Decimal(0), Decimal(0)),
}


@dataclass(frozen=True)
class Counted:
    """A body as the carrier counts it: encoding as events name it, units used, parts billed."""

    encoding: str
    units: int
    parts: int

    @property
    def too_long(self) -> bool:
        """Whether the carrier refuses a body of this size, which is below the 1600 its API accepts."""
        return self.units > (GSM_LIMIT if self.encoding == "GSM" else UNICODE_LIMIT)


def count(body: str) -> Counted:
    """Count a body; no letter that takes two units is split between parts."""
    if all(letter in GSM_BASIC or letter in GSM_EXTENDED for letter in body):
        sizes, single, each, encoding = [1 + (c in GSM_EXTENDED) for c in body], 160, 153, "GSM"
    else:
        sizes, single, each, encoding = [1 + (ord(c) > 0xFFFF) for c in body], 70, 67, "Unicode"
    units = sum(sizes)
    return Counted(encoding, units, 1 if units <= single else _fill(sizes, each))


def price(number_type: str, parts: int) -> tuple[Decimal, Decimal]:
    """Return (price, carrier's fee) in dollars for a text of that many parts from a number of that type."""
    text, fee = PRICES[number_type]
    return text * parts, fee * parts


def _fill(sizes: list[int], capacity: int) -> int:
    parts, used = 1, 0
    for size in sizes:
        if used + size > capacity:
            parts, used = parts + 1, 0
        used += size
    return parts
