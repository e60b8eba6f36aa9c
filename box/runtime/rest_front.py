"""The REST front: one HTTP request made into API Gateway's proxy event, and a function's answer made into a response.

Source for the event's shape: API Gateway developer guide, "Lambda proxy integrations in API Gateway" (payload 1.0).
"""

import base64
import binascii
import json
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatch
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from box.runtime.rest_api import RestApi, Route
from box.runtime.workers import Invocation

LARGEST_BODY = 10 * 1024 * 1024  # API Gateway's payload limit
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Request:
    """An HTTP request as it came: headers in their order, repeated ones repeated."""

    method: str
    target: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    source_ip: str = HOST

    def header(self, name: str) -> str:
        """The last value of a header, or nothing."""
        return next((value for key, value in reversed(self.headers) if key.lower() == name.lower()), "")


@dataclass(frozen=True)
class Response:
    """What goes back."""

    status: int
    body: bytes = b""
    headers: Sequence[tuple[str, str]] = field(default_factory=list)


def proxy_event(api: RestApi, route: Route, request: Request, now: datetime, account: str) -> dict[str, Any]:
    """The event a function behind this route receives."""
    split = urlsplit(request.target)
    query = parse_qsl(split.query, keep_blank_values=True)
    forwarded = [("X-Forwarded-For", request.source_ip), ("X-Forwarded-Port", "443"), ("X-Forwarded-Proto", "https")]
    headers = [*request.headers, *forwarded]
    body, encoded = _body(api, request)
    return {
        "resource": route.node.path,
        "path": split.path,
        "httpMethod": request.method,
        "headers": dict(headers),
        "multiValueHeaders": _many(headers),
        "queryStringParameters": dict(query) or None,
        "multiValueQueryStringParameters": _many(query) or None,
        "pathParameters": route.parameters or None,
        "stageVariables": None,
        "requestContext": _context(api, route, request, now, account),
        "body": body,
        "isBase64Encoded": encoded,
    }


def response(done: Invocation) -> Response:
    """What API Gateway makes of a function's answer: 502 for an error or an answer that is not one, 504 for none in
    time.
    """
    if done.error and done.error.get("errorType") == "Sandbox.Timedout":
        return told(504, "Endpoint request timed out")
    result = done.result
    if done.error or not isinstance(result, Mapping) or not isinstance(result.get("statusCode"), int):
        return told(502, "Internal server error")
    headers = [(name, str(value)) for name, value in (result.get("headers") or {}).items()]
    for name, values in (result.get("multiValueHeaders") or {}).items():
        headers = [pair for pair in headers if pair[0].lower() != name.lower()]
        headers += [(name, str(value)) for value in values]
    try:
        body = _answered(result)
    except (ValueError, binascii.Error, AttributeError):
        return told(502, "Internal server error")
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "application/json"))
    return Response(result["statusCode"], body, headers)


def told(status: int, message: str) -> Response:
    """One of API Gateway's own answers."""
    body = json.dumps({"message": message}).encode()
    return Response(status, body, [("Content-Type", "application/json")])


def access_line(layout: str, event: Mapping[str, Any], status: int, size: int, seconds: float) -> str:
    """One line of the access log in the template's format; a variable the box does not know is a dash."""
    context = event["requestContext"]
    known = {
        **{name: value for name, value in context.items() if isinstance(value, str | int)},
        **{f"identity.{name}": value for name, value in context["identity"].items() if value},
        "status": status,
        "responseLength": size,
        "responseLatency": int(seconds * 1000),
        "integrationLatency": int(seconds * 1000),
        "integration.latency": int(seconds * 1000),
        "integration.status": 200,
    }
    return re.sub(r"\$context\.([A-Za-z.]+)", lambda found: str(known.get(found[1].rstrip("."), "-")), layout)


def _answered(result: Mapping[str, Any]) -> bytes:
    body = result.get("body") or ""
    if not isinstance(body, str):
        raise ValueError("a body is text")
    return base64.b64decode(body, validate=True) if result.get("isBase64Encoded") else body.encode()


def _body(api: RestApi, request: Request) -> tuple[str | None, bool]:
    if not request.body:
        return None, False
    kind = request.header("Content-Type").partition(";")[0].strip().lower()
    if any(fnmatch(kind, pattern) for pattern in api.binary):
        return base64.b64encode(request.body).decode(), True
    return request.body.decode("utf-8", errors="replace"), False


def _many(pairs: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _context(api: RestApi, route: Route, request: Request, now: datetime, account: str) -> dict[str, Any]:
    host = request.header("Host")
    nobody = ("cognitoIdentityPoolId", "accountId", "cognitoIdentityId", "caller", "accessKey", "user", "userArn",
              "principalOrgId", "cognitoAuthenticationType", "cognitoAuthenticationProvider")  # fmt: skip
    return {
        "resourceId": route.node.resource_id,
        "resourcePath": route.node.path,
        "httpMethod": request.method,
        "extendedRequestId": uuid.uuid4().hex[:16],
        "requestTime": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "requestTimeEpoch": int(now.timestamp() * 1000),
        "path": urlsplit(request.target).path,
        "accountId": account,
        "protocol": "HTTP/1.1",
        "stage": api.stage,
        "domainPrefix": host.partition(".")[0],
        "domainName": host,
        "apiId": api.api_id,
        "requestId": str(uuid.uuid4()),
        "identity": dict.fromkeys(nobody)
        | {"sourceIp": request.source_ip, "userAgent": request.header("User-Agent") or None},
    }
