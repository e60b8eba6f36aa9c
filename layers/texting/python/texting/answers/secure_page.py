"""What a patient with a secure message is shown: a form for whoever comes, the message for whom it is for."""

from datetime import datetime

from texting import telemetry
from texting.answers.shown import reader, shown
from texting.doors import Answer, Request
from texting.errors import NotAllowed, QuietlineError, Reject
from texting.flows.needs import World
from texting.flows.open_secure import BadReply, NotOpened, open_secure
from texting.flows.open_secure import reply as keep_reply
from texting.pages import consent, secure
from texting.pages.readers import one


def form(world: World, request: Request, now: datetime) -> Answer:
    """GET /m/{token}: the same form for every token; nothing is looked up, so nothing can be used up or told."""
    return shown(200, secure.identity(reader(world, request)))


def show(world: World, request: Request, now: datetime) -> Answer:
    """POST /m/{token}: the message, or the form again with the one sentence for all that can go wrong."""
    fields = request.form()
    try:
        token = request.opaque("token")
        opened = open_secure(world, token, one(fields, "birth_date"), one(fields, "passcode"), now)
    except Reject as refusal:
        if isinstance(refusal, NotOpened) and refusal.closed:
            telemetry.count("TasksOpened")
        return shown(403, secure.identity(reader(world, request), fault="secure_closed"))
    whom = reader(world, request, known=opened.language)
    return shown(200, secure.message(whom, opened.body, opened.until, opened.session, f"{token}/reply"))


def reply(world: World, request: Request, now: datetime) -> Answer:
    """POST /m/{token}/reply: the patient's answer, while their page is open."""
    fields = request.form()
    whom, session = reader(world, request, one(fields, "lang")), one(fields, "session")
    try:
        keep_reply(world, request.opaque("token"), session, one(fields, "body"), now)
    except NotAllowed:
        return shown(403, secure.reply_closed(whom))
    except BadReply as wrong:
        return shown(422, secure.reply_again(whom, session, wrong.fault))
    telemetry.count("TasksOpened")
    return shown(200, secure.reply_sent(whom))


def refused(world: World, request: Request, error: QuietlineError) -> Answer:
    """A page for what the doors themselves refuse, and for what failed on our side."""
    whom = reader(world, request)
    if isinstance(error, Reject):
        return shown(error.status, secure.reply_closed(whom))
    return shown(503, consent.sorry(whom))
