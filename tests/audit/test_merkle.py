"""The tree is RFC 6962's tree, however it is grown, and its proofs convince only when they are right."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from texting.audit import merkle
from texting.audit.merkle import BadProof, CompactRange

# The eight leaves that implementations of RFC 6962 test themselves with, and the roots of their first n.
LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def naive(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word: the largest power of two goes left."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + naive(leaves[:split]) + naive(leaves[split:])).digest()


def some_leaves(count: int) -> list[bytes]:
    """Leaf hashes that are all different."""
    return [merkle.leaf_hash(number.to_bytes(4, "big")) for number in range(count)]


def nodes_over(leaves: Sequence[bytes]) -> merkle.Nodes:
    """A reader of perfect subtrees that refuses to reach beyond the tree."""

    def node(level: int, index: int) -> bytes:
        assert (index + 1) << level <= len(leaves)
        return naive(leaves[index << level : (index + 1) << level])

    return node


@pytest.mark.parametrize("size", range(9))
def test_the_known_roots(size: int) -> None:
    """The first n known leaves lead to the root that every implementation of RFC 6962 gives."""
    assert merkle.root_of([merkle.leaf_hash(leaf) for leaf in LEAVES[:size]]).hex() == ROOTS[size]


@given(st.lists(st.integers(0, 40), max_size=6))
def test_growing_in_steps_is_growing_at_once(steps: list[int]) -> None:
    """However many leaves come at a time, the root is the naive tree's after each step."""
    leaves = some_leaves(sum(steps))
    grown, done = CompactRange(), 0
    for step in steps:
        grown = grown.extend(leaves[done : done + step])
        done += step
        assert (grown.size, grown.root()) == (done, naive(leaves[:done]))


def test_a_compact_range_has_a_hash_for_each_bit() -> None:
    """A range that cannot be the edge of a tree of its size is not made."""
    with pytest.raises(ValueError, match="one hash for each bit"):
        CompactRange(3, (ROOTS[1].encode(),))


class TestTheTreeDrawnInTheRfc:
    """The seven leaves of RFC 6962, section 2.1.3, whose nodes the RFC calls a to l."""

    def named(self) -> dict[str, bytes]:
        """The nodes by the letters of the drawing."""
        d = some_leaves(7)
        names = dict(zip("abcdef", d[:6], strict=True)) | {"j": d[6]}
        names |= {"g": naive(d[:2]), "h": naive(d[2:4]), "i": naive(d[4:6])}
        return names | {"k": naive(d[:4]), "l": naive(d[4:])}

    @pytest.mark.parametrize(("index", "path"), [(0, "bhl"), (3, "cgl"), (4, "fjk"), (6, "ik")])
    def test_inclusion(self, index: int, path: str) -> None:
        """The audit path of each leaf is the one that the RFC lists."""
        names = self.named()
        assert merkle.inclusion_proof(index, 7, nodes_over(some_leaves(7))) == [names[letter] for letter in path]

    @pytest.mark.parametrize(("old", "proof"), [(3, "cdgl"), (4, "l"), (6, "ijk")])
    def test_consistency(self, old: int, proof: str) -> None:
        """The consistency proof from each older tree is the one that the RFC lists."""
        names = self.named()
        assert merkle.consistency_proof(old, 7, nodes_over(some_leaves(7))) == [names[letter] for letter in proof]


def test_every_inclusion_proof_up_to_33_entries() -> None:
    """Every leaf of every small tree can be proved, and its proof fits no other leaf and no other size of root."""
    for size in range(1, 34):
        leaves = some_leaves(size)
        root, node = naive(leaves), nodes_over(leaves)
        for index, leaf in enumerate(leaves):
            proof = merkle.inclusion_proof(index, size, node)
            merkle.verify_inclusion(index, size, leaf, proof, root)
            with pytest.raises(BadProof):
                merkle.verify_inclusion(index ^ 1, size, leaf, proof, root)
            with pytest.raises(BadProof):
                merkle.verify_inclusion(index, size, leaf, [*proof, root], root)


