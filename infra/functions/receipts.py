"""receipts: what the carrier says became of a text, kept as evidence."""

from constructs import Construct

from infra.allow import GET, OPEN, PUT, allow
from infra.channels import Channels
from infra.data import Data
from infra.texting_function import Shelf, TextingFunction


class Receipts(TextingFunction):
    """Fed by the receipts queue, in SNS's envelope."""

    def __init__(self, scope: Construct, shelf: Shelf, *, data: Data, channels: Channels) -> None:
        super().__init__(
            scope,
            "receipts",
            shelf,
            environment={
                "PEOPLE_TABLE": data.people.table_name,
                "MESSAGES_TABLE": data.messages.table_name,
                "WORK_TABLE": data.work.table_name,
                "KEYS_TABLE": data.keys.table_name,
                "LEDGER_TABLE": data.ledger.table_name,
                "SEAL_KEY": data.seal_key.key_arn,
            },
        )
        allow(self, data.people, GET, PUT)
        allow(self, data.messages, GET, PUT)
        allow(self, data.work, PUT)
        allow(self, data.keys, GET)
        allow(self, data.ledger, PUT)
        allow(self, data.seal_key, OPEN)
        self.reads(channels.receipts.queue)
