"""A small FHIR R4 server: what the practice's record system would answer when it is read back.

Reads by id, searches by what changed since, asks for a bearer token, and keeps what `PUT /box/fhir/{type}/{id}`
gives it, with the box's time as the moment of change. Nothing is checked against the standard: it is a scheduling
system that may be wrong.
"""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from box.carrier.server import Listener
from box.clock import UnreadableTime, parse_time, written

Resource = Mapping[str, Any]

COMPARISONS: dict[str, Callable[[datetime, datetime], bool]] = {
    "gt": lambda changed, asked: changed > asked,
    "ge": lambda changed, asked: changed >= asked,
    "lt": lambda changed, asked: changed < asked,
    "le": lambda changed, asked: changed <= asked,
}


@dataclass
class Shelf:
    """The resources, by type and id; safe to use from any thread."""

    now: Callable[[], datetime]
    bearer: str
    by_id: dict[tuple[str, str], Resource] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, kind: str, resource_id: str, told: Resource) -> Resource:
        """Keep a resource under its type and id, as its next version."""
        with self.lock:
            old = self.by_id.get((kind, resource_id), {}).get("meta", {})
            version = int(old.get("versionId", "0")) + 1
            meta = dict(told.get("meta", {})) | {"versionId": str(version), "lastUpdated": written(self.now())}
            kept = {**told, "resourceType": kind, "id": resource_id, "meta": meta}
            self.by_id[(kind, resource_id)] = kept
            return kept

    def get(self, kind: str, resource_id: str) -> Resource | None:
        """A resource, or None."""
        with self.lock:
            return self.by_id.get((kind, resource_id))

    def search(self, kind: str, query: list[tuple[str, str]]) -> list[Resource]:
        """The resources of a type that fit `_id` and `_lastUpdated`, oldest change first."""
        with self.lock:
            found = [resource for (type_, _), resource in self.by_id.items() if type_ == kind]
        for name, value in query:
            if name == "_id":
                found = [resource for resource in found if resource["id"] in value.split(",")]
            if name == "_lastUpdated" and value[:2] in COMPARISONS:
                asked, fits = parse_time(value[2:]), COMPARISONS[value[:2]]
                found = [resource for resource in found if fits(parse_time(resource["meta"]["lastUpdated"]), asked)]
        return sorted(found, key=lambda resource: str(resource["meta"]["lastUpdated"]))


class FhirServer:
    """Serves a shelf on a loopback port of its own."""

    def __init__(self, now: Callable[[], datetime], bearer: str) -> None:
        self.shelf = Shelf(now, bearer)
        handler = type("FhirHandler", (Handler,), {"shelf": self.shelf})
        self._server = Listener(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, name="box-fhir", daemon=True)

    @property
    def base(self) -> str:
        """The FHIR base for practice.toml."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the port."""
        self._server.shutdown()
        self._server.server_close()


class Handler(BaseHTTPRequestHandler):
    """Turns one GET into one resource or one Bundle."""

    shelf: Shelf
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        """Answer one read or search."""
        if self.headers.get("Authorization") != f"Bearer {self.shelf.bearer}":
            return self._answer(401, outcome("login", "Send the bearer token."))
        split = urlsplit(self.path)
        parts = [unquote(part) for part in split.path.strip("/").split("/")]
        if len(parts) == 2:
            found = self.shelf.get(parts[0], parts[1])
            return self._answer(200 if found else 404, found or outcome("not-found", "There is no such resource."))
        try:
            rows = self.shelf.search(parts[0], parse_qsl(split.query))
        except UnreadableTime:
            return self._answer(400, outcome("invalid", "The time cannot be read."))
        return self._answer(200, bundle(rows))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Keep no access log."""

    def _answer(self, status: int, told: Resource) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/fhir+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


def bundle(rows: list[Resource]) -> Resource:
    """A searchset."""
    return {"resourceType": "Bundle", "type": "searchset", "total": len(rows), "entry": [{"resource": r} for r in rows]}


def outcome(code: str, sentence: str) -> Resource:
    """An OperationOutcome."""
    issue = {"severity": "error", "code": code, "diagnostics": sentence}
    return {"resourceType": "OperationOutcome", "issue": [issue]}
