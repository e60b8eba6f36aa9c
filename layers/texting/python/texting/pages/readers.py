"""Which language a page is shown in, before anybody knows who reads it."""

import re
from collections.abc import Mapping

from texting.pages.rendering import Reader
from texting.practice import Practice


def reader_of(practice: Practice, asked: str, accepted: str, known: str = "") -> Reader:
    """The language asked for in the address or the form, else the patient's own where known, else the browser's first.

    `accepted` is an Accept-Language header. Only languages of the practice are ever used.
    """
    ours: list[str] = [str(language) for language in practice.practice.languages]
    browser = [tag.lower()[:2] for tag in re.split(r"[,;\s]+", accepted)[:20]]
    wanted = next((one for one in (asked, known, *browser) if one in ours), ours[0])
    return Reader(practice, wanted, others=len(ours) > 1)


def one(fields: Mapping[str, list[str]], name: str) -> str:
    """The first value of a form's field, without blanks at its ends."""
    return (fields.get(name) or [""])[0].strip()
