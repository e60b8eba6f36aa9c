"""A carrier of our own: the real wire protocol of `pinpoint-sms-voice-v2`, simulated phones, and faults on demand.

    carrier = Carrier(timer, publish)
    carrier.add_number("+18335550100", two_way_topic=topic, self_managed_opt_outs=True)
    carrier.serve()                      # then AWS_ENDPOINT_URL_PINPOINT_SMS_VOICE_V2=carrier.endpoint
    carrier.receive("+13125550142", None, "STOP")
    carrier.texts_of("+13125550142")

What it does not play: registration and its delays, spam filtering, throughput limits, RCS, MMS, voice, and the
toll-free networks' own opt-outs.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from box.carrier import inbound, phones, sending
from box.carrier.errors import AnswerLost, FaultRejected, ServiceError
from box.carrier.faults import Fault, Faults
from box.carrier.network import Call, ConfigurationSet, Network, Number, OptOutList, Pool, Publish, Text
from box.carrier.server import CarrierServer
from box.timer import Timer

__all__ = [
    "AnswerLost",
    "Call",
    "Carrier",
    "ConfigurationSet",
    "Fault",
    "FaultRejected",
    "Faults",
    "Number",
    "OptOutList",
    "Pool",
    "ServiceError",
    "Text",
]


class Carrier:
    """The carrier as the box uses it; safe to call from any thread."""

    def __init__(
        self, timer: Timer, publish: Publish, *, region: str = "us-east-1", account: str = "000000000000"
    ) -> None:
        self.network = Network(timer, publish, region, account)
        self._server: CarrierServer | None = None

    @property
    def faults(self) -> Faults:
        """The faults in force, those of the queues included, which the runtime plays."""
        return self.network.faults

    @property
    def endpoint(self) -> str:
        """The URL of the API; raises RuntimeError before `serve`."""
        if self._server is None:
            raise RuntimeError("The carrier is not serving yet.")
        return self._server.endpoint

    def serve(self, port: int = 0) -> str:
        """Serve the API on loopback and return its URL."""
        self._server = CarrierServer(self.network, port)
        self._server.start()
        return self._server.endpoint

    def stop(self) -> None:
        """Stop serving."""
        if self._server:
            self._server.stop()
            self._server = None

    def add_number(self, number: str, **settings: Any) -> Number:
        """Make a number of the practice; `settings` are the fields of `Number`."""
        with self.network.lock:
            return self.network.add_number(number, **settings)

    def add_pool(self, numbers: Iterable[Number], name: str = "", **settings: Any) -> Pool:
        """Make a pool of these numbers, with the id `name` if there is one; `settings` are the fields of `Pool`."""
        with self.network.lock:
            pool = self.network.add_pool(name, **settings)
            for number in numbers:
                number.pool_id = pool.id
            return pool

    def add_opt_out_list(self, name: str) -> OptOutList:
        """Make an opt-out list."""
        with self.network.lock:
            return self.network.add_list(name)

    def add_configuration_set(self, name: str, topic_arn: str | None = None) -> ConfigurationSet:
        """Make a configuration set that sends every event of a text to the topic, if there is one."""
        with self.network.lock:
            made = self.network.add_set(name)
            if topic_arn:
                made.destinations["events"] = {
                    "EventDestinationName": "events",
                    "Enabled": True,
                    "MatchingEventTypes": ["TEXT_ALL"],
                    "SnsDestination": {"TopicArn": topic_arn},
                }
            return made

    def set_phone(self, phone: str, behaviour: str) -> None:
        """Decide how a phone takes texts: see `phones.BEHAVIOURS`; raises `FaultRejected` for another word."""
        phones.set_behaviour(self.network, phone, behaviour)

    def receive(self, sender: str, to: str | None, body: str, inbound_id: str | None = None) -> str:
        """Take a patient's text in and return its id; a repeated id is a carrier's duplicate.

        Without `to` it goes to the number that phone last heard from. Raises `ServiceError` if there is no such number.
        """
        return inbound.receive(self.network, sender, to, body, inbound_id)

    def phones(self) -> list[str]:
        """Return the phones that have sent or received anything, sorted."""
        with self.network.lock:
            return sorted(self.network.phones)

    def texts(self) -> list[dict[str, Any]]:
        """Return every text on every phone, oldest first, in the shape of `/box/phones`."""
        with self.network.lock:
            shown = [text for texts in self.network.phones.values() for text in texts]
        return [text.told() for text in sorted(shown, key=lambda text: text.at)]

    def texts_of(self, phone: str) -> list[dict[str, Any]]:
        """Return the texts on one phone, oldest first, in the shape of `/box/phones`."""
        with self.network.lock:
            return [text.told() for text in self.network.phones.get(phone, [])]

    def add_faults(self, faults: Iterable[Mapping[str, Any]]) -> None:
        """Put faults in force besides those that are; raises `FaultRejected` and adds none if one is not understood."""
        self.faults.add(faults)

    def clear_faults(self) -> None:
        """End all faults; texts an outage held go on their way, unless their time to live is over."""
        self.faults.clear()
        sending.release(self.network)

    def calls(self, operation: str | None = None) -> list[Call]:
        """Return the requests made to the API so far, or those of one operation, with what came of each."""
        with self.network.lock:
            return [call for call in self.network.calls if operation in (None, call.operation)]
