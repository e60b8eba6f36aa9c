"""The practice's things in one bundle, made from a function's environment: what a handler hands to its journeys."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from texting.aws.carrier import Carrier
from texting.aws.fingerprints import Fingerprints
from texting.aws.opt_outs import OptOutList
from texting.aws.queues import Bus, Outbox, Pager, Schedules
from texting.aws.store import Store
from texting.aws.vault import Vault
from texting.practice import Practice
from texting.settings import Environment

ROOMS = ("people", "visits", "messages", "work", "secure", "ledger")


def made(settings: Environment, practice: Practice) -> Mapping[str, Any]:
    """The parts that the environment names, under the names that `flows.needs.World` takes them by."""
    env = {field.name: getattr(settings, field.name) for field in fields(settings)}
    tables = {room: env[f"{room.upper()}_TABLE"] for room in ROOMS if f"{room.upper()}_TABLE" in env}
    vault = Vault(env["KEYS_TABLE"], env["SEAL_KEY"])
    parts: dict[str, Any] = {"store": Store(tables, vault), "ids": Fingerprints(vault)}
    if "OUTBOX_QUEUE" in env:
        parts["_outbox"] = Outbox(env["OUTBOX_QUEUE"])
    if "SCHEDULE_GROUP" in env:
        parts["_schedules"] = Schedules(
            env["SCHEDULE_GROUP"], env["SCHEDULE_ROLE"], env["OUTBOX_ARN"], env["SCHEDULE_DEAD_ARN"]
        )
    if "EVENT_BUS" in env:
        parts["_bus"] = Bus(env["EVENT_BUS"])
        parts["_pager"] = Pager(practice.answering.on_call)
    if "OPT_OUT_LIST" in env:
        parts["_fence"] = OptOutList(env["OPT_OUT_LIST"])
    if "CONFIGURATION_SET" in env:
        parts["_carrier"] = Carrier(env["ORIGINATION"], env["CONFIGURATION_SET"], practice.sending.max_price_usd)
    return parts
