"""An embedded AWS: an emulator in a child process, on loopback, that dies with its parent.

`ministack` from an environment of its own is the first choice; `moto`, which the tests have anyway, can take its place
where nothing is asked of Ed25519 signing. Both forget everything when they stop, and both live in real time: what AWS
itself measures (an object's retention, a table's time to live) does not follow the box's clock.

    with EmbeddedAws() as aws:
        client = boto3.client("dynamodb", **aws.client_settings())
"""

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Literal, Self

ROOT = Path(__file__).resolve().parents[1]
REGION = "us-east-1"
ACCOUNT = {"ministack": "000000000000", "moto": "123456789012"}
PATIENCE = 30.0  # seconds for the child to answer; it takes about one, and ten on a machine that is very busy

Kind = Literal["ministack", "moto"]

# The child reads its standard input only to learn that its parent is gone, however the parent went: the pipe closes.
LAUNCH = """
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
sys.argv = [sys.argv[1]]
if sys.argv[0] == "ministack":
    from ministack.app import main
else:
    from box.embedded_moto import main
main()
"""


class EmbeddedAwsFailed(RuntimeError):
    """Raised when the emulator cannot be started; says what to do, or what it said last."""


class EmbeddedAws:
    """An emulator of AWS that runs between `start` and `stop`, or inside a `with`."""

    def __init__(self, kind: Kind = "ministack", *, python: Path | None = None) -> None:
        self.kind = kind
        self.account = ACCOUNT[kind]
        self.endpoint = ""
        self._python = python or _python_of(kind)
        self._child: subprocess.Popen[bytes] | None = None
        self._said: IO[bytes] | None = None
        self._scratch: tempfile.TemporaryDirectory[str] | None = None

    def start(self) -> str:
        """Start the emulator, wait until it answers, and return its URL; raises `EmbeddedAwsFailed`."""
        if not self._python.exists():
            raise EmbeddedAwsFailed(f"{self._python} is not there: set the environment up with `make demo`.")
        port = _free_port()
        self._scratch = tempfile.TemporaryDirectory(prefix="quietline-box-")
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed by stop
        self._child = subprocess.Popen(
            [str(self._python), "-c", LAUNCH, self.kind],
            stdin=subprocess.PIPE,
            stdout=self._said,
            stderr=subprocess.STDOUT,
            env=_environment(port, self._scratch.name),
            cwd=ROOT,
            start_new_session=True,  # so that Ctrl-C reaches the supervisor, which stops us in its own time
        )
        self._await(port)
        self.endpoint = f"http://127.0.0.1:{port}"
        return self.endpoint

    def stop(self) -> None:
        """Stop the emulator; everything in it is gone."""
        if self._child:
            assert self._child.stdin
            self._child.stdin.close()
            try:
                self._child.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
        if self._said:
            self._said.close()
        if self._scratch:
            self._scratch.cleanup()
        self._child = self._said = self._scratch = None

    def running(self) -> bool:
        """Whether the child is alive."""
        return self._child is not None and self._child.poll() is None

    def client_settings(self) -> dict[str, Any]:
        """Return what `boto3.client` needs to reach the emulator from this process."""
        keys = {"aws_access_key_id": self.account, "aws_secret_access_key": "box"}
        return {"endpoint_url": self.endpoint, "region_name": REGION, **keys}

    def environment(self) -> dict[str, str]:
        """Return the variables that make any boto3 in another process reach the emulator."""
        keys = {"AWS_ACCESS_KEY_ID": self.account, "AWS_SECRET_ACCESS_KEY": "box"}
        region = {"AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION}
        return {"AWS_ENDPOINT_URL": self.endpoint, "AWS_EC2_METADATA_DISABLED": "true", **region, **keys}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _await(self, port: int) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.running():
            if _answers(port):
                return
            time.sleep(0.05)
        said = self._last_words()
        self.stop()
        raise EmbeddedAwsFailed(f"The embedded AWS ({self.kind}) did not start. It said last:\n{said}")

    def _last_words(self) -> str:
        if self._said is None:
            return ""
        self._said.seek(0)
        return self._said.read().decode(errors="replace")[-2000:]


def _python_of(kind: Kind) -> Path:
    return ROOT / ".venv-box" / "bin" / "python" if kind == "ministack" else Path(sys.executable)


def _environment(port: int, scratch: str) -> dict[str, str]:
    """Return the child's whole environment: nothing of the parent's credentials or endpoints reaches it."""
    return {
        "PATH": os.environ.get("PATH", ""),
        "HOME": scratch,
        "TMPDIR": scratch,
        "S3_DATA_DIR": scratch,
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "ERROR",
        "DOCKER_HOST": f"unix://{scratch}/none",
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": ACCOUNT["ministack"],
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/_ministack/health")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
