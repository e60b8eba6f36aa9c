"""The stop switch, tokens, why: what an operator does on a bad day, and that each leaves its evidence."""

from texting.errors import InDoubt
from texting.flows.callers import caller
from texting.values import Category

from tests.journeys.stories import ANA

ALL = (Category.APPOINTMENTS, Category.CARE, Category.GENERAL)


def test_stop_everything_stops_the_next_text_and_resume_lets_it_go(operator):
    """From the typed word on the gate holds everything, and afterwards what waited asks anew."""
    practice = operator.practice
    practice.consents("P-1", ANA)

    assert operator.run("stop-everything", "--reason", "drill", typed="STOP\n").exit_code == 0
    practice.hears()
    assert practice.runs() == []
    assert practice.why()[0] == "sending_stopped"
    assert operator.run("resume", "--confirm", "RESUME").exit_code == 0
    assert practice.later(minutes=16)
    kinds = operator.ledger()
    assert kinds["sending.stopped"]["reason"] == "drill"
    assert kinds["sending.resumed"]["reason"] == "resolved"
    assert kinds["sending.stopped"]["actor"].startswith("operator:o_")


def test_nothing_is_stopped_unless_the_word_is_typed(operator):
    """A wrong word is a usage error, and changes nothing."""
    assert operator.run("stop-everything", typed="yes\n").exit_code == 2
    assert not operator.practice.world.store.switch().stopped


def test_the_switch_turns_even_where_the_settings_are_broken(operator):
    """In an emergency no settings file may stand in the way."""
    operator.settings.write_text("[[[")

    assert operator.run("stop-everything", "--confirm", "STOP").exit_code == 0
    assert operator.practice.world.store.switch().stopped


def test_stopping_twice_is_said_and_writes_nothing(operator):
    """The second stop finds it stopped."""
    operator.run("stop-everything", "--confirm", "STOP")

    assert operator.json("stop-everything", "--confirm", "STOP")["changed"] is False


def test_a_reason_is_a_code_because_the_ledger_keeps_it(operator):
    """Free text could name somebody, for ever."""
    told = operator.run("stop-everything", "--confirm", "STOP", "--reason", "Maria saw it")

    assert told.exit_code == 1
    assert "Maria" not in told.output


def test_a_token_opens_its_scopes_until_it_is_revoked(operator):
    """Made, listed without its value, revoked by name."""
    world = operator.practice.world
    token = operator.json("token", "new", "--name", "crm", "--scope", "consents", "--scope", "tasks")["token"]
    assert caller(world, f"Bearer {token}", "consents").kind == "token"

    listed = operator.run("token", "list")
    assert "crm" in listed.output
    assert token not in listed.output
    (one,) = operator.json("token", "list")["tokens"]
    assert one["scopes"] == ["consents", "tasks"]
    assert operator.run("token", "revoke", "crm").exit_code == 0
    assert operator.json("token", "list")["tokens"] == []
    assert operator.run("token", "revoke", one["id"]).exit_code == 1


def test_a_token_without_a_known_scope_is_refused(operator):
    """The sentence lists the scopes there are."""
    told = operator.run("token", "new", "--name", "crm", "--scope", "everything")

    assert told.exit_code == 1
    assert "operate" in told.output


def test_why_tells_each_text_of_a_visit_with_its_verdicts_in_time_order(operator):
    """A patient without consent: every text says so in the gate's own sentence."""
    operator.practice.hears()
    operator.practice.runs()

    told = operator.run("why", "--appointment", "main:A-1")
    assert told.exit_code == 0
    assert "has not agreed to texts" in " ".join(told.output.split())
    (sent, *_) = operator.json("why", "--appointment", "main:A-1")["texts"]
    assert sent["state"] == "refused"
    assert sent["verdicts"][0]["code"] == "refuse:no_consent"
    assert operator.ledger()["access.read"]["scope"] == "why"


def test_why_asks_for_a_phone_number_and_shows_both_ways_of_its_texts(operator):
    """STOP on the number explains everything after it; the number is typed at a prompt and never shown."""
    operator.practice.consents("P-1", ANA)
    operator.practice.hears()
    operator.practice.runs()
    operator.practice.texts("STOP")

    told = operator.json("why", "--phone", typed=ANA + "\n")
    assert told["number"]["stopped"] is True
    assert {one["direction"] for one in told["texts"]} == {"in", "out"}
    assert [one["at"] for one in told["texts"]] == sorted(one["at"] for one in told["texts"])


def test_why_of_a_text_that_went_out_shows_its_permit(operator):
    """A handed text shows the verdict it was claimed on."""
    operator.practice.consents("P-1", ANA)
    operator.practice.hears()
    operator.practice.runs()
    (first, *_) = operator.json("why", "--appointment", "main:A-1")["texts"]

    told = operator.json("why", first["id"])["texts"][0]
    assert told["state"] == "handed"
    assert told["verdicts"][-1]["code"] == "send:permitted"


def test_why_asks_for_exactly_one_thing(operator):
    """Nothing named, or two things, is refused before anything is looked up."""
    assert operator.run("why").exit_code == 1
    assert operator.run("why", "m_1", "--phone").exit_code == 1
    assert "access.read" not in operator.ledger()


def test_a_suspended_number_is_let_free_and_the_ledger_knows(operator):
    """After a wrong-number reply nothing goes; released, the next text does."""
    practice = operator.practice
    practice.consents("P-1", ANA)
    practice.texts("wrong number")
    practice.hears()
    assert practice.runs() == []

    told = operator.json("number", "release", typed=ANA + "\n")
    assert told == {"released": True, "was": "wrong_number"}
    assert operator.ledger()["number.released"]["was"] == "wrong_number"
    practice.hears(version=2, start="2026-12-12T15:00:00-06:00")
    assert practice.runs()


def test_release_does_not_lift_a_stop(operator):
    """Only the patient's own START, or a new consent, does."""
    operator.practice.consents("P-1", ANA)
    operator.practice.texts("STOP")

    assert operator.json("number", "release", typed=ANA + "\n")["released"] is False
    assert operator.json("why", "--phone", typed=ANA + "\n")["number"]["stopped"] is True


def doubt(operator):
    """A text whose hand-over was never answered; returns its id."""
    operator.practice.consents("P-1", ANA)
    operator.practice.hears()
    operator.practice.carrier.errors.append(InDoubt("no answer"))
    operator.practice.runs()
    (one,) = operator.json("messages", "doubtful")["doubtful"]
    return one["id"]


def test_a_doubtful_text_said_again_is_a_new_text_and_the_old_one_never_goes(operator):
    """Two ids, one hand-over of the new one, the task closed; saying it again twice makes no third."""
    old = doubt(operator)

    new = operator.json("messages", "resend", old, "--confirm", "TWICE")["replaced_by"]
    assert operator.json("messages", "doubtful")["doubtful"] == []
    assert operator.run("messages", "resend", old, "--confirm", "TWICE").exit_code == 0
    assert operator.run("tasks", "list", "--json").stdout.count("in_doubt_message") == 0
    operator.practice.lists.outbox += [old, new, new]
    assert len(operator.practice.runs()) == 1
    assert operator.ledger()["message.reconciled"]["reason"] == "said_again"


def test_a_doubtful_text_is_settled_by_what_a_person_found_out(operator):
    """The patient had it: the text is delivered, and nothing is sent."""
    old = doubt(operator)

    assert operator.json("messages", "settle", old, "--as", "delivered")["state"] == "delivered"
    assert operator.run("messages", "settle", old, "--as", "failed").exit_code == 1
    operator.practice.lists.outbox.append(old)
    assert operator.practice.runs() == []
