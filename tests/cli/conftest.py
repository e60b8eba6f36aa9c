"""A deployed practice on a mocked account, its number at the simulated carrier, and the operator's command on it."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import boto3
import pytest
import time_machine
from botocore.stub import Stubber
from texting import practice as settings
from texting.aws import account, clients
from texting.aws.account import Deployed, Resource
from typer.testing import CliRunner

from box.carrier import Carrier
from box.clock import BoxClock
from box.timer import Timer
from cli.main import app
from tests.infra.conftest import assemblies, dev  # noqa: F401 - fixtures, shared with the room that owns them
from tests.journeys.stories import EXAMPLE, NOON, OURS, Practice, practice_in_memory

CANARIES = ("Ana", "Ruiz", "3125550142", "312-555-0142", "Botox", "1990-05-17", "Glow Laser", "P-77")
TOPICS = "arn:aws:sns:us-east-1:123456789012:"
WORK = ("Events", "Outbox", "Inbound", "Receipts")
LISTED = "quietline-dev-opt-outs"
FUNCTIONS = "intake scheduling send inbound receipts consent portal inbox ledger retention watch".split()
BAA = {"name": "AWS Business Associate Addendum", "state": "ACTIVE"}


@dataclass
class Operator:
    """Someone at a terminal of 100 columns. Whatever they run, no patient may be read on it."""

    practice: Practice
    carrier: Carrier
    deployed: Deployed
    settings: Path
    printed: list[str] = field(default_factory=list)

    def run(self, *words, typed=None, width=100):
        """Run one command; what it printed is searched for the patient before it is handed over."""
        runner = CliRunner(env={"COLUMNS": str(width), "TERM": "dumb", "NO_COLOR": "1"})
        result = runner.invoke(app, [*words, "--practice", str(self.settings)], input=typed)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        self.printed.append(result.output)
        assert not [word for word in CANARIES if word in result.output]
        return result

    def json(self, *words, typed=None):
        """Run one command and read its JSON."""
        return json.loads(self.run(*words, "--json", typed=typed).stdout)

    def line(self, check):
        """How a check of the doctor stands, and what it says."""
        lines = [one for one in self.json("doctor")["findings"] if one["check"] == check]
        return [(one["mark"], one["says"]) for one in lines]

    def ledger(self):
        """The kinds of entries written so far, with their facts."""
        items = boto3.client("dynamodb").scan(TableName="ledger")["Items"]
        entries = [json.loads(item["entry"]["B"]) for item in items if "entry" in item]
        return {entry["kind"]: entry["facts"] | {"actor": entry["actor"]} for entry in entries}


@pytest.fixture
def operator(monkeypatch, tmp_path):
    """A practice in order: wired, locked, alarmed, quiet."""
    settings.load.cache_clear()
    with time_machine.travel(NOON, tick=False):
        for practice in practice_in_memory():
            carrier = Carrier(Timer(BoxClock()), lambda topic, body: None, account="123456789012")
            carrier.add_opt_out_list(LISTED)
            carrier.add_configuration_set("texts", TOPICS + "receipts")
            carrier.add_number(
                OURS, two_way_topic=TOPICS + "inbound", self_managed_opt_outs=True, opt_out_list=LISTED,
                registration_id="registration-00000000000000000000000000000001",
            )  # fmt: skip
            monkeypatch.setenv("AWS_ENDPOINT_URL_PINPOINT_SMS_VOICE_V2", carrier.serve())
            account.patient.cache_clear()
            clients.client.cache_clear()
            deployed = _deploy(practice)
            monkeypatch.setattr(account, "discover", {"quietline-prod": deployed}.get)
            file = tmp_path / "practice.toml"
            file.write_text(EXAMPLE, encoding="utf-8")
            quotas = _answering("service-quotas", "list_service_quotas", {"Quotas": [_quota(20.0)]})
            with quotas, _answering("artifact", "list_customer_agreements", {"customerAgreements": [BAA]}):
                yield Operator(practice, carrier, deployed, file)
            carrier.stop()
            account.patient.cache_clear()
            clients.client.cache_clear()


def _quota(value):
    return {"QuotaName": "SendTextMessage request rate", "Value": value}


def _answering(service, operation, answer):
    """What moto does not play, answered as often as it is asked in one test."""
    stub = Stubber(account.patient(service))
    for _ in range(8):
        stub.add_response(operation, answer)
    return stub


def _deploy(practice):
    """What the stacks would have made, as far as moto can."""
    sqs, sns, s3 = boto3.client("sqs"), boto3.client("sns"), boto3.client("s3")
    queues = {f"Channels{word}Queue": f"{word}Queue" for word in WORK}
    queues |= {f"Channels{word}Dead": f"{word}Dead" for word in (*WORK, "Schedules", "Timers")}
    found = [
        Resource("AWS::SQS::Queue", name, sqs.create_queue(QueueName=queue)["QueueUrl"])
        for name, queue in queues.items()
    ]
    for name in ("inbound", "receipts"):
        sns.create_topic(Name=name)
        found.append(Resource("AWS::SNS::Topic", f"Channels{name.title()}Topic", TOPICS + name))
    alarms = sns.create_topic(Name="alarms")["TopicArn"]
    sns.subscribe(TopicArn=alarms, Protocol="email", Endpoint="office@glow.example")
    found.append(Resource("AWS::SNS::Topic", "Alarms", alarms))
    boto3.client("cloudwatch").put_metric_alarm(
        AlarmName="a1", AlarmActions=[alarms], MetricName="m", Namespace="n", Period=60, EvaluationPeriods=1,
        Threshold=1, ComparisonOperator="GreaterThanThreshold", Statistic="Sum",
    )  # fmt: skip
    boto3.client("cloudwatch").set_alarm_state(AlarmName="a1", StateValue="OK", StateReason="quiet")
    found.append(Resource("AWS::CloudWatch::Alarm", "EventsDead", "a1"))
    boto3.client("events").put_rule(Name="tick", ScheduleExpression="rate(1 minute)")
    found.append(Resource("AWS::Events::Rule", "LedgerTimetable", "tick"))
    key = practice.world.store.vault.kms_key
    boto3.client("kms").enable_key_rotation(KeyId=key)
    found.append(Resource("AWS::KMS::Key", "SealKey", key))
    s3.create_bucket(Bucket="ledger", ObjectLockEnabledForBucket=True)
    rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 3653}}
    s3.put_object_lock_configuration(
        Bucket="ledger", ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    for name in ("main", "ehr"):
        boto3.client("secretsmanager").create_secret(
            Name=f"quietline/connections/{name}", SecretString=json.dumps({"current": "whsec_b2xk"})
        )
    return Deployed({name: _variables(key, found) for name in FUNCTIONS}, tuple(found))


def _variables(key, found):
    urls = {one.name: one.id for one in found}
    tables = {f"{name.upper()}_TABLE": name for name in "people visits messages work secure keys ledger".split()}
    more = {"SEAL_KEY": key, "OUTBOX_QUEUE": urls["ChannelsOutboxQueue"], "EVENTS_QUEUE": urls["ChannelsEventsQueue"]}
    more |= {"ORIGINATION": OURS, "CONFIGURATION_SET": "texts", "OPT_OUT_LIST": LISTED}
    return tables | more | {"LEDGER_BUCKET": "ledger", "SIGNING_KEY": key, "FORMER_SIGNING_KEY": key}
