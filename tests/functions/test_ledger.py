"""The ledger's function: what it is given, what it logs, what it measures."""

import json
from types import SimpleNamespace

import pytest
from texting import telemetry

from functions.ledger import handler
from tests.aws.ledger_world import entries, ledger_world

CONTEXT = SimpleNamespace(aws_request_id="r-1", get_remaining_time_in_millis=lambda: 50_000)


@pytest.fixture
def ledger(monkeypatch):
    for name, value in {
        "PRACTICE": "practice.example.toml",
        "LEDGER_TABLE": "ledger",
        "LEDGER_BUCKET": "ledger-bucket",
        "SIGNING_KEY": "signing-key",
        "FORMER_SIGNING_KEY": "signing-key",
    }.items():
        monkeypatch.setenv(name, value)
    handler.press.cache_clear()
    with ledger_world() as world:
        yield world
    handler.press.cache_clear()
    telemetry.metrics().clear_metrics()


def metrics_in(lines):
    """The last EMF document among the lines printed."""
    return next(json.loads(line) for line in reversed(lines) if '"_aws"' in line)


def test_it_is_given_no_more_than_it_needs():
    """Its environment is the common one, the ledger's table and bucket, and the key."""
    own = handler.Settings.variables() - {
        "PRACTICE", "POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "AWS_ACCOUNT_ID_ENDPOINT_MODE"
    }  # fmt: skip
    assert own == {"LEDGER_TABLE", "LEDGER_BUCKET", "SIGNING_KEY", "FORMER_SIGNING_KEY"}


def test_a_run_publishes_and_tells_the_anchor(ledger, capsys, caplog):
    """One minute's run leaves a verified ledger, its anchor in the log, and its figures as metrics."""
    ledger.write(entries(0, 4))
    handler.lambda_handler({}, CONTEXT)
    lines = capsys.readouterr().out.splitlines()
    told = metrics_in(lines)
    assert ledger.verified().size == 4
    assert ledger.objects()["checkpoint"].startswith(b"text.glow.example/ledger\n4\n")
    assert [vars(line)["anchor"] for line in caplog.records if line.message == "ledger"] == [ledger.state()["anchor"]]
    assert (told["LedgerPublished"], told["LedgerPending"], told["LedgerUnreadable"]) == ([4.0], [0.0], [0.0])


def test_without_time_nothing_is_begun(ledger, capsys):
    """With too little time left, a run leaves the work to the next one and says how much waits."""
    ledger.write(entries(0, 4))
    handler.lambda_handler({}, SimpleNamespace(aws_request_id="r-1", get_remaining_time_in_millis=lambda: 5_000))
    told = metrics_in(capsys.readouterr().out.splitlines())
    assert ledger.objects() == {}
    assert (told["LedgerPublished"], told["LedgerPending"]) == ([0.0], [4.0])
