"""FHIR resources that the tests of the FHIR source and of its read-back share."""

from typing import Any

MR = {"type": {"coding": [{"code": "MR"}]}, "system": "urn:mrn", "value": "12345"}


def appointment(**fields: Any) -> dict[str, Any]:
    """A booked Appointment of one patient with a provider at a location; fields replaced, or left out with ...."""
    visit: dict[str, Any] = {
        "resourceType": "Appointment",
        "id": "ap-1",
        "meta": {"versionId": "3", "lastUpdated": "2026-12-01T17:00:00.000Z"},
        "status": "booked",
        "start": "2026-12-04T15:00:00-06:00",
        "end": "2026-12-04T15:45:00-06:00",
        "serviceType": [{"coding": [{"display": "Glow facial"}]}],
        "participant": [
            {"actor": {"reference": "Patient/pt-1"}, "status": "needs-action"},
            {"actor": {"reference": "Practitioner/pr-1", "display": "Dr. Lee"}, "status": "accepted"},
            {"actor": {"reference": "Location/main"}, "status": "accepted"},
        ],
    }
    visit |= fields
    return {name: value for name, value in visit.items() if value is not ...}


def patient(**fields: Any) -> dict[str, Any]:
    """A living patient with a mobile number."""
    person: dict[str, Any] = {
        "resourceType": "Patient",
        "id": "pt-1",
        "name": [{"use": "official", "family": "Ruiz", "given": ["Ana", "Maria"]}],
        "telecom": [{"system": "phone", "value": "+13125550142", "use": "mobile"}],
        "birthDate": "1990-05-17",
        "address": [{"use": "home", "state": "IL"}],
        "communication": [{"language": {"coding": [{"code": "es-MX"}]}, "preferred": True}],
    }
    return person | fields


def bundle(
    *resources: dict[str, Any], kind: str = "collection", base: str = "https://ehr.example/fhir"
) -> dict[str, Any]:
    """A Bundle of these resources under their usual addresses."""
    entries = [{"fullUrl": f"{base}/{one['resourceType']}/{one.get('id')}", "resource": one} for one in resources]
    return {"resourceType": "Bundle", "type": kind, "entry": entries}


def notification(*focus: str, kind: str = "event-notification", **event: Any) -> dict[str, Any]:
    """A SubscriptionStatus about these references."""
    events = [
        {"eventNumber": str(number), "timestamp": "2026-12-01T17:00:01Z", "focus": {"reference": reference}} | event
        for number, reference in enumerate(focus, 1)
    ]
    return {
        "resourceType": "SubscriptionStatus",
        "status": "active",
        "type": kind,
        "subscription": {"reference": "Subscription/s-1"},
        "notificationEvent": events,
    }


def parameters(reference: str | None, number: dict[str, Any], kind: str = "event-notification") -> dict[str, Any]:
    """The same as R4 backport servers say it."""
    parts = [{"name": "event-number", **number}, {"name": "timestamp", "valueInstant": "2026-12-01T17:00:01Z"}]
    if reference:
        parts.append({"name": "focus", "valueReference": {"reference": reference}})
    return {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "subscription", "valueReference": {"reference": "Subscription/s-1"}},
            {"name": "type", "valueCode": kind},
            {"name": "notification-event", "part": parts},
        ],
    }
