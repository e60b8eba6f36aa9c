"""The short stories: one promise each."""

from datetime import timedelta

from box.scenarios.people import ANA, BEN, CARMEN, DAVID
from box.scenarios.player import CHICAGO, Box, Person, Story, Telling, local, quoted


def booked(box: Box, telling: Telling, wanted: Person, days: int = 6, hour: int = 11) -> tuple[Person, str]:
    """Somebody who has consented and has a visit; their booking's text is on the phone."""
    person, appointment = box.cast(wanted), box.appointment(f"A-2{wanted.ref[-2:]}")
    telling.expect(box.consent(person).status_code == 201, "consent did not take")
    answer = box.webhook(box.visit("booked", appointment, person, box.day(days, hour)))
    telling.expect(answer.status_code == 202, f"the door answered {answer.text}")
    box.settle()
    return person, appointment


def first_visits(box: Box, telling: Telling) -> None:
    """Three patients with consent and a visit each, and one who has not agreed to anything."""
    for wanted, days in ((ANA, 6), (BEN, 4), (CARMEN, 9)):
        person, _ = booked(box, telling, wanted, days)
        telling.step(
            f"{person.given} agrees to texts and has a visit {local(box.day(days, 11))}", *quoted(box.phone(person))
        )
    david, appointment = box.cast(DAVID), box.appointment("A-2999")
    box.webhook(box.visit("booked", appointment, david, box.day(5, 14)))
    box.settle()
    (first, *_) = box.messages(appointment)
    telling.expect(not box.phone(david), "a text went to somebody who never agreed")
    telling.step(f"{david.given} has a visit too, and has not agreed to texts", first["verdicts"][-1]["sentence"])


def moved_visit(box: Box, telling: Telling) -> None:
    """A visit moves: what was planned for the old time dies, and the new time is told once."""
    person, appointment = booked(box, telling, ANA)
    before = len(box.phone(person))
    moved = box.visit("rescheduled", appointment, person, box.day(8, 16), version=2)
    box.webhook(moved)
    box.settle()
    texts = box.phone(person)[before:]
    telling.expect(len(texts) == 1, f"moving the visit sent {len(texts)} texts, not one")
    telling.step(f"{person.given}'s visit moves to {local(box.day(8, 16))}", *quoted(texts))
    box.go_to(box.day(4, 12))
    telling.expect(len(box.phone(person)) == before + 1, "a reminder of the old time went out")
    old = [message for message in box.messages(appointment) if message["state"] == "withdrawn"]
    telling.expect(old, "the old plan was not withdrawn")
    telling.step(
        "The old plan's moments pass in silence", *[message["verdicts"][-1]["sentence"] for message in old[:1]]
    )


def booked_at_night(box: Box, telling: Telling) -> None:
    """A booking late at night waits for morning at the patient."""
    night = box.now().astimezone(CHICAGO).replace(hour=22, minute=30, second=0, microsecond=0)
    box.go_to(night if night > box.now() else night + timedelta(days=1))
    person, appointment = booked(box, telling, BEN, days=5)
    telling.expect(not box.phone(person), "a text went out at night")
    held = box.messages(appointment)[0]
    telling.step(
        f"{person.given} books at {local(box.now())}", f"planned for {local(held['send_at'])}; nothing goes out"
    )
    box.pass_time(hours=11)
    texts = box.phone(person)
    telling.expect(len(texts) == 1, f"{len(texts)} texts came in the morning, not one")
    telling.expect("08:00" <= local(texts[0]["at"])[-5:] <= "08:59", f"it came at {local(texts[0]['at'])}")
    telling.step("In the morning, when the window opens", *quoted(texts))


