"""docs/api.md is true: its examples run in order against a box, and each answer is the one printed under it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from box.clock import BoxClock
from box.world import World

PAGE = Path("docs/api.md").read_text("utf-8")
EXAMPLES = re.findall(r"```sh\n(.*?)```(?:\n+```json\n(.*?)```)?", PAGE, re.DOTALL)
MARK = "--- next example ---"


@pytest.fixture(scope="module")
def templates(tmp_path_factory):
    """The templates of the app as it stands, with a stub where the layer would be."""
    folder = tmp_path_factory.mktemp("assembly")
    made = subprocess.run(
        [sys.executable, "app.py"],
        env=os.environ | {"CDK_OUTDIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr[-2000:]
    return folder


@pytest.fixture(scope="module")
def answers(templates, tmp_path_factory):
    """What every example on the page prints, when all are run in one shell against one box."""
    script = "set -eu -o pipefail\n" + "".join(f"{example}\necho; echo '{MARK}'\n" for example, _ in EXAMPLES)
    with World(templates, port=0, clock=BoxClock()) as world:
        env = os.environ | {"BOX": world.address, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        shell, told = tmp_path_factory.mktemp("shell"), {"capture_output": True, "text": True, "check": False}
        ran = subprocess.run(["bash", "-c", script], cwd=shell, env=env, timeout=120, **told)
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-2000:]
    return ran.stdout.split(MARK)


def fits(shown, told):
    """Whether an answer says what the page shows: more fields and more rows are fine, `…` stands for anything."""
    if isinstance(shown, dict):
        return isinstance(told, dict) and all(key in told and fits(value, told[key]) for key, value in shown.items())
    if isinstance(shown, list):
        return isinstance(told, list) and len(told) >= len(shown) and all(map(fits, shown, told))
    if isinstance(shown, str) and "…" in shown:
        return (
            isinstance(told, str)
            and re.fullmatch(".*".join(map(re.escape, shown.split("…"))), told, re.DOTALL) is not None
        )
    return shown == told


@pytest.mark.parametrize("at", [at for at, (_, shown) in enumerate(EXAMPLES) if shown])
def test_an_example_answers_as_the_page_says(answers, at):
    """What is printed under an example is what a reader gets who types it."""
    example, shown = EXAMPLES[at]

    assert fits(json.loads(shown), json.loads(answers[at])), f"{example}\n{answers[at]}"


def test_the_page_speaks_of_every_route():
    """A route that the API has and the page does not is one that nobody finds."""
    declared = set(re.findall(r'Route\("(\w+)", "([^"]+)"', Path("infra/doors.py").read_text("utf-8")))
    pages = {(method, path) for method, path in declared if path.startswith(("/c/", "/m/"))}

    told = re.sub(r"\$\w+", "{}", PAGE)
    for method, path in declared - pages:
        shape = re.sub(r"\{\w+\}", "{}", path)
        assert f"{method} {path}" in PAGE or f"{method} {shape}" in told, f"{method} {path}"


def test_the_comparison_can_fail():
    """`…` stands for anything inside a text, and for nothing else."""
    assert fits({"a": "p_…"}, {"a": "p_1", "b": 2})
    assert not fits({"a": "p_…"}, {"a": "q_1"})
    assert not fits({"a": [1]}, {"a": []})
    assert not fits({"a": 1}, {})
