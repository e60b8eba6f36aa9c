"""Writes each table's JSON from its TOML: `python -m texting.rules.tables.compile`, with `--check` to only compare.

Rows are checked on the way, so that a bad one stops the build and not a send. Dates become ISO strings.
"""

import json
import sys
import tomllib
from typing import Any
from zoneinfo import ZoneInfo

from texting.rules.tables import HERE

NAMES = ("quiet_hours", "state_zones", "retention", "templates_en", "templates_es", "area_codes")
SOURCED = ("citation", "source", "source_date", "confidence")


class BadRow(ValueError):
    """A row of a table lacks a field or says something impossible; names table, row and field."""


def _sourced(table: str, which: str, row: dict[str, Any]) -> None:
    for field in SOURCED:
        if not row.get(field):
            raise BadRow(f"{table}.toml: {which} lacks {field}; every row of law says where it comes from")
    if row["confidence"] not in ("high", "medium", "low"):
        raise BadRow(f"{table}.toml: {which}: confidence must be high, medium or low")


def _check_quiet_hours(table: dict[str, Any]) -> None:
    for row in table["window"]:
        _sourced("quiet_hours", row["state"], row)
        for day in ("weekday", "saturday", "sunday"):
            hours = row[day]
            if hours != "closed" and not hours[0] < hours[1]:
                raise BadRow(f"quiet_hours.toml: {row['state']}: {day} must open before it closes")
        if row["holidays"] not in ("open", "federal", "state"):
            raise BadRow(f"quiet_hours.toml: {row['state']}: holidays must be open, federal or state")
    for row in table["holiday"]:
        _sourced("quiet_hours", f"holidays {row['list']}", row)


def _check_retention(table: dict[str, Any]) -> None:
    for row in table["period"]:
        _sourced("retention", f"{row['state']} {row['entity']}", row)


def _check_zones(table: dict[str, Any]) -> None:
    for row in table["state"]:
        for zone in row["zones"]:
            ZoneInfo(zone)


CHECKS = {"quiet_hours": _check_quiet_hours, "retention": _check_retention, "state_zones": _check_zones}


def as_json(name: str) -> str:
    """What `name`.json must hold. Raises BadRow."""
    table = tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))
    CHECKS.get(name, lambda _: None)(table)
    return json.dumps(table, ensure_ascii=False, separators=(",", ":"), default=str) + "\n"


def stale() -> list[str]:
    """Names of the tables whose JSON is missing or differs from their TOML."""
    files = {name: HERE / f"{name}.json" for name in NAMES}
    return [n for n, file in files.items() if not file.is_file() or file.read_text(encoding="utf-8") != as_json(n)]


def main(arguments: list[str]) -> int:
    """Writes what is stale; with --check only names it and answers 1."""
    names = stale()
    if "--check" in arguments:
        print("\n".join(f"{name}.json is stale: run python -m texting.rules.tables.compile" for name in names))
        return 1 if names else 0
    for name in names:
        (HERE / f"{name}.json").write_text(as_json(name), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
