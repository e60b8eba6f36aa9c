"""Publishing: one order, made once, and the same whatever stops a run; what an outsider reads is what was written."""

import dataclasses
import random
import subprocess
import sys
from datetime import timedelta

import pytest
from texting.audit.sequence import Waiting
from texting.aws import sequencing
from texting.aws.clients import client
from texting.aws.ledger import export, head
from texting.errors import Bug, Contended, Misconfigured
from texting.flows import publish_ledger as journey
from texting.flows.publish_ledger import origin_of

from tests.aws.ledger_world import KEY, NOW, entries, item, ledger_world

LATER = NOW + timedelta(minutes=3)


@pytest.fixture
def ledger():
    with ledger_world() as world:
        yield world


def test_what_is_written_is_published_once_and_in_order(ledger):
    """Entries come out in the order of their times, all of them, under a checkpoint that the reader accepts."""
    wanted = entries(0, 30)
    ledger.write(random.Random(1).sample(wanted, 30))
    done = ledger.run()
    assert (done.state, done.count, done.size, done.pending, done.lag) == ("published", 30, 30, 0, 0)
    report = ledger.verified()
    assert (report.size, report.first, report.last) == (30, wanted[0].at, wanted[-1].at)


def test_a_quiet_minute_publishes_nothing(ledger):
    """Without new entries no object is put and nothing is signed."""
    ledger.write(entries(0, 3))
    ledger.run()
    ledger.calls.made.clear()
    assert ledger.run(LATER).state == "quiet"
    assert [operation for operation, _ in ledger.calls.made] == ["UpdateItem", "Query", "UpdateItem"]


def test_an_empty_ledger_is_left_alone(ledger):
    """Before the first entry there is no checkpoint."""
    assert ledger.run().state == "quiet"
    assert ledger.objects() == {}
    assert head(ledger.bucket, "signing-key") == (
        0,
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "",
    )


def test_it_grows_over_many_runs(ledger):
    """Each run appends to what the bucket has, and every earlier checkpoint stays true."""
    ledger.begun(250)
    for start, end in [(250, 255), (255, 256), (256, 257), (257, 270)]:
        ledger.write(entries(start, end))
        assert ledger.run().size == end
    assert (ledger.verified().size, ledger.verified().checkpoints) == (270, 5)


def test_a_run_that_dies_after_any_write_is_finished_by_the_next(monkeypatch):
    """Stopped once after each write, the ledger ends as if nothing had happened: same head, same bytes."""
    monkeypatch.setattr(sequencing, "MOST_PLACED", 3)
    with ledger_world() as calm:
        calm.begun(253)
        calm.write(entries(253, 258))
        calm.calls.made.clear()
        calm.run()
        writes = len(calm.calls.writes())
        wanted, names = calm.objects()["checkpoint"], set(calm.objects())
    assert writes > 10
    for after in range(1, writes + 1):
        with ledger_world() as ledger:
            ledger.begun(253)
            ledger.write(entries(253, 258))
            assert ledger.dies(after)
            ledger.run(LATER)
            found = ledger.objects()
            assert found["checkpoint"] == wanted
            assert names <= set(found)
            assert ledger.verified().size == 258
            assert ledger.state()["published"] == ledger.state()["size"] == "258"


def test_a_run_that_dies_again_and_again_is_still_finished(ledger):
    """However often it is stopped, each run starts where the objects stand, and the last one verifies."""
    ledger.begun(250)
    ledger.write(entries(250, 260))
    for tried in range(1, 15):
        ledger.dies(1 + tried * 5 % 7, now=NOW + tried * timedelta(minutes=3))
    ledger.run(NOW + timedelta(hours=3))
    assert ledger.verified().size == 260


def test_only_one_writes_at_a_time(ledger):
    """While one run holds the lease another does nothing; two minutes later it may."""
    ledger.write(entries(0, 5))
    assert ledger.press.log.take("other", NOW, NOW + journey.LEASE)
    assert ledger.run(NOW + timedelta(seconds=119)).state == "busy"
    assert ledger.objects() == {}
    assert ledger.run(NOW + timedelta(seconds=120)).state == "published"


def test_who_lost_the_lease_writes_nothing(ledger):
    """A run that was overtaken can neither place an entry, nor move the head, nor say that it published."""
    ledger.write(entries(0, 5))
    log = ledger.press.log
    slow = log.take("slow", NOW, NOW + journey.LEASE)
    ledger.run(LATER)
    before = ledger.state(), ledger.objects()
    late = Waiting(entries(5, 6)[0].id, NOW, b"late")
    for attempt in (
        lambda: log.sequence(slow, [late]),
        lambda: log.renew(slow, LATER),
        lambda: log.note_published(slow, LATER),
        lambda: log.release(slow, LATER),
        lambda: ledger.press.objects.move_head(b"old", '"the tag of an older version"'),
    ):
        with pytest.raises(Contended):
            attempt()
    assert (ledger.state(), ledger.objects()) == before


def test_a_lagging_index_places_nothing_twice(ledger):
    """What the index still shows as waiting after it was placed is left out."""
    ledger.write(entries(0, 10))
    stale = ledger.press.log.waiting(100)
    ledger.run()
    state = ledger.press.log.take("again", LATER, LATER + journey.LEASE)
    ledger.write(entries(10, 12))
    both = [*stale, *ledger.press.log.waiting(100)]
    after, placed = ledger.press.log.sequence(state, both)
    assert (after.size, [one.entry_id for one in placed]) == (12, [one.id for one in entries(10, 12)])


