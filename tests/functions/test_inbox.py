"""The inbox API: staff write under the same gate as the machine, and are told why not while still at the desk."""

import json

import pytest
from texting.values import Category, PhoneNumber

from tests.journeys.stories import ANA, BEN

FIND, THREADS, THREAD = "/v1/threads/find", "/v1/threads", "/v1/threads/{thread_id}"
TEXTS, SECURE = "/v1/threads/{thread_id}/texts", "/v1/threads/{thread_id}/secure"
RECALL, TASKS, CLOSE = "/v1/secure/{secure_id}/recall", "/v1/tasks", "/v1/tasks/{task_id}/close"
TASK, MESSAGE = "/v1/tasks/{task_id}", "/v1/messages/{message_id}"
HELLO = {"body": "We moved the chairs; the door on Main Street is open.", "author": "maria"}
CLINICAL = {"body": "Your Botox touch-up is ready, no bruising expected.", "author": "maria"}


@pytest.fixture
def api(speak):
    """A system of the practice that may do all that staff may."""
    return speak("inbox", "threads", "tasks", "messages")


@pytest.fixture
def thread(practice):
    """The thread of Ana, who agreed to texts and has a birth date on file."""
    practice.consents("P-1", ANA)
    practice.hears()
    return practice.world.ids.thread_id(*ids(practice, "P-1", ANA))


def ids(practice, ref, phone):
    """The patient's and the number's id."""
    return practice.world.ids.patient_id("main", ref), practice.world.ids.number_id(PhoneNumber(phone))


def test_a_thread_is_found_by_patient_and_by_phone(api, practice, thread):
    """Numbers stay out of URLs: they are asked for in a body, and the answer holds ids, standing and language."""
    patient_id, _ = ids(practice, "P-1", ANA)

    by_patient = api.post(FIND, {"patient_id": patient_id}).json["threads"]
    by_phone = api.post(FIND, {"phone": "(312) 555-0142"}).json["threads"]

    assert by_patient == by_phone
    [found] = by_patient
    assert (found["thread_id"], found["patient_id"], found["number"]) == (thread, patient_id, "open")
    assert found["language"] == "en"


@pytest.mark.parametrize(
    ("asked", "status", "field"),
    [
        ({}, 422, "patient_id"),
        ({"patient_id": "p_" + "0" * 32, "phone": ANA}, 422, "patient_id"),
        ({"phone": "12"}, 422, "phone"),
        ({"phone": 3125550142}, 422, "phone"),
        ({"patient_id": "nobody"}, 200, None),
        ({"phone": BEN}, 200, None),
    ],
)
def test_finding_nobody_or_badly(api, asked, status, field):
    """One of the two must be given; a person nobody knows is an empty list."""
    reply = api.post(FIND, asked)

    assert (reply.status, reply.json.get("field")) == (status, field)
    assert status == 422 or reply.json == {"threads": []}


def test_a_text_that_may_go_is_planned_and_put_before_the_sender(api, practice, thread, outbox):
    """202: the same gate let it go; the sender asks it again, and the carrier gets the words as they were written."""
    outbox()
    reply = api.post(TEXTS, HELLO, thread_id=thread)

    assert reply.status == 202
    practice.lists.outbox = outbox()
    assert practice.lists.outbox == [reply.json["message_id"]]
    assert practice.runs() == [HELLO["body"]]


def test_a_button_pressed_twice_sends_one_text(api, practice, thread, outbox):
    """The same words by the same person within a minute are one text, and so are two calls with one key."""
    first, again = api.post(TEXTS, HELLO, thread_id=thread), api.post(TEXTS, HELLO, thread_id=thread)
    key = {"Idempotency-Key": "7f"}
    third = api.call("POST", TEXTS, {"thread_id": thread}, HELLO, key)
    fourth = api.call("POST", TEXTS, {"thread_id": thread}, HELLO, key)

    assert first.json == again.json != third.json == fourth.json
    practice.lists.outbox = outbox()
    assert len(practice.runs()) == 2


