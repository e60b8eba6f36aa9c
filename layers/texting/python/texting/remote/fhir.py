"""Reading appointments back from the practice's FHIR server: https, one host, small answers, bounded time.

Nothing here decides; it returns resources as the server gave them. What fails says who can help: Unknown (gone),
Unavailable (try again), Misconfigured (the practice's settings), Unreadable (the server's answer).
"""

import http.client
import re
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import SplitResult, quote, urlencode, urljoin, urlsplit

from texting.errors import Misconfigured, Unavailable, Unknown, Unreadable
from texting.sources import json_text, moments
from texting.sources.fhir import parts_of
from texting.sources.fhir_references import literal

Resource = Mapping[str, Any]

MAX_BYTES = 1024 * 1024
MAX_PAGES = 10
PAGE = 50

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_TOKEN = re.compile(r"[\x21-\x7e]+")
_AS_IT_IS = "/?&=%:,$+|~!*'();@"
_CONNECTION_FAILED = (OSError, http.client.HTTPException)


@dataclass(frozen=True, slots=True)
class Changed:
    """Appointments (`Appointment/id`) that changed, oldest change first; `rest_since` is set when there are more."""

    references: tuple[str, ...]
    rest_since: datetime | None = None


class FhirReader:
    """A FHIR R4 server at `base`, read with a bearer token. `seconds` bounds each request as a whole.

    Raises Misconfigured for a base that is neither https nor on this machine, and for a token that cannot be one.
    """

    def __init__(self, base: str, bearer: str, seconds: float = 5.0) -> None:
        self._base = urlsplit(base.rstrip("/") + "/")
        local = self._base.scheme == "http" and self._base.hostname in _LOOPBACK
        if not self._base.hostname or self._base.username or not (self._base.scheme == "https" or local):
            raise Misconfigured("fhir_base in practice.toml must begin with https:// and name the FHIR server.")
        if not _TOKEN.fullmatch(bearer):
            raise Misconfigured("The connection's secret is no bearer token; put the FHIR server's token into it.")
        self._bearer = bearer
        self._seconds = seconds

    def appointment(self, reference: str) -> tuple[Resource, list[Resource]]:
        """The appointment `Appointment/id`, and its patient, location and provider as far as the server gives them.

        Raises Unknown when the appointment is gone, and Unavailable, Misconfigured or Unreadable.
        """
        path = literal(reference)
        if not path.startswith("Appointment/"):
            raise Unknown("That is no reference to an Appointment.")
        with self._connection() as connection:
            found = self._resource(connection, path, "Appointment")
            others = [part for path in parts_of(found) if (part := self._part(connection, path)) is not None]
            merged = [path for other in others for path in parts_of(other) if other.get("resourceType") == "Patient"]
            others += [part for path in merged if (part := self._part(connection, path)) is not None]
        return found, others

    def search_since(self, since: datetime) -> Changed:
        """The appointments changed after `since` (aware). Raises Unavailable, Misconfigured or Unreadable."""
        after = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        asked = urlencode({"_lastUpdated": f"gt{after}", "_sort": "_lastUpdated", "_count": PAGE})
        address, references, latest = f"Appointment?{asked}", dict[str, None](), since
        with self._connection() as connection:
            for _ in range(MAX_PAGES):
                bundle = self._get(connection, address)
                for resource in _appointments(bundle):
                    references[_reference(resource)] = None
                    latest = max(latest, _updated(resource) or latest)
                address = self._next(bundle)
                if not address:
                    return Changed(tuple(references))
        return Changed(tuple(references), latest)

    @contextmanager
    def _connection(self) -> Iterator[http.client.HTTPConnection]:
        host, port = str(self._base.hostname), self._base.port
        connection = (
            http.client.HTTPSConnection(host, port, timeout=self._seconds, context=ssl.create_default_context())
            if self._base.scheme == "https"
            else http.client.HTTPConnection(host, port, timeout=self._seconds)
        )
        try:
            yield connection
        finally:
            connection.close()

    def _part(self, connection: http.client.HTTPConnection, path: str) -> Resource | None:
        """A resource beside the appointment, or None when it is gone. Only of the patient must the token allow reading."""
        kind = path.partition("/")[0]
        try:
            return self._resource(connection, path, kind)
        except Unknown:
            return None
        except Misconfigured:
            if kind == "Patient":
                raise
            return None

    def _resource(self, connection: http.client.HTTPConnection, path: str, kind: str) -> Resource:
        resource = self._get(connection, path)
        if resource.get("resourceType") != kind:
            raise Unreadable("fhir_answer", f"The FHIR server answered with something other than the {kind} asked for.")
        return resource

    def _get(self, connection: http.client.HTTPConnection, address: str) -> Resource:
        headers = {
            "Accept": "application/fhir+json",
            "Accept-Encoding": "identity",
            "Authorization": f"Bearer {self._bearer}",
        }
        try:
            connection.request("GET", quote(self._base.path + address, safe=_AS_IT_IS), headers=headers)
            status, body = _read(connection, time.monotonic() + self._seconds)
        except _CONNECTION_FAILED:
            connection.close()
            raise Unavailable("The FHIR server did not answer in time.") from None
        _check(status)
        found = json_text.read(body, MAX_BYTES)
        if not isinstance(found, dict):
            raise Unreadable("fhir_answer", "The FHIR server's answer is not a resource.")
        return found

    def _next(self, bundle: Resource) -> str:
        """The address of the next page below the base; "" at the end. A page elsewhere is not followed."""
        links = json_text.as_objects(bundle.get("link"))
        url = next((json_text.text(link.get("url"), 4000) for link in links if link.get("relation") == "next"), None)
        if not url:
            return ""
        target = urlsplit(urljoin(self._base.geturl(), url))
        if _place(target) != _place(self._base) or not target.path.startswith(self._base.path):
            raise Misconfigured("The FHIR server sends us to another address; write that one as fhir_base.")
        rest = target.path.removeprefix(self._base.path)
        return f"{rest}?{target.query}"


