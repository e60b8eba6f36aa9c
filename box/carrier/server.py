"""The carrier on the wire: AWS JSON 1.0 over HTTP on loopback, as boto3 speaks to `sms-voice`.

Reached through `AWS_ENDPOINT_URL_PINPOINT_SMS_VOICE_V2`. A request whose answer is to be lost is carried out and the
connection closed without a byte, at once: the client sees a broken connection and cannot know what happened.
Signatures are looked at, not verified: a request must be signed, for this service.
"""

import json
import logging
import socket
import threading
import uuid
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from box.carrier import api, model
from box.carrier.errors import AnswerLost, ServiceError, internal, invalid
from box.carrier.network import Network

TARGET = "PinpointSMSVoiceV2."
LARGEST_REQUEST = 1 << 20

log = logging.getLogger(__name__)


class CarrierServer:
    """Serves a network's API on loopback from a port of its own until stopped."""

    def __init__(self, network: Network, port: int = 0) -> None:
        handler = type("CarrierHandler", (Handler,), {"network": network})
        self._server = Listener(("127.0.0.1", port), handler)
        self._thread = threading.Thread(target=self._listen, name="box-carrier", daemon=True)

    @property
    def endpoint(self) -> str:
        """The URL for `AWS_ENDPOINT_URL_PINPOINT_SMS_VOICE_V2`."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=10)

    def _listen(self) -> None:
        self._server.serve_forever(poll_interval=0.02)  # how long `stop` waits; the default is half a second


class Listener(ThreadingHTTPServer):
    """One thread per connection, none of which keeps the process alive."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128


class Handler(BaseHTTPRequestHandler):
    """Turns one POST into one operation."""

    network: Network
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_POST(self) -> None:
        """Answer one request, or hang up if its answer is to be lost."""
        try:
            operation, request = self._read()
            answer = api.perform(self.network, operation, request)
            self._answer(200, answer)
        except ServiceError as error:
            self._refuse(error)
        except AnswerLost:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        except model.WrongAnswer:
            log.exception("the carrier was about to give an answer that the service's model does not allow")
            self._refuse(internal(str(uuid.uuid4())))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Keep no access log: requests carry numbers and words."""

    def _read(self) -> tuple[str, dict[str, Any]]:
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), LARGEST_REQUEST))
        if "/sms-voice/aws4_request" not in self.headers.get("Authorization", ""):
            raise ServiceError("AccessDeniedException", "The request is not signed for sms-voice.")
        target = self.headers.get("X-Amz-Target", "")
        if not target.startswith(TARGET):
            raise ServiceError("UnknownOperationException", "The request names no operation of this service.")
        try:
            request = json.loads(body or b"{}")
        except ValueError:
            raise invalid("CANNOT_PARSE") from None
        return target.removeprefix(TARGET), request

    def _refuse(self, error: ServiceError) -> None:
        if error.code in model.service().shape_names:
            model.check_answer(model.service().shape_for(error.code), error.members)
        self._answer(error.status, {"__type": error.code, **error.members}, error.code)

    def _answer(self, status: int, members: dict[str, Any], error: str | None = None) -> None:
        body = json.dumps(members, default=_seconds).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("x-amzn-RequestId", str(uuid.uuid4()))
        if error:
            self.send_header("x-amzn-ErrorType", error)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


def _seconds(value: object) -> float:
    """Write a timestamp as AWS JSON does: seconds since the epoch."""
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(f"{type(value).__name__} does not go on the wire")
