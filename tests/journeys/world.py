"""A practice in memory: the real flows and adapters on moto, a carrier that records, queues that are lists."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Any

import boto3
from texting import practice
from texting.aws.fingerprints import Fingerprints
from texting.aws.store import Store
from texting.aws.vault import Vault
from texting.flows.needs import World
from texting.flows.wording import templates_of
from texting.values import PhoneNumber

INDEXES = {
    "people": {"by_disposal": ("dispose_bucket", "dispose_on"), "by_patient": ("patient_id", "thread_id")},
    "visits": {"by_patient": ("patient_id", "start_at")},
    "messages": {
        "by_thread": ("thread_id", "at"),
        "by_appointment": ("appointment_id", "send_at"),
        "by_state": ("open_state", "due"),
        "by_line": ("line", "line_at"),
        "by_disposal": ("dispose_bucket", "dispose_on"),
        "by_owner": ("owner_year", "at"),
    },
    "work": {"by_state": ("open_state", "due"), "by_disposal": ("dispose_bucket", "dispose_on")},
    "secure": {
        "by_thread": ("thread_id", "at"),
        "by_disposal": ("dispose_bucket", "dispose_on"),
        "by_owner": ("owner_year", "at"),
    },
    "keys": {},
    "ledger": {"by_pending": ("pending", "at")},
}

FEW = {
    ("people", "by_disposal"): {"ProjectionType": "KEYS_ONLY"},
    ("work", "by_disposal"): {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["closed_at", "patient_id"]},
    ("people", "by_patient"): {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["number_id"]},
}
"""The indexes that do not hold whole items."""


@dataclass
class RecordingCarrier:
    """Takes every text, unless told which error comes next."""

    sent: list[dict[str, Any]] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)

    def send(self, to: PhoneNumber, body: str, *, seconds_to_live: int, message_id: str) -> str:
        if self.errors:
            raise self.errors.pop(0)
        self.sent.append({"to": to.reveal(), "body": body, "ttl": seconds_to_live, "message_id": message_id})
        return f"carrier-{len(self.sent)}"


@dataclass
class Lists:
    """Outbox, schedules, bus and event queue as plain lists."""

    outbox: list[str] = field(default_factory=list)
    schedules: dict[str, datetime] = field(default_factory=dict)
    told: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    events: list[Mapping[str, Any]] = field(default_factory=list)
    delayed: list[tuple[datetime, int, str]] = field(default_factory=list)
    clock: Callable[[], datetime] | None = None
    slept: Callable[[float], None] = lambda seconds: None
    puts: int = 0

    def put(self, message_id: str, delay_seconds: int = 0) -> None:
        assert delay_seconds <= 900, "the queue keeps nothing back for longer"
        self.puts += 1
        if delay_seconds and self.clock:
            heappush(self.delayed, (self.clock() + timedelta(seconds=delay_seconds), self.puts, message_id))
        else:
            self.outbox.append(message_id)

    def release(self, now: datetime) -> None:
        """What was kept back until now is visible."""
        while self.delayed and self.delayed[0][0] <= now:
            self.outbox.append(heappop(self.delayed)[2])

    def next_at(self) -> datetime | None:
        """When something falls due."""
        return min([*self.schedules.values(), *(at for at, _, _ in self.delayed[:1])], default=None)

    def fall_due(self, now: datetime) -> None:
        """What is due by now is before the sender."""
        self.release(now)
        for at, name in sorted((at, name) for name, at in self.schedules.items()):
            if at <= now:
                del self.schedules[name]
                self.outbox.append(name)

    def take_off(self, phone: PhoneNumber) -> bool:
        """The carrier's own opt-out list, on which nobody stands here."""
        return True

    def paused(self, seconds: float) -> None:
        self.slept(seconds)

    def set(self, message_id: str, at: datetime) -> None:
        self.schedules[message_id] = at

    def tell(self, kind: str, detail: Mapping[str, Any]) -> None:
        self.told.append((kind, detail))

    def send(self, body: Mapping[str, Any], delay_seconds: int = 0) -> None:
        self.events.append(body)


def tables() -> dict[str, str]:
    """Make the seven tables in the mocked account."""
    dynamodb = boto3.client("dynamodb", region_name="us-east-1")
    for name, indexes in INDEXES.items():
        keys = {"pk", "sk", *(key for pair in indexes.values() for key in pair)}
        more = {
            "GlobalSecondaryIndexes": [
                {
                    "IndexName": index,
                    "KeySchema": [
                        {"AttributeName": pair[0], "KeyType": "HASH"},
                        {"AttributeName": pair[1], "KeyType": "RANGE"},
                    ],
                    "Projection": FEW.get((name, index), {"ProjectionType": "ALL"}),
                }
                for index, pair in indexes.items()
            ]
        }
        dynamodb.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in sorted(keys)],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            **(more if indexes else {}),
        )
    return {name: name for name in INDEXES}


def make_world(text: str) -> tuple[World, RecordingCarrier, Lists]:
    """A world on the mocked account, for the practice whose settings are `text`."""
    key = boto3.client("kms", region_name="us-east-1").create_key()["KeyMetadata"]["KeyId"]
    vault = Vault("keys", key)
    rules = practice.parse(text)
    carrier, lists = RecordingCarrier(), Lists()
    world = World(
        practice=rules,
        store=Store(tables(), vault),
        ids=Fingerprints(vault),
        templates=templates_of(rules),
        _outbox=lists,
        _schedules=lists,
        _carrier=carrier,
        _bus=lists,
        _fence=lists,
        pause=lists.paused,
    )
    return world, carrier, lists
