"""inbox: what staff see and do. Threads, texts, secure messages, tasks."""

from constructs import Construct

from infra.allow import CHECK, GET, PUT, QUERY, SEAL, SEND, allow
from infra.channels import Channels
from infra.data import Data
from infra.texting_function import Shelf, TextingFunction


class Inbox(TextingFunction):
    """Started by the staff routes under /v1."""

    def __init__(self, scope: Construct, shelf: Shelf, *, data: Data, channels: Channels) -> None:
        super().__init__(
            scope,
            "inbox",
            shelf,
            timeout=20,
            environment={
                "PEOPLE_TABLE": data.people.table_name,
                "MESSAGES_TABLE": data.messages.table_name,
                "WORK_TABLE": data.work.table_name,
                "SECURE_TABLE": data.secure.table_name,
                "KEYS_TABLE": data.keys.table_name,
                "LEDGER_TABLE": data.ledger.table_name,
                "SEAL_KEY": data.seal_key.key_arn,
                "OUTBOX_QUEUE": channels.outbox.queue.queue_url,
            },
        )
        allow(self, data.people, GET, QUERY, CHECK)
        allow(self, data.messages, GET, PUT)
        allow(self, data.messages, QUERY, indexes=("by_line", "by_thread"))
        allow(self, data.work, GET, PUT)
        allow(self, data.work, QUERY, indexes=("by_state",))
        allow(self, data.secure, GET, PUT)
        allow(self, data.secure, QUERY, indexes=("by_thread",))
        allow(self, data.keys, GET, PUT)
        allow(self, data.ledger, PUT)
        allow(self, data.seal_key, *SEAL)
        allow(self, channels.outbox.queue, SEND)
