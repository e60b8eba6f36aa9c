"""The portal: inert to whatever only looks, open to whom it is for, and silent about why not."""

import json
import re
from dataclasses import replace

import boto3
import pytest
from texting.values import Body, PhoneNumber
from texting.writes import Change

from tests.journeys.stories import ANA, BEN

OPEN, REPLY = "/m/{token}", "/m/{token}/reply"
SECURE, RECALL, THREAD = "/v1/threads/{thread_id}/secure", "/v1/secure/{secure_id}/recall", "/v1/threads/{thread_id}"
WORDS = "Your peel went well. Keep it dry until Friday."
BORN = {"birth_date": "1990-05-17"}
WRONG = {"birth_date": "1990-05-18"}
CLOSED = "That did not match, or this link is no longer open."
PREVIEWS = [
    "WhatsApp/2.24.1 A",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Mozilla/5.0 (Macintosh) AppleWebKit/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",  # what iMessage sends
    "Mozilla/5.0 (compatible; Google-Messages-Link-Preview/1.0)",
    "Mozilla/5.0 (Windows NT 10.0) Microsoft Office Outlook SafeLinks",
    "Mozilla/5.0 (compatible; Proofpoint-URL-Defense)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "curl/8.5.0",
]


@pytest.fixture
def staff(speak):
    """Who writes the secure messages."""
    return speak("inbox", "threads")


@pytest.fixture
def portal(speak):
    """A patient's browser: no token of ours."""
    return speak("portal")


@pytest.fixture
def sent(practice, staff, outbox):
    """Seals words for a patient. Returns the link's token and what staff were told."""

    def seal(ref="P-1", phone=ANA, **more):
        ids = practice.world.ids
        thread = ids.thread_id(ids.patient_id("main", ref), ids.number_id(PhoneNumber(phone)))
        outbox()
        told = staff.post(SECURE, {"body": WORDS, "author": "maria"} | more, thread_id=thread).json
        practice.lists.outbox = outbox()
        [notice] = practice.runs()
        return re.search(r"/m/([\w-]+)", notice)[1], told | {"thread_id": thread}

    return seal


@pytest.fixture
def ana(practice):
    """A patient with a birth date on file."""
    practice.consents("P-1", ANA)
    practice.hears()
    practice.lists.outbox.clear()


def hidden(page, name):
    """The value of a hidden field."""
    return re.search(rf'name="{name}" value="([^"]*)"', page.text)[1]


def everything():
    """Every item of the tables that a portal may write."""
    return [boto3.client("dynamodb").scan(TableName=name)["Items"] for name in ("secure", "work", "messages", "ledger")]


@pytest.mark.usefixtures("ana")
def test_looking_changes_nothing_whoever_looks(portal, sent):
    """C18: previews, scanners and people who only follow the link use nothing up, and no try is counted."""
    token, _ = sent()
    before = everything()

    pages = {portal.get(OPEN, token=token, headers={"User-Agent": agent}).text for agent in PREVIEWS}

    assert everything() == before
    assert len(pages) == 1
    assert WORDS not in pages.pop()


@pytest.mark.usefixtures("ana")
def test_every_token_shows_the_same_form(portal, sent):
    """Whether a link exists cannot be seen without trying it."""
    token, _ = sent()

    known, unknown = portal.get(OPEN, token=token), portal.get(OPEN, token="x" * 32)

    assert (known.status, known.text) == (unknown.status, unknown.text)


@pytest.mark.usefixtures("ana")
@pytest.mark.parametrize(
    "typed", ["1990-05-17", "05/17/1990", "5/17/1990", " 05-17-1990 ", "05171990", "5.17.1990", "1990-5-17"]
)
def test_the_birth_date_opens_the_message(portal, sent, ledger, typed):
    """As people in the US write it, or as the form's example; the reading is in the ledger before the page is."""
    token, told = sent()

    page = portal.submit(OPEN, {"birth_date": typed}, token=token)

    assert page.status == 200
    assert WORDS in page.text
    [entry] = ledger("secure.read")
    assert entry.subject == told["secure_id"]


