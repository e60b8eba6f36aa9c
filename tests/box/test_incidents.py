"""The incidents of the wild, each played on the whole product: `POST /box/scenario/{name}` finds every step as promised.

`make prove` plays all of them (INCIDENTS=all); here those that need no night to pass. The others run in every check on a
practice in memory (`tests/journeys/incidents`).
"""

import os

import pytest

from box.scenarios.incidents import INCIDENTS, by_row
from box.scenarios.player import Box

OVERNIGHT = {3, 5, 6, 9, 10, 11, 13, 17, 20, 21, 22, 25, 26, 27, 28, 36, 40}
PLAYED = [name for name in INCIDENTS if os.environ.get("INCIDENTS") == "all" or by_row(name) not in OVERNIGHT]


@pytest.mark.parametrize("name", PLAYED)
def test_an_incident_is_survived(box: Box, name: str) -> None:
    """Each step of the story happened as docs/incidents.md says, and left the box working."""
    told = box.post(f"/box/scenario/{name}")
    assert told["ok"], told.get("surprise")
    assert told["steps"]
    assert box.get("/box/health")["troubles"] == []
    assert box.get("/box/carrier")["faults"] == []
