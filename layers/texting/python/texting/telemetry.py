"""Logs and metrics that cannot tell about anybody: an allow-list of fields, ids and codes only (P9).

`log(event, **fields)` writes one canonical line per item; fields outside the list are a bug. Exceptions are logged by class
and place, never with their message's arguments from other libraries.
"""

import json
from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from texting.errors import Bug

FIELDS = frozenset(
    {
        "message_id", "appointment_id", "inbound_id", "task_id", "thread_id", "secure_id", "event_id", "quarantine_id",
        "connection", "state", "outcome", "reason", "kind", "intent", "count", "size", "status", "route",
        "error", "seconds", "anchor",
        "certified", "erased", "put_off", "held", "announced", "failed", "put_back", "unconfirmed", "in_doubt", "overdue",
    }
)  # fmt: skip


@cache
def logger() -> Logger:
    """The one logger of a process; the service's name comes from the environment."""
    return Logger(log_uncaught_exceptions=False)


@cache
def metrics() -> Metrics:
    """The one metrics collector of a process; the namespace comes from the environment."""
    return Metrics()


def log(event: str, **fields: Any) -> None:
    """One line about one item. Raises Bug for a field that is not on the list."""
    strange = fields.keys() - FIELDS
    if strange:
        raise Bug(f"The log takes no field called {sorted(strange)[0]}.")
    logger().info(event, extra={name: value for name, value in fields.items() if value not in (None, "")})


def fault(event: str, error: BaseException, **fields: Any) -> None:
    """One line about something that went wrong: the error's class and our own sentence, nothing a library added.

    A field that is not on the list is left out: a fault must never be lost over how it is told.
    """
    sentence = getattr(error, "sentence", "")
    listed = {name: value for name, value in fields.items() if name in FIELDS}
    logger().error(event, extra={**listed, "error": type(error).__name__, "reason": sentence})


def count(name: str, amount: float = 1) -> None:
    """Raise a metric; it leaves with the handler's answer."""
    metrics().add_metric(name=name, unit=MetricUnit.Count, value=amount)


def counts(**amounts: float | None) -> None:
    """Raise several metrics by their names; what is None is not known, and left out."""
    for name, amount in amounts.items():
        if amount is not None:
            count(name, amount)


STATE_METRICS = {
    "handed": "MessagesHanded",
    "refused": "MessagesRefused",
    "withdrawn": "MessagesRefused",
    "failed": "MessagesFailed",
    "in_doubt": "MessagesInDoubt",
}


def count_state(state: str) -> None:
    """Count a message's new state where an alarm or the dashboard looks at it."""
    if state in STATE_METRICS:
        count(STATE_METRICS[state])


def observed(handler: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Around a handler: request ids on every line, metrics flushed with the answer. The event itself is never logged."""

    @wraps(handler)
    def around(event: Any, context: Any) -> Any:
        logger().append_keys(function_request_id=context.aws_request_id)
        try:
            return handler(event, context)
        finally:
            flush()

    return around


def flush() -> None:
    """Write the metrics collected so far, if any."""
    collected = metrics()
    if collected.metric_set:
        print(json.dumps(collected.serialize_metric_set()))  # noqa: T201
        collected.clear_metrics()


def each(event: str) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    """Around the function for one item of a batch: what goes wrong is logged by class and sentence, and raised on."""

    def around(one: Callable[[Any], None]) -> Callable[[Any], None]:
        @wraps(one)
        def logged(record: Any) -> None:
            try:
                one(record)
            except Exception as error:
                fault(event, error)
                raise

        return logged

    return around
