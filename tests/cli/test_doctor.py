"""The doctor: a practice in order passes, and each thing that is not so costs its own line and the exit code."""

import json

import boto3
import pytest
from botocore.stub import Stubber
from texting.aws import account
from texting.records import Quarantined, Switch
from texting.values import Raw
from texting.writes import Change, New

from tests.journeys.stories import NOON


def test_a_practice_in_order_is_ready_to_text(operator):
    """Nothing is broken, and the exit code says so."""
    told = operator.run("doctor")

    assert told.exit_code == 0, told.output
    assert "Ready to text." in told.output
    assert not [one for one in operator.json("doctor")["findings"] if one["mark"] != "ok"]


def stopped(operator):
    operator.practice.world.store.commit(Change(Switch(True, "o_1", NOON)))


def sandboxed(operator):
    operator.carrier.network.tier = "SANDBOX"


def poor(operator):
    operator.carrier.network.spend_limit = 1


def one_way(operator):
    next(iter(operator.carrier.network.numbers.values())).two_way_topic = None


def dead_letter(operator):
    boto3.client("sqs").send_message(QueueUrl=_url(operator, "ChannelsInboundDead"), MessageBody='{"Message": "Ana"}')


def disabled_rule(operator):
    boto3.client("events").disable_rule(Name="tick")


def raised_alarm(operator):
    boto3.client("cloudwatch").set_alarm_state(AlarmName="a1", StateValue="ALARM", StateReason="test")


def vanished_alarm(operator):
    boto3.client("cloudwatch").delete_alarms(AlarmNames=["a1"])


def disabled_key(operator):
    boto3.client("kms").schedule_key_deletion(KeyId=operator.deployed.variable("SIGNING_KEY"))


def no_secret(operator):
    boto3.client("secretsmanager").delete_secret(SecretId="quietline/connections/main", ForceDeleteWithoutRecovery=True)


def faulty_settings(operator):
    operator.settings.write_text(operator.settings.read_text().replace('state = "IL"', 'state = "Illinois"'))


def late_ledger(operator):
    item = {"pk": {"S": "E#1"}, "sk": {"S": "ENTRY"}, "pending": {"S": "1"}, "at": {"S": "2026-12-01T17:30:00.000Z#1"}}
    boto3.client("dynamodb").put_item(TableName="ledger", Item=item)


def _url(operator, name):
    return operator.deployed.one("AWS::SQS::Queue", name)


@pytest.mark.parametrize(
    ("fault", "check", "says"),
    [
        (stopped, "switch", "All sending was stopped"),
        (sandboxed, "tier", "sandbox"),
        (poor, "spend", "The carrier stops at $1 a month"),
        (one_way, "two_way", "not even STOP"),
        (dead_letter, "dead_letters", "1 in inbound-dead"),
        (disabled_rule, "rules", "Disabled: LedgerTimetable"),
        (raised_alarm, "alarms", "In alarm: EventsDead"),
        (vanished_alarm, "alarms", "do not exist"),
        (disabled_key, "keys", "cannot be read"),
        (no_secret, "secrets", "The secret of the connection main"),
        (faulty_settings, "settings", "locations.state is not a US state"),
        (late_ledger, "ledger", "the oldest for 1800 s"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_each_fault_costs_its_line_and_the_exit_code(operator, fault, check, says):
    """What is not so is BROKEN with its remedy, and everything else is still looked at."""
    fault(operator)

    ran = operator.run("doctor", "--json")
    told = json.loads(ran.stdout)
    broken = [one for one in told["findings"] if one["mark"] == "broken"]
    assert [one["check"] for one in broken] == [check]
    assert says in broken[0]["says"]
    assert broken[0]["remedy"]
    assert told["ready"] is False
    assert ran.exit_code == 1


def test_a_quarantined_event_is_worth_a_look_but_stops_nobody(operator):
    """Quarantine is the source's fault: the table shows it, the exit code stays 0."""
    kept = Quarantined("q_1", "main", "standard-webhooks", "e1", "not_json", "Not JSON.", NOON, Raw("eyJ9"))
    operator.practice.world.store.commit(New(kept))

    ((mark, says, *_),) = operator.line("quarantine")
    assert (mark, "2027-03-02" in says) == ("look", True)
    assert operator.run("doctor").exit_code == 0


def test_what_may_not_be_asked_is_said_to_be_unknown_with_the_missing_right(operator):
    """AccessDenied costs one line that names the permission, never a traceback and never an ok."""
    with Stubber(account.patient("sns")) as stub:
        stub.add_client_error("list_subscriptions_by_topic", "AuthorizationError", http_status_code=403)
        stub.add_client_error("list_subscriptions_by_topic", "AuthorizationError", http_status_code=403)
        told = operator.run("doctor")

    assert told.exit_code == 0
    assert "cannot tell" in told.output
    assert "ListSubscriptionsByTopic" in told.output


@pytest.mark.parametrize("width", [30, 60, 200])
def test_the_table_folds_to_any_width_without_losing_a_word(operator, width):
    """A narrow terminal makes more lines, not fewer words."""
    poor(operator)
    told = operator.run("doctor", width=width).output

    assert max(len(line) for line in told.splitlines()) <= width
    assert "Spend" in "".join(told.split()) or "spend" in told
