"""Texts from patients: shown as sent, answered by the carrier where it manages opt-outs, published where it does not.

Source: AWS End User Messaging SMS user guide, "Two-way SMS messaging" (payload), "Keywords" and "Opt-out lists".
Where that is silent: a keyword is matched by the text's first word; with managed opt-outs STOP and HELP are
answered and not published; `messageKeyword` and `previousPublishedMessageId` are left out when there is none, so
that nobody comes to need them.
"""

import json
import re
import uuid
from functools import partial

from box.carrier import parts
from box.carrier.errors import not_found
from box.carrier.network import Identity, Keyword, Network, Number, OnPhone, OptedOut, Text
from box.carrier.sending import accept

# "Required opt-out keywords", United States and Canada, in the carrier's keywords page.
MANDATORY = ("STOP", "HELP")
STOP_WORDS = frozenset("ARRET CANCEL END OPT-OUT OPTOUT QUIT REMOVE STOP TD UNSUBSCRIBE".split())


def receive(network: Network, sender: str, to: str | None, body: str, inbound_id: str | None) -> str:
    """Take a patient's text in and return its id; an id seen before is a duplicate: published again as it was."""
    with network.lock:
        if inbound_id and inbound_id in network.inbound:
            _publish(network, *network.inbound[inbound_id])
            return inbound_id
        number = network.number_named(to) if to else _usual(network, sender)
        message_id = inbound_id or str(uuid.uuid4())
        counted = parts.count(body).parts
        network.show(sender, OnPhone(network.now(), "in", sender, number.number, body, counted, None, message_id))
        rules = network.governing(number)
        keyword = _keyword(rules, body)
        passed_on = _passed_on(network, number, sender, body, message_id, keyword)
        mandatory = keyword is not None and keyword.word in MANDATORY
        if keyword and not (mandatory and rules.self_managed_opt_outs):
            _answer(network, number, rules, sender, keyword)
        topic = None if mandatory and not rules.self_managed_opt_outs else rules.two_way_topic
        network.inbound[message_id] = (topic, passed_on)
        _publish(network, topic, passed_on)
        return message_id


def _usual(network: Network, phone: str) -> Number:
    """Return the number this phone last heard from, else the first that takes texts."""
    for shown in reversed(network.phones.get(phone, [])):
        if shown.direction == "out":
            return network.number_named(shown.sender)
    for number in network.numbers.values():
        if network.governing(number).two_way_topic:
            return number
    raise not_found("phone-number")


def _keyword(rules: Identity, body: str) -> Keyword | None:
    first = re.match(r"\s*([\w-]+)", body)
    word = first.group(1).upper() if first else ""
    return rules.keywords.get("STOP" if word in STOP_WORDS else word)


def _answer(network: Network, number: Number, rules: Identity, phone: str, keyword: Keyword) -> None:
    """Do what the carrier does by itself on a keyword."""
    opt_outs = network.list_named(rules.opt_out_list)
    if keyword.action == "OPT_OUT":
        opt_outs.numbers.setdefault(phone, OptedOut(network.now(), by_end_user=True))
    if keyword.action == "OPT_IN":
        opt_outs.numbers.pop(phone, None)
    accept(network, _reply(network, number, phone, keyword.message))


def _reply(network: Network, number: Number, phone: str, body: str) -> Text:
    """Return the carrier's own answer; it passes the opt-out list and has no configuration set."""
    counted = parts.count(body)
    price, fee = parts.price(number.type, counted.parts)
    kind = network.governing(number).message_type
    return Text(
        str(uuid.uuid4()), network.now(), number, phone, body, counted.encoding, counted.parts,
        price, fee, kind, ttl_seconds=None, context={}, configuration_set=None,
    )  # fmt: skip


def _passed_on(
    network: Network, number: Number, sender: str, body: str, message_id: str, keyword: Keyword | None
) -> str:
    """Return the documented payload of a patient's text, as JSON."""
    told = {"originationNumber": sender, "destinationNumber": number.number}
    if keyword:
        told["messageKeyword"] = keyword.word
    told |= {"messageBody": body, "inboundMessageId": message_id}
    answered = [t for t in network.texts.values() if t.to == sender and t.origin.id == number.id]
    if answered:
        told["previousPublishedMessageId"] = answered[-1].message_id
    return json.dumps(told, ensure_ascii=False)


def _publish(network: Network, topic: str | None, payload: str) -> None:
    if topic:
        network.timer.after(0, "carrier passes on a patient's text", partial(network.publish, topic, payload))
