"""Journey: two people answer one patient. Who says what they had seen is told what came since, and talks over nobody.

What counts is what people wrote: a text from the patient's phone, the patient's answer behind a link, and the words of
anybody else on the staff. Texts of the machine do not. The check is made in the transaction that plans the words, so that
of two writers who saw the same, only one gets through.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from texting.flows.needs import World
from texting.records import Inbound, Latest, Message, Number, Secure, Thread
from texting.values import Actor
from texting.writes import Change, Same, Write

PATIENT, PHONE = "patient", "phone"
"""Who wrote that is no staff: the patient behind a link, and whoever has the patient's phone."""
NOTHING = "-"
MOST_WORDS = 8
"""Who missed more than these is told of these."""
WROTE = {PATIENT: "the patient answered behind a link", PHONE: "a text came from the patient's phone"}
READ_AGAIN = "Nothing was sent: read the thread again and send with the `seen` it gives, or send without `seen`."


@dataclass(frozen=True, slots=True)
class Overtaken:
    """Somebody wrote since: by whom and when, oldest first, and in one sentence with what to do."""

    since: tuple[dict[str, str], ...]

    @property
    def sentence(self) -> str:
        """Who wrote, and how to go on; no word of what was written."""
        last = {one["by"]: one["at"] for one in self.since}
        told = " and ".join(f"{WROTE.get(by, f'somebody else ({by}) wrote')} at {at}" for by, at in last.items())
        return f"{told[0].upper()}{told[1:]}, after what you had seen. {READ_AGAIN}"


@dataclass(frozen=True, slots=True)
class Conversation:
    """Who wrote last in a thread, as read before somebody else writes into it."""

    latest: Latest | None
    number: Number | None

    @property
    def seen(self) -> str:
        """What a reader of the thread has seen, for a writer to give back: the newest text from the phone, a full stop, and
        the newest words of people; a dash for none."""
        words = self.latest.words if self.latest else ()
        return f"{(self.number and self.number.heard_id) or NOTHING}.{words[-1]['id'] if words else NOTHING}"

    @property
    def entries(self) -> list[str]:
        """The ids of the newest entries, as far as they are kept here."""
        heard = [self.number.heard_id] if self.number and self.number.heard_id else []
        return heard + [one["id"] for one in (self.latest.words if self.latest else ())]

    def since(self, seen: str, actor: Actor) -> Overtaken | None:
        """What others wrote after what `actor` had seen; None when nobody did, or when they do not say (`seen` is "")."""
        if not seen:
            return None
        heard, _, last = seen.partition(".")
        words = self.latest.words if self.latest else ()
        read = [at for at, one in enumerate(words, 1) if one["id"] == last]
        missed = [
            {"by": one["by"], "at": one["at"]} for one in words[max(read, default=0) :] if one["by"] != actor.actor_id
        ]
        if self.number and self.number.heard_at and (self.number.heard_id or NOTHING) != heard:
            missed.append({"by": PHONE, "at": _clock(self.number.heard_at)})
        return Overtaken(tuple(sorted(missed, key=lambda one: one["at"]))) if missed else None

    def with_words(self, entry: Message | Secure, by: str, now: datetime, *, fenced: bool = False) -> list[Write]:
        """The writes that belong to a person's words: they are the newest now. `fenced`: and no text has come in from the
        phone since this was read."""
        before, rev = (self.latest.words, self.latest.rev) if self.latest else ((), 0)
        words = (*before, {"id": id_of(entry), "by": by, "at": _clock(now)})[-MOST_WORDS:]
        newest = Latest(entry.thread_id, entry.patient_id, entry.number_id, now, words, entry.dispose_on, rev)
        return [Change(newest), *([Same(self.number)] if fenced and self.number else [])]


def conversation(world: World, thread_id: str, number_id: str) -> Conversation:
    """How a conversation stands at this moment."""
    return Conversation(world.store.latest(thread_id), world.store.number(number_id))


def id_of(entry: Message | Inbound | Secure) -> str:
    """The id of an entry of a thread."""
    if isinstance(entry, Secure):
        return entry.secure_id
    return entry.message_id if isinstance(entry, Message) else entry.inbound_id


def not_yet_listed(
    world: World, thread: Thread, talk: Conversation, listed: set[str]
) -> Iterator[Message | Inbound | Secure]:
    """What people wrote a moment ago, and the indexes may not know of: who is told of having `seen` it is shown it."""
    for entry_id in talk.entries:
        if entry_id not in listed:
            found = _entry(world, entry_id)
            if found is not None and found.thread_id == thread.thread_id:
                yield found


def _entry(world: World, entry_id: str) -> Message | Inbound | Secure | None:
    kind = entry_id[:2]
    if kind == "i_":
        return world.store.inbound(entry_id)
    return world.store.secure(entry_id) if kind == "s_" else world.store.message(entry_id)


def _clock(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
