"""A tiny deployment to try the runtime on: three functions, two queues, a topic, a bus, a rule and a REST API."""

import atexit
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from box.carrier import Carrier
from box.clock import BoxClock
from box.embedded_aws import EmbeddedAws
from box.runtime.nursery import Nursery
from box.runtime.running import Runtime, Wiring
from box.runtime.template import ACCOUNT, REGION, Assembly
from box.runtime.workers import beforehand
from box.timer import Timer

ASSETS = {"eater": "a" * 64, "door": "b" * 64, "clockwork": "c" * 64}

EATER = """
import json, os, sys, time
import boto3

def lambda_handler(event, context):
    failed = []
    for record in event["Records"]:
        what = json.loads(record["body"])["do"]
        print("ate", what, int(record["attributes"]["ApproximateReceiveCount"]), int(time.time()), flush=True)
        if what == "raise":
            raise RuntimeError("the whole batch")
        if what == "exit":
            os._exit(3)
        if what == "lie":
            failed.append({"itemIdentifier": "never heard of"})
        if what == "poison":
            failed.append({"itemIdentifier": record["messageId"]})
        if what == "call twice":
            sqs = boto3.client("sqs")
            sqs.list_queues()
            sqs.list_queues()
            print("called twice", flush=True)
    return {"batchItemFailures": failed}
"""

DOOR = """
import json
def lambda_handler(event, context):
    if event["path"] == "/broken":
        return "not an answer"
    told = {"event": event, "function": context.function_name, "left": context.get_remaining_time_in_millis()}
    return {"statusCode": 201, "headers": {"X-Box": "yes"}, "body": json.dumps(told)}
"""

CLOCKWORK = """
import datetime
def lambda_handler(event, context):
    print("tick", event["time"], datetime.datetime.now(datetime.UTC).isoformat(), flush=True)
"""


def get(logical_id: str, attribute: str = "Arn") -> dict[str, Any]:
    """GetAtt, for short."""
    return {"Fn::GetAtt": [logical_id, attribute]}


def function(name: str, **environment: Any) -> dict[str, Any]:
    """One function of the tiny deployment."""
    properties = {
        "FunctionName": name,
        "Handler": "handler.lambda_handler",
        "Runtime": "python3.13",
        "Code": {"S3Bucket": {"Fn::Sub": "assets-${AWS::AccountId}"}, "S3Key": f"{ASSETS[name]}.zip"},
        "Timeout": 5,
        "Environment": {"Variables": {"POWERTOOLS_SERVICE_NAME": name, **environment}},
    }
    return {"Type": "AWS::Lambda::Function", "Properties": properties}


def method(verb: str, resource: dict[str, Any]) -> dict[str, Any]:
    """One method of the tiny API, answered by the door."""
    uri = {
        "Fn::Join": [
            "",
            ["arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/", get("Door"), "/invocations"],
        ]
    }
    integration = {"Type": "AWS_PROXY", "IntegrationHttpMethod": "POST", "Uri": uri}
    return {
        "Type": "AWS::ApiGateway::Method",
        "Properties": {"HttpMethod": verb, "ResourceId": resource, "RestApiId": {"Ref": "Api"},
                       "AuthorizationType": "NONE", "Integration": integration},
    }  # fmt: skip


def below(parent: dict[str, Any], part: str) -> dict[str, Any]:
    """One path part of the tiny API."""
    return {
        "Type": "AWS::ApiGateway::Resource",
        "Properties": {"ParentId": parent, "PathPart": part, "RestApiId": {"Ref": "Api"}},
    }


