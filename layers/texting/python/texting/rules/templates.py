"""The words we send by ourselves: one short text per purpose, in English and Spanish, or a practice's own in its place.

A practice's wording is taken only when it keeps the promises of ours: it passes the language guard, names the practice,
says what the purpose needs and costs no more parts. What is filled in is inert: it is never read as a template.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

from texting.rules.segments import Encoding, count, safe
from texting.rules.tables import compiled

Overrides = Mapping[str, Mapping[str, str]]
"""A practice's own wordings: {purpose: {language: text}}, as they stand in practice.toml."""

LANGUAGES = ("en", "es")
_FIELD = re.compile(r"\{([a-z_]+)\}")
_NAMELESS = frozenset({"risk_warning"})  # stands behind another reply, which has named the practice
_DAYS = {"en": "Mon Tue Wed Thu Fri Sat Sun".split(), "es": "lun mar mié jue vie sab dom".split()}
_MONTHS = {
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(),
    "es": "ene feb mar abr may jun jul ago sep oct nov dic".split(),
}
_LINK = "https://texts.example.com/m/Ab3De6Gh9Jk2Mn5Pq8St"
_SPECIMEN = {
    "en": {
        "when": "Wed, Dec 24 at 10:00 AM",
        "choices": "1 Thu, Dec 4 at 3:00 PM, 2 Fri, Dec 5 at 9:00 AM",
        "hours": "Mon-Fri 9 AM-6 PM",
        "phone": "312-555-0100",
        "link": _LINK,
    },
    "es": {
        "when": "mié 24 de dic a las 10:00 AM",
        "choices": "1 jue 4 de dic a las 3:00 PM, 2 vie 5 de dic a las 9:00 AM",
        "hours": "lun-vie 9 AM-6 PM",
        "phone": "312-555-0100",
        "link": _LINK,
    },
}


class TemplateRefused(ValueError):
    """A practice's own wording cannot be taken; `code` names the promise it breaks, the sentence says what to do."""

    def __init__(self, code: str, purpose: str, language: str, sentence: str) -> None:
        super().__init__(f"templates.{purpose}.{language}: {sentence}")
        self.code = code
        self.purpose = purpose
        self.language = language


class TableFault(ValueError):
    """A text of ours could not go as it stands, whatever the practice writes; names the template, in no word of it."""

    def __init__(self, purpose: str, language: str) -> None:
        super().__init__(f"templates_{language}.toml, {purpose}")


class MissingField(ValueError):
    """A text was asked for without all of its fields; names the template and the fields."""


@dataclass(frozen=True, slots=True)
class Template:
    """One row: what it is for, what it needs, and its words. `tail` is the closing line's name, or empty."""

    purpose: str
    language: str
    category: str
    tier: Literal["plain", "secure"]
    fields: tuple[str, ...]
    text: str
    tail: str = ""
    must_say: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text ready for the gate. `template_version` changes with every change of the wording; keep it as evidence."""

    body: str
    parts: int
    encoding: Encoding
    template_version: str


@dataclass(frozen=True, slots=True)
class Templates:
    """A practice's set of wordings, already found fit by `load`."""

    practice_name: str
    overrides: Overrides

    def render(self, purpose: str, language: str, fields: Mapping[str, str], *, first: bool = False) -> Rendered:
        """As `render`, with the practice's name filled in and its own wording where it has one."""
        return render(
            purpose, language, {"practice": self.practice_name, **fields}, first=first, overrides=self.overrides
        )


def template(purpose: str, language: str = "en") -> Template:
    """The built-in row for `purpose`, English for a language we do not write. Raises KeyError for no such purpose."""
    return _rows(_written(language))[purpose]


def weekdays(language: str) -> Sequence[str]:
    """The days' short names, Monday first; English for a language we do not write."""
    return _DAYS[_written(language)]


def purposes() -> tuple[str, ...]:
    """Every purpose that has a template, in the table's order."""
    return tuple(_rows("en"))


def render(
    purpose: str,
    language: str,
    fields: Mapping[str, str],
    *,
    first: bool = False,
    overrides: Overrides | tuple[()] = (),
) -> Rendered:
    """The text for `purpose`, with the first-message disclosures in place of the opt-out line when `first`.

    `overrides` are taken as they are: pass what `load` has checked. Raises MissingField and KeyError.
    """
    row = template(purpose, language)
    words = dict(overrides).get(purpose, {}).get(row.language, row.text) + _tail(row, first)
    missing = [name for name in row.fields if not fields.get(name, "").strip()]
    if missing:
        raise MissingField(f"The text {purpose} needs {' and '.join(missing)}.")
    body = safe(_FIELD.sub(lambda found: _inert(fields.get(found[1], "")), words))
    size = count(body)
    return Rendered(body, size.parts, size.encoding, f"{purpose}.{row.language}.{_digest(words)}")


