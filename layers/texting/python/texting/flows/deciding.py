"""What the gate may know of a message, gathered fresh, and its verdict kept on the message as one plain sentence."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from texting.errors import Contended
from texting.flows import pacing
from texting.flows.needs import World, micro, month_of
from texting.flows.wording import rendered
from texting.records import Consent, Message, Patient
from texting.rules import gate, phi
from texting.rules.quiet_hours import opening, places_of, window
from texting.rules.sentences import say
from texting.values import Body, Hold, Refuse, Send, Verdict


def facts_of(world: World, message: Message, now: datetime) -> gate.Facts:
    """All that the gate may know of a message, read fresh. Raises Contended while its number is not stored."""
    number = world.store.number(message.number_id)
    if number is None:
        raise Contended("The number of this message is not stored yet.")
    patient = world.store.patient(message.patient_id) if message.patient_id else None
    visit = world.store.visit(message.appointment_id) if message.appointment_id else None
    worded = rendered(world, message, visit, number)
    sending = world.practice.sending
    places = places_of(number.to_dial.reveal(), patient.state if patient else None)
    courtesy = (sending.courtesy_from, sending.courtesy_until)
    return gate.Facts(
        message=worded,
        number=number,
        patient=patient,
        consent=_consent(world, message),
        visit=visit,
        switch=world.store.switch(),
        mode=_mode(world, now),
        piloted=number.to_dial.reveal() in sending.pilot_numbers,
        window=opening(now, window("informational", places.states, places.zones, courtesy)),
        zones=places.zones,
        blocked=_blocked(world, worded, patient),
        per_day=sending.per_day,
        per_week=sending.per_week,
        spent=_spent(world, now),
    )


def _mode(world: World, now: datetime) -> str:
    """The sending mode as it counts at this moment: without an agreement with AWS in force, nothing goes to everybody."""
    rules = world.practice
    today = now.astimezone(ZoneInfo(rules.locations[0].time_zone)).date()
    return "unsigned" if rules.sending.mode == "on" and not rules.baa.in_force(today) else rules.sending.mode


def _spent(world: World, now: datetime) -> bool:
    """Whether the month's money is gone: ours by our own count, or the account's by the carrier's word."""
    until = pacing.pace_of(world).spent_until
    limit = micro(world.practice.sending.monthly_limit_usd)
    return (until is not None and now < until) or world.store.counted("spend", month_of(now)) >= limit


def _consent(world: World, message: Message) -> Consent | None:
    if message.patient_id is None or message.category is None:
        return None
    return world.store.consent(message.patient_id, message.number_id, message.category)


def _blocked(world: World, message: Message, patient: Patient | None) -> tuple[str, ...]:
    """The kinds that the language guard finds in the final words, knowing whom they are for."""
    found = guarded(world, message.body or Body(""), patient)
    return tuple(sorted({finding.kind for finding in found.found})) if found.label == "phi" else ()


def guarded(world: World, body: Body, patient: Patient | None) -> phi.Verdict:
    """What the language guard says of words to a patient."""
    identity = world.practice.practice
    names = (patient.given_name, patient.family_name) if patient else ()
    full = " ".join(name.reveal() for name in names if name)
    return phi.check(body.reveal(), practice=identity.name, staff=identity.staff, patient=full)


def noted(message: Message, verdict: Verdict, facts: gate.Facts, now: datetime) -> Message:
    """The message with this verdict kept: when, what, why, in one sentence, and the facts it rests on."""
    detail = getattr(verdict, "detail", "") or ", ".join(getattr(verdict, "found", ()))
    kept = {
        "at": now,
        "verdict": type(verdict).__name__.lower(),
        "reason": verdict.reason,
        "sentence": say("verdict", verdict.reason, detail),
        "standing": facts.number.standing,
        "consent": facts.consent.rev if facts.consent else 0,
        "epoch": facts.visit.epoch if facts.visit else 0,
        "window": facts.window.rule,
    }
    until = verdict.until if isinstance(verdict, Hold) else verdict.deadline if isinstance(verdict, Send) else None
    return replace(message, verdicts=(*message.verdicts, kept | ({"until": until} if until else {})))


def line(verdict: Refuse | Hold, now: datetime, detail: str = "") -> dict[str, object]:
    """A verdict that did not come from the gate, as it is kept on a message."""
    name = type(verdict).__name__.lower()
    return {"at": now, "verdict": name, "reason": verdict.reason, "sentence": say("verdict", verdict.reason, detail)}
