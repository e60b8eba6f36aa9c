"""One account and one recording for the whole room: a production stage with every option taken, lived in for a while."""

from pathlib import Path

import pytest

from tests.infra.conftest import assemblies
from tests.least_privilege.account import Account
from tests.least_privilege.recording import Recording, recorded

__all__ = ["assemblies"]


@pytest.fixture(scope="session")
def account(assemblies: object, tmp_path_factory: pytest.TempPathFactory) -> Account:
    """The account that the production stage's templates would make; `assemblies` has written them."""
    base = tmp_path_factory.getbasetemp()
    return Account((base.parent if base.name.startswith("popen-gw") else base) / "prod")


@pytest.fixture(scope="session")
def recording(account: Account, tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """Every call that the functions made while the scenes were played."""
    folder: Path = tmp_path_factory.mktemp("calls")
    return recorded(account, folder)
