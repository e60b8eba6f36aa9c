"""The trail: who touched the tables, the ledger, the keys and the trail itself; kept for ten years, watched for tampering.

It has no selector for texts: AWS writes the destination number of each SendTextMessage into a data event in clear.
"""

from typing import TypeAlias

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_cloudtrail as cloudtrail
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.keys import usable_by, usable_by_logs

Selector: TypeAlias = cloudtrail.CfnTrail.AdvancedEventSelectorProperty
Field: TypeAlias = cloudtrail.CfnTrail.AdvancedFieldSelectorProperty

LOGS_KEPT = logs.RetentionDays.SEVEN_YEARS  # 45 CFR 164.316(b)(2)(i) asks for six; one more so that none is a day short
TAMPERING = (
    "DeleteTrail",
    "StopLogging",
    "UpdateTrail",
    "PutEventSelectors",
    "DisableKey",
    "ScheduleKeyDeletion",
    "PutKeyPolicy",
)
RELAXING = (
    *("PutBucketVersioning", "PutObjectLockConfiguration", "PutBucketObjectLockConfiguration"),
    *("PutBucketPolicy", "DeleteBucketPolicy", "DeleteObject", "DeleteObjects"),
)
METRIC_NAMESPACE, METRIC = "QuietlineAudit", "Tampering"


class Trail(Construct):
    """A trail over every region's management events and over the data events of `tables`, `ledger` and its own bucket."""

    def __init__(
        self, scope: Construct, name: str, *, key: kms.IKey, tables: list[str], ledger: s3.IBucket, bucket: s3.Bucket
    ) -> None:
        super().__init__(scope, name)
        stack = Stack.of(self)
        self._name = f"{stack.stack_name}-trail"
        self._arn = f"arn:aws:cloudtrail:{stack.region}:{stack.account}:trail/{self._name}"
        self._let_in(bucket, key)
        usable_by_logs(key)
        self.log = logs.LogGroup(
            self, "Log", encryption_key=key, retention=LOGS_KEPT, removal_policy=RemovalPolicy.RETAIN
        )
        role, permissions = self._writer()
        trail = cloudtrail.CfnTrail(
            self,
            "Trail",
            trail_name=self._name,
            is_logging=True,
            is_multi_region_trail=True,
            include_global_service_events=True,
            enable_log_file_validation=True,
            s3_bucket_name=bucket.bucket_name,
            kms_key_id=key.key_arn,
            cloud_watch_logs_log_group_arn=self.log.log_group_arn,
            cloud_watch_logs_role_arn=role.role_arn,
            advanced_event_selectors=[
                Selector(name="Management", field_selectors=[Field(field="eventCategory", equal_to=["Management"])]),
                _data("Tables", "AWS::DynamoDB::Table", Field(field="resources.ARN", equal_to=tables)),
                _data("Ledger", "AWS::S3::Object", _within(ledger)),
                _data(
                    "TrailItself",
                    "AWS::S3::Object",
                    _within(bucket),
                    Field(field="eventName", not_equals=["PutObject"]),
                ),
            ],
        )
        trail.apply_removal_policy(RemovalPolicy.RETAIN)
        for first in (bucket.policy, permissions):
            trail.node.add_dependency(first)
        self._notice_tampering(ledger)

    def _let_in(self, bucket: s3.Bucket, key: kms.IKey) -> None:
        """Lets CloudTrail, for this trail only, write under our account's prefix and use the key."""
        service = iam.ServicePrincipal("cloudtrail.amazonaws.com")
        ours = {"aws:SourceArn": self._arn}
        written = bucket.arn_for_objects(f"AWSLogs/{Stack.of(self).account}/*")
        control = {"s3:x-amz-acl": "bucket-owner-full-control"}
        for action, resource, condition in (
            ("s3:GetBucketAcl", bucket.bucket_arn, ours),
            ("s3:PutObject", written, {**ours, **control}),
        ):
            bucket.add_to_resource_policy(
                iam.PolicyStatement(
                    principals=[service],
                    actions=[action],
                    resources=[resource],
                    conditions={"StringEquals": condition},
                )
            )
        uses = ("kms:GenerateDataKey*", "kms:Decrypt", "kms:DescribeKey")
        usable_by(key, "cloudtrail.amazonaws.com", *uses, conditions={"StringEquals": ours})

    def _writer(self) -> tuple[iam.Role, iam.ManagedPolicy]:
        role = iam.Role(self, "Writer", assumed_by=iam.ServicePrincipal("cloudtrail.amazonaws.com"))
        writing = iam.PolicyStatement(
            actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[self.log.log_group_arn]
        )
        return role, iam.ManagedPolicy(self, "Writing", roles=[role], statements=[writing])

    def _notice_tampering(self, ledger: s3.IBucket) -> None:
        """Counts every attempt, refused ones too, to blind the trail, kill a key or loosen the ledger."""
        blinding = " || ".join(f"($.eventName = {name})" for name in TAMPERING)
        loosening = " || ".join(f"($.eventName = {name})" for name in RELAXING)
        logs.MetricFilter(
            self,
            "Tampering",
            log_group=self.log,
            filter_pattern=logs.FilterPattern.literal(
                f"{{ {blinding} || (($.requestParameters.bucketName = {ledger.bucket_name}) && ({loosening})) }}"
            ),
            metric_namespace=METRIC_NAMESPACE,
            metric_name=METRIC,
            metric_value="1",
        )


def _data(name: str, kind: str, *fields: Field) -> Selector:
    category = Field(field="eventCategory", equal_to=["Data"])
    return Selector(name=name, field_selectors=[category, Field(field="resources.type", equal_to=[kind]), *fields])


def _within(bucket: s3.IBucket) -> Field:
    return Field(field="resources.ARN", starts_with=[bucket.arn_for_objects("")])
