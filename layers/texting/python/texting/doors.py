"""HTTP at the edge: API Gateway REST events as exact bytes and headers, answers with their safety headers.

`door(routes)` makes a handler of a table of routes. An error of ours becomes its status and its sentence; anything else is
a 503 that says nothing, so that a machine tries again and a person learns nothing they should not.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from texting import telemetry
from texting.errors import BadField, Bug, QuietlineError, Retry, TooLarge, Unknown

MOST_BYTES = 64 * 1024
SAFE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex, nofollow",
}


@dataclass(frozen=True, slots=True)
class Request:
    """One request: its route as declared (`POST /v1/consents`), path parameters, headers in lower case, exact bytes."""

    route: str
    path: Mapping[str, str]
    headers: Mapping[str, Sequence[str]] = field(repr=False)
    raw: bytes = field(repr=False)
    address: str = field(repr=False, default="")
    query: Mapping[str, str] = field(repr=False, default_factory=dict)

    def header(self, name: str) -> str:
        """The one value of a header, or "" when it is missing or given twice."""
        values = self.headers.get(name.lower(), ())
        return values[0] if len(values) == 1 else ""

    def opaque(self, name: str) -> str:
        """An id or token of ours in the path. Raises Unknown for what none of ours could look like."""
        value = self.path.get(name, "")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,128}", value):
            raise Unknown("There is nothing here by that id.")
        return value

    def json(self) -> dict[str, Any]:
        """The body as a JSON object. Raises BadField."""
        if len(self.raw) > MOST_BYTES:
            raise TooLarge(f"The body has more than {MOST_BYTES // 1024} KiB.")
        try:
            told = json.loads(self.raw)
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict):
            raise BadField("body", "The body must be one JSON object.")
        return told

    def form(self) -> dict[str, list[str]]:
        """The fields of a page's form. Raises TooLarge, BadField."""
        if len(self.raw) > MOST_BYTES:
            raise TooLarge(f"The body has more than {MOST_BYTES // 1024} KiB.")
        try:
            return parse_qs(self.raw.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=50)
        except ValueError:
            raise BadField("body", "The form has too many fields.") from None


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: JSON unless `page` holds HTML."""

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)
    page: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)


Route = Callable[[Request], Answer]


def request_of(event: Mapping[str, Any]) -> Request:
    """The request in an API Gateway REST proxy event (payload 1.0)."""
    context = event.get("requestContext") or {}
    many = event.get("multiValueHeaders") or {name: [value] for name, value in (event.get("headers") or {}).items()}
    headers: dict[str, list[str]] = {}
    for name, values in many.items():
        headers.setdefault(name.lower(), []).extend(values)
    return Request(
        route=f"{event.get('httpMethod', '')} {event.get('resource', '')}",
        path=event.get("pathParameters") or {},
        headers=headers,
        raw=_raw(event),
        address=str((context.get("identity") or {}).get("sourceIp") or ""),
        query=event.get("queryStringParameters") or {},
    )


def _raw(event: Mapping[str, Any]) -> bytes:
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(body).encode()
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error:
        raise BadField("body", "The body could not be decoded.") from None


def door(routes: Mapping[str, Route], *, refused: Callable[[Request, QuietlineError], Answer] | None = None) -> Any:
    """A Lambda handler for a table of routes. `refused` may turn an error of ours into a page; the default is JSON."""

    @telemetry.observed
    def lambda_handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        try:
            request = request_of(event)
        except BadField as error:
            return _written(sorry(error))
        answer = _answered(routes, request, refused or (lambda _, error: sorry(error)))
        telemetry.log("request", route=request.route, status=answer.status)
        return _written(answer)

    return lambda_handler


def _answered(
    routes: Mapping[str, Route], request: Request, refused: Callable[[Request, QuietlineError], Answer]
) -> Answer:
    try:
        route = routes.get(request.route)
        if route is None:
            raise Unknown("There is no such address.")
        return route(request)
    except QuietlineError as error:
        if isinstance(error, Retry | Bug):
            telemetry.fault("request_failed", error, route=request.route)
        return refused(request, error)
    except Exception as error:  # noqa: BLE001 - the last fence: no traceback may reach the caller, and 503 is retried
        telemetry.fault("request_failed", error, route=request.route)
        return Answer(503, {"error": "Something went wrong on our side; please try again."})


def sorry(error: QuietlineError) -> Answer:
    """An error of ours as JSON: its status and sentence, and the field where one is wrong."""
    status = 503 if isinstance(error, Retry | Bug) else error.status
    said: dict[str, Any] = {"error": error.sentence if status != 503 else "We could not do this now; please try again."}
    if isinstance(error, BadField):
        said["field"] = error.field
    return Answer(status, said)


def _written(answer: Answer) -> dict[str, Any]:
    kind = "text/html; charset=utf-8" if answer.page else "application/json"
    headers = SAFE | {"Content-Type": kind} | dict(answer.headers)
    body = answer.page or json.dumps(answer.body)
    return {"statusCode": answer.status, "headers": headers, "body": body, "isBase64Encoded": False}
