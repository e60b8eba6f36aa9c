"""The records the journeys read and write: frozen values with a `rev` that guards each conditional write.

Times are aware datetimes in UTC. What is hidden here is sealed at rest by the adapter that stores it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from texting.values import Actor, BirthDate, Body, Category, Name, PhoneNumber, Raw, Standing, State


@dataclass(frozen=True, slots=True)
class Patient:
    """A person the practice sees. Identity is sealed at rest; `rev` guards conditional writes.

    `dispose_on` is when retention looks at the identity (again), here and of a number.
    """

    patient_id: str
    source: str
    ref: str
    given_name: Name | None
    family_name: Name | None
    birth_date: BirthDate | None
    language: str
    state: str | None
    number_id: str | None
    deceased: bool = False
    dispose_on: date | None = None
    rev: int = 0


@dataclass(frozen=True, slots=True)
class Number:
    """A phone number and what holds for all patients on it.

    `stopped` is STOP's standing and `standing` its version, raised by every STOP and START and checked by every claim.
    `suspended` is a reason code (wrong_number, landline, unusable, …) or "". `sent` are UTC times of automated texts in
    the last seven days, `replied` of automatic replies in the last day, both oldest first; `texted_at` is when it was last
    texted at all. `heard_id` is the newest text that came from it. `choices` are the visits we last asked it to choose
    among, by their short codes in order, `asked` what the answer will mean. `requested_at` is when it last asked to drop
    or move a visit, `written_at` when a person last wrote to it, `answered_at` when anything else went that is about none.
    Once nobody is known on it any more its phone is disposed of (None); a STOP or a suspension stands on.
    """

    number_id: str
    phone: PhoneNumber | None
    stopped: bool = False
    standing: int = 0
    suspended: str = ""
    warned_at: datetime | None = None
    welcomed_at: datetime | None = None
    heard_at: datetime | None = None
    heard_id: str = ""
    last_heard_hash: str = ""
    sent: tuple[datetime, ...] = ()
    replied: tuple[datetime, ...] = ()
    choices: tuple[str, ...] = ()
    asked: str = ""
    asked_at: datetime | None = None
    requested_at: datetime | None = None
    written_at: datetime | None = None
    answered_at: datetime | None = None
    texted_at: datetime | None = None
    dispose_on: date | None = None
    rev: int = 0

    @property
    def to_dial(self) -> PhoneNumber:
        """The phone, for whoever texts or was texted: who meets a number again notes its phone first (`flows.keeping`)."""
        assert self.phone is not None, "this number was disposed of, and only its standing is left"
        return self.phone


@dataclass(frozen=True, slots=True)
class Thread:
    """One patient on one number, by the thread's id; without a patient, what came from a number nobody is known by."""

    thread_id: str
    patient_id: str | None
    number_id: str


@dataclass(frozen=True, slots=True)
class Consent:
    """Where consent stands for one (patient, number, category). `rev` is its version; 0 means never asked."""

    patient_id: str
    number_id: str
    category: Category
    standing: Standing = Standing.NEVER
    changed_at: datetime | None = None
    ended_by_stop: bool = False
    rev: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """A text of ours on its way. `body` is sealed once rendered; `deadline` is P4's fence (UTC).

    `permit_until` is set for replies to the patient's own text: a single use, dead after five minutes. `answers` is the
    inbound text's id such a reply answers. `author` is a staff member's id for a text a person wrote, else "".

    While it stands in `line` (a sending number's, or a day's list of patients to call instead) `line_at` is its place
    there; the place is kept when it has left, because its tick may still come.
    """

    message_id: str
    purpose: str
    category: Category | None
    state: State
    patient_id: str | None
    number_id: str
    thread_id: str
    planned_at: datetime
    send_at: datetime
    deadline: datetime
    appointment_id: str | None = None
    epoch: int = 0
    slot: str = ""
    language: str = "en"
    body: Body | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    author: str = ""
    answers: str = ""
    permit_until: datetime | None = None
    carrier_id: str = ""
    verdicts: tuple[Mapping[str, Any], ...] = ()
    evidence: tuple[Mapping[str, Any], ...] = ()
    claimed_at: datetime | None = None
    parts: int = 0
    line: str | None = None
    line_at: str | None = None
    dispose_on: date | None = None
    rev: int = 0


