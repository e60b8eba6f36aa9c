"""The ledger's writer: every minute, what was written is sequenced and published (journey: `flows.publish_ledger`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from texting import practice, telemetry
from texting.aws.ledger import LedgerBucket, Signer
from texting.aws.sequencing import Sequencer
from texting.flows.publish_ledger import Press, origin_of, publish_ledger
from texting.settings import Environment

ENOUGH = 20_000
"""Milliseconds that a round of a thousand entries may take; with less left, the next run goes on."""


@dataclass(frozen=True, slots=True)
class Settings(Environment):
    """What the function is given. The former key is the same one until the ledger has changed its key."""

    LEDGER_TABLE: str
    LEDGER_BUCKET: str
    SIGNING_KEY: str
    FORMER_SIGNING_KEY: str


@cache
def press() -> Press:
    """Everything the journey needs, made once per process."""
    settings = Settings.read()
    origin = origin_of(practice.load(settings.PRACTICE).web.address)
    return Press(
        log=Sequencer(settings.LEDGER_TABLE),
        objects=LedgerBucket(settings.LEDGER_BUCKET),
        signer=Signer(settings.SIGNING_KEY),
        origin=origin,
        former=Signer(settings.FORMER_SIGNING_KEY),
    )


@telemetry.observed
def lambda_handler(event: Mapping[str, Any], context: LambdaContext) -> None:
    """One run; what it could not finish, the next one does."""
    done = publish_ledger(press(), datetime.now(UTC), lambda: context.get_remaining_time_in_millis() > ENOUGH)
    telemetry.log("ledger", state=done.state, count=done.count, size=done.size, anchor=done.anchor, seconds=done.lag)
    if done.state != "busy":
        telemetry.counts(
            LedgerPublished=done.count,
            LedgerPending=done.pending,
            LedgerLagSeconds=done.lag,
            LedgerUnreadable=done.unreadable,
        )
