"""Receipts as a join: a message's status is a pure function of the set of evidence, in any order and however often.

Each carrier event has a rank; the highest-ranking one seen decides, so that a late or repeated event changes nothing
and two contradicting finals give the same answer whichever came first. Where parts disagree the worse one wins: failure
outranks delivery. Event types: End User Messaging SMS, configuration set events.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from texting.values import State

_DECIDES: Mapping[str, tuple[int, State]] = {
    "TEXT_PENDING": (1, State.ACCEPTED),
    "TEXT_QUEUED": (1, State.ACCEPTED),
    "TEXT_SENT": (1, State.ACCEPTED),
    "TEXT_UNKNOWN": (2, State.ACCEPTED),
    "TEXT_SUCCESSFUL": (5, State.DELIVERED),
    "TEXT_DELIVERED": (5, State.DELIVERED),
    "TEXT_TTL_EXPIRED": (6, State.EXPIRED),
    "TEXT_UNREACHABLE": (7, State.FAILED),
    "TEXT_CARRIER_UNREACHABLE": (7, State.FAILED),
    "TEXT_BLOCKED": (8, State.FAILED),
    "TEXT_CARRIER_BLOCKED": (8, State.FAILED),
    "TEXT_SPAM": (8, State.FAILED),
    "TEXT_INVALID": (8, State.FAILED),
    "TEXT_INVALID_MESSAGE": (8, State.FAILED),
    "TEXT_PROTECT_BLOCKED": (8, State.FAILED),
}
PERMANENT: Mapping[str, str] = {
    "TEXT_INVALID": "invalid_number",
    "TEXT_BLOCKED": "blocked",
    "TEXT_CARRIER_BLOCKED": "blocked",
}
"""Events that teach us about the number itself, with the reason its record keeps."""


def evidence(event: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What we keep of a carrier event: type, time (UTC), whether final, parts and price. None if not about a text.

    Numbers, context and anything we do not know are dropped.
    """
    kind = event.get("eventType")
    if not isinstance(kind, str) or kind not in _DECIDES:
        return None
    stamp = event.get("eventTimestamp")
    at = datetime.fromtimestamp(stamp / 1000, UTC) if isinstance(stamp, int | float) else None
    kept: dict[str, Any] = {"type": kind, "final": event.get("isFinal") is True}
    if at:
        kept["at"] = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(event.get("totalMessageParts"), int):
        kept["parts"] = event["totalMessageParts"]
    if isinstance(event.get("totalMessagePrice"), int | float):
        kept["price"] = str(event["totalMessagePrice"])
    return kept


def joined(known: Iterable[Mapping[str, Any]], more: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """The set of evidence with one more piece, in an order of its own, each piece once."""
    pieces = {tuple(sorted(piece.items())): piece for piece in (*known, more)}
    return tuple(pieces[key] for key in sorted(pieces, key=repr))


def status(before: State, pieces: Iterable[Mapping[str, Any]]) -> State:
    """The state that all evidence together gives a message handed to the carrier, or one left in doubt.

    A message that never reached the carrier keeps its state: no receipt can make it sent.
    """
    if before not in (
        State.CLAIMED,
        State.HANDED,
        State.ACCEPTED,
        State.DELIVERED,
        State.EXPIRED,
        State.FAILED,
        State.IN_DOUBT,
    ):
        return before
    ranked = [_DECIDES[piece["type"]] for piece in pieces if piece.get("type") in _DECIDES]
    return max(ranked, key=lambda rank: rank[0])[1] if ranked else before
