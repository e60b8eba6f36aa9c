"""Journey: a patient opens a secure message and answers it.

Only a form that was sent on purpose tries anything: a preview or a scanner that follows the link uses nothing up (C18).
Every try is in the ledger before it is answered, counted by a conditional write, so that tries side by side count too. What
goes wrong is said in one way, whatever went wrong: no such link, closed, locked, or not the right date.
"""

import hmac
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from secrets import token_hex

from texting.audit.entries import entry_id
from texting.errors import BadField, Contended, NotAllowed, Unknown
from texting.flows.again import again
from texting.flows.divert import passcode_digest, token_hash
from texting.flows.keeping import dispose_on
from texting.flows.needs import World
from texting.flows.overtaking import PATIENT, conversation
from texting.flows.tasks import new_task
from texting.flows.telling import told
from texting.records import Link, Patient, Secure
from texting.values import Actor, Body
from texting.writes import Change, New, Write

TRIES = 5
"""Wrong tries after which a link is locked for an hour."""
ALL_TRIES = 10
"""Wrong tries after which a link is closed for good, and staff call the patient."""
LOCK = timedelta(hours=1)
SESSION = timedelta(minutes=15)
LONGEST_REPLY = 4000


class NotOpened(Unknown):
    """The message was not opened. `closed` says that this try closed the link for good."""

    def __init__(self, closed: bool = False) -> None:
        super().__init__("That did not match, or this link is no longer open.")
        self.closed = closed


class BadReply(BadField):
    """An answer that cannot be taken; `fault` is a row of the pages' words."""

    def __init__(self, fault: str, sentence: str) -> None:
        super().__init__("body", sentence)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Opened:
    """What a patient may read now. `session` lets them answer for a quarter of an hour."""

    body: Body
    language: str
    until: datetime
    session: str


def open_secure(world: World, token: str, birth_date: str, passcode: str, now: datetime) -> Opened:
    """The message behind a link, for who shows that it is theirs. Raises NotOpened; Contended in a storm of tries."""
    return again(lambda: _opened(world, token_hash(token), birth_date.strip(), passcode.strip(), now))


def _opened(world: World, link_hash: str, birth_date: str, passcode: str, now: datetime) -> Opened:
    link = world.store.link(link_hash)
    secure = world.store.secure(link.target_id) if link and link.opens == "secure" else None
    if link is None or secure is None:
        raise NotOpened
    reason = _shut(link, secure, now)
    if reason:
        _refuse(world, link, secure, reason, now)
    if not birth_date and not passcode:
        raise NotOpened  # an empty form tries nothing
    patient = world.store.patient(link.patient_id)
    if patient is None or not _is_theirs(world, link, patient, birth_date, passcode):
        _count(world, link, secure, now)
    assert patient is not None
    read = replace(secure, state="read", read_at=secure.read_at or now)
    facts = {"patient": link.patient_id, "attempts": link.attempts}
    actor = Actor("patient", link.patient_id)
    evidence = told("secure.read", now, secure.secure_id, facts, once=token_hex(8), actor=actor)
    world.store.commit(Change(replace(link, used_at=now)), Change(read), evidence)
    return Opened(secure.body, patient.language, _ends(link, secure), _session(world, link, now + SESSION))


def _ends(link: Link, secure: Secure) -> datetime:
    return min(link.expires_at, secure.expires_at)


def _shut(link: Link, secure: Secure, now: datetime) -> str:
    """Why a link opens nothing, whoever asks; "" when it may."""
    if secure.state == "recalled":
        return "recalled"
    if _ends(link, secure) <= now:
        return "expired"
    if link.attempts >= ALL_TRIES:
        return "closed"
    return "locked" if link.locked_until is not None and link.locked_until > now else ""


def _is_theirs(world: World, link: Link, patient: Patient, birth_date: str, passcode: str) -> bool:
    """Compared in constant time. A link that asks for a passcode opens by nothing else."""
    if link.by_passcode:
        given = passcode_digest(world, link.token_hash, re.sub(r"[\s-]", "", passcode))
        return bool(link.passcode) and hmac.compare_digest(given.encode(), link.passcode.encode())
    known = patient.birth_date.reveal() if patient.birth_date else ""
    return bool(known) and hmac.compare_digest(read_birth_date(birth_date).encode(), known.encode())


