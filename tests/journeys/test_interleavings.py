"""The interleaving explorer: STOP, a sender, its retry and a second sender, in every order their steps can take.

Each actor runs in a thread of its own and pauses before every effect; the explorer lets one step at a time, and tries
all schedules (`make prove`), or a fixed sample of them. The promise: no text claimed after STOP; and never two.
"""

import os
import random
import threading
from collections.abc import Callable

from texting.errors import Contended
from texting.flows.send_text import send_text
from texting.values import PhoneNumber

from tests.journeys.stories import ANA
from tests.journeys.watched import WatchedPractice

QUICK = 120
DEEP = os.environ.get("INTERLEAVINGS") == "all"


class Actor(threading.Thread):
    """One party; `step` lets it run to its next pause."""

    def __init__(self, name: str, work: Callable[[], object]) -> None:
        super().__init__(name=name, daemon=True)
        self.work, self.done, self.error = work, False, None
        self.go, self.paused = threading.Semaphore(0), threading.Semaphore(0)

    def run(self) -> None:
        self.go.acquire()
        try:
            self.work()
        except Contended:
            pass
        except BaseException as error:  # noqa: BLE001 - handed to the test
            self.error = error
        self.done = True
        self.paused.release()

    def pause(self) -> None:
        self.paused.release()
        self.go.acquire()

    def step(self) -> None:
        self.go.release()
        self.paused.acquire()


def schedules(actors_of):
    """Every schedule, depth first: each is replayed from the start on fresh actors."""
    stack = [[]]
    while stack:
        prefix = stack.pop()
        schedule, practice, branches = played(
            actors_of, lambda at, alive, prefix=prefix: prefix[at] if at < len(prefix) else alive[0]
        )
        stack += [[*schedule[:at], other] for at, others in branches if at >= len(prefix) for other in others]
        yield schedule, practice


def samples(actors_of, count):
    """Schedules drawn evenly at random, always the same ones."""
    dice = random.Random(20261121)
    for _ in range(count):
        schedule, practice, _ = played(actors_of, lambda at, alive: dice.choice(alive))
        yield schedule, practice


def played(actors_of, choose):
    """One schedule, and at each step the actors that could have gone instead."""
    practice, actors = actors_of()
    schedule, branches = [], []
    for actor in actors:
        actor.start()
    while any(not actor.done for actor in actors):
        alive = [at for at, actor in enumerate(actors) if not actor.done]
        chosen = choose(len(schedule), alive)
        branches.append((len(schedule), [other for other in alive if other != chosen]))
        schedule.append(chosen)
        actors[chosen].step()
    for actor in actors:
        if actor.error:
            raise AssertionError(f"schedule {schedule}") from actor.error
    return schedule, practice, branches


def stop_and_senders():
    """A practice with one text due, two senders after it, and a STOP coming in."""
    p = WatchedPractice()
    p.consents("P-1", ANA)
    p.hears()
    (message_id,) = p.lists.outbox
    p.lists.slept = lambda seconds: None  # each has a clock of its own: one's waiting takes no time of the other's

    def pausing(point):
        current = threading.current_thread()
        if isinstance(current, Actor) and point in ("before commit", "before carrier"):
            current.pause()

    p.world.store.interrupt = p.carrier.interrupt = pausing

    def send_and_retry():
        try:
            send_text(p.world, message_id, p.now)
        except Contended:
            send_text(p.world, message_id, p.now)

    actors = [
        Actor("sender", send_and_retry),
        Actor("patient", lambda: p.texts("STOP", inbound="s")),
        Actor("second sender", lambda: send_text(p.world, message_id, p.now)),
    ]
    return p, actors


def test_stop_and_claim_cannot_interleave(capsys):
    """Every schedule ends with at most one hand-off, and with none that follows a recorded STOP (judged at the carrier)."""
    played = sent = 0
    histories = schedules(stop_and_senders) if DEEP else samples(stop_and_senders, QUICK)
    for schedule, p in histories:
        played += 1
        planned = [text for text in p.carrier.sent if "opted out" not in text["body"]]
        assert len(planned) <= 1, schedule
        sent += len(planned)
        assert p.world.store.number(p.world.ids.number_id(PhoneNumber(ANA))).stopped
    assert 0 < sent < played  # both orders were seen: STOP first, and the text first
    with capsys.disabled():
        print(
            f"\n  {played} interleavings of STOP, two senders and a retry: {sent} sent before STOP, none after", end=""
        )
