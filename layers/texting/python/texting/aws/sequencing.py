"""The ledger's table: entries waiting for their place, the batches that gave places, and the lease of the one who gives.

`STATE/LOG` holds the lease and how far the log has come. `B#<first index>/BATCH` lists the entry ids from that index on.
An entry leaves the index of the waiting in the very transaction that places it, so that it cannot be placed twice, not
even when the index lags behind.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from texting.audit.entries import Entry, encode
from texting.audit.sequence import EMPTY_ROOT, LogState, Waiting
from texting.aws.clients import client
from texting.aws.places import moment
from texting.errors import Bug, Contended, Unavailable

MOST_PLACED = 90
"""Entries placed by one transaction: DynamoDB takes 100 items, and two are the state and the batch."""
MOST_BYTES = 2_000_000
"""Bytes of entries in one transaction, half of what DynamoDB takes: an entry may have 65,535."""
TRIES = 3
STATE = {"pk": {"S": "STATE"}, "sk": {"S": "LOG"}}
NAMES = {"#size": "size", "#until": "until", "#holder": "holder"}


@dataclass(frozen=True, slots=True)
class Sequencer:
    """The log's order, kept in `table`. Every write is conditional on the lease."""

    table: str

    def take(self, holder: str, now: datetime, until: datetime) -> LogState | None:
        """Take the lease until `until`, or None while another holds it. Raises Unavailable."""
        values = {":me": {"S": holder}, ":now": {"S": moment(now)}, ":until": {"S": moment(until)}, ":none": {"N": "0"}}
        try:
            taken = client("dynamodb").update_item(
                TableName=self.table,
                Key=STATE,
                UpdateExpression="SET #holder = :me, #until = :until, #size = if_not_exists(#size, :none), "
                "published = if_not_exists(published, :none)",
                ConditionExpression="attribute_not_exists(#until) OR #until <= :now OR #holder = :me",
                ExpressionAttributeNames=NAMES,
                ExpressionAttributeValues=values,
                ReturnValues="ALL_NEW",
            )
        except client("dynamodb").exceptions.ConditionalCheckFailedException:
            return None
        except (ClientError, BotoCoreError) as fault:
            raise Unavailable("The ledger's table did not give the lease.") from fault
        return _state(taken["Attributes"])

    def renew(self, state: LogState, until: datetime) -> None:
        """Keep the lease until `until`. Raises Contended when it was lost."""
        self._set(state, {"#until = :until": {":until": {"S": moment(until)}}})

    def note_published(self, state: LogState, now: datetime) -> LogState:
        """Note that everything sequenced is published under `state`'s root, name and key. Raises Contended."""
        size = str(state.size)
        self._set(
            state,
            {
                "published = :size": {":size": {"N": size}},
                "root = :root": {":root": {"S": state.root.hex()}},
                "anchor = :anchor": {":anchor": {"S": f"{size}:{state.root.hex()}"}},
                "origin = :origin": {":origin": {"S": state.origin}},
                "vkey = :vkey": {":vkey": {"S": state.vkey}},
                "published_at = :at": {":at": {"S": moment(now)}},
            },
        )
        return replace(state, published=state.size)

    def release(self, state: LogState, caught_up_at: datetime | None) -> None:
        """Give the lease back, and note since when nothing written is unpublished. Raises Contended."""
        told = {"caught_up_at = :at": {":at": {"S": moment(caught_up_at)}}} if caught_up_at else {}
        self._set(state, told, remove="#holder, #until")

    def add(self, entry: Entry) -> None:
        """Write an entry of the ledger's own; the same one written before is as good. Raises Unavailable."""
        item = {
            "pk": {"S": f"E#{entry.id}"},
            "sk": {"S": "ENTRY"},
            "pending": {"S": "1"},
            "at": {"S": f"{entry.at}#{entry.id}"},
            "entry": {"B": encode(entry)},
        }
        try:
            client("dynamodb").put_item(TableName=self.table, Item=item, ConditionExpression="attribute_not_exists(pk)")
        except client("dynamodb").exceptions.ConditionalCheckFailedException:
            return
        except (ClientError, BotoCoreError) as fault:
            raise Unavailable("The ledger's table did not take an entry.") from fault

    def waiting(self, most: int) -> tuple[Waiting, ...]:
        """Up to `most` entries that have no place yet, oldest first. Raises Unavailable."""
        found: list[Waiting] = []
        try:
            pages = client("dynamodb").get_paginator("query")
            for page in pages.paginate(
                TableName=self.table,
                IndexName="by_pending",
                KeyConditionExpression="pending = :one",
                ExpressionAttributeValues={":one": {"S": "1"}},
                PaginationConfig={"MaxItems": most, "PageSize": 250},
            ):
                found += [_waiting(item) for item in page["Items"]]
        except (ClientError, BotoCoreError) as fault:
            raise Unavailable("The ledger's table did not tell what waits.") from fault
        return tuple(found)

    def sequence(self, state: LogState, entries: Sequence[Waiting]) -> tuple[LogState, tuple[Waiting, ...]]:
        """Give `entries` the next places, and return the state after and the entries that were placed.

        What an index that lags behind still showed as waiting is left out. Raises Contended when the lease was lost;
        what was placed before that stays placed.
        """
        placed: list[Waiting] = []
        for parcel in _parcels(entries):
            fresh = self._place(state, parcel)
            state = replace(state, size=state.size + len(fresh))
            placed += fresh
        return state, tuple(placed)

    def entries(self, first: int, end: int) -> list[bytes]:
        """The bytes of the placed entries from index `first` up to `end`, where a batch begins and one ends."""
        found: list[bytes] = []
        while first + len(found) < end:
            batch = self._item(f"B#{first + len(found):016d}", "BATCH")
            found += [self._item(f"E#{one['S']}", "ENTRY")["entry"]["B"] for one in batch["ids"]["L"]]
        if first + len(found) != end:
            raise Bug("The ledger's batches do not add up to its size; nothing is published.")
        return found

    def _place(self, state: LogState, entries: list[Waiting]) -> list[Waiting]:
        """One transaction for one parcel; tried again without what turns out to have its place already."""
        for _ in range(TRIES):
            if not entries:
                break
            try:
                client("dynamodb").transact_write_items(TransactItems=self._placing(state, entries))
                return entries
            except client("dynamodb").exceptions.TransactionCanceledException as fault:
                codes = [reason.get("Code", "None") for reason in fault.response.get("CancellationReasons", [])]
                if codes[0] == "ConditionalCheckFailed":
                    raise Contended("The ledger's lease was lost; another run goes on.") from None
                if codes[1] == "ConditionalCheckFailed":
                    raise Bug("Places of the ledger beyond its size are taken; nothing is sequenced.") from None
                entries = [
                    one for one, code in zip(entries, codes[2:], strict=True) if code != "ConditionalCheckFailed"
                ]
            except (ClientError, BotoCoreError) as fault:
                raise Unavailable("The ledger's table did not place entries.") from fault
        else:
            raise Contended("The ledger's table was busy; the next run goes on.")
        return []

    def _placing(self, state: LogState, entries: list[Waiting]) -> list[dict[str, Any]]:
        first, end = state.size, state.size + len(entries)
        grown = {
            "Key": STATE,
            "UpdateExpression": "SET #size = :end",
            "ConditionExpression": "#holder = :me AND #size = :first",
            "ExpressionAttributeNames": {"#size": "size", "#holder": "holder"},
            "ExpressionAttributeValues": {
                ":me": {"S": state.holder},
                ":first": {"N": str(first)},
                ":end": {"N": str(end)},
            },
        }
        batch = {
            "Item": {
                "pk": {"S": f"B#{first:016d}"},
                "sk": {"S": "BATCH"},
                "ids": {"L": [{"S": one.entry_id} for one in entries]},
            },
            "ConditionExpression": "attribute_not_exists(pk)",
        }
        table = {"TableName": self.table}
        marks = [self._mark(one.entry_id, index) for index, one in enumerate(entries, first)]
        return [{"Update": table | grown}, {"Put": table | batch}, *({"Update": table | mark} for mark in marks)]

    @staticmethod
    def _mark(entry_id: str, index: int) -> dict[str, Any]:
        return {
            "Key": {"pk": {"S": f"E#{entry_id}"}, "sk": {"S": "ENTRY"}},
            "UpdateExpression": "SET #index = :index REMOVE pending",
            "ConditionExpression": "attribute_exists(pk) AND attribute_not_exists(#index)",
            "ExpressionAttributeNames": {"#index": "index"},
            "ExpressionAttributeValues": {":index": {"N": str(index)}},
        }

    def _set(self, state: LogState, told: Mapping[str, Mapping[str, Any]], remove: str = "") -> None:
        values = {name: value for each in told.values() for name, value in each.items()}
        change = "SET " + ", ".join(told) if told else ""
        change += f" REMOVE {remove}" if remove else ""
        try:
            client("dynamodb").update_item(
                TableName=self.table,
                Key=STATE,
                UpdateExpression=change.strip(),
                ConditionExpression="#holder = :me",
                ExpressionAttributeNames={name: word for name, word in NAMES.items() if name in f"#holder {change}"},
                ExpressionAttributeValues={":me": {"S": state.holder}, **values},
            )
        except client("dynamodb").exceptions.ConditionalCheckFailedException:
            raise Contended("The ledger's lease was lost; another run goes on.") from None
        except (ClientError, BotoCoreError) as fault:
            raise Unavailable("The ledger's table did not take a note.") from fault

    def _item(self, pk: str, sk: str) -> Mapping[str, Any]:
        try:
            found = client("dynamodb").get_item(
                TableName=self.table, Key={"pk": {"S": pk}, "sk": {"S": sk}}, ConsistentRead=True
            )
        except (ClientError, BotoCoreError) as fault:
            raise Unavailable("The ledger's table did not answer.") from fault
        if "Item" not in found:
            raise Bug(f"The ledger's table has lost a {sk.lower()} that was sequenced; nothing is published.")
        item: Mapping[str, Any] = found["Item"]
        return item


