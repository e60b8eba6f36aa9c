"""The store: all or nothing, guarded by what was read, evidence once, and reads that find what was written."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError
from texting.audit.entries import decode
from texting.aws import store as room
from texting.errors import Bug, Contended, Unavailable
from texting.records import (
    Consent,
    ConsentChange,
    Inbound,
    Message,
    Number,
    Patient,
    Quarantined,
    Seen,
    Switch,
    Task,
    Token,
)
from texting.values import Actor, Body, Category, Name, PhoneNumber, Raw, Standing, State, Visit, VisitState
from texting.writes import Change, Evidence, Joined, New, Same

NOON = datetime(2026, 12, 1, 18, 0, tzinfo=UTC)
N1 = "n_" + "1" * 32
P1, P2 = "p_" + "1" * 32, "p_" + "2" * 32
NUMBER = Number(N1, PhoneNumber("+13125550142"))
PATIENT = Patient(P1, "main", "P-77", Name("Ana"), Name("Ruiz"), None, "es", "IL", N1)
CONSENT = Consent(P1, N1, Category.CARE, Standing.GRANTED, NOON)
ACTOR = Actor("patient", N1)


def told(entry_id="1" * 32, kind="number.stopped"):
    """A piece of evidence."""
    return Evidence(kind, entry_id, NOON, ACTOR, N1, {"channel": "sms"})


def message(message_id="m_1", **changed):
    """A planned text."""
    planned = Message(
        message_id=message_id, purpose="reminder", category=Category.APPOINTMENTS, state=State.PLANNED, patient_id=P1,
        number_id=N1, thread_id="t_1", planned_at=NOON, send_at=NOON, deadline=NOON + timedelta(hours=2),
        appointment_id="a_1",
    )  # fmt: skip
    return replace(planned, **changed)


def visit(appointment_id="a_1", start=NOON, **changed):
    """A booked visit."""
    booked = Visit(
        appointment_id=appointment_id, source="main", source_id="A-1001", patient_id=P1, number_id=N1,
        state=VisitState.BOOKED, start=start, zone="America/Chicago", location_id="main", duration_minutes=45,
        provider=None, service=None, sequence=1, updated_at=NOON, content_sha256="0" * 64,
    )  # fmt: skip
    return replace(booked, **changed)


def items(raw):
    """How many items each table holds."""
    return {
        name: raw.scan(TableName=name)["Count"] for name in ("people", "visits", "messages", "work", "secure", "ledger")
    }


def test_what_is_committed_is_read_back_with_its_rev(store):
    """A new record is stored with rev 1, which guards the next write."""
    store.commit(New(NUMBER), New(PATIENT))

    assert store.number(N1) == replace(NUMBER, rev=1)
    assert store.patient(P1) == replace(PATIENT, rev=1)


def test_a_change_raises_the_rev_by_one(store):
    """The stored record counts its writes."""
    store.commit(New(NUMBER))
    store.commit(Change(replace(store.number(N1), stopped=True)))

    assert (store.number(N1).stopped, store.number(N1).rev) == (True, 2)


def test_a_change_of_what_was_never_stored_stores_it(store):
    """Rev 0 means absent; the first of two writers makes it, the second is told."""
    store.commit(Change(CONSENT))

    assert store.consent(P1, N1, Category.CARE).rev == 1
    with pytest.raises(Contended):
        store.commit(Change(CONSENT))


FAILING = {
    "new, but there": lambda read: New(read),
    "changed since": lambda read: Change(replace(read, rev=read.rev + 1)),
    "an older rev": lambda read: Change(replace(read, rev=read.rev - 1 or 99)),
    "not the same": lambda read: Same(replace(read, rev=7)),
    "no longer absent": lambda read: Same(replace(read, rev=0)),
}


@pytest.mark.parametrize("why", FAILING)
def test_one_condition_that_fails_undoes_everything(store, raw, why):
    """Nothing of a transaction is written, before or after the write that lost."""
    store.commit(New(NUMBER))
    before = items(raw)

    with pytest.raises(Contended):
        store.commit(New(PATIENT), FAILING[why](store.number(N1)), New(message()), told())

    assert items(raw) == before
    assert store.number(N1).rev == 1


def test_contention_names_kinds_of_records_and_nothing_else(store):
    """What is logged says what was contended, with no id, key or word of anybody."""
    store.commit(New(NUMBER), New(PATIENT), told())

    with pytest.raises(Contended) as lost:
        store.commit(New(PATIENT), New(NUMBER), New(message()), told())

    assert lost.value.sentence == "Somebody else wrote first: Patient, Number, Evidence (ConditionalCheckFailed)."


@pytest.mark.parametrize("write", [Same, Change])
def test_a_check_holds_while_nothing_changed(store, write):
    """A verdict's grounds that still stand let the write through."""
    store.commit(New(CONSENT))

    store.commit(write(store.consent(P1, N1, Category.CARE)), New(message()))

    assert store.message("m_1") is not None


