"""The supervisor: puts the five parts together, starts them in order, and lets the box's time pass.

    with World(Path("cdk.out"), port=8700) as world:
        world.advance(timedelta(hours=36))

Everything listens on loopback only, lives in a folder of its own that is removed at the end, and dies with this
process.
"""

import json
import secrets
import shutil
import tempfile
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from box.carrier import Carrier
from box.clock import BoxClock
from box.control.server import Front
from box.embedded_aws import EmbeddedAws
from box.fhir_server import FhirServer
from box.relied_on import assert_relied_on, ledger_locked
from box.runtime.running import Runtime, Wiring
from box.runtime.template import Assembly
from box.runtime.workers import ROOT, Function, Invocation, Worker, environment
from box.stage import Stage, stage
from box.timer import Timer

PORT = 8700
# A view of 2,000 patients, each with keys of their own to unwrap, takes minutes on a busy machine.
VIEWS = Function("box-views", "arn:aws:lambda:box:views", "box.control.views.lambda_handler", ROOT, {}, timeout=900)


class World:
    """A whole box. `start` it, or use it in a `with`; `port` 0 takes a free one."""

    def __init__(self, assembly: Path, *, port: int = PORT, clock: BoxClock | None = None) -> None:
        self.assembly = Assembly.read(assembly)
        self.clock = clock or BoxClock()
        self.timer = Timer(self.clock)
        self.folder = Path(tempfile.mkdtemp(prefix="quietline-box-"))
        self.aws = EmbeddedAws()
        self.wiring = Wiring(self.timer, self.assembly.region, self.assembly.account)
        self.carrier = Carrier(
            self.timer, self.wiring.topics.publish, region=self.assembly.region, account=self.assembly.account
        )
        self.runtime = Runtime(self.assembly, self.wiring, self.carrier, self.aws, self.folder)
        self.fhir = FhirServer(self.clock.now, secrets.token_urlsafe(24))
        self.front = Front(self, port)
        self.stage: Stage
        self.token = ""
        self.ready = False  # the doors are open
        self.on_stage = True  # and nobody is still being put behind them
        self.relied_on: list[str] = []
        self._moving = threading.Lock()
        self._stack = ExitStack()
        self._views: Worker

    @property
    def address(self) -> str:
        """Where the box is reached."""
        return self.front.address

    def start(self) -> None:
        """Start every part; when this returns, the box answers and is idle. Raises whatever keeps it from starting."""
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        on_exit = self._stack.callback
        on_exit(shutil.rmtree, self.folder, ignore_errors=True)
        self.front.start()
        on_exit(self.front.stop)
        self.aws.start()
        on_exit(self.aws.stop)
        self.carrier.serve()
        on_exit(self.carrier.stop)
        self.fhir.start()
        on_exit(self.fhir.stop)
        self._furnish()
        self.runtime.start(self.clock.share(self.folder / "clock"), self._settings())
        on_exit(self.runtime.stop)
        self._open_views()
        self.token = self.view("token")["token"]
        self.timer.serve()
        on_exit(self.timer.stop)
        self.ready = True

    def stop(self) -> None:
        """End every part and remove the folder."""
        self.ready = False
        self._stack.close()

    def move_to(self, moment: datetime) -> datetime:
        """Let time pass up to `moment`, everything that falls due in order; raises `WentBackwards`."""
        with self._moving:
            self.runtime.horizon(moment)
            try:
                return self.timer.move_to(moment)
            finally:
                self.runtime.horizon(None)

    def advance(self, span: timedelta) -> datetime:
        """Let that much time pass; nothing at all waits until the box is idle."""
        return self.timer.pump() if not span else self.move_to(self.clock.now() + span)

    def view(self, name: str, **asked: Any) -> dict[str, Any]:
        """Look at the practice's records; raises `ViewRefused` with the product's own sentence."""
        done: Invocation = self._views.invoke({"view": name, "asked": asked})
        if done.error:
            raise RuntimeError(f"The view {name} failed: {done.error.get('errorType')}; see {self._views.log.name}.")
        if "refused" in done.result:
            raise ViewRefused(done.result["refused"], done.result["sentence"])
        told: dict[str, Any] = done.result["told"]
        return told

    def variable(self, name: str) -> str:
        """The value the templates give an environment variable, whichever function it is for."""
        for function in self.runtime.built.functions.values():
            if name in function.environment:
                return function.environment[name]
        raise KeyError(name)

    def _furnish(self) -> None:
        """Make the resources, the practice's settings and its secrets, and rent its numbers."""
        self.runtime.build()
        clients = {name: self.runtime.client(name) for name in ("s3", "dynamodb", "kms")}
        self.relied_on = [answer.note for answer in assert_relied_on(clients)]
        self.relied_on.append(ledger_locked(clients["s3"], self.variable("LEDGER_BUCKET")))
        (layer, *_) = self.runtime.built.layers
        settings = (layer / "python" / "practice.toml").read_text(encoding="utf-8")
        self.stage = stage(settings, self.address, self.fhir.base, self.fhir.shelf.bearer)
        manager = self.runtime.client("secretsmanager")
        for name, told in self.stage.secrets.items():
            manager.create_secret(Name=name, SecretString=json.dumps(told))
        self._rent()

    def _rent(self) -> None:
        """Rent the practice's numbers of the carrier, as the runbook has a practice do it by hand."""
        origination, wanted = self.variable("ORIGINATION"), self.stage.told["sending"].get("numbers", [])
        if not wanted:
            raise StageRefused('The box needs a number to send from: fill "numbers" in [sending] of practice.toml.')
        (inbound,) = [one.queue for one in self.runtime.built.mappings if self._reads(one.function, "inbound")]
        topic = next(t.arn for t in self.wiring.topics.by_arn.values() for s in t.subscriptions if s.queue is inbound)
        settings = {
            "two_way_topic": topic,
            "self_managed_opt_outs": True,
            "opt_out_list": self.variable("OPT_OUT_LIST"),
        }
        numbers = [self.carrier.add_number(number, **settings) for number in wanted]
        if origination not in wanted:
            self.carrier.add_pool(numbers, origination, **settings)

    def _reads(self, arn: str, name: str) -> bool:
        return self.runtime.built.functions[arn].short == name

    def _settings(self) -> Path:
        path = self.folder / "practice.toml"
        path.write_text(self.stage.toml, encoding="utf-8")
        return path

    def _open_views(self) -> None:
        known: Mapping[str, str] = {
            name: value
            for function in self.runtime.built.functions.values()
            for name, value in function.environment.items()
        }
        around = environment(VIEWS, self.folder / "opt", self.runtime.environment())
        around |= {name: value for name, value in known.items() if not value.startswith("/opt/")}
        around |= {"PRACTICE": str(self.folder / "opt/python/practice.toml"), "POWERTOOLS_SERVICE_NAME": "box-views"}
        assert self.runtime.nursery, "the runtime has been started"
        self._views = Worker(VIEWS, around, self.folder / "clock", self.folder / "views.log", self.runtime.nursery)
        self._stack.callback(self._views.stop)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class StageRefused(Exception):
    """Raised when the practice's settings cannot be played; says what to change."""


class ViewRefused(Exception):
    """Raised when the product refuses what a view asked of it; `status` and `sentence` are its own."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence
