"""Receipts as a join: any order, any duplication, the same state."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from texting.rules.receipts import _DECIDES, PERMANENT, evidence, joined, status
from texting.values import FINAL, State

KINDS = sorted(_DECIDES)


def event(kind, stamp=1_796_000_000_000, **more):
    return {"eventType": kind, "eventTimestamp": stamp, "isFinal": kind != "TEXT_PENDING", **more}


def after(*kinds, start=State.HANDED):
    known = ()
    for kind in kinds:
        known = joined(known, evidence(event(kind)))
    return status(start, known)


@given(st.lists(st.sampled_from(KINDS), max_size=5), st.randoms())
def test_any_order_and_any_duplication_give_the_same_state(kinds, random):
    """The state is a function of the set."""
    again = kinds + kinds[:2]
    random.shuffle(again)

    assert after(*kinds) == after(*again)


@pytest.mark.parametrize(
    ("kinds", "state"),
    [
        (["TEXT_PENDING"], State.ACCEPTED),
        (["TEXT_UNKNOWN"], State.ACCEPTED),  # silence for 72 h is no failure
        (["TEXT_PENDING", "TEXT_DELIVERED"], State.DELIVERED),
        (["TEXT_SUCCESSFUL"], State.DELIVERED),  # the US uses it interchangeably
        (["TEXT_DELIVERED", "TEXT_UNKNOWN"], State.DELIVERED),
        (["TEXT_TTL_EXPIRED"], State.EXPIRED),
        (["TEXT_DELIVERED", "TEXT_CARRIER_BLOCKED"], State.FAILED),  # parts disagree: the worse one
        (["TEXT_PENDING", "TEXT_UNREACHABLE"], State.FAILED),
    ],
)
def test_specimens(kinds, state):
    """Specimens of what carriers send, in every order."""
    assert {after(*order) for order in permutations(kinds)} == {state}


def test_a_text_in_doubt_is_settled_by_a_receipt():
    """P3: doubt is reconciled from receipts, never by sending again."""
    assert after("TEXT_DELIVERED", start=State.IN_DOUBT) is State.DELIVERED


@pytest.mark.parametrize("state", [State.PLANNED, State.HELD, State.REFUSED, State.WITHDRAWN])
def test_no_receipt_makes_an_unsent_text_sent(state):
    """A receipt for a text that never reached the carrier changes nothing."""
    assert after("TEXT_DELIVERED", start=state) is state


def test_nothing_of_the_patient_is_kept():
    """Numbers and context of an event are dropped before it becomes evidence."""
    piece = evidence(
        event("TEXT_DELIVERED", destinationPhoneNumber="+13125550142", context={"a": "b"}, totalMessageParts=2)
    )

    assert set(piece) == {"type", "final", "at", "parts"}


@pytest.mark.parametrize("broken", [{}, {"eventType": "VOICE_ALL"}, {"eventType": 7}, {"eventType": "TEXT_NEW_KIND"}])
def test_what_is_not_a_text_receipt_is_none(broken):
    """Unknown events are not guessed at."""
    assert evidence(broken) is None


def test_permanent_failures_are_failures():
    """What teaches a number's record must itself end as failed."""
    for kind in PERMANENT:
        assert after(kind) is State.FAILED
        assert State.FAILED in FINAL
