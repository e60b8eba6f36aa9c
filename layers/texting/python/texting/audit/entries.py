"""What the ledger says: one entry for each thing that happened, as canonical JSON that cannot identify a person.

Canonical means: UTF-8, keys sorted, no spaces, no floats, no nulls, one spelling for each instant. Equal entries have
equal bytes, and any other spelling is refused when read. What may be said is in `tables/kinds.toml`.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, NoReturn

from texting.audit import opacity
from texting.audit.opacity import NotOpaque, Value
from texting.audit.tiles import MAX_ENTRY_BYTES, EntryTooLarge
from texting.errors import Bug
from texting.values import Actor

VERSION = 1
FIELDS = frozenset({"v", "id", "at", "kind", "actor", "subject", "facts"})

ACTORS_BY_SETTING = frozenset({"system", "source", "carrier"})
"""Actors known by a word of the code or the settings; all others are people or their tokens, known by an opaque id."""
ACTORS_BY_ID = frozenset({"patient", "staff", "operator", "token"})


class BadEntry(Bug):
    """Raised for an entry whose kind or fields are not those of the format, or whose bytes are not canonical."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `at` and every time in `facts` are written RFC 3339 UTC with milliseconds."""

    id: str
    at: str
    kind: str
    actor: str
    subject: str
    facts: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    v: int = VERSION


def entry_id(*parts: str) -> str:
    """A deterministic entry id from what makes the entry the same one again (a kind, ids, a version).

    Each part is preceded by its length, so that no two lists of parts give the same id.
    """
    told = b"".join(len(raw).to_bytes(4, "big") + raw for raw in (part.encode() for part in parts))
    return hashlib.sha256(told).hexdigest()[:32]


def make_entry(
    kind: str, at: datetime, actor: Actor, subject: str, facts: Mapping[str, object], entry_id: str
) -> Entry:
    """Make an entry, or refuse to: nothing that could identify a person gets in.

    `at` is aware. `subject` is an opaque id, or `practice`. Facts may be given as datetimes, dates and lists.
    Raises NotOpaque for a value out of shape and BadEntry for an unknown kind or a missing fact.
    """
    return _checked(kind, at, f"{actor.kind}:{actor.actor_id}", subject, facts, entry_id)


def encode(entry: Entry) -> bytes:
    """The entry's canonical bytes, which are what the tree hashes.

    Raises EntryTooLarge above 65,535 bytes: tell it in several entries with `part` and `parts`.
    """
    told = {
        "v": entry.v,
        "id": entry.id,
        "at": entry.at,
        "kind": entry.kind,
        "actor": entry.actor,
        "subject": entry.subject,
        "facts": dict(entry.facts),
    }
    data = canonical(told)
    if len(data) > MAX_ENTRY_BYTES:
        raise EntryTooLarge(f"An entry has {len(data)} bytes; the ledger takes {MAX_ENTRY_BYTES}. Split it.")
    return data


def decode(data: bytes) -> Entry:
    """Read an entry back. Raises BadEntry or NotOpaque for anything `encode` could not have written."""
    try:
        told = json.loads(data, parse_float=_refuse_number, parse_constant=_refuse_number)
    except (ValueError, RecursionError) as error:
        raise BadEntry("An entry is not JSON of the ledger's kind.") from error
    if not isinstance(told, dict) or told.keys() != FIELDS or told["v"] != VERSION:
        raise BadEntry(f"An entry has not the fields of version {VERSION}.")
    if not isinstance(told["facts"], dict):
        raise BadEntry("An entry's facts are not an object.")
    entry = _checked(told["kind"], told["at"], told["actor"], told["subject"], told["facts"], told["id"])
    if encode(entry) != data:
        raise BadEntry("An entry is not written canonically.")
    return entry


def canonical(told: Mapping[str, Any]) -> bytes:
    """Canonical JSON of ours: sorted keys, no spaces, UTF-8."""
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def _checked(
    kind: object, at: object, actor: object, subject: object, facts: Mapping[str, object], entry_id: object
) -> Entry:
    rule = opacity.kinds().get(kind) if isinstance(kind, str) else None
    if rule is None or not isinstance(kind, str):
        raise BadEntry("The ledger has no such kind of entry; add a row to kinds.toml.")
    missing = sorted(rule.needs - facts.keys())
    if missing:
        raise BadEntry(f"An entry of kind {kind} needs the facts {', '.join(missing)}.")
    return Entry(
        id=opacity.assert_id("the entry's id", entry_id),
        at=opacity.assert_time("the entry's time", at),
        kind=str(kind),
        actor=_checked_actor(actor),
        subject=subject if subject == opacity.PRACTICE else opacity.assert_id("the subject", subject),
        facts=MappingProxyType({name: opacity.assert_opaque(name, facts[name]) for name in sorted(facts)}),
    )


def _checked_actor(actor: object) -> str:
    kind, _, name = actor.partition(":") if isinstance(actor, str) else ("", "", "")
    if kind in ACTORS_BY_SETTING:
        opacity.assert_slug("the actor", name)
    elif kind in ACTORS_BY_ID:
        opacity.assert_id("the actor", name)
    else:
        raise NotOpaque("the actor", "its kind is none of those the ledger knows")
    return f"{kind}:{name}"


def _refuse_number(_: str) -> NoReturn:
    raise ValueError("the ledger has no fractions")
