"""Starting the box: what the environment asks for wrongly is told in a sentence, never as a traceback."""

import socket

import pytest

from box import __main__ as box
from box.world import PORT


@pytest.mark.parametrize("asked", ["abc", "70000", "-1", "87.00", "8700 8701", "\N{ARABIC-INDIC DIGIT EIGHT}"])
def test_a_port_that_is_none_is_told_with_what_to_write(monkeypatch, capsys, asked):
    """Nothing is started, and the sentence names the variable and an example."""
    monkeypatch.setenv("PORT", asked)

    assert box.main() == 1
    said = " ".join(capsys.readouterr().out.split())
    assert said.startswith("PORT is not the number of a port")
    assert "PORT=8701" in said


@pytest.mark.parametrize(
    ("asked", "port"), [({}, PORT), ({"PORT": ""}, PORT), ({"PORT": " 8701 "}, 8701), ({"PORT": "0"}, 0)]
)
def test_a_port_is_taken_as_asked(asked, port):
    """Silence is 8700; 0 lets the system choose."""
    assert box.port_of(asked) == port


def test_a_port_in_use_is_told(assembly, monkeypatch, capsys):
    """Two boxes at once: the second says how to choose another port, and leaves nothing behind."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("PORT", str(taken.getsockname()[1]))
        monkeypatch.setenv("ASSEMBLY", str(assembly))

        assert box.main() == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "The port cannot be used (Address already in use): choose another with PORT=8701." in said
