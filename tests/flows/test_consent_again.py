"""Doors have no queue behind them: what loses to another writer is decided anew, a few times."""

import pytest
from texting.errors import Contended
from texting.flows.again import TRIES, again


@pytest.mark.parametrize(("losses", "calls"), [(0, 1), (1, 2), (TRIES - 1, TRIES)])
def test_what_loses_is_decided_anew(losses, calls):
    """From its first read on, until it wins."""
    made = []

    def decide():
        made.append(1)
        if len(made) <= losses:
            raise Contended("Somebody else wrote first.")
        return "done"

    assert (again(decide), len(made)) == ("done", calls)


def test_who_always_loses_is_told_to_come_back():
    """After five tries the caller gets 503, and nothing is half done."""

    def decide():
        raise Contended("Somebody else wrote first.")

    with pytest.raises(Contended):
        again(decide)
