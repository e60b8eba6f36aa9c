"""Ten thousand reminders at nine o'clock over one number: the pace, the line and the call list, on a simulated clock.

The flows are the real ones, on the tables in memory; time passes only where something waits for it.
"""

import os
import random
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import process_time

import pytest
from texting import practice
from texting.errors import CarrierBusy, CarrierRefused, Contended
from texting.flows import pacing
from texting.flows.needs import World
from texting.flows.send_text import send_text
from texting.flows.tasks import close_task
from texting.flows.wording import templates_of
from texting.records import Consent, Message, Number, Pace, Patient
from texting.rules import pace
from texting.values import SYSTEM, Category, PhoneNumber, Standing, State, Visit, VisitState
from texting.writes import Change, New

from tests.journeys.memory import MemoryStore, fingerprints
from tests.journeys.stories import EXAMPLE
from tests.journeys.world import Lists

NINE = datetime(2026, 12, 1, 15, 0, tzinfo=UTC)  # 09:00 in Chicago
MANY = int(os.environ.get("REMINDERS", "10000"))
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


def test_ten_thousand_reminders_at_nine(capsys):
    """Who can be on time is, in the order of the deadlines; the others are refused at once and put on the call list;
    answers go within seconds in between; nothing is lost, nothing goes twice, and the number keeps to its pace."""
    began, dice, rush = process_time(), random.Random(20261201), Rush()
    minutes = [dice.choice(range(5, 16)) for _ in range(MANY)]
    reminders = [rush.reminder(NINE + timedelta(minutes=one)) for one in minutes]
    answers = {rush.answer(at): at for at in (NINE + timedelta(seconds=17 * n) for n in range(1, 50))}
    rush.lists.outbox += reminders
    for message_id, at in answers.items():
        rush.lists.set(message_id, at)
    rush.runs()

    went = {message_id: at for at, message_id, _ in rush.texts}
    assert len(went) == len(rush.texts), "nothing twice"
    assert fastest_second(rush.texts) <= 2 * 3 + pace.RESERVE  # the rate, what the bucket held, and the reserve
    assert all(
        at - answers[message_id] <= timedelta(seconds=5) for message_id, at in went.items() if message_id in answers
    )
    assert answers.keys() <= went.keys()

    ends = Counter((str(rush.state(one)), rush.reason(one)) for one in reminders)
    assert set(ends) == {("handed", "permitted"), ("refused", "no_room")}
    refused = [one for one in reminders if rush.state(one) is State.REFUSED]
    assert all(rush.store.message(one).verdicts[-1]["at"] - NINE <= timedelta(minutes=1) for one in refused), "at once"

    deadline = dict(zip(reminders, (NINE + timedelta(minutes=one) for one in minutes), strict=True))
    assert all(went[one] + timedelta(seconds=5) <= deadline[one] for one in reminders if one in went)
    from_the_line = [one for _, one, _ in rush.texts if one in deadline and rush.store.message(one).line_at]
    assert from_the_line == sorted(from_the_line, key=lambda one: deadline[one]), "by deadline"

    step, room = pace.planned(pace.interval(3.0, Pace(""), NINE)), 0
    for one in sorted(minutes):  # earliest deadline first: no choice sends more
        room += NINE + step * room + pace.MARGIN <= NINE + timedelta(minutes=one)
    assert ends["handed", "permitted"] >= room, "whoever can be on time, a twentieth of the pace kept for answers"

    assert rush.tasks() == ["call_list"]
    (task,) = rush.store.open_tasks()
    called = pacing.on_call_list(rush.world, task)
    assert {one.message_id for one in called} == set(refused)
    assert rush.store.pace(pacing.line_of(rush.world)).waiting == {}
    with capsys.disabled():
        ticks = rush.lists.puts
        print(
            f"\n  {MANY} reminders at nine, 3 a second: {ends['handed', 'permitted']} on time, {len(refused)} to be "
            f"called, {ticks} ticks, {process_time() - began:.1f} s",
            end="",
        )


def test_the_line_is_taken_by_deadline_whoever_came_first():
    """A reminder that comes last with the earliest deadline goes first; none in line waits longer than its place."""
    rush = Rush()
    late = [rush.reminder(NINE + timedelta(hours=3)) for _ in range(30)]
    soon = [rush.reminder(NINE + timedelta(minutes=1)) for _ in range(5)]
    rush.lists.outbox += late + soon
    rush.runs()
    order = [one for _, one, _ in rush.texts]
    at_once = [one for one in late if rush.store.message(one).line_at is None]
    assert order[len(at_once) : len(at_once) + 5] == soon
    assert len(order) == 35


