"""Where workers are born: one process that has imported what is in every function's layers, and forks for each function.

Eleven interpreters that each import boto3, pydantic and the rest take eleven times 0.7 s of a laptop's processor; a
fork takes milliseconds. A newborn gets its own environment, pipes and log, and from then on shares nothing with its
siblings. Only libraries and the practice's own package are imported beforehand; each handler is imported by its own
process, as on Lambda.
"""

import importlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from box.runtime import worker

ROOT = Path(__file__).resolve().parents[2]
BEFOREHAND = (
    "boto3",
    "botocore.httpsession",
    "cryptography.hazmat.primitives.ciphers.aead",
    "aws_lambda_powertools.utilities.batch",
    "aws_lambda_powertools.metrics",
    "jinja2",
    "phonenumbers",
    "pydantic",
    "texting.practice",
    "texting.aws.world",
    "texting.flows.wording",
)


class Nursery:
    """Forks workers. `environment` is what a newborn finds until it is given its own: the path to the layers above all."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._lock = threading.Lock()
        self._door: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def birth(self, environment: Mapping[str, str], given: tuple[int, int, int]) -> int:
        """Fork a worker with this environment; `given` are the files it reads from, answers to and logs to. Its pid."""
        with self._lock:
            door = self._open()
            socket.send_fds(door, [json.dumps(dict(environment)).encode() + b"\n"], list(given))
            told = b""
            while not told.endswith(b"\n"):
                piece = door.recv(64)
                if not piece:
                    raise RuntimeError("The nursery of the workers has closed.")
                told += piece
            return int(told)

    def stop(self) -> None:
        """Close the nursery; who was born in it lives on until its own pipe is closed."""
        with self._lock:
            if self._door and self._process:
                self._door.close()
                self._process.wait(timeout=10)
            self._door = self._process = None

    def _open(self) -> socket.socket:
        if self._door is None:
            self._door, theirs = socket.socketpair()
            self._process = subprocess.Popen(
                [sys.executable, "-u", "-m", "box.runtime.nursery", str(theirs.fileno())],
                stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()], cwd=ROOT, env=dict(self._environment),
            )  # fmt: skip
            theirs.close()
        return self._door


def main() -> None:
    """Fork whenever asked, until the supervisor is gone."""
    door = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the supervisor, which ends us in its own time
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are buried at once
    for name in BEFOREHAND:
        with suppress(ImportError):
            importlib.import_module(name)
    while True:
        told, given, _, _ = socket.recv_fds(door, 1 << 16, 3)
        while told and not told.endswith(b"\n"):
            told += door.recv(1 << 16)
        if not told:
            return
        pid = os.fork()
        if not pid:
            door.close()
            grow_up(json.loads(told), *given)
        for file in given:
            os.close(file)
        door.sendall(f"{pid}\n".encode())


def grow_up(environment: Mapping[str, str], asked: int, answers: int, log: int) -> None:
    """Become a worker of its own, and end with it."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for file, standard in ((asked, 0), (log, 1), (log, 2)):
        os.dup2(file, standard)
    os.close(asked)
    os.close(log)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    random.seed()
    sys.stdin = os.fdopen(0)
    try:
        worker.serve(answers)
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
