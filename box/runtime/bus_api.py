"""EventBridge's operations in the box: PutEvents."""

import json
from collections.abc import Callable
from typing import Any

from box.runtime.bus import Bus

Answer = dict[str, Any]


def operations(bus: Bus) -> dict[str, Callable[[Answer], Answer]]:
    """Every operation played, by its name."""
    return {"PutEvents": lambda request: put_events(bus, request)}


def put_events(bus: Bus, request: Answer) -> Answer:
    """Put up to ten events on their buses; each succeeds or fails by itself."""
    results = [_put(bus, entry) for entry in request["Entries"]]
    return {"FailedEntryCount": sum("ErrorCode" in result for result in results), "Entries": results}


def _put(bus: Bus, entry: Answer) -> Answer:
    missing = [name for name in ("Source", "DetailType", "Detail") if not entry.get(name)]
    if missing:
        return {"ErrorCode": "InvalidArgument", "ErrorMessage": f"Parameter {missing[0]} is not valid."}
    if entry["Source"].startswith("aws."):
        return {"ErrorCode": "NotAuthorizedForSourceException", "ErrorMessage": "Not authorized for the source."}
    if entry.get("EventBusName", "default").rsplit("/", 1)[-1] not in bus.names:
        return {"ErrorCode": "ResourceNotFoundException", "ErrorMessage": "Event bus does not exist."}
    try:
        if not isinstance(json.loads(entry["Detail"]), dict):
            raise ValueError
    except ValueError:
        return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
    return {"EventId": bus.put(entry)}
