"""The state machine: any history of bookings, moves, answers, crashes and passing time keeps every promise.

`make prove` runs it deep (HISTORIES=…); here a quick slice.
"""

import os
from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from texting.errors import CarrierBusy, CarrierRefused, InDoubt
from texting.flows.note_receipt import note_receipt

from tests.journeys.stories import EXAMPLE
from tests.journeys.watched import WatchedPractice

PEOPLE = [  # ref, phone, state: a household, and every zone that has clocks of its own
    ("P-1", "+13125550142", "IL"),
    ("P-2", "+13125550142", "IL"),
    ("P-3", "+12125550143", "NY"),
    ("P-4", "+13105550144", "CA"),
    ("P-5", "+18085550145", "HI"),
    ("P-6", "+19075550146", "AK"),
    ("P-7", "+16025550147", "AZ"),
    ("P-8", "+13035550148", "CO"),
    ("P-9", "+17875550149", "PR"),
]
APPOINTMENTS = {f"A-{ref[-1]}{n}": (ref, phone, state) for ref, phone, state in PEOPLE for n in (1, 2)}
STOPS = ["STOP", "stop please", "Unsubscribe", "END", "cancel", "quit texting me", "no me manden mensajes", "BAJA"]
OTHERS = ["START", "C", "yes", "1", "2", "HELP", "can I come later?", "wrong number", "cancel my appointment", "no", "👍",
          "thanks", "I can't breathe", "Liked “Reply STOP to opt out”"]  # fmt: skip
STARTS = [
    datetime(2026, 12, 1, 15, tzinfo=UTC),
    datetime(2027, 3, 12, 3, tzinfo=UTC),
    datetime(2026, 10, 30, 23, tzinfo=UTC),
]
DEPTH = int(os.environ.get("HISTORIES", "25"))
RECEIPTS = ["TEXT_PENDING", "TEXT_DELIVERED", "TEXT_TTL_EXPIRED", "TEXT_CARRIER_BLOCKED", "TEXT_UNKNOWN"]

PLAYED = Counter()

appointments = st.sampled_from(sorted(APPOINTMENTS))
ahead = st.integers(1, 20 * 24)
crashes = st.integers(0, 12)


class Practice(RuleBasedStateMachine):
    """Random histories of one practice."""

    @initialize(start=st.sampled_from(STARTS), pace=st.sampled_from(["100.0", "1.0", "0.1"]))
    def opens(self, start, pace):
        self.p = WatchedPractice(start, EXAMPLE.replace("texts_per_second = 100.0", f"texts_per_second = {pace}"))
        self.version = {}
        for ref, phone, _ in PEOPLE:
            self.p.consents(ref, phone)

    def _hear(self, appointment, kind, hours, version=None):
        ref, phone, state = APPOINTMENTS[appointment]
        self.version[appointment] = self.version.get(appointment, 0) + 1
        start = (self.p.now + timedelta(hours=hours)).replace(minute=0, second=0)
        self.p.insists(
            lambda: self.p.hears(appointment, ref, phone, version or self.version[appointment], kind,
                                 start=start.isoformat(), patient={"state": state})
        )  # fmt: skip

    @rule(appointment=appointments, hours=ahead, crash=crashes)
    def books_or_moves(self, appointment, hours, crash):
        self.p.crash_after(crash)
        self._hear(appointment, "booked", hours)

    @rule(appointment=appointments, kind=st.sampled_from(["cancelled", "no_show", "arrived", "confirmed", "updated"]),
          hours=ahead, crash=crashes)  # fmt: skip
    def changes(self, appointment, kind, hours, crash):
        self.p.crash_after(crash)
        self._hear(appointment, kind, hours)

    @rule(appointment=appointments, hours=ahead)
    def repeats_an_old_version(self, appointment, hours):
        self._hear(appointment, "booked", hours, version=1)

    @rule(person=st.sampled_from(PEOPLE), words=st.sampled_from(STOPS + OTHERS), twice=st.booleans(), crash=crashes)
    def texts(self, person, words, twice, crash):
        self.p.crash_after(crash)
        name = f"in-{self.p.count}-{self.p.points}"
        for _ in range(1 + twice):
            self.p.insists(lambda: self.p.texts(words, person[1], inbound=name))

    @rule(person=st.sampled_from(PEOPLE), words=st.sampled_from(STOPS))
    def stops_in_the_middle_of_a_run(self, person, words):
        """The sender is about to claim when STOP comes in."""
        store, raced = self.p.world.store, []

        def race(point):
            self.p._point(point)
            if point == "before commit" and not raced:
                raced.append(True)
                self.p.texts(words, person[1])

        store.interrupt = race
        try:
            self.p.runs()
        finally:
            store.interrupt = self.p._point

    @rule(hours=st.integers(1, 60), crash=crashes)
    def time_passes(self, hours, crash):
        self.p.crash_after(crash)
        self.p.later(hours=hours)

    @rule(crash=crashes)
    def the_sender_runs_twice(self, crash):
        self.p.crash_after(crash)
        self.p.lists.outbox *= 2
        self.p.runs()

    @rule(error=st.sampled_from([CarrierBusy("THROTTLED"), InDoubt("no answer"), CarrierRefused("OTHER")]))
    def the_carrier_falters(self, error):
        self.p.carrier.errors.append(error)

    @rule(kind=st.sampled_from(RECEIPTS), data=st.data(), crash=crashes)
    def a_receipt_comes(self, kind, data, crash):
        if self.p.carrier.sent:
            text = data.draw(st.sampled_from(self.p.carrier.sent))
            event = {
                "eventType": kind,
                "eventTimestamp": 1,
                "isFinal": True,
                "context": {"message_id": text["message_id"]},
            }
            self.p.crash_after(crash)
            self.p.insists(lambda: note_receipt(self.p.world, event, self.p.now))

    @rule()
    def the_watch_sweeps(self):
        self.p.sweep()

    @invariant()
    def nothing_is_written_without_its_evidence(self):
        """The judging carrier holds P1–P5 at each hand-off; the ledger grows with the records."""

    def teardown(self):
        if hasattr(self, "p"):
            self.p.settle()
            self.p.judge()
            PLAYED["histories"] += 1
            PLAYED["effects"] += self.p.points
            PLAYED["texts"] += len(self.p.carrier.sent)


Practice.TestCase.settings = settings(
    max_examples=DEPTH, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestPractice = Practice.TestCase


def test_what_was_played(capsys):
    """The histories above are no silence: texts left in them, each judged as it was handed over."""
    assert PLAYED["texts"] > PLAYED["histories"]
    with capsys.disabled():
        print(
            f"\n  {PLAYED['histories']} random histories: {PLAYED['texts']} texts judged at the carrier, "
            f"{PLAYED['effects']} effects, no promise broken",
            end="",
        )
