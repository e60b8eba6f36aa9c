"""A box of the real deployment for the tests of this room: one synthesis for all, one box for each test file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from box.scenarios.player import Box
from box.world import World
from tests.infra.conftest import assemblies

__all__ = ["assemblies"]


@pytest.fixture(scope="session")
def assembly(assemblies: object, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the dev stage's templates, synthesized from the sources as they are."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if base.name.startswith("popen-gw") else base) / "dev"


@pytest.fixture(scope="module")
def world(assembly: Path) -> Iterator[World]:
    """A whole box on a free port, its clock standing still."""
    with World(assembly, port=0) as world:
        yield world


@pytest.fixture(scope="module")
def box(world: World) -> Box:
    """The same box from outside."""
    return Box(world.address)
