"""scheduling: appointment events become visits, visits become planned texts with one-time schedules."""

from aws_cdk import Stack
from constructs import Construct

from infra.allow import GET, PUT, QUERY, SEAL, SEND, allow, allow_secrets
from infra.channels import Channels
from infra.data import Data
from infra.texting_function import Shelf, TextingFunction


class Scheduling(TextingFunction):
    """Fed by the events queue: from intake, and from the bus."""

    def __init__(self, scope: Construct, shelf: Shelf, *, data: Data, channels: Channels, secrets: list[str]) -> None:
        super().__init__(
            scope,
            "scheduling",
            shelf,
            environment={
                "PEOPLE_TABLE": data.people.table_name,
                "VISITS_TABLE": data.visits.table_name,
                "MESSAGES_TABLE": data.messages.table_name,
                "WORK_TABLE": data.work.table_name,
                "KEYS_TABLE": data.keys.table_name,
                "LEDGER_TABLE": data.ledger.table_name,
                "SEAL_KEY": data.seal_key.key_arn,
                "OUTBOX_QUEUE": channels.outbox.queue.queue_url,
                **channels.schedules.environment,
            },
        )
        allow(self, data.people, GET, PUT)
        allow(self, data.visits, GET, PUT)
        allow(self, data.messages, PUT)
        allow(self, data.messages, QUERY, indexes=("by_appointment",))
        allow(self, data.work, GET, PUT)
        allow(self, data.keys, GET, PUT)
        allow(self, data.ledger, PUT)
        allow(self, data.seal_key, *SEAL)
        allow(self, channels.outbox.queue, SEND)
        channels.schedules.allow_making(self)
        allow_secrets(self, Stack.of(self), secrets)
        self.reads(channels.events.queue)
