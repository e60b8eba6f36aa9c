"""Records to items and back: every kind comes back equal, and what is about somebody is not in the item's bytes."""

import dataclasses
import types
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import get_args, get_origin, get_type_hints

import pytest
from boto3.dynamodb.types import TypeDeserializer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from texting.aws.items import SEALED, from_item, to_item
from texting.aws.places import PLACES, moment, place_of
from texting.errors import Bug, Unknown
from texting.records import ConsentChange, Inbound, Message, Number, Patient, Quarantined, Seen, Switch, Task
from texting.values import FINAL, Actor, Body, Category, Hidden, Name, PhoneNumber, Raw, Standing, State, Visit

KINDS = sorted(PLACES, key=lambda kind: kind.__name__)
IDS = ["p_1", "p_2", "n_1"]
SLOW = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
NOON = datetime(2026, 12, 1, 18, 0, tzinfo=UTC)

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
times = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)).map(
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
)
plain = st.recursive(
    words | st.integers(-(10**12), 10**12) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(words, inner, max_size=2),
    max_leaves=4,
)


def values(hint):
    """Any value of this type hint."""
    if get_origin(hint) is types.UnionType:
        return st.one_of([st.none() if inner is type(None) else values(inner) for inner in get_args(hint)])
    if get_origin(hint) is tuple:
        return st.lists(values(get_args(hint)[0]), max_size=3).map(tuple)
    if isinstance(get_origin(hint), type) and issubclass(get_origin(hint), Mapping):
        return st.dictionaries(words, words if get_args(hint)[1] is str else plain, max_size=3)
    if isinstance(hint, type) and issubclass(hint, Hidden):
        return words.map(hint)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return st.sampled_from(list(hint))
    return {
        str: words,
        int: st.integers(0, 10**9),
        bool: st.booleans(),
        datetime: times,
        date: st.dates(date(2026, 1, 1), date(2080, 1, 1)),
        Actor: st.builds(Actor, st.sampled_from(["patient", "staff", "system"]), st.text("a1:_-", min_size=1)),
    }[hint]  # fmt: skip


def records(kind):
    """Any record of a kind; its ids come from a few, so that few keys are made."""
    hints = get_type_hints(kind)
    given_ids = {
        name: st.sampled_from(IDS) for name in ("patient_id", "number_id", "task_id", "event_id") if name in hints
    }
    return st.builds(kind, **{name: values(hint) for name, hint in hints.items()} | given_ids)


def same(written, read):
    """Whether two records are equal, where times inside free mappings come back as text."""
    return all(_like(getattr(written, f.name), getattr(read, f.name)) for f in dataclasses.fields(written))


def _like(one, other):
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(map(_like, one, other))
    if isinstance(one, dict):
        return set(one) == set(other) and all(_like(one[key], other[key]) for key in one)
    return one == other


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_record_comes_back_as_it_was(vault, kind):
    """Whatever a journey could store, it reads back: all fields, of all types, with None and emptiness kept apart."""

    @SLOW
    @given(records(kind))
    def comes_back(record):
        assert same(record, from_item(kind, to_item(record, vault), vault))

    comes_back()


def hidden_fields(kind):
    """The fields of a kind that must not be readable at rest."""
    for name, hint in get_type_hints(kind).items():
        options = get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
        if (kind, name) in SEALED or any(isinstance(one, type) and issubclass(one, Hidden) for one in options):
            yield name


def marked(kind, name):
    """A value for a hidden field that can be searched for."""
    mark = f"MARK-{kind.__name__}-{name}-5550142"
    hint = get_type_hints(kind)[name]
    options = get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    hidden = next((one for one in options if isinstance(one, type) and issubclass(one, Hidden)), None)
    if hidden:
        return hidden(mark)
    return mark if hint is str else {"signed_name": mark, mark: "key"}


