"""The account's standing, limits and registrations, and what the carrier can tell of a phone."""

from collections.abc import Collection
from typing import Any

import phonenumbers

from box.carrier.errors import invalid, not_found
from box.carrier.network import Network
from box.carrier.paging import page

Answer = dict[str, Any]

LOOKUPS = {"landline": "LANDLINE", "invalid": "INVALID"}  # a phone's behaviour -> what a look-up says of it
REGISTRATION = "registration-00000000000000000000000000000001"
EACH_AT_MOST = 25


def describe_account_attributes(network: Network, request: Answer) -> Answer:
    """Say whether the account is in the sandbox."""
    return page([{"Name": "ACCOUNT_TIER", "Value": network.tier}], request, "AccountAttributes")


def describe_spend_limits(network: Network, request: Answer) -> Answer:
    """Say how much the account may spend on texts in a month."""
    limit = {"EnforcedLimit": network.spend_limit, "MaxLimit": network.spend_limit, "Overridden": False}
    return page([{"Name": "TEXT_MESSAGE_MONTHLY_SPEND_LIMIT", **limit}], request, "SpendLimits")


def describe_account_limits(network: Network, request: Answer) -> Answer:
    """Say how many of each resource there are and may be."""
    used: dict[str, Collection[str]] = {
        "PHONE_NUMBERS": network.numbers,
        "POOLS": network.pools,
        "CONFIGURATION_SETS": network.sets,
        "OPT_OUT_LISTS": network.lists,
    }
    rows = [{"Name": name, "Used": len(held), "Max": EACH_AT_MOST} for name, held in used.items()]
    return page(rows, request, "AccountLimits")


def describe_registrations(network: Network, request: Answer) -> Answer:
    """Return the one registration of the box: toll-free, complete."""
    if any(wanted != REGISTRATION for wanted in request.get("RegistrationIds", [])):
        raise not_found("registration")
    row = {
        "RegistrationArn": network.arn("registration", REGISTRATION),
        "RegistrationId": REGISTRATION,
        "RegistrationType": "US_TOLL_FREE_REGISTRATION",
        "RegistrationStatus": "COMPLETE",
        "CurrentVersionNumber": 1,
        "ApprovedVersionNumber": 1,
        "CreatedTimestamp": network.lists["Default"].created,
    }
    return page([row], request, "Registrations")


def carrier_lookup(network: Network, request: Answer) -> Answer:
    """Say what kind of line a number is; a number that cannot exist is INVALID."""
    asked = request["PhoneNumber"]
    try:
        parsed = phonenumbers.parse(asked, None)
    except phonenumbers.NumberParseException:
        raise invalid("INVALID_PARAMETER") from None
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    if not phonenumbers.is_possible_number(parsed):
        return {"E164PhoneNumber": e164, "PhoneNumberType": "INVALID", "OriginalPhoneNumber": asked}
    answer = {
        "E164PhoneNumber": e164,
        "DialingCountryCode": str(parsed.country_code),
        "PhoneNumberType": LOOKUPS.get(network.behaviours.get(e164, ""), "MOBILE"),
        "Carrier": "The carrier in a box",
        "OriginalPhoneNumber": asked,
    }
    region = phonenumbers.region_code_for_number(parsed)
    return answer | ({"IsoCountryCode": region} if region else {})
