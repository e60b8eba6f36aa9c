"""The control surface says what it does and does what it says, on the real deployment."""

import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from box.runtime.workers import ROOT
from box.scenarios.main import search
from box.scenarios.player import Box, Person
from box.world import World

NOBODY = "+17735550190"


def person(number: int, language: str = "en") -> Person:
    return Person(f"P-{number}", "Grace", f"Quillfeather{number}", f"+177355501{number:02}", "1970-01-02", language)


def booked(box: Box, number: int, *, consents: bool = True, days: int = 6) -> tuple[Person, str]:
    """Somebody with a visit, and its id."""
    somebody, appointment = person(number), f"A-{number}"
    if consents:
        assert box.consent(somebody).status_code == 201
    assert box.webhook(box.visit("booked", appointment, somebody, box.day(days, 15))).status_code == 202
    box.settle()
    return somebody, appointment


def refused(box: Box, method: str, path: str, told: Any = None, **headers: str) -> tuple[int, str]:
    content = told if isinstance(told, bytes) else None
    answer = box.http.request(method, path, json=None if content else told, content=content, headers=headers)
    return answer.status_code, answer.json().get("error", "")


def test_a_box_says_when_it_is_ready_and_what_it_stands_on(box: Box) -> None:
    """Health tells what was tried of the embedded AWS and what is left out."""
    told = box.get("/box/health")
    assert told["ready"]
    assert len(told["relied_on"]) == 7
    assert "AWS::WAFv2::WebACL" in told["not_simulated"]


def test_the_practice_gives_what_opens_its_doors(box: Box) -> None:
    """Name, numbers, places, contact, connections with their secrets, and a token that opens /v1."""
    told = box.practice
    assert told["locations"] == [{"id": "main", "state": "IL", "time_zone": "America/Chicago"}]
    assert {one["name"]: one["kind"] for one in told["connections"]} == {"main": "standard-webhooks", "ehr": "fhir"}
    assert all(one["secret"] for one in told["connections"])
    assert box.api("GET", "/v1/tasks").status_code == 200
    assert box.http.get("/v1/tasks").status_code == 401


def test_the_clock_stands_still_and_only_goes_forwards(box: Box) -> None:
    """Time passes when asked for, by a span or to a moment, and never back."""
    before = box.now()
    assert box.now() == before
    told = box.post("/box/clock", {"advance": "PT1M30S"})
    assert (datetime.fromisoformat(told["now"]) - before, told["idle"]) == (timedelta(seconds=90), True)
    assert told["now"].endswith("Z")
    assert refused(box, "POST", "/box/clock", {"set": before.isoformat()})[0] == 409


@pytest.mark.parametrize(
    ("method", "path", "told", "status"),
    [
        ("POST", "/box/clock", {"advance": "36 hours"}, 422),  # not ISO 8601
        ("POST", "/box/clock", {"advance": "P1M"}, 422),  # a month has no length
        ("POST", "/box/clock", {"advance": "PT"}, 422),  # nothing said
        ("POST", "/box/clock", {}, 422),
        ("POST", "/box/clock", {"set": "2027-01-01T00:00:00Z", "advance": "PT1H"}, 422),  # which one?
        ("POST", "/box/clock", {"set": "2027-01-01T00:00:00"}, 422),  # no zone
        ("POST", "/box/clock", b"{", 400),
        ("POST", "/box/clock", b"[]", 400),
        ("GET", "/box/nothing", None, 404),
        ("DELETE", "/box/clock", None, 405),
        ("GET", "/box/phones/3125550142", None, 422),  # no plus
        ("POST", f"/box/phones/{NOBODY}/texts", {"body": ""}, 422),
        ("POST", f"/box/phones/{NOBODY}/texts", {"body": "hi", "to": "+12025550000"}, 404),  # not a number of ours
        ("POST", "/box/carrier", {"faults": [{"on": "moon", "kind": "full"}]}, 422),
        ("POST", "/box/carrier", {"phones": {NOBODY: "asleep"}}, 422),
        ("GET", "/box/messages/m_none", None, 404),
        ("POST", "/box/quarantine/q_none/replay", None, 404),
        ("POST", "/box/bus", {"detail": "words"}, 422),
        ("POST", "/box/ledger/export", {"to": "somewhere"}, 422),  # not a whole path
        ("POST", "/box/scenario/none", None, 404),
    ],
)
def test_what_is_wrong_is_answered_in_a_sentence(box: Box, method: str, path: str, told: Any, status: int) -> None:
    """Every refusal has its status and says what to do."""
    answered, sentence = refused(box, method, path, told)
    assert answered == status
    assert sentence.endswith(".")


