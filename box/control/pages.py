"""The page and its files: one document, one style sheet, one script, all ours, under a policy that allows nothing else."""

from pathlib import Path
from typing import TYPE_CHECKING

from box.control.answers import Told
from box.page import render
from box.runtime.rest_front import Response

if TYPE_CHECKING:
    from box.world import World

PAGE = Path(__file__).resolve().parents[1] / "page"
FILES = {
    "/box/page.css": ("page.css", "text/css; charset=utf-8"),
    "/box/page.js": ("page.js", "text/javascript; charset=utf-8"),
    "/box/icon.svg": ("icon.svg", "image/svg+xml"),
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


def find(world: "World", path: str) -> Response | None:
    """The page, one of its files, or its version; None for any other path."""
    if path == "/":
        return _guarded(render.page(world), "text/html; charset=utf-8")
    if path == "/box/version" and world.ready:
        return Told(200, {"version": render.version(world)}).response()
    if path in FILES:
        name, kind = FILES[path]
        return _guarded((PAGE / name).read_bytes(), kind)
    return None


def _guarded(body: bytes, kind: str) -> Response:
    headers = [
        ("Content-Type", kind),
        ("Content-Security-Policy", POLICY),
        ("Referrer-Policy", "no-referrer"),
        ("X-Content-Type-Options", "nosniff"),
        ("Cache-Control", "no-cache"),
    ]
    return Response(200, body, headers)
