"""send: the last hop. The gate decides, the claim is made, the carrier is asked once."""

from constructs import Construct

from infra.allow import CHECK, GET, OPEN, PUT, QUERY, SEND, UPDATE, allow
from infra.carrier import Carrier
from infra.channels import Channels
from infra.data import Data
from infra.nag import acknowledge
from infra.texting_function import Shelf, TextingFunction

BATCHES_AT_ONCE = 5  # the pace belongs to the origination number; more in parallel would only wait for its tokens


class Send(TextingFunction):
    """Fed by the outbox, which holds message ids only."""

    def __init__(self, scope: Construct, shelf: Shelf, *, data: Data, channels: Channels, carrier: Carrier) -> None:
        super().__init__(
            scope,
            "send",
            shelf,
            environment={
                "PEOPLE_TABLE": data.people.table_name,
                "VISITS_TABLE": data.visits.table_name,
                "MESSAGES_TABLE": data.messages.table_name,
                "WORK_TABLE": data.work.table_name,
                "SECURE_TABLE": data.secure.table_name,
                "KEYS_TABLE": data.keys.table_name,
                "LEDGER_TABLE": data.ledger.table_name,
                "SEAL_KEY": data.seal_key.key_arn,
                "CONFIGURATION_SET": carrier.configuration_set_name,
                "ORIGINATION": carrier.origination,
                "OUTBOX_QUEUE": channels.outbox.queue.queue_url,
                **channels.schedules.environment,
            },
        )
        allow(self, data.people, GET, QUERY, PUT, CHECK)
        allow(self, data.visits, GET, CHECK)
        allow(self, data.messages, GET, PUT)
        allow(self, data.messages, QUERY, indexes=("by_line",))
        allow(self, data.work, GET, PUT, UPDATE, CHECK)
        allow(self, data.secure, PUT)
        allow(self, data.keys, GET)
        allow(self, data.ledger, PUT)
        allow(self, data.seal_key, OPEN)
        allow(self, carrier.origination_arn, "sms-voice:SendTextMessage")
        if carrier.origination_arn.endswith("*"):
            acknowledge(
                self,
                "The practice knows its number, and AWS names it by an id given at purchase: any number of this account.",
                f"AwsSolutions::AwsSolutions-IAM5[Resource::{carrier.origination_arn}]",
            )
        allow(self, channels.outbox.queue, SEND)
        channels.schedules.allow_making(self)
        self.reads(channels.outbox.queue, at_once=BATCHES_AT_ONCE)
