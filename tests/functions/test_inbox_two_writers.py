"""Two people at one patient's thread: who says what they had seen is told what came since, and nobody is talked over."""

import re

import pytest
from texting.aws.store import Store

from tests.functions.test_inbox import CLINICAL, HELLO, SECURE, TEXTS, THREAD, ids
from tests.journeys.stories import ANA, BEN

OTHER = {"body": "The ramp is on the left.", "author": "jo"}


@pytest.fixture
def api(speak):
    """The front desk's page."""
    return speak("inbox", "threads")


@pytest.fixture
def thread(practice):
    """The thread of Ana, who has a visit and asked something."""
    practice.consents("P-1", ANA)
    practice.hears()
    practice.texts("Is there parking near you?")
    return practice.world.ids.thread_id(*ids(practice, "P-1", ANA))


@pytest.fixture
def seen(api, thread):
    """What a page that has just read the thread has seen."""

    def read():
        return api.get(THREAD, thread_id=thread).json["seen"]

    return read


@pytest.fixture
def ours(api, thread):
    """The words of staff that are on their way, in order."""

    def planned():
        lines = api.get(THREAD, thread_id=thread).json["timeline"]
        return [one["body"] for one in lines if one.get("purpose") == "staff_text"]

    return planned


def test_who_has_seen_everything_gets_through(api, thread, seen, ours):
    """Read, then write: 202, before anybody ever wrote and after."""
    assert api.post(TEXTS, HELLO | {"seen": seen()}, thread_id=thread).status == 202
    assert api.post(TEXTS, OTHER | {"seen": seen()}, thread_id=thread).status == 202
    assert sorted(ours()) == [OTHER["body"], HELLO["body"]]


def test_the_second_of_two_people_is_told_of_the_first(api, thread, seen, ours):
    """409: who wrote when and how to go on, not a word of what; nothing is sent, and reading again lets it through."""
    both = {"seen": seen()}
    api.post(TEXTS, HELLO | both, thread_id=thread)

    reply = api.post(TEXTS, OTHER | both, thread_id=thread)

    assert reply.status == 409
    [since] = reply.json["since"]
    assert re.fullmatch(r"u_[0-9a-f]{32}", since["by"])
    assert since["at"] == "2026-12-01T18:00:00Z"
    assert reply.json["error"] == (
        f"Somebody else ({since['by']}) wrote at 2026-12-01T18:00:00Z, after what you had seen. Nothing was sent: "
        "read the thread again and send with the `seen` it gives, or send without `seen`."
    )
    assert ours() == [HELLO["body"]]
    assert api.post(TEXTS, OTHER | {"seen": seen()}, thread_id=thread).status == 202


def test_without_saying_what_was_seen_both_go(api, thread, ours):
    """Nobody who does not ask is stopped: as it always was."""
    assert [api.post(TEXTS, one, thread_id=thread).status for one in (HELLO, OTHER)] == [202, 202]
    assert sorted(ours()) == [OTHER["body"], HELLO["body"]]


def test_whoever_wrote_without_saying_counts_too(api, thread, seen):
    """The first of two may know nothing of `seen`: the second is told all the same."""
    both = {"seen": seen()}
    api.post(TEXTS, HELLO, thread_id=thread)

    assert api.post(TEXTS, OTHER | both, thread_id=thread).status == 409


def test_nobody_overtakes_themselves(api, thread, seen):
    """Two texts of one person from one page both go; once somebody else wrote in between, the next does not."""
    mine = {"seen": seen()}
    for words in ("One moment.", "It is behind the house."):
        assert api.post(TEXTS, HELLO | mine | {"body": words}, thread_id=thread).status == 202
    api.post(TEXTS, OTHER, thread_id=thread)
    api.post(TEXTS, HELLO | {"body": "And it is free."}, thread_id=thread)

    assert api.post(TEXTS, HELLO | mine | {"body": "Mostly."}, thread_id=thread).status == 409


def test_a_button_pressed_twice_is_still_one_text(api, thread, seen):
    """The second press is the same text, and is not stopped by the first."""
    pressed = HELLO | {"seen": seen()}

    first, again = (api.post(TEXTS, pressed, thread_id=thread) for _ in range(2))

    assert (first.status, first.json) == (again.status, again.json)
    api.post(TEXTS, OTHER, thread_id=thread)
    assert api.post(TEXTS, pressed, thread_id=thread).json == first.json


