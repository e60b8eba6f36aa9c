"""The call list: whom to call instead, page by page, in ids and codes only."""

import pytest
from texting.values import PhoneNumber

from tests.functions.test_inbox import CLOSE, TASKS
from tests.journeys.stories import ANA, BEN

CALLS = "/v1/tasks/calls"
CARMEN = "+13125550144"


@pytest.fixture
def api(speak):
    """The front desk's page."""
    return speak("inbox", "tasks")


@pytest.fixture
def broke(practice):
    """Three patients have booked, and there was no money left to tell them. Returns their threads."""
    practice.world.store.count("spend", "2026-12", 10**12)
    threads, ids = [], practice.world.ids
    for at, phone in enumerate((ANA, BEN, CARMEN), 1):
        patient_id = practice.consents(f"P-{at}", phone)
        practice.hears(f"A-{at}", f"P-{at}", phone, start=f"2026-12-1{at}T15:00:00-06:00")
        threads.append(ids.thread_id(patient_id, ids.number_id(PhoneNumber(phone))))
    practice.runs()
    return threads


def task_id(api):
    """The task that the call list is."""
    return next(one["task_id"] for one in api.get(TASKS).json["tasks"] if one["kind"] == "call_list")


def test_the_list_says_whose_thread_to_open_and_why(api, broke, practice):
    """Thread, patient, visit and text by their ids, the reason as a code and a sentence; not a name, number or word."""
    reply = api.get(CALLS)

    assert (reply.status, reply.json["task_id"], reply.json["next"]) == (200, task_id(api), None)
    assert reply.json["opened_at"] == "2026-12-01T18:00:00Z"
    calls = reply.json["calls"]
    assert {one["thread_id"] for one in calls} == set(broke)
    assert [one["deadline"] for one in calls] == sorted(one["deadline"] for one in calls)
    assert {(one["purpose"], one["reason"]) for one in calls} == {("booking_confirmation", "spend_limit")}
    assert {one["sentence"] for one in calls} == {"The month's limit for texts was reached."}
    assert {one["appointment_id"] for one in calls} == {
        practice.world.ids.appointment_id("main", f"A-{at}") for at in (1, 2, 3)
    }
    for mark in ("Ana", "Ruiz", "+1", "Glow", "body", "A-1"):  # none of them can stand in an id of ours
        assert mark not in reply.text


def test_a_list_of_ids_is_no_disclosure(api, broke, ledger):
    """As with the list of tasks: what discloses is opening a thread, and that is in the ledger."""
    api.get(CALLS)

    assert ledger("access.read") == []


def test_nobody_to_call_is_an_answer(api):
    """No list is open: empty, and nothing to ask for."""
    reply = api.get(CALLS)

    assert (reply.status, reply.json) == (200, {"task_id": None, "opened_at": None, "calls": [], "next": None})


@pytest.mark.parametrize("limit", [1, 2, 3, 200])
def test_pages_hold_everybody_once(api, broke, limit):
    """Each page goes on behind the last text of the one before, until there is no next."""
    found, query = [], {"limit": str(limit)}
    for _ in range(4):
        page = api.get(CALLS, query=query).json
        assert len(page["calls"]) <= limit
        found += [one["thread_id"] for one in page["calls"]]
        if page["next"] is None:
            break
        query = {"limit": str(limit), "task_id": page["task_id"], "after": page["next"]}

    assert page["next"] is None
    assert sorted(found) == sorted(broke)


def test_a_closed_list_gives_way_to_the_next_and_can_still_be_read(api, broke, practice, clock):
    """Worked through and closed, it is asked for by its id; without one the oldest open list is given."""
    first = task_id(api)
    clock("2026-12-02T18:00:00Z")
    practice.consents("P-4", "+13125550145")
    practice.hears("A-4", "P-4", "+13125550145")
    practice.runs()
    assert api.get(CALLS).json["task_id"] == first

    api.post(CLOSE, {"outcome": "called"}, task_id=first)

    second = api.get(CALLS).json
    assert second["task_id"] not in (first, None)
    assert len(second["calls"]) == 1
    assert len(api.get(CALLS, query={"task_id": first}).json["calls"]) == 3


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"limit": "all"}, "limit"),
        ({"limit": "1.5"}, "limit"),
        ({"limit": ""}, "limit"),
        ({"after": "m_0"}, "after"),
        ({"after": ""}, "after"),
        ({"after": "x" * 300}, "after"),
        ({"task_id": ""}, "task_id"),
        ({"task_id": "k" * 300}, "task_id"),
    ],
)
def test_a_bad_query_names_its_word(api, broke, query, field):
    """422 with what to write; nothing that was written is repeated."""
    reply = api.get(CALLS, query=query)

    assert (reply.status, reply.json["field"]) == (422, field)
    assert "xxx" not in reply.text
    assert "kkk" not in reply.text


def test_a_text_of_another_list_is_no_place_to_go_on_from(api, broke, practice):
    """`after` is a text on this very list: one that was merely planned is not."""
    planned = next(
        one for one in practice.world.store.messages_of(practice.world.ids.appointment_id("main", "A-1"))
        if one.slot == "d3"
    )  # fmt: skip

    assert api.get(CALLS, query={"after": planned.message_id}).json["field"] == "after"


def test_a_task_that_is_no_call_list_is_404(api, broke):
    """Neither an unknown id nor a task of another kind has calls to make."""
    other = next(one["task_id"] for one in api.get(TASKS).json["tasks"] if one["kind"] == "spend_limit")

    for asked in (other, "k_" + "0" * 32):
        assert api.get(CALLS, query={"task_id": asked}).status == 404
