"""Times as scheduling systems write them, read into UTC or named as a problem; never guessed.

A time with an offset is an instant; one without is local and needs a zone. `Z` and `+00:00` only spell UTC, so they
contradict no zone; any other offset must be the zone's own at that moment.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from texting.sources import problems
from texting.sources.places import WINDOWS_ZONES

YEARS = range(2000, 2101)
"""Years a visit can lie in. 1900 and 9999 are how databases spell "none"."""

_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,12}))?)? ?([Zz]|[+-]\d{2}(?::?\d{2})?)?", re.ASCII
)
_ZONE = re.compile(r"[A-Za-z_]{2,20}(/[A-Za-z0-9_+-]{2,30}){1,2}")


@dataclass(frozen=True, slots=True)
class Moment:
    """A start as it could be read: UTC, or None with the reason among `problems`."""

    at: datetime | None
    problems: tuple[str, ...] = ()


def zone(name: object) -> ZoneInfo | None:
    """The IANA zone of a place by its name, or by Windows' name where it is one of the United States; else None.

    `UTC`, `Etc/...` and abbreviations are no place.
    """
    if isinstance(name, str):
        name = WINDOWS_ZONES.get(name, name)
    if not isinstance(name, str) or not _ZONE.fullmatch(name) or name.startswith(("Etc/", "posix/", "right/")):
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _offset(text: str) -> timezone:
    if text in "Zz":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 14 or minutes > 59:
        raise ValueError("no such offset")
    size = timedelta(hours=hours, minutes=minutes)
    return timezone(-size if text[0] == "-" else size)


def _read(text: object) -> datetime | None:
    """Naive when the text has no offset; None when it is no time. Digits past microseconds are cut; :60 rolls over."""
    found = _MOMENT.fullmatch(text.strip()) if isinstance(text, str) else None
    if not found:
        return None
    day, hour, minute, second, fraction, offset = found.groups()
    seconds, micros = int(second or 0), int((fraction or "0")[:6].ljust(6, "0"))
    if seconds > 60:
        return None
    try:
        at = datetime.fromisoformat(f"{day}T{hour}:{minute}") + timedelta(seconds=seconds, microseconds=micros)
        return at.replace(tzinfo=_offset(offset)) if offset else at
    except (ValueError, OverflowError):
        return None


def instant(text: object) -> datetime | None:
    """The UTC instant of a time with an offset in a plausible year; None for anything else."""
    at = _read(text)
    return at.astimezone(UTC) if at is not None and at.tzinfo is not None and at.year in YEARS else None


def calendar_date(text: object) -> str | None:
    """A date as YYYY-MM-DD, or None."""
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text.strip(), re.ASCII):
        return None
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        return None


def _local(at: datetime, place: ZoneInfo) -> Moment:
    """A wall-clock time at a place. In the spring gap it does not exist, in the autumn overlap it comes twice."""
    first, second = at.replace(tzinfo=place, fold=0), at.replace(tzinfo=place, fold=1)
    utc = first.astimezone(UTC)
    if first.utcoffset() == second.utcoffset():
        return Moment(utc)
    exists = utc.astimezone(place).replace(tzinfo=None) == at
    return Moment(None, (problems.START_TWICE if exists else problems.START_IN_GAP,))


def start(text: object, place: ZoneInfo | None, declared: bool = True) -> Moment:
    """When a visit starts. `place` reads a time without offset; if the source `declared` it, an offset must agree."""
    at = _read(text)
    if at is None:
        return Moment(None, (problems.START_UNREADABLE,))
    if at.year not in YEARS:
        return Moment(None, (problems.START_IMPLAUSIBLE,))
    if at.tzinfo is None:
        return _local(at, place) if place else Moment(None, (problems.START_WITHOUT_ZONE,))
    utc = at.astimezone(UTC)
    agrees = not at.utcoffset() or not place or utc.astimezone(place).utcoffset() == at.utcoffset()
    return Moment(utc, () if agrees or not declared else (problems.ZONE_CONTRADICTS_OFFSET,))


def minutes(begin: datetime | None, end: datetime | None, stated: object) -> int | None:
    """A visit's length: end less start, else what the source stated; None unless it is above 0 and at most a day."""
    length = stated if isinstance(stated, int) and not isinstance(stated, bool) else 0
    if begin and end:
        length = int((end - begin).total_seconds() // 60)
    return length if 0 < length <= 24 * 60 else None
