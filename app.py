"""The CDK app: reads the stage and the practice's settings, and hands plain values to infra.

npx cdk deploy --all -c stage=dev      `Deployment` says what is refused, and why
python app.py                          writes the templates of the dev stage to cdk.out
"""

import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from texting.errors import Misconfigured
from texting.practice import load

from infra.deployment import Connection, Deployment, Refused
from infra.layers import thirdparty_zip
from infra.stages import App, assemble

ROOT = Path(__file__).resolve().parent


def deployment_of(said: Callable[[str, str], str]) -> Deployment:
    """One deployment. `said(name, otherwise)` is the context: -c name=value. Raises Refused or Misconfigured."""
    own = ROOT / "practice.toml"
    practice_file = Path(said("practice", str(own if own.is_file() else ROOT / "practice.example.toml")))
    practice = load(str(practice_file))
    return Deployment(
        root=ROOT,
        functions=Path(said("functions", str(ROOT / "functions"))),
        practice_file=practice_file,
        stage=said("stage", "dev"),  # type: ignore[arg-type]  # Deployment refuses any other word
        account=said("account", os.environ.get("CDK_DEFAULT_ACCOUNT", "111111111111")),
        region=said("region", os.environ.get("CDK_DEFAULT_REGION", "us-east-1")),
        origination=practice.sending.origination,
        pool=bool(practice.sending.pool),
        simulator=practice.sending.simulator,
        connections=tuple(Connection(one.name, one.kind, one.secret_name) for one in practice.connections),
        address=practice.web.address,
        certificate_arn=practice.web.certificate_arn,
        monthly_limit_usd=practice.sending.monthly_limit_usd,
        thirdparty=None if said("layer", "built") == "stub" else thirdparty_zip(ROOT),
        alarms_to=said("alarms_to", ""),
        on_call=practice.answering.on_call,
        signing_keys=int(said("signing_keys", "1")),
        understands_compliance_lock=said("i_understand_compliance_lock", "no") == "yes",
        for_real="CDK_CLI_VERSION" in os.environ,
    )


def build(outdir: str | None = None, context: Mapping[str, Any] | None = None) -> App:
    """The app with its stacks and checks; nothing is written before its synth()."""
    flags = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    app = App(outdir=outdir, context={**flags, **(context or {})})
    assemble(app, deployment_of(lambda name, otherwise: str(app.node.try_get_context(name) or otherwise)))
    return app


if __name__ == "__main__":
    try:
        build(os.environ.get("CDK_OUTDIR", "cdk.out")).synth()
    except (Refused, Misconfigured) as refusal:
        sys.exit(str(refusal))
