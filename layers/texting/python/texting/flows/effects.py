"""What a patient's text does: one small function per intent, all of them run, the first one's reply sent.

Each adds to `Done`: writes for the transaction, the number as it will be, a reply, tasks, events. A text may mean several
things at once (a STOP inside an emergency): every meaning is acted on, and only the most urgent is answered.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from texting.audit.entries import entry_id
from texting.flows import change_consent
from texting.flows.heard import Heard, answers_codes, bound, said_to
from texting.flows.needs import World
from texting.flows.tasks import new_task
from texting.flows.telling import of_message, of_number, told
from texting.records import Inbound, Message, Number, Patient
from texting.rules import addressee, opening_hours
from texting.rules.binding import Bound
from texting.rules.phone_numbers import spoken
from texting.rules.templates import say_when
from texting.values import Category, State, Visit, VisitState
from texting.writes import Change, New, Write

PERMIT = timedelta(minutes=5)
"""47 CFR 64.1200(a)(12): one confirmation, sent within five minutes of the request, is part of the request."""
BUDGET_HOUR, BUDGET_DAY = 4, 10
"""Automatic replies per number: a person seldom needs three in an hour; two machines answering each other need no end."""
ALWAYS = frozenset({"stop_confirmation", "stop_confirmation_visit", "safety_reply", "safety_reply_crisis"})


@dataclass(slots=True)
class Done:
    """What the effects so far add up to. `reply` is a purpose, the first one wins; `then` are follow-ups."""

    number: Number
    writes: list[Write] = field(default_factory=list)
    then: list[str] = field(default_factory=list)
    outcome: str = ""
    reply: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    task_id: str = ""

    def say(self, purpose: str, **fields: str) -> None:
        """Ask for a reply; the first effect to ask is the most urgent one."""
        if not self.reply:
            self.reply, self.fields = purpose, fields

    def note(self, outcome: str) -> None:
        """Name the outcome; the first effect's stands."""
        self.outcome = self.outcome or outcome


def of(heard: Heard) -> Done:
    """Run the effects of every meaning found, most urgent first, and plan at most one reply."""
    done = Done(heard.number)
    for intent in _meanings(heard):
        _EFFECTS[intent](heard, done)
    if heard.reading.late:
        _ask_people(heard, done, "late")
        done.say("late_reply")
    if done.reply:
        _plan_reply(heard, done)
    return done


def _meanings(heard: Heard) -> tuple[str, ...]:
    """What the text means here: while short codes stand open, a bare code is their answer and nothing else."""
    bare = len(heard.inbound.body.reveal().strip(" .!#")) <= 2
    if bare and answers_codes(heard):
        return ("confirm",)
    return (heard.reading.intent, *heard.reading.also)


def _stop(heard: Heard, done: Done) -> None:
    evidence = {"inbound": heard.inbound.inbound_id, "scope": heard.reading.scope}
    named = _named(heard.reading.scope)
    if named:
        for patient_id in heard.patients:
            done.writes += change_consent.revoke(
                heard.world, patient_id, heard.number.number_id, named, heard.actor, "sms", evidence, heard.now
            )
        _ask_people(heard, done, "answer")
        _received(heard, done)
        return done.note("opted_out_in_part")
    if heard.reading.bare and _cancels(heard):
        _ask_people(heard, done, "cancel_word")
    if done.number.stopped:
        return done.note("already_stopped")
    done.number, writes, rest = change_consent.stop(heard.world, done.number, heard.actor, "sms", evidence, heard.now)
    done.writes += writes
    done.then += [f"revoke:{patient_id}" for patient_id in rest]
    cancels = heard.reading.bare and _cancels(heard)
    done.say("stop_confirmation_visit" if cancels else "stop_confirmation", phone=_phone(heard))
    return done.note("opted_out")


def _named(scope: str) -> list[Category]:
    """The categories that a partial opt-out names ("billing+marketing"); none for "all", and for a word we do not know."""
    names = scope.split("+")
    known = {str(category) for category in Category}
    return [Category(name) for name in names] if set(names) <= known else []


def _cancels(heard: Heard) -> bool:
    """Whether the opt-out word was CANCEL, which patients use to cancel visits."""
    return heard.inbound.body.reveal().strip().strip(".!").lower() in ("cancel", "cancelar", "cancelled", "cancela")


def _start(heard: Heard, done: Done) -> None:
    if (
        done.number.suspended
    ):  # it may have stood under a STOP as well, which ends here; texts begin when staff have looked
        _ask_people(heard, done, "start_waits")
        done.say("start_waits", phone=_phone(heard))
        if not done.number.stopped:
            return done.note("start_waits")
    if not done.number.stopped:
        _ask_people(heard, done, "answer")
        done.say("help_reply", phone=_phone(heard))
        return done.note("was_not_stopped")
    evidence = {"inbound": heard.inbound.inbound_id}
    done.number, writes = change_consent.start(heard.world, done.number, heard.actor, "sms", evidence, heard.now)
    done.writes += writes
    done.then.append("let_go:")
    done.say("start_confirmation", phone=_phone(heard))
    return done.note("opted_in")


