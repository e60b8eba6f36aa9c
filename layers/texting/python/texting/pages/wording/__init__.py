"""The words of the pages, one table per language."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("en", "es")


@cache
def words_of(language: str) -> Mapping[str, Any]:
    """The table of a language; English for one that has none."""
    name = language if language in LANGUAGES else "en"
    return tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text("utf-8"))