def resources() -> dict[str, Any]:
    """The resources of the tiny deployment's code stack."""
    root = get("Api", "RootResourceId")
    layout = '{"method":"$context.httpMethod","path":"$context.resourcePath","status":"$context.status"}'
    return {
        "Dead": {"Type": "AWS::SQS::Queue"},
        "Work": {"Type": "AWS::SQS::Queue", "Properties": {
            "VisibilityTimeout": 30, "RedrivePolicy": {"deadLetterTargetArn": get("Dead"), "maxReceiveCount": 3}}},
        "Eater": function("eater", WORK_URL={"Ref": "Work"}),
        "Eats": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {
            "EventSourceArn": get("Work"), "FunctionName": {"Ref": "Eater"}, "BatchSize": 10,
            "FunctionResponseTypes": ["ReportBatchItemFailures"]}},
        "Topic": {"Type": "AWS::SNS::Topic"},
        "Hears": {"Type": "AWS::SNS::Subscription", "Properties": {
            "TopicArn": {"Ref": "Topic"}, "Protocol": "sqs", "Endpoint": get("Heard")}},
        "Heard": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "heard"}},
        "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "tiny"}},
        "OnBus": {"Type": "AWS::Events::Rule", "Properties": {
            "EventBusName": {"Ref": "Bus"}, "EventPattern": {"detail-type": ["appointment"]},
            "Targets": [{"Id": "heard", "Arn": get("Heard")}]}},
        "Group": {"Type": "AWS::Scheduler::ScheduleGroup", "Properties": {"Name": "tiny"}},
        "Clockwork": function("clockwork"),
        "Minute": {"Type": "AWS::Events::Rule", "Properties": {
            "ScheduleExpression": "rate(1 minute)", "Targets": [{"Id": "it", "Arn": get("Clockwork")}]}},
        "Night": {"Type": "AWS::Events::Rule", "Properties": {
            "ScheduleExpression": "cron(15 3 * * ? *)", "Targets": [{"Id": "it", "Arn": get("Clockwork")}]}},
        "Door": function("door"),
        "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "tiny", "BinaryMediaTypes": ["image/*"]}},
        "V1": below(root, "v1"),
        "Things": below({"Ref": "V1"}, "things"),
        "Thing": below({"Ref": "Things"}, "{thing_id}"),
        "Broken": below(root, "broken"),
        "PostThing": method("POST", {"Ref": "Thing"}),
        "GetBroken": method("GET", {"Ref": "Broken"}),
        "Stage": {"Type": "AWS::ApiGateway::Stage", "Properties": {
            "StageName": "v", "AccessLogSetting": {"Format": layout}}},
        "Alarm": {"Type": "AWS::CloudWatch::Alarm"},
    }  # fmt: skip


def write(folder: Path, **more: Any) -> Path:
    """Write the tiny deployment as `cdk synth` would; `more` are resources besides, or others in their place."""
    out = folder / "cdk.out"
    out.mkdir()
    for name, code in (("eater", EATER), ("door", DOOR), ("clockwork", CLOCKWORK)):
        asset = out / f"asset.{ASSETS[name]}"
        asset.mkdir()
        (asset / "handler.py").write_text(code)
    template = {"Resources": resources() | more}
    (out / "Tiny.template.json").write_text(json.dumps(template))
    return out


@cache
def nursery() -> Nursery:
    """One for all tests of a process: forking is quick, importing is not."""
    made = Nursery(beforehand(Path("/nowhere")))
    atexit.register(made.stop)
    return made


@contextmanager
def running(folder: Path) -> Iterator[Runtime]:
    """The tiny deployment at work, on a clock that stands still; nothing in it needs the embedded AWS."""
    clock = BoxClock()
    wiring = Wiring(Timer(clock), REGION, ACCOUNT)
    carrier = Carrier(wiring.timer, wiring.topics.publish)
    carrier.serve()
    runtime = Runtime(Assembly.read(write(folder)), wiring, carrier, EmbeddedAws(), folder)
    runtime.build()
    runtime.start(clock.share(folder / "clock"), nursery=nursery())
    try:
        yield runtime
    finally:
        runtime.stop()
        carrier.stop()


def logged(runtime: Runtime, name: str) -> list[str]:
    """What a function printed."""
    return (runtime.folder / "logs" / f"{name}.log").read_text().splitlines()


def feed(runtime: Runtime, *what: str) -> None:
    """Put work in the queue."""
    queue = next(queue for queue in runtime.wiring.queues.by_arn.values() if queue.dead)
    for word in what:
        runtime.wiring.queues.send(queue, json.dumps({"do": word}))


def pass_time(runtime: Runtime, **span: float) -> None:
    """Let the box's time pass."""
    runtime.wiring.timer.advance(timedelta(**span))
