"""Specimens for the part counter: what a carrier bills, and what may be replaced without anybody noticing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from texting.rules.segments import BASIC, EXTENSION, Culprit, count, safe

# text, encoding, parts, units
COUNTED = [
    ("", "GSM-7", 1, 0),
    ("a" * 160, "GSM-7", 1, 160),
    ("a" * 161, "GSM-7", 2, 161),
    ("a" * 306, "GSM-7", 2, 306),
    ("a" * 307, "GSM-7", 3, 307),
    ("a" * 1530, "GSM-7", 10, 1530),
    ("€" * 80, "GSM-7", 1, 160),  # an extension character is two septets
    ("€" * 81, "GSM-7", 2, 162),
    ("a" * 152 + "€" + "a" * 152, "GSM-7", 3, 306),  # 306 septets, but the escape may not be parted from its character
    ("a" * 151 + "€" + "a" * 153, "GSM-7", 2, 306),  # here it falls well
    ("[]{}~^|\\", "GSM-7", 1, 16),
    ("ñ¿¡éüÑ@\n", "GSM-7", 1, 8),
    ("á" + "a" * 69, "UCS-2", 1, 70),
    ("á" + "a" * 70, "UCS-2", 2, 71),
    ("á" * 134, "UCS-2", 2, 134),
    ("á" * 135, "UCS-2", 3, 135),
    ("😀" * 35, "UCS-2", 1, 70),
    ("😀" * 36, "UCS-2", 2, 72),
    ("a" * 66 + "😀" + "a" * 66, "UCS-2", 3, 134),  # 134 units, but a surrogate pair may not be split
    ("ç", "UCS-2", 1, 1),  # the alphabet has the capital alone
]


@pytest.mark.parametrize(("text", "encoding", "parts", "units"), COUNTED)
def test_counts_as_a_carrier_does(text: str, encoding: str, parts: int, units: int) -> None:
    """3GPP TS 23.038: 160 septets or 70 units in one message, 153 or 67 in each of several, no character split."""
    found = count(text)
    assert (found.encoding, found.parts, found.units) == (encoding, parts, units)


def test_the_alphabet_is_whole() -> None:
    """The default alphabet has 128 places less the escape, and the extension table nine characters and form feed."""
    assert len(BASIC) == 127
    assert len(EXTENSION) == 10
    assert not BASIC & EXTENSION


def test_names_the_characters_that_cost_a_part() -> None:
    """Whoever writes a text sees where it leaves the alphabet, and what could stand there instead."""
    assert count("It’s at 3 – sí").culprits == (Culprit(2, "’", "'"), Culprit(10, "–", "-"), Culprit(13, "í", None))


@pytest.mark.parametrize(("limit", "char"), [(1530, "a"), (630, "á")])
def test_says_when_the_carrier_would_refuse(limit: int, char: str) -> None:
    """1530 septets or 630 units are the most the carrier takes."""
    assert not count(char * limit).too_long
    assert count(char * (limit + 1)).too_long


REPLACED = [
    ("“It’s 3 – 4…”", '"It\'s 3 - 4..."'),
    ("3\u00a0PM\u202fto\u20094", "3 PM to 4"),
    ("soft\u00adhyphen and zero\u200bwidth", "softhyphen and zerowidth"),
    ("cafe\u0301 man\u0303ana", "café mañana"),  # composed: é and ñ are in the alphabet
]
KEPT = ["á í ó ú Á Í Ó Ú", "¿Cómo está?", "1½ hours", "👨‍👩‍👧", "naïve", "日本", "€5 {x} [y]", "™ ® ©"]


@pytest.mark.parametrize(("text", "plain"), REPLACED)
def test_makes_typography_plain(text: str, plain: str) -> None:
    """Curly quotes, dashes, dots and special blanks are replaced, for every reader reads them the same."""
    assert safe(text) == plain
    assert count(plain).encoding == "GSM-7"


@pytest.mark.parametrize("text", KEPT)
def test_never_changes_what_is_said(text: str) -> None:
    """An accent, a fraction, an emoji or a sign is meaning: it stays, whatever it costs (C38)."""
    assert safe(text) == text


@given(st.text(max_size=400))
def test_parts_always_hold_the_text(text: str) -> None:
    """The parts are enough for the units and never more than one split character per part could need."""
    found = count(text)
    room = 153 if found.encoding == "GSM-7" else 67
    single = 160 if found.encoding == "GSM-7" else 70
    if found.units <= single:
        assert found.parts == 1
    else:
        assert -(-found.units // room) <= found.parts <= -(-found.units // (room - 1))
    assert found.units >= len(text)
    assert (found.encoding == "UCS-2") == bool(found.culprits)


@given(st.text(max_size=400))
def test_safe_never_costs_a_part_and_settles(text: str) -> None:
    """Making a text plain twice changes nothing more, and no replaced character remains to blame."""
    plain = safe(text)
    assert safe(plain) == plain
    assert all(culprit.substitute is None for culprit in count(plain).culprits)
