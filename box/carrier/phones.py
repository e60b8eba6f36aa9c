"""What becomes of a text on its way to a phone, by the kind of phone.

Event types are those of the service model; the sentences are ours, for the service's own are not published in full.
The two test destinations are the carrier's: "Test phone numbers", AWS End User Messaging SMS user guide.
"""

from dataclasses import dataclass
from datetime import timedelta

import phonenumbers

from box.carrier.errors import FaultRejected
from box.carrier.network import Network, Number

TEST_SUCCESS = "+14254147755"
TEST_FAILURE = "+14254147167"


@dataclass(frozen=True)
class Outcome:
    """The final event of a text, what it says, and how long it takes."""

    event_type: str
    sentence: str
    takes: timedelta = timedelta(0)

    @property
    def status(self) -> str:
        """The event's `messageStatus`."""
        return self.event_type.removeprefix("TEXT_")


DELIVERED = Outcome("TEXT_DELIVERED", "Message has been accepted by phone")
SUCCESSFUL = Outcome("TEXT_SUCCESSFUL", "Message has been accepted by phone carrier")
EXPIRED = Outcome("TEXT_TTL_EXPIRED", "Message was not delivered within its time to live")
PENDING = Outcome("TEXT_PENDING", "Message is on its way to the phone")
QUEUED = Outcome("TEXT_QUEUED", "Message is waiting to be sent")

BEHAVIOURS = {
    "reachable": DELIVERED,
    "landline": Outcome("TEXT_UNREACHABLE", "Phone cannot receive texts"),
    "unreachable": Outcome("TEXT_UNREACHABLE", "Phone is currently unreachable"),
    "carrier_unreachable": Outcome("TEXT_CARRIER_UNREACHABLE", "Phone carrier is currently unreachable"),
    "blocked": Outcome("TEXT_BLOCKED", "Phone has blocked this sender"),
    "carrier_blocked": Outcome("TEXT_CARRIER_BLOCKED", "Phone carrier has blocked this message"),
    "spam": Outcome("TEXT_SPAM", "Phone carrier considers this message spam"),
    "invalid": Outcome("TEXT_INVALID", "Destination phone number is invalid"),
    "unknown": Outcome("TEXT_UNKNOWN", "No receipt came from the phone carrier", timedelta(hours=72)),
}


def set_behaviour(network: Network, phone: str, behaviour: str) -> None:
    """Decide how a phone takes texts from now on; raises `FaultRejected` for a behaviour we do not know."""
    if behaviour not in BEHAVIOURS:
        raise FaultRejected(f"A phone is one of {', '.join(BEHAVIOURS)}.")
    with network.lock:
        network.behaviours[phone] = behaviour


def outcome(network: Network, origin: Number, to: str) -> Outcome:
    """Return what becomes of a text from `origin` to the phone `to`."""
    if to == TEST_SUCCESS:
        return SUCCESSFUL
    if to == TEST_FAILURE:
        return BEHAVIOURS["carrier_unreachable"]
    if not possible(to):
        return BEHAVIOURS["invalid"]
    found = BEHAVIOURS[network.behaviours.get(to, "reachable")]
    return SUCCESSFUL if found is DELIVERED and origin.type == "SIMULATOR" else found


def possible(to: str) -> bool:
    """Whether a number could exist at all."""
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(to, None))
    except phonenumbers.NumberParseException:
        return False


def country(to: str) -> str:
    """Return the two-letter country of a number; what cannot be told apart counts as the United States."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(to, None)) or "US"
    except phonenumbers.NumberParseException:
        return "US"


def domestic(to: str) -> bool:
    """Whether a number is in the North American plan, which our numbers are."""
    return to.removeprefix("+").startswith("1")