def test_a_newer_text_of_the_patient_is_told(api, practice, thread, seen, clock):
    """What the answer was written for is no longer the last thing the patient said."""
    before = {"seen": seen()}
    clock("2026-12-01T18:05:00Z")
    practice.texts("Never mind, I found it")

    reply = api.post(TEXTS, HELLO | before, thread_id=thread)

    assert (reply.status, reply.json["since"]) == (409, [{"by": "phone", "at": "2026-12-01T18:05:00Z"}])
    assert reply.json["error"].startswith("A text came from the patient's phone at 2026-12-01T18:05:00Z, after what")
    assert "found" not in reply.text
    assert api.post(TEXTS, HELLO | {"seen": seen()}, thread_id=thread).status == 202


def test_an_answer_behind_a_link_is_told(api, practice, thread, seen, speak, outbox):
    """The patient's answer in the portal is one as well."""
    portal = speak("portal")
    outbox()
    api.post(SECURE, CLINICAL, thread_id=thread)
    practice.lists.outbox = outbox()
    token = re.search(r"/m/([\w-]+)", practice.runs()[-1])[1]
    page = portal.submit("/m/{token}", {"birth_date": "1990-05-17"}, token=token)
    session = re.search(r'name="session" value="([^"]*)"', page.text)[1]
    before = {"seen": seen()}
    portal.submit("/m/{token}/reply", {"session": session, "body": "It still hurts"}, token=token)

    reply = api.post(TEXTS, HELLO | before, thread_id=thread)

    assert (reply.status, [one["by"] for one in reply.json["since"]]) == (409, ["patient"])
    assert reply.json["error"].startswith("The patient answered behind a link at 2026-12-01T18:00:00Z, after what")
    assert api.post(TEXTS, HELLO | {"seen": seen()}, thread_id=thread).status == 202


def test_a_text_of_the_machine_overtakes_nobody(api, practice, thread, seen):
    """A reminder and an automatic answer say nothing that a person would have to take back."""
    before = {"seen": seen()}
    practice.later(days=7)

    assert len(practice.carrier.sent) > 1
    assert api.post(TEXTS, HELLO | before, thread_id=thread).status == 202


def test_a_secure_message_is_held_to_the_same(api, thread, seen, ledger):
    """Overtaken, nothing is sealed; read again, it goes; and it overtakes others as a text does."""
    both = {"seen": seen()}
    api.post(TEXTS, HELLO, thread_id=thread)

    assert api.post(SECURE, CLINICAL | both | {"author": "jo"}, thread_id=thread).status == 409
    assert ledger("secure.created") == []
    sealed = api.post(SECURE, CLINICAL | {"author": "jo", "seen": seen()}, thread_id=thread)
    assert sealed.status == 201
    latest = seen()
    again = {"secure_id": sealed.json["secure_id"], "author": "maria", "seen": latest}
    assert api.post(SECURE, again, thread_id=thread).status == 201
    assert api.post(TEXTS, OTHER | {"seen": latest}, thread_id=thread).status == 409


def test_what_was_refused_overtakes_nobody(api, thread, seen):
    """Words that the guard stopped never reached the patient."""
    before = {"seen": seen()}
    assert api.post(TEXTS, CLINICAL, thread_id=thread).status == 422

    assert api.post(TEXTS, OTHER | before, thread_id=thread).status == 202


def test_of_two_at_the_same_moment_one_gets_through(api, thread, seen, ours, rivals):
    """Both had read the same, and one writes between the other's reading and writing: the transaction knows."""
    both, first = {"seen": seen()}, []
    rivals(lambda: first.append(api.post(TEXTS, OTHER | both, thread_id=thread).status))

    reply = api.post(TEXTS, HELLO | both, thread_id=thread)

    assert (first, reply.status) == ([202], 409)
    assert ours() == [OTHER["body"]]


