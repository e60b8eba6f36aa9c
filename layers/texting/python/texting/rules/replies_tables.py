"""The word tables of the reader of replies: kept as TOML for people, read as one JSON file by machines.

Reading JSON costs a tenth of reading TOML, and a reply must not wait for it. `python -m
texting.rules.replies_tables` writes the compiled file anew; a test holds the two equal.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

TABLES = Path(__file__).parent / "tables"
COMPILED = TABLES / "replies.json"
SOURCES = ("words", "optout", "visits", "other", "emergency")


def from_toml() -> dict[str, Any]:
    """The five TOML tables as one mapping, each under its own name."""
    import tomllib

    return {name: tomllib.loads((TABLES / f"replies_{name}.toml").read_text("utf-8")) for name in SOURCES}


@cache
def tables() -> dict[str, Any]:
    """The compiled tables, read once."""
    loaded: dict[str, Any] = json.loads(COMPILED.read_text("utf-8"))
    return loaded


def write() -> None:
    """Compiles the TOML tables into the file that is read at run time."""
    COMPILED.write_text(json.dumps(from_toml(), ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")


if __name__ == "__main__":
    write()
