"""How the control surface reads the practice's records: through the product's own adapters, and whole tables if need be.

Unlike the product it may look through everything: a box is small. The vault is made anew each time, because a key that was
destroyed must not live on here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

from texting.aws.clients import client
from texting.aws.items import from_item
from texting.aws.world import made
from texting.errors import Unknown
from texting.flows.needs import World
from texting.flows.world import world_of
from texting.settings import Environment
from texting.values import Hidden

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Settings(Environment):
    """Everything any function is given to read with."""

    PEOPLE_TABLE: str
    VISITS_TABLE: str
    MESSAGES_TABLE: str
    WORK_TABLE: str
    SECURE_TABLE: str
    KEYS_TABLE: str
    LEDGER_TABLE: str
    SEAL_KEY: str
    EVENTS_QUEUE: str


@cache
def settings() -> Settings:
    """The tables' names."""
    return Settings.read()


def world() -> World:
    """The practice's records, with a vault that remembers nothing."""
    return world_of(settings(), made)


def items(table: str, prefix: str = "") -> Iterator[Mapping[str, Any]]:
    """Every item of a table whose partition key begins so."""
    for page in client("dynamodb").get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        yield from (item for item in page["Items"] if item["pk"]["S"].startswith(prefix))


def records(here: World, kind: type[R], table: str, prefix: str, sort: str) -> Iterator[R]:
    """Every record of a kind that can still be read; one whose key was destroyed is gone."""
    for item in items(table, prefix):
        if item["sk"]["S"].startswith(sort):
            try:
                yield from_item(kind, item, here.store.vault)  # type: ignore[attr-defined]
            except Unknown:
                continue


def plain(value: Any) -> Any:
    """A value as JSON has it: times in UTC with a Z, hidden words left out."""
    if isinstance(value, Hidden):
        return None
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value


def words(hidden: Hidden | None) -> str:
    """The words themselves, for those who may read them: the practice."""
    return hidden.reveal() if hidden else ""