@pytest.mark.parametrize(
    "headers", [{"Host": "box.evil.example"}, {"Origin": "https://evil.example"}, {"Origin": "null"}]
)
def test_no_other_site_steers_the_box(box: Box, headers: dict[str, str]) -> None:
    """A page elsewhere in the browser can neither rebind a name to us nor post to us."""
    assert refused(box, "POST", "/box/clock", {"advance": "PT1H"}, **headers)[0] == 403


def test_a_message_is_found_by_the_scheduling_systems_own_id_and_says_why(box: Box) -> None:
    """Messages are told in ids, states and reasons; one sentence answers why somebody got nothing."""
    _, appointment = booked(box, 10, consents=False)
    messages = box.messages(appointment)
    (refusal,) = [one for one in messages if one["state"] == "refused"]
    assert {one["appointment_id"] for one in messages} == {appointment}
    assert refusal["verdicts"][-1]["reason"] == "no_consent"
    assert refusal["verdicts"][-1]["sentence"].startswith("The patient has not agreed")
    assert box.get(f"/box/messages/{refusal['id']}")["purpose"] == "booking_confirmation"
    assert refusal in box.get("/box/messages", state="refused")["messages"]
    assert "body" not in refusal


def test_a_delivered_text_is_on_the_phone_with_its_deadline_and_evidence(box: Box) -> None:
    """What the carrier accepted is on the phone, carries its time to live, and is linked to our message."""
    somebody, appointment = booked(box, 11)
    (text,) = box.phone(somebody)
    (sent,) = [one for one in box.messages(appointment) if one["state"] == "delivered"]
    life = datetime.fromisoformat(sent["deadline"]) - datetime.fromisoformat(text["at"])
    assert (text["ttl_seconds"], text["message_id"]) == (life.total_seconds(), sent["carrier_id"])
    assert text["from"] in box.practice["numbers"]
    assert "TEXT_DELIVERED" in {piece["type"] for piece in sent["evidence"]}


def test_a_carriers_duplicate_has_one_effect(box: Box) -> None:
    """The same inbound id twice is one text on record and one answer."""
    somebody, _ = booked(box, 12)
    before = len(box.phone(somebody))
    for _ in range(2):
        box.text(somebody, "STOP", inbound_id="stop-once")
    (heard,) = [one for one in box.get("/box/inbound")["inbound"] if one["inbound_id"] == "stop-once"]
    assert (heard["intent"], heard["from"]) == ("opt_out", somebody.phone)
    assert len(box.phone(somebody)) == before + 1


def test_threads_show_what_staff_see(box: Box) -> None:
    """Name, number, standing and both sides of the conversation, in order."""
    somebody, _ = booked(box, 13)
    box.text(somebody, "Can I bring my sister?")
    thread = box.thread(somebody)
    assert (thread["patient"], thread["stopped"]) == (f"{somebody.given} {somebody.family}", False)
    said = [line for line in thread["messages"] if line.get("state") != "planned"]
    assert [line["direction"] for line in said[:2]] == ["out", "in"]
    assert said[1]["body"] == "Can I bring my sister?"
    assert thread["standing"]["appointments"] == "granted"


