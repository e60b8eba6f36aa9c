"""docs/incidents.md is held to the code: every row is there, every story can be played, every test exists."""

import ast
import re
from pathlib import Path

import pytest

from box.scenarios import STORIES
from box.scenarios.incidents import INCIDENTS, by_row

PAGE = Path("docs/incidents.md").read_text("utf-8")
ROWS = [[cell.strip() for cell in line.strip("| \n").split(" | ")] for line in PAGE.splitlines() if line[:3] == "| C"]
TEST = re.compile(r"\[(test_\w+)\]\(\.\./(tests/[\w/]+\.py)\)")
STORY = re.compile(r"`(c\d+-[a-z0-9-]+)`")
NO_STORY = {"C29"}


def row_of(name):
    return f"C{by_row(name)}"


def test_every_row_is_there_once_and_in_order():
    """C1 to C40, each with its five cells."""
    assert [row[0] for row in ROWS] == [f"C{at}" for at in range(1, 41)]
    assert {len(row) for row in ROWS} == {5}
    assert all(cell for row in ROWS for cell in row)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_names_its_story_and_tests_that_exist(row):
    """The story can be played under its name, and each test is a function of the file it is said to be in."""
    stories = STORY.findall(row[2])
    assert bool(stories) is (row[0] not in NO_STORY)
    assert all(row_of(name) == row[0] and name in STORIES for name in stories)
    tests = TEST.findall(row[4])
    assert tests
    for name, path in tests:
        functions = [
            one for one in ast.walk(ast.parse(Path(path).read_text("utf-8"))) if isinstance(one, ast.FunctionDef)
        ]
        assert name in {one.name for one in functions}, f"{path}: {name}"


def test_every_story_of_an_incident_stands_in_its_row():
    """No story is played that the page does not tell of."""
    assert {name for row in ROWS for name in STORY.findall(row[2])} == set(INCIDENTS)


@pytest.mark.parametrize("name", INCIDENTS)
def test_a_storys_docstring_begins_with_its_row(name):
    """Who reads the code finds the row, and the other way round."""
    assert (INCIDENTS[name].tell.__doc__ or "").startswith(f"{row_of(name)}: ")


def test_every_test_of_an_incident_names_its_row_too():
    """The tests of this room say in their docstrings which row they are about, as their names do."""
    for path in sorted(Path("tests/journeys/incidents").glob("test_*.py")):
        for one in ast.parse(path.read_text("utf-8")).body:
            if isinstance(one, ast.FunctionDef) and one.name.startswith("test_"):
                row = one.name.split("_")[1].upper()
                assert (ast.get_docstring(one) or "").startswith(f"{row}: "), one.name
