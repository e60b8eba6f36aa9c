"""Journey: what has been kept as long as the law says is destroyed, with a certificate (P8).

Records go by the year and the patient (or the number, where nobody knows whose it is): all that one data key seals goes
together, on the day the longest clock of any of it has run out. For each such year: holds → clocks, with the facts of
today → intent in the ledger → key and records erased, in transactions that a new hold cancels → certificate. A run that
dies leaves an intent without a certificate, which the next night finishes first.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from texting.audit.certificate import INTENDED, ISSUED, Certificate, certify
from texting.audit.entries import entry_id, make_entry
from texting.errors import Contended, Reject, Retry
from texting.flows.legal_hold import ALL
from texting.flows.needs import World
from texting.flows.telling import told
from texting.records import Disposing, Holds, Patient, Stored
from texting.rules.retention import Choices, Dispose, Hold, Keep, Kind, Record, verdict
from texting.values import SYSTEM
from texting.writes import Change, Evidence

BACKUPS = timedelta(days=35)
"""How far back the tables can be restored. The keys' table goes back one day only, so that a restored record can be
opened for a day at most; the certificate names the day on which not even the sealed bytes can come back."""
AGAIN = timedelta(days=30)
"""When something under a hold is looked at again."""
FIRST = date(2026, 1, 1)
"""No record is older than the product."""
TRIES = 3
RECORD_CLASS = "patient_year"


class Shredder(Protocol):
    """The end of records."""

    def due(self, month: str, today: date) -> Iterator[Stored]: ...
    def of_owner(self, owner: str, year: int) -> tuple[Stored, ...]: ...
    def last_visit(self, patient_id: str) -> date | None: ...
    def put_off(self, stored: Stored, until: date) -> None: ...
    def remaining(self, paths: Sequence[str]) -> tuple[str, ...]: ...
    def erase(self, paths: Sequence[str], owner: str, year: int, holds: Sequence[Holds]) -> None: ...


@dataclass(slots=True)
class Night:
    """What a night did, in counts: years certified, records `erased`, years `put_off` by clocks or `held`, and `failed`."""

    certified: int = 0
    erased: int = 0
    put_off: int = 0
    held: int = 0
    failed: int = 0
    finished: bool = False


def dispose(world: World, shredder: Shredder, now: datetime, has_time: Callable[[], bool]) -> Night:
    """Dispose of what is due, oldest month first, while `has_time`. `now` is UTC; days are the practice's.

    One patient's trouble does not keep the others waiting: it is counted and tried again the next night.
    """
    night = Night()
    today = now.astimezone(ZoneInfo(world.practice.locations[0].time_zone)).date()
    _finish(world, shredder, night, now)
    seen: set[tuple[str, int]] = set()
    for month in _months(world.store.disposing().mark or FIRST.strftime("%Y-%m"), today):
        for stored in shredder.due(month, today):
            if (stored.owner, stored.year) in seen:
                continue
            if not has_time():
                return night
            seen.add((stored.owner, stored.year))
            _try_one(world, shredder, stored, night, today, now)
    night.finished = not night.failed
    _mark(world, today, night)
    return night


def _try_one(world: World, shredder: Shredder, stored: Stored, night: Night, today: date, now: datetime) -> None:
    try:
        _settle_year(world, shredder, stored, night, today, now)
    except (Retry, Reject):
        night.failed += 1


def _settle_year(world: World, shredder: Shredder, stored: Stored, night: Night, today: date, now: datetime) -> None:
    """Put a year off, or see it through to its certificate; what an earlier one left open comes first."""
    _finish(world, shredder, night, now)
    year = shredder.of_owner(stored.owner, stored.year)
    decided = _verdict(world, shredder, year, today)
    if isinstance(decided, Keep):
        until = decided.until + timedelta(days=1) if decided.until else today + AGAIN
        for one in year:
            if not one.path.startswith("visits|") and (one.dispose_on is None or one.dispose_on <= today):
                shredder.put_off(one, until)
        night.put_off += decided.until is not None
        night.held += decided.until is None
        return
    _intend(world, year, now)
    _finish(world, shredder, night, now)


def _verdict(world: World, shredder: Shredder, year: Sequence[Stored], today: date) -> Dispose | Keep:
    """The longest of every clock on every record of the year, from its own day and from the last contact."""
    owner = year[0].owner
    patient = world.store.patient(owner)
    states = {place.state for place in world.practice.locations} | ({patient.state} if patient else set())
    holds = [Hold(each, None) for found in _holds(world, owner) for each in found.standing]
    born = patient.birth_date.as_date() if patient and patient.birth_date else None
    kept = world.practice.retention
    choices = Choices(years=kept.years, minor_until_age=kept.minor_until_age)
    contact = _last_contact(world, shredder, owner, patient)
    found = [
        verdict(Record(_kind(one), owner, state, day, born), holds, today, choices)
        for one in year
        for day in {one.made_on, max(one.made_on, contact)}
        for state in states
    ]
    keeps = [each for each in found if isinstance(each, Keep)]
    return max(keeps, key=lambda keep: keep.until or date.max) if keeps else found[0]


def _kind(stored: Stored) -> Kind:
    return "opt_out" if stored.intent in ("opt_out", "opt_in") else "message"


def _last_contact(world: World, shredder: Shredder, owner: str, patient: Patient | None) -> date:
    """The last day we know of on which the patient was seen or heard; the law's years are counted from there."""
    number_id = patient.number_id if patient else owner
    number = world.store.number(number_id) if number_id else None
    heard = number.heard_at.date() if number and number.heard_at else FIRST
    return max(heard, shredder.last_visit(owner) or FIRST)


