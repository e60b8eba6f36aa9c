"""Journey: a message that is due becomes a text on the patient's phone, or a reason why not.

facts → gate → claim → hand over → record. The claim is one transaction over the message, the number's standing, the
consent and the visit it was decided on (P2); the carrier is called once, outside any retry (P3); what happens in between
leaves a state that the next run understands.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from texting.audit.entries import entry_id
from texting.errors import CarrierBusy, CarrierRefused, Contended, InDoubt
from texting.flows.divert import divert
from texting.flows.needs import World, micro, month_of
from texting.flows.tasks import new_task
from texting.flows.telling import of_message
from texting.flows.wording import rendered
from texting.records import Consent, Message, Number, Patient
from texting.rules import gate, phi
from texting.rules.purposes import PURPOSES
from texting.rules.quiet_hours import opening, places_of, window
from texting.rules.sentences import say
from texting.values import Body, Divert, Hold, Refuse, Send, State, Verdict
from texting.writes import Change, Evidence, Same, Write

SETTLES = timedelta(minutes=2)
"""A claim older than this was not finished by its own run: the longest run of a sender is 60 s."""
CALM = 30
"""Seconds to wait after the carrier asked us to slow down."""


def send_text(world: World, message_id: str, now: datetime) -> str:
    """Decide on one message and carry the verdict out. Returns the state it is left in, or `gone`.

    Raises Contended when somebody else changed what was decided on (ask again), and Unavailable.
    """
    message = world.store.message(message_id)
    if message is None:
        return "gone"
    if message.state is State.CLAIMED:
        return _unfinished(world, message, now)
    if message.state not in (State.PLANNED, State.HELD):
        return str(message.state)
    if message.send_at > now:
        world.schedules.set(message.message_id, message.send_at)
        return str(message.state)
    facts = facts_of(world, message, now)
    verdict = gate.decide(facts, now)
    decided = noted(facts.message, verdict, facts, now)
    if isinstance(verdict, Send):
        return _claim_and_hand_over(world, decided, facts, verdict, now)
    if isinstance(verdict, Hold):
        return hold(world, decided, verdict.until, verdict.reason, now)
    if isinstance(verdict, Divert):
        return divert(world, decided, verdict, now)
    return _refuse(world, decided, verdict, now)


def facts_of(world: World, message: Message, now: datetime) -> gate.Facts:
    """All that the gate may know of a message, read fresh. Raises Contended while its number is not stored."""
    number = world.store.number(message.number_id)
    if number is None:
        raise Contended("The number of this message is not stored yet.")
    patient = world.store.patient(message.patient_id) if message.patient_id else None
    visit = world.store.visit(message.appointment_id) if message.appointment_id else None
    worded = rendered(world, message, visit, number)
    sending = world.practice.sending
    places = places_of(number.phone.reveal(), patient.state if patient else None)
    courtesy = (sending.courtesy_from, sending.courtesy_until)
    return gate.Facts(
        message=worded,
        number=number,
        patient=patient,
        consent=_consent(world, message),
        visit=visit,
        switch=world.store.switch(),
        mode=sending.mode,
        piloted=number.phone.reveal() in sending.pilot_numbers,
        window=opening(now, window("informational", places.states, places.zones, courtesy)),
        zones=places.zones,
        blocked=_blocked(world, worded, patient),
        per_day=sending.per_day,
        per_week=sending.per_week,
        spent=world.store.counted("spend", month_of(now)) >= micro(sending.monthly_limit_usd),
    )


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


def _claim_and_hand_over(world: World, message: Message, facts: gate.Facts, verdict: Send, now: datetime) -> str:
    claimed = replace(message, state=State.CLAIMED, claimed_at=now, deadline=verdict.deadline)
    number = _counted(facts.number, claimed, now)
    world.store.commit(Change(claimed), Change(number), *_unchanged(facts), _told_claim(claimed, facts, now))
    claimed = replace(claimed, rev=claimed.rev + 1)
    return _hand_over(world, claimed, facts, now)


def _counted(number: Number, message: Message, now: datetime) -> Number:
    """The number with this text counted towards its caps and its welcome noted."""
    purpose = PURPOSES[message.purpose]
    recent = tuple(at for at in number.sent if now - at < timedelta(days=7))
    return replace(
        number,
        sent=(*recent, now) if purpose.capped else recent,
        welcomed_at=number.welcomed_at or (now if purpose.about_visit else None),
    )


def _unchanged(facts: gate.Facts) -> tuple[Write, ...]:
    """What the verdict rests on and must still hold when the message is claimed; the number's own change checks it."""
    held: list[Write] = [Same(facts.switch)]
    if facts.consent is not None:
        held.append(Same(facts.consent))
    if facts.visit is not None:
        held.append(Same(facts.visit))
    return tuple(held)


