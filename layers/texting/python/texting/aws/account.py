"""The account as its operator meets it: who asks, what is deployed, which agreements and quotas hold.

Every question is asked through `asked`, so that a refusal of AWS becomes a sentence of ours and never a traceback. The
clients here are patient (most of these APIs take one request a second); none of them ever sends a text.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError, ProfileNotFound

from texting.aws import clients
from texting.errors import Misconfigured, NotAllowed, Unavailable, Unknown

PATIENT = Config(connect_timeout=3, read_timeout=15, retries={"total_max_attempts": 6, "mode": "standard"})
STACKS = ("data", "audit", "messaging", "web", "watch")
DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"})
GONE = frozenset(
    {"ResourceNotFoundException", "ResourceNotFound", "NoSuchKey", "NoSuchBucket", "NotFoundException",
     "AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist", "NoSuchResourceException", "ValidationError"}
)  # fmt: skip
SMS_QUOTAS = "sms-voice"
"""The service code of AWS End User Messaging SMS in Service Quotas."""


@cache
def patient(service: str) -> Any:
    """A client for an operator's questions: it waits and asks again where AWS says slow down."""
    return boto3.client(service, config=PATIENT)  # type: ignore[call-overload]


def reach(environ: Mapping[str, str]) -> None:
    """Speak as this profile, in this region, to these endpoints from now on; an empty value takes a variable away."""
    if not environ:
        return
    os.environ.update(environ)
    for name in [name for name, value in environ.items() if not value]:
        del os.environ[name]
    boto3.DEFAULT_SESSION = None
    patient.cache_clear()
    clients.client.cache_clear()


@contextmanager
def asked(what: str) -> Iterator[None]:
    """Around one question to AWS. Raises NotAllowed, Unknown or Unavailable, with a sentence that names nobody."""
    try:
        yield
    except (NoCredentialsError, ProfileNotFound):
        raise NotAllowed("No AWS credentials were found: sign in, or name a profile with --profile.") from None
    except NoRegionError:
        raise Misconfigured("No AWS region is set: name it with --region, for example us-east-1.") from None
    except ClientError as fault:
        raise _meaning(what, fault) from None
    except BotoCoreError as fault:
        raise Unavailable(f"AWS did not answer about the {what} ({type(fault).__name__}).") from None


def _meaning(what: str, fault: ClientError) -> Exception:
    code = str(fault.response["Error"]["Code"])
    reason = str(fault.response.get("Reason") or code)
    if code in DENIED:
        return NotAllowed(f"You may not ask about the {what}: your role needs {fault.operation_name}.")
    if code in GONE:
        return Unknown(f"AWS knows no such {what} ({fault.operation_name}: {reason}).")
    return Unavailable(f"AWS refused {fault.operation_name} for the {what} ({reason}).")


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of our stacks: its type, its logical name without CDK's hash, and its physical id."""

    type: str
    name: str
    id: str


@dataclass(frozen=True, slots=True)
class Deployed:
    """What is deployed: each function's environment, which is the source of every name, and the stacks' resources."""

    environment: Mapping[str, Mapping[str, str]]
    resources: tuple[Resource, ...]

    def variable(self, name: str) -> str:
        """The value that any of the functions is given. Raises Misconfigured."""
        for around in self.environment.values():
            if around.get(name):
                return str(around[name])
        raise Misconfigured(f"No deployed function is given {name}; deploy all stacks with the CDK app.")

    def all(self, kind: str) -> Mapping[str, str]:
        """The physical ids of all resources of a CloudFormation type, by logical name."""
        return {one.name: one.id for one in self.resources if one.type == kind}

    def one(self, kind: str, name: str) -> str:
        """The physical id of one resource. Raises Unknown."""
        found = self.all(kind).get(name)
        if not found:
            raise Unknown(f"Nothing called {name} is deployed; deploy all stacks with the CDK app.")
        return found


