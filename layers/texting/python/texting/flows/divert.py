"""Words that may not travel by SMS: sealed, and announced by a neutral notice with an opaque link (P5)."""

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from texting.audit.entries import entry_id
from texting.flows.needs import World
from texting.flows.tasks import new_task
from texting.flows.telling import of_message, told
from texting.records import Link, Message, Secure
from texting.values import SYSTEM, Actor, Body, Divert, State
from texting.writes import Change, New, Write

LETTERS = "bcdfghjkmnpqrstvwxzBCDFGHJKMNPQRSTVWXZ"
"""No vowels, digits or signs: one in 570 random base64 tokens spelt a drug or a treatment to the language guard (Rx_…)."""


def new_token() -> str:
    """An opaque token of 32 letters and 168 random bits that spells nothing."""
    return "".join(secrets.choice(LETTERS) for _ in range(32))


def token_hash(token: str) -> str:
    """The hash under which a link's or an API caller's token is kept: 64 hexadecimal digits."""
    return hashlib.sha256(token.encode()).hexdigest()


def divert(world: World, message: Message, verdict: Divert, now: datetime) -> str:
    """Seal the words of an automated message and plan its notice. Returns the message's state, `refused`."""
    assert message.body is not None and message.patient_id is not None  # noqa: PT018
    ended = replace(message, state=State.REFUSED)
    sealed = seal(world, message, message.body, "quietline", SYSTEM, now, "diverted")
    writes = [Change(ended), of_message("diverted", ended, now, reason=verdict.reason), *sealed.writes]
    if sealed.link.by_passcode:  # nobody stands by to read one out: people announce it again
        writes += new_task(world, "passcode_needed", now, message=sealed.notice)
    world.store.commit(*writes)
    world.outbox.put(sealed.notice.message_id)
    return str(State.REFUSED)


@dataclass(frozen=True, slots=True)
class SealedMessage:
    """A secure message about to be written: its record, its link, the notice that will announce it, and all the writes."""

    secure: Secure
    link: Link
    notice: Message
    writes: list[Write]


def seal(
    world: World, about: Message, body: Body, author: str, actor: Actor, now: datetime, reason: str, passcode: str = ""
) -> SealedMessage:
    """Seal `body` for the patient of `about`, who opens it with `passcode` where a birth date would not do."""
    assert about.patient_id is not None
    ends = now + timedelta(hours=world.practice.retention.link_hours)
    secure_id = "s_" + entry_id("secure", about.message_id)
    secure = Secure(
        secure_id,
        about.patient_id,
        about.number_id,
        about.thread_id,
        now,
        body,
        author,
        ends,
        reason=reason,
        dispose_on=about.dispose_on,
    )
    announced = announce(world, about, secure, now, actor, passcode)
    facts = {
        "body_digest": world.ids.digest(body),
        "patient": about.patient_id,
        "thread": about.thread_id,
        "expires_at": ends,
        "message": announced.notice.message_id,
    }
    told_created = told("secure.created", now, secure_id, facts, actor=actor)
    return replace(announced, writes=[New(secure), *announced.writes, told_created])


def announce(
    world: World, about: Message, secure: Secure, now: datetime, actor: Actor, passcode: str = ""
) -> SealedMessage:
    """A new link to a secure message, open as long as its view, and the neutral notice that carries it."""
    token = new_token()
    link = _link(world, secure, token_hash(token), passcode)
    notice = _notice(world, about, secure, token, now)
    return SealedMessage(secure, link, notice, [New(link), New(notice), of_message("planned", notice, now, actor)])


def _link(world: World, secure: Secure, digest: str, passcode: str) -> Link:
    return Link(
        digest,
        "secure",
        secure.secure_id,
        secure.patient_id,
        secure.number_id,
        secure.expires_at,
        by_passcode=bool(passcode) or needs_passcode(world, secure.patient_id, secure.number_id),
        passcode=passcode_digest(world, digest, passcode) if passcode else "",
    )


def _notice(world: World, about: Message, secure: Secure, token: str, now: datetime) -> Message:
    return replace(
        about,
        message_id="m_" + entry_id("notice", about.message_id)[:24],
        purpose="secure_notice",
        state=State.PLANNED,
        planned_at=now,
        send_at=now,
        deadline=max(about.deadline, now + timedelta(hours=24)),
        body=None,
        fields={"link": f"{world.practice.web.address}/m/{token}"},
        verdicts=(),
        author=secure.author if secure.author != "quietline" else "",
        rev=0,
    )


def needs_passcode(world: World, patient_id: str, number_id: str) -> bool:
    """Whether a birth date cannot show who holds the phone: there is none, or several patients share the phone."""
    patient = world.store.patient(patient_id)
    return patient is None or patient.birth_date is None or len(world.store.patients_on(number_id)) > 1


def new_passcode() -> str:
    """Eight digits, to be read out over the phone; ten tries at a link find one in ten million."""
    return f"{secrets.randbelow(10**8):08d}"


def passcode_digest(world: World, link_hash: str, passcode: str) -> str:
    """What we keep of a passcode: a keyed digest that fits one link only."""
    return world.ids.proof("passcode", link_hash, passcode)
