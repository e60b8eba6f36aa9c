"""intake: a scheduling system's webhook, verified and queued before anything else happens."""

from aws_cdk import Stack
from constructs import Construct

from infra.allow import GET, PUT, SEAL, SEND, allow, allow_secrets
from infra.channels import Channels
from infra.data import Data
from infra.texting_function import Shelf, TextingFunction


class Intake(TextingFunction):
    """Started by POST /v1/scheduling/{connection}."""

    def __init__(self, scope: Construct, shelf: Shelf, *, data: Data, channels: Channels, secrets: list[str]) -> None:
        super().__init__(
            scope,
            "intake",
            shelf,
            timeout=10,
            environment={
                "VISITS_TABLE": data.visits.table_name,
                "WORK_TABLE": data.work.table_name,
                "KEYS_TABLE": data.keys.table_name,
                "LEDGER_TABLE": data.ledger.table_name,
                "SEAL_KEY": data.seal_key.key_arn,
                "EVENTS_QUEUE": channels.events.queue.queue_url,
            },
        )
        allow(self, data.visits, GET, PUT)
        allow(self, data.work, PUT)
        allow(self, data.keys, GET, PUT)
        allow(self, data.ledger, PUT)
        allow(self, data.seal_key, *SEAL)
        allow(self, channels.events.queue, SEND)
        allow_secrets(self, Stack.of(self), secrets)
