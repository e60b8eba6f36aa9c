"""The words of a text: rendered at the moment of sending, from the visit as it stands then."""

from dataclasses import replace

from texting.errors import Misconfigured
from texting.flows.needs import World
from texting.practice import Location, Practice
from texting.records import Message, Number
from texting.rules import phi
from texting.rules.phone_numbers import spoken
from texting.rules.purposes import PURPOSES
from texting.rules.segments import count, safe
from texting.rules.templates import TableFault, TemplateRefused, Templates, load, say_when
from texting.values import Body, Visit


def rendered(world: World, message: Message, visit: Visit | None, number: Number) -> Message:
    """The message with its words and their number of parts; one that has words already keeps them."""
    if message.body is not None:
        return replace(message, parts=count(message.body.reveal()).parts)
    about_visit = PURPOSES[message.purpose].about_visit
    if about_visit and (visit is None or visit.start is None):
        return message  # there is nothing to say of a visit that is gone; the gate says so
    place = world.practice.location(visit.location_id if visit else None)
    fields = _fields(world, message, visit, place)
    first = number.welcomed_at is None and about_visit
    body = world.templates.render(message.purpose, message.language, fields, first=first).body
    if message.fields.get("warn"):
        body += " " + world.templates.render("risk_warning", message.language, fields).body
    if message.fields.get("closed") and message.language == world.practice.language(None):
        body = f"{body} {safe(world.practice.answering.after_hours)}".rstrip()
    return replace(message, body=Body(body), parts=count(body).parts)


def _fields(world: World, message: Message, visit: Visit | None, place: Location) -> dict[str, str]:
    found = {"phone": spoken(place.phone or world.practice.practice.phone), **message.fields}
    if visit and visit.start:
        found["when"] = say_when(visit.start, visit.zone, message.language)
    return found


def templates_of(practice: Practice) -> Templates:
    """The practice's wordings, its own among them checked by the language guard. Raises Misconfigured."""
    identity = practice.practice

    def fit(text: str) -> bool:
        return phi.check(text, practice=identity.name, staff=identity.staff).label == "allow"

    overrides = {
        purpose: {str(language): words for language, words in texts.items()}
        for purpose, texts in practice.templates.items()
    }
    if not fit(practice.answering.after_hours):
        raise Misconfigured(
            "practice.toml, answering.after_hours: The language guard would stop it. "
            "Take out what tells of health, treatment or products."
        )
    try:
        return load(identity.short_name, overrides, fit)
    except TemplateRefused as refused:
        raise Misconfigured(f"practice.toml, {refused}") from None
    except TableFault as fault:
        if fit(identity.short_name):
            raise Misconfigured(
                f"{fault}, which came with Quietline: The language guard would stop it. practice.toml is not at fault: "
                "put back the file as it was delivered, or report it."
            ) from None
        raise Misconfigured(
            "practice.toml, practice.short_name: The language guard would stop every text that begins with it. "
            "Take out what tells of health, treatment or products, or let it stand in practice.name too."
        ) from None
