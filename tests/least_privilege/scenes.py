"""What is played to hear every call that the functions make: each scene one of the practice's days, from outside.

A call that no scene causes counts as never made, and its grant as too much; so a new path in a function needs its scene
here. Where a scene must reach behind the doors (a schedule that AWS lost, ten years gone by), it says so.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from texting.audit.checkpoint import VerifierKey, raw_public_key
from texting.aws.fingerprints import Fingerprints
from texting.aws.store import Store
from texting.flows.publish_ledger import origin_of
from texting.records import Holds, Pace
from texting.values import Body
from texting.writes import Change

from box.scenarios.people import ANA, BEN, CARMEN, CLINICAL, DAVID
from box.scenarios.player import CHICAGO, Person
from tests.least_privilege.stage import Stage

ERIN = Person("P-81", "Erin", "Vasquezelli", "+13125550146", "1961-01-20")
FAYE = replace(ANA, ref="P-82", given="Faye", born="2015-06-01", language="en")  # on her mother's phone
GUS = Person("P-83", "Gus", "Lindqvistsen", "+13125550147", "1979-10-10")
HAL = Person("P-84", "Hal", "Brandtveit", "+13125550148", "1990-07-07")
IDA = Person("P-85", "Ida", "Marchettola", "+13125550149", "1988-02-12")
TODAY = 3
"""Days ahead of a visit whose first reminder falls due this morning at ten."""


def the_ledger_changes_its_key(stage: Stage) -> None:
    """Planted before anything was published: a log that stands under the key before this one; the first run hands over."""
    told, world = stage.world.runtime.built.functions[stage.arn("ledger")].environment, stage.world
    spki = world.runtime.client("kms").get_public_key(KeyId=told["FORMER_SIGNING_KEY"])["PublicKey"]
    former = VerifierKey(origin_of(world.stage.told["web"]["address"]), raw_public_key(spki))
    stands = {"pk": {"S": "STATE"}, "sk": {"S": "LOG"}, "size": {"N": "0"}, "published": {"N": "0"}}
    world.runtime.client("dynamodb").put_item(
        TableName=told["LEDGER_TABLE"],
        Item=stands | {"vkey": {"S": str(former)}},
        ConditionExpression="attribute_not_exists(pk)",
    )
    stage.box.consent(HAL)
    stage.box.pass_time(minutes=2)


def consent_is_given_read_taken_back_and_imported(stage: Stage) -> None:
    """Systems record, read, revoke and import; a patient signs a form by a link."""
    box, me = stage.box, {"connection": "main", "ref": HAL.ref}
    patient_id = box.consent(HAL).json()["patient_id"]
    assert box.api("GET", f"/v1/consents/{patient_id}").status_code == 200
    revoked = {"phone": HAL.phone, "categories": ["care"], "channel": "phone", "words": "no more of that"}
    assert box.api("POST", f"/v1/consents/{patient_id}/revoke", revoked).status_code == 200
    file = "ref,phone,opted_out\nX-1,+17735550101,yes\nX-2,+17735550102,no\n"
    headers = {"authorization": f"Bearer {box.practice['token']}", "content-type": "text/csv"}
    query = {"connection": "main", "commit": "true"}
    took = box.http.post("/v1/consents/import", params=query, content=file.encode(), headers=headers)
    assert took.json()["counts"] == {"opted_out": 1, "contact": 1}, took.text
    offered = box.api("POST", "/v1/consent-links", {"patient": me, "phone": HAL.phone, "language": "en"})
    link = re.sub(r"^https?://[^/]+", "", offered.json()["url"])
    page = box.http.get(link).text
    fields = {name: re.findall(rf'name="{name}" value="([^"]*)"', page)[0] for name in ("lang", "shown")}
    signed = box.http.post(link, data=fields | {"categories": ["appointments"], "signature": "Hal Brandtveit"})
    assert signed.status_code == 200, signed.text


def visits_are_booked_at_every_door(stage: Stage) -> None:
    """The signed door (twice, forged, unreadable and replayed), the bus, and a FHIR hint that is read back."""
    box = stage.box
    stage.booked(ANA, TODAY)
    told = box.visit("booked", "A-twice", ANA, box.day(TODAY, 16))
    for event_id in ("msg_once", "msg_once", "msg_twice"):  # as its sender repeats it, and as its source does
        assert box.webhook(told, event_id=event_id).json()["accepted"]
    assert box.http.post("/v1/scheduling/main", json=told).status_code == 401
    unreadable = box.webhook({"type": "appointment.booked", "data": {}}).json()
    assert not unreadable["accepted"]
    box.post(f"/box/quarantine/{unreadable['quarantine_id']}/replay")
    box.post("/box/bus", {"detail": box.visit("booked", "A-bus", BEN, box.day(TODAY, 16))})
    box.post("/box/bus", {"detail": {"connection": "main", "type": "nonsense"}})
    box.post(
        "/box/bus", {"detail": box.visit("booked", "A-landline", replace(GUS, ref="P-90", phone="12"), box.day(8, 9))}
    )
    read_back(stage, CARMEN)
    box.pass_time(seconds=5)


def read_back(stage: Stage, person: Person) -> None:
    """A notification that names an appointment only; the box's FHIR server has it, and then has it no more."""
    box = stage.box
    assert box.consent(person, connection="ehr").status_code == 201
    patient = {
        "resourceType": "Patient", "id": person.ref, "birthDate": person.born, "address": [{"state": person.state}],
        "name": [{"family": person.family, "given": [person.given]}],
        "telecom": [{"system": "phone", "use": "mobile", "value": person.phone}],
    }  # fmt: skip
    start = box.day(9, 11)
    booked = {
        "resourceType": "Appointment", "id": "f-1", "status": "booked", "start": start.isoformat(),
        "end": (start + timedelta(minutes=30)).isoformat(),
        "participant": [{"actor": {"reference": f"Patient/{person.ref}"}, "status": "accepted"}],
    }  # fmt: skip
    for kept in (patient, booked):
        box.http.put(f"/box/fhir/{kept['resourceType']}/{kept['id']}", json=kept).raise_for_status()
    assert box.fhir({"resourceType": "Appointment", "id": "f-1"}).json()["accepted"]
    box.pass_time(seconds=5)
    assert box.messages("f-1"), "the hint was not read back"


