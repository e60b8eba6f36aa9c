"""Incidents with patients and staff, played on a box: C4–C8, C15–C17, C19–C21, C31, C32, C36 and C40."""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta

from box.scenarios.incidents_stage import (
    booked,
    faults,
    from_area,
    incident,
    message,
    said,
    silent,
    tasks_of,
    why,
)
from box.scenarios.people import ANA, BEN, CARMEN, DAVID
from box.scenarios.player import CHICAGO, Box, Telling, local, quoted


def stop_confirmation(box: Box, telling: Telling) -> None:
    """C4: STOP may not block the one text that confirms it."""
    person, _ = booked(box, telling, BEN)
    before = len(box.phone(person))
    box.text(person, "STOP")
    box.text(person, "STOP")
    box.pass_time(minutes=10)
    silent(box, telling, person, before + 1, "after two STOPs instead of one confirmation")
    telling.step(f"{person.given} texts STOP twice", *quoted(box.phone(person)[before:]))


def cancel_means_opt_out(box: Box, telling: Telling) -> None:
    """C5: the patient texts CANCEL after a reminder, and may have meant the visit."""
    person, _ = booked(box, telling, ANA, days=4)
    box.go_to(box.day(1, 10, 5))
    before = len(box.phone(person))
    box.text(person, "CANCEL")
    box.settle()
    replies = box.phone(person)[before:]
    telling.expect(len(replies) == 1, f"CANCEL was answered with {len(replies)} texts")
    task = next((one for one in tasks_of(box, person) if one["kind"] == "cancel_word"), None)
    telling.expect(task, "nobody was asked to look at the visit")
    assert task
    telling.step(f"{person.given} answers the reminder with CANCEL", *quoted(replies), task["sentence"])


def stop_by_at_three(box: Box, telling: Telling) -> None:
    """C6: an everyday sentence with STOP in it."""
    person, _ = booked(box, telling, CARMEN, days=4)
    told = said(box, person, "Can I stop by at 3 to pick up a form?")
    telling.expect("opt_out" not in (told["intent"], *told["also"]), "a question was taken for an opt-out")
    before = len(box.phone(person))
    box.go_to(box.day(1, 10, 5))
    telling.expect(len(box.phone(person)) == before + 1, "the next day's reminder did not come")
    telling.step(f"{person.given} asks to stop by", f"read as: {told['intent']}; {told['outcome']}", "reminders go on")


def missed_opt_out(box: Box, telling: Telling) -> None:
    """C7: opt-outs in words that are no keyword, in two languages."""
    for wanted, words in ((BEN, "please stop texting me, thanks"), (ANA, "ya no me manden más mensajes")):
        person, _ = booked(box, telling, wanted, days=4)
        before = len(box.phone(person))
        told = said(box, person, words)
        box.settle()
        telling.expect(told["intent"] == "opt_out", f"“{words}” was read as {told['intent']}")
        silent(box, telling, person, before + 1, "besides the confirmation")
        telling.step(f"{person.given} texts “{words}”", *quoted(box.phone(person)[before:]))


def opt_out_at_the_carrier(box: Box, telling: Telling) -> None:
    """C8: the carrier refuses a number that it has on a list of its own."""
    faults(box, {"on": "send", "kind": "opted_out", "count": 1})
    person, appointment = booked(box, telling, DAVID)
    told = message(box, appointment, "booked")
    telling.expect(told["state"] == "failed", f"the text is {told['state']}, not failed")
    tasks = tasks_of(box, person)
    telling.expect(tasks, "nobody was told of an opt-out that only the carrier knew")
    silent(box, telling, person, 0, "although the carrier says opted out")
    telling.step("The carrier refuses the number as opted out", why(told), *[one["sentence"] for one in tasks])


def inbound_twice(box: Box, telling: Telling) -> None:
    """C15: the carrier delivers a patient's text three times, and the queue each of them twice."""
    person, _ = booked(box, telling, ANA)
    before, name = len(box.phone(person)), f"in-{uuid.uuid4().hex}"
    faults(box, {"on": "queue", "kind": "redeliver"})
    for _ in range(3):
        box.text(person, "Is there parking near you?", inbound_id=name)
    box.settle()
    mine = [row for row in box.get("/box/inbound")["inbound"] if row["inbound_id"] == name]
    telling.expect(len(mine) == 1, f"one text was kept {len(mine)} times")
    telling.expect(len(tasks_of(box, person)) == 1, "one text opened more than one task")
    silent(box, telling, person, before + 1, "instead of one answer")
    telling.step(
        "One text is delivered six times", "kept once, one task, one answer", *quoted(box.phone(person)[before:])
    )


