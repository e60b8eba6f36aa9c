"""The house is still this house: imports point down, pure rooms stay pure, and no door is larger than its frame."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path("layers/texting/python/texting")
GROUND = {"values", "errors", "settings", "practice", "telemetry", "records", "writes", "doors"}
PURE = ("rules", "audit", "sources")
FLOOR = ("flows", "aws", "remote", "pages")
ANSWERS = "answers"
GROUND_MAY = {
    "values": set(),
    "errors": set(),
    "settings": {"errors"},
    "practice": {"errors", "values"},
    "records": {"values"},
    "writes": {"records", "values"},
    "telemetry": {"errors"},
    "doors": {"errors", "telemetry"},
}
CLOCKS = {"now", "utcnow", "today", "time", "monotonic"}


def imports(path):
    """Every module a file imports, however late."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def rooms_of(path):
    """The rooms of `texting` that a file imports."""
    found = (name.split(".") for name in imports(path) if name.startswith("texting."))
    return {parts[1] for parts in found} & (GROUND | {*PURE, *FLOOR, ANSWERS})


def files(*rooms):
    return [path for room in rooms for path in sorted((PACKAGE / room).rglob("*.py"))]


def within(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", files(*PURE), ids=str)
def test_pure_rooms_import_only_the_ground_and_each_others_words(path):
    """Rules, audit and sources know values, records and errors; nothing of the floors above them."""
    allowed = {within(path), "values", "errors", "records"} | ({"sources"} if within(path) == "rules" else set())

    assert rooms_of(path) <= allowed


@pytest.mark.parametrize("path", files(*PURE), ids=str)
def test_pure_rooms_touch_nothing_outside(path):
    """No AWS, no environment, no network, no logging; time comes in as an argument."""
    names = {name.split(".")[0] for name in imports(path)}
    assert not names & {"boto3", "botocore", "socket", "http", "urllib", "logging", "aws_lambda_powertools"}
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "os":
            assert node.attr == "path", f"{path}:{node.lineno} asks the operating system for more than a path"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS:
            owner = getattr(node.func.value, "id", getattr(node.func.value, "attr", ""))
            assert owner not in {"datetime", "date", "time"}, f"{path}:{node.lineno} reads a clock"


@pytest.mark.parametrize("path", files(*FLOOR), ids=str)
def test_the_floor_of_journeys_and_adapters_is_strangers_to_itself(path):
    """flows, aws, remote and pages import none of one another, and nothing of the answers above; a handler joins them."""
    assert not rooms_of(path) & ({*FLOOR, ANSWERS} - {within(path)})


@pytest.mark.parametrize("path", files(ANSWERS), ids=str)
def test_answers_join_journeys_with_pages_and_nothing_else(path):
    """What a door answers is told of a journey, in words or on a page; AWS and other systems come in as the world."""
    assert not rooms_of(path) & {"aws", "remote", "audit", "sources"}
    assert "datetime.now" not in path.read_text("utf-8"), "the time is the handler's to read"


@pytest.mark.parametrize("name", sorted(GROUND_MAY))
def test_the_ground_floor_leans_on_nothing_above_it(name):
    """Shared things know nobody."""
    path = PACKAGE / f"{name}.py"

    assert rooms_of(path) - {name} <= GROUND_MAY[name]


@pytest.mark.parametrize("path", sorted(p for p in PACKAGE.rglob("*.py") if "aws" not in p.parts), ids=str)
def test_boto3_lives_in_one_room(path):
    """The only place where boto3 is imported is texting/aws."""
    assert not {name.split(".")[0] for name in imports(path)} & {"boto3", "botocore"}


@pytest.mark.parametrize("path", sorted(Path("functions").glob("*/*.py")), ids=str)
def test_functions_are_one_file_that_knows_no_other_function(path):
    """One folder, one file, one deployed function; no boto3, no neighbour."""
    names = set(imports(path))
    assert path.name == "handler.py"
    assert not {name.split(".")[0] for name in names} & {"boto3", "botocore", "functions", "infra", "box"}


@pytest.mark.parametrize("path", sorted(Path("infra").rglob("*.py")), ids=str)
def test_infra_knows_nothing_of_the_package(path):
    """What ties the two is the test that compares each function's environment with its Settings."""
    assert not {name for name in imports(path) if name.split(".")[0] in {"texting", "functions", "box"}}


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=str)
def test_the_product_does_not_know_the_box(path):
    """Nothing in texting knows that the practice in a box exists."""
    assert "box" not in {name.split(".")[0] for name in imports(path)}


@pytest.mark.parametrize("path", sorted([*PACKAGE.rglob("*.py"), *Path("functions").rglob("*.py")]), ids=str)
def test_every_module_says_what_it_promises(path):
    """A module without a docstring explains nothing to a stranger."""
    assert ast.get_docstring(ast.parse(path.read_text("utf-8"))), path


OURS = [
    *PACKAGE.rglob("*.py"),
    *Path("functions").rglob("*.py"),
    *Path("infra").rglob("*.py"),
    *Path("box").rglob("*.py"),
]


@pytest.mark.parametrize("path", OURS, ids=str)
def test_rooms_stay_small(path):
    """Files under 400 lines, functions of at most 50."""
    text = path.read_text("utf-8")
    assert text.count("\n") <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 50, f"{path}:{node.lineno} {node.name}"
