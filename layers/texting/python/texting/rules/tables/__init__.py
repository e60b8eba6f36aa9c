"""The law and the words as data. TOML is what people read and change; the JSON beside it is what a function loads.

JSON because tomllib needs 10 to 20 ms for our larger tables and json under one. After a change
`python -m texting.rules.tables.compile` writes the JSON again; a test fails while the two differ.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@cache
def compiled(name: str) -> Any:
    """The table `name` as plain dicts and lists, read once per start. Callers must not change it."""
    return json.loads((HERE / f"{name}.json").read_bytes())