def _parcels(entries: Sequence[Waiting]) -> Iterator[list[Waiting]]:
    """The entries cut into what one transaction takes."""
    parcel: list[Waiting] = []
    weight = 0
    for one in entries:
        if parcel and (len(parcel) == MOST_PLACED or weight + len(one.data) > MOST_BYTES):
            yield parcel
            parcel, weight = [], 0
        parcel.append(one)
        weight += len(one.data)
    if parcel:
        yield parcel


def _waiting(item: Mapping[str, Any]) -> Waiting:
    at, _, _ = item["at"]["S"].partition("#")
    return Waiting(item["pk"]["S"].removeprefix("E#"), datetime.fromisoformat(at), bytes(item["entry"]["B"]))


def _state(item: Mapping[str, Any]) -> LogState:
    text = {name: item[name]["S"] for name in ("holder", "origin", "vkey", "root", "caught_up_at") if name in item}
    return LogState(
        holder=text.get("holder", ""),
        size=int(item["size"]["N"]),
        published=int(item["published"]["N"]),
        root=bytes.fromhex(text["root"]) if "root" in text else EMPTY_ROOT,
        origin=text.get("origin", ""),
        vkey=text.get("vkey", ""),
        caught_up_at=datetime.fromisoformat(text["caught_up_at"]) if "caught_up_at" in text else None,
    )