def test_clinical_words_are_refused_with_their_reasons_and_the_secure_way(api, practice, thread, outbox):
    """P5: what a person wrote is refused, with what was found and where, and offered as a secure message."""
    reply = api.post(TEXTS, CLINICAL, thread_id=thread)

    assert reply.status == 422
    assert "secure link" in reply.json["refused"][0]
    assert any(CLINICAL["body"][one["from"] : one["to"]].startswith("Botox") for one in reply.json["found"])
    assert "Botox" not in reply.json["secure_offer"]["suggestion"]
    assert f"/v1/threads/{thread}/secure" in reply.json["secure_offer"]["how"]
    practice.lists.outbox = outbox()
    assert practice.runs() == []


def test_a_refused_text_is_kept_with_its_reason(api, practice, thread, ledger):
    """P1: every verdict is kept, a person's too, and can be read later."""
    api.post(TEXTS, CLINICAL, thread_id=thread)

    refused = [one for one in api.get(THREAD, thread_id=thread).json["timeline"] if one.get("state") == "refused"]
    assert [one["verdicts"][-1]["reason"] for one in refused] == ["clinical_words"]
    assert [entry.facts["reason"] for entry in ledger("message.refused")] == ["clinical_words"]


def test_the_patients_own_name_is_known_to_the_guard(api, thread):
    """A full name and no treatment is still somebody: the guard knows whom the text is for."""
    assert api.post(TEXTS, {"body": "Hello ana ruiz, we are open.", "author": "m"}, thread_id=thread).status == 422


@pytest.mark.parametrize(
    ("said", "reason"),
    [("STOP", "STOP"), ("wrong number", "waits for staff")],
)
def test_who_said_no_gets_nothing_by_hand_either(api, practice, thread, said, reason):
    """Stopped or suspended: 422 with the sentence, no secure offer, nothing planned."""
    practice.texts(said)

    reply = api.post(TEXTS, HELLO, thread_id=thread)

    assert (reply.status, reply.json["secure_offer"]) == (422, None)
    assert reason in reply.json["refused"][0]


def test_a_text_at_night_is_refused_unless_the_patient_just_wrote(api, practice, thread, clock):
    """Outside the patient's hours 422; in answer to their own text of the last day it may go."""
    clock("2026-12-02T05:30:00Z")  # 23:30 in Chicago
    assert "hours" in api.post(TEXTS, HELLO, thread_id=thread).json["refused"][0]

    practice.now = practice.now.replace(day=2, hour=5, minute=20)
    practice.texts("is the door open?")
    assert api.post(TEXTS, HELLO, thread_id=thread).status == 202


def test_shortly_before_the_window_opens_it_waits(api, practice, thread, clock):
    """Half an hour before eight a person's text is taken, and held until the window opens."""
    clock("2026-12-02T13:30:00Z")  # 7:30 in Chicago

    reply = api.post(TEXTS, HELLO, thread_id=thread)

    assert (reply.status, reply.json["held_until"]) == (202, "2026-12-02T14:00:00Z")


@pytest.mark.parametrize(
    ("granted", "asked", "status"),
    [
        ([Category.GENERAL], {}, 202),
        ([Category.APPOINTMENTS, Category.CARE], {}, 202),  # never asked about `general`: care is the nearest
        ([Category.BILLING], {}, 422),
        ([Category.BILLING], {"category": "billing"}, 202),
        ([Category.BILLING], {"category": "care"}, 422),
    ],
)
def test_a_persons_text_needs_a_consent_it_fits(api, practice, granted, asked, status):
    """What the writer names decides; unnamed it is general, or the nearest the patient was ever asked about."""
    practice.consents("P-3", BEN, granted)
    thread = practice.world.ids.thread_id(*ids(practice, "P-3", BEN))

    assert api.post(TEXTS, HELLO | asked, thread_id=thread).status == status


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"author": "m"}, "body"),
        ({"body": "", "author": "m"}, "body"),
        ({"body": "   ", "author": "m"}, "body"),
        ({"body": "x" * 1601, "author": "m"}, "body"),
        ({"body": "é" + "ж" * 700, "author": "m"}, "body"),  # more than ten parts
        ({"body": "hi"}, "author"),
        ({"body": 4, "author": "m"}, "body"),
        ({"body": "hi \x00", "author": "m"}, "body"),
        ({"body": "hi", "author": "m", "category": "gossip"}, "category"),
    ],
)
def test_a_bad_text_names_its_field(api, thread, asked, field):
    """422 names the field; the words are not repeated."""
    reply = api.post(TEXTS, asked, thread_id=thread)

    assert (reply.status, reply.json["field"]) == (422, field)
    assert "xxx" not in reply.text
    assert "gossip" not in reply.text


