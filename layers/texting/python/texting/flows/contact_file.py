"""A file of contacts as other systems export it: rows with who, which number, and whether they opted out.

A file that does not say who opted out is refused whole: contacts without their opt-outs are how people who said STOP get
texts again. No sentence here repeats a cell.
"""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from texting.errors import BadField, TooLarge
from texting.rules.phone_numbers import Unusable
from texting.rules.phone_numbers import read as read_phone
from texting.values import Category, Hidden, PhoneNumber

MOST_ROWS = 500
MOST_BYTES = 256 * 1024

ALIASES: Mapping[str, tuple[str, ...]] = {
    "ref": ("ref", "patient id", "patientid", "patient ref", "id", "external id", "contact id", "chart number", "mrn"),
    "phone": (
        "phone", "phone number", "mobile", "mobile phone", "mobile number", "cell", "cell phone", "cellphone",
        "sms number", "telefono", "celular", "numero",
    ),
    "opted_out": (
        "opted out", "optedout", "opt out", "optout", "opt out sms", "sms opt out", "unsubscribed", "is unsubscribed",
        "stop", "stopped", "do not text", "do not contact", "dnd", "dnt", "baja",
    ),
    "language": ("language", "preferred language", "lang", "idioma"),
    "categories": ("categories", "consent", "consents", "consented to", "opted in to"),
    "signed_at": ("signed at", "consented at", "consent date", "opt in date", "opted in at"),
    "medium": ("medium", "consent medium", "opt in source", "consent source"),
    "signed_name": ("signed name", "signature", "signed by"),
    "text_version": ("text version", "consent version", "form version"),
}  # fmt: skip
NEEDED = ("opted_out", "phone", "ref")
YES = frozenset("yes y true t 1 x si stop stopped unsubscribed out optedout optout".split())
NO = frozenset(["", *"no n false f 0 active subscribed in optedin none".split()])

MISSING = {
    "opted_out": "The file does not say who opted out. Export the contacts again with their opt-outs, in a column "
    "opted_out that holds yes or no; contacts without opt-outs are not taken.",
    "phone": "The file has no column of phone numbers. Name it phone.",
    "ref": "The file has no column of your system's own patient ids. Name it ref.",
}


@dataclass(frozen=True, slots=True)
class Contact:
    """One row that can be read. `evidence` is empty where the file brings none: such a row grants nothing."""

    row: int
    ref: Hidden
    phone: PhoneNumber
    opted_out: bool
    language: str | None
    categories: tuple[Category, ...] = ()
    evidence: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Unread:
    """One row that cannot be taken, by its number in the file (the header is row 1), and why."""

    row: int
    reason: str


@dataclass(frozen=True, slots=True)
class FileAsked:
    """A file as it was sent: its text, whose contacts they are, and whether to take them in or only to look."""

    text: str = field(repr=False)
    connection: str
    commit: bool


def file_asked(content_type: str, raw: bytes, query: Mapping[str, str]) -> FileAsked:
    """The file in a request: text/csv with ?connection=…&commit=true, or JSON. Raises BadField, TooLarge."""
    if len(raw) > 2 * MOST_BYTES:
        raise TooLarge(f"The file has more than {MOST_BYTES // 1024} KiB; send it in parts of {MOST_ROWS} rows.")
    try:
        words = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadField("csv", "The file is not UTF-8. Save it again as CSV UTF-8.") from None
    if content_type.split(";")[0].strip().lower() == "text/csv":
        return FileAsked(words, query.get("connection", ""), query.get("commit", "").lower() == "true")
    try:
        told = json.loads(words)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict) or not isinstance(told.get("csv"), str):
        raise BadField("csv", 'Send the file as text/csv, or as JSON {"csv": …, "connection": …, "commit": false}.')
    return FileAsked(told["csv"], str(told.get("connection") or ""), told.get("commit") is True)


def read_file(text: str, now: datetime) -> list[Contact | Unread]:
    """The rows of a CSV file, in its order. Raises BadField for a file that cannot be taken at all, and TooLarge."""
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise TooLarge(f"The file has more than {MOST_BYTES // 1024} KiB; send it in parts of {MOST_ROWS} rows.")
    try:
        rows = list(_cells(text.removeprefix("\ufeff")))
    except csv.Error:
        raise BadField("csv", "The file is not CSV: a quotation mark is open or a cell is far too long.") from None
    if not rows:
        raise BadField("csv", "The file is empty. Send a header and one row per contact.")
    columns = _columns(rows[0])
    if len(rows) - 1 > MOST_ROWS:
        raise BadField("csv", f"The file has more than {MOST_ROWS} rows; send it in parts, each with its header.")
    return [_row(at, cells, columns, now) for at, cells in enumerate(rows[1:], 2) if any(cells)]


