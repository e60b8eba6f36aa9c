"""What a patient with a consent link is shown: the form, their signature taken, or that the link is not open."""

from datetime import datetime

from texting.answers.shown import reader, shown
from texting.doors import Answer, Request
from texting.errors import QuietlineError, Reject
from texting.flows import consent_links
from texting.flows.again import again
from texting.flows.consent_links import Form, Signed
from texting.flows.needs import World
from texting.pages import consent
from texting.pages.readers import one
from texting.pages.rendering import Reader
from texting.values import Name


def form(world: World, request: Request, now: datetime) -> Answer:
    """GET /c/{token}: the form, and nothing written."""
    opened = consent_links.form(world, request.opaque("token"), now)
    return shown(200, consent.consent_form(*_text(world, request, opened)))


def sign(world: World, request: Request, now: datetime) -> Answer:
    """POST /c/{token}: the signature, or the form again with what is missing."""
    return again(lambda: _sign(world, request, request.form(), now))


def _sign(world: World, request: Request, fields: dict[str, list[str]], now: datetime) -> Answer:
    opened = consent_links.form(world, request.opaque("token"), now)
    whom, text = _text(world, request, opened, one(fields, "lang"))
    name, ticked = one(fields, "signature"), frozenset(fields.get("categories", ()))
    chosen = tuple(category for category in opened.offered if category in ticked)
    fault = consent_links.missing(chosen, name) if one(fields, "shown") == text.digest else "changed"
    if fault:
        return shown(422, consent.consent_form(whom, text, ticked=ticked, name=name[:200], fault=fault))
    browser = request.header("user-agent")
    signed = Signed(chosen, Name(name), whom.language, text.text, text.version, request.address, browser)
    consent_links.sign(world, opened, signed, now)
    return shown(200, consent.consent_done(whom, text, chosen, signed.name, now))


def _text(world: World, request: Request, opened: Form, asked: str | None = None) -> tuple[Reader, consent.Document]:
    """Who reads, and the text as they see it."""
    whom = reader(world, request, asked, opened.language)
    return whom, consent.document(whom, opened.offered, opened.number.to_dial.reveal()[-2:])


def refused(world: World, request: Request, error: QuietlineError) -> Answer:
    """The same page for every link that does not open, and one for what failed on our side."""
    whom = reader(world, request)
    if isinstance(error, Reject):
        return shown(404, consent.consent_closed(whom))
    return shown(503, consent.sorry(whom))
