"""Chaos and load, a few minutes' worth cut to seconds: the same commands as `make chaos` and `make load`, in every run."""

from pathlib import Path

import pytest

from box import chaos, load


@pytest.mark.parametrize("seed", [11])
def test_random_days_with_everything_failing_break_no_promise(
    seed: int, assembly: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """P1 to P10, seen from outside, after days on which carrier, queues and workers failed."""
    ended = chaos.main(["--seed", str(seed), "--steps", "25", "--assembly", str(assembly)])
    said = capsys.readouterr().out
    assert ended == 0, said
    assert f"make chaos SEED={seed} STEPS=25" in said


def test_a_small_load_with_faults_loses_nothing_and_sends_nothing_twice(
    assembly: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """P3 and P10 for every appointment of a load, with faults on and phones shared; why texts did not go is told."""
    ended = load.main(["12", "--seed", "5", "--phones", "5", "--assembly", str(assembly)])
    said = capsys.readouterr()
    assert ended == 0, said.out
    assert "faults: " in said.out
    assert "booking: 12 of 12" in said.err
    assert "refused, daily_cap: The patient has already had the day's automated text." in said.out
    assert "borne out for" not in said.out
