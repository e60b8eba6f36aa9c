"""Opt-out lists: the carrier's own fence, which no sender can pass."""

from datetime import timedelta
from typing import Any

from box.carrier.errors import conflict, invalid, not_found, quota
from box.carrier.network import DEFAULT_LIST, Network, OptedOut, OptOutList
from box.carrier.paging import filtered, page

Answer = dict[str, Any]

LISTS_PER_ACCOUNT = 25
ONCE_IN = timedelta(days=30)  # "Each destination phone number can only be deleted once every 30 days": the API's model


def create_opt_out_list(network: Network, request: Answer) -> Answer:
    """Make a list; a name in use is refused."""
    name = request["OptOutListName"]
    if name in network.lists:
        raise conflict("RESOURCE_ALREADY_EXISTS", "opt-out-list", name)
    if len(network.lists) >= LISTS_PER_ACCOUNT:
        raise quota("OPT_OUT_LISTS_PER_ACCOUNT")
    return _told(network.add_list(name)) | {"Tags": request.get("Tags", [])}


def delete_opt_out_list(network: Network, request: Answer) -> Answer:
    """Take a list away with all its numbers, unless a number or pool of ours still uses it."""
    opt_outs = network.list_named(request["OptOutListName"])
    users = [*network.numbers.values(), *network.pools.values()]
    if opt_outs.name == DEFAULT_LIST or any(user.opt_out_list == opt_outs.name for user in users):
        raise conflict("RESOURCE_DELETION_NOT_ALLOWED", "opt-out-list", opt_outs.name)
    return _told(network.lists.pop(opt_outs.name))


def describe_opt_out_lists(network: Network, request: Answer) -> Answer:
    """List the lists, or the ones named."""
    wanted = request.get("OptOutListNames") or list(network.lists)
    return page([_told(network.list_named(name)) for name in wanted], request, "OptOutLists")


def put_opted_out_number(network: Network, request: Answer) -> Answer:
    """Put a number on a list; one that is on it already keeps its date."""
    opt_outs = network.list_named(request["OptOutListName"])
    number = _e164(request["OptedOutNumber"])
    entry = opt_outs.numbers.setdefault(number, OptedOut(network.now(), by_end_user=False))
    return _named(opt_outs) | _entry(number, entry)


def delete_opted_out_number(network: Network, request: Answer) -> Answer:
    """Take a number off a list, which is allowed once in thirty days."""
    opt_outs = network.list_named(request["OptOutListName"])
    number = _e164(request["OptedOutNumber"])
    if number not in opt_outs.numbers:
        raise not_found("opted-out-number")
    left = opt_outs.left.get(number)
    if left and network.now() < left + ONCE_IN:
        raise invalid("PHONE_NUMBER_CANNOT_BE_OPTED_IN")
    opt_outs.left[number] = network.now()
    return _named(opt_outs) | _entry(number, opt_outs.numbers.pop(number))


def describe_opted_out_numbers(network: Network, request: Answer) -> Answer:
    """List the numbers on a list, or the ones named: a named number that is not on it is an error."""
    opt_outs = network.list_named(request["OptOutListName"])
    wanted = [_e164(number) for number in request.get("OptedOutNumbers", [])] or sorted(opt_outs.numbers)
    if any(number not in opt_outs.numbers for number in wanted):
        raise not_found("opted-out-number")
    rows = [_entry(number, opt_outs.numbers[number]) for number in wanted]
    return _named(opt_outs) | page(filtered(rows, request.get("Filters", [])), request, "OptedOutNumbers")


def _named(opt_outs: OptOutList) -> Answer:
    return {"OptOutListArn": opt_outs.arn, "OptOutListName": opt_outs.name}


def _told(opt_outs: OptOutList) -> Answer:
    return _named(opt_outs) | {"CreatedTimestamp": opt_outs.created}


def _entry(number: str, entry: OptedOut) -> Answer:
    return {"OptedOutNumber": number, "OptedOutTimestamp": entry.at, "EndUserOptedOut": entry.by_end_user}


def _e164(number: str) -> str:
    return "+" + number.removeprefix("+")
