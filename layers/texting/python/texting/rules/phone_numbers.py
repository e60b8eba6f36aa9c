"""Reads a phone number as people type it: E.164 when a US text can reach it, else a reason with a remedy.

Nothing is guessed: two numbers in one field, letters or an extension are for a person to put right. Whether it is a
landline cannot be told from the digits; that is learnt from the carrier. No sentence here repeats what was typed.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberMatcher, PhoneNumberType

from texting.rules.tables import compiled

Reason = Literal[
    "missing",
    "email",
    "two_numbers",
    "extension",
    "letters",
    "too_short",
    "too_long",
    "foreign",
    "toll_free",
    "premium",
    "no_such_number",
]

SENTENCES: dict[Reason, str] = {
    "missing": "There is no phone number. Ask the patient for a mobile number.",
    "email": "The phone field holds an e-mail address. Move it to its own field and ask for a mobile number.",
    "two_numbers": "The phone field holds more than one number. Keep the one that the patient wants texts on.",
    "extension": "The number has an extension, and a text cannot reach one. Ask for a direct or mobile number.",
    "letters": "The number has letters or other signs in it. Write digits only, and notes in another field.",
    "too_short": "The number has too few digits. Write the area code and all seven digits.",
    "too_long": "The number has too many digits. Write the area code and seven digits.",
    "foreign": "The number is outside the United States, and we text US numbers only. Ask for a US number, or call.",
    "toll_free": "The number is toll-free, and nobody carries one. Ask for a mobile number.",
    "premium": "Texts do not reach this kind of number (premium, personal or shared). Ask for a mobile number.",
    "no_such_number": "There is no such number: its area code or its next three digits do not exist. Check it.",
}

_US = frozenset({"US", "PR", "VI", "GU", "MP", "AS"})
_MISSING = re.compile(r"[\s\-.()_]*|(n\W?a|none|unknown|null|no phone|no tiene|ninguno)", re.I)
_EXTENSION = re.compile(
    r"(?<=[\d\s.,;)])(?:ext(?:ension|\.)?|extensi[oó]n|anexo|x|#)[\s.:]*\d{1,7}\s*$|;ext=\d+\s*$", re.I
)
_LABEL = re.compile(r"^\s*tel:", re.I)
_ALLOWED = re.compile(r"[\d\s+().\-/\u2010-\u2015\u2212]*")
_KINDS: dict[int, Reason] = {
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.PREMIUM_RATE: "premium",
    PhoneNumberType.SHARED_COST: "premium",
    PhoneNumberType.PERSONAL_NUMBER: "premium",
    PhoneNumberType.PAGER: "premium",
    PhoneNumberType.UAN: "premium",
}


@dataclass(frozen=True, slots=True)
class Unusable:
    """Why no text can go to what was typed: a reason code, and a sentence for staff that does not repeat it."""

    reason: Reason

    @property
    def sentence(self) -> str:
        """What is wrong and what to do about it."""
        return SENTENCES[self.reason]


def read(raw: str | None, region: str = "US") -> str | Unusable:
    """`raw` as E.164 ("+13125550142") when it is one usable US number, else Unusable.

    US means the states, the District and the five territories. `region` is the country of a number typed without one.
    """
    text = phonenumbers.normalize_digits_only(unicodedata.normalize("NFKC", raw or ""), keep_non_digits=True).strip()
    fault = _fault(text)
    if fault:
        return Unusable(fault)
    try:
        number = phonenumbers.parse(_LABEL.sub("", text), region)
    except NumberParseException as found:
        short = found.error_type in (NumberParseException.TOO_SHORT_NSN, NumberParseException.TOO_SHORT_AFTER_IDD)
        return Unusable("too_long" if found.error_type == NumberParseException.TOO_LONG else _unread(short))
    reason = _unfit(number)
    return Unusable(reason) if reason else phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def spoken(e164: str) -> str:
    """A US number as texts and pages show it: "312-555-0142"."""
    digits = e164.removeprefix("+1")
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"


def _unread(short: bool) -> Reason:
    return "too_short" if short else "no_such_number"


def _fault(text: str) -> Reason | None:
    """What is wrong with the typing, before it is read as a number."""
    if _MISSING.fullmatch(text):
        return "missing"
    if "@" in text:
        return "email"
    if _several(text):
        return "two_numbers"
    if _EXTENSION.search(text):
        return "extension"
    if not _ALLOWED.fullmatch(_LABEL.sub("", text)):
        return "letters"
    return None


def _several(text: str) -> bool:
    if sum(char.isdigit() for char in text) < 14:  # two numbers of seven digits; the search below takes a millisecond
        return False
    found = PhoneNumberMatcher(text, "US", leniency=phonenumbers.Leniency.POSSIBLE)
    return sum(1 for match in found if len(str(match.number.national_number)) >= 7) > 1


def _unfit(number: PhoneNumber) -> Reason | None:
    """Why no text of ours reaches a number that could be read."""
    if number.country_code != 1:
        return "foreign"
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible in (phonenumbers.ValidationResult.TOO_SHORT, phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY):
        return "too_short"
    if possible != phonenumbers.ValidationResult.IS_POSSIBLE:
        return "too_long"
    if _for_stories(number):
        return None
    if not phonenumbers.is_valid_number(number):
        return "no_such_number"
    if kind := _KINDS.get(phonenumbers.number_type(number)):
        return kind
    return None if phonenumbers.region_code_for_number(number) in _US else "foreign"


def _for_stories(number: PhoneNumber) -> bool:
    """555-0100 to 555-0199 of a real US area code: set aside for fiction, so nobody's phone, and usable here.

    Our own demonstration, examples and tests live on them, and a practice that tries a feature out should too.
    """
    area, line = divmod(number.national_number or 0, 10_000_000)
    return 5_550_100 <= line <= 5_550_199 and str(area) in compiled("area_codes")["area"]
