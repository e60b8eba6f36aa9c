"""A carrier with one number of ours, real boto3 clients on it, and all that it published."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from box.carrier import Carrier
from box.clock import BoxClock
from box.timer import Timer

OURS = "+18335550100"
ANA = "+13125550142"
EVENTS, INBOUND = "arn:aws:sns:us-east-1:000000000000:events", "arn:aws:sns:us-east-1:000000000000:inbound"
ONCE = Config(retries={"total_max_attempts": 1, "mode": "standard"})
EAGER = Config(retries={"total_max_attempts": 3, "mode": "standard"})
SESSION = boto3.Session()


class World:
    """A carrier with one number, its clients, and what it published."""

    def __init__(self) -> None:
        self.timer = Timer(BoxClock())
        self.published: list[tuple[str, dict[str, Any]]] = []
        self.carrier = Carrier(self.timer, lambda topic, body: self.published.append((topic, json.loads(body))))
        self.number = self.carrier.add_number(OURS, two_way_topic=INBOUND, self_managed_opt_outs=True)
        self.carrier.add_configuration_set("quietline", EVENTS)
        self.carrier.serve()
        self.sms, self.eager = self.client(ONCE), self.client(EAGER)

    def client(self, config: Config) -> Any:
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
        return SESSION.client("pinpoint-sms-voice-v2", endpoint_url=self.carrier.endpoint, config=config, **keys)

    def send(self, to: str = ANA, body: str = "See you on Friday.", **more: Any) -> str:
        wanted = {"OriginationIdentity": self.number.id, "ConfigurationSetName": "quietline", **more}
        answer = self.sms.send_text_message(DestinationPhoneNumber=to, MessageBody=body, **wanted)
        return str(answer["MessageId"])

    def events(self) -> list[dict[str, Any]]:
        self.timer.pump()
        return [event for topic, event in self.published if topic == EVENTS]

    def event_types(self) -> list[str]:
        return [event["eventType"] for event in self.events()]

    def inbound(self) -> list[dict[str, Any]]:
        self.timer.pump()
        return [event for topic, event in self.published if topic == INBOUND]

    def bodies(self, phone: str = ANA) -> list[str]:
        return [text["body"] for text in self.carrier.texts_of(phone)]


def refused(call: Callable[[], object]) -> dict[str, Any]:
    """Return the error's answer, which the call must meet with."""
    with pytest.raises(ClientError) as caught:
        call()
    return dict(caught.value.response)
