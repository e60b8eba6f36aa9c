"""`python -m box.chaos --seed 7`: random days of a practice with everything failing, then peace, then the promises.

On a box of its own: bookings, moves, answers, staff's texts, passing time and every fault the box knows, drawn from one
seed. Then the faults end, dead letters go back, time passes until nothing moves, and the promises are checked from outside.
Exits 1 when one was broken. The same seed plays the same days.
"""

import argparse
import random
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from box.clock import BoxClock
from box.promises import Done, broken, ends, look
from box.runtime.workers import ROOT
from box.scenarios.people import SERVICE
from box.scenarios.player import Box, Person
from box.world import World

CAST = (
    (Person("P-901", "Ana", "Quiverstone", "+13125550161", "1990-05-17", "es"), ("America/Chicago",)),
    (Person("P-902", "Leo", "Quiverstone", "+13125550161", "2016-02-11"), ("America/Chicago",)),
    (Person("P-903", "Ben", "Marrowgate", "+12125550162", "1984-11-02", state="NY"), ("America/New_York",)),
    (Person("P-904", "Cora", "Fennimore-Osk", "+18085550163", "1972-03-29", state="HI"), ("Pacific/Honolulu",)),
    (Person("P-905", "Dov", "Allerdyke", "+16025550164", "2001-08-08", state="AZ"), ("America/Phoenix",)),
    (Person("P-906", "Eve", "Tolliverse", "+13105550165", "1968-12-24", state="CA"), ("America/Los_Angeles",)),
)
WORDS = ("STOP", "stop texting me please", "CANCEL", "START", "START", "C", "yes", "1", "2", "HELP", "no más",
         "Can I stop by at 3?", "I need to cancel my appointment", "can I come later?", "wrong number", "thanks",
         "👍", "my throat is closing, I can't breathe", "Liked “Reply STOP to opt out”")  # fmt: skip
FAULTS: tuple[dict[str, Any], ...] = (
    {"on": "send", "kind": "throttle", "count": 3},
    {"on": "send", "kind": "error_before", "count": 1},
    {"on": "send", "kind": "timeout_after", "count": 1},
    {"on": "send", "kind": "opted_out", "count": 1},
    {"on": "receipt", "kind": "lost", "count": 2},
    {"on": "receipt", "kind": "late", "seconds": 5400, "count": 3},
    {"on": "receipt", "kind": "duplicated", "count": 3},
    {"on": "receipt", "kind": "reordered", "count": 3},
    {"on": "receipt", "kind": "contradictory", "count": 1},
    {"on": "queue", "kind": "redeliver", "count": 8},
)


