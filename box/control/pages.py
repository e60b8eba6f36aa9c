"""The page's files: one document, one style sheet, one script, all ours, under a policy that allows nothing else."""

from pathlib import Path

from box.runtime.rest_front import Response

PAGE = Path(__file__).resolve().parents[1] / "page"
FILES = {
    "/": ("page.html", "text/html; charset=utf-8"),
    "/box/page.css": ("page.css", "text/css; charset=utf-8"),
    "/box/page.js": ("page.js", "text/javascript; charset=utf-8"),
    "/box/icon.svg": ("icon.svg", "image/svg+xml"),
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


def find(path: str) -> Response | None:
    """The file for a path, or None."""
    if path not in FILES:
        return None
    name, kind = FILES[path]
    headers = [
        ("Content-Type", kind),
        ("Content-Security-Policy", POLICY),
        ("Referrer-Policy", "no-referrer"),
        ("X-Content-Type-Options", "nosniff"),
        ("Cache-Control", "no-cache"),
    ]
    return Response(200, (PAGE / name).read_bytes(), headers)
