"""What may stand in an entry that can never be erased: ids, enum words, digests, times and counts, and nothing else.

The fence is a list of what is allowed, not of what is forbidden: a fact is refused unless `tables/kinds.toml` knows
it and its value has the one shape given there. No refusal repeats what it refuses.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from texting.errors import Bug

Value = str | int | bool | tuple[str, ...]

MAX_LIST = 256
MAX_COUNT = 999_999
"""Counts stay below seven digits, so that a phone number handed over as an integer is refused."""
EARLIEST_YEAR = 2000
"""Nothing in a ledger of texts is older; most patients' birth dates are, and so are refused where a date may stand."""
PRACTICE = "practice"
"""The subject of what concerns nobody in particular."""


class NotOpaque(Bug):
    """Raised when something that might identify a person was about to enter the ledger. `place` names the field."""

    def __init__(self, place: str, remedy: str) -> None:
        super().__init__(f"The ledger refuses {place}: {remedy}.")
        self.place = place


class Shape(StrEnum):
    """What a fact's value may look like."""

    ID = "id"
    WORD = "word"
    WORDS = "words"
    CODE = "code"
    SLUG = "slug"
    DIGEST = "digest"
    TIME = "time"
    DAY = "day"
    COUNT = "count"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class FactRule:
    """One row of the facts table."""

    shape: Shape
    meaning: str
    words: frozenset[str] = frozenset()
    max: int = MAX_COUNT


@dataclass(frozen=True, slots=True)
class KindRule:
    """One row of the kinds table: what happened, and the facts without which it proves nothing."""

    meaning: str
    needs: frozenset[str]


@cache
def kinds() -> Mapping[str, KindRule]:
    """The closed list of kinds."""
    return {kind: KindRule(row["meaning"], frozenset(row["needs"])) for kind, row in _tables()["kinds"].items()}


@cache
def facts() -> Mapping[str, FactRule]:
    """The closed list of facts."""
    return {
        name: FactRule(Shape(row["shape"]), row["meaning"], frozenset(row.get("words", ())), row.get("max", MAX_COUNT))
        for name, row in _tables()["facts"].items()
    }


@cache
def _tables() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files("texting.audit").joinpath("tables/kinds.toml").read_text("utf-8"))


# A part that a machine made: hexadecimal of 16 digits or more (the longest phone number has 15), a UUID, or 26 or 52
# characters of base 32 (a ULID; 128 or 256 bits). Before it, optionally, a prefix of a few letters: msg_0f3a...
_PART = (
    r"(?:[a-z]{1,12}[_-])?"
    r"(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?:[0-9a-f]{2}){8,64}|[0-9a-z]{26}(?:[0-9a-z]{26})?|[0-9A-Z]{26})"
)
_ID = re.compile(rf"{_PART}(?:[._:/#-]{_PART}){{0,3}}(?:[._:-][0-9]{{1,4}})?")
_WORD = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_CODE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")
_SLUG = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MAX_WORD = 64
_MAX_DIGITS = 6


def assert_id(place: str, value: object) -> str:
    """Let an opaque id of ours through; raises NotOpaque for anything a person could have made up or be known by."""
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise NotOpaque(place, f"it must be an id of ours (hexadecimal, UUID or ULID){_suspicion(value)}")
    return value


def assert_slug(place: str, value: object) -> str:
    """Let a word of the practice's own settings through, with at most six digits; raises NotOpaque otherwise."""
    return _assert_short(place, value, _SLUG, "a short lower-case word of the settings")


def assert_opaque(name: str, value: object) -> Value:
    """Check one fact against its row and return it in its written form (datetimes as RFC 3339, lists as tuples).

    Raises NotOpaque for an unknown fact and for every value that has not the row's shape.
    """
    rule = facts().get(name)
    if rule is None:
        raise NotOpaque(_safe_name(name), "the facts table has no such fact; add a row, or say it by digest or id")
    checked = _CHECKS[rule.shape](f"the fact {name}", value, rule)
    words = checked if isinstance(checked, tuple) else (checked,)
    if rule.words and not rule.words.issuperset(words):
        raise NotOpaque(f"the fact {name}", "its row lists the words it may have, and this is none of them")
    return checked