def test_an_unknown_number_can_be_answered_in_its_thread(api, practice):
    """A text from a number nobody is known by has a thread; a person may answer it for a day, by text only."""
    practice.texts("Do you have parking?", phone=BEN)
    [found] = api.post(FIND, {"phone": BEN}).json["threads"]

    assert (found["patient_id"], found["number"]) == (None, "open")
    assert api.post(TEXTS, HELLO, thread_id=found["thread_id"]).status == 202
    assert api.post(SECURE, HELLO, thread_id=found["thread_id"]).json["field"] == "thread_id"


def test_the_timeline_holds_both_sides_and_reading_it_is_evidence(api, practice, thread, ledger):
    """Texts both ways with state and verdicts, secure messages with theirs; the entry is written before the answer."""
    practice.runs()
    practice.texts("can I park?")
    api.post(SECURE, CLINICAL, thread_id=thread)

    shown = api.get(THREAD, thread_id=thread).json

    assert {"in", "out"} == {one["direction"] for one in shown["timeline"]}
    assert "can I park?" in [one["body"] for one in shown["timeline"]]
    assert [one["state"] for one in shown["timeline"] if "secure_id" in one] == ["waiting"]
    assert [one["at"] for one in shown["timeline"]] == sorted(one["at"] for one in shown["timeline"])
    assert [entry.subject for entry in ledger("access.read") if entry.facts["scope"] == "thread"] == [thread]


def test_threads_that_wait_for_somebody_are_listed_by_their_tasks(api, practice, thread):
    """No scan: what is listed is what has an open task, with its kinds and its clock."""
    assert api.get(THREADS).json == {"threads": []}
    practice.texts("can I park?")

    [line] = api.get(THREADS).json["threads"]
    assert (line["thread_id"], line["tasks"]) == (thread, ["answer"])


def test_a_secure_message_is_sealed_and_announced(api, practice, thread, outbox, ledger):
    """201 with both ids; what leaves is the neutral notice and its link."""
    practice.runs()
    outbox()
    reply = api.post(SECURE, CLINICAL, thread_id=thread)

    assert reply.status == 201
    assert set(reply.json) == {"secure_id", "notice_message_id"}  # a birth date is on file: no passcode
    practice.lists.outbox = outbox()
    [notice] = practice.runs()
    assert "https://text.glow.example/m/" in notice
    assert "Botox" not in notice
    [entry] = ledger("secure.created")
    assert entry.actor.startswith("staff:u_")


def test_a_passcode_is_told_once_where_a_birth_date_will_not_do(api, practice):
    """No birth date on file, or a phone shared by two: eight digits for staff to read out, and kept only as a digest."""
    practice.consents("P-3", BEN)
    reply = api.post(SECURE, CLINICAL, thread_id=practice.world.ids.thread_id(*ids(practice, "P-3", BEN)))

    assert reply.json["passcode"].isdigit()
    assert len(reply.json["passcode"]) == 8


def test_the_notice_needs_a_permit_too(api, practice, thread, ledger):
    """P1: to a number that said STOP not even the notice goes, so nothing is sealed, and staff hear why at once."""
    practice.texts("STOP")

    reply = api.post(SECURE, CLINICAL, thread_id=thread)

    assert reply.status == 422
    assert "STOP" in reply.json["refused"][0]
    assert ledger("secure.created") == []


