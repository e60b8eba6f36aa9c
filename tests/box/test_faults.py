"""The fault laboratory end to end: every fault of the control surface, on the whole product, and what is left of it."""

from collections.abc import Iterator

import pytest

from box.scenarios.incidents_stage import booked, daylight, faults, healed, message, said, tasks_of
from box.scenarios.people import ANA, BEN, CARMEN, DAVID
from box.scenarios.player import Box, Telling

STAGE = Telling()


@pytest.fixture(autouse=True)
def peace(box: Box) -> Iterator[None]:
    """No fault outlives its test."""
    daylight(box)
    yield
    healed(box)


def ends(box: Box, person: object, appointment: str) -> tuple[str, int, list[str]]:
    """The state of the booking's text, the texts on the phone, and the tasks for people."""
    state = message(box, appointment, "booked")["state"]
    return state, len(box.phone(person)), sorted(one["kind"] for one in tasks_of(box, person))  # type: ignore[arg-type]


def test_an_error_of_the_carrier_is_doubt(box: Box) -> None:
    """`error_before`: a 500 may hide an accepted text, so it is never sent again; people are told."""
    faults(box, {"on": "send", "kind": "error_before", "count": 1})
    person, appointment = booked(box, STAGE, ANA)
    box.pass_time(minutes=30)
    assert ends(box, person, appointment) == ("in_doubt", 0, ["in_doubt_message"])


def test_a_number_the_carrier_knows_as_opted_out_fails_and_is_seen(box: Box) -> None:
    """`opted_out`: refused for good, and a person is told."""
    faults(box, {"on": "send", "kind": "opted_out"})
    person, appointment = booked(box, STAGE, BEN)
    state, texts, tasks = ends(box, person, appointment)
    assert (state, texts, len(tasks)) == ("failed", 0, 1)


def test_a_throttled_text_goes_later_and_once(box: Box) -> None:
    """`throttle`: nothing was taken, so it is tried again, as long as it is not late."""
    faults(box, {"on": "send", "kind": "throttle", "count": 2})
    person, appointment = booked(box, STAGE, CARMEN)
    box.pass_time(minutes=5)
    assert ends(box, person, appointment) == ("delivered", 1, [])


def test_lost_receipts_leave_a_text_handed(box: Box) -> None:
    """`lost`: silence proves nothing; the text is with the carrier, and is not sent again."""
    faults(box, {"on": "receipt", "kind": "lost", "count": 1})
    person, appointment = booked(box, STAGE, DAVID)
    box.pass_time(hours=2)
    assert ends(box, person, appointment) == ("handed", 1, [])


def test_contradictory_receipts_give_the_worse_answer(box: Box) -> None:
    """`contradictory`: delivered and then unreachable is failed, and both are kept as evidence."""
    faults(box, {"on": "receipt", "kind": "contradictory", "count": 1})
    person, appointment = booked(box, STAGE, ANA)
    assert ends(box, person, appointment)[:2] == ("failed", 1)
    kept = {piece["type"] for piece in message(box, appointment, "booked")["evidence"]}
    assert {"TEXT_DELIVERED", "TEXT_CARRIER_UNREACHABLE"} <= kept


def test_everything_delivered_twice_happens_once(box: Box) -> None:
    """`redeliver`, without a count: each message of every queue comes a second time, and not a third."""
    faults(box, {"on": "queue", "kind": "redeliver"})
    person, appointment = booked(box, STAGE, BEN)
    heard = said(box, person, "Is there parking near you?")
    box.settle()
    assert ends(box, person, appointment) == ("delivered", 2, ["answer"])
    assert heard["outcome"] == "waiting_for_staff"
    assert box.get("/box/dead-letters")["dead_letters"] == []


def crash(box: Box, call: int) -> None:
    """The next worker that makes so many AWS calls for a queue dies after the last of them."""
    faults(box, {"on": "queue", "kind": "crash_after_call", "call": call})


@pytest.mark.parametrize("call", [1, 4, 8])
def test_a_booking_survives_the_death_of_its_worker(box: Box, call: int) -> None:
    """`crash_after_call` in `scheduling`: the queue brings the event again, and the visit has one plan and one text."""
    crash(box, call)
    person, appointment = booked(box, STAGE, CARMEN)
    box.pass_time(minutes=40)
    assert box.get("/box/carrier")["faults"] == [], "the crash came to pass"
    assert ends(box, person, appointment) == ("delivered", 1, [])
    assert sorted(one["slot"] for one in box.messages(appointment)) == ["booked", "d1", "d3"]


@pytest.fixture(scope="module")
def thread(box: Box) -> str:
    """Somebody who asked a question, and whom staff may answer."""
    daylight(box)
    person, _ = booked(box, STAGE, CARMEN)
    box.text(person, "Is there parking near you?")
    box.settle()
    return str(box.thread(person)["thread_id"])


@pytest.mark.parametrize("call", range(1, 13))
def test_a_text_whose_sender_dies_is_sent_once_or_in_doubt(box: Box, thread: str, call: int) -> None:
    """`crash_after_call` in `send`: before its claim it is sent by the next run; after it, nobody sends it again.

    What died between claim and record is in doubt before people, unless a receipt settles it.
    """
    crash(box, call)
    told = {"body": f"There is parking behind the building, row {call}.", "author": "front-desk-1"}
    answer = box.api("POST", f"/v1/threads/{thread}/texts", told)
    box.pass_time(minutes=40)
    texts = [text for text in box.get("/box/phones")["texts"] if told["body"] in text["body"]]
    text = box.get("/box/messages/" + answer.json()["message_id"])
    assert (text["state"], len(texts)) in (("delivered", 1), ("in_doubt", 0))
    if text["state"] == "in_doubt":
        assert [one for one in box.get("/box/tasks")["tasks"] if one["message_id"] == text["id"]]


@pytest.mark.parametrize("call", [1, 5, 9])
def test_a_stop_survives_the_death_of_whoever_hears_it(box: Box, call: int) -> None:
    """`crash_after_call` while a STOP is taken in: it is recorded by the next try, and confirmed once at most."""
    person, _ = booked(box, STAGE, DAVID)
    crash(box, call)
    box.text(person, "STOP")
    healed(box)
    box.pass_time(minutes=40)
    assert box.thread(person)["stopped"] is True
    assert len(box.phone(person)) in (1, 2)


def test_a_crash_waits_for_a_run_that_gets_that_far(box: Box) -> None:
    """`crash_after_call` with more calls than any run makes stays in force, and hurts nobody."""
    wanted = {"on": "queue", "kind": "crash_after_call", "call": 500}
    faults(box, wanted)
    person, appointment = booked(box, STAGE, ANA)
    assert ends(box, person, appointment) == ("delivered", 1, [])
    assert box.get("/box/carrier")["faults"] == [wanted | {"count": 1}]
