"""The stage that the scenes are played on: a box from outside, and from inside for what no visitor can do."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from texting.aws import clients
from texting.aws.store import Store
from texting.aws.vault import Vault

from box.scenarios.player import Box, Person
from box.world import World

START = datetime(2026, 12, 31, 13, 30, tzinfo=UTC)
"""The last day of a year, half past seven at the practice: too early to text, and one night from a new year."""


@dataclass
class Stage:
    """The box from outside and, for what no visitor can do, from inside."""

    world: World
    box: Box

    def booked(self, person: Person, days: int, hour: int = 15, *, consent: bool = True) -> str:
        """Somebody with consent has a visit; its id. What is due at once has gone out."""
        appointment = f"A-{person.ref}"
        if consent:
            assert self.box.consent(person).status_code == 201
        told = self.box.visit("booked", appointment, person, self.box.day(days, hour))
        assert self.box.webhook(told).json()["accepted"]
        self.box.pass_time(seconds=5)  # until the carrier's last receipt
        return appointment

    def outbox(self, *message_ids: str) -> None:
        """SQS delivers an id again, as it may; nothing else is moved."""
        queue = self.world.wiring.queues.named(
            self.world.runtime.built.functions[self.arn("send")].environment["OUTBOX_ARN"]
        )
        for message_id in message_ids:
            self.world.wiring.queues.send(queue, f'{{"message_id": "{message_id}"}}')
        self.box.wait()

    def arn(self, word: str) -> str:
        """A function's ARN in the box."""
        return next(arn for arn, one in self.world.runtime.built.functions.items() if one.short == word)

    def fault(self, *faults: dict[str, Any], **phones: str) -> None:
        """Put faults in force."""
        self.box.post("/box/carrier", {"faults": list(faults), "phones": phones})

    def night(self, word: str, ahead: timedelta) -> None:
        """Move the clock alone, to the first three o'clock (in Chicago) after so long, and run a function of the night."""
        moment = (self.world.clock.now() + ahead).replace(hour=9, minute=5)
        self.world.clock.set(moment)
        done = self.world.runtime.invoke(self.arn(word), {"time": moment.isoformat()})
        assert not done.error, done.error

    def carrier(self) -> Any:
        """The carrier as an operator calls it."""
        keys = {"aws_access_key_id": "box", "aws_secret_access_key": "box"}
        endpoint = self.world.carrier.endpoint
        return boto3.client("pinpoint-sms-voice-v2", endpoint_url=endpoint, region_name="us-east-1", **keys)

    def patient_id(self, person: Person) -> str:
        """The practice's own id of a patient."""
        return str(self.box.thread(person)["patient_id"])

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The practice's records, for planting what no door lets in."""
        told = self.world.runtime.built.functions[self.arn("retention")].environment
        with pytest.MonkeyPatch.context() as patch:
            for name, value in (
                self.world.runtime.environment() | {"AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled"}
            ).items():
                patch.setenv(name, value)
            # boto3's own session keeps the credentials it was first made with, and those name another account here.
            patch.setattr(boto3, "DEFAULT_SESSION", None)
            clients.client.cache_clear()
            rooms = ("people", "visits", "messages", "work", "secure", "ledger")
            yield Store(
                {room: told[f"{room.upper()}_TABLE"] for room in rooms}, Vault(told["KEYS_TABLE"], told["SEAL_KEY"])
            )
        clients.client.cache_clear()
