"""The verifier passes what was signed and nothing else: each way of tampering is tried, and each is found."""

import base64
import json
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from texting.audit.entries import encode

from tests.audit.logs import DIGEST, KEY, ORIGIN, SIGNER, anchor, bare, entry, publish, told
from verifier.verify import Anchor, Bad, Report, read_key, verify

Files = dict[str, bytes]
KEYS = [read_key(str(KEY))]

SMALL = bare(publish([told(3)]), 3)
GROWN = publish([told(2), told(3)[2:]])
LARGE = publish([told(600)[:200], told(600)[200:500], told(600)[500:]])


def check(files: Files, *anchors: Anchor, allow_empty: bool = False) -> Report:
    """The report of a log that is whole."""
    return verify(files, KEYS, list(anchors), allow_empty)[0]


def found(files: Files, *anchors: Anchor) -> Bad:
    """What the verifier objects to; the test fails if it objects to nothing."""
    try:  # pytest.raises would keep a traceback for each of some ten thousand tries, at twice the time
        check(files, *anchors)
    except Bad as objection:
        return objection
    pytest.fail("the damage was not found")


def flipped(files: Files, path: str, byte: int, bit: int = 0) -> Files:
    """The log with one bit changed."""
    data = bytearray(files[path])
    data[byte] ^= 1 << bit
    return files | {path: bytes(data)}


@pytest.mark.parametrize("files", [SMALL, GROWN, LARGE], ids=["small", "grown", "large"])
def test_a_whole_log_passes(files: Files) -> None:
    """A log as it was published verifies, older partial tiles and archived checkpoints beside it or not."""
    report = check(files, anchor(files))
    assert (report.size, report.root) == (anchor(files)[0], anchor(files)[1].hex())
    assert report.kinds == {"message.delivered": report.size}
    assert (report.first[:16], report.warnings) == ("2026-12-01T15:00", [])


@pytest.mark.parametrize("path", SMALL)
def test_every_flipped_bit_of_a_small_log_is_found(path: str) -> None:
    """No bit of any file can change unnoticed, and the file is named: with the byte of a tile, or the entry of a bundle."""
    starts = [0, 2 + len(told(1)[0]), 4 + sum(map(len, told(2)))]
    for byte in range(len(SMALL[path])):
        for bit in range(8):
            bad = found(flipped(SMALL, path, byte, bit))
            assert bad.file == path
            if path.startswith("tile/0"):
                assert bad.offset == byte
            elif path.startswith("tile/entries"):
                assert bad.offset == max(start for start in starts if start <= byte)


@pytest.mark.parametrize("path", GROWN)
def test_every_changed_byte_of_a_log_with_a_past_is_found(path: str) -> None:
    """Older partial tiles, older bundles and archived checkpoints are held to the same history."""
    for byte in range(len(GROWN[path])):
        assert found(flipped(GROWN, path, byte, byte % 8)).file == path


@pytest.mark.parametrize("path", LARGE)
def test_damage_anywhere_in_a_large_log_is_found_where_it_is(path: str) -> None:
    """First, middle and last byte of each file, over full and partial tiles of two levels."""
    size = len(LARGE[path])
    for byte in {0, 1, size // 2, size - 1}:
        assert found(flipped(LARGE, path, byte, 3)).file == path


@pytest.mark.parametrize("path", bare(LARGE, 600))
def test_each_removed_file_is_missed(path: str) -> None:
    """Nothing that the checkpoint's size demands can be taken away."""
    bad = found({name: data for name, data in LARGE.items() if name != path})
    assert bad.file == path
    assert "missing" in bad.why


@pytest.mark.parametrize("path", bare(LARGE, 600))
def test_each_shortened_or_lengthened_file_is_found(path: str) -> None:
    """One byte less, one more, or none at all."""
    for data in (LARGE[path][:-1], LARGE[path] + b"\x00", b""):
        assert found(LARGE | {path: data}).file == path


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/003.p/1",
        "tile/0/002.p/89",  # further than the checkpoint reaches
        "tile/0/002",
        "tile/2/000.p/1",
        "tile/entries/003",
        "tile/0/x000/000",
        "tile/00/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/.DS_Store",
        "checkpoints/latest",
        "checkpoints/0600",
    ],
)
def test_each_extra_file_is_found(path: str) -> None:
    """A tile that no size accounts for, or a name that the format does not have, is not passed over."""
    assert found(LARGE | {path: bytes(32)}).file == path