def _holds(world: World, owner: str) -> list[Holds]:
    """Every place where a hold on these records may stand: everything, their owner, and each patient on a number."""
    return [world.store.holds(subject) for subject in (ALL, owner, *world.store.patients_on(owner))]


def _intend(world: World, year: Sequence[Stored], now: datetime) -> None:
    """Say in the ledger what is about to be erased, and note it as begun; both or neither."""
    standing = world.store.disposing()
    paths = tuple(sorted(one.path for one in year))
    owner, number = year[0].owner, year[0].year
    begun = replace(
        standing,
        intent=entry_id(INTENDED, owner, str(number), str(standing.rev)),
        intended_at=now,
        owner=owner,
        year=number,
        records=paths,
    )
    world.store.commit(Change(begun), _intent(world, begun))


def _intent(world: World, begun: Disposing) -> Evidence:
    assert begun.intended_at is not None
    facts = {
        "record_class": RECORD_CLASS,
        "count": len(begun.records),
        "records_digest": world.ids.digest("\n".join(begun.records)),
    }
    return Evidence(INTENDED, begun.intent, begun.intended_at, SYSTEM, begun.owner, facts)


def _finish(world: World, shredder: Shredder, night: Night, now: datetime) -> None:
    """See an intent through, if one is open: erase what no hold covers, then certify what is gone and what is not."""
    begun = world.store.disposing()
    if not begun.intent:
        return
    for _ in range(TRIES):
        holds = _holds(world, begun.owner)
        if any(each.standing for each in holds):
            break
        try:
            shredder.erase(shredder.remaining(begun.records), begun.owner, begun.year, holds)
            break
        except Contended:
            continue
    else:
        raise Contended("Records kept changing while they were to be erased; the next night goes on.")
    kept = shredder.remaining(begun.records)
    certificate = _certificate(world, begun, kept, now)
    ended = Disposing(mark=begun.mark, rev=begun.rev)
    done = {"intent": begun.intent, "count": certificate.count, "method": certificate.method}
    erased = [told("retention.erased", now, begun.owner, done, once=begun.intent)] if certificate.count else []
    issued = Evidence(ISSUED, entry_id(ISSUED, begun.intent), now, SYSTEM, begun.intent, certificate.facts())
    world.store.commit(Change(ended), *erased, issued)
    night.certified += 1
    night.erased += certificate.count
    night.held += bool(kept)


def _certificate(world: World, begun: Disposing, kept: Sequence[str], now: datetime) -> Certificate:
    intent = _intent(world, begun)
    gone = [path for path in begun.records if path not in kept]
    return certify(
        make_entry(intent.kind, intent.at, intent.actor, intent.subject, intent.facts, intent.entry_id),
        count=len(gone),
        kept=len(kept),
        method="items_deleted" if kept else "keys_destroyed_and_items_deleted",
        records_digest=world.ids.digest("\n".join(gone)),
        erased_at=now,
        backups_reach=BACKUPS,
        actor=SYSTEM,
    )


def _mark(world: World, today: date, night: Night) -> None:
    """Remember that nothing before this month is due any more."""
    standing = world.store.disposing()
    if night.finished and standing.mark != today.strftime("%Y-%m"):
        world.store.commit(Change(replace(standing, mark=today.strftime("%Y-%m"))))


def _months(first: str, today: date) -> Iterator[str]:
    year, month = map(int, first.split("-"))
    while (year, month) <= (today.year, today.month):
        yield f"{year:04d}-{month:02d}"
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
