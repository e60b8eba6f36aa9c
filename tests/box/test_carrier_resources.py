"""Numbers, pools, sets and lists through boto3: what can be asked, changed, and not."""

from collections.abc import Iterator
from datetime import timedelta

import botocore.session
import pytest

from box.carrier.api import OPERATIONS
from box.carrier.model import WrongAnswer, check_answer, operation
from tests.box.carrier_world import ANA, EVENTS, INBOUND, OURS, World, refused


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    world.carrier.stop()


def test_every_operation_we_play_is_the_services() -> None:
    """The simulator invents no operation."""
    service = botocore.session.get_session().get_service_model("pinpoint-sms-voice-v2")
    assert set(OPERATIONS) <= set(service.operation_names)


def test_an_answer_the_service_could_not_give_is_caught() -> None:
    """The simulator holds itself to the model as it does its callers."""
    shape = operation("SendTextMessage").output_shape
    for answer in ({"MessageId": 7}, {"Id": "x"}):
        with pytest.raises(WrongAnswer):
            check_answer(shape, answer)


def test_a_number_tells_its_settings(world: World) -> None:
    """What the preflight check reads before it lets anything be sent."""
    (number,) = world.sms.describe_phone_numbers(PhoneNumberIds=[world.number.id])["PhoneNumbers"]
    assert (number["PhoneNumber"], number["Status"], number["NumberType"]) == (OURS, "ACTIVE", "TOLL_FREE")
    assert (number["TwoWayEnabled"], number["TwoWayChannelArn"]) == (True, INBOUND)
    assert (number["SelfManagedOptOutsEnabled"], number["OptOutListName"]) == (True, "Default")


def test_numbers_can_be_filtered_and_paged(world: World) -> None:
    """Filters narrow and tokens go on where the last page ended."""
    world.carrier.add_number("+18335550101", status="PENDING")
    wanted = [{"Name": "status", "Values": ["PENDING"]}]
    assert len(world.sms.describe_phone_numbers(Filters=wanted)["PhoneNumbers"]) == 1
    wanted = [{"Name": "two-way-enabled", "Values": ["true"]}]
    assert len(world.sms.describe_phone_numbers(Filters=wanted)["PhoneNumbers"]) == 1
    pages = world.sms.get_paginator("describe_phone_numbers").paginate(PaginationConfig={"PageSize": 1})
    assert [len(page["PhoneNumbers"]) for page in pages] == [1, 1]
    assert refused(lambda: world.sms.describe_phone_numbers(NextToken="x"))["Reason"] == "INVALID_NEXT_TOKEN"


def test_a_numbers_two_way_settings_are_changed_together_or_not_at_all(world: World) -> None:
    """Self-managed opt-outs need two-way traffic, and two-way traffic needs a topic."""
    change = world.sms.update_phone_number
    fresh = world.carrier.add_number("+18335550101")
    answer = refused(lambda: change(PhoneNumberId=fresh.id, SelfManagedOptOutsEnabled=True))
    assert answer["Reason"] == "TWO_WAY_NOT_ENABLED"
    answer = refused(lambda: change(PhoneNumberId=fresh.id, TwoWayEnabled=True))
    assert answer["Reason"] == "TWO_WAY_CHANNEL_NOT_PRESENT"
    answer = refused(
        lambda: change(PhoneNumberId=fresh.id, TwoWayEnabled=True, TwoWayChannelArn=INBOUND, OptOutListName="no")
    )
    assert answer["ResourceType"] == "opt-out-list"
    assert fresh.two_way_topic is None
    wanted = {"TwoWayEnabled": True, "TwoWayChannelArn": INBOUND, "SelfManagedOptOutsEnabled": True}
    assert change(PhoneNumberId=fresh.id, **wanted)["SelfManagedOptOutsEnabled"] is True


