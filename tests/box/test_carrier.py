"""Sending through the carrier as the product does: real boto3 clients, typed refusals, receipts."""

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ParamValidationError

from box.carrier import ServiceError
from box.carrier.api import perform
from box.carrier.network import OptedOut
from box.carrier.phones import TEST_FAILURE, TEST_SUCCESS
from box.clock import DEFAULT_START
from tests.box.carrier_world import ANA, ONCE, OURS, World, refused


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    world.carrier.stop()


def test_an_accepted_text_shows_on_the_phone(world: World) -> None:
    """The phone shows who, when, what, in how many parts and how long it had, and nothing more."""
    message_id = world.send(TimeToLive=3600)
    assert world.carrier.texts_of(ANA) == [
        {
            "at": "2026-12-01T15:00:00Z",
            "direction": "out",
            "from": OURS,
            "to": ANA,
            "body": "See you on Friday.",
            "parts": 1,
            "ttl_seconds": 3600,
            "message_id": message_id,
        }
    ]
    assert world.carrier.phones() == [ANA]
    assert world.carrier.texts() == world.carrier.texts_of(ANA)


def test_receipts_have_the_documented_shape(world: World) -> None:
    """Pending, then one final event, on the box's clock, with our context and without the body."""
    message_id = world.send(Context={"message": "m-1"})
    pending, delivered = world.events()
    assert (pending["eventType"], pending["isFinal"]) == ("TEXT_PENDING", False)
    now = int(DEFAULT_START.timestamp() * 1000)
    assert delivered == {
        "eventType": "TEXT_DELIVERED",
        "eventVersion": "1.0",
        "eventTimestamp": now,
        "isFinal": True,
        "originationPhoneNumber": OURS,
        "destinationPhoneNumber": ANA,
        "isoCountryCode": "US",
        "isInternationalSend": False,
        "mcc": "310",
        "mnc": "800",
        "messageId": message_id,
        "messageRequestTimestamp": now,
        "messageEncoding": "GSM",
        "messageType": "TRANSACTIONAL",
        "messageStatus": "DELIVERED",
        "messageStatusDescription": "Message has been accepted by phone",
        "context": {"message": "m-1"},
        "totalMessageParts": 1,
        "totalMessagePrice": 0.007,
        "totalCarrierFee": 0.003,
    }


def test_a_text_without_a_configuration_set_reports_to_nobody(world: World) -> None:
    """Events follow the configuration set of the text, as they do in life."""
    world.sms.send_text_message(DestinationPhoneNumber=ANA, MessageBody="Hello", OriginationIdentity=OURS)
    assert world.events() == []
    assert world.bodies() == ["Hello"]


@pytest.mark.parametrize(
    ("behaviour", "event"),
    [
        ("landline", "TEXT_UNREACHABLE"),
        ("unreachable", "TEXT_UNREACHABLE"),
        ("blocked", "TEXT_BLOCKED"),
        ("carrier_blocked", "TEXT_CARRIER_BLOCKED"),
        ("spam", "TEXT_SPAM"),
        ("invalid", "TEXT_INVALID"),
    ],
)
def test_phones_behave_as_they_are_told(world: World, behaviour: str, event: str) -> None:
    """Each way of not arriving has its own final event."""
    world.carrier.set_phone(ANA, behaviour)
    world.send()
    assert world.event_types() == ["TEXT_PENDING", event]
    assert world.events()[-1]["messageStatus"] == event.removeprefix("TEXT_")


def test_a_phone_that_never_reports_is_unknown_after_72_hours(world: World) -> None:
    """The carrier gives up waiting for its own receipt after three days."""
    world.carrier.set_phone(ANA, "unknown")
    world.send()
    world.timer.advance(timedelta(hours=71))
    assert world.event_types() == ["TEXT_PENDING"]
    world.timer.advance(timedelta(hours=1))
    assert world.event_types()[-1] == "TEXT_UNKNOWN"


@pytest.mark.parametrize(
    ("to", "event"), [(TEST_SUCCESS, "TEXT_SUCCESSFUL"), (TEST_FAILURE, "TEXT_CARRIER_UNREACHABLE")]
)
def test_the_carriers_own_test_numbers_answer_as_documented(world: World, to: str, event: str) -> None:
    """One always succeeds and one always fails."""
    world.send(to)
    assert world.event_types()[-1] == event


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"DestinationPhoneNumber": "4254147755abc"}, "FIELD_VALIDATION_FAILED"),  # boto3 lets it through
        ({"DestinationPhoneNumber": "0125550142"}, "FIELD_VALIDATION_FAILED"),
        ({"MessageBody": "x" * 1601}, "FIELD_VALIDATION_FAILED"),  # so does this
        ({"MessageBody": " \n "}, "FIELD_VALIDATION_FAILED"),
        ({"MessageBody": "x" * 1531}, "MAXIMUM_SIZE_EXCEEDED"),  # the API's limit is not the carrier's
        ({"MessageBody": "ж" * 631}, "MAXIMUM_SIZE_EXCEEDED"),
        ({"MessageType": "URGENT"}, "FIELD_VALIDATION_FAILED"),
        ({"TimeToLive": 259201}, "FIELD_VALIDATION_FAILED"),
        ({"Context": {f"k{n}": "v" for n in range(6)}}, "FIELD_VALIDATION_FAILED"),
        ({"Context": {"two words": "v"}}, "FIELD_VALIDATION_FAILED"),
        ({"Context": {"k": " v"}}, "FIELD_VALIDATION_FAILED"),
        ({"MaxPrice": "1"}, "FIELD_VALIDATION_FAILED"),
        ({"MaxPrice": "0.009"}, "PRICE_OVER_THRESHOLD"),
        ({"DestinationPhoneNumber": "+442079460958"}, "INTERNATIONAL_SENDING_NOT_SUPPORTED"),
    ],
)
def test_what_the_model_or_the_carrier_forbids_is_refused(world: World, change: dict[str, Any], reason: str) -> None:
    """Lengths, patterns, enumerations and ranges are held to, with the reason at the top of the answer."""
    wanted = {"DestinationPhoneNumber": ANA, "MessageBody": "Hello", "OriginationIdentity": OURS, **change}
    answer = refused(lambda: world.client(UNCHECKED).send_text_message(**wanted))
    assert (answer["Error"]["Code"], answer["Reason"]) == ("ValidationException", reason)
    assert world.carrier.texts() == []
    assert "x" * 99 not in json.dumps(answer)


