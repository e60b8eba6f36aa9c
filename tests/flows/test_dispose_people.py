"""Disposal of who somebody is: after everything else about them, with their consents; of a STOP the standing stays."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from texting.aws.clients import client
from texting.aws.disposal import Shredder
from texting.errors import Unknown
from texting.flows import last_day
from texting.flows.consent_requests import RevokeAsked
from texting.flows.consents import take_back
from texting.flows.contact_file import FileAsked
from texting.flows.import_consents import import_contacts
from texting.flows.legal_hold import place_hold, release_hold
from texting.flows.reconcile import reconcile
from texting.records import Disposing, Link, Stored
from texting.rules.retention import Dispose
from texting.values import Category, PhoneNumber
from texting.writes import Change, New

from tests.flows.test_dispose import (
    DUE,
    LAST_DAY,
    LAWYER,
    certificate,
    certificates,
    desk_done,
    items,
    night,
    records,
    visited,
)
from tests.flows.test_dispose import told as entries
from tests.journeys.stories import ANA, BEN, NOON

STANDING = {"pk", "sk", "number_id", "stopped", "standing", "suspended", "rev"}


@pytest.fixture(autouse=True)
def _nights_before(practice):
    """Nights have passed until December 2036, and found nothing."""
    practice.world.store.commit(Change(Disposing(mark="2036-12")))


def people(kind):
    """The items of people whose sort key begins so."""
    return [key for key in items("people") if key[1].startswith(kind)]


def the_number(practice, phone=ANA):
    """A number's item as it lies in the table."""
    return items("people").get((f"N#{practice.world.ids.number_id(PhoneNumber(phone))}", "NUMBER"))


def test_who_it_was_goes_with_the_last_of_the_texts(practice):
    """On the day after the longest clock name, consents, threads, number and their keys are gone, each certified."""
    patient_id = visited(practice)
    night(practice, LAST_DAY)
    assert {"PATIENT", "NUMBER", "THREAD"} <= {key[1] for key in items("people")}
    before = len(items("people"))
    night(practice, DUE)
    assert items("people") == {}
    assert [key for key in items("keys") if key[0] != "HMAC"] == []
    identity, number = certificate("identity"), certificate("number")
    assert (identity.count, identity.kept, number.count, number.kept) == (before - 1, 0, 1, 0)
    assert {identity.method, number.method} == {"keys_destroyed_and_items_deleted"}
    assert (identity.erased_at, identity.beyond_backups_on) == (DUE, date(2037, 1, 18))
    assert [one.subject for one in entries("retention.intended") if one.facts["record_class"] == "identity"] == [
        patient_id
    ]


def test_links_and_visits_without_a_day_go_too(practice):
    """What was sealed as identity elsewhere, a link and a visit that never had a time, goes with it."""
    patient_id = visited(practice)
    number_id = practice.world.store.patient(patient_id).number_id
    practice.hears(appointment="A-2", kind="requested", start=None)
    practice.world.store.commit(New(Link("f" * 64, "consent", patient_id, patient_id, number_id, NOON)))
    assert len(items("visits")) == 2
    night(practice, DUE)
    assert (items("visits"), items("secure")) == ({}, {})


def test_a_later_consent_keeps_who_gave_it(practice):
    """The texts go on their day; the signature of 2030 is kept its own ten years, and with it the name."""
    patient_id = visited(practice)
    practice.now = datetime(2030, 3, 1, 18, tzinfo=UTC)
    practice.consents("P-1", ANA, [Category.BILLING])
    night(practice, DUE)
    assert records(practice) == []
    assert practice.world.store.patient(patient_id).given_name is not None
    assert night(practice, datetime(2040, 3, 1, 18, tzinfo=UTC)).erased == 0
    night(practice, datetime(2040, 3, 2, 18, tzinfo=UTC))
    assert items("people") == {}


def test_whom_nobody_ever_texted_is_not_forgotten_to_be_forgotten(practice):
    """A consent without a visit, and a year in which only a visit lies, are found by the identity's own day."""
    practice.hears(start="2027-01-05T15:00:00-06:00", patient={"phone": "12"})  # no phone: no text is planned
    practice.consents("P-2", BEN)
    practice.hears(appointment="A-2", ref="P-2", phone=BEN, kind="requested", start=None)  # now we know her birthday
    desk_done(practice)
    night(practice, datetime(2037, 1, 5, 18, tzinfo=UTC))
    assert [key[1] for key in items("visits")] == ["VISIT"]
    night(practice, datetime(2037, 1, 6, 18, tzinfo=UTC))
    assert (items("people"), items("visits")) == ({}, {})
    assert len(certificates("identity")) == 2