@dataclass(frozen=True, slots=True)
class Inbound:
    """A text a patient sent, and what became of it. `outcome` is a code; `intent` and `also` are the reader's words.

    `then` lists what has to follow the transaction that stored it (a reply to send, an event to tell), so that a run
    that died in between is finished by the next delivery of the same text.
    """

    inbound_id: str
    number_id: str
    thread_id: str
    at: datetime
    body: Body
    intent: str = ""
    also: tuple[str, ...] = ()
    language: str = "en"
    outcome: str = ""
    task_id: str = ""
    then: tuple[str, ...] = ()
    patient_id: str | None = None
    dispose_on: date | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits for a person: what, for which queue of people, and its clock (`due`, UTC).

    Once it is closed retention looks at it on `dispose_on`.
    """

    task_id: str
    kind: str
    queue: str
    opened_at: datetime
    due: datetime
    sentence: str
    thread_id: str = ""
    patient_id: str | None = None
    appointment_id: str | None = None
    message_id: str = ""
    owner: str = ""
    state: str = "open"
    closed_at: datetime | None = None
    dispose_on: date | None = None
    rev: int = 0


@dataclass(frozen=True, slots=True)
class ConsentChange:
    """One line of the append-only history: who changed which categories to what, by which channel, on what evidence.

    `evidence` is sealed at rest (it may hold a typed signature); `covers` says what a revocation covers.
    """

    patient_id: str
    number_id: str
    change_id: str
    at: datetime
    standing: Standing
    categories: tuple[Category, ...]
    actor: Actor
    channel: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    covers: str = "all"


@dataclass(frozen=True, slots=True)
class Secure:
    """A message that travels only behind a link. Its view can end; the record is kept as long as the law says.

    `state` is waiting, opened, read, recalled or expired. `author` is a staff id, "quietline" or "patient".
    """

    secure_id: str
    patient_id: str
    number_id: str
    thread_id: str
    at: datetime
    body: Body
    author: str
    expires_at: datetime
    state: str = "waiting"
    reason: str = ""
    read_at: datetime | None = None
    dispose_on: date | None = None
    rev: int = 0


@dataclass(frozen=True, slots=True)
class Latest:
    """What people wrote last in a thread, oldest first: the `id` of each entry, `by` whom (a staff id, or "patient" for an
    answer behind a link) and `at` (UTC, ISO 8601). What a patient texts is known by the number (`Number.heard_id`).

    It goes when the records of its last year go: `dispose_on` and `at` are those of the newest words.
    """

    thread: str
    patient_id: str | None
    number_id: str
    at: datetime
    words: tuple[Mapping[str, str], ...] = ()
    dispose_on: date | None = None
    rev: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """An opaque link of ours: what it opens (`secure` or `consent`), for whom, until when, and the tries so far.

    A secure link opens by birth date, or by a passcode where `by_passcode`; `passcode` is its keyed digest, "" while
    nobody has been given one. `language` is the language to show a form in, "" for the patient's own.
    """

    token_hash: str
    opens: str
    target_id: str
    patient_id: str
    number_id: str
    expires_at: datetime
    attempts: int = 0
    locked_until: datetime | None = None
    used_at: datetime | None = None
    by_passcode: bool = False
    passcode: str = ""
    language: str = ""
    rev: int = 0


@dataclass(frozen=True, slots=True)
class Quarantined:
    """What could not be read: kept sealed with its reason, visible, and replayable by the operator.

    `at` is when it came, or came back after the replay of `replayed_at`: retention counts from there.
    """

    quarantine_id: str
    source: str
    door: str
    event_id: str
    code: str
    sentence: str
    at: datetime
    body: Raw
    state: str = "quarantined"
    replayed_at: datetime | None = None
    rev: int = 0


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token of the /v1 API as we keep it: hashed, named, scoped, revocable."""

    token_hash: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    revoked_at: datetime | None = None
    rev: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """The memory of an event id: kept 30 days, longer than any sender's retries (`facts/scheduling.md` §2.2)."""

    source: str
    event_id: str
    at: datetime
    outcome: str


@dataclass(frozen=True, slots=True)
class Switch:
    """The stop-everything switch: while `stopped`, the gate lets nothing out."""

    stopped: bool = False
    by: str = ""
    at: datetime | None = None
    rev: int = 0


@dataclass(frozen=True, slots=True)
class Listing:
    """Where a number that ever said STOP stands with the carrier's own opt-out list, our second fence.

    `state` is "due" (to be put there), "listed", "leaving" (to be taken off) or "off"; `since` is when it became so (UTC).
    """

    number_id: str
    state: str = "off"
    since: datetime | None = None
    rev: int = 0


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast one sending number may text. `next_at` is when its next part may go, `slowed_until` until when the carrier
    wants it slower, `spent_until` until when the carrier's money is taken to be gone.

    `waiting` counts the parts in line by the minute (since 1970) of their deadline, what a person waits for under "0";
    `texts` are as many, and `ticks` are on their way to serve them. All three are hints, set right when the line is empty.
    """

    line: str
    next_at: datetime | None = None
    slowed_until: datetime | None = None
    spent_until: datetime | None = None
    waiting: Mapping[str, int] = field(default_factory=dict)
    texts: int = 0
    ticks: int = 0
    rev: int = 0


@dataclass(frozen=True, slots=True)
class Holds:
    """The legal holds that stand on `subject`: a patient_id, a number_id, or `ALL`. What they cover is not disposed of."""

    subject: str
    standing: tuple[str, ...] = ()
    rev: int = 0


@dataclass(frozen=True, slots=True)
class Disposing:
    """Where the nightly disposal stands. Months before `mark` (YYYY-MM) hold nothing that is due.

    While `intent` names a ledger entry, the `records` (table|pk|sk) of `owner` and `year` are being erased, and their key
    too if `key_goes`.
    """

    mark: str = ""
    intent: str = ""
    intended_at: datetime | None = None
    owner: str = ""
    year: int = 0
    records: tuple[str, ...] = ()
    key_goes: bool = True
    rev: int = 0


@dataclass(frozen=True, slots=True)
class Stored:
    """A record as disposal sees it: where it lies, under whose key and since when. Nothing of it is opened.

    Of a quarantined event also whether it is still open (`state`), and the day of its last replay.
    """

    path: str
    owner: str
    year: int
    made_on: date
    dispose_on: date | None = None
    intent: str = ""
    state: str = ""
    replayed_on: date | None = None


def quarantine_of(day: date) -> str:
    """The owner of the key that seals what could not be read on a UTC day: a day of the quarantine goes together."""
    return f"quarantine:{day.isoformat()}"
