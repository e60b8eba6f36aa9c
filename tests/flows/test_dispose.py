"""Disposal: not a day before the longest clock, never under hold, and then for good, with a certificate."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from unittest.mock import patch

import pytest
from botocore.client import BaseClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from texting.audit.certificate import Certificate
from texting.audit.entries import decode
from texting.aws import disposal
from texting.aws.clients import client
from texting.aws.disposal import Shredder
from texting.aws.store import Store
from texting.aws.vault import Vault
from texting.errors import Contended, Unknown
from texting.flows import last_day
from texting.flows.dispose import dispose
from texting.flows.legal_hold import ALL, place_hold, release_hold
from texting.flows.tasks import close_task
from texting.records import Disposing, Stored
from texting.rules.retention import Dispose
from texting.values import SYSTEM, Actor
from texting.writes import Change

from tests.aws.ledger_world import Calls, Died
from tests.journeys.stories import ANA, NOON, practice_in_memory

LAWYER = Actor("operator", "0f3a5c7e9b1d2f40")
LAST_DAY = datetime(2036, 12, 12, 3, 15, tzinfo=UTC)  # the evening of 11 December in Chicago, ten years after the visit
DUE = LAST_DAY + timedelta(days=1)
GONE = datetime(2055, 1, 1, 18, tzinfo=UTC)  # by now nothing of 2026 is kept for anybody


def shredder(practice):
    return Shredder(practice.world.store.tables, practice.world.store.vault)


def night(practice, when, has_time=lambda: True):
    """One night's run."""
    return dispose(practice.world, shredder(practice), when, has_time)


def visited(practice, ref="P-1", phone=ANA, **patient):
    """Ana consents, books for 11 December 2026, is texted and answers. Returns her id."""
    patient_id = practice.consents(ref, phone)
    practice.hears(ref=ref, phone=phone, patient=patient)
    practice.runs()
    practice.texts("C", phone=phone)
    practice.runs()
    return patient_id


def desk_done(practice):
    """The front desk has seen to all that waited: what an open task is about does not go."""
    for task in practice.world.store.open_tasks():
        close_task(practice.world, task.task_id, "done", LAWYER, practice.now)


def long_after(practice):
    """Nights have passed until December 2054: ten years on they looked at whom we know, and put them off; the others of
    those 28 years would only ask empty months."""
    store = practice.world.store
    store.commit(Change(Disposing(mark="2036-12")))
    night(practice, datetime(2036, 12, 31, 18, tzinfo=UTC))
    store.commit(Change(replace(store.disposing(), mark="2054-12")))


def items(table):
    """What a table holds, by keys."""
    found = client("dynamodb").scan(TableName=table)["Items"]
    return {(item["pk"]["S"], item["sk"]["S"]): item for item in found}


def told(kind):
    """The ledger's entries of a kind, oldest first."""
    entries = [decode(item["entry"]["B"]) for item in items("ledger").values()]
    return sorted((one for one in entries if one.kind == kind), key=lambda one: one.at)


def certificate(record_class="patient_year"):
    """The one certificate for a class of records."""
    (found,) = certificates(record_class)
    return found


def certificates(record_class="patient_year"):
    """The certificates for a class of records, oldest first."""
    issued = [Certificate.of(one) for one in told("certificate.issued")]
    return [one for one in issued if one.record_class == record_class]


def records(practice):
    """Texts, secure messages and visits that are still there."""
    kept = {"MESSAGE", "INBOUND", "SECURE", "VISIT"}
    return [key for table in ("messages", "secure", "visits") for key in items(table) if key[1] in kept]


def test_nothing_goes_before_the_last_contact_is_ten_years_past(practice):
    """Each text's own clock ends sooner, but the law counts from the visit: on its last day everything is there."""
    visited(practice)
    before = records(practice)
    for when in (DUE - timedelta(days=400), DUE - timedelta(days=8), LAST_DAY):
        assert night(practice, when).erased == 0
    assert records(practice) == before
    assert told("retention.intended") == []


