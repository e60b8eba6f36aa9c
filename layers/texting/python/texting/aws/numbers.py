"""The practice's number or pool at AWS End User Messaging SMS: how it stands, and how it is wired to us.

A number in a pool takes the pool's settings and cannot be changed itself, so the pool is what is looked at and wired.
Numbers are named by their ids: an E.164 number goes in, and never comes out.
"""

from dataclasses import replace
from typing import Any

from texting.aws.account import asked, patient
from texting.errors import Unknown
from texting.rules.readiness_facts import Destination, Identity, Spend, Wiring

TEXT_LIMIT = "TEXT_MESSAGE_MONTHLY_SPEND_LIMIT"
OURS = "receipts"
"""The name of our event destination, as the stack gives it."""


def _sms() -> Any:
    return patient("pinpoint-sms-voice-v2")


def _all(operation: str, member: str, **given: Any) -> list[dict[str, Any]]:
    with asked("carrier"):
        return [row for page in _sms().get_paginator(operation).paginate(**given) for row in page[member]]


def find(name: str) -> Identity:
    """The number (E.164, id or ARN) or pool (id or ARN), or the pool that the number is in. Raises Unknown."""
    if name.startswith("pool-") or ":pool/" in name:
        return _pool(name)
    for row in _all("describe_phone_numbers", "PhoneNumbers"):
        if name in (row["PhoneNumber"], row["PhoneNumberId"], row["PhoneNumberArn"]):
            return _in_pool(row) if row.get("PoolId") else _identity(row, row["PhoneNumberId"], row["NumberType"])
    raise Unknown("The account has no such number here; look at the spelling, the region and the account.")


def _pool(name: str) -> Identity:
    for row in _all("describe_pools", "Pools"):
        if name in (row["PoolId"], row["PoolArn"]):
            return _identity(row, row["PoolId"], "POOL")
    raise Unknown("The account has no such pool here; look at the spelling, the region and the account.")


def _in_pool(row: dict[str, Any]) -> Identity:
    """The pool's settings; status and type are the number's own, because it is the number that must be active."""
    number = _identity(row, row["PhoneNumberId"], row["NumberType"])
    pool = _pool(row["PoolId"])
    return replace(
        pool, type=number.type, status=number.status, message_type=number.message_type, registration=number.registration
    )


def _identity(row: dict[str, Any], name: str, kind: str) -> Identity:
    return Identity(
        name=name,
        pool="PoolArn" in row,
        type=kind,
        status=row["Status"],
        message_type=row["MessageType"],
        two_way_topic=row.get("TwoWayChannelArn", "") if row["TwoWayEnabled"] else "",
        self_managed=row["SelfManagedOptOutsEnabled"],
        opt_out_list=row["OptOutListName"],
        registration=row.get("RegistrationId", ""),
    )


def registration(identity: Identity) -> str:
    """The status of the number's registration; empty when it carries none."""
    if not identity.registration:
        return ""
    rows = _all("describe_registrations", "Registrations", RegistrationIds=[identity.registration])
    return str(rows[0]["RegistrationStatus"]) if rows else ""


def tier() -> str:
    """SANDBOX or PRODUCTION."""
    rows = _all("describe_account_attributes", "AccountAttributes")
    return next((str(row["Value"]) for row in rows if row["Name"] == "ACCOUNT_TIER"), "SANDBOX")


def spend() -> Spend:
    """The month's limit for texts, as the carrier enforces it, and the most it can be raised to."""
    for row in _all("describe_spend_limits", "SpendLimits"):
        if row["Name"] == TEXT_LIMIT:
            return Spend(int(row["EnforcedLimit"]), int(row["MaxLimit"]))
    raise Unknown("The carrier tells no spend limit for texts.")


def destinations(configuration_set: str) -> tuple[Destination, ...] | None:
    """Where a configuration set sends events, or None when there is no such set."""
    rows = _all("describe_configuration_sets", "ConfigurationSets")
    for row in rows:
        if configuration_set in (row["ConfigurationSetName"], row["ConfigurationSetArn"]):
            return tuple(_destination(one) for one in row["EventDestinations"])
    return None


def _destination(row: dict[str, Any]) -> Destination:
    topic = row.get("SnsDestination", {}).get("TopicArn", "")
    return Destination(row["EventDestinationName"], row["Enabled"], tuple(row["MatchingEventTypes"]), topic)


def wire(identity: Identity, wiring: Wiring) -> tuple[str, ...]:
    """Make a number or pool ours; what is right already is not touched. Returns what was changed, as codes.

    Two-way first: the carrier refuses self-managed opt-outs while it is off.
    """
    done: list[str] = []
    if identity.two_way_topic != wiring.inbound_topic:
        _update(identity, TwoWayEnabled=True, TwoWayChannelArn=wiring.inbound_topic)
        done.append("two_way")
    rest: dict[str, Any] = {}
    if not identity.self_managed:
        rest["SelfManagedOptOutsEnabled"] = True
        done.append("opt_outs")
    if identity.opt_out_list != wiring.opt_out_list:
        rest["OptOutListName"] = wiring.opt_out_list
        done.append("opt_out_list")
    if rest:
        _update(identity, **rest)
    return tuple(done)


def _update(identity: Identity, **settings: Any) -> None:
    with asked("number, pool, topic or opt-out list"):
        if identity.pool:
            _sms().update_pool(PoolId=identity.name, **settings)
        else:
            _sms().update_phone_number(PhoneNumberId=identity.name, **settings)


def wire_receipts(found: tuple[Destination, ...], wiring: Wiring) -> tuple[str, ...]:
    """Let the configuration set send every text's events to our topic. Returns what was changed, as codes."""
    ours = next((one for one in found if one.topic == wiring.receipts_topic), None)
    if ours and ours.enabled and {"ALL", "TEXT_ALL"} & set(ours.events):
        return ()
    named = ours or next((one for one in found if one.name == OURS and one.topic), None)
    given: dict[str, Any] = {
        "ConfigurationSetName": wiring.configuration_set,
        "EventDestinationName": named.name if named else OURS,
        "MatchingEventTypes": ["TEXT_ALL"],
        "SnsDestination": {"TopicArn": wiring.receipts_topic},
    }
    with asked("configuration set or topic"):
        if named:
            _sms().update_event_destination(Enabled=True, **given)
        else:
            _sms().create_event_destination(**given)
    return ("receipts",)
