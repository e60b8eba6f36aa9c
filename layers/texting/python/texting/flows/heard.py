"""What is known of a patient's text when it is acted on: whose phone, what it may answer, and the visit it can mean."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from texting.flows.needs import World
from texting.records import Inbound, Message, Number
from texting.rules import addressee
from texting.rules.binding import Bound, bind
from texting.rules.purposes import PURPOSES
from texting.rules.replies import Reading
from texting.values import Actor, State, Visit


@dataclass(frozen=True, slots=True)
class Heard:
    """Everything an effect may know."""

    world: World
    inbound: Inbound
    number: Number
    patients: tuple[str, ...]
    reading: Reading
    now: datetime

    @property
    def actor(self) -> Actor:
        """The patient's phone, for the ledger."""
        return patient_actor(self.number.number_id)


def patient_actor(number_id: str) -> Actor:
    """Whoever holds the phone."""
    return Actor("patient", number_id)


def answers_codes(heard: Heard) -> bool:
    """Whether a text answers the short codes that stand open."""
    return bool(heard.reading.options and heard.number.choices and heard.number.asked)


def said_to(heard: Heard) -> Iterator[addressee.Said]:
    """What was said last to this phone; first as if nothing had been about a visit, which is cheaper to know."""
    number = heard.number
    said = addressee.Said(number.asked_at, number.written_at, number.answered_at, number.requested_at)
    yield said
    went = [one.claimed_at for _, texts in _visits(heard) for one in texts if _went(one) and one.claimed_at]
    yield replace(said, of_visit=max([*went, *([number.asked_at] if number.asked_at else [])], default=None))


def bound(heard: Heard) -> Bound:
    """The visit an answer means: none, from a phone that is somebody else's for all we know until staff have looked."""
    if heard.number.suspended == "wrong_number":
        return Bound(None)
    visits, asked = [], set()
    for visit, texts in _visits(heard):
        visits.append(visit)
        if any(_asked(message, visit) for message in texts):
            asked.add(visit.appointment_id)
    number = heard.number
    return bind(visits, frozenset(asked), number.choices, heard.reading.options, number.asked_at, heard.now)


def _visits(heard: Heard) -> Iterator[tuple[Visit, tuple[Message, ...]]]:
    """The visits to come of everybody on this phone, with our texts about each."""
    for patient_id in heard.patients:
        for visit in heard.world.store.visits_of(patient_id, heard.now):
            if visit.number_id == heard.number.number_id:
                yield visit, heard.world.store.messages_of(visit.appointment_id)


def _asked(message: Message, visit: Visit) -> bool:
    """Whether this text asked the patient to confirm the visit as it stands and got as far as the carrier."""
    return _went(message) and message.epoch == visit.epoch and PURPOSES[message.purpose].asks


def _went(message: Message) -> bool:
    return message.state in (State.HANDED, State.ACCEPTED, State.DELIVERED, State.IN_DOUBT)
