"""Disposal of what could not be read: after its days, never unseen, never under a hold; and the night of all work."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from botocore.client import BaseClient
from texting.audit.entries import decode
from texting.aws.clients import client
from texting.aws.disposal import Shredder
from texting.errors import Unknown
from texting.flows import dispose_work, legal_hold, take_in
from texting.flows.take_in import Knock
from texting.flows.tasks import close_task, new_task
from texting.records import Disposing, Quarantined
from texting.writes import Change

from tests.aws.ledger_world import Calls, Died
from tests.flows.test_dispose import DUE, LAWYER, certificates, items, night, told, visited
from tests.journeys.stories import ANA, NOON, practice_in_memory

SOMEBODY = "p_" + "5" * 32
SECRET = "whsec_b2xk"
BROKEN = b'{"type": "appointment.booked", "data": {"patient": {"given_name": "Ana", "phone": "+13125550142"'
EVENING = datetime(2026, 12, 2, 9, 15, tzinfo=UTC)  # the night after NOON, at the practice too
ANNOUNCED, GOES = EVENING + timedelta(days=76), EVENING + timedelta(days=90)
CLOSED = datetime(2036, 12, 2, 9, 15, tzinfo=UTC)  # ten years after NOON, and a day


@pytest.fixture
def practice(practice):
    """A practice whose nights have passed until December 2026."""
    practice.world.store.commit(Change(Disposing(mark="2026-12")))
    return practice


def unread(practice, at=NOON, raw=BROKEN):
    """An event comes that nobody can read. Returns its id."""
    knock = Knock("ehr", raw, {"authorization": [f"Bearer {SECRET}"]}, at)
    answer = take_in.take_in(practice.world, practice.lists, lambda name: [SECRET], knock)
    assert not answer.body["accepted"]
    return answer.body["quarantine_id"]


def announcements(practice):
    """The open tasks that say what is about to go."""
    return [task for task in practice.world.store.open_tasks() if task.kind == dispose_work.KIND]


def kept(practice, kind):
    """What is left of a kind of work."""
    return [key[0] for key in items("work") if key[1] == kind]


def test_an_unread_event_is_announced_and_then_goes_for_good(practice):
    """A task names the day two weeks ahead; on that day event and key are gone, certified, and the task is done with."""
    quarantine_id = unread(practice)
    assert night(practice, ANNOUNCED - timedelta(days=1)).announced == 0
    assert night(practice, ANNOUNCED).announced == 1
    (task,) = announcements(practice)
    assert "2027-03-02" in task.sentence
    assert ANNOUNCED < task.due < GOES
    assert night(practice, GOES - timedelta(days=1)).erased == 0
    assert practice.world.store.quarantined(quarantine_id).body.reveal()
    assert night(practice, GOES).erased == 1
    assert practice.world.store.quarantined(quarantine_id) is None
    assert ("quarantine:2026-12-01", "2026") not in items("keys")
    assert announcements(practice) == []
    (done,) = certificates("quarantined_events")
    assert (done.count, done.kept, done.method) == (1, 0, "keys_destroyed_and_items_deleted")
    assert (done.erased_at, done.beyond_backups_on.isoformat()) == (GOES, "2027-04-07")
    assert [one.subject for one in told("retention.intended")] == ["practice"]


def test_a_restored_event_cannot_be_read(practice):
    """What a backup brings back is bytes that no key of ours opens."""
    quarantine_id = unread(practice)
    night(practice, ANNOUNCED)
    old = items("work")[f"Q#{quarantine_id}", "QUARANTINE"]
    night(practice, GOES)
    client("dynamodb").put_item(TableName="work", Item=old)
    with pytest.raises(Unknown):
        practice.world.store.quarantined(quarantine_id)


def test_nights_that_did_not_run_cost_nobody_the_notice(practice):
    """A year late, the first night only announces; the event goes two weeks after that."""
    unread(practice)
    late = GOES + timedelta(days=365)
    assert night(practice, late).erased == 0
    assert len(announcements(practice)) == 1
    assert night(practice, late + timedelta(days=13)).erased == 0
    assert night(practice, late + timedelta(days=14)).erased == 1


def test_what_is_replayed_in_time_stays_until_it_can_come_back_no_more(practice):
    """A replay ends the announcement; the body goes thirty days after it, without another."""
    quarantine_id = unread(practice)
    night(practice, ANNOUNCED)
    take_in.replay(practice.world, practice.lists, quarantine_id, LAWYER, GOES - timedelta(hours=6))
    assert night(practice, GOES).erased == 0
    assert announcements(practice) == []
    assert night(practice, GOES + timedelta(days=30)).erased == 0
    assert night(practice, GOES + timedelta(days=31)).erased == 1


def test_one_that_comes_back_unread_has_its_days_again(practice):
    """Its clock starts when it came back, and it is announced anew; its first day's key seals nothing any more."""
    quarantine_id = unread(practice)
    take_in.replay(practice.world, practice.lists, quarantine_id, LAWYER, NOON + timedelta(days=60))
    store = practice.world.store
    store.commit(Change(replace(store.quarantined(quarantine_id), state="quarantined", at=NOON + timedelta(days=60))))
    night(practice, GOES)
    night(practice, GOES + timedelta(days=14))
    assert kept(practice, "QUARANTINE") == [f"Q#{quarantine_id}"]
    assert night(practice, ANNOUNCED + timedelta(days=60)).announced == 1
    assert night(practice, GOES + timedelta(days=60)).erased == 1


