"""Journey: contacts come over from another system, their opt-outs first.

A dry run unless told otherwise. Opt-outs are written before anything else, so that a run that dies half way leaves
nobody textable who should not be; the same file may be sent again, and changes nothing that already stands.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import groupby
from typing import Any

from texting.errors import Retry
from texting.flows import change_consent
from texting.flows.again import again
from texting.flows.consent_requests import checked_connection
from texting.flows.contact_file import Contact, FileAsked, Unread, read_file
from texting.flows.needs import World
from texting.records import Number
from texting.values import Actor, Standing
from texting.writes import Change

HANDS = 8
"""Numbers written at a time: 500 rows of some six AWS calls each must fit in the door's 25 seconds."""
LATER = "The store was busy. Send this row again."


def import_contacts(world: World, asked: FileAsked, actor: Actor, now: datetime) -> dict[str, Any]:
    """Take a file in, or say what taking it in would do. Raises BadField and TooLarge; answers row numbers, no cells."""
    source = checked_connection(world, asked.connection, "connection")
    rows = read_file(asked.text, now)
    contacts = [row for row in rows if isinstance(row, Contact)]
    done = {contact.row: _planned(contact) for contact in contacts}
    if asked.commit:
        done = _all_written(world, source, contacts, actor, now)
    report = [
        {"row": row.row, "outcome": "refused", "reason": row.reason}
        if isinstance(row, Unread)
        else {"row": row.row, "outcome": done[row.row]} | ({"reason": LATER} if done[row.row] == "later" else {})
        for row in rows
    ]
    return _summary(report, contacts, asked.commit)


def _planned(contact: Contact) -> str:
    return "opted_out" if contact.opted_out else "consented" if contact.categories else "contact"


def _summary(report: list[dict[str, Any]], contacts: list[Contact], commit: bool) -> dict[str, Any]:
    counts: dict[str, int] = {}
    for line in report:
        counts[line["outcome"]] = counts.get(line["outcome"], 0) + 1
    said: dict[str, Any] = {"commit": commit, "rows": len(report), "counts": counts, "report": report}
    if contacts and not any(contact.opted_out for contact in contacts):
        said["warning"] = "Nobody in this file opted out. Make sure that the export really holds the opt-outs."
    if not commit:
        said["next"] = 'Nothing was changed. Send the same file with "commit": true to take it in.'
    return said


def _all_written(world: World, source: str, contacts: list[Contact], actor: Actor, now: datetime) -> dict[int, str]:
    """Outcomes by row. Rows of one number are written one after the other, opt-outs of all numbers first."""
    done: dict[int, str] = {}
    for opted_out in (True, False):
        wanted = [contact for contact in contacts if contact.opted_out is opted_out]
        done |= _side_by_side(wanted, lambda contact: _written(world, source, contact, actor, now))
    return done


def _side_by_side(contacts: list[Contact], write: Callable[[Contact], str]) -> dict[int, str]:
    def in_turn(rows: Iterable[Contact]) -> list[tuple[int, str]]:
        return [(contact.row, write(contact)) for contact in rows]

    ordered = sorted(contacts, key=lambda contact: (contact.phone.reveal(), contact.row))
    lots = [list(rows) for _, rows in groupby(ordered, key=lambda contact: contact.phone)]
    with ThreadPoolExecutor(HANDS) as hands:
        return dict(pair for pairs in hands.map(in_turn, lots) for pair in pairs)


def _written(world: World, source: str, contact: Contact, actor: Actor, now: datetime) -> str:
    write = _opt_out if contact.opted_out else _contact
    try:
        return again(lambda: write(world, source, contact, actor, now))
    except Retry:
        return "later"


def _opt_out(world: World, source: str, contact: Contact, actor: Actor, now: datetime) -> str:
    _, number, writes = change_consent.person_on(
        world, source, contact.ref.reveal(), contact.phone, contact.language, now
    )
    if not number.stopped:
        kept = [write for write in writes if not isinstance(getattr(write, "record", None), Number)]
        evidence = {"told_by": "import", "words": "opted out in the imported file"}
        stopped, stops, rest = change_consent.stop(world, number, actor, "import", evidence, now)
        world.store.commit(*kept, Change(stopped), *stops)
        for patient_id in rest:
            ends = change_consent.revoke(
                world, patient_id, number.number_id, None, actor, "import", evidence, now, by_stop=True
            )
            world.store.commit(*ends)
    elif writes:
        world.store.commit(*writes)
    return "opted_out"


def _contact(world: World, source: str, contact: Contact, actor: Actor, now: datetime) -> str:
    patient, number, writes = change_consent.person_on(
        world, source, contact.ref.reveal(), contact.phone, contact.language, now
    )
    fresh = [
        category
        for category in contact.categories
        if world.store.consent(patient.patient_id, number.number_id, category).standing is Standing.NEVER
    ]  # what stands is left alone: a file never overrules what a patient said to us
    if fresh:
        writes += change_consent.grant(world, patient, number, fresh, actor, "import", contact.evidence, now)
    world.store.commit(*writes)
    return "consented" if fresh else "contact"
