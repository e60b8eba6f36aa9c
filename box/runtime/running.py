"""The runtime at work: every function of the templates behind its trigger, on the box's clock.

    runtime = Runtime(assembly, wiring, aws, folder)
    runtime.start(practice)
    runtime.handle(Request("POST", "/v1/consents", headers, body))

Invocations a rule makes are asynchronous, so an error is tried again after one and after two more minutes, as
Lambda does, and then noted as lost.
"""

import json
import shutil
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3

from box.carrier import Carrier
from box.embedded_aws import EmbeddedAws
from box.runtime import makers, recording
from box.runtime.building import Builder, Built, Parts
from box.runtime.bus import Bus, Rule, Topics
from box.runtime.endpoints import Endpoints
from box.runtime.nursery import Nursery
from box.runtime.periodic import Changes, Periodic
from box.runtime.pollers import Poller
from box.runtime.queues import Queue, Queues
from box.runtime.rest_front import LARGEST_BODY, Request, Response, access_line, proxy_event, response, told
from box.runtime.schedules import Schedules
from box.runtime.template import Assembly, TemplateRefused
from box.runtime.worker import wrote
from box.runtime.workers import Invocation, Worker, beforehand, environment
from box.timer import Timer

TRIES_AGAIN = (timedelta(minutes=1), timedelta(minutes=2))
STARTERS = 2  # processes started at once: this is a laptop's job


@dataclass
class Wiring:
    """What functions are wired with, made before anything is built."""

    timer: Timer
    region: str
    account: str
    queues: Queues = field(init=False)
    topics: Topics = field(init=False)
    bus: Bus = field(init=False)
    schedules: Schedules = field(init=False)
    changes: Changes = field(default_factory=Changes)

    def __post_init__(self) -> None:
        self.queues = Queues(self.timer)
        self.topics = Topics(self.queues)
        self.bus = Bus(self.queues, self.region, self.account)
        self.schedules = Schedules(self.timer, self.queues, self.region, self.account)


@dataclass(frozen=True)
class Done:
    """One invocation, for those who count: which function, when, how long it took, and what it asked of AWS."""

    function: str
    at: datetime
    seconds: float
    calls: tuple[str, ...]
    error: str = ""


