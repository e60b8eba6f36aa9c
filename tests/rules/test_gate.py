"""The gate, check by check: each specimen changes one fact of a text that may go, and names the verdict it must get."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from texting.records import Consent, Message, Number, Patient, Switch
from texting.rules import gate
from texting.rules.quiet_hours import Opening
from texting.rules.sentences import say
from texting.values import (
    Body,
    Category,
    Divert,
    Hold,
    PhoneNumber,
    Refuse,
    Send,
    Standing,
    State,
    Visit,
    VisitState,
)

NOW = datetime(2026, 12, 1, 16, 0, tzinfo=UTC)  # 10:00 in Chicago, a Tuesday
HOUR = timedelta(hours=1)
OPEN = Opening(True, NOW + 10 * HOUR, NOW, "courtesy")
SHUT = Opening(False, None, NOW + 2 * HOUR, "courtesy")


def message(**changes):
    base = Message(
        message_id="m_1",
        purpose="reminder",
        category=Category.APPOINTMENTS,
        state=State.PLANNED,
        patient_id="p_1",
        number_id="n_1",
        thread_id="t_1",
        planned_at=NOW - HOUR,
        send_at=NOW,
        deadline=NOW + 8 * HOUR,
        appointment_id="a_1",
        epoch=1,
        body=Body("Glow: Your visit is Fri, Dec 4 at 3:00 PM."),
    )
    return replace(base, **changes)


def visit(**changes):
    base = Visit(
        "a_1", "main", "A-1", "p_1", "n_1", VisitState.BOOKED, NOW + 71 * HOUR, "America/Chicago", "main", 45, None, None,
        1, NOW, "hash", rev=3,
    )  # fmt: skip
    return replace(base, **changes)


def facts(**changes):
    base = gate.Facts(
        message=message(),
        number=Number("n_1", PhoneNumber("+13125550142"), rev=1),
        patient=Patient("p_1", "main", "P-1", None, None, None, "en", "IL", "n_1", rev=1),
        consent=Consent("p_1", "n_1", Category.APPOINTMENTS, Standing.GRANTED, rev=1),
        visit=visit(),
        switch=Switch(),
        mode="on",
        piloted=False,
        window=OPEN,
        zones=("America/Chicago",),
    )
    return replace(base, **changes)


def on(number):
    return {"number": replace(facts().number, **number)}


REFUSED = [
    # what is different, the reason it must get
    ({"mode": "off"}, "sending_off"),
    ({"mode": "unsigned"}, "baa_ahead"),
    ({"mode": "pilot"}, "not_in_pilot"),
    (
        {"switch": Switch(stopped=True, rev=1), "message": message(deadline=NOW + timedelta(minutes=10))},
        "sending_stopped",
    ),
    ({"message": message(deadline=NOW)}, "too_late"),
    ({"message": message(deadline=NOW + timedelta(seconds=4))}, "too_late"),  # less than the carrier's least life
    ({"message": message(deadline=NOW - 48 * HOUR)}, "too_late"),
    (on({"stopped": True}), "stopped"),
    (on({"suspended": "wrong_number"}), "suspended"),
    ({"patient": replace(facts().patient, deceased=True)}, "deceased"),
    ({"visit": None}, "visit_gone"),
    ({"visit": visit(epoch=2)}, "visit_changed"),
    ({"visit": visit(number_id="n_2")}, "visit_changed"),
    ({"visit": visit(state=VisitState.CANCELLED)}, "visit_cancelled"),
    ({"visit": visit(state=VisitState.REQUESTED)}, "visit_cancelled"),
    ({"visit": visit(state=VisitState.ARRIVED)}, "visit_over"),
    ({"visit": visit(state=VisitState.NO_SHOW)}, "visit_over"),
    ({"visit": visit(start=NOW)}, "visit_over"),
    ({"visit": visit(state=VisitState.CONFIRMED)}, "already_confirmed"),
    ({"consent": None}, "no_consent"),
    ({"consent": Consent("p_1", "n_1", Category.APPOINTMENTS)}, "no_consent"),
    ({"consent": Consent("p_1", "n_1", Category.APPOINTMENTS, Standing.REVOKED, rev=2)}, "consent_revoked"),
    ({"window": SHUT, "message": message(deadline=NOW + HOUR)}, "too_late_for_window"),
    ({"window": replace(SHUT, opens_at=None)}, "too_late_for_window"),
    (on({"sent": (NOW - HOUR,)}), "daily_cap"),
    (on({"sent": (NOW - 50 * HOUR, NOW - 60 * HOUR, NOW - 70 * HOUR)}), "weekly_cap"),
    ({"spent": True}, "spend_limit"),
    ({"message": message(purpose="confirm_reply", category=None)}, "no_permit"),
    (
        {"message": message(purpose="staff_text", category=Category.GENERAL), "blocked": ("treatment",)},
        "clinical_words",
    ),
]


@pytest.mark.parametrize(("different", "reason"), REFUSED, ids=[reason for _, reason in REFUSED])
def test_each_guard_refuses_with_its_reason(different, reason):
    """One fact that is not as it must be is enough, and the reason names it."""
    verdict = gate.decide(facts(**different), NOW)

    assert isinstance(verdict, Refuse)
    assert verdict.reason == reason
    assert say("verdict", reason, verdict.detail).endswith(".")


def test_a_text_that_may_go_goes_until_the_earlier_of_deadline_and_window():
    """P4: the carrier's time to live ends with the window or the text's truth, whichever comes first."""
    assert gate.decide(facts(), NOW) == Send(NOW + 8 * HOUR)
    assert gate.decide(facts(message=message(deadline=NOW + 20 * HOUR)), NOW) == Send(NOW + 10 * HOUR)


def test_outside_the_window_it_waits_for_the_opening():
    """A text that is still true when the window opens is held, not refused."""
    assert gate.decide(facts(window=SHUT), NOW) == Hold(NOW + 2 * HOUR, "outside_window")


def test_the_switch_holds_what_can_wait():
    """Stop-everything loses nothing that is still true when it ends."""
    verdict = gate.decide(facts(switch=Switch(stopped=True, rev=1)), NOW)

    assert verdict == Hold(NOW + timedelta(minutes=15), "sending_stopped")


def test_automated_words_that_are_blocked_are_diverted():
    """P5: automated content is never dropped silently; a person's is refused with its reason (see above)."""
    assert gate.decide(facts(blocked=("treatment",)), NOW) == Divert("clinical_words", ("treatment",))


