"""Every guard, taken away once: a guard whose loss nothing notices is no guard (C29).

Each mutant disables one guard; the stories below, played on a practice whose carrier judges every hand-off, must object.
"""

from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from texting.errors import CarrierBusy, CarrierRefused, Contended, InDoubt
from texting.flows import effects, hand_over, heard, pacing, receive_text, send_text
from texting.flows.hand_over import Left
from texting.flows.note_receipt import note_receipt
from texting.records import Switch
from texting.rules import appointments, binding, gate, pace, receipts, reminders
from texting.values import Body, State
from texting.writes import Change, Same

from tests.journeys import stories
from tests.journeys.memory import MemoryStore
from tests.journeys.rush import NINE, SETTINGS, Rush, fastest_second
from tests.journeys.stories import ANA
from tests.journeys.watched import Crash, WatchedPractice


def practice(consented=True):
    p = WatchedPractice()
    for ref in ("P-1", "P-2"):
        if consented:
            p.consents(ref, ANA)
    return p


def expect(holds, what):
    if not holds:
        raise AssertionError(what)


# -- the stories, each with the ends it must have ---------------------------------------------------------------------


def booked_reminded_confirmed_quiet():
    p = practice()
    p.hears()
    expect(len(p.later(hours=1)) == 1, "one confirmation")
    expect(len(p.later(days=7)) == 1, "one reminder")
    p.texts("C")
    p.later(minutes=1)
    expect(p.later(days=4) == [], "quiet after confirming")
    p.settle()
    p.judge()


def booked_at_night():
    p = practice()
    p.now += timedelta(hours=10)
    p.hears()
    p.runs()
    expect(p.carrier.sent == [], "nothing at night")
    expect(len(p.later(hours=12)) == 1, "in the morning")


def backlog_of_two_days():
    p = practice()
    p.hears(start="2026-12-05T09:00:00-06:00")
    p.now += timedelta(hours=72)
    p.runs()
    expect(p.carrier.sent == [], "a confirmation of Tuesday is late on Friday")
    p.now += timedelta(days=2)
    p.lists.outbox = [m.message_id for m in p.world.store.messages_of(p.world.ids.appointment_id("main", "A-1"))]
    p.runs()
    expect(p.carrier.sent == [], "nothing after the visit")


def stopped():
    p = practice()
    p.hears()
    p.texts("STOP")
    p.later(days=12)
    expect(len(p.carrier.sent) == 1, "only the confirmation")
    p.texts("STOP")
    p.later(hours=1)
    expect(len(p.carrier.sent) == 1, "one confirmation only")


def stop_before_the_claim():
    p = practice()
    p.hears()
    store, raced = p.world.store, []

    def race(point):
        if point == "before commit" and not raced:
            raced.append(True)
            p.texts("STOP", inbound="r")

    store.interrupt = race
    p.runs()
    store.interrupt = p._point
    p.later(days=12)
    expect(len(p.carrier.sent) == 1, "STOP won")


def revoked_before_the_claim():
    p = practice()
    p.hears()
    store, raced = p.world.store, []

    def race(point):
        if point == "before commit" and not raced:
            raced.append(True)
            patient = p.world.ids.patient_id("main", "P-1")
            one = store.consents(patient)
            for consent in one:
                store.records[("people", f"P#{patient}", f"C#{consent.number_id}#{consent.category}")] = replace(
                    consent, standing="revoked", rev=consent.rev + 1
                )

    store.interrupt = race
    p.runs()
    store.interrupt = p._point
    p.later(hours=2)
    expect(p.carrier.sent == [], "consent was gone")


def moved_before_the_claim():
    p = practice()
    p.hears()
    store, raced = p.world.store, []

    def race(point):
        if point == "before commit" and not raced:
            raced.append(True)
            p.hears(version=2, kind="cancelled")

    store.interrupt = race
    p.runs()
    store.interrupt = p._point
    p.later(hours=2)
    expect(p.carrier.sent == [], "the visit was off")


def never_consented():
    p = practice(consented=False)
    p.hears()
    p.later(days=12)
    expect(p.carrier.sent == [], "no consent, no text")


def cancelled_and_moved():
    p = practice()
    p.hears()
    p.later(hours=1)
    p.hears(version=3, kind="rescheduled", start="2026-12-18T15:00:00-06:00")
    p.hears(version=2, kind="cancelled")
    p.later(days=12)
    expect(sum("Dec 18" in text["body"] for text in p.carrier.sent) == 1, "told once, and not reminded by the old plan")
    p.later(days=6)
    expect(sum("Dec 18" in text["body"] for text in p.carrier.sent) == 3, "the move is told and reminded of")
    expect(sum("Dec 11" in text["body"] for text in p.carrier.sent) == 1, "the old time only at booking")


