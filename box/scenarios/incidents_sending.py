"""Incidents of sending, played on a box: C1–C3, C9–C13, C22, C24, C26–C28, C30 and C37."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from box.scenarios.incidents_stage import (
    booked,
    faults,
    from_area,
    healed,
    incident,
    message,
    silent,
    tasks_of,
    why,
)
from box.scenarios.people import ANA, BEN, CARMEN, DAVID, EVERYBODY
from box.scenarios.player import CHICAGO, Box, Telling, local, quoted

REDELIVERED = {"on": "queue", "kind": "redeliver"}


def duplicate_send(box: Box, telling: Telling) -> None:
    """C1: the event comes twice, and every queue delivers everything twice."""
    faults(box, REDELIVERED)
    person, appointment = booked(box, telling, ANA)
    box.webhook(box.visit("booked", appointment, person, box.day(6, 11)))
    box.pass_time(minutes=10)
    silent(box, telling, person, 1, "of one booking")
    telling.step("Every queue delivers twice, the scheduling system tells twice", *quoted(box.phone(person)))


def unknown_outcome(box: Box, telling: Telling) -> None:
    """C2: the carrier's answer is lost, and its receipts as well: nobody knows whether the text went."""
    faults(box, {"on": "send", "kind": "timeout_after"}, {"on": "receipt", "kind": "lost", "count": 1}, REDELIVERED)
    person, appointment = booked(box, telling, BEN)
    box.pass_time(hours=1)
    told = message(box, appointment, "booked")
    telling.expect(told["state"] == "in_doubt", f"the text is {told['state']}, not in doubt")
    telling.expect("in_doubt_message" in kinds(box, person), "nobody was told of the doubt")
    silent(box, telling, person, 1, "although the first was in doubt")
    telling.step("The carrier's answer and its receipts are lost", f"state: {told['state']}", why(told),
                 "an hour and every redelivery later: one text on the phone, and a task for the front desk")  # fmt: skip


def stop_races_reminder(box: Box, telling: Telling) -> None:
    """C3: STOP comes in the minute in which the reminder is due."""
    person, appointment = booked(box, telling, ANA, days=4)
    box.go_to(box.day(1, 9, 59))
    before = len(box.phone(person))
    faults(box, REDELIVERED)
    box.text(person, "STOP")
    box.pass_time(minutes=20)
    told = message(box, appointment, "d3")
    telling.expect(told["state"] == "refused", f"the reminder is {told['state']}, not refused")
    silent(box, telling, person, before + 1, "besides the confirmation of the STOP")
    telling.step(
        f"{person.given} texts STOP a minute before the reminder", *quoted(box.phone(person)[before:]), why(told)
    )


def night_delivery(box: Box, telling: Telling) -> None:
    """C9: the carrier holds texts from seven in the evening until eleven at night."""
    box.go_to(box.now().astimezone(CHICAGO).replace(hour=19, minute=0, second=0, microsecond=0))
    until = box.now() + timedelta(hours=4)
    faults(box, {"on": "send", "kind": "outage", "until": until.astimezone(UTC).isoformat()})
    person, appointment = booked(box, telling, CARMEN)
    box.go_to(until + timedelta(hours=1))
    silent(box, telling, person, 0, "out of the carrier's backlog at night")
    told = message(box, appointment, "booked")
    telling.expect(told["state"] == "expired", f"the text is {told['state']}, not expired")
    telling.step(f"The carrier is down until {local(until)}", f"the text had to arrive by {local(told['deadline'])}",
                 f"state: {told['state']}; nothing on the phone at {local(box.now())}")  # fmt: skip


def wrong_zone(box: Box, telling: Telling) -> None:
    """C10: patients in Honolulu and in New York have visits in Chicago."""
    for zone, area, state in (("Pacific/Honolulu", 808, "HI"), ("America/New_York", 212, "NY")):
        person = from_area(box, DAVID, area, state)
        box.consent(person)
        appointment = box.appointment("A-2099")
        box.webhook(box.visit("booked", appointment, person, box.day(5, 15)))
        box.settle()
        there = datetime.fromisoformat(message(box, appointment, "d3")["send_at"]).astimezone(ZoneInfo(zone))
        telling.expect((there.hour, there.minute) == (10, 0), f"the reminder is planned for {there:%H:%M} in {zone}")
        telling.step(f"A patient in {zone} has a visit in Chicago", f"reminder at {there:%a %H:%M} there")


def cancelled_visit(box: Box, telling: Telling) -> None:
    """C11: the visit is cancelled; its reminder's schedule still fires."""
    person, appointment = booked(box, telling, BEN, days=4)
    before = len(box.phone(person))
    box.webhook(box.visit("cancelled", appointment, person, box.day(4, 11), version=2))
    box.go_to(box.day(1, 10, 30))
    told = message(box, appointment, "d3")
    telling.expect(told["state"] == "withdrawn", f"the reminder is {told['state']}, not withdrawn")
    silent(box, telling, person, before, "about a visit that is off")
    telling.step(f"{person.given}'s visit is cancelled", "the reminder's moment passes", why(told))


