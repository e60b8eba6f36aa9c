"""ledger: written entries get their numbers, and are published under a signed checkpoint."""

from constructs import Construct

from infra.allow import GET, PUT, QUERY, UPDATE, allow
from infra.audit import Audit
from infra.channels import Channels
from infra.data import Data
from infra.nag import acknowledge
from infra.texting_function import Shelf, TextingFunction

LEDGER_EXPORT = "ExportsOutputFnGetAttLedgerB7379752Arn8FB7B3DC"  # how the checks call the bucket of another stack


class Ledger(TextingFunction):
    """Runs every minute; a conditional lease keeps it to one writer at a time."""

    def __init__(self, scope: Construct, shelf: Shelf, *, data: Data, audit: Audit, channels: Channels) -> None:
        super().__init__(
            scope,
            "ledger",
            shelf,
            timeout=50,
            dead_letter=channels.timers_dead,
            environment={
                "LEDGER_TABLE": data.ledger.table_name,
                "LEDGER_BUCKET": audit.ledger.bucket_name,
                "SIGNING_KEY": audit.signing_key.key_arn,
                "FORMER_SIGNING_KEY": audit.former_signing_key.key_arn,
            },
        )
        allow(self, data.ledger, GET, PUT, UPDATE)
        allow(self, data.ledger, QUERY, indexes=("by_pending",))
        allow(self, audit.ledger, "s3:PutObject", "s3:GetObject")
        acknowledge(
            self,
            "The bucket holds the ledger and nothing else; the star is its objects. Nothing here can delete or unlock one.",
            f"AwsSolutions::AwsSolutions-IAM5[Resource::{audit.stack_name}:{LEDGER_EXPORT}/*]",
        )
        for key in dict.fromkeys(
            (audit.signing_key, audit.former_signing_key)
        ):  # one and the same, but after a change of key
            allow(self, key, "kms:Sign", "kms:GetPublicKey")
        self.runs("rate(1 minute)", channels.timers_dead)
