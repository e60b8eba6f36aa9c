"""retention: what the law no longer asks for is destroyed, with a certificate. The only function that may delete."""

from constructs import Construct

from infra.allow import CHECK, DELETE, GET, OPEN, PUT, QUERY, UPDATE, allow
from infra.channels import Channels
from infra.data import Data
from infra.texting_function import Shelf, TextingFunction


class Retention(TextingFunction):
    """Runs every night at 03:15 UTC."""

    def __init__(self, scope: Construct, shelf: Shelf, *, data: Data, channels: Channels) -> None:
        super().__init__(
            scope,
            "retention",
            shelf,
            timeout=900,
            dead_letter=channels.timers_dead,
            environment={
                "PEOPLE_TABLE": data.people.table_name,
                "VISITS_TABLE": data.visits.table_name,
                "MESSAGES_TABLE": data.messages.table_name,
                "WORK_TABLE": data.work.table_name,
                "SECURE_TABLE": data.secure.table_name,
                "KEYS_TABLE": data.keys.table_name,
                "LEDGER_TABLE": data.ledger.table_name,
                "SEAL_KEY": data.seal_key.key_arn,
            },
        )
        allow(self, data.people, GET, QUERY, CHECK, UPDATE, DELETE)
        allow(self, data.people, QUERY, indexes=("by_disposal", "by_patient"))
        allow(self, data.visits, GET, DELETE)
        allow(self, data.visits, QUERY, indexes=("by_patient",))
        allow(self, data.messages, GET, UPDATE, DELETE)
        allow(self, data.messages, QUERY, indexes=("by_disposal", "by_owner"))
        allow(self, data.work, GET, PUT, CHECK, UPDATE, DELETE)
        allow(self, data.work, QUERY, indexes=("by_disposal", "by_state"))
        allow(self, data.secure, GET, UPDATE, DELETE)
        allow(self, data.secure, QUERY, indexes=("by_disposal", "by_owner"))
        allow(self, data.keys, GET, QUERY, DELETE)
        allow(self, data.ledger, PUT)
        allow(self, data.seal_key, OPEN)
        self.runs("cron(15 3 * * ? *)", channels.timers_dead)
