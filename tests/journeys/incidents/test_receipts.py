"""Incidents of receipts: out of order, contradictory, in parts, never; phones that take no text (C12, C13, C22, C24)."""

from itertools import permutations

import pytest
from texting.flows.note_receipt import note_receipt
from texting.values import PhoneNumber

from tests.journeys.stories import ANA
from tests.journeys.watched import WatchedPractice


def sent_to_ana():
    p = WatchedPractice()
    p.consents("P-1", ANA)
    p.hears()
    return p


def tell(p, message_id, *kinds):
    for at, kind in kinds:
        event = {"eventType": kind, "eventTimestamp": at, "isFinal": True, "context": {"message_id": message_id}}
        p.insists(lambda event=event: note_receipt(p.world, event, p.now))


HEARD = [(1, "TEXT_PENDING"), (2, "TEXT_DELIVERED"), (3, "TEXT_UNREACHABLE"), (2, "TEXT_DELIVERED")]


def test_c12_any_order_and_any_repetition_give_the_same_state():
    """C12: all orders of a receipt, its twin and one that contradicts it, with and without a repetition: one answer."""
    ends = set()
    for order in permutations(HEARD):
        p = sent_to_ana()
        p.runs()
        tell(p, p.carrier.sent[0]["message_id"], *order, *order[:1])
        ends.add(p.messages()[0][2])
    assert ends == {"failed"}


def test_c12_a_receipt_that_is_quicker_than_our_own_record_stands():
    """C12: it comes while the carrier's answer is not written down yet; what it says is kept, and nothing goes twice."""
    p = sent_to_ana()
    told = []

    def quick(point):
        if point == "after carrier" and not told:
            told.append(point)
            tell(p, p.carrier.sent[0]["message_id"], (2, "TEXT_DELIVERED"))

    p.carrier.interrupt = quick
    p.later(hours=1)
    assert p.messages()[0][2] == "delivered"
    assert len(p.carrier.sent) == 1


def test_c13_a_receipt_that_never_comes_is_not_a_reason_to_send_again():
    """C13: after three weeks of silence the text is `handed`: known to be with the carrier, and no more than that."""
    p = sent_to_ana()
    p.runs()
    p.hears(version=2, kind="cancelled")
    p.settle()
    assert p.messages()[0][2] == "handed"
    assert len(p.carrier.sent) == 1


@pytest.mark.parametrize("kind", ["TEXT_INVALID", "TEXT_BLOCKED", "TEXT_CARRIER_BLOCKED"])
def test_c22_a_phone_that_takes_no_texts_is_learnt_once(kind):
    """C22: the carrier's word suspends the number, people call instead, and the visit's other texts say why they stay."""
    p = sent_to_ana()
    p.runs()
    tell(p, p.carrier.sent[0]["message_id"], (1, kind))
    assert p.tasks() == ["number_failed"]
    assert p.later(days=12) == []
    assert set(p.why()[1:]) == {"suspended"}
    assert p.world.store.number(p.world.ids.number_id(PhoneNumber(ANA))).suspended


@pytest.mark.parametrize(
    ("order", "says"),
    [
        (["TEXT_UNREACHABLE", "TEXT_UNREACHABLE"], "unreachable"),
        (["TEXT_DELIVERED", "TEXT_CARRIER_UNREACHABLE"], "carrier unreachable"),
        (["TEXT_TTL_EXPIRED", "TEXT_UNREACHABLE"], "ttl expired"),
    ],
)
def test_c22_a_text_that_did_not_arrive_is_one_task_for_people(order, says):
    """C22: a landline or a phone that is off suspends nothing, and the front desk is told once, to call instead."""
    p = sent_to_ana()
    p.runs()
    tell(p, p.carrier.sent[0]["message_id"], *enumerate(order))
    (task,) = p.world.store.open_tasks()
    assert (task.kind, task.queue) == ("not_delivered", "front_desk")
    assert says in task.sentence
    assert not p.world.store.number(p.world.ids.number_id(PhoneNumber(ANA))).suspended


def test_c22_an_answer_that_did_not_arrive_is_no_task(p):
    """C22: the patient wrote and will write again; what staff owe is the question's own task."""
    p.texts("HELP")
    p.runs()
    tell(p, p.carrier.sent[0]["message_id"], (1, "TEXT_UNREACHABLE"))
    assert p.tasks() == []


@pytest.mark.parametrize("typed", ["", "ask at desk", "555-0142"])
def test_c22_a_visit_without_a_textable_number_is_for_people(typed):
    """C22: no number, or none that can be texted, is a task at booking, not a failure at ten in the morning."""
    p = WatchedPractice()
    p.hears(phone=typed)
    assert p.later(days=12) == []
    assert p.tasks() == ["no_phone"]


@pytest.mark.parametrize("first", [0, 1])
def test_c24_parts_that_report_apart_count_as_the_worst_of_them(first):
    """C24: one part delivered and one not: the text was not delivered, whichever part spoke first."""
    p = sent_to_ana()
    p.runs()
    parts = [(1, "TEXT_DELIVERED"), (1, "TEXT_UNREACHABLE")]
    tell(p, p.carrier.sent[0]["message_id"], parts[first], parts[1 - first])
    assert p.messages()[0][2] == "failed"
