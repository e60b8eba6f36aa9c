"""What the answers to patients share: whom a page is for, and the page as an answer."""

from texting.doors import Answer, Request
from texting.flows.needs import World
from texting.pages.readers import reader_of
from texting.pages.rendering import Page, Reader


def reader(world: World, request: Request, asked: str | None = None, known: str = "") -> Reader:
    """Whom a page is for. `asked` is the language that a form brought back, else the one in the address; `known` the
    patient's own, once it may be told."""
    wanted = request.query.get("lang", "") if asked is None else asked
    return reader_of(world.practice, wanted, request.header("accept-language"), known)


def shown(status: int, page: Page) -> Answer:
    """A page as an answer, with the policy that belongs to it."""
    return Answer(status, page=page.html, headers=page.headers)
