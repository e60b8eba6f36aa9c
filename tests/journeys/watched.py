"""A practice in memory whose every hand-off to the carrier is judged against the promises at the moment it happens."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from texting import practice
from texting.errors import Contended
from texting.flows.needs import World
from texting.flows.send_text import send_text
from texting.flows.wording import templates_of
from texting.records import Inbound, Message
from texting.rules import phi
from texting.rules.purposes import PURPOSES
from texting.rules.quiet_hours import places_of
from texting.values import FINAL, PhoneNumber, Standing, State

from tests.journeys.memory import MemoryStore, fingerprints
from tests.journeys.stories import EXAMPLE, NOON, Practice
from tests.journeys.world import Lists

OPENS, CLOSES = time(8), time(20)


class Crash(BaseException):
    """The process died here."""


class Broken(AssertionError):
    """A promise was broken; says which."""


@dataclass
class JudgingCarrier:
    """Takes texts as the real one, and judges each against the records as they stand at that very moment."""

    store: MemoryStore
    now: Callable[[], datetime]
    sent: list[dict] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    interrupt: Callable[[str], None] = lambda point: None

    def send(self, to: PhoneNumber, body: str, *, seconds_to_live: int, message_id: str) -> str:
        self.interrupt("before carrier")
        error = self.errors.pop(0) if self.errors else None
        if error is not None and type(error).__name__ != "InDoubt":
            raise error
        self._judge(to, body, seconds_to_live, message_id)
        self.sent.append({"to": to.reveal(), "body": body, "ttl": seconds_to_live, "message_id": message_id})
        if error is not None:
            raise error
        self.interrupt("after carrier")
        return f"carrier-{len(self.sent)}"

    def _judge(self, to: PhoneNumber, body: str, life: int, message_id: str) -> None:
        message = self.store.message(message_id)
        number = self.store.number(message.number_id)
        purpose, now = PURPOSES[message.purpose], self.now()
        require("P1", message.state is State.CLAIMED, "handed over without a claim")
        claimed_first = self.store.order[message_id] < self.store.order.get(number.number_id, 0)
        permitted = purpose.despite_stop and message.permit_until
        require("P2", not number.stopped or permitted or claimed_first, "claimed after STOP")
        require("P3", all(text["message_id"] != message_id for text in self.sent), "handed over twice")
        require("P4", 5 <= life <= 259_200, "a life the carrier does not take")
        require("P5", phi.check(body, practice="Glow Laser & Skin").label == "allow", "clinical words")
        ends = now + timedelta(seconds=life)
        if message.permit_until:
            require("P2", now < message.permit_until, "a dead permit was used")
            require("P4", ends <= message.permit_until, "a reply outlives its permit")
            return
        consent = self.store.consent(message.patient_id, message.number_id, message.category)
        require("P2", consent.standing is Standing.GRANTED or (number.stopped and claimed_first), "no consent")
        for zone in places_of(to.reveal(), "IL" if to.reveal().startswith("+1312") else None).zones:
            start, stop = now.astimezone(ZoneInfo(zone)), ends.astimezone(ZoneInfo(zone))
            require("P4", OPENS <= start.time() < CLOSES, f"sent at {start:%H:%M} in {zone}")
            require(
                "P4", stop.date() == start.date() and stop.time() <= CLOSES, f"may arrive at {stop:%H:%M} in {zone}"
            )
        if purpose.about_visit:
            visit = self.store.visit(message.appointment_id)
            require("P4", visit.epoch == message.epoch and ends <= visit.start, "about a visit that is not so")
            require("P4", str(visit.state) in ("booked", "confirmed"), "about a visit that is off")


def require(promise: str, holds: object, what: str) -> None:
    if not holds:
        raise Broken(f"{promise}: {what}")


class WatchedPractice(Practice):
    """Practice in memory, with crashes at any effect and redelivery as the queues would do it."""

    def __init__(self, start: datetime = NOON, text: str = EXAMPLE) -> None:
        rules = practice.parse(text)
        store, lists = MemoryStore(), Lists()
        carrier = JudgingCarrier(store, lambda: self.now)
        world = World(rules, store, fingerprints(), templates_of(rules), lists, lists, carrier, lists,
                      _fence=lists, pause=lists.paused)  # fmt: skip
        super().__init__(world, carrier, lists, start)
        self.points = 0
        self.crash_at = 0
        store.interrupt = carrier.interrupt = self._point

    def _point(self, name: str) -> None:
        self.points += 1
        if self.points == self.crash_at:
            raise Crash(name)

    def crash_after(self, effects: int) -> None:
        """Die at the given effect from now on, once; 0 never."""
        self.crash_at = self.points + effects if effects else 0

    def runs(self):
        """The sender takes the outbox; a crash or a lost race puts the id back, as the queue would."""
        before = len(self.carrier.sent)
        self.lists.release(self.now)
        waiting, self.lists.outbox = self.lists.outbox, []
        for message_id in waiting:
            try:
                send_text(self.world, message_id, self.now)
            except (Crash, Contended):
                self.lists.outbox.append(message_id)
        return [text["body"] for text in self.carrier.sent[before:]]

    def insists(self, action):
        """Do something until it does not crash, as a queue redelivers. Returns its result."""
        for _ in range(9):
            try:
                return action()
            except (Crash, Contended):
                continue
        raise Broken("P10: an item that never gets through")

    def later(self, **delta):
        """Time passes; schedules fire in order; what is contended comes back within minutes."""
        until, before = self.now + timedelta(**delta), len(self.carrier.sent)
        while True:
            self._run_dry(until)
            due = self.lists.next_at()
            if due is None or due > until:
                break
            self.now = max(self.now, due)
            self.lists.fall_due(self.now)
        self.now = max(self.now, until)
        return [text["body"] for text in self.carrier.sent[before:]]

    def _run_dry(self, until: datetime) -> None:
        """Run the sender; what it put back is visible again a minute later, a few times, as on the queue."""
        for _ in range(6):
            self.runs()
            if not self.lists.outbox:
                return
            self.now = min(self.now + timedelta(minutes=1), until)

    def sweep(self) -> None:
        """What the watch function does: due messages that nobody put before the sender go there again."""
        for message in list(self.world.store._all(Message)):
            if message.state in (State.PLANNED, State.HELD, State.CLAIMED) and message.send_at <= self.now:
                self.lists.outbox.append(message.message_id)

    def settle(self) -> None:
        """Three quiet weeks with sweeps, after which nothing may be left hanging."""
        self.carrier.errors.clear()
        self.crash_after(0)
        for _ in range(4):
            self.later(days=7)
            self.sweep()
            self.runs()

    def judge(self) -> None:
        """P6 and P10: every end has its evidence, and nothing hangs."""
        store = self.world.store
        told = {(entry.subject, entry.kind) for entry, _ in store.entries.values()}
        for message in store._all(Message):
            require(
                "P10", message.state in FINAL | {State.HANDED, State.ACCEPTED, State.IN_DOUBT}, f"hangs {message.state}"
            )
            require("P6", (message.message_id, f"message.{message.state}") in told, f"no evidence of {message.state}")
            require("P1", message.verdicts, "an end without a verdict")
        for inbound in store._all(Inbound):
            require("P10", inbound.outcome, "an inbound without an outcome")
            require("P6", (inbound.inbound_id, "inbound.received") in told, "an inbound without evidence")
