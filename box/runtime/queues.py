"""The queues: standard SQS semantics on the box's clock.

A message taken for delivery is invisible until its visibility timeout has passed on the box's clock; it is deleted, or
comes back; one that has come back as often as the redrive policy allows goes to the dead letter queue instead. Whoever
consumes a queue is woken through the timer the moment something becomes visible, so nothing ever polls.
"""

import hashlib
import json
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from box.timer import Timer

LARGEST = 1 << 20  # bytes of one message, and of one batch: SQS's limit since 2025-08
LONGEST_DELAY = 900


class QueueRefused(Exception):
    """Raised when a request to a queue is one SQS would refuse; `code` is its wire name."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


@dataclass(eq=False)
class Letter:
    """One message in a queue."""

    body: str
    sent: datetime
    visible: datetime
    attributes: Mapping[str, Any] = field(default_factory=dict)
    letter_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    received: int = 0
    first_received: datetime | None = None
    receipt: str = ""
    source_arn: str = ""

    @property
    def md5(self) -> str:
        """The digest SQS answers with, so that a client can check what arrived."""
        return hashlib.md5(self.body.encode(), usedforsecurity=False).hexdigest()


@dataclass(eq=False)
class Queue:
    """One queue; its letters are in the order they were sent."""

    name: str
    arn: str
    url: str
    visibility: timedelta = timedelta(seconds=30)
    delay: timedelta = timedelta(0)
    retention: timedelta = timedelta(days=4)
    dead: "Queue | None" = None
    most_receives: int = 0
    letters: list[Letter] = field(default_factory=list)
    wake: Callable[[], object] | None = None

    def letter(self, receipt: str) -> Letter | None:
        """The letter a receipt handle is for, or None when it is gone or was received again since."""
        return next((letter for letter in self.letters if receipt and letter.receipt == receipt), None)


class Queues:
    """Every queue of the box; safe to call from any thread."""

    def __init__(self, timer: Timer) -> None:
        self.timer = timer
        self.lock = threading.RLock()
        self.by_arn: dict[str, Queue] = {}

    def add(self, queue: Queue) -> Queue:
        """Make a queue."""
        with self.lock:
            self.by_arn[queue.arn] = queue
        return queue

    def named(self, name: str) -> Queue:
        """A queue by its ARN, URL or name; raises QueueRefused."""
        with self.lock:
            for queue in self.by_arn.values():
                if name in (queue.arn, queue.url, queue.name):
                    return queue
        raise QueueRefused("QueueDoesNotExist", "The specified queue does not exist.")

    def send(
        self, queue: Queue, body: str, *, delay: float | None = None, attributes: Mapping[str, Any] | None = None
    ) -> Letter:
        """Put a message in, to be seen now or after a delay in seconds; raises QueueRefused as SQS would."""
        if not body or len(body.encode()) > LARGEST:
            raise QueueRefused("InvalidParameterValue", "The body must be between 1 byte and 1 MiB.")
        if delay is not None and not 0 <= delay <= LONGEST_DELAY:
            raise QueueRefused("InvalidParameterValue", "DelaySeconds must be between 0 and 900.")
        now = self.timer.clock.now()
        visible = now + (queue.delay if delay is None else timedelta(seconds=delay))
        return self._put(queue, Letter(body, now, visible, dict(attributes or {})))

    def take(self, queue: Queue, most: int, visibility: timedelta | None = None) -> list[Letter]:
        """Receive up to `most` visible messages; those received too often before go to the dead letter queue."""
        now = self.timer.clock.now()
        taken: list[Letter] = []
        with self.lock:
            for letter in [letter for letter in queue.letters if letter.visible <= now]:
                if now - letter.sent > queue.retention:
                    queue.letters.remove(letter)
                elif queue.dead and letter.received >= queue.most_receives:
                    self._bury(queue, queue.dead, letter)
                elif len(taken) < most:
                    taken.append(self._received(queue, letter, visibility))
        return taken

    def delete(self, queue: Queue, letter: Letter) -> None:
        """Remove a message that has been dealt with."""
        with self.lock:
            if letter in queue.letters:
                queue.letters.remove(letter)

    def show_again(self, queue: Queue, letter: Letter, after: timedelta) -> None:
        """Make a message visible again after that long."""
        with self.lock:
            letter.visible = self.timer.clock.now() + after
        self._call(queue, letter.visible)

    def move_back(self, dead: Queue, letter: Letter) -> Queue:
        """Send a dead letter back where it came from, as a fresh message; raises QueueRefused when nobody knows."""
        source = self.named(letter.source_arn)
        with self.lock:
            self.delete(dead, letter)
            self.send(source, letter.body, attributes=letter.attributes)
        return source

    def dead_letters(self) -> list[Queue]:
        """The queues others bury their dead in, and those named so."""
        with self.lock:
            named = [queue for queue in self.by_arn.values() if queue.name.endswith("-dead")]
            return named + [q.dead for q in self.by_arn.values() if q.dead and q.dead not in named]

    def _put(self, queue: Queue, letter: Letter) -> Letter:
        with self.lock:
            queue.letters.append(letter)
        self._call(queue, letter.visible)
        return letter

    def _received(self, queue: Queue, letter: Letter, visibility: timedelta | None) -> Letter:
        now = self.timer.clock.now()
        letter.received += 1
        letter.first_received = letter.first_received or now
        letter.receipt = str(uuid.uuid4())
        letter.visible = now + (queue.visibility if visibility is None else visibility)
        self._call(queue, letter.visible)
        return letter

    def _bury(self, queue: Queue, dead: Queue, letter: Letter) -> None:
        queue.letters.remove(letter)
        self._put(dead, Letter(letter.body, letter.sent, self.timer.clock.now(), letter.attributes, letter.letter_id,
                               source_arn=queue.arn))  # fmt: skip

    def _call(self, queue: Queue, when: datetime) -> None:
        if queue.wake:
            self.timer.at(when, f"queue {queue.name}", queue.wake)


def redrive(policy: Any) -> tuple[str, int]:
    """The dead letter queue's ARN and the receives allowed, from a RedrivePolicy (an object, or JSON)."""
    told = json.loads(policy) if isinstance(policy, str) else policy
    return str(told["deadLetterTargetArn"]), int(told["maxReceiveCount"])
