"""The runtime does what AWS does around a function, and does it on the box's clock."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

from box.runtime.rest_front import Request
from box.runtime.running import Runtime
from tests.box import tiny

NINE = datetime(2026, 12, 1, 15, tzinfo=UTC)  # nine in the morning in Chicago, when the box's clock starts


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    with tiny.running(tmp_path_factory.mktemp("tiny")) as runtime:
        yield runtime


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    with tiny.running(tmp_path) as runtime:
        yield runtime


def client(runtime: Runtime, service: str) -> boto3.client:
    environment = runtime.environment()
    variable = {"sqs": "SQS", "events": "EVENTBRIDGE", "scheduler": "SCHEDULER"}[service]
    return boto3.client(service, endpoint_url=environment[f"AWS_ENDPOINT_URL_{variable}"], region_name="us-east-1",
                        aws_access_key_id="box", aws_secret_access_key="box")  # fmt: skip


def work_and_dead(runtime: Runtime) -> tuple[list[str], list[str]]:
    queue = next(queue for queue in runtime.wiring.queues.by_arn.values() if queue.dead)
    assert queue.dead
    return [letter.body for letter in queue.letters], [letter.body for letter in queue.dead.letters]


def ate(runtime: Runtime) -> list[str]:
    return [line.rsplit(" ", 1)[0] for line in tiny.logged(runtime, "eater") if line.startswith("ate ")]


def test_poison_in_a_batch_is_alone_in_coming_back_and_ends_among_the_dead(runtime: Runtime) -> None:
    """Good messages of a batch are handled once; the poisoned one is tried three times and buried, never lost."""
    tiny.feed(runtime, "fine", "poison", "good")
    tiny.pass_time(runtime, minutes=10)
    assert ate(runtime) == ["ate fine 1", "ate poison 1", "ate good 1", "ate poison 2", "ate poison 3"]
    assert work_and_dead(runtime) == ([], ['{"do": "poison"}'])


def test_a_retry_waits_out_the_visibility_timeout_on_the_boxs_clock(runtime: Runtime) -> None:
    """A failed message is invisible for the queue's thirty seconds of box time, to the second."""
    tiny.feed(runtime, "poison")
    tiny.pass_time(runtime, seconds=29)
    assert ate(runtime) == ["ate poison 1"]
    tiny.pass_time(runtime, seconds=1)
    assert ate(runtime) == ["ate poison 1", "ate poison 2"]


@pytest.mark.parametrize("how", ["raise", "exit", "lie"])
def test_a_batch_that_fails_as_a_whole_comes_back_as_a_whole(runtime: Runtime, how: str) -> None:
    """An exception, a dead process and an answer naming an unknown message each bring every message back."""
    tiny.feed(runtime, "fine", how)
    tiny.pass_time(runtime, seconds=30)
    assert ate(runtime) == ["ate fine 1", f"ate {how} 1", "ate fine 2", f"ate {how} 2"]


def test_a_worker_that_died_is_replaced(runtime: Runtime) -> None:
    """The next event after a crash finds a fresh process."""
    tiny.feed(runtime, "exit")
    tiny.pass_time(runtime, minutes=10)
    tiny.feed(runtime, "fine")
    tiny.pass_time(runtime)
    assert ate(runtime)[-1] == "ate fine 1"


def test_a_worker_can_be_made_to_die_after_its_nth_aws_call(runtime: Runtime) -> None:
    """The fault `crash_after_call` ends the process after the call and before the handler goes on, once."""
    runtime.carrier.add_faults([{"on": "queue", "kind": "crash_after_call", "call": 1}])
    tiny.feed(runtime, "call twice")
    tiny.pass_time(runtime)
    assert "called twice" not in tiny.logged(runtime, "eater")
    tiny.pass_time(runtime, seconds=30)
    assert "called twice" in tiny.logged(runtime, "eater")


