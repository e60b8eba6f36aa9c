"""Consent: recorded, read, taken back and imported by systems under /v1, and signed by patients under /c."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from texting.answers import consent_api as systems
from texting.answers import consent_page as patients
from texting.aws.world import made
from texting.doors import Answer, Request, Route, door, sorry
from texting.errors import QuietlineError
from texting.flows.callers import caller
from texting.flows.needs import World
from texting.flows.world import world_of
from texting.settings import Environment
from texting.values import Actor


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


def api(answer: Callable[[World, Request, Actor, datetime], Answer]) -> Route:
    """A route for systems whose token reaches consents."""

    def route(request: Request) -> Answer:
        actor = caller(world(), request.header("authorization"), "consents")
        return answer(world(), request, actor, datetime.now(UTC))

    return route


def page(answer: Callable[[World, Request, datetime], Answer]) -> Route:
    """A route for whoever holds a link."""
    return lambda request: answer(world(), request, datetime.now(UTC))


def refused(request: Request, error: QuietlineError) -> Answer:
    """Systems get JSON, patients a page."""
    return patients.refused(world(), request, error) if "/c/" in request.route else sorry(error)


lambda_handler = door(
    {
        "POST /v1/consents": api(systems.give),
        "GET /v1/consents/{patient_id}": api(systems.show),
        "POST /v1/consents/{patient_id}/revoke": api(systems.take_back),
        "POST /v1/consents/import": api(systems.take_file),
        "POST /v1/consent-links": api(systems.offer),
        "GET /c/{token}": page(patients.form),
        "POST /c/{token}": page(patients.sign),
    },
    refused=refused,
)
