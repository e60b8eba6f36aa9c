"""Plays the scenes on a box whose workers write down their calls, and reads what they wrote."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from box.clock import BoxClock
from box.runtime.recording import SWITCH
from box.scenarios.player import Box
from box.world import World
from tests.least_privilege.account import Account
from tests.least_privilege.actions import Call, Use, of_lambda, of_schedules, uses
from tests.least_privilege.scenes import SCENES
from tests.least_privilege.stage import START, Stage


@dataclass
class Recording:
    """What every function asked of AWS. `counts` are the calls of each scene, by function."""

    calls: dict[str, list[Call]] = field(default_factory=dict)
    counts: dict[str, Counter[str]] = field(default_factory=dict)

    def uses(self, account: Account) -> Iterator[Use]:
        """Every use of a right: those of the calls, and those that AWS makes because of them."""
        for word, calls in self.calls.items():
            role = account.functions[word].role
            for call in distinct(calls):
                yield from uses(account, role, call)
                yield from of_schedules(account, call)
            yield from of_lambda(account, word)


def distinct(calls: list[Call]) -> list[Call]:
    """Each call once."""
    return list({json.dumps([call.service, call.operation, call.names]): call for call in calls}.values())


def recorded(account: Account, folder: Path, scenes: tuple[Any, ...] = SCENES) -> Recording:
    """Play `scenes` on a box of the account's templates and return what was heard."""
    found = Recording()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SWITCH, str(folder))
        with World(account.assembly.folder, port=0, clock=BoxClock(START)) as world:
            on_call(world)
            stage = Stage(world, Box(world.address))
            for scene in scenes:
                before = len(world.runtime.done)
                scene(stage)
                found.counts[scene.__name__] = Counter()
                for done in world.runtime.done[before:]:
                    found.counts[scene.__name__][done.function] += len(done.calls)
            real = names_of(account, world)
    for file in sorted(folder.glob("*.jsonl")):
        lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        if file.stem in account.functions:
            found.calls[file.stem] = [
                Call(one["service"], one["operation"], renamed(one["names"], real)) for one in lines
            ]
    return found


def on_call(world: World) -> None:
    """Make the practice's on-call topic, which is not of our templates."""
    topic = world.stage.told["answering"]["on_call"]
    if topic:
        world.runtime.client("sns").create_topic(Name=topic.rsplit(":", 1)[-1])


def names_of(account: Account, world: World) -> dict[str, str]:
    """What the box calls a thing → what the account will call it, as the functions' own variables tell."""
    return {
        function.environment[name]: value
        for function in world.runtime.built.functions.values()
        for name, value in account.functions[function.short].environment.items()
    }


def renamed(told: Any, real: dict[str, str]) -> Any:
    """The same names, as the account has them."""
    if isinstance(told, dict):
        return {name: renamed(value, real) for name, value in told.items()}
    if isinstance(told, list):
        return [renamed(value, real) for value in told]
    return real.get(told, told)