def receipts_out_of_order(box: Box, telling: Telling) -> None:
    """C12: receipts come in the wrong order, twice, late, and contradict one another."""
    for kind, end in (("reordered", "delivered"), ("duplicated", "delivered"), ("contradictory", "failed")):
        faults(box, {"on": "receipt", "kind": kind, "count": 1})
        person, appointment = booked(box, telling, ANA)
        told = message(box, appointment, "booked")
        telling.expect(told["state"] == end, f"{kind} receipts leave it {told['state']}, not {end}")
        silent(box, telling, person, 1, f"with {kind} receipts")
        heard = ", ".join(piece["type"] for piece in told["evidence"])
        telling.step(f"Receipts come {kind}", f"evidence: {heard}", f"state: {told['state']}")
        healed(box)


def receipt_never_comes(box: Box, telling: Telling) -> None:
    """C13: no receipt comes, for longer than the carrier says one may take."""
    faults(box, {"on": "receipt", "kind": "lost", "count": 1})
    person, appointment = booked(box, telling, CARMEN, days=20)
    box.pass_time(hours=74)
    told = message(box, appointment, "booked")
    telling.expect(told["state"] == "handed", f"the text is {told['state']}, not handed")
    silent(box, telling, person, 1, "because of silence")
    telling.step("No receipt in 74 hours", f"state: {told['state']}: with the carrier, unconfirmed; never sent again")


def unreachable_phone(box: Box, telling: Telling) -> None:
    """C22: the number takes no texts; in the US its digits do not tell."""
    person = box.cast(DAVID)
    box.post("/box/carrier", {"phones": {person.phone: "invalid"}})
    person, appointment = booked(box, telling, person, days=4)
    first = message(box, appointment, "booked")
    telling.expect(first["state"] == "failed", f"the text is {first['state']}, not failed")
    telling.expect("number_failed" in kinds(box, person), "nobody was told that the number takes no texts")
    box.go_to(box.day(1, 10, 30))
    second = message(box, appointment, "d3")
    telling.expect(second["state"] == "refused", f"the reminder is {second['state']}, not refused")
    telling.step("The carrier says that the number takes no texts", f"state: {first['state']}; a task to call",
                 f"the reminder: {why(second)}")  # fmt: skip
    landline = box.cast(DAVID)
    box.post("/box/carrier", {"phones": {landline.phone: "landline"}})
    landline, _ = booked(box, telling, landline, days=4)
    (task,) = tasks_of(box, landline)
    telling.expect(task["kind"] == "not_delivered", "nobody was told that a landline got no text")
    telling.step("Another number is a landline", task["sentence"])


def parts_apart(box: Box, telling: Telling) -> None:
    """C24: a text of several parts is told delivered, and then not."""
    person, _ = booked(box, telling, BEN)
    faults(box, {"on": "receipt", "kind": "contradictory", "count": 1})
    words = "Please bring your insurance card and a photo ID, and come ten minutes early to fill in the form. " * 2
    thread = box.thread(person)["thread_id"]
    sent = box.api("POST", f"/v1/threads/{thread}/texts", {"body": words.strip(), "author": "front-desk-1"})
    telling.expect(sent.status_code == 202, f"the text was answered {sent.status_code}: {sent.text}")
    box.settle()
    told = box.get("/box/messages/" + sent.json()["message_id"])
    telling.expect(told["parts"] > 1, "the text has one part only")
    telling.expect(told["state"] == "failed", f"the worst of its parts leaves it {told['state']}, not failed")
    telling.step(f"A text of {told['parts']} parts arrives in part", f"state: {told['state']}")


def new_number(box: Box, telling: Telling) -> None:
    """C26: the patient's number changes after the reminders were planned."""
    old, appointment = booked(box, telling, ANA, days=4)
    before = len(box.phone(old))
    new = from_area(box, old, 872, old.state)
    new = type(old)(old.ref, old.given, old.family, new.phone, old.born, old.language, old.state)
    box.consent(new)
    box.webhook(box.visit("updated", appointment, new, box.day(4, 11), version=2, status="booked"))
    box.go_to(box.day(1, 10, 30))
    silent(box, telling, old, before, "to the old number")
    told, texts = message(box, appointment, "d3"), box.phone(new)
    telling.expect(told["state"] == "delivered" and texts, f"the new number's reminder is {told['state']}")
    telling.step(
        f"{old.given} has a new number and has agreed to texts on it", "to the old one: nothing more", *quoted(texts)
    )


def confirmed_then_quiet(box: Box, telling: Telling) -> None:
    """C27: the patient confirms, and is not reminded again."""
    person, appointment = booked(box, telling, CARMEN, days=4)
    box.go_to(box.day(1, 10, 5))
    box.text(person, "C")
    before = len(box.phone(person))
    box.go_to(box.day(2, 10, 30))
    told = message(box, appointment, "d1")
    telling.expect(told["state"] == "withdrawn", f"the second reminder is {told['state']}, not withdrawn")
    silent(box, telling, person, before, "after the visit was confirmed")
    telling.step(f"{person.given} answers C", *quoted(box.phone(person)[-1:]), why(told))