def test_the_same_event_can_come_again_after_it_was_disposed_of(practice):
    """Nothing of the ledger's stands in its way: it is kept, told, and can be replayed."""
    quarantine_id = unread(practice)
    take_in.replay(practice.world, practice.lists, quarantine_id, LAWYER, NOON)
    night(practice, GOES)
    assert practice.world.store.quarantined(quarantine_id) is None
    client("dynamodb").delete_item(TableName="visits", Key=_seen(practice))  # its memory has expired by then
    again = GOES + timedelta(days=1)
    assert unread(practice, again) == quarantine_id
    assert practice.world.store.quarantined(quarantine_id).at == again
    take_in.replay(practice.world, practice.lists, quarantine_id, LAWYER, again)
    assert len(told("event.quarantined")) == len(told("event.replayed")) == 2


def _seen(practice):
    ((pk, sk),) = [key for key in items("visits") if key[1] == "EVENT"]
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def test_a_hold_on_anybody_keeps_what_may_be_about_anybody(practice):
    """A hold on one patient keeps every unread event, unannounced, until it is released; then they have their notice."""
    patient_id = practice.consents("P-1", ANA)
    unread(practice)
    hold = legal_hold.place_hold(practice.world, patient_id, LAWYER, NOON)
    assert night(practice, GOES).held == 1
    assert announcements(practice) == []
    legal_hold.release_hold(practice.world, patient_id, hold, LAWYER, GOES)
    assert night(practice, GOES).announced == 1
    assert night(practice, GOES + timedelta(days=14)).erased == 1


def test_a_hold_placed_between_intent_and_deed_keeps_it(practice, monkeypatch):
    """The transaction that erases requires that no hold on anybody was placed since it was judged."""
    unread(practice)
    night(practice, ANNOUNCED)
    real, placed = Shredder.erase, []

    def meanwhile(self, found, owner, year, unchanged):
        if not placed:
            placed.append(legal_hold.place_hold(practice.world, SOMEBODY, LAWYER, GOES))
        real(self, found, owner, year, unchanged)

    monkeypatch.setattr(Shredder, "erase", meanwhile)
    night(practice, GOES)
    assert len(kept(practice, "QUARANTINE")) == 1
    (done,) = certificates("quarantined_events")
    assert (done.count, done.kept, done.method) == (0, 1, "items_deleted")


