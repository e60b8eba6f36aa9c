"""The practice on stage: the settings its templates were made from, set up for one machine, and its connections' secrets.

Only what a single machine needs is changed: sending is on with a BAA on record, links point here, and a FHIR connection
reads from the box's own server. Patients come on stage with the story `first-visits`.
"""

import base64
import json
import re
import secrets
import tomllib
from dataclasses import dataclass
from typing import Any


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


def stage(settings: str, address: str, fhir_base: str, fhir_bearer: str) -> Stage:
    """A practice's settings, set up for a box at this address."""
    for section, name, value in (
        ("[sending]", "mode", "on"),
        # A clock that stands still brings no new second to a bucket: what is asked for at one moment must fit in it.
        ("[sending]", "texts_per_second", 100.0),
        ("[baa]", "accepted_on", "2020-01-02"),
        ("[baa]", "accepted_by", "the practice in a box"),
        ("[web]", "address", address),
    ):
        settings = put(settings, section, name, value)
    settings = re.sub(r'(?m)^fhir_base = "[^"]*"', f"fhir_base = {json.dumps(fhir_base)}", settings)
    names = [one["secret_name"] for one in tomllib.loads(settings).get("connections", [])]
    return Stage(settings, {name: secret(fhir_bearer) for name in names})


def put(text: str, section: str, name: str, value: str | float) -> str:
    """The settings with one value set, whether its line or its section was there or not."""
    line = f"{name} = {json.dumps(value)}"
    before, head, after = text.partition(f"\n{section}")
    if not head:
        return f"{text}\n{section}\n{line}\n"
    own, bracket, rest = after.partition("\n[")
    own, found = re.subn(rf'(?m)^{name} = ("[^"]*"|\S+)', line, own, count=1)
    if not found:
        first, _, others = own.partition("\n")
        own = f"{first}\n{line}\n{others}"
    return before + head + own + bracket + rest


def secret(outbound: str) -> dict[str, str]:
    """A connection's secret as Secrets Manager keeps it."""
    return {
        "current": f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}",
        "previous": "",
        "outbound": outbound,
    }
