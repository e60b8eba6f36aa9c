"""Opaque ids: the same thing always gets the same one, another thing another, and none can be turned back."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from texting.aws.fingerprints import Fingerprints
from texting.aws.vault import Vault
from texting.values import Body, PhoneNumber

PHONE = "+13125550142"


@pytest.fixture
def ids(vault):
    return Fingerprints(vault)


def all_of(ids):
    """One id of each kind, all made from the same words."""
    return {
        "n": ids.number_id(PhoneNumber(PHONE)),
        "p": ids.patient_id("main", PHONE),
        "a": ids.appointment_id("main", PHONE),
        "t": ids.thread_id("main", PHONE),
        "e": ids.event_id("main", PHONE),
        "i": ids.inbound_id(PHONE),
    }


def test_ids_are_a_letter_and_128_bits(ids):
    """Their shape is fixed: the ledger, schedule names and table keys rely on it."""
    for letter, found in all_of(ids).items():
        assert re.fullmatch(rf"{letter}_[0-9a-f]{{32}}", found)
    assert re.fullmatch(r"[0-9a-f]{64}", ids.digest("words"))


def test_kinds_never_share_an_id(ids):
    """The same words as a number, a patient or an event are unrelated to whoever holds no key."""
    found = [one[2:] for one in all_of(ids).values()]

    assert len(set(found)) == len(found)


def test_another_process_makes_the_same_ids(ids, vault):
    """A STOP recorded today is found by next year's process."""
    assert all_of(Fingerprints(Vault(vault.table, vault.kms_key))) == all_of(ids)


def test_another_practice_makes_other_ids(ids, vault, raw):
    """Ids cannot be compared between practices, nor computed by whoever knows the numbers."""
    mine = all_of(ids)
    raw.delete_item(TableName="keys", Key={"pk": {"S": "HMAC"}, "sk": {"S": "0"}})

    theirs = all_of(Fingerprints(Vault(vault.table, vault.kms_key)))

    assert not set(mine.values()) & set(theirs.values())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80, deadline=None)
@given(st.text(max_size=6), st.text(max_size=6), st.text(max_size=6), st.text(max_size=6))
def test_two_things_share_an_id_only_when_they_are_one(ids, source, ref, other_source, other_ref):
    """Words cannot be shifted between the parts of an id, unless they hold the separator no source uses."""
    same = (source, ref) == (other_source, other_ref)
    if "\x1f" in source + ref + other_source + other_ref:
        return

    assert (ids.patient_id(source, ref) == ids.patient_id(other_source, other_ref)) is same


def test_a_thread_without_a_patient_is_the_number_s_own(ids):
    """Nobody's thread is not somebody's."""
    assert ids.thread_id(None, "n_1") == ids.thread_id("", "n_1") != ids.thread_id("p_1", "n_1")


def test_a_digest_is_of_the_words_hidden_or_not(ids):
    """The ledger's digest of a text can be recomputed from the text by whoever holds the key."""
    assert ids.digest(Body("Hola")) == ids.digest("Hola") != ids.digest("Hola.")