class Chaos:
    """One seed's days on one box."""

    def __init__(self, box: Box, seed: int) -> None:
        self.box, self.done = box, Done()
        self.dice = random.Random(seed)  # noqa: S311 - what is drawn is to be drawn again
        self.versions: Counter[str] = Counter()
        self.did: Counter[str] = Counter()
        for person, zones in CAST:
            self.done.zones[person.phone] = zones
            self.done.marks |= {person.family, person.phone[2:], person.born, SERVICE}

    def open(self) -> None:
        """Everybody agrees to texts."""
        for person, _ in CAST:
            self.box.consent(person, "appointments", "care", "general").raise_for_status()

    def step(self) -> None:
        """Do one thing."""
        acts: tuple[tuple[Callable[[], None], int], ...] = (
            (self.hear, 30), (self.say, 22), (self.wait, 22), (self.fault, 14), (self.crash, 8), (self.write, 4),
        )  # fmt: skip
        act = self.dice.choices([act for act, _ in acts], [weight for _, weight in acts])[0]
        self.did[act.__name__] += 1
        act()

    def hear(self) -> None:
        """The scheduling system books, moves, changes or cancels, at times twice."""
        person, _ = self.dice.choice(CAST)
        appointment = f"X-{person.ref[-1]}{self.dice.randint(1, 2)}"
        kind = self.dice.choice(("booked", "booked", "rescheduled", "updated", "cancelled", "no_show"))
        self.versions[appointment] += 1
        start = self.box.day(self.dice.randint(1, 9), self.dice.randint(8, 18))
        status = "booked" if kind in ("rescheduled", "updated") else kind
        told = self.box.visit(kind, appointment, person, start, version=self.versions[appointment], status=status)
        event = self.name()
        for _ in range(self.dice.choice((1, 1, 2))):
            answer = self.box.webhook(told, event_id=event)
            answer.raise_for_status()
        if kind == "booked":
            self.done.appointments.add(appointment)

    def say(self) -> None:
        """A patient texts, at times twice by the carrier's mistake."""
        person, _ = self.dice.choice(CAST)
        name, words = self.name(), self.dice.choice(WORDS)
        for _ in range(self.dice.choice((1, 1, 1, 2))):
            self.box.text(person, words, inbound_id=name)
        self.done.inbound.add(name)

    def wait(self) -> None:
        """Time passes: seconds, an hour, or a day and a half."""
        self.box.pass_time(seconds=self.dice.choice((1, 40, 600, 3600, 7 * 3600, 16 * 3600, 36 * 3600)))

    def fault(self) -> None:
        """Something begins to fail, or the carrier goes down for some hours."""
        if self.dice.random() < 0.2:
            until = self.box.now() + timedelta(hours=self.dice.randint(1, 14))
            wanted: dict[str, Any] = {"on": "send", "kind": "outage", "until": until.isoformat()}
        else:
            wanted = dict(self.dice.choice(FAULTS))
        self.box.post("/box/carrier", {"faults": [wanted]})

    def crash(self) -> None:
        """The next worker that gets that far dies after its n-th AWS call."""
        wanted = {"on": "queue", "kind": "crash_after_call", "call": self.dice.randint(1, 12)}
        self.box.post("/box/carrier", {"faults": [wanted]})

    def write(self) -> None:
        """Somebody at the desk texts a patient; the gate may refuse."""
        person, _ = self.dice.choice(CAST)
        threads = self.box.get("/box/threads")["threads"]
        found = [one for one in threads if one["phone"] == person.phone and one["patient_id"]]
        if found:
            told = {"body": "There is parking behind the building.", "author": "front-desk-1"}
            self.box.api("POST", f"/v1/threads/{found[0]['thread_id']}/texts", told)

    def name(self) -> str:
        """An id of this seed's own."""
        return str(uuid.UUID(int=self.dice.getrandbits(128)))


def settle(box: Box, days: int) -> None:
    """End all faults, bring dead letters back, and let time pass until nothing is left to happen."""
    box.http.delete("/box/carrier")
    for _ in range(3):
        box.pass_time(hours=1)
        box.post("/box/dead-letters/replay")
    box.pass_time(days=days)
    box.pass_time(minutes=2)


def main(arguments: list[str] | None = None) -> int:
    """Play one seed."""
    parser = argparse.ArgumentParser(prog="python -m box.chaos", description="Random days with everything failing.")
    parser.add_argument("--seed", type=int, default=None, help="the days to play; drawn at random when left out")
    parser.add_argument("--steps", type=int, default=80, help="how many things happen")
    parser.add_argument("--assembly", type=Path, default=ROOT / "cdk.out", help="the synthesized templates")
    options = parser.parse_args(arguments)
    seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    print(f"seed {seed}, {options.steps} steps", flush=True)
    began = time.monotonic()
    with World(options.assembly, port=0, clock=BoxClock()) as world:
        box = Box(world.address)
        chaos = Chaos(box, seed)
        chaos.open()
        for _ in range(options.steps):
            chaos.step()
        settle(box, days=12)
        seen = look(box)
    faults = chaos.did["fault"] + chaos.did["crash"]
    print(f"done: {', '.join(f'{name} {count}' for name, count in sorted(chaos.did.items()))}; {faults} faults")
    print(f"ends of {len(seen.messages)} texts: {ends(seen)}; {len(seen.inbound)} texts of patients; "
          f"{len(seen.entries)} ledger entries; {time.monotonic() - began:.0f} s")  # fmt: skip
    return verdict(broken(chaos.done, seen), f"make chaos SEED={seed} STEPS={options.steps}")


def verdict(found: list[str], replay: str) -> int:
    """Say whether every promise was kept, and how to see it again."""
    for sentence in found:
        print(f"✗ {sentence}")
    print(f"{'every promise was kept' if not found else f'{len(found)} broken'}; again: {replay}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
