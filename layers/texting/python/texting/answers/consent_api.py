"""What the consent API answers to systems: a request is read and given to its journey, and what came of it is told as HTTP.

Who asks is known by then: the handler has seen the token.
"""

from datetime import datetime

from texting import telemetry
from texting.doors import Answer, Request
from texting.flows import consent_links, consents
from texting.flows.consent_requests import GrantAsked, LinkAsked, RevokeAsked, read_as
from texting.flows.contact_file import file_asked
from texting.flows.import_consents import import_contacts
from texting.flows.needs import World
from texting.values import Actor


def give(world: World, request: Request, actor: Actor, now: datetime) -> Answer:
    """POST /v1/consents."""
    return Answer(201, consents.give(world, read_as(GrantAsked, request.json()), actor, now))


def show(world: World, request: Request, actor: Actor, now: datetime) -> Answer:
    """GET /v1/consents/{patient_id}."""
    return Answer(200, consents.show(world, request.opaque("patient_id"), actor, now))


def take_back(world: World, request: Request, actor: Actor, now: datetime) -> Answer:
    """POST /v1/consents/{patient_id}/revoke, counted."""
    asked = read_as(RevokeAsked, request.json())
    answer = Answer(200, consents.take_back(world, request.opaque("patient_id"), asked, actor, now))
    telemetry.count("OptOuts")
    return answer


def take_file(world: World, request: Request, actor: Actor, now: datetime) -> Answer:
    """POST /v1/consents/import."""
    asked = file_asked(request.header("content-type"), request.raw, request.query)
    return Answer(200, import_contacts(world, asked, actor, now))


def offer(world: World, request: Request, actor: Actor, now: datetime) -> Answer:
    """POST /v1/consent-links."""
    return Answer(201, {"url": consent_links.offer(world, read_as(LinkAsked, request.json()), actor, now)})