def test_a_newcomer_makes_nobody_late():
    """Who was let in is kept: a full line refuses even an earlier deadline, rather than break its word to another."""
    rush = Rush()
    first = [rush.reminder(NINE + timedelta(minutes=2)) for _ in range(400)]
    rush.lists.outbox += first
    rush.lists.outbox.append(rush.reminder(NINE + timedelta(minutes=1)))
    rush.runs()
    promised = [one for one in first if rush.store.message(one).line_at and rush.reason(one) != "no_room"]
    assert promised
    assert all(rush.state(one) is State.HANDED for one in promised)
    assert rush.reason(f"m_{401:032x}") == "no_room"


def test_a_throttle_slows_and_loses_nothing():
    """Throttled texts come again, the pace halves for a minute, and all of them go in the end."""
    rush = Rush()
    texts = [rush.reminder(NINE + timedelta(hours=2)) for _ in range(50)]
    rush.errors = [CarrierBusy("THROTTLED"), CarrierBusy("THROTTLED")]
    rush.lists.outbox += texts
    rush.runs()
    assert {rush.state(one) for one in texts} == {State.HANDED}
    early = [at for at, _, _ in rush.texts if at - NINE < timedelta(seconds=30)]
    assert len(early) <= 46  # a text every 668 ms, and not every 334


def test_a_phone_gets_one_text_a_second():
    """Two texts for one phone at the same moment leave a second apart."""
    rush = Rush(settings=SETTINGS.replace("texts_per_second = 3.0", "texts_per_second = 100.0"))
    first = rush.answer(NINE)
    one = rush.store.message(first)
    second = Message(**{name: getattr(one, name) for name in one.__slots__} | {"message_id": "m_" + "f" * 32, "rev": 0})
    rush.store.commit(New(second))
    rush.lists.outbox += [first, second.message_id]
    rush.runs()
    (at, _, _), (then, _, _) = rush.texts
    assert then - at == timedelta(seconds=1)


def test_when_the_carriers_money_is_gone_nothing_is_tried_for_a_day():
    """MONTHLY_SPEND_LIMIT_REACHED refuses with our own reason, opens one task each, and asks again a day later."""
    rush = Rush()
    texts = [rush.reminder(NINE + timedelta(minutes=30)) for _ in range(3)]
    rush.errors = [CarrierRefused("MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT")]
    rush.lists.outbox += texts
    rush.runs()
    assert [rush.reason(one) for one in texts] == ["spend_limit"] * 3
    assert {rush.state(one) for one in texts} == {State.REFUSED}
    assert rush.texts == []
    assert rush.tasks() == ["call_list", "spend_limit"]
    assert rush.store.number(f"n_{1:032x}").sent == (), "not counted towards the caps"
    rush.now += timedelta(days=1)
    later = rush.reminder(rush.now + timedelta(hours=1), at=rush.now)
    rush.lists.outbox.append(later)
    rush.runs()
    assert rush.state(later) is State.HANDED


def test_a_closed_call_list_is_followed_by_another():
    """Staff close the day's list in the morning; what cannot go in the afternoon opens a new one."""
    rush = Rush()
    rush.lists.outbox += [rush.reminder(NINE + timedelta(minutes=1)) for _ in range(250)]
    rush.runs()
    (task,) = rush.store.open_tasks()
    close_task(rush.world, task.task_id, "called", SYSTEM, rush.now)
    rush.now += timedelta(hours=1)
    rush.lists.outbox += [rush.reminder(rush.now + timedelta(minutes=1), at=rush.now) for _ in range(250)]
    rush.runs()
    (again,) = rush.store.open_tasks()
    assert (again.kind, again.task_id != task.task_id) == ("call_list", True)


@pytest.mark.parametrize("lost", range(1, 6))
def test_a_lost_tick_is_made_good_by_the_watch(lost):
    """The queue loses ticks: the watch puts what overslept before the sender, and everybody in line goes."""
    rush = Rush()
    texts = [rush.reminder(NINE + timedelta(hours=2)) for _ in range(20)]
    rush.lists.outbox += texts
    waiting, rush.lists.outbox = rush.lists.outbox, []
    for message_id in waiting:
        send_text(rush.world, message_id, rush.now)
    rush.lists.delayed = rush.lists.delayed[lost:]
    rush.runs()
    rush.now += timedelta(minutes=15)
    rush.lists.outbox += [one for one in texts if rush.state(one) is State.HELD]
    rush.runs()
    assert {rush.state(one) for one in texts} == {State.HANDED}


def test_a_count_that_is_wrong_is_set_right():
    """A sender that died between counting and holding leaves a count of nobody; an empty line forgets it."""
    rush = Rush()
    line = pacing.line_of(rush.world)
    rush.store.commit(Change(Pace(line, waiting={pace.place("1#2026-12-01T16:00:00#m_x"): 7}, texts=7)))
    text = rush.reminder(NINE + timedelta(hours=2))
    rush.lists.outbox += [text, text]
    rush.runs()
    assert rush.state(text) is State.HANDED
    rush.lists.outbox.append(text)
    rush.runs()
    assert rush.store.pace(line).waiting == {}