def test_every_consistency_proof_up_to_33_entries() -> None:
    """Every small tree is shown to begin with every smaller one, and with no other."""
    for new in range(34):
        leaves = some_leaves(new)
        root, node = naive(leaves), nodes_over(leaves)
        for old in range(new + 1):
            proof = merkle.consistency_proof(old, new, node)
            merkle.verify_consistency(old, new, naive(leaves[:old]), root, proof)
            with pytest.raises(BadProof):
                merkle.verify_consistency(old, new, merkle.leaf_hash(b"another"), root, proof)


@given(st.integers(2, 70), st.data())
def test_a_changed_proof_convinces_nobody(size: int, data: st.DataObject) -> None:
    """One flipped bit, one hash less or one more: neither kind of proof is believed."""
    leaves = some_leaves(size)
    node, root = nodes_over(leaves), naive(leaves)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size - 1))
    path = merkle.inclusion_proof(index, size, node)
    history = merkle.consistency_proof(old, size, node)
    for changed in _changes(path, data):
        with pytest.raises(BadProof):
            merkle.verify_inclusion(index, size, leaves[index], changed, root)
    for changed in _changes(history, data):
        with pytest.raises(BadProof):
            merkle.verify_consistency(old, size, naive(leaves[:old]), root, changed)


def _changes(proof: list[bytes], data: st.DataObject) -> list[list[bytes]]:
    at, bit = data.draw(st.integers(0, len(proof) - 1)), data.draw(st.integers(0, 255))
    flipped = (int.from_bytes(proof[at], "big") ^ (1 << bit)).to_bytes(32, "big")
    return [
        [*proof[:at], flipped, *proof[at + 1 :]],
        [*proof[:at], proof[at][:31], *proof[at + 1 :]],
        proof[:-1],
        [*proof, proof[-1]],
        [proof[-1], *proof],
    ]


@pytest.mark.parametrize(
    ("old", "new", "old_root", "new_root"), [(0, 0, 0, 1), (0, 4, 3, 4), (4, 4, 3, 4), (5, 4, 5, 4)]
)
def test_where_there_is_nothing_to_prove_the_roots_still_count(
    old: int, new: int, old_root: int, new_root: int
) -> None:
    """Trees of no or equal size need no proof, but an empty tree's root and equal roots are still demanded."""
    with pytest.raises(BadProof):
        merkle.verify_consistency(old, new, bytes.fromhex(ROOTS[old_root]), bytes.fromhex(ROOTS[new_root]), [])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (4, 4), (-1, 4)])
def test_no_proof_for_what_is_not_there(index: int, size: int) -> None:
    """A leaf beyond the tree is neither proved nor believed."""
    with pytest.raises(ValueError, match="has no entry"):
        merkle.inclusion_proof(index, size, nodes_over([]))
    with pytest.raises(BadProof):
        merkle.verify_inclusion(index, size, bytes(32), [], bytes(32))
    with pytest.raises(ValueError, match="does not contain"):
        merkle.consistency_proof(5, 4, nodes_over([]))


class TestProofsOfAnotherLength:
    """A proof must be exactly as long as the tree is high, or a node could pass for a leaf and a tree for another."""

    def test_a_node_is_no_leaf(self) -> None:
        """An inner node with the rest of the path above it leads to the root, and is refused all the same."""
        a, b, c, d = some_leaves(4)
        inner, root = naive([a, b]), naive([a, b, c, d])
        with pytest.raises(BadProof, match="shorter"):
            merkle.verify_inclusion(0, 4, inner, [naive([c, d])], root)

    def test_a_tree_is_no_smaller_tree(self) -> None:
        """The last leaf of two is not the only leaf of one."""
        a, b = some_leaves(2)
        with pytest.raises(BadProof, match="longer"):
            merkle.verify_inclusion(0, 1, b, [a], naive([a, b]))

    @pytest.mark.parametrize("short", [b"", bytes(31), bytes(33)])
    def test_a_hash_has_32_bytes(self, short: bytes) -> None:
        """What is no hash proves nothing, even where two of them are equal."""
        with pytest.raises(BadProof, match="32 bytes"):
            merkle.verify_inclusion(0, 1, short, [], short)
        with pytest.raises(BadProof, match="32 bytes"):
            merkle.verify_consistency(1, 1, short, short, [])
