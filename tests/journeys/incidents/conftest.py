"""A practice whose carrier judges every hand-off, with Ana and her household on one phone."""

import pytest

from tests.journeys.stories import ANA
from tests.journeys.watched import WatchedPractice


@pytest.fixture
def p():
    """Ana (P-1) and her child (P-2) have agreed to texts; nothing is booked yet."""
    practice = WatchedPractice()
    for ref in ("P-1", "P-2"):
        practice.consents(ref, ANA)
    return practice


@pytest.fixture
def reminded(p):
    """Ana's visit is booked, and its reminder has asked her to confirm."""
    p.hears()
    p.later(days=8)
    assert len(p.carrier.sent) == 2
    return p
