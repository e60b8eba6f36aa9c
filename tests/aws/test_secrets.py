"""Connections' secrets: two live at once for a rotation, read anew after five minutes, and never shown."""

import json
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from botocore.exceptions import ClientError
from texting.aws import secrets as room
from texting.aws.secrets import ConnectionSecret, Secrets
from texting.errors import Misconfigured, Unavailable

NOW = datetime(2026, 12, 1, 15, tzinfo=UTC)
NAME = "quietline/connections/main"


@pytest.fixture
def manager(account):
    """Secrets Manager, and a way to write the one secret."""
    real = boto3.client("secretsmanager", region_name="us-east-1")
    real.create_secret(Name=NAME, SecretString=json.dumps({"current": "whsec_a"}))
    return lambda told: real.put_secret_value(
        SecretId=NAME, SecretString=told if isinstance(told, str) else json.dumps(told)
    )


def test_the_current_secret_is_enough(manager):
    """A connection begins with one secret and nothing to read back with."""
    assert Secrets().of(NAME, NOW) == ConnectionSecret(("whsec_a",), "")


def test_a_rotation_has_two_live_secrets(manager):
    """The new one first, the old one as long as it stands there."""
    manager({"current": "whsec_b", "previous": "whsec_a", "outbound": "token"})

    assert Secrets().of(NAME, NOW) == ConnectionSecret(("whsec_b", "whsec_a"), "token")


def test_a_rotation_is_seen_after_five_minutes(manager):
    """Until then the kept one serves, so that a burst of events asks once."""
    secrets = Secrets()
    secrets.of(NAME, NOW)
    manager({"current": "whsec_b"})

    assert secrets.of(NAME, NOW + timedelta(minutes=5)).inbound == ("whsec_a",)
    assert secrets.of(NAME, NOW + timedelta(minutes=5, seconds=1)).inbound == ("whsec_b",)


def test_a_clock_that_went_back_reads_anew(manager):
    """A secret is never kept for longer than five minutes of anybody's clock."""
    secrets = Secrets()
    secrets.of(NAME, NOW)
    manager({"current": "whsec_b"})

    assert secrets.of(NAME, NOW - timedelta(hours=1)).inbound == ("whsec_b",)


def test_a_missing_secret_says_how_to_make_it(manager):
    """The name is told, for it is in practice.toml; nothing else could be."""
    with pytest.raises(Misconfigured, match="nowhere is not in Secrets Manager; create it"):
        Secrets().of("nowhere", NOW)


@pytest.mark.parametrize("text", ["whsec_plain", "[]", '"whsec_text"', "null", "7", '{"current"'])
def test_a_secret_that_is_written_otherwise_is_told_without_it(manager, text):
    """The sentence shows the shape that is wanted, and not a letter of what stands there."""
    manager(text)

    with pytest.raises(Misconfigured, match=r'must be JSON like \{"current"') as refused:
        Secrets().of(NAME, NOW)
    assert "whsec_plain" not in str(refused.value)
    assert "whsec_text" not in str(refused.value)


@pytest.mark.parametrize("told", [{}, {"current": ""}, {"previous": "whsec_a", "current": None}])
def test_a_secret_without_a_current_one_opens_no_door(manager, told):
    """An empty secret is not a secret that an empty signature fits."""
    manager(told)

    try:
        inbound = Secrets().of(NAME, NOW).inbound
    except Misconfigured:
        inbound = ()
    assert "" not in inbound


def test_an_outage_is_a_reason_to_try_again(manager, monkeypatch):
    """What AWS said is not repeated, and nothing is kept of the failure."""
    real = room.client("secretsmanager")

    class Down:
        exceptions = real.exceptions

        def get_secret_value(self, **given):
            raise ClientError({"Error": {"Code": "InternalServiceError", "Message": "whsec_a"}}, "GetSecretValue")

    secrets = Secrets()
    with monkeypatch.context() as patched:
        patched.setattr(room, "client", lambda name: Down())
        with pytest.raises(Unavailable) as refused:
            secrets.of(NAME, NOW)
    assert "whsec" not in str(refused.value)
    assert secrets.of(NAME, NOW).inbound == ("whsec_a",)


def test_secrets_do_not_print(manager):
    """Neither a secret nor the memory of it shows its words."""
    secrets = Secrets()
    found = secrets.of(NAME, NOW)

    assert "whsec" not in repr(found) + repr(secrets) + str(found)
