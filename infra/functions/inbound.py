"""inbound: a patient's text, understood, answered or given to a person."""

from constructs import Construct

from infra.allow import GET, PUT, QUERY, SEAL, SEND, allow
from infra.carrier import Carrier
from infra.channels import Channels
from infra.data import Data
from infra.texting_function import Shelf, TextingFunction


class Inbound(TextingFunction):
    """Fed by the inbound queue, in SNS's envelope."""

    def __init__(
        self, scope: Construct, shelf: Shelf, *, data: Data, channels: Channels, carrier: Carrier, on_call: str
    ) -> None:
        super().__init__(
            scope,
            "inbound",
            shelf,
            environment={
                "PEOPLE_TABLE": data.people.table_name,
                "VISITS_TABLE": data.visits.table_name,
                "MESSAGES_TABLE": data.messages.table_name,
                "WORK_TABLE": data.work.table_name,
                "KEYS_TABLE": data.keys.table_name,
                "LEDGER_TABLE": data.ledger.table_name,
                "SEAL_KEY": data.seal_key.key_arn,
                "EVENT_BUS": channels.bus.event_bus_name,
                "OUTBOX_QUEUE": channels.outbox.queue.queue_url,
                "OPT_OUT_LIST": carrier.opt_out_list_name,
            },
        )
        allow(self, data.people, GET, QUERY, PUT)
        allow(self, data.visits, GET, PUT)
        allow(self, data.visits, QUERY, indexes=("by_patient",))
        allow(self, data.messages, GET, PUT)
        allow(self, data.messages, QUERY, indexes=("by_appointment",))
        allow(self, data.work, GET, PUT)
        allow(self, data.keys, GET, PUT)
        allow(self, data.ledger, PUT)
        allow(self, data.seal_key, *SEAL)
        allow(self, channels.outbox.queue, SEND)
        allow(self, channels.bus, "events:PutEvents")
        allow(self, carrier.opt_out_list.attr_arn, "sms-voice:DeleteOptedOutNumber")
        if on_call:
            allow(self, on_call, "sns:Publish")
        self.reads(channels.inbound.queue)