def source_keeps_its_state(box: Box, telling: Telling) -> None:
    """C28: what we learn goes to the scheduling system as an event, and its own news keeps what the patient said."""
    person, appointment = booked(box, telling, ANA, days=4)
    box.go_to(box.day(1, 10, 5))
    box.text(person, "yes")
    events = [event for event in box.get("/box/sinks")["events"] if appointment in str(event["detail"])]
    telling.expect([event["detail-type"] for event in events] == ["visit.confirmed"], "the source was not told once")
    before = len(box.phone(person))
    told = box.visit(
        "updated", appointment, person, box.day(3, 11), version=2, status="booked", provider={"name": "Dr. Ono"}
    )
    box.webhook(told)
    box.go_to(box.day(1, 10, 30))
    silent(box, telling, person, before, "because of another provider")
    telling.step("The patient confirms; the visit then gets another provider", "to the source: visit.confirmed, once",
                 "no text because of the provider; the CONFIRM stands")  # fmt: skip


def rush(box: Box, telling: Telling) -> None:
    """C30: eight bookings at one moment, and a carrier that takes no more for now."""
    faults(box, {"on": "send", "kind": "throttle", "count": 5})
    cast = []
    for at in range(8):
        person, appointment = box.cast(EVERYBODY[at % len(EVERYBODY)]), box.appointment(f"A-23{at:02}")
        box.consent(person)
        box.webhook(box.visit("booked", appointment, person, box.day(6, 11)))
        cast.append((person, appointment))
    began = box.now()
    box.pass_time(minutes=10)
    counts = [len(box.phone(person)) for person, _ in cast]
    telling.expect(counts == [1] * len(cast), f"the phones have {counts} texts")
    busy = [why for _, appointment in cast for why in carrier_busy(message(box, appointment, "booked"))]
    telling.expect(len(busy) == 5, f"texts waited {len(busy)} times for five throttles")
    last = max(datetime.fromisoformat(text["at"]) for person, _ in cast for text in box.phone(person))
    telling.step("Eight visits are booked while the carrier throttles", f"five times: {busy[0]}",
                 f"all eight arrived, once each, within {(last - began).seconds} s")  # fmt: skip


def carrier_busy(told: dict[str, Any]) -> list[str]:
    """The sentences of the verdicts that a throttle of the carrier's caused."""
    return [str(one["sentence"]) for one in told["verdicts"] if one["reason"] == "carrier_busy"]


def opted_out_at_the_carrier(box: Box, telling: Telling) -> None:
    """C37: the carrier says "opted out" once as an error of the call and once as an event."""
    ends = []
    for given in ("call", "event"):
        person = box.cast(BEN)
        if given == "event":
            box.post("/box/carrier", {"phones": {person.phone: "blocked"}})
        else:
            faults(box, {"on": "send", "kind": "opted_out", "count": 1})
        person, appointment = booked(box, telling, person)
        ends.append(message(box, appointment, "booked")["state"])
        telling.expect(tasks_of(box, person), "nobody was told that the carrier blocks the number")
    telling.expect(ends == ["failed", "failed"], f"the two texts are {' and '.join(ends)}")
    telling.step(
        "The carrier refuses a number at the call, another in a receipt", f"both texts: {ends[0]}, and a task each"
    )


def kinds(box: Box, person: object) -> list[str]:
    """The kinds of what waits for people about a person."""
    return [one["kind"] for one in tasks_of(box, person)]  # type: ignore[arg-type]


SENDING = {
    "c1-duplicate-send": incident("Every queue delivers twice: one text", duplicate_send),
    "c2-unknown-outcome": incident("Nobody knows whether a text went: shown to people, not sent again", unknown_outcome),
    "c3-stop-races-reminder": incident("STOP a minute before the reminder", stop_races_reminder),
    "c9-night-delivery": incident("The carrier's backlog ends at night: nothing arrives", night_delivery),
    "c10-wrong-zone": incident("Ten in the morning is ten where the patient lives", wrong_zone),
    "c11-cancelled-visit": incident("The schedule fires for a visit that is off: silence", cancelled_visit),
    "c12-receipts-out-of-order": incident("Receipts in any order, twice, contradicting", receipts_out_of_order),
    "c13-receipt-never-comes": incident("Three days without a receipt: no second text", receipt_never_comes),
    "c22-unreachable-phone": incident("A number that takes no texts is learnt once", unreachable_phone),
    "c24-parts-apart": incident("A text arrives in part: it has failed", parts_apart),
    "c26-new-number": incident("The number changes: the old one hears no more", new_number),
    "c27-confirmed-then-quiet": incident("Confirmed once, then quiet", confirmed_then_quiet),
    "c28-source-keeps-its-state": incident("We tell the source, and change nothing in it", source_keeps_its_state),
    "c30-rush": incident("Eight bookings at one moment, and the carrier throttles", rush),
    "c37-opted-out-at-the-carrier": incident("The carrier says opted out in two ways", opted_out_at_the_carrier),
}  # fmt: skip