def test_then_it_goes_for_good_with_a_certificate(practice):
    """The day after, every record of the year is gone with its key, and the certificate says how many, how and when."""
    patient_id = visited(practice)
    before = records(practice)
    done = night(practice, DUE)
    assert (done.certified, done.failed, done.finished) == (3, 0, True)  # the year, who it was about, and the number
    assert records(practice) == []
    assert (patient_id, "2026") not in items("keys")
    assert not [key for key in items("messages") if key[1] == "CARRIER"]
    year = certificate()
    assert year.count == len(before)
    assert (year.kept, year.method) == (0, "keys_destroyed_and_items_deleted")
    assert (year.erased_at, year.beyond_backups_on) == (DUE, date(2037, 1, 18))
    intents = {one.id for one in told("retention.intended")}
    assert year.intent in intents
    assert {one.facts["intent"] for one in told("retention.erased")} == intents


def test_a_restored_copy_cannot_be_read(practice):
    """What a backup brings back is bytes that no key of ours opens any more."""
    visited(practice)
    old = next(item for key, item in items("messages").items() if key[1] == "INBOUND")
    night(practice, DUE)
    client("dynamodb").put_item(TableName="messages", Item=old)
    store = practice.world.store
    for vault in (store.vault, Vault(store.vault.table, store.vault.kms_key)):
        with pytest.raises(Unknown):
            Store(store.tables, vault).inbound(old["inbound_id"]["S"])


def test_what_was_not_due_is_still_read(practice):
    """When one patient's year goes, another patient loses nothing until her own day."""
    visited(practice)
    other = practice.consents("P-2", "+13125550143")
    practice.hears(appointment="A-2", ref="P-2", phone="+13125550143")
    practice.now = NOON + timedelta(days=40)
    practice.texts("I have a question", phone="+13125550143")
    desk_done(practice)
    thread = practice.world.ids.thread_id(other, practice.world.store.patient(other).number_id)
    whole = [(one.body, one.thread_id) for one in practice.world.store.timeline(thread)]
    assert night(practice, DUE).certified == 3
    assert [(one.body, one.thread_id) for one in practice.world.store.timeline(thread)] == whole
    assert night(practice, datetime(2037, 1, 11, 3, 15, tzinfo=UTC)).certified == 0
    night(practice, datetime(2037, 1, 12, 3, 15, tzinfo=UTC))
    assert [one.record_class for one in map(Certificate.of, told("certificate.issued"))].count("patient_year") == 3
    assert records(practice) == []


def test_without_a_birth_date_a_patient_may_have_been_a_newborn(practice):
    """Nobody knows the age: the texts stay for twenty-eight years."""
    practice.consents("P-1", ANA)
    practice.texts("HELP")
    long_after(practice)
    assert night(practice, datetime(2054, 12, 1, 18, tzinfo=UTC)).erased == 0
    night(practice, GONE)
    assert certificate().count == 2


def test_a_minors_texts_wait_for_the_birthday(practice):
    """A patient of fifteen grows to twenty-eight first."""
    visited(practice, birth_date="2011-03-09")
    night(practice, DUE)
    assert night(practice, datetime(2039, 3, 9, 18, tzinfo=UTC)).erased == 0
    assert night(practice, datetime(2039, 3, 10, 18, tzinfo=UTC)).erased > 0


def test_a_later_visit_makes_all_years_wait(practice):
    """Whoever is still a patient keeps the whole record, old years too."""
    visited(practice)
    practice.now = datetime(2033, 5, 2, 18, tzinfo=UTC)
    practice.hears(appointment="A-2", kind="booked", start="2033-05-20T15:00:00-05:00")
    assert night(practice, DUE).put_off == 2
    assert night(practice, datetime(2043, 5, 20, 18, tzinfo=UTC)).erased == 0
    night(practice, datetime(2043, 5, 22, 18, tzinfo=UTC))
    assert len(certificates()) == 2
    assert records(practice) == []