def test_a_check_on_what_is_absent_holds_only_while_it_is(store):
    """A claim decided on "no switch was ever set" fails once somebody sets it."""
    store.commit(Same(Switch()), Same(store.consent(P1, N1, Category.CARE)), New(message()))
    assert store.message("m_1").state is State.PLANNED

    store.commit(Change(Switch(stopped=True, by="o_1", at=NOON)))
    with pytest.raises(Contended, match="Switch"):
        store.commit(Same(Switch()), Change(replace(store.message("m_1"), state=State.CLAIMED)))
    assert store.message("m_1").state is State.PLANNED


def test_a_check_writes_nothing(store, raw):
    """To require is not to touch."""
    store.commit(New(NUMBER))
    store.commit(Same(store.number(N1)), New(PATIENT))

    assert store.number(N1).rev == 1


def test_a_stop_and_a_claim_cannot_both_win(store):
    """P2 in miniature: of two transactions decided on one standing, the second to write loses, whichever it is."""
    store.commit(New(NUMBER), New(message()))
    read, planned = store.number(N1), store.message("m_1")

    store.commit(Change(replace(read, stopped=True, standing=1)), told())
    with pytest.raises(Contended, match="Number"):
        store.commit(Change(replace(planned, state=State.CLAIMED)), Change(replace(read, sent=(NOON,))))

    assert (store.number(N1).stopped, store.message("m_1").state) == (True, State.PLANNED)


def test_evidence_is_written_once(store, raw):
    """The same entry again is contended together with what it came with, so that a retry writes neither twice."""
    store.commit(New(NUMBER), told())

    with pytest.raises(Contended, match="Evidence"):
        store.commit(New(PATIENT), told())
    assert store.patient(P1) is None
    assert items(raw)["ledger"] == 1


def test_evidence_is_canonical_and_waits_to_be_sequenced(store, raw):
    """The entry's exact bytes are stored, marked as pending, in the order of time."""
    store.commit(told())

    [item] = raw.scan(TableName="ledger")["Items"]
    entry = decode(bytes(item["entry"]["B"]))
    assert (entry.kind, entry.subject, entry.actor, entry.facts) == (
        "number.stopped", N1, f"patient:{N1}", {"channel": "sms"},
    )  # fmt: skip
    assert (item["pending"]["S"], item["at"]["S"]) == ("1", f"2026-12-01T18:00:00.000Z#{'1' * 32}")


def test_evidence_that_could_name_somebody_stops_the_write(store, raw):
    """The ledger cannot be erased: a number among the facts refuses the whole transaction before it is sent."""
    evil = replace(told(), facts={"channel": "+13125550142"})

    with pytest.raises(Bug) as refused:
        store.commit(New(NUMBER), evil)
    assert "5550142" not in str(refused.value)
    assert sum(items(raw).values()) == 0


def test_joining_a_number_twice_is_once(store, raw):
    """Who is on a number is a set, whose members are found from the number."""
    for patient in (P1, P2, P1):
        store.commit(Joined(N1, patient, "t_1", NOON))

    assert store.patients_on(N1) == (P1, P2)
    assert store.patients_on("n_" + "9" * 32) == ()


def test_more_than_a_transaction_takes_is_a_bug(store):
    """The limit is ours to keep; DynamoDB's answer would come after the fact."""
    with pytest.raises(Bug, match="101 writes"):
        store.commit(*[New(message(f"m_{at}")) for at in range(101)])


def test_a_hundred_writes_are_one_transaction(store, raw):
    """The largest transaction goes through whole."""
    store.commit(*[New(message(f"m_{at}")) for at in range(100)])

    assert items(raw)["messages"] == 100


def test_nothing_there_is_none(store):
    """What was never written is absent, and consent that was never asked stands at never."""
    for found in (store.patient(P1), store.number(N1), store.visit("a"), store.message("m"), store.inbound("i"),
                  store.task("t"), store.secure("s"), store.link("l"), store.token("k"), store.seen("e"),
                  store.quarantined("q"), store.by_carrier("c")):  # fmt: skip
        assert found is None
    assert store.consent(P1, N1, Category.CARE) == Consent(P1, N1, Category.CARE)
    assert store.switch() == Switch()
    assert store.counted("spend", "2026-12") == 0


def test_consents_and_history_are_one_patient_s(store):
    """Standing per category, history in order, and nobody else's."""
    line = ConsentChange(P1, N1, "h_1", NOON, Standing.GRANTED, (Category.CARE,), ACTOR, "form", {"medium": "paper"})
    store.commit(New(CONSENT), New(line), New(replace(line, change_id="h_0", at=NOON + timedelta(days=1))))
    store.commit(New(replace(CONSENT, patient_id=P2)))

    assert [one.category for one in store.consents(P1)] == [Category.CARE]
    assert [one.change_id for one in store.history(P1)] == ["h_1", "h_0"]
    assert store.history(P1)[0] == line


