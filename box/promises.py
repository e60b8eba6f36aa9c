"""The promises, checked on a box from outside: phones, ledger and sinks against what was done.

Each check answers with sentences, one for each thing that is not as promised, and with none when all is well.
"""

import json
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from box.control.ledger import WIDTH, tile
from box.scenarios.main import VERIFIER, search
from box.scenarios.player import Box

OPENS, CLOSES = time(8), time(20)
BY_PEOPLE = ("staff_text", "secure_notice")
HANDED = ("handed", "accepted", "delivered", "failed", "expired", "in_doubt")


@dataclass
class Done:
    """What was done to a box: the zones each phone lives by, the texts that patients sent, the marks to search for."""

    zones: dict[str, tuple[str, ...]] = field(default_factory=dict)
    inbound: set[str] = field(default_factory=set)
    appointments: set[str] = field(default_factory=set)
    marks: set[str] = field(default_factory=set)


@dataclass
class Seen:
    """Everything a visitor sees of a box that has come to rest."""

    now: datetime
    messages: list[dict[str, Any]]
    texts: list[dict[str, Any]]
    phones: dict[str, str]
    inbound: list[dict[str, Any]]
    entries: list[dict[str, Any]]
    sinks: dict[str, Any]
    health: dict[str, Any]
    accepted: bool


def look(box: Box) -> Seen:
    """Look at all of it, the ledger through the independent verifier."""
    now = box.now()
    threads = box.get("/box/threads")["threads"]
    with tempfile.TemporaryDirectory(prefix="quietline-ledger-") as scratch:
        head = box.post("/box/ledger/export", {"to": f"{scratch}/ledger"})
        command = [sys.executable, str(VERIFIER), f"{scratch}/ledger", "--vkey", str(head["vkey"]),
                   "--anchor", f"{head['size']}:{head['root']}"]  # fmt: skip
        accepted = subprocess.run(command, capture_output=True, check=False).returncode == 0
        entries = list(read_entries(Path(scratch) / "ledger", head["size"]))
    return Seen(
        now=now,
        messages=box.get("/box/messages")["messages"],
        texts=box.get("/box/phones")["texts"],
        phones={one["thread_id"]: one["phone"] for one in threads},
        inbound=box.get("/box/inbound")["inbound"],
        entries=entries,
        sinks=box.get("/box/sinks"),
        health=box.get("/box/health"),
        accepted=accepted,
    )


