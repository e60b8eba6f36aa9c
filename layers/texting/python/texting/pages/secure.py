"""The portal's pages: who are you, your message, your answer. None of them tells why a link did not open."""

from datetime import datetime
from zoneinfo import ZoneInfo

from texting.pages.rendering import Page, Reader, filled, render
from texting.pages.wording import words_of
from texting.values import Body


def identity(reader: Reader, *, fault: str = "") -> Page:
    """The form that every link shows, whatever is behind it."""
    return render(reader, "identity", "identity", fault=fault)


def message(reader: Reader, body: Body, until: datetime, session: str, action: str) -> Page:
    """The message itself, until when it can be read, and a form to answer it."""
    local = until.astimezone(ZoneInfo(reader.practice.locations[0].time_zone))
    shown = f"{local:%m/%d/%Y %H:%M} {local.tzname()}"
    return render(reader, "message", "message", body=body.reveal(), until=shown, session=session, action=action)


def reply_again(reader: Reader, session: str, fault: str) -> Page:
    """The answer's form once more, with what is wrong."""
    return render(reader, "reply_again", "reply_again", fault=fault, session=session, action="")


def reply_sent(reader: Reader) -> Page:
    """Thanks."""
    return _closing(reader, "reply_sent")


def reply_closed(reader: Reader) -> Page:
    """The answer was not taken: the page was open for too long, or the message no longer is."""
    return _closing(reader, "reply_closed")


def _closing(reader: Reader, row: str) -> Page:
    words = filled(reader, words_of(reader.language)["page"][row])
    return render(reader, "closed", row, words=words)