def _cells(text: str) -> Iterator[list[str]]:
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
        yield [cell.strip() for cell in cells]


def _columns(header: Sequence[str]) -> dict[str, int]:
    """Which column holds what. Raises BadField for one that is missing, opt-outs first, or that is there twice."""
    columns: dict[str, int] = {}
    for at, name in enumerate(header):
        known = next((field for field, names in ALIASES.items() if _plain(name) in names), None)
        if known in columns:
            raise BadField("csv", f"Two columns could be {known}. Keep the one that is meant and remove the other.")
        if known:
            columns[known] = at
    for needed in NEEDED:
        if needed not in columns:
            raise BadField("csv", MISSING[needed])
    return columns


def _plain(name: str) -> str:
    """A heading in small letters without accents, signs or underscores."""
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", " ", bare.lower()).strip()


def _row(at: int, cells: Sequence[str], columns: Mapping[str, int], now: datetime) -> Contact | Unread:
    told = {name: cells[column] if column < len(cells) else "" for name, column in columns.items()}
    reason = _formula(told) or _too_few(cells, columns) or _no_ref(told["ref"])
    if reason:
        return Unread(at, reason)
    phone, opted_out = read_phone(told["phone"]), _opted_out(told["opted_out"])
    if isinstance(phone, Unusable):
        return Unread(at, phone.sentence)
    if opted_out is None:
        return Unread(at, "The opt-out cell says neither yes nor no. Write one of the two.")
    contact = Contact(at, Hidden(told["ref"]), PhoneNumber(phone), opted_out, told.get("language") or None)
    return contact if opted_out or not told.get("categories") else _with_consent(contact, told, now)


def _formula(told: Mapping[str, str]) -> str:
    """Refuse what a spreadsheet would run. A phone number may begin with a plus sign; nothing else may."""
    for name, cell in told.items():
        if cell.startswith(("=", "@", "\t", "\r")) or (name != "phone" and cell.startswith(("+", "-"))):
            return "A cell begins with a sign that spreadsheets run as a formula (= + - @). Remove the sign."
    return ""


def _too_few(cells: Sequence[str], columns: Mapping[str, int]) -> str:
    short = max(columns[name] for name in NEEDED) >= len(cells)
    return "The row has fewer cells than the header. Check it for a stray line break." if short else ""


def _no_ref(ref: str) -> str:
    return "" if 0 < len(ref) <= 200 and ref.isprintable() else "There is no patient id. Give your system's own id."


def _opted_out(cell: str) -> bool | None:
    word = _plain(cell).replace(" ", "")
    return True if word in YES else False if word in NO and (word or not cell) else None


def _with_consent(contact: Contact, told: Mapping[str, str], now: datetime) -> Contact | Unread:
    """Consent is never inferred: a row that claims it must bring the categories, the time and the medium of signing."""
    names = [name for name in re.split(r"[;|,/\s]+", told["categories"].lower()) if name]
    if not set(names) <= set(Category):
        return Unread(contact.row, f"A consent category is not one of: {', '.join(Category)}.")
    at = _time(told.get("signed_at", ""), now)
    if at is None or not told.get("medium"):
        return Unread(contact.row, "Consent needs its evidence: signed_at as 2026-11-30T16:20:00Z, and medium.")
    evidence = {"signed_at": at, **{name: told[name] for name in _EVIDENCE if told.get(name)}}
    categories = tuple(Category(name) for name in dict.fromkeys(names))
    return Contact(contact.row, contact.ref, contact.phone, False, contact.language, categories, evidence)


_EVIDENCE = ("medium", "signed_name", "text_version", "language")


def _time(cell: str, now: datetime) -> str | None:
    """A time of signing; a day alone is taken as the day's end in UTC, the latest it can have been."""
    try:
        at = datetime.fromisoformat(cell)
    except ValueError:
        return None
    if len(cell) <= 10:
        at = at.replace(hour=23, minute=59, tzinfo=UTC) if at.date() < now.date() else now
    if at.tzinfo is None or at > now:
        return None
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
