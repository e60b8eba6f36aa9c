"""Filters and pages, the same for every Describe operation."""

from collections.abc import Iterable
from typing import Any

from box.carrier.errors import invalid

Rows = list[dict[str, Any]]


def page(rows: Rows, request: dict[str, Any], member: str, most: int = 100) -> dict[str, Any]:
    """Return one page of `rows` as the answer's `member`; raises for a token that is not one of ours."""
    token = request.get("NextToken", "0")
    if not token.isdigit() or int(token) > len(rows):
        raise invalid("INVALID_NEXT_TOKEN")
    start, size = int(token), request.get("MaxResults", most)
    answer: dict[str, Any] = {member: rows[start : start + size]}
    return answer | ({"NextToken": str(start + size)} if start + size < len(rows) else {})


def filtered(rows: Rows, filters: Iterable[dict[str, Any]]) -> Rows:
    """Return the rows that every filter lets through: a filter `two-way-enabled` looks at `TwoWayEnabled`."""
    for wanted in filters:
        member = "".join(word.capitalize() for word in wanted["Name"].split("-"))
        rows = [row for row in rows if _written(row, member) & set(wanted["Values"])]
    return rows


def _written(row: dict[str, Any], member: str) -> set[str]:
    value = row.get(member, row.get("NumberCapabilities") if member == "NumberCapability" else None)
    if isinstance(value, bool):
        return {str(value).lower()}
    return set(value) if isinstance(value, list) else {str(value)}
