"""The nightly function: what it is given, what it says."""

import json
from types import SimpleNamespace

import boto3
import pytest
from moto import mock_aws
from texting import telemetry
from texting.settings import COMMON

from functions.retention import handler
from tests.journeys.world import tables

CONTEXT = SimpleNamespace(aws_request_id="r-1", get_remaining_time_in_millis=lambda: 900_000)
ROOMS = ("PEOPLE", "VISITS", "MESSAGES", "WORK", "SECURE", "KEYS", "LEDGER")


@pytest.fixture
def deployed(monkeypatch):
    with mock_aws():
        for room in ROOMS:
            monkeypatch.setenv(f"{room}_TABLE", room.lower())
        monkeypatch.setenv("SEAL_KEY", boto3.client("kms").create_key()["KeyMetadata"]["KeyId"])
        monkeypatch.setenv("PRACTICE", "practice.example.toml")
        tables()
        handler.world.cache_clear()
        yield
    handler.world.cache_clear()
    telemetry.metrics().clear_metrics()


def test_its_environment_is_the_tables_and_the_key():
    """It reads and erases in every table, and sends nothing anywhere."""
    assert handler.Settings.variables() - COMMON == {*(f"{room}_TABLE" for room in ROOMS), "SEAL_KEY"}


def test_a_night_without_work_says_so_in_one_line(deployed, capsys, caplog):
    """Nothing due is a finished night, with its counts in a single line."""
    handler.lambda_handler({}, CONTEXT)
    (night,) = (vars(line) for line in caplog.records if line.message == "disposal")
    assert (night["state"], night["erased"], night["failed"]) == ("finished", 0, 0)
    measured = next(line for line in capsys.readouterr().out.splitlines() if '"_aws"' in line)
    assert json.loads(measured)["Disposed"] == [0.0]
