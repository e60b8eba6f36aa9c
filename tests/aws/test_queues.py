"""Queues, schedules, the bus and the pager: opaque ids on the wire, and an outage told as one."""

import json
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from texting.aws import clients
from texting.aws.queues import Bus, Outbox, Pager, Queue, Schedules
from texting.errors import Unavailable

AT = datetime(2026, 12, 4, 16, 0, 0, 999_000, tzinfo=UTC)
GROUP, ROLE = "quietline", "arn:aws:iam::123456789012:role/schedules"
OUTBOX, DEAD = "arn:aws:sqs:us-east-1:123456789012:outbox", "arn:aws:sqs:us-east-1:123456789012:dead"


def aws(service):
    return boto3.client(service, region_name="us-east-1")


@pytest.fixture
def queue(account):
    """A queue's URL."""
    return aws("sqs").create_queue(QueueName="outbox")["QueueUrl"]


@pytest.fixture
def schedules(account):
    """The schedules of a group that exists."""
    aws("scheduler").create_schedule_group(Name=GROUP)
    return Schedules(GROUP, ROLE, OUTBOX, DEAD)


def received(url):
    """The messages on a queue with all their attributes."""
    found = aws("sqs").receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"], MessageAttributeNames=["All"]
    )
    return found.get("Messages", [])


def test_the_outbox_carries_an_id_and_nothing_else(queue):
    """Body and attributes together name nobody."""
    Outbox(queue).put("m_1")

    [message] = received(queue)
    assert json.loads(message["Body"]) == {"message_id": "m_1"}
    assert "MessageAttributes" not in message


def test_a_queue_takes_json_as_it_is(queue):
    """What intake hands on arrives equal."""
    Queue(queue).send({"door": "webhook", "body_b64": "eyJ9", "n": 1})

    assert json.loads(received(queue)[0]["Body"]) == {"door": "webhook", "body_b64": "eyJ9", "n": 1}


@pytest.mark.parametrize(("wanted", "given"), [(0, 0), (30, 30), (900, 900), (3600, 900)])
def test_a_delay_is_at_most_what_sqs_takes(queue, monkeypatch, wanted, given):
    """Fifteen minutes is the longest; what is due later is asked about again then."""
    sent = []
    sqs = clients.client("sqs")
    monkeypatch.setattr(sqs, "send_message", lambda **told: sent.append(told["DelaySeconds"]))

    Outbox(queue).put("m_1", delay_seconds=wanted)

    assert sent == [given]


def test_a_queue_that_is_gone_is_unavailable(account):
    """The URL it names is not repeated."""
    with pytest.raises(Unavailable, match="A queue did not take a message"):
        Outbox("https://sqs.us-east-1.amazonaws.com/123456789012/gone").put("m_1")


def test_a_schedule_says_nothing_and_lives_once(schedules):
    """UTC to the second, an opaque input, no second life, five minutes to be delivered, a dead letter of its own."""
    schedules.set("m_1", AT)

    made = aws("scheduler").get_schedule(GroupName=GROUP, Name="m_1")
    assert made["ScheduleExpression"] == "at(2026-12-04T16:00:01)"
    assert made["ScheduleExpressionTimezone"] == "UTC"
    assert made["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert made["ActionAfterCompletion"] == "DELETE"
    assert made["Target"] == {
        "Arn": OUTBOX,
        "RoleArn": ROLE,
        "Input": '{"message_id": "m_1"}',
        "RetryPolicy": {"MaximumEventAgeInSeconds": 300, "MaximumRetryAttempts": 3},
        "DeadLetterConfig": {"Arn": DEAD},
    }


@pytest.mark.parametrize(("milliseconds", "second"), [(0, "00"), (1, "01"), (999, "01"), (1000, "01")])
def test_a_schedule_is_never_too_early(schedules, milliseconds, second):
    """Scheduler knows whole seconds: a part of one is rounded up, or the id would come early and go round and round."""
    schedules.set("m_1", AT.replace(microsecond=0) + timedelta(milliseconds=milliseconds))

    made = aws("scheduler").get_schedule(GroupName=GROUP, Name="m_1")
    assert made["ScheduleExpression"] == f"at(2026-12-04T16:00:{second})"


def test_setting_a_schedule_again_moves_it(schedules):
    """One message has one schedule, at the last time it was given, and nothing of it was lost in moving."""
    schedules.set("m_1", AT)
    schedules.set("m_1", AT + timedelta(days=1))

    moved = aws("scheduler").get_schedule(GroupName=GROUP, Name="m_1")
    assert moved["ScheduleExpression"] == "at(2026-12-05T16:00:01)"
    assert moved["Target"]["RetryPolicy"]["MaximumEventAgeInSeconds"] == 300
    assert len(aws("scheduler").list_schedules(GroupName=GROUP)["Schedules"]) == 1


def test_a_schedule_that_cannot_be_set_or_moved_is_unavailable(schedules, monkeypatch):
    """Both calls fail as one thing."""
    scheduler = clients.client("scheduler")
    schedules.set("m_1", AT)
    monkeypatch.setattr(scheduler, "update_schedule", _down)
    with pytest.raises(Unavailable, match="could not be moved"):
        schedules.set("m_1", AT)
    monkeypatch.setattr(scheduler, "create_schedule", _down)
    with pytest.raises(Unavailable, match="could not be set"):
        schedules.set("m_2", AT)


def _down(**told):
    from botocore.exceptions import ClientError

    raise ClientError({"Error": {"Code": "InternalServerException", "Message": "down"}}, "X")


def test_the_bus_tells_its_source_kind_and_detail(account):
    """An event goes to the practice's own bus under our source, with nothing but what it was given."""
    events, asked = clients.client("events"), []
    events.create_event_bus(Name="practice")
    events.meta.events.register("provide-client-params.events.PutEvents", lambda params, **more: asked.append(params))

    Bus("practice").tell("visit.confirmed", {"appointment_id": "A-1001", "connection": "main"})

    [entry] = asked[0]["Entries"]
    assert json.loads(entry.pop("Detail")) == {"appointment_id": "A-1001", "connection": "main"}
    assert entry == {"Source": "quietline", "DetailType": "visit.confirmed", "EventBusName": "practice"}


def test_an_event_the_bus_did_not_take_is_unavailable(account, monkeypatch):
    """put_events answers 200 even when it took nothing; that is a failure too."""
    events = clients.client("events")
    monkeypatch.setattr(events, "put_events", lambda **told: {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "X"}]})
    with pytest.raises(Unavailable, match="did not take an event"):
        Bus("practice").tell("visit.confirmed", {})
    monkeypatch.setattr(events, "put_events", _down)
    with pytest.raises(Unavailable, match="did not answer"):
        Bus("practice").tell("visit.confirmed", {})


def test_a_page_could_stand_on_a_lock_screen(account, queue):
    """Whoever is on call learns that something waits and where, not what or from whom."""
    sns = aws("sns")
    topic = sns.create_topic(Name="on-call")["TopicArn"]
    arn = aws("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    Pager(topic).page("t_7")

    told = json.loads(received(queue)[0]["Body"])
    assert told["Subject"] == "Urgent text waiting"
    assert told["Message"] == "Urgent: a text is waiting in the clinical queue (task t_7). Open the inbox now."


def test_a_page_that_does_not_go_out_is_unavailable(account):
    """The patient's text is then taken in again, and pages again."""
    with pytest.raises(Unavailable, match="did not take the page"):
        Pager("arn:aws:sns:us-east-1:123456789012:gone").page("t_7")
