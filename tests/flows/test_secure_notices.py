"""The notice of a secure message says nothing, its link included, and is never diverted itself."""

from dataclasses import replace

from texting.flows.divert import new_token
from texting.flows.wording import rendered
from texting.records import Number
from texting.rules import phi
from texting.values import Body, PhoneNumber, State
from texting.writes import Change

from tests.journeys.stories import ANA

TOKENS = 3000


def test_no_token_spells_anything():
    """In random base64 the language guard found a drug, a treatment or an identifier once in 570 notices."""
    notice = "Glow: You have a secure message. Open it here: https://text.glow.example/m/{} Reply STOP to opt out."

    found = [phi.check(notice.format(new_token()), practice="Glow").label for _ in range(TOKENS)]

    assert set(found) == {"allow"}


def test_tokens_are_long_and_never_the_same():
    """168 bits of letters: nothing to guess."""
    tokens = {new_token() for _ in range(TOKENS)}

    assert len(tokens) == TOKENS
    assert {len(token) for token in tokens} == {32}


def test_a_notice_that_says_too_much_is_refused_not_diverted(practice):
    """Were it diverted, its own notice would say the same, and so on without end."""
    practice.consents("P-1", ANA)
    practice.hears()
    [message, *_] = practice.world.store.messages_of(practice.world.ids.appointment_id("main", "A-1"))
    telling = replace(message, purpose="secure_notice", body=Body("Your Botox message is here."))
    practice.world.store.commit(Change(telling))

    assert practice.runs() == []
    kept = practice.world.store.message(message.message_id)
    assert (kept.state, kept.verdicts[-1]["reason"]) == (State.REFUSED, "clinical_words")
    assert practice.lists.outbox == []


def test_the_notice_of_a_usual_practice_takes_one_part(practice):
    """Cheap and quick: name, link and STOP in 160 characters."""
    practice.consents("P-1", ANA)
    practice.hears()
    [message, *_] = practice.world.store.messages_of(practice.world.ids.appointment_id("main", "A-1"))
    link = f"{practice.world.practice.web.address}/m/{new_token()}"
    notice = replace(message, purpose="secure_notice", fields={"link": link}, body=None)

    for language in ("en", "es"):
        worded = rendered(practice.world, replace(notice, language=language), None, Number("n", PhoneNumber(ANA)))
        assert worded.parts == 1
