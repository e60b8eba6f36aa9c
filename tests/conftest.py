"""Shared by all tests: no real AWS, no real region, and byte code kept off the tree."""

import os

os.environ.update(
    AWS_ACCESS_KEY_ID="testing",
    AWS_SECRET_ACCESS_KEY="testing",
    AWS_DEFAULT_REGION="us-east-1",
    AWS_ACCOUNT_ID_ENDPOINT_MODE="disabled",
    POWERTOOLS_METRICS_NAMESPACE="Quietline",
    POWERTOOLS_SERVICE_NAME="tests",
)
os.environ.pop("AWS_PROFILE", None)