def test_visits_of_a_patient_come_in_order_from_a_moment_on(store):
    """Soonest first; what is over, or has no start, is not among them."""
    for at, start in enumerate((NOON + timedelta(days=2), NOON, NOON - timedelta(days=1), None)):
        store.commit(New(visit(f"a_{at}", start)))

    assert [one.appointment_id for one in store.visits_of(P1, NOON)] == ["a_1", "a_0"]


def test_messages_are_found_by_visit_thread_state_and_carrier(store):
    """Each question a journey asks has an index of its own."""
    inbound = Inbound("i_1", N1, "t_1", NOON + timedelta(minutes=1), Body("C"), patient_id=P1)
    store.commit(
        New(message()), New(message("m_2", state=State.DELIVERED, planned_at=NOON + timedelta(hours=1))), New(inbound)
    )
    store.note_carrier("carrier-1", "m_1")

    assert {one.message_id for one in store.messages_of("a_1")} == {"m_1", "m_2"}
    assert [type(one).__name__ for one in store.timeline("t_1")] == ["Message", "Inbound", "Message"]
    assert [one.message_id for one in store.waiting("planned", NOON + timedelta(seconds=1))] == ["m_1"]
    assert store.waiting("planned", NOON) == ()
    assert store.waiting("delivered", NOON + timedelta(days=9)) == ()
    assert store.by_carrier("carrier-1") == "m_1"


def test_what_waits_for_people_comes_soonest_first(store):
    """Open tasks by their clock, closed ones not at all; the same for what could not be read."""
    for at, (due, state) in enumerate([(2, "open"), (1, "open"), (0, "closed")]):
        store.commit(
            New(Task(f"t_{at}", "answer", "front_desk", NOON, NOON + timedelta(hours=due), "Answer it.", state=state))
        )
    store.commit(New(Quarantined("q_1", "main", "fhir", "e_1", "not_json", "It is not JSON.", NOON, Raw("?"))))

    assert [one.task_id for one in store.open_tasks()] == ["t_1", "t_0"]
    assert [one.quarantine_id for one in store.in_quarantine()] == ["q_1"]


def test_every_page_of_an_answer_is_read(store):
    """A thread longer than one megabyte of items is whole."""
    for start in range(0, 60, 20):
        store.commit(*[New(message(f"m_{at:03}", body=Body("x" * 20_000))) for at in range(start, start + 20)])

    assert len(store.timeline("t_1")) == 60


def test_counters_add_up(store):
    """Counting is not a record: it adds, whoever else adds at the same time."""
    store.count("spend", "2026-12", 10_020)
    store.count("spend", "2026-12")
    store.count("spend", "2027-01", 5)

    assert (store.counted("spend", "2026-12"), store.counted("spend", "2027-01")) == (10_021, 5)


def test_tokens_and_memories_are_kept_by_their_hash(store):
    """What opens a door is found by its digest alone."""
    store.commit(New(Token("ab" * 32, "front desk", ("threads",), NOON)), New(Seen("main", "e_1", NOON, "accepted")))

    assert store.token("ab" * 32).scopes == ("threads",)
    assert store.seen("e_1").outcome == "accepted"


CALLS = {
    "a read": (lambda store: store.patient(P1), "get_item", "did not answer"),
    "a query": (lambda store: store.consents(P1), "get_paginator", "did not answer"),
    "a commit": (lambda store: store.commit(New(PATIENT)), "transact_write_items", "did not take a write"),
    "a note": (lambda store: store.note_carrier("c", "m"), "put_item", "did not take a write"),
    "a count": (lambda store: store.count("a", "b"), "update_item", "did not take its step"),
}


@pytest.mark.parametrize("call", CALLS)
def test_an_outage_is_unavailable_and_repeats_nothing(store, monkeypatch, call):
    """Whatever DynamoDB says with an item in it, our sentence does not."""
    do, method, said = CALLS[call]
    store.vault.key(P1, 0)

    def refuse(*given, **asked):
        raise ClientError({"Error": {"Code": "InternalServerError", "Message": "Ana +13125550142"}}, method)

    monkeypatch.setattr(room.client("dynamodb"), method, refuse)

    with pytest.raises(Unavailable, match=said) as refused:
        do(store)
    assert not re.search(r"Ana|5550142|people|p_1", str(refused.value))


def test_a_function_has_only_the_tables_it_was_given(store):
    """A room that a function was not given is a fault of the deployment, not a read of nothing."""
    with pytest.raises(KeyError):
        replace(store, tables={"people": "people"}).message("m_1")
