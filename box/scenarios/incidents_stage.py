"""What the incidents need on stage: daylight, faults that end with the story, people from elsewhere."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import wraps
from typing import Any

from box.scenarios.player import CHICAGO, Box, Person, Story, Surprise, Telling
from box.scenarios.short import booked as booked

Tell = Callable[[Box, Telling], None]


def incident(about: str, tell: Tell) -> Story:
    """A story that begins in daylight, and whose faults end with it however it ends."""

    @wraps(tell)
    def told(box: Box, telling: Telling) -> None:
        daylight(box)
        box.http.delete("/box/carrier")
        try:
            tell(box, telling)
        finally:
            box.http.delete("/box/carrier")

    return Story(about, told)


def daylight(box: Box) -> None:
    """Have it be between nine and four at the practice: now, or the next time it is."""
    local = box.now().astimezone(CHICAGO)
    if not 9 <= local.hour < 16:
        morning = local.replace(hour=10, minute=0, second=0, microsecond=0)
        box.go_to(morning if morning > local else morning + timedelta(days=1))


def faults(box: Box, *wanted: dict[str, Any]) -> None:
    """Put faults in force."""
    box.post("/box/carrier", {"faults": list(wanted)})


def healed(box: Box) -> None:
    """End all faults."""
    box.http.delete("/box/carrier")


def from_area(box: Box, person: Person, area: int, state: str) -> Person:
    """The person with a number of another area and a home in another state, new to the box."""
    known = set(box.get("/box/phones")["phones"]) | {one["phone"] for one in box.get("/box/threads")["threads"]}
    phone = next(one for last in range(100) if (one := f"+1{area}55501{last:02}") not in known)
    return replace(person, ref=f"P-{uuid.uuid4().hex[:8]}", phone=phone, state=state)


def message(box: Box, appointment: str, slot: str) -> dict[str, Any]:
    """The newest text of ours for a slot of the plan; raises Surprise when none was planned."""
    found = [one for one in box.messages(appointment) if one["slot"] == slot]
    if not found:
        raise Surprise(f"No text was planned for {slot}.")
    return found[-1]


def why(told: dict[str, Any]) -> str:
    """The last verdict on a text, as one sentence."""
    return str(told["verdicts"][-1]["sentence"])


def tasks_of(box: Box, person: Person, state: str = "open") -> list[dict[str, Any]]:
    """What waits for people about one person's thread or texts."""
    thread = box.thread(person)
    mine = (thread["thread_id"], thread["patient_id"])
    tasks = box.get("/box/tasks", state=state)["tasks"]
    return [one for one in tasks if one["thread_id"] == mine[0] or one["patient_id"] == mine[1]]


def said(box: Box, person: Person, words: str) -> dict[str, Any]:
    """Have a patient text, and return what became of it."""
    name = f"in-{uuid.uuid4().hex}"
    box.text(person, words, inbound_id=name)
    return next(dict(row) for row in box.get("/box/inbound")["inbound"] if row["inbound_id"] == name)


def silent(box: Box, telling: Telling, person: Person, before: int, what: str) -> None:
    """Nothing more than `before` texts are on the phone; `what` names the surprise."""
    now = len(box.phone(person))
    telling.expect(now == before, f"{now - before} texts came {what}")
