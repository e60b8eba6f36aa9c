"""Who takes part in a FHIR Appointment: references of every form, followed as far as the resources at hand allow."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from texting.sources import fhir_patient, json_text
from texting.sources.fhir_patient import Resource

_LITERAL = re.compile(r"[A-Z][A-Za-z]{1,40}/(?!\.+$)[A-Za-z0-9._~-]{1,128}")
"""A type and an id that are safe in the path of a request."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who or what takes part: its resource type, our name for it (None if it has none), and what is known of it.

    `reference` is `Type/id` where it could be read from a server, else "".
    """

    kind: str
    ref: str | None
    reference: str
    display: str | None
    resource: Resource
    status: str
    required: str


def literal(reference: object) -> str:
    """`Type/id` of a relative or absolute reference, without its version; "" for contained, urn and anything else.

    An absolute one is taken to be on the practice's own server, whatever name that server calls itself by.
    """
    words = (json_text.text(reference, 2000) or "").split("?")[0].split("/_history/")[0].rstrip("/")
    path = "/".join(words.split("/")[-2:])
    return path if _LITERAL.fullmatch(path) else ""


def index(resources: Iterable[tuple[object, Resource]]) -> dict[str, Resource]:
    """Resources by `Type/id` and by the full address they came under."""
    found: dict[str, Resource] = {}
    for address, resource in resources:
        if isinstance(address, str):
            found.setdefault(literal(address) or address, resource)
        if json_text.ident(resource.get("id")):
            found.setdefault(f"{resource.get('resourceType')}/{json_text.ident(resource['id'])}", resource)
    return found


def _resource_of(reference: Resource, appointment: Resource, around: Mapping[str, Resource]) -> Resource:
    said = json_text.text(reference.get("reference"), 2000) or ""
    if said.startswith("#"):
        inside = json_text.as_objects(appointment.get("contained"))
        return next((one for one in inside if f"#{one.get('id')}" == said or one.get("id") == said), {})
    return around.get(literal(said) or said, {})


def _actor(participant: Resource, appointment: Resource, around: Mapping[str, Resource]) -> Actor:
    reference = json_text.as_object(participant.get("actor"))
    resource, path = _resource_of(reference, appointment, around), literal(reference.get("reference"))
    contained = (json_text.text(reference.get("reference")) or "").startswith("#")
    own = None if contained else path.partition("/")[2] or json_text.ident(resource.get("id"))
    logical = fhir_patient.identifier({"identifier": reference.get("identifier")})
    kind = (
        json_text.text(resource.get("resourceType")) or path.partition("/")[0] or json_text.text(reference.get("type"))
    )
    return Actor(
        kind=kind or "",
        ref=own or fhir_patient.identifier(resource) or logical,
        reference=path,
        display=json_text.text(reference.get("display")),
        resource=resource,
        status=json_text.text(participant.get("status")) or "",
        required=json_text.text(participant.get("required")) or "",
    )


def actors(appointment: Resource, around: Mapping[str, Resource]) -> list[Actor]:
    """Everybody and everything that takes part."""
    return [_actor(one, appointment, around) for one in json_text.as_objects(appointment.get("participant"))]
