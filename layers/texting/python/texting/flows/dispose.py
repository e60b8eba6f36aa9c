"""Journey: what has been kept as long as the law says is destroyed, with a certificate (P8).

Records go by the year and the patient (or the number, where nobody knows whose it is): all that one data key seals goes
together, on the day the longest clock of any of it has run out. When nothing of any year is left, the identity goes too:
name, consents, threads, and the patient's phone numbers where nobody else is on them; of a number that said STOP its
keyed hash and its standing stay, which name nobody. For each of these: holds → clocks, with the facts of today → intent
in the ledger → key and records erased, in transactions that a new hold or a new contact cancels → certificate. A run that
dies leaves an intent without a certificate, which the next night finishes first.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from texting.audit.certificate import INTENDED, ISSUED, Certificate, certify
from texting.audit.entries import entry_id, make_entry
from texting.errors import Contended, Reject, Retry
from texting.flows import last_day
from texting.flows.needs import World
from texting.flows.telling import told
from texting.records import Disposing, Holds, Number, Stored
from texting.rules.retention import Dispose, Keep
from texting.values import SYSTEM
from texting.writes import Change, Evidence

BACKUPS = timedelta(days=35)
"""How far back the tables can be restored. The keys' table goes back one day only, so that a restored record can be
opened for a day at most; the certificate names the day on which not even the sealed bytes can come back."""
TRIES = 3
IDENTITY = 0
"""The year under which a name, a number and the evidence of consents are sealed."""


class Shredder(last_day.Kept, Protocol):
    """The end of records."""

    def due(self, month: str, today: date) -> Iterator[Stored]: ...
    def of_owner(self, owner: str, year: int) -> tuple[Stored, ...]: ...
    def of_person(self, patient_id: str) -> tuple[Stored, ...]: ...
    def of_number(self, number_id: str) -> tuple[Stored, ...]: ...
    def put_off(self, stored: Stored, until: date) -> None: ...
    def look_at(self, paths: Sequence[str]) -> Mapping[str, Any]: ...
    def erase(self, found: Mapping[str, Any], owner: str, year: int, unchanged: Sequence[Holds | Number]) -> None: ...


@dataclass(slots=True)
class Night:
    """What a night did, in counts: certificates, records `erased`, years `put_off` by clocks or `held`, and `failed`."""

    certified: int = 0
    erased: int = 0
    put_off: int = 0
    held: int = 0
    failed: int = 0
    finished: bool = False


@dataclass(frozen=True, slots=True)
class _Run:
    """One night at work: what it is given, and what it settled: None where nothing is left, else what keeps the rest."""

    world: World
    shredder: Shredder
    now: datetime
    today: date
    night: Night = field(default_factory=Night)
    settled: dict[tuple[str, int], Keep | None] = field(default_factory=dict)


def dispose(world: World, shredder: Shredder, now: datetime, has_time: Callable[[], bool]) -> Night:
    """Dispose of what is due, oldest month first, while `has_time`. `now` is UTC; days are the practice's.

    One patient's trouble does not keep the others waiting: it is counted and tried again the next night.
    """
    today = now.astimezone(ZoneInfo(world.practice.locations[0].time_zone)).date()
    run = _Run(world, shredder, now, today)
    _finish(run)
    for month in _months(world.store.disposing().mark or last_day.FIRST.strftime("%Y-%m"), today):
        for stored in shredder.due(month, today):
            if (stored.owner, stored.year) in run.settled:
                continue
            if not has_time():
                return run.night
            _try_one(run, stored)
    run.night.finished = not run.night.failed
    _mark(run)
    return run.night


def _try_one(run: _Run, stored: Stored) -> None:
    """Settle a year; once it is gone, or where the identity itself is due, look whether anything else is left."""
    try:
        _finish(run)  # what an earlier one left open comes first
        if stored.year == IDENTITY or _settle_year(run, stored.owner, stored.year) is None:
            _settle_identity(run, stored.owner)
    except (Retry, Reject):  # not tonight; and who it is about stays as long as any of it does
        run.settled[stored.owner, stored.year] = run.settled[stored.owner, IDENTITY] = None
        run.night.failed += 1


def _settle_year(run: _Run, owner: str, year: int) -> Keep | None:
    """Put a year off, or see it through to its certificate. Returns what keeps it, None when nothing is left of it."""
    if (owner, year) not in run.settled:
        records = run.shredder.of_owner(owner, year)
        run.settled[owner, year] = _decide_year(run, records) if records else None
    return run.settled[owner, year]


def _decide_year(run: _Run, records: Sequence[Stored]) -> Keep | None:
    decided = last_day.of_year(run.world, run.shredder, records, run.today)
    if isinstance(decided, Keep):
        _put_off(run, [one for one in records if not one.path.startswith("visits|")], decided)
        run.night.put_off += decided.until is not None
        run.night.held += decided.until is None
        return decided
    _intend(run, records)
    _finish(run)
    return None


def _settle_identity(run: _Run, owner: str) -> None:
    """Everybody on a number first, every year first; then, if nothing keeps it, who they were about, and their numbers."""
    if (owner, IDENTITY) in run.settled:
        return
    run.settled[owner, IDENTITY] = None
    for patient_id in run.world.store.patients_on(owner) if last_day.is_number(owner) else ():
        _settle_identity(run, patient_id)
    years = [_settle_year(run, owner, year) for year in run.shredder.years_of(owner) if year != IDENTITY]
    records = _identity(run, owner)
    decided = _verdict(run, owner, records) if records else None
    if isinstance(decided, Keep):
        _put_off(run, records, min([decided, *(kept for kept in years if kept)], key=_until))
    elif decided:
        numbers = () if last_day.is_number(owner) else run.shredder.numbers_of(owner)
        _intend(run, records)
        _finish(run)
        for number_id in numbers:
            run.settled.pop((number_id, IDENTITY), None)  # it may have waited for this patient a moment ago
            _settle_identity(run, number_id)


def _put_off(run: _Run, records: Sequence[Stored], keep: Keep) -> None:
    """Give what is due another day: the one after the clock's last, or a while from now where a hold stands."""
    until = keep.until + timedelta(days=1) if keep.until else run.today + last_day.AGAIN
    for one in records:
        undated = one.year != IDENTITY and one.dispose_on is None
        if undated or (one.dispose_on and one.dispose_on <= run.today):
            run.shredder.put_off(one, until)


