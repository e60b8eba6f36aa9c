"""A checkpoint is believed only as its key signed it, and a log never publishes one that would not be."""

import base64

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from texting.audit.checkpoint import (
    BadCheckpoint,
    Checkpoint,
    VerifierKey,
    open_checkpoint,
    raw_public_key,
    sign_checkpoint,
)

from tests.audit.logs import KEY, ORIGIN, SIGNER

HEAD = Checkpoint(ORIGIN, 20852163, bytes(range(32)))
NOTE = sign_checkpoint(HEAD, KEY, SIGNER.sign)

# The example key and signature of https://c2sp.org/signed-note.
EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE_SIGNATURE = "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="


class TestTheSpecificationsExample:
    """The specification's own key and note are read as it says."""

    def test_the_key_reads_and_writes(self) -> None:
        """The example vkey parses, and is written again as it was."""
        assert str(VerifierKey.parse(EXAMPLE_KEY)) == EXAMPLE_KEY

    @pytest.mark.parametrize(("text", "verdict"), [("an", "not a checkpoint"), ("the", "does not verify")])
    def test_the_signature_verifies(self, text: str, verdict: str) -> None:
        """The example's signature is good, so that only its text is at fault; with another text the signature is."""
        note = f"This is {text} example message.\n\n— example.com/foo {EXAMPLE_SIGNATURE}\n"
        with pytest.raises(BadCheckpoint, match=verdict):
            open_checkpoint(note.encode(), VerifierKey.parse(EXAMPLE_KEY))


def test_the_note_has_the_shape_of_the_specification() -> None:
    """Origin, size and root on a line each, an empty line, and one signature line of 4 + 64 bytes."""
    origin, size, root, empty, signature, end = NOTE.decode().split("\n")
    assert (origin, size, base64.b64decode(root), empty, end) == (ORIGIN, "20852163", HEAD.root, "", "")
    dash, name, encoded = signature.split(" ")
    assert (dash, name, base64.b64decode(encoded)[:4]) == ("—", ORIGIN, KEY.key_id)
    assert len(base64.b64decode(encoded)) == 68


def test_what_is_signed_is_read_back() -> None:
    """A signed checkpoint opens to what went in, an empty log's included."""
    empty = Checkpoint(ORIGIN, 0, bytes(32))
    assert open_checkpoint(NOTE, KEY) == HEAD
    assert open_checkpoint(sign_checkpoint(empty, KEY, SIGNER.sign), KEY) == empty


def test_the_anchor_is_one_short_line() -> None:
    """Size and root in hexadecimal: what the practice prints or mails to itself."""
    assert HEAD.anchor() == "20852163:" + "".join(f"{byte:02x}" for byte in range(32))


def test_every_flipped_bit_is_found() -> None:
    """There is no bit in a checkpoint whose change goes unnoticed, stray bits of its base64 included."""
    for bit in range(len(NOTE) * 8):
        changed = bytearray(NOTE)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(BadCheckpoint):
            open_checkpoint(bytes(changed), KEY)


class TestSigning:
    """Nothing is given out that a reader would refuse."""

    def test_another_key_answers(self) -> None:
        """If the signing service used another key, the checkpoint is not published."""
        with pytest.raises(BadCheckpoint, match="nothing is published"):
            sign_checkpoint(HEAD, KEY, Ed25519PrivateKey.from_private_bytes(bytes(32)).sign)

    def test_another_origin(self) -> None:
        """A log signs in its own name only."""
        with pytest.raises(BadCheckpoint, match="own origin"):
            sign_checkpoint(Checkpoint("other.example", 1, bytes(32)), KEY, SIGNER.sign)


