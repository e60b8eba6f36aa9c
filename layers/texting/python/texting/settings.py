"""What each function needs of its environment: one frozen class per handler, checked before its first event.

A handler declares `class Settings(Environment)` with upper-case fields of type str; `Settings.read()` raises
Misconfigured with the missing variable's name. The construct that deploys the function must give exactly these; a test
compares the two.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self

from texting.errors import Misconfigured

COMMON = frozenset(
    {"PRACTICE", "POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "AWS_ACCOUNT_ID_ENDPOINT_MODE"}
)
"""What every function gets besides its own."""


@dataclass(frozen=True, slots=True)
class Environment:
    """Base of every handler's Settings. `PRACTICE` is the path of the practice's settings file."""

    PRACTICE: str

    @classmethod
    def variables(cls) -> frozenset[str]:
        """Every variable the function must be given, the common ones included."""
        return COMMON | {field.name for field in fields(cls)}

    @classmethod
    def read(cls, environ: Mapping[str, str] | None = None) -> Self:
        """The settings, or Misconfigured naming what is missing."""
        source = os.environ if environ is None else environ
        missing = sorted(field.name for field in fields(cls) if not source.get(field.name))
        if missing:
            raise Misconfigured(
                f"This function was deployed without {', '.join(missing)}; deploy it again from the CDK app."
            )
        return cls(**{field.name: source[field.name] for field in fields(cls)})
