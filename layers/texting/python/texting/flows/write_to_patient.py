"""Journey: a member of staff writes to a patient, as a text or as a secure message.

The gate is asked at once, so that the writer hears why not while still at the desk; it is asked again at the last hop. What
is refused is kept with its reason like any other verdict (P1), and what may not travel as a text is offered as a secure
message (P5).
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from texting.audit.entries import entry_id
from texting.errors import BadField, Unknown
from texting.flows import divert
from texting.flows.again import again
from texting.flows.deciding import facts_of, guarded, noted
from texting.flows.keeping import dispose_on
from texting.flows.needs import World
from texting.flows.overtaking import Overtaken, conversation
from texting.flows.staff_requests import SENTENCES, SecureAsked, TextAsked, staff
from texting.flows.telling import of_message, told
from texting.flows.threads import thread_of
from texting.records import Message, Patient, Secure, Thread
from texting.rules import gate, phi
from texting.rules.segments import count, safe
from texting.rules.sentences import say
from texting.values import Actor, Body, Category, Hold, Refuse, Send, Standing, State, Verdict
from texting.writes import Change, New

A_WHILE = timedelta(hours=1)
"""A person's answer that could not go within the hour is no answer any more."""
ONCE_MORE = timedelta(minutes=1)
"""The same words by the same person within a minute are one text: a button pressed twice."""
NEAREST = (Category.GENERAL, Category.CARE, Category.APPOINTMENTS)


@dataclass(frozen=True, slots=True)
class Refused:
    """It will not go: the reasons in sentences, what the guard found and where, and the secure way where there is one."""

    reasons: tuple[str, ...]
    found: tuple[dict[str, Any], ...] = ()
    offer: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """It is on its way. `held_until` is set when it waits for the patient's morning."""

    message_id: str
    held_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class SecureAccepted:
    """It is sealed and its notice on its way. `passcode` is told this once, to be read to the patient; "" for none."""

    secure_id: str
    notice_message_id: str
    passcode: str = ""


def write_text(
    world: World, thread_id: str, asked: TextAsked, now: datetime, request: str = ""
) -> Accepted | Refused | Overtaken:
    """Send a person's text, or say why not. `request` makes a repeated call the same one. Raises Unknown, BadField."""
    thread = thread_of(world, thread_id)
    words = safe(asked.body)
    if count(words).too_long:
        raise BadField("body", "The text is too long to be sent. Shorten it, or send it as a secure message.")
    actor = staff(world, asked.author)
    patient = world.store.patient(thread.patient_id) if thread.patient_id else None
    message = _message(world, thread, patient, asked.category, actor, now)
    message = replace(message, message_id=_once(world, thread, asked, now, request), body=Body(words))
    return again(lambda: _write_text(world, message, patient, asked.seen, actor, now))


def _write_text(
    world: World, message: Message, patient: Patient | None, seen: str, actor: Actor, now: datetime
) -> Accepted | Refused | Overtaken:
    if world.store.message(message.message_id) is not None:
        world.outbox.put(message.message_id)  # the first call may have died before it came to this
        return Accepted(message.message_id)
    talk = conversation(world, message.thread_id, message.number_id)
    if overtaken := talk.since(seen, actor):
        return overtaken
    verdict, decided = _decided(world, message, now)
    if isinstance(verdict, Refuse):
        _keep_refused(world, decided, verdict, actor, now)
        return _refusal(world, decided, patient, verdict)
    newest = talk.with_words(decided, actor.actor_id, now, fenced=bool(seen))
    world.store.commit(New(decided), of_message("planned", decided, now, actor), *newest)
    world.outbox.put(decided.message_id)
    return Accepted(decided.message_id, verdict.until if isinstance(verdict, Hold) else None)


def write_secure(
    world: World, thread_id: str, asked: SecureAsked, now: datetime
) -> SecureAccepted | Refused | Overtaken:
    """Seal a person's words behind a link and announce them, or announce older ones again. Raises Unknown, BadField."""
    thread = thread_of(world, thread_id)
    if thread.patient_id is None:
        raise BadField("thread_id", "Nobody knows which patient this is. Use the thread of the patient it is for.")
    if (asked.body is None) == (asked.secure_id is None):
        raise BadField("body", SENTENCES["secure_id"])
    actor = staff(world, asked.author)
    patient = world.store.patient(thread.patient_id)
    about = _message(world, thread, patient, asked.category, actor, now)
    return again(lambda: _write_secure(world, about, asked, actor, now))


def _write_secure(
    world: World, about: Message, asked: SecureAsked, actor: Actor, now: datetime
) -> SecureAccepted | Refused | Overtaken:
    assert about.patient_id is not None
    talk = conversation(world, about.thread_id, about.number_id)
    if overtaken := talk.since(asked.seen, actor):
        return overtaken
    wanted = asked.identity == "passcode" or divert.needs_passcode(world, about.patient_id, about.number_id)
    passcode = divert.new_passcode() if wanted else ""
    if asked.body is not None:
        sealed = divert.seal(world, about, Body(asked.body), actor.actor_id, actor, now, "staff", passcode)
    else:
        sealed = _once_more(world, about, asked.secure_id or "", actor, now, passcode)
    verdict, _ = _decided(world, sealed.notice, now)
    if isinstance(verdict, Refuse):
        return Refused((_sentence(verdict),))
    written = sealed.secure if asked.body is not None else sealed.notice
    world.store.commit(*sealed.writes, *talk.with_words(written, actor.actor_id, now, fenced=bool(asked.seen)))
    world.outbox.put(sealed.notice.message_id)
    return SecureAccepted(sealed.secure.secure_id, sealed.notice.message_id, passcode)


