"""What the operator's command needs to work on this box: `build/box/operator.json`, written at start, gone at the end.

It holds names and loopback addresses, no secret: whoever may read the working copy may use the box that runs in it.
"""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from box.runtime.workers import ROOT

if TYPE_CHECKING:
    from box.world import World

PLACE = ROOT / "build" / "box" / "operator.json"
ENDPOINT = "AWS_ENDPOINT_URL"


def told(world: "World") -> dict[str, Any]:
    """Endpoints by service ("aws" for all others), each function's environment, resources, and where the settings are."""
    around = world.runtime.environment()
    endpoints = {
        name.removeprefix(ENDPOINT).removeprefix("_").lower().replace("_", "-") or "aws": url
        for name, url in around.items()
        if name.startswith(ENDPOINT)
    }
    queues = [("AWS::SQS::Queue", queue.name, queue.url) for queue in world.wiring.queues.by_arn.values()]
    topics = [("AWS::SNS::Topic", arn.rsplit(":", 1)[-1], arn) for arn in world.wiring.topics.by_arn]
    return {
        "address": world.address,
        "process": os.getpid(),
        "region": world.assembly.region,
        "account": world.assembly.account,
        "practice": str(world.folder / "practice.toml"),
        "endpoints": endpoints,
        "environment": {one.short: dict(one.environment) for one in world.runtime.built.functions.values()},
        "resources": [{"type": kind, "name": logical(name), "id": ref} for kind, name, ref in queues + topics],
    }


def logical(generated: str) -> str:
    """The logical name in a generated one: Messaging-ChannelsEventsDead7651A938-<hash> is ChannelsEventsDead."""
    return generated.split("-")[1][:-8]


def write(world: "World", place: Path = PLACE) -> Path:
    """Write the file for a box that has started; a box that started before it in this working copy is forgotten."""
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = place.with_suffix(".new")
    fresh.write_text(json.dumps(told(world), indent=2), encoding="utf-8")
    fresh.replace(place)
    return place


def remove(world: "World", place: Path = PLACE) -> None:
    """Take the file away again, unless another box has written its own since."""
    try:
        mine = json.loads(place.read_text(encoding="utf-8")).get("address") == world.address
    except (OSError, ValueError):
        return
    if mine:
        place.unlink(missing_ok=True)
