"""The journey of a text: claimed once, handed over once, and every other end visible with its reason."""

from datetime import timedelta

import pytest
from texting.errors import CarrierBusy, CarrierRefused, Contended, InDoubt
from texting.flows.send_text import send_text
from texting.records import Switch
from texting.values import State
from texting.writes import Change

from tests.journeys.stories import ANA, EXAMPLE, practice_in_memory


def test_a_booking_is_confirmed_and_reminded_until_confirmed(practice):
    """Design, journey 1: right after booking; three days before; then quiet, once the patient has confirmed."""
    practice.consents("P-1", ANA)
    practice.hears()

    (booked,) = practice.runs()
    assert "Fri, Dec 11 at 3:00 PM" in booked
    assert "Botox" not in booked
    assert "Ana" not in booked

    (reminder,) = practice.later(days=8)
    assert "Reply C to confirm" in reminder
    assert practice.texts("C") == "confirmed"
    practice.runs()
    assert practice.later(days=3) == []
    assert practice.messages()[-1] == ("reminder", "d1", "withdrawn")
    assert practice.why()[-1] == "already_confirmed"


def test_nothing_goes_before_the_agreement_with_aws_is_in_force():
    """Mode "on" with a BAA dated tomorrow: refused with its reason, and allowed once that day has come at the practice."""
    tomorrow = EXAMPLE.replace('accepted_on = "2026-01-02"', 'accepted_on = "2026-12-02"')
    for practice in practice_in_memory(tomorrow):
        practice.consents("P-1", ANA)
        practice.hears()
        practice.now += timedelta(hours=11, minutes=30)  # 23:30 in Chicago: the day has come in UTC, and not here
        assert practice.texts("HELP") == "helped"
        assert practice.runs() == []
        assert practice.why()[0] == "baa_ahead"

        practice.now += timedelta(hours=1)
        practice.texts("HELP again please")
        assert len(practice.runs()) == 1


def test_reminders_go_at_ten_at_the_recipient(practice):
    """A patient whose phone and state are in California gets the Chicago visit's reminder at ten in California."""
    practice.consents("P-1", "+13105550142")
    practice.hears(phone="+13105550142", patient={"state": "CA"})

    sent = {
        message.slot: message.send_at for message in practice.world.store.timeline(_thread(practice, "+13105550142"))
    }

    assert sent["d3"].isoformat() == "2026-12-08T18:00:00+00:00"


def _thread(practice, phone):
    from texting.values import PhoneNumber

    ids = practice.world.ids
    return ids.thread_id(ids.patient_id("main", "P-1"), ids.number_id(PhoneNumber(phone)))


def test_without_consent_nothing_leaves_and_the_reason_is_kept(practice):
    """P1: every verdict is kept and reads as one sentence."""
    practice.hears()

    assert practice.runs() == []
    assert practice.why() == ["no_consent"]


def test_the_same_id_twice_sends_once(practice):
    """P3: redelivery of an id finds the message handed and does nothing."""
    practice.consents("P-1", ANA)
    practice.hears()
    again = list(practice.lists.outbox)

    practice.runs()
    practice.lists.outbox = again * 3
    assert practice.runs() == []
    assert len(practice.carrier.sent) == 1


def test_a_throttled_text_waits_and_goes_later(practice):
    """A throttle is known not to have taken the text: it is given back, uncounted, and sent."""
    practice.consents("P-1", ANA)
    practice.hears()
    practice.carrier.errors = [CarrierBusy("THROTTLED")]

    assert practice.runs() == []
    assert practice.messages()[0][2] == "held"
    practice.now += timedelta(seconds=30)
    assert len(practice.runs()) == 1


def test_a_throttled_reminder_is_not_refused_for_its_own_sake(practice):
    """A try that the carrier put off is uncounted at whatever microsecond it was made, and uses up nobody's day."""
    practice.consents("P-1", ANA)
    practice.hears()
    practice.runs()
    reminder = practice.world.store.messages_of(practice.world.ids.appointment_id("main", "A-1"))[1]
    practice.carrier.errors = [CarrierBusy("THROTTLED")]
    practice.now = reminder.send_at + timedelta(microseconds=123_456)
    practice.lists.fall_due(practice.now)

    assert practice.runs() == []
    practice.later(minutes=2)
    assert practice.why()[1] == "permitted"
    assert practice.messages()[1] == ("reminder", "d3", "handed")


def test_a_text_in_doubt_is_never_sent_again_by_itself(practice):
    """P3: no answer means doubt; people are told, and no redelivery sends it."""
    practice.consents("P-1", ANA)
    practice.hears()
    practice.carrier.errors = [InDoubt("no answer")]
    again = list(practice.lists.outbox)

    practice.runs()
    practice.lists.outbox = again
    assert practice.runs() == []
    assert practice.messages()[0][2] == "in_doubt"
    assert practice.tasks() == ["in_doubt_message"]


def test_a_refusal_of_the_carrier_is_final_and_seen(practice):
    """What the carrier refuses for good is failed, with the carrier's word, and before people."""
    practice.consents("P-1", ANA)
    practice.hears()
    practice.carrier.errors = [CarrierRefused("DESTINATION_PHONE_NUMBER_OPTED_OUT")]

    practice.runs()
    assert practice.messages()[0][2] == "failed"
    assert practice.tasks() == ["number_failed"]


