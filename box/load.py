"""`python -m box.load 2000`: that many appointments through a box with faults on; nothing lost, nothing twice.

Patients agree, visits are booked one after the other and reminded the next day, some patients answer, and all the while the
carrier throttles, forgets to answer and confuses its receipts, queues deliver twice and workers die. Prints counts and why
texts did not go, and exits 1 when a promise was broken or a refusal has no reason outside the gate.
"""

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from box.chaos import FAULTS, settle, verdict
from box.clock import BoxClock
from box.promises import Done, Seen, broken, ends, look, outgoing
from box.refusals import outside, refusals, told, unexplained
from box.runtime.workers import ROOT
from box.scenarios.people import SERVICE
from box.scenarios.player import AREAS, Box, Person
from box.world import World

CODES = (*AREAS, 224, 331, 447, 464, 730, 779, 872, 262, 274, 353, 414, 534, 608, 715, 920)
"""Area codes on Chicago's clock, the rest of Illinois's and Wisconsin's: a phone each for some 2,300 patients."""
FAMILIES = ("Quiverstone", "Marrowgate", "Fennimore-Osk", "Allerdyke", "Tolliverse", "Brackenhold", "Sundermere")
ANSWERS = ("C", "C", "C", "yes", "STOP", "can I come later?")
EVERY = 10
"""Bookings between two faults."""


def people(count: int, phones: int) -> Iterator[Person]:
    """Patients on so many phones, on numbers that are given to nobody; where there are fewer phones, they are shared."""
    for at in range(count):
        area, last = CODES[at % phones // 100], at % phones % 100
        born = f"19{50 + at % 50}-{1 + at % 12:02}-{1 + at % 28:02}"
        yield Person(f"L-{at}", f"Given{at}", FAMILIES[at % len(FAMILIES)], f"+1{area}55501{last:02}", born)


def track(cast: Sequence[Person], what: str) -> Iterator[Person]:
    """The cast, one by one; says every tenth of the way on standard error how far it is and how long it took."""
    began, tenth = time.monotonic(), max(1, len(cast) // 10)
    for at, person in enumerate(cast, 1):
        yield person
        if at % tenth == 0:
            print(f"{what}: {at} of {len(cast)}, {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)


class Load:
    """One run: `count` appointments of patients on so many phones, drawn from one seed."""

    def __init__(self, box: Box, count: int, phones: int, seed: int) -> None:
        self.box, self.cast, self.done = box, list(people(count, phones)), Done()
        self.dice = random.Random(seed)  # noqa: S311 - what is drawn is to be drawn again
        self.faults: Counter[str] = Counter()
        self.done.marks = {*FAMILIES, SERVICE} | {person.phone[2:] for person in self.cast}

    def book(self) -> None:
        """Everybody agrees and books; the clock moves on a few seconds each time."""
        for at, person in enumerate(track(self.cast, "booking")):
            if at % EVERY == 0:
                self.fault()
            self.box.consent(person).raise_for_status()
            start = self.box.day(self.dice.randint(4, 5), self.dice.randint(8, 18), self.dice.choice((0, 15, 30, 45)))
            told = self.box.visit("booked", f"L-{at}", person, start)
            self.box.webhook(told).raise_for_status()
            self.done.appointments.add(f"L-{at}")
            self.done.zones[person.phone] = ("America/Chicago",)
            if self.dice.random() < 0.3:
                self.box.pass_time(seconds=self.dice.randint(1, 20))

    def answer(self) -> None:
        """One patient in five answers the reminder."""
        for at, person in enumerate(track(self.cast, "answering")):
            if self.dice.random() < 0.2:
                name = f"load-{at}"
                self.box.text(person, self.dice.choice(ANSWERS), inbound_id=name)
                self.done.inbound.add(name)
                if at % EVERY == 0:
                    self.fault()

    def fault(self) -> None:
        """The next fault of the laboratory, or the death of a worker."""
        wanted: dict[str, Any] = dict(self.dice.choice(FAULTS))
        if self.dice.random() < 0.3:
            wanted = {"on": "queue", "kind": "crash_after_call", "call": self.dice.randint(1, 12)}
        self.faults[wanted["kind"]] += 1
        self.box.post("/box/carrier", {"faults": [wanted]})


def main(arguments: list[str] | None = None) -> int:
    """Run the load and print what came of it."""
    options = asked(arguments)
    phones = min(options.phones or options.count, 100 * len(CODES))
    print(f"{options.count} appointments on {phones} phones, seed {options.seed}", flush=True)
    began = time.monotonic()
    with World(options.assembly, port=0, clock=BoxClock()) as world:
        box = Box(world.address, patience=5 * options.count + 300)  # 2 s an appointment, were all due at one moment
        load, opened = Load(box, options.count, phones, options.seed), box.now()
        load.book()
        print(f"booked after {time.monotonic() - began:.0f} s, at {box.now():%H:%M} of the box's day", flush=True)
        box.go_to(box.day(2, 16))
        print(f"reminded after {time.monotonic() - began:.0f} s, at {box.now():%H:%M} two days later", flush=True)
        load.answer()
        print(f"answered after {time.monotonic() - began:.0f} s; now the faults end", flush=True)
        settle(box, days=5)
        seen = look(box)
        calls = Counter(one.function for one in world.runtime.done)
        sending = world.stage.told["sending"]
    spent = time.monotonic() - began
    print(f"faults: {', '.join(f'{name} {count}' for name, count in sorted(load.faults.items()))}")
    print(f"runs of functions: {', '.join(f'{name} {count}' for name, count in sorted(calls.items()))}")
    print(f"ledger entries {len(seen.entries)}; {spent:.0f} s in all, {spent / options.count:.2f} s an appointment; "
          f"{(seen.now - opened) / timedelta(days=1):.0f} days of the box's time")  # fmt: skip
    again = f"make load N={options.count} SEED={options.seed}" + (f" PHONES={phones}" if options.phones else "")
    return verdict([*broken(load.done, seen), *texts(load.done, seen, sending)], again)


def asked(arguments: list[str] | None) -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m box.load", description="Many appointments, with faults on.")
    parser.add_argument("count", nargs="?", type=int, default=2000, help="how many appointments")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--phones", type=int, help="how many phones they share; one each when left out, up to 2,300")
    parser.add_argument("--assembly", type=Path, default=ROOT / "cdk.out", help="the synthesized templates")
    return parser.parse_args(arguments)


def texts(done: Done, seen: Seen, sending: Mapping[str, Any]) -> list[str]:
    """Print what became of the texts, and why some did not go; returns a sentence for each refusal left unexplained."""
    went = sum(1 for _ in outgoing(seen))
    print(f"texts planned {len(seen.messages)}; on phones {went}; by their ends: {ends(seen)}")
    known, refused = outside(seen, sending), list(refusals(done, seen))
    print(f"not sent, by the gate's own words: {len(refused)}", *told(refused, known), sep="\n")
    return unexplained(refused, known)


if __name__ == "__main__":
    sys.exit(main())
