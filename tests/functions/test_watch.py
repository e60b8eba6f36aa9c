"""The watch's function: least environment, one line, its figures."""

import json
from types import SimpleNamespace

import boto3
import pytest
from moto import mock_aws
from texting import telemetry
from texting.settings import COMMON

from functions.watch import handler
from tests.journeys.world import tables

CONTEXT = SimpleNamespace(aws_request_id="r-1")


@pytest.fixture
def deployed(monkeypatch):
    with mock_aws():
        given = {"MESSAGES_TABLE": "messages", "WORK_TABLE": "work", "LEDGER_TABLE": "ledger", "PRACTICE": "unused"}
        given["OUTBOX_QUEUE"] = boto3.client("sqs").create_queue(QueueName="outbox")["QueueUrl"]
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        tables()
        handler.world.cache_clear()
        yield given["OUTBOX_QUEUE"]
    handler.world.cache_clear()
    telemetry.metrics().clear_metrics()


def test_it_is_given_no_key():
    """The watch finds ids and counts; it could not open a record if it wanted to."""
    assert handler.Settings.variables() - COMMON == {"MESSAGES_TABLE", "WORK_TABLE", "LEDGER_TABLE", "OUTBOX_QUEUE"}


def test_a_stuck_text_is_put_back_and_counted(deployed, capsys, caplog):
    """A due message goes before the sender again by its id alone, and one line and the metrics say so."""
    item = {"pk": "M#m_1", "sk": "MESSAGE", "message_id": "m_1", "open_state": "planned"}
    item |= {"at": "2026-01-01T00:00:00.000Z", "send_at": "2026-01-02T00:00:00.000Z"}
    boto3.client("dynamodb").put_item(TableName="messages", Item={name: {"S": value} for name, value in item.items()})
    handler.lambda_handler({}, CONTEXT)
    taken = boto3.client("sqs").receive_message(QueueUrl=deployed)["Messages"]
    assert [json.loads(one["Body"]) for one in taken] == [{"message_id": "m_1"}]
    assert [vars(line)["put_back"] for line in caplog.records if line.message == "watch"] == [1]
    measured = json.loads(next(line for line in capsys.readouterr().out.splitlines() if '"_aws"' in line))
    assert (measured["MessagesPutBack"], measured["TasksOverdue"]) == ([1.0], [0.0])
    assert "LedgerLagSeconds" not in measured
