"""The AWS endpoints that move with the box's clock: SQS, EventBridge and EventBridge Scheduler, as boto3 speaks to
them.

They are ours rather than the embedded AWS's because time is: a delay, a visibility timeout or a schedule that runs
on another clock cannot be moved with it. Requests are checked against botocore's own model of each service; an
operation that is not played is refused by name. The rest of AWS stays behind `AWS_ENDPOINT_URL`.
"""

import json
import logging
import threading
import uuid
from collections.abc import Callable, Mapping
from functools import cache
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import botocore.session
from botocore.model import ServiceModel

from box.carrier.model import complaints
from box.carrier.server import Listener
from box.runtime import bus_api, queue_api, schedule_api
from box.runtime.bus import Bus
from box.runtime.queues import QueueRefused, Queues
from box.runtime.schedules import ScheduleRefused, Schedules

log = logging.getLogger(__name__)

Answer = dict[str, Any]


class Endpoints:
    """Serves the three services on one loopback port."""

    def __init__(self, queues: Queues, bus: Bus, schedules: Schedules) -> None:
        self.operations: dict[str, dict[str, Callable[[Answer], Answer]]] = {
            "sqs": queue_api.operations(queues),
            "events": bus_api.operations(bus),
            "scheduler": schedule_api.operations(schedules),
        }
        handler = type("EndpointHandler", (Handler,), {"endpoints": self})
        self._server = Listener(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, name="box-endpoints", daemon=True)

    @property
    def url(self) -> str:
        """Where they are served."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def environment(self) -> dict[str, str]:
        """The variables that lead boto3 here."""
        return {f"AWS_ENDPOINT_URL_{name}": self.url for name in ("SQS", "EVENTBRIDGE", "SCHEDULER")}

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the port."""
        self._server.shutdown()
        self._server.server_close()

    def perform(self, service: str, operation: str, request: Answer) -> Answer:
        """Carry out one request; raises Refused, QueueRefused or ScheduleRefused."""
        if operation not in self.operations[service]:
            raise Refused("UnknownOperationException", f"{service} {operation} is not played by the box.")
        shape = model(service).operation_model(operation).input_shape
        wrong = [f"{complaint.field} {complaint.sentence}" for complaint in complaints(shape, request)]
        if wrong:
            raise Refused("ValidationException", "; ".join(wrong))
        return self.operations[service][operation](request)


class Refused(Exception):
    """Raised when a request fits no operation of ours, or not its shape."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.status, self.sentence = code, 400, sentence


@cache
def model(service: str) -> ServiceModel:
    """botocore's model of a service."""
    return botocore.session.get_session().get_service_model(service)


class Handler(BaseHTTPRequestHandler):
    """Turns one request into one operation."""

    endpoints: Endpoints
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def answer(self) -> None:
        """Answer one request."""
        service = ""
        try:
            service, operation, request = self._read()
            self._write(200, self.endpoints.perform(service, operation, request), service)
        except (Refused, ScheduleRefused) as error:
            told = {"__type": error.code, "Message": error.sentence, "message": error.sentence}
            self._write(error.status, told, service, error.code)
        except QueueRefused as error:
            self._write(
                400, {"__type": f"com.amazonaws.sqs#{error.code}", "message": error.sentence}, service, error.code
            )

    do_POST = do_GET = do_PUT = do_DELETE = answer  # noqa: N815 - the names are the base class's

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Keep no access log: requests carry words."""

    def _read(self) -> tuple[str, str, Answer]:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        told = json.loads(body) if body else {}
        target = self.headers.get("X-Amz-Target", "")
        if target:
            service = {"AmazonSQS": "sqs", "AWSEvents": "events"}.get(target.partition(".")[0])
            if service is None:
                raise Refused("UnknownOperationException", f"{target} is not played by the box.")
            return service, target.partition(".")[2], told
        return "scheduler", *schedule_request(self.command, self.path, told)

    def _write(self, status: int, told: Mapping[str, Any], service: str, error: str = "") -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        version = "1.1" if service == "events" else "1.0"
        self.send_header(
            "Content-Type", "application/json" if service == "scheduler" else f"application/x-amz-json-{version}"
        )
        self.send_header("Content-Length", str(len(body)))
        self.send_header("x-amzn-RequestId", str(uuid.uuid4()))
        if error:
            self.send_header("x-amzn-ErrorType", error)
        if error == "QueueDoesNotExist":
            self.send_header("x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender")
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


def schedule_request(method: str, path: str, body: Answer) -> tuple[str, Answer]:
    """The Scheduler's operation and its request: REST, so the name and group are in the address."""
    split = urlsplit(path)
    parts = [unquote(part) for part in split.path.strip("/").split("/")]
    query = {name: values[0] for name, values in parse_qs(split.query).items()}
    verbs = {"POST": "Create", "PUT": "Update", "GET": "Get", "DELETE": "Delete"}
    if parts == ["schedules"] and method == "GET":
        members = {"ScheduleGroup": "GroupName"}
        found: Answer = {members.get(name, name): value for name, value in query.items()}
        if "MaxResults" in found:
            found["MaxResults"] = int(found["MaxResults"])
        return "ListSchedules", found
    if parts[0] == "schedules" and len(parts) == 2 and method in verbs:
        members = {"groupName": "GroupName", "clientToken": "ClientToken"}
        return f"{verbs[method]}Schedule", body | {"Name": parts[1]} | {members.get(n, n): v for n, v in query.items()}
    raise Refused("UnknownOperationException", f"{method} {parts[0]} is not played by the box.")