def _until(keep: Keep) -> date:
    return keep.until or date.max


def _identity(run: _Run, owner: str) -> tuple[Stored, ...]:
    return run.shredder.of_number(owner) if last_day.is_number(owner) else run.shredder.of_person(owner)


def _verdict(run: _Run, owner: str, records: Sequence[Stored]) -> Dispose | Keep:
    if last_day.is_number(owner):
        return last_day.of_number(run.world, run.shredder, owner, run.today)
    return last_day.of_person(run.world, run.shredder, records, run.today)


def _intend(run: _Run, records: Sequence[Stored]) -> None:
    """Say in the ledger what is about to be erased, and note it as begun; both or neither."""
    standing = run.world.store.disposing()
    paths = tuple(sorted(one.path for one in records))
    owner, year = records[0].owner, records[0].year
    begun = replace(
        standing,
        intent=entry_id(INTENDED, owner, str(year), str(standing.rev)),
        intended_at=run.now,
        owner=owner,
        year=year,
        records=paths,
    )
    run.world.store.commit(Change(begun), _intent(run.world, begun))


def _intent(world: World, begun: Disposing) -> Evidence:
    assert begun.intended_at is not None
    facts = {
        "record_class": _class(begun),
        "count": len(begun.records),
        "records_digest": world.ids.digest("\n".join(begun.records)),
    }
    return Evidence(INTENDED, begun.intent, begun.intended_at, SYSTEM, begun.owner, facts)


def _class(begun: Disposing) -> str:
    if begun.year != IDENTITY:
        return "patient_year"
    return "number" if last_day.is_number(begun.owner) else "identity"


def _finish(run: _Run) -> None:
    """See an intent through, if one is open: erase what may go now, then certify what is gone and what is not."""
    begun = run.world.store.disposing()
    if not begun.intent:
        return
    for _ in range(TRIES):
        found = run.shredder.look_at(begun.records)
        unchanged = _may_go(run, begun)
        if not found or unchanged is None:
            break
        try:
            run.shredder.erase(found, begun.owner, begun.year, unchanged)
            break
        except Contended:
            continue
    else:
        raise Contended("Records kept changing while they were to be erased; the next night goes on.")
    _certify(run, begun, tuple(run.shredder.look_at(begun.records)))


def _may_go(run: _Run, begun: Disposing) -> list[Holds | Number] | None:
    """What must stay as it is while the records go; None where a hold stands, or an identity's clock runs again.

    A year's clocks cannot start again: what comes in is of this year. An identity's do, with any booking or text.
    """
    holds = last_day.holds_on(run.world, run.shredder, begun.owner)
    if any(each.standing for each in holds):
        return None
    if begun.year != IDENTITY:
        return [*holds]
    numbers = [] if last_day.is_number(begun.owner) else run.shredder.numbers_of(begun.owner)
    heard = [number for number in map(run.world.store.number, numbers) if number]
    records = _identity(run, begun.owner)
    if records and isinstance(_verdict(run, begun.owner, records), Keep):
        return None
    return [*holds, *heard]


def _certify(run: _Run, begun: Disposing, kept: Sequence[str]) -> None:
    certificate = _certificate(run, begun, kept)
    ended = Disposing(mark=begun.mark, rev=begun.rev)
    done = {"intent": begun.intent, "count": certificate.count, "method": certificate.method}
    erased = [told("retention.erased", run.now, begun.owner, done, once=begun.intent)] if certificate.count else []
    issued = Evidence(ISSUED, entry_id(ISSUED, begun.intent), run.now, SYSTEM, begun.intent, certificate.facts())
    run.world.store.commit(Change(ended), *erased, issued)
    run.night.certified += 1
    run.night.erased += certificate.count
    run.night.held += bool(kept)


def _certificate(run: _Run, begun: Disposing, kept: Sequence[str]) -> Certificate:
    intent = _intent(run.world, begun)
    gone = [path for path in begun.records if path not in kept]
    return certify(
        make_entry(intent.kind, intent.at, intent.actor, intent.subject, intent.facts, intent.entry_id),
        count=len(gone),
        kept=len(kept),
        method=_method(run.world, begun, kept),
        records_digest=run.world.ids.digest("\n".join(gone)),
        erased_at=run.now,
        backups_reach=BACKUPS,
        actor=SYSTEM,
    )


def _method(world: World, begun: Disposing, kept: Sequence[str]) -> str:
    if kept:
        return "items_deleted"
    if _class(begun) == "number" and world.store.number(begun.owner) is not None:
        return "keys_destroyed"  # what stays of it is the standing, under a keyed hash
    return "keys_destroyed_and_items_deleted"


def _mark(run: _Run) -> None:
    """Remember that nothing before this month is due any more."""
    standing, month = run.world.store.disposing(), run.today.strftime("%Y-%m")
    if run.night.finished and standing.mark != month:
        run.world.store.commit(Change(replace(standing, mark=month)))


def _months(first: str, today: date) -> Iterator[str]:
    year, month = map(int, first.split("-"))
    while (year, month) <= (today.year, today.month):
        yield f"{year:04d}-{month:02d}"
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
