"""API Gateway's REST proxy events as Lambda gets them, and a caller that speaks to a handler through them."""

import base64
import json
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

BROWSER = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Safari/604.1"


def event(method, resource, path=None, body="", headers=None, query=None, *, base64_body=False) -> dict[str, Any]:
    """One proxy event (payload 1.0), every key that API Gateway sends included."""
    told = {"User-Agent": BROWSER, "Accept-Language": "en-US,en;q=0.9", "X-Forwarded-For": "203.0.113.7"} | (
        headers or {}
    )
    url = resource
    for name, value in (path or {}).items():
        url = url.replace("{" + name + "}", value)
    return {
        "resource": resource,
        "path": url,
        "httpMethod": method,
        "headers": told,
        "multiValueHeaders": {name: [value] for name, value in told.items()},
        "queryStringParameters": query or None,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} if query else None,
        "pathParameters": path or None,
        "stageVariables": None,
        "requestContext": {
            "resourceId": "abc123",
            "resourcePath": resource,
            "httpMethod": method,
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "accountId": "123456789012",
            "stage": "live",
            "identity": {"sourceIp": "203.0.113.7", "userAgent": told["User-Agent"]},
            "apiId": "1234567890",
            "protocol": "HTTP/1.1",
        },
        "body": (base64.b64encode(body.encode()).decode() if base64_body else body) or None,
        "isBase64Encoded": base64_body,
    }


@dataclass
class Reply:
    """What a handler answered."""

    status: int
    text: str
    headers: dict[str, str]

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.text)


@dataclass
class Caller:
    """Speaks to one handler, with a bearer token where it has one."""

    handler: Any
    token: str = ""

    def call(self, method, resource, path=None, body="", headers=None, query=None, *, base64_body=False) -> Reply:
        if isinstance(body, dict):
            body = json.dumps(body)
        auth = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        told = event(method, resource, path, body, auth | (headers or {}), query, base64_body=base64_body)
        context = SimpleNamespace(aws_request_id="req-1", function_name="f", memory_limit_in_mb=128)
        said = self.handler.lambda_handler(told, context)
        return Reply(said["statusCode"], said["body"], said["headers"])

    def post(self, resource, body, **path) -> Reply:
        return self.call("POST", resource, path or None, body)

    def get(self, resource, *, query=None, headers=None, **path) -> Reply:
        return self.call("GET", resource, path or None, query=query, headers=headers)

    def submit(self, resource, fields, *, headers=None, **path) -> Reply:
        """Send a page's form. `fields` is a list of pairs, or a mapping."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"} | (headers or {})
        return self.call("POST", resource, path or None, urlencode(fields), kind)
