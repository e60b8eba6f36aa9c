"""The tree behind the ledger: RFC 6962 hashes, an edge that grows, and proofs anyone can check.

Everything here is a pure function over bytes. A tree of n leaves is known by its root; a *compact range* of at
most log2(n) + 1 hashes is all it takes to add the next leaf; and a proof needs only the hashes of perfect
subtrees, which the caller supplies (`Nodes`), so nothing here ever holds a whole log.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from texting.errors import Bug

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of a tree without leaves (RFC 6962, section 2.1)."""

Nodes = Callable[[int, int], bytes]
"""Given (level, index), the hash of the perfect subtree over leaves [index << level, (index + 1) << level)."""


class BadProof(Bug):
    """Raised when a proof does not lead from the given leaf or root to the given root."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash one entry as a leaf: SHA-256 of 0x00 and the entry (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into their parent: SHA-256 of 0x01, left, right (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class CompactRange:
    """The roots of the perfect subtrees that make up a tree of `size` leaves, largest first."""

    size: int = 0
    nodes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.nodes) != self.size.bit_count():
            raise ValueError("a compact range holds one hash for each bit set in its size")

    def extend(self, leaves: Iterable[bytes]) -> "CompactRange":
        """The range after appending leaf hashes in order; each leaf costs one merge on average."""
        size, nodes = self.size, list(self.nodes)
        for leaf in leaves:
            nodes.append(leaf)
            size += 1
            # As many merges as the new size has trailing zero bits: a binary counter's carries.
            for _ in range((size & -size).bit_length() - 1):
                right = nodes.pop()
                nodes.append(node_hash(nodes.pop(), right))
        return CompactRange(size, tuple(nodes))

    def root(self) -> bytes:
        """The Merkle tree hash of all leaves so far; EMPTY_ROOT for none."""
        return _fold(self.nodes) if self.nodes else EMPTY_ROOT


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The Merkle tree hash of a sequence of leaf hashes; EMPTY_ROOT for none."""
    return CompactRange().extend(leaves).root()


def perfect_subtrees(start: int, end: int) -> list[tuple[int, int]]:
    """Cut leaves [start, end) into the largest aligned perfect subtrees, as (level, index) from the left."""
    parts = []
    while start < end:
        fits = (end - start).bit_length() - 1
        aligned = (start & -start).bit_length() - 1 if start else fits
        level = min(fits, aligned)
        parts.append((level, start >> level))
        start += 1 << level
    return parts


def inclusion_proof(index: int, size: int, node: Nodes) -> list[bytes]:
    """The audit path of one leaf in a tree of `size`, leaf's sibling first (RFC 6962, section 2.1.1).

    Raises ValueError when the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} entries has no entry {index}")
    siblings = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _left_leaves(end - start)
        if index < middle:
            siblings.append((middle, end))
            end = middle
        else:
            siblings.append((start, middle))
            start = middle
    return [_range_hash(*sibling, node) for sibling in reversed(siblings)]


def consistency_proof(old: int, new: int, node: Nodes) -> list[bytes]:
    """The proof that the first `old` leaves of a tree of `new` are unchanged (RFC 6962, section 2.1.2).

    Empty for old = 0 and for old = new, where there is nothing to show. Raises ValueError when old > new.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} entries does not contain one of {old}")
    if old == 0:
        return []
    ranges = []
    start, end = 0, new
    while end != old:
        middle = start + _left_leaves(end - start)
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start:  # otherwise the last subtree is the old tree itself, whose root the reader already has
        ranges.append((start, end))
    return [_range_hash(*part, node) for part in reversed(ranges)]


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Check an audit path (RFC 9162, section 2.1.3.2); raises BadProof when it does not end in `root`."""
    if not 0 <= index < size:
        raise BadProof(f"A tree of {size} entries has no entry {index}.")
    _assert_hashes(leaf, root, *proof)
    place, last, seen = index, size - 1, leaf
    for step in proof:
        if last == 0:
            raise BadProof("The proof is longer than the tree is high.")
        if place & 1 or place == last:
            seen = node_hash(step, seen)
            while place & 1 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            seen = node_hash(seen, step)
        place, last = place >> 1, last >> 1
    if last:
        raise BadProof("The proof is shorter than the tree is high.")
    if seen != root:
        raise BadProof("The proof does not lead to the root.")


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree of `new` begins with the tree of `old` (RFC 9162, section 2.1.4.2).

    Raises BadProof when either root is not the one the proof leads to.
    """
    if not 0 <= old <= new:
        raise BadProof(f"A tree of {new} entries does not contain one of {old}.")
    _assert_hashes(old_root, new_root, *proof)
    if old in (0, new):
        _verify_without_proof(old, new, old_root, new_root, proof)
        return
    if not proof:
        raise BadProof("The proof is empty.")
    # Where the old size is a power of two, the old root is itself the first subtree of the new one.
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    old_seen, new_seen = _walk_consistency(old - 1, new - 1, path)
    if old_seen != old_root or new_seen != new_root:
        raise BadProof("The proof does not lead from the old root to the new one.")


def _verify_without_proof(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    if proof:
        raise BadProof(f"Nothing is to be proved from size {old} here, and yet there is a proof.")
    if old == 0 and old_root != EMPTY_ROOT:
        raise BadProof("The old root is not that of an empty tree.")
    if old == new and old_root != new_root:
        raise BadProof("The roots of two trees of the same size differ.")


def _assert_hashes(*hashes: bytes) -> None:
    if any(len(each) != HASH_BYTES for each in hashes):
        raise BadProof("A hash in the proof, or one of its ends, is not 32 bytes long.")


def _walk_consistency(place: int, last: int, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    while place & 1:
        place, last = place >> 1, last >> 1
    old_seen = new_seen = path[0]
    for step in path[1:]:
        if last == 0:
            raise BadProof("The proof is longer than the tree is high.")
        if place & 1 or place == last:
            old_seen, new_seen = node_hash(step, old_seen), node_hash(step, new_seen)
            while place & 1 == 0 and place:
                place, last = place >> 1, last >> 1
        else:
            new_seen = node_hash(new_seen, step)
        place, last = place >> 1, last >> 1
    if last:
        raise BadProof("The proof is shorter than the tree is high.")
    return old_seen, new_seen


def _left_leaves(count: int) -> int:
    """The largest power of two smaller than `count`: where RFC 6962 splits a tree of two leaves or more."""
    return 1 << (count - 1).bit_length() - 1


def _range_hash(start: int, end: int, node: Nodes) -> bytes:
    return _fold([node(level, index) for level, index in perfect_subtrees(start, end)])


def _fold(nodes: Sequence[bytes]) -> bytes:
    root = nodes[-1]
    for left in reversed(nodes[:-1]):
        root = node_hash(left, root)
    return root
