#!/usr/bin/env python3
"""Check an export of a Quietline ledger, offline, trusting nothing but the key you were given.

    python verify.py FOLDER --vkey KEY [--anchor SIZE:ROOT] [--entry ID] [--json]

Exit 0: every byte of the log is what was signed. Exit 1: it is not, and the first bad byte is named. Exit 2: usage.
The format is C2SP tlog-tiles with entries in canonical JSON (docs/evidence.md). This file shares no code with the
program that writes the ledger, and needs only Python's standard library and `cryptography`.
"""

import argparse
import base64
import hashlib
import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

WIDTH = 256  # entries in a full bundle, hashes in a full tile
HASH = 32
EMPTY = hashlib.sha256(b"").digest()
HEAD = "checkpoint"
FOR_EVER = 10**19

Place = tuple[str, int]  # a tile's level (or "entries") and its index


class Bad(Exception):
    """The export is not what was signed. Says in which file, from which byte on, and why."""

    def __init__(self, file: str, offset: int, why: str) -> None:
        super().__init__(f"{file}, byte {offset}: {why}")
        self.file, self.offset, self.why = file, offset, why


class Usage(Exception):
    """The question was not put right; nothing was checked."""


# --- What is there: the names of the files -------------------------------------------------------------------------


class Folder(Mapping[str, bytes]):
    """A folder's files by their path below it, each read when it is asked for."""

    def __init__(self, root: Path) -> None:
        self._root = root
        paths = (Path(at, name) for at, _, names in os.walk(root) for name in names)
        self._names = dict.fromkeys(sorted(path.relative_to(root).as_posix() for path in paths))

    def __getitem__(self, name: str) -> bytes:
        if name not in self._names:
            raise KeyError(name)
        try:
            return (self._root / name).read_bytes()
        except OSError as error:
            raise Bad(name, 0, f"cannot be read: {error.strerror}") from error

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def object_name(place: Place, width: int = WIDTH) -> str:
    """The path of a tile or bundle: its index in groups of three digits, all but the last after an x."""
    level, index = place
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03d}")
    return f"tile/{level}/{'/'.join(reversed(groups))}" + (f".p/{width}" if width < WIDTH else "")


class Shelf:
    """Every file of the export, sorted by what its name says it is. A name under tile/ must be well formed."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files
        self.objects: dict[Place, dict[int, str]] = {}
        self.archive: dict[int, str] = {}
        self.strangers: list[str] = []
        for name in files:
            if name.startswith("tile/"):
                place, width = self._parse(name)
                self.objects.setdefault(place, {})[width] = name
            elif name.startswith("checkpoints/"):
                if not re.fullmatch(r"checkpoints/(0|[1-9][0-9]{0,18})", name):
                    raise Bad(ascii(name)[1:-1], 0, "an archived checkpoint is named by its size alone")
                self.archive[int(name.rpartition("/")[2])] = name
            elif name != HEAD:
                self.strangers.append(ascii(name)[1:-1])  # a name may hold anything, and will be printed

    @staticmethod
    def _parse(name: str) -> tuple[Place, int]:
        match = re.fullmatch(r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([0-9]{1,3}))?", name)
        if match:
            place = (match[1], int(re.sub("[x/]", "", match[2])))
            width = int(match[3] or WIDTH)
            if object_name(place, width) == name and (match[1] == "entries" or str(int(match[1])) == match[1]):
                return place, width
        raise Bad(ascii(name)[1:-1], 0, "is no name that a tiled log has")

    def take(self, place: Place, width: int) -> tuple[str, bytes, dict[int, str]]:
        """The object that must be there, and the older partial ones left lying beside it."""
        widths = self.objects.pop(place, {})
        name = object_name(place, width)
        if width not in widths:
            raise Bad(name, 0, "is missing")
        del widths[width]
        if ahead := [older for older in widths if older > width]:
            raise Bad(widths[ahead[0]], 0, "reaches beyond the size that the checkpoint signs")
        return name, self.files[name], widths


# --- What was signed: checkpoints ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Key:
    """A verifier key: who signs, the four bytes that find the signature line, and the Ed25519 key.

    It is believed on checkpoints of sizes from `first` to `last`: a log may change its key, and says so itself.
    """

    name: str
    key_id: bytes
    public: Ed25519PublicKey
    vkey: str = ""
    first: int = 0
    last: int = FOR_EVER


@dataclass(frozen=True)
class Head:
    """A signed checkpoint whose signature has verified."""

    origin: str
    size: int
    root: bytes
    note: bytes


def read_key(vkey: str) -> Key:
    """Read `name+id+base64`; raises Usage when the three do not belong together."""
    name, _, rest = vkey.partition("+")
    key_id, _, encoded = rest.partition("+")
    material = strict_base64(encoded)
    if not name or material is None or len(material) != 1 + HASH or material[0] != 1:
        raise Usage("--vkey must be NAME+ID+BASE64 for an Ed25519 key")
    digest = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
    if digest.hex() != key_id:
        raise Usage("--vkey: the id does not belong to the name and the key; was it copied whole?")
    return Key(name, digest, Ed25519PublicKey.from_public_bytes(material[1:]), vkey)


def strict_base64(text: str) -> bytes | None:
    """Base64 with one spelling for each value, or None."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return data if base64.b64encode(data).decode() == text else None


