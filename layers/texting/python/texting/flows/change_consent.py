"""The one door through which consent changes, whoever asks: form, staff, import, keyword or record system.

Every function here returns writes for the caller's transaction: the standing, a line of the append-only history, and the
evidence. A revocation that does not say what it covers covers everything.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from texting.audit.entries import entry_id
from texting.flows.keeping import look_on, number_of
from texting.flows.needs import World
from texting.flows.telling import of_number, told
from texting.records import Consent, ConsentChange, Number, Patient
from texting.values import Actor, Category, PhoneNumber, Standing
from texting.writes import Change, Joined, New, Write


def grant(
    world: World,
    patient: Patient,
    number: Number,
    categories: Sequence[Category],
    actor: Actor,
    channel: str,
    evidence: Mapping[str, Any],
    now: datetime,
) -> list[Write]:
    """Writes that grant `categories`. A number that said STOP stays stopped: only its own START ends that."""
    consents = [world.store.consent(patient.patient_id, number.number_id, category) for category in categories]
    granted = [replace(one, standing=Standing.GRANTED, changed_at=now, ended_by_stop=False) for one in consents]
    return [
        *[Change(one) for one in granted],
        *_line(world, patient.patient_id, number.number_id, Standing.GRANTED, consents, actor, channel, evidence, now),
    ]


def revoke(
    world: World,
    patient_id: str,
    number_id: str,
    categories: Iterable[Category] | None,
    actor: Actor,
    channel: str,
    evidence: Mapping[str, Any],
    now: datetime,
    *,
    by_stop: bool = False,
) -> list[Write]:
    """Writes that revoke `categories`, or every category when None. Revoking what was never granted is recorded too."""
    asked = tuple(Category) if categories is None else tuple(categories)
    stored = {one.category: one for one in world.store.consents(patient_id) if one.number_id == number_id}
    ended = [stored.get(category, Consent(patient_id, number_id, category)) for category in asked]
    writes = [_end(one, by_stop, now) for one in ended if one.standing is Standing.GRANTED or not by_stop]
    covers = "all" if categories is None else "named"
    line = _line(world, patient_id, number_id, Standing.REVOKED, ended, actor, channel, evidence, now, covers)
    return [*writes, *line]


def _end(one: Consent, by_stop: bool, now: datetime) -> Write:
    """The consent revoked; what a STOP ended is marked, for START to restore."""
    ended_by_stop = by_stop and one.standing is Standing.GRANTED
    return Change(replace(one, standing=Standing.REVOKED, changed_at=now, ended_by_stop=ended_by_stop))


AT_ONCE = 8
"""Patients of one phone whose consents end within STOP's own transaction: eight writes each, of DynamoDB's hundred."""


def stop(
    world: World, number: Number, actor: Actor, channel: str, evidence: Mapping[str, Any], now: datetime
) -> tuple[Number, list[Write], tuple[str, ...]]:
    """STOP: the number with its standing raised, the writes that end the consents of the patients on it, and the patients
    of a crowded phone whose consents are to be ended right after. The number's own standing stops them all at once.

    The caller writes the number itself, in the same transaction. A day later it is due on the carrier's own list, unless
    it came from there.
    """
    stopped = replace(number, stopped=True, standing=number.standing + 1)
    listing = replace(
        world.store.listing(number.number_id), state="listed" if channel == "carrier" else "due", since=now
    )
    writes: list[Write] = [of_number("stopped", stopped, now, actor, channel=channel), Change(listing)]
    patients = world.store.patients_on(number.number_id)
    for patient_id in patients[:AT_ONCE]:
        writes += revoke(world, patient_id, number.number_id, None, actor, channel, evidence, now, by_stop=True)
    return stopped, writes, patients[AT_ONCE:]


def start(
    world: World, number: Number, actor: Actor, channel: str, evidence: Mapping[str, Any], now: datetime
) -> tuple[Number, list[Write]]:
    """START: the number free again, and the writes that restore exactly what its STOP ended.

    A number that may be on the carrier's list is to leave it (`flows.reconcile.let_go`).
    """
    started = replace(number, stopped=False, standing=number.standing + 1)
    writes: list[Write] = [of_number("started", started, now, actor, channel=channel)]
    listing = world.store.listing(number.number_id)
    if listing.rev:
        writes.append(Change(replace(listing, state="off" if listing.state == "due" else "leaving", since=now)))
    for patient_id in world.store.patients_on(number.number_id):
        back = [
            one for one in world.store.consents(patient_id) if one.number_id == number.number_id and one.ended_by_stop
        ]
        writes += [Change(replace(one, standing=Standing.GRANTED, changed_at=now, ended_by_stop=False)) for one in back]
        if back:
            writes += _line(world, patient_id, number.number_id, Standing.GRANTED, back, actor, channel, evidence, now)
    return started, writes


def person_on(
    world: World, source: str, ref: str, phone: PhoneNumber, language: str | None, now: datetime
) -> tuple[Patient, Number, list[Write]]:
    """The patient and the number by what outsiders call them, with the writes that note them where they are new."""
    patient_id = world.ids.patient_id(source, ref)
    patient = world.store.patient(patient_id)
    number, writes = number_of(world, phone, now)
    number_id = number.number_id
    if patient is None:
        spoken, looked_at = world.practice.language(language), look_on(world, now)
        patient = Patient(patient_id, source, ref, None, None, None, spoken, None, number_id, dispose_on=looked_at)
        writes.append(New(patient))
    writes.append(Joined(number_id, patient_id, world.ids.thread_id(patient_id, number_id), now))
    return patient, number, writes


def standing_of(world: World, patient_id: str, number_id: str | None = None) -> dict[str, str]:
    """Where each category stands for a patient: granted, revoked or never; on one number, or on any."""
    known = [one for one in world.store.consents(patient_id) if number_id in (None, one.number_id)]
    found = {str(category): str(Standing.NEVER) for category in Category}
    for one in sorted(known, key=lambda one: str(one.changed_at)):
        found[str(one.category)] = str(one.standing)
    return found


def evidence_digest(world: World, evidence: Mapping[str, Any]) -> str:
    """What the ledger keeps of the evidence: a keyed digest, by which the evidence itself can be shown to be unchanged."""
    return world.ids.digest(repr(sorted(evidence.items())))


def _line(
    world: World,
    patient_id: str,
    number_id: str,
    standing: Standing,
    changed: Sequence[Consent],
    actor: Actor,
    channel: str,
    evidence: Mapping[str, Any],
    now: datetime,
    covers: str = "named",
) -> list[Write]:
    """A line of the history. Changes within one instant are told apart, and kept in order, by number and the versions
    they change: one request may revoke on two numbers, whose consents are of one age."""
    categories = tuple(one.category for one in changed)
    names = tuple(sorted(str(category) for category in categories))
    versions = "-".join(str(one.rev) for one in changed)
    digest = evidence_digest(world, evidence)
    once = f"{now.isoformat()}|{number_id}|{standing}|{','.join(names)}|{channel}|{versions}|{digest}"
    order = max((one.rev for one in changed), default=0)
    change_id = f"h_{order:06d}_" + entry_id("consent", patient_id, number_id, once)
    line = ConsentChange(patient_id, number_id, change_id, now, standing, categories, actor, channel, evidence, covers)
    facts = {
        "patient": patient_id,
        "number": number_id,
        "categories": list(names),
        "channel": channel,
        "evidence_digest": digest,
    }
    kind = "consent.granted" if standing is Standing.GRANTED else "consent.revoked"
    return [New(line), told(kind, now, patient_id, facts, once=once, actor=actor)]