def test_what_waits_for_a_person_has_its_clock(box: Box) -> None:
    """A patient's question opens a task with an owner's queue and a due time, which becomes overdue."""
    somebody, _ = booked(box, 14)
    box.text(somebody, "Do you take my insurance?")
    thread = box.thread(somebody)["thread_id"]

    def task() -> dict[str, Any]:
        tasks = box.get("/box/tasks")["tasks"]
        return next(one for one in tasks if (one["thread_id"], one["kind"]) == (thread, "answer"))

    assert (task()["queue"], task()["overdue"]) == ("front_desk", False)
    assert task()["patient"] == f"{somebody.given} {somebody.family}"
    box.go_to(datetime.fromisoformat(task()["due"]) + timedelta(minutes=1))
    assert task()["overdue"]


def test_what_cannot_be_read_is_kept_and_replayed(box: Box) -> None:
    """A signed body that is no event is quarantined with its reason; a replay puts it before the pipeline again."""
    kept = box.webhook({"type": "appointment.booked", "data": {"nothing": "here"}}).json()
    assert kept["accepted"] is False
    (row,) = [one for one in box.get("/box/quarantine")["quarantine"] if one["id"] == kept["quarantine_id"]]
    assert row["sentence"].endswith(".")
    assert row["goes_on"] == str(datetime.fromisoformat(row["at"]).date() + timedelta(days=91))  # ninety days are full
    assert box.post(f"/box/quarantine/{row['id']}/replay")["state"] == "replayed"
    box.wait()


def test_an_event_on_the_bus_takes_the_same_way(box: Box) -> None:
    """The practice's own systems put the generic event on EventBridge."""
    somebody = person(15)
    box.consent(somebody)
    box.post("/box/bus", {"detail": box.visit("booked", "A-15", somebody, box.day(6, 15)) | {"connection": "main"}})
    box.settle()
    assert len(box.phone(somebody)) == 1


def test_a_mere_notification_is_read_back_from_the_fhir_server(box: Box) -> None:
    """An id-only FHIR notification is enough: the appointment is read where the practice keeps it."""
    somebody = person(16)
    box.consent(somebody, connection="ehr")
    start = box.day(6, 15)
    patient = {"name": [{"family": somebody.family, "given": [somebody.given]}], "birthDate": somebody.born,
               "telecom": [{"system": "phone", "value": somebody.phone, "use": "mobile"}]}  # fmt: skip
    appointment = {"status": "booked", "start": start.isoformat(), "end": (start + timedelta(hours=1)).isoformat(),
                   "participant": [{"actor": {"reference": f"Patient/{somebody.ref}"}, "status": "accepted"}]}  # fmt: skip
    for path, told in ((f"Patient/{somebody.ref}", patient), ("Appointment/back-1", appointment)):
        assert box.http.put(f"/box/fhir/{path}", json=told).json()["version"] == "1"
    assert box.fhir({"resourceType": "Appointment", "id": "back-1"}).status_code == 202
    box.settle()
    assert len(box.phone(somebody)) == 1


def test_faults_are_put_in_force_shown_and_ended(box: Box) -> None:
    """A throttled carrier delays a text, and ending the faults leaves none."""
    box.post("/box/carrier", {"faults": [{"on": "send", "kind": "throttle", "count": 1}]})
    somebody, appointment = booked(box, 17)
    box.pass_time(minutes=5)
    reasons = [verdict["reason"] for verdict in box.messages(appointment)[0]["verdicts"]]
    assert "carrier_busy" in reasons
    assert len(box.phone(somebody)) == 1
    box.post("/box/carrier", {"faults": [{"on": "receipt", "kind": "lost"}]})
    assert box.http.delete("/box/carrier").json() == {"faults": []}


def test_what_crashes_mid_batch_is_tried_again_and_sent_once(box: Box) -> None:
    """A sender that dies after its first AWS call leaves nothing behind; the text goes out once, a little later."""
    somebody, appointment = person(18), "A-18"
    box.consent(somebody)
    box.webhook(box.visit("booked", appointment, somebody, box.day(6, 15)))
    box.settle()
    box.post("/box/carrier", {"faults": [{"on": "queue", "kind": "crash_after_call", "call": 1}]})
    box.text(somebody, "Can I come earlier that day?")
    box.pass_time(minutes=10)
    heard = [one for one in box.get("/box/inbound")["inbound"] if one["from"] == somebody.phone]
    assert len(heard) == 1


