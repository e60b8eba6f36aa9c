"""The runbook keeps up with the code: whatever can wake somebody at night is in it, and every command it names exists."""

import re
import tomllib
from pathlib import Path

import pytest
from texting import errors
from texting.flows import operate

from cli.main import app

RUNBOOK = Path("docs/runbook.md").read_text("utf-8")
TEXTING = Path("layers/texting/python/texting")
NAMED = set(re.findall(r"`([A-Za-z_0-9…-]+)`", RUNBOOK))
SENTENCES = tomllib.loads((TEXTING / "rules/tables/sentences.toml").read_text("utf-8"))
UNREADABLE = re.compile(r'Unreadable\(\s*"([a-z_]+)"')


def codes():
    """Every code for which an event goes into quarantine."""
    return {code for path in TEXTING.rglob("*.py") for code in UNREADABLE.findall(path.read_text("utf-8"))}


def tree(branch):
    """The leaves of the error tree."""
    below = branch.__subclasses__()
    return {name for one in below for name in tree(one)} if below else {branch.__name__}


def commands(group, words=()):
    """Every command of the app, as it is typed."""
    for info in group.registered_commands:
        yield " ".join((*words, info.name))
    for info in group.registered_groups:
        yield from commands(info.typer_instance, (*words, info.name))


def test_every_alarm_is_in_the_runbook(dev):
    """Who is woken by an alarm finds its line."""
    alarms = {one.name for one in dev.all("AWS::CloudWatch::Alarm")}

    assert alarms - NAMED == set()


@pytest.mark.parametrize("code", sorted(codes()))
def test_every_quarantine_code_is_in_the_runbook(code):
    """A reason in the list has its line."""
    assert code in NAMED


@pytest.mark.parametrize("kind", sorted(SENTENCES["task"]))
def test_every_task_is_in_the_runbook(kind):
    """A task has its line."""
    assert kind in NAMED


def test_every_error_of_ours_is_in_the_runbook():
    """The leaves of the error tree, as the ground floor draws it."""
    drawn = {name for name in tree(errors.QuietlineError) if getattr(errors, name, None)}

    assert drawn - NAMED == set()


def test_every_command_that_the_runbook_names_exists_and_none_is_left_out():
    """A command line in backticks begins with a real command; each command is named at least once."""
    known = set(commands(app))
    lines = re.findall(r"`quietline\s+([^`]+)`", RUNBOOK)
    spoken = {
        next((name for name in known if f"{' '.join(line.split())} ".startswith(f"{name} ")), line) for line in lines
    }

    assert spoken - known == set()
    assert known - spoken == set()


def test_every_reason_to_stop_that_the_runbook_gives_is_one():
    """`--reason` takes a closed list, because the ledger keeps it."""
    assert set(re.findall(r"--reason ([a-z_]+)", RUNBOOK)) <= set(operate.REASONS)
