"""Ten thousand reminders at nine o'clock over one number: the pace, the line and the call list, on a simulated clock."""

import os
import random
from collections import Counter
from datetime import timedelta
from time import process_time

import pytest
from texting.errors import CarrierBusy, CarrierRefused
from texting.flows import pacing
from texting.flows.send_text import send_text
from texting.flows.tasks import close_task
from texting.records import Pace
from texting.rules import pace
from texting.values import SYSTEM, State
from texting.writes import Change

from tests.journeys.rush import NINE, SETTINGS, Rush, fastest_second

MANY = int(os.environ.get("REMINDERS", "10000"))


def test_ten_thousand_reminders_at_nine(capsys):
    """Who can be on time is, in the order of the deadlines; the others are refused at once and put on the call list;
    answers go within seconds in between; nothing is lost, nothing goes twice, and the number keeps to its pace."""
    began, dice, rush = process_time(), random.Random(20261201), Rush()
    minutes = [dice.choice(range(5, 16)) for _ in range(MANY)]
    reminders = [rush.reminder(NINE + timedelta(minutes=one)) for one in minutes]
    answers = {rush.answer(at): at for at in (NINE + timedelta(seconds=17 * n) for n in range(1, 50))}
    rush.lists.outbox += reminders
    for message_id, at in answers.items():
        rush.lists.set(message_id, at)
    rush.runs()

    went = {message_id: at for at, message_id, _ in rush.texts}
    assert len(went) == len(rush.texts), "nothing twice"
    assert fastest_second(rush.texts) <= 2 * 3 + pace.RESERVE  # the rate, what the bucket held, and the reserve
    assert all(
        at - answers[message_id] <= timedelta(seconds=5) for message_id, at in went.items() if message_id in answers
    )
    assert answers.keys() <= went.keys()

    ends = Counter((str(rush.state(one)), rush.reason(one)) for one in reminders)
    assert set(ends) == {("handed", "permitted"), ("refused", "no_room")}
    refused = [one for one in reminders if rush.state(one) is State.REFUSED]
    assert all(rush.store.message(one).verdicts[-1]["at"] - NINE <= timedelta(minutes=1) for one in refused), "at once"

    deadline = dict(zip(reminders, (NINE + timedelta(minutes=one) for one in minutes), strict=True))
    assert all(went[one] + timedelta(seconds=5) <= deadline[one] for one in reminders if one in went)
    from_the_line = [one for _, one, _ in rush.texts if one in deadline and rush.store.message(one).line_at]
    assert from_the_line == sorted(from_the_line, key=lambda one: deadline[one]), "by deadline"

    step, room = pace.planned(pace.interval(3.0, Pace(""), NINE)), 0
    for one in sorted(minutes):  # earliest deadline first: no choice sends more
        room += NINE + step * room + pace.MARGIN <= NINE + timedelta(minutes=one)
    assert ends["handed", "permitted"] >= room, "whoever can be on time, a twentieth of the pace kept for answers"

    assert rush.tasks() == ["call_list"]
    (task,) = rush.store.open_tasks()
    called = pacing.on_call_list(rush.world, task)
    assert {one.message_id for one in called} == set(refused)
    assert rush.store.pace(pacing.line_of(rush.world)).waiting == {}
    with capsys.disabled():
        ticks = rush.lists.puts
        print(
            f"\n  {MANY} reminders at nine, 3 a second: {ends['handed', 'permitted']} on time, {len(refused)} to be "
            f"called, {ticks} ticks, {process_time() - began:.1f} s",
            end="",
        )


def test_the_line_is_taken_by_deadline_whoever_came_first():
    """A reminder that comes last with the earliest deadline goes first; none in line waits longer than its place."""
    rush = Rush()
    late = [rush.reminder(NINE + timedelta(hours=3)) for _ in range(30)]
    soon = [rush.reminder(NINE + timedelta(minutes=1)) for _ in range(5)]
    rush.lists.outbox += late + soon
    rush.runs()
    order = [one for _, one, _ in rush.texts]
    at_once = [one for one in late if rush.store.message(one).line_at is None]
    assert order[len(at_once) : len(at_once) + 5] == soon
    assert len(order) == 35


def test_a_newcomer_makes_nobody_late():
    """Who was let in is kept: a full line refuses even an earlier deadline, rather than break its word to another."""
    rush = Rush()
    first = [rush.reminder(NINE + timedelta(minutes=2)) for _ in range(400)]
    rush.lists.outbox += first
    rush.lists.outbox.append(rush.reminder(NINE + timedelta(minutes=1)))
    rush.runs()
    promised = [one for one in first if rush.store.message(one).line_at and rush.reason(one) != "no_room"]
    assert promised
    assert all(rush.state(one) is State.HANDED for one in promised)
    assert rush.reason(f"m_{401:032x}") == "no_room"