def test_the_ledger_leaves_as_files_that_the_verifier_accepts(box: Box, tmp_path: Path) -> None:
    """Everything published is exported, and read by a verifier that shares no code with us."""
    booked(box, 19)
    box.pass_time(minutes=1)
    head = box.get("/box/ledger")
    told = box.post("/box/ledger/export", {"to": str(tmp_path / "ledger")})
    assert (told["size"], told["root"]) == (head["size"], head["root"])
    assert head["entries"][-1]["index"] == head["size"] - 1
    anchor = f"{told['size']}:{told['root']}"
    command = [sys.executable, str(ROOT / "verifier/verify.py"), told["to"], "--vkey", told["vkey"], "--anchor", anchor]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0
    assert refused(box, "POST", "/box/ledger/export", {"to": told["to"]})[0] == 409


def test_no_sink_names_a_patient(box: Box) -> None:
    """Whatever was logged, measured, named, keyed or put in a context holds no mark of anybody in these tests."""
    somebody, _ = booked(box, 20)
    box.text(somebody, "my chest hurts and I cannot breathe")
    box.wait()
    sinks = box.get("/box/sinks")
    assert {"send", "intake", "inbound"} <= set(sinks["logs"])
    assert sinks["metrics"]
    assert sinks["access_logs"]
    assert sinks["kms_contexts"]
    assert search(sinks, ["Quillfeather", "773555", "1970-01-02", "Laser resurfacing", "chest hurts"]) == []
    assert search({"logs": ["called 7735550120"]}, ["773555"]) == ["logs (mark 0)"]


def test_doors_that_do_not_exist_answer_as_api_gateway_does(box: Box) -> None:
    """An unknown path is forbidden without a word about what there is."""
    answer = box.http.get("/v1/patients/ana")
    assert (answer.status_code, answer.json()) == (403, {"message": "Missing Authentication Token"})


def test_a_box_that_is_starting_says_so(assembly: Path) -> None:
    """Before everything is ready, health answers 503 and so does everything else, the page with a word of patience."""
    unready = World(assembly, port=0)
    unready.front.start()
    try:
        for path, status in (("/box/health", 503), ("/box/clock", 503), ("/v1/tasks", 503), ("/", 200)):
            assert httpx.get(unready.address + path).status_code == status
    finally:
        unready.front.stop()
        unready.stop()


@pytest.mark.parametrize(
    "story", ["first-visits", "moved-visit", "booked-at-night", "lost-answer", "emergency", "call-list"]
)
def test_the_short_stories_end_as_they_are_told(box: Box, story: str) -> None:
    """Each story can be played on a box that has seen others, and shows its promise with evidence."""
    told = box.post(f"/box/scenario/{story}")
    assert told.get("surprise") is None
    assert all(step["evidence"] for step in told["steps"])
    assert {one["name"] for one in box.get("/box/scenario")["scenarios"]} >= {"main", story}


def test_what_cannot_be_handled_is_seen_without_its_words_and_sent_back(box: Box, world: World) -> None:
    """A message that fails three times is a dead letter that shows its fields only, and can be replayed."""
    outbox = next(one.queue for one in world.runtime.built.mappings if world.runtime.name_of(one.queue) == "outbox")
    world.wiring.queues.send(outbox, json.dumps({"note": 1, "words": "Quillfeather"}))
    box.pass_time(minutes=10)
    (dead,) = box.get("/box/dead-letters")["dead_letters"]
    assert (dead["queue"], dead["fields"]) == ("outbox-dead", ["note", "words"])
    assert "Quillfeather" not in json.dumps(dead)
    assert box.post("/box/dead-letters/replay")["moved"] == 1
    assert box.get("/box/dead-letters")["dead_letters"] == []
    box.pass_time(minutes=10)
    assert len(box.get("/box/dead-letters")["dead_letters"]) == 1
