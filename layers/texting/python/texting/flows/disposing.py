"""One disposal, of whatever kind: said in the ledger, done in transactions that any change cancels, and certified (P8).

The intent and the note that it was begun are one write. Whoever finds it open sees it through: what may still go is erased,
and the certificate tells what is gone and what is not. `dispose` and `dispose_work` decide what that is about.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from texting.audit.certificate import INTENDED, ISSUED, Certificate, certify
from texting.audit.entries import entry_id, make_entry
from texting.audit.opacity import PRACTICE
from texting.errors import Contended
from texting.flows import last_day
from texting.flows.needs import World
from texting.flows.telling import told
from texting.records import Disposing, Holds, Number, Stored
from texting.rules.retention import Keep
from texting.values import SYSTEM
from texting.writes import Change, Evidence

BACKUPS = timedelta(days=35)
"""How far back the tables can be restored. The keys' table goes back one day only, so that a restored record can be
opened for a day at most; the certificate names the day on which not even the sealed bytes can come back."""
STEP = timedelta(milliseconds=1)
"""The ledger orders what waits by its time: a night has one moment, and the certificate must not come before the intent."""
TRIES = 3
IDENTITY = 0
"""The year under which a name, a number and the evidence of consents are sealed."""
TASKS, QUARANTINE = "tasks", "quarantine:"
"""The owners of intents about work: closed tasks, which hold ids and sentences of ours and are sealed under no key, and a
day of the quarantine (`records.quarantine_of`)."""


class Shredder(last_day.Kept, Protocol):
    """The end of records."""

    def due(self, month: str, today: date) -> Iterator[Stored]: ...
    def tasks_due(self, month: str, today: date) -> Iterator[Stored]: ...
    def quarantined(self, until: date) -> tuple[Stored, ...]: ...
    def of_owner(self, owner: str, year: int) -> tuple[Stored, ...]: ...
    def of_person(self, patient_id: str) -> tuple[Stored, ...]: ...
    def of_number(self, number_id: str) -> tuple[Stored, ...]: ...
    def put_off(self, stored: Stored, until: date) -> None: ...
    def look_at(self, paths: Sequence[str]) -> Mapping[str, Any]: ...
    def as_kept(self, paths: Sequence[str]) -> tuple[Stored, ...]: ...
    def erase(self, found: Mapping[str, Any], owner: str, year: int, unchanged: Sequence[Holds | Number]) -> None: ...


@dataclass(slots=True)
class Night:
    """What a night did, in counts: certificates, records `erased`, years and tasks `put_off` by clocks or `held`, days of
    the quarantine `announced`, and `failed`."""

    certified: int = 0
    erased: int = 0
    put_off: int = 0
    held: int = 0
    announced: int = 0
    failed: int = 0
    finished: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """One night at work: what it is given, and what it settled: None where nothing is left, else what keeps the rest.

    `may_go` tells of an open intent what must stay as it is while its records go, or None when they must stay; `waiting`
    is what open tasks are about.
    """

    world: World
    shredder: Shredder
    now: datetime
    today: date
    may_go: Callable[["Run", Disposing], Sequence[Holds | Number] | None]
    waiting: frozenset[str] = frozenset()
    night: Night = field(default_factory=Night)
    settled: dict[tuple[str, int], Keep | None] = field(default_factory=dict)


def zone_of(world: World) -> ZoneInfo:
    """The practice's time zone, in whose days disposal counts."""
    return ZoneInfo(world.practice.locations[0].time_zone)


def dispose_of(run: Run, records: Sequence[Stored], owner: str, year: int, *, key_goes: bool = True) -> None:
    """See `records` through to their certificate, and with the last of them the key of `owner` for `year`, if it seals
    nothing that stays (`key_goes`)."""
    _intend(run, records, owner, year, key_goes)
    finish(run)