def test_an_answer_to_the_patients_question_may_be_secure(api, practice):
    """Consent covers appointments only, but the patient asked today: the notice of our answer may go, at any hour."""
    practice.consents("P-3", BEN, [Category.BILLING])
    practice.texts("what did they find?", phone=BEN)

    assert api.post(SECURE, CLINICAL, thread_id=practice.world.ids.thread_id(*ids(practice, "P-3", BEN))).status == 201


def test_a_secure_message_can_be_announced_again(api, practice, thread):
    """A lost link or a wrong birth date on file: the same words behind a new link, with a passcode if wished."""
    first = api.post(SECURE, CLINICAL, thread_id=thread).json
    again = {"secure_id": first["secure_id"], "author": "maria", "identity": "passcode"}

    reply = api.post(SECURE, again, thread_id=thread)

    assert reply.status == 201
    assert reply.json["secure_id"] == first["secure_id"]
    assert reply.json["notice_message_id"] != first["notice_message_id"]
    assert reply.json["passcode"]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"author": "m"}, 422),
        ({"author": "m", "body": "x", "secure_id": "y"}, 422),
        ({"author": "m", "body": ""}, 422),
        ({"body": "x"}, 422),
        ({"author": "m", "body": "x", "identity": "face"}, 422),
        ({"author": "m", "secure_id": "s_" + "0" * 32}, 404),
    ],
)
def test_a_bad_secure_message_is_refused(api, thread, asked, status):
    """New words or an older message, never both or neither."""
    assert api.post(SECURE, asked, thread_id=thread).status == status


def test_recall_ends_the_view_and_keeps_the_record(api, practice, thread, ledger):
    """Recalled twice is recalled once; staff still see the words, the patient never will."""
    secure_id = api.post(SECURE, CLINICAL, thread_id=thread).json["secure_id"]

    assert [api.post(RECALL, {}, secure_id=secure_id).json["state"] for _ in range(2)] == ["recalled"] * 2
    assert [entry.subject for entry in ledger("secure.recalled")] == [secure_id]
    [line] = [one for one in api.get(THREAD, thread_id=thread).json["timeline"] if "secure_id" in one]
    assert (line["state"], line["body"]) == ("recalled", CLINICAL["body"])
    again = {"secure_id": secure_id, "author": "m"}
    assert api.post(SECURE, again, thread_id=thread).json["field"] == "secure_id"


def test_tasks_are_listed_with_their_clock_and_closed_once(api, practice, thread, ledger):
    """Ids, sentences and clocks; closing says what became of it and who did it."""
    practice.texts("can I park?")
    [task] = api.get(TASKS).json["tasks"]
    assert (task["kind"], task["overdue"], task["thread_id"]) == ("answer", False, thread)

    closed = [api.post(CLOSE, {"outcome": "called", "author": "maria"}, task_id=task["task_id"]) for _ in range(2)]

    assert [(one.status, one.json["state"]) for one in closed] == [(200, "closed")] * 2
    assert api.get(TASKS).json == {"tasks": []}
    [entry] = ledger("task.closed")
    assert (entry.facts["outcome"], entry.actor[:8]) == ("called", "staff:u_")


@pytest.mark.parametrize("asked", [{}, {"outcome": "Ana was called"}, {"outcome": 1}])
def test_an_outcome_is_a_word_of_ours(api, practice, thread, asked):
    """Free text could name somebody in a ledger that is never erased: 422 lists the words."""
    practice.texts("can I park?")
    [task] = api.get(TASKS).json["tasks"]

    reply = api.post(CLOSE, asked, task_id=task["task_id"])

    assert (reply.status, reply.json["field"]) == (422, "outcome")
    assert "Ana" not in reply.text


def test_why_did_a_text_not_go(api, practice, thread, ledger):
    """A message by its id: state, deadline, verdicts as sentences, the carrier's evidence, and not one of its words."""
    practice.texts("STOP")
    practice.runs()
    [first, *_] = practice.world.store.messages_of(practice.world.ids.appointment_id("main", "A-1"))

    shown = api.get(MESSAGE, message_id=first.message_id)

    assert (shown.status, shown.json["state"]) == (200, "refused")
    assert "opted out" in shown.json["verdicts"][-1]["sentence"]
    assert "body" not in shown.text
    assert [entry.subject for entry in ledger("access.read") if entry.facts["scope"] == "message"] == [first.message_id]