def a_visit_moves(stage: Stage) -> None:
    """A new version ends the old plan and makes another; one that nobody can order waits for a person."""
    box = stage.box
    appointment = stage.booked(IDA, days=8)
    box.webhook(box.visit("rescheduled", appointment, IDA, box.day(9, 9), version=2))
    unclear = box.visit("booked", appointment, IDA, box.day(9, 9), version=3, time_zone="Mars/Olympus")
    box.webhook({**unclear, "data": unclear["data"] | {"start": "then"}})
    box.webhook(box.visit("cancelled", appointment, IDA, box.day(9, 9), version=4))
    box.pass_time(seconds=5)


def a_reminder_is_confirmed(stage: Stage) -> None:
    """The reminder of ten o'clock is out; one must say which visit, then confirms; one asks to move, and what to bring."""
    box = stage.box
    stage.booked(FAYE, TODAY, hour=16)  # a household: two patients on one phone
    box.text(ANA, "yes")
    box.text(ANA, "1")
    box.text(CARMEN, "can we move it to another day please")
    box.text(CARMEN, "thank you, what should I bring?")
    box.pass_time(seconds=5)


def stop_and_start(stage: Stage) -> None:
    """STOP ends everything on a number, START brings it back, HELP explains, and a wrong number is put before people."""
    box = stage.box
    stage.booked(BEN, days=5)
    for words in ("STOP", "START", "HELP", "stop the billing texts", "hello?"):
        box.text(BEN, words)
        box.pass_time(minutes=1)
    box.text(Person("", "", "", "+17735550111", ""), "who is this")
    box.text(Person("", "", "", "+447700900123", ""), "your code is 1234")
    stage.booked(GUS, days=5)
    box.text(GUS, "wrong number")


def an_emergency_pages_somebody(stage: Stage) -> None:
    """A safety reply, a task that is due now, and the on-call topic."""
    stage.booked(DAVID, days=5)
    stage.box.text(DAVID, "i cant breathe and my chest hurts really bad since the treatment")


def the_carrier_fails_in_every_way(stage: Stage) -> None:
    """Throttled, broken, silent after taking it, a phone that is none; and a receipt without our context."""
    box = stage.box
    stage.fault({"on": "send", "kind": "throttle"}, {"on": "send", "kind": "error_before"})
    appointment = stage.booked(ERIN, days=5)
    box.pass_time(minutes=2)
    stage.fault({"on": "send", "kind": "timeout_after"}, {"on": "receipt", "kind": "late", "seconds": 60, "count": 2})
    box.webhook(box.visit("rescheduled", appointment, ERIN, box.day(6, 9), version=2))
    box.pass_time(minutes=3)
    box.http.delete("/box/carrier")
    stage.fault(**{ERIN.phone: "invalid"})
    box.webhook(box.visit("rescheduled", appointment, ERIN, box.day(7, 9), version=3))
    box.pass_time(minutes=3)