@pytest.mark.usefixtures("ana")
@pytest.mark.parametrize(
    "fields",
    [
        WRONG,
        {"birth_date": "17/05/1990"},
        {"birth_date": "1990"},
        {"birth_date": "x" * 5000},
        {"birth_date": "١٩٩٠-٠٥-١٧"},
        {"passcode": "12345678"},
        {"birth_date": "", "passcode": ""},
        {},
    ],
)
def test_whatever_is_wrong_is_said_in_one_way(portal, sent, fields):
    """A wrong date, a strange one, none: the same page as for a link that does not exist."""
    token, _ = sent()

    page, nowhere = (portal.submit(OPEN, fields, token=one) for one in (token, "x" * 32))

    assert (page.status, page.text) == (nowhere.status, nowhere.text)
    assert CLOSED in page.text
    assert WORDS not in page.text


@pytest.mark.usefixtures("ana")
def test_a_message_can_be_read_again_until_it_ends(portal, sent, clock, staff):
    """Reading uses nothing up; when the view ends the patient's page ends, and staff still have the record."""
    token, told = sent()
    for _ in range(2):
        assert portal.submit(OPEN, BORN, token=token).status == 200
    clock("2026-12-04T17:59:00Z")
    assert portal.submit(OPEN, BORN, token=token).status == 200
    clock("2026-12-04T18:01:00Z")
    assert CLOSED in portal.submit(OPEN, BORN, token=token).text

    [line] = [one for one in staff.get(THREAD, thread_id=told["thread_id"]).json["timeline"] if "secure_id" in one]
    assert (line["state"], line["body"]) == ("read", WORDS)


@pytest.mark.usefixtures("ana")
def test_what_was_recalled_opens_no_more(portal, sent, staff, ledger):
    """A true recall: also for who has read it before, and the try is kept with its reason."""
    token, told = sent()
    portal.submit(OPEN, BORN, token=token)
    staff.post(RECALL, {}, secure_id=told["secure_id"])

    assert CLOSED in portal.submit(OPEN, BORN, token=token).text
    assert [entry.facts["reason"] for entry in ledger("secure.refused")] == ["recalled"]


@pytest.mark.usefixtures("ana")
def test_five_wrong_tries_lock_for_an_hour(portal, sent, clock, ledger):
    """The right date is refused while the lock stands, the wait is not told, and after the hour it opens."""
    token, _ = sent()
    for _ in range(5):
        portal.submit(OPEN, WRONG, token=token)
    assert CLOSED in portal.submit(OPEN, BORN, token=token).text
    clock("2026-12-01T19:00:01Z")

    assert WORDS in portal.submit(OPEN, BORN, token=token).text
    reasons = [entry.facts["reason"] for entry in ledger("secure.refused")]
    assert sorted(reasons) == ["locked"] + ["no_match"] * 5


@pytest.mark.usefixtures("ana")
def test_ten_wrong_tries_close_the_link_and_call_staff(portal, practice, sent, clock):
    """Closed for good, on any later day too; one task says to call the patient."""
    token, _ = sent()
    for hour in (18, 20):
        clock(f"2026-12-01T{hour}:30:00Z")
        for _ in range(6):
            portal.submit(OPEN, WRONG, token=token)
    clock("2026-12-02T12:00:00Z")

    assert CLOSED in portal.submit(OPEN, BORN, token=token).text
    assert practice.tasks() == ["locked_link"]


@pytest.mark.usefixtures("ana")
def test_an_empty_form_is_no_try(portal, practice, sent, ledger):
    """A slip of the thumb locks nobody out."""
    token, _ = sent()
    for _ in range(12):
        portal.submit(OPEN, {"birth_date": ""}, token=token)

    assert WORDS in portal.submit(OPEN, BORN, token=token).text
    assert ledger("secure.refused") == []