def specimen(kind, **given):
    """One record of a kind, with plain values where none are given."""
    simple = {str: "x", int: 1, bool: False, datetime: NOON, date: NOON.date(), Actor: Actor("patient", "n_1")}
    filled = {}
    for field in dataclasses.fields(kind):
        hint = get_type_hints(kind)[field.name]
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            first = get_args(hint)[0] if isinstance(hint, types.UnionType) else hint
            if get_origin(first) is tuple:
                filled[field.name] = ()
            elif issubclass(first, Hidden):
                filled[field.name] = first("x")
            elif issubclass(first, StrEnum):
                filled[field.name] = next(iter(first))
            else:
                filled[field.name] = simple[first]
    return kind(**filled | given)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_what_is_hidden_is_not_in_the_item(vault, kind):
    """Every hidden field is filled with a mark, and no mark, nor the end of its number, is anywhere in what is stored."""
    names = list(hidden_fields(kind))
    item = to_item(specimen(kind, **{name: marked(kind, name) for name in names}), vault)

    stored = repr(item)
    assert "MARK" not in stored
    assert "5550142" not in stored
    read = from_item(kind, item, vault)
    assert all(getattr(read, name) == marked(kind, name) for name in names)


SEALERS = [kind for kind in KINDS if list(hidden_fields(kind))]


@pytest.mark.parametrize("kind", SEALERS, ids=lambda kind: kind.__name__)
def test_a_sealed_value_moved_to_another_item_does_not_open(vault, kind):
    """Whoever can write to a table cannot show one patient's words under another's key."""
    name = next(iter(hidden_fields(kind)))
    item = to_item(specimen(kind, **{name: marked(kind, name)}), vault)

    for key in ("pk", "sk"):
        with pytest.raises(Bug, match="changed or moved"):
            from_item(kind, item | {key: {"S": item[key]["S"] + "x"}}, vault)


SEVERAL = [kind for kind in KINDS if len(list(hidden_fields(kind))) > 1]


@pytest.mark.parametrize("kind", SEVERAL, ids=lambda kind: kind.__name__)
def test_a_sealed_value_moved_to_another_field_does_not_open(vault, kind):
    """A birth date cannot be made a name, nor a text's fields its body."""
    one, other, *_ = hidden_fields(kind)
    item = to_item(specimen(kind, **{name: marked(kind, name) for name in (one, other)}), vault)

    with pytest.raises(Bug, match="changed or moved"):
        from_item(kind, item | {other: item[one]}, vault)


def test_a_record_whose_key_was_destroyed_is_unknown(vault, raw):
    """After disposal the item, should a backup bring it back, cannot be read."""
    item = to_item(specimen(Message, body=Body("Hola")), vault)
    raw.delete_item(TableName="keys", Key={"pk": {"S": "x"}, "sk": {"S": "2026"}})
    vault.keys.clear()

    with pytest.raises(Unknown, match="destroyed"):
        from_item(Message, item, vault)


OWNERS = [
    (specimen(Patient, patient_id="p_7"), ("p_7", 0)),
    (specimen(Number, number_id="n_7"), ("n_7", 0)),
    (specimen(Message, patient_id="p_7", number_id="n_7"), ("p_7", 2026)),
    (specimen(Message, patient_id=None, number_id="n_7"), ("n_7", 2026)),
    (specimen(Inbound, patient_id=None, number_id="n_7"), ("n_7", 2026)),
    (specimen(Visit, patient_id="p_7", start=datetime(2031, 1, 1, tzinfo=UTC)), ("p_7", 2031)),
    (specimen(Visit, patient_id="p_7", start=None), ("p_7", 0)),
    (specimen(Quarantined), ("quarantine:2026-12-01", 2026)),
]


@pytest.mark.parametrize(
    ("record", "owner"), OWNERS, ids=[type(one).__name__ + str(at) for at, (one, _) in enumerate(OWNERS)]
)
def test_what_is_kept_together_is_disposed_of_together(vault, record, owner):
    """Content is sealed by its patient (or number, where nobody is known) and year, identity by the person alone."""
    assert place_of(record).owner(record) == owner


