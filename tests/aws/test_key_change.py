"""A change of the ledger's key: the former key vouches for the next one in the ledger, and nobody else can."""

import base64
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from texting.audit.checkpoint import Checkpoint, KeyChange, VerifierKey, open_checkpoint, sign_checkpoint
from texting.audit.entries import decode
from texting.audit.tiles import archive_path
from texting.aws.ledger import Signer, head
from texting.errors import Misconfigured

from tests.audit.logs import SIGNER
from tests.aws.ledger_world import KEY, NOW, ORIGIN, SIGNERS, entries, ledger_world
from verifier.verify import Bad, read_key, verify


def vkey(signer):
    """A signer's key under the log's name."""
    return VerifierKey(ORIGIN, signer.public_key().public_bytes_raw())


SECOND, THIRD = (vkey(SIGNERS[name]) for name in ("key-2", "key-3"))


@pytest.fixture
def ledger():
    with ledger_world() as world:
        yield world


def deploy(ledger, key, former):
    """A deployment with other keys."""
    ledger.press = replace(ledger.press, signer=Signer(key), former=Signer(former))


def minute(ledger, number, first, end):
    """Entries are written and a minute's run publishes them."""
    ledger.write(entries(first, end))
    return ledger.run(NOW + timedelta(minutes=number))


@pytest.fixture
def changed(ledger):
    """A log of two minutes, a change of key, and two minutes more."""
    minute(ledger, 0, 0, 3)
    minute(ledger, 1, 3, 5)
    deploy(ledger, "key-2", "signing-key")
    minute(ledger, 2, 5, 7)
    minute(ledger, 3, 7, 9)
    return ledger


def read(ledger, *keys):
    """The verifier's report, told these keys."""
    return verify(ledger.objects(), [read_key(str(key)) for key in keys])[0]


def test_either_key_opens_the_whole_log(changed):
    """Told only the first key, or only the second, or both, the reader verifies everything and names the key of today."""
    for keys in ([KEY], [SECOND], [KEY, SECOND], [SECOND, KEY]):
        report = read(changed, *keys)
        assert (report.size, report.checkpoints, report.key_changes) == (10, 4, [8])
        assert any(str(SECOND) in warning for warning in report.warnings)


def test_the_change_is_an_entry_under_a_checkpoint_that_both_sign(changed):
    """The former key's last checkpoint covers the entry that tells of the next key, and names it."""
    note = changed.objects()[archive_path(8)]
    for key in (KEY, SECOND):
        assert open_checkpoint(note, key).change == KeyChange(KEY, SECOND)
    after = changed.objects()[archive_path(10)]
    assert open_checkpoint(after, SECOND).change is None
    with pytest.raises(Exception, match="no signature of a trusted key"):
        open_checkpoint(after, KEY)
    told = [decode(data) for data in changed.press.log.entries(5, 8)]
    assert [one.kind for one in told].count("ledger.key_changed") == 1


def test_it_happens_once_and_by_itself(changed):
    """Later minutes write no further entry, also once the former key is no longer deployed; the head says today's key."""
    deploy(changed, "key-2", "key-2")
    minute(changed, 5, 9, 11)
    assert head(changed.bucket, "key-2", "key-2") == (12, read(changed, KEY).root, str(SECOND))
    assert read(changed, KEY).kinds["ledger.key_changed"] == 1


def test_until_it_is_handed_over_the_head_is_the_former_keys(ledger):
    """An operator who is told both keys can read the head before, at and after the change."""
    minute(ledger, 0, 0, 3)
    deploy(ledger, "key-2", "signing-key")
    assert head(ledger.bucket, "key-2", "signing-key").vkey == str(KEY)
    minute(ledger, 1, 3, 4)
    assert head(ledger.bucket, "key-2", "signing-key").vkey == str(SECOND)


def test_a_change_makes_its_own_checkpoint(ledger):
    """Where nothing else is written, the change itself is what is published."""
    minute(ledger, 0, 0, 3)
    deploy(ledger, "key-2", "signing-key")
    assert ledger.run(NOW + timedelta(minutes=1)).size == 4
    assert read(ledger, KEY).key_changes == [4]


def test_a_chain_of_changes_is_followed_both_ways(changed):
    """Three keys in turn: the first vouches for the second, and the second for the third, and back."""
    deploy(changed, "key-3", "key-2")
    minute(changed, 5, 9, 11)
    for key in (KEY, SECOND, THIRD):
        assert read(changed, key).key_changes == [8, 13]


def test_it_survives_a_run_that_stops_anywhere():
    """Stopped after each write of the change in turn, the next minute makes the same objects, and one change."""
    survived, alive = 0, True
    while alive:
        with ledger_world() as ledger:
            minute(ledger, 0, 0, 3)
            deploy(ledger, "key-2", "signing-key")
            ledger.write(entries(3, 5))
            alive = ledger.dies(survived + 1, NOW + timedelta(minutes=1))
            survived += alive
            ledger.run(NOW + timedelta(minutes=5))
            minute(ledger, 6, 5, 6)
            report = read(ledger, KEY)
            assert (report.size, report.key_changes) == (7, [6])
    assert survived > 8