@pytest.mark.usefixtures("ana")
def test_tries_side_by_side_are_all_counted(portal, sent, ledger, rivals):
    """Race: every guess finds that another was written meanwhile; each is counted once, and only five are compared."""
    token, _ = sent()
    pages = []
    rivals(lambda: pages.append(portal.submit(OPEN, WRONG, token=token)), times=11)

    pages.append(portal.submit(OPEN, WRONG, token=token))

    assert len(pages) == 12
    assert {page.status for page in pages} <= {403, 503}
    counted = [entry.facts["attempts"] for entry in ledger("secure.refused") if entry.facts["reason"] == "no_match"]
    assert sorted(counted) == [1, 2, 3, 4, 5]
    assert CLOSED in portal.submit(OPEN, BORN, token=token).text


@pytest.mark.usefixtures("ana")
def test_a_recall_in_between_is_a_recall(portal, sent, staff, rivals, ledger):
    """Race: recalled after the date was compared and before the reading was written, it is not shown."""
    token, told = sent()
    rivals(lambda: staff.post(RECALL, {}, secure_id=told["secure_id"]))

    assert CLOSED in portal.submit(OPEN, BORN, token=token).text
    assert ledger("secure.read") == []


def test_a_shared_phone_opens_by_passcode_only(portal, practice, sent):
    """C19: mother and child on one phone: the birth date that everybody at home knows is not enough."""
    practice.consents("P-1", ANA)
    practice.consents("P-2", ANA)
    practice.hears()
    practice.lists.outbox.clear()
    token, told = sent()

    assert CLOSED in portal.submit(OPEN, BORN, token=token).text
    code = told["passcode"]
    assert CLOSED in portal.submit(OPEN, {"passcode": "0" * 8 if code != "0" * 8 else "1" * 8}, token=token).text
    assert WORDS in portal.submit(OPEN, {"passcode": f"{code[:4]} {code[4:]}"}, token=token).text


def test_without_a_birth_date_only_the_passcode_opens(portal, practice, sent, ledger):
    """Nobody is let in by an empty date; and the passcode stands nowhere in the clear."""
    practice.consents("P-3", BEN)
    token, told = sent("P-3", BEN)

    assert CLOSED in portal.submit(OPEN, {"birth_date": "", "passcode": "1"}, token=token).text
    assert told["passcode"] not in json.dumps(everything(), default=str)
    assert WORDS in portal.submit(OPEN, {"passcode": told["passcode"]}, token=token).text


@pytest.mark.usefixtures("ana")
def test_an_answer_reaches_staff(portal, practice, sent, staff, ledger):
    """Sealed, in the thread, before the clinical queue; pressed twice it is there once."""
    token, told = sent()
    page = portal.submit(OPEN, BORN, token=token)
    answer = {"session": hidden(page, "session"), "body": "Thanks! It itches a little."}

    said = [portal.submit(REPLY, answer, token=token) for _ in range(2)]

    assert [one.status for one in said] == [200, 200]
    lines = [one for one in staff.get(THREAD, thread_id=told["thread_id"]).json["timeline"] if "secure_id" in one]
    assert [(one["direction"], one["author"], one["body"]) for one in lines if one["author"] == "patient"] == [
        ("in", "patient", answer["body"])
    ]
    [task] = practice.world.store.open_tasks()
    assert (task.kind, task.queue) == ("secure_reply", "clinical")
    assert len(ledger("secure.replied")) == 1


@pytest.mark.usefixtures("ana")
def test_the_answer_form_works_for_a_quarter_of_an_hour(portal, sent, clock):
    """Then the link is to be opened again; what was typed is not taken from an open page left behind."""
    token, _ = sent()
    session = hidden(portal.submit(OPEN, BORN, token=token), "session")
    clock("2026-12-01T18:16:00Z")

    assert portal.submit(REPLY, {"session": session, "body": "hello"}, token=token).status == 403


