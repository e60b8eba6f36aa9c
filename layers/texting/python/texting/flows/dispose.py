"""Journey: what has been kept as long as the law says is destroyed, with a certificate (P8).

Records go by the year and the patient (or the number, where nobody knows whose it is): all that one data key seals goes
together, on the day the longest clock of any of it has run out. When nothing of any year is left, the identity goes too:
name, consents, threads, and the patient's phone numbers where nobody else is on them; of a number that said STOP its
keyed hash and its standing stay, which name nobody. Work that is over goes last (`dispose_work`).

For each of these: holds → clocks, with the facts of today → intent in the ledger → key and records erased, in transactions
that a new hold or a new contact cancels → certificate. A run that dies leaves an intent without a certificate, which the
next night finishes first.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime

from texting.errors import Reject, Retry
from texting.flows import dispose_work, last_day
from texting.flows.disposing import IDENTITY, Night, Run, Shredder, class_of, dispose_of, finish, zone_of
from texting.flows.needs import World
from texting.records import Disposing, Holds, Number, Stored
from texting.rules.retention import Dispose, Keep
from texting.writes import Change


def dispose(world: World, shredder: Shredder, now: datetime, has_time: Callable[[], bool]) -> Night:
    """Dispose of what is due, oldest month first, while `has_time`. `now` is UTC; days are the practice's.

    One patient's trouble does not keep the others waiting: it is counted and tried again the next night.
    """
    today = now.astimezone(zone_of(world)).date()
    run = Run(world, shredder, now, today, _may_go, last_day.waited_for(world))
    finish(run)
    months = tuple(_months(world.store.disposing().mark or last_day.FIRST.strftime("%Y-%m"), today))
    for month in months:
        for stored in shredder.due(month, today):
            if (stored.owner, stored.year) in run.settled:
                continue
            if not has_time():
                return run.night
            _try_one(run, stored)
    looked = dispose_work.dispose_of_work(run, months, has_time)
    run.night.finished = looked and not run.night.failed
    _mark(run)
    return run.night


def _try_one(run: Run, stored: Stored) -> None:
    """Settle a year; once it is gone, or where the identity itself is due, look whether anything else is left."""
    try:
        finish(run)  # what an earlier one left open comes first
        if stored.year == IDENTITY or _settle_year(run, stored.owner, stored.year) is None:
            _settle_identity(run, stored.owner)
    except (Retry, Reject):  # not tonight; and who it is about stays as long as any of it does
        run.settled[stored.owner, stored.year] = run.settled[stored.owner, IDENTITY] = None
        run.night.failed += 1


def _settle_year(run: Run, owner: str, year: int) -> Keep | None:
    """Put a year off, or see it through to its certificate. Returns what keeps it, None when nothing is left of it."""
    if (owner, year) not in run.settled:
        records = run.shredder.of_owner(owner, year)
        run.settled[owner, year] = _decide_year(run, records) if records else None
    return run.settled[owner, year]


def _decide_year(run: Run, records: Sequence[Stored]) -> Keep | None:
    decided = last_day.of_year(run.world, run.shredder, records, run.today)
    if isinstance(decided, Dispose):
        decided = last_day.open_work(run.world, run.shredder, records[0].owner, run.waiting, run.today) or decided
    if isinstance(decided, Keep):
        _put_off(run, [one for one in records if not one.path.startswith("visits|")], decided)
        run.night.put_off += decided.until is not None
        run.night.held += decided.until is None
        return decided
    dispose_of(run, records, records[0].owner, records[0].year)
    return None


def _settle_identity(run: Run, owner: str) -> None:
    """Everybody on a number first, every year first; then, if nothing keeps it, who they were about, and their numbers."""
    if (owner, IDENTITY) in run.settled:
        return
    run.settled[owner, IDENTITY] = None
    for patient_id in run.world.store.patients_on(owner) if last_day.is_number(owner) else ():
        _settle_identity(run, patient_id)
    years = [_settle_year(run, owner, year) for year in run.shredder.years_of(owner) if year != IDENTITY]
    records = _identity(run, owner)
    decided = _verdict(run, owner, records) if records else None
    if isinstance(decided, Dispose):
        decided = last_day.open_work(run.world, run.shredder, owner, run.waiting, run.today) or decided
    if isinstance(decided, Keep):
        _put_off(run, records, min([decided, *(kept for kept in years if kept)], key=_until))
    elif decided:
        numbers = () if last_day.is_number(owner) else run.shredder.numbers_of(owner)
        dispose_of(run, records, records[0].owner, records[0].year)
        for number_id in numbers:
            run.settled.pop((number_id, IDENTITY), None)  # it may have waited for this patient a moment ago
            _settle_identity(run, number_id)


def _put_off(run: Run, records: Sequence[Stored], keep: Keep) -> None:
    """Give what is due another day."""
    until = last_day.again_on(keep, run.today)
    for one in records:
        undated = one.year != IDENTITY and one.dispose_on is None
        if undated or (one.dispose_on and one.dispose_on <= run.today):
            run.shredder.put_off(one, until)


def _until(keep: Keep) -> date:
    return keep.until or date.max


def _identity(run: Run, owner: str) -> tuple[Stored, ...]:
    return run.shredder.of_number(owner) if last_day.is_number(owner) else run.shredder.of_person(owner)


def _verdict(run: Run, owner: str, records: Sequence[Stored]) -> Dispose | Keep:
    if last_day.is_number(owner):
        return last_day.of_number(run.world, run.shredder, owner, run.today)
    return last_day.of_person(run.world, run.shredder, records, run.today)


def _may_go(run: Run, begun: Disposing) -> Sequence[Holds | Number] | None:
    """What must stay as it is while the records go; None where a hold stands, a task is open, or an identity's clock runs
    again.

    A year's clocks cannot start again: what comes in is of this year. An identity's do, with any booking or text.
    """
    if class_of(begun) in dispose_work.MAY_GO:
        return dispose_work.MAY_GO[class_of(begun)](run, begun)
    holds = last_day.holds_on(run.world, run.shredder, begun.owner)
    if any(each.standing for each in holds):
        return None
    if last_day.open_work(run.world, run.shredder, begun.owner, last_day.waited_for(run.world), run.today):
        return None
    if begun.year != IDENTITY:
        return [*holds]
    numbers = [] if last_day.is_number(begun.owner) else run.shredder.numbers_of(begun.owner)
    heard = [number for number in map(run.world.store.number, numbers) if number]
    records = _identity(run, begun.owner)
    if records and isinstance(_verdict(run, begun.owner, records), Keep):
        return None
    return [*holds, *heard]


def _mark(run: Run) -> None:
    """Remember that nothing before this month is due any more."""
    standing, month = run.world.store.disposing(), run.today.strftime("%Y-%m")
    if run.night.finished and standing.mark != month:
        run.world.store.commit(Change(replace(standing, mark=month)))


def _months(first: str, today: date) -> Iterator[str]:
    year, month = map(int, first.split("-"))
    while (year, month) <= (today.year, today.month):
        yield f"{year:04d}-{month:02d}"
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