def opened(item, name):
    return TypeDeserializer().deserialize(item[name])


@pytest.mark.parametrize("state", State)
def test_only_messages_under_way_stand_in_the_index_of_open_ones(vault, state):
    """The sparse index grows with what waits, not with what was."""
    item = to_item(specimen(Message, state=state), vault)

    assert ("open_state" in item) is (state not in FINAL)


def test_indexes_hold_what_is_due_and_nothing_else(vault):
    """Closed tasks leave the index of open ones for that of disposal, and replayed events the list of those that wait."""
    due = date(2036, 12, 1)

    assert opened(to_item(specimen(Task, state="open"), vault), "open_state") == "task"
    assert "open_state" not in to_item(specimen(Task, state="closed"), vault)
    assert opened(to_item(specimen(Task, state="closed", dispose_on=due), vault), "dispose_bucket") == "2036-12"
    assert "dispose_bucket" not in to_item(specimen(Task, state="open", dispose_on=None), vault)
    assert opened(to_item(specimen(Quarantined), vault), "open_state") == "quarantine"
    assert opened(to_item(specimen(Quarantined, state="replayed"), vault), "open_state") == "replayed"
    assert opened(to_item(specimen(Inbound, dispose_on=due), vault), "dispose_bucket") == "2036-12"
    assert "dispose_bucket" not in to_item(specimen(Message, dispose_on=None), vault)


def test_the_memory_of_an_event_expires_after_thirty_days(vault):
    """In seconds since the epoch, as a number, which is what DynamoDB's time to live takes."""
    item = to_item(Seen("main", "e_1", NOON, "accepted"), vault)

    assert item["expires"] == {"N": str(int(NOON.timestamp()) + 30 * 86_400)}


@given(times, times)
def test_moments_sort_as_text(one, other):
    """Sort keys are compared by their bytes."""
    assert (moment(one) < moment(other)) is (one < other)


KEYED = [specimen(kind, **{name: marked(kind, name) for name in hidden_fields(kind)}) for kind in KINDS]


@pytest.mark.parametrize("record", KEYED, ids=[type(record).__name__ for record in KEYED])
def test_keys_are_made_of_ids_and_times(vault, record):
    """Keys appear in CloudTrail in the clear; nothing hidden is ever part of one."""
    pk, sk = place_of(record).key(record)

    assert "MARK" not in pk + sk
    assert "5550142" not in pk + sk


def test_a_history_line_keeps_its_evidence_in_the_order_of_time():
    """Two changes sort as they happened, whatever their ids."""
    early, late = (
        ConsentChange("p_1", "n_1", change, at, Standing.GRANTED, (Category.CARE,), Actor("staff", "s"), "staff")
        for change, at in (("h_z", NOON), ("h_a", NOON.replace(hour=19)))
    )

    assert place_of(early).key(early) < place_of(late).key(late)


def test_one_switch_for_the_practice(vault):
    """There is only one place it can stand."""
    assert place_of(Switch).key(Switch(True)) == ("CONTROL", "SENDING")
    assert from_item(Switch, to_item(Switch(True, "o_1", NOON), vault), vault) == Switch(True, "o_1", NOON)


def test_empty_hidden_values_stay_what_they_were(vault):
    """No name and an empty name are two things, and both survive."""
    kept = specimen(Patient, given_name=Name(""), family_name=None)
    read = from_item(Patient, to_item(kept, vault), vault)

    assert (read.given_name, read.family_name) == (Name(""), None)
    assert from_item(Number, to_item(specimen(Number, phone=PhoneNumber("+1")), vault), vault).phone == PhoneNumber(
        "+1"
    )
    assert from_item(Quarantined, to_item(specimen(Quarantined, body=Raw("")), vault), vault).body == Raw("")
