"""One page: a template, its words in the reader's language, and the policy under which a browser may show it.

Everything that is filled in is escaped. Nothing is loaded from anywhere: the one style sheet is inlined, and the policy
allows exactly its hash.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from texting.pages.wording import words_of
from texting.practice import Practice

AT_THEIR_ADDRESS = frozenset({"consent_form", "identity"})
"""Pages that a link may bring back in another language; the others answer a form, and a link would lose them."""


@dataclass(frozen=True, slots=True)
class Page:
    """HTML ready to be answered, with the headers that belong to it."""

    html: str = field(repr=False)
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a page is for: a patient of a practice, in one of its languages. `others` offers the practice's other one."""

    practice: Practice
    language: str
    others: bool = False


@cache
def css() -> str:
    """The style sheet, as it is inlined."""
    return files(__package__).joinpath("style.css").read_text("utf-8").strip()


@cache
def policy() -> str:
    """What a browser may do with our pages: show this style, send a form back to us, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(css().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("texting.pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )


def render(reader: Reader, template: str, title: str, *, fault: str = "", **given: Any) -> Page:
    """The page of `template`; `title` and `fault` are rows of the words table. Raises KeyError for no such row."""
    words = words_of(reader.language)
    other = _other(reader) if template in AT_THEIR_ADDRESS else ""
    html = _templates().get_template(f"{template}.html").render(
        practice=reader.practice,
        language=reader.language,
        other=other,
        other_name=words_of(other)["name"] if other else "",
        css=Markup(css()),  # noqa: S704 - our own file; nothing a person wrote comes near it
        title=filled(reader, words["title"][title]),
        fault=filled(reader, words["fault"][fault]) if fault else "",
        say=partial(_say, reader),
        **given,
    )  # fmt: skip
    return Page(html, {"Content-Security-Policy": policy()})


def filled(reader: Reader, words: str, **more: str) -> str:
    """Words with the practice's facts in their places. The words are ours; what is filled in is never read as a place."""
    return words.format_map(facts_of(reader) | more)


def facts_of(reader: Reader) -> dict[str, str]:
    """What every page may say of the practice."""
    identity = reader.practice.practice
    phone = identity.phone.removeprefix("+1")
    return {
        "practice": identity.name,
        "phone": f"{phone[:3]}-{phone[3:6]}-{phone[6:]}",
        "address": reader.practice.web.address,
    }


def _say(reader: Reader, row: str) -> str:
    return filled(reader, words_of(reader.language)["page"][row])


def _other(reader: Reader) -> str:
    spoken = [str(language) for language in reader.practice.practice.languages]
    return next((one for one in spoken if one != reader.language), "") if reader.others else ""
