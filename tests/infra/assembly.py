"""Synthesizes a stage into a folder, and reads what lies there: templates, the checks' report, what was acknowledged."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app import build
from infra.nag import ACKNOWLEDGED
from infra.permissions import read as read_templates

ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = (
    *("intake", "scheduling", "send", "inbound", "receipts", "consent"),
    *("portal", "inbox", "ledger", "retention", "watch"),
)
OPTIONS = {
    "simulator = false": "simulator = true",
    'pool = ""': 'pool = "pool-0123456789abcdef0123456789abcdef"',
    'on_call = ""': 'on_call = "arn:aws:sns:us-east-1:111111111111:on-call"',
    'certificate_arn = ""': 'certificate_arn = "arn:aws:acm:us-east-1:111111111111:certificate/0f0f0f0f"',
}


@dataclass(frozen=True)
class Resource:
    """One resource of one stack."""

    stack: str
    logical_id: str
    body: dict[str, Any]

    @property
    def type(self) -> str:
        return str(self.body["Type"])

    @property
    def properties(self) -> dict[str, Any]:
        return dict(self.body.get("Properties", {}))

    @property
    def name(self) -> str:
        """Its construct's path without the hash: what the code calls it."""
        return self.logical_id[:-8]


@dataclass(frozen=True)
class Assembly:
    """What one synthesis wrote."""

    templates: dict[str, dict[str, Any]]
    report: dict[str, Any]
    acknowledged: list[list[str]]

    def all(self, *types: str) -> list[Resource]:
        """The resources of the given types, of all stacks; of every type when none is given."""
        return [one for one in self._each() if not types or one.type in types]

    def one(self, kind: str, name: str) -> Resource:
        """The one resource of a type whose construct is called `name`."""
        (found,) = (one for one in self.all(kind) if one.name == name)
        return found

    def _each(self) -> Iterator[Resource]:
        for stack, template in self.templates.items():
            for logical_id, body in template["Resources"].items():
                yield Resource(stack, logical_id, body)

    def functions(self) -> dict[str, Resource]:
        """Every function by its word."""
        found = self.all("AWS::Lambda::Function")
        return {one.properties["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]: one for one in found}


def synthesize(folder: Path, stage: str) -> None:
    """Writes `stage` into `folder`, with the list of acknowledgements beside the templates."""
    context = {"layer": "stub", "stage": stage, "account": "111111111111", "region": "us-east-1"}
    context["practice"] = str(ROOT / "practice.example.toml")
    if stage == "prod":
        folder.mkdir()
        context |= {
            "i_understand_compliance_lock": "yes",
            "practice": str(_everything(folder)),
            "alarms_to": "it@glow.example",
            "signing_keys": "2",
        }
    ACKNOWLEDGED.clear()
    try:
        build(outdir=str(folder), context=context).synth()
    except (
        RuntimeError
    ) as fault:  # without its trace, whose 40,000-line files take seconds to print for each waiting test
        pytest.fail(f"The {stage} stage does not synthesize: {str(fault)[:2000]}", pytrace=False)
    (folder / "acknowledged.json").write_text(json.dumps(ACKNOWLEDGED))


def _everything(folder: Path) -> Path:
    """The example practice with every option taken."""
    text = (ROOT / "practice.example.toml").read_text(encoding="utf-8")
    for off, on in OPTIONS.items():
        assert off in text, f"practice.example.toml no longer says {off}"
        text = text.replace(off, on)
    path = folder.parent / "practice.toml"
    path.write_text(text, encoding="utf-8")
    return path


def read(folder: Path) -> Assembly:
    """What lies in `folder`."""
    return Assembly(
        templates=read_templates(folder),
        report=json.loads((folder / "validation-report.json").read_text()),
        acknowledged=json.loads((folder / "acknowledged.json").read_text()),
    )
