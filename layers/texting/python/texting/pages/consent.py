"""The consent pages. What is shown and what is kept as evidence are made from the same parts, word for word."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from texting.pages.rendering import Page, Reader, filled, render
from texting.pages.wording import words_of
from texting.rules.phone_numbers import spoken
from texting.values import Category, Name


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph with its heading, or without one."""

    heading: str
    words: str


@dataclass(frozen=True, slots=True)
class Document:
    """The consent text as one patient sees it. `text` is all of it, in order; `digest` its SHA-256."""

    version: str
    parts: tuple[Part, ...]
    ask: str
    choices: tuple[tuple[str, str], ...]
    signing: str
    button: str
    text: str = field(repr=False)
    digest: str


def document(reader: Reader, offered: Sequence[Category], ending: str) -> Document:
    """The text for a phone number that ends in `ending`, with a choice for each category on offer."""
    words = words_of(reader.language)
    own = _own(reader, words["name"] == "Español")
    parts = tuple(
        Part(part.get("heading", ""), filled(reader, part["words"], ending=ending, **own))
        for part in words["consent"]["part"]
    )
    choices = tuple((str(category), words["categories"][category]) for category in offered)
    ask, signing, button = (words["consent"][name] for name in ("ask", "signing", "button"))
    lines = [filled(reader, words["title"]["consent_form"])]
    lines += [line for part in parts for line in (part.heading, part.words) if line]
    lines += [ask, *(f"[ ] {label}" for _, label in choices), signing, f"[{button}]"]
    text = "\n\n".join(lines)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Document(reader.practice.consent.text_version, parts, ask, choices, signing, button, text, digest)


def _own(reader: Reader, spanish: bool) -> dict[str, str]:
    """What depends on the practice's settings, as ends of sentences."""
    identity, numbers = reader.practice.practice, reader.practice.sending.numbers
    listed = ", ".join(spoken(number) for number in numbers)
    from_numbers = f", desde el {listed}" if spanish else f", from {listed}"
    by_email = f", por correo a {identity.email}" if spanish else f", by email to {identity.email}"
    return {
        "numbers": from_numbers if numbers else "",
        "email": by_email if identity.email else "",
        "years": str(reader.practice.retention.years),
    }


def consent_form(
    reader: Reader, shown: Document, *, ticked: Collection[str] = (), name: str = "", fault: str = ""
) -> Page:
    """The form: the text, an empty box per category, a name to type, a button."""
    return render(reader, "consent_form", "consent_form", fault=fault, document=shown, ticked=ticked, name=name)


def consent_done(reader: Reader, shown: Document, chosen: Collection[str], name: Name, at: datetime) -> Page:
    """Thanks, with what was chosen and a copy of the text."""
    labels = [label for category, label in shown.choices if category in chosen]
    local = at.astimezone(ZoneInfo(reader.practice.locations[0].time_zone))
    when = f"{local:%m/%d/%Y %H:%M} {local.tzname()}"
    return render(reader, "consent_done", "consent_done", document=shown, chosen=labels, name=name.reveal(), when=when)


def consent_closed(reader: Reader) -> Page:
    """The one page for a link that is unknown, used or too old: it tells nothing apart."""
    words = filled(reader, words_of(reader.language)["page"]["consent_closed"])
    return render(reader, "closed", "consent_closed", words=words)


def sorry(reader: Reader) -> Page:
    """Something failed on our side."""
    words = filled(reader, words_of(reader.language)["page"]["sorry"])
    return render(reader, "closed", "sorry", words=words)
