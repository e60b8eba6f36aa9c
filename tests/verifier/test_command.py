"""The command answers as its help says: an exit code, the first bad byte, a report for people or for programs."""

import ast
import json
import os
import subprocess
import sys
from base64 import b64decode
from pathlib import Path

import pytest
from texting.audit.checkpoint import open_checkpoint
from texting.audit.merkle import leaf_hash, verify_inclusion

from tests.audit.logs import KEY, anchor, publish, told
from verifier.verify import main, read_key

VERIFIER = Path("verifier/verify.py")
LOG = publish([told(300)[:256], told(300)[256:]])
SIZE, ROOT = anchor(LOG)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An export on disk."""
    for path, data in LOG.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(data)
    return tmp_path


def ask(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    """Exit code and everything printed."""
    try:
        code = main([str(each) for each in arguments])
    except SystemExit as leaving:  # argparse's own way out
        code = int(str(leaving.code))
    told = capsys.readouterr()
    return code, told.out + told.err


def test_a_stranger_can_run_it(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Copied anywhere and run by a bare interpreter without our package, it verifies the export."""
    alone = tmp_path_factory.mktemp("alone") / "verify.py"
    alone.write_bytes(VERIFIER.read_bytes())
    command = [sys.executable, "-E", str(alone), str(folder), "--vkey", str(KEY), "--anchor", f"{SIZE}:{ROOT.hex()}"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=alone.parent, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "is whole" in done.stdout
    assert "message.delivered 300" in " ".join(done.stdout.split())


def test_damage_is_named_with_file_and_byte(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 1, and the first line says where."""
    path = folder / "tile/0/000"
    path.write_bytes(path.read_bytes()[:4097] + b"\x00" + path.read_bytes()[4098:])
    code, said = ask(capsys, folder, "--vkey", KEY)
    assert (code, said.startswith("FAIL  tile/0/000, byte 4097: ")) == (1, True)
    code, said = ask(capsys, folder, "--vkey", KEY, "--json")
    assert code == 1
    assert {"ok": False, "file": "tile/0/000", "offset": 4097}.items() <= json.loads(said).items()


def test_programs_get_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The report as one JSON object, with size, root and counts."""
    code, said = ask(capsys, folder, "--vkey", KEY, "--anchor", f"{SIZE}:{ROOT.hex()}", "--json")
    told = json.loads(said)
    assert code == 0
    assert (told["ok"], told["size"], told["root"], told["checkpoints"]) == (True, 300, ROOT.hex(), 2)
    assert told["warnings"] == []


def test_a_cut_tail_needs_its_anchor(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without an anchor the report says what it could not see; with it, the cut is told."""
    cut = publish([told(256)])
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        path.unlink()
    for path, data in cut.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    code, said = ask(capsys, folder, "--vkey", KEY)
    assert (code, "no anchor was given" in said) == (0, True)
    code, said = ask(capsys, folder, "--vkey", KEY, "--anchor", f"{SIZE}:{ROOT.hex()}")
    assert (code, "the tail was cut" in said) == (1, True)


class TestOneEntry:
    """An entry can be taken out with a proof that stands by itself."""

    @pytest.mark.parametrize("number", [0, 255, 256, 299])
    def test_it_comes_with_its_proof(self, folder: Path, capsys: pytest.CaptureFixture[str], number: int) -> None:
        """The entry, its index and a C2SP tlog-proof, which our own reader believes too."""
        raw = told(300)[number]
        _, said = ask(capsys, folder, "--vkey", KEY, "--entry", json.loads(raw)["id"], "--json")
        answer = json.loads(said)
        assert (answer["index"], answer["entry"]) == (number, json.loads(raw))
        head, index, *rest = answer["proof"].split("\n")
        gap = rest.index("")
        assert (head, index) == ("c2sp.org/tlog-proof@v1", f"index {number}")
        checkpoint = open_checkpoint("\n".join(rest[gap + 1 :]).encode(), KEY)
        proof = [b64decode(each) for each in rest[:gap]]
        verify_inclusion(number, checkpoint.size, leaf_hash(raw), proof, checkpoint.root)

    def test_people_can_read_it(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """On the terminal it comes as indented JSON with the proof below."""
        code, said = ask(capsys, folder, "--vkey", KEY, "--entry", json.loads(told(1)[0])["id"])
        assert (code, "entry 0 is in the log" in said, "c2sp.org/tlog-proof@v1" in said) == (0, True, True)

    def test_an_unknown_id(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Asking for what is not there is a wrong question about a whole log."""
        code, said = ask(capsys, folder, "--vkey", KEY, "--entry", "ff" * 16)
        assert (code, "holds no entry" in said) == (2, True)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["FOLDER"],
        ["FOLDER", "--vkey", "nonsense"],
        ["FOLDER", "--vkey", str(KEY)[:-1]],
        ["FOLDER", "--vkey", KEY, "--anchor", "300"],
        ["FOLDER", "--vkey", KEY, "--anchor", f"300:{ROOT.hex()[:-1]}"],
        ["FOLDER", "--vkey", KEY, "--anchor", f"-1:{ROOT.hex()}"],
        ["FOLDER/checkpoint", "--vkey", KEY],
        ["FOLDER/nowhere", "--vkey", KEY],
        ["FOLDER", "--vkey", KEY, "--what"],
    ],
)
def test_a_wrong_question_is_exit_2(folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[object]) -> None:
    """Usage errors are told apart from damage, and nothing is claimed about the log."""
    code, said = ask(capsys, *(str(each).replace("FOLDER", str(folder)) for each in arguments))
    assert code == 2
    assert "FAIL" not in said
    assert "OK" not in said


def test_an_unreadable_file_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that cannot be read is damage with a name, not a crash."""
    (folder / "tile/0/000").unlink()
    for target in ("tile/0/000", "nowhere"):  # a loop, and a dead end: neither can be read, even by root
        (folder / "tile/0/000").unlink(missing_ok=True)
        (folder / "tile/0/000").symlink_to(folder / target)
        code, said = ask(capsys, folder, "--vkey", KEY)
        assert (code, "tile/0/000, byte 0: cannot be read" in said) == (1, True)


@pytest.mark.parametrize("name", [b"tile/\x1b[31mred", b"tile/\xff", b"checkpoints/\xe2\x82\xac", b"\x1b[31m"])
def test_a_hostile_name_is_printed_harmlessly(folder: Path, capsys: pytest.CaptureFixture[str], name: bytes) -> None:
    """A file name that is not UTF-8, or that would colour the terminal, is escaped in the answer."""
    Path(os.fsdecode(bytes(folder) + b"/" + name)).write_bytes(b"")
    code, said = ask(capsys, folder, "--vkey", KEY)
    assert code == (1 if b"/" in name else 0)
    assert said.isascii()
    assert "\x1b" not in said


def test_base64_anchors_and_a_second_key(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The root may be copied from a checkpoint as it stands there, and a key before or after may be given too."""
    root = LOG["checkpoint"].decode().split("\n")[2]
    other = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    assert ask(capsys, folder, "--vkey", other, "--vkey", KEY, "--anchor", f"300:{root}")[0] == 0
    assert ask(capsys, folder, "--vkey", other)[0] == 1


def test_it_shares_no_code_with_the_writer() -> None:
    """It imports the standard library and `cryptography`, and hashes with hashlib itself."""
    tree = ast.parse(VERIFIER.read_text("utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "." for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    roots = {name.split(".")[0] for name in imported}
    assert roots <= {*sys.stdlib_module_names, "cryptography"}
    assert "hashlib" in roots
    assert "importlib" not in roots
    assert read_key(str(KEY)).key_id == KEY.key_id
