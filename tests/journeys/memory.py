"""The tables as a dictionary: the same conditions, the same all-or-nothing, a thousand times faster than an emulator.

`tests/journeys/test_memory.py` holds it to the real adapter on random transactions: what is proven here holds there.
Every effect can be interrupted: `interrupt` is asked before and after each, and may raise.
"""

from bisect import insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from texting.audit.entries import encode, make_entry
from texting.aws.fingerprints import Fingerprints
from texting.aws.places import moment, moves_at, place_of
from texting.errors import Contended
from texting.records import (
    Consent,
    ConsentChange,
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
from texting.values import Category, State, Visit
from texting.writes import Evidence, Joined, New, Same

Key = tuple[str, str, str]


class PlainVault:
    """A key that never changes: ids are what is tested here, not sealing."""

    def key(self, owner: str, year: int) -> bytes:
        return b"k" * 32


def fingerprints() -> Fingerprints:
    """Ids as the real ones are made."""
    return Fingerprints(PlainVault())  # type: ignore[arg-type]


@dataclass
class MemoryStore:
    """What the practice keeps, in memory."""

    records: dict[Key, Any] = field(default_factory=dict)
    entries: dict[str, Any] = field(default_factory=dict)
    counters: dict[tuple[str, str], int] = field(default_factory=dict)
    lines: dict[str, list[tuple[str, Key]]] = field(default_factory=dict)
    order: dict[str, int] = field(default_factory=dict)
    """When, in commits, a message was last claimed and a number last stopped: the two that may not interleave."""
    ticks: int = 0
    interrupt: Callable[[str], None] = lambda point: None

    # -- one record
    def _get(self, kind: type, pk: str, sk: str) -> Any:
        return self.records.get((place_of(kind).table, pk, sk))

    def patient(self, patient_id: str) -> Patient | None:
        return self._get(Patient, f"P#{patient_id}", "PATIENT")

    def number(self, number_id: str) -> Number | None:
        return self._get(Number, f"N#{number_id}", "NUMBER")

    def consent(self, patient_id: str, number_id: str, category: Category) -> Consent:
        found = self._get(Consent, f"P#{patient_id}", f"C#{number_id}#{category}")
        return found or Consent(patient_id, number_id, category)

    def visit(self, appointment_id: str) -> Visit | None:
        return self._get(Visit, f"A#{appointment_id}", "VISIT")

    def message(self, message_id: str) -> Message | None:
        return self._get(Message, f"M#{message_id}", "MESSAGE")

    def inbound(self, inbound_id: str) -> Inbound | None:
        return self._get(Inbound, f"I#{inbound_id}", "INBOUND")

    def task(self, task_id: str) -> Task | None:
        return self._get(Task, f"T#{task_id}", "TASK")

    def secure(self, secure_id: str) -> Secure | None:
        return self._get(Secure, f"S#{secure_id}", "SECURE")

    def latest(self, thread_id: str) -> Latest | None:
        return self._get(Latest, f"T#{thread_id}", "LATEST")

    def link(self, token_hash: str) -> Link | None:
        return self._get(Link, f"L#{token_hash}", "LINK")

    def token(self, token_hash: str) -> Token | None:
        return self._get(Token, f"K#{token_hash}", "TOKEN")

    def seen(self, event_id: str) -> Seen | None:
        return self._get(Seen, f"E#{event_id}", "EVENT")

    def quarantined(self, quarantine_id: str) -> Quarantined | None:
        return self._get(Quarantined, f"Q#{quarantine_id}", "QUARANTINE")

    def switch(self) -> Switch:
        return self._get(Switch, "CONTROL", "SENDING") or Switch()

    def pace(self, line: str) -> Pace:
        return self._get(Pace, f"PACE#{line}", "PACE") or Pace(line)

    def listing(self, number_id: str) -> Listing:
        return self._get(Listing, f"LISTING#{number_id}", "LISTING") or Listing(number_id)

    # -- several
    def _all(self, *kinds: type) -> Iterator[Any]:
        return (record for record in self.records.values() if isinstance(record, kinds))

    def consents(self, patient_id: str) -> tuple[Consent, ...]:
        return tuple(one for one in self._all(Consent) if one.patient_id == patient_id)

    def history(self, patient_id: str) -> tuple[ConsentChange, ...]:
        found = [one for one in self._all(ConsentChange) if one.patient_id == patient_id]
        return tuple(sorted(found, key=lambda one: (one.at, one.change_id)))

    def patients_on(self, number_id: str) -> tuple[str, ...]:
        keys = sorted(sk for table, pk, sk in self.records if (table, pk) == ("people", f"N#{number_id}"))
        return tuple(sk.removeprefix("P#") for sk in keys if sk.startswith("P#"))

    def visits_of(self, patient_id: str, since: datetime) -> tuple[Visit, ...]:
        found = [one for one in self._all(Visit) if one.patient_id == patient_id and one.start and one.start >= since]
        return tuple(sorted(found, key=lambda one: one.start))

    def messages_of(self, appointment_id: str) -> tuple[Message, ...]:
        found = [one for one in self._all(Message) if one.appointment_id == appointment_id]
        return tuple(sorted(found, key=lambda one: one.send_at))

    def thread(self, thread_id: str) -> Thread | None:
        for (table, pk, sk), kept in self.records.items():
            if table == "people" and sk.startswith("P#") and kept[0] == thread_id:
                return Thread(thread_id, sk.removeprefix("P#"), pk.removeprefix("N#"))
        first = next(iter(self.timeline(thread_id)), None)
        return Thread(thread_id, first.patient_id, first.number_id) if first else None

    def last_at(self, thread_id: str) -> datetime | None:
        found = self.timeline(thread_id)
        return (found[-1].planned_at if isinstance(found[-1], Message) else found[-1].at) if found else None

    def timeline(self, thread_id: str) -> tuple[Message | Inbound, ...]:
        found = [one for one in self._all(Message, Inbound) if one.thread_id == thread_id]
        return tuple(sorted(found, key=lambda one: one.planned_at if isinstance(one, Message) else one.at))

    def secures_of(self, thread_id: str) -> tuple[Secure, ...]:
        return tuple(sorted((one for one in self._all(Secure) if one.thread_id == thread_id), key=lambda one: one.at))

    def open_tasks(self) -> tuple[Task, ...]:
        return tuple(sorted((one for one in self._all(Task) if one.state == "open"), key=lambda one: one.due))

    def in_quarantine(self) -> tuple[Quarantined, ...]:
        return tuple(one for one in self._all(Quarantined) if one.state == "quarantined")

    def by_carrier(self, carrier_id: str) -> str | None:
        return self.records.get(("messages", f"X#{carrier_id}", "CARRIER"))

    def waiting(self, state: str, before: datetime) -> tuple[Message, ...]:
        found = [one for one in self._all(Message) if one.state == state and moves_at(one) < before]
        return tuple(sorted(found, key=moves_at))

    def listings(self, state: str, before: datetime) -> tuple[Listing, ...]:
        found = [one for one in self._all(Listing) if one.state == state and one.since < before]
        return tuple(sorted(found, key=lambda one: one.since))

    def in_line(self, line: str, most: int, after: str = "") -> tuple[Message, ...]:
        found = [key for at, key in self.lines.get(line, []) if at > after]
        return tuple(self.records[key] for key in found[:most])

    # -- writing
    def counted(self, name: str, bucket: str) -> int:
        return self.counters.get((name, bucket), 0)

    def count(self, name: str, bucket: str, amount: int = 1) -> None:
        self.interrupt(f"before count {name}")
        self.counters[name, bucket] = self.counted(name, bucket) + amount
        self.interrupt(f"after count {name}")

    def note_carrier(self, carrier_id: str, message_id: str) -> None:
        self.interrupt("before note_carrier")
        self.records["messages", f"X#{carrier_id}", "CARRIER"] = message_id
        self.interrupt("after note_carrier")

    def commit(self, *writes: Any) -> None:
        point = "pace" if all(isinstance(getattr(write, "record", None), Pace) for write in writes) else "commit"
        self.interrupt(f"before {point}")
        assert len(writes) <= 100, "more than one transaction holds"
        keys = [self._key(write) for write in writes if not isinstance(write, Evidence)]
        assert len(keys) == len(set(keys)), "one item twice in one transaction"
        lost = [write for write in writes if not self._holds(write)]
        if lost:
            raise Contended("Somebody else wrote first: " + ", ".join(type(write).__name__ for write in lost))
        for write in writes:
            self._apply(write)
        self.interrupt(f"after {point}")

    def _key(self, write: Any) -> Key:
        if isinstance(write, Joined):
            return ("people", f"N#{write.number_id}", f"P#{write.patient_id}")
        place = place_of(write.record)
        return (place.table, *place.key(write.record))

    def _holds(self, write: Any) -> bool:
        if isinstance(write, Evidence):
            return write.entry_id not in self.entries
        if isinstance(write, Joined):
            return True
        stored = self.records.get(self._key(write))
        wanted = 0 if isinstance(write, New) else getattr(write.record, "rev", 0)
        return stored is None if wanted == 0 else stored is not None and stored.rev == wanted

    def _apply(self, write: Any) -> None:
        if isinstance(write, Evidence):
            entry = make_entry(write.kind, write.at, write.actor, write.subject, write.facts, write.entry_id)
            self.entries[write.entry_id] = (entry, encode(entry))
        elif isinstance(write, Joined):
            self.records[self._key(write)] = (write.thread_id, moment(write.at))
        elif not isinstance(write, Same):
            record = write.record
            if hasattr(record, "rev"):
                record = replace(record, rev=record.rev + 1)
            self._note_order(record)
            if isinstance(record, Message):
                self._note_line(self._key(write), record)
            self.records[self._key(write)] = record

    def _note_line(self, key: Key, record: Message) -> None:
        before = self.records.get(key)
        if before is not None and before.line:
            self.lines[before.line].remove((before.line_at, key))
        if record.line:
            insort(self.lines.setdefault(record.line, []), (record.line_at, key))

    def _note_order(self, record: Any) -> None:
        self.ticks += 1
        tick = self.ticks
        if isinstance(record, Message) and record.state is State.CLAIMED:
            self.order[record.message_id] = tick
        if isinstance(record, Number):
            before = self.number(record.number_id)
            if record.stopped and not (before and before.stopped):
                self.order[record.number_id] = tick
