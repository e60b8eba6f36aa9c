"""watch: what is stuck, in doubt, overdue or nearly spent is found and shown; at night both opt-out lists are compared."""

from constructs import Construct

from infra.allow import GET, PUT, QUERY, SEAL, SEND, allow
from infra.carrier import Carrier
from infra.channels import Channels
from infra.data import Data
from infra.texting_function import Shelf, TextingFunction


class Watch(TextingFunction):
    """Runs every quarter of an hour."""

    def __init__(self, scope: Construct, shelf: Shelf, *, data: Data, channels: Channels, carrier: Carrier) -> None:
        super().__init__(
            scope,
            "watch",
            shelf,
            timeout=600,  # the carrier tells a hundred opted-out numbers a second
            dead_letter=channels.timers_dead,
            environment={
                "PEOPLE_TABLE": data.people.table_name,
                "MESSAGES_TABLE": data.messages.table_name,
                "WORK_TABLE": data.work.table_name,
                "KEYS_TABLE": data.keys.table_name,
                "LEDGER_TABLE": data.ledger.table_name,
                "SEAL_KEY": data.seal_key.key_arn,
                "OUTBOX_QUEUE": channels.outbox.queue.queue_url,
                "OPT_OUT_LIST": carrier.opt_out_list_name,
            },
        )
        allow(self, data.people, GET, QUERY, PUT)
        allow(self, data.messages, QUERY, indexes=("by_state",))
        allow(self, data.work, GET, PUT)
        allow(self, data.work, QUERY, indexes=("by_state",))
        allow(self, data.keys, GET, PUT)
        allow(self, data.ledger, GET, PUT)
        allow(self, data.seal_key, *SEAL)
        allow(self, channels.outbox.queue, SEND)
        operations = ("DescribeOptedOutNumbers", "PutOptedOutNumber", "DeleteOptedOutNumber")
        allow(self, carrier.opt_out_list.attr_arn, *(f"sms-voice:{operation}" for operation in operations))
        self.runs("rate(15 minutes)", channels.timers_dead)
