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


def sealing():
    """A vault over the keys table and a KMS key of the account."""
    return Vault("keys", boto3.client("kms", region_name="us-east-1").create_key()["KeyMetadata"]["Arn"])


@pytest.fixture
def vault(account):
    """A vault with its table and nothing else: most tests need no more, and tables take their time."""
    keys = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
    boto3.client("dynamodb", region_name="us-east-1").create_table(
        TableName="keys",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key["AttributeName"], "AttributeType": "S"} for key in keys],
        KeySchema=keys,
    )
    return sealing()


@pytest.fixture
def store(account):
    """The store over all rooms."""
    tables()
    return Store({room: room for room in ("people", "visits", "messages", "work", "secure", "ledger")}, sealing())


@pytest.fixture
def raw(account):
    """Plain DynamoDB, to see and to tamper with what was written."""
    return boto3.client("dynamodb", region_name="us-east-1")
