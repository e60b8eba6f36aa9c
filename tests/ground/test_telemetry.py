"""Logs and metrics: only listed fields, only ids and codes, and never a library's own words."""

import ast
import json
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError
from texting import telemetry
from texting.errors import Bug, Contended
from texting.values import PhoneNumber

CODE = sorted([*Path("layers/texting/python/texting").rglob("*.py"), *Path("functions").rglob("*.py")])
CONTEXT = SimpleNamespace(aws_request_id="request-1")


@pytest.fixture
def lines():
    """What the logger writes, line by line, as objects."""
    telemetry.logger.cache_clear()
    written = StringIO()
    handler = telemetry.logger().registered_handler
    before = handler.setStream(written)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    handler.setStream(before)


@pytest.fixture(autouse=True)
def no_metrics_left():
    """Each test begins and ends without collected metrics."""
    telemetry.metrics().clear_metrics()
    yield
    telemetry.metrics().clear_metrics()


def test_one_item_is_one_line(lines):
    """A line says which event, its ids and its outcome; what is empty is left out."""
    telemetry.log("message", message_id="m_1", state="handed", reason="", task_id=None, count=0)

    [line] = lines()
    assert (line["message"], line["message_id"], line["state"], line["count"]) == ("message", "m_1", "handed", 0)
    assert {"reason", "task_id"} & line.keys() == set()


@pytest.mark.parametrize("field", ["phone", "body", "name", "birth_date", "to", "words", "appointment"])
def test_a_field_that_is_not_listed_is_a_bug(lines, field):
    """Nobody can begin to log a number by writing one line of code."""
    with pytest.raises(Bug, match=f"no field called {field}"):
        telemetry.log("message", **{field: "x"})
    assert lines() == []


def test_a_hidden_value_in_a_listed_field_shows_its_kind(lines):
    """Should one slip into a field that exists, its type keeps it."""
    telemetry.log("message", reason=PhoneNumber("+13125550142"))

    assert lines()[0]["reason"] == "<PhoneNumber>"


def test_a_fault_of_ours_tells_its_class_and_sentence(lines):
    """Our own sentence is safe to log, and says enough to find the place."""
    telemetry.fault("send_failed", Contended("Somebody else wrote first: Number."), message_id="m_1")

    [line] = lines()
    assert (line["level"], line["error"], line["message_id"]) == ("ERROR", "Contended", "m_1")
    assert line["reason"] == "Somebody else wrote first: Number."


def library_faults():
    """Errors as libraries raise them, with somebody's number inside."""
    yield ClientError(
        {"Error": {"Code": "ValidationException", "Message": "+13125550142 is no number"}}, "SendTextMessage"
    )
    yield ValueError("invalid literal: '+13125550142'")
    yield KeyError("+13125550142")
    try:
        raise Contended("Somebody else wrote first.") from ValueError("+13125550142")
    except Contended as chained:
        yield chained


@pytest.mark.parametrize("error", list(library_faults()), ids=lambda error: type(error).__name__)
def test_a_library_s_words_are_never_logged(lines, error):
    """Whatever a library put into its message, or an error of ours was raised from, only classes are told."""
    telemetry.fault("send_failed", error)

    [line] = lines()
    assert line["error"] == type(error).__name__
    assert "5550142" not in json.dumps(line)


def test_a_fault_tells_no_field_that_is_not_listed(lines):
    """The list holds for faults too; a fault is not lost over a field, the field is."""
    telemetry.fault("send_failed", ValueError(), phone="+13125550142", message_id="m_1")

    [line] = lines()
    assert line["message_id"] == "m_1"
    assert "5550142" not in json.dumps(line)


def test_a_failing_item_is_logged_and_raised_on(lines):
    """The batch learns which item failed, and the log why, without the item."""

    @telemetry.each("receipt_failed")
    def one(record):
        raise ValueError(record["number"])

    with pytest.raises(ValueError):
        one({"number": "+13125550142"})
    assert [line["message"] for line in lines()] == ["receipt_failed"]
    assert "5550142" not in json.dumps(lines())