def test_a_pool_rules_its_numbers(world: World) -> None:
    """A pooled number takes the pool's settings and cannot be changed by itself; the pool can send."""
    pool = world.sms.create_pool(OriginationIdentity=world.number.id, MessageType="TRANSACTIONAL", IsoCountryCode="US")
    answer = refused(lambda: world.sms.update_phone_number(PhoneNumberId=world.number.id, TwoWayEnabled=False))
    assert answer["Reason"] == "PHONE_NUMBER_ASSOCIATED_TO_POOL"
    world.sms.create_opt_out_list(OptOutListName="ours")
    changed = world.sms.update_pool(PoolId=pool["PoolId"], OptOutListName="ours")
    assert changed["OptOutListName"] == "ours"
    (told,) = world.sms.describe_pools(PoolIds=[pool["PoolId"]])["Pools"]
    assert (told["OptOutListName"], told["TwoWayChannelArn"]) == ("ours", INBOUND)
    assert world.send(OriginationIdentity=pool["PoolArn"])
    world.sms.put_opted_out_number(OptOutListName="ours", OptedOutNumber=ANA)
    answer = refused(lambda: world.send(OriginationIdentity=pool["PoolId"]))
    assert answer["Reason"] == "DESTINATION_PHONE_NUMBER_OPTED_OUT"


def test_a_listed_number_leaves_the_list_once_in_thirty_days(world: World) -> None:
    """The second fence opens slowly: START cannot always undo what the carrier holds."""
    number = {"OptOutListName": "Default", "OptedOutNumber": ANA}
    world.sms.put_opted_out_number(**number)
    world.sms.delete_opted_out_number(**number)
    assert refused(lambda: world.sms.delete_opted_out_number(**number))["ResourceType"] == "opted-out-number"
    world.sms.put_opted_out_number(**number)
    world.timer.advance(timedelta(days=29))
    answer = refused(lambda: world.sms.delete_opted_out_number(**number))
    assert answer["Reason"] == "PHONE_NUMBER_CANNOT_BE_OPTED_IN"
    world.timer.advance(timedelta(days=1))
    world.sms.delete_opted_out_number(**number)
    assert world.sms.describe_opted_out_numbers(OptOutListName="Default")["OptedOutNumbers"] == []


def test_putting_a_number_twice_keeps_its_first_date(world: World) -> None:
    """The reconciliation may repeat itself."""
    number = {"OptOutListName": "Default", "OptedOutNumber": ANA}
    first = world.sms.put_opted_out_number(**number)["OptedOutTimestamp"]
    world.timer.advance(timedelta(days=1))
    assert world.sms.put_opted_out_number(**number)["OptedOutTimestamp"] == first
    answer = refused(
        lambda: world.sms.describe_opted_out_numbers(OptOutListName="Default", OptedOutNumbers=["+13125550143"])
    )
    assert answer["Error"]["Code"] == "ResourceNotFoundException"


def test_a_list_in_use_stays(world: World) -> None:
    """Neither the default list nor one that a number goes by can be taken away."""
    world.sms.create_opt_out_list(OptOutListName="ours")
    world.sms.delete_opt_out_list(OptOutListName="ours")
    answer = refused(lambda: world.sms.delete_opt_out_list(OptOutListName="Default"))
    assert answer["Reason"] == "RESOURCE_DELETION_NOT_ALLOWED"


def test_event_destinations_choose_what_they_hear(world: World) -> None:
    """A destination that is disabled or did not ask for an event does not get it."""
    where = {"ConfigurationSetName": "quietline", "EventDestinationName": "events"}
    world.sms.update_event_destination(**where, MatchingEventTypes=["TEXT_DELIVERED"])
    world.send()
    assert world.event_types() == ["TEXT_DELIVERED"]
    world.sms.update_event_destination(**where, Enabled=False)
    world.send()
    assert world.event_types() == ["TEXT_DELIVERED"]


