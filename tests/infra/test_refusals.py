"""What must never be deployed is refused before anything is built, in a sentence that says what to do instead."""

import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from infra.deployment import Connection, Deployment, Refused
from tests.infra.assembly import ROOT


def deployment(**changed: Any) -> Deployment:
    """A deployment that nothing is wrong with, but for what is changed."""
    told: dict[str, Any] = {
        "root": ROOT,
        "functions": ROOT / "functions",
        "practice_file": ROOT / "practice.example.toml",
        "stage": "dev",
        "account": "111111111111",
        "region": "us-east-1",
        "origination": "+18885550123",
        "pool": False,
        "simulator": False,
        "connections": (Connection("main", "standard-webhooks", "quietline/connections/main"),),
        "address": "https://text.glow.example",
        "certificate_arn": "",
        "monthly_limit_usd": Decimal("200"),
    }
    return Deployment(**{**told, **changed})


@pytest.mark.parametrize("keys", [0, 10])
def test_a_count_of_keys_that_cannot_be(keys: int) -> None:
    """A ledger has had one signing key at least, and hardly ten."""
    with pytest.raises(Refused, match="signing_keys"):
        deployment(signing_keys=keys)


@pytest.mark.parametrize("region", ["us-east-1", "us-east-2", "us-west-1", "us-west-2"])
def test_regions_of_the_united_states(region: str) -> None:
    """The four commercial regions of the United States are accepted."""
    assert deployment(region=region).region == region


@pytest.mark.parametrize("region", ["eu-west-1", "ca-central-1", "ap-southeast-2", "us-iso-east-1", "", "US-EAST-1"])
def test_elsewhere_is_refused(region: str) -> None:
    """Patients' data does not leave the United States, whatever the profile of the command line says."""
    with pytest.raises(Refused, match=r"stays in the United States.*choose us-east-1"):
        deployment(region=region)


def test_govcloud_is_refused() -> None:
    """GovCloud is in the United States and still refused: its ARNs differ, and nobody has tried."""
    with pytest.raises(Refused, match="GovCloud"):
        deployment(region="us-gov-west-1")


def test_production_wants_a_typed_yes() -> None:
    """A lock that nobody can take off for ten years is not set by accident."""
    with pytest.raises(Refused, match="i_understand_compliance_lock=yes"):
        deployment(stage="prod")
    assert deployment(stage="prod", understands_compliance_lock=True).production


def test_unknown_stage() -> None:
    """A stage nobody knows is not quietly a production one, nor a dev one."""
    with pytest.raises(Refused, match="stage=dev or -c stage=prod"):
        deployment(stage="staging")


def test_a_real_deployment_needs_the_real_layer() -> None:
    """The stub of the third-party layer is enough for tests and never deployed."""
    assert deployment().thirdparty is None
    with pytest.raises(Refused, match="make layer"):
        deployment(for_real=True)
    assert deployment(for_real=True, thirdparty=Path("build/thirdparty.zip")).for_real


def test_domain_only_with_a_certificate() -> None:
    """The practice's address becomes a domain of the API when there is a certificate for it, and not before."""
    assert deployment().domain == ""
    assert deployment(certificate_arn="arn:aws:acm:us-east-1:111111111111:certificate/0").domain == "text.glow.example"


@pytest.mark.parametrize(
    ("context", "sentence"),
    [
        ('{"layer": "stub", "region": "eu-central-1"}', "stays in the United States"),
        ('{"layer": "stub", "stage": "prod"}', "for ten years nobody can delete"),
        ('{"layer": "stub", "practice": "no-such.toml"}', "copy practice.example.toml"),
    ],
)
def test_the_command_says_it_in_a_sentence(tmp_path: Path, context: str, sentence: str) -> None:
    """Who runs the app reads one sentence and gets a failure, not a traceback."""
    paths = os.pathsep.join([str(ROOT), str(ROOT / "layers" / "texting" / "python")])
    environment = {**os.environ, "CDK_CONTEXT_JSON": context, "CDK_OUTDIR": str(tmp_path / "out"), "PYTHONPATH": paths}
    ran = subprocess.run(
        [sys.executable, str(ROOT / "app.py")], capture_output=True, text=True, env=environment, check=False
    )
    assert ran.returncode == 1
    assert sentence in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not list((tmp_path / "out").glob("*.template.json"))
