"""From an AWS operation to the IAM actions it needs: on what, and in which circumstances.

Sources: the Service Authorization Reference (actions and resource types per service); for keys at rest the developer guides
of DynamoDB ("encryption usage notes"), SQS ("key management": a producer needs GenerateDataKey and Decrypt, a consumer
Decrypt) and S3 ("using SSE-KMS"). Read 2026-11.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.least_privilege.account import Account

Names = Mapping[str, Any]


@dataclass(frozen=True)
class Use:
    """One action that a role needs on one resource. `context` is what conditions are judged by."""

    role: str
    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict, hash=False, compare=False)
    by: str = ""


@dataclass(frozen=True)
class Call:
    """One recorded operation with the names of resources in its request."""

    service: str
    operation: str
    names: Names


def uses(account: Account, role: str, call: Call) -> Iterator[Use]:
    """Everything that `role` needs for a call. Raises KeyError for an operation that nobody has taught us."""
    by = f"{call.service}.{call.operation}"
    for action, resource, context in NEEDS[call.service](account, call.operation, call.names):
        yield Use(role, action, resource, context, by)
        yield from at_rest(account, role, action, resource)


def at_rest(account: Account, role: str, action: str, resource: str) -> Iterator[Use]:
    """The key under which a resource rests, used by its service in the caller's name."""
    key = account.keys.get(resource.partition("/index/")[0]) or account.keys.get(resource.partition("/")[0])
    if key:
        via = {"kms:ViaService": f"{action.partition(':')[0]}.{account.region}.amazonaws.com"}
        for use in ("kms:Decrypt",) if action in READING else ("kms:Decrypt", "kms:GenerateDataKey"):
            yield Use(role, use, key, via, f"at rest, for {action}")


def of_lambda(account: Account, word: str) -> Iterator[Use]:
    """What Lambda itself does in a function's name: reads its queue, and puts a start that failed into its dead letter."""
    function = account.functions[word]
    needed = [(action, queue) for queue in function.reads for action in POLLING]
    needed += [("sqs:SendMessage", function.dead_letter)] if function.dead_letter else []
    for action, queue in needed:
        yield Use(function.role, action, queue, by="Lambda's poller" if action in POLLING else "Lambda's dead letter")
        yield from at_rest(account, function.role, action, queue)


def of_schedules(account: Account, call: Call) -> Iterator[Use]:
    """What EventBridge Scheduler does under the role it was passed: delivers to its target, or to its dead letter."""
    if call.service == "scheduler":
        target = call.names["Target"]
        for queue in (target["Arn"], target["DeadLetterConfig"]["Arn"]):
            yield Use(target["RoleArn"], "sqs:SendMessage", queue, by="EventBridge Scheduler")
            yield from at_rest(account, target["RoleArn"], "sqs:SendMessage", queue)


POLLING = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
READING = frozenset(
    {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:ConditionCheckItem", "s3:GetObject", *POLLING}
)  # fmt: skip
Needs = Iterator[tuple[str, str, dict[str, str]]]


def _dynamodb(account: Account, operation: str, names: Names) -> Needs:
    """A transaction has no action of its own: it needs those of its parts. A query of an index needs the index only."""
    if operation == "TransactWriteItems":
        parts = [(verb, told) for item in names["TransactItems"] for verb, told in item.items()]
    else:
        parts = [(operation, names)]
    for verb, told in parts:
        table = account.own("dynamodb", f"table/{told['TableName']}")
        yield ITEMS[verb], f"{table}/index/{told['IndexName']}" if "IndexName" in told else table, {}


ITEMS = {
    "GetItem": "dynamodb:GetItem",
    "Query": "dynamodb:Query",
    "PutItem": "dynamodb:PutItem",
    "UpdateItem": "dynamodb:UpdateItem",
    "DeleteItem": "dynamodb:DeleteItem",
    "Put": "dynamodb:PutItem",
    "Update": "dynamodb:UpdateItem",
    "Delete": "dynamodb:DeleteItem",
    "ConditionCheck": "dynamodb:ConditionCheckItem",
}


def _kms(account: Account, operation: str, names: Names) -> Needs:
    actions = {name: f"kms:{name}" for name in ("Decrypt", "GenerateDataKey", "Sign", "GetPublicKey")}
    yield actions[operation], names["KeyId"], {}


def _sqs(account: Account, operation: str, names: Names) -> Needs:
    queue = names["QueueUrl"].rsplit("/", 1)[-1]
    yield {"SendMessage": "sqs:SendMessage"}[operation], account.own("sqs", queue), {}


def _scheduler(account: Account, operation: str, names: Names) -> Needs:
    """Making a schedule, or making it anew, hands the Scheduler a role."""
    actions = {name: f"scheduler:{name}" for name in ("CreateSchedule", "UpdateSchedule")}
    yield actions[operation], account.own("scheduler", f"schedule/{names['GroupName']}/{names['Name']}"), {}
    yield "iam:PassRole", names["Target"]["RoleArn"], {"iam:PassedToService": "scheduler.amazonaws.com"}


def _events(account: Account, operation: str, names: Names) -> Needs:
    for entry in names["Entries"]:
        yield (
            {"PutEvents": "events:PutEvents"}[operation],
            account.own("events", f"event-bus/{entry['EventBusName']}"),
            {},
        )


def _s3(account: Account, operation: str, names: Names) -> Needs:
    """A write that depends on the tag of what is there reads it, and needs the right to."""
    thing = f"arn:aws:s3:::{names['Bucket']}/{names['Key']}"
    yield {"GetObject": "s3:GetObject", "PutObject": "s3:PutObject"}[operation], thing, {}
    if names.get("IfMatch"):
        yield "s3:GetObject", thing, {}


def _secrets(account: Account, operation: str, names: Names) -> Needs:
    """Secrets Manager ends each ARN with a hyphen and six characters of its own."""
    secret = account.own("secretsmanager", f"secret:{names['SecretId']}-a1B2c3")
    yield {"GetSecretValue": "secretsmanager:GetSecretValue"}[operation], secret, {}


def _sns(account: Account, operation: str, names: Names) -> Needs:
    yield {"Publish": "sns:Publish"}[operation], names["TopicArn"], {}


def _carrier(account: Account, operation: str, names: Names) -> Needs:
    """A send is judged by its origination identity: a pool by its id, a number by the id that it was rented under."""
    if operation == "SendTextMessage":
        origin = names["OriginationIdentity"]
        about = f"pool/{origin}" if origin.startswith("pool-") else "phone-number/phone-0a1b2c3d"
    else:
        about = f"opt-out-list/{names['OptOutListName']}"
    actions = ("SendTextMessage", "PutOptedOutNumber", "DeleteOptedOutNumber", "DescribeOptedOutNumbers")
    yield {name: f"sms-voice:{name}" for name in actions}[operation], account.own("sms-voice", about), {}


NEEDS: dict[str, Callable[[Account, str, Names], Needs]] = {
    "dynamodb": _dynamodb,
    "events": _events,
    "kms": _kms,
    "pinpoint-sms-voice-v2": _carrier,
    "s3": _s3,
    "scheduler": _scheduler,
    "secretsmanager": _secrets,
    "sns": _sns,
    "sqs": _sqs,
}
