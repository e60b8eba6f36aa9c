"""The practice on stage: its settings for the box, its secrets, and a few patients with their first visits.

The settings are the example's, so that the box shows what a practice would deploy; only what a single machine needs is
changed: sending is on with a BAA on record, links point here, and the FHIR connection reads from the box's own server.
"""

import base64
import json
import re
import secrets
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

EXAMPLE = Path(__file__).resolve().parents[1] / "practice.example.toml"


@dataclass(frozen=True)
class Stage:
    """A practice's settings as text, and the secrets of its connections by the names they are kept under."""

    toml: str
    secrets: dict[str, dict[str, str]]

    @property
    def told(self) -> dict[str, Any]:
        """The settings as data."""
        return tomllib.loads(self.toml)

    def connections(self) -> list[dict[str, str]]:
        """Each connection with its kind and the secret it signs with."""
        return [
            {"name": one["name"], "kind": one["kind"], "secret": self.secrets[one["secret_name"]]["current"]}
            for one in self.told["connections"]
        ]


def stage(address: str, fhir_base: str, fhir_bearer: str) -> Stage:
    """The example practice, set up for a box at this address."""
    changes = {
        "mode": '"on"',
        "accepted_on": '"2026-11-02"',
        "accepted_by": '"Maria Santos"',
        "address": json.dumps(address),
        "fhir_base": json.dumps(fhir_base),
    }
    text = EXAMPLE.read_text(encoding="utf-8")
    for name, value in changes.items():
        # The first line that sets it: a location has an address too, further down.
        text, done = re.subn(rf"(?m)^{name} = (\"[^\"]*\"|\S+)", f"{name} = {value}", text, count=1)
        assert done, f"{EXAMPLE.name} has no line for {name}"
    return Stage(text, {one["secret_name"]: secret(fhir_bearer) for one in tomllib.loads(text)["connections"]})


def secret(outbound: str) -> dict[str, str]:
    """A connection's secret as Secrets Manager keeps it."""
    return {
        "current": f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}",
        "previous": "",
        "outbound": outbound,
    }
