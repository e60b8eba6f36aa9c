"""Queues: encrypted, TLS only, each with its dead letter; and the statements by which services may put something in."""

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from constructs import Construct

KEPT = Duration.days(14)
TRIES_OF_A_TIMEOUT = 6  # AWS's advice: visibility of six function timeouts, or a slow batch is delivered twice


def dead_letter(scope: Construct, name: str, key: kms.IKey) -> sqs.Queue:
    """A queue where what could not be handled waits to be seen and replayed."""
    return sqs.Queue(
        scope,
        name,
        encryption=sqs.QueueEncryption.KMS,
        encryption_master_key=key,
        enforce_ssl=True,
        retention_period=KEPT,
    )


class WorkQueue(Construct):
    """A queue and its dead letter. `timeout` is the reading function's, in seconds."""

    def __init__(self, scope: Construct, name: str, *, key: kms.IKey, timeout: int, tries: int = 5) -> None:
        super().__init__(scope, name)
        self.dead = dead_letter(self, "Dead", key)
        self.queue = sqs.Queue(
            self,
            "Queue",
            encryption=sqs.QueueEncryption.KMS,
            encryption_master_key=key,
            enforce_ssl=True,
            retention_period=KEPT,
            visibility_timeout=Duration.seconds(timeout * TRIES_OF_A_TIMEOUT),
            dead_letter_queue=sqs.DeadLetterQueue(max_receive_count=tries, queue=self.dead),
        )


def let_in(queue: sqs.Queue, service: str, source_arn: str) -> None:
    """Lets one AWS service send to the queue on behalf of one source of ours."""
    queue.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal(service)],
            actions=["sqs:SendMessage"],
            resources=[queue.queue_arn],
            conditions={"ArnEquals": {"aws:SourceArn": source_arn}},
        )
    )
