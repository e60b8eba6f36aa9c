"""Every place where no patient may be named, gathered so that it can be searched (P9)."""

import json
from typing import TYPE_CHECKING, Any

from box.clock import written
from box.control import ledger
from box.runtime.queue_api import described

if TYPE_CHECKING:
    from box.world import World


def everything(world: "World") -> dict[str, Any]:
    """Logs, metrics, traces, access logs, events we emit, queue attributes, names, keys, contexts, dead letters."""
    logs, metrics = printed(world)
    emitted = [event for event in world.wiring.bus.seen if event["source"] == "quietline"]
    sent = [call.params for call in world.carrier.calls("SendTextMessage")]
    return {
        "logs": logs,
        "metrics": metrics,
        "traces": [],
        "access_logs": list(world.runtime.access),
        "events": emitted,
        "queue_attributes": {
            world.runtime.name_of(queue): described(world.wiring.queues, queue)
            | {"message_attributes": [letter.attributes for letter in queue.letters]}
            for queue in world.wiring.queues.by_arn.values()
        },
        "dead_letters": dead_letters(world),
        "schedules": [{"name": name, "input": given} for name, given in world.wiring.schedules.seen],
        "object_keys": ledger.keys(world),
        "table_keys": world.view("keys"),
        "kms_contexts": [dict(context) for context in sorted(world.runtime.contexts)],
        "carrier_contexts": [params.get("Context", {}) for params in sent],
        "errors": list(world.runtime.lost),
    }


def printed(world: "World") -> tuple[dict[str, list[str]], list[Any]]:
    """What each function printed, and the metrics among it (CloudWatch's embedded format)."""
    logs: dict[str, list[str]] = {}
    metrics: list[Any] = []
    for path in sorted((world.folder / "logs").glob("*.log")):
        logs[path.stem] = path.read_text(encoding="utf-8", errors="replace").splitlines()
        metrics += [json.loads(line) for line in logs[path.stem] if line.startswith("{") and '"_aws"' in line]
    return logs, metrics


def dead_letters(world: "World") -> list[dict[str, Any]]:
    """What could not be handled: where, since when, how often it was tried, and the names of its fields."""
    return [
        {
            "queue": world.runtime.name_of(queue),
            "id": letter.letter_id,
            "sent_at": written(letter.sent),
            "fields": shape(letter.body),
        }
        for queue in world.runtime.dead_letters()
        for letter in queue.letters
    ]


def shape(body: str) -> list[str]:
    """The names of a message's fields, or nothing when it is not an object."""
    try:
        told = json.loads(body)
    except ValueError:
        return []
    return sorted(told) if isinstance(told, dict) else []
