"""What could not be handled, and how it goes back. A letter is shown by its attributes; its body is moved and never shown.

Received and sent, then deleted: SQS's own move task takes only what came from a queue, and a third of ours come from
SNS, EventBridge or Scheduler. A crash in between leaves a letter in both places, which every reader of ours takes twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from texting.aws.account import asked, patient

MOST = 10
PEEKED = 100
"""As many letters as are looked at for their reasons; the count is the queue's own."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One dead letter: since when, how often it was tried, and why in AWS's own code (empty: the function failed)."""

    letter_id: str
    sent_at: datetime
    tries: int
    reason: str


def peek(url: str) -> tuple[Letter, ...]:
    """Up to a hundred of the letters in a dead letter queue, which stay where they are."""
    seen: dict[str, Letter] = {}
    while len(seen) < PEEKED:
        fresh = [letter for letter in map(_letter, _received(url, seconds=0)) if letter.letter_id not in seen]
        if not fresh:
            break
        seen |= {letter.letter_id: letter for letter in fresh}
    return tuple(sorted(seen.values(), key=lambda letter: letter.sent_at))


def move(url: str, to: str, most: int) -> int:
    """Move up to `most` letters into the queue `to`. Returns how many were moved."""
    moved = 0
    for message in _taken(url, most):
        with asked("queue"):
            patient("sqs").send_message(QueueUrl=to, MessageBody=message["Body"])
            patient("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        moved += 1
    return moved


def discard(url: str, most: int) -> int:
    """Delete up to `most` letters. Returns how many."""
    gone = 0
    for message in _taken(url, most):
        with asked("queue"):
            patient("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        gone += 1
    return gone


def _taken(url: str, most: int) -> Iterator[dict[str, Any]]:
    taken = 0
    while taken < most:
        messages = _received(url, seconds=60, most=min(MOST, most - taken))
        if not messages:
            return
        taken += len(messages)
        yield from messages


def _received(url: str, *, seconds: int, most: int = MOST) -> list[dict[str, Any]]:
    with asked("dead letters"):
        told = patient("sqs").receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=most,
            VisibilityTimeout=seconds,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["ERROR_CODE"],
        )
    messages: list[dict[str, Any]] = told.get("Messages", [])
    return messages


def _letter(message: dict[str, Any]) -> Letter:
    about = message.get("Attributes", {})
    reason = message.get("MessageAttributes", {}).get("ERROR_CODE", {}).get("StringValue", "")
    sent = datetime.fromtimestamp(int(about.get("SentTimestamp", "0")) / 1000, UTC)
    return Letter(message["MessageId"], sent, int(about.get("ApproximateReceiveCount", "0")), reason)