def test_a_configuration_set_takes_five_destinations_of_one_kind_each(world: World) -> None:
    """Names are unique and the limit is hard."""
    world.sms.create_configuration_set(ConfigurationSetName="other")
    make, where = (
        world.sms.create_event_destination,
        {"ConfigurationSetName": "other", "MatchingEventTypes": ["TEXT_ALL"]},
    )
    topic = {"SnsDestination": {"TopicArn": EVENTS}}
    assert refused(lambda: make(EventDestinationName="none", **where))["Reason"] == "MISSING_PARAMETER"
    for index in range(5):
        make(EventDestinationName=f"d{index}", **where, **topic)
    assert refused(lambda: make(EventDestinationName="d0", **where, **topic))["Reason"] == "RESOURCE_ALREADY_EXISTS"
    answer = refused(lambda: make(EventDestinationName="d5", **where, **topic))
    assert answer["Reason"] == "EVENT_DESTINATIONS_PER_CONFIGURATION_SET"
    (told,) = world.sms.describe_configuration_sets(ConfigurationSetNames=["other"])["ConfigurationSets"]
    assert len(told["EventDestinations"]) == 5


def test_the_account_tells_its_standing(world: World) -> None:
    """Sandbox, spending, limits and registration: what the preflight check asks."""
    (tier,) = world.sms.describe_account_attributes()["AccountAttributes"]
    (spend,) = world.sms.describe_spend_limits()["SpendLimits"]
    assert (tier["Value"], spend["EnforcedLimit"]) == ("PRODUCTION", 1000)
    limits = {row["Name"]: row["Used"] for row in world.sms.describe_account_limits()["AccountLimits"]}
    assert (limits["PHONE_NUMBERS"], limits["OPT_OUT_LISTS"]) == (1, 1)
    (registration,) = world.sms.describe_registrations()["Registrations"]
    assert registration["RegistrationStatus"] == "COMPLETE"
    assert [row["OptOutListName"] for row in world.sms.describe_opt_out_lists()["OptOutLists"]] == ["Default"]


@pytest.mark.parametrize(
    ("asked", "behaviour", "kind"),
    [("+1 (312) 555-0142", "reachable", "MOBILE"), (ANA, "landline", "LANDLINE"), ("+1312555", "reachable", "INVALID")],
)
def test_a_number_can_be_looked_up(world: World, asked: str, behaviour: str, kind: str) -> None:
    """A landline is found before a reminder is sent into the void."""
    world.carrier.set_phone(ANA, behaviour)
    assert world.sms.carrier_lookup(PhoneNumber=asked)["PhoneNumberType"] == kind


def test_a_simulators_number_works_at_once_and_others_wait(world: World) -> None:
    """Only the simulator needs no registration."""
    ask = {"IsoCountryCode": "US", "MessageType": "TRANSACTIONAL", "NumberCapabilities": ["SMS"]}
    made = world.sms.request_phone_number(**ask, NumberType="SIMULATOR")
    assert made["Status"] == "ACTIVE"
    assert world.sms.request_phone_number(**ask, NumberType="TOLL_FREE")["Status"] == "PENDING"
    world.send(OriginationIdentity=made["PhoneNumberArn"])
    assert world.event_types()[-1] == "TEXT_SUCCESSFUL"


def test_keywords_belong_to_whoever_rules_the_number(world: World) -> None:
    """Every number answers HELP and STOP, and a keyword is found whatever its case."""
    words = world.sms.describe_keywords(OriginationIdentity=world.number.id)["Keywords"]
    assert {word["Keyword"]: word["KeywordAction"] for word in words} == {
        "HELP": "AUTOMATIC_RESPONSE",
        "STOP": "OPT_OUT",
    }
    put = world.sms.put_keyword(OriginationIdentity=world.number.id, Keyword="Hours", KeywordMessage="8 to 5.")
    assert (put["Keyword"], put["KeywordAction"]) == ("HOURS", "AUTOMATIC_RESPONSE")
    answer = refused(lambda: world.sms.describe_keywords(OriginationIdentity=world.number.id, Keywords=["NO"]))
    assert answer["ResourceType"] == "keyword"
