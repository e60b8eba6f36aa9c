"""Where a command works is found from what is deployed, and from nothing else."""

import json
import os
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from botocore.stub import Stubber
from texting.aws import account
from texting.errors import Misconfigured, NotAllowed, Unavailable, Unknown
from texting.rules.readiness import AGES, FUNCTIONS, LAG

import infra.carrier
from box.operator_file import logical
from cli import here
from cli.doctor import NONE_YET
from cli.here import Here

LIST, READ = "list_stack_resources", "get_function_configuration"
STACKS = ["data", "audit", "messaging", "web", "watch"]


@pytest.fixture
def stubbed():
    """CloudFormation and Lambda as they answer in a real account."""
    account.patient.cache_clear()
    with Stubber(account.patient("cloudformation")) as stacks, Stubber(account.patient("lambda")) as functions:
        yield stacks, functions
    account.patient.cache_clear()


def row(kind, logical_id, physical):
    """One resource as CloudFormation lists it."""
    row = {"LogicalResourceId": logical_id, "ResourceType": kind, "ResourceStatus": "CREATE_COMPLETE"}
    return row | {"PhysicalResourceId": physical, "LastUpdatedTimestamp": "2026-11-21T00:00:00Z"}


def test_names_come_from_the_environment_of_the_deployed_functions(stubbed):
    """Stacks lead to functions, functions to every name; a stack that is not there is passed over."""
    stacks, functions = stubbed
    for stack in STACKS:
        if stack != "messaging":
            stacks.add_client_error(LIST, "ValidationError", expected_params={"StackName": f"quietline-dev-{stack}"})
            continue
        rows = [row("AWS::Lambda::Function", "SendFunction38326C84", "send-1")]
        rows += [row("AWS::SQS::Queue", "ChannelsEventsDead7651A938", "https://sqs/dead")]
        stacks.add_response(LIST, {"StackResourceSummaries": rows}, {"StackName": "quietline-dev-messaging"})
    told = {"Environment": {"Variables": {"POWERTOOLS_SERVICE_NAME": "send", "WORK_TABLE": "w"}}}
    functions.add_response(READ, told, {"FunctionName": "send-1"})

    found = account.discover("quietline-dev")
    assert found.variable("WORK_TABLE") == "w"
    assert found.one("AWS::SQS::Queue", "ChannelsEventsDead") == "https://sqs/dead"
    with pytest.raises(Misconfigured, match="PEOPLE_TABLE"):
        found.variable("PEOPLE_TABLE")


def test_nothing_deployed_says_what_else_to_name(stubbed):
    """The sentence names prefix, region, profile and the box."""
    for _ in STACKS:
        stubbed[0].add_client_error(LIST, "ValidationError")

    with pytest.raises(Unknown, match=r"--stack-prefix.*--box"):
        account.discover("quietline-prod")


def test_a_refusal_of_aws_names_the_right_that_is_missing(stubbed):
    """Not the message of AWS, which may hold ARNs of people; the operation that was refused."""
    stubbed[0].add_client_error(LIST, "AccessDenied", "User: arn:aws:iam::1:user/ana is not authorized")

    with pytest.raises(NotAllowed, match="ListStackResources") as caught:
        account.discover("quietline-prod")
    assert "ana" not in str(caught.value)


def test_the_queues_topics_and_alarms_are_called_as_the_stacks_call_them(dev):
    """The command finds resources by their logical names: these are the ones that are synthesized."""
    names = {(one.type, one.name) for one in dev.all()}

    for word in here.WORK:
        assert (here.QUEUE, f"Channels{word.title()}Queue") in names
        assert (here.QUEUE, f"Channels{word.title()}Dead") in names
    for word in ("Schedules", "Timers"):
        assert (here.QUEUE, f"Channels{word}Dead") in names
    for name in ("ChannelsInboundTopic", "ChannelsReceiptsTopic", "Alarms"):
        assert (here.TOPIC, name) in names


def test_the_doctor_knows_the_functions_thresholds_and_placeholder_of_the_stacks(dev):
    """What the doctor expects is what is synthesized: a new function or another threshold shows here."""
    assert set(dev.functions()) == FUNCTIONS
    ages = {word: dev.one("AWS::CloudWatch::Alarm", f"{word.title()}Age").properties["Threshold"] for word in AGES}
    assert ages == AGES
    assert dev.one("AWS::CloudWatch::Alarm", "LedgerLagSecondsOfLedger").properties["Threshold"] == LAG
    assert NONE_YET == infra.carrier.NONE_YET


def test_the_box_calls_its_queues_by_the_same_names():
    """A name that the box generates gives back the logical one."""
    assert logical("Messaging-ChannelsEventsDead7651A938-0123456789ab") == "ChannelsEventsDead"


@pytest.fixture
def box(monkeypatch, tmp_path):
    """The file a box leaves, and its clock; returns the file's content, to be changed, and the writer of it."""

    class Clock(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"now": "2026-12-01T15:00:00Z"}')

        def log_message(self, *args):
            """Keep quiet."""

    server = HTTPServer(("127.0.0.1", 0), Clock)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    told = {"address": address, "region": "us-east-1", "account": "111111111111", "practice": "practice.toml"}
    told |= {"endpoints": {"aws": address, "sqs": address, "pinpoint-sms-voice-v2": address}, "resources": []}
    told |= {"environment": {"send": {"WORK_TABLE": "w"}}}
    monkeypatch.setattr(here, "OPERATOR_FILE", tmp_path / "operator.json")
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.setenv(name, os.environ[name])
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SQS", "AWS_ENDPOINT_URL_PINPOINT_SMS_VOICE_V2", "AWS_REGION"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    yield told, lambda: (tmp_path / "operator.json").write_text(json.dumps(told))
    server.shutdown()
    server.server_close()
    account.reach({"AWS_ENDPOINT_URL": ""})


def test_a_box_is_reached_through_the_file_it_wrote_and_on_its_own_clock(box):
    """Endpoints, names and the time are the box's."""
    told, write = box
    write()
    found = Here(box=told["address"])

    assert found.deployed.variable("WORK_TABLE") == "w"
    assert os.environ["AWS_ENDPOINT_URL_PINPOINT_SMS_VOICE_V2"] == told["address"]
    assert os.environ["AWS_ACCESS_KEY_ID"] == "111111111111"
    assert found.now.isoformat() == "2026-12-01T15:00:00+00:00"


def test_a_box_that_is_not_this_one_is_refused(box):
    """Two boxes on one machine are told apart by their address."""
    box[1]()

    with pytest.raises(Unavailable, match="--box-at"):
        assert Here(box="http://127.0.0.1:9").deployed


def test_no_box_is_a_sentence(box):
    """Without the file no box is running."""
    with pytest.raises(Unavailable, match="make demo"):
        assert Here(box=box[0]["address"]).deployed


def test_a_box_elsewhere_than_on_this_machine_is_refused(box):
    """A file that leads out of this machine is not a box's."""
    told, write = box
    told["endpoints"]["sqs"] = "https://sqs.us-east-1.amazonaws.com"
    write()

    with pytest.raises(Misconfigured, match="this machine only"):
        assert Here(box=told["address"]).deployed