def _told_claim(message: Message, facts: gate.Facts, now: datetime) -> Evidence:
    return of_message(
        "claimed",
        message,
        now,
        standing_version=facts.number.standing,
        consent_version=facts.consent.rev if facts.consent else 0,
        epoch=message.epoch,
        parts=message.parts,
        body_digest=None,
    )


def _hand_over(world: World, message: Message, facts: gate.Facts, now: datetime) -> str:
    assert message.body is not None  # the gate saw rendered words
    life = int((message.deadline - now).total_seconds())
    try:
        carrier_id = world.carrier.send(
            facts.number.phone,
            message.body.reveal(),
            seconds_to_live=life,
            message_id=message.message_id,
        )
    except CarrierBusy as busy:
        return _give_back(world, message, facts, busy, now)
    except CarrierRefused as refused:
        return _refused_by_carrier(world, message, refused, now)
    except InDoubt:
        return _doubt(world, message, now)
    handed = replace(message, state=State.HANDED, carrier_id=carrier_id)
    # The carrier's own id is of its own choosing: the ledger takes a digest. A receipt may be quicker than this write
    # and has then already said more than "handed".
    told_handed = of_message("handed", handed, now, carrier=entry_id("carrier", carrier_id))
    with suppress(Contended):
        world.store.commit(Change(handed), told_handed)
    world.store.note_carrier(carrier_id, message.message_id)
    world.store.count("spend", month_of(now), message.parts * micro(world.practice.sending.price_per_part_usd))
    return str(State.HANDED)


def _give_back(world: World, message: Message, facts: gate.Facts, busy: CarrierBusy, now: datetime) -> str:
    """The carrier took nothing: wait a little and decide anew, as long as the deadline allows."""
    number = world.store.number(message.number_id) or facts.number
    uncounted = replace(number, sent=tuple(at for at in number.sent if at != facts.message.claimed_at and at != now))
    again = now + timedelta(seconds=CALM)
    if again + gate.SHORTEST_LIFE >= message.deadline:
        verdict = Refuse("too_late")
        late = replace(message, state=State.REFUSED, verdicts=(*message.verdicts, _line(verdict, now)))
        world.store.commit(Change(late), Change(uncounted), of_message("refused", late, now, reason="too_late"))
        return str(State.REFUSED)
    held = replace(
        message,
        state=State.HELD,
        send_at=again,
        claimed_at=None,
        verdicts=(*message.verdicts, _line(Hold(again, "carrier_busy"), now)),
    )
    world.store.commit(
        Change(held), Change(uncounted), of_message("held", held, now, reason="carrier_busy", until=again)
    )
    world.outbox.put(message.message_id, delay_seconds=CALM)
    return str(State.HELD)


def _line(verdict: Refuse | Hold, now: datetime, detail: str = "") -> dict[str, object]:
    name = type(verdict).__name__.lower()
    return {"at": now, "verdict": name, "reason": verdict.reason, "sentence": say("verdict", verdict.reason, detail)}


def _refused_by_carrier(world: World, message: Message, refused: CarrierRefused, now: datetime) -> str:
    line = _line(Refuse("carrier_refused"), now, refused.reason)
    failed = replace(message, state=State.FAILED, verdicts=(*message.verdicts, line))
    writes: list[Write] = [Change(failed)]
    writes.append(of_message("failed", failed, now, reason="carrier_refused", carrier_reason=refused.reason))
    writes += new_task(world, "number_failed", now, message=message, detail=refused.reason)
    world.store.commit(*writes)
    return str(State.FAILED)


def _doubt(world: World, message: Message, now: datetime) -> str:
    """Nobody knows whether it went out: never again by itself; receipts or people will say."""
    line = _line(Refuse("in_doubt"), now)
    doubted = replace(message, state=State.IN_DOUBT, verdicts=(*message.verdicts, line | {"verdict": "send"}))
    task = new_task(world, "in_doubt_message", now, message=message)
    world.store.commit(Change(doubted), of_message("in_doubt", doubted, now), *task)
    return str(State.IN_DOUBT)


def _unfinished(world: World, message: Message, now: datetime) -> str:
    """A claim whose run ended before it could record: once it can no longer be running, it is in doubt."""
    if message.claimed_at is not None and now - message.claimed_at < SETTLES:
        raise Contended("Another run has claimed this message and may still be handing it over.")
    return _doubt(world, message, now)


def hold(world: World, message: Message, until: datetime, reason: str, now: datetime) -> str:
    """Keep the message until `until`. The schedule is set first: firing twice only asks the gate again."""
    world.schedules.set(message.message_id, until)
    held = replace(message, state=State.HELD, send_at=until)
    world.store.commit(Change(held), of_message("held", held, now, reason=reason, until=until))
    return str(State.HELD)


def _refuse(world: World, message: Message, verdict: Refuse, now: datetime) -> str:
    state = State.WITHDRAWN if verdict.reason in gate.WITHDRAWS else State.REFUSED
    refused = replace(message, state=state)
    world.store.commit(Change(refused), of_message(str(state), refused, now, reason=verdict.reason))
    return str(state)
