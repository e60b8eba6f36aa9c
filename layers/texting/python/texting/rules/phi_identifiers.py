"""Identifiers by their shape: numbers, birth dates, codes and home addresses in a folded text."""

import re

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|ene|abr|ago|dic)[a-z]*"
_BIRTH_YEAR = r"(?:19[2-9]\d|200\d|201[0-6])"
_STREET = (
    r"(?:st|street|ave|avenue|rd|road|blvd|boulevard|ln|lane|dr|drive|ct|court|way|pl|place|terrace|ter|circle|cir|pkwy|parkway|hwy"
    r"|trail|trl)"
)
# kind, what it holds, and its shape; each begins with something rare, so that none can run away.
SHAPES: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    ("identifier", "It holds a social security number.", re.compile(r"(?<!\d)\d{3}[- .]\d{2}[- .]\d{4}(?!\d)")),
    (
        "identifier",
        "It holds what looks like a birth date.",
        re.compile(rf"(?<!\d)(?:\d{{1,2}}[/.-]\d{{1,2}}[/.-]{_BIRTH_YEAR}|{_BIRTH_YEAR}-\d{{2}}-\d{{2}})(?!\d)"),
    ),
    (
        "identifier",
        "It holds what looks like a birth date.",
        re.compile(
            rf"\b{_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?,? {_BIRTH_YEAR}\b|\b\d{{1,2}}(?: de)? {_MONTH}(?: del?)? {_BIRTH_YEAR}\b"
        ),
    ),
    (
        "identifier",
        "It holds a card or account number.",
        re.compile(r"(?<!\d)\d{4}[- ]?\d{4}[- ]?\d{4}[- ]?\d{4}(?!\d)"),
    ),
    (
        "identifier",
        "It holds a home address.",
        re.compile(
            r"(?:your (?:home|house|address|place|apartment|apt)|(?:home|mailing|street) address|address (?:on file|we have|listed)|"
            r"lives at|live at|resides at|shipp?ed to|ship(?:ping)? (?:it |this |them |your \w+ )?to|deliver(?:ed|y|ing)?(?: \w+){0,2} to|mail(?:ed|ing)?(?: \w+){0,2} to|"
            r"transport from|pick (?:you )?up from|pickup from|sent to|su (?:domicilio|direccion|casa)|tu (?:domicilio|direccion|casa)|"
            r"entrega(?:remos|do|r)? en|enviado a|enviaremos a)[^.!?]{0,25}?\b\d{1,5} [a-z0-9]"
        ),
    ),
    (
        "identifier",
        "It holds a home address.",
        re.compile(
            rf"(?:calle|avenida|av\.?|colonia) [a-z ]{{2,25}}#? ?\d{{1,5}}[^.!?]{{0,20}}(?:apto|depto|apartamento|departamento)|\b\d{{1,5}} [a-z0-9 ]{{2,30}}\b{_STREET}\b[.,]? (?:apt|apartment|#)"
        ),
    ),
    ("insurance", "It holds a diagnosis or billing code.", re.compile(r"\b[a-tv-z]\d{2}\.\d{1,4}[a-z]?\b|\bj\d{4}\b")),
)


def identifiers(folded: str) -> list[tuple[str, str, int, int]]:
    """Kind, reason and span in the folded text of every identifier that its shape gives away."""
    if not any(map(str.isdigit, folded)):
        return []
    return [(kind, why, found.start(), found.end()) for kind, why, shape in SHAPES for found in shape.finditer(folded)]