def test_other_bytes_under_a_ledgers_name_stop_everything(ledger):
    """An object that is not what the entries lead to is a Bug, and no checkpoint ever covers it."""
    ledger.write(entries(0, 3))
    client("s3").put_object(Bucket=ledger.bucket, Key="tile/0/000.p/3", Body=b"forged" * 16)
    with pytest.raises(Bug, match=r"tile/0/000.p/3"):
        ledger.run()
    assert "checkpoint" not in ledger.objects()


def test_a_table_restored_from_a_backup_cannot_fork_the_log(ledger):
    """When the table has forgotten what the bucket knows, nothing is published over it."""
    ledger.write(entries(0, 3))
    ledger.run()
    client("dynamodb").delete_item(TableName="ledger", Key={"pk": {"S": "STATE"}, "sk": {"S": "LOG"}})
    for one in entries(0, 3):
        key = {"pk": {"S": f"E#{one.id}"}, "sk": {"S": "ENTRY"}}
        client("dynamodb").delete_item(TableName="ledger", Key=key)
    client("dynamodb").delete_item(TableName="ledger", Key={"pk": {"S": f"B#{0:016d}"}, "sk": {"S": "BATCH"}})
    before = ledger.objects()["checkpoint"]
    ledger.write(entries(7, 9))
    with pytest.raises(Bug, match="restored"):
        ledger.run(LATER)
    assert ledger.objects()["checkpoint"] == before


def test_a_log_keeps_its_first_name_and_key(ledger, monkeypatch):
    """A new web address changes nothing; another signing key stops the press with its remedy."""
    ledger.write(entries(0, 1))
    ledger.run()
    ledger.write(entries(1, 2))
    moved = dataclasses.replace(ledger.press, origin=origin_of("https://elsewhere.example"))
    journey.publish_ledger(moved, LATER, lambda: True)
    assert ledger.verified().size == 2
    ledger.write(entries(2, 3))
    ledger.press = dataclasses.replace(ledger.press, signer=_Other(), former=_Other())
    with pytest.raises(Misconfigured, match="deploy with that one"):
        ledger.run(LATER + timedelta(minutes=3))


class _Other:
    def public_key(self):
        return bytes(32)

    def sign(self, text):
        raise AssertionError("a wrong key must not be asked to sign")


def test_what_is_no_entry_gets_no_place(ledger):
    """Rubbish in the table is left where it is, counted and never published; the entries around it go on."""
    ledger.write(entries(0, 2))
    forged = item(entries(2, 3)[0]) | {"entry": {"B": b'{"name":"Ana"}'}}
    client("dynamodb").put_item(TableName="ledger", Item=forged)
    done = ledger.run()
    assert (done.size, done.unreadable, done.pending) == (2, 1, 1)
    assert done.lag == 3598
    assert "caught_up_at" not in ledger.state()
    assert ledger.verified().size == 2


def test_what_time_does_not_allow_waits_for_the_next_run(ledger, monkeypatch):
    """A run places only as many rounds as its time allows, says how old the rest is, and the next one goes on."""
    monkeypatch.setattr(journey, "ROUND", 10)
    ledger.write(entries(0, 25))
    first = ledger.run(times=1)
    assert (first.size, first.pending, first.lag) == (10, 10, 3590)
    assert ledger.run(times=0).count == 0
    assert ledger.run(LATER).size == 25
    assert ledger.state()["caught_up_at"] == "2026-12-01T16:03:00.000Z"


def test_heavy_entries_are_placed_in_smaller_transactions(ledger, monkeypatch):
    """A transaction never holds more bytes than DynamoDB takes."""
    monkeypatch.setattr(sequencing, "MOST_BYTES", 1000)
    ledger.write(entries(0, 20))
    ledger.run()
    sizes = [len(asked["TransactItems"]) - 2 for op, asked in ledger.calls.made if op == "TransactWriteItems"]
    assert sum(sizes) == 20
    assert max(sizes) < 6
    assert ledger.verified().size == 20


def test_objects_are_put_once_with_a_checksum_and_the_head_last(ledger):
    """Every put is conditional and checked on the way in, and the checkpoint follows all that it speaks of."""
    ledger.begun(250)
    ledger.calls.made.clear()
    ledger.write(entries(250, 260))
    ledger.run()
    puts = [asked for operation, asked in ledger.calls.made if operation == "PutObject"]
    assert all(asked["ChecksumAlgorithm"] == "SHA256" for asked in puts)
    assert all(asked["IfNoneMatch"] == "*" for asked in puts[:-1])
    assert "IfMatch" in puts[-1]
    assert [asked["Key"] for asked in puts][-2:] == ["checkpoints/260", "checkpoint"]


def test_an_export_verifies_with_the_command(ledger, tmp_path):
    """The exported folder, the vkey and the anchor are all that a stranger needs."""
    ledger.begun(280)
    ledger.write(entries(280, 300))
    ledger.run()
    client("s3").put_object(Bucket=ledger.bucket, Key="tile/entries/001.p/45", Body=b"of a publication under way")
    assert export(ledger.bucket, tmp_path) == len(ledger.objects()) - 1
    told = head(ledger.bucket, "signing-key")
    assert (told.size, told.vkey) == (300, str(KEY))
    asked = [sys.executable, "verifier/verify.py", str(tmp_path), "--vkey", told.vkey]
    asked += ["--anchor", ledger.state()["anchor"]]
    answer = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stdout[:2]) == (0, "OK"), answer.stdout + answer.stderr


def test_a_ledger_is_named_after_the_practices_address():
    """The name is the host patients know, whatever path or case the setting has."""
    assert origin_of("https://Text.Glow.example/patients") == "text.glow.example/ledger"
    assert origin_of("http://127.0.0.1:8700") == "127.0.0.1:8700/ledger"