@pytest.mark.parametrize("subject", [lambda patient_id: patient_id, lambda patient_id: ALL], ids=["patient", "all"])
def test_a_hold_outranks_every_clock(practice, subject):
    """While a hold stands nothing of what it covers goes; a month after it was found standing it is looked at again."""
    subject = subject(visited(practice))
    before = records(practice)
    hold = place_hold(practice.world, subject, LAWYER, DUE - timedelta(days=1), "litigation")
    done = night(practice, DUE)
    assert (done.held, records(practice)) == (1, before)
    release_hold(practice.world, subject, hold, LAWYER, DUE + timedelta(days=2))
    night(practice, DUE + timedelta(days=28))
    assert records(practice) == before
    night(practice, DUE + timedelta(days=31))
    assert records(practice) == []
    assert [one.facts["hold"] for one in told("hold.placed") + told("hold.released")] == [hold, hold]


def test_a_hold_covers_texts_that_may_be_the_patients(practice):
    """A text from a phone of two patients belongs to neither, and a hold on either keeps it."""
    first, second = practice.consents("P-1", ANA), practice.consents("P-2", ANA)
    practice.texts("Is this mine?")
    desk_done(practice)
    long_after(practice)
    before = records(practice)
    hold = place_hold(practice.world, second, LAWYER, NOON)
    assert night(practice, GONE).held == 1
    assert records(practice) == before
    release_hold(practice.world, second, hold, LAWYER, GONE)
    place_hold(practice.world, first, LAWYER, GONE)
    assert night(practice, GONE + timedelta(days=31)).held == 1


def test_one_of_two_holds_is_enough(practice):
    """Lifting one hold leaves the other; lifting what does not stand is refused."""
    patient_id = visited(practice)
    first, second = (place_hold(practice.world, patient_id, LAWYER, NOON) for _ in range(2))
    release_hold(practice.world, patient_id, first, LAWYER, NOON)
    assert practice.world.store.holds(patient_id).standing == (second,)
    assert night(practice, DUE).held == 1
    with pytest.raises(Unknown):
        release_hold(practice.world, patient_id, first, LAWYER, NOON)


def test_a_hold_between_intent_and_deed_saves_what_is_left(practice, monkeypatch):
    """A hold placed while records go is honoured from that moment, and the certificate tells who was kept."""
    monkeypatch.setattr(disposal, "MOST_ERASED", 2)
    patient_id = visited(practice)
    before = len(records(practice))
    assert before > 3
    real, erased = Shredder._transact, []

    def held_up(self, writes):
        if erased:
            place_hold(practice.world, patient_id, LAWYER, DUE)
        real(self, writes)
        erased.append(len(writes))

    monkeypatch.setattr(Shredder, "_transact", held_up)
    night(practice, DUE)
    year = certificate()
    assert (year.count, year.kept, year.method) == (2, before - 2, "items_deleted")
    assert len(records(practice)) == before - 2
    assert (patient_id, "2026") in items("keys")
    assert night(practice, DUE + timedelta(days=1)).held == 1


@contextmanager
def one_answer():
    """A practice with one text and its answer in 2026, years ago."""
    for practice in practice_in_memory():
        practice.consents("P-1", ANA)
        practice.texts("HELP")
        long_after(practice)
        yield practice


def test_a_night_that_dies_after_any_write_is_finished_by_the_next():
    """Stopped after each write in turn, the next night leaves one intent, one certificate, and nothing readable."""
    survived, alive = 0, True
    while alive:
        with one_answer() as practice:
            total = len(records(practice))
            alive = _dies(practice, survived + 1)
            survived += alive
            assert told("retention.intended") != [] or len(records(practice)) == total  # announced before it is touched
            night(practice, GONE + timedelta(days=1))
            assert records(practice) == []
            assert [key for key in items("keys") if key[1] == "2026"] == []
            assert list(items("people")) == []
            assert {key for key in items("keys") if key[0] != "HMAC"} == set()
            assert [(one.count, one.kept) for one in certificates()] == [(total, 0)]
            classes = sorted(one.facts["record_class"] for one in told("retention.intended"))
            assert classes == ["identity", "number", "patient_year"]
            assert len(told("certificate.issued")) == 3
    assert survived == 10  # intent, deed and certificate of a year, a person and a number, and the month that is done


