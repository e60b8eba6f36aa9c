"""Journey: a legal hold is placed or released. What a hold covers is not disposed of, whatever its clocks say (P8)."""

from dataclasses import replace
from datetime import datetime

from texting.audit.entries import entry_id
from texting.audit.opacity import PRACTICE
from texting.errors import Contended, Unknown
from texting.flows.needs import World
from texting.flows.telling import told
from texting.records import Holds
from texting.values import Actor
from texting.writes import Change

ALL = "ALL"
"""The subject of a hold on everything."""
ANY = "ANY"
"""Under this subject stand all holds at once, whoever they are on: what may be about anybody waits for the last of them,
and whoever erases can require that none was placed meanwhile."""


def place_hold(world: World, subject: str, actor: Actor, now: datetime, reason: str = "") -> str:
    """Put a hold on a patient_id, a number_id or `ALL`, and return its id. `reason` is a word, never a case's name."""
    holds = world.store.holds(subject)
    hold_id = "h_" + entry_id("hold", subject, str(holds.rev))
    held = replace(holds, standing=(*holds.standing, hold_id))
    try:
        _write(world, "hold.placed", held, hold_id, actor, now, reason)
    except Contended:
        return place_hold(world, subject, actor, now, reason)
    return hold_id


def release_hold(world: World, subject: str, hold_id: str, actor: Actor, now: datetime, reason: str = "") -> None:
    """Lift one hold; others on the same subject stand. Raises Unknown when it does not stand there."""
    holds = world.store.holds(subject)
    if hold_id not in holds.standing:
        raise Unknown("There is no such hold on this subject; look at the list of holds.")
    left = replace(holds, standing=tuple(one for one in holds.standing if one != hold_id))
    try:
        _write(world, "hold.released", left, hold_id, actor, now, reason)
    except Contended:
        release_hold(world, subject, hold_id, actor, now, reason)


def _write(world: World, kind: str, holds: Holds, hold_id: str, actor: Actor, now: datetime, reason: str) -> None:
    subject = PRACTICE if holds.subject == ALL else holds.subject
    others = world.store.holds(ANY)
    left = tuple(one for one in others.standing if one != hold_id)
    standing = (*left, hold_id) if kind == "hold.placed" else left
    facts = {"hold": hold_id, "reason": reason}
    anywhere = Change(replace(others, standing=standing))
    world.store.commit(Change(holds), anywhere, told(kind, now, subject, facts, once=str(holds.rev), actor=actor))
