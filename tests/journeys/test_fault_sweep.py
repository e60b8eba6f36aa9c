"""The fault sweep: every journey is cut off before and after every one of its effects, run again as the queues would,
and must still keep its promises and reach the end that nobody's crash changed.

An effect is a transaction, a counter's step, a note, or the call to the carrier. `python -m pytest -s` prints how many
points were swept.
"""

import pytest
from texting.flows.note_receipt import note_receipt
from texting.values import State

from tests.journeys.stories import ANA, BEN
from tests.journeys.watched import Broken, WatchedPractice


def book(p):
    p.insists(lambda: p.hears())
    p.later(hours=1)


def remind_and_confirm(p):
    book(p)
    p.later(days=8)
    p.insists(lambda: p.texts("C", inbound="c"))
    p.later(days=3)


def stop_and_start(p):
    book(p)
    p.insists(lambda: p.texts("STOP", inbound="s"))
    p.later(hours=1)
    p.insists(lambda: p.texts("START", inbound="t"))
    p.later(days=10)


def move_and_cancel(p):
    book(p)
    p.insists(lambda: p.hears(version=2, kind="rescheduled", start="2026-12-15T09:00:00-06:00"))
    p.later(days=2)
    p.insists(lambda: p.hears(version=3, kind="cancelled"))
    p.later(days=14)


def household(p):
    p.insists(lambda: p.hears("A-1", "P-1"))
    p.insists(lambda: p.hears("A-2", "P-2"))
    p.later(hours=1)
    p.insists(lambda: p.texts("yes", inbound="w"))
    p.later(minutes=2)
    p.insists(lambda: p.texts("1", inbound="1"))
    p.later(days=12)


def emergency(p):
    p.insists(lambda: p.texts("STOP, I can't breathe", inbound="e"))
    p.later(minutes=2)


def question(p):
    p.insists(lambda: p.texts("Is there parking?", inbound="q", phone=BEN))
    p.later(minutes=2)


def receipts(p):
    book(p)
    for kind in ("TEXT_PENDING", "TEXT_DELIVERED"):
        for text in list(p.carrier.sent):
            event = {
                "eventType": kind,
                "eventTimestamp": 1,
                "isFinal": True,
                "context": {"message_id": text["message_id"]},
            }
            p.insists(lambda event=event: note_receipt(p.world, event, p.now))


JOURNEYS = [book, remind_and_confirm, stop_and_start, move_and_cancel, household, emergency, question, receipts]


def played(journey, crash_at):
    """A practice after the journey, cut off at the given effect, and after things came to rest."""
    p = WatchedPractice()
    for ref in ("P-1", "P-2"):
        p.consents(ref, ANA)
    before = p.points
    p.crash_after(crash_at)
    journey(p)
    effects = p.points - before
    p.settle()
    p.judge()
    return p, effects


def ends(p):
    """What staff and patients are left with: visits, standings, tasks, and the ends of texts by purpose."""
    store = p.world.store
    visits = sorted((key[1], str(r.state), r.epoch) for key, r in store.records.items() if key[1].startswith("A#"))
    standing = sorted((key[2], str(r.standing)) for key, r in store.records.items() if key[2].startswith("C#"))
    tasks = sorted(task.kind for task in store.open_tasks() if task.kind != "in_doubt_message")
    return visits, standing, tasks


@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda journey: journey.__name__)
def test_a_crash_at_any_effect_changes_no_end(journey, capsys):
    """P1–P6, P10 after a crash at every point; at most one text fewer than without (the one left in doubt)."""
    whole, effects = played(journey, 0)
    for point in range(1, effects + 1):
        cut, _ = played(journey, point)
        assert ends(cut) == ends(whole), f"{journey.__name__} crashed at effect {point}"
        sent, doubted = len(cut.carrier.sent), sum("in_doubt" in kind for kind in _states(cut))
        assert len(whole.carrier.sent) - doubted - _expired(cut) <= sent <= len(whole.carrier.sent), (point, sent)
    with capsys.disabled():
        print(f"\n  {journey.__name__}: {effects} crash points swept, no promise broken", end="")


def _states(p):
    return [str(r.state) for key, r in p.world.store.records.items() if key[2] == "MESSAGE"]


def _expired(p):
    """Replies whose five minutes passed while their run was down: refused for lateness, never sent late."""
    lines = [r.verdicts[-1]["reason"] for key, r in p.world.store.records.items() if key[2] == "MESSAGE" and r.verdicts]
    return sum(reason in ("permit_expired", "too_late") for reason in lines)


def test_the_sweep_would_notice(monkeypatch):
    """A sender that never writes its claim down is caught at the first hand-off."""
    store = type(WatchedPractice().world.store)
    commit = store.commit

    def without_claim(self, *writes):
        kept = [
            write for write in writes if getattr(getattr(write, "record", None), "state", None) is not State.CLAIMED
        ]
        return commit(self, *kept)

    monkeypatch.setattr(store, "commit", without_claim)
    with pytest.raises(Broken, match="without a claim"):
        played(book, 0)
