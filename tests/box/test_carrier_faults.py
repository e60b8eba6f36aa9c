"""The fault laboratory: what goes wrong at the carrier, and what boto3 and a phone see of it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from box.carrier import FaultRejected
from box.clock import DEFAULT_START
from tests.box.carrier_world import ANA, OURS, World, refused


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    world.carrier.stop()


def test_throttling_is_typed_and_nothing_was_sent(world: World) -> None:
    """A throttled call may safely be made again, and the fault counts itself down."""
    world.carrier.add_faults([{"on": "send", "kind": "throttle", "count": 2}])
    assert refused(world.send)["Error"]["Code"] == "ThrottlingException"
    with pytest.raises(world.sms.exceptions.ThrottlingException):
        world.send()
    assert world.bodies() == []
    assert world.send()


def test_an_sdk_left_to_itself_tries_three_times(world: World) -> None:
    """The hazard in one line: only a client with one attempt makes one request."""
    world.carrier.add_faults([{"on": "send", "kind": "error_before", "count": 9}])
    for client, attempts in ((world.sms, 1), (world.eager, 3)):
        before = len(world.carrier.calls())
        wanted = {"DestinationPhoneNumber": ANA, "MessageBody": "Hello", "OriginationIdentity": OURS}
        with pytest.raises(ClientError, match="InternalServerException"):
            client.send_text_message(**wanted)
        assert len(world.carrier.calls()) - before == attempts
    assert world.bodies() == []


def test_an_answer_lost_after_acceptance_leaves_the_caller_in_doubt(world: World) -> None:
    """The text is on the phone once, its receipt comes, and the caller saw a broken connection."""
    world.send(body="first")
    world.carrier.add_faults([{"on": "send", "kind": "timeout_after"}])
    with pytest.raises(ConnectionClosedError):
        world.send(body="second", Context={"message": "m-2"})
    assert world.bodies() == ["first", "second"]
    assert world.events()[-1]["context"] == {"message": "m-2"}
    assert [call.outcome for call in world.carrier.calls()] == ["accepted", "lost"]


def test_the_same_lost_answer_texts_a_patient_twice_through_an_eager_client(world: World) -> None:
    """Why the product's client makes one attempt: the default one sends again."""
    world.carrier.add_faults([{"on": "send", "kind": "timeout_after"}])
    wanted = {"DestinationPhoneNumber": ANA, "MessageBody": "Hello", "OriginationIdentity": OURS}
    world.eager.send_text_message(**wanted)
    assert world.bodies() == ["Hello", "Hello"]


def test_no_fault_is_spent_on_a_request_that_fails_by_itself(world: World) -> None:
    """A count of one means one text that would have been accepted."""
    world.carrier.add_faults([{"on": "send", "kind": "timeout_after", "count": 1}])
    assert refused(lambda: world.send(MaxPrice="0.001"))["Reason"] == "PRICE_OVER_THRESHOLD"
    with pytest.raises(ConnectionClosedError):
        world.send()


def test_an_opted_out_fault_is_the_real_refusal(world: World) -> None:
    """The carrier may know of an opt-out that we do not."""
    world.carrier.add_faults([{"on": "send", "kind": "opted_out"}])
    answer = refused(world.send)
    assert (answer["Error"]["Code"], answer["Reason"]) == ("ConflictException", "DESTINATION_PHONE_NUMBER_OPTED_OUT")
    assert ANA not in str(answer["Error"])


def test_a_carrier_without_money_says_so_as_the_real_one(world: World) -> None:
    """The month's limit at AWS may be used up by something else than our texts."""
    world.carrier.add_faults([{"on": "send", "kind": "no_money"}])
    answer = refused(world.send)
    expected = ("ServiceQuotaExceededException", "MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT")
    assert (answer["Error"]["Code"], answer["Reason"]) == expected
    assert world.send()


def test_an_outage_holds_texts_and_lets_them_go_when_it_ends(world: World) -> None:
    """A held text is accepted, reported as queued, and shows on the phone when it really gets there."""
    world.carrier.add_faults([{"on": "send", "kind": "outage", "until": "2026-12-01T18:00:00Z"}])
    world.send()
    assert (world.bodies(), world.event_types()) == ([], ["TEXT_QUEUED"])
    world.timer.advance(timedelta(hours=4))
    assert [text["at"] for text in world.carrier.texts_of(ANA)] == ["2026-12-01T18:00:00Z"]
    assert world.event_types() == ["TEXT_QUEUED", "TEXT_PENDING", "TEXT_DELIVERED"]