def open_checkpoint(name: str, note: bytes, keys: list[Key]) -> Head:
    """Check a note's signature and read it; raises Bad at the line that is wrong."""
    text, gap, tail = note.rpartition(b"\n\n")
    body = text + b"\n"
    if not gap or not tail.endswith(b"\n") or re.search(rb"[\x00-\x09\x0b-\x1f]", note):
        raise Bad(name, 0, "is not a signed note")
    signers, start = [], len(body) + 1
    for line in tail[:-1].split(b"\n"):
        signers += [key for key in keys if _signed_by(key, name, start, line, body)]
        start += len(line) + 1
    lines = body.decode("utf-8", "replace").split("\n")
    signers = [key for key in signers if key.name == lines[0]]
    if not signers:
        raise Bad(name, len(body) + 1, "carries no signature of the given key in the name of its origin")
    size_at = len(lines[0].encode()) + 1
    if len(lines) < 4 or not re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1]):
        raise Bad(name, size_at, "does not tell the size of the log")
    if not any(key.first <= int(lines[1]) <= key.last for key in signers):
        raise Bad(name, len(body) + 1, "is signed by a key that was not the log's at this size: the key had changed")
    root = strict_base64(lines[2])
    if root is None or len(root) != HASH:
        raise Bad(name, size_at + len(lines[1]) + 1, "does not tell the root of the log")
    return Head(lines[0], int(lines[1]), root, note)


def _signed_by(key: Key, file: str, start: int, line: bytes, body: bytes) -> bool:
    match = re.fullmatch(rb"\xe2\x80\x94 ([^ +]+) ([A-Za-z0-9+/=]+)", line)
    signed = strict_base64(match[2].decode()) if match else None
    if match is None or signed is None or len(signed) < 5:
        raise Bad(file, start, "is not a signature line")
    if match[1] != key.name.encode() or signed[:4] != key.key_id:
        return False  # somebody else's signature: a witness, or a key before or after this one
    try:
        key.public.verify(signed[4:], body)
    except InvalidSignature:
        raise Bad(file, 0, "the text is not what was signed, or the signature was changed") from None
    return True


@dataclass(frozen=True)
class Change:
    """At this size the log's key gave way to another; both have signed that."""

    size: int
    former: Key
    next: Key


