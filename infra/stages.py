"""One stage of one practice: five stacks, cut by how long what they hold must live. Dependencies run one way:
Watch and Web know Messaging, Messaging knows Audit and Data, Audit knows Data, Data knows nobody."""

from aws_cdk import App, Tags

from infra.audit import Audit
from infra.data import Data
from infra.deployment import Deployment
from infra.messaging import Messaging
from infra.nag import add_packs
from infra.watching import Watching
from infra.web import Web

__all__ = ["App", "assemble"]


def assemble(app: App, deployment: Deployment) -> None:
    """Puts the stacks of `deployment` into `app`, and the checks that its synth must pass."""
    data = Data(app, deployment)
    audit = Audit(app, deployment, data=data)
    messaging = Messaging(app, deployment, data=data, audit=audit)
    web = Web(app, deployment, data=data, messaging=messaging)
    Watching(app, deployment, messaging=messaging, web=web)
    add_packs(app)
    Tags.of(app).add("quietline:stage", deployment.stage)