def _place(address: SplitResult) -> tuple[str, str | None, int | None]:
    return address.scheme, address.hostname, address.port


def _read(connection: http.client.HTTPConnection, until: float) -> tuple[int, bytes]:
    """Status and body, stopping at the size cap and at `until` (monotonic), so that a trickle cannot hold us."""
    response = connection.getresponse()
    body, left = b"", response.length  # None: chunked, or until the server hangs up
    while left != 0 and (chunk := response.read1(65536 if left is None else min(left, 65536))):
        body += chunk
        left = left if left is None else left - len(chunk)
        if len(body) > MAX_BYTES:
            connection.close()
            raise Unreadable("too_large", "The FHIR server's answer is larger than 1 MiB.")
        if time.monotonic() > until:
            raise TimeoutError
    if left:
        raise http.client.IncompleteRead(b"")
    response.close()  # Python 3.11 does not count what read1 took, and would think this answer unfinished
    return response.status, body


def _check(status: int) -> None:
    if status in (404, 410):
        raise Unknown("The FHIR server does not have that resource.")
    if status in (401, 403):
        raise Misconfigured("The FHIR server refuses our token; put a valid one into the connection's secret.")
    if 300 <= status < 400:
        raise Misconfigured("The FHIR server sends us to another address; write that one as fhir_base.")
    if status == 429 or status >= 500:
        raise Unavailable("The FHIR server is busy or failing.")
    if status != 200:
        raise Unreadable("fhir_answer", f"The FHIR server answered our reading with status {status}.")


def _appointments(bundle: Resource) -> list[dict[str, Any]]:
    resources = [json_text.as_object(entry.get("resource")) for entry in json_text.as_objects(bundle.get("entry"))]
    return [one for one in resources if one.get("resourceType") == "Appointment" and _reference(one)]


def _reference(appointment: Resource) -> str:
    return literal(f"Appointment/{json_text.ident(appointment.get('id')) or ''}")


def _updated(resource: Resource) -> datetime | None:
    return moments.instant(json_text.as_object(resource.get("meta")).get("lastUpdated"))
