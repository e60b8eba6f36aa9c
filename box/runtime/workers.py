"""The functions as processes: one each, started when first needed, replaced when it crashes or hangs."""

import json
import os
import select
import signal
import threading
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from box.runtime.nursery import ROOT as ROOT
from box.runtime.nursery import Nursery

PATIENCE = 30.0  # seconds a function is given at least: a busy machine is slower than Lambda's smallest
STARTING = 90.0


@dataclass(frozen=True)
class Function:
    """A function as the template describes it."""

    name: str
    arn: str
    handler: str
    folder: Path
    environment: Mapping[str, str]
    timeout: float = 3.0
    memory: int = 128
    role: str = ""
    layers: tuple[Path, ...] = ()

    @property
    def short(self) -> str:
        """The name its folder and its service have."""
        return self.environment.get("POWERTOOLS_SERVICE_NAME", self.name)


@dataclass(frozen=True)
class Invocation:
    """What came of one event: a result, or an error as Lambda reports it; and the AWS calls it took."""

    result: Any = None
    error: Mapping[str, Any] | None = None
    calls: list[str] = field(default_factory=list)
    contexts: list[Mapping[str, str]] = field(default_factory=list)
    crashed: bool = False
    seconds: float = 0.0


class Worker:
    """One function's process. `invoke` may be called from any thread; events run one at a time."""

    def __init__(
        self, function: Function, environment: Mapping[str, str], clock: Path, log: Path, nursery: Nursery
    ) -> None:
        self.function, self.log = function, log
        self._environment, self._clock, self._nursery = environment, clock, nursery
        self._lock = threading.Lock()
        self._pid = 0
        self._questions, self._answers = -1, -1
        self._unread = b""

    def invoke(self, event: Any, *, crash_after: int | None = None) -> Invocation:
        """Run the handler on an event; with `crash_after`, the process dies right after that many AWS calls."""
        asked = {"event": event, "request_id": str(uuid.uuid4()), "crash_after": crash_after}
        began = time.monotonic()
        with self._lock:
            trouble = self._start()
            if trouble:
                return Invocation(error=trouble, seconds=time.monotonic() - began)
            told = self._ask(asked, max(self.function.timeout, PATIENCE))
        seconds = time.monotonic() - began
        if told is None:
            return Invocation(error=self._lost(seconds), crashed=True, seconds=seconds)
        made, contexts = told.get("calls", []), told.get("contexts", [])
        return Invocation(told.get("result"), told.get("error"), made, contexts, seconds=seconds)

    def warm(self) -> None:
        """Start the process ahead of its first event."""
        with self._lock:
            self._start()

    def stop(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _start(self) -> Mapping[str, Any] | None:
        """Have a process ready; return the error of a handler that cannot be loaded."""
        if self._pid:
            return None
        asked, self._questions = os.pipe()
        self._answers, answers = os.pipe()
        with self.log.open("ab") as log:
            self._pid = self._nursery.birth(self._environment, (asked, answers, log.fileno()))
        os.close(asked)
        os.close(answers)
        told = self._ask(self._setup(), STARTING)
        if told and told.get("ready"):
            return None
        self._end()
        return told["error"] if told else {"errorType": "Runtime.ExitError", "errorMessage": "It ended while starting."}

    def _setup(self) -> dict[str, Any]:
        function = self.function
        context = {
            "function_name": function.name,
            "invoked_function_arn": function.arn,
            "memory_limit_in_mb": str(function.memory),
            "log_group_name": f"/aws/lambda/{function.name}",
            "log_stream_name": "box",
        }
        return {"clock": str(self._clock), "folder": str(function.folder), "handler": function.handler,
                "timeout": function.timeout, "context": context}  # fmt: skip

    def _ask(self, told: Mapping[str, Any], patience: float) -> dict[str, Any] | None:
        """Send one line and wait for one; None when the process died or took too long, and is gone."""
        with suppress(BrokenPipeError):
            write_all(self._questions, json.dumps(told).encode() + b"\n")
        deadline = time.monotonic() + patience
        while b"\n" not in self._unread:
            ready, _, _ = select.select([self._answers], [], [], max(0.0, deadline - time.monotonic()))
            piece = os.read(self._answers, 1 << 16) if ready else b""
            if not piece:
                self._end()
                return None
            self._unread += piece
        line, self._unread = self._unread.split(b"\n", 1)
        return json.loads(line)  # type: ignore[no-any-return]

    def _lost(self, seconds: float) -> dict[str, Any]:
        if seconds >= max(self.function.timeout, PATIENCE):
            return {"errorType": "Sandbox.Timedout", "errorMessage": f"Task timed out after {seconds:.2f} seconds"}
        return {"errorType": "Runtime.ExitError", "errorMessage": "RequestId: box Error: Runtime exited"}

    def _end(self) -> None:
        if self._pid:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            os.close(self._questions)
            os.close(self._answers)
        self._pid, self._unread = 0, b""


def write_all(file: int, data: bytes) -> None:
    """Write everything; a pipe takes only so much at a time."""
    while data:
        data = data[os.write(file, data) :]


def environment(function: Function, opt: Path, aws: Mapping[str, str]) -> dict[str, str]:
    """What a function's process is given: the template's variables, Lambda's own, and where its AWS is."""
    mapped = {name: value.replace("/opt/", f"{opt}/", 1) if value.startswith("/opt/") else value
              for name, value in function.environment.items()}  # fmt: skip
    lambdas = beforehand(opt) | {
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "box",
        "LAMBDA_TASK_ROOT": str(function.folder),
        "_HANDLER": function.handler,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return lambdas | dict(aws) | mapped


def beforehand(opt: Path) -> dict[str, str]:
    """What every process is given whatever its function: the layers on its path, and no zone but UTC."""
    path = os.pathsep.join([str(opt / "python"), str(ROOT)])
    return {"TZ": "UTC", "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin", "PYTHONPATH": path}