def load(practice_name: str, overrides: Overrides, guard: Callable[[str], bool]) -> Templates:
    """A practice's templates, every wording of its own checked. `guard` answers True for a text that may go by SMS.

    Raises TableFault where the guard stops even ours, and TemplateRefused for the first wording that it stops, that
    leaves out the practice's name, a field or a word it must say, that has a field which nothing fills in, or that costs
    more parts than ours.
    """
    if not guard(render("reminder", "en", specimen("reminder", "en", practice_name)).body):
        raise TableFault("reminder", "en")
    for purpose, by_language in overrides.items():
        for language, text in by_language.items():
            _check(practice_name, purpose, language, text, guard)
    return Templates(practice_name, overrides)


def say_when(start: datetime, zone: str, language: str) -> str:
    """A visit's day and time on the clock of `zone`: "Thu, Dec 4 at 3:00 PM", "jue 4 de dic a las 3:00 PM".

    Only characters of the 7-bit alphabet, so "sab" goes without its accent. No zone is named: it is where the visit is.
    """
    local, words = start.astimezone(ZoneInfo(zone)), _written(language)
    day, month = _DAYS[words][local.weekday()], _MONTHS[words][local.month - 1]
    hour, half = local.hour % 12 or 12, "AM" if local.hour < 12 else "PM"
    clock = f"{hour}:{local.minute:02d} {half}"
    if words == "es":
        return f"{day} {local.day} de {month} a la{'' if hour == 1 else 's'} {clock}"
    return f"{day}, {month} {local.day} at {clock}"


def specimen(purpose: str, language: str, practice_name: str) -> dict[str, str]:
    """Realistic fields for a template, as long as they usually get: for previews, and for counting parts."""
    row = template(purpose, language)
    return {name: practice_name if name == "practice" else _SPECIMEN[row.language][name] for name in row.fields}


def _check(practice_name: str, purpose: str, language: str, text: str, guard: Callable[[str], bool]) -> None:
    def refuse(code: str, sentence: str) -> TemplateRefused:
        return TemplateRefused(code, purpose, language, sentence)

    if purpose not in purposes() or language not in LANGUAGES:
        raise refuse("unknown", f"There is no such text. Use one of {', '.join(purposes())}, in en or es.")
    row, used = template(purpose, language), set(_FIELD.findall(text))
    if "practice" in row.fields and "{practice}" not in text and practice_name not in text:
        raise refuse("no_name", "It does not name the practice. Begin it with {practice}.")
    missing = [name for name in row.fields if name != "practice" and name not in used]
    if missing:
        raise refuse("missing_field", f"It leaves out {{{missing[0]}}}. Put {{{missing[0]}}} where it belongs.")
    unsaid = [word for word in row.must_say if word not in text]
    if unsaid:
        raise refuse("must_say", f"It does not say {unsaid[0]}, which patients need there. Put it back.")
    strange = sorted(used - set(row.fields))
    if strange:
        raise refuse(
            "strange_field", f"It has {{{strange[0]}}}, which nothing fills in. Remove it or check its spelling."
        )
    fields = specimen(purpose, language, practice_name)
    ours, theirs = (render(purpose, language, fields, overrides=o) for o in ({}, {purpose: {language: text}}))
    if not guard(ours.body):
        raise TableFault(purpose, language)
    if not guard(theirs.body):
        raise refuse("guard", "The language guard would stop it. Take out what tells of health, treatment or products.")
    if theirs.parts > ours.parts:
        raise refuse("longer", _longer(ours.parts, theirs))


def _longer(ours: int, theirs: Rendered) -> str:
    culprits = [culprit.character for culprit in count(theirs.body).culprits]
    why = f'the character "{culprits[0]}" leaves room for only 70. Replace it' if culprits else "it is long. Shorten it"
    return f"Sent, it would take {theirs.parts} parts where ours takes {ours}: {why}."


def _written(language: str) -> str:
    short = language.lower()[:2]
    return short if short in LANGUAGES else "en"


@cache
def _rows(language: str) -> dict[str, Template]:
    table: dict[str, Any] = compiled(f"templates_{language}")
    return {row["purpose"]: Template(language=language, **_tuples(row)) for row in table["template"]}


def _tuples(row: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}


def _tail(row: Template, first: bool) -> str:
    if not row.tail:
        return ""
    words: str = compiled(f"templates_{row.language}")["tail"]["first" if first else row.tail]
    return words


def _inert(value: str) -> str:
    """A field's value on one line; braces in it stay braces, for the template is read only once."""
    return " ".join(value.split())


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[:8]
