"""Where the ledger's bytes are kept: C2SP tlog-tiles objects, named, cut and read back.

A log of n entries is a fixed set of immutable objects: entry bundles of 256 entries, and tiles of 256 hashes at
every eighth level of the tree. `grow` takes the log's right edge and the next entries and returns exactly the
objects that are new: the same edge and entries always give the same names and bytes, so a publisher that was
interrupted simply publishes again. Format: https://c2sp.org/tlog-tiles.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from texting.audit import merkle
from texting.audit.merkle import HASH_BYTES, CompactRange
from texting.errors import Bug

TILE_WIDTH = 256
TILE_HEIGHT = 8
MAX_ENTRY_BYTES = 0xFFFF
"""An entry's length travels as a uint16; a longer one is refused before it is sequenced, never cut."""

ENTRIES = "entries"
CHECKPOINT_PATH = "checkpoint"

Read = Callable[[str], bytes]
"""Reads one published object by its path."""


class EntryTooLarge(Bug):
    """Raised when an entry exceeds the 65,535 bytes that the format's length prefix can say."""


class BadTile(Bug):
    """Raised when a published object does not have the size, or the content, that its path promises."""


@dataclass(frozen=True, slots=True)
class TilePath:
    """The name of one object: level 0 and up hold hashes, level None holds entries; width 1 to 256."""

    level: int | None
    index: int
    width: int = TILE_WIDTH

    def __str__(self) -> str:
        level = ENTRIES if self.level is None else str(self.level)
        partial = f".p/{self.width}" if self.width < TILE_WIDTH else ""
        return f"tile/{level}/{_grouped(self.index)}{partial}"

    @property
    def needs_size(self) -> int:
        """The smallest log that contains this object."""
        return (self.index * TILE_WIDTH + self.width) << (TILE_HEIGHT * (self.level or 0))


@dataclass(frozen=True, slots=True)
class PublishedObject:
    """One object to be put under `path`, once and for ever."""

    path: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Edge:
    """The right edge of a log: its size, the hashes in each level's partial tile, and the partial bundle.

    It is all that sequencing needs to know of the past, at most 255 hashes for each level and 255 entries.
    """

    size: int = 0
    tiles: tuple[tuple[bytes, ...], ...] = ()
    bundle: tuple[bytes, ...] = ()

    def root(self) -> bytes:
        """The root hash of the whole log."""
        nodes: list[bytes] = []
        for tile in reversed(self.tiles):
            nodes.extend(CompactRange().extend(tile).nodes)
        return CompactRange(self.size, tuple(nodes)).root()


@dataclass(frozen=True, slots=True)
class Growth:
    """What appending did: the new edge, and the new objects in the order in which to publish them."""

    edge: Edge
    objects: tuple[PublishedObject, ...]


def grow(edge: Edge, entries: Sequence[bytes]) -> Growth:
    """Append entries to a log and return its new edge with every object that the larger log adds.

    Bundles come first, then tiles from the leaves up: the checkpoint, which is signed last, must never speak of
    what is not there. A partial tile that the growth leaves unchanged is not named again.
    Raises EntryTooLarge, in which case nothing is to be published.
    """
    for entry in entries:
        if len(entry) > MAX_ENTRY_BYTES:
            raise EntryTooLarge(f"An entry has {len(entry)} bytes; the ledger takes {MAX_ENTRY_BYTES}.")
    size = edge.size + len(entries)
    bundles, bundle = _cut(None, edge.size, edge.bundle, list(entries))
    objects = [PublishedObject(str(path), bundle_bytes(part)) for path, part in bundles]
    tiles: list[tuple[bytes, ...]] = []
    fresh = [merkle.leaf_hash(entry) for entry in entries]
    level = 0
    while size >> (TILE_HEIGHT * level):
        known = edge.tiles[level] if level < len(edge.tiles) else ()
        cut, rest = _cut(level, edge.size >> (TILE_HEIGHT * level), known, fresh)
        objects.extend(PublishedObject(str(path), b"".join(part)) for path, part in cut)
        tiles.append(rest)
        fresh = [merkle.root_of(part) for path, part in cut if path.width == TILE_WIDTH]
        level += 1
    return Growth(Edge(size, tuple(tiles), bundle), tuple(objects))