def _dies(practice, after):
    calls = Calls(die_after=after)
    try:
        with patch.object(BaseClient, "_make_api_call", calls.around(BaseClient._make_api_call)):
            night(practice, GONE)
    except Died:
        return True
    return False


def test_what_time_does_not_allow_waits(practice):
    """A night without time erases nothing and forgets nothing."""
    visited(practice)
    assert not night(practice, DUE, has_time=lambda: False).finished
    assert practice.world.store.disposing().mark == ""
    assert night(practice, DUE).finished


def test_nights_look_only_where_something_can_be_due(practice):
    """Months that are done are not asked about again."""
    visited(practice)
    night(practice, DUE)
    assert practice.world.store.disposing().mark == "2036-12"
    calls = Calls()
    with patch.object(BaseClient, "_make_api_call", calls.around(BaseClient._make_api_call)):
        night(practice, DUE + timedelta(days=25))
    values = [told["ExpressionAttributeValues"] for name, told in calls.made if name == "Query"]
    asked = [value[":month"]["S"] for value in values if ":month" in value]
    assert asked == ["2036-12"] * 3 + ["2037-01"] * 3 + ["2036-12", "2037-01"]  # texts, secure messages, people; tasks
    assert "Scan" not in {name for name, _ in calls.made}


def test_one_patients_trouble_does_not_stop_the_others(practice, monkeypatch):
    """A year that cannot be settled tonight is counted, comes back tomorrow, and the rest goes on."""
    practice.consents("P-1", ANA)
    practice.texts("HELP", phone=ANA)
    long_after(practice)
    practice.consents("P-2", "+13125550143")
    practice.texts("HELP", phone="+13125550143")
    real = Shredder.of_owner

    def sometimes(self, owner, year):
        if owner == practice.world.ids.patient_id("main", "P-1"):
            raise Contended("not now")
        return real(self, owner, year)

    with monkeypatch.context() as trouble:
        trouble.setattr(Shredder, "of_owner", sometimes)
        done = night(practice, GONE)
    assert (len(certificates()), done.finished) == (1, False)
    assert done.failed == 1
    night(practice, GONE)
    assert len(certificates()) == 2
    assert records(practice) == []


def test_a_hold_on_nobody_in_particular_is_told_without_a_subject(practice):
    """A hold on everything is in the ledger as the practice's."""
    place_hold(practice.world, ALL, SYSTEM, NOON)
    assert told("hold.placed")[0].subject == "practice"


days = st.dates(date(2026, 1, 1), date(2046, 12, 31))


class _Visits:
    """Answers for a shredder: when the patient was last seen."""

    def __init__(self, last):
        self.last = last

    def last_visit(self, patient_id):
        return self.last

    def numbers_of(self, patient_id):
        return ()

    def years_of(self, owner):
        return ()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=st.lists(days, min_size=1, max_size=4), last=days, today=days)
def test_no_record_goes_within_ten_years_of_any_contact(practice, made, last, today):
    """Whatever the days, a year is disposed of only when its newest record and the last contact are ten years past."""
    stored = [Stored(f"messages|M#{n}|MESSAGE", "p_none", day.year, day) for n, day in enumerate(made)]
    decided = last_day.of_year(replace(practice.world), _Visits(last), stored, today)
    newest = max(*made, last)
    if isinstance(decided, Dispose):
        assert today > newest.replace(year=newest.year + 10, day=min(newest.day, 28))
    else:
        assert decided.until >= today
