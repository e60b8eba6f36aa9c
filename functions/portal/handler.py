"""Secure messages for patients: a form for whoever comes, the message for whom it is for, and their answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from texting.answers import secure_page
from texting.aws.world import made
from texting.doors import Answer, Request, Route, door
from texting.flows.needs import World
from texting.flows.world import world_of
from texting.settings import Environment


@dataclass(frozen=True, slots=True)
class Settings(Environment):
    """What the function is given."""

    PEOPLE_TABLE: str
    WORK_TABLE: str
    SECURE_TABLE: str
    KEYS_TABLE: str
    LEDGER_TABLE: str
    SEAL_KEY: str


@cache
def world() -> World:
    """Everything the journeys need, made once per process."""
    return world_of(Settings.read(), made)


def page(answer: Callable[[World, Request, datetime], Answer]) -> Route:
    """A route for whoever holds a link."""
    return lambda request: answer(world(), request, datetime.now(UTC))


lambda_handler = door(
    {
        "GET /m/{token}": page(secure_page.form),
        "POST /m/{token}": page(secure_page.show),
        "POST /m/{token}/reply": page(secure_page.reply),
    },
    refused=lambda request, error: secure_page.refused(world(), request, error),
)
