"""One synthesis for all tests of this room: the dev stage as the example practice has it, and a production stage with
everything optional switched on. With several workers the first one synthesizes and the others read."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from tests.infra.assembly import Assembly, read, synthesize


@pytest.fixture(scope="session")
def assemblies(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Assembly]:
    """Both stages, by name."""
    base = tmp_path_factory.getbasetemp()
    root = base.parent if base.name.startswith("popen-gw") else base
    with FileLock(str(root / "synth.lock")):
        if not (root / "done").exists():
            for stage in ("dev", "prod"):
                synthesize(root / stage, stage)
            (root / "done").touch()
    return {stage: read(root / stage) for stage in ("dev", "prod")}


@pytest.fixture(scope="session")
def dev(assemblies: dict[str, Assembly]) -> Assembly:
    """The dev stage."""
    return assemblies["dev"]


@pytest.fixture(scope="session")
def prod(assemblies: dict[str, Assembly]) -> Assembly:
    """The production stage, with a pool, a simulator and an address of its own."""
    return assemblies["prod"]


@pytest.fixture(scope="session")
def eligible() -> dict[str, Any]:
    """The table of services that may stand in a template."""
    return tomllib.loads(Path("infra/hipaa_eligible.toml").read_text(encoding="utf-8"))["services"]
