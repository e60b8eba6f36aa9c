"""The tables, read record by record and written all or nothing. Queries only: no read here grows with the practice."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from texting.audit.entries import encode, make_entry
from texting.aws.clients import client
from texting.aws.items import from_item, to_item
from texting.aws.places import moment, place_of
from texting.aws.vault import Vault
from texting.errors import Bug, Contended, Unavailable
from texting.records import (
    Consent,
    ConsentChange,
    Disposing,
    Holds,
    Inbound,
    Latest,
    Link,
    Listing,
    Message,
    Number,
    Pace,
    Patient,
    Quarantined,
    Secure,
    Seen,
    Switch,
    Task,
    Thread,
    Token,
)
from texting.values import Category, Visit
from texting.writes import Evidence, Joined, New, Record, Same, Write

R = TypeVar("R")
MOST_WRITES = 100
"""DynamoDB's limit of one transaction."""
_BY_THREAD = "thread_id = :p"


@dataclass(frozen=True)
class Store:
    """What the practice keeps. `tables` maps rooms (people, visits, …) to table names; a function has only its own."""

    tables: Mapping[str, str]
    vault: Vault

    # -- one record -----------------------------------------------------------------------------------------------

    def patient(self, patient_id: str) -> Patient | None:
        """The patient, or None."""
        return self._get(Patient, f"P#{patient_id}", "PATIENT")

    def number(self, number_id: str) -> Number | None:
        """The number with its standing, or None when it was never seen."""
        return self._get(Number, f"N#{number_id}", "NUMBER")

    def consent(self, patient_id: str, number_id: str, category: Category) -> Consent:
        """Where consent stands; one with rev 0 when it was never given."""
        found = self._get(Consent, f"P#{patient_id}", f"C#{number_id}#{category}")
        return found or Consent(patient_id, number_id, category)

    def visit(self, appointment_id: str) -> Visit | None:
        """The newest accepted version of an appointment, or None."""
        return self._get(Visit, f"A#{appointment_id}", "VISIT")

    def message(self, message_id: str) -> Message | None:
        """The message, or None."""
        return self._get(Message, f"M#{message_id}", "MESSAGE")

    def inbound(self, inbound_id: str) -> Inbound | None:
        """A patient's text, or None."""
        return self._get(Inbound, f"I#{inbound_id}", "INBOUND")

    def task(self, task_id: str) -> Task | None:
        """The task, or None."""
        return self._get(Task, f"T#{task_id}", "TASK")

    def secure(self, secure_id: str) -> Secure | None:
        """The secure message, or None."""
        return self._get(Secure, f"S#{secure_id}", "SECURE")

    def latest(self, thread_id: str) -> Latest | None:
        """What people wrote last in a thread, or None when nobody has yet."""
        return self._get(Latest, f"T#{thread_id}", "LATEST")

    def link(self, token_hash: str) -> Link | None:
        """The link by the hash of its token, or None."""
        return self._get(Link, f"L#{token_hash}", "LINK")

    def token(self, token_hash: str) -> Token | None:
        """The bearer token by its hash, or None."""
        return self._get(Token, f"K#{token_hash}", "TOKEN")

    def seen(self, event_id: str) -> Seen | None:
        """The memory of an event, or None."""
        return self._get(Seen, f"E#{event_id}", "EVENT")

    def quarantined(self, quarantine_id: str) -> Quarantined | None:
        """What could not be read, or None."""
        return self._get(Quarantined, f"Q#{quarantine_id}", "QUARANTINE")

    def switch(self) -> Switch:
        """The stop-everything switch; never set means sending may go on."""
        return self._get(Switch, "CONTROL", "SENDING") or Switch()

    def pace(self, line: str) -> Pace:
        """How fast a sending number may text; one with rev 0 before its first text."""
        return self._get(Pace, f"PACE#{line}", "PACE") or Pace(line)

    def listing(self, number_id: str) -> Listing:
        """Where a number stands with the carrier's list; one with rev 0 when it never said STOP."""
        return self._get(Listing, f"LISTING#{number_id}", "LISTING") or Listing(number_id)

    def holds(self, subject: str) -> Holds:
        """The legal holds on a patient, a number or `ALL`; none with rev 0 when there never was one."""
        return self._get(Holds, f"HOLD#{subject}", "HOLD") or Holds(subject)

    def disposing(self) -> Disposing:
        """Where the nightly disposal stands."""
        return self._get(Disposing, "RETENTION", "NIGHT") or Disposing()

    # -- several --------------------------------------------------------------------------------------------------

    def consents(self, patient_id: str) -> tuple[Consent, ...]:
        """Every consent ever given by a patient, on whatever number."""
        return tuple(self._query(Consent, "people", f"P#{patient_id}", "C#"))

    def history(self, patient_id: str) -> tuple[ConsentChange, ...]:
        """The patient's consent history, oldest first."""
        return tuple(self._query(ConsentChange, "people", f"P#{patient_id}", "H#"))

    def patients_on(self, number_id: str) -> tuple[str, ...]:
        """The ids of all patients on a number."""
        items = self._items("people", {":p": f"N#{number_id}", ":s": "P#"}, "pk = :p AND begins_with(sk, :s)")
        return tuple(item["sk"]["S"].removeprefix("P#") for item in items)

    def visits_of(self, patient_id: str, since: datetime) -> tuple[Visit, ...]:
        """The patient's visits that start at `since` or later, soonest first."""
        values = {":p": patient_id, ":s": moment(since)}
        items = self._items("visits", values, "patient_id = :p AND start_at >= :s", index="by_patient")
        return tuple(from_item(Visit, item, self.vault) for item in items)

    def messages_of(self, appointment_id: str) -> tuple[Message, ...]:
        """Every text planned for an appointment, earliest first."""
        items = self._items("messages", {":p": appointment_id}, "appointment_id = :p", index="by_appointment")
        return tuple(from_item(Message, item, self.vault) for item in items)

    def timeline(self, thread_id: str) -> tuple[Message | Inbound, ...]:
        """The texts of a thread, both ways, oldest first."""
        items = self._items("messages", {":p": thread_id}, _BY_THREAD, index="by_thread")
        kinds: dict[str, type[Message] | type[Inbound]] = {"MESSAGE": Message, "INBOUND": Inbound}
        return tuple(from_item(kinds[item["sk"]["S"]], item, self.vault) for item in items)

    def thread(self, thread_id: str) -> Thread | None:
        """Whose thread it is, or None. A thread without a patient is known by what came in on it."""
        found = self._get(Thread, f"T#{thread_id}", "THREAD")
        first = None if found else next(self._items("messages", {":p": thread_id}, _BY_THREAD, index="by_thread"), None)
        if first is None:
            return found
        patient_id = first.get("patient_id", {}).get("S")
        return Thread(thread_id, patient_id, first["number_id"]["S"])

    def last_at(self, thread_id: str) -> datetime | None:
        """When the newest text of a thread was planned or came in, or None."""
        found = self._items("messages", {":p": thread_id}, _BY_THREAD, index="by_thread", newest=True)
        newest = next(found, None)
        return datetime.fromisoformat(newest["at"]["S"]) if newest else None

    def secures_of(self, thread_id: str) -> tuple[Secure, ...]:
        """The secure messages of a thread, oldest first."""
        items = self._items("secure", {":p": thread_id}, _BY_THREAD, index="by_thread")
        return tuple(from_item(Secure, item, self.vault) for item in items)

    def open_tasks(self) -> tuple[Task, ...]:
        """What waits for a person, soonest due first."""
        items = self._items("work", {":p": "task"}, "open_state = :p", index="by_state")
        return tuple(from_item(Task, item, self.vault) for item in items)

    def tokens(self) -> tuple[Token, ...]:
        """The bearer tokens that have not been revoked, oldest first."""
        items = self._items("work", {":p": "token"}, "open_state = :p", index="by_state")
        return tuple(from_item(Token, item, self.vault) for item in items)

    def in_quarantine(self) -> tuple[Quarantined, ...]:
        """What could not be read and was not replayed, oldest first."""
        items = self._items("work", {":p": "quarantine"}, "open_state = :p", index="by_state")
        return tuple(from_item(Quarantined, item, self.vault) for item in items)

    def by_carrier(self, carrier_id: str) -> str | None:
        """The message_id that a carrier's id stands for, or None."""
        item = self._item("messages", f"X#{carrier_id}", "CARRIER")
        return item["message_id"]["S"] if item else None

    def waiting(self, state: str, before: datetime) -> tuple[Message, ...]:
        """Messages in a non-final state that were to be sent, or were claimed, before `before`, longest first."""
        values = {":p": state, ":s": moment(before)}
        items = self._items("messages", values, "open_state = :p AND due < :s", index="by_state")
        return tuple(from_item(Message, item, self.vault) for item in items)

    def listings(self, state: str, before: datetime) -> tuple[Listing, ...]:
        """Numbers that are "due" on the carrier's list, or "leaving" it, since before `before`, longest first."""
        values = {":p": f"listing_{state}", ":s": moment(before)}
        items = self._items("work", values, "open_state = :p AND due < :s", index="by_state")
        return tuple(from_item(Listing, item, self.vault) for item in items)

    def in_line(self, line: str, most: int, after: str = "") -> tuple[Message, ...]:
        """The first `most` texts in a line, behind the place `after`, as its index knows them: at times a moment late."""
        values = {":p": line} | ({":a": after} if after else {})
        condition = "line = :p AND line_at > :a" if after else "line = :p"
        items = islice(self._items("messages", values, condition, index="by_line", most=most), most)
        return tuple(from_item(Message, item, self.vault) for item in items)

    # -- writing --------------------------------------------------------------------------------------------------

    def commit(self, *writes: Write) -> None:
        """Write everything or nothing. Raises Contended when a condition no longer holds, Unavailable otherwise."""
        items = [self._written(write) for write in writes]
        items += [self._pointer(write) for write in writes if isinstance(write, Joined)]
        if len(items) > MOST_WRITES:
            raise Bug(f"A transaction of {len(items)} writes is more than DynamoDB takes.")
        try:
            client("dynamodb").transact_write_items(TransactItems=items)
        except client("dynamodb").exceptions.TransactionCanceledException as fault:
            codes = [reason.get("Code", "None") for reason in fault.response.get("CancellationReasons", [])]
            lost = [_said(write) for write, code in zip(writes, codes, strict=False) if code != "None"]
            raise Contended(
                f"Somebody else wrote first: {', '.join(lost)} ({', '.join(sorted({*codes} - {'None'}))})."
            ) from None
        except (ClientError, BotoCoreError) as fault:
            raise Unavailable("A table did not take a write.") from fault

    def note_carrier(self, carrier_id: str, message_id: str) -> None:
        """Remember which message a carrier's id stands for, so that receipts without our context find it."""
        item = {"pk": {"S": f"X#{carrier_id}"}, "sk": {"S": "CARRIER"}, "message_id": {"S": message_id}}
        try:
            client("dynamodb").put_item(TableName=self.tables["messages"], Item=item)
        except (ClientError, BotoCoreError) as fault:
            raise Unavailable("A table did not take a write.") from fault

    def count(self, name: str, bucket: str, amount: int = 1) -> None:
        """Add to a counter. Counters are hints for alarms and limits, never evidence."""
        try:
            client("dynamodb").update_item(
                TableName=self.tables["work"],
                Key={"pk": {"S": f"COUNT#{name}"}, "sk": {"S": bucket}},
                UpdateExpression="ADD amount :n",
                ExpressionAttributeValues={":n": {"N": str(amount)}},
            )
        except (ClientError, BotoCoreError) as fault:
            raise Unavailable("A counter did not take its step.") from fault

    def counted(self, name: str, bucket: str) -> int:
        """What a counter stands at; 0 when it was never moved."""
        item = self._item("work", f"COUNT#{name}", bucket)
        return int(item["amount"]["N"]) if item else 0

    def _written(self, write: Write) -> dict[str, Any]:
        if isinstance(write, Evidence):
            return {"Put": self._evidence(write)}
        if isinstance(write, Joined):
            return {"Put": self._joined(write)}
        rev = getattr(write.record, "rev", 0)
        condition = _condition(0 if isinstance(write, New) else rev)
        table = {"TableName": self.tables[place_of(write.record).table]}
        if isinstance(write, Same):
            pk, sk = place_of(write.record).key(write.record)
            return {"ConditionCheck": table | {"Key": {"pk": {"S": pk}, "sk": {"S": sk}}} | condition}
        item = to_item(write.record, self.vault)
        if "rev" in item:
            item["rev"] = {"N": str(rev + 1)}
        return {"Put": table | {"Item": item} | condition}

    def _evidence(self, told: Evidence) -> dict[str, Any]:
        entry = make_entry(told.kind, told.at, told.actor, told.subject, told.facts, told.entry_id)
        item = {
            "pk": {"S": f"E#{told.entry_id}"},
            "sk": {"S": "ENTRY"},
            "pending": {"S": "1"},
            "at": {"S": f"{moment(told.at)}#{told.entry_id}"},
            "entry": {"B": encode(entry)},
        }
        return {"TableName": self.tables["ledger"], "Item": item} | _condition(0)

    def _joined(self, joined: Joined) -> dict[str, Any]:
        item = {
            "pk": {"S": f"N#{joined.number_id}"},
            "sk": {"S": f"P#{joined.patient_id}"},
            "thread_id": {"S": joined.thread_id},
            "since": {"S": moment(joined.at)},
        }
        return {"TableName": self.tables["people"], "Item": item}

    def _pointer(self, joined: Joined) -> dict[str, Any]:
        """Beside each membership: whose thread it is, so that a thread is found by its id alone."""
        item = {
            "pk": {"S": f"T#{joined.thread_id}"},
            "sk": {"S": "THREAD"},
            "thread_id": {"S": joined.thread_id},
            "patient_id": {"S": joined.patient_id},
            "number_id": {"S": joined.number_id},
        }
        return {"Put": {"TableName": self.tables["people"], "Item": item}}

    # -- reading --------------------------------------------------------------------------------------------------

    def _get(self, kind: type[R], pk: str, sk: str) -> R | None:
        item = self._item(place_of(kind).table, pk, sk)
        return from_item(kind, item, self.vault) if item else None

    def _item(self, table: str, pk: str, sk: str) -> Mapping[str, Any] | None:
        try:
            found = client("dynamodb").get_item(
                TableName=self.tables[table], Key={"pk": {"S": pk}, "sk": {"S": sk}}, ConsistentRead=True
            )
        except (ClientError, BotoCoreError) as fault:
            raise Unavailable("A table did not answer.") from fault
        item: Mapping[str, Any] | None = found.get("Item")
        return item

    def _query(self, kind: type[R], table: str, pk: str, prefix: str) -> Iterator[R]:
        items = self._items(table, {":p": pk, ":s": prefix}, "pk = :p AND begins_with(sk, :s)")
        return (from_item(kind, item, self.vault) for item in items)

    def _items(
        self,
        table: str,
        values: Mapping[str, str],
        condition: str,
        *,
        index: str = "",
        newest: bool = False,
        most: int = 0,
    ) -> Iterator[Mapping[str, Any]]:
        asked: dict[str, Any] = {
            "TableName": self.tables[table],
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": {name: {"S": value} for name, value in values.items()},
        }
        asked |= {"IndexName": index} if index else {"ConsistentRead": True}
        asked |= {"ScanIndexForward": False, "Limit": 1} if newest else {}
        asked |= {"Limit": most} if most else {}
        try:
            for page in client("dynamodb").get_paginator("query").paginate(**asked):
                yield from page["Items"]
        except (ClientError, BotoCoreError) as fault:
            raise Unavailable("A table did not answer.") from fault


def _condition(rev: int) -> dict[str, Any]:
    if not rev:
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    return {"ConditionExpression": "rev = :rev", "ExpressionAttributeValues": {":rev": {"N": str(rev)}}}


def _said(write: Write) -> str:
    record: Record | None = getattr(write, "record", None)
    return type(record or write).__name__
