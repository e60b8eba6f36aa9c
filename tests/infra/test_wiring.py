"""How the functions are started and what they are told: the box runs from the same templates, so this is its wiring too."""

import importlib.util
import json
import re
import sys
from types import ModuleType
from typing import Any

import pytest

from infra.doors import ACCESS_LOG, ROUTES
from tests.infra.assembly import FUNCTIONS, ROOT, Assembly, Resource

QUEUES = {"scheduling": "Events", "send": "Outbox", "inbound": "Inbound", "receipts": "Receipts"}
TIMETABLES = {"ledger": "rate(1 minute)", "retention": "cron(15 3 * * ? *)", "watch": "rate(15 minutes)"}
TRIES = {"Events": 5, "Outbox": 3, "Inbound": 5, "Receipts": 5}
INTRINSICS = {"Ref", "Fn::GetAtt", "Fn::Join", "Fn::ImportValue", "Fn::Sub"}


def handler(function: str) -> ModuleType:
    """The function's module, loaded from its folder as Lambda would, without a name that others could collide with."""
    path = ROOT / "functions" / function / "handler.py"
    spec = importlib.util.spec_from_file_location(f"handler_of_{function}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_every_function_is_deployed(dev: Assembly) -> None:
    """The eleven functions of the design are there, and no other."""
    assert set(dev.functions()) == set(FUNCTIONS)


@pytest.mark.parametrize("function", sorted(path.parent.name for path in (ROOT / "functions").glob("*/handler.py")))
def test_environment_is_what_the_handler_reads(dev: Assembly, function: str) -> None:
    """A function is given exactly the variables that its Settings name: none missing, none that it does not need."""
    given = set(dev.functions()[function].properties["Environment"]["Variables"])
    assert given == handler(function).Settings.variables()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_environment_holds_no_secret(dev: Assembly, function: str) -> None:
    """What a function is told are names, addresses and ARNs; whoever may read its configuration learns no secret."""
    variables = dev.functions()[function].properties["Environment"]["Variables"]
    for name, value in variables.items():
        assert isinstance(value, dict) or name in {
            *("PRACTICE", "POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "AWS_ACCOUNT_ID_ENDPOINT_MODE"),
            *("ORIGINATION", "SCHEDULE_GROUP"),
        }, name


@pytest.mark.parametrize("function", FUNCTIONS)
def test_common_settings(dev: Assembly, function: str) -> None:
    """Every function runs Python 3.13 on arm64 with both layers, a log of its own and a trace, and reserves nothing."""
    properties = dev.functions()[function].properties
    assert (properties["Runtime"], properties["Architectures"]) == ("python3.13", ["arm64"])
    assert properties["Handler"] == "handler.lambda_handler"
    assert {layer["Ref"][:-8] for layer in properties["Layers"]} == {"ThirdPartyLayer", "TextingLayer"}
    assert properties["TracingConfig"] == {"Mode": "Active"}
    assert "ReservedConcurrentExecutions" not in properties


@pytest.mark.parametrize(("function", "queue"), QUEUES.items())
def test_queue_functions(dev: Assembly, function: str, queue: str) -> None:
    """A queue is read ten at a time with single failures reported, is invisible for six timeouts, and gives up in order."""
    reader = dev.functions()[function]
    read = dev.one("AWS::SQS::Queue", f"Channels{queue}Queue")
    (mapping,) = (
        one for one in dev.all("AWS::Lambda::EventSourceMapping") if one.name == f"{function.title()}FunctionQueue"
    )
    assert mapping.properties["FunctionName"] == {"Ref": reader.logical_id}
    assert mapping.properties["EventSourceArn"] == {"Fn::GetAtt": [read.logical_id, "Arn"]}
    assert mapping.properties["BatchSize"] == 10
    assert mapping.properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert read.properties["VisibilityTimeout"] == 6 * reader.properties["Timeout"]
    assert read.properties["RedrivePolicy"]["maxReceiveCount"] == TRIES[queue]


def test_only_queue_functions_read_queues(dev: Assembly) -> None:
    """There are four readers, one per queue."""
    assert len(dev.all("AWS::Lambda::EventSourceMapping")) == len(QUEUES)


@pytest.mark.parametrize(("function", "expression"), TIMETABLES.items())
def test_timetables(dev: Assembly, function: str, expression: str) -> None:
    """The three functions that nobody calls run on their timetable, and a start that fails ends in a dead letter."""
    rule = dev.one("AWS::Events::Rule", f"{function.title()}Timetable").properties
    assert rule["ScheduleExpression"] == expression
    (target,) = rule["Targets"]
    assert target["Arn"]["Fn::GetAtt"][0] == dev.functions()[function].logical_id
    assert target["DeadLetterConfig"]["Arn"]["Fn::GetAtt"][0].startswith("ChannelsTimersDead")


def test_appointments_from_the_bus(dev: Assembly) -> None:
    """The practice's own systems put appointments on the bus; they enter the same queue as the webhooks."""
    rule = dev.one("AWS::Events::Rule", "ChannelsAppointments").properties
    assert rule["EventPattern"] == {"detail-type": ["appointment"]}
    (target,) = rule["Targets"]
    assert target["Arn"]["Fn::GetAtt"][0].startswith("ChannelsEventsQueue")
    assert "InputTransformer" not in target


@pytest.mark.parametrize("channel", ["Inbound", "Receipts"])
def test_carrier_topics(dev: Assembly, channel: str) -> None:
    """What the carrier publishes arrives in our queue in SNS's own envelope; nobody else may publish or send there."""
    topic = dev.one("AWS::SNS::Topic", f"Channels{channel}Topic")
    (subscription,) = (
        one.properties
        for one in dev.all("AWS::SNS::Subscription")
        if one.properties["TopicArn"]["Ref"] == topic.logical_id
    )
    assert subscription["Protocol"] == "sqs"
    assert not subscription.get("RawMessageDelivery", False)
    assert subscription["Endpoint"]["Fn::GetAtt"][0].startswith(f"Channels{channel}Queue")
    (policy,) = (
        one for one in dev.all("AWS::SNS::TopicPolicy") if one.properties["Topics"] == [{"Ref": topic.logical_id}]
    )
    publishers = [s for s in policy.properties["PolicyDocument"]["Statement"] if s["Effect"] == "Allow"]
    assert [s["Principal"] for s in publishers] == [{"Service": "sms-voice.amazonaws.com"}]


def test_queue_doors_name_their_source(dev: Assembly) -> None:
    """Whichever service may put something into a queue may do so for one named source of ours only."""
    for policy in dev.all("AWS::SQS::QueuePolicy"):
        for statement in policy.properties["PolicyDocument"]["Statement"]:
            if statement["Effect"] == "Allow":
                assert statement["Action"] == "sqs:SendMessage"
                assert list(statement["Condition"]) == ["ArnEquals"], policy.logical_id


def test_receipts_of_every_text(dev: Assembly) -> None:
    """The configuration set publishes every event of a text, and nothing of calls or media."""
    (made,) = dev.all("AWS::SMSVOICE::ConfigurationSet")
    (destination,) = made.properties["EventDestinations"]
    assert destination["MatchingEventTypes"] == ["TEXT_ALL"]
    assert destination["SnsDestination"]["TopicArn"]["Ref"].startswith("ChannelsReceiptsTopic")


def test_numbers(dev: Assembly, prod: Assembly) -> None:
    """The stacks make no number but a simulator, and that only when the practice asks; it reports to our inbound topic."""
    assert not dev.all("AWS::SMSVOICE::PhoneNumber")
    (number,) = prod.all("AWS::SMSVOICE::PhoneNumber")
    assert number.properties["NumberType"] == "SIMULATOR"
    assert number.properties["SelfManagedOptOutsEnabled"] is True
    assert number.properties["TwoWay"]["ChannelArn"]["Ref"].startswith("ChannelsInboundTopic")


def test_no_schedule_in_a_template(assemblies: dict[str, Assembly]) -> None:
    """Schedules are made at run time and carry an id; none stands in a template, where it could carry more."""
    assert not [one.logical_id for stage in assemblies.values() for one in stage.all("AWS::Scheduler::Schedule")]


def test_routes(dev: Assembly) -> None:
    """Every route of the design leads to its function, and there is no other."""
    found = {
        (one.properties["HttpMethod"], _path(dev, one)): _behind(one) for one in dev.all("AWS::ApiGateway::Method")
    }
    assert found == {(route.method, route.path): route.function.title() for route in ROUTES}


def test_pace_of_every_route(dev: Assembly) -> None:
    """Each method has a pace of its own, and what has none shares the stage's."""
    (stage,) = dev.all("AWS::ApiGateway::Stage")
    paced = {(one["HttpMethod"], one["ResourcePath"]): one for one in stage.properties["MethodSettings"]}
    assert {("*", "/*")} | {(route.method, _written(route.path)) for route in ROUTES} == set(paced)
    for settings in paced.values():
        assert 0 < settings["ThrottlingRateLimit"] <= settings["ThrottlingBurstLimit"] <= 200


def test_access_log_holds_no_url(dev: Assembly) -> None:
    """The access log keeps the resource path, `/m/{token}`, and neither the URL nor who asked; the API is not traced."""
    (stage,) = dev.all("AWS::ApiGateway::Stage")
    assert stage.properties["AccessLogSetting"]["Format"] == ACCESS_LOG
    variables = set(re.findall(r"\$context\.([A-Za-z.]+)", ACCESS_LOG))
    assert "resourcePath" in variables
    assert not variables & {
        "path",
        "identity.sourceIp",
        "identity.userAgent",
        "identity.caller",
        "authorizer.principalId",
    }
    assert not stage.properties.get("TracingEnabled", False)
    assert {one.get("LoggingLevel") for one in stage.properties["MethodSettings"]} <= {"OFF", None}
    assert not [one for one in stage.properties["MethodSettings"] if one.get("DataTraceEnabled")]


def test_bodies_arrive_as_sent(dev: Assembly) -> None:
    """Every media type counts as binary, so that signatures are checked over the very bytes that were signed."""
    (api,) = dev.all("AWS::ApiGateway::RestApi")
    assert api.properties["BinaryMediaTypes"] == ["*/*"]
    assert api.properties["EndpointConfiguration"] == {"Types": ["REGIONAL"]}


def test_firewall(dev: Assembly) -> None:
    """The stage stands behind AWS's common rules, known bad inputs and a pace per address; no sample or log shows a URL."""
    (acl,) = dev.all("AWS::WAFv2::WebACL")
    assert [rule["Name"] for rule in acl.properties["Rules"]] == [
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
        "PerAddress",
    ]
    seen = [acl.properties["VisibilityConfig"], *(rule["VisibilityConfig"] for rule in acl.properties["Rules"])]
    assert not [one for one in seen if one["SampledRequestsEnabled"]]
    (logging,) = dev.all("AWS::WAFv2::LoggingConfiguration")
    hidden = logging.properties["RedactedFields"]
    assert {"UriPath": {}} in hidden
    assert {"QueryString": {}} in hidden
    assert {"SingleHeader": {"Name": "authorization"}} in hidden


def test_own_address(dev: Assembly, prod: Assembly) -> None:
    """With a certificate the practice's own domain answers, by TLS 1.2, and AWS's long one no longer does."""
    assert not dev.all("AWS::ApiGateway::DomainName")
    (named,) = prod.all("AWS::ApiGateway::DomainName")
    assert (named.properties["DomainName"], named.properties["SecurityPolicy"]) == ("text.glow.example", "TLS_1_2")
    (api,) = prod.all("AWS::ApiGateway::RestApi")
    assert api.properties["DisableExecuteApiEndpoint"] is True


def test_only_functions_the_box_reads(assemblies: dict[str, Assembly]) -> None:
    """The templates hold no conditions, mappings, parameters or macros, and only references that the box can follow."""
    for assembly in assemblies.values():
        for template in assembly.templates.values():
            assert set(template) <= {"Resources", "Outputs"}
            used = set(re.findall(r'"(Fn::[A-Za-z]+|Ref)":', json.dumps(template)))
            assert used <= INTRINSICS
        assert not [one for one in assembly.all() if one.type.startswith(("Custom::", "AWS::CloudFormation::"))]


def test_exports_have_plain_names(dev: Assembly) -> None:
    """An export's name is a plain text, so that one stack's output is found by another's import."""
    for template in dev.templates.values():
        for output in template.get("Outputs", {}).values():
            assert isinstance(output.get("Export", {}).get("Name", ""), str)


def _written(path: str) -> str:
    return "/" + path.replace("/", "~1")


def _behind(method: Resource) -> str:
    uri: Any = method.properties["Integration"]["Uri"]
    (function,) = [
        part["Fn::GetAtt"][0] for part in uri["Fn::Join"][1] if isinstance(part, dict) and "Fn::GetAtt" in part
    ]
    return str(function)[:-8].removesuffix("Function")


def _path(dev: Assembly, method: Resource) -> str:
    parts = {one.logical_id: one.properties for one in dev.all("AWS::ApiGateway::Resource")}
    at, path = method.properties["ResourceId"].get("Ref"), ""
    while at in parts:
        path = f"/{parts[at]['PathPart']}{path}"
        at = parts[at]["ParentId"].get("Ref")
    return path