def _help(heard: Heard, done: Done) -> None:
    done.say("help_reply", phone=_phone(heard))
    done.note("helped")


def _emergency(heard: Heard, done: Done) -> None:
    _ask_people(heard, done, "emergency")
    if heard.world.practice.answering.on_call:
        done.then.append(f"page:{done.task_id}")
    done.say("safety_reply_crisis" if heard.reading.crisis else "safety_reply", phone=_phone(heard))
    done.note("emergency")


def _wrong_number(heard: Heard, done: Done) -> None:
    """Nothing more goes to this number until staff have looked, and nothing may tell who was meant: no reply at all."""
    done.number = replace(done.number, suspended="wrong_number")
    done.writes.append(of_number("suspended", done.number, heard.now, heard.actor, reason="wrong_number"))
    _ask_people(heard, done, "wrong_number")
    done.reply = "none"
    done.note("wrong_number")


def _confirm(heard: Heard, done: Done) -> None:
    if _for_another(heard, done):
        return None
    meant = bound(heard)
    if meant.several:
        return _which(heard, done, meant, "confirm")
    if meant.visit is None:
        _ask_people(heard, done, "confirm_unclear")
        _received(heard, done)
        return done.note("nothing_to_confirm")
    return _bound_effect(heard, done, meant.visit, done.number.asked if answers_codes(heard) else "confirm")


def _for_another(heard: Heard, done: Done) -> bool:
    """Whether a yes or no answers something said since we wrote about the visits: a person reads it, or nobody needs to."""
    if answers_codes(heard):
        return False
    whose = addressee.VISIT
    for said in said_to(heard):
        whose = addressee.whose(heard.inbound.body.reveal(), heard.reading, said)
        if whose == addressee.VISIT:
            return False
    if whose == addressee.PERSON:
        _ask_people(heard, done, "answer")
    done.note("acknowledged")
    return True


def _bound_effect(heard: Heard, done: Done, visit: Visit, meaning: str) -> None:
    """Carry out what the patient meant, on the one visit it can mean."""
    if meaning in ("cancel_appointment", "reschedule"):
        return _request(heard, done, visit, meaning)
    if visit.state is VisitState.BOOKED:
        confirmed = replace(visit, state=VisitState.CONFIRMED, confirmed_at=heard.now)
        facts = {"state": "confirmed", "epoch": visit.epoch, "inbound": heard.inbound.inbound_id}
        done.writes += [
            Change(confirmed),
            told(
                "appointment.changed", heard.now, visit.appointment_id, facts, once=f"rev{visit.rev}", actor=heard.actor
            ),
        ]
        done.then.append(f"tell:visit.confirmed:{visit.appointment_id}")
    done.number = replace(done.number, choices=(), asked="", asked_at=None)
    done.say("confirm_reply", when=_when(heard, visit), phone=_phone(heard))
    done.note("confirmed")


def _cancel(heard: Heard, done: Done) -> None:
    if _for_another(heard, done):
        return
    _about_visit(heard, done, "cancel_appointment")


def _reschedule(heard: Heard, done: Done) -> None:
    if _for_another(heard, done):
        return
    _about_visit(heard, done, "reschedule")


def _about_visit(heard: Heard, done: Done, meaning: str) -> None:
    meant = bound(heard)
    if meant.several:
        return _which(heard, done, meant, meaning)
    return _request(heard, done, meant.visit, meaning)


def _request(heard: Heard, done: Done, visit: Visit | None, meaning: str) -> None:
    """The visit stands until the scheduling system says otherwise: people, and the system, are told what was asked."""
    kind = "cancel_visit" if meaning == "cancel_appointment" else "reschedule"
    _ask_people(heard, done, kind, visit)
    if visit is not None:
        name = "visit.cancel_requested" if meaning == "cancel_appointment" else "visit.reschedule_requested"
        done.then.append(f"tell:{name}:{visit.appointment_id}")
    done.number = replace(done.number, choices=(), asked="", asked_at=None, requested_at=heard.now)
    done.say("cancel_reply" if meaning == "cancel_appointment" else "reschedule_reply", phone=_phone(heard))
    done.note("cancel_requested" if meaning == "cancel_appointment" else "reschedule_requested")