def test_a_stop_outlives_the_record(practice):
    """Of a number that said STOP the keyed hash and the standing stay, and nothing that names or could be dialled."""
    visited(practice)
    practice.texts("STOP")
    night(practice, DUE)
    left = the_number(practice)
    assert set(left) == STANDING
    assert left["stopped"] == {"BOOL": True}
    assert list(items("people").values()) == [left]
    assert [key for key in items("keys") if key[0] != "HMAC"] == []
    assert certificate("number").method == "keys_destroyed"
    assert night(practice, DUE + timedelta(days=400)).certified == 0


def test_the_stop_still_stands_when_the_patient_comes_back(practice):
    """Years later the same phone is booked again: nothing goes out until its own START, and then it does."""
    visited(practice)
    practice.texts("STOP")
    night(practice, DUE)
    practice.carrier.sent.clear()
    practice.now = datetime(2040, 5, 1, 18, tzinfo=UTC)
    practice.consents("P-9", ANA)
    practice.hears(appointment="A-9", ref="P-9", start="2040-05-20T15:00:00-05:00")
    practice.later(days=18, hours=12)
    assert practice.carrier.sent == []
    assert set(practice.why("A-9")) == {"stopped"}
    practice.texts("START")
    assert len(practice.runs()) == 1
    assert practice.carrier.sent[0]["to"] == ANA
    assert "dispose_bucket" in the_number(practice)


def test_a_text_from_a_forgotten_number_is_answered(practice):
    """Whoever writes from it is heard, and HELP is answered, though STOP stands."""
    visited(practice)
    practice.texts("STOP")
    night(practice, DUE)
    practice.now = DUE + timedelta(days=1)
    practice.carrier.sent.clear()
    assert practice.texts("HELP") == "helped"
    assert len(practice.runs()) == 1
    assert the_number(practice)["stopped"] == {"BOOL": True}


def test_a_wrong_number_stays_untouched(practice):
    """A stranger's phone that was suspended stays suspended when the patient it was given for is long gone."""
    visited(practice)
    practice.texts("wrong number")
    desk_done(practice)
    night(practice, DUE)
    assert set(the_number(practice)) == STANDING
    assert the_number(practice)["suspended"] == {"S": "wrong_number"}


def test_a_family_phone_stays_with_who_is_left(practice):
    """The number goes with the last patient on it; the place of the first under it goes with her."""
    first = visited(practice)
    second = practice.consents("P-2", ANA)
    practice.hears(appointment="A-2", ref="P-2", start="2027-02-01T15:00:00-06:00")
    night(practice, DUE)
    store = practice.world.store
    assert store.patient(first) is None
    assert store.patients_on(store.patient(second).number_id) == (second,)
    night(practice, datetime(2037, 2, 2, 18, tzinfo=UTC))
    assert items("people") == {}


def test_an_old_number_goes_with_the_patient_who_changed_it(practice):
    """Both numbers of a patient who moved to another phone go, and so do both threads."""
    visited(practice)
    practice.hears(version=2, kind="rescheduled", phone=BEN, start="2026-12-11T15:00:00-06:00")
    assert len(people("NUMBER")) == len(people("THREAD")) == 2
    night(practice, DUE)
    assert items("people") == {}
    assert len(certificates("number")) == 2


@pytest.mark.parametrize("on", ["patient", "number"])
def test_a_hold_keeps_the_identity(practice, on):
    """A hold on the patient, or on whatever lies under the phone, keeps texts, name and number alike."""
    patient_id = visited(practice)
    subject = patient_id if on == "patient" else practice.world.store.patient(patient_id).number_id
    before = (records(practice), sorted(items("people")))
    hold = place_hold(practice.world, subject, LAWYER, NOON)
    night(practice, DUE)
    assert (records(practice), sorted(items("people"))) == before
    release_hold(practice.world, subject, hold, LAWYER, DUE)
    night(practice, DUE + timedelta(days=31))
    assert items("people") == {}


