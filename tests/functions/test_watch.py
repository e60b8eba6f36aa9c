"""The watch's function: least environment, one line, its figures, and the night's errand."""

import json
from datetime import timedelta

import boto3
import pytest
import time_machine
from texting import telemetry
from texting.settings import COMMON
from texting.values import PhoneNumber

from box.carrier import Carrier as Simulator
from box.clock import BoxClock
from box.timer import Timer
from functions.watch import handler
from tests.functions.conftest import deployed
from tests.journeys.stories import ANA, BEN, EXAMPLE, NOON

LIST = "glow-opt-outs"


class Context:
    """What Lambda hands over."""

    aws_request_id = "r-1"

    @staticmethod
    def get_remaining_time_in_millis():
        return 600_000


@pytest.fixture
def carrier(monkeypatch):
    """The carrier's API behind a socket, with our list."""
    simulator = Simulator(Timer(BoxClock(NOON)), lambda topic, told: None, region="us-east-1", account="111111111111")
    simulator.serve()
    monkeypatch.setenv("AWS_ENDPOINT_URL_PINPOINT_SMS_VOICE_V2", simulator.endpoint)
    simulator.network.add_list(LIST)
    yield simulator
    simulator.stop()


@pytest.fixture
def practice(tmp_path, monkeypatch):
    """A practice with the watch deployed beside it."""
    monkeypatch.setenv("OPT_OUT_LIST", LIST)
    with deployed(tmp_path, EXAMPLE) as built:
        handler.sweep.cache_clear()
        handler.world.cache_clear()
        yield built
    handler.sweep.cache_clear()
    handler.world.cache_clear()
    telemetry.metrics().clear_metrics()


def measured(capsys):
    """The metrics of the last run."""
    lines = [line for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    return {name: value for name, value in json.loads(lines[-1]).items() if isinstance(value, list)}


def test_it_is_given_what_the_night_needs_and_no_more():
    """Looking around opens nothing; the key, the people and the list are for telling the carrier numbers."""
    assert handler.Settings.variables() - COMMON == {
        *("PEOPLE_TABLE", "MESSAGES_TABLE", "WORK_TABLE", "KEYS_TABLE", "LEDGER_TABLE"),
        *("SEAL_KEY", "OUTBOX_QUEUE", "OPT_OUT_LIST"),
    }


def test_a_stuck_text_is_put_back_and_counted(practice, outbox, capsys, caplog):
    """A due message goes before the sender again by its id alone, and one line and the metrics say so."""
    practice.consents("P-1", ANA)
    practice.hears()
    (due,) = practice.lists.outbox
    practice.clock.move_to(NOON + timedelta(minutes=20))
    handler.lambda_handler({}, Context())
    assert outbox() == [due]
    assert [vars(line)["put_back"] for line in caplog.records if line.message == "watch"] == [1]
    found = measured(capsys)
    assert (found["MessagesPutBack"], found["TasksOverdue"], found["MessagesInDoubt"]) == ([1.0], [0.0], [0.0])
    assert "LedgerLagSeconds" not in found


def test_the_months_money_is_told_and_people_warned_once(practice, capsys):
    """Below four fifths it is a figure; from there on also a task, one for the month."""
    for spent, tasks in ((159_990_000, []), (10_000, ["spend_near_limit"]), (5_000_000, ["spend_near_limit"])):
        practice.world.store.count("spend", "2026-12", spent)
        handler.lambda_handler({}, Context())
        assert practice.tasks() == tasks
    assert measured(capsys)["SpendUsd"] == [165.0]


def test_at_night_the_two_lists_are_brought_together(practice, carrier, capsys):
    """The first pass after nine (UTC) tells the carrier of a STOP and hears of one from it; the next passes do not."""
    practice.consents("P-2", BEN)
    practice.texts("STOP")
    boto3.client("pinpoint-sms-voice-v2").put_opted_out_number(OptOutListName=LIST, OptedOutNumber=BEN)
    with time_machine.travel(NOON.replace(day=3, hour=9, minute=16), tick=False):
        handler.lambda_handler({}, Context())
    assert set(carrier.network.lists[LIST].numbers) == {BEN}
    with time_machine.travel(NOON.replace(day=3, hour=9, minute=3), tick=False):
        handler.lambda_handler({}, Context())
    assert set(carrier.network.lists[LIST].numbers) == {ANA, BEN}
    found = measured(capsys)
    assert (found["OptOutsListed"], found["OptOutsFromCarrier"]) == ([1.0], [1.0])
    assert practice.world.store.number(practice.world.ids.number_id(PhoneNumber(BEN))).stopped
    assert practice.tasks() == ["listed_by_carrier"]