def staff_write_and_read(stage: Stage) -> None:
    """Threads found, read and answered by one who says what was seen; clinical words refused and sealed; tasks closed; a
    text looked up."""
    box, thread = stage.box, stage.box.thread(CARMEN)["thread_id"]
    for asked in ({"phone": CARMEN.phone}, {"patient_id": stage.patient_id(CARMEN)}):
        assert box.api("POST", "/v1/threads/find", asked).status_code == 200
    assert box.api("GET", "/v1/threads").json()["threads"]
    refused = box.api("POST", f"/v1/threads/{thread}/texts", {"body": CLINICAL, "author": "front-desk-1"})
    assert refused.status_code == 422
    seen = box.api("GET", f"/v1/threads/{thread}").json()["seen"]
    asked = {"body": "Please bring your card.", "author": "front-desk-1", "seen": seen}
    said = box.api("POST", f"/v1/threads/{thread}/texts", asked)
    assert said.status_code == 202, said.text
    assert box.api("GET", f"/v1/messages/{said.json()['message_id']}").status_code == 200
    assert box.api("GET", "/v1/tasks/calls").json()["calls"]
    task_id = box.api("GET", "/v1/tasks").json()["tasks"][0]["task_id"]
    assert box.api("GET", f"/v1/tasks/{task_id}").status_code == 200
    task = box.api("GET", "/v1/tasks").json()["tasks"][0]
    assert box.api("POST", f"/v1/tasks/{task['task_id']}/close", {"outcome": "done"}).status_code == 200
    box.pass_time(seconds=5)


def a_secure_message_is_opened(stage: Stage) -> None:
    """Sealed, announced again, locked by wrong dates, opened and recalled; and one by passcode."""
    box = stage.box
    sealed, link = sealed_for(stage, CARMEN)
    box.http.get(link)
    assert "melanoma" in box.http.post(link, data={"birth_date": CARMEN.born}).text
    again = {"secure_id": sealed["secure_id"], "author": "front-desk-1", "identity": "passcode"}
    announced = box.api("POST", f"/v1/threads/{box.thread(CARMEN)['thread_id']}/secure", again).json()
    box.pass_time(seconds=5)
    other = link_in(box.phone(CARMEN)[-1]["body"])
    assert "melanoma" in box.http.post(other, data={"passcode": announced["passcode"]}).text
    for _ in range(2):
        for _ in range(5):
            box.http.post(link, data={"birth_date": "1901-01-01"})
        box.pass_time(minutes=61)
    assert box.api("POST", f"/v1/secure/{sealed['secure_id']}/recall").json()["state"] == "recalled"
    box.http.post(other, data={"passcode": announced["passcode"]})


def sealed_for(stage: Stage, person: Person) -> tuple[dict[str, Any], str]:
    """A secure message from staff, and the link that announced it."""
    asked = {"body": CLINICAL, "author": "front-desk-1"}
    answer = stage.box.api("POST", f"/v1/threads/{stage.box.thread(person)['thread_id']}/secure", asked)
    assert answer.status_code == 201, answer.text
    stage.box.pass_time(seconds=5)
    return answer.json(), link_in(stage.box.phone(person)[-1]["body"])


def link_in(notice: str) -> str:
    """The path of the link in a notice."""
    found = re.search(r"/m/[\w-]+", notice)
    assert found, notice
    return found[0]


def texts_wait_for_morning_and_for_their_turn(stage: Stage) -> None:
    """Held by the sender before eight, and asked again too early. Planted: a number that has texted ten seconds ahead of
    its pace, so that the next texts line up before it."""
    box = stage.box
    said = {"body": "We will call you.", "author": "front-desk-1", "category": "appointments"}
    told = box.api("POST", f"/v1/threads/{box.thread(HAL)['thread_id']}/texts", said).json()
    assert told["held_until"], told
    box.wait()
    stage.outbox(told["message_id"])
    box.go_to(box.now().astimezone(CHICAGO).replace(hour=9, minute=0))
    with stage.store() as store:
        store.commit(Change(replace(pace_of(stage, store), next_at=box.now() + timedelta(seconds=10))))
    for person in (replace(BEN, ref="P-91", phone="+16305550110"), replace(BEN, ref="P-92", phone="+16305550111")):
        stage.booked(person, days=6)
    box.pass_time(minutes=1)


def pace_of(stage: Stage, store: Store) -> Pace:
    """How fast the practice's number may text, as the sender keeps it."""
    origination = stage.world.variable("ORIGINATION")
    return store.pace("line_" + Fingerprints(store.vault).digest(f"origination {origination}")[:24])


def the_money_is_gone(stage: Stage) -> None:
    """The carrier says so, and whom it left out is on a call list. Planted: there is money again at once."""
    stage.fault({"on": "send", "kind": "no_money"})
    stage.booked(replace(BEN, ref="P-95", phone="+16305550115"), days=6)
    with stage.store() as store:
        store.commit(Change(replace(pace_of(stage, store), spent_until=None)))


