"""Shared by all tests: no real AWS, no real region, and byte code kept off the tree."""

import os
import sys

import pytest

os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_DEFAULT_REGION="us-east-1",
    AWS_ACCOUNT_ID_ENDPOINT_MODE="disabled",
    POWERTOOLS_METRICS_NAMESPACE="Quietline",
    POWERTOOLS_SERVICE_NAME="tests",
)
os.environ.pop("AWS_PROFILE", None)


@pytest.fixture(autouse=True)
def _log_to_this_tests_output():
    """The logger is made once per process; what it writes belongs to the test that runs, not to the first one."""
    telemetry = sys.modules.get("texting.telemetry")
    if telemetry is not None and telemetry.logger.cache_info().currsize:
        for handler in telemetry.logger().handlers:
            handler.stream = sys.stdout