def discover(prefix: str) -> Deployed:
    """What the stacks called `prefix`-data, -audit, -messaging, -web and -watch hold. Raises Unknown without any."""
    found = [resource for stack in STACKS for resource in _resources(f"{prefix}-{stack}")]
    functions = [one.id for one in found if one.type == "AWS::Lambda::Function"]
    if not functions:
        raise Unknown(
            f"No stacks called {prefix}-… have functions here. Deploy first, or name another --stack-prefix, "
            "--region or --profile; for the practice in a box add --box."
        )
    environments = (_environment(function) for function in functions)
    return Deployed({told["POWERTOOLS_SERVICE_NAME"]: told for told in environments}, tuple(found))


def _resources(stack: str) -> Iterator[Resource]:
    try:
        with asked(f"stack {stack}"):
            pages = patient("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
            rows = [row for page in pages for row in page["StackResourceSummaries"]]
    except Unknown:
        return
    for row in rows:
        if row.get("PhysicalResourceId"):
            yield Resource(row["ResourceType"], row["LogicalResourceId"][:-8], row["PhysicalResourceId"])


def _environment(function: str) -> Mapping[str, str]:
    with asked("function's settings"):
        told = patient("lambda").get_function_configuration(FunctionName=function)
    variables: Mapping[str, str] = told["Environment"]["Variables"]
    return variables


def caller() -> tuple[str, str]:
    """The account and the ARN of whoever asks."""
    with asked("identity"):
        told = patient("sts").get_caller_identity()
    return str(told["Account"]), str(told["Arn"])


def skew(now: datetime | None = None) -> float:
    """Seconds by which this machine's clock is ahead of AWS's, as the date of an answer tells."""
    with asked("clock"):
        told = patient("sts").get_caller_identity()["ResponseMetadata"]["HTTPHeaders"].get("date")
    if not told:
        raise Unavailable("The answer carried no date.")
    return ((now or datetime.now(UTC)) - parsedate_to_datetime(told)).total_seconds()


def agreements() -> tuple[str, ...]:
    """The names of the account's active agreements in AWS Artifact."""
    with asked("list of agreements in AWS Artifact"):
        told = patient("artifact").list_customer_agreements(maxResults=300)
    return tuple(str(one["name"]) for one in told["customerAgreements"] if one["state"] == "ACTIVE")


def texts_per_second() -> float:
    """The account's rate quota of SendTextMessage."""
    with asked("quota of the carrier"):
        pages = patient("service-quotas").get_paginator("list_service_quotas").paginate(ServiceCode=SMS_QUOTAS)
        quotas = [quota for page in pages for quota in page["Quotas"]]
    for quota in quotas:
        if "SendTextMessage" in quota["QuotaName"]:
            return float(quota["Value"])
    raise Unavailable("Service Quotas lists no rate of SendTextMessage here.")


def rotate_secret(name: str, fresh: str, outbound: str | None = None) -> bool:
    """Put a new current secret; the old one stays good as `previous`. Returns whether there was one before.

    The secret is JSON as `aws.secrets` reads it; `outbound`, what we show when we read back, changes only when given.
    """
    before = read_secret(name)
    told = {"current": fresh, "previous": (before or {}).get("current", "")}
    told["outbound"] = (before or {}).get("outbound", "") if outbound is None else outbound
    _write_secret(name, told, new=before is None)
    return before is not None


def end_rotation(name: str) -> bool:
    """Let only the current secret be good from now on. Returns whether a previous one was dropped."""
    before = read_secret(name)
    if not before or not before.get("previous"):
        return False
    _write_secret(name, {**before, "previous": ""}, new=False)
    return True


def read_secret(name: str) -> dict[str, str] | None:
    """The secret's parts, or None when there is none. Raises Misconfigured for one that is not ours."""
    try:
        with asked("secret"):
            text = patient("secretsmanager").get_secret_value(SecretId=name)["SecretString"]
    except Unknown:
        return None
    try:
        told = json.loads(text)
        return {str(part): str(value) for part, value in told.items()}
    except (ValueError, AttributeError):
        raise Misconfigured(f"The secret {name} exists and is not one of ours; choose another name.") from None


def _write_secret(name: str, told: Mapping[str, str], *, new: bool) -> None:
    with asked("secret"):
        if new:
            patient("secretsmanager").create_secret(Name=name, SecretString=json.dumps(told))
        else:
            patient("secretsmanager").put_secret_value(SecretId=name, SecretString=json.dumps(told))