@pytest.mark.usefixtures("ana")
@pytest.mark.parametrize(
    ("session", "status"),
    [("", 403), ("x", 403), ("9999999999.", 403), ("9999999999." + "0" * 64, 403), (".", 403), ("é.é", 403)],
)
def test_a_made_up_session_answers_nothing(portal, practice, sent, session, status):
    """Only who has just read the message may answer it."""
    token, _ = sent()

    assert portal.submit(REPLY, {"session": session, "body": "hello"}, token=token).status == status
    assert practice.tasks() == []


@pytest.mark.usefixtures("ana")
def test_a_session_fits_its_own_link_only(portal, sent):
    """What one message's reader holds opens no other message."""
    first, _ = sent()
    second, _ = sent(body="Something else.")
    session = hidden(portal.submit(OPEN, BORN, token=first), "session")

    assert portal.submit(REPLY, {"session": session, "body": "hello"}, token=second).status == 403


@pytest.mark.usefixtures("ana")
@pytest.mark.parametrize("body", ["", "   ", "x" * 4001])
def test_an_answer_that_cannot_be_taken_is_asked_for_again(portal, sent, body):
    """Empty or too long: the form again, with the session it came with."""
    token, _ = sent()
    session = hidden(portal.submit(OPEN, BORN, token=token), "session")

    page = portal.submit(REPLY, {"session": session, "body": body}, token=token)

    assert (page.status, hidden(page, "session")) == (422, session)


@pytest.mark.usefixtures("ana")
def test_the_page_is_in_the_readers_language(portal, practice, sent):
    """Before anybody is known, the browser's; asked for in the address, that one; once known, the patient's own."""
    practice.hears(version=2, patient={"language": "es"})
    practice.lists.outbox.clear()
    token, _ = sent()

    assert "Tiene un mensaje seguro" in portal.get(OPEN, token=token, headers={"Accept-Language": "es-MX,es"}).text
    assert "Tiene un mensaje seguro" in portal.get(OPEN, token=token, query={"lang": "es"}).text
    assert "Su mensaje" in portal.submit(OPEN, BORN, token=token).text


@pytest.mark.usefixtures("ana")
def test_nothing_of_a_portal_reaches_logs_or_ledger(portal, sent, capsys, ledger):
    """P9: not the words, the token, the birth date or the answer."""
    token, _ = sent()
    portal.submit(OPEN, WRONG, token=token)
    page = portal.submit(OPEN, BORN, token=token)
    portal.submit(REPLY, {"session": hidden(page, "session"), "body": "It itches a little."}, token=token)

    printed = capsys.readouterr()
    told = json.dumps([[one.subject, one.actor, dict(one.facts)] for kind in set(ledger()) for one in ledger(kind)])
    for mark in (token, "peel", "itches", "1990-05-1", "Ruiz", "203.0.113.7"):
        assert mark not in printed.out + printed.err + told


def diverted(practice):
    """The booking's text reaches the sender with clinical words, as a practice's own wording might. Returns the notice."""
    [message, *_] = practice.world.store.messages_of(practice.world.ids.appointment_id("main", "A-1"))
    practice.world.store.commit(Change(replace(message, body=Body("Your Botox visit is tomorrow."))))
    practice.lists.outbox = [message.message_id]
    practice.runs()
    [notice] = practice.runs()
    return notice


@pytest.mark.usefixtures("ana")
def test_an_automated_text_that_was_diverted_opens_too(portal, practice):
    """P5's other half: what the guard sealed by itself is read by the same door."""
    token = re.search(r"/m/([\w-]+)", diverted(practice))[1]

    assert "Your Botox visit is tomorrow." in portal.submit(OPEN, BORN, token=token).text


def test_a_diverted_text_that_nobody_could_open_is_put_before_staff(portal, practice):
    """Without a birth date there is nobody at hand to read a passcode out: people are asked to, and nothing opens."""
    practice.consents("P-1", ANA)
    practice.hears(patient={"birth_date": None})
    token = re.search(r"/m/([\w-]+)", diverted(practice))[1]

    assert practice.tasks() == ["passcode_needed"]
    for fields in (BORN, {"passcode": ""}, {"birth_date": "", "passcode": "0"}):
        assert CLOSED in portal.submit(OPEN, fields, token=token).text
