"""The Messaging stack: all that runs and that the internet cannot reach. It may be destroyed and made again; texts wait."""

from constructs import Construct

from infra.audit import Audit
from infra.carrier import Carrier
from infra.channels import Channels
from infra.data import Data
from infra.deployment import Deployment
from infra.functions.inbound import Inbound
from infra.functions.ledger import Ledger
from infra.functions.receipts import Receipts
from infra.functions.retention import Retention
from infra.functions.scheduling import Scheduling
from infra.functions.send import Send
from infra.functions.watch import Watch
from infra.shelf import shelf_for
from infra.stack import OurStack
from infra.texting_function import TextingFunction


class Messaging(OurStack):
    """Queues, topics, schedules, the carrier's configuration, and the functions that no request waits for."""

    def __init__(self, scope: Construct, deployment: Deployment, *, data: Data, audit: Audit) -> None:
        super().__init__(scope, "Messaging", deployment)
        self.channels = channels = Channels(self, "Channels")
        self.carrier = carrier = Carrier(
            self,
            "Carrier",
            channels=channels,
            origination=deployment.origination,
            pool=deployment.pool,
            simulator=deployment.simulator,
        )
        shelf = shelf_for(self, deployment, channels.key)
        read_back = [connection.secret_name for connection in deployment.connections if connection.kind == "fhir"]
        self.functions: list[TextingFunction] = [
            Scheduling(self, shelf, data=data, channels=channels, secrets=read_back),
            Send(self, shelf, data=data, channels=channels, carrier=carrier),
            Inbound(self, shelf, data=data, channels=channels, carrier=carrier, on_call=deployment.on_call),
            Receipts(self, shelf, data=data, channels=channels),
            Ledger(self, shelf, data=data, audit=audit, channels=channels),
            Retention(self, shelf, data=data, channels=channels),
            Watch(self, shelf, data=data, channels=channels, carrier=carrier),
        ]
