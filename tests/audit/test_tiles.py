"""The objects of a log are those that C2SP tlog-tiles names, whatever the batches it was written in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from texting.audit import merkle, tiles
from texting.audit.tiles import BadTile, Edge, EntryTooLarge, TilePath

from tests.audit.logs import publish, told


def small(count: int) -> list[bytes]:
    """Entries of two bytes, for logs where only the number counts."""
    return [(number % 65536).to_bytes(2, "big") for number in range(count)]


def grown(sizes: list[int]) -> tuple[Edge, dict[str, bytes]]:
    """A log grown to each of these sizes in turn, and all its objects."""
    entries, files, edge = small(sizes[-1]), {}, Edge()
    for size in sizes:
        growth = tiles.grow(edge, entries[edge.size : size])
        edge = growth.edge
        files |= {each.path: each.data for each in growth.objects}
    return edge, files


class TestNames:
    """Names are those of the specification, each with one spelling."""

    @pytest.mark.parametrize(
        ("path", "name"),
        [
            (TilePath(0, 0), "tile/0/000"),
            (TilePath(None, 0, 3), "tile/entries/000.p/3"),
            (TilePath(1, 999, 255), "tile/1/999.p/255"),
            (TilePath(0, 1000), "tile/0/x001/000"),
            (TilePath(0, 1234067), "tile/0/x001/x234/067"),  # the specification's own example
            (TilePath(63, 0, 1), "tile/63/000.p/1"),
        ],
    )
    def test_there_and_back(self, path: TilePath, name: str) -> None:
        """A path is written as the specification says, and read back as the same path."""
        assert str(path) == name
        assert tiles.parse_path(name) == path

    @pytest.mark.parametrize(
        "name",
        [
            "tile/0/0",
            "tile/00/000",
            "tile/64/000",
            "tile/0/x000/000",  # a leading zero group
            "tile/0/001/000",  # no x
            "tile/0/x001",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/entries/000/",
            "tile/data/000",
            "checkpoint",
            "tile/0/٠٠٠",  # digits, but not ours
            "",
        ],
    )
    def test_other_spellings_are_no_names(self, name: str) -> None:
        """What the specification would not write is not read either."""
        assert tiles.parse_path(name) is None


class TestTheSpecificationsExamples:
    """The two sizes that tlog-tiles works out in words."""

    def test_70000(self) -> None:
        """70,000 entries: 273 full and 112 wide at level 0, one full and 17 wide at level 1, one wide at level 2."""
        names = [str(path) for path in tiles.all_paths(70_000) if path.level is not None]
        assert len(names) == 273 + 1 + 1 + 1 + 1
        assert {"tile/0/272", "tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"} <= set(names)

    def test_256(self) -> None:
        """256 entries: a full tile, a partial one of width 1 above it, and no empty ones."""
        assert [str(path) for path in tiles.all_paths(256)] == ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]


def test_a_large_log_grown_unevenly_has_exactly_its_objects() -> None:
    """Over two levels of tiles, growing in odd steps publishes every object that the size demands, and its root."""
    edge, files = grown([1, 255, 256, 300, 65_535, 65_537, 70_000])
    assert {str(path) for path in tiles.all_paths(70_000)} <= files.keys()
    assert edge.root() == merkle.root_of([merkle.leaf_hash(each) for each in small(70_000)])
    assert files["tile/2/000.p/1"] == merkle.root_of([merkle.leaf_hash(each) for each in small(65_536)])
    assert all(tiles.covered(path, 70_000) for path in files)


@given(st.lists(st.integers(0, 700), min_size=1, max_size=6).map(sorted))
def test_batches_leave_no_trace_but_older_partial_tiles(sizes: list[int]) -> None:
    """However a log was batched, its required objects are the same bytes; what is left over belongs to older sizes."""
    size = sizes[-1]
    edge, files = grown(sizes)
    once, at_once = grown([size])
    needed = {str(path) for path in tiles.all_paths(size)}
    assert edge == once
    assert at_once.keys() == needed
    assert {path: files[path] for path in needed} == at_once
    allowed = {str(path) for older in sizes for path in tiles.all_paths(older)}
    assert needed <= files.keys() <= allowed


def test_what_is_published_again_is_the_same() -> None:
    """A publisher that was interrupted and starts again from the same edge names the same objects and bytes."""
    edge, _ = grown([300])
    assert tiles.grow(edge, small(99)) == tiles.grow(edge, small(99))
    assert tiles.grow(edge, []).objects == ()


def test_bundles_come_before_tiles_and_low_tiles_before_high_ones() -> None:
    """Objects are listed so that nothing is published before what it is made of."""
    growth = tiles.grow(Edge(), small(600))
    levels = [tiles.parse_path(each.path) for each in growth.objects]
    order = [-1 if path is not None and path.level is None else path.level for path in levels if path]
    assert order == sorted(order)


class TestTheEdge:
    """Sequencing needs only the right edge, and does not take it on trust."""

    @pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 512, 600])
    def test_it_is_read_back(self, size: int) -> None:
        """The edge read from what was published is the edge that published it."""
        edge, files = grown([size])
        assert {str(path) for path in tiles.edge_paths(size)} <= files.keys()
        assert tiles.read_edge(size, edge.root(), files.__getitem__) == edge

    @pytest.mark.parametrize("path", ["tile/entries/002.p/88", "tile/0/002.p/88", "tile/1/000.p/2"])
    def test_a_damaged_edge_is_refused(self, path: str) -> None:
        """Nothing is appended to an edge in which a single bit is wrong."""
        edge, files = grown([600])
        files[path] = files[path][:-1] + bytes([files[path][-1] ^ 1])
        with pytest.raises(BadTile):
            tiles.read_edge(600, edge.root(), files.__getitem__)

    def test_a_short_tile_is_refused(self) -> None:
        """A tile with a missing byte is named, not padded."""
        edge, files = grown([3])
        files["tile/0/000.p/3"] = files["tile/0/000.p/3"][:-1]
        with pytest.raises(BadTile, match=r"tile/0/000\.p/3 has 95 bytes instead of 96"):
            tiles.read_edge(3, edge.root(), files.__getitem__)


@pytest.mark.parametrize("size", [1, 255, 256, 257, 600])
def test_proofs_are_made_from_tiles_alone(size: int) -> None:
    """Inclusion and consistency are proved by reading published tiles, across their boundaries."""
    edge, files = grown([size])
    node = tiles.node_reader(size, files.__getitem__)
    leaves = [merkle.leaf_hash(each) for each in small(size)]
    for index in {0, size // 2, size - 1}:
        proof = merkle.inclusion_proof(index, size, node)
        merkle.verify_inclusion(index, size, leaves[index], proof, edge.root())
    for old in {1, size // 2 or 1, size}:
        proof = merkle.consistency_proof(old, size, node)
        merkle.verify_consistency(old, size, merkle.root_of(leaves[:old]), edge.root(), proof)


class TestBundles:
    """Entries are framed by a big-endian uint16, and framing is all a bundle is."""

    @given(st.lists(st.binary(max_size=300), max_size=20))
    def test_there_and_back(self, entries: list[bytes]) -> None:
        """Any entries, empty ones included, come back as they were."""
        assert tiles.split_bundle(tiles.bundle_bytes(entries)) == entries

    @pytest.mark.parametrize("data", [b"\x00", b"\x00\x02a", b"\x00\x01a\xff"])
    def test_a_cut_bundle_is_refused(self, data: bytes) -> None:
        """An entry that ends before its length says is not an entry."""
        with pytest.raises(BadTile, match="cut short"):
            tiles.split_bundle(data)

    def test_the_largest_entry_fits_and_one_byte_more_does_not(self) -> None:
        """65,535 bytes are published; 65,536 are refused before anything is."""
        largest = bytes(0xFFFF)
        assert tiles.grow(Edge(), [largest]).objects[0].data == b"\xff\xff" + largest
        with pytest.raises(EntryTooLarge):
            tiles.grow(Edge(), [largest + b"\x00"])


def test_an_export_takes_only_what_its_checkpoint_covers() -> None:
    """Objects published after the checkpoint was read are left behind, and older partial ones come along."""
    entries = told(300)
    files = publish([entries[:10], entries[10:260], entries[260:]])
    taken = {path for path in files if tiles.covered(path, 260)}
    assert {"tile/0/000", "tile/0/000.p/10", "tile/0/001.p/4", "tile/entries/001.p/4"} <= taken
    assert not {"tile/0/001.p/44", "tile/entries/001.p/44", "checkpoint", "checkpoints/300"} & taken
