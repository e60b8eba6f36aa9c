"""Where a command works: the deployed practice in an AWS account, or the practice in a box, reached in the same way.

On AWS the environment of the deployed functions is the single source of names. The box writes the same into
`build/box/operator.json` when it starts, with the endpoints of its embedded AWS.
"""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from texting import practice
from texting.audit.entries import entry_id
from texting.aws import account
from texting.aws.account import Deployed, Resource
from texting.aws.fingerprints import Fingerprints
from texting.aws.queues import Outbox, Queue
from texting.aws.store import Store
from texting.aws.vault import Vault
from texting.aws.world import ROOMS
from texting.errors import Misconfigured, Unavailable
from texting.flows.needs import World
from texting.flows.wording import templates_of
from texting.practice import Practice
from texting.rules.readiness_facts import Wiring
from texting.values import Actor

OPERATOR_FILE = Path(__file__).resolve().parents[1] / "build" / "box" / "operator.json"
BOX = "http://127.0.0.1:8700"
QUEUE, TOPIC, KEY = "AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::KMS::Key"
WORK = ("events", "outbox", "inbound", "receipts")


@dataclass
class Here:
    """One deployment, found when it is first needed. `box` is the box's address, or empty on AWS."""

    profile: str = ""
    region: str = ""
    stack_prefix: str = ""
    box: str = ""
    practice_file: Path = Path("practice.toml")

    @cached_property
    def deployed(self) -> Deployed:
        """What is deployed. Raises Unknown, NotAllowed, Misconfigured, Unavailable."""
        if self.box:
            told = self._told_by_box
            account.reach(_environment(told))
            resources = tuple(Resource(**one) for one in told["resources"])
            return Deployed(told["environment"], resources)
        wanted = {"AWS_PROFILE": self.profile, "AWS_DEFAULT_REGION": self.region, "AWS_REGION": self.region}
        account.reach({name: value for name, value in wanted.items() if value})
        return account.discover(self.stack_prefix)

    @cached_property
    def _told_by_box(self) -> Mapping[str, Any]:
        try:
            told: Mapping[str, Any] = json.loads(OPERATOR_FILE.read_text("utf-8"))
        except (OSError, ValueError):
            raise Unavailable("No box is running here: start one with `make demo`.") from None
        if told["address"] != self.box:
            raise Unavailable(f"The box that runs here is at {told['address']}; name it with --box-at.")
        return told

    @cached_property
    def practice_path(self) -> Path:
        """The settings file: the box's own in a box."""
        return Path(self._told_by_box["practice"]) if self.box else self.practice_file

    @cached_property
    def practice(self) -> Practice:
        """The practice's settings. Raises Misconfigured."""
        return practice.load(str(self.practice_path))

    @cached_property
    def store(self) -> Store:
        """What the practice keeps; needs no settings file."""
        tables = {room: self.deployed.variable(f"{room.upper()}_TABLE") for room in ROOMS}
        return Store(tables, self._vault)

    @cached_property
    def _vault(self) -> Vault:
        return Vault(self.deployed.variable("KEYS_TABLE"), self.deployed.variable("SEAL_KEY"))

    @cached_property
    def world(self) -> World:
        """What the journeys ask for, as an operator has it: no carrier, no schedules."""
        return World(
            practice=self.practice,
            store=self.store,
            ids=Fingerprints(self._vault),
            templates=templates_of(self.practice),
            _outbox=Outbox(self.deployed.variable("OUTBOX_QUEUE")),
        )

    @cached_property
    def events(self) -> Queue:
        """Where scheduling events wait."""
        return Queue(self.deployed.variable("EVENTS_QUEUE"))

    @cached_property
    def actor(self) -> Actor:
        """Who works here, as the ledger tells of them: an id made from their AWS identity, which cannot be turned back."""
        assert self.deployed
        return Actor("operator", operator_id(account.caller()[1]))

    @cached_property
    def now(self) -> datetime:
        """The time: the box's own in a box."""
        if not self.box:
            return datetime.now(UTC)
        try:
            with urllib.request.urlopen(f"{self.box}/box/clock", timeout=10) as answer:  # noqa: S310 - our own loopback
                return datetime.fromisoformat(json.load(answer)["now"])
        except (urllib.error.URLError, ValueError, KeyError):
            raise Unavailable("The box does not answer: is it still running?") from None

    @property
    def wiring(self) -> Wiring:
        """What the practice's number must be wired to."""
        return Wiring(
            inbound_topic=self.deployed.one(TOPIC, "ChannelsInboundTopic"),
            opt_out_list=self.deployed.variable("OPT_OUT_LIST"),
            configuration_set=self.deployed.variable("CONFIGURATION_SET"),
            receipts_topic=self.deployed.one(TOPIC, "ChannelsReceiptsTopic"),
        )

    @property
    def work_queues(self) -> Mapping[str, str]:
        """The URLs of the queues that functions read, by word."""
        found = self.deployed.all(QUEUE)
        return {word: found[name] for word in WORK if (name := f"Channels{word.title()}Queue") in found}

    @property
    def dead_letters(self) -> Mapping[str, str]:
        """The URLs of the dead letter queues, by word: events-dead, …, schedules-dead, timers-dead."""
        found = self.deployed.all(QUEUE)
        words = (*WORK, "schedules", "timers")
        return {f"{word}-dead": found[name] for word in words if (name := f"Channels{word.title()}Dead") in found}


def operator_id(arn: str) -> str:
    """The opaque id of an AWS identity; a role's sessions are one person's only if their names are."""
    return "o_" + entry_id("operator", arn)


def _environment(told: Mapping[str, Any]) -> dict[str, str]:
    """The variables that lead boto3 into the box, and nowhere else."""
    found = {"AWS_ENDPOINT_URL": str(told["endpoints"]["aws"])}
    for service, url in told["endpoints"].items():
        if service != "aws":
            found[f"AWS_ENDPOINT_URL_{service.upper().replace('-', '_')}"] = str(url)
    if not all(url.startswith(("http://127.0.0.1:", "http://localhost:")) for url in found.values()):
        raise Misconfigured("A box listens on this machine only; build/box/operator.json says otherwise.")
    region = str(told["region"])
    keys = {"AWS_ACCESS_KEY_ID": str(told["account"]), "AWS_SECRET_ACCESS_KEY": "box"}
    where = {"AWS_REGION": region, "AWS_DEFAULT_REGION": region, "AWS_EC2_METADATA_DISABLED": "true"}
    return found | keys | where | {"AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled", "AWS_PROFILE": ""}