class Runtime:
    """Runs an assembly. Build first, then start; `handle` is the REST front."""

    def __init__(self, assembly: Assembly, wiring: Wiring, carrier: Carrier, aws: EmbeddedAws, folder: Path) -> None:
        self.assembly, self.wiring, self.carrier, self.aws, self.folder = assembly, wiring, carrier, aws, folder
        self.endpoints = Endpoints(wiring.queues, wiring.bus, wiring.schedules)
        self.workers: dict[str, Worker] = {}
        self.periodics: list[Periodic] = []
        self.done: list[Done] = []
        self.access: list[str] = []
        self.lost: list[str] = []
        self.contexts: set[tuple[tuple[str, str], ...]] = set()
        self.built = Built()
        self.nursery: Nursery | None = None
        self._own_nursery = False
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()

    def client(self, service: str) -> Any:
        """This process's own client of the embedded AWS."""
        with self._lock:
            if service not in self._clients:
                self._clients[service] = boto3.client(service, **self.client_settings())  # type: ignore[call-overload]
            return self._clients[service]

    def client_settings(self) -> dict[str, Any]:
        """Where and as whom the embedded AWS is reached: the account the templates were made for."""
        ours = {"aws_access_key_id": self.assembly.account, "region_name": self.assembly.region}
        return self.aws.client_settings() | ours

    def build(self) -> Built:
        """Make every resource of the templates; raises `TemplateRefused`."""
        wiring = self.wiring
        parts = Parts(
            wiring.queues, wiring.topics, wiring.bus, wiring.schedules, self.carrier, self.client, self.folder
        )
        self.built = Builder(self.assembly, parts, makers.MAKERS).build()
        return self.built

    def start(self, clock: Path, practice: Path | None = None, nursery: Nursery | None = None) -> None:
        """Lay out /opt with the practice's settings, start every worker and wire it to its trigger.

        A `nursery` that is given is somebody else's to stop.
        """
        self._lay_out(practice)
        self.endpoints.start()
        logs = self.folder / "logs"
        logs.mkdir(exist_ok=True)
        aws = self.environment()
        self.nursery = nursery or Nursery(beforehand(self.folder / "opt"))
        self._own_nursery = nursery is None
        for arn, function in self.built.functions.items():
            around = environment(function, self.folder / "opt", aws)
            self.workers[arn] = Worker(function, around, clock, logs / f"{function.short}.log", self.nursery)
        with ThreadPoolExecutor(STARTERS) as pool:
            list(pool.map(Worker.warm, self.workers.values()))
        self._wire()

    def environment(self) -> dict[str, str]:
        """The variables that lead any boto3 to this box's AWS."""
        ours = {"AWS_REGION": self.assembly.region, "AWS_DEFAULT_REGION": self.assembly.region}
        ours |= {"AWS_ACCESS_KEY_ID": self.assembly.account}
        carrier = {"AWS_ENDPOINT_URL_PINPOINT_SMS_VOICE_V2": self.carrier.endpoint}
        return self.aws.environment() | self.endpoints.environment() | carrier | ours | recording.switch()

    def stop(self) -> None:
        """End every worker and stop answering."""
        for worker in self.workers.values():
            worker.stop()
        if self.nursery and self._own_nursery:
            self.nursery.stop()
        self.endpoints.stop()

    def invoke(self, arn: str, event: Any, crash_after: int | None = None) -> Invocation:
        """Run a function on an event, keep the record of it, and let the rules know if it changed anything."""
        done = self._invoke(arn, event, crash_after)
        if wrote(done.calls) or done.crashed:
            self.wiring.changes.add()
        return done

    def _invoke(self, arn: str, event: Any, crash_after: int | None = None) -> Invocation:
        worker, at = self.workers[arn.removesuffix(":live")], self.wiring.timer.clock.now()
        done = worker.invoke(event, crash_after=crash_after)
        error = str(done.error.get("errorType", "")) if done.error else ""
        self.done.append(Done(worker.function.short, at, done.seconds, tuple(done.calls), error))
        self.contexts.update(tuple(sorted(context.items())) for context in done.contexts)
        return done

    def invoke_later(self, arn: str, event: Any, tried: int = 0, *, on_time: bool = False) -> list[str]:
        """Invoke as a rule does, trying again by and by; return the AWS calls this try took.

        With `on_time` it came round on a schedule, and its rule judges whether anything changed.
        """
        done = self._invoke(arn, event) if on_time else self.invoke(arn, event)
        if done.error and tried < len(TRIES_AGAIN):
            when = self.wiring.timer.clock.now() + TRIES_AGAIN[tried]
            self.wiring.timer.at(when, "asynchronous retry", lambda: self.invoke_later(arn, event, tried + 1))
        elif done.error:
            self.lost.append(self.workers[arn].function.short)
        return done.calls

    def handle(self, request: Request) -> Response:
        """Answer one request as API Gateway would: the function's answer, or 403, 413, 502 or 504 of its own."""
        route = self.built.rest.route(request.method, urlsplit(request.target).path)
        if route is None:
            return told(403, "Missing Authentication Token")
        if len(request.body) > LARGEST_BODY:
            return told(413, "Request Too Long")
        began = time.monotonic()
        now = self.wiring.timer.clock.now()
        event = proxy_event(self.built.rest, route, request, now, self.assembly.account)
        answer = response(self.invoke(route.function, event))
        layout = self.built.rest.access_log
        if layout:
            spent = time.monotonic() - began
            self.access.append(access_line(layout, event, answer.status, len(answer.body), spent))
        return answer

    def horizon(self, moment: datetime | None) -> None:
        """Tell the rules how far the clock is about to move, or that it has arrived."""
        for periodic in self.periodics:
            periodic.until(moment)

    def name_of(self, queue: Queue) -> str:
        """A queue's short name: that of the function it feeds, with `-dead` for where its dead letters go."""
        for mapping in self.built.mappings:
            if mapping.queue is queue:
                return self._queue_of(mapping.function)
            if mapping.queue.dead is queue:
                return f"{self._queue_of(mapping.function)}-dead"
        return queue.name

    def dead_letters(self) -> list[Queue]:
        """The queues that no function reads."""
        return [queue for queue in self.wiring.queues.by_arn.values() if queue.wake is None]

    def _queue_of(self, arn: str) -> str:
        short = self.workers[arn].function.short
        return {"scheduling": "events", "send": "outbox"}.get(short, short)

    def _lay_out(self, practice: Path | None) -> None:
        opt = self.folder / "opt" / "python"
        opt.mkdir(parents=True, exist_ok=True)
        for layer in self.built.layers:
            shutil.copytree(layer / "python", opt, dirs_exist_ok=True)
        if practice:
            shutil.copyfile(practice, opt / "practice.toml")

    def _wire(self) -> None:
        wiring = self.wiring
        for mapping in self.built.mappings:
            Poller(mapping, wiring.queues, self.invoke, self.carrier.faults, self.assembly.region)
        wiring.bus.invoke = self.invoke_later
        for rule in wiring.bus.rules:
            if rule.schedule and rule.enabled:
                self.periodics.append(Periodic(rule, wiring.timer, wiring.changes, self._tick))

    def _tick(self, rule: Rule, moment: datetime) -> list[str]:
        event, calls = self.wiring.bus.scheduled(rule, moment), []
        for target in rule.targets:
            if ":lambda:" in target["Arn"]:
                calls += self.invoke_later(target["Arn"], _input(rule, target["Arn"], event), on_time=True)
        if any(":lambda:" not in target["Arn"] for target in rule.targets):
            raise TemplateRefused(f"{rule.name} comes round to something that is not a function.")
        return calls


def _input(rule: Rule, arn: str, event: Mapping[str, Any]) -> Any:
    """What a target of a rule receives: its own constant input, or the event."""
    told = next(target for target in rule.targets if target["Arn"] == arn)
    return json.loads(told["Input"]) if "Input" in told else event
