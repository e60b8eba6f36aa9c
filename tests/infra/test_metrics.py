"""What an alarm waits for is published: every metric of ours that a template names, by the function it names."""

import ast

import pytest
from texting.telemetry import STATE_METRICS

from tests.infra.assembly import FUNCTIONS, ROOT, Assembly


def published(function: str) -> set[str]:
    """The metrics a handler can publish: what it counts by name, and a message's states if it counts those."""
    tree = ast.parse((ROOT / "functions" / function / "handler.py").read_text(encoding="utf-8"))
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    words = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    words |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg}
    return words | (set(STATE_METRICS.values()) if "telemetry.count_state" in calls else set())


def wanted(dev: Assembly) -> set[tuple[str, str]]:
    """(function, metric) of every alarm and graph on our own namespace."""
    alarms = [one.properties for one in dev.all("AWS::CloudWatch::Alarm")]
    return {(one["Dimensions"][0]["Value"], one["MetricName"]) for one in alarms if one["Namespace"] == "Quietline"}


def test_every_alarm_has_its_metric(dev: Assembly) -> None:
    """An alarm on a metric that nobody publishes never rings: each is counted in the handler of the function it names."""
    missing = [(function, metric) for function, metric in sorted(wanted(dev)) if metric not in published(function)]
    assert not missing


def test_the_graphs_have_theirs(dev: Assembly) -> None:
    """The dashboard shows nothing that is not published either."""
    (board,) = dev.all("AWS::CloudWatch::Dashboard")
    text = str(board.properties["DashboardBody"])
    assert {name for name in published("send") if name.startswith("Messages") and name in text} >= {
        "MessagesHanded",
        "MessagesRefused",
    }


@pytest.mark.parametrize("function", FUNCTIONS)
def test_alarms_name_functions(dev: Assembly, function: str) -> None:
    """Each alarm of ours names a function that exists, and the ones that must be watched are."""
    named = {name for name, _ in wanted(dev)}
    assert named <= set(FUNCTIONS)
    assert (function in named) == (function in {"send", "watch", "ledger"})