def read_birth_date(typed: str) -> str:
    """A date as YYYY-MM-DD, from that or from month, day and year as people in the US write them; else ""."""
    found = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", typed, re.ASCII)
    year, month, day = found.groups() if found else ("", "", "")
    if not found:
        found = re.fullmatch(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})|(\d{2})(\d{2})(\d{4})", typed, re.ASCII)
        month, day, year = (found.groups()[:3] if found[1] else found.groups()[3:]) if found else ("", "", "")
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""


def _holder(link: Link) -> Actor:
    """Who tried is not known: whoever holds the link, by a part of the hash of its token."""
    return Actor("token", "l_" + link.token_hash[:32])


def _refuse(world: World, link: Link, secure: Secure, reason: str, now: datetime) -> None:
    """Keep a try at a link that is shut, which counts towards nothing. Raises NotOpened."""
    facts = {"attempts": link.attempts, "reason": reason, "patient": link.patient_id}
    world.store.commit(told("secure.refused", now, secure.secure_id, facts, once=token_hex(8), actor=_holder(link)))
    raise NotOpened


def _count(world: World, link: Link, secure: Secure, now: datetime) -> None:
    """Keep and count a wrong try; too many lock the link, then close it and call staff. Raises NotOpened."""
    attempts = link.attempts + 1
    locked = now + LOCK if attempts % TRIES == 0 else link.locked_until
    facts = {"attempts": attempts, "reason": "no_match", "patient": link.patient_id}
    writes: list[Write] = [
        Change(replace(link, attempts=attempts, locked_until=locked)),
        told("secure.refused", now, secure.secure_id, facts, once=f"{link.token_hash}/{attempts}", actor=_holder(link)),
    ]
    if attempts == ALL_TRIES:
        writes += new_task(
            world, "locked_link", now, once=link.token_hash, thread_id=secure.thread_id, patient_id=link.patient_id
        )
    world.store.commit(*writes)
    raise NotOpened(closed=attempts >= ALL_TRIES)


def reply(world: World, token: str, session: str, words: str, now: datetime) -> str:
    """Keep a patient's answer sealed and put it before staff. Returns its secure_id; the same answer twice is one.

    Raises NotAllowed for a session that ended or a message that is no longer open, and BadReply for the words.
    """
    link = world.store.link(token_hash(token))
    secure = world.store.secure(link.target_id) if link and link.opens == "secure" else None
    if link is None or secure is None or _shut(link, secure, now) or not _lasts(world, link, session, now):
        raise NotAllowed("This page is no longer open; open the link again.")
    if not words.strip():
        raise BadReply("empty_reply", "Write an answer.")
    if len(words) > LONGEST_REPLY:
        raise BadReply("long_reply", f"An answer may have {LONGEST_REPLY} characters.")
    return again(lambda: _kept(world, link, secure, session, Body(words), now))


def _kept(world: World, link: Link, about: Secure, session: str, words: Body, now: datetime) -> str:
    digest = world.ids.digest(words)
    reply_id = "s_" + entry_id("secure_reply", link.token_hash, session, digest)
    answer = Secure(
        reply_id,
        about.patient_id,
        about.number_id,
        about.thread_id,
        now,
        words,
        "patient",
        _ends(link, about),
        reason="reply",
        dispose_on=dispose_on(world, about.patient_id, now),
    )
    facts = {"body_digest": digest, "patient": about.patient_id, "thread": about.thread_id, "secure": about.secure_id}
    evidence = told("secure.replied", now, reply_id, facts, actor=Actor("patient", about.patient_id))
    task = new_task(world, "secure_reply", now, once=reply_id, thread_id=about.thread_id, patient_id=about.patient_id)
    newest = conversation(world, about.thread_id, about.number_id).with_words(answer, PATIENT, now)
    try:
        world.store.commit(New(answer), evidence, *task, *newest)
    except Contended:
        if world.store.secure(reply_id) is None:
            raise
    return reply_id


def _session(world: World, link: Link, ends: datetime) -> str:
    seconds = str(int(ends.timestamp()))
    return f"{seconds}.{world.ids.proof('portal', link.token_hash, seconds)}"


def _lasts(world: World, link: Link, session: str, now: datetime) -> bool:
    seconds, _, proof = session.partition(".")
    ours = world.ids.proof("portal", link.token_hash, seconds)
    genuine = hmac.compare_digest(ours.encode(), proof.encode("utf-8", "replace"))
    return genuine and datetime.fromtimestamp(int(seconds), UTC) > now
