"""The command's face: every command and option as people read them, kept in help.txt so that no change goes unseen.

After a change that is meant: `python -m tests.cli.test_help` writes the file anew.
"""

import os
from pathlib import Path

from typer.testing import CliRunner

from cli.main import app

PLACE = Path(__file__).with_name("help.txt")
ROOMS = {
    "number": ["release"],
    "messages": ["doubtful", "settle", "resend"],
    "quarantine": ["list", "show", "replay"],
    "tasks": ["list", "calls", "close"],
    "dead-letters": ["list", "replay", "discard"],
    "token": ["new", "list", "revoke"],
    "connection": ["secret"],
    "settings": ["check"],
    "ledger": ["head", "export"],
    "hold": ["place", "list", "release"],
}
PLAIN = ["doctor", "connect", "stop-everything", "resume", "why", "whoami"]


def written():
    """The help of everything, one after the other."""
    runner = CliRunner(env={"COLUMNS": "100", "TERMINAL_WIDTH": "100", "TERM": "dumb", "NO_COLOR": "1"})
    asked = [[], *([name] for name in PLAIN), *([room, name] for room, names in ROOMS.items() for name in names)]
    parts = []
    for words in asked:
        told = runner.invoke(app, [*words, "--help"], prog_name="quietline")
        assert told.exit_code == 0, words
        parts.append("\n".join(line.rstrip() for line in told.output.splitlines()))
    return "\n\n".join(parts) + "\n"


def test_the_help_is_as_it_was_written_down():
    """Whoever changes a command sees it here, and in the runbook that names it."""
    assert written() == PLACE.read_text("utf-8")


def test_every_command_can_answer_in_json():
    """`--json` stands in every command's help."""
    usages = written().split("Usage: ")[2:]

    assert not [usage.splitlines()[0] for usage in usages if "--json" not in usage]


def test_a_phone_number_is_never_an_argument():
    """What stands on a command line stays in a shell's history."""
    for usage in written().split("Usage: ")[1:]:
        for line in usage.splitlines():
            if "phone" in line.lower() and "<str>" in line:
                raise AssertionError(line)


if __name__ == "__main__":
    os.environ.setdefault("TERM", "dumb")
    PLACE.write_text(written(), encoding="utf-8")
