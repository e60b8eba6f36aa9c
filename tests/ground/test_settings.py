"""A function's settings: read once from its environment, or refused in a sentence that names what is missing."""

from dataclasses import dataclass

import pytest
from texting.errors import Misconfigured
from texting.settings import COMMON, Environment


@dataclass(frozen=True, slots=True)
class Settings(Environment):
    """A function with two things of its own."""

    PEOPLE_TABLE: str
    OUTBOX_QUEUE: str


GIVEN = {"PRACTICE": "/opt/practice.toml", "PEOPLE_TABLE": "people", "OUTBOX_QUEUE": "https://queue", "OTHER": "x"}


def test_settings_are_read_and_nothing_else():
    """Each declared variable is taken as it stands, and what was not declared is not."""
    assert Settings.read(GIVEN) == Settings("/opt/practice.toml", "people", "https://queue")


@pytest.mark.parametrize("name", ["PRACTICE", "PEOPLE_TABLE", "OUTBOX_QUEUE"])
@pytest.mark.parametrize("empty", [None, ""])
def test_a_missing_or_empty_variable_names_itself(name, empty):
    """An empty variable is a missing one, and the sentence says which and how to mend it."""
    given = {key: value for key, value in GIVEN.items() if key != name} | ({name: ""} if empty == "" else {})

    with pytest.raises(Misconfigured, match=f"without {name}; deploy it again"):
        Settings.read(given)


def test_all_that_is_missing_is_named_at_once():
    """One deploy mends everything."""
    with pytest.raises(Misconfigured, match="OUTBOX_QUEUE, PEOPLE_TABLE, PRACTICE"):
        Settings.read({})


def test_variables_are_its_own_and_the_common_ones():
    """What infra has to give a function can be asked of the function."""
    assert Settings.variables() == COMMON | {"PEOPLE_TABLE", "OUTBOX_QUEUE"}


def test_the_process_environment_is_the_default(monkeypatch):
    """Handlers call `read()` with nothing in hand."""
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)

    assert Settings.read().PEOPLE_TABLE == "people"
