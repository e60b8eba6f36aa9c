"""The word tables of the reader of replies: kept as TOML for people, read as one JSON file by machines.

Reading JSON costs a tenth of reading TOML, and a reply must not wait for it. `python -m
texting.rules.replies_compile` writes the compiled file anew; a test holds the two equal.
"""

import json
import os
from functools import cache
from typing import Any

COMPILED = os.path.join(os.path.dirname(__file__), "tables", "replies.json")  # noqa: PTH118, PTH120 (pathlib costs 3 ms)


@cache
def tables() -> dict[str, Any]:
    """The compiled tables, read once."""
    with open(COMPILED, encoding="utf-8") as file:  # noqa: PTH123
        loaded: dict[str, Any] = json.load(file)
    return loaded
