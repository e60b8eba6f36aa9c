"""The Web stack: what the internet can reach. One REST API behind a firewall, four functions, no log that holds a URL."""

from constructs import Construct

from infra.data import Data
from infra.deployment import Deployment
from infra.doors import Doors
from infra.firewall import Firewall
from infra.functions.consent import Consent
from infra.functions.inbox import Inbox
from infra.functions.intake import Intake
from infra.functions.portal import Portal
from infra.messaging import Messaging
from infra.shelf import shelf_for
from infra.stack import OurStack
from infra.texting_function import TextingFunction


class Web(OurStack):
    """Webhooks, the practice's API, staff and patients' pages."""

    def __init__(self, scope: Construct, deployment: Deployment, *, data: Data, messaging: Messaging) -> None:
        super().__init__(scope, "Web", deployment)
        channels = messaging.channels
        shelf = shelf_for(self, deployment, channels.key)
        secrets = [connection.secret_name for connection in deployment.connections]
        intake = Intake(self, shelf, data=data, channels=channels, secrets=secrets)
        consent = Consent(self, shelf, data=data)
        portal = Portal(self, shelf, data=data)
        inbox = Inbox(self, shelf, data=data, channels=channels)
        self.functions: list[TextingFunction] = [intake, consent, portal, inbox]
        self.doors = Doors(
            self,
            "Doors",
            key=channels.key,
            domain=deployment.domain,
            certificate_arn=deployment.certificate_arn,
            functions={function.word: function.function for function in self.functions},
        )
        Firewall(self, "Firewall", stage_arn=self.doors.stage_arn, key=channels.key)
