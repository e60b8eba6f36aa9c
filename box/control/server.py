"""The one port: the product's own API as deployed, the control surface under /box, and the page.

Listens on loopback only. What changes something under /box is refused when it comes from another site's page: a
browser that reads something else at the same time must not be able to text patients.
"""

import logging
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from box.carrier.server import Listener
from box.control import api, pages
from box.control.answers import Asked, Told
from box.runtime.rest_front import LARGEST_BODY, Request, Response

if TYPE_CHECKING:
    from box.world import World

log = logging.getLogger(__name__)


class Front:
    """Serves a world on a port; 0 takes a free one."""

    def __init__(self, world: "World", port: int) -> None:
        handler = type("FrontHandler", (Handler,), {"world": world})
        self._server = Listener(("127.0.0.1", port), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, name="box-front", daemon=True)

    @property
    def address(self) -> str:
        """Where it is reached."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the port."""
        self._server.shutdown()
        self._server.server_close()


class Handler(BaseHTTPRequestHandler):
    """Turns one HTTP request into a call on the control surface, a page, or a door of the product."""

    world: "World"
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 120

    def answer(self) -> None:
        """Answer one request."""
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST_BODY:
            self.close_connection = True
            return self._send(Response(413, b'{"message":"Request Too Long"}', [("Content-Type", "application/json")]))
        body = self.rfile.read(length)
        path = urlsplit(self.path).path
        if path == "/" or path.startswith("/box"):
            return self._send(self._own(path, body))
        if not self.world.ready:
            return self._send(Told(503, {"message": "Service Unavailable"}).response())
        request = Request(self.command, self.path, list(self.headers.items()), body, self.client_address[0])
        return self._send(self.world.runtime.handle(request))

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = answer  # noqa: N815 - the base class's

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Keep no log of addresses: the access log is the runtime's, by resource path."""

    def _own(self, path: str, body: bytes) -> Response:
        strangers = self._stranger()
        if strangers:
            return Told(403, {"error": strangers}).response()
        page = pages.find(self.world, path) if self.command in ("GET", "HEAD") else None
        if page:
            return page
        query = dict(parse_qsl(urlsplit(self.path).query))
        try:
            told = api.answer(self.world, Asked(self.command, unquote(path), query, body))
        except Exception:
            log.exception("the control surface failed")
            told = Told(500, {"error": "The box failed to answer; its own output says why."})
        return told.response()

    def _stranger(self) -> str:
        """Why this request is not for us: another host's name, or another site's page."""
        host = self.headers.get("Host", "").rsplit(":", 1)[0]
        origin = self.headers.get("Origin", "")
        if host not in ("127.0.0.1", "localhost", "[::1]"):
            return "The box answers to 127.0.0.1 and localhost only."
        if origin and (urlsplit(origin).hostname not in ("127.0.0.1", "localhost")) and self.command != "GET":
            return "Another site's page may not steer the box."
        return ""

    def _send(self, answer: Response) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        with suppress(ConnectionError):  # whoever asked has gone: a page that was closed, a story that was stopped
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)
            self.wfile.flush()