class TestSeveralSignatures:
    """Strangers' signatures are passed over; the known key's must be there and be good."""

    def line(self, signer: Ed25519PrivateKey, name: str) -> bytes:
        """A further signature line over the same text."""
        key = VerifierKey(name, signer.public_key().public_bytes_raw())
        signed = key.key_id + signer.sign(HEAD.body())
        return f"— {name} {base64.b64encode(signed).decode()}\n".encode()

    def test_witnesses_do_no_harm(self) -> None:
        """Sixteen signatures of unknown keys beside ours change nothing."""
        witness = self.line(Ed25519PrivateKey.from_private_bytes(bytes(32)), "witness.example")
        assert open_checkpoint(NOTE + witness * 15, KEY) == HEAD

    def test_witnesses_alone_do_no_good(self) -> None:
        """A note that only strangers signed is not believed, whatever name they signed under."""
        forged = HEAD.body() + b"\n" + self.line(Ed25519PrivateKey.from_private_bytes(bytes(32)), ORIGIN)
        with pytest.raises(BadCheckpoint, match="no signature of a trusted key"):
            open_checkpoint(forged, KEY)

    def test_a_key_may_follow_another(self) -> None:
        """While keys change, both sign, and a reader with either key is content."""
        successor = Ed25519PrivateKey.from_private_bytes(b"n" * 32)
        both = NOTE + self.line(successor, ORIGIN)
        assert open_checkpoint(both, VerifierKey(ORIGIN, successor.public_key().public_bytes_raw())) == HEAD
        assert open_checkpoint(both, KEY) == HEAD

    def test_a_bad_signature_of_a_known_key_spoils_the_note(self) -> None:
        """A line that names our key and does not verify is not passed over."""
        broken = base64.b64encode(KEY.key_id + bytes(64)).decode()
        with pytest.raises(BadCheckpoint, match="does not verify"):
            open_checkpoint(NOTE + f"— {ORIGIN} {broken}\n".encode(), KEY)


def test_a_key_speaks_for_its_own_log_only() -> None:
    """Our key's good signature under another log's checkpoint is not that log's."""
    body = Checkpoint("other.example/practice", 1, bytes(32)).body()
    signed = base64.b64encode(KEY.key_id + SIGNER.sign(body)).decode()
    with pytest.raises(BadCheckpoint, match="in the name of its origin"):
        open_checkpoint(body + f"\n— {ORIGIN} {signed}\n".encode(), KEY)


@pytest.mark.parametrize(
    "body",
    [
        f"{ORIGIN}\n12\n",  # no root
        f"{ORIGIN}\n012\n{'A' * 43}=\n",  # a leading zero
        f"{ORIGIN}\n-1\n{'A' * 43}=\n",
        f"{ORIGIN}\n12\n{'A' * 43}\n",  # no padding
        f"{ORIGIN}\n12\n{'A' * 42}B=\n",  # stray bits
        f"{ORIGIN}\n12\nAAAA\n",  # a root of three bytes
        f"{ORIGIN}\n12\n{'A' * 43}=\n\nmore\n",  # an empty line inside
    ],
)
def test_even_a_signed_text_must_be_a_checkpoint(body: str) -> None:
    """Our own key's signature does not make a checkpoint of what is none."""
    signed = base64.b64encode(KEY.key_id + SIGNER.sign(body.encode())).decode()
    with pytest.raises(BadCheckpoint):
        open_checkpoint(f"{body}\n— {ORIGIN} {signed}\n".encode(), KEY)


@pytest.mark.parametrize(
    "note", [b"", b"\n\n", NOTE[:-1], NOTE.replace(b"\n", b"\r\n"), NOTE + b"x" * 100_000, b"\xff" + NOTE]
)
def test_what_is_no_note_is_refused(note: bytes) -> None:
    """Empty, cut, re-encoded or endless: a typed refusal, never a crash."""
    with pytest.raises(BadCheckpoint):
        open_checkpoint(note, KEY)


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "name",
        EXAMPLE_KEY[:-1],
        EXAMPLE_KEY.replace("530d", "530e"),
        EXAMPLE_KEY.replace("example.com", "example.org"),
        "example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",  # another signature type
        "two words+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    ],
)
def test_a_mistyped_key_is_refused(vkey: str) -> None:
    """A vkey carries its own check, so that a lost character is told at once."""
    with pytest.raises(BadCheckpoint):
        VerifierKey.parse(vkey)


def test_the_public_key_as_kms_gives_it() -> None:
    """The DER that KMS answers with holds the 32 bytes; a key of another curve is refused by name."""
    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert raw_public_key(SIGNER.public_key().public_bytes(*form)) == KEY.public_key
    with pytest.raises(BadCheckpoint, match="ECC_NIST_EDWARDS25519"):
        raw_public_key(generate_private_key(SECP256R1()).public_key().public_bytes(*form))