def clinical_wording():
    p = practice()
    p.hears()
    (name,) = p.lists.outbox
    stored = p.world.store.message(name)
    p.world.store.commit(Change(replace(stored, body=Body("Your Botox is on Friday"))))
    p.later(hours=1)
    expect(all("Botox" not in text["body"] for text in p.carrier.sent), "diverted")
    expect(sum("/m/" in text["body"] for text in p.carrier.sent) == 1, "announced once")


def a_notice_in_the_evening():
    p = practice()
    p.hears()
    (name,) = p.lists.outbox
    stored = p.world.store.message(name)
    p.world.store.commit(Change(replace(stored, body=Body("Your Botox is on Friday"))))
    p.now += timedelta(hours=7, minutes=50)
    p.runs()
    p.now += timedelta(minutes=30)
    p.runs()
    expect(p.carrier.sent == [], "the notice waits for the morning")
    expect(len(p.later(hours=13)) == 1, "and goes then")


def another_provider():
    p = practice()
    p.hears()
    p.later(hours=1)
    p.hears(version=2, kind="updated", provider={"name": "Dr. Park"})
    expect(p.later(hours=2) == [], "nothing new to say")


def capped():
    p = practice()
    for n, ref in (("A-1", "P-1"), ("A-2", "P-2"), ("A-3", "P-1")):
        p.hears(n, ref)
    p.later(hours=1)
    at_booking = len(p.carrier.sent)
    p.later(days=7, hours=6)
    expect(at_booking == 3, "bookings are not capped")
    expect(len(p.carrier.sent) == 4, "one reminder a day")


def switched_off():
    p = practice()
    p.hears()
    p.world.store.commit(Change(Switch(stopped=True)))
    p.later(hours=3)
    expect(p.carrier.sent == [], "stopped everything")


def too_dear():
    p = practice()
    p.hears()
    p.world.store.counters["spend", "2026-12"] = 10**12
    p.later(hours=1)
    expect(p.carrier.sent == [], "the month's limit")


def doubtful_and_crashed():
    p = practice()
    p.hears()
    p.carrier.errors = [InDoubt("x")]
    p.later(hours=2)
    p.sweep()
    p.later(hours=2)
    expect(len(p.carrier.sent) == 1, "never again by itself")
    for point in range(1, 9):
        q = practice()
        q.hears()
        q.crash_after(point)
        q.later(hours=2)
        q.settle()
        ids = [text["message_id"] for text in q.carrier.sent]
        expect(len(ids) == len(set(ids)), "at most once")


def twice_delivered():
    p = practice()
    p.hears()
    p.hears(version=1)
    p.lists.outbox *= 2
    p.later(hours=1)
    p.texts("Is there parking?", inbound="x")
    p.texts("Is there parking?", inbound="x")
    p.later(minutes=3)
    expect(len(p.carrier.sent) == 2, "each once")
    expect(len(p.world.store.open_tasks()) == 1, "one task")


def household_unclear():
    p = practice()
    p.hears("A-1", "P-1")
    p.hears("A-2", "P-2")
    p.later(hours=1)
    p.texts("yes")
    states = {str(r.state) for key, r in p.world.store.records.items() if key[2] == "VISIT"}
    expect(states == {"booked"}, "nothing bound that was not named")


def wrong_number():
    p = practice()
    p.hears()
    p.later(hours=1)
    p.texts("wrong number")
    p.later(days=12)
    expect(len(p.carrier.sent) == 1, "silence")


def dead():
    p = practice()
    p.hears()
    p.later(hours=1)
    p.hears(version=2, kind="updated", patient={"deceased": True})
    p.later(days=12)
    expect(len(p.carrier.sent) == 1, "nothing after death")


def late_permit():
    p = practice()
    p.texts("STOP")
    p.now += timedelta(minutes=6)
    p.runs()
    expect(p.carrier.sent == [], "the permit was dead")


def receipts_any_order():
    p = practice()
    p.hears()
    p.later(hours=1)
    (text,) = p.carrier.sent
    for kind in ("TEXT_DELIVERED", "TEXT_PENDING", "TEXT_UNKNOWN"):
        event = {"eventType": kind, "eventTimestamp": 1, "isFinal": True, "context": {"message_id": text["message_id"]}}
        note_receipt(p.world, event, p.now)
    expect(p.world.store.message(text["message_id"]).state is State.DELIVERED, "delivered stays delivered")


def loops():
    p = practice()
    for turn in range(20):
        p.now += timedelta(minutes=1)
        p.texts(f"What is your question number {turn}?")
        p.runs()
    expect(len(p.carrier.sent) <= 4, "a loop ends")


