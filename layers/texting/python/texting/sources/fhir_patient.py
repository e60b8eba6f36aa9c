"""A FHIR Patient (R4, tolerant of its neighbours), read down to the few facts a practice needs to text somebody."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from texting.sources import json_text, moments, places
from texting.values import BirthDate, Name, PatientFacts, Raw

_NAMES = ("official", "usual", "", "nickname", "temp", "anonymous")
"""Uses of a name, best first; `old` and `maiden` are not what to call somebody."""

Resource = Mapping[str, Any]


def _current(items: object, at: datetime) -> list[dict[str, Any]]:
    """The items whose period has not ended and whose use is not `old`. An end is a date, or only a year."""
    day = at.date().isoformat()

    def ended(item: Resource) -> bool:
        end = json_text.text(json_text.as_object(item.get("period")).get("end")) or day
        return end[:10] < day[: len(end[:10])]

    return [item for item in json_text.as_objects(items) if item.get("use") != "old" and not ended(item)]


def name(resource: Resource, at: datetime) -> tuple[Name | None, Name | None]:
    """First given name and family name at `at`. A name that is only text is not split; it counts as the family name."""
    names = [item for item in _current(resource.get("name"), at) if (item.get("use") or "") in _NAMES]
    if not names:
        return None, None
    best = min(names, key=lambda item: _NAMES.index(item.get("use") or ""))
    given = next(filter(None, map(json_text.text, json_text.as_list(best.get("given")))), None)
    family = json_text.text(best.get("family")) or (None if given else json_text.text(best.get("text")))
    return (Name(given) if given else None), (Name(family) if family else None)


def _phone(resource: Resource, at: datetime) -> Raw | None:
    """The number to text: mobile and `sms` before others, then the lowest rank, then the order given."""

    def order(point: Resource) -> tuple[bool, int]:
        mobile = point.get("use") == "mobile" or point.get("system") == "sms"
        rank = json_text.whole(point.get("rank"))
        return not mobile, 10**6 if rank is None else rank

    points = [p for p in _current(resource.get("telecom"), at) if p.get("system") in ("phone", "sms")]
    found = [(order(point), value) for point in points if (value := json_text.ident(point.get("value")))]
    return Raw(min(found, key=lambda pair: pair[0])[1]) if found else None


def _language(resource: Resource) -> str | None:
    """The language to write in, two or three letters: the preferred one, else the first."""
    spoken = json_text.as_objects(resource.get("communication"))
    for item in sorted(spoken, key=lambda one: one.get("preferred") is not True):
        for coding in json_text.as_objects(json_text.as_object(item.get("language")).get("coding")):
            code = (json_text.text(coding.get("code")) or "").replace("_", "-").split("-")[0].lower()
            if code.isascii() and code.isalpha() and len(code) in (2, 3):
                return code
    return None


def _state(resource: Resource, at: datetime) -> str | None:
    """The state of the home address, two letters."""
    homes = sorted(_current(resource.get("address"), at), key=lambda one: one.get("use") != "home")
    return next((code for home in homes if (code := places.state(json_text.text(home.get("state"))))), None)


def deceased(resource: Resource) -> bool:
    """Whether the record says the patient has died: a date of death, or anything but a plain no."""
    said = resource.get("deceasedBoolean")
    return bool(resource.get("deceasedDateTime")) or said not in (None, False, "false")


def identifier(resource: Resource) -> str | None:
    """`system|value` of the identifier to know a record by: its medical record number, else the first."""
    found = [one for one in json_text.as_objects(resource.get("identifier")) if json_text.ident(one.get("value"))]
    if not found:
        return None

    def other_than_mr(one: Resource) -> bool:
        codings = json_text.as_objects(json_text.as_object(one.get("type")).get("coding"))
        return "MR" not in [coding.get("code") for coding in codings]

    best = min(found, key=other_than_mr)
    return "|".join(filter(None, (json_text.text(best.get("system")), json_text.ident(best.get("value")))))


def replaced_by(resource: Resource) -> str | None:
    """The reference of the record this one was merged into, or None."""
    for link in json_text.as_objects(resource.get("link")):
        if link.get("type") in ("replaced-by", "replace"):
            return json_text.text(json_text.as_object(link.get("other")).get("reference"))
    return None


def facts(ref: str, resource: Resource, at: datetime) -> PatientFacts:
    """What `resource` says of the patient known as `ref`, as of `at`; only the ref where the record is empty."""
    given, family = name(resource, at)
    born = moments.calendar_date(resource.get("birthDate"))
    return PatientFacts(
        ref=ref,
        given_name=given,
        family_name=family,
        phone=_phone(resource, at),
        birth_date=BirthDate(born) if born else None,
        language=_language(resource),
        state=_state(resource, at),
        deceased=deceased(resource),
    )