@pytest.mark.parametrize(("ttl", "arrives"), [(3599, False), (3600, False), (3601, True)])
def test_a_text_held_past_its_time_to_live_never_arrives(world: World, ttl: int, arrives: bool) -> None:
    """The carrier's own promise behind "never late": expired texts are reported and dropped."""
    world.carrier.add_faults([{"on": "send", "kind": "outage", "until": "2026-12-01T16:00:00Z"}])
    world.send(TimeToLive=ttl)
    world.timer.advance(timedelta(days=4))
    assert bool(world.bodies()) is arrives
    last = world.events()[-1]
    expected = "TEXT_DELIVERED" if arrives else "TEXT_TTL_EXPIRED"
    assert (last["eventType"], last["isFinal"]) == (expected, True)
    if not arrives:
        assert last["eventTimestamp"] == int((DEFAULT_START + timedelta(seconds=ttl)).timestamp() * 1000)


def test_ending_the_faults_ends_an_outage_at_once(world: World) -> None:
    """Held texts go on their way, once, and the outage's own end brings nothing more."""
    world.carrier.add_faults([{"on": "send", "kind": "outage", "until": "2026-12-02T15:00:00Z"}])
    world.send()
    world.carrier.clear_faults()
    assert len(world.bodies()) == 1
    world.timer.advance(timedelta(days=2))
    assert len(world.bodies()) == 1
    assert world.event_types().count("TEXT_DELIVERED") == 1


@pytest.mark.parametrize(
    ("fault", "events"),
    [
        ({"kind": "lost"}, []),
        ({"kind": "duplicated"}, ["TEXT_PENDING", "TEXT_PENDING", "TEXT_DELIVERED", "TEXT_DELIVERED"]),
        ({"kind": "reordered"}, ["TEXT_DELIVERED", "TEXT_PENDING"]),
        ({"kind": "contradictory"}, ["TEXT_PENDING", "TEXT_DELIVERED", "TEXT_CARRIER_UNREACHABLE"]),
    ],
)
def test_receipts_go_wrong_in_the_ways_they_do(world: World, fault: dict[str, str], events: list[str]) -> None:
    """Each fault of receipts changes what is told, never what the phone got."""
    world.carrier.add_faults([{"on": "receipt", **fault}])
    world.send()
    assert world.event_types() == events
    assert len(world.bodies()) == 1


def test_late_receipts_come_late_on_the_boxs_clock(world: World) -> None:
    """The event keeps the time at which it happened; only its arrival is delayed."""
    world.carrier.add_faults([{"on": "receipt", "kind": "late", "seconds": 3600, "count": 1}])
    world.send()
    world.timer.advance(timedelta(seconds=3599))
    assert world.event_types() == []
    world.timer.advance(timedelta(seconds=1))
    assert world.event_types() == ["TEXT_PENDING", "TEXT_DELIVERED"]
    assert world.events()[-1]["eventTimestamp"] == int(DEFAULT_START.timestamp() * 1000)
    world.send()
    assert len(world.event_types()) == 4


def test_a_fault_that_is_not_understood_is_refused_whole(world: World) -> None:
    """One bad fault in a list adds none of them, and the sentence says what is known."""
    with pytest.raises(FaultRejected, match="throttle, error_before"):
        world.carrier.add_faults([{"on": "receipt", "kind": "lost"}, {"on": "send", "kind": "explode"}])
    assert world.carrier.faults.listing() == []


def test_fault_wishes_are_checked(world: World) -> None:
    """Each kind says what it needs and takes nothing else."""
    bad = [
        {"on": "sky", "kind": "fall"},
        {"on": "send", "kind": "outage"},
        {"on": "send", "kind": "outage", "until": "tomorrow"},
        {"on": "send", "kind": "throttle", "count": 0},
        {"on": "send", "kind": "throttle", "seconds": 3},
        {"on": "receipt", "kind": "late", "seconds": -1},
        {"on": "queue", "kind": "crash_after_call", "call": True},
    ]
    for fault in bad:
        with pytest.raises(FaultRejected):
            world.carrier.add_faults([fault])


def test_the_queues_faults_are_kept_for_the_runtime(world: World) -> None:
    """The carrier plays none of them; whoever runs the queues takes them here."""
    world.carrier.add_faults(
        [{"on": "queue", "kind": "crash_after_call", "call": 3}, {"on": "queue", "kind": "redeliver"}]
    )
    taken = world.carrier.faults.take("queue", "crash_after_call")
    assert taken is not None
    assert taken.call == 3
    assert world.carrier.faults.take("queue", "crash_after_call") is None
    assert world.carrier.faults.take("queue", "redeliver") == world.carrier.faults.take("queue", "redeliver")
    world.carrier.clear_faults()
    assert world.carrier.faults.take("queue", "redeliver") is None
