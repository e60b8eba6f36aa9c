"""The world of one function: the practice as it was deployed, its wordings, and the parts that the environment names."""

from collections.abc import Callable, Mapping
from typing import Any

from texting import practice
from texting.flows.needs import World
from texting.flows.wording import templates_of
from texting.practice import Practice
from texting.settings import Environment


def world_of(settings: Environment, made: Callable[[Environment, Practice], Mapping[str, Any]]) -> World:
    """What a handler gives its journeys. `made` makes the adapters, by their names in `World`. Raises Misconfigured."""
    rules = practice.load(settings.PRACTICE)
    return World(practice=rules, templates=templates_of(rules), **made(settings, rules))