def test_a_message_can_be_delivered_again_although_it_succeeded(runtime: Runtime) -> None:
    """The fault `redeliver` gives the same message twice, as SQS may."""
    runtime.carrier.add_faults([{"on": "queue", "kind": "redeliver", "count": 1}])
    tiny.feed(runtime, "fine")
    tiny.pass_time(runtime)
    assert ate(runtime) == ["ate fine 1", "ate fine 2"]


def test_dead_letters_go_back_where_they_came_from(runtime: Runtime) -> None:
    """A move task returns every dead letter to its own queue as a fresh message."""
    tiny.feed(runtime, "poison")
    tiny.pass_time(runtime, minutes=10)
    (dead,) = [queue for queue in runtime.dead_letters() if queue.letters]
    client(runtime, "sqs").start_message_move_task(SourceArn=dead.arn)
    tiny.pass_time(runtime)
    assert ate(runtime)[-1] == "ate poison 1"


def plan(runtime: Runtime, name: str, at: str, **more: object) -> None:
    target = {
        "Arn": runtime.wiring.queues.named("heard").arn,
        "RoleArn": "arn:aws:iam::000000000000:role/r",
        "Input": name,
    }
    client(runtime, "scheduler").create_schedule(
        Name=name, GroupName="tiny", ScheduleExpression=f"at({at})", FlexibleTimeWindow={"Mode": "OFF"},
        Target=target, **more,
    )  # fmt: skip


def heard(runtime: Runtime) -> list[str]:
    return [letter.body for letter in runtime.wiring.queues.named("heard").letters]


def test_a_schedule_fires_to_the_second_in_its_own_zone_and_is_gone(runtime: Runtime) -> None:
    """Ten in the morning in Chicago is 16:00 UTC in December: not a second earlier, and once."""
    plan(
        runtime,
        "m-1",
        "2026-12-01T10:00:00",
        ScheduleExpressionTimezone="America/Chicago",
        ActionAfterCompletion="DELETE",
    )
    tiny.pass_time(runtime, minutes=59, seconds=59)
    assert heard(runtime) == []
    tiny.pass_time(runtime, seconds=1)
    assert heard(runtime) == ["m-1"]
    assert client(runtime, "scheduler").list_schedules(GroupName="tiny")["Schedules"] == []


def test_schedules_fire_in_order_however_they_were_made(runtime: Runtime) -> None:
    """One long move of the clock runs what falls due in the order of its moments."""
    for name, at in (("m-3", "2026-12-03T00:00:00"), ("m-1", "2026-12-01T16:00:00"), ("m-2", "2026-12-02T00:00:00")):
        plan(runtime, name, at)
    tiny.pass_time(runtime, days=3)
    assert heard(runtime) == ["m-1", "m-2", "m-3"]


def test_a_schedule_taken_back_or_moved_does_not_fire_at_its_old_moment(runtime: Runtime) -> None:
    """Deleting and updating are final: only the newest word counts."""
    plan(runtime, "m-1", "2026-12-01T16:00:00")
    plan(runtime, "m-2", "2026-12-01T16:00:00")
    scheduler = client(runtime, "scheduler")
    scheduler.delete_schedule(Name="m-1", GroupName="tiny")
    found = scheduler.get_schedule(Name="m-2", GroupName="tiny")
    scheduler.update_schedule(
        Name="m-2", GroupName="tiny", ScheduleExpression="at(2026-12-01T18:00:00)", Target=found["Target"],
        FlexibleTimeWindow=found["FlexibleTimeWindow"],
    )  # fmt: skip
    tiny.pass_time(runtime, hours=2)
    assert heard(runtime) == []
    tiny.pass_time(runtime, hours=1)
    assert heard(runtime) == ["m-2"]


