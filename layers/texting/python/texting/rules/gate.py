"""The one function that decides whether a text may leave (P1), on the rendered words, at the moment of sending.

Pure: `decide(facts, now)` looks only at its arguments. Checks stand in the order a compliance officer would ask them;
the first that fails gives the verdict. Each reason code has its sentence in `tables/sentences.toml`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from texting.records import Consent, Message, Number, Patient, Switch
from texting.rules.purposes import PERSONAL, PURPOSES, Purpose
from texting.rules.quiet_hours import Opening
from texting.values import Divert, Hold, Refuse, Send, Standing, Verdict, Visit, VisitState

SHORTEST_LIFE = timedelta(seconds=5)
"""The carrier's least TimeToLive (`SendTextMessage`: 5 to 259,200 s): what has less time than that is late."""
ASK_AGAIN = timedelta(minutes=15)
"""How often a text held by the stop-everything switch asks again."""
CONVERSATION = timedelta(hours=24)
"""How long after a patient's own text an answer counts as part of that conversation."""

WITHDRAWS = frozenset({"visit_gone", "visit_changed", "visit_cancelled", "visit_over", "already_confirmed", "deceased"})
"""Refusals that say the text stopped being true: the message ends `withdrawn`, not `refused`."""
LATE = frozenset({"too_late", "too_late_for_window", "permit_expired", "no_room"})
"""Refusals for lateness: there, or foreseen."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All the gate may know. `blocked` are the kinds the language guard found in the rendered words; `zones` the
    recipient's time zones; `spent` says that the month's texts reached the practice's limit."""

    message: Message
    number: Number
    patient: Patient | None
    consent: Consent | None
    visit: Visit | None
    switch: Switch
    mode: str
    piloted: bool
    window: Opening
    zones: tuple[str, ...]
    blocked: tuple[str, ...] = ()
    per_day: int = 1
    per_week: int = 3
    spent: bool = False


def decide(facts: Facts, now: datetime) -> Verdict:
    """The verdict on one text: Send until a deadline, Hold until a time, Divert to a link, or Refuse for a reason."""
    purpose = PURPOSES[facts.message.purpose]
    for check in _CHECKS:
        verdict = check(facts, purpose, now)
        if verdict is not None:
            return verdict
    return Send(_deadline(facts, purpose))


def _deadline(facts: Facts, purpose: Purpose) -> datetime:
    """The earlier of the message's own deadline and the window's end; a reply's is its permit's."""
    message = facts.message
    if message.permit_until:
        return min(message.deadline, message.permit_until)
    if facts.window.closes_at is None or _in_conversation(facts, message.planned_at):
        return message.deadline
    return min(message.deadline, facts.window.closes_at)


def _in_conversation(facts: Facts, now: datetime) -> bool:
    """Whether a person answers a patient who wrote within the last day: no solicitation, so outside the window.

    The notice of a secure message that a person wrote is such an answer too.
    """
    heard, message = facts.number.heard_at, facts.message
    personal = message.purpose in PERSONAL or (message.purpose == "secure_notice" and bool(message.author))
    return personal and heard is not None and now - heard <= CONVERSATION


def _switched(facts: Facts, purpose: Purpose, now: datetime) -> Verdict | None:
    if facts.mode == "off":
        return Refuse("sending_off")
    if facts.mode == "unsigned":
        return Refuse("baa_ahead")
    if facts.mode == "pilot" and not facts.piloted:
        return Refuse("not_in_pilot")
    if facts.switch.stopped:
        again = now + ASK_AGAIN
        return Hold(again, "sending_stopped") if again < facts.message.deadline else Refuse("sending_stopped")
    return None


def _late(facts: Facts, purpose: Purpose, now: datetime) -> Verdict | None:
    message = facts.message
    if message.permit_until and message.permit_until - now < SHORTEST_LIFE:
        return Refuse("permit_expired")
    return Refuse("too_late") if message.deadline - now < SHORTEST_LIFE else None


def _standing(facts: Facts, purpose: Purpose, now: datetime) -> Verdict | None:
    permitted = purpose.despite_stop and facts.message.permit_until is not None
    if facts.number.stopped and not permitted:
        return Refuse("stopped")
    if facts.number.suspended and not permitted:
        return Refuse("suspended", facts.number.suspended)
    return None


def _still_true(facts: Facts, purpose: Purpose, now: datetime) -> Verdict | None:
    if facts.patient and facts.patient.deceased:
        return Refuse("deceased")
    if not purpose.about_visit:
        return None
    visit = facts.visit
    if visit is None:
        return Refuse("visit_gone")
    if visit.epoch != facts.message.epoch or visit.number_id != facts.message.number_id:
        return Refuse("visit_changed")
    if visit.state in (VisitState.CANCELLED, VisitState.REQUESTED):
        return Refuse("visit_cancelled")
    if visit.state not in (VisitState.BOOKED, VisitState.CONFIRMED) or visit.start is None or visit.start <= now:
        return Refuse("visit_over")
    nagging = purpose.name == "reminder" and visit.state is VisitState.CONFIRMED
    return Refuse("already_confirmed") if nagging else None


def _consented(facts: Facts, purpose: Purpose, now: datetime) -> Verdict | None:
    category = facts.message.category
    if category is None:
        # A reply needs no consent, but only a permit issued for the patient's own text makes a text a reply.
        return None if facts.message.permit_until else Refuse("no_permit")
    if facts.consent and facts.consent.standing is Standing.GRANTED:
        return None
    if _in_conversation(facts, now):
        return None
    revoked = facts.consent is not None and facts.consent.standing is Standing.REVOKED
    return Refuse("consent_revoked" if revoked else "no_consent", str(category))


def _worded(facts: Facts, purpose: Purpose, now: datetime) -> Verdict | None:
    if not facts.blocked:
        return None
    if purpose.name in PERSONAL or purpose.name == "secure_notice":  # a notice of a notice would go on for ever
        return Refuse("clinical_words", ", ".join(facts.blocked))
    return Divert("clinical_words", facts.blocked)


def _in_hours(facts: Facts, purpose: Purpose, now: datetime) -> Verdict | None:
    if facts.message.permit_until or facts.window.open or _in_conversation(facts, now):
        return None
    opens = facts.window.opens_at
    if opens and opens + SHORTEST_LIFE < facts.message.deadline:
        return Hold(opens, "outside_window")
    return Refuse("too_late_for_window")


def _capped(facts: Facts, purpose: Purpose, now: datetime) -> Verdict | None:
    if not purpose.capped:
        return None
    week = [at for at in facts.number.sent if now - at < timedelta(days=7)]
    if len(week) >= facts.per_week:
        return Refuse("weekly_cap")
    zones = [ZoneInfo(zone) for zone in facts.zones]
    today = [at for at in week if any(at.astimezone(zone).date() == now.astimezone(zone).date() for zone in zones)]
    return Refuse("daily_cap") if len(today) >= facts.per_day else None


def _affordable(facts: Facts, purpose: Purpose, now: datetime) -> Verdict | None:
    return Refuse("spend_limit") if facts.spent and not purpose.despite_stop else None


_CHECKS: tuple[Callable[[Facts, Purpose, datetime], Verdict | None], ...] = (
    _switched,
    _late,
    _standing,
    _still_true,
    _consented,
    _worded,
    _in_hours,
    _capped,
    _affordable,
)
