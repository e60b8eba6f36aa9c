"""moto as the embedded AWS: its backends behind a small HTTP front, with its conditional writes made atomic.

Run as a child by `EmbeddedAws("moto")`. moto's own server needs a web framework that nothing else of ours does;
the front here gives each request the address AWS would have, by the service its signature names, and lets moto answer.
"""

import os
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import moto.dynamodb.responses
from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from moto.core.botocore_stubber import BotocoreStubber

SCOPE = re.compile(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/aws4_request")


def make_writes_atomic() -> None:
    """Let moto answer one DynamoDB call at a time: by itself, two threads can both win a conditional write."""
    handler = moto.dynamodb.responses.DynamoHandler
    original = handler.call_action
    if getattr(original, "serial", False):
        return
    lock = threading.RLock()

    def one_at_a_time(self: Any) -> Any:
        with lock:
            return original(self)

    one_at_a_time.serial = True  # type: ignore[attr-defined]
    handler.call_action = one_at_a_time  # type: ignore[method-assign]


class Front(BaseHTTPRequestHandler):
    """Hands each request to moto under the address it would have had."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    stubber = BotocoreStubber()

    def answer(self) -> None:
        """Answer one request of any method."""
        if self.path == "/_ministack/health":
            self._write(200, {}, b"{}")
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        found = SCOPE.search(self.headers.get("Authorization", ""))
        region, service = found.groups() if found else ("us-east-1", "s3")
        headers = HTTPHeaders()
        for name, value in self.headers.items():
            headers[name] = value
        url = f"https://{service}.{region}.amazonaws.com{self.path}"
        request = AWSPreparedRequest(self.command, url, headers, body, stream_output=False)
        answer = self.stubber.process_request(request)
        status, told, content = answer if answer else (404, {}, b"")
        self._write(status, told, content.encode() if isinstance(content, str) else bytes(content))

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = answer  # noqa: N815 - the names are the base class's

    def handle_expect_100(self) -> bool:
        """Ask for the body at once; unflushed, boto3 would wait a second for each object it puts."""
        going_on = super().handle_expect_100()
        self.wfile.flush()
        return going_on

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Keep no access log."""

    def _write(self, status: int, headers: dict[str, Any], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "connection", "date", "server", "transfer-encoding"):
                self.send_header(name, str(value))
        length = headers.get("content-length", headers.get("Content-Length")) if self.command == "HEAD" else None
        self.send_header("Content-Length", str(length if length is not None else len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()


def main() -> None:
    """Serve on the loopback port that `GATEWAY_PORT` names, until killed."""
    make_writes_atomic()
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ["GATEWAY_PORT"])), Front)
    server.daemon_threads = True
    server.serve_forever()