def test_a_key_that_nobody_vouched_for_is_refused(changed):
    """A deployment whose keys the log does not stand under publishes nothing."""
    deploy(changed, "key-3", "signing-key")
    changed.write(entries(9, 10))
    with pytest.raises(Misconfigured):
        changed.run(NOW + timedelta(minutes=5))


def test_rolled_back_before_it_happened_it_happens_later(ledger):
    """The entry was placed while the old deployment ran again: it hands nothing over, and the change comes another day."""
    minute(ledger, 0, 0, 3)
    deploy(ledger, "key-2", "signing-key")
    assert ledger.dies(2, NOW + timedelta(minutes=1))  # the lease, and the entry
    deploy(ledger, "signing-key", "signing-key")
    assert ledger.run(NOW + timedelta(minutes=5)).size == 4
    assert read(ledger, KEY).key_changes == []
    deploy(ledger, "key-2", "signing-key")
    ledger.run(NOW + timedelta(days=1))
    assert read(ledger, KEY).key_changes == [5]


def forged(files, size, former, successor, sign, also):
    """The archived checkpoint of this size, made into a change of key, with these signatures on it."""
    honest = open_checkpoint(files[archive_path(size)], KEY, SECOND)
    note = Checkpoint(ORIGIN, size, honest.root, KeyChange(former, successor)).body() + b"\n"
    for key, signer in ((former, sign), (successor, also)):
        if signer:
            change = Checkpoint(ORIGIN, size, honest.root, KeyChange(former, successor))
            line = sign_checkpoint(change, key, signer) if vkey_of(signer) == key else wrong_line(change, key, signer)
            note += line.split(b"\n\n")[1]
    return files | {archive_path(size): note}


def vkey_of(sign):
    return vkey(sign.__self__)


def wrong_line(change, key, sign):
    """A signature line in the name of `key` that another key made."""

    line = f"— {key.name} {base64.b64encode(key.key_id + sign(change.body())).decode()}\n"
    return change.body() + b"\n" + line.encode()


@pytest.mark.parametrize(
    ("sign", "also", "why"),
    [
        (None, "key-3", "carries no signature"),  # nobody gave way
        ("key-3", "key-3", "not what was signed"),  # the thief signs in the former key's name
        ("first", None, "carries no signature"),  # a key that its owner does not hold
        ("first", "key-2", "not what was signed"),  # somebody else in the next key's name
    ],
)
def test_a_forged_change_is_found(ledger, sign, also, why):
    """A change that not both keys signed spoils its checkpoint, whichever key the reader was given."""
    minute(ledger, 0, 0, 3)
    minute(ledger, 1, 3, 5)
    signers = {None: None, "first": SIGNER.sign, **{name: key.sign for name, key in SIGNERS.items()}}
    files = forged(ledger.objects(), 3, KEY, THIRD, signers[sign], signers[also])
    for key in (KEY, THIRD):
        with pytest.raises(Bad, match=why) as found:
            verify(files, [read_key(str(key))])
        assert found.value.file == archive_path(3)


def test_a_strangers_change_vouches_for_nobody(changed):
    """A change signed by two keys that were never the log's does not make either of them believed."""
    stranger = Ed25519PrivateKey.from_private_bytes(bytes([9] * 32))
    files = forged(changed.objects(), 5, vkey(stranger), THIRD, stranger.sign, SIGNERS["key-3"].sign)
    with pytest.raises(Bad, match="carries no signature of the given key"):
        verify(files, [read_key(str(KEY))])


def test_a_former_key_signs_nothing_more(changed):
    """Whoever holds the former key cannot go on with the log, nor give way a second time."""
    files = changed.objects()
    last = open_checkpoint(files["checkpoint"], SECOND)
    for note in (
        sign_checkpoint(last, KEY, SIGNER.sign),
        sign_checkpoint(replace(last, change=KeyChange(KEY, THIRD)), KEY, SIGNER.sign, also=SIGNERS["key-3"].sign),
    ):
        with pytest.raises(Bad, match="the key had changed"):
            verify(files | {"checkpoint": note, archive_path(last.size): note}, [read_key(str(KEY))])


def test_the_next_key_signed_nothing_before(changed):
    """A checkpoint from before the change in the next key's name is no checkpoint of this log."""
    files = changed.objects()
    early = open_checkpoint(files[archive_path(3)], KEY)
    note = sign_checkpoint(early, SECOND, SIGNERS["key-2"].sign)
    with pytest.raises(Bad, match="the key had changed"):
        verify(files | {archive_path(3): note}, [read_key(str(SECOND))])


@pytest.mark.parametrize(
    "line", ["key-change", "key-change x", f"key-change {KEY}", f"key-change {KEY} {SECOND} {KEY}"]
)
def test_a_change_that_names_no_keys_is_found(changed, line):
    """A malformed line is named with its byte, not passed over."""
    files = changed.objects()
    body = Checkpoint(ORIGIN, 3, open_checkpoint(files[archive_path(3)], KEY).root).body()
    text = body + f"{line} \n".encode()
    signed = wrong_line(type("Text", (), {"body": lambda self: text})(), KEY, SIGNER.sign)
    with pytest.raises(Bad, match="does not tell the former key") as found:
        verify(files | {archive_path(3): signed}, [read_key(str(KEY))])
    assert found.value.offset == len(body)