def _which(heard: Heard, done: Done, bound: Bound, meaning: str) -> None:
    """Several visits could be meant: short codes with times, never names; and a person, in case no code comes back."""
    ids = tuple(visit.appointment_id for visit in bound.several)
    lines = [f"{at} {_when(heard, visit)}" for at, visit in enumerate(bound.several, 1)]
    done.number = replace(done.number, choices=ids, asked=meaning, asked_at=heard.now)
    _ask_people(heard, done, "which_visit")
    done.say("which_visit", choices=", ".join(lines), phone=_phone(heard))
    done.note("asked_which")


def _other(heard: Heard, done: Done) -> None:
    if heard.reading.tapback:
        if all(addressee.answers_person(said) for said in said_to(heard)):
            _ask_people(heard, done, "answer")
        return done.note("tapback")
    if heard.reading.automatic:
        return done.note("automatic")
    if heard.reading.thanks and addressee.only_thanks(heard.inbound.body.reveal()):
        return done.note("thanks")
    if answers_codes(heard):
        return _confirm(heard, done)
    _ask_people(heard, done, "answer" if heard.patients else "unknown_number")
    if done.number.warned_at is None:
        done.number = replace(done.number, warned_at=heard.now)
        _received(heard, done, warn="yes")
    else:
        _received(heard, done)
    return done.note("waiting_for_staff")


_EFFECTS: dict[str, Callable[[Heard, Done], None]] = {
    "emergency": _emergency,
    "opt_out": _stop,
    "wrong_number": _wrong_number,
    "reschedule": _reschedule,
    "cancel_appointment": _cancel,
    "confirm": _confirm,
    "help": _help,
    "opt_in": _start,
    "question_or_other": _other,
}


def _ask_people(heard: Heard, done: Done, kind: str, visit: Visit | None = None) -> None:
    inbound = heard.inbound
    writes = new_task(
        heard.world,
        kind,
        heard.now,
        once=inbound.inbound_id,
        thread_id=inbound.thread_id,
        patient_id=visit.patient_id if visit else inbound.patient_id,
        appointment_id=visit.appointment_id if visit else None,
    )
    opened = writes[0]
    if isinstance(opened, New) and not done.task_id:
        done.task_id = opened.record.task_id  # type: ignore[union-attr]
    done.writes += writes


def _plan_reply(heard: Heard, done: Done) -> None:
    """One reply by a single-use permit, unless this number has had its budget or repeats itself."""
    if done.reply == "none" or heard.reading.automatic:
        return
    recent = tuple(at for at in done.number.replied if heard.now - at < timedelta(days=1))
    if done.reply not in ALWAYS and _too_much(heard, recent):
        return
    reply = _permitted(heard.inbound, done, heard.now)
    done.number = replace(done.number, replied=(*recent, heard.now))
    done.writes += [New(reply), of_message("planned", reply, heard.now)]
    done.then.append(f"reply:{reply.message_id}")


def _too_much(heard: Heard, recent: tuple[datetime, ...]) -> bool:
    """Whether one more reply were too many, or would answer the same words within the hour."""
    lately = [at for at in recent if heard.now - at < timedelta(hours=1)]
    echoes = heard.number.last_heard_hash == heard.world.ids.digest(heard.inbound.body)[:32] and bool(lately)
    return echoes or len(lately) >= BUDGET_HOUR or len(recent) >= BUDGET_DAY


def _permitted(inbound: Inbound, done: Done, now: datetime) -> Message:
    return Message(
        message_id="m_" + entry_id("reply", inbound.inbound_id)[:24],
        purpose=done.reply,
        category=None,
        state=State.PLANNED,
        patient_id=inbound.patient_id,
        number_id=inbound.number_id,
        thread_id=inbound.thread_id,
        planned_at=now,
        send_at=now,
        deadline=now + PERMIT,
        permit_until=now + PERMIT,
        answers=inbound.inbound_id,
        language=inbound.language,
        fields=done.fields,
    )


def _phone(heard: Heard) -> str:
    return spoken(heard.world.practice.practice.phone)


def _received(heard: Heard, done: Done, **more: str) -> None:
    """Say that a person will answer, and when: the front desk keeps the first location's hours."""
    desk = heard.world.practice.locations[0]
    closed = desk.hours and not opening_hours.is_open(desk.hours, desk.time_zone, heard.now)
    when = opening_hours.spoken(desk.hours, heard.inbound.language)
    done.say("received_reply", hours=when, phone=_phone(heard), **({"closed": "yes"} if closed else {}), **more)


def _when(heard: Heard, visit: Visit) -> str:
    assert visit.start is not None  # only visits with a start are bound
    return say_when(visit.start, visit.zone, heard.inbound.language)


def language_of(world: World, patient: Patient | None) -> str:
    """The language to write to a patient in."""
    return patient.language if patient else world.practice.language(None)
