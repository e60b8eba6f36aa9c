"""A practice on a mocked account for every journey test."""

import pytest

from tests.journeys.stories import practice_in_memory


@pytest.fixture
def practice():
    """A practice whose sending is on, with nothing in it yet."""
    yield from practice_in_memory()
