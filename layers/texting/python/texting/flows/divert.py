"""Words that may not travel by SMS: sealed, and announced by a neutral notice with an opaque link (P5)."""

import hashlib
import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from texting.audit.entries import entry_id
from texting.flows.needs import World
from texting.flows.telling import of_message, told
from texting.records import Link, Message, Secure
from texting.values import SYSTEM, Actor, Body, Divert, State
from texting.writes import Change, New, Write


def token_hash(token: str) -> str:
    """The hash under which a link's or an API caller's token is kept: 64 hexadecimal digits."""
    return hashlib.sha256(token.encode()).hexdigest()


def divert(world: World, message: Message, verdict: Divert, now: datetime) -> str:
    """Seal the words of an automated message and plan its notice. Returns the message's state, `refused`."""
    assert message.body is not None and message.patient_id is not None  # noqa: PT018
    ended = replace(message, state=State.REFUSED)
    sealing, notice = sealed_writes(world, message, message.body, "quietline", SYSTEM, now, "diverted")
    evidence = of_message("diverted", ended, now, reason=verdict.reason)
    world.store.commit(Change(ended), evidence, *sealing)
    world.outbox.put(notice.message_id)
    return str(State.REFUSED)


def sealed_writes(
    world: World, about: Message, body: Body, author: str, actor: Actor, now: datetime, reason: str
) -> tuple[list[Write], Message]:
    """The writes that seal `body` for the patient of `about`, and the notice that will announce it."""
    assert about.patient_id is not None
    token = secrets.token_urlsafe(24)
    ends = now + timedelta(hours=world.practice.retention.link_hours)
    secure_id = "s_" + entry_id("secure", about.message_id)
    secure = Secure(
        secure_id, about.patient_id, about.number_id, about.thread_id, now, body, author, ends, reason=reason
    )
    link = Link(token_hash(token), "secure", secure_id, about.patient_id, about.number_id, ends)
    notice = replace(
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
        author=author if author != "quietline" else "",
        rev=0,
    )
    facts = {
        "body_digest": world.ids.digest(body),
        "patient": about.patient_id,
        "thread": about.thread_id,
        "expires_at": ends,
        "message": notice.message_id,
    }
    writes: list[Write] = [New(secure), New(link), New(notice)]
    writes += [
        told("secure.created", now, secure_id, facts, actor=actor),
        of_message("planned", notice, now, actor),
    ]
    return writes, notice
