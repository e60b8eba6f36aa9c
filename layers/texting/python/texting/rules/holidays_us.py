"""Which days are holidays: the federal list (5 U.S.C. 6103) and those of the states that close marketing on holidays.

The days themselves are rows of `tables/quiet_hours.toml`; this is the calendar arithmetic that reads them.
"""

from calendar import monthrange
from datetime import date, timedelta
from functools import cache
from typing import Any

from texting.rules.tables import compiled

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def holiday(day: date, calendar: str) -> str | None:
    """The name of the holiday that `day` is on `calendar` ("federal", or a state whose own list is added), or None.

    An observed day counts, and so does the weekend day it stands for: the stricter reading.
    """
    return _year(day.year, "federal").get(day) or _year(day.year, calendar).get(day)


@cache
def _year(year: int, calendar: str) -> dict[date, str]:
    """Every closed day of `year` on one list, next January's New Year observed in December included."""
    found: dict[date, str] = {}
    for row in _rows(calendar):
        for at in (year, year + 1):
            for day in _closed(row, at):
                if day.year == year:
                    found.setdefault(day, row["name"])
    return found


def _rows(calendar: str) -> list[dict[str, Any]]:
    return [day for row in compiled("quiet_hours")["holiday"] if row["list"] == calendar for day in row["days"]]


def _closed(row: dict[str, Any], year: int) -> list[date]:
    day = _date(row["day"], year)
    if day is None:
        return []
    if row.get("observed") and day.weekday() == 5:
        return [day, day - timedelta(days=1)]
    if row.get("observed") and day.weekday() == 6:
        return [day, day + timedelta(days=1)]
    return [day]


def _date(spec: str, year: int) -> date | None:
    """The date that `spec` names in `year`; None where the day falls only in other years."""
    if spec.startswith("election"):
        return None if spec.endswith("even") and year % 2 else _nth("1 mon nov", year) + timedelta(days=1)
    if spec == "juneteenth monday":
        nineteenth = date(year, 6, 19)
        ahead = nineteenth.weekday() >= 5  # Utah Code 63G-1-301(2)(c)-(d): a weekend moves on, other days move back
        return nineteenth + timedelta(days=(7 if ahead else 0) - nineteenth.weekday())
    if spec.startswith("easter-"):
        return easter(year) - timedelta(days=int(spec.removeprefix("easter-")))
    if " " in spec:
        return _nth(spec, year)
    return date(year, int(spec[:2]), int(spec[3:]))


def _nth(spec: str, year: int) -> date:
    """The date of "3 mon jan", "last mon may" or "4 thu nov +1"."""
    which, weekday, month_name, *more = spec.split()
    month = _MONTHS.index(month_name) + 1
    first, length = monthrange(year, month)
    day = 1 + (_DAYS.index(weekday) - first) % 7
    day += (length - day) // 7 * 7 if which == "last" else (int(which) - 1) * 7
    return date(year, month, day) + timedelta(days=int(more[0]) if more else 0)


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar, by the anonymous algorithm (Meeus, Jones, Butcher)."""
    golden, (century, of_century) = year % 19, divmod(year, 100)
    leaps, skipped = divmod(century, 4)
    shift = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leaps - shift + 15) % 30
    quarter, rest = divmod(of_century, 4)
    weekday = (32 + 2 * skipped + 2 * quarter - epact - rest) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)