def emitted(capsys):
    """The metric lines written so far."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]


def test_metrics_leave_as_embedded_metric_format(capsys):
    """One line per invocation that CloudWatch can read: namespace, the service as only dimension, counts."""
    telemetry.count("MessagesHanded")
    telemetry.count("MessagesHanded")
    telemetry.count("LedgerPending", 7)
    telemetry.flush()

    [line] = emitted(capsys)
    [directive] = line["_aws"]["CloudWatchMetrics"]
    assert isinstance(line["_aws"]["Timestamp"], int)
    assert directive["Namespace"] == "Quietline"
    assert directive["Dimensions"] == [["service"]]
    assert {one["Name"]: one["Unit"] for one in directive["Metrics"]} == {
        "MessagesHanded": "Count",
        "LedgerPending": "Count",
    }
    assert (line["MessagesHanded"], line["LedgerPending"], line["service"]) == ([1.0, 1.0], [7.0], "tests")
    assert set(line) == {"_aws", "service", "MessagesHanded", "LedgerPending"}


def test_metrics_are_flushed_once(capsys):
    """What was written is not written again, and nothing is written where nothing was counted."""
    telemetry.count("OptOuts")
    telemetry.flush()
    telemetry.flush()

    assert len(emitted(capsys)) == 1


def test_a_handler_s_metrics_leave_even_when_it_fails(capsys):
    """A failing invocation is when its numbers matter most."""

    @telemetry.observed
    def handler(event, context):
        telemetry.count("SignaturesRefused")
        raise ValueError

    with pytest.raises(ValueError):
        handler({}, CONTEXT)
    assert len(emitted(capsys)) == 1


def test_an_observed_handler_logs_no_event(lines):
    """The request id is on every line; what was asked is on none."""

    @telemetry.observed
    def handler(event, context):
        telemetry.log("request", status=200)
        return event["body"]

    assert handler({"body": "Ana Ruiz"}, CONTEXT) == "Ana Ruiz"
    assert lines()[0]["function_request_id"] == "request-1"
    assert "Ana" not in json.dumps(lines())


@pytest.mark.parametrize(
    ("state", "name"),
    [
        ("handed", "MessagesHanded"),
        ("withdrawn", "MessagesRefused"),
        ("in_doubt", "MessagesInDoubt"),
        ("delivered", None),
    ],
)
def test_states_that_somebody_watches_are_counted(capsys, state, name):
    """An alarm or the dashboard looks at these; the others cost nothing."""
    telemetry.count_state(state)
    telemetry.flush()

    assert [set(line) - {"_aws", "service"} for line in emitted(capsys)] == ([{name}] if name else [])


@pytest.mark.parametrize("path", CODE, ids=str)
def test_the_code_logs_listed_fields_only(path):
    """Every call in the house names fields of the list, so that no line fails in the night for a misspelt one.

    What a call spreads out is checked when it runs: `log` raises, and each handler has a test that runs it.
    """
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call) or path.name == "telemetry.py":
            continue
        called = ast.unparse(node.func)
        if called in {"telemetry.log", "telemetry.fault"}:
            assert {keyword.arg for keyword in node.keywords if keyword.arg} <= telemetry.FIELDS, (
                f"{path}:{node.lineno}"
            )


@pytest.mark.parametrize("path", CODE, ids=str)
def test_nobody_else_writes_logs(path):
    """print, logging and tracebacks stay out of the product: telemetry is the one way out, but for a command's answer."""
    tree = ast.parse(path.read_text("utf-8"))
    answers = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "main"]
    commands = {id(inner) for node in answers for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = getattr(node, "module", None) or node.names[0].name
            assert module.split(".")[0] not in {"logging", "traceback", "warnings", "rich"}, f"{path}:{node.lineno}"
        if isinstance(node, ast.Call) and id(node) not in commands and path.name != "telemetry.py":
            called = ast.unparse(node.func)
            assert called not in {"print", "sys.stdout.write", "sys.stderr.write"}, f"{path}:{node.lineno}"
