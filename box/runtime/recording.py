"""Which AWS operations a worker calls, and on which resources: for those who judge what its role must allow.

Switched on by `BOX_RECORD`, a folder, in the environment of whoever starts the box; each function then adds a line per
call to its own file there. A line has names of resources only: nothing that was written, read, sent or asked for.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3

SWITCH = "BOX_RECORD"
NAMING = frozenset(
    {
        *("TableName", "IndexName", "QueueUrl", "KeyId", "Bucket", "Key", "SecretId", "TopicArn", "GroupName", "Name"),
        *("RoleArn", "Arn", "EventBusName", "OriginationIdentity", "ConfigurationSetName", "OptOutListName"),
        *("IfMatch", "IfNoneMatch"),  # a conditional write to a bucket reads, and needs the right to
    }
)
"""Parameters that name a resource, wherever they stand in a request."""


def switch() -> dict[str, str]:
    """The variable to hand on to workers, where recording is switched on."""
    return {SWITCH: os.environ[SWITCH]} if SWITCH in os.environ else {}


def record() -> None:
    """Keep every call of this process that is made through boto3's default session, if recording is switched on."""
    if SWITCH not in os.environ:
        return
    file = Path(os.environ[SWITCH]) / f"{os.environ['POWERTOOLS_SERVICE_NAME']}.jsonl"
    lines = file.open("a", encoding="utf-8", buffering=1)

    def note(params: Mapping[str, Any], model: Any, **_: Any) -> None:
        told = {"service": model.service_model.service_name, "operation": model.name, "names": names(params)}
        lines.write(json.dumps(told) + "\n")

    boto3.setup_default_session()
    assert boto3.DEFAULT_SESSION
    boto3.DEFAULT_SESSION.events.register("provide-client-params.*.*", note)


def names(told: Any) -> Any:
    """The part of a request that names resources: keys lead there, and everything else is left out."""
    if isinstance(told, list):
        return [found for found in map(names, told) if found]
    if not isinstance(told, Mapping):
        return None
    if "TableName" in told:  # the key and the words of an item are no names of resources
        return {name: told[name] for name in ("TableName", "IndexName") if name in told}
    kept = {name: value if name in NAMING else names(value) for name, value in told.items()}
    return {name: value for name, value in kept.items() if value}
