"""JSON from outside, bounded before it is believed, and the few tolerant looks every format needs.

`read` promises plain JSON values no larger and no deeper than its caps, whose every string can be written as UTF-8, or
raises Unreadable. Of keys given twice the last one wins.
"""

import json
import math
import re
from typing import Any, Never

from texting.errors import Unreadable

MAX_BYTES = 256 * 1024
MAX_DEPTH = 40

_SHAPE = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)  # linear, unclosed strings too


def _too_deep(raw: bytes) -> bool:
    depth = 0
    for found in _SHAPE.finditer(raw):
        mark = found.group()
        depth += (mark in b"[{") - (mark in b"]}")
        if depth > MAX_DEPTH:
            return True
    return False


def _no_constant(_: str) -> Never:
    raise ValueError("NaN and Infinity are not JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        _no_constant(text)
    return value


def read(raw: bytes, max_bytes: int = MAX_BYTES) -> Any:
    """The value in `raw` (UTF-8, a byte order mark is tolerated). Raises Unreadable with a code and a sentence."""
    if len(raw) > max_bytes:
        raise Unreadable("too_large", f"The body is larger than {max_bytes // 1024} KiB; send one event at a time.")
    if not raw.strip():
        raise Unreadable("empty", "The body is empty; send the event as JSON.")
    if _too_deep(raw):
        raise Unreadable("too_deep", f"The body is nested deeper than {MAX_DEPTH} levels; send plain events.")
    try:
        value = json.loads(raw.decode("utf-8-sig"), parse_constant=_no_constant, parse_float=_finite)
        if b"\\u" in raw:  # half of a surrogate pair is legal JSON, and no store takes it
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Unreadable("not_json", "The body is not JSON in UTF-8; check the sender's format.") from None
    return value


def as_object(value: object) -> dict[str, Any]:
    """The object, or an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[Any]:
    """The list; a lone value as a list of one; nothing for null."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def as_objects(value: object) -> list[dict[str, Any]]:
    """The objects among a list's items."""
    return [item for item in as_list(value) if isinstance(item, dict)]


def text(value: object, limit: int = 300) -> str | None:
    """Words without surrounding blanks or control characters, cut at `limit`; None when nothing is left."""
    if not isinstance(value, str):
        return None
    words = "".join(" " if ord(sign) < 32 else sign for sign in value).strip()
    return words[:limit].rstrip() or None


def ident(value: object) -> str | None:
    """An id: a string or a whole number (`123` and `"123"` are the same, 0 is one), never cut; None for the rest."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    name = str(value).strip()
    return name if 0 < len(name) <= 512 else None


def whole(value: object) -> int | None:
    """A whole number below 10**18, also when written as a string of digits; None for anything else. 0 is one."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,18}", value.strip(), re.ASCII):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value < 10**18 else None
