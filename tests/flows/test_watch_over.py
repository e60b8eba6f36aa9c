"""The watch: what overslept goes before the sender again, and what only people can move is counted."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from botocore.client import BaseClient
from texting.aws.clients import client
from texting.aws.sweep import Sweep
from texting.errors import InDoubt
from texting.flows import watch_over as journey
from texting.flows.watch_over import watch_over
from texting.values import Body

from tests.journeys.stories import ANA


@pytest.fixture
def booked(practice):
    """A visit ten days ahead, its booking confirmation in the outbox and its reminders on schedules."""
    practice.consents("P-1", ANA)
    practice.hears()
    return practice


def look(practice, **later):
    """One look around, a while later."""
    practice.now += timedelta(**later)
    practice.lists.outbox.clear()
    return watch_over(Sweep(practice.world.store.tables), practice.lists, practice.now)


def test_a_text_whose_turn_was_lost_goes_before_the_sender_again(booked):
    """The queue lost its id: ten minutes after it was due it is put back, once each look, and leaves once."""
    assert look(booked, minutes=9).put_back["planned"] == 0
    assert look(booked, minutes=2).put_back["planned"] == 1
    assert len(booked.lists.outbox) == 1
    assert len(booked.runs()) == 1
    assert look(booked, minutes=15).put_back["planned"] == 0


def test_a_lost_schedule_does_not_lose_the_reminder(booked):
    """Reminders whose schedules vanished are found when they are due, and not before."""
    booked.runs()
    booked.lists.schedules.clear()
    assert sum(look(booked, days=6).put_back.values()) == 0
    assert look(booked, days=1).put_back["planned"] == 1
    assert len(booked.runs()) == 1


def test_a_claim_without_an_end_becomes_a_doubt_for_people(booked, monkeypatch):
    """A sender that died after its claim leaves a text that is never sent again, but shown."""
    with monkeypatch.context() as dying:
        dying.setattr(type(booked.carrier), "send", _dies)
        with pytest.raises(SystemExit):
            booked.runs()
    assert look(booked, minutes=4).put_back["claimed"] == 0
    assert look(booked, minutes=2).put_back["claimed"] == 1
    assert booked.runs() == []
    found = look(booked, minutes=15)
    assert (found.in_doubt, sum(found.put_back.values())) == (1, 0)
    assert booked.tasks() == ["in_doubt_message"]


def _dies(*_, **__):
    raise SystemExit


def test_silence_of_the_carrier_is_counted_and_nothing_else(booked):
    """After 72 hours without a receipt a text counts as unconfirmed; it is not sent again."""
    booked.runs()
    assert look(booked, hours=71).unconfirmed == 0
    assert look(booked, hours=2).unconfirmed == 1
    assert booked.lists.outbox == []


def test_doubt_at_the_carrier_is_counted(booked):
    """A text in doubt stays in sight until somebody settles it."""
    booked.carrier.errors.append(InDoubt("no answer"))
    booked.runs()
    assert look(booked, minutes=1).in_doubt == 1


def test_tasks_past_their_clock_are_counted(practice):
    """A question nobody answered is overdue when its hour is over."""
    practice.consents("P-1", ANA)
    practice.texts("Can I park there?")
    assert look(practice, minutes=59).overdue == 0
    assert look(practice, minutes=2).overdue == 1


def test_the_ledgers_lag_is_measured_even_if_it_never_runs(practice):
    """The lag grows from the last time that nothing waited, whoever has stopped."""
    assert look(practice).lag is None
    state = {"pk": {"S": "STATE"}, "sk": {"S": "LOG"}, "caught_up_at": {"S": practice.now.isoformat()}}
    client("dynamodb").put_item(TableName="ledger", Item=state)
    assert look(practice, minutes=15).lag == 900


def test_a_long_outage_does_not_become_a_flood(booked, monkeypatch):
    """No more than so many texts are put back at a time."""
    monkeypatch.setattr(journey, "MOST", 1)
    booked.hears(appointment="A-2", start="2026-12-12T15:00:00-06:00")
    assert look(booked, minutes=20).put_back["planned"] == 1


def read(practice, **later):
    """How many records one look around reads, by DynamoDB's own count."""
    real, counts = BaseClient._make_api_call, []

    def counted(self, operation, asked):
        answer = real(self, operation, asked)
        counts.append(answer.get("ScannedCount", 0))
        return answer

    with patch.object(BaseClient, "_make_api_call", counted):
        look(practice, **later)
    return sum(counts)


def test_only_what_should_have_moved_is_read(booked):
    """A practice with more visits ahead reads no more: one text that overslept is one record, among however many wait."""
    booked.runs()
    assert read(booked, minutes=20) == 0
    for n in range(2, 12):
        booked.hears(appointment=f"A-{n}", start="2026-12-15T15:00:00-06:00")
    booked.runs()
    assert len(booked.world.store.waiting("planned", booked.now + timedelta(days=30))) > 20
    assert read(booked, minutes=20) == 0
    booked.lists.schedules.clear()
    booked.hears(appointment="A-99", start="2026-12-15T15:00:00-06:00")
    assert read(booked, minutes=20) == 1


def test_old_silence_is_let_go(booked):
    """What the carrier has not told in a month it will not tell: it is no longer counted, nor read."""
    booked.runs()
    assert look(booked, days=29).unconfirmed == 1
    assert look(booked, days=2).unconfirmed == 0


def test_nothing_is_opened(booked, monkeypatch):
    """The watch works without any key: no body, name or number is unsealed."""
    monkeypatch.setattr(type(booked.world.store.vault), "open", _dies)
    assert look(booked, minutes=20).put_back["planned"] == 1
    assert Body("x") not in booked.lists.outbox