@pytest.mark.parametrize(
    ("name", "at", "error"),
    [
        ("m 1", "2026-12-01T16:00:00", "ValidationException"),  # a blank in the name
        ("m" * 65, "2026-12-01T16:00:00", "ValidationException"),  # one letter too long
        ("m-1", "2026-12-01T16:00", "ValidationException"),  # no seconds
        ("m-1", "2026-12-01T16:00:00Z", "ValidationException"),  # the zone goes elsewhere
        ("m-1", "2026-13-01T16:00:00", "ValidationException"),  # no such month
        ("m-1", "2026-12-01T14:59:59", "ValidationException"),  # a second ago
    ],
)
def test_a_schedule_aws_would_refuse_is_refused(shared: Runtime, name: str, at: str, error: str) -> None:
    """Names and expressions are held to the service's own rules."""
    with pytest.raises(ClientError) as refused:
        plan(shared, name, at)
    assert refused.value.response["Error"]["Code"] == error


def test_a_schedules_name_is_taken_once(shared: Runtime) -> None:
    """Making the same schedule twice is a conflict, which is how a planner knows it was there before."""
    plan(shared, "m-twice", "2030-01-01T00:00:00")
    with pytest.raises(ClientError) as refused:
        plan(shared, "m-twice", "2030-01-01T00:00:00")
    assert refused.value.response["Error"]["Code"] == "ConflictException"


def test_a_topic_wraps_what_it_passes_on(runtime: Runtime) -> None:
    """A queue that hears a topic receives SNS's envelope, stamped with the box's time."""
    (arn,) = runtime.wiring.topics.by_arn
    runtime.wiring.topics.publish(arn, '{"a": 1}')
    envelope = json.loads(heard(runtime)[0])
    assert (envelope["Type"], envelope["Message"], envelope["Timestamp"]) == (
        "Notification", '{"a": 1}', "2026-12-01T15:00:00.000Z",
    )  # fmt: skip


def test_the_bus_passes_on_what_a_rule_asks_for_and_nothing_else(runtime: Runtime) -> None:
    """An event reaches a target only through a rule of its own bus whose pattern it fits."""
    entries = [
        {"Source": "clinic", "DetailType": kind, "Detail": '{"n": 1}', "EventBusName": bus}
        for kind, bus in (
            ("appointment", "tiny"),
            ("other", "tiny"),
            ("appointment", "default"),
            ("appointment", "none"),
        )
    ]
    done = client(runtime, "events").put_events(Entries=entries)
    assert [entry.get("ErrorCode") for entry in done["Entries"]] == [None, None, None, "ResourceNotFoundException"]
    (envelope,) = [json.loads(body) for body in heard(runtime)]
    assert (envelope["detail-type"], envelope["detail"], envelope["time"]) == (
        "appointment",
        {"n": 1},
        "2026-12-01T15:00:00Z",
    )


def ticks(runtime: Runtime) -> list[str]:
    return [line.split()[1] for line in tiny.logged(runtime, "clockwork") if line.startswith("tick")]


def test_rules_on_a_schedule_come_round_on_the_boxs_clock(runtime: Runtime) -> None:
    """Every minute is every minute, the nightly rule comes at its hour, and the function reads the same clock."""
    tiny.pass_time(runtime, minutes=3)
    assert ticks(runtime) == ["2026-12-01T15:01:00Z", "2026-12-01T15:02:00Z", "2026-12-01T15:03:00Z"]
    tiny.pass_time(runtime, hours=24)
    assert ticks(runtime).count("2026-12-02T03:15:00Z") == 2  # the minute's and the night's


def test_rules_nap_while_nothing_happens_and_still_run_at_the_end(runtime: Runtime) -> None:
    """A long move does not run a thousand idle ticks, yet the last one before the moment asked for does run."""
    runtime.horizon(NINE + timedelta(days=30))
    tiny.pass_time(runtime, days=30)
    assert len(ticks(runtime)) < 24 * 30 + 30 + 10
    assert ticks(runtime)[-1] == "2026-12-31T15:00:00Z"


