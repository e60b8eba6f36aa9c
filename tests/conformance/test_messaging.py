"""Queues, topics and schedules as we rely on them: nothing vanishes, and a name is used once.

Source: SQS Developer Guide ("Visibility timeout", "Dead-letter queues"), SNS Developer Guide ("Raw message delivery"),
EventBridge Scheduler User Guide and API reference.
"""

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.conftest import Cloud, differs


def received(cloud: Cloud, url: str, wait: int = 2) -> list[dict[str, Any]]:
    everything = {"MessageSystemAttributeNames": ["All"], "MessageAttributeNames": ["All"]}
    answer = cloud.client("sqs").receive_message(
        QueueUrl=url, WaitTimeSeconds=wait, MaxNumberOfMessages=10, **everything
    )
    return list(answer.get("Messages", []))


def test_a_message_not_deleted_comes_again_and_counts(cloud: Cloud) -> None:
    """A worker that dies gives its message back, and the next one can see that it is not the first."""
    url, _ = cloud.queue(VisibilityTimeout="1")
    cloud.client("sqs").send_message(QueueUrl=url, MessageBody="m-1")
    (first,) = received(cloud, url)
    assert received(cloud, url, wait=0) == []
    time.sleep(1.1)
    (second,) = received(cloud, url)
    assert (first["MessageId"], second["Body"]) == (second["MessageId"], "m-1")
    assert second["Attributes"]["ApproximateReceiveCount"] == "2"


def test_a_message_nobody_can_handle_reaches_the_dead_letters(cloud: Cloud) -> None:
    """After the allowed receives it is moved, with its body and attributes, and not lost."""
    dead, dead_arn = cloud.queue()
    policy = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": "1"})
    url, _ = cloud.queue(VisibilityTimeout="0", RedrivePolicy=policy)
    attribute = {"kind": {"DataType": "String", "StringValue": "receipt"}}
    cloud.client("sqs").send_message(QueueUrl=url, MessageBody="poison", MessageAttributes=attribute)
    assert len(received(cloud, url)) == 1
    assert received(cloud, url, wait=1 if cloud.name == "aws" else 0) == []
    (letter,) = received(cloud, dead)
    assert (letter["Body"], letter["MessageAttributes"]["kind"]["StringValue"]) == ("poison", "receipt")


@differs(ministack="accepts any delay")
def test_a_delay_is_at_most_fifteen_minutes(cloud: Cloud) -> None:
    """Waiting longer is a schedule's work."""
    url, _ = cloud.queue()
    with pytest.raises(ClientError) as caught:
        cloud.client("sqs").send_message(QueueUrl=url, MessageBody="m", DelaySeconds=901)
    assert "InvalidParameterValue" in caught.value.response["Error"]["Code"]


@pytest.mark.parametrize("raw", [False, True])
def test_a_topic_fills_a_queue(cloud: Cloud, raw: bool) -> None:
    """The carrier's events arrive in SNS's envelope, or as they are where raw delivery is on."""
    sns, sqs = cloud.client("sns"), cloud.client("sqs")
    url, arn = cloud.queue()
    topic = sns.create_topic(Name=cloud.unique("topic"))["TopicArn"]
    cloud.afterwards(lambda: sns.delete_topic(TopicArn=topic))
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(allowing(topic, arn))})
    how = {"RawMessageDelivery": str(raw).lower()}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=how)
    published = sns.publish(TopicArn=topic, Message='{"eventType":"TEXT_DELIVERED"}')["MessageId"]
    (message,) = received(cloud, url, wait=10)
    told = json.loads(message["Body"])
    if raw:
        assert told == {"eventType": "TEXT_DELIVERED"}
    else:
        assert (told["Type"], told["TopicArn"], told["MessageId"]) == ("Notification", topic, published)
        assert json.loads(told["Message"]) == {"eventType": "TEXT_DELIVERED"}
        assert told["Timestamp"].endswith("Z")


def allowing(topic: str, queue: str) -> dict[str, Any]:
    condition = {"ArnEquals": {"aws:SourceArn": topic}}
    allow = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    return {"Version": "2012-10-17", "Statement": [{**allow, "Resource": queue, "Condition": condition}]}


def schedule(name: str, expression: str = "at(2099-01-01T10:00:00)", **more: Any) -> dict[str, Any]:
    target = {"Arn": "arn:aws:sqs:us-east-1:000000000000:none", "RoleArn": "arn:aws:iam::000000000000:role/none"}
    window = {"FlexibleTimeWindow": {"Mode": "OFF"}, "Target": target | {"Input": "{}"}}
    return {"Name": name, "ScheduleExpression": expression, **window, **more}


@pytest.fixture
def scheduler(cloud: Cloud) -> Any:
    if cloud.name == "aws":
        pytest.skip("on a real account a schedule needs a role that this suite does not create")
    return cloud.client("scheduler")


def test_a_schedules_name_is_used_once(cloud: Cloud, scheduler: Any) -> None:
    """A duplicate of a planned message conflicts instead of firing twice."""
    name = cloud.unique("s")[-64:]
    scheduler.create_schedule(**schedule(name))
    with pytest.raises(scheduler.exceptions.ConflictException):
        scheduler.create_schedule(**schedule(name))


@differs(moto="raises KeyError inside")
def test_a_schedule_needs_its_group(cloud: Cloud, scheduler: Any) -> None:
    """A group that is not there is an error of its own type."""
    with pytest.raises(scheduler.exceptions.ResourceNotFoundException):
        scheduler.create_schedule(**schedule(cloud.unique("s")[-64:], GroupName="nobodys"))


@differs(moto="accepts anything", ministack="accepts anything")
def test_a_time_that_cannot_be_read_is_refused(cloud: Cloud, scheduler: Any) -> None:
    """A bad expression is an error when it is made, not a silence when it is due."""
    with pytest.raises(scheduler.exceptions.ValidationException):
        scheduler.create_schedule(**schedule(cloud.unique("s")[-64:], expression="at(tomorrow)"))


def test_a_schedule_that_is_gone_cannot_be_deleted_again(cloud: Cloud, scheduler: Any) -> None:
    """Taking back twice is told apart from taking back."""
    name = cloud.unique("s")[-64:]
    scheduler.create_schedule(**schedule(name))
    scheduler.delete_schedule(Name=name)
    with pytest.raises(scheduler.exceptions.ResourceNotFoundException):
        scheduler.delete_schedule(Name=name)