def read_changes(archive: Mapping[int, str], files: Mapping[str, bytes]) -> list[Change]:
    """The changes of key that archived checkpoints tell of, oldest first; raises Bad unless both keys signed each."""
    found = []
    for size, name in sorted(archive.items()):
        body = files[name].rpartition(b"\n\n")[0].split(b"\n")
        at = sum(len(line) + 1 for line in body[:3])
        for line in body[3:]:
            if not line.startswith(b"key-change "):
                continue
            words = line.decode("ascii", "replace").split(" ")
            try:
                former, successor = map(read_key, words[1:])
            except (Usage, ValueError):
                raise Bad(name, at, "does not tell the former key and the next one") from None
            for key in (former, successor):
                if open_checkpoint(name, files[name], [key]).size != size:
                    raise Bad(name, len(body[0]) + 1, "tells another size than its name")
            found.append(Change(size, former, successor))
    return found


def believed(given: list[Key], changes: list[Change]) -> list[Key]:
    """The given keys and whoever they vouch for, each within its sizes: a key for the next one, and for the one before."""
    keys = {key.vkey: key for key in given}
    for change in changes:  # forward: the last word of a key that is the log's at this size
        if (former := keys.get(change.former.vkey)) and former.first <= change.size <= former.last:
            keys[former.vkey] = replace(former, last=change.size)
            keys[change.next.vkey] = replace(change.next, first=change.size)
    for change in reversed(changes):  # and back: the first word of a key
        if (successor := keys.get(change.next.vkey)) and successor.first <= change.size <= successor.last:
            keys[successor.vkey] = replace(successor, first=change.size)
            keys.setdefault(change.former.vkey, replace(change.former, last=change.size))
    return list(keys.values())


# --- What it adds up to: the tree ----------------------------------------------------------------------------------


def leaf(entry: bytes) -> bytes:
    """RFC 6962: a leaf is hashed after a zero byte."""
    return hashlib.sha256(b"\x00" + entry).digest()


def join(hashes: list[bytes]) -> bytes:
    """The root over a power of two of hashes (RFC 6962: a node is hashed after a one byte)."""
    while len(hashes) > 1:
        pairs = zip(hashes[::2], hashes[1::2], strict=True)
        hashes = [hashlib.sha256(b"\x01" + left + right).digest() for left, right in pairs]
    return hashes[0]


def root_over(levels: list[list[bytes]]) -> bytes:
    """The root of a log from the unfinished tiles of all its levels, the lowest first."""
    root = b""
    for hashes in levels:
        end = len(hashes)
        while end:  # the smallest perfect subtree stands rightmost
            start = end & (end - 1)
            subtree = join(hashes[start:end])
            root = join([subtree, root]) if root else subtree
            end = start
    return root or EMPTY


@dataclass(frozen=True)
class Doubt:
    """A stored byte that differs from the one computed from the entries.

    `entry` is the first entry that the byte speaks of, or None in an older partial object, which no root depends on.
    """

    file: str
    offset: int
    entry: int | None


