"""SendTextMessage: what the carrier refuses, accepts, holds, and delivers.

A text that is accepted shows on its phone at once, unless an outage holds it: then it shows when the outage ends,
or never, if its time to live ended first.
"""

import uuid
from decimal import Decimal
from functools import partial
from typing import Any

from box.carrier import parts
from box.carrier.errors import AnswerLost, conflict, internal, invalid, quota, throttled
from box.carrier.model import Complaint
from box.carrier.network import Network, Number, OnPhone, Text
from box.carrier.phones import EXPIRED, PENDING, QUEUED, domestic, outcome
from box.carrier.receipts import report

NO_MONEY = "MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT"


def send_text_message(network: Network, request: dict[str, Any]) -> dict[str, Any]:
    """Accept a text, or refuse it; with `DryRun` only say which it would be.

    Faults are drawn for what would have been accepted, so that none is spent on a request that fails by itself.
    """
    text = considered(network, request)
    fault = network.faults.take("send", "throttle", "error_before", "opted_out", "no_money", "timeout_after")
    kind = fault.kind if fault else None
    if kind == "throttle":
        raise throttled()
    if kind == "error_before":
        raise internal(str(uuid.uuid4()))
    if kind == "opted_out":
        raise conflict("DESTINATION_PHONE_NUMBER_OPTED_OUT", "opted-out-number")
    if kind == "no_money":
        raise quota(NO_MONEY)
    if not request.get("DryRun"):
        accept(network, text)
    if kind == "timeout_after":
        raise AnswerLost
    return {"MessageId": text.message_id}


def considered(network: Network, request: dict[str, Any]) -> Text:
    """Return the text a request asks for; raises the error the carrier refuses it with."""
    origin = _origin(network, request.get("OriginationIdentity"))
    to = "+" + request["DestinationPhoneNumber"].removeprefix("+")
    configuration = request.get("ConfigurationSetName")
    text = _text(network, origin, to, request)
    if configuration:
        text.configuration_set = network.set_named(configuration).name
    opt_outs = network.list_named(network.governing(origin).opt_out_list)
    if to in opt_outs.numbers:
        raise conflict("DESTINATION_PHONE_NUMBER_OPTED_OUT", "opted-out-number")
    if network.tier == "SANDBOX" and to not in network.verified:
        raise conflict("DESTINATION_PHONE_NUMBER_NOT_VERIFIED", "verified-destination-number")
    _affordable(network, text, request.get("MaxPrice"))
    return text


def accept(network: Network, text: Text) -> None:
    """Take a text on: charge for it, and deliver or hold it."""
    faults = (network.faults.take("receipt", kind) for kind in RECEIPT_FAULTS)
    text.receipt_faults = {fault.kind: fault.seconds or 0.0 for fault in faults if fault}
    network.texts[text.message_id] = text
    month = f"{text.accepted:%Y-%m}"
    network.spent[month] = network.spent.get(month, Decimal(0)) + text.price + text.fee
    if network.faults.outage(network.now()):
        report(network, text, QUEUED, final=False)
        _hold(network, text)
    else:
        _hand_over(network, text)


def attempt(network: Network, text: Text) -> None:
    """Try a held text again: it expires, goes on waiting, or reaches its phone."""
    with network.lock:
        if text.state != "held":
            return
        if network.now() >= text.expires:
            text.state = "expired"
            report(network, text, EXPIRED, final=True)
        elif network.faults.outage(network.now()):
            _hold(network, text)
        else:
            _hand_over(network, text)


def release(network: Network) -> None:
    """Try every held text again, because an outage was ended."""
    with network.lock:
        for text in [text for text in network.texts.values() if text.state == "held"]:
            attempt(network, text)


RECEIPT_FAULTS = ("lost", "late", "duplicated", "reordered", "contradictory")


def _origin(network: Network, wanted: str | None) -> Number:
    """Find the number to send from: the one named, or the first that can, of the pool named or of all."""
    if wanted and (wanted.startswith("pool-") or ":pool/" in wanted):
        pool = network.pool_named(wanted)
        candidates = [number for number in network.numbers.values() if number.pool_id == pool.id]
    else:
        candidates = [network.number_named(wanted)] if wanted else list(network.numbers.values())
    active = [number for number in candidates if number.status == "ACTIVE"]
    if candidates and not active:
        raise conflict("RESOURCE_NOT_ACTIVE", "phone-number", candidates[0].id)
    if not active:
        raise conflict("NO_ORIGINATION_IDENTITIES_FOUND", "account")
    return active[0]


def _text(network: Network, origin: Number, to: str, request: dict[str, Any]) -> Text:
    counted = parts.count(request.get("MessageBody", ""))
    if "MessageBody" not in request:
        raise invalid("MISSING_PARAMETER", [Complaint("MessageBody", "", "is required")])
    if counted.too_long:
        complaint = Complaint("MessageBody", "", f"takes more than 10 {counted.encoding} parts")
        raise invalid("MAXIMUM_SIZE_EXCEEDED", [complaint])
    if not domestic(to) and not origin.international:
        raise invalid("INTERNATIONAL_SENDING_NOT_SUPPORTED")
    message_type = network.governing(origin).message_type
    if request.get("MessageType", message_type) != message_type:
        raise conflict("MESSAGE_TYPE_MISMATCH", "phone-number", origin.id)
    price, fee = parts.price(origin.type, counted.parts)
    return Text(
        message_id=str(uuid.uuid4()),
        accepted=network.now(),
        origin=origin,
        to=to,
        body=request["MessageBody"],
        encoding=counted.encoding,
        parts=counted.parts,
        price=price,
        fee=fee,
        message_type=message_type,
        ttl_seconds=request.get("TimeToLive"),
        context=dict(request.get("Context", {})),
        configuration_set=None,
    )


def _affordable(network: Network, text: Text, max_price: str | None) -> None:
    cost = text.price + text.fee
    if max_price is not None and cost > Decimal(max_price):
        raise invalid("PRICE_OVER_THRESHOLD", [Complaint("MaxPrice", "", "is less than the text costs")])
    if network.spent.get(f"{text.accepted:%Y-%m}", Decimal(0)) + cost > network.spend_limit:
        raise quota(NO_MONEY)


def _hold(network: Network, text: Text) -> None:
    text.state = "held"
    end = network.faults.outage(network.now()) or network.now()
    network.timer.at(min(end, text.expires), "carrier tries a held text", partial(attempt, network, text))


def _hand_over(network: Network, text: Text) -> None:
    text.state = "handed over"
    network.show(text.to, on_phone(network, text))
    report(network, text, PENDING, final=False)
    found = outcome(network, text.origin, text.to)
    takes = network.transit + found.takes
    network.timer.at(network.now() + takes, "carrier's final receipt", partial(_finish, network, text))


def _finish(network: Network, text: Text) -> None:
    with network.lock:
        found = outcome(network, text.origin, text.to)
        text.state = found.status.lower()
        report(network, text, found, final=True)


def on_phone(network: Network, text: Text) -> OnPhone:
    """Return a text of ours as its phone shows it now."""
    origin, ttl = text.origin.number, text.ttl_seconds
    return OnPhone(network.now(), "out", origin, text.to, text.body, text.parts, ttl, text.message_id)
