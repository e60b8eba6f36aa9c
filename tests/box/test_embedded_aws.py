"""The embedded AWS: up in a moment, deaf to the outside, gone with its parent, and asked what we rely on."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from box.embedded_aws import EmbeddedAws, EmbeddedAwsFailed, Kind
from box.relied_on import CHECKS, NotRelied, assert_relied_on, relied_on

ROOT = Path(__file__).parents[2]
SESSION = boto3.Session()


@pytest.fixture(scope="module", params=["ministack", "moto"])
def aws(request: pytest.FixtureRequest) -> Iterator[EmbeddedAws]:
    with EmbeddedAws(request.param) as running:
        yield running


def clients(aws: EmbeddedAws) -> dict[str, Any]:
    return {name: SESSION.client(name, **aws.client_settings()) for name in ("s3", "dynamodb", "kms")}


def test_it_does_what_the_product_relies_on(aws: EmbeddedAws) -> None:
    """The first choice keeps every promise; moto's two known gaps are named and nothing else is excused."""
    gaps = () if aws.kind == "ministack" else ("object lock lasts", "Ed25519 signatures")
    answers = assert_relied_on(clients(aws), excused=gaps)
    assert [answer.name for answer in answers] == list(CHECKS)
    assert tuple(answer.name for answer in answers if not answer.ok) == gaps


def test_what_it_cannot_do_is_said(aws: EmbeddedAws) -> None:
    """An embedded AWS that fails a check is refused with a line for each, unless that check was excused."""
    if aws.kind == "ministack":
        assert all(answer.ok and answer.note for answer in relied_on(clients(aws)))
        return
    with pytest.raises(NotRelied, match="Ed25519 signatures"):
        assert_relied_on(clients(aws))


@pytest.mark.skipif(not Path("/proc/self/net/tcp").exists(), reason="reads Linux's own table of sockets")
def test_it_listens_on_loopback_only(aws: EmbeddedAws) -> None:
    """Nobody else on the network can reach a practice in a box."""
    assert aws._child is not None
    inodes = {os.readlink(f) for f in Path(f"/proc/{aws._child.pid}/fd").iterdir() if f.exists() or f.is_symlink()}
    listening = []
    for table in ("tcp", "tcp6"):
        for row in Path(f"/proc/{aws._child.pid}/net/{table}").read_text().splitlines()[1:]:
            fields = row.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in inodes:
                listening.append(fields[1].split(":")[0])
    assert listening == ["0100007F"]


def test_it_starts_empty_and_forgets(aws: EmbeddedAws) -> None:
    """Two of them share nothing."""
    mine = clients(aws)["dynamodb"]
    keys: dict[str, Any] = {
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    }
    mine.create_table(TableName="only-here", BillingMode="PAY_PER_REQUEST", **keys)
    with EmbeddedAws(aws.kind) as other:
        assert clients(other)["dynamodb"].list_tables()["TableNames"] == []
        assert other.endpoint != aws.endpoint
    assert not other.running()
    assert "only-here" in mine.list_tables()["TableNames"]


PARENT = """
import sys, time
from box.embedded_aws import EmbeddedAws
aws = EmbeddedAws(sys.argv[1])
aws.start()
print(aws._child.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("kind", ["ministack", "moto"])
def test_it_dies_with_its_parent_however_that_dies(kind: Kind) -> None:
    """A killed supervisor leaves nothing behind on the machine."""
    with subprocess.Popen([sys.executable, "-c", PARENT, kind], stdout=subprocess.PIPE, cwd=ROOT) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
    end = time.monotonic() + 10
    while _alive(child) and time.monotonic() < end:
        time.sleep(0.02)
    assert not _alive(child)


def test_a_missing_environment_says_what_to_do(tmp_path: Path) -> None:
    """The first sentence a newcomer meets is an instruction."""
    with pytest.raises(EmbeddedAwsFailed, match="make demo"):
        EmbeddedAws(python=tmp_path / "python").start()


def test_a_child_that_fails_is_quoted() -> None:
    """What the emulator said last is in the error, and nothing is left running."""
    aws = EmbeddedAws("ministack", python=Path(sys.executable))  # an environment that does not have it
    with pytest.raises(EmbeddedAwsFailed, match="No module named 'ministack'"):
        aws.start()
    assert not aws.running()


def _alive(process: int) -> bool:
    status = Path(f"/proc/{process}/stat")
    if Path("/proc/self").exists():  # where a process that nobody has buried yet still counts as running for `kill`
        return status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
