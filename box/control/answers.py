"""What the control surface is asked and what it answers: JSON both ways, errors as sentences."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from box.runtime.rest_front import Response


class Refused(Exception):
    """Raised when a call cannot be carried out; `status` is HTTP's, the sentence says what to do."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


@dataclass(frozen=True)
class Asked:
    """One call: method, path, query and body."""

    method: str
    path: str
    query: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body as an object; raises Refused."""
        try:
            told = json.loads(self.body or b"{}")
        except ValueError:
            raise Refused(400, "The body is not JSON.") from None
        if not isinstance(told, dict):
            raise Refused(400, "The body must be a JSON object.")
        return told

    def text(self, name: str, *, required: bool = True) -> str | None:
        """One text of the body; raises Refused when it is missing or is none."""
        value = self.json().get(name)
        if value is None and not required:
            return None
        if not isinstance(value, str) or not value:
            raise Refused(422, f"`{name}` must be a text that is not empty.")
        return value


@dataclass(frozen=True)
class Told:
    """One answer."""

    status: int
    body: Any

    def response(self) -> Response:
        """As it goes out."""
        told = json.dumps(self.body, ensure_ascii=False, indent=1).encode()
        kind = ("Content-Type", "application/json; charset=utf-8")
        return Response(self.status, told, [kind, ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")])
