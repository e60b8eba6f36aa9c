"""The incidents of the wild, each played on the whole product: `POST /box/scenario/{name}` finds every step as promised."""

import pytest

from box.scenarios.incidents import INCIDENTS
from box.scenarios.player import Box


@pytest.mark.parametrize("name", INCIDENTS)
def test_an_incident_is_survived(box: Box, name: str) -> None:
    """Each step of the story happened as docs/incidents.md says, and left the box working."""
    told = box.post(f"/box/scenario/{name}")
    assert told["ok"], told.get("surprise")
    assert told["steps"]
    assert box.get("/box/health")["troubles"] == []
    assert box.get("/box/carrier")["faults"] == []