def a_rush():
    rush = Rush()
    late = [rush.reminder(NINE + timedelta(minutes=3)) for _ in range(30)]
    soon = [rush.reminder(NINE + timedelta(minutes=1)) for _ in range(5)]
    answers = [rush.answer(NINE + timedelta(seconds=4)) for _ in range(2)]
    rush.lists.outbox += late + soon
    for one in answers:
        rush.lists.set(one, NINE + timedelta(seconds=4))
    rush.runs()
    went = [one for _, one, _ in rush.texts]
    expect(sorted(went) == sorted(late + soon + answers), "everybody, once")
    expect(fastest_second(rush.texts) <= 2 * 3 + pace.RESERVE, "no faster than the number may")
    expect(rush.texts[-1][0] - NINE >= timedelta(seconds=10), "over all no faster either")
    waited = [one for one in went if one in soon or (one in late and rush.store.message(one).line_at)]
    expect(waited[:5] == soon, "the earliest deadline first")
    at = {one: at for at, one, _ in rush.texts}
    expect(all(at[one] - NINE <= timedelta(seconds=5) for one in answers), "answers wait for nobody")


def a_rush_without_room():
    rush = Rush()
    texts = [rush.reminder(NINE + timedelta(minutes=1)) for _ in range(250)]
    rush.lists.outbox += texts
    rush.runs()
    reasons = {rush.reason(one) for one in texts}
    expect(reasons == {"permitted", "no_room"}, "refused at once, not when it is too late")
    expect(rush.tasks() == ["call_list"], "somebody calls")


def a_throttled_rush():
    rush = Rush()
    rush.errors = [CarrierBusy("THROTTLED")]
    rush.lists.outbox += [rush.reminder(NINE + timedelta(hours=2)) for _ in range(90)]
    rush.runs()
    expect(len(rush.texts) == 90, "nothing is lost")
    early = [at for at, _, _ in rush.texts if at - NINE < timedelta(seconds=30)]
    expect(len(early) <= 60, "slower for a minute")


def two_answers_to_one_phone():
    rush = Rush(settings=SETTINGS.replace("texts_per_second = 3.0", "texts_per_second = 100.0"))
    rush.lists.outbox += rush.answers(NINE)
    rush.runs()
    (at, _, _), (then, _, _) = rush.texts
    expect(then - at >= timedelta(seconds=1), "a second apart")


def the_carriers_money():
    rush = Rush()
    texts = [rush.reminder(NINE + timedelta(minutes=30)) for _ in range(3)]
    rush.errors = [CarrierRefused("MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT")]
    rush.lists.outbox += texts
    rush.runs()
    expect([rush.reason(one) for one in texts] == ["spend_limit"] * 3, "asked once, and not again the same day")


STORIES = [
    a_rush, a_rush_without_room, a_throttled_rush, two_answers_to_one_phone, the_carriers_money,
    booked_reminded_confirmed_quiet, booked_at_night, backlog_of_two_days, stopped, stop_before_the_claim,
    revoked_before_the_claim, moved_before_the_claim, never_consented, cancelled_and_moved, clinical_wording,
    a_notice_in_the_evening, another_provider, capped,
    switched_off, too_dear, doubtful_and_crashed, twice_delivered, household_unclear, wrong_number, dead, late_permit,
    receipts_any_order, loops,
]  # fmt: skip


# -- the mutants ------------------------------------------------------------------------------------------------------


def without_check(check):
    return lambda patch: patch.setattr(gate, "_CHECKS", tuple(one for one in gate._CHECKS if one is not check))


def attribute(owner, name, value):
    return lambda patch: patch.setattr(owner, name, value)


def claim_ignores(kind):
    """The claim no longer requires that a record is as it was decided on."""
    honest = send_text._unchanged

    def mutant(facts):
        return tuple(
            write for write in honest(facts) if not (isinstance(write, Same) and type(write.record).__name__ == kind)
        )

    return attribute(send_text, "_unchanged", mutant)


def claim_forgets_the_number(patch):
    """The number's standing is no longer part of the claim."""
    commit = MemoryStore.commit

    def mutant(self, *writes):
        claiming = any(getattr(getattr(write, "record", None), "state", None) is State.CLAIMED for write in writes)
        kept = [w for w in writes if not (claiming and type(getattr(w, "record", None)).__name__ == "Number")]
        return commit(self, *kept)

    patch.setattr(MemoryStore, "commit", mutant)


def longer_life(patch):
    honest = send_text.hand_over
    patch.setattr(
        send_text,
        "hand_over",
        lambda w, m, f, n: honest(w, replace(m, deadline=m.deadline + timedelta(hours=24)), f, n),
    )


