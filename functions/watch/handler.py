"""The watch: every quarter of an hour, what is stuck is put back and what is overdue or nearly spent is shown
(`flows.watch_over`); once a night, the carrier's opt-out list and ours are brought together (`flows.reconcile`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from texting import telemetry
from texting.aws.queues import Outbox
from texting.aws.sweep import Sweep
from texting.aws.world import made
from texting.flows.needs import World
from texting.flows.reconcile import reconcile
from texting.flows.watch_money import watch_money
from texting.flows.watch_over import watch_over
from texting.flows.world import world_of
from texting.settings import Environment

NIGHT = time(9, 15)
"""The pass of this hour (UTC) that begins before this minute: from two to five in the morning in the United States."""
ENOUGH = 10_000
"""Milliseconds that one step of the night may take."""


@dataclass(frozen=True, slots=True)
class Settings(Environment):
    """What the function is given. The key is for the night alone: the carrier must be told numbers."""

    PEOPLE_TABLE: str
    MESSAGES_TABLE: str
    WORK_TABLE: str
    KEYS_TABLE: str
    LEDGER_TABLE: str
    SEAL_KEY: str
    OUTBOX_QUEUE: str
    OPT_OUT_LIST: str


@cache
def sweep() -> tuple[Sweep, Outbox]:
    """What looking around needs: it opens nothing."""
    given = Settings.read()
    tables = {"messages": given.MESSAGES_TABLE, "work": given.WORK_TABLE, "ledger": given.LEDGER_TABLE}
    return Sweep(tables), Outbox(given.OUTBOX_QUEUE)


@cache
def world() -> World:
    """What the night needs, and whoever opens a task."""
    return world_of(Settings.read(), made)


@telemetry.observed
def lambda_handler(event: Mapping[str, Any], context: LambdaContext) -> None:
    """One look around, and at night the lists."""
    now = datetime.now(UTC)
    _look_around(now)
    telemetry.count("SpendUsd", float(watch_money(world(), now)))
    if now.hour == NIGHT.hour and now.minute < NIGHT.minute:
        _bring_together(now, context)


def _look_around(now: datetime) -> None:
    found = watch_over(*sweep(), now)
    put_back = sum(found.put_back.values())
    told = {"unconfirmed": found.unconfirmed, "in_doubt": found.in_doubt, "overdue": found.overdue}
    telemetry.log("watch", put_back=put_back, seconds=found.lag, **told)
    telemetry.counts(
        MessagesPutBack=put_back,
        MessagesUnconfirmed=found.unconfirmed,
        MessagesInDoubt=found.in_doubt,
        TasksOverdue=found.overdue,
        LedgerLagSeconds=found.lag,
    )


def _bring_together(now: datetime, context: LambdaContext) -> None:
    done = reconcile(world(), now, lambda: context.get_remaining_time_in_millis() > ENOUGH)
    telemetry.log("opt_outs", outcome="complete" if done.complete else "in_part", count=done.listed, size=done.stopped)
    telemetry.counts(
        OptOutsListed=done.listed,
        OptOutsLetGo=done.let_go,
        OptOutsStillListed=done.blocked,
        OptOutsFromCarrier=done.stopped,
    )
