"""The incidents of docs/incidents.md as stories: what went wrong elsewhere, played here."""

from box.scenarios.incidents_people import PEOPLE
from box.scenarios.incidents_sending import SENDING
from box.scenarios.incidents_words import WORDS_AND_LINKS
from box.scenarios.player import Story


def by_row(name: str) -> int:
    """The number of an incident's row."""
    return int(name.split("-", 1)[0].removeprefix("c"))


_ALL = SENDING | PEOPLE | WORDS_AND_LINKS
INCIDENTS: dict[str, Story] = {name: _ALL[name] for name in sorted(_ALL, key=by_row)}
"""Every incident by its name, in the order of the rows."""