class Tree:
    """Recomputes every tile from the entries, compares each with what is stored, and keeps the roots wanted."""

    def __init__(self, shelf: Shelf, wanted: set[int]) -> None:
        self.shelf, self.wanted = shelf, wanted
        self.levels: list[list[bytes]] = [[]]
        self.counts = [0]
        self.roots: dict[int, bytes] = {0: EMPTY}
        self.doubts: list[Doubt] = []

    def add(self, leaves: list[bytes]) -> None:
        """Add the leaves of the next bundle; only the last bundle may hold fewer than 256."""
        start = self.counts[0] * WIDTH
        for size in self.wanted.intersection(range(start + 1, start + min(len(leaves) + 1, WIDTH))):
            self.roots[size] = root_over([leaves[: size - start], *self.levels[1:]])
        self.levels[0] = leaves
        self._fill(0)
        if start + WIDTH in self.wanted and not self.levels[0]:
            self.roots[start + WIDTH] = root_over(self.levels)

    def finish(self) -> None:
        """Compare the last, partial tile of each level; after them, no object may be left over."""
        for level, hashes in enumerate(self.levels):
            if hashes:
                self.compare(level)
        for widths in self.shelf.objects.values():
            raise Bad(min(widths.values()), 0, "lies beyond the size that the checkpoint signs")

    def _fill(self, level: int) -> None:
        if len(self.levels[level]) < WIDTH:
            return
        hashes = self.levels[level]
        self.compare(level)
        self.levels[level] = []
        self.counts[level] += 1
        if level + 1 == len(self.levels):
            self.levels.append([])
            self.counts.append(0)
        self.levels[level + 1].append(join(hashes))
        self._fill(level + 1)

    def compare(self, level: int) -> None:
        """Compare a level's current tile with the stored one and its older partial copies."""
        hashes = self.levels[level]
        place = (str(level), self.counts[level])
        name, stored, older = self.shelf.take(place, len(hashes))
        if len(stored) != len(hashes) * HASH:
            short = min(len(stored), len(hashes) * HASH)
            raise Bad(name, short, f"has {len(stored)} bytes instead of {len(hashes) * HASH}")
        data = b"".join(hashes)
        at = first_difference(stored, data)
        if at is not None:
            self.doubts.append(Doubt(name, at, (place[1] * WIDTH + at // HASH) * WIDTH**level))
        self.compare_older(older, {width: data[: width * HASH] for width in older})

    def compare_older(self, older: dict[int, str], expected: dict[int, bytes]) -> None:
        """Partial objects of an earlier size must be the beginning of what has grown since."""
        for width, file in sorted(older.items()):
            at = first_difference(self.shelf.files[file], expected[width])
            if at is not None:
                self.doubts.append(Doubt(file, at, None))


def first_difference(left: bytes, right: bytes) -> int | None:
    """The first byte in which the two differ, the end of the shorter one included, or None."""
    if left == right:
        return None
    pairs = enumerate(zip(left, right, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(left), len(right)))


# --- What it says: the entries -------------------------------------------------------------------------------------


def entries_in(file: str, data: bytes, width: int) -> list[tuple[int, bytes]]:
    """A bundle's entries with the byte at which each begins; raises Bad unless there are exactly `width`."""
    found: list[tuple[int, bytes]] = []
    at = 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if len(found) == width:
            raise Bad(file, at, f"goes on after its {width} entries")
        if at + 2 > len(data) or end > len(data):
            raise Bad(file, at, "the entry that begins here is cut short")
        found.append((at, data[at + 2 : end]))
        at = end
    if len(found) < width:
        raise Bad(file, at, f"ends after {len(found)} of {width} entries")
    return found


def misframed(cut: Bad, data: bytes, tile: bytes) -> Bad:
    """A wrong length shows only where the bytes run out; the tile beside the bundle tells where it began."""
    at = 0
    for number in range(len(tile) // HASH):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if at >= cut.offset or leaf(data[at + 2 : end]) != tile[number * HASH : (number + 1) * HASH]:
            break
        at = end
    return (
        Bad(cut.file, at, cut.why) if at >= cut.offset else Bad(cut.file, at, "the entry that begins here was changed")
    )


_FIELDS = {"v", "id", "at", "kind", "actor", "subject", "facts"}
_PLAIN = re.compile(r"[!-~]+").fullmatch
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
# All that ids, words, digests, times and their JSON are made of: printable ASCII without space, plus, at and backslash.
_QUIET = bytes(set(range(0x21, 0x7F)) - set(b"+@\\"))
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def _no_fraction(text: str) -> NoReturn:
    raise ValueError(f"{text} is no whole number")


_parsed = json.JSONDecoder(parse_float=_no_fraction, parse_constant=_no_fraction).decode


@dataclass
class Book:
    """What the entries say: one reading, in order, that keeps the first thing wrong and goes on."""

    ids: dict[str, int] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)
    first: str = "~"
    last: str = ""
    intents: dict[str, float] = field(default_factory=dict)
    certified: set[str] = field(default_factory=set)
    personal: list[int] = field(default_factory=list)
    wrong: Bad | None = None

    def read(self, file: str, at: int, index: int, data: bytes) -> None:
        """Read one entry's bytes, which begin at byte `at` of `file`."""
        why = self._read(index, data)
        if why and self.wrong is None:
            self.wrong = Bad(file, at, f"entry {index} {why}")

    def _read(self, index: int, data: bytes) -> str:
        try:
            told = _parsed(data.decode())
            if _canonical(told).encode() != data:
                return "is not written canonically"
        except (ValueError, RecursionError):
            return "is not JSON of the ledger's kind"
        quiet = not data.translate(None, _QUIET)
        if why := _out_of_form(told, quiet):
            return why
        if told["id"] in self.ids:
            return f"repeats the id of entry {self.ids[told['id']]}"
        self.ids[told["id"]] = index
        self.kinds[told["kind"]] += 1
        self.first, self.last = min(self.first, told["at"]), max(self.last, told["at"])
        if not quiet or any(map(_like_a_number, told["facts"].values())):
            self.personal.append(index)
        return self._disposal(told) if told["kind"] in _DISPOSALS else ""

    def _disposal(self, told: dict[str, Any]) -> str:
        """An intent opens what exactly one certificate, later and with the same count, must close."""
        facts = told["facts"]
        if told["kind"] == "retention.intended":
            self.intents[told["id"]] = _whole(facts, "count")
            return ""
        intent = facts.get("intent")
        if not isinstance(intent, str) or intent not in self.intents:
            return "speaks of a disposal that was never intended before it"
        if told["kind"] == "certificate.issued":
            if intent in self.certified:
                return "certifies a disposal that was certified before"
            if _whole(facts, "count") + _whole(facts, "kept") != self.intents[intent]:
                return "certifies another number of records than was intended"
            self.certified.add(intent)
        return ""


_DISPOSALS = {"retention.intended", "retention.erased", "certificate.issued"}


def _whole(facts: dict[str, Any], name: str) -> float:
    """A count, or not-a-number, which equals nothing, where an entry tells none."""
    return facts[name] if isinstance(facts.get(name), int) else float("nan")


def _out_of_form(told: Any, quiet: bool) -> str:
    if not isinstance(told, dict) or told.keys() != _FIELDS or told["v"] != 1 or told["v"] is True:
        return "has not the fields of version 1"
    texts = (told["id"], told["at"], told["kind"], told["actor"], told["subject"])
    if not all(isinstance(text, str) and text and (quiet or _PLAIN(text)) for text in texts):
        return "has a field that is not plain ASCII text without spaces"
    if not isinstance(told["facts"], dict) or not all(map(_is_fact, told["facts"].values())):
        return "has facts that are not plain values"
    try:
        datetime.fromisoformat(told["at"][:-1])
    except ValueError:
        return "has no real time"
    return "" if _TIME.fullmatch(told["at"]) else "has its time in another form than 2026-12-01T15:00:00.000Z"


def _like_a_number(value: Any) -> bool:
    return isinstance(value, str) and value.isdigit() and 7 <= len(value) <= 15


def _is_fact(value: Any) -> bool:
    return isinstance(value, str | int) or (isinstance(value, list) and all(isinstance(word, str) for word in value))


# --- The whole question --------------------------------------------------------------------------------------------

Anchor = tuple[int, bytes]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Report:
    """What an intact log says. `open_intents` are disposals intended and not yet certified; at the sizes in `key_changes`
    one key of the log gave way to the next."""

    origin: str
    size: int
    root: str
    anchors: int
    checkpoints: int
    first: str
    last: str
    kinds: dict[str, int]
    open_intents: list[str]
    key_changes: list[int]
    warnings: list[str]


def verify(
    files: Mapping[str, bytes],
    keys: list[Key],
    anchors: list[Anchor] | None = None,
    allow_empty: bool = False,
    progress: Progress = lambda done, size: None,
) -> tuple[Report, Head, Book]:
    """Check everything, or raise Bad at the first thing that is not as signed."""
    anchors = anchors or []
    shelf = Shelf(files)
    if HEAD not in files:
        raise Bad(HEAD, 0, "is missing: without it nothing says what the log should hold")
    changes = read_changes(shelf.archive, files)
    keys = believed(keys, changes)
    head = open_checkpoint(HEAD, files[HEAD], keys)
    old = [open_checkpoint(name, files[name], keys) for _, name in sorted(shelf.archive.items())]
    check_sizes(head, shelf, old, anchors, allow_empty)
    tree = Tree(shelf, {head.size, *(each.size for each in old), *(size for size, _ in anchors)})
    book = Book()
    read_through(head.size, tree, book, progress)
    settle(head, tree, old, anchors)
    if book.wrong:
        raise book.wrong
    report = Report(
        origin=head.origin,
        size=head.size,
        root=head.root.hex(),
        anchors=len(anchors),
        checkpoints=len(old),
        first=book.first if head.size else "",
        last=book.last,
        kinds=dict(sorted(book.kinds.items())),
        open_intents=sorted(book.intents.keys() - book.certified),
        key_changes=[change.size for change in changes],
        warnings=list(warnings(book, shelf, anchors, changes)),
    )
    return report, head, book


def check_sizes(head: Head, shelf: Shelf, old: list[Head], anchors: list[Anchor], allow_empty: bool) -> None:
    """Before anything is hashed: a log may have grown since it was anchored or archived, never shrunk."""
    at = len(head.origin.encode()) + 1
    for size, name in shelf.archive.items():
        if size not in {each.size for each in old}:
            raise Bad(name, at, "tells another size than its name")
    newest = max([size for size, _ in anchors] + [each.size for each in old], default=0)
    if newest > head.size:
        raise Bad(
            HEAD, at, f"tells {head.size} entries, but there have been {newest}: the tail was cut, or this is old"
        )
    if head.size == 0 and not allow_empty:
        raise Bad(HEAD, at, "tells an empty log; if it has only just begun, say --allow-empty")


def read_through(size: int, tree: Tree, book: Book, progress: Progress) -> None:
    """Read every bundle once, in order: its entries for the book, their hashes for the tree."""
    for bundle in range(-(-size // WIDTH)):
        start = bundle * WIDTH
        file, data, older = tree.shelf.take(("entries", bundle), min(WIDTH, size - start))
        try:
            found = entries_in(file, data, min(WIDTH, size - start))
        except Bad as cut:
            tile = tree.shelf.files.get(object_name(("0", bundle), min(WIDTH, size - start)), b"")
            raise misframed(cut, data, tile) from None
        tree.compare_older(older, {width: data[: found[width][0]] for width in older})
        for index, (at, entry) in enumerate(found, start):
            book.read(file, at + 2, index, entry)
        tree.add([leaf(entry) for _, entry in found])
        progress(start + len(found), size)
    tree.finish()


def settle(head: Head, tree: Tree, old: list[Head], anchors: list[Anchor]) -> None:
    """Say who is wrong where two things differ: what leads to the signed root is right."""
    root_at = len(f"{head.origin}\n{head.size}\n".encode())
    if tree.roots[head.size] != head.root:
        for doubt in tree.doubts:
            if doubt.entry is not None:
                raise _changed(head.size, doubt.entry, doubt, tree.shelf.files)
        raise Bad(HEAD, root_at, "the entries and tiles agree, but lead to another root: history was rewritten")
    if tree.doubts:
        raise Bad(tree.doubts[0].file, tree.doubts[0].offset, "is not what the signed entries lead to")
    for each in old:
        if tree.roots[each.size] != each.root:
            at = len(f"{each.origin}\n{each.size}\n".encode())
            raise Bad(tree.shelf.archive[each.size], at, "was signed over another history than this one")
    for size, root in anchors:
        if tree.roots[size] != root:
            raise Bad(
                HEAD, root_at, f"the first {size} entries are not those that were anchored: history was rewritten"
            )


def _changed(size: int, entry: int, doubt: Doubt, files: Mapping[str, bytes]) -> Bad:
    bundle, within = divmod(entry, WIDTH)
    width = min(WIDTH, size - bundle * WIDTH)
    file = object_name(("entries", bundle), width)
    at = entries_in(file, files[file], width)[within][0]
    return Bad(
        file, at, f"entry {entry} is not what was signed ({doubt.file} tells another hash at byte {doubt.offset})"
    )


def warnings(book: Book, shelf: Shelf, anchors: list[Anchor], changes: list[Change]) -> Iterator[str]:
    """What an intact log still leaves to be looked at."""
    if changes:
        yield f"the log changed its key at {changes[-1].size} entries; the key of today is {changes[-1].next.vkey}"
    if not anchors:
        yield "no anchor was given: a tail cut off together with all later checkpoints could not be seen"
    if count := len(book.intents.keys() - book.certified):
        yield f"{count} intended disposals have no certificate yet"
    if book.personal:
        yield f"entry {book.personal[0]} and {len(book.personal) - 1} others hold text that no id, word or digest has"
    for name in shelf.strangers[:5]:
        yield f"{name} is no part of the ledger and was not checked"


# --- One entry -----------------------------------------------------------------------------------------------------


def subtree(files: Mapping[str, bytes], size: int, start: int, end: int) -> bytes:
    """The hash over entries [start, end), read from the tiles of a log that has been verified."""
    height = (end - start).bit_length() - 1
    if end - start != 1 << height:
        middle = start + (1 << height)
        return join([subtree(files, size, start, middle), subtree(files, size, middle, end)])
    level, within = divmod(height, 8)
    tile, first = divmod(start >> 8 * level, WIDTH)
    width = min(WIDTH, (size >> 8 * level) - tile * WIDTH)
    data = files[object_name((str(level), tile), width)]
    return join([data[at * HASH : (at + 1) * HASH] for at in range(first, first + (1 << within))])


def prove(files: Mapping[str, bytes], size: int, index: int) -> list[bytes]:
    """The inclusion proof of an entry, its sibling first (RFC 6962, section 2.1.1)."""
    proof, start, end = [], 0, size
    while end - start > 1:
        middle = start + (1 << (end - start - 1).bit_length() - 1)
        left = index < middle
        proof.append(subtree(files, size, *((middle, end) if left else (start, middle))))
        start, end = (start, middle) if left else (middle, end)
    return proof[::-1]


def proven_root(index: int, size: int, hashed: bytes, proof: list[bytes]) -> bytes:
    """The root that a proof leads to, straight from the definition of the tree."""
    if size == 1:
        return hashed
    middle = 1 << (size - 1).bit_length() - 1
    if index < middle:
        return join([proven_root(index, middle, hashed, proof[:-1]), proof[-1]])
    return join([proof[-1], proven_root(index - middle, size - middle, hashed, proof[:-1])])


def one_entry(files: Mapping[str, bytes], head: Head, index: int) -> tuple[bytes, str]:
    """An entry's bytes and its proof as a C2SP tlog-proof, which can be checked without the rest of the log."""
    bundle, within = divmod(index, WIDTH)
    width = min(WIDTH, head.size - bundle * WIDTH)
    file = object_name(("entries", bundle), width)
    at, entry = entries_in(file, files[file], width)[within]
    proof = prove(files, head.size, index)
    if proven_root(index, head.size, leaf(entry), proof) != head.root:
        raise Bad(file, at, f"entry {index} cannot be proved to be in the log")
    lines = ["c2sp.org/tlog-proof@v1", f"index {index}", *(base64.b64encode(each).decode() for each in proof)]
    return entry, "\n".join(lines) + "\n\n" + head.note.decode()


# --- The command ---------------------------------------------------------------------------------------------------


def read_anchor(text: str) -> Anchor:
    """Read SIZE:ROOT, the root in hexadecimal or base64; raises Usage."""
    size, _, told = text.partition(":")
    root = bytes.fromhex(told) if re.fullmatch("[0-9a-fA-F]{64}", told) else strict_base64(told)
    if not re.fullmatch(r"[0-9]{1,19}", size) or root is None or len(root) != HASH:
        raise Usage("--anchor must be SIZE:ROOT, the root in hexadecimal or base64")
    return int(size), root


def show_progress() -> Progress:
    """A line on the terminal for logs that take a while; nothing where nobody looks."""
    started = shown = time.monotonic()

    def show(done: int, size: int) -> None:
        nonlocal shown
        now = time.monotonic()
        if now - started > 1 and now - shown > 0.2:
            shown = now
            print(f"\r  {done:,} of {size:,} entries", end="\n" if done == size else "", file=sys.stderr, flush=True)

    return show if sys.stderr.isatty() else lambda done, size: None


def as_text(report: Report) -> str:
    """The report for people."""
    rows = [
        ("entries", f"{report.size:,}"),
        ("root", report.root),
        ("anchors agreed", str(report.anchors)),
        ("earlier checkpoints agreed", str(report.checkpoints)),
        ("first entry", report.first or "-"),
        ("last entry", report.last or "-"),
        *((f"  {kind}", f"{count:,}") for kind, count in report.kinds.items()),
    ]
    lines = [f"OK  {report.origin} is whole, and every byte of it is as signed.", ""]
    lines += [f"{label:<28}{value}" for label, value in rows]
    lines += ["", *(f"note: {warning}" for warning in report.warnings)]
    lines += [f"open: retention intent {intent}" for intent in report.open_intents]
    return "\n".join([*lines, f"keep this anchor outside the log: {report.size}:{report.root}"])


def answer(options: argparse.Namespace) -> dict[str, Any]:
    """Run the check that was asked for; raises Bad or Usage."""
    if not options.folder.is_dir():
        raise Usage(f"{options.folder} is not a folder")
    files = Folder(options.folder)
    keys, anchors = list(map(read_key, options.vkey)), list(map(read_anchor, options.anchor))
    report, head, book = verify(files, keys, anchors, options.allow_empty, show_progress())
    told: dict[str, Any] = {"ok": True, **asdict(report)}
    if options.entry:
        if options.entry not in book.ids:
            raise Usage(f"the log is whole, and holds no entry with the id {options.entry}")
        entry, proof = one_entry(files, head, book.ids[options.entry])
        told |= {"entry": json.loads(entry), "index": book.ids[options.entry], "proof": proof}
    told["text"] = as_text(report) + ("\n\n" + _entry_text(told) if options.entry else "")
    return told


def _entry_text(told: dict[str, Any]) -> str:
    shown = json.dumps(told["entry"], indent=2)
    return f"entry {told['index']} is in the log:\n{shown}\n\nits proof, to be kept beside it:\n\n{told['proof']}"


def main(arguments: list[str] | None = None) -> int:
    """Answer with an exit code: 0 whole, 1 not, 2 the question was wrong."""
    parser = argparse.ArgumentParser(prog="verify.py", description="Check an export of a Quietline ledger, offline.")
    parser.add_argument("folder", type=Path, help="the export: checkpoint, checkpoints/, tile/")
    parser.add_argument("--vkey", action="append", required=True, help="NAME+ID+BASE64; any key the log has had")
    parser.add_argument("--anchor", action="append", default=[], help="SIZE:ROOT as kept outside the log; may repeat")
    parser.add_argument("--entry", help="print the entry with this id and the proof that it is in the log")
    parser.add_argument("--allow-empty", action="store_true", help="a log without entries is no failure")
    parser.add_argument("--json", action="store_true", help="answer in JSON")
    options = parser.parse_args(arguments)
    try:
        told = answer(options)
    except Usage as error:
        print(f"verify.py: {error}", file=sys.stderr)
        return 2
    except Bad as bad:
        told = {"ok": False, "file": bad.file, "offset": bad.offset, "why": bad.why, "text": f"FAIL  {bad}"}
    text = told.pop("text")
    print(json.dumps(told, indent=2) if options.json else text)
    return 0 if told["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
