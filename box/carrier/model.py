"""What the carrier's own published model says of a request or an answer, checked to the letter.

boto3 checks types, required members and minimum lengths before it sends; it lets a 1601-character body or a number
with letters through. The carrier would not. So the simulator holds both sides to the service model that ships
with botocore: types, required and unknown members, lengths, ranges, patterns and enumerations.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape

SERVICE = "pinpoint-sms-voice-v2"


@dataclass(frozen=True)
class Complaint:
    """One thing wrong with a value: where, the service's reason code for it, and a sentence without the value."""

    field: str
    reason: str
    sentence: str


class WrongAnswer(AssertionError):
    """Raised when the simulator itself is about to say something the real service never would."""


@cache
def service() -> ServiceModel:
    """Return botocore's model of the carrier's API."""
    return botocore.session.get_session().get_service_model(SERVICE)


def operation(name: str) -> OperationModel | None:
    """Return the model of one operation, or None if the service has none of that name."""
    return service().operation_model(name) if name in service().operation_names else None


def complaints(shape: Shape | None, value: Any, path: str = "") -> Iterator[Complaint]:
    """Yield everything about `value` that does not fit `shape`."""
    if shape is None:
        return
    if not _is_a(shape.type_name, value):
        yield Complaint(path, "CANNOT_PARSE", f"must be a {shape.type_name}")
        return
    yield from _limits(shape, value, path)
    if isinstance(shape, StructureShape):
        yield from _members(shape, value, path)
    elif isinstance(shape, ListShape):
        for index, item in enumerate(value):
            yield from complaints(shape.member, item, f"{path}[{index}]")
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            yield from complaints(shape.key, key, f"{path} key")
            yield from complaints(shape.value, item, f"{path} value")


def check_answer(shape: Shape | None, answer: Mapping[str, Any]) -> None:
    """Raise `WrongAnswer` if an answer of ours is not one the service could give."""
    for complaint in complaints(shape, dict(answer)):
        raise WrongAnswer(f"{shape and shape.name}.{complaint.field} {complaint.sentence}")


PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "list": (list,),
    "map": (dict,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "timestamp": (datetime, int, float),
    "double": (int, float),
    "float": (int, float),
    "blob": (str, bytes),
}


def _is_a(type_name: str, value: Any) -> bool:
    if isinstance(value, bool):  # which Python counts among the integers
        return type_name == "boolean"
    return isinstance(value, PYTHON_TYPES[type_name])


def _members(shape: StructureShape, value: dict[str, Any], path: str) -> Iterator[Complaint]:
    for name in shape.required_members:
        if name not in value:
            yield Complaint(_under(path, name), "MISSING_PARAMETER", "is required")
    for name, item in value.items():
        if name not in shape.members:
            yield Complaint(_under(path, name), "UNSPECIFIED_PARAMETER_NOT_SUPPORTED", "is not a member")
        else:
            yield from complaints(shape.members[name], item, _under(path, name))


def _limits(shape: Shape, value: Any, path: str) -> Iterator[Complaint]:
    rules = shape.metadata
    size = value if shape.type_name in {"integer", "long", "float", "double"} else None
    if shape.type_name in {"string", "list", "map"}:
        size = len(value)
    if size is not None and size < rules.get("min", size):
        yield Complaint(path, "FIELD_VALIDATION_FAILED", f"must be at least {rules['min']}")
    if size is not None and size > rules.get("max", size):
        yield Complaint(path, "FIELD_VALIDATION_FAILED", f"must be at most {rules['max']}")
    if value not in rules.get("enum", [value]):
        yield Complaint(path, "FIELD_VALIDATION_FAILED", "is not one of the allowed values")
    if "pattern" in rules and not re.fullmatch(rules["pattern"], value):
        yield Complaint(path, "FIELD_VALIDATION_FAILED", f"must match {rules['pattern']}")


def _under(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
