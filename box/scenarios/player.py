"""Plays a story on a box from outside, as a scheduling system, a front desk and patients would, and keeps the evidence.

Nothing here reaches into the box: all goes over HTTP, through the product's own doors and the control surface.
"""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from standardwebhooks import Webhook

CHICAGO = ZoneInfo("America/Chicago")
AREAS = (773, 630, 708, 847, 815, 217, 309, 618)  # Illinois; 555-01xx is given to nobody in any of them


class Surprise(AssertionError):
    """Raised when the box did something else than the story says; the sentence says what."""


@dataclass(frozen=True)
class Person:
    """Somebody on stage. The numbers are from the range that is given to nobody (555-01xx)."""

    ref: str
    given: str
    family: str
    phone: str
    born: str
    language: str = "en"
    state: str = "IL"

    def told(self) -> dict[str, Any]:
        """The patient as the generic event has it."""
        return {"ref": self.ref, "given_name": self.given, "family_name": self.family, "phone": self.phone,
                "birth_date": self.born, "language": self.language, "state": self.state, "deceased": False}  # fmt: skip


@dataclass
class Step:
    """One step of a story: what was done and what shows it."""

    title: str
    evidence: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Story:
    """A story: what it is about, and how it is played."""

    about: str
    tell: Callable[["Box", "Telling"], None]


class Telling:
    """The steps of a story as they happen; `heard` is called with each."""

    def __init__(self, heard: Callable[[Step], object] = lambda step: None) -> None:
        self.steps: list[Step] = []
        self._heard = heard

    def step(self, title: str, *evidence: str) -> None:
        """Something was done, and this shows it."""
        self.steps.append(Step(title, list(evidence)))
        self._heard(self.steps[-1])

    def expect(self, true: object, surprise: str) -> None:
        """Go on if it is true; raises Surprise with what is not as it should be."""
        if not true:
            raise Surprise(surprise)