def test_a_napping_rule_wakes_as_soon_as_something_was_written(runtime: Runtime) -> None:
    """Whatever happens in the middle of a long move finds the rule at its very next tick."""
    runtime.horizon(NINE + timedelta(days=1))
    noon = NINE + timedelta(hours=5, minutes=20, seconds=10)
    runtime.wiring.timer.at(noon, "somebody writes", runtime.wiring.changes.add)
    tiny.pass_time(runtime, days=1)
    assert "2026-12-01T20:21:00Z" in ticks(runtime)


def ask(runtime: Runtime, method: str, target: str, body: bytes = b"", *headers: tuple[str, str]) -> tuple[int, dict]:
    answer = runtime.handle(Request(method, target, [("Host", "127.0.0.1:8700"), *headers], body))
    return answer.status, json.loads(answer.body)


def test_a_door_receives_api_gateways_event(shared: Runtime) -> None:
    """Path parameters, repeated headers and queries, and the resource path arrive as payload 1.0 has them."""
    status, told = ask(shared, "POST", "/v1/things/x-1?a=1&a=2", b"caf\xc3\xa9", ("Sig", "one"), ("Sig", "two"))
    event = told["event"]
    assert (status, told["function"], event["body"], event["isBase64Encoded"]) == (201, "door", "café", False)
    assert event["pathParameters"] == {"thing_id": "x-1"}
    assert event["multiValueHeaders"]["Sig"] == ["one", "two"]
    assert event["headers"]["Sig"] == "two"
    assert event["multiValueQueryStringParameters"] == {"a": ["1", "2"]}
    assert event["requestContext"]["resourcePath"] == "/v1/things/{thing_id}"
    assert event["requestContext"]["identity"]["sourceIp"] == "127.0.0.1"
    assert 0 < told["left"] <= 5000


def test_pictures_arrive_as_base64(shared: Runtime) -> None:
    """A body of one of the API's binary types is encoded, so that no byte is lost."""
    _, told = ask(shared, "POST", "/v1/things/x", b"\x89PNG", ("Content-Type", "image/png"))
    assert (told["event"]["body"], told["event"]["isBase64Encoded"]) == ("iVBORw==", True)


def test_the_access_log_holds_the_resource_path_and_never_the_address(shared: Runtime) -> None:
    """What stands in a URL stays out of the log."""
    ask(shared, "POST", "/v1/things/ana-ruiz?phone=13125550142", b"x")
    assert json.loads(shared.access[-1]) == {"method": "POST", "path": "/v1/things/{thing_id}", "status": "201"}


@pytest.mark.parametrize(
    ("method", "target", "body", "status"),
    [
        ("GET", "/v1/things/x", b"", 403),  # no such method there
        ("POST", "/v2/things/x", b"", 403),  # no such path
        ("POST", "/v1/things", b"", 403),  # a path without a method
        ("GET", "/broken", b"", 502),  # the function answers with nonsense
        ("POST", "/v1/things/x", b"x" * (10 * 1024 * 1024 + 1), 413),  # more than API Gateway takes
    ],
)
def test_the_front_answers_by_itself_as_api_gateway_does(
    shared: Runtime, method: str, target: str, body: bytes, status: int
) -> None:
    """Unknown paths, broken functions and oversized bodies get the gateway's own answers."""
    assert ask(shared, method, target, body)[0] == status


def test_a_function_is_given_the_templates_variables_and_none_of_ours(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What this process has in its environment does not reach a function."""
    worker = next(worker for worker in runtime.workers.values() if worker.function.name == "eater")
    given = worker._environment
    assert given["WORK_URL"].startswith("https://sqs.us-east-1.amazonaws.com/")
    assert {"AWS_PROFILE", "HOME", "USER"}.isdisjoint(given)


def test_delays_are_sqss_own(shared: Runtime) -> None:
    """A delay beyond fifteen minutes is refused, as SQS refuses it."""
    queue = shared.wiring.queues.named("heard")
    with pytest.raises(ClientError):
        client(shared, "sqs").send_message(QueueUrl=queue.url, MessageBody="x", DelaySeconds=901)