@pytest.mark.parametrize("error", [CarrierRefused("ACCESS_DENIED"), CarrierBusy("THROTTLED")])
def test_a_first_text_that_never_left_has_told_nobody_how_to_stop(practice, error):
    """CTIA 5.1: the disclosures stand in the first text that the carrier took, not in the first that it was asked to."""
    practice.consents("P-1", ANA)
    practice.hears()
    practice.carrier.errors = [error]
    practice.runs()
    practice.hears(version=2, kind="rescheduled", start="2026-12-14T15:00:00-06:00")

    (moved,) = practice.runs()
    assert "Msg & data rates may apply" in moved
    (reminder, *_) = practice.later(days=12)
    assert "Msg & data rates may apply" not in reminder


def test_what_the_carrier_refused_counts_towards_no_cap(practice):
    """A patient who got nothing is not told of as one who has already had the day's text."""
    practice.consents("P-1", ANA)
    for appointment in ("A-1", "A-2"):
        practice.hears(appointment=appointment)
    practice.runs()
    practice.carrier.errors = [CarrierRefused("ACCESS_DENIED")]

    assert len(practice.later(days=8)) == 1
    assert sorted(practice.messages(one)[1][2] for one in ("A-1", "A-2")) == ["failed", "handed"]


def test_a_crash_after_the_claim_leaves_a_doubt_not_a_second_text(practice):
    """A claim that nobody finished is in doubt once its run can no longer be alive; before that, it is left alone."""
    practice.consents("P-1", ANA)
    practice.hears()
    (message_id,) = practice.lists.outbox
    practice.carrier.errors = [KeyboardInterrupt()]
    with pytest.raises(KeyboardInterrupt):
        send_text(practice.world, message_id, practice.now)

    with pytest.raises(Contended):
        send_text(practice.world, message_id, practice.now + timedelta(seconds=90))
    state = send_text(practice.world, message_id, practice.now + timedelta(minutes=6))
    assert state == State.IN_DOUBT
    assert practice.carrier.sent == []


def test_stop_between_decision_and_claim_wins(practice, monkeypatch):
    """P2: the claim checks the standing it was decided on; a STOP in between makes it fail and decide anew."""
    practice.consents("P-1", ANA)
    practice.hears()
    (message_id,) = practice.lists.outbox
    store = practice.world.store
    commit, raced = type(store).commit, []

    def stop_first(self, *writes):
        if not raced and any(
            isinstance(write, Change) and getattr(write.record, "state", "") == "claimed" for write in writes
        ):
            raced.append(True)
            practice.texts("STOP")
        return commit(self, *writes)

    monkeypatch.setattr(type(store), "commit", stop_first)
    with pytest.raises(Contended):
        send_text(practice.world, message_id, practice.now)
    assert send_text(practice.world, message_id, practice.now) == "refused"
    assert practice.why()[0] == "stopped"
    assert practice.carrier.sent == []


def test_a_moved_visit_withdraws_the_old_plan(practice):
    """C11: the gate sees the version; the old reminder is withdrawn and the new time is told."""
    practice.consents("P-1", ANA)
    practice.hears()
    practice.runs()
    practice.hears(version=2, kind="rescheduled", start="2026-12-14T15:00:00-06:00")

    (moved,) = practice.runs()
    assert "now Mon, Dec 14 at 3:00 PM" in moved
    sent = practice.later(days=14)
    assert [("Dec 14" in body, "Dec 11" in body) for body in sent] == [(True, False), (True, False)]


def test_a_cancelled_visit_is_quiet(practice):
    """C11: no reminder for a visit that is off."""
    practice.consents("P-1", ANA)
    practice.hears()
    practice.runs()
    practice.hears(version=2, kind="cancelled")

    assert practice.later(days=12) == []
    assert practice.why()[-1] == "visit_cancelled"


def test_stop_everything_holds_and_resumes(practice):
    """The switch stops what is due and loses nothing that is still true when it ends."""
    practice.consents("P-1", ANA)
    practice.hears()
    practice.world.store.commit(Change(Switch(stopped=True, at=practice.now)))

    assert practice.runs() == []
    switch = practice.world.store.switch()
    practice.world.store.commit(Change(Switch(stopped=False, at=practice.now, rev=switch.rev)))
    assert len(practice.later(minutes=20)) == 1


def test_the_carrier_is_given_the_time_to_live(practice):
    """P4: TimeToLive is what remains of the window, in seconds: noon to 20:00 in Chicago is eight hours."""
    practice.consents("P-1", ANA)
    practice.hears()
    practice.runs()

    assert practice.carrier.sent[0]["ttl"] == 8 * 3600 - 1  # whole seconds, and never past the deadline


def test_at_night_a_booking_waits_for_the_morning(practice):
    """P4: a booking at 23:00 in Chicago is confirmed at 08:00."""
    practice.consents("P-1", ANA)
    practice.now += timedelta(hours=11)
    practice.hears()

    assert practice.runs() == []
    practice.later(hours=9)
    assert len(practice.carrier.sent) == 1
    text = practice.messages()[0]
    assert text == ("booking_confirmation", "booked", "handed")


def test_a_visit_that_is_gone_withdraws_its_texts(practice):
    """A record that was disposed of leaves nothing to render: the gate says so, and nothing goes round the queue."""
    practice.consents("P-1", ANA)
    practice.hears()
    (message_id,) = practice.lists.outbox
    store = practice.world.store
    object.__setattr__(store, "visit", lambda appointment_id: None)

    assert send_text(practice.world, message_id, practice.now) == "withdrawn"