class Box:
    """A box as its visitors use it."""

    def __init__(self, address: str, patience: float = 300) -> None:
        """`patience` is how many seconds to wait for an answer; moving the clock over a rush takes a while."""
        self.http = httpx.Client(base_url=address, timeout=patience)
        self.practice: dict[str, Any] = self.get("/box/practice")

    def get(self, path: str, **query: str) -> Any:
        """What the control surface tells; raises Surprise when it refuses."""
        return self._json(self.http.get(path, params=query))

    def post(self, path: str, told: Any = None) -> Any:
        """What the control surface answers; raises Surprise when it refuses."""
        return self._json(self.http.post(path, json={} if told is None else told))

    def now(self) -> datetime:
        """The box's time."""
        return datetime.fromisoformat(self.get("/box/clock")["now"])

    def cast(self, person: Person) -> Person:
        """The person, or a namesake with another number and id where this one is known to the box already."""
        known = {one["phone"] for one in self.get("/box/threads")["threads"]} | set(self.get("/box/phones")["phones"])
        if person.phone not in known:
            return person
        free = (f"+1{area}55501{last:02}" for area in AREAS for last in range(100))
        phone = next(number for number in free if number not in known)
        return replace(person, ref=f"P-{uuid.uuid4().hex[:8]}", phone=phone)

    def appointment(self, wanted: str) -> str:
        """An appointment's id that the box does not know yet: the one wanted, if it can be."""
        return f"A-{uuid.uuid4().hex[:8]}" if self.messages(wanted) else wanted

    def day(self, ahead: int, hour: int, minute: int = 0) -> datetime:
        """A time on the practice's wall clock, so many days from the box's today; weekends count."""
        today = self.now().astimezone(CHICAGO)
        return (today + timedelta(days=ahead)).replace(hour=hour, minute=minute, second=0, microsecond=0)

    def wait(self) -> None:
        """Wait until the box is idle."""
        self.post("/box/clock", {"advance": "PT0S"})

    def go_to(self, moment: datetime) -> None:
        """Let time pass up to a moment."""
        self.post("/box/clock", {"set": moment.astimezone(UTC).isoformat()})

    def pass_time(self, **span: float) -> None:
        """Let that much time pass."""
        self.go_to(self.now() + timedelta(**span))

    def settle(self) -> None:
        """Let a minute pass: a number sends so many parts a second and no more, and what lined up goes out."""
        self.pass_time(minutes=1)

    def webhook(self, told: Mapping[str, Any], *, event_id: str = "", connection: str = "main") -> httpx.Response:
        """Knock at the signed door as a scheduling system would."""
        secret = next(one["secret"] for one in self.practice["connections"] if one["name"] == connection)
        body, event_id, now = json.dumps(told, ensure_ascii=False), event_id or f"msg_{uuid.uuid4().hex}", self.now()
        headers = {
            "content-type": "application/json",
            "webhook-id": event_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(secret).sign(event_id, now, body),
        }
        return self.http.post(f"/v1/scheduling/{connection}", content=body.encode(), headers=headers)

    def visit(self, kind: str, appointment: str, person: Person, start: datetime, **more: Any) -> dict[str, Any]:
        """The generic event that something happened to an appointment."""
        now = self.now().isoformat().replace("+00:00", "Z")
        data = {"appointment_id": appointment, "version": 1, "status": kind, "start": start.isoformat(),
                "time_zone": "America/Chicago", "duration_minutes": 45, "patient": person.told(),
                "location": {"id": "main"}, "provider": {"name": "Dr. Lee"}, "service": {"name": "Laser resurfacing"},
                "cancel_reason": None}  # fmt: skip
        return {"type": f"appointment.{kind}", "timestamp": now, "data": data | more}

    def fhir(self, resource: Mapping[str, Any]) -> httpx.Response:
        """Send a FHIR resource with the connection's bearer secret."""
        secret = next(one["secret"] for one in self.practice["connections"] if one["kind"] == "fhir")
        headers = {"authorization": f"Bearer {secret}", "content-type": "application/fhir+json"}
        name = next(one["name"] for one in self.practice["connections"] if one["kind"] == "fhir")
        return self.http.post(f"/v1/scheduling/{name}", content=json.dumps(resource).encode(), headers=headers)

    def api(self, method: str, path: str, told: Any = None) -> httpx.Response:
        """Call the product's own API with the practice's token."""
        return self.http.request(method, path, json=told, headers={"authorization": f"Bearer {self.practice['token']}"})

    def consent(self, person: Person, *categories: str, connection: str = "main") -> httpx.Response:
        """Write down a consent signed on paper."""
        signed = (self.now() - timedelta(hours=22)).isoformat().replace("+00:00", "Z")
        evidence = {"medium": "paper", "text_version": "2026-11", "language": person.language,
                    "signed_name": f"{person.given} {person.family}", "signed_at": signed,
                    "recorded_by": "front-desk-1"}  # fmt: skip
        patient = {"connection": connection, "ref": person.ref}
        wanted = list(categories or ("appointments", "care"))
        told = {"patient": patient, "phone": person.phone, "categories": wanted, "evidence": evidence}
        return self.api("POST", "/v1/consents", told)

    def text(self, person: Person, body: str, **more: str) -> None:
        """The patient texts the practice."""
        self.post(f"/box/phones/{person.phone}/texts", {"body": body, **more})

    def phone(self, person: Person, direction: str = "out") -> list[dict[str, Any]]:
        """What is on a patient's phone, from the practice or to it."""
        return [text for text in self.get(f"/box/phones/{person.phone}")["texts"] if text["direction"] == direction]

    def messages(self, appointment: str) -> list[dict[str, Any]]:
        """Our texts about one appointment."""
        return list(self.get("/box/messages", appointment=appointment)["messages"])

    def thread(self, person: Person) -> dict[str, Any]:
        """The thread with a patient, as staff see it; raises Surprise when there is none."""
        threads = self.get("/box/threads")["threads"]
        found = next((one for one in threads if one["phone"] == person.phone and one["patient_id"]), None)
        if found is None:
            raise Surprise(f"There is no thread with {person.given}.")
        return dict(found)

    def _json(self, answer: httpx.Response) -> Any:
        if answer.status_code >= 400:
            raise Surprise(
                f"{answer.request.method} {answer.request.url.path} answered {answer.status_code}: {answer.text}"
            )
        return answer.json()


def play(story: Story, address: str, heard: Callable[[Step], object] = lambda step: None) -> dict[str, Any]:
    """Play a story and return its steps; one that ends in a surprise says so and has `ok` false."""
    telling = Telling(heard)
    surprise = ""
    try:
        story.tell(Box(address), telling)
    except Surprise as error:
        surprise = str(error)
    steps = [{"step": step.title, "evidence": step.evidence} for step in telling.steps]
    return {"ok": not surprise, "steps": steps} | ({"surprise": surprise} if surprise else {})


def quoted(texts: list[dict[str, Any]]) -> list[str]:
    """Texts as evidence: when they arrived at the practice's place, and their words."""
    return [f"{local(text['at'])}  “{text['body']}”" for text in texts]


def local(at: str | datetime) -> str:
    """A moment as the practice's wall clock shows it."""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return moment.astimezone(CHICAGO).strftime("%a %d %b %H:%M")