def test_a_throttle_slows_and_loses_nothing():
    """Throttled texts come again, the pace halves for a minute, and all of them go in the end."""
    rush = Rush()
    texts = [rush.reminder(NINE + timedelta(hours=2)) for _ in range(50)]
    rush.errors = [CarrierBusy("THROTTLED"), CarrierBusy("THROTTLED")]
    rush.lists.outbox += texts
    rush.runs()
    assert {rush.state(one) for one in texts} == {State.HANDED}
    early = [at for at, _, _ in rush.texts if at - NINE < timedelta(seconds=30)]
    assert len(early) <= 46  # a text every 668 ms, and not every 334


def test_a_phone_gets_one_text_a_second():
    """Two texts for one phone at the same moment leave a second apart."""
    rush = Rush(settings=SETTINGS.replace("texts_per_second = 3.0", "texts_per_second = 100.0"))
    rush.lists.outbox += rush.answers(NINE)
    rush.runs()
    (at, _, _), (then, _, _) = rush.texts
    assert then - at == timedelta(seconds=1)


def test_a_phone_that_is_left_alone_for_a_second_costs_nobody_else_that_second():
    """While a second text waits for its own phone's second, the line is as free for others as before."""
    rush = Rush(settings=SETTINGS.replace("texts_per_second = 3.0", "texts_per_second = 100.0"))
    first, second = rush.answers(NINE)
    other = rush.reminder(NINE + timedelta(hours=2))
    for message_id in (first, second, other):
        send_text(rush.world, message_id, NINE)  # three senders at one moment: none knows how long another waited
    assert [rush.state(one) for one in (first, second, other)] == [State.HANDED] * 3


def test_when_the_carriers_money_is_gone_nothing_is_tried_for_a_day():
    """MONTHLY_SPEND_LIMIT_REACHED refuses with our own reason, opens one task each, and asks again a day later."""
    rush = Rush()
    texts = [rush.reminder(NINE + timedelta(minutes=30)) for _ in range(3)]
    rush.errors = [CarrierRefused("MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT")]
    rush.lists.outbox += texts
    rush.runs()
    assert [rush.reason(one) for one in texts] == ["spend_limit"] * 3
    assert {rush.state(one) for one in texts} == {State.REFUSED}
    assert rush.texts == []
    assert rush.tasks() == ["call_list", "spend_limit"]
    assert rush.store.number(f"n_{1:032x}").sent == (), "not counted towards the caps"
    rush.now += timedelta(days=1)
    later = rush.reminder(rush.now + timedelta(hours=1), at=rush.now)
    rush.lists.outbox.append(later)
    rush.runs()
    assert rush.state(later) is State.HANDED


def test_a_closed_call_list_is_followed_by_another():
    """Staff close the day's list in the morning; what cannot go in the afternoon opens a new one."""
    rush = Rush()
    rush.lists.outbox += [rush.reminder(NINE + timedelta(minutes=1)) for _ in range(250)]
    rush.runs()
    (task,) = rush.store.open_tasks()
    close_task(rush.world, task.task_id, "called", SYSTEM, rush.now)
    rush.now += timedelta(hours=1)
    rush.lists.outbox += [rush.reminder(rush.now + timedelta(minutes=1), at=rush.now) for _ in range(250)]
    rush.runs()
    (again,) = rush.store.open_tasks()
    assert (again.kind, again.task_id != task.task_id) == ("call_list", True)


@pytest.mark.parametrize("lost", range(1, 6))
def test_a_lost_tick_is_made_good_by_the_watch(lost):
    """The queue loses ticks: the watch puts what overslept before the sender, and everybody in line goes."""
    rush = Rush()
    texts = [rush.reminder(NINE + timedelta(hours=2)) for _ in range(20)]
    rush.lists.outbox += texts
    waiting, rush.lists.outbox = rush.lists.outbox, []
    for message_id in waiting:
        send_text(rush.world, message_id, rush.now)
    rush.lists.delayed = rush.lists.delayed[lost:]
    rush.runs()
    rush.now += timedelta(minutes=15)
    rush.lists.outbox += [one for one in texts if rush.state(one) is State.HELD]
    rush.runs()
    assert {rush.state(one) for one in texts} == {State.HANDED}


def test_a_count_that_is_wrong_is_set_right():
    """A sender that died between counting and holding leaves a count of nobody; an empty line forgets it."""
    rush = Rush()
    line = pacing.line_of(rush.world)
    rush.store.commit(Change(Pace(line, waiting={pace.place("1#2026-12-01T16:00:00#m_x"): 7}, texts=7)))
    text = rush.reminder(NINE + timedelta(hours=2))
    rush.lists.outbox += [text, text]
    rush.runs()
    assert rush.state(text) is State.HANDED
    rush.lists.outbox.append(text)
    rush.runs()
    assert rush.store.pace(line).waiting == {}