def finish(run: Run) -> None:
    """See an intent through, if one is open: erase what may go now, then certify what is gone and what is not."""
    begun = run.world.store.disposing()
    if not begun.intent:
        return
    for _ in range(TRIES):
        found = run.shredder.look_at(begun.records)
        unchanged = run.may_go(run, begun)
        if not found or unchanged is None:
            break
        try:
            run.shredder.erase(found, begun.owner if begun.key_goes else "", begun.year, unchanged)
            break
        except Contended:
            continue
    else:
        raise Contended("Records kept changing while they were to be erased; the next night goes on.")
    _certify(run, begun, tuple(run.shredder.look_at(begun.records)))


def class_of(begun: Disposing) -> str:
    """The class of records that an intent is about, as the ledger calls it."""
    if begun.owner == TASKS:
        return "closed_tasks"
    if begun.owner.startswith(QUARANTINE):
        return "quarantined_events"
    if begun.year != IDENTITY:
        return "patient_year"
    return "number" if last_day.is_number(begun.owner) else "identity"


def _intend(run: Run, records: Sequence[Stored], owner: str, year: int, key_goes: bool) -> None:
    """Say in the ledger what is about to be erased, and note it as begun; both or neither."""
    standing = run.world.store.disposing()
    begun = replace(
        standing,
        intent=entry_id(INTENDED, owner, str(year), str(standing.rev)),
        intended_at=run.now,
        owner=owner,
        year=year,
        key_goes=key_goes,
        records=tuple(sorted(one.path for one in records)),
    )
    run.world.store.commit(Change(begun), _intent(run.world, begun))


def _intent(world: World, begun: Disposing) -> Evidence:
    assert begun.intended_at is not None
    facts = {
        "record_class": class_of(begun),
        "count": len(begun.records),
        "records_digest": world.ids.digest("\n".join(begun.records)),
    }
    return Evidence(INTENDED, begun.intent, begun.intended_at, SYSTEM, _subject(begun), facts)


def _subject(begun: Disposing) -> str:
    """Whom it is about; what could not be read, and tasks of many, are the practice's."""
    return PRACTICE if class_of(begun) in ("closed_tasks", "quarantined_events") else begun.owner


def _certify(run: Run, begun: Disposing, kept: Sequence[str]) -> None:
    certificate = _certificate(run, begun, kept)
    assert begun.intended_at is not None
    erased_at, issued_at = (max(run.now, begun.intended_at) + STEP * step for step in (1, 2))
    ended = Disposing(mark=begun.mark, rev=begun.rev)
    done = {"intent": begun.intent, "count": certificate.count, "method": certificate.method}
    erased = (
        [told("retention.erased", erased_at, _subject(begun), done, once=begun.intent)] if certificate.count else []
    )
    issued = Evidence(ISSUED, entry_id(ISSUED, begun.intent), issued_at, SYSTEM, begun.intent, certificate.facts())
    run.world.store.commit(Change(ended), *erased, issued)
    run.night.certified += 1
    run.night.erased += certificate.count
    run.night.held += bool(kept)


def _certificate(run: Run, begun: Disposing, kept: Sequence[str]) -> Certificate:
    intent = _intent(run.world, begun)
    gone = [path for path in begun.records if path not in kept]
    return certify(
        make_entry(intent.kind, intent.at, intent.actor, intent.subject, intent.facts, intent.entry_id),
        count=len(gone),
        kept=len(kept),
        method=_method(run, begun, kept),
        records_digest=run.world.ids.digest("\n".join(gone)),
        erased_at=run.now,
        backups_reach=BACKUPS,
        actor=SYSTEM,
    )


def _method(run: Run, begun: Disposing, kept: Sequence[str]) -> str:
    if kept or not begun.key_goes:
        return "items_deleted"
    if class_of(begun) == "number" and run.world.store.number(begun.owner) is not None:
        return "keys_destroyed"  # what stays of it is the standing, under a keyed hash
    return "keys_destroyed_and_items_deleted"