def reply_loop(box: Box, telling: Telling) -> None:
    """C16: another machine answers each of our answers."""
    person, _ = booked(box, telling, BEN)
    before = len(box.phone(person))
    for turn in range(8):
        box.text(person, f"We got your text no. {turn} and will be in touch. What is it about?")
        box.pass_time(minutes=1)
    replies = len(box.phone(person)) - before
    telling.expect(0 < replies <= 4, f"a machine was answered {replies} times")
    telling.step("Another machine answers eight times", f"answered {replies} times; every text waits for a person")


def tapback(box: Box, telling: Telling) -> None:
    """C17: an iPhone sends a tapback as text, quoting our own STOP and our own C."""
    person, _ = booked(box, telling, CARMEN, days=4)
    box.go_to(box.day(1, 10, 5))
    (*_, reminder) = box.phone(person)
    before = len(box.phone(person))
    for words in (f"Liked “{reminder['body']}”", "Loved “Reply STOP to opt out”"):
        told = said(box, person, words)
        telling.expect(told["intent"] not in ("confirm", "opt_out"), f"a tapback was read as {told['intent']}")
    silent(box, telling, person, before, "in answer to tapbacks")
    told = said(box, person, "👍")
    telling.expect(told["intent"] == "confirm", f"a thumb of her own was read as {told['intent']}")
    telling.step("Tapbacks quote our C and our STOP", "neither confirmed nor stopped; no answer",
                 "a 👍 of her own confirms: " + told["outcome"])  # fmt: skip


def shared_phone(box: Box, telling: Telling) -> None:
    """C19: mother and child have a visit each and one phone."""
    mother, _ = booked(box, telling, ANA, days=5)
    child = replace(mother, ref=f"{mother.ref}-child", given="Leo", born="2016-02-11")
    box.consent(child)
    second = box.appointment("A-2177")
    box.webhook(box.visit("booked", second, child, box.day(6, 15)))
    box.settle()
    before = len(box.phone(mother))
    told = said(box, mother, "yes")
    telling.expect(told["outcome"] == "asked_which", f"yes to two visits had the outcome {told['outcome']}")
    told = said(box, mother, "2")
    telling.expect(told["outcome"] == "confirmed", f"the code had the outcome {told['outcome']}")
    texts = box.phone(mother)[before:]
    telling.expect(not any(name in text["body"] for text in texts for name in ("Leo", mother.given)), "a name was told")
    telling.step("“yes” could mean either of two visits; “2” names one", *quoted(texts))


def recycled_number(box: Box, telling: Telling) -> None:
    """C20: the number on file is another than the one the consent was given for."""
    person, appointment = booked(box, telling, BEN, days=4)
    other = replace(person, phone=from_area(box, person, 872, person.state).phone)
    box.webhook(box.visit("updated", appointment, other, box.day(4, 11), version=2, status="booked"))
    before = len(box.phone(person))
    box.go_to(box.day(1, 10, 30))
    silent(box, telling, other, 0, "to a number that nobody consented for")
    silent(box, telling, person, before, "to the number that is no longer the patient's")
    telling.step("The number changes and nobody was asked", why(message(box, appointment, "d3")))


def wrong_number(box: Box, telling: Telling) -> None:
    """C21: somebody else has the number now and says so."""
    person, appointment = booked(box, telling, CARMEN, days=4)
    before = len(box.phone(person))
    told = said(box, person, "you have the wrong number")
    telling.expect(told["outcome"] == "wrong_number", f"it had the outcome {told['outcome']}")
    box.go_to(box.day(1, 10, 30))
    silent(box, telling, person, before, "to a number said to be wrong")
    task = next((one for one in tasks_of(box, person) if one["kind"] == "wrong_number"), None)
    telling.expect(task, "nobody was told of a wrong number")
    assert task
    telling.step(
        "“you have the wrong number”", "no answer at all", task["sentence"], why(message(box, appointment, "d3"))
    )


def gone_home(box: Box, telling: Telling) -> None:
    """C31: a question waits, and nobody answers."""
    person, _ = booked(box, telling, DAVID)
    box.text(person, "Is there parking near you?")
    (task,) = tasks_of(box, person)
    box.go_to(datetime.fromisoformat(task["due"]) + timedelta(hours=1))
    (late,) = tasks_of(box, person)
    telling.expect(not task["overdue"], "a task was late when it was opened")
    telling.expect(late["overdue"], "a task that nobody did is not shown as late")
    telling.step("A question waits past its time", f"for {task['queue']}, due {local(task['due'])}", "shown as overdue")


