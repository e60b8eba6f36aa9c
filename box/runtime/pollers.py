"""Event source mappings: a queue's messages handed to a function in batches, as Lambda's poller does.

A batch ends in one of three ways: all of it succeeded and is deleted; the function named the messages that failed
and only the others are deleted; or it failed as a whole (an error, a crash, or an answer that names a message it
was never given) and nothing is deleted. What is not deleted comes back when its visibility timeout has passed on
the box's clock.

Two faults are played here. `crash_after_call` ends the function's process after its n-th AWS call of one batch, and waits
for a batch that makes so many. `redeliver` gives a message that succeeded a second time, once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from box.carrier.faults import Faults
from box.runtime.queues import Letter, Queue, Queues
from box.runtime.workers import Invocation

Invoke = Callable[[str, Any, int | None], Invocation]


@dataclass(frozen=True)
class Mapping:
    """One mapping of the template."""

    queue: Queue
    function: str
    batch: int = 10
    reports_failures: bool = False
    enabled: bool = True


class Poller:
    """Feeds one function from one queue."""

    def __init__(self, mapping: Mapping, queues: Queues, invoke: Invoke, faults: Faults, region: str) -> None:
        self.mapping, self.queues, self.invoke, self.faults, self.region = mapping, queues, invoke, faults, region
        mapping.queue.wake = self.deliver

    def deliver(self) -> None:
        """Deliver whatever is visible, batch by batch; called by the timer."""
        while self.mapping.enabled:
            letters = self.queues.take(self.mapping.queue, self.mapping.batch)
            if not letters:
                return
            self._batch(letters)

    def _batch(self, letters: list[Letter]) -> None:
        event = {"Records": [self._record(letter) for letter in letters]}
        crash = self.faults.take("queue", "crash_after_call")
        done = self.invoke(self.mapping.function, event, crash.call if crash else None)
        if crash and not done.crashed:
            self.faults.give_back(crash)
        failed = self._failed(done, letters)
        for letter in letters:
            if letter.letter_id in failed:
                continue
            if letter.received == 1 and self.faults.take("queue", "redeliver"):
                self.queues.show_again(self.mapping.queue, letter, timedelta(0))
            else:
                self.queues.delete(self.mapping.queue, letter)

    def _failed(self, done: Invocation, letters: list[Letter]) -> set[str]:
        """The ids of the messages that are to come back."""
        everything = {letter.letter_id for letter in letters}
        if done.error is not None:
            return everything
        if not self.mapping.reports_failures or not done.result:
            return set()
        try:
            named = {item["itemIdentifier"] for item in done.result.get("batchItemFailures") or []}
        except (AttributeError, KeyError, TypeError):
            return everything
        return named if named <= everything else everything

    def _record(self, letter: Letter) -> dict[str, Any]:
        """One message as a function receives it."""
        attributes = {
            "ApproximateReceiveCount": str(letter.received),
            "SentTimestamp": _milliseconds(letter.sent),
            "SenderId": "AROABOX:box",
            "ApproximateFirstReceiveTimestamp": _milliseconds(letter.first_received or letter.sent),
        }
        return {
            "messageId": letter.letter_id,
            "receiptHandle": letter.receipt,
            "body": letter.body,
            "attributes": attributes,
            "messageAttributes": {
                name: {"stringValue": told.get("StringValue"), "dataType": told.get("DataType"),
                       "stringListValues": [], "binaryListValues": []}
                for name, told in letter.attributes.items()
            },
            "md5OfBody": letter.md5,
            "eventSource": "aws:sqs",
            "eventSourceARN": self.mapping.queue.arn,
            "awsRegion": self.region,
        }  # fmt: skip


def _milliseconds(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1000))
