"""What has not moved: ids and counts by index, without opening a record. It holds no key, and needs none."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from texting.aws.clients import client
from texting.aws.places import moment
from texting.errors import Unavailable

NEVER = datetime(2026, 1, 1, tzinfo=UTC)
"""No message is older than the product."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """Looks over messages, work and ledger. `tables` maps these rooms to table names."""

    tables: Mapping[str, str]

    def stuck(self, state: str, before: datetime) -> Iterator[str]:
        """The ids of messages in `state` that were to be sent, or were claimed, before `before`; longest first."""
        for page in self._messages(state, NEVER, before, ProjectionExpression="message_id"):
            yield from (item["message_id"]["S"] for item in page["Items"])

    def count(self, state: str, before: datetime, since: datetime = NEVER) -> int:
        """How many messages in `state` were to be sent, or were claimed, before `before`, and not before `since`."""
        return sum(page["Count"] for page in self._messages(state, since, before, Select="COUNT"))

    def overdue(self, now: datetime) -> int:
        """How many open tasks should have been done by now."""
        pages = self._pages(
            "work",
            KeyConditionExpression="open_state = :task AND due < :now",
            ExpressionAttributeValues={":task": {"S": "task"}, ":now": {"S": moment(now)}},
            Select="COUNT",
        )
        return sum(page["Count"] for page in pages)

    def published_until(self) -> datetime | None:
        """The last time at which everything written was published; None while the ledger has not once caught up."""
        try:
            found = client("dynamodb").get_item(
                TableName=self.tables["ledger"],
                Key={"pk": {"S": "STATE"}, "sk": {"S": "LOG"}},
                ProjectionExpression="caught_up_at",
            )
        except (ClientError, BotoCoreError) as fault:
            raise Unavailable("The ledger's table did not answer.") from fault
        told = found.get("Item", {}).get("caught_up_at", {}).get("S")
        return datetime.fromisoformat(told) if told else None

    def _messages(self, state: str, since: datetime, before: datetime, **asked: Any) -> Iterator[Mapping[str, Any]]:
        """By key alone: what waits for its day, however much of it there is, is not read."""
        last = before - timedelta(milliseconds=1)
        values = {":state": state, ":since": moment(since), ":last": moment(last)}
        return self._pages(
            "messages",
            KeyConditionExpression="open_state = :state AND due BETWEEN :since AND :last",
            ExpressionAttributeValues={name: {"S": value} for name, value in values.items()},
            **asked,
        )

    def _pages(self, table: str, **asked: Any) -> Iterator[Mapping[str, Any]]:
        try:
            query = client("dynamodb").get_paginator("query")
            yield from query.paginate(TableName=self.tables[table], IndexName="by_state", **asked)
        except (ClientError, BotoCoreError) as fault:
            raise Unavailable("A table did not tell what is open.") from fault
