"""What one program writes the other reads, at every size and in any batches, and they agree on every hash."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from texting.audit import merkle, tiles

from tests.audit.logs import KEY, anchor, publish, told
from verifier import verify as verifier

LONGEST = told(620)
KEYS = [verifier.read_key(str(KEY))]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 620), min_size=1, max_size=5, unique=True).map(sorted), st.data())
def test_random_logs(sizes: list[int], data: st.DataObject) -> None:
    """A log published in random batches verifies against its own head, every earlier one, and any anchor between."""
    starts = [0, *sizes[:-1]]
    files = publish([LONGEST[start:end] for start, end in zip(starts, sizes, strict=True)])
    size = data.draw(st.integers(0, sizes[-1]))
    between = (size, merkle.root_of([merkle.leaf_hash(entry) for entry in LONGEST[:size]]))
    report, head, _ = verifier.verify(files, KEYS, [anchor(files), between], allow_empty=True)
    assert (report.size, report.checkpoints) == (sizes[-1], len(sizes))
    assert head.root == anchor(files)[1]


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 513, 620])
def test_sizes_around_the_edges_of_tiles(size: int) -> None:
    """A log written entry by entry around a tile's edge is the log written at once."""
    singly = publish([LONGEST[: size - 1], LONGEST[size - 1 : size]])
    assert singly["checkpoint"] == publish([LONGEST[:size]])["checkpoint"]
    assert verifier.verify(singly, KEYS)[0].size == size


@given(st.integers(1, 620), st.data())
@settings(max_examples=25, deadline=None)
def test_both_make_the_same_proofs(size: int, data: st.DataObject) -> None:
    """Inclusion proofs read from the same tiles by two programs are hash for hash the same."""
    index = data.draw(st.integers(0, size - 1))
    files = {each.path: each.data for each in tiles.grow(tiles.Edge(), LONGEST[:size]).objects}
    ours = merkle.inclusion_proof(index, size, tiles.node_reader(size, files.__getitem__))
    assert verifier.prove(files, size, index) == ours


@given(st.integers(0, 10**12), st.integers(1, 256), st.sampled_from([None, 0, 1, 7]))
def test_both_give_objects_the_same_names(index: int, width: int, level: int | None) -> None:
    """Paths agree up to indices that no practice will reach."""
    place = ("entries" if level is None else str(level), index)
    assert verifier.object_name(place, width) == str(tiles.TilePath(level, index, width))
