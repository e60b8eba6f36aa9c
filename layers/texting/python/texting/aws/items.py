"""Records to DynamoDB items and back. What is hidden is sealed on the way in and opened on the way out.

Fields that hold words or evidence (`SEALED`) are sealed as JSON; everything else is opaque and stands in the clear.
"""

import json
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from texting.aws.places import moment, place_of
from texting.aws.vault import Vault
from texting.records import ConsentChange, Message, Patient
from texting.values import Actor, Hidden, Sealed, Visit
from texting.writes import Record

SEALED = {(Message, "fields"), (ConsentChange, "evidence"), (Visit, "source_id"), (Patient, "ref")}
"""Besides every hidden value. A source's own ids are among them: a chart number is an identifier too."""
R = TypeVar("R")
_out, _in = TypeSerializer(), TypeDeserializer()


def to_item(record: Record, vault: Vault) -> dict[str, Any]:
    """The item of `record`, in DynamoDB's typed JSON."""
    place = place_of(record)
    pk, sk = place.key(record)
    owner, year = place.owner(record)
    plain: dict[str, Any] = {"pk": pk, "sk": sk, **place.index(record)}
    for name, value in ((field.name, getattr(record, field.name)) for field in fields(record)):
        if value is None:
            continue
        if isinstance(value, Hidden) or (type(record), name) in SEALED:
            text = value.reveal() if isinstance(value, Hidden) else json.dumps(_written(value))
            plain[name] = vault.seal(owner, year, f"{pk}|{sk}|{name}", text.encode()).pack()
        else:
            plain[name] = _written(value)
    if "expires" in plain:
        plain["expires"] = int(plain["expires"])
    return {name: _out.serialize(value) for name, value in plain.items()}


def from_item(kind: type[R], item: Mapping[str, Any], vault: Vault) -> R:
    """The record of `kind` kept as `item`. Raises Unknown when its key was destroyed."""
    plain = {name: _in.deserialize(value) for name, value in item.items()}
    found: dict[str, Any] = {field.name: None for field in fields(kind) if _required(field)}  # type: ignore[arg-type]
    for name, read in _readers(kind).items():  # type: ignore[arg-type]
        if name not in plain:
            continue
        value = plain[name]
        if (kind, name) in SEALED or isinstance(read, type):
            opened = vault.open(Sealed.unpack(bytes(value)), f"{plain['pk']}|{plain['sk']}|{name}").decode()
            found[name] = read(opened) if isinstance(read, type) else json.loads(opened)
        else:
            found[name] = read(value)
    return kind(**found)


def _written(value: Any) -> Any:
    """A value as DynamoDB or JSON can hold it."""
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Actor):
        return f"{value.kind}:{value.actor_id}"
    if isinstance(value, StrEnum):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _written(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [_written(inner) for inner in value]
    return value


@cache
def _readers(kind: Any) -> Mapping[str, Callable[[Any], Any]]:
    hints = get_type_hints(kind)
    return {field.name: _reader(hints[field.name]) for field in fields(kind)}


def _reader(hint: Any) -> Callable[[Any], Any]:
    """How to read back a value of this type hint; a Hidden class stands for itself."""
    if get_origin(hint) in (Union, types.UnionType):
        return _reader(next(inner for inner in get_args(hint) if inner is not type(None)))
    if get_origin(hint) is tuple:
        inner = _reader(get_args(hint)[0])
        return lambda values: tuple(inner(value) for value in values)
    if isinstance(hint, type) and issubclass(hint, Hidden):
        return hint
    return _SIMPLE.get(hint, _as_is) if not _is_enum(hint) else lambda value: hint(value)


def _required(field: Any) -> bool:
    """A field without a default; what an item leaves out of these was None."""
    return field.default is MISSING and field.default_factory is MISSING


def _is_enum(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, StrEnum)


def _as_is(value: Any) -> Any:
    return value


def _actor(value: str) -> Actor:
    return Actor(*value.split(":", 1))


_SIMPLE: Mapping[Any, Callable[[Any], Any]] = {
    datetime: lambda value: datetime.fromisoformat(value),
    date: lambda value: date.fromisoformat(value),
    int: lambda value: int(value),
    Actor: _actor,
}
