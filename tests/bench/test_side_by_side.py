"""The comparison of speeds is fair: the same texts, in turns, and no blind text in what is reported."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from bench import score_phi, score_replies, side_by_side

TEXTS = [f"text {at}" for at in range(2 * side_by_side.TURN + 1)]


class Reader:
    """Notes in a common list what it read, and says that every text took it so many seconds."""

    def __init__(self, name: str, heard: list[tuple[str, str]], seconds: float) -> None:
        self.name, self.heard, self.seconds = name, heard, seconds

    def __call__(self, texts: Sequence[str]) -> tuple[list[Any], float]:
        self.heard += [(self.name, text) for text in texts]
        return [None] * len(texts), self.seconds * len(texts)


def test_readers_take_turns_over_the_same_texts() -> None:
    """Both have read the texts of a turn in every round before either goes on, those of the last one included."""
    heard: list[tuple[str, str]] = []
    side_by_side.in_turns({"a": (Reader("a", heard, 1), 1), "b": (Reader("b", heard, 1), 2)}, TEXTS)
    turn, rounds = side_by_side.TURN, side_by_side.ROUNDS
    assert [name for name, _ in heard[: 3 * turn * rounds]] == (["a"] * turn + ["b"] * 2 * turn) * rounds
    assert {text for _, text in heard[: 3 * turn * rounds]} == set(TEXTS[:turn])
    assert sorted(text for name, text in heard if name == "a") == sorted(rounds * TEXTS)
    assert sorted(text for name, text in heard if name == "b") == sorted(2 * rounds * TEXTS)


def test_of_several_rounds_each_readers_fastest_counts() -> None:
    """A round that the machine disturbed slows neither reader's figure."""
    heard: list[tuple[str, str]] = []
    steady, disturbed = Reader("steady", heard, 0.01), Reader("disturbed", heard, 0.01)

    def hindered(texts: Sequence[str]) -> tuple[list[Any], float]:
        answers, seconds = disturbed(texts)
        calls = len([name for name, _ in heard if name == "disturbed"]) // len(texts)
        return answers, seconds * (4 if calls % side_by_side.ROUNDS == 1 else 1)

    told = side_by_side.in_turns({"steady": (steady, 1), "disturbed": (hindered, 1)}, TEXTS[: side_by_side.TURN])
    assert told == {"steady": pytest.approx(100), "disturbed": pytest.approx(100)}


def test_the_ratio_is_of_texts_read_however_often() -> None:
    """Reading the same texts several times over makes nobody look faster."""
    heard: list[tuple[str, str]] = []
    ours, other = Reader("ours", heard, 0.001), Reader("presidio", heard, 0.05)
    told = side_by_side.speeds(ours, Reader("keywords", heard, 0.0001), other, TEXTS)
    assert told == {"texts": len(TEXTS), "ours": 1000, "keywords": 10_000, "presidio": 20, "times_presidio": 50.0}


def test_without_presidio_ours_is_told_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no Presidio is installed there is no figure of it, rather than one of another day."""
    monkeypatch.delenv("PRESIDIO_PYTHON", raising=False)
    with side_by_side.presidio() as other:
        assert other is None
    told = side_by_side.speeds(side_by_side.timed(str.upper), side_by_side.timed(str.lower), other, TEXTS * 50)
    assert told.keys() == {"texts", "ours", "keywords"}


def test_the_blind_sets_errors_are_counted_and_never_told(tmp_path: Path) -> None:
    """A rule written to an error of the blind set would make it measure nothing."""
    wrong = json.dumps({"text": "STOP", "intent": "help", "lang": "en"})
    for name, told in (("blind", 0), ("tune", 1)):
        path = tmp_path / f"replies_inbound_{name}.jsonl"
        path.write_text(wrong, "utf-8")
        ours = score_replies.labelled(path)["ours"]
        assert (ours["accuracy"], len(ours["errors"])) == (0, told)


def test_no_unseen_text_stands_in_the_guards_scores() -> None:
    """The unseen set is told by counts alone."""
    labelled = score_phi.rows("unseen")
    told = json.dumps(score_phi.entry(labelled), ensure_ascii=False)
    assert not [row for row in labelled if row["text"] in told]
