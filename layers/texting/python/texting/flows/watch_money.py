"""Journey: the month's money for texts is watched, and people hear of it before it is gone."""

from contextlib import suppress
from datetime import datetime
from decimal import Decimal

from texting.errors import Contended
from texting.flows.needs import World, micro, month_of
from texting.flows.tasks import new_task

WARN_AT = Decimal("0.8")
"""Of the month's limit; at the whole of it the gate lets no automated text out."""


def watch_money(world: World, now: datetime) -> Decimal:
    """What the month's texts cost so far, in US dollars by our own count. Opens a task, once, at four fifths of the
    limit."""
    spent = world.store.counted("spend", month_of(now))
    limit = micro(world.practice.sending.monthly_limit_usd)
    if limit and spent >= limit * WARN_AT:
        with suppress(Contended):  # they were told already
            world.store.commit(*new_task(world, "spend_near_limit", now, once=month_of(now)))
    return Decimal(spent) / 1_000_000
