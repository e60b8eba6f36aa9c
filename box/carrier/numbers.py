"""Phone numbers, pools and keywords: what may be asked of them and changed."""

import secrets
from typing import Any

from box.carrier.errors import conflict, invalid, not_found, quota
from box.carrier.network import Identity, Keyword, Network, Number, Pool
from box.carrier.paging import filtered, page

Answer = dict[str, Any]

MONTHLY = {
    "TOLL_FREE": "2.00",
    "TEN_DLC": "1.00",
    "LONG_CODE": "1.00",
    "SHORT_CODE": "995.00",
    "SIMULATOR": "1.00",
}
KEYWORDS_PER_IDENTITY = 30


def describe_phone_numbers(network: Network, request: Answer) -> Answer:
    """List numbers, or the ones named."""
    wanted = request.get("PhoneNumberIds") or list(network.numbers)
    rows = [told_number(network.number_named(name)) for name in wanted]
    return page(filtered(rows, request.get("Filters", [])), request, "PhoneNumbers")


def update_phone_number(network: Network, request: Answer) -> Answer:
    """Change a number's settings; one that is in a pool takes the pool's and cannot be changed itself."""
    number = network.number_named(request["PhoneNumberId"])
    if number.pool_id:
        raise conflict("PHONE_NUMBER_ASSOCIATED_TO_POOL", "phone-number", number.id)
    _change(network, number, request)
    number.international = request.get("InternationalSendingEnabled", number.international)
    row = told_number(number)
    row.pop("MessagingLimits")
    return row


def request_phone_number(network: Network, request: Answer) -> Answer:
    """Rent a number: a simulator's works at once, any other waits for its registration as in life."""
    kind = request["NumberType"]
    if kind == "SIMULATOR" and request["IsoCountryCode"] != "US":
        raise invalid("COUNTRY_NOT_ENABLED")
    made = network.add_number(
        f"+1206555{secrets.randbelow(10_000):04}",
        type=kind,
        message_type=request["MessageType"],
        status="ACTIVE" if kind == "SIMULATOR" else "PENDING",
        international=request.get("InternationalSendingEnabled", False),
        deletion_protection=request.get("DeletionProtectionEnabled", False),
        registration_id=request.get("RegistrationId"),
    )
    if "OptOutListName" in request:
        made.opt_out_list = network.list_named(request["OptOutListName"]).name
    if request.get("PoolId"):
        made.pool_id = network.pool_named(request["PoolId"]).id
    row = told_number(made)
    row.pop("MessagingLimits")
    return row


def create_pool(network: Network, request: Answer) -> Answer:
    """Make a pool with its first number."""
    number = network.number_named(request["OriginationIdentity"])
    if number.pool_id:
        raise conflict("PHONE_NUMBER_ASSOCIATED_TO_POOL", "phone-number", number.id)
    pool = network.add_pool(
        message_type=request["MessageType"],
        two_way_topic=number.two_way_topic,
        self_managed_opt_outs=number.self_managed_opt_outs,
        opt_out_list=number.opt_out_list,
    )
    number.pool_id = pool.id
    return told_pool(pool)


def describe_pools(network: Network, request: Answer) -> Answer:
    """List pools, or the ones named."""
    wanted = request.get("PoolIds") or list(network.pools)
    rows = [told_pool(network.pool_named(name)) for name in wanted]
    return page(filtered(rows, request.get("Filters", [])), request, "Pools")


def update_pool(network: Network, request: Answer) -> Answer:
    """Change the settings that all of a pool's numbers share."""
    pool = network.pool_named(request["PoolId"])
    _change(network, pool, request)
    pool.shared_routes = request.get("SharedRoutesEnabled", pool.shared_routes)
    return told_pool(pool)


