"""SQS's operations on the box's queues: what functions and the operator's command use, no more."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from box.runtime.queues import Letter, Queue, QueueRefused, Queues

Answer = dict[str, Any]


def operations(queues: Queues) -> dict[str, Callable[[Answer], Answer]]:
    """Every operation played, by its name."""
    return {
        name: lambda request, play=play: play(queues, request)  # type: ignore[misc]
        for name, play in {
            "SendMessage": send_message,
            "SendMessageBatch": send_message_batch,
            "ReceiveMessage": receive_message,
            "DeleteMessage": delete_message,
            "ChangeMessageVisibility": change_message_visibility,
            "GetQueueAttributes": get_queue_attributes,
            "GetQueueUrl": get_queue_url,
            "ListQueues": list_queues,
            "StartMessageMoveTask": start_message_move_task,
        }.items()
    }


def send_message(queues: Queues, request: Answer) -> Answer:
    """Put one message in."""
    queue = queues.named(request["QueueUrl"])
    letter = queues.send(queue, request["MessageBody"], delay=request.get("DelaySeconds"),
                         attributes=request.get("MessageAttributes"))  # fmt: skip
    return {"MessageId": letter.letter_id, "MD5OfMessageBody": letter.md5}


def send_message_batch(queues: Queues, request: Answer) -> Answer:
    """Put up to ten messages in; each succeeds or fails by itself."""
    queue, entries = queues.named(request["QueueUrl"]), request["Entries"]
    if not 1 <= len(entries) <= 10:
        raise QueueRefused("TooManyEntriesInBatchRequest", "A batch holds one to ten messages.")
    if len({entry["Id"] for entry in entries}) != len(entries):
        raise QueueRefused("BatchEntryIdsNotDistinct", "Two messages of the batch have the same id.")
    done: Answer = {"Successful": [], "Failed": []}
    for entry in entries:
        try:
            sent = send_message(queues, entry | {"QueueUrl": queue.url})
            done["Successful"].append({"Id": entry["Id"], **sent})
        except QueueRefused as error:
            told = {"Id": entry["Id"], "Code": error.code, "Message": error.sentence, "SenderFault": True}
            done["Failed"].append(told)
    return done


def receive_message(queues: Queues, request: Answer) -> Answer:
    """Take what is visible now; nothing is waited for, because the box's clock stands still."""
    queue = queues.named(request["QueueUrl"])
    seconds = request.get("VisibilityTimeout")
    visibility = None if seconds is None else timedelta(seconds=seconds)
    letters = queues.take(queue, request.get("MaxNumberOfMessages", 1), visibility)
    return {"Messages": [_told(letter) for letter in letters]} if letters else {}


def delete_message(queues: Queues, request: Answer) -> Answer:
    """Delete by receipt handle; one that is no longer good does nothing, as in SQS."""
    queue = queues.named(request["QueueUrl"])
    letter = queue.letter(request["ReceiptHandle"])
    if letter:
        queues.delete(queue, letter)
    return {}


def change_message_visibility(queues: Queues, request: Answer) -> Answer:
    """Make a received message visible again in so many seconds."""
    queue = queues.named(request["QueueUrl"])
    letter = queue.letter(request["ReceiptHandle"])
    if letter is None:
        raise QueueRefused("ReceiptHandleIsInvalid", "The receipt handle is not valid.")
    queues.show_again(queue, letter, timedelta(seconds=request["VisibilityTimeout"]))
    return {}


def get_queue_attributes(queues: Queues, request: Answer) -> Answer:
    """The attributes asked for."""
    attributes = described(queues, queues.named(request["QueueUrl"]))
    wanted = request.get("AttributeNames", [])
    return {"Attributes": {name: value for name, value in attributes.items() if "All" in wanted or name in wanted}}


def get_queue_url(queues: Queues, request: Answer) -> Answer:
    """A queue's URL by its name."""
    return {"QueueUrl": queues.named(request["QueueName"]).url}


def list_queues(queues: Queues, request: Answer) -> Answer:
    """The URLs of all queues, or of those whose name begins so."""
    prefix = request.get("QueueNamePrefix", "")
    return {"QueueUrls": [queue.url for queue in queues.by_arn.values() if queue.name.startswith(prefix)]}


def start_message_move_task(queues: Queues, request: Answer) -> Answer:
    """Send every dead letter back where it came from, at once."""
    dead = queues.named(request["SourceArn"])
    for letter in list(dead.letters):
        queues.move_back(dead, letter)
    return {"TaskHandle": "moved"}


def described(queues: Queues, queue: Queue) -> dict[str, str]:
    """A queue's attributes as SQS tells them."""
    now = queues.timer.clock.now()
    waiting = sum(1 for letter in queue.letters if letter.visible <= now)
    delayed = sum(1 for letter in queue.letters if letter.visible > now and not letter.received)
    return {
        "QueueArn": queue.arn,
        "ApproximateNumberOfMessages": str(waiting),
        "ApproximateNumberOfMessagesDelayed": str(delayed),
        "ApproximateNumberOfMessagesNotVisible": str(len(queue.letters) - waiting - delayed),
        "VisibilityTimeout": str(int(queue.visibility.total_seconds())),
        "DelaySeconds": str(int(queue.delay.total_seconds())),
        "MessageRetentionPeriod": str(int(queue.retention.total_seconds())),
    }


def _told(letter: Letter) -> Answer:
    told: Answer = {"MessageId": letter.letter_id, "ReceiptHandle": letter.receipt, "Body": letter.body}
    told |= {"MD5OfBody": letter.md5, "MessageAttributes": dict(letter.attributes)}
    attributes = {
        "ApproximateReceiveCount": str(letter.received),
        "SentTimestamp": str(int(letter.sent.timestamp() * 1000)),
    }
    if letter.source_arn:
        attributes["DeadLetterQueueSourceArn"] = letter.source_arn
    return told | {"Attributes": attributes}
