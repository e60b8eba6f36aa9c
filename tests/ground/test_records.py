"""Records: frozen, guarded by a rev where they change, and hiding whatever is about somebody."""

import dataclasses
import types
from typing import get_args, get_type_hints

import pytest
from texting import records
from texting.aws.items import SEALED
from texting.aws.places import PLACES
from texting.values import Hidden
from texting.writes import Record

KINDS = sorted(get_args(Record), key=lambda kind: kind.__name__)
WRITTEN_ONCE = {"ConsentChange", "Inbound", "Seen"}
SEEN_ONLY = {"Stored", "Thread"}
"""Never written themselves: what disposal sees of any record without opening it, and what a `Joined` leaves behind."""
ABOUT_SOMEBODY = {
    "phone", "given_name", "family_name", "birth_date", "body", "provider", "service", "ref", "source_id", "fields",
    "evidence", "email", "address", "name",
}  # fmt: skip
NOT_ABOUT_A_PATIENT = {
    ("Message", "evidence"): "the carrier's receipts: types, times and prices, no number",
    ("Token", "name"): "what the operator calls a token",
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_records_are_frozen_and_slotted(kind):
    """What was read cannot be changed in place; a change is a new record with the old one's rev."""
    assert kind.__dataclass_params__.frozen
    assert "__slots__" in vars(kind)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_what_changes_is_guarded_by_a_rev(kind):
    """Every record that is ever rewritten has a `rev`, 0 until it is stored; the others are written once."""
    revs = [field.default for field in dataclasses.fields(kind) if field.name == "rev"]

    assert revs == ([] if kind.__name__ in WRITTEN_ONCE else [0])


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_what_is_about_somebody_is_hidden_or_sealed(kind):
    """A field named like a person's data is of a hidden type or sealed as a whole, or says why it is neither."""
    hints = get_type_hints(kind)
    for name in ABOUT_SOMEBODY & set(hints):
        options = get_args(hints[name]) if isinstance(hints[name], types.UnionType) else (hints[name],)
        hidden = any(isinstance(option, type) and issubclass(option, Hidden) for option in options)
        assert hidden or (kind, name) in SEALED or (kind.__name__, name) in NOT_ABOUT_A_PATIENT, name


def test_every_record_has_its_place():
    """No record exists that the store could not keep, and no place is for a record that nobody writes."""
    assert set(KINDS) <= set(PLACES)
    assert {one.__name__ for one in set(PLACES) - set(KINDS)} <= SEEN_ONLY


def test_every_record_class_of_the_module_can_be_written():
    """A record that the writes do not know would be one that nobody can store."""
    defined = {one for one in vars(records).values() if isinstance(one, type) and one.__module__ == records.__name__}

    assert {one.__name__ for one in defined - set(KINDS)} <= SEEN_ONLY