def reply(purpose="stop_confirmation", **changes):
    permit = NOW + timedelta(minutes=5)
    return message(
        purpose=purpose,
        category=None,
        appointment_id=None,
        permit_until=permit,
        deadline=permit,
        answers="i_1",
        **changes,
    )


def test_a_permitted_reply_goes_at_night_and_despite_stop():
    """47 CFR 64.1200(a)(12): "a one-time text message confirming a request to revoke consent" may follow STOP."""
    stopped = replace(facts().number, stopped=True)

    verdict = gate.decide(facts(message=reply(), number=stopped, window=SHUT, visit=None, consent=None), NOW)

    assert verdict == Send(NOW + timedelta(minutes=5))


def test_a_permit_is_dead_after_five_minutes():
    """The same paragraph presumes the confirmation part of the consent only "within five minutes of receipt"."""
    late = NOW + timedelta(minutes=5)

    assert gate.decide(facts(message=reply()), late) == Refuse("permit_expired")


@pytest.mark.parametrize("purpose", ["confirm_reply", "received_reply", "reschedule_reply", "start_confirmation"])
def test_other_replies_do_not_go_to_a_stopped_number(purpose):
    """Only the STOP confirmation, HELP and safety replies are excepted."""
    stopped = replace(facts().number, stopped=True)

    assert gate.decide(facts(message=reply(purpose), number=stopped), NOW) == Refuse("stopped")


def test_an_answer_within_a_days_conversation_needs_no_window_and_no_consent():
    """A person answering a patient who wrote an hour ago solicits nothing."""
    typed = message(purpose="staff_text", category=Category.GENERAL, appointment_id=None)
    heard = replace(facts().number, heard_at=NOW - HOUR)

    assert isinstance(gate.decide(facts(message=typed, number=heard, consent=None, window=SHUT), NOW), Send)
    stale = replace(heard, heard_at=NOW - 25 * HOUR)
    assert gate.decide(facts(message=typed, number=stale, consent=None, window=OPEN), NOW) == Refuse(
        "no_consent", "general"
    )


def test_booking_confirmations_are_not_capped():
    """The design excepts them: two visits booked on one day are both confirmed."""
    booked = message(purpose="booking_confirmation")

    assert isinstance(gate.decide(facts(message=booked, **on({"sent": (NOW - HOUR,)})), NOW), Send)


def test_the_daily_cap_counts_local_days():
    """A text at 23:30 last night in Chicago was yesterday's, though it is the same day in UTC."""
    last_night = datetime(2026, 12, 1, 5, 30, tzinfo=UTC)

    assert isinstance(gate.decide(facts(**on({"sent": (last_night,)})), NOW), Send)


def test_pilot_numbers_get_their_texts():
    """Pilot mode lets the listed numbers through."""
    assert isinstance(gate.decide(facts(mode="pilot", piloted=True), NOW), Send)


def test_every_reason_the_gate_can_give_has_a_sentence():
    """P1: every verdict can be read as one plain sentence."""
    for reason in gate.WITHDRAWS | gate.LATE | {reason for _, reason in REFUSED}:
        assert say("verdict", reason)
