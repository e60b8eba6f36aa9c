"""The tour is the demonstration: it plays on a box of its own, shows its evidence, and fails loudly."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from box import tour
from box.scenarios import STORIES
from box.scenarios.player import Box, Story, Telling


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    paper = io.StringIO()
    monkeypatch.setattr(tour, "console", Console(file=paper, highlight=False, width=200))
    return paper


def test_the_main_story_keeps_every_promise(assembly: Path, tmp_path: Path, said: io.StringIO) -> None:
    """Booking, FHIR, STOP, reminder, CONFIRM, guard, ledger and sinks: every step as promised, and the verifier agrees."""
    ledger = tmp_path / "ledger"
    assert tour.main(["--assembly", str(assembly), "--export", str(ledger), "--verify"]) == 0, said.getvalue()
    told = said.getvalue()
    assert "All 9 steps as promised" in told
    for evidence in (
        "a forged signature: 401",
        "opted out (STOP)",
        "read as: confirm",
        "FAIL  tile/entries",
        "no mark found",
    ):
        assert evidence in told
    assert (tmp_path / "ledger.vkey").read_text().strip()
    size, _, root = (tmp_path / "ledger.anchor").read_text().strip().partition(":")
    assert int(size) > 30
    assert len(root) == 64


def test_a_surprise_ends_the_tour_with_its_sentence(
    assembly: Path, said: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A story that does not go as told exits 1 and says what was not as it should be."""

    def tell(box: Box, telling: Telling) -> None:
        telling.expect(box.get("/box/tasks")["tasks"], "nobody waits for anything")

    monkeypatch.setitem(STORIES, "emergency", Story("A story that goes wrong", tell))
    assert tour.main(["emergency", "--assembly", str(assembly)]) == 1
    assert "nobody waits for anything" in said.getvalue()
