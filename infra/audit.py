"""The Audit stack: evidence that survives us. The ledger under Object Lock, the key that signs it, and who touched what."""

from aws_cdk import CfnOutput, Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.data import Data
from infra.deployment import Deployment
from infra.keys import customer_key, never_destroyed
from infra.nag import acknowledge
from infra.stack import OurStack
from infra.trail import Trail

TEN_YEARS = Duration.days(3653)
RELAXING = (
    "s3:BypassGovernanceRetention",
    "s3:DeleteBucket",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketVersioning",
    "s3:PutLifecycleConfiguration",
    "s3:PutObjectRetention",
)
"""What nobody may do to the ledger's bucket: delete, shorten, suspend."""


class Audit(OurStack):
    """The ledger's bucket, the key that signs it, and the trail, which watches the tables of Data."""

    def __init__(self, scope: Construct, deployment: Deployment, *, data: Data) -> None:
        super().__init__(scope, "Audit", deployment, kept=True)
        self.key = customer_key(self, "AuditKey", "Encrypts Quietline's ledger and trail")
        never_destroyed(self.key)
        self.ledger = self._ledger(compliance=deployment.production)
        names = ["SigningKey", *(f"SigningKey{number}" for number in range(2, deployment.signing_keys + 1))]
        keys = [self._signing_key(name) for name in names]
        self.signing_key, self.former_signing_key = keys[-1], keys[-2:][0]
        self.trail_logs = self._trail_logs()
        Trail(
            self,
            "Trail",
            key=self.key,
            tables=[table.table_arn for table in data.tables.values()],
            ledger=self.ledger,
            bucket=self.trail_logs,
        )
        self._acknowledge()
        CfnOutput(self, "LedgerBucketName", value=self.ledger.bucket_name)
        CfnOutput(self, "SigningKeyArn", value=self.signing_key.key_arn)

    def _bucket(self, name: str, **more: object) -> s3.Bucket:
        return s3.Bucket(
            self,
            name,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=self.key,
            bucket_key_enabled=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            versioned=True,
            removal_policy=RemovalPolicy.RETAIN,
            **more,
        )

    def _forbid(self, bucket: s3.Bucket, sid: str, actions: tuple[str, ...]) -> None:
        bucket.add_to_resource_policy(
            iam.PolicyStatement(
                sid=sid,
                effect=iam.Effect.DENY,
                principals=[iam.AnyPrincipal()],
                actions=list(actions),
                resources=[bucket.bucket_arn, bucket.arn_for_objects("*")],
            )
        )

    def _ledger(self, *, compliance: bool) -> s3.Bucket:
        kept = (
            s3.ObjectLockRetention.compliance(TEN_YEARS)
            if compliance
            else s3.ObjectLockRetention.governance(Duration.days(1))
        )
        bucket = self._bucket("Ledger", object_lock_enabled=True, object_lock_default_retention=kept)
        self._forbid(bucket, "NobodyDeletesOrRelaxesTheLedger", RELAXING)
        return bucket

    def _trail_logs(self) -> s3.Bucket:
        cold = s3.Transition(
            storage_class=s3.StorageClass.GLACIER_INSTANT_RETRIEVAL, transition_after=Duration.days(90)
        )
        bucket = self._bucket(
            "TrailLogs",
            lifecycle_rules=[
                s3.LifecycleRule(
                    expiration=TEN_YEARS, noncurrent_version_expiration=Duration.days(90), transitions=[cold]
                )
            ],
        )
        deleting = ("s3:DeleteBucket", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutBucketVersioning")
        self._forbid(bucket, "NobodyDeletesTheTrail", deleting)
        return bucket

    def _signing_key(self, name: str) -> kms.Key:
        key = kms.Key(
            self,
            name,
            description="Signs the checkpoints of Quietline's ledger (Ed25519)",
            key_spec=kms.KeySpec.ECC_NIST_EDWARDS25519,
            key_usage=kms.KeyUsage.SIGN_VERIFY,
            pending_window=Duration.days(30),
            removal_policy=RemovalPolicy.RETAIN,
        )
        never_destroyed(key)
        return key

    def _acknowledge(self) -> None:
        acknowledge(
            self,
            "The trail records, with the caller's identity, every touch of the ledger's objects, and of its own every one "
            "but its writing. S3's access log says less, is best effort, and could not be encrypted with our key.",
            "HIPAA.Security::HIPAA.Security-S3BucketLoggingEnabled",
            "AwsSolutions::AwsSolutions-S1",
        )
        acknowledge(
            self,
            "S3 keeps each object in at least three zones. A replica would be a second place to lock and to watch; the "
            "ledger's head is anchored outside, and its objects can be exported and verified anywhere.",
            "HIPAA.Security::HIPAA.Security-S3BucketReplicationEnabled",
        )
