"""Erasing: what is due by index, everything under one data key, and its end in transactions that no hold can slip past.

Nothing here opens a record. Only the retention function is given this, and the right to delete.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from texting.aws.clients import client
from texting.aws.places import IDENTITY, place_of
from texting.aws.vault import Vault
from texting.errors import Contended, Unavailable
from texting.records import Holds, Number, Stored

MOST_ERASED = 40
"""Records of one transaction: DynamoDB takes 100 items, and a text may bring the carrier's pointer to it along."""
INDEXED = ("messages", "secure")
"""The tables whose records of a year carry a date of disposal."""
STANDING = ("number_id", "stopped", "standing", "suspended", "rev")
"""What is left of a number that said STOP, or was suspended: under a keyed hash, and nothing that could be dialled."""
FORGOTTEN = (*(one.name for one in fields(Number) if one.name not in STANDING), "dispose_bucket")
WHEN = {"VISIT": "start_at", "PATIENT": "", "NUMBER": "", "THREAD": "", "LINK": "", "P": "since", "C": "changed_at",
        "TASK": "closed_at"}  # fmt: skip
"""The time of a record that has no `at`, by its sort key; "" for those that say nothing of when."""


@dataclass(frozen=True)
class Shredder:
    """The end of records: found by date or by owner, put off, or erased for good. `vault` is the store's own."""

    tables: Mapping[str, str]
    vault: Vault

    def due(self, month: str, today: date) -> Iterator[Stored]:
        """Records whose date of disposal lies in `month` (YYYY-MM) and not after `today`, earliest first."""
        for table in (*INDEXED, "people"):
            yield from self._found(
                table,
                "by_disposal",
                "dispose_bucket = :month AND dispose_on <= :today",
                {":month": month, ":today": today.isoformat()},
            )

    def tasks_due(self, month: str, today: date) -> Iterator[Stored]:
        """Closed tasks whose date of disposal lies in `month` (YYYY-MM) and not after `today`, earliest first."""
        condition = "dispose_bucket = :month AND dispose_on <= :today"
        return self._found("work", "by_disposal", condition, {":month": month, ":today": today.isoformat()})

    def quarantined(self, until: date) -> tuple[Stored, ...]:
        """What could not be read and came until the end of a day (UTC), open or replayed, in the order it came."""
        condition = "open_state = :state AND due < :end"
        end = (until + timedelta(days=1)).isoformat()
        states = ("quarantine", "replayed")
        found = [self._found("work", "by_state", condition, {":state": state, ":end": end}) for state in states]
        return tuple(sorted((one for each in found for one in each), key=lambda one: (one.made_on, one.path)))

    def of_owner(self, owner: str, year: int) -> tuple[Stored, ...]:
        """Everything sealed under the key of `owner` for `year`: texts both ways, secure messages, visits."""
        found = [
            stored
            for table in INDEXED
            for stored in self._found(table, "by_owner", "owner_year = :key", {":key": f"{owner}#{year}"})
        ]
        return (*found, *self._visits(owner, f"{year:04d}-"))

    def of_person(self, patient_id: str) -> tuple[Stored, ...]:
        """Everything that says who a patient is, and what they agreed to: identity, consents with their history, threads
        and their places under each number, links, and visits that never had a day. Fresh, the threads' index aside."""
        own = self._found("people", "", "pk = :key", {":key": f"P#{patient_id}"})
        threads = tuple(self._threads(patient_id))
        placed = [f"people|N#{number_id}|P#{patient_id}" for number_id in self.numbers_of(patient_id)]
        joined = [_stored("people", item) for item in self.look_at(placed).values()]
        links = self._found("secure", "by_owner", "owner_year = :key", {":key": f"{patient_id}#{IDENTITY}"})
        return (*own, *threads, *joined, *links, *self._visits(patient_id, "-"))

    def of_number(self, number_id: str) -> tuple[Stored, ...]:
        """A phone number itself; nothing when it was disposed of."""
        return tuple(_stored("people", item) for item in self.look_at([f"people|N#{number_id}|NUMBER"]).values())

    def years_of(self, owner: str) -> tuple[int, ...]:
        """The years of an owner of which a key stands, the identity's among them. Fresh."""
        return tuple(int(item["sk"]["S"]) for item in self._items(self.vault.table, "", "pk = :key", {":key": owner}))

    def numbers_of(self, patient_id: str) -> tuple[str, ...]:
        """The ids of all numbers that a patient is or was on."""
        found = self._items(self.tables["people"], "by_patient", "patient_id = :key", {":key": patient_id})
        return tuple(item["number_id"]["S"] for item in found)

    def last_visit(self, patient_id: str) -> date | None:
        """The day (UTC) of the patient's last visit, past or to come; None when there is none with a time."""
        condition = {":owner": patient_id, ":years": "1"}
        found = self._found("visits", "by_patient", "patient_id = :owner AND start_at > :years", condition, newest=True)
        return next((visit.made_on for visit in found), None)

    def put_off(self, stored: Stored, until: date) -> None:
        """Give a record another date of disposal. Raises Unavailable."""
        table, pk, sk = stored.path.split("|")
        change = "SET dispose_on = :day, dispose_bucket = :month"
        values = {":day": {"S": until.isoformat()}, ":month": {"S": until.strftime("%Y-%m")}}
        if table == "people":  # whoever read it before this writes it anew, and must not bring the old day back
            change, values = f"{change} ADD rev :one", values | {":one": {"N": "1"}}
        try:
            client("dynamodb").update_item(
                TableName=self.tables[table],
                Key={"pk": {"S": pk}, "sk": {"S": sk}},
                UpdateExpression=change,
                ConditionExpression="attribute_exists(dispose_bucket)",
                ExpressionAttributeValues=values,
            )
        except client("dynamodb").exceptions.ConditionalCheckFailedException:
            return  # gone already; the index had not heard of it
        except (ClientError, BotoCoreError) as fault:
            raise Unavailable("A record did not take another date of disposal.") from fault

    def look_at(self, paths: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """Those of the records that are still there to be erased, as they stand now."""
        found = {path: self._item(path) for path in paths}
        return {path: item for path, item in found.items() if item and not _forgotten(path, item)}

    def as_kept(self, paths: Sequence[str]) -> tuple[Stored, ...]:
        """What is still there of records, as it stands now."""
        return tuple(_stored(path.partition("|")[0], item) for path, item in self.look_at(paths).items())

    def erase(
        self, found: Mapping[str, Mapping[str, Any]], owner: str, year: int, unchanged: Sequence[Holds | Number]
    ) -> None:
        """Erase records that were `look_at`ed, and with the last of them the key of `owner` for `year`; "" has none.

        Each transaction requires that the records and every one of `unchanged` are as they were read. Raises Contended
        otherwise; what was erased before that stays erased. Who somebody is goes in the last transaction, with the key.
        """
        paths = sorted(found, key=lambda path: (path.endswith(("|PATIENT", "|NUMBER")), path))
        checks = [self._unchanged(record) for record in unchanged]
        for start in range(0, len(paths), MOST_ERASED):
            writes = [write for path in paths[start : start + MOST_ERASED] for write in self._erases(path, found[path])]
            if owner and start + MOST_ERASED >= len(paths):
                key = {"pk": {"S": owner}, "sk": {"S": str(year)}}
                writes.append({"Delete": {"TableName": self.vault.table, "Key": key}})
            self._transact([*writes, *checks])
        self.vault.keys.pop((owner, year), None)

    def _transact(self, writes: list[dict[str, Any]]) -> None:
        try:
            client("dynamodb").transact_write_items(TransactItems=writes)
        except client("dynamodb").exceptions.TransactionCanceledException:
            raise Contended("A hold was placed, or a record changed, before it could be erased.") from None
        except (ClientError, BotoCoreError) as fault:
            raise Unavailable("Records could not be erased.") from fault

    def _erases(self, path: str, item: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Erases a record if it is as it was read, and the carrier's pointer to it; of a number that may not be texted
        the standing stays."""
        table, pk, sk = path.split("|")
        erased: dict[str, Any] = {"TableName": self.tables[table], "Key": {"pk": {"S": pk}, "sk": {"S": sk}}}
        if guard := next((name for name in ("rev", "since") if name in item), ""):
            erased |= {"ConditionExpression": f"{guard} = :was", "ExpressionAttributeValues": {":was": item[guard]}}
        if sk == "NUMBER" and (item["stopped"]["BOOL"] or item["suspended"]["S"]):
            erased["UpdateExpression"] = f"SET rev = rev + :one REMOVE {', '.join(FORGOTTEN)}"
            erased["ExpressionAttributeValues"] |= {":one": {"N": "1"}}
            yield {"Update": erased}
            return
        yield {"Delete": erased}
        if carrier_id := item.get("carrier_id", {}).get("S"):
            pointer = {"pk": {"S": f"X#{carrier_id}"}, "sk": {"S": "CARRIER"}}
            yield {"Delete": {"TableName": self.tables[table], "Key": pointer}}

    def _unchanged(self, record: Holds | Number) -> dict[str, Any]:
        place = place_of(record)
        pk, sk = place.key(record)
        check: dict[str, Any] = {"TableName": self.tables[place.table], "Key": {"pk": {"S": pk}, "sk": {"S": sk}}}
        if record.rev:
            values = {":rev": {"N": str(record.rev)}}
            return {
                "ConditionCheck": check | {"ConditionExpression": "rev = :rev", "ExpressionAttributeValues": values}
            }
        return {"ConditionCheck": check | {"ConditionExpression": "attribute_not_exists(pk)"}}

    def _item(self, path: str) -> Mapping[str, Any]:
        table, pk, sk = path.split("|")
        try:
            found = client("dynamodb").get_item(
                TableName=self.tables[table], Key={"pk": {"S": pk}, "sk": {"S": sk}}, ConsistentRead=True
            )
        except (ClientError, BotoCoreError) as fault:
            raise Unavailable("A table did not answer.") from fault
        item: Mapping[str, Any] = found.get("Item", {})
        return item

    def _visits(self, patient_id: str, start: str) -> Iterator[Stored]:
        condition = "patient_id = :owner AND begins_with(start_at, :start)"
        return self._found("visits", "by_patient", condition, {":owner": patient_id, ":start": start})

    def _threads(self, patient_id: str) -> Iterator[Stored]:
        return self._found("people", "by_patient", "patient_id = :key", {":key": patient_id})

    def _found(
        self, table: str, index: str, condition: str, values: Mapping[str, str], *, newest: bool = False
    ) -> Iterator[Stored]:
        items = self._items(self.tables[table], index, condition, values, newest=newest)
        return (_stored(table, item) for item in items)

    def _items(
        self, table_name: str, index: str, condition: str, values: Mapping[str, str], *, newest: bool = False
    ) -> Iterator[Mapping[str, Any]]:
        asked: dict[str, Any] = {
            "TableName": table_name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": {name: {"S": value} for name, value in values.items()},
        }
        asked |= {"IndexName": index} if index else {"ConsistentRead": True}
        asked |= {"ScanIndexForward": False, "Limit": 1} if newest else {}
        try:
            for page in client("dynamodb").get_paginator("query").paginate(**asked):
                yield from page["Items"]
        except (ClientError, BotoCoreError) as fault:
            raise Unavailable("A table did not tell what is due.") from fault


def _forgotten(path: str, item: Mapping[str, Any]) -> bool:
    """Whether all that is left of a number is its standing, which is not erased."""
    return path.endswith("|NUMBER") and "phone" not in item


def _stored(table: str, item: Mapping[str, Any]) -> Stored:
    sk, pk = item["sk"]["S"], item["pk"]["S"]
    owner, _, year = item.get("owner_year", {}).get("S", "").partition("#")
    dispose_on = item.get("dispose_on", {}).get("S")
    made_on = _made_on(item)
    replayed = item.get("replayed_at")
    of_year = made_on.year if table == "visits" and item["start_at"]["S"] != "-" else IDENTITY
    return Stored(
        path=f"{table}|{pk}|{sk}",
        owner=owner or item.get("patient_id", {}).get("S") or _owner(pk, sk),
        year=int(year or of_year),
        made_on=made_on,
        dispose_on=date.fromisoformat(dispose_on) if dispose_on else None,
        intent=item.get("intent", {}).get("S", ""),
        state=item.get("state", {}).get("S", ""),
        replayed_on=datetime.fromisoformat(replayed["S"]).date() if replayed else None,
    )


def _made_on(item: Mapping[str, Any]) -> date:
    """The day (UTC) from which a record's clock runs; `date.min` for one that says nothing of when."""
    told = item.get(WHEN.get(item["sk"]["S"].partition("#")[0], "at"), {}).get("S", "-")
    return date.min if told == "-" else datetime.fromisoformat(told).date()


def _owner(pk: str, sk: str) -> str:
    """Whose identity an item of people's is: under a number lies each patient on it."""
    return sk.removeprefix("P#") if sk.startswith("P#") else pk[2:]
