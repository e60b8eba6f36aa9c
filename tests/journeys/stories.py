"""Small words for journey tests: book a visit, hear a patient, let the sender run, on a world that lives in memory."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from moto import mock_aws
from texting.flows import change_consent
from texting.flows.keep_appointment import keep_appointment
from texting.flows.needs import World
from texting.flows.receive_text import Received, receive_text
from texting.flows.send_text import send_text
from texting.sources import generic
from texting.values import SYSTEM, Body, Category, PhoneNumber

from tests.journeys.world import Lists, RecordingCarrier, make_world

NOON = datetime(2026, 12, 1, 18, 0, tzinfo=UTC)  # a Tuesday, 12:00 in Chicago
ANA, BEN = "+13125550142", "+13125550143"
OURS = "+18885550123"
EXAMPLE = (
    Path("practice.example.toml")
    .read_text("utf-8")
    .replace('mode = "pilot"', 'mode = "on"')
    .replace('accepted_on = ""', 'accepted_on = "2026-01-02"')
    .replace("texts_per_second = 1.0", "texts_per_second = 100.0")
)


@dataclass
class Practice:
    """One practice with its patients' phones; `now` is passed to every journey."""

    world: World
    carrier: RecordingCarrier
    lists: Lists
    now: datetime = NOON
    count: int = 0
    phones: dict[str, str] = field(default_factory=dict)

    def __post_init__(self):
        self.lists.clock, self.lists.slept = (lambda: self.now), self.pauses

    def pauses(self, seconds):
        """The sender waits with a text in hand."""
        self.now += timedelta(seconds=seconds)

    def consents(self, ref, phone, categories=(Category.APPOINTMENTS, Category.CARE, Category.GENERAL)):
        """The patient signs for `categories` on `phone`. Returns the patient's id."""
        number = PhoneNumber(phone)
        patient, _, new = change_consent.person_on(self.world, "main", ref, number, None, self.now)
        self.world.store.commit(*new)
        stored = self.world.store.patient(patient.patient_id)
        on = self.world.store.number(self.world.ids.number_id(number))
        grant = change_consent.grant(
            self.world, stored, on, list(categories), SYSTEM, "form", {"medium": "paper"}, self.now
        )
        self.world.store.commit(*grant)
        return patient.patient_id

    def hears(self, appointment="A-1", ref="P-1", phone=ANA, version=1, kind="booked", **data):
        """The scheduling system says something. Returns what became of it."""
        self.count += 1
        patient = {"ref": ref, "given_name": "Ana", "family_name": "Ruiz", "phone": phone, "birth_date": "1990-05-17"}
        patient |= {"language": "en", "state": "IL"} | data.pop("patient", {})
        body = {
            "type": f"appointment.{kind}",
            "timestamp": self.now.isoformat(),
            "data": {
                "appointment_id": appointment,
                "version": version,
                "status": kind,
                "start": "2026-12-11T15:00:00-06:00",
                "time_zone": "America/Chicago",
                "duration_minutes": 45,
                "patient": patient,
                "location": {"id": "main"},
                "service": {"name": "Botox"},
            }
            | data,
        }
        raw = json.dumps(body).encode()
        event = generic.parse(raw, source="main", event_id=f"e{self.count}", received_at=self.now)
        return keep_appointment(self.world, event, self.now, None)

    def texts(self, body, phone=ANA, inbound=None):
        """The patient texts. Returns the outcome; replies wait in the outbox."""
        self.count += 1
        received = Received(inbound or f"in-{self.count}", phone, OURS, Body(body), self.now)
        return receive_text(self.world, received, self.now)

    def runs(self):
        """The sender takes what is in the outbox, at no full millisecond: no clock gives one. Returns what left."""
        before = len(self.carrier.sent)
        self.lists.release(self.now)
        waiting, self.lists.outbox = self.lists.outbox, []
        for message_id in waiting:
            send_text(self.world, message_id, self.now + timedelta(microseconds=123))
        return [text["body"] for text in self.carrier.sent[before:]]

    def later(self, **delta):
        """Let time pass; what falls due on the way goes before the sender, in order. Returns the bodies that left."""
        until = self.now + timedelta(**delta)
        before = len(self.carrier.sent)
        while True:
            self.runs()
            due = self.lists.next_at()
            if due is None or due > until:
                break
            self.now = max(self.now, due)
            self.lists.fall_due(self.now)
        self.now = max(self.now, until)
        return [text["body"] for text in self.carrier.sent[before:]]

    def messages(self, appointment="A-1"):
        """The visit's texts as (purpose, slot, state), in the order they are due."""
        found = self.world.store.messages_of(self.world.ids.appointment_id("main", appointment))
        return [(one.purpose, one.slot, str(one.state)) for one in found]

    def why(self, appointment="A-1"):
        """The last verdict's reason of each text of the visit that has one."""
        found = self.world.store.messages_of(self.world.ids.appointment_id("main", appointment))
        return [one.verdicts[-1]["reason"] for one in found if one.verdicts]

    def tasks(self):
        """The kinds of the open tasks."""
        return sorted(task.kind for task in self.world.store.open_tasks())


def practice_in_memory(text=EXAMPLE):
    """A context in which a practice lives on a mocked account; yields a Practice."""
    with mock_aws():
        yield Practice(*make_world(text))
