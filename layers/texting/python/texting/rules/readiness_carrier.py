"""The doctor's checks of the carrier: the account's tier and limits, the number or pool, and how it is wired to us."""

from collections.abc import Iterator
from math import ceil

from texting.rules.readiness_facts import Case, Destination, Facts, Identity, Spend

ALL_EVENTS = frozenset({"ALL", "TEXT_ALL"})
NO_REGISTRATION = frozenset({"SIMULATOR", "POOL"})
REJECTED = frozenset({"REQUIRES_UPDATES", "REQUIRES_AUTHENTICATION", "CLOSED", "DELETED"})


def tier(tier: str | None, facts: Facts) -> Iterator[Case]:
    """Whether the account is out of the sandbox."""
    if tier:
        yield ("production" if tier == "PRODUCTION" else "sandbox"), {}


def spend(spend: Spend | None, facts: Facts) -> Iterator[Case]:
    """Whether the carrier lets the practice's own monthly limit through."""
    if spend is None or facts.chosen.faults:
        return
    wanted = facts.chosen.monthly_limit_usd
    told = {"enforced": spend.enforced, "most": spend.most, "wanted": f"{wanted:.2f}", "whole": ceil(wanted)}
    low = "low" if spend.most >= wanted else "capped"
    yield ("enough" if spend.enforced >= wanted else low), told


def pace(rate: float | None, facts: Facts) -> Iterator[Case]:
    """Whether the account may hand over more than one text a second."""
    if rate is not None:
        yield ("enough" if rate > 1 else "slow"), {"rate": f"{rate:g}"}


def identity(identity: Identity | None, facts: Facts) -> Iterator[Case]:
    """Whether there is a number to send from, active and of the right kind."""
    on = facts.chosen.mode == "on"
    if identity is None:
        missing = "none_on" if on else "none"
        yield ("gone" if facts.identity_named else missing), {}
        return
    told = {"name": identity.name, "type": identity.type.lower().replace("_", "-"), "status": identity.status}
    yield ("active" if identity.status == "ACTIVE" else "inactive"), told
    if identity.message_type == "PROMOTIONAL":
        yield "promotional", told
    if identity.type == "SIMULATOR":
        yield ("simulator_on" if on else "simulator"), told


def registration(status: str | None, facts: Facts) -> Iterator[Case]:
    """Where the number's registration stands."""
    identity = facts.identity
    if not isinstance(identity, Identity):
        return
    if identity.type in NO_REGISTRATION:
        yield "needless", {"type": identity.type.lower()}
    elif not status:
        yield "none", {"name": identity.name}
    elif status == "COMPLETE":
        yield "complete", {}
    else:
        yield ("rejected" if status in REJECTED else "waiting"), {"status": status}


def two_way(identity: Identity | None, facts: Facts) -> Iterator[Case]:
    """Whether patients' texts reach our topic."""
    if identity and facts.wiring:
        right = identity.two_way_topic == facts.wiring.inbound_topic
        wrong = "elsewhere" if identity.two_way_topic else "off"
        yield ("right" if right else wrong), {}


def opt_outs(identity: Identity | None, facts: Facts) -> Iterator[Case]:
    """Whether STOP and HELP reach us rather than the carrier's own answers."""
    if identity:
        yield ("self_managed" if identity.self_managed else "carrier_managed"), {}


def opt_out_list(identity: Identity | None, facts: Facts) -> Iterator[Case]:
    """Whether the second fence is our list."""
    if identity and facts.wiring:
        wanted = facts.wiring.opt_out_list
        right = identity.opt_out_list == wanted
        yield ("right" if right else "other"), {"found": identity.opt_out_list, "wanted": wanted}


def receipts(destinations: tuple[Destination, ...] | None, facts: Facts) -> Iterator[Case]:
    """Whether every text's events reach our topic."""
    if facts.wiring is None:
        return
    if destinations is None:
        yield "no_set", {"name": facts.wiring.configuration_set}
        return
    ours = [one for one in destinations if one.topic == facts.wiring.receipts_topic]
    if any(one.enabled and ALL_EVENTS & set(one.events) for one in ours):
        yield "right", {}
    elif ours:
        yield ("partial" if ours[0].enabled else "off"), {"name": ours[0].name}
    else:
        elsewhere = [one for one in destinations if one.topic]
        yield ("elsewhere", {"name": elsewhere[0].name}) if elsewhere else ("none", {})
