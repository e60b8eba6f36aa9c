"""Configuration sets and where their events go."""

from typing import Any

from box.carrier.errors import conflict, invalid, not_found, quota
from box.carrier.network import ConfigurationSet, Network
from box.carrier.paging import page

Answer = dict[str, Any]

SETS_PER_ACCOUNT = 25
DESTINATIONS_PER_SET = 5
KINDS = ("SnsDestination", "CloudWatchLogsDestination", "KinesisFirehoseDestination")


def create_configuration_set(network: Network, request: Answer) -> Answer:
    """Make a set without destinations; a name in use is refused."""
    name = request["ConfigurationSetName"]
    if name in network.sets:
        raise conflict("RESOURCE_ALREADY_EXISTS", "configuration-set", name)
    if len(network.sets) >= SETS_PER_ACCOUNT:
        raise quota("CONFIGURATION_SETS_PER_ACCOUNT")
    made = network.add_set(name)
    return _named(made) | {"CreatedTimestamp": made.created, "Tags": request.get("Tags", [])}


def describe_configuration_sets(network: Network, request: Answer) -> Answer:
    """List the sets with their destinations, or the ones named."""
    wanted = request.get("ConfigurationSetNames") or list(network.sets)
    rows = [_told(network.set_named(name)) for name in wanted]
    return page(rows, request, "ConfigurationSets")


def create_event_destination(network: Network, request: Answer) -> Answer:
    """Add a destination to a set, enabled."""
    configuration = network.set_named(request["ConfigurationSetName"])
    name = request["EventDestinationName"]
    if name in configuration.destinations:
        raise conflict("RESOURCE_ALREADY_EXISTS", "event-destination", name)
    if len(configuration.destinations) >= DESTINATIONS_PER_SET:
        raise quota("EVENT_DESTINATIONS_PER_CONFIGURATION_SET")
    kinds = {kind: request[kind] for kind in KINDS if kind in request}
    if len(kinds) != 1:
        raise invalid("PARAMETERS_CANNOT_BE_USED_TOGETHER" if kinds else "MISSING_PARAMETER")
    wanted = {"MatchingEventTypes": list(request["MatchingEventTypes"]), **kinds}
    configuration.destinations[name] = {"EventDestinationName": name, "Enabled": True, **wanted}
    return _named(configuration) | {"EventDestination": configuration.destinations[name]}


def update_event_destination(network: Network, request: Answer) -> Answer:
    """Change a destination; its kind stays what it was."""
    configuration = network.set_named(request["ConfigurationSetName"])
    destination = configuration.destinations.get(request["EventDestinationName"])
    if destination is None:
        raise not_found("event-destination", request["EventDestinationName"])
    if any(kind in request and kind not in destination for kind in KINDS):
        raise conflict("EVENT_DESTINATION_MISMATCH", "event-destination", destination["EventDestinationName"])
    changes = {name: request[name] for name in ("Enabled", "MatchingEventTypes", *KINDS) if name in request}
    destination.update(changes)
    return _named(configuration) | {"EventDestination": destination}


def _named(configuration: ConfigurationSet) -> Answer:
    return {"ConfigurationSetArn": configuration.arn, "ConfigurationSetName": configuration.name}


def _told(configuration: ConfigurationSet) -> Answer:
    destinations = list(configuration.destinations.values())
    return _named(configuration) | {
        "EventDestinations": destinations,
        "CreatedTimestamp": configuration.created,
    }
