"""The carrier as we rely on it, asked of our simulator and, by hand and by dry runs, of the real one.

Source: the service's own model, and AWS End User Messaging SMS user guide. A dry run is checked like a real send and
reaches nobody; one test puts a number of the carrier's own on an opt-out list that it makes and takes away.
"""

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from box.carrier import Carrier
from box.clock import BoxClock
from box.timer import Timer

NUMBER = os.environ.get("QUIETLINE_CONFORMANCE_NUMBER")
CONFIG = Config(retries={"total_max_attempts": 1, "mode": "standard"}, parameter_validation=False)
DESTINATION = "+14254147755"  # the carrier's own, which always succeeds


@dataclass
class Asked:
    """A client of a carrier, and the number to send from."""

    sms: Any
    number: str

    def dry(self, **more: Any) -> dict[str, Any]:
        wanted = {"DestinationPhoneNumber": DESTINATION, "MessageBody": "Hello", "OriginationIdentity": self.number}
        return dict(self.sms.send_text_message(**wanted | more, DryRun=True))


@pytest.fixture(params=["simulator", *(["aws"] if NUMBER else [])])
def carrier(request: pytest.FixtureRequest) -> Iterator[Asked]:
    if request.param == "aws":
        yield Asked(boto3.client("pinpoint-sms-voice-v2", config=CONFIG), str(NUMBER))
        return
    simulator = Carrier(Timer(BoxClock()), lambda topic, message: None)
    number = simulator.add_number("+18335550100", type="SIMULATOR")
    simulator.serve()
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
    sms = boto3.client("pinpoint-sms-voice-v2", endpoint_url=simulator.endpoint, config=CONFIG, **keys)
    yield Asked(sms, number.id)
    simulator.stop()


def test_a_dry_run_answers_with_an_id(carrier: Asked) -> None:
    """What would be accepted gets an id, as a real send does."""
    assert carrier.dry()["MessageId"]


@pytest.mark.parametrize(
    "change",
    [
        {"MessageBody": "x" * 1601},
        {"MessageBody": "x" * 1531},
        {"MessageBody": "ж" * 631},
        {"DestinationPhoneNumber": "4254147755abc"},
        {"TimeToLive": 4},
        {"TimeToLive": 259201},
        {"Context": {f"k{n}": "v" for n in range(6)}},
        {"MessageType": "URGENT"},
    ],
)
def test_a_bad_request_is_a_validation_error_with_a_reason(carrier: Asked, change: dict[str, Any]) -> None:
    """The reason stands at the top of the answer, where the product looks for it."""
    with pytest.raises(ClientError) as caught:
        carrier.dry(**change)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    assert caught.value.response["Reason"]


def test_an_unknown_origin_is_not_found(carrier: Asked) -> None:
    """A number that is not the account's cannot be sent from."""
    with pytest.raises(carrier.sms.exceptions.ResourceNotFoundException):
        carrier.dry(OriginationIdentity="phone-00000000000000000000000000000000")


def test_an_unknown_number_on_a_list_is_an_error(carrier: Asked) -> None:
    """Reading back whether one number is listed must expect this."""
    wanted = {"OptOutListName": "Default", "OptedOutNumbers": ["+12065550100"]}
    with pytest.raises(carrier.sms.exceptions.ResourceNotFoundException):
        carrier.sms.describe_opted_out_numbers(**wanted)


def test_a_number_we_list_ourselves_is_listed_by_us(carrier: Asked) -> None:
    """The second fence: what we put on a list reads back, once, as not put there by its holder."""
    where = {"OptOutListName": f"quietline-trial-{secrets.token_hex(6)}"}
    carrier.sms.create_opt_out_list(**where)
    first = carrier.sms.put_opted_out_number(**where, OptedOutNumber=DESTINATION)
    again = carrier.sms.put_opted_out_number(**where, OptedOutNumber=DESTINATION)
    (listed,) = carrier.sms.describe_opted_out_numbers(**where)["OptedOutNumbers"]
    assert (listed["OptedOutNumber"], listed["EndUserOptedOut"]) == (DESTINATION, False)
    assert first["OptedOutTimestamp"] == again["OptedOutTimestamp"]
    carrier.sms.delete_opt_out_list(**where)
