"""The word tables of the reader of replies: kept as TOML for people, read as one JSON file by machines.

Reading JSON costs a tenth of reading TOML, and a reply must not wait for it. `python -m
texting.rules.replies_compile` writes the compiled file anew; a test holds the two equal.
"""

from __future__ import annotations

import json
from functools import cache

TYPE_CHECKING = False  # typing would be a tenth of the start-up
if TYPE_CHECKING:
    from typing import Any

# A string, not a Path: pathlib would cost a fifth of the start-up.
COMPILED = __file__.removesuffix("replies_tables.py") + "tables/replies.json"


@cache
def tables() -> dict[str, Any]:
    """The compiled tables, read once."""
    with open(COMPILED, encoding="utf-8") as file:  # noqa: PTH123
        loaded: dict[str, Any] = json.load(file)
    return loaded
