"""Consent: recorded, read, taken back and imported by systems under /v1, and signed by patients under /c."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from texting import practice, telemetry
from texting.aws.world import made
from texting.doors import Answer, Request, door, sorry
from texting.errors import QuietlineError, Reject
from texting.flows import consent_answers as systems
from texting.flows import consent_links
from texting.flows.again import again
from texting.flows.callers import caller
from texting.flows.consent_links import Form, Signed
from texting.flows.needs import World
from texting.flows.wording import templates_of
from texting.pages import consent as pages
from texting.pages.readers import one, reader_of
from texting.pages.rendering import Page, Reader
from texting.settings import Environment
from texting.values import Actor, Name


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


def api(answer: Callable[[World, Request, Actor, datetime], Answer]) -> Callable[[Request], Answer]:
    """A route for systems whose token reaches consents."""

    def route(request: Request) -> Answer:
        actor = caller(world(), request.header("authorization"), "consents")
        return answer(world(), request, actor, datetime.now(UTC))

    return route


def take_back(request: Request) -> Answer:
    """POST /v1/consents/{patient_id}/revoke, counted."""
    answer = api(systems.take_back)(request)
    telemetry.count("OptOuts")
    return answer


def form(request: Request) -> Answer:
    """GET /c/{token}: the form, and nothing written."""
    opened = consent_links.form(world(), request.opaque("token"), datetime.now(UTC))
    return _page(200, pages.consent_form(*_shown(request, opened, request.query.get("lang", ""))))


def sign(request: Request) -> Answer:
    """POST /c/{token}: the signature, or the form again with what is missing."""
    fields = request.form()
    name, ticked = one(fields, "signature"), frozenset(fields.get("categories", ()))

    def signed() -> Answer:
        now = datetime.now(UTC)
        opened = consent_links.form(world(), request.opaque("token"), now)
        reader, shown = _shown(request, opened, one(fields, "lang"))
        chosen = tuple(category for category in opened.offered if category in ticked)
        fault = consent_links.missing(chosen, name) if one(fields, "shown") == shown.digest else "changed"
        if fault:
            return _page(422, pages.consent_form(reader, shown, ticked=ticked, name=name[:200], fault=fault))
        browser = request.header("user-agent")
        consent_links.sign(
            world(),
            opened,
            Signed(chosen, Name(name), reader.language, shown.text, shown.version, request.address, browser),
            now,
        )
        return _page(200, pages.consent_done(reader, shown, chosen, Name(name), now))

    return again(signed)


def _shown(request: Request, opened: Form, language: str) -> tuple[Reader, pages.Document]:
    reader = reader_of(world().practice, language, "", opened.language)
    return reader, pages.document(reader, opened.offered, opened.number.to_dial.reveal()[-2:])


def _page(status: int, page: Page) -> Answer:
    return Answer(status, page=page.html, headers=page.headers)


def refused(request: Request, error: QuietlineError) -> Answer:
    """Systems get JSON; patients get a page, the same one for every link that does not open."""
    if "/c/" not in request.route:
        return sorry(error)
    reader = reader_of(world().practice, request.query.get("lang", ""), request.header("accept-language"))
    if isinstance(error, Reject):
        return _page(404, pages.consent_closed(reader))
    return _page(503, pages.sorry(reader))


lambda_handler = door(
    {
        "POST /v1/consents": api(systems.give),
        "GET /v1/consents/{patient_id}": api(systems.show),
        "POST /v1/consents/{patient_id}/revoke": take_back,
        "POST /v1/consents/import": api(systems.take_file),
        "POST /v1/consent-links": api(systems.offer),
        "GET /c/{token}": form,
        "POST /c/{token}": sign,
    },
    refused=refused,
)