def test_an_object_between_the_signed_sizes_is_held_to_the_log() -> None:
    """A partial tile that no checkpoint asked for may lie there only if it is the beginning of the true one."""
    true = LARGE["tile/0/001"][:320]
    assert check(LARGE | {"tile/0/001.p/10": true}).size == 600
    assert found(LARGE | {"tile/0/001.p/10": true[:-1] + b"\x00"}).offset == 319


def rewritten(entries: list[bytes], signer: Ed25519PrivateKey = SIGNER) -> Files:
    """Another history of the same kind, consistent in itself and properly signed."""
    return bare(publish([entries], signer), len(entries))


CHANGES: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "two entries change places": lambda log: [log[1], log[0], *log[2:]],
    "an entry is left out": lambda log: log[:1] + log[2:],
    "an entry is put in": lambda log: [log[0], encode(entry(999)), *log[1:]],
    "an entry is replaced": lambda log: [encode(entry(0, kind="message.withdrawn", reason="moved")), *log[1:]],
    "the tail is cut": lambda log: log[:-2],
    "everything but the first": lambda log: log[:1],
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_rewritten_history_with_the_true_key_is_found_by_its_anchor(change: str) -> None:
    """Whoever holds the key can re-chain and re-sign everything; what was noted down elsewhere still tells."""
    log = told(10)
    forged = rewritten(CHANGES[change](log))
    assert check(forged).size == len(CHANGES[change](log))
    bad = found(forged, anchor(rewritten(log)))
    assert bad.file == "checkpoint"
    assert "tail was cut" in bad.why or "history was rewritten" in bad.why


@pytest.mark.parametrize("change", CHANGES)
def test_a_rewritten_history_is_found_by_an_archived_checkpoint(change: str) -> None:
    """An earlier checkpoint that stayed in the bucket is as good as an anchor."""
    log = told(10)
    kept = {path: data for path, data in publish([log]).items() if path.startswith("checkpoints/")}
    assert found(rewritten(CHANGES[change](log)) | kept).file in ("checkpoint", "checkpoints/10")


def test_the_same_length_with_another_key_is_found() -> None:
    """A history re-chained and signed by somebody else is refused at its signature."""
    forged = rewritten(told(3), Ed25519PrivateKey.from_private_bytes(bytes(32)))
    assert "no signature of the given key" in found(forged).why


@pytest.mark.parametrize("changed", [[1, 0, 2], [0, 2], [0, 1, 1], [0, 1, 2, 2]])
def test_entries_moved_within_a_bundle_are_found(changed: list[int]) -> None:
    """Reordered, removed or repeated entries, though each is genuine, are not what the tiles say."""
    log = told(3)
    data = b"".join(len(log[number]).to_bytes(2, "big") + log[number] for number in changed)
    assert found(SMALL | {"tile/entries/000.p/3": data}).file == "tile/entries/000.p/3"


def test_entries_and_tiles_changed_together_are_found() -> None:
    """When an entry and its leaf agree, the tile above still says otherwise; where none is above, the root does."""
    other = rewritten([encode(entry(999)), *told(600)[1:]])
    level_0 = {path: other[path] for path in ("tile/entries/000", "tile/0/000")}
    assert found(LARGE | level_0).file == "tile/entries/000"
    bad = found(LARGE | level_0 | {"tile/1/000.p/2": other["tile/1/000.p/2"]} | {"tile/entries/000.p/200": b""})
    assert (bad.file, "history was rewritten" in bad.why) == ("checkpoint", True)


