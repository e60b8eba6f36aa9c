"""Deciding anew when somebody else wrote first: for doors, whose callers wait and have no queue that brings them again."""

from collections.abc import Callable
from typing import TypeVar

from texting.errors import Contended

T = TypeVar("T")
TRIES = 5
"""Two people at one record settle in two tries; five is a machine gone wild, and its sender is told to wait."""


def again(decide: Callable[[], T]) -> T:
    """What `decide` answers, run from its first read again while it loses to other writers. Raises Contended at last."""
    for _ in range(TRIES - 1):
        try:
            return decide()
        except Contended:
            continue
    return decide()