def read_entries(folder: Path, size: int) -> Iterator[dict[str, Any]]:
    """The entries of an exported ledger, oldest first."""
    for bundle in range((size + WIDTH - 1) // WIDTH):
        width = min(WIDTH, size - bundle * WIDTH)
        data, at = (folder / tile("entries", bundle, width)).read_bytes(), 0
        for _ in range(width):
            length = int.from_bytes(data[at : at + 2], "big")
            yield json.loads(data[at + 2 : at + 2 + length])
            at += 2 + length


def broken(done: Done, seen: Seen) -> list[str]:
    """Every promise that was not kept, as sentences without a patient in them."""
    return [
        *twice(seen),
        *after_stop(seen),
        *at_night(done, seen),
        *nagging(done, seen),
        *unowned(done, seen),
        *hanging(done, seen),
        *named(done, seen),
        *([] if seen.accepted else ["P7: the verifier does not accept the ledger"]),
    ]


def twice(seen: Seen) -> Iterator[str]:
    """P1, P3: every text on a phone is one message's, no message has two, and only doubt leaves one unnamed."""
    known = {one["carrier_id"]: one for one in seen.messages if one["carrier_id"]}
    unnamed: Counter[str] = Counter()
    for text in outgoing(seen):
        if text["message_id"] not in known:
            unnamed[text["to"]] += 1
    doubted = Counter(
        seen.phones.get(one["thread_id"], "")
        for one in seen.messages
        if one["state"] in HANDED and not one["carrier_id"]
    )
    for phone, count in unnamed.items():
        if count > doubted[phone]:
            yield f"P3: {count} texts on one phone are nobody's, and only {doubted[phone]} are in doubt"
    for name, times in Counter(text["message_id"] for text in outgoing(seen)).items():
        if times > 1:
            yield f"P3: the carrier showed {name} {times} times"


def after_stop(seen: Seen) -> Iterator[str]:
    """P2: by the ledger, no text is claimed for a number between its STOP and its START, replies excepted.

    Much can bear the same time on a clock that stands still: a claim names the version of the standing it was decided on,
    which each STOP makes odd and each START even, and which may be no older than what had been recorded before.
    """
    changes: dict[str, list[str]] = defaultdict(list)
    for entry in seen.entries:
        if entry["kind"] in ("number.stopped", "number.started"):
            changes[entry["subject"]].append(entry["at"])
    for entry in seen.entries:
        facts, at = entry.get("facts", {}), entry["at"]
        if entry["kind"] == "message.claimed" and not facts.get("answers"):
            version, known = facts.get("standing_version", 0), changes[facts["number"]]
            if version % 2:
                yield f"P2: a {facts['purpose']} was claimed at {at}, after a STOP"
            if not sum(one < at for one in known) <= version <= sum(one <= at for one in known):
                yield f"P2: a {facts['purpose']} was claimed at {at} on a standing that was not the number's"


def at_night(done: Done, seen: Seen) -> Iterator[str]:
    """P4: no automated text arrives outside 08:00 to 20:00 in any zone its phone may live by."""
    for text, message in automated(seen):
        for zone in done.zones.get(text["to"], ()):
            local = datetime.fromisoformat(text["at"]).astimezone(ZoneInfo(zone))
            if not OPENS <= local.time() <= CLOSES:
                yield f"P4: {message['id']} arrived at {local:%a %H:%M} in {zone}"


def nagging(done: Done, seen: Seen) -> Iterator[str]:
    """At most one reminder arrives on a phone on one of its days."""
    days: Counter[tuple[str, str]] = Counter()
    for text, message in automated(seen):
        if message["purpose"] == "reminder":
            for zone in done.zones.get(text["to"], ())[:1]:
                days[text["to"], f"{datetime.fromisoformat(text['at']).astimezone(ZoneInfo(zone)):%Y-%m-%d}"] += 1
    yield from (f"{count} reminders came to one phone on {day}" for (_, day), count in days.items() if count > 1)


def unowned(done: Done, seen: Seen) -> Iterator[str]:
    """P10: every text of a patient is kept once, with its outcome."""
    kept = Counter(one["inbound_id"] for one in seen.inbound)
    for name in sorted(done.inbound):
        if kept[name] != 1:
            yield f"P10: the patient's text {name} is kept {kept[name]} times"
    yield from (f"P10: the patient's text {one['id']} has no outcome" for one in seen.inbound if not one["outcome"])


def hanging(done: Done, seen: Seen) -> Iterator[str]:
    """P10: no message waits past its deadline, no visit was lost, nothing lies among the dead, nothing failed unseen."""
    for one in seen.messages:
        late = datetime.fromisoformat(one["deadline"]) < seen.now
        if one["state"] == "claimed" or (one["state"] in ("planned", "held") and late):
            yield f"P10: {one['id']} hangs: {one['state']}"
        if one["state"] not in ("planned", "held") and not one["verdicts"]:
            yield f"P1: {one['id']} ended without a verdict"
    planned = {one["appointment_id"] for one in seen.messages}
    yield from (f"P10: the visit {name} left no trace" for name in sorted(done.appointments - planned))
    yield from (f"P10: a dead letter lies in {one['queue']}" for one in seen.sinks["dead_letters"])
    yield from (f"P10: the function {name} was given up on" for name in seen.health["lost"])
    yield from (f"the box failed: {trouble}" for trouble in seen.health["troubles"])


def named(done: Done, seen: Seen) -> Iterator[str]:
    """P9: no sink holds a mark of a patient."""
    yield from (f"P9: a patient is named in {place}" for place in search(seen.sinks, sorted(done.marks)))


def outgoing(seen: Seen) -> Iterable[dict[str, Any]]:
    """The texts that reached a phone."""
    return (text for text in seen.texts if text["direction"] == "out")


def automated(seen: Seen) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """The texts on phones that no person wrote and no patient asked for, each with its message."""
    known = {one["carrier_id"]: one for one in seen.messages if one["carrier_id"]}
    for text in outgoing(seen):
        message = known.get(text["message_id"])
        if message and not message["answers"] and message["purpose"] not in BY_PEOPLE:
            yield text, message


def ends(seen: Seen) -> str:
    """How many messages ended how, as one line."""
    counts = Counter(one["state"] for one in seen.messages)
    return ", ".join(f"{state} {count}" for state, count in sorted(counts.items()))