@pytest.mark.parametrize(
    ("method", "resource", "path", "body"),
    [
        ("GET", THREAD, {"thread_id": "t_" + "0" * 32}, ""),
        ("GET", THREAD, {"thread_id": "x" * 3000}, ""),
        ("GET", THREAD, {"thread_id": "t_#/.."}, ""),
        ("POST", TEXTS, {"thread_id": "t_" + "0" * 32}, HELLO),
        ("POST", SECURE, {"thread_id": "t_" + "0" * 32}, HELLO),
        ("POST", RECALL, {"secure_id": "s_" + "0" * 32}, ""),
        ("GET", TASK, {"task_id": "k_" + "0" * 32}, None),
        ("POST", CLOSE, {"task_id": "k_" + "0" * 32}, {"outcome": "done"}),
        ("GET", MESSAGE, {"message_id": "m_" + "0" * 24}, ""),
    ],
)
def test_what_nobody_knows_is_404(api, method, resource, path, body):
    """Unknown ids are 404, with the same words whatever they look like."""
    assert api.call(method, resource, path, body).status == 404


def test_no_words_of_anybody_in_logs_and_ledger(api, practice, thread, capsys, ledger):
    """P9: not the texts, not the number, not the author, not the patient."""
    api.post(TEXTS, HELLO, thread_id=thread)
    api.post(TEXTS, CLINICAL, thread_id=thread)
    api.post(SECURE, CLINICAL, thread_id=thread)
    api.get(THREAD, thread_id=thread)
    api.post(FIND, {"phone": ANA})

    printed = capsys.readouterr()
    told = json.dumps([[one.subject, one.actor, dict(one.facts)] for kind in set(ledger()) for one in ledger(kind)])
    for mark in ("Botox", "Main Street", "3125550142", "maria", "Ana", "Ruiz", "qlt_"):
        assert mark not in printed.out + printed.err + told


def only_task(api, kind):
    """The one open task, as the list has it."""
    [task] = api.get(TASKS).json["tasks"]
    assert task["kind"] == kind
    return task


def test_a_visit_without_a_phone_says_whom_to_call(api, practice, ledger):
    """The list holds ids; who asks for one task is told name, reference and visit, and that is in the ledger first."""
    practice.hears(phone="000-000-0000")
    task = only_task(api, "no_phone")
    assert "Ruiz" not in json.dumps(task)

    told = api.get(TASK, task_id=task["task_id"]).json

    assert told["patient"] == {
        "given_name": "Ana", "family_name": "Ruiz", "connection": "main", "ref": "P-1", "language": "en"
    }  # fmt: skip
    assert told["phone"] is None
    [entry] = ledger("access.read")
    assert (entry.subject, entry.facts["scope"]) == (task["task_id"], "task")


def test_an_unclear_visit_of_somebody_unknown_says_whom_to_call(api, practice):
    """Nothing else is known of this patient: without a name and a phone nobody could mend the visit with them."""
    assert practice.hears(start="2027-03-14T02:30:00").outcome == "held_for_person"
    task = only_task(api, "unclear_visit")

    told = api.get(TASK, task_id=task["task_id"]).json

    assert (told["patient"]["family_name"], told["phone"]) == ("Ruiz", ANA)
    assert told["thread_id"] == practice.world.ids.thread_id(*ids(practice, "P-1", ANA))


def test_a_doubtful_visit_changes_nothing_of_a_patient_we_know(api, practice, thread):
    """What a person must look at is believed in nothing: neither the new name nor the new phone."""
    practice.hears("A-2", version=1, phone=BEN, start="2027-03-14T02:30:00", patient={"family_name": "Other"})
    task = only_task(api, "unclear_visit")

    told = api.get(TASK, task_id=task["task_id"]).json

    assert told["patient"]["family_name"] == "Ruiz"
