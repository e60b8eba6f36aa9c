"""The nightly disposal: what the law no longer asks for is destroyed, with a certificate (journey: `flows.dispose`)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from texting import practice, telemetry
from texting.aws.disposal import Shredder
from texting.aws.world import made
from texting.flows.dispose import dispose
from texting.flows.needs import World
from texting.flows.wording import templates_of
from texting.settings import Environment

ENOUGH = 30_000
"""Milliseconds in which the largest patient's year is disposed of and certified."""


@dataclass(frozen=True, slots=True)
class Settings(Environment):
    """What the function is given."""

    PEOPLE_TABLE: str
    VISITS_TABLE: str
    MESSAGES_TABLE: str
    WORK_TABLE: str
    SECURE_TABLE: str
    KEYS_TABLE: str
    LEDGER_TABLE: str
    SEAL_KEY: str


@cache
def world() -> tuple[World, Shredder]:
    """Everything the journey needs, made once per process."""
    settings = Settings.read()
    rules = practice.load(settings.PRACTICE)
    parts = made(settings, rules)
    store = parts["store"]
    return World(practice=rules, templates=templates_of(rules), **parts), Shredder(store.tables, store.vault)


@telemetry.observed
def lambda_handler(event: Mapping[str, Any], context: LambdaContext) -> None:
    """One night; what it could not finish, the next one does."""
    done = dispose(*world(), datetime.now(UTC), lambda: context.get_remaining_time_in_millis() > ENOUGH)
    state = "finished" if done.finished else "to_be_continued"
    telemetry.log(
        "disposal", state=state, **{name: value for name, value in asdict(done).items() if name != "finished"}
    )
    telemetry.count("Disposed", done.erased)
    telemetry.count("DisposalsFailed", done.failed)
