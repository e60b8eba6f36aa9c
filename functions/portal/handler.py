"""Secure messages for patients: a form for whoever comes, the message for whom it is for, and their answer."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from texting import practice, telemetry
from texting.aws.world import made
from texting.doors import Answer, Request, door
from texting.errors import NotAllowed, QuietlineError, Reject
from texting.flows.needs import World
from texting.flows.open_secure import BadReply, NotOpened, open_secure
from texting.flows.open_secure import reply as keep_reply
from texting.flows.wording import templates_of
from texting.pages import consent, secure
from texting.pages.readers import one, reader_of
from texting.pages.rendering import Page, Reader
from texting.settings import Environment


@dataclass(frozen=True, slots=True)
class Settings(Environment):
    """What the function is given."""

    PEOPLE_TABLE: str
    WORK_TABLE: str
    SECURE_TABLE: str
    KEYS_TABLE: str
    LEDGER_TABLE: str
    SEAL_KEY: str


@cache
def world() -> World:
    """Everything the journeys need, made once per process."""
    settings = Settings.read()
    rules = practice.load(settings.PRACTICE)
    return World(practice=rules, templates=templates_of(rules), **made(settings, rules))


def form(request: Request) -> Answer:
    """GET /m/{token}: the same form for every token; nothing is looked up, so nothing can be used up or told."""
    return _page(200, secure.identity(_reader(request, request.query.get("lang", ""))))


def show(request: Request) -> Answer:
    """POST /m/{token}: the message, or the form again with the one sentence for all that can go wrong."""
    fields, now = request.form(), datetime.now(UTC)
    asked = request.query.get("lang", "")
    try:
        token = request.opaque("token")
        opened = open_secure(world(), token, one(fields, "birth_date"), one(fields, "passcode"), now)
    except Reject as refused:
        if isinstance(refused, NotOpened) and refused.closed:
            telemetry.count("TasksOpened")
        return _page(403, secure.identity(_reader(request, asked), fault="secure_closed"))
    reader = _reader(request, asked, opened.language)
    return _page(200, secure.message(reader, opened.body, opened.until, opened.session, f"{token}/reply"))


def reply(request: Request) -> Answer:
    """POST /m/{token}/reply: the patient's answer, while their page is open."""
    fields = request.form()
    reader, session = _reader(request, one(fields, "lang")), one(fields, "session")
    try:
        keep_reply(world(), request.opaque("token"), session, one(fields, "body"), datetime.now(UTC))
    except NotAllowed:
        return _page(403, secure.reply_closed(reader))
    except BadReply as wrong:
        return _page(422, secure.reply_again(reader, session, wrong.fault))
    telemetry.count("TasksOpened")
    return _page(200, secure.reply_sent(reader))


def _reader(request: Request, asked: str, known: str = "") -> Reader:
    return reader_of(world().practice, asked, request.header("accept-language"), known)


def _page(status: int, page: Page) -> Answer:
    return Answer(status, page=page.html, headers=page.headers)


def refused(request: Request, error: QuietlineError) -> Answer:
    """A page for what the doors themselves refuse, and for what failed on our side."""
    reader = _reader(request, request.query.get("lang", ""))
    if isinstance(error, Reject):
        return _page(error.status, secure.reply_closed(reader))
    return _page(503, consent.sorry(reader))


lambda_handler = door(
    {"GET /m/{token}": form, "POST /m/{token}": show, "POST /m/{token}/reply": reply}, refused=refused
)
