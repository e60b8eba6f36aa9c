"""Journey: the carrier's own opt-out list and our standings are brought together every night, both ways.

A STOP that has stood for a day is written to the carrier's list: a second fence, should ours ever fail. A number that is
listed there and not stopped here (a carrier's own STOP never reaches us) is stopped here. Never the other way: that a
number is missing there proves nothing, and only its own START ends a STOP.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from texting.errors import Contended
from texting.flows import change_consent
from texting.flows.again import again
from texting.flows.keeping import number_of
from texting.flows.needs import OptedOut, World
from texting.flows.tasks import new_task
from texting.flows.telling import told
from texting.records import Listing, Number
from texting.values import Actor
from texting.writes import Change

STANDS = timedelta(hours=24)
"""A number can leave the carrier's list only once in 30 days: a STOP taken back within the day never gets there."""
EACH, PAGE = 0.1, 1.0
"""Seconds between two changes of the carrier's list (10 a second), and between two pages of it (1 a second)."""
CARRIER = Actor("carrier", "sms")


@dataclass(slots=True)
class Reconciled:
    """What a night changed, in counts. `complete` says whether there was time for all of it."""

    listed: int = 0
    let_go: int = 0
    blocked: int = 0
    stopped: int = 0
    complete: bool = True


def reconcile(world: World, now: datetime, has_time: Callable[[], bool]) -> Reconciled:
    """Bring both lists together, while `has_time`. What is not reached is reached another night. Raises Unavailable."""
    done = Reconciled()
    for listing in world.store.listings("due", now - STANDS):
        done.listed += has_time() and _put(world, listing, now)
    for listing in world.store.listings("leaving", now):
        if has_time():
            gone = let_go(world, listing.number_id, now)
            done.let_go, done.blocked = done.let_go + gone, done.blocked + (not gone)
            world.pause(EACH)
    for page in world.fence.pages():
        for known in page:
            done.stopped += again(lambda known=known: _stopped_there(world, known, now))  # type: ignore[misc]
        done.complete = has_time()
        if not done.complete:
            break
        world.pause(PAGE)
    return done


def let_go(world: World, number_id: str, now: datetime) -> bool:
    """Take a number that said START off the carrier's list. Returns whether the carrier lets texts through.

    Where it does not, people are told, once for each START: nothing reaches this patient. Raises Unavailable.
    """
    listing, number = world.store.listing(number_id), world.store.number(number_id)
    if listing.state != "leaving" or number is None:
        return True
    if world.fence.take_off(number.to_dial):
        _settle(world, listing, "off", "number.unlisted", now)
        return True
    once = f"{number_id} {listing.since}"
    with suppress(Contended):  # they were told already
        world.store.commit(*new_task(world, "still_listed", now, once=once, thread_id=_thread(world, number)))
    return False


def _put(world: World, listing: Listing, now: datetime) -> bool:
    number = world.store.number(listing.number_id)
    if number is None or not number.stopped:
        return False
    world.fence.put(number.to_dial)
    world.pause(EACH)
    return _settle(world, listing, "listed", "number.listed", now)


def _settle(world: World, listing: Listing, state: str, kind: str, now: datetime) -> bool:
    """Keep what the carrier's list says now. A STOP or START in between wins: it is carried out the next time."""
    after = replace(listing, state=state, since=now)
    evidence = told(kind, now, listing.number_id, once=str(listing.rev), actor=CARRIER)
    try:
        world.store.commit(Change(after), evidence)
    except Contended:
        return False
    return True


def _stopped_there(world: World, known: OptedOut, now: datetime) -> bool:
    """Stop here what is stopped there, unless it is there only because it may not leave yet, or said START since."""
    number, _ = number_of(world, known.phone, now)
    number_id = number.number_id
    listing = world.store.listing(number_id)
    if number.stopped or (listing.since is not None and known.at <= listing.since):
        return False
    evidence = {"listed_at": known.at.isoformat()}
    stopped, writes, rest = change_consent.stop(world, number, CARRIER, "carrier", evidence, now)
    once = f"{number_id} {stopped.standing}"
    task = new_task(world, "listed_by_carrier", now, once=once, thread_id=_thread(world, number))
    world.store.commit(Change(stopped), *writes, *task)
    for patient_id in rest:
        world.store.commit(
            *change_consent.revoke(world, patient_id, number_id, None, CARRIER, "carrier", evidence, now, by_stop=True)
        )
    return True


def _thread(world: World, number: Number) -> str:
    """The thread of the one patient on a number, or of the number alone."""
    patients = world.store.patients_on(number.number_id)
    return world.ids.thread_id(patients[0] if len(patients) == 1 else None, number.number_id)
