"""The Data stack: what must never be lost. Seven tables and the key that wraps every data key; it knows no other stack."""

from aws_cdk import CfnOutput, RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from constructs import Construct

from infra.deployment import Deployment
from infra.keys import customer_key, never_destroyed
from infra.stack import OurStack

TEXT = dynamodb.AttributeType.STRING
RECOVERY_DAYS = 35
KEYS_RECOVERY_DAYS = 1  # a destroyed data key must soon be beyond recovery: that is what disposal promises


def _index(name: str, key: str, sort: str, *, only: list[str] | None = None) -> dynamodb.GlobalSecondaryIndexPropsV2:
    """An index of whole items, or of keys and `only` these: then a change of anything else costs the index nothing."""
    few = dynamodb.ProjectionType.INCLUDE if only else dynamodb.ProjectionType.KEYS_ONLY
    return dynamodb.GlobalSecondaryIndexPropsV2(
        index_name=name,
        partition_key=dynamodb.Attribute(name=key, type=TEXT),
        sort_key=dynamodb.Attribute(name=sort, type=TEXT),
        projection_type=dynamodb.ProjectionType.ALL if only is None else few,
        non_key_attributes=only or None,
    )


class Data(OurStack):
    """The practice's records. Deleting this stack deletes none of them."""

    def __init__(self, scope: Construct, deployment: Deployment) -> None:
        super().__init__(scope, "Data", deployment, kept=True)
        self.tables_key = customer_key(self, "TablesKey", "Encrypts Quietline's tables")
        self.seal_key = customer_key(self, "SealKey", "Wraps the data keys that seal patients' words and numbers")
        never_destroyed(self.tables_key)
        never_destroyed(self.seal_key)
        self.people = self._table(
            "People",
            _index("by_disposal", "dispose_bucket", "dispose_on", only=[]),
            _index("by_patient", "patient_id", "thread_id", only=["number_id"]),
        )
        self.visits = self._table("Visits", _index("by_patient", "patient_id", "start_at"), ttl="expires")
        self.messages = self._table(
            "Messages",
            _index("by_thread", "thread_id", "at"),
            _index("by_appointment", "appointment_id", "send_at"),
            _index("by_state", "open_state", "due"),
            _index("by_line", "line", "line_at"),
            _index("by_disposal", "dispose_bucket", "dispose_on"),
            _index("by_owner", "owner_year", "at"),
        )
        self.work = self._table(
            "Work",
            _index("by_state", "open_state", "due"),
            _index("by_disposal", "dispose_bucket", "dispose_on", only=["closed_at", "patient_id"]),
        )
        self.secure = self._table(
            "Secure",
            _index("by_thread", "thread_id", "at"),
            _index("by_disposal", "dispose_bucket", "dispose_on"),
            _index("by_owner", "owner_year", "at"),
        )
        self.keys = self._table("Keys", recovery_days=KEYS_RECOVERY_DAYS)
        self.ledger = self._table("Ledger", _index("by_pending", "pending", "at"))
        CfnOutput(self, "SealKeyArn", value=self.seal_key.key_arn)

    @property
    def tables(self) -> dict[str, dynamodb.TableV2]:
        """Every table by its word."""
        words = ("people", "visits", "messages", "work", "secure", "keys", "ledger")
        return {word: getattr(self, word) for word in words}

    def _table(
        self,
        name: str,
        *indexes: dynamodb.GlobalSecondaryIndexPropsV2,
        ttl: str | None = None,
        recovery_days: int = RECOVERY_DAYS,
    ) -> dynamodb.TableV2:
        table = dynamodb.TableV2(
            self,
            name,
            partition_key=dynamodb.Attribute(name="pk", type=TEXT),
            sort_key=dynamodb.Attribute(name="sk", type=TEXT),
            billing=dynamodb.Billing.on_demand(),
            encryption=dynamodb.TableEncryptionV2.customer_managed_key(self.tables_key),
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True, recovery_period_in_days=recovery_days
            ),
            deletion_protection=True,
            removal_policy=RemovalPolicy.RETAIN,
            time_to_live_attribute=ttl,
            global_secondary_indexes=list(indexes) or None,
        )
        CfnOutput(self, f"{name}Name", value=table.table_name)
        return table

    def key_of(self, table: dynamodb.ITableV2) -> kms.IKey:
        """The key under which a table rests."""
        return table.encryption_key or self.tables_key
