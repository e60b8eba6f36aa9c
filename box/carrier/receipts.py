"""Delivery events: shaped as the carrier documents them, published to the configuration set's topics.

Source: AWS End User Messaging SMS user guide, "Event types for SMS, MMS and voice" (format of configuration-set
events). Prices are dollars, as in its examples. No event carries the body.

A text's receipt faults were drawn when it was accepted, and act on all of its events: `lost` says nothing at all,
`late` delays, `duplicated` says each twice, `reordered` gives the final event before the pending one, and
`contradictory` follows the final event with a final one that says the opposite.
"""

import json
from functools import partial
from typing import Any

from box.carrier.network import Network, Text
from box.carrier.phones import BEHAVIOURS, DELIVERED, Outcome, country

GOOD = ("TEXT_SUCCESSFUL", "TEXT_DELIVERED")


def report(network: Network, text: Text, outcome: Outcome, *, final: bool) -> None:
    """Tell whoever the text's configuration set names what became of it."""
    faults, event = text.receipt_faults, shaped(network, text, outcome, final=final)
    if "lost" in faults:
        return
    if "reordered" in faults and not final:
        text.withheld.append(event)
        return
    events = [event]
    if final and "contradictory" in faults:
        opposite = BEHAVIOURS["carrier_unreachable"] if outcome.event_type in GOOD else DELIVERED
        events.append(shaped(network, text, opposite, final=True))
    if final:
        events += text.withheld
        text.withheld = []
    for each in events:
        for _ in range(2 if "duplicated" in faults else 1):
            _post(network, text, each, faults.get("late", 0.0))


def shaped(network: Network, text: Text, outcome: Outcome, *, final: bool) -> dict[str, Any]:
    """Return the event as the carrier documents it."""
    here = country(text.to)
    event: dict[str, Any] = {
        "eventType": outcome.event_type,
        "eventVersion": "1.0",
        "eventTimestamp": _milliseconds(network.now().timestamp()),
        "isFinal": final,
        "originationPhoneNumber": text.origin.number,
        "destinationPhoneNumber": text.to,
        "isoCountryCode": here,
        "isInternationalSend": here != "US",
        "messageId": text.message_id,
        "messageRequestTimestamp": _milliseconds(text.accepted.timestamp()),
        "messageEncoding": text.encoding,
        "messageType": text.message_type,
        "messageStatus": outcome.status,
        "messageStatusDescription": outcome.sentence,
        "context": text.context,
        "totalMessageParts": text.parts,
        "totalMessagePrice": float(text.price),
        "totalCarrierFee": float(text.fee),
    }
    return event | ({"mcc": "310", "mnc": "800"} if here == "US" else {})


def _post(network: Network, text: Text, event: dict[str, Any], late: float) -> None:
    configuration = network.sets.get(text.configuration_set or "")
    for destination in configuration.destinations.values() if configuration else ():
        wanted = destination["MatchingEventTypes"]
        topic = destination.get("SnsDestination", {}).get("TopicArn")
        if topic and destination["Enabled"] and {"ALL", "TEXT_ALL", event["eventType"]} & set(wanted):
            publish = partial(network.publish, topic, json.dumps(event, ensure_ascii=False))
            network.timer.after(late, f"carrier event {event['eventType']}", publish)


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