def _once_more(
    world: World, about: Message, secure_id: str, actor: Actor, now: datetime, passcode: str
) -> divert.SealedMessage:
    secure = _secure_of(world, secure_id)
    if secure.thread_id != about.thread_id or secure.author == "patient":
        raise Unknown("There is no such secure message in this thread.")
    if secure.state == "recalled":
        raise BadField("secure_id", "This message was recalled. Write a new one.")
    longer = replace(secure, expires_at=now + timedelta(hours=world.practice.retention.link_hours))
    announced = divert.announce(world, about, longer, now, actor, passcode)
    return replace(announced, writes=[Change(longer), *announced.writes])


def recall(world: World, secure_id: str, actor: Actor, now: datetime) -> str:
    """End the patient's view of a secure message; the record stays. Returns its state. Raises Unknown."""

    def recalled() -> str:
        secure = _secure_of(world, secure_id)
        if secure.state != "recalled":
            ended = replace(secure, state="recalled")
            world.store.commit(
                Change(ended), told("secure.recalled", now, secure_id, {"was": secure.state}, actor=actor)
            )
        return "recalled"

    return again(recalled)


def _secure_of(world: World, secure_id: str) -> Secure:
    secure = world.store.secure(secure_id)
    if secure is None:
        raise Unknown("There is no such secure message.")
    return secure


def _message(
    world: World, thread: Thread, patient: Patient | None, category: Category | None, actor: Actor, now: datetime
) -> Message:
    return Message(
        message_id="m_" + secrets.token_hex(12),
        purpose="staff_text",
        category=category or _nearest(world, thread),
        state=State.PLANNED,
        patient_id=thread.patient_id,
        number_id=thread.number_id,
        thread_id=thread.thread_id,
        planned_at=now,
        send_at=now,
        deadline=now + A_WHILE,
        language=patient.language if patient else world.practice.language(None),
        author=actor.actor_id,
        dispose_on=dispose_on(world, patient, now),
    )


def _nearest(world: World, thread: Thread) -> Category:
    """What a text is about when its writer does not say: `general`; for a patient who was never asked about that, care or
    appointments if they agreed to those. Whoever said no to `general` has said no."""
    if thread.patient_id is None:
        return Category.GENERAL
    standing = {
        one: world.store.consent(thread.patient_id, thread.number_id, one).standing for one in NEAREST
    }  # three reads of one person
    if standing[Category.GENERAL] is not Standing.NEVER:
        return Category.GENERAL
    return next((one for one in NEAREST if standing[one] is Standing.GRANTED), Category.GENERAL)


def _once(world: World, thread: Thread, asked: TextAsked, now: datetime, request: str) -> str:
    bucket = str(int(now.timestamp() // ONCE_MORE.total_seconds()))
    same = request or f"{bucket}|{asked.author}|{asked.body}"
    return "m_" + entry_id("staff_text", thread.thread_id, world.ids.digest(same))[:24]


def _decided(world: World, message: Message, now: datetime) -> tuple[Send | Hold | Refuse, Message]:
    """The gate's verdict at this moment, as a person needs it, and the message with the verdict on it."""
    facts = facts_of(world, message, now)
    verdict: Verdict = gate.decide(facts, now)
    if isinstance(verdict, Hold) and verdict.reason != "outside_window":
        verdict = Refuse(verdict.reason)
    assert isinstance(verdict, Send | Hold | Refuse)  # what people write, and its notice, is never diverted
    decided = noted(replace(message, parts=facts.message.parts), verdict, facts, now)
    return verdict, replace(decided, deadline=verdict.deadline) if isinstance(verdict, Send) else decided


def _keep_refused(world: World, message: Message, verdict: Refuse, actor: Actor, now: datetime) -> None:
    kept = replace(message, message_id="m_" + secrets.token_hex(12), state=State.REFUSED)
    world.store.commit(New(kept), of_message("refused", kept, now, actor, reason=verdict.reason))


def _refusal(world: World, message: Message, patient: Patient | None, verdict: Refuse) -> Refused:
    if verdict.reason != "clinical_words" or message.body is None:
        return Refused((_sentence(verdict),))
    found = guarded(world, message.body, patient)
    spans = tuple({"kind": one.kind, "from": one.span[0], "to": one.span[1], "why": one.why} for one in found.found)
    reasons = (_sentence(verdict), *dict.fromkeys(one.why for one in found.found))
    offer = {
        "suggestion": phi.suggestion(found, world.practice.practice.short_name, "(secure link)"),
        "how": f"POST /v1/threads/{message.thread_id}/secure with the same body and author",
    }
    return Refused(reasons, spans, offer if message.patient_id else None)


def _sentence(verdict: Refuse) -> str:
    return say("verdict", verdict.reason, verdict.detail.replace("_", " "))
