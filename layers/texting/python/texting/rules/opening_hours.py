"""The practice's own opening hours: whether somebody is at the desk, when an answer is due, and how patients are told.

Hours are local, by day: {"mon": "09:00-18:00"}; a missing day is closed. Holidays are not known here.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from texting.rules.templates import weekdays

_KEYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_UNSAID = {"en": "as soon as we can", "es": "en cuanto podamos"}
Hours = Mapping[Any, str]
LONGEST = 48
"""Characters that the hours may take in a text: with more of them it would cost a second part."""


def is_open(hours: Hours, zone: str, now: datetime) -> bool:
    """Whether the practice is open at `now` (UTC)."""
    today = now.astimezone(ZoneInfo(zone)).date()
    return any(opens <= now < closes for opens, closes in _spans(hours, zone, today, today))


def due(hours: Hours, zone: str, now: datetime, allowed: timedelta) -> datetime:
    """When the practice will have been open for `allowed` since `now` (UTC); by the plain clock where it has no hours."""
    left = allowed
    today = now.astimezone(ZoneInfo(zone)).date()
    for opens, closes in _spans(hours, zone, today, date.max) if hours and allowed else ():
        begins = max(opens, now)
        if begins + left <= closes:
            return begins + left
        left -= max(closes - begins, timedelta())
    return now + allowed


def spoken(hours: Hours, language: str) -> str:
    """The hours in a few words, "Mon-Thu 9 AM-6 PM, Fri 9 AM-5 PM"; a promise without them where they are none or many."""
    days = weekdays(language)
    runs = [(span, list(found)) for span, found in groupby(range(7), lambda day: hours.get(_KEYS[day], ""))]
    said = [f"{_run([days[day] for day in found])} {_span(span)}" for span, found in runs if span]
    words = ", ".join(said)
    return words if said and len(words) <= LONGEST else _UNSAID.get(language, _UNSAID["en"])


def _spans(hours: Hours, zone: str, first: date, last: date) -> Iterator[tuple[datetime, datetime]]:
    """Each day's opening and closing in UTC, from the day `first` to the day `last`."""
    day = first
    while day <= last:
        if span := hours.get(_KEYS[day.weekday()]):
            opens, closes = (datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC) for at in _times(span))
            yield opens, closes
        day += timedelta(days=1)


def _times(span: str) -> tuple[time, time]:
    opens, _, closes = span.partition("-")
    return time.fromisoformat(opens), time.fromisoformat(closes)


def _run(days: list[str]) -> str:
    return days[0] if len(days) == 1 else f"{days[0]}-{days[-1]}"


def _span(span: str) -> str:
    return "-".join(_at(at) for at in _times(span))


def _at(at: time) -> str:
    minutes = f":{at.minute:02}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minutes} {'AM' if at.hour < 12 else 'PM'}"
