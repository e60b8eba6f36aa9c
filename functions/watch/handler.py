"""The watch: every quarter of an hour, what is stuck is put back and what is overdue is shown (`flows.watch_over`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from texting import telemetry
from texting.aws.queues import Outbox
from texting.aws.sweep import Sweep
from texting.flows.watch_over import Watched, watch_over
from texting.settings import Environment


@dataclass(frozen=True, slots=True)
class Settings(Environment):
    """What the function is given: no key, since it opens nothing."""

    MESSAGES_TABLE: str
    WORK_TABLE: str
    LEDGER_TABLE: str
    OUTBOX_QUEUE: str


@cache
def world() -> tuple[Sweep, Outbox]:
    """Everything the journey needs, made once per process."""
    given = Settings.read()
    tables = {"messages": given.MESSAGES_TABLE, "work": given.WORK_TABLE, "ledger": given.LEDGER_TABLE}
    return Sweep(tables), Outbox(given.OUTBOX_QUEUE)


@telemetry.observed
def lambda_handler(event: Mapping[str, Any], context: LambdaContext) -> None:
    """One look around."""
    found = watch_over(*world(), datetime.now(UTC))
    put_back = sum(found.put_back.values())
    telemetry.log(
        "watch",
        put_back=put_back,
        unconfirmed=found.unconfirmed,
        in_doubt=found.in_doubt,
        overdue=found.overdue,
        seconds=found.lag,
    )
    telemetry.count("MessagesPutBack", put_back)
    _measure(found)


def _measure(found: Watched) -> None:
    telemetry.count("MessagesUnconfirmed", found.unconfirmed)
    telemetry.count("MessagesWaitingInDoubt", found.in_doubt)
    telemetry.count("TasksOverdue", found.overdue)
    if found.lag is not None:
        telemetry.count("LedgerLagSeconds", found.lag)