def put_keyword(network: Network, request: Answer) -> Answer:
    """Add a keyword to a number or pool, or change it."""
    owner = _owner(network, request["OriginationIdentity"])
    word = request["Keyword"].strip().upper()
    if word not in owner.keywords and len(owner.keywords) >= KEYWORDS_PER_IDENTITY:
        raise quota("KEYWORDS_PER_POOL" if isinstance(owner, Pool) else "KEYWORDS_PER_PHONE_NUMBER")
    action = request.get("KeywordAction", "AUTOMATIC_RESPONSE")
    made = owner.keywords[word] = Keyword(word, request["KeywordMessage"], action)
    return {"OriginationIdentityArn": owner.arn, "OriginationIdentity": owner.id, **made.told()}


def describe_keywords(network: Network, request: Answer) -> Answer:
    """List the keywords of a number or pool, or the ones named."""
    owner = _owner(network, request["OriginationIdentity"])
    wanted = [word.upper() for word in request.get("Keywords", [])] or list(owner.keywords)
    if any(word not in owner.keywords for word in wanted):
        raise not_found("keyword")
    rows = filtered([owner.keywords[word].told() for word in wanted], request.get("Filters", []))
    about = {"OriginationIdentityArn": owner.arn, "OriginationIdentity": owner.id}
    return about | page(rows, request, "Keywords")


def told_number(number: Number) -> Answer:
    """Return a number as DescribePhoneNumbers does."""
    row = _told(number) | {
        "PhoneNumberArn": number.arn,
        "PhoneNumberId": number.id,
        "PhoneNumber": number.number,
        "IsoCountryCode": "US",
        "NumberCapabilities": ["SMS"],
        "NumberType": number.type,
        "MonthlyLeasingPrice": MONTHLY[number.type],
        "InternationalSendingEnabled": number.international,
        "MessagingLimits": {"RateLimits": {"SMS": 3}},
    }
    optional = {"PoolId": number.pool_id, "RegistrationId": number.registration_id}
    return row | {name: value for name, value in optional.items() if value}


def told_pool(pool: Pool) -> Answer:
    """Return a pool as DescribePools does."""
    return _told(pool) | {"PoolArn": pool.arn, "PoolId": pool.id, "SharedRoutesEnabled": pool.shared_routes}


def _told(identity: Identity) -> Answer:
    row: Answer = {
        "Status": identity.status,
        "MessageType": identity.message_type,
        "TwoWayEnabled": identity.two_way_topic is not None,
        "SelfManagedOptOutsEnabled": identity.self_managed_opt_outs,
        "OptOutListName": identity.opt_out_list,
        "DeletionProtectionEnabled": identity.deletion_protection,
        "CreatedTimestamp": identity.created,
    }
    optional = {"TwoWayChannelArn": identity.two_way_topic, "TwoWayChannelRole": identity.two_way_role}
    return row | {name: value for name, value in optional.items() if value}


def _change(network: Network, identity: Identity, request: Answer) -> None:
    """Change what numbers and pools have in common, all of it or nothing."""
    topic = request.get("TwoWayChannelArn", identity.two_way_topic)
    topic = topic if request.get("TwoWayEnabled", identity.two_way_topic is not None) else None
    if request.get("TwoWayEnabled") and not topic:
        raise invalid("TWO_WAY_CHANNEL_NOT_PRESENT")
    self_managed = request.get("SelfManagedOptOutsEnabled", identity.self_managed_opt_outs)
    if self_managed and not topic:
        raise invalid("TWO_WAY_NOT_ENABLED")
    opt_outs = network.list_named(request.get("OptOutListName", identity.opt_out_list))
    identity.two_way_topic, identity.self_managed_opt_outs = topic, self_managed
    identity.two_way_role = request.get("TwoWayChannelRole", identity.two_way_role)
    identity.opt_out_list = opt_outs.name
    identity.deletion_protection = request.get("DeletionProtectionEnabled", identity.deletion_protection)


def _owner(network: Network, name: str) -> Identity:
    if name.startswith("pool-") or ":pool/" in name:
        return network.pool_named(name)
    number = network.number_named(name)
    if number.pool_id:
        raise conflict("PHONE_NUMBER_ASSOCIATED_TO_POOL", "phone-number", number.id)
    return number
