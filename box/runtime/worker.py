"""The process a function runs in: loads the handler as Lambda does, and runs one event at a time on the box's clock.

Born in the `nursery`. Reads one JSON line per event from standard input and answers on a pipe of its own, so that
everything the function prints is its log. Every AWS call is counted on the way out: it tells a run that wrote from one
that only looked, and is where `crash_after_call` pulls the plug.
"""

import importlib
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import botocore.httpsession

from box.clock import install
from box.runtime.recording import record

READS = ("Get", "Query", "Scan", "BatchGet", "Describe", "List", "Decrypt", "GenerateDataKey", "Sign", "Verify")
CRASHED = 137


@dataclass
class Context:
    """What Lambda hands a handler beside the event."""

    function_name: str
    invoked_function_arn: str
    memory_limit_in_mb: str
    aws_request_id: str
    log_group_name: str
    log_stream_name: str
    deadline: float
    function_version: str = "$LATEST"
    identity: None = None
    client_context: None = None

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function's timeout, in real time."""
        return max(0, int((self.deadline - time.monotonic()) * 1000))


class Calls:
    """Counts this process's AWS calls, and ends it after the n-th when told to."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.contexts: list[dict[str, str]] = []
        self.crash_after: int | None = None
        self._lock = threading.Lock()

    def watch(self) -> None:
        """Stand between botocore and the network."""
        send = botocore.httpsession.URLLib3Session.send

        def counted(session: Any, request: Any) -> Any:
            with self._lock:
                self.made.append(operation(request))
                self.contexts += context_of(request)
                last = len(self.made) == self.crash_after
            try:
                return send(session, request)
            finally:
                if last:
                    os._exit(CRASHED)

        botocore.httpsession.URLLib3Session.send = counted  # type: ignore[method-assign, assignment]


def operation(request: Any) -> str:
    """The name of the operation a request carries, or its method where the protocol is REST."""
    target = request.headers.get("X-Amz-Target", "")
    named = target.decode() if isinstance(target, bytes) else str(target)
    return named.rsplit(".", 1)[-1] or str(request.method)


def context_of(request: Any) -> list[dict[str, str]]:
    """The encryption context of a call to KMS: AWS writes it into the trail in clear, so it is a sink to be searched."""
    body = request.body if isinstance(request.body, bytes) else b""
    return [json.loads(body)["EncryptionContext"]] if b'"EncryptionContext"' in body else []


def wrote(calls: list[str]) -> bool:
    """Whether any of these calls changes something."""
    return any(not call.startswith(READS) and call != "HEAD" and call != "GET" for call in calls)


def load(folder: str, handler: str) -> Callable[[Any, Any], Any]:
    """The handler `module.function` from the function's folder."""
    sys.path.insert(0, folder)
    module, _, name = handler.rpartition(".")
    return getattr(importlib.import_module(module.replace("/", ".")), name)  # type: ignore[no-any-return]


def failure(error: BaseException) -> dict[str, Any]:
    """An error as Lambda answers with it."""
    trace = traceback.format_tb(error.__traceback__)
    return {"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": trace}


def run(handler: Callable[[Any, Any], Any], event: Any, context: Context) -> dict[str, Any]:
    """Carry out one event; what the handler raises is logged as Lambda logs it and answered as an error."""
    try:
        return {"result": json.loads(json.dumps(handler(event, context)))}
    except Exception as error:  # noqa: BLE001 - Lambda answers for anything a handler raises
        told = failure(error)
        print(f"[ERROR] {told['errorType']}: {told['errorMessage']}\n" + "".join(told["stackTrace"]), flush=True)
        return {"error": told}


def serve(answers_to: int) -> None:
    """Serve events until standard input ends."""
    answers = os.fdopen(answers_to, "w")
    setup = json.loads(sys.stdin.readline())
    box_time, calls = install(Path(setup["clock"])), Calls()
    calls.watch()
    record()

    def answer(told: Mapping[str, Any]) -> None:
        answers.write(json.dumps(told) + "\n")
        answers.flush()

    with box_time():
        try:
            handler = load(setup["folder"], setup["handler"])
        except Exception as error:  # noqa: BLE001 - an import may raise anything, and is the function's failure
            traceback.print_exc()
            answer({"error": failure(error)})
            return
    answer({"ready": True})
    for line in sys.stdin:
        asked = json.loads(line)
        calls.made, calls.contexts, calls.crash_after = [], [], asked.get("crash_after")
        context = Context(**setup["context"], aws_request_id=asked["request_id"],
                          deadline=time.monotonic() + setup["timeout"])  # fmt: skip
        with box_time():
            told = run(handler, asked["event"], context)
        answer(told | {"calls": calls.made, "contexts": calls.contexts})