def doubt_sends_again(patch):
    def mutant(world, message, now):
        again = replace(message, state=State.HELD, send_at=now)
        world.store.commit(Change(again))
        world.outbox.put(message.message_id)
        return Left(message.message_id, "held")

    patch.setattr(hand_over, "doubt", mutant)
    patch.setattr(send_text, "doubt", mutant)


def endless(patch):
    patch.setattr(effects, "BUDGET_HOUR", 99)
    patch.setattr(effects, "BUDGET_DAY", 99)


def fresh_ids(patch):
    numbers = count()
    patch.setattr(reminders, "message_id", lambda *parts: f"m_{next(numbers):024x}")


def inbound_is_not_remembered(patch):
    """A repeated text is taken for a new one."""
    numbers = count()
    honest = receive_text.receive_text
    patch.setattr(
        stories,
        "receive_text",
        lambda world, got, now: honest(world, replace(got, carrier_inbound_id=str(next(numbers))), now),
    )


MUTANTS = {f"gate without {check.__name__}": without_check(check) for check in gate._CHECKS} | {
    "deadline ignores the window's end": attribute(gate, "_deadline", lambda facts, purpose: facts.message.deadline),
    "claim ignores the consent": claim_ignores("Consent"),
    "claim ignores the visit": claim_ignores("Visit"),
    "claim forgets the number": claim_forgets_the_number,
    "time to live a day longer": longer_life,
    "doubt is sent again": doubt_sends_again,
    "caps never counted": attribute(send_text, "_counted", lambda number, message, now: number),
    "permits live an hour": attribute(effects, "PERMIT", timedelta(hours=1)),
    "no budget for replies": endless,
    "STOP is confirmed every time": lambda patch: patch.setattr(
        effects.change_consent, "stop", _stop_without_standing(effects.change_consent.stop)
    ),
    "an older version wins": attribute(appointments, "_order", lambda event, stored: 1),
    "the epoch never rises": attribute(appointments, "_NEW_PLAN", frozenset()),
    "the first of several visits is bound": attribute(
        heard, "bind", lambda visits, *rest: binding.Bound(sorted(visits, key=lambda one: str(one.start))[0])
    ),
    "receipts: the least one wins": attribute(
        receipts, "_DECIDES", {kind: (-rank, state) for kind, (rank, state) in receipts._DECIDES.items()}
    ),
    "ids are made anew": fresh_ids,
    "inbound texts are not remembered": inbound_is_not_remembered,
    "the pace is never waited for": attribute(pace, "wait", lambda *given, person: timedelta(0)),
    "turns are not counted": attribute(pace, "taken", lambda given, *rest: given),
    "the line stands by name": attribute(pace, "order_of", lambda one, _: f"1#2026-12-01T18:00:00#{one.message_id}"),
    "everybody is let into the line": attribute(pace, "has_room", lambda *given: True),
    "answers wait with the others": attribute(pace, "waits_for_person", lambda message: False),
    "one phone, many texts a second": attribute(pace, "until_next", lambda *given: timedelta(0)),
    "a throttle slows nothing": attribute(pace, "slowed", lambda given, now: given),
    "ticks are not sent": attribute(pace, "wants_tick", lambda *given: False),
    "the carrier's money is not remembered": attribute(pacing, "out_of_money", lambda *given: None),
    "wrong numbers are not suspended": attribute(effects, "_EFFECTS", effects._EFFECTS | {"wrong_number": effects._help}),
}  # fmt: skip


def _stop_without_standing(honest):
    def mutant(world, number, actor, channel, evidence, now):
        stopped, writes, rest = honest(world, number, actor, channel, evidence, now)
        return replace(stopped, stopped=False), writes, rest

    return mutant


def killed_by():
    """The first story that objects, or None."""
    for story in STORIES:
        try:
            story()
        except (AssertionError, Contended, Crash, KeyError, TypeError, ValueError, AttributeError):
            return story.__name__
    return None


def test_the_stories_hold_without_a_mutant():
    """What kills mutants must itself be content with the code as it is."""
    for story in STORIES:
        story()


KILLED: dict[str, str] = {}


@pytest.mark.parametrize("name", sorted(MUTANTS))
def test_every_mutant_is_killed(name, monkeypatch):
    """Taking one guard away is noticed by at least one story."""
    MUTANTS[name](monkeypatch)

    killer = killed_by()
    assert killer, f"nobody noticed: {name}"
    KILLED[name] = killer


def test_all_mutants_had_their_turn(capsys):
    """The table of mutants is the table that was tried."""
    assert KILLED.keys() == MUTANTS.keys()
    with capsys.disabled():
        print(f"\n  {len(KILLED)} mutants of the guards, each killed", end="")
