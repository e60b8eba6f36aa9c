"""A morning on which much is due at once: the real flows, tables in memory, time that passes only when waited for."""

from collections import deque
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from texting import practice
from texting.errors import Contended
from texting.flows.needs import World
from texting.flows.send_text import send_text
from texting.flows.wording import templates_of
from texting.records import Consent, Message, Number, Patient
from texting.values import Category, PhoneNumber, Standing, State, Visit, VisitState
from texting.writes import New

from tests.journeys.memory import MemoryStore, fingerprints
from tests.journeys.stories import EXAMPLE
from tests.journeys.world import Lists

NINE = datetime(2026, 12, 1, 15, 0, tzinfo=UTC)  # 09:00 in Chicago
SETTINGS = EXAMPLE.replace("texts_per_second = 100.0", "texts_per_second = 3.0").replace(
    'monthly_limit_usd = "200.00"', 'monthly_limit_usd = "9000.00"'
)


@dataclass
class Rush:
    """A practice in which much is due at once. `texts` are the carrier's: when, which, how many parts."""

    settings: str = SETTINGS
    now: datetime = NINE
    store: MemoryStore = field(default_factory=MemoryStore)
    texts: list[tuple[datetime, str, int]] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    people: int = 0

    def __post_init__(self):
        rules = practice.parse(self.settings)
        self.lists = Lists(clock=lambda: self.now, slept=self.waits)
        parts = (rules, self.store, fingerprints(), templates_of(rules), self.lists, self.lists, self)
        self.world = World(*parts, pause=self.lists.paused)

    def waits(self, seconds):
        self.now += timedelta(seconds=seconds)

    def send(self, to, body, *, seconds_to_live, message_id):
        """The carrier: takes everything, unless told which error comes next."""
        if self.errors:
            raise self.errors.pop(0)
        self.texts.append((self.now, message_id, self.store.message(message_id).parts))
        return f"carrier-{len(self.texts)}"

    def person(self):
        """One more patient, with consent, on a phone of their own that knows us already."""
        self.people += 1
        one = f"{self.people:032x}"
        number = Number(f"n_{one}", PhoneNumber(f"+1312555{self.people % 10000:04d}"), welcomed_at=NINE)
        patient = Patient(f"p_{one}", "main", one, None, None, None, "en", "IL", number.number_id)
        consent = Consent(patient.patient_id, number.number_id, Category.APPOINTMENTS, Standing.GRANTED)
        self.store.commit(New(number), New(patient), New(consent))
        return one

    def reminder(self, deadline, at=NINE):
        """A reminder due at `at` about a visit that begins at `deadline`. Returns its id."""
        one = self.person()
        visit = Visit(
            f"a_{one}", "main", one, f"p_{one}", f"n_{one}", VisitState.BOOKED, deadline, "America/Chicago",
            "main", 45, None, None, 1, None, "0" * 64,
        )  # fmt: skip
        due = self.message(one, "reminder", deadline, at, category=Category.APPOINTMENTS, appointment_id=f"a_{one}")
        self.store.commit(New(visit), New(due))
        return due.message_id

    def answer(self, at):
        """A reply to a patient's own text. Returns its id."""
        one, dead = self.person(), at + timedelta(minutes=5)
        due = self.message(one, "help_reply", dead, at, permit_until=dead, category=None)
        self.store.commit(New(due))
        return due.message_id

    def answers(self, at):
        """Two replies to one phone at the same moment. Returns their ids."""
        first = self.answer(at)
        second = replace(self.store.message(first), message_id="m_" + "f" * 32, rev=0)
        self.store.commit(New(second))
        return [first, second.message_id]

    def message(self, one, purpose, deadline, at, **more):
        epoch = {"epoch": 1} if "appointment_id" in more else {}
        fields = {"state": State.PLANNED, "patient_id": f"p_{one}", "number_id": f"n_{one}", "thread_id": f"t_{one}"}
        return Message(f"m_{one}", purpose, planned_at=at, send_at=at, deadline=deadline, **fields, **more, **epoch)

    def runs(self):
        """One sender takes what is visible, in the order it became so, until nothing is left: the worst case of waiting."""
        queue = deque()
        while True:
            self.lists.fall_due(self.now)
            queue += self.lists.outbox
            self.lists.outbox = []
            if queue:
                self.takes(queue.popleft())
                continue
            due = self.lists.next_at()
            if due is None:
                return
            self.now = max(self.now, due)

    def takes(self, message_id):
        try:
            send_text(self.world, message_id, self.now)
        except Contended:
            self.lists.put(message_id, 180)

    def state(self, message_id):
        return self.store.message(message_id).state

    def reason(self, message_id):
        return self.store.message(message_id).verdicts[-1]["reason"]

    def tasks(self):
        return sorted(task.kind for task in self.store.open_tasks())


def fastest_second(texts):
    """The most parts that left within any second."""
    best, first = 0, 0
    for last in range(len(texts)):
        while texts[last][0] - texts[first][0] >= timedelta(seconds=1):
            first += 1
        best = max(best, sum(parts for _, _, parts in texts[first : last + 1]))
    return best
