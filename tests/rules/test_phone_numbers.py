"""Specimens of phone fields as front desks and scheduling systems fill them, grouped by what becomes of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from texting.rules.phone_numbers import SENTENCES, Unusable, read, spoken

USABLE = [
    ("+13125550142", "+13125550142"),
    ("(312) 555-0142", "+13125550142"),
    ("312.555.0142", "+13125550142"),
    ("312 555 0142", "+13125550142"),
    ("3125550142", "+13125550142"),
    ("1-312-555-0142", "+13125550142"),
    ("1 (312) 555-0142", "+13125550142"),
    ("tel:+1-312-555-0142", "+13125550142"),
    ("\t+1 312\u00a0555\u20110142 \n", "+13125550142"),  # a hard blank and a hard hyphen, as pasted from a page
    ("３１２５５５０１４２", "+13125550142"),  # full-width digits
    ("＋１（３１２）５５５－０１４２", "+13125550142"),  # full-width signs as well
    ("٣١٢٥٥٥٠١٤٢", "+13125550142"),  # Arabic-Indic digits
    ("011 1 312 555 0142", "+13125550142"),  # dialled as if from abroad
    ("+17875550142", "+17875550142"),  # Puerto Rico
    ("+13405550142", "+13405550142"),  # U.S. Virgin Islands
    ("+16715550142", "+16715550142"),  # Guam
    ("+16705550142", "+16705550142"),  # Northern Mariana Islands
    ("+16845550142", "+16845550142"),  # American Samoa, where 555 is no exchange
    ("+16845550100", "+16845550100"),
    ("+16845550199", "+16845550199"),
    ("202-456-1111", "+12024561111"),
    ("907-555-0100", "+19075550100"),
    ("808-555-0199", "+18085550199"),
]

UNUSABLE = [
    ("missing", [None, "", "   ", "-", "()-", "N/A", "na", "none", "Unknown", "no tiene"]),
    ("email", ["ana@example.com", "ana.ruiz3125550142@example.com"]),
    (
        "two_numbers",
        [
            "312-555-0142 / 312-555-0143",
            "312-555-0142 or 773-555-0100",
            "(312) 555-0142, (312) 555-0143",
            "312-555-0142 cell 773-555-0100 work",
            "+13125550142 +13125550143",
        ],
    ),
    (
        "extension",
        [
            "312-555-0142 x12",
            "312-555-0142x12",
            "312-555-0142 ext. 4",
            "(312) 555-0142 EXT 123",
            "312-555-0142 extension 9",
            "312-555-0142 #12",
            "tel:+1-312-555-0142;ext=22",
        ],
    ),
    (
        "letters",
        ["1-800-FLOWERS", "312-555-014Z", "cell 312-555-0142", "312-555-0142 (mom)", "call me", "312-555-O142", "☎"],
    ),
    ("too_short", ["555-0142", "5550142", "312-555-014", "911", "12", "+1 312 555"]),
    ("too_long", ["312-555-01423", "+1312555014211", "1" * 30]),
    ("foreign", ["+44 20 7946 0958", "011 44 20 7946 0958", "+52 55 1234 5678", "+416 555 0142 00"]),
    (
        "foreign",
        ["+1 416 555 0142", "+1 604-555-0199", "876-555-0142", "+1 242 322 1234", "809-555-0142"],
    ),  # Canada, Caribbean
    ("toll_free", ["800-555-0199", "+18885550123", "(855) 555-1234"]),
    ("premium", ["900-555-1234", "+15005550006", "533-234-5678"]),
    (
        "no_such_number",
        [
            "999-555-0142",
            "312-155-0142",
            "000-000-0000",
            "123-456-7890",
            "311-555-0142",
            "684-555-0099",
            "684-555-0200",
        ],
    ),
]


@pytest.mark.parametrize(("raw", "number"), USABLE)
def test_reads_what_people_type(raw: str, number: str) -> None:
    """However one US number is written, it becomes the same E.164."""
    assert read(raw) == number


@pytest.mark.parametrize(("reason", "raw"), [(reason, raw) for reason, raws in UNUSABLE for raw in raws])
def test_says_why_a_number_cannot_be_texted(reason: str, raw: str | None) -> None:
    """What no text can reach is refused with the reason that tells staff what to do."""
    assert read(raw) == Unusable(reason)  # type: ignore[arg-type]


def test_sentences_tell_what_to_do_and_repeat_nothing() -> None:
    """Every reason has one sentence or two, without a digit of what was typed."""
    for sentence in SENTENCES.values():
        assert sentence.endswith(".")
        assert not any(char.isdigit() for char in sentence)
    assert Unusable("missing").sentence == SENTENCES["missing"]


@pytest.mark.parametrize("line", range(100, 200))
def test_numbers_for_stories_are_usable(line: int) -> None:
    """555-0100 to 555-0199 are nobody's: the demonstration and these tests live on them."""
    assert read(f"+1312555{line:04d}") == f"+1312555{line:04d}"


def test_reading_is_idempotent_and_spoken_reads_back() -> None:
    """A number we wrote, in either form, reads as itself."""
    assert spoken("+13125550142") == "312-555-0142"
    assert read(spoken("+13125550142")) == "+13125550142"


@given(st.text(max_size=40))
def test_any_text_is_answered(raw: str) -> None:
    """Whatever stands in the field, the answer is one US number in E.164 or a reason; nothing is raised."""
    found = read(raw)
    assert isinstance(found, Unusable) or (found.startswith("+1") and len(found) == 12 and found[1:].isascii())


@given(st.text(alphabet="0123456789+-() .xX/", max_size=30))
def test_near_numbers_are_answered_and_settle(raw: str) -> None:
    """What looks like a number is read once and for all: reading the answer gives the answer."""
    found = read(raw)
    assert isinstance(found, Unusable) or read(found) == found
