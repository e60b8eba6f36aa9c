"""Hidden values refuse to be told, in every way Python has of telling; the others carry what they were given."""

import copy
import dataclasses
import json
import logging
import pickle
import pprint
import traceback
from datetime import UTC, date, datetime
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from texting.errors import Reject
from texting.records import Number, Patient
from texting.values import FINAL, BirthDate, Body, Hidden, Name, PhoneNumber, Raw, Sealed, Service, State

SECRET = "+13125550142"
KINDS = [Hidden, *Hidden.__subclasses__()]


def logged(value):
    """What logging writes of a value given as an argument."""
    written = StringIO()
    logger = logging.Logger("specimen")
    logger.addHandler(logging.StreamHandler(written))
    logger.warning("%s %r", value, value)
    return written.getvalue()


def raised(value):
    """What a traceback shows of an error that carries the value."""
    try:
        raise Reject(value)
    except Reject as error:
        return "".join(traceback.format_exception(error)) + repr(error) + str(error) + repr(error.args)


TELLINGS = {
    "str": str,
    "repr": repr,
    "f-string": lambda value: f"{value}{value!r}{value!s}{value!a}",
    "format with a width": lambda value: f"{value:>40}",
    "str.format": lambda value: "{} {!r} {:^9}".format(value, value, value),  # noqa: UP032 - the way is the point
    "%s and %r": lambda value: "%s %r" % (value, value),  # noqa: UP031 - the way is the point
    "in a list": lambda value: str([value]),
    "in a dict": lambda value: str({"phone": value}),
    "as a key": lambda value: str({value: 1}),
    "pprint": lambda value: pprint.pformat({"x": [value]}),
    "json with default=str": lambda value: json.dumps({"x": value}, default=str),
    "logging": logged,
    "an exception's words": raised,
    "print": lambda value: _printed(value),
}


def _printed(value):
    out = StringIO()
    print(value, file=out)
    return out.getvalue()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("way", TELLINGS)
def test_a_hidden_value_is_told_as_its_kind(kind, way):
    """However it is printed, only the kind of thing shows, never a digit of it."""
    told = TELLINGS[way](kind(SECRET))

    assert "5550142" not in told
    assert f"<{kind.__name__}>" in told


REFUSALS = {
    "json": json.dumps,
    "pickle": pickle.dumps,
    "oldest pickle": lambda value: pickle.dumps(value, 0),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "joining": lambda value: "".join([value]),
    "adding": lambda value: value + "",
    "adding to text": lambda value: "" + value,
    "indexing": lambda value: value[0],
    "looping": list,
    "length": len,
    "bytes": bytes,
    "number": int,
    "ordering": lambda value: value < value,
    "containing": lambda value: "5" in value,
    "%d": lambda value: "%d" % value,  # noqa: UP031 - the way is the point
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("way", REFUSALS)
def test_a_hidden_value_is_no_string(kind, way):
    """What would take it apart or write it down is refused, and the refusal does not quote it."""
    with pytest.raises(TypeError) as refused:
        REFUSALS[way](kind(SECRET))

    assert "5550142" not in str(refused.value)


def test_a_record_with_hidden_fields_tells_none_of_them():
    """Records print their ids; whole records cannot be turned into dictionaries or bytes by accident."""
    patient = Patient("p_1", "main", "r", Name("Ana"), Name("Ruiz"), BirthDate("1990-05-17"), "es", "IL", "n_1")
    number = Number("n_1", PhoneNumber(SECRET))

    assert not {"Ana", "Ruiz", "1990", "5550142"} & set(repr((patient, number)).replace("'", " ").split())
    assert "1990" not in repr(patient)
    for record in (patient, number):
        with pytest.raises(TypeError):
            pickle.dumps(record)
        with pytest.raises(TypeError):
            dataclasses.asdict(record)


@given(st.sampled_from(KINDS), st.sampled_from(KINDS), st.text(), st.text())
def test_equality_is_kind_and_words(one, other, text, words):
    """Two hidden values are equal when kind and words are, and then hash alike; never equal to a plain string."""
    same = one is other and text == words

    assert (one(text) == other(words)) is same
    assert not same or hash(one(text)) == hash(other(words))
    assert one(text) != text
    assert one(text).reveal() == text


def test_only_reveal_gives_the_words():
    """The one way out has one name, so that a search finds every place; emptiness may be asked for."""
    public = [name for name in dir(PhoneNumber(SECRET)) if not name.startswith("_")]

    assert public == ["reveal"]
    assert Body("x")
    assert not Body("")


def test_a_birth_date_is_a_date_to_whoever_may_ask():
    """Retention and the portal compare dates, not text; what is no date is refused."""
    assert BirthDate("1990-05-17").as_date() == date(1990, 5, 17)
    with pytest.raises(ValueError):
        BirthDate("17 May").as_date()


def test_kinds_of_hidden_things_do_not_mix():
    """A name that reads like a number is not that number."""
    assert len({kind("x") for kind in (PhoneNumber, Name, Body, Service, BirthDate, Raw)}) == 6


@given(
    st.from_regex(r"[a-zA-Z0-9_]{1,40}", fullmatch=True),
    st.integers(0, 9999),
    st.binary(min_size=12, max_size=12),
    st.binary(min_size=16),
)
def test_a_sealed_value_packs_and_unpacks(owner, year, nonce, ciphertext):
    """Whatever bytes the cipher makes, the separator among them, the packed form gives them back."""
    sealed = Sealed(owner, year, nonce, ciphertext)

    assert Sealed.unpack(sealed.pack()) == sealed


@pytest.mark.parametrize(
    "packed", [b"", b"1|p_1|2026", b"2|p_1|2026|" + bytes(40), b"1|p_1|2026|short", b"1|p|x|" + bytes(40)]
)
def test_what_is_not_sealed_is_not_unpacked(packed):
    """Bytes of another version, or too few, are refused before any key is fetched."""
    with pytest.raises(ValueError):
        Sealed.unpack(packed)


def test_final_states_are_those_nothing_leaves():
    """A message still on its way is never final, and one in doubt waits for people."""
    assert {State.PLANNED, State.HELD, State.CLAIMED, State.HANDED, State.ACCEPTED, State.IN_DOUBT} == set(
        State
    ) - FINAL


def test_frozen_values_cannot_be_changed():
    """What a verdict was decided on cannot be altered after it."""
    number = Number("n_1", PhoneNumber(SECRET), sent=(datetime(2026, 12, 1, tzinfo=UTC),))
    with pytest.raises(dataclasses.FrozenInstanceError):
        number.stopped = True
