"""Identifiers by their shape: numbers, birth dates, codes and home addresses in a folded text."""

import re
from functools import cache

from texting.rules.phi_tables import WORDS

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|ene|abr|ago|dic)[a-z]*"
# Patients are adults or nearly so; later years are far more often visits and offers.
_BIRTH_YEAR = r"(?:19[2-9]\d|200\d|201[0-6])"
_STREET = (
    r"(?:st|street|ave|avenue|rd|road|blvd|boulevard|ln|lane|dr|drive|ct|court|way|pl|place|terrace|ter|circle|cir"
    r"|pkwy|parkway|hwy|trail|trl|apt|unit|calle|avenida|apto|depto|casa)"
)
_SSN = r"(?<!\d)\d{3}[- .]\d{2}[- .]\d{4}(?!\d)"
_BIRTH_DATE = rf"(?<!\d)(?:\d{{1,2}}[/.-]\d{{1,2}}[/.-]{_BIRTH_YEAR}|{_BIRTH_YEAR}-\d{{2}}-\d{{2}})(?!\d)"
_BIRTHDAY = r"\b(?:birthday|bday|cumpleanos|cumple|born)\b[^.!?]{0,24}?(?<!\d)\d{1,2}/\d{1,2}/\d{2}(?!\d)"
_BIRTH_WORDS = (
    rf"\b{_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?,? {_BIRTH_YEAR}\b"
    rf"|\b\d{{1,2}}(?: de)? {_MONTH}(?: del?)? {_BIRTH_YEAR}\b"
)
_CARD = r"(?<!\d)\d{4}[- ]?\d{4}[- ]?\d{4}[- ]?\d{4}(?!\d)"
_HOME = (
    r"\b(?:(?:your|home|mailing|street|su|tu) (?:home|house|address|apartment|domicilio|direccion|casa)"
    r"|address (?:on file|we have|listed)|(?:lives|live|living|resides|vive) (?:at|en)"
    r"|(?:ship|shipped|shipping|deliver|delivered|delivery|delivering|mail|mailed|mailing|sent|send|transport"
    r"|pickup|pick up|entrega|entregar|entregaremos|enviado|enviaremos|envio)(?: [a-z]{1,12}){0,2} (?:to|from|a|en|al?))"
    rf"[^.!?]{{0,25}}?\b\d{{1,5}}[a-z]? (?:[a-z0-9]+ ){{0,3}}{_STREET}\b"
)
_HOME_STILL = (
    rf"\b\d{{1,5}}[a-z]? (?:[a-z0-9]+ ){{1,3}}{_STREET}\b[^!?]{{0,40}}\b(?:(?:still|your|current|su|tu) ){{1,2}}"
    r"(?:home |correct |current |mailing |right )?(?:address|home|domicilio|direccion)"
)
_HOME_ES = r"\b(?:su|tu) (?:domicilio|direccion|casa)[^.!?]{0,25}?(?:calle|avenida|av|col)\b[^.!?]{0,25}?\d{1,5}"
_FLAT = (
    r"\b\d{1,5} (?:[a-z0-9]+\.? ){1,4}(?:apt|apartment|apto|depto)\.? ?#?\d|"
    + rf"\b\d{{1,5}} (?:[a-z0-9]+ ){{1,4}}{_STREET}[.,]? (?:apt|apartment|apto|depto)\b"
)
_CODE = r"\b[a-tv-z]\d{2}\.\d{1,4}[a-z]?\b|\bj\d{4}\b"
_NUMBERED = (
    r"\b(?:policy|member|subscriber|medicaid|medicare|mrn|chart|license|licence|poliza|expediente|afiliacion)"
    r"(?: (?:id|number|no|num|numero))?[ .:#]{0,4}[a-z]{1,4}-?\d{4,}\b"
)
_NUMBERED_CUES = frozenset(
    "policy member subscriber medicaid medicare mrn chart license licence poliza expediente afiliacion".split()
)
_DENTAL = r"\bd\d{4}\b"
_DEALINGS = frozenset(
    "covered cover covers covering denied approved claim claims plan insurance benefits billed deductible frequency"
    " codes coverage".split()
)
_MONTHS = WORDS["months"]
_ADDRESS_WORDS = WORDS["address_words"]
_FLATS = frozenset(("apt", "apartment", "apto", "depto"))
# An address with these beside it is a business's own.
_OWN = frozenset("our moved moving located location spot office nuestra nuestro oficina".split())
# Kind, what it holds, its shape, and the words one of which must be there (none: any text with a telling number is
# searched).
_SHAPES: tuple[tuple[str, str, str, frozenset[str]], ...] = (
    ("identifier", "It holds a social security number.", _SSN, frozenset()),
    ("identifier", "It holds what looks like a birth date.", _BIRTH_DATE, frozenset()),
    ("identifier", "It holds what looks like a birth date.", _BIRTH_WORDS, _MONTHS),
    ("identifier", "It holds what looks like a birth date.", _BIRTHDAY, frozenset()),
    ("identifier", "It holds a number that identifies the patient.", _NUMBERED, _NUMBERED_CUES),
    ("identifier", "It holds a card or account number.", _CARD, frozenset()),
    ("identifier", "It holds a home address.", f"{_HOME}|{_HOME_STILL}|{_HOME_ES}", _ADDRESS_WORDS),
    ("identifier", "It holds a home address.", _FLAT, _FLATS),
    ("insurance", "It holds a diagnosis or billing code.", _CODE, frozenset()),
    ("insurance", "It holds a diagnosis or billing code.", _DENTAL, _DEALINGS),
)
# The numbers that a shape without cues takes: four digits in a row, a date, a code. One text in fourteen has one.
_TELLING = r"\d(?:\d{3}|\d\.\d|/\d{1,2}/\d{2})"
_CUES = frozenset().union(*(cues for _, _, _, cues in _SHAPES))
_DIGITS = frozenset("0123456789")


@cache
def _telling() -> re.Pattern[str]:
    return re.compile(_TELLING)


def identifiers(folded: str, there: frozenset[str]) -> list[tuple[str, str, int, int]]:
    """Kind, reason and span in the folded text of every identifier that its shape gives away (`there`: its words)."""
    telling = _telling().search(folded) is not None
    if (not telling and _CUES.isdisjoint(there)) or _DIGITS.isdisjoint(folded):
        return []
    found = []
    for kind, why, shape, cues in _SHAPES:
        if cues is _FLATS and not _OWN.isdisjoint(there):
            continue
        if not cues.isdisjoint(there) if cues else telling:
            found += [(kind, why, match.start(), match.end()) for match in re.finditer(shape, folded)]
    return found
