"""watch: what is stuck, in doubt or overdue is found and shown."""

from constructs import Construct

from infra.allow import GET, PUT, QUERY, SEND, UPDATE, allow
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
            timeout=120,
            dead_letter=channels.timers_dead,
            environment={
                "PEOPLE_TABLE": data.people.table_name,
                "MESSAGES_TABLE": data.messages.table_name,
                "WORK_TABLE": data.work.table_name,
                "LEDGER_TABLE": data.ledger.table_name,
                "OUTBOX_QUEUE": channels.outbox.queue.queue_url,
                "OPT_OUT_LIST": carrier.opt_out_list_name,
            },
        )
        allow(self, data.messages, GET, UPDATE)
        allow(self, data.messages, QUERY, indexes=("by_state",))
        allow(self, data.work, GET, PUT, UPDATE)
        allow(self, data.work, QUERY, indexes=("by_state",))
        allow(self, data.ledger, GET, PUT)
        allow(self, channels.outbox.queue, SEND)
        self.runs("rate(15 minutes)", channels.timers_dead)