class TestAnOlderState:
    """An old checkpoint is genuine, and says what was once true: only what is kept elsewhere can date it."""

    def test_an_old_export_is_told_by_its_anchor(self) -> None:
        """A whole earlier export, replayed, lacks what the anchor knows of."""
        old = publish([told(600)[:200]])
        assert check(old).size == 200
        assert "have been 600" in found(old, anchor(LARGE)).why

    def test_an_old_checkpoint_over_a_grown_log_is_told_by_the_rest(self) -> None:
        """Put back over the grown log, it is contradicted by later checkpoints, and without them by later tiles."""
        put_back = LARGE | {"checkpoint": LARGE["checkpoints/200"]}
        assert found(put_back).file == "checkpoint"
        without = {path: data for path, data in put_back.items() if not path.startswith("checkpoints/")}
        assert found(without).file.startswith("tile/")

    def test_a_grown_log_still_holds_its_anchors(self) -> None:
        """Every size that was ever anchored is found again inside the larger log."""
        entries = told(600)
        anchors = [anchor(rewritten(entries[:size])) for size in (1, 2, 255, 256, 257, 511, 512, 599, 600)]
        assert check(LARGE, *anchors).anchors == 9
        size, root = anchors[4]
        assert "first 257 entries" in found(LARGE, (size, root[::-1])).why


class TestNothingThere:
    """Absence is not innocence."""

    def test_an_empty_folder_fails(self) -> None:
        """No checkpoint, no log."""
        assert found({}).file == "checkpoint"

    def test_an_empty_log_fails_unless_it_was_expected(self) -> None:
        """A signed size of nothing passes only when asked for, and never against an anchor."""
        empty = publish([[]])
        assert "empty log" in found(empty).why
        assert check(empty, allow_empty=True).size == 0
        with pytest.raises(Bad, match="have been 3"):
            check(empty, anchor(SMALL), allow_empty=True)

    def test_an_empty_log_with_another_root_fails(self) -> None:
        """Nothing has exactly one root."""
        with pytest.raises(Bad, match="history was rewritten"):
            check(signed(0, bytes(32)), allow_empty=True)


def signed(size: int, root: bytes, origin: str = ORIGIN) -> Files:
    """A checkpoint of our own key that says this."""
    body = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n".encode()
    line = base64.b64encode(KEY.key_id + SIGNER.sign(body)).decode()
    return {"checkpoint": body + f"\n— {ORIGIN} {line}\n".encode()}


def test_a_key_speaks_for_its_own_log_only() -> None:
    """Our key's signature under another log's name is no signature of that log."""
    assert check(SMALL | signed(*anchor(SMALL))).size == 3
    assert "in the name of its origin" in found(SMALL | signed(*anchor(SMALL), "other.example/practice")).why


def test_an_archived_checkpoint_must_tell_its_own_size() -> None:
    """A checkpoint filed under another size would hide the one that belongs there."""
    misfiled = LARGE | {"checkpoints/500": LARGE["checkpoints/200"]}
    assert found(misfiled).file == "checkpoints/500"


def test_what_is_outside_the_log_is_told_and_not_checked() -> None:
    """A stray file beside the log is named in a note: it is no evidence, and no damage."""
    assert any("notes.txt is no part" in warning for warning in check(SMALL | {"notes.txt": b"x"}).warnings)