def test_who_comes_back_at_the_last_moment_is_kept(practice, monkeypatch):
    """A booking between the intent and the deed cancels it: nothing of the identity is touched, and the certificate says
    so."""
    patient_id = visited(practice)
    real, came = Shredder.erase, []

    def meanwhile(self, found, owner, year, unchanged):
        if year == 0 and not came:
            came.append(owner)
            practice.now = DUE
            practice.hears(appointment="A-2", start="2036-12-20T15:00:00-06:00")
        real(self, found, owner, year, unchanged)

    monkeypatch.setattr(Shredder, "erase", meanwhile)
    before = sorted(items("people"))
    night(practice, DUE)
    assert came == [patient_id]
    assert sorted(items("people")) == before
    assert practice.world.store.patient(patient_id).given_name is not None
    kept = certificate("identity")
    assert (kept.count, kept.kept) == (0, len(before) - 1)


def test_a_text_at_the_last_moment_keeps_them_too(practice, monkeypatch):
    """Whoever texts between the intent and the deed is in contact again."""
    patient_id = visited(practice)
    real, came = Shredder.erase, []

    def meanwhile(self, found, owner, year, unchanged):
        if year == 0 and not came:
            came.append(owner)
            practice.now = DUE
            practice.texts("are you still open?")
        real(self, found, owner, year, unchanged)

    monkeypatch.setattr(Shredder, "erase", meanwhile)
    night(practice, DUE)
    assert practice.world.store.patient(patient_id) is not None
    assert certificate("identity").count == 0


def test_putting_off_is_not_undone_by_who_read_before_it(practice):
    """A writer that read the patient before the night cannot bring the old day back: it is told, and reads again."""
    patient_id = visited(practice)
    store = practice.world.store
    read_before = store.patient(patient_id)
    night(practice, datetime(2036, 12, 3, 18, tzinfo=UTC))
    assert store.patient(patient_id).dispose_on > read_before.dispose_on
    with pytest.raises(Exception, match="Patient"):
        store.commit(Change(read_before))


def test_a_restored_name_cannot_be_read(practice):
    """What a backup brings back of a person is bytes that no key of ours opens."""
    patient_id = visited(practice)
    old = items("people")[f"P#{patient_id}", "PATIENT"]
    night(practice, DUE)
    client("dynamodb").put_item(TableName="people", Item=old)
    with pytest.raises(Unknown):
        practice.world.store.patient(patient_id)


def test_nobody_is_kept_without_a_day(practice):
    """Whatever door somebody comes through, retention has a day on which it looks at them."""
    patient_id = visited(practice)
    practice.texts("hello", phone="+17735550100")
    asked = RevokeAsked(phone="+17735550101", categories="all", channel="phone", words="no more")
    take_back(practice.world, patient_id, asked, LAWYER, practice.now)
    file = FileAsked(connection="main", text="ref,phone,opted_out\nX-1,+17735550102,yes\n", commit=True)
    import_contacts(practice.world, file, LAWYER, practice.now)
    listed = [type("OptedOut", (), {"phone": PhoneNumber("+17735550103"), "at": practice.now})]
    practice.lists.pages = lambda: iter([listed])
    reconcile(practice.world, practice.now, lambda: True)
    found = {key: "dispose_bucket" in item for key, item in items("people").items() if key[1] in ("PATIENT", "NUMBER")}
    assert len(found) == 7
    assert all(found.values())


days = st.dates(date(2026, 1, 1), date(2046, 12, 31))


class _Known:
    """Answers for a shredder: the last visit, and the years of which a key stands."""

    def __init__(self, last, years):
        self.last, self.years = last, years

    def last_visit(self, patient_id):
        return self.last

    def numbers_of(self, patient_id):
        return ()

    def years_of(self, owner):
        return tuple(self.years)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(papers=st.lists(days, max_size=4), last=days, years=st.sets(st.integers(2026, 2046), max_size=3), today=days)
def test_no_name_goes_within_ten_years_of_anything(practice, papers, last, years, today):
    """Whatever the days, a name goes only ten years after the last paper, contact, and year that something is left of."""
    person = [Stored("people|P#p_none|PATIENT", "p_none", 0, date.min)]
    person += [Stored(f"people|P#p_none|H#{n}", "p_none", 0, day) for n, day in enumerate(papers)]
    decided = last_day.of_person(practice.world, _Known(last, years), person, today)
    newest = max([last, *papers, *(date(year, 12, 31) for year in years)])
    if isinstance(decided, Dispose):
        assert today > newest.replace(year=newest.year + 10, day=min(newest.day, 28))
    else:
        assert decided.until >= today
