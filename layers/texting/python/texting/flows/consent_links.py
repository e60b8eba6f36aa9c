"""Journey: a patient signs for texts on a page of ours, reached by a link that works once.

Whoever holds the link can sign and nobody else can guess it: the token is the whole of the door. Opening the page writes
nothing, so that previews and scanners use nothing up.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from texting.errors import Unknown
from texting.flows import change_consent
from texting.flows.again import again
from texting.flows.consent_requests import LinkAsked, checked_connection, phone_of
from texting.flows.divert import new_token, token_hash
from texting.flows.needs import World
from texting.flows.telling import told
from texting.records import Link, Number, Patient
from texting.values import Actor, Category, Name, PhoneNumber
from texting.writes import Change, New

OPEN_FOR = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Form:
    """An open consent form: whose it is, in which language, and what it offers."""

    link: Link
    patient: Patient
    number: Number
    language: str
    offered: tuple[Category, ...]


@dataclass(frozen=True, slots=True)
class Signed:
    """What a patient sent: the ticked categories, the typed name, and the exact text they had before them."""

    categories: Sequence[Category]
    name: Name
    language: str
    text: str = field(repr=False)
    version: str
    address: str = field(repr=False)
    browser: str = field(repr=False)


def offer(world: World, asked: LinkAsked, actor: Actor, now: datetime) -> str:
    """A link to the consent form, open for 14 days and one signature. Raises BadField."""
    connection, phone = checked_connection(world, asked.patient.connection), phone_of(asked.phone)
    token = new_token()
    again(lambda: _offered(world, asked, connection, phone, token, actor, now))
    return f"{world.practice.web.address}/c/{token}"


def _offered(
    world: World, asked: LinkAsked, connection: str, phone: PhoneNumber, token: str, actor: Actor, now: datetime
) -> None:
    patient, number, writes = change_consent.person_on(world, connection, asked.patient.ref, phone, asked.language, now)
    ends = now + OPEN_FOR
    language = world.practice.language(asked.language)
    link = Link(
        token_hash(token), "consent", patient.patient_id, patient.patient_id, number.number_id, ends, language=language
    )
    facts = {
        "scopes": ["consent_form"],
        "patient": patient.patient_id,
        "number": number.number_id,
        "language": language,
        "expires_at": ends,
    }
    told_id = "l_" + link.token_hash[:32]
    world.store.commit(*writes, New(link), told("token.issued", now, told_id, facts, actor=actor))


def form(world: World, token: str, now: datetime) -> Form:
    """The form behind a link; nothing is written. Raises Unknown, always with the same words, when there is none."""
    link = world.store.link(token_hash(token))
    if link is None or link.opens != "consent" or link.used_at is not None or link.expires_at <= now:
        raise Unknown("This link is not open.")
    patient, number = world.store.patient(link.target_id), world.store.number(link.number_id)
    if patient is None or number is None:
        raise Unknown("This link is not open.")
    return Form(
        link,
        patient,
        number,
        world.practice.language(link.language or patient.language),
        tuple(world.practice.consent.categories),
    )


def missing(categories: Sequence[Category], name: str) -> str:
    """What a signature lacks, as a row of the pages' words; "" when it lacks nothing."""
    if not categories:
        return "nothing_ticked"
    return "" if 1 < len(name) <= 200 and name.isprintable() else "no_signature"


def sign(world: World, opened: Form, signed: Signed, now: datetime) -> None:
    """Record the grant with its evidence and use the link up, all or nothing. Raises Contended for a second signature."""
    number_id = opened.number.number_id
    evidence = {
        "medium": "web form",
        "text_version": signed.version,
        "text": signed.text,
        "text_sha256": hashlib.sha256(signed.text.encode()).hexdigest(),
        "language": signed.language,
        "signed_name": signed.name.reveal(),
        "signed_at": now.isoformat().replace("+00:00", "Z"),
        "recorded_by": "patient",
        "address": signed.address,
        "browser": signed.browser[:400],
        "act": "ticked boxes that were empty, typed a name, pressed the button",
    }
    actor = Actor("patient", number_id)
    grant = change_consent.grant(
        world, opened.patient, opened.number, tuple(signed.categories), actor, "form", evidence, now
    )
    world.store.commit(Change(replace(opened.link, used_at=now)), *grant)