class TestWhatTheEntriesSay:
    """A log can be whole and still say what cannot be true."""

    def refused(self, *entries: bytes) -> str:
        """Why a log that was properly published is refused for what an entry says."""
        bad = found(rewritten(list(entries)), anchor(rewritten(list(entries))))
        assert bad.file.startswith("tile/entries/")
        return bad.why

    def test_a_repeated_entry(self) -> None:
        """The same entry sequenced twice is told with both its places."""
        assert self.refused(*told(3), told(3)[1]) == "entry 3 repeats the id of entry 1"

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (b'{"actor"', b'{ "actor"'),
            (b'"v":1', b'"v":1.0'),
            (b'"v":1', b'"v":true'),
            (b'"v":1', b'"v":1,"v":1'),
            (b'"v":1', b'"v":1,"w":1'),
            (b'"facts":{}', b'"facts":{"a":{"b":1}}'),
            (b'"facts":{}', b'"facts":{"a":null}'),
            (b'"facts":{}', b'"facts":{"a":' + b"[" * 9000),
            (b'"facts":{}', b'"facts":{"a":' + b"9" * 9000 + b"}"),
            (b'"facts":{}', b'"facts":{"a":"\\ud800"}'),
            (b".000Z", b"Z"),
            (b".000Z", b".000+00:00"),
            (b"-12-01", b"-13-01"),
            (b"message.delivered", b""),
            (b"message.delivered", "message.délivered".encode()),
            (b"message.delivered", b"retention.erased"),
        ],
    )
    def test_an_entry_out_of_form(self, old: bytes, new: bytes) -> None:
        """Another spelling, another field or a time that never was is refused, however well it was signed."""
        raw = told(1)[0]
        assert old in raw
        assert self.refused(raw.replace(old, new)).startswith("entry 0 ")

    def test_bytes_that_are_no_entry(self) -> None:
        """Not JSON, not UTF-8, not an object, not there."""
        for raw in (b"", b"\xff\xfe", b"[]", b"null", b"{", b'"text"'):
            assert self.refused(raw).startswith("entry 0 ")

    def test_something_personal_is_pointed_at(self) -> None:
        """An entry that reads like text, a number or an address is whole, but told."""
        for value in ("Ana Ruiz", "ana@example.com", "13125550142", "+1312", "Renée"):
            raw = told(1)[0].replace(
                b'"facts":{}', b'"facts":{"a":' + json.dumps(value, ensure_ascii=False).encode() + b"}"
            )
            assert any("entry 0" in warning for warning in check(rewritten([raw])).warnings)


class TestDisposal:
    """Each intent to dispose has its certificate, or is told as open."""

    FACTS = {"record_class": "message", "count": 4, "records_digest": DIGEST}
    INTENT = entry(1, "retention.intended", **FACTS)  # type: ignore[arg-type]

    def certificate(self, number: int, intent: str, count: int = 4) -> bytes:
        """A certificate for an intent."""
        days = {"erased_at": "2026-12-02T00:00:00.000Z", "beyond_backups_on": "2027-01-07"}
        facts = self.FACTS | days | {"intent": intent, "kept": 0, "method": "keys_destroyed", "count": count}
        return encode(entry(number, "certificate.issued", **facts))  # type: ignore[arg-type]

    def test_a_closed_intent(self) -> None:
        """Intent, deed and certificate: nothing is open."""
        erased = encode(entry(2, "retention.erased", intent=self.INTENT.id, count=4, method="keys_destroyed"))
        report = check(rewritten([encode(self.INTENT), erased, self.certificate(3, self.INTENT.id)]))
        assert report.open_intents == []

    def test_an_open_intent(self) -> None:
        """An intent that was never certified passes, and is listed."""
        report = check(rewritten([*told(1), encode(self.INTENT)]))
        assert report.open_intents == [self.INTENT.id]
        assert any("1 intended" in warning for warning in report.warnings)

    @pytest.mark.parametrize(
        ("numbers", "why"),
        [
            ("c", "never intended"),
            ("ci", "never intended"),
            ("icd", "certified before"),
            ("ix", "another number of records"),
            ("is", "another number of records"),
        ],
    )
    def test_certificates_that_cannot_be(self, numbers: str, why: str) -> None:
        """Without intent, before it, twice, or over another number of records."""
        made = {
            "i": encode(self.INTENT),
            "c": self.certificate(2, self.INTENT.id),
            "d": self.certificate(3, self.INTENT.id),
            "x": self.certificate(4, self.INTENT.id, count=5),
            "s": self.certificate(5, self.INTENT.id).replace(b'"count":4', b'"count":"4"'),
        }
        assert why in found(rewritten([made[letter] for letter in numbers])).why
