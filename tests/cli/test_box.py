"""The operator's command on a whole practice in a box: real handlers, real carrier protocol, one embedded AWS."""

import json
import os
import subprocess
import sys
from datetime import timedelta

import pytest

from box import operator_file
from box.world import World

HERE = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}


@pytest.fixture(scope="module")
def box(assemblies, tmp_path_factory):
    """A box that has started and left its file; `run` is the command as an operator types it."""
    base = tmp_path_factory.getbasetemp()
    root = base.parent if base.name.startswith("popen-gw") else base
    place = tmp_path_factory.mktemp("box") / "operator.json"
    with World(root / "dev", port=0) as world:
        operator_file.write(world, place)

        def run(*words):
            script = (
                "import sys, pathlib; from cli import here; from cli.main import app; "
                f"here.OPERATOR_FILE = pathlib.Path({str(place)!r}); app(sys.argv[1:])"
            )
            around = HERE | {"PYTHONPATH": os.pathsep.join(["layers/texting/python", "."])}
            told = subprocess.run(
                [sys.executable, "-c", script, *words, "--json", "--box-at", world.address],
                capture_output=True, text=True, env=around, check=False,
            )  # fmt: skip
            assert "Traceback" not in told.stderr, told.stderr
            return told.returncode, json.loads(told.stdout)

        yield world, run
        operator_file.remove(world, place)
        assert not place.exists()


def test_a_fresh_box_is_ready_and_what_it_cannot_show_is_said(box):
    """No line is broken, and alarms, agreements and quotas are unknown rather than fine."""
    _, run = box

    code, told = run("doctor")
    marks = {one["check"]: one["mark"] for one in told["findings"]}
    assert (code, [check for check, mark in marks.items() if mark == "broken"]) == (0, [])
    assert {marks[check] for check in ("alarms", "baa", "pace", "keys", "clock")} == {"unknown"}
    assert {marks[check] for check in ("two_way", "opt_outs", "opt_out_list", "receipts", "lock")} <= {"ok", "look"}


def test_stopping_the_box_stops_its_texts_and_the_evidence_is_published(box, tmp_path):
    """The switch, the ledger's head and its export work on what the real functions wrote."""
    world, run = box

    assert run("stop-everything", "--confirm", "STOP", "--reason", "drill")[1]["changed"] is True
    assert run("doctor")[0] == 1
    assert run("resume", "--confirm", "RESUME")[1]["changed"] is True
    world.advance(timedelta(minutes=2))
    head = run("ledger", "head")[1]
    assert head["size"] >= 3
    told = run("ledger", "export", str(tmp_path / "out"))[1]
    assert told["root"] == head["root"]
    verify = [sys.executable, "verifier/verify.py", str(tmp_path / "out"), "--vkey", head["vkey"]]
    assert subprocess.run([*verify, "--anchor", head["anchor"]], capture_output=True, check=False).returncode == 0


def test_a_dead_letter_of_the_box_goes_back(box):
    """Counted, moved to the outbox, and gone: the sender finds no such text and is done with it."""
    world, run = box
    dead = next(queue for queue in world.runtime.dead_letters() if "Outbox" in queue.name)
    world.wiring.queues.send(dead, '{"message_id": "m_0f3a5c7e9b1d2f400f3a5c7e"}')

    assert run("dead-letters", "list")[1]["dead_letters"]["outbox-dead"]["count"] == 1
    assert run("dead-letters", "replay", "outbox-dead", "--confirm", "REPLAY")[1]["moved"] == 1
    world.advance(timedelta(0))
    assert run("dead-letters", "list")[1]["dead_letters"]["outbox-dead"]["count"] == 0
