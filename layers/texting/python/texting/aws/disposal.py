"""Erasing: what is due by index, everything under one data key, and its end in transactions that no hold can slip past.

Nothing here opens a record. Only the retention function is given this, and the right to delete.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from texting.aws.clients import client
from texting.aws.places import place_of
from texting.aws.vault import Vault
from texting.errors import Contended, Unavailable
from texting.records import Holds, Stored

MOST_ERASED = 40
"""Records of one transaction: DynamoDB takes 100 items, and a text may bring the carrier's pointer to it along."""
INDEXED = ("messages", "secure")
"""The tables whose records carry a date of disposal."""


@dataclass(frozen=True)
class Shredder:
    """The end of records: found by date or by owner, put off, or erased for good. `vault` is the store's own."""

    tables: Mapping[str, str]
    vault: Vault

    def due(self, month: str, today: date) -> Iterator[Stored]:
        """Records whose date of disposal lies in `month` (YYYY-MM) and not after `today`, earliest first."""
        for table in INDEXED:
            yield from self._found(
                table,
                "by_disposal",
                "dispose_bucket = :month AND dispose_on <= :today",
                {":month": month, ":today": today.isoformat()},
            )

    def of_owner(self, owner: str, year: int) -> tuple[Stored, ...]:
        """Everything sealed under the key of `owner` for `year`: texts both ways, secure messages, visits."""
        found = [
            stored
            for table in INDEXED
            for stored in self._found(table, "by_owner", "owner_year = :key", {":key": f"{owner}#{year}"})
        ]
        visits = {":owner": owner, ":year": f"{year:04d}-"}
        condition = "patient_id = :owner AND begins_with(start_at, :year)"
        return (*found, *self._found("visits", "by_patient", condition, visits))

    def last_visit(self, patient_id: str) -> date | None:
        """The day (UTC) of the patient's last visit, past or to come; None when there is none with a time."""
        condition = {":owner": patient_id, ":years": "1"}
        found = self._found("visits", "by_patient", "patient_id = :owner AND start_at > :years", condition, newest=True)
        return next((visit.made_on for visit in found), None)

    def put_off(self, stored: Stored, until: date) -> None:
        """Give a record another date of disposal. Raises Unavailable."""
        table, pk, sk = stored.path.split("|")
        try:
            client("dynamodb").update_item(
                TableName=self.tables[table],
                Key={"pk": {"S": pk}, "sk": {"S": sk}},
                UpdateExpression="SET dispose_on = :day, dispose_bucket = :month",
                ConditionExpression="attribute_exists(pk)",
                ExpressionAttributeValues={":day": {"S": until.isoformat()}, ":month": {"S": until.strftime("%Y-%m")}},
            )
        except client("dynamodb").exceptions.ConditionalCheckFailedException:
            return  # gone already; the index had not heard of it
        except (ClientError, BotoCoreError) as fault:
            raise Unavailable("A record did not take another date of disposal.") from fault

    def remaining(self, paths: Sequence[str]) -> tuple[str, ...]:
        """Those of the records that are still there."""
        return tuple(path for path in paths if self._item(path))

    def erase(self, paths: Sequence[str], owner: str, year: int, holds: Sequence[Holds]) -> None:
        """Erase the records, and with the last of them the key of `owner` for `year`.

        Each transaction requires that every one of `holds` is as it was read. Raises Contended when a hold or a record
        has changed in between; what was erased before that stays erased.
        """
        for start in range(0, max(len(paths), 1), MOST_ERASED):
            writes = [write for path in paths[start : start + MOST_ERASED] for write in self._deletes(path)]
            if start + MOST_ERASED >= len(paths):
                key = {"pk": {"S": owner}, "sk": {"S": str(year)}}
                writes.append({"Delete": {"TableName": self.vault.table, "Key": key}})
            self._transact([*writes, *(self._unchanged(hold) for hold in holds)])
        self.vault.keys.pop((owner, year), None)

    def _transact(self, writes: list[dict[str, Any]]) -> None:
        try:
            client("dynamodb").transact_write_items(TransactItems=writes)
        except client("dynamodb").exceptions.TransactionCanceledException:
            raise Contended("A hold was placed, or a record changed, before it could be erased.") from None
        except (ClientError, BotoCoreError) as fault:
            raise Unavailable("Records could not be erased.") from fault

    def _deletes(self, path: str) -> Iterator[dict[str, Any]]:
        """Deletes a record as it stands now, and the carrier's pointer to it."""
        item = self._item(path)
        if not item:
            return
        table, pk, sk = path.split("|")
        delete: dict[str, Any] = {"TableName": self.tables[table], "Key": {"pk": {"S": pk}, "sk": {"S": sk}}}
        if "rev" in item:
            delete |= {"ConditionExpression": "rev = :rev", "ExpressionAttributeValues": {":rev": item["rev"]}}
        yield {"Delete": delete}
        if carrier_id := item.get("carrier_id", {}).get("S"):
            pointer = {"pk": {"S": f"X#{carrier_id}"}, "sk": {"S": "CARRIER"}}
            yield {"Delete": {"TableName": self.tables[table], "Key": pointer}}

    def _unchanged(self, holds: Holds) -> dict[str, Any]:
        pk, sk = place_of(holds).key(holds)
        check: dict[str, Any] = {"TableName": self.tables["work"], "Key": {"pk": {"S": pk}, "sk": {"S": sk}}}
        if holds.rev:
            values = {":rev": {"N": str(holds.rev)}}
            return {
                "ConditionCheck": check | {"ConditionExpression": "rev = :rev", "ExpressionAttributeValues": values}
            }
        return {"ConditionCheck": check | {"ConditionExpression": "attribute_not_exists(pk)"}}

    def _item(self, path: str) -> Mapping[str, Any]:
        table, pk, sk = path.split("|")
        try:
            found = client("dynamodb").get_item(
                TableName=self.tables[table],
                Key={"pk": {"S": pk}, "sk": {"S": sk}},
                ProjectionExpression="pk, rev, carrier_id",
                ConsistentRead=True,
            )
        except (ClientError, BotoCoreError) as fault:
            raise Unavailable("A table did not answer.") from fault
        item: Mapping[str, Any] = found.get("Item", {})
        return item

    def _found(
        self, table: str, index: str, condition: str, values: Mapping[str, str], *, newest: bool = False
    ) -> Iterator[Stored]:
        asked: dict[str, Any] = {
            "TableName": self.tables[table],
            "IndexName": index,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": {name: {"S": value} for name, value in values.items()},
        }
        asked |= {"ScanIndexForward": False, "Limit": 1} if newest else {}
        try:
            for page in client("dynamodb").get_paginator("query").paginate(**asked):
                yield from (_stored(table, item) for item in page["Items"])
        except (ClientError, BotoCoreError) as fault:
            raise Unavailable("A table did not tell what is due.") from fault


def _stored(table: str, item: Mapping[str, Any]) -> Stored:
    made = datetime.fromisoformat(item["start_at" if table == "visits" else "at"]["S"])
    owner, _, year = item.get("owner_year", {}).get("S", "").partition("#")
    dispose_on = item.get("dispose_on", {}).get("S")
    return Stored(
        path=f"{table}|{item['pk']['S']}|{item['sk']['S']}",
        owner=owner or item["patient_id"]["S"],
        year=int(year or made.year),
        made_on=made.date(),
        dispose_on=date.fromisoformat(dispose_on) if dispose_on else None,
        intent=item.get("intent", {}).get("S", ""),
    )
