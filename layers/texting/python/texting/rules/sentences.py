"""Reason codes as plain sentences, from `tables/sentences.toml`."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def _table() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(files(__package__).joinpath("tables/sentences.toml").read_text("utf-8"))


def say(kind: str, code: str, detail: str = "") -> str:
    """The sentence of a `verdict` or `task` code. Raises KeyError for a code without one: a test finds those."""
    return _table()[kind][code].replace("{detail}", detail or "no reason given")
