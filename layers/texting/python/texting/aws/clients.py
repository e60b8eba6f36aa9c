"""boto3 clients, made once per process, each with the manners its service needs."""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

QUICK = Config(
    connect_timeout=2, read_timeout=8, retries={"total_max_attempts": 3, "mode": "standard"}, max_pool_connections=10
)
ONCE = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 1, "mode": "standard"})
"""P3: SendTextMessage has no idempotency token, and the SDK's default of three attempts can text a patient thrice."""


@cache
def client(service: str) -> Any:
    """The client of `service`; the carrier's makes exactly one attempt."""
    return boto3.client(service, config=ONCE if service == "pinpoint-sms-voice-v2" else QUICK)  # type: ignore[call-overload]