UNCHECKED = ONCE.merge(Config(parameter_validation=False))


@pytest.mark.parametrize(
    ("change", "reason", "field"),
    [
        ({"MessageBody": 7}, "CANNOT_PARSE", "MessageBody"),
        ({"TimeToLive": True}, "CANNOT_PARSE", "TimeToLive"),
        ({"Urgent": True}, "UNSPECIFIED_PARAMETER_NOT_SUPPORTED", "Urgent"),
        ({"MessageBody": None}, "CANNOT_PARSE", "MessageBody"),
    ],
)
def test_a_client_that_is_not_boto3_is_held_to_the_model_too(
    world: World, change: dict[str, Any], reason: str, field: str
) -> None:
    """Wrong types and unknown members are refused, and the field is named."""
    with pytest.raises(ServiceError) as caught:
        perform(world.carrier.network, "SendTextMessage", {"DestinationPhoneNumber": ANA, "MessageBody": "x", **change})
    assert (caught.value.reason, caught.value.members["Fields"][0]["Name"]) == (reason, field)


def test_boto3_itself_refuses_a_missing_destination(world: World) -> None:
    """A call without its required member does not leave the process."""
    with pytest.raises(ParamValidationError):
        world.sms.send_text_message(MessageBody="Hello")


def test_an_unsigned_request_and_an_unplayed_operation_are_refused(world: World) -> None:
    """The simulator answers nothing it does not play, and nobody who does not sign."""
    assert httpx.post(world.carrier.endpoint, json={}).json()["__type"] == "AccessDeniedException"
    answer = refused(lambda: world.sms.describe_sender_ids())
    assert answer["Error"]["Code"] == "UnknownOperationException"


def test_a_dry_run_is_checked_and_sends_nothing(world: World) -> None:
    """It answers with an id or the refusal a real send would get; no phone, event or charge."""
    assert world.send(DryRun=True)
    world.carrier.network.lists["Default"].numbers[ANA] = OptedOut(DEFAULT_START, by_end_user=True)
    answer = refused(lambda: world.send(DryRun=True))
    assert answer["Reason"] == "DESTINATION_PHONE_NUMBER_OPTED_OUT"
    assert (world.carrier.texts(), world.events(), world.carrier.network.spent) == ([], [], {})


def test_a_number_that_is_unknown_or_pending_cannot_send(world: World) -> None:
    """An origin must exist, and be active."""
    pending = world.carrier.add_number("+18335550101", status="PENDING")
    answer = refused(lambda: world.send(OriginationIdentity=pending.number))
    assert (answer["Error"]["Code"], answer["Reason"]) == ("ConflictException", "RESOURCE_NOT_ACTIVE")
    answer = refused(lambda: world.send(OriginationIdentity="+18335559999"))
    assert (answer["Error"]["Code"], answer["ResourceType"]) == ("ResourceNotFoundException", "phone-number")
    answer = refused(lambda: world.send(ConfigurationSetName="other"))
    assert answer["ResourceType"] == "configuration-set"


def test_the_months_spend_limit_stops_texts(world: World) -> None:
    """A new account's dollar a month is a hundred toll-free texts, and the next month begins at nothing."""
    world.carrier.network.spend_limit = 1
    world.carrier.network.spent["2026-12"] = Decimal("0.99")
    world.send()
    answer = refused(world.send)
    expected = ("ServiceQuotaExceededException", "MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT")
    assert (answer["Error"]["Code"], answer["Reason"]) == expected
    world.timer.advance(timedelta(days=31))
    assert world.send()


def test_in_the_sandbox_only_verified_phones_are_reached(world: World) -> None:
    """An account in the sandbox cannot text a patient by mistake."""
    world.carrier.network.tier = "SANDBOX"
    assert refused(world.send)["Reason"] == "DESTINATION_PHONE_NUMBER_NOT_VERIFIED"
    world.carrier.network.verified.add(ANA)
    assert world.send()


def test_every_call_is_on_record_with_what_came_of_it(world: World) -> None:
    """A test can ask what really reached the carrier, accepted or not."""
    world.send(TimeToLive=60)
    world.carrier.add_faults([{"on": "send", "kind": "throttle"}])
    refused(world.send)
    first, second = world.carrier.calls("SendTextMessage")
    assert (first.outcome, first.params["TimeToLive"], first.at) == ("accepted", 60, DEFAULT_START)
    assert second.outcome == "ThrottlingException"
