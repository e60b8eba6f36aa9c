"""What the consent API is asked: JSON read into frozen requests, or one field named with what to do about it.

Pydantic reads; its own words, which repeat what was typed, never leave this room.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from texting.errors import BadField
from texting.flows.needs import World
from texting.rules.phone_numbers import Unusable
from texting.rules.phone_numbers import read as read_phone
from texting.values import Category, PhoneNumber

M = TypeVar("M", bound=BaseModel)
CLOCKS_DIFFER = timedelta(minutes=10)
"""How far a caller's clock may be ahead of ours before a signature lies in the future."""

CHANNELS = {
    "in_person": "in_person", "front_desk": "in_person", "visit": "in_person", "paper": "in_person",
    "phone": "phone", "call": "phone", "voice": "phone", "voicemail": "phone",
    "email": "email", "mail": "mail", "letter": "mail", "fax": "mail",
    "sms": "sms", "text": "sms", "portal": "portal", "form": "form", "web": "form", "web_form": "form",
    "staff": "staff", "ehr": "ehr",
}  # fmt: skip
"""How a patient may take consent back, as callers call it, and as the ledger does; what is not here is `other` there."""

_TEXT = "Write it as a short text."
SENTENCES: Mapping[str, str] = {
    "patient": 'Name the patient as {"connection": …, "ref": …}.',
    "patient.connection": "Name a scheduling system of practice.toml, as under [[connections]].",
    "patient.ref": "Give the patient's id in that scheduling system, as a text.",
    "phone": "Give the patient's mobile number, as +1 and ten digits.",
    "categories": f"List one or more of: {', '.join(Category)}.",
    "evidence": "Give the evidence: medium, text_version, language, signed_name, signed_at and recorded_by.",
    "evidence.medium": "Say what was signed on: paper, web form, tablet, recorded call.",
    "evidence.text_version": "Give the version of the consent text that was shown.",
    "evidence.language": "Give the language of the text that was shown, as en or es.",
    "evidence.signed_name": "Give the name as it was signed.",
    "evidence.signed_at": "Give the time of signing with its zone, as 2026-11-30T16:20:00Z; it cannot be in the future.",
    "evidence.recorded_by": "Say who recorded it: a person, a desk or a system.",
    "channel": "Say how the patient told you: in_person, phone, email, mail, sms, portal or staff.",
    "words": "Give what the patient said as a text of at most 2000 characters.",
    "language": "Give the patient's language, as en or es.",
}


def writable(text: str) -> str:
    """Let through what can be stored and shown. Raises ValueError for control characters and halves of letters."""
    if any("\ud800" <= char <= "\udfff" or (char < " " and char not in "\t\n\r") for char in text):
        raise ValueError("control characters")
    return text


Short = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(writable)]
Long = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(writable)]
Words = Annotated[str, Field(max_length=2000), AfterValidator(writable)]
Language = Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$")]
Categories = Annotated[list[Annotated[Category, Field(strict=False)]], Field(min_length=1, max_length=len(Category))]


class Asked(BaseModel):
    """Strict types, blanks at the ends cut off, what we do not know ignored, and nothing repeated in errors."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="ignore", hide_input_in_errors=True, str_strip_whitespace=True
    )

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    __str__ = __repr__


class WhoAsked(Asked):
    """A patient as the caller knows them."""

    connection: Long
    ref: Long


class EvidenceAsked(Asked):
    """What was shown, and how it was signed."""

    medium: Short
    text_version: Short
    language: Language
    signed_name: Long
    signed_at: Short
    recorded_by: Long


class GrantAsked(Asked):
    """POST /v1/consents."""

    patient: WhoAsked
    phone: Long
    categories: Categories
    evidence: EvidenceAsked


class RevokeAsked(Asked):
    """POST /v1/consents/{patient_id}/revoke. What is left out covers everything: numbers and categories alike."""

    phone: Long | None = None
    categories: Categories | Literal["all"] = "all"
    channel: Short = "staff"
    words: Words = ""


class LinkAsked(Asked):
    """POST /v1/consent-links."""

    patient: WhoAsked
    phone: Long
    language: Language = "en"


def read_as(model: type[M], told: Mapping[str, Any], sentences: Mapping[str, str] = SENTENCES) -> M:
    """`told` as a request. Raises BadField for the first thing wrong with it."""
    try:
        return model.model_validate(told)
    except ValidationError as fault:
        path = _path(fault.errors(include_input=False, include_url=False, include_context=False)[0]["loc"], sentences)
    raise BadField(path, sentences.get(path, _TEXT))


def phone_of(typed: str, field: str = "phone") -> PhoneNumber:
    """The number as typed, as one we can text. Raises BadField."""
    found = read_phone(typed)
    if isinstance(found, Unusable):
        raise BadField(field, found.sentence)
    return PhoneNumber(found)


def checked_connection(world: World, name: str, field: str = "patient.connection") -> str:
    """The name of a scheduling system we know. Raises BadField."""
    if world.practice.connection(name) is None:
        raise BadField(field, SENTENCES["patient.connection"])
    return name


def signed_at(asked: EvidenceAsked, now: datetime) -> datetime:
    """When it was signed, in UTC. Raises BadField for a time without a zone, no time at all, or one in the future."""
    field = "evidence.signed_at"
    try:
        at = datetime.fromisoformat(asked.signed_at)
    except ValueError:
        raise BadField(field, SENTENCES[field]) from None
    if at.tzinfo is None or at > now + CLOCKS_DIFFER or at.year < 1991:
        raise BadField(field, SENTENCES[field])
    return at.astimezone(UTC)


def channel_of(told: str) -> str:
    """The ledger's word for how consent was taken back."""
    return CHANNELS.get(re.sub(r"[\s-]+", "_", told.lower()), "other")


def _path(loc: tuple[int | str, ...], sentences: Mapping[str, str]) -> str:
    """The longest part of where pydantic looked that is a field of ours: its own names of union members are none."""
    names = [part for part in loc if isinstance(part, str)]
    for end in range(len(names), 0, -1):
        path = ".".join(names[:end])
        if path in sentences:
            return path
    return "body"