def test_a_patient_who_texts_at_the_same_moment_is_heard(api, practice, thread, seen, ours, rivals):
    """A text that comes in between reading and writing stops the answer, though it changes nothing of the thread's own."""
    before = {"seen": seen()}
    rivals(lambda: practice.texts("Wait, I meant tomorrow"))

    assert api.post(TEXTS, HELLO | before, thread_id=thread).status == 409
    assert ours() == []


def test_two_who_do_not_say_still_both_get_through_at_the_same_moment(api, thread, ours, rivals):
    """Who loses the race for the thread's newest words decides again, and goes."""
    rivals(lambda: api.post(TEXTS, OTHER, thread_id=thread))

    assert api.post(TEXTS, HELLO, thread_id=thread).status == 202
    assert len(ours()) == 2


def test_what_the_index_has_not_heard_of_is_shown_all_the_same(api, thread, monkeypatch):
    """Indexes are a moment late: whoever is told of having `seen` an entry is shown it, and each entry once."""
    api.post(TEXTS, HELLO, thread_id=thread)
    sealed = api.post(SECURE, CLINICAL, thread_id=thread).json["secure_id"]
    whole = api.get(THREAD, thread_id=thread).json
    monkeypatch.setattr(Store, "timeline", lambda self, thread_id: ())
    monkeypatch.setattr(Store, "secures_of", lambda self, thread_id: ())

    late = api.get(THREAD, thread_id=thread).json

    assert late["seen"] == whole["seen"]
    assert {"Is there parking near you?", HELLO["body"], CLINICAL["body"]} == {one["body"] for one in late["timeline"]}
    assert [one.get("secure_id") for one in whole["timeline"]].count(sealed) == 1


def test_a_shared_phone_counts_for_every_thread_on_it(api, practice):
    """Nobody can tell which of two patients texted: each thread's writer is told once, and reading again is enough."""
    practice.consents("P-1", ANA)
    practice.consents("P-2", ANA)
    thread = practice.world.ids.thread_id(*ids(practice, "P-1", ANA))
    before = api.get(THREAD, thread_id=thread).json["seen"]
    practice.texts("Is there parking near you?")

    assert api.post(TEXTS, HELLO | {"seen": before}, thread_id=thread).status == 409
    shown = api.get(THREAD, thread_id=thread).json
    assert shown["timeline"] == []
    assert api.post(TEXTS, HELLO | {"seen": shown["seen"]}, thread_id=thread).status == 202


def test_another_patients_thread_overtakes_nobody(api, practice, thread, seen):
    """What is written to Ben says nothing about what Ana was told."""
    before = {"seen": seen()}
    practice.consents("P-3", BEN)
    api.post(TEXTS, OTHER, thread_id=practice.world.ids.thread_id(*ids(practice, "P-3", BEN)))
    practice.texts("hello?", phone=BEN)

    assert api.post(TEXTS, HELLO | before, thread_id=thread).status == 202


def test_who_missed_very_much_is_told_of_the_newest(api, thread, seen):
    """Only the newest words are kept for this: a page from this morning is still told, and never let through."""
    before = {"seen": seen()}
    for turn in range(12):
        api.post(TEXTS, OTHER | {"body": f"This is no. {turn}."}, thread_id=thread)

    reply = api.post(TEXTS, HELLO | before, thread_id=thread)

    assert (reply.status, len(reply.json["since"])) == (409, 8)


@pytest.mark.parametrize("seen", ["", "yesterday", "a.b.c", "m_1", "x" * 81 + ".-", 4, None, ["-.-"], "-.-\n-", "é.-"])
@pytest.mark.parametrize("route", [TEXTS, SECURE])
def test_what_we_never_gave_is_refused(api, thread, route, seen):
    """422 names the field and says where to get it."""
    reply = api.post(route, HELLO | {"seen": seen}, thread_id=thread)

    assert (reply.status, reply.json["field"]) == (422, "seen")
    assert "GET /v1/threads" in reply.json["error"]


def test_what_another_thread_gave_lets_nobody_through(api, practice, thread, seen):
    """A page that mixes up two threads is told to read again."""
    practice.consents("P-3", BEN)
    practice.texts("hello?", phone=BEN)
    other = practice.world.ids.thread_id(*ids(practice, "P-3", BEN))

    assert api.post(TEXTS, HELLO | {"seen": seen()}, thread_id=other).status == 409