def written_time(moment: datetime) -> str:
    """An aware moment as RFC 3339 UTC with milliseconds, finer parts cut off: one form for each instant."""
    if moment.tzinfo is None:
        raise ValueError("a time in the ledger must be aware")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def assert_time(place: str, value: object) -> str:
    """Let an aware datetime, or its written form, through as RFC 3339 UTC; raises NotOpaque otherwise."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = written_time(value)
    if isinstance(value, str) and _TIME.fullmatch(value) and _is_real(datetime.fromisoformat, value):
        return value
    raise NotOpaque(place, f"it must be a time in UTC since {EARLIEST_YEAR}, as 2026-12-01T15:00:00.000Z")


def _assert_day(place: str, value: object) -> str:
    if isinstance(value, date) and not isinstance(value, datetime):
        value = value.isoformat()
    if isinstance(value, str) and _DAY.fullmatch(value) and _is_real(date.fromisoformat, value):
        return value
    raise NotOpaque(place, f"it must be a day since {EARLIEST_YEAR}, as 2026-12-01")


def _is_real(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return int(text[:4]) >= EARLIEST_YEAR


def _assert_short(place: str, value: object, pattern: re.Pattern[str], what: str) -> str:
    short = isinstance(value, str) and len(value) <= _MAX_WORD and pattern.fullmatch(value)
    if not short or sum(map(str.isdigit, str(value))) > _MAX_DIGITS:
        raise NotOpaque(place, f"it must be {what}{_suspicion(value)}")
    return str(value)


def _assert_digest(place: str, value: object) -> str:
    if not isinstance(value, str) or not _DIGEST.fullmatch(value):
        raise NotOpaque(place, f"it must be a SHA-256 digest in 64 hexadecimal digits{_suspicion(value)}")
    return value


def _assert_count(place: str, value: object, rule: FactRule) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= rule.max:
        raise NotOpaque(place, f"it must be a whole number from 0 to {rule.max}")
    return int(value)


def _assert_flag(place: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise NotOpaque(place, "it must be true or false")
    return value


def _assert_words(place: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple | set | frozenset) or not 1 <= len(value) <= MAX_LIST:
        raise NotOpaque(place, f"it must be a list of 1 to {MAX_LIST} words")
    words = tuple(sorted(_assert_short(place, word, _WORD, "lower-case words of the code") for word in value))
    if len(set(words)) < len(words):
        raise NotOpaque(place, "a word is in the list twice")
    return words


_Check = Callable[[str, object, FactRule], Value]
_CHECKS: Mapping[Shape, _Check] = {
    Shape.ID: lambda place, value, _: assert_id(place, value),
    Shape.WORD: lambda place, value, _: _assert_short(place, value, _WORD, "a lower-case word of the code"),
    Shape.WORDS: lambda place, value, _: _assert_words(place, value),
    Shape.CODE: lambda place, value, _: _assert_short(place, value, _CODE, "an upper-case code of the carrier"),
    Shape.SLUG: lambda place, value, _: assert_slug(place, value),
    Shape.DIGEST: lambda place, value, _: _assert_digest(place, value),
    Shape.TIME: lambda place, value, _: assert_time(place, value),
    Shape.DAY: lambda place, value, _: _assert_day(place, value),
    Shape.COUNT: _assert_count,
    Shape.FLAG: lambda place, value, _: _assert_flag(place, value),
}


def _suspicion(value: object) -> str:
    """A hint at what was handed over by mistake, in words that hold nothing of it."""
    if not isinstance(value, str):
        return ", not another type"
    if "@" in value:
        return "; this looks like an e-mail address"
    if sum(map(str.isdigit, value)) >= 7 and not re.search(r"[A-Za-z]", value):
        return "; this looks like a phone number"
    if re.search(r"\s|[^\x00-\x7f]", value) or value.istitle():
        return "; this looks like a name or free text"
    return ""


def _safe_name(name: object) -> str:
    """A fact's name if it is a plain word; otherwise it might itself be what must not be said."""
    plain = isinstance(name, str) and re.fullmatch(r"[a-z]+(?:_[a-z]+){0,3}", name)
    return f"the fact {name}" if plain and len(str(name)) <= 24 else "a fact"
