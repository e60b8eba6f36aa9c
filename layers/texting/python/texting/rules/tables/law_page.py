"""Writes the tables of docs/law.md from the tables the code obeys: `python -m texting.rules.tables.law_page docs/law.md`.

The page's prose is by hand; what stands between `<!-- table: NAME -->` and `<!-- end -->` is not. A test holds them equal.
"""

import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from texting.rules.tables import compiled

_SECTION = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.S)


def filled(page: str) -> str:
    """`page` with every generated section written anew. Raises KeyError for a section nobody generates."""
    return _SECTION.sub(lambda found: f"{found[1]}\n{TABLES[found[2]]()}\n{found[3]}", page)


def quiet_hours() -> str:
    """Hours of marketing by state."""
    head = (
        "State",
        "Mon-Fri",
        "Saturday",
        "Sunday",
        "Holidays",
        "Cap in 24 h",
        "Names texts",
        "Clause",
        "Source",
        "Read",
        "Sure",
    )
    rows = []
    for row in compiled("quiet_hours")["window"]:
        cap = f"{row['cap_24h']}, {row['cap_scope']}" if "cap_24h" in row else ""
        days = [_hours(row[day]) for day in ("weekday", "saturday", "sunday")]
        rows.append((row["state"], *days, row["holidays"], cap, row["texts"], *_sourced(row)))
    return _table(head, rows) + _notes(compiled("quiet_hours")["window"], "state")


def holidays() -> str:
    """Closed days by list."""
    rows = []
    for row in compiled("quiet_hours")["holiday"]:
        days = "; ".join(
            f"{day['name']} ({day['day']}{', observed' if day.get('observed') else ''})" for day in row["days"]
        )
        rows.append((row["list"], days, *_sourced(row)))
    head = ("List", "Days", "Clause", "Source", "Read", "Sure")
    return _table(head, rows) + _notes(compiled("quiet_hours")["holiday"], "list")


def zones() -> str:
    """States with more than one clock."""
    several = [row for row in compiled("state_zones")["state"] if len(row["zones"]) > 1]
    rows = [(row["name"], ", ".join(row["zones"]), row.get("note", "")) for row in several]
    return _table(("State", "Zones, likeliest first", "Where"), rows)


def retention() -> str:
    """Periods by state; a blank is not known."""
    head = ("State", "Binds", "Adults", "From", "Minors until", "Past majority", "Minors, from last visit", "Majority")
    more = ("Requirements ask", "Clause", "Source", "Read", "Sure")
    rows = []
    for row in compiled("retention")["period"]:
        figures = [
            row.get(name, "") for name in ("adult_years", "adult_from", "minor_until_age", "minor_years_past_majority")
        ]
        figures += [row.get(name, "") for name in ("minor_years", "majority")]
        rows.append((row["state"], row["entity"].replace("_", " "), *figures, _asked(row), *_sourced(row)))
    return _table((*head, *more), rows) + _notes(compiled("retention")["period"], "state")


def unsure() -> str:
    """Every row not marked high, to be checked first."""
    rows = []
    for title, table, key in (
        ("hours", compiled("quiet_hours")["window"], "state"),
        ("retention", compiled("retention")["period"], "state"),
    ):
        for level in ("low", "medium"):
            states = [row[key] for row in table if row["confidence"] == level]
            rows.append((title, level, str(len(states)), " ".join(states)))
    return _table(("Table", "Sure", "Rows", "States"), rows)


TABLES: dict[str, Callable[[], str]] = {
    "quiet_hours": quiet_hours,
    "holidays": holidays,
    "zones": zones,
    "retention": retention,
    "unsure": unsure,
}


def _hours(hours: list[str] | str) -> str:
    return hours if isinstance(hours, str) else f"{hours[0]}-{hours[1]}"


def _asked(row: dict[str, Any]) -> str:
    names = {
        "asked_adult_years": "adults {}",
        "asked_minor_until_age": "minors to {}",
        "asked_minor_years": "minors {} years",
    }
    return ", ".join(words.format(row[name]) for name, words in names.items() if name in row)


def _sourced(row: dict[str, Any]) -> tuple[str, ...]:
    return row["citation"], row["source"], row["source_date"], row["confidence"]


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    names = list(head)
    lines = [names, ["---"] * len(names), *([str(cell).replace("|", "/") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _notes(rows: list[dict[str, Any]], key: str) -> str:
    noted = [f"- **{row[key]}**{_of(row)}: {row['note']}\n" for row in rows if "note" in row]
    return "\n" + "".join(noted)


def _of(row: dict[str, Any]) -> str:
    entity = str(row.get("entity", "physician_practice"))
    return "" if entity in ("physician_practice", "default") else f" ({entity.replace('_', ' ')})"


def main(arguments: list[str]) -> int:
    """Rewrites the generated sections of each file named."""
    for name in arguments:
        file = Path(name)
        file.write_text(filled(file.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
