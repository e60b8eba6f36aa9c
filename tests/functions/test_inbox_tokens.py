"""Who may enter the inbox: nobody without a token, and each route only with its own scope."""

import re
from pathlib import Path

import pytest

from tests.functions.conftest import caller_of, deployed
from tests.functions.test_inbox import CLOSE, FIND, MESSAGE, RECALL, SECURE, TASK, TASKS, TEXTS, THREAD, THREADS
from tests.functions.test_inbox_calls import CALLS
from tests.journeys.stories import EXAMPLE

ROUTES = [
    ("POST", FIND, "threads"),
    ("GET", THREADS, "threads"),
    ("GET", THREAD, "threads"),
    ("POST", TEXTS, "threads"),
    ("POST", SECURE, "threads"),
    ("POST", RECALL, "threads"),
    ("GET", TASKS, "tasks"),
    ("GET", CALLS, "tasks"),
    ("GET", TASK, "threads"),
    ("POST", CLOSE, "tasks"),
    ("GET", MESSAGE, "messages"),
]
PATH = dict.fromkeys(("thread_id", "secure_id", "task_id", "message_id"), "t_" + "0" * 32)


def test_every_route_of_the_inbox_is_tried_here():
    """A new route without a row above would be one whose scope nobody tests."""
    declared = re.findall(r'Route\("(\w+)", "([^"]+)", "inbox"', Path("infra/doors.py").read_text("utf-8"))

    assert sorted(declared) == sorted((method, resource) for method, resource, _ in ROUTES)


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    """A practice with nothing in it."""
    with deployed(tmp_path_factory.mktemp("standing"), EXAMPLE) as built:
        yield built


@pytest.mark.parametrize(("method", "resource", "scope"), ROUTES)
def test_each_route_wants_its_own_scope(standing, method, resource, scope):
    """401 without a token or with a wrong one, 403 with every scope but the right one."""
    others = tuple({"consents", "threads", "tasks", "messages", "operate"} - {scope})

    nobody = caller_of(standing, "inbox").call(method, resource, PATH, "{}")
    stranger = caller_of(standing, "inbox").call(method, resource, PATH, "{}", {"Authorization": "Bearer qlt_wrong"})
    other = caller_of(standing, "inbox", *others).call(method, resource, PATH, "{}")

    assert [one.status for one in (nobody, stranger, other)] == [401, 401, 403]
    assert {tuple(one.json) for one in (nobody, stranger, other)} == {("error",)}
