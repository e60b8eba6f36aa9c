"""What the staff API is asked, read into frozen requests; and who asks, as the ledger may know them."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from texting.flows.consent_requests import Asked, Long, writable
from texting.flows.needs import World
from texting.values import Actor, Category

LONGEST_SECURE = 20_000
MOST_CALLS = 200
OUTCOMES = (
    "done", "answered", "called", "no_answer", "left_message", "rescheduled", "cancelled", "confirmed", "corrected",
    "forwarded", "not_needed", "other",
)  # fmt: skip

SENTENCES = {
    "patient_id": "Give one of patient_id and phone.",
    "phone": "Give the phone number as +1 and ten digits.",
    "body": "Write the words of the text.",
    "author": "Say which member of staff writes: an id or a name of at most 200 characters.",
    "category": f"Say what the text is about: one of {', '.join(Category)}.",
    "secure_id": "Give the id of the secure message that is to be announced again, or a body for a new one.",
    "identity": 'Write "passcode" to have the patient open it with a passcode, or leave it out.',
    "seen": "Give `seen` as GET /v1/threads/{thread_id} gave it, or leave it out.",
    "task_id": "Give the id of a call list, as GET /v1/tasks lists it, or leave it out for the oldest that is open.",
    "limit": f"Ask for 1 to {MOST_CALLS} calls.",
    "after": "Give `next` as the page before gave it, or leave it out for the first page.",
    "outcome": f"Say what became of it: one of {', '.join(OUTCOMES)}.",
}

Seen = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,80}\.[A-Za-z0-9_-]{1,80}$")]
Secret = Annotated[str, Field(min_length=1, max_length=LONGEST_SECURE), AfterValidator(writable)]
About = Annotated[Category, Field(strict=False)]


class FindAsked(Asked):
    """POST /v1/threads/find."""

    patient_id: Long | None = None
    phone: Long | None = None


class TextAsked(Asked):
    """POST /v1/threads/{thread_id}/texts."""

    body: Annotated[str, Field(min_length=1, max_length=1600), AfterValidator(writable)]
    author: Long
    category: About | None = None
    seen: Seen = ""


class SecureAsked(Asked):
    """POST /v1/threads/{thread_id}/secure: new words, or an older secure message to be announced again."""

    author: Long
    body: Secret | None = None
    secure_id: Long | None = None
    category: About | None = None
    identity: Literal["passcode"] | None = None
    seen: Seen = ""


class CloseAsked(Asked):
    """POST /v1/tasks/{task_id}/close."""

    outcome: Literal[OUTCOMES]  # type: ignore[valid-type]
    author: Long | None = None


class CallsAsked(Asked):
    """GET /v1/tasks/calls, as the words of its query."""

    task_id: Long | None = None
    after: Long | None = None
    limit: Annotated[int, Field(strict=False, ge=1, le=MOST_CALLS)] = 50


def staff(world: World, author: str) -> Actor:
    """A member of staff, by a keyed digest of what the practice calls them: the ledger takes no names."""
    return Actor("staff", "u_" + world.ids.digest(f"staff|{author}")[:32])
