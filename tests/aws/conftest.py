"""The adapters on a mocked account, or on the carrier's own protocol; each test has its account to itself."""

import boto3
import pytest
from moto import mock_aws
from texting.aws import clients
from texting.aws.store import Store
from texting.aws.vault import Vault

from tests.journeys.world import tables


@pytest.fixture
def account():
    """An empty account; clients are made anew in it and forgotten after it."""
    clients.client.cache_clear()
    with mock_aws():
        yield
    clients.client.cache_clear()


@pytest.fixture
def vault(account):
    """A vault over the keys table and a KMS key of the account; the other tables stand beside it."""
    tables()
    return Vault("keys", boto3.client("kms", region_name="us-east-1").create_key()["KeyMetadata"]["Arn"])


@pytest.fixture
def store(vault):
    """The store over all rooms."""
    return Store({room: room for room in ("people", "visits", "messages", "work", "secure", "ledger")}, vault)


@pytest.fixture
def raw(account):
    """Plain DynamoDB, to see and to tamper with what was written."""
    return boto3.client("dynamodb", region_name="us-east-1")