def _cut(
    level: int | None, start: int, known: Sequence[bytes], fresh: Sequence[bytes]
) -> tuple[list[tuple[TilePath, tuple[bytes, ...]]], tuple[bytes, ...]]:
    """Cut one level into the tiles that change, and what is left over as the new partial tile."""
    if not fresh:
        return [], tuple(known)
    items = (*known, *fresh)
    first = start // TILE_WIDTH
    parts = []
    for offset in range(0, len(items), TILE_WIDTH):
        part = items[offset : offset + TILE_WIDTH]
        parts.append((TilePath(level, first + offset // TILE_WIDTH, len(part)), part))
    rest = parts[-1][1] if parts[-1][0].width < TILE_WIDTH else ()
    return parts, rest


def edge_paths(size: int) -> list[TilePath]:
    """The partial objects of a log of this size: what `read_edge` reads."""
    paths = [TilePath(None, size // TILE_WIDTH, size % TILE_WIDTH)] if size % TILE_WIDTH else []
    return paths + [path for path in _last_tiles(size) if path.width < TILE_WIDTH]


def all_paths(size: int) -> Iterator[TilePath]:
    """Every object that a log of this size must have, bundles first; older partial tiles are not among them."""
    for index in range(-(-size // TILE_WIDTH)):
        yield TilePath(None, index, min(TILE_WIDTH, size - index * TILE_WIDTH))
    level = 0
    while hashes := size >> (TILE_HEIGHT * level):
        for index in range(-(-hashes // TILE_WIDTH)):
            yield TilePath(level, index, min(TILE_WIDTH, hashes - index * TILE_WIDTH))
        level += 1


def read_edge(size: int, root: bytes, read: Read) -> Edge:
    """Read the right edge of a published log of this size, and check that it leads to this root.

    Raises BadTile when the edge is not that of the log the checkpoint speaks of.
    """
    tiles = tuple(_partial_hashes(size, level, read) for level in range(_levels(size)))
    last = TilePath(None, size // TILE_WIDTH, size % TILE_WIDTH)
    bundle = tuple(split_bundle(read(str(last)))) if last.width else ()
    edge = Edge(size, tiles, bundle)
    if tuple(merkle.leaf_hash(entry) for entry in bundle) != (tiles[0] if tiles else ()):
        raise BadTile(f"{last} does not hash to the tile beside it.")
    if edge.root() != root:
        raise BadTile(f"The right edge at size {size} does not lead to the root in the checkpoint.")
    return edge


def node_reader(size: int, read: Read) -> merkle.Nodes:
    """A reader of perfect subtree hashes over a published log of this size, for making proofs.

    It reads each tile once and keeps it. Raises BadTile when a tile has the wrong length.
    """
    kept: dict[TilePath, list[bytes]] = {}

    def node(level: int, index: int) -> bytes:
        tile_level, height = divmod(level, TILE_HEIGHT)
        first = index << height
        hashes = size >> (TILE_HEIGHT * tile_level)
        tile = first // TILE_WIDTH
        path = TilePath(tile_level, tile, min(TILE_WIDTH, hashes - tile * TILE_WIDTH))
        if path not in kept:
            kept[path] = split_tile(path, read(str(path)))
        start = first % TILE_WIDTH
        return merkle.root_of(kept[path][start : start + (1 << height)])

    return node


def split_tile(path: TilePath, data: bytes) -> list[bytes]:
    """The hashes in a tile; raises BadTile when there are not exactly as many as its path says."""
    if len(data) != path.width * HASH_BYTES:
        raise BadTile(f"{path} has {len(data)} bytes instead of {path.width * HASH_BYTES}.")
    return [data[start : start + HASH_BYTES] for start in range(0, len(data), HASH_BYTES)]


def bundle_bytes(entries: Iterable[bytes]) -> bytes:
    """An entry bundle: each entry after its length as a big-endian uint16."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def split_bundle(data: bytes) -> list[bytes]:
    """The entries in a bundle; raises BadTile when the last one is cut short."""
    entries, start = [], 0
    while start < len(data):
        end = start + 2 + int.from_bytes(data[start : start + 2], "big")
        if start + 2 > len(data) or end > len(data):
            raise BadTile(f"The entry at byte {start} of a bundle of {len(data)} is cut short.")
        entries.append(data[start + 2 : end])
        start = end
    return entries


_PATH = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*)([0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)


def parse_path(path: str) -> TilePath | None:
    """Read an object's path back, or None when the format has no such path."""
    match = _PATH.fullmatch(path)
    if match is None:
        return None
    level = None if match[1] == ENTRIES else int(match[1])
    width = int(match[4] or TILE_WIDTH)
    parsed = TilePath(level, int(match[2].replace("/", "").replace("x", "") + match[3]), width)
    return parsed if str(parsed) == path and (level or 0) <= 63 else None


def covered(path: str, size: int) -> bool:
    """Whether a log of this size contains the object: what an export takes along once it has its checkpoint."""
    parsed = parse_path(path)
    return parsed is not None and parsed.needs_size <= size


def archive_path(size: int) -> str:
    """Where the checkpoint of this size stays for good, after `checkpoint` itself has moved on."""
    return f"checkpoints/{size}"


def _grouped(index: int) -> str:
    digits = f"{index:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[start : start + 3] for start in range(0, len(digits), 3)]
    return "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])


def _levels(size: int) -> int:
    return -(-size.bit_length() // TILE_HEIGHT)


def _last_tiles(size: int) -> Iterator[TilePath]:
    for level in range(_levels(size)):
        tile, width = divmod(size >> (TILE_HEIGHT * level), TILE_WIDTH)
        if width:
            yield TilePath(level, tile, width)


def _partial_hashes(size: int, level: int, read: Read) -> tuple[bytes, ...]:
    tile, width = divmod(size >> (TILE_HEIGHT * level), TILE_WIDTH)
    path = TilePath(level, tile, width)
    return tuple(split_tile(path, read(str(path)))) if width else ()