def test_a_replay_between_intent_and_deed_keeps_it(practice, monkeypatch):
    """What an operator puts before the pipeline at the last moment is not destroyed under their hands."""
    quarantine_id = unread(practice)
    night(practice, ANNOUNCED)
    real, done = Shredder.erase, []

    def meanwhile(self, found, owner, year, unchanged):
        if not done:
            done.append(take_in.replay(practice.world, practice.lists, quarantine_id, LAWYER, GOES))
        real(self, found, owner, year, unchanged)

    monkeypatch.setattr(Shredder, "erase", meanwhile)
    night(practice, GOES)
    assert practice.world.store.quarantined(quarantine_id).state == "replayed"


def test_a_flood_goes_in_parts_and_the_key_with_the_last(practice, monkeypatch):
    """Several intents for one day: only the last of them destroys the day's key, and says so."""
    monkeypatch.setattr(dispose_work, "MOST", 2)
    for n in range(5):
        unread(practice, raw=BROKEN + str(n).encode())
    night(practice, ANNOUNCED)
    assert night(practice, GOES).erased == 5
    assert kept(practice, "QUARANTINE") == []
    assert ("quarantine:2026-12-01", "2026") not in items("keys")
    methods = [one.method for one in certificates("quarantined_events")]
    assert sorted(methods) == ["items_deleted", "items_deleted", "keys_destroyed_and_items_deleted"]


def closed(practice, kind="unclear_visit", at=NOON, **about):
    """A task that was opened and closed. Returns its id."""
    task, entry = new_task(practice.world, kind, at, once=f"{kind}{at}{about}", **about)
    practice.world.store.commit(task, entry)
    return close_task(practice.world, task.record.task_id, "done", LAWYER, at).task_id


def test_a_night_that_dies_after_any_write_is_finished_by_the_next():
    """Stopped after each write in turn, the next night leaves one certificate for the event and one for the task."""
    survived, alive = 0, True
    while alive:
        for practice in practice_in_memory():
            practice.world.store.commit(Change(Disposing(mark="2026-12")))
            closed(practice)
            unread(practice, at=CLOSED - timedelta(days=95))
            night(practice, CLOSED - timedelta(days=15))
            alive = _dies(practice, survived + 1)
            survived += alive
            night(practice, CLOSED + timedelta(hours=1))
            assert kept(practice, "QUARANTINE") == []
            assert [(one.count, one.kept) for one in certificates("quarantined_events")] == [(1, 0)]
            assert [(one.count, one.kept) for one in certificates("closed_tasks")] == [(1, 0)]
            assert announcements(practice) == []
    assert survived == 8  # intent, deed and certificate of each; the announcement closed, and the month that is done


def _dies(practice, after):
    calls = Calls(die_after=after)
    try:
        with patch.object(BaseClient, "_make_api_call", calls.around(BaseClient._make_api_call)):
            night(practice, CLOSED)
    except Died:
        return True
    return False


def test_quarantined_bodies_lie_in_one_place(practice):
    """What disposal erases is all there is: the record in the work table. No other table knows the event's words."""
    unread(practice)
    assert [
        name
        for name in ("people", "visits", "messages", "secure")
        if any("body" in one for one in items(name).values())
    ] == []
    assert isinstance(practice.world.store.in_quarantine()[0], Quarantined)


def test_a_disposal_is_told_in_its_order(practice):
    """What waits for the ledger is put in order by its time: of each disposal the intent is first, the certificate last."""
    closed(practice)
    visited(practice)
    practice.world.store.commit(Change(replace(practice.world.store.disposing(), mark="2036-12")))
    night(practice, DUE)
    waiting = [
        decode(item["entry"]["B"]) for item in sorted(items("ledger").values(), key=lambda item: item["at"]["S"])
    ]
    told_of = {one.id: ["retention.intended"] for one in waiting if one.kind == "retention.intended"}
    for one in waiting:
        if "intent" in one.facts:
            told_of[one.facts["intent"]].append(one.kind)
    by_time = [one.id if one.kind == "retention.intended" else one.facts.get("intent") for one in waiting]
    assert len(told_of) == 4
    for intent, kinds in told_of.items():
        assert kinds == ["retention.intended", "retention.erased", "certificate.issued"]
        assert waiting[by_time.index(intent)].kind == "retention.intended"
