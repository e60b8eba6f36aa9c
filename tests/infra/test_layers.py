"""The layers: the same sources give the same bytes, nothing of this machine goes along, and a stale build is not used."""

import os
import re
import zipfile
from pathlib import Path

import pytest
from botocore.loaders import Loader

from infra.layers import lock_digest, python313, stage_texting, thirdparty_zip
from scripts.build_layer import SERVICES, pack, trim
from tests.infra.assembly import ROOT

PRACTICE = ROOT / "practice.example.toml"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A small copy of the places that layers are made from."""
    package = tmp_path / "layers" / "texting" / "python" / "texting"
    (package / "rules" / "__pycache__").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "rules" / "gate.py").write_text("def decide(): ...\n")
    (package / "rules" / "__pycache__" / "gate.cpython-311.pyc").write_bytes(b"of this machine")
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "runtime.txt").write_text("boto3==1.44.5\n")
    return tmp_path


def _inside(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_texting_layer_is_the_package_and_the_settings(house: Path) -> None:
    """The layer holds our package and the practice's settings where functions look for them, and no byte code."""
    staged = stage_texting(house, PRACTICE)
    assert _inside(staged) == {"python/texting/__init__.py", "python/texting/rules/gate.py", "python/practice.toml"}
    assert (staged / "python" / "practice.toml").read_bytes() == PRACTICE.read_bytes()


def test_same_sources_same_place_other_sources_another(house: Path) -> None:
    """Staging twice gives the same folder; any change gives a new one, so that no build reads half of another."""
    first = stage_texting(house, PRACTICE)
    assert stage_texting(house, PRACTICE) == first
    (house / "layers/texting/python/texting/rules/gate.py").write_text("def decide(): return None\n")
    second = stage_texting(house, PRACTICE)
    assert second != first
    assert not list((house / "build" / "layers").glob(".draft-*"))


def test_old_stages_are_forgotten(house: Path) -> None:
    """Folders staged days ago go when a new one is made; one of today stays, for a build beside this one may read it."""
    old = stage_texting(house, PRACTICE)
    os.utime(old, (0, 0))
    (house / "layers/texting/python/texting/rules/gate.py").write_text("TODAY = 1\n")
    today = stage_texting(house, PRACTICE)
    (house / "layers/texting/python/texting/rules/gate.py").write_text("TODAY = 2\n")
    stage_texting(house, PRACTICE)
    assert (old.is_dir(), today.is_dir()) == (False, True)


@pytest.mark.skipif(python313() is None, reason="byte code for Lambda needs a Python 3.13, and this machine has none")
def test_byte_code_goes_along_for_real(house: Path) -> None:
    """What is deployed for real is compiled for the Python it runs on: the layer is read-only there."""
    staged = stage_texting(house, PRACTICE, byte_code=True)
    assert "python/texting/rules/__pycache__/gate.cpython-313.pyc" in _inside(staged)
    assert staged != stage_texting(house, PRACTICE)


def test_a_stale_zip_is_no_layer(house: Path) -> None:
    """A third-party layer counts only while the lock it was built from is the lock of today."""
    assert thirdparty_zip(house) is None
    packages = house / "packages"
    packages.mkdir()
    (packages / "one.py").write_text("ONE = 1\n")
    built = house / "build" / "thirdparty.zip"
    built.parent.mkdir(exist_ok=True)
    pack(packages, built, lock_digest(house))
    assert thirdparty_zip(house) == built
    (house / "requirements" / "runtime.txt").write_text("boto3==1.44.6\n")
    assert thirdparty_zip(house) is None


def test_a_zip_is_the_same_every_time(tmp_path: Path) -> None:
    """Order, dates and modes of the files on this machine leave no trace in the zip."""
    made = []
    for name in ("first", "second"):
        packages = tmp_path / name
        for file in ("b.py", "a/c.py") if name == "first" else ("a/c.py", "b.py"):
            (packages / file).parent.mkdir(parents=True, exist_ok=True)
            (packages / file).write_text(file)
        (packages / "b.py").chmod(0o755 if name == "first" else 0o600)
        pack(packages, tmp_path / f"{name}.zip", "lock")
        made.append((tmp_path / f"{name}.zip").read_bytes())
    assert made[0] == made[1]
    assert zipfile.ZipFile(tmp_path / "first.zip").namelist() == ["python/a/c.py", "python/b.py"]


def test_trimming_keeps_what_is_imported(tmp_path: Path) -> None:
    """Scripts, tests, installers' notes and other services go; code, licences and our services stay."""
    kept = ("one/__init__.py", "one-1.dist-info/METADATA", "botocore/data/sqs/2012-11-05/service-2.json.gz")
    gone = (
        *("bin/one", "one/tests/test_one.py", "one-1.dist-info/RECORD", "one/__pycache__/x.pyc", "one/one.pyi"),
        *("botocore/data/ec2/2016-11-15/service-2.json.gz", "botocore/data/sqs/2012-11-05/examples-1.json"),
    )
    for name in (*kept, *gone, "botocore/data/endpoints.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    trim(tmp_path)
    assert _inside(tmp_path) == {*kept, "botocore/data/endpoints.json"}


def test_every_service_we_speak_to_is_in_the_layer() -> None:
    """A client that the code asks for is one whose description the layer keeps; else it would fail only when deployed."""
    known = set(Loader().list_available_services("service-2"))
    sources = [*(ROOT / "layers/texting/python/texting").rglob("*.py"), *(ROOT / "functions").rglob("*.py")]
    asked = {
        name for path in sources for name in re.findall(r'client\(\s*"([a-z0-9-]+)"', path.read_text(encoding="utf-8"))
    }
    assert asked <= SERVICES
    assert known >= SERVICES
