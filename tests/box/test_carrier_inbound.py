"""Patients' texts at the carrier: the documented payload, duplicates, and who honours STOP."""

from collections.abc import Iterator

import pytest

from box.carrier import ServiceError
from tests.box.carrier_world import ANA, OURS, World, refused


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    world.carrier.stop()


def test_a_patients_text_arrives_in_the_documented_shape(world: World) -> None:
    """It names the text it answers, and is on the phone as sent."""
    asked = world.send()
    inbound_id = world.carrier.receive(ANA, None, "¿Puedo cambiar?", "in-1")
    assert world.inbound() == [
        {
            "originationNumber": ANA,
            "destinationNumber": OURS,
            "messageBody": "¿Puedo cambiar?",
            "inboundMessageId": "in-1",
            "previousPublishedMessageId": asked,
        }
    ]
    last = world.carrier.texts_of(ANA)[-1]
    assert (inbound_id, last["direction"], last["from"], last["to"]) == ("in-1", "in", ANA, OURS)
    assert (last["parts"], last["ttl_seconds"], last["message_id"]) == (1, None, "in-1")


def test_a_repeated_inbound_id_is_published_again_and_shown_once(world: World) -> None:
    """A carrier's duplicate is the same message twice on the wire and one on the phone."""
    for _ in range(2):
        world.carrier.receive(ANA, OURS, "yes", "in-1")
        world.send()
    first, second = world.inbound()
    assert first == second
    assert world.bodies().count("yes") == 1


def test_a_text_to_a_number_that_is_not_ours_goes_nowhere(world: World) -> None:
    """Nobody's text can be delivered to a number the carrier does not hold."""
    with pytest.raises(ServiceError, match="no such phone-number"):
        world.carrier.receive(ANA, "+18335559999", "hello")


@pytest.mark.parametrize("body", ["STOP", "stop please", "Unsubscribe", " cancel."])
def test_with_self_managed_opt_outs_stop_is_ours_to_honour(world: World, body: str) -> None:
    """The carrier answers nothing, lists nobody, and passes the text on with its keyword."""
    world.carrier.receive(ANA, OURS, body)
    assert [event["messageKeyword"] for event in world.inbound()] == ["STOP"]
    assert world.bodies() == [body]
    assert world.send()


def test_with_managed_opt_outs_the_carrier_answers_lists_and_keeps_it_to_itself(world: World) -> None:
    """STOP is confirmed by the carrier and the next text is refused with its reason."""
    world.number.self_managed_opt_outs = False
    world.carrier.receive(ANA, OURS, "stop")
    assert world.inbound() == []
    assert [text["direction"] for text in world.carrier.texts_of(ANA)] == ["in", "out"]
    answer = refused(world.send)
    assert (answer["Error"]["Code"], answer["Reason"]) == ("ConflictException", "DESTINATION_PHONE_NUMBER_OPTED_OUT")
    with pytest.raises(world.sms.exceptions.ConflictException):
        world.send()
    listed = world.sms.describe_opted_out_numbers(OptOutListName="Default", OptedOutNumbers=[ANA])
    assert [entry["EndUserOptedOut"] for entry in listed["OptedOutNumbers"]] == [True]


def test_a_keyword_of_our_own_is_answered_and_passed_on(world: World) -> None:
    """START with an opt-in action takes the number off the list, answers, and still reaches us."""
    world.sms.put_opted_out_number(OptOutListName="Default", OptedOutNumber=ANA)
    wanted = {"Keyword": "START", "KeywordMessage": "Welcome back.", "KeywordAction": "OPT_IN"}
    world.sms.put_keyword(OriginationIdentity=world.number.id, **wanted)
    world.carrier.receive(ANA, OURS, "Start")
    assert world.bodies() == ["Start", "Welcome back."]
    assert [event["messageKeyword"] for event in world.inbound()] == ["START"]
    assert world.send()