def lost_answer(box: Box, telling: Telling) -> None:
    """The carrier takes a text and its answer is lost: in doubt, shown to people, never sent twice."""
    box.post("/box/carrier", {"faults": [{"on": "send", "kind": "timeout_after", "count": 1},
                                         {"on": "receipt", "kind": "late", "seconds": 3600, "count": 3}]})  # fmt: skip
    person, appointment = booked(box, telling, CARMEN)
    message = box.messages(appointment)[0]
    telling.expect(message["state"] == "in_doubt", f"the message is {message['state']}, not in doubt")
    telling.step("The carrier's answer is lost", f"state: {message['state']}", message["verdicts"][-1]["sentence"])
    box.pass_time(hours=2)
    message = next(one for one in box.messages(appointment) if one["id"] == message["id"])
    telling.expect(len(box.phone(person)) == 1, "it was sent twice")
    telling.expect(message["state"] == "delivered", f"the receipt left it {message['state']}")
    telling.step("An hour later its receipt arrives", f"state: {message['state']}; texts on the phone: 1")
    box.http.delete("/box/carrier")


def emergency(box: Box, telling: Telling) -> None:
    """Words that sound like an emergency: a safety reply at once, and a task that is due now."""
    person, _ = booked(box, telling, DAVID)
    before = len(box.phone(person))
    box.text(person, "i cant breathe and my chest hurts really bad since the treatment")
    replies = box.phone(person)[before:]
    telling.expect(len(replies) == 1, f"an emergency was answered with {len(replies)} texts")
    task = next((one for one in box.get("/box/tasks")["tasks"] if one["kind"] == "emergency"), None)
    telling.expect(task, "nobody was told about an emergency")
    assert task
    telling.step(
        f"{person.given} texts that he cannot breathe", *quoted(replies), f"for {task['queue']}: {task['sentence']}"
    )


def call_list(box: Box, telling: Telling) -> None:
    """The month's money is used up at AWS: what cannot go is on a list of whom to call, page by page."""
    day = box.now().astimezone(CHICAGO)
    if not 9 <= day.hour < 16:  # by day a booking is confirmed at once
        box.go_to((day + timedelta(days=day.hour >= 9)).replace(hour=10, minute=0, second=0, microsecond=0))
    box.post("/box/carrier", {"faults": [{"on": "send", "kind": "no_money", "count": 1}]})
    refused = [box.messages(booked(box, telling, one)[1])[0] for one in (ANA, BEN)]
    box.http.delete("/box/carrier")
    told = [one["verdicts"][-1] for one in refused]
    telling.expect({one["reason"] for one in told} == {"spend_limit"}, f"they end as {[one['reason'] for one in told]}")
    telling.step("Two patients book, and the month's money is used up", told[0]["sentence"])
    calls, path = [], "/v1/tasks/calls?limit=1"
    page = box.api("GET", path).json()
    task = page["task_id"]
    while True:
        calls += page["calls"]
        if not page["next"]:
            break
        page = box.api("GET", f"{path}&task_id={task}&after={page['next']}").json()
    listed = {one["message_id"] for one in calls}
    telling.expect({one["id"] for one in refused} <= listed, "the call list does not name both of them")
    threads = [box.api("GET", f"/v1/threads/{one['thread_id']}") for one in calls]
    telling.expect(all(one.status_code == 200 for one in threads), "a thread on the call list cannot be opened")
    telling.step("The front desk asks whom to call", *[f"{one['purpose']}: {one['sentence']}" for one in calls])
    for one in box.api("GET", "/v1/tasks").json()["tasks"]:
        if one["kind"] in ("call_list", "spend_limit"):
            box.api("POST", f"/v1/tasks/{one['task_id']}/close", {"outcome": "called", "author": "front-desk-1"})
    telling.expect(not box.api("GET", path).json()["calls"], "a list that was worked through is still shown")
    box.go_to(box.day(2, 10))
    person, _ = booked(box, telling, CARMEN)
    telling.step("They are called, and two days later there is money again", *quoted(box.phone(person)))


SHORT = {
    "first-visits": Story("Three patients with a visit each, and one who never agreed to texts", first_visits),
    "moved-visit": Story("A visit moves: the old plan dies, the new time is told once", moved_visit),
    "booked-at-night": Story("A booking at half past ten at night waits for morning", booked_at_night),
    "lost-answer": Story("The carrier's answer is lost: in doubt, never sent twice", lost_answer),
    "emergency": Story("A text that sounds like an emergency", emergency),
    "call-list": Story("The month's money is used up: patients are called instead", call_list),
}