def two_staff(box: Box, telling: Telling) -> None:
    """C32: two people at the desk answer the same patient from pages that show the same; one presses the button twice."""
    person, _ = booked(box, telling, ANA)
    box.text(person, "Is there parking near you?")
    box.settle()
    before, thread = len(box.phone(person)), box.thread(person)["thread_id"]
    texts, seen = f"/v1/threads/{thread}/texts", read_by(box, thread)
    pressed = {"body": "Yes, there is parking behind the building.", "author": "front-desk-1", "seen": seen}
    first = [box.api("POST", texts, pressed) for _ in range(2)]
    telling.expect(all(answer.status_code == 202 for answer in first), "the first to answer was stopped")
    other = {"body": "There is, and a bus stops in front.", "author": "front-desk-2", "seen": seen}
    late = box.api("POST", texts, other)
    telling.expect(late.status_code == 409, f"the second, who had not seen the first, was answered {late.status_code}")
    box.settle()
    telling.expect(len(box.phone(person)) == before + 1, "more than one answer went out")
    telling.step("Two people answer at once, one pressing twice", *quoted(box.phone(person)[before:]),
                 f"the other is told: “{late.json()['error']}”")  # fmt: skip
    newest = read_by(box, thread)
    box.text(person, "Oh, and is it free?")
    box.settle()
    late = box.api("POST", texts, other | {"seen": newest})
    telling.expect(
        late.status_code == 409, f"who had not seen the patient's next question was answered {late.status_code}"
    )
    told, sent = late.json()["error"], len(box.phone(person))
    again = {
        "body": "Yes, it is free. A bus stops in front, too.",
        "author": "front-desk-2",
        "seen": read_by(box, thread),
    }
    telling.expect(box.api("POST", texts, again).status_code == 202, "who had read everything was stopped")
    box.settle()
    telling.step("The patient asks again before the second has answered", f"told: “{told}”",
                 "read again, and then:", *quoted(box.phone(person)[sent:]))  # fmt: skip


def read_by(box: Box, thread: str) -> str:
    """What a page of the front desk has seen once it has read a thread."""
    return str(box.api("GET", f"/v1/threads/{thread}").json()["seen"])


def deceased(box: Box, telling: Telling) -> None:
    """C36: the scheduling system says that the patient has died."""
    person, appointment = booked(box, telling, BEN, days=4)
    before = len(box.phone(person))
    told = person.told() | {"deceased": True}
    box.webhook(box.visit("updated", appointment, person, box.day(4, 11), version=2, status="booked", patient=told))
    box.go_to(box.day(1, 10, 30))
    silent(box, telling, person, before, "to the phone of somebody who has died")
    telling.step("The scheduling system says that the patient has died", why(message(box, appointment, "d3")))


def emergency_at_night(box: Box, telling: Telling) -> None:
    """C40: an emergency at half past ten at night, from a number that opted out."""
    person, _ = booked(box, telling, DAVID)
    box.text(person, "STOP")
    night = box.now().astimezone(CHICAGO).replace(hour=22, minute=30, second=0, microsecond=0)
    box.go_to(night)
    before = len(box.phone(person))
    box.text(person, "my throat is closing up and i cant breathe")
    replies = box.phone(person)[before:]
    telling.expect(len(replies) == 1 and "911" in replies[0]["body"], "the emergency was not answered with 911 at once")
    task = next((one for one in tasks_of(box, person) if one["kind"] == "emergency"), None)
    telling.expect(task, "nobody was told about an emergency")
    assert task
    telling.expect(box.now() - timedelta(minutes=1) <= night, "the answer waited")
    telling.step(f"At {local(night)} an opted-out patient cannot breathe", *quoted(replies), task["sentence"])


PEOPLE = {
    "c4-stop-confirmation": incident("STOP does not block its own confirmation", stop_confirmation),
    "c5-cancel-means-opt-out": incident("CANCEL stops texts, and staff ask about the visit", cancel_means_opt_out),
    "c6-stop-by-at-three": incident("“Can I stop by at 3?” opts nobody out", stop_by_at_three),
    "c7-missed-opt-out": incident("An opt-out in nobody's keywords", missed_opt_out),
    "c8-opt-out-at-the-carrier": incident("An opt-out that only the carrier knew", opt_out_at_the_carrier),
    "c15-inbound-twice": incident("A patient's text delivered six times", inbound_twice),
    "c16-reply-loop": incident("Two machines talk: ours falls silent", reply_loop),
    "c17-tapback": incident("Tapbacks quote our STOP and our C", tapback),
    "c19-shared-phone": incident("One phone, two visits, one “yes”", shared_phone),
    "c20-recycled-number": incident("Consent does not travel to another number", recycled_number),
    "c21-wrong-number": incident("“You have the wrong number”", wrong_number),
    "c31-gone-home": incident("A question that nobody answers becomes overdue", gone_home),
    "c32-two-staff": incident("Two people answer at once: one gets through", two_staff),
    "c36-deceased": incident("The patient has died", deceased),
    "c40-emergency-at-night": incident("An emergency at night, after STOP", emergency_at_night),
}
