"""The people-facing handlers on a mocked account: real handlers, real tables, a clock that stands at noon."""

import importlib
import json
from contextlib import contextmanager
from datetime import datetime
from functools import partial

import boto3
import pytest
import time_machine
from moto import mock_aws
from texting.audit.entries import decode
from texting.aws import clients
from texting.aws.store import Store
from texting.flows.callers import issue
from texting.values import Actor

from tests.functions.rest import Caller
from tests.journeys.stories import EXAMPLE, NOON, Practice
from tests.journeys.world import make_world

TABLES = ("people", "visits", "messages", "work", "secure", "keys", "ledger")
OPERATOR = Actor("operator", "o_" + "0" * 32)


@contextmanager
def deployed(folder, settings):
    """A practice whose handlers find its tables, key, queue and settings in their environment."""
    file = folder / "practice.toml"
    file.write_text(settings, encoding="utf-8")
    clients.client.cache_clear()
    with mock_aws(), time_machine.travel(NOON, tick=False) as time, pytest.MonkeyPatch.context() as patch:
        built = Practice(*make_world(settings))
        built.clock = time
        patch.setenv("PRACTICE", str(file))
        for table in TABLES:
            patch.setenv(f"{table.upper()}_TABLE", table)
        patch.setenv("SEAL_KEY", built.world.store.vault.kms_key)
        patch.setenv("OUTBOX_QUEUE", boto3.client("sqs").create_queue(QueueName="outbox")["QueueUrl"])
        patch.setenv("OUTBOX_ARN", "arn:aws:sqs:us-east-1:123456789012:outbox")
        patch.setenv("SCHEDULE_GROUP", "texts")
        patch.setenv("SCHEDULE_ROLE", "arn:aws:iam::123456789012:role/schedules")
        patch.setenv("SCHEDULE_DEAD_ARN", "arn:aws:sqs:us-east-1:123456789012:schedules-dead")
        yield built
    clients.client.cache_clear()


def caller_of(built, function, *scopes):
    """A caller of a function, with a token of these scopes, or none."""
    handler = importlib.import_module(f"functions.{function}.handler")
    handler.world.cache_clear()
    token = issue(built.world, "test", scopes, OPERATOR, NOON) if scopes else ""
    return Caller(handler, token)


@pytest.fixture
def settings():
    """The practice.toml of the tests; a test module may give another one."""
    return EXAMPLE


@pytest.fixture
def practice(tmp_path, settings):
    """A practice of the test's own."""
    with deployed(tmp_path, settings) as built:
        yield built


@pytest.fixture
def speak(practice):
    """Makes a caller of a function: `speak("consent", "consents")` holds a token of that scope, or none."""
    return partial(caller_of, practice)


@pytest.fixture
def ledger(practice):
    """The kinds in the ledger, oldest first, or the entries of one kind."""

    def read(kind=None):
        items = boto3.client("dynamodb").scan(TableName="ledger")["Items"]
        entries = [decode(item["entry"]["B"]) for item in sorted(items, key=lambda item: item["at"]["S"])]
        return [entry.kind for entry in entries] if kind is None else [one for one in entries if one.kind == kind]

    return read


@pytest.fixture
def outbox(practice):
    """Takes the message ids that wait before the sender."""

    def taken():
        sqs = boto3.client("sqs")
        url = sqs.get_queue_url(QueueName="outbox")["QueueUrl"]
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=600).get("Messages", [])
        return [json.loads(one["Body"])["message_id"] for one in found]

    return taken


@pytest.fixture
def clock(practice):
    """Sets the clock that the handlers read, as "2026-12-02T05:30:00Z"."""

    def moved(at):
        practice.now = datetime.fromisoformat(at)
        practice.clock.move_to(practice.now)

    return moved


@pytest.fixture
def rivals(monkeypatch):
    """Lets somebody else in between a door's reading and its writing: `rivals(act, n)` acts before each of n commits.

    Threads would not do: the mocked account's transactions are not atomic between them, as DynamoDB's are.
    """

    def let_in(act, times=1):
        commit, left = Store.commit, [times]

        def after_a_rival(store, *writes):
            if left[0]:
                left[0] -= 1
                act()
            return commit(store, *writes)

        monkeypatch.setattr(Store, "commit", after_a_rival)

    return let_in