def a_year_begins(stage: Stage) -> None:
    """Each year's words have a key of their own, made by whoever writes first: a patient's answer, and words that the
    sender diverts. Those are planted, because our own wordings hold none: texts planned with a treatment's name, one of
    them to a phone that a mother and her child share."""
    box = stage.box
    for person in (DAVID, FAYE):
        stage.booked(replace(person, ref=f"{person.ref}-2"), days=45)
    sealed, link = sealed_for(stage, HAL)  # nobody knows his birth date: he has a passcode
    box.go_to(datetime(2027, 1, 1, 10, 0, tzinfo=CHICAGO))
    opened = box.http.post(link, data={"passcode": sealed["passcode"]})
    session = re.findall(r'name="session" value="([^"]*)"', opened.text)[0]
    assert box.http.post(f"{link}/reply", data={"session": session, "body": "Thank you"}).status_code == 200
    for person in (DAVID, FAYE):
        planned = next(one for one in box.messages(f"A-{person.ref}-2") if one["state"] == "planned")
        with stage.store() as store:
            kept = store.message(planned["id"])
            assert kept
            store.commit(Change(replace(kept, body=Body("Your Botox is on Friday"), send_at=box.now())))
        stage.outbox(planned["id"])


def what_is_stuck_is_put_back(stage: Stage) -> None:
    """Planted: AWS has lost a schedule; the watch finds the text that overslept."""
    schedules, late = stage.world.wiring.schedules, replace(BEN, ref="P-93", phone="+16305550112")
    appointment = stage.booked(late, TODAY)
    lost = min(
        (one for one in stage.box.messages(appointment) if one["state"] == "planned"), key=lambda one: one["send_at"]
    )
    (found,) = (one for one in schedules.all() if one.name == lost["id"])
    schedules.delete(found.name, found.group)
    stage.box.go_to(found.when + timedelta(minutes=31))
    assert len(stage.box.phone(late)) == 2, "what overslept was not put back"


def the_ledger_stumbles(stage: Stage) -> None:
    """Planted: the ledger's run ends half way; the next run reads back what that one placed."""
    for call in (4, 6):
        stage.box.consent(HAL)
        stage.world.runtime.invoke(stage.arn("ledger"), {"time": "2027-01-01T18:00:00Z"}, crash_after=call)
        stage.box.pass_time(minutes=2)


def both_opt_out_lists_are_brought_together(stage: Stage) -> None:
    """Nights of the watch, the clock alone moved between them: a STOP goes to the carrier's list, a START takes it off,
    and the next START cannot, since the carrier lets a number go once a month. Planted: a STOP that only it heard."""
    box, gone = stage.box, replace(BEN, ref="P-94", phone="+16305550113")
    assert box.consent(gone).status_code == 201
    opt_outs = {"OptOutListName": stage.world.variable("OPT_OUT_LIST"), "OptedOutNumber": "+16305550114"}
    stage.carrier().put_opted_out_number(**opt_outs)
    for _ in range(2):
        box.text(gone, "STOP")
        stage.night("watch", timedelta(days=2))
        box.text(gone, "START")
    stage.night("watch", timedelta(days=1))


def ten_years_go_by(stage: Stage) -> None:
    """The clock alone is moved, since nothing else would happen in ten years of nights: a night under a legal hold, and
    one without. Before them, what could not be read is announced, and goes when its notice is over. The desk has seen to
    all that waited: what an open task is about does not go."""
    while waiting := stage.box.api("GET", "/v1/tasks").json()["tasks"]:
        for task in waiting:
            closed = stage.box.api("POST", f"/v1/tasks/{task['task_id']}/close", {"outcome": "done"})
            assert closed.status_code == 200
    stage.night("retention", timedelta(days=80))
    stage.night("retention", timedelta(days=20))
    with stage.store() as store:
        store.commit(Change(Holds("ALL", standing=("h_" + "0" * 32,))))
    stage.night("retention", timedelta(days=366 * 11))
    with stage.store() as store:
        store.commit(Change(replace(store.holds("ALL"), standing=())))
    stage.night("retention", timedelta(days=40))


SCENES: tuple[Callable[[Stage], None], ...] = (
    the_ledger_changes_its_key,
    consent_is_given_read_taken_back_and_imported,
    texts_wait_for_morning_and_for_their_turn,
    visits_are_booked_at_every_door,
    a_visit_moves,
    what_is_stuck_is_put_back,
    a_reminder_is_confirmed,
    stop_and_start,
    an_emergency_pages_somebody,
    the_carrier_fails_in_every_way,
    the_money_is_gone,
    staff_write_and_read,
    a_secure_message_is_opened,
    a_year_begins,
    the_ledger_stumbles,
    both_opt_out_lists_are_brought_together,
    ten_years_go_by,
)
