"""The Audit stack: evidence that survives us. The ledger under Object Lock, the key that signs it, and who touched what."""

from aws_cdk import CfnOutput, Duration, RemovalPolicy
from aws_cdk import aws_cloudtrail as cloudtrail
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.data import Data
from infra.deployment import Deployment
from infra.keys import customer_key, never_destroyed, usable_by
from infra.stack import OurStack

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
    """The ledger's bucket, the checkpoint-signing key and the trail. It watches the tables of Data and knows no other stack."""

    def __init__(self, scope: Construct, deployment: Deployment, *, data: Data) -> None:
        super().__init__(scope, "Audit", deployment, kept=True)
        self.key = customer_key(self, "AuditKey", "Encrypts Quietline's ledger and trail")
        never_destroyed(self.key)
        self.ledger = self._ledger(compliance=deployment.production)
        self.signing_key = self._signing_key()
        self.trail_logs = self._trail_logs()
        self._trail(f"{self.stack_name}-trail", list(data.tables.values()))
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

    def _signing_key(self) -> kms.Key:
        key = kms.Key(
            self,
            "SigningKey",
            description="Signs the checkpoints of Quietline's ledger (Ed25519)",
            key_spec=kms.KeySpec.ECC_NIST_EDWARDS25519,
            key_usage=kms.KeyUsage.SIGN_VERIFY,
            pending_window=Duration.days(30),
            removal_policy=RemovalPolicy.RETAIN,
        )
        never_destroyed(key)
        return key

    def _trail(self, trail_name: str, tables: list[dynamodb.TableV2]) -> None:
        arn = f"arn:aws:cloudtrail:{self.region}:{self.account}:trail/{trail_name}"
        self._let_the_trail_write(arn)
        trail = cloudtrail.CfnTrail(
            self,
            "Trail",
            trail_name=trail_name,
            is_logging=True,
            is_multi_region_trail=True,
            include_global_service_events=True,
            enable_log_file_validation=True,
            s3_bucket_name=self.trail_logs.bucket_name,
            kms_key_id=self.key.key_arn,
            advanced_event_selectors=[
                _selector("Management", eventCategory=["Management"]),
                _selector(
                    "Tables",
                    eventCategory=["Data"],
                    resources_type=["AWS::DynamoDB::Table"],
                    resources_ARN=[table.table_arn for table in tables],
                ),
                _ledger_selector(self.ledger),
            ],
        )
        trail.apply_removal_policy(RemovalPolicy.RETAIN)
        if self.trail_logs.policy:
            trail.node.add_dependency(self.trail_logs.policy)

    def _let_the_trail_write(self, trail_arn: str) -> None:
        service = iam.ServicePrincipal("cloudtrail.amazonaws.com")
        ours = {"aws:SourceArn": trail_arn}
        self.trail_logs.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[service],
                actions=["s3:GetBucketAcl"],
                resources=[self.trail_logs.bucket_arn],
                conditions={"StringEquals": ours},
            )
        )
        self.trail_logs.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[service],
                actions=["s3:PutObject"],
                resources=[self.trail_logs.arn_for_objects(f"AWSLogs/{self.account}/*")],
                conditions={"StringEquals": {**ours, "s3:x-amz-acl": "bucket-owner-full-control"}},
            )
        )
        usable_by(self.key, "cloudtrail.amazonaws.com", "kms:DescribeKey", conditions={})
        usable_by(
            self.key,
            "cloudtrail.amazonaws.com",
            "kms:GenerateDataKey",
            "kms:Decrypt",
            conditions={"StringEquals": ours},
        )


def _selector(name: str, **fields: list[str]) -> cloudtrail.CfnTrail.AdvancedEventSelectorProperty:
    return cloudtrail.CfnTrail.AdvancedEventSelectorProperty(
        name=name,
        field_selectors=[
            cloudtrail.CfnTrail.AdvancedFieldSelectorProperty(field=field.replace("_", "."), equal_to=values)
            for field, values in fields.items()
        ],
    )


def _ledger_selector(bucket: s3.Bucket) -> cloudtrail.CfnTrail.AdvancedEventSelectorProperty:
    """Every touch of the ledger's objects. There is no selector for texts: AWS would write numbers into the trail in clear."""
    field = cloudtrail.CfnTrail.AdvancedFieldSelectorProperty
    return cloudtrail.CfnTrail.AdvancedEventSelectorProperty(
        name="Ledger",
        field_selectors=[
            field(field="eventCategory", equal_to=["Data"]),
            field(field="resources.type", equal_to=["AWS::S3::Object"]),
            field(field="resources.ARN", starts_with=[bucket.arn_for_objects("")]),
        ],
    )
