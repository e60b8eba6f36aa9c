"""What the carrier knows: its numbers, pools, lists, configuration sets, texts and phones.

State only. The rooms beside this one say what may be done with it; `Carrier` is the door to all of them.
"""

import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from box.carrier.errors import not_found
from box.carrier.faults import Faults
from box.clock import written
from box.timer import Timer

Publish = Callable[[str, str], object]

DEFAULT_LIST = "Default"
DEFAULT_TTL = timedelta(hours=72)


@dataclass
class Keyword:
    """A word the carrier answers by itself when a text begins with it."""

    word: str
    message: str
    action: str

    def told(self) -> dict[str, Any]:
        """Return it as DescribeKeywords does."""
        return {"Keyword": self.word, "KeywordMessage": self.message, "KeywordAction": self.action}


@dataclass(kw_only=True)
class Identity:
    """What a number and a pool have in common: two-way traffic, opt-outs and keywords."""

    id: str
    arn: str
    created: datetime
    status: str = "ACTIVE"
    message_type: str = "TRANSACTIONAL"
    two_way_topic: str | None = None
    two_way_role: str | None = None
    self_managed_opt_outs: bool = False
    opt_out_list: str = DEFAULT_LIST
    deletion_protection: bool = False
    keywords: dict[str, Keyword] = field(default_factory=dict)


@dataclass(kw_only=True)
class Number(Identity):
    """A phone number of the practice."""

    number: str
    type: str = "TOLL_FREE"
    international: bool = False
    pool_id: str | None = None
    registration_id: str | None = None


@dataclass(kw_only=True)
class Pool(Identity):
    """Numbers that share one set of rules."""

    shared_routes: bool = False


@dataclass
class ConfigurationSet:
    """Where a text's events go."""

    name: str
    arn: str
    created: datetime
    destinations: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass
class OptedOut:
    """A number on an opt-out list, and whether its holder put it there."""

    at: datetime
    by_end_user: bool


@dataclass
class OptOutList:
    """Numbers the carrier refuses to send to, and when each last left the list."""

    name: str
    arn: str
    created: datetime
    numbers: dict[str, OptedOut] = field(default_factory=dict)
    left: dict[str, datetime] = field(default_factory=dict)


@dataclass
class Text:
    """A text of the practice that the carrier accepted."""

    message_id: str
    accepted: datetime
    origin: Number
    to: str
    body: str
    encoding: str
    parts: int
    price: Decimal
    fee: Decimal
    message_type: str
    ttl_seconds: int | None
    context: dict[str, str]
    configuration_set: str | None
    state: str = "accepted"
    receipt_faults: dict[str, float] = field(default_factory=dict)
    withheld: list[dict[str, Any]] = field(default_factory=list)

    @property
    def expires(self) -> datetime:
        """When the carrier gives up on it."""
        return self.accepted + (timedelta(seconds=self.ttl_seconds) if self.ttl_seconds else DEFAULT_TTL)


@dataclass(frozen=True)
class OnPhone:
    """A text as a phone shows it."""

    at: datetime
    direction: str
    sender: str
    to: str
    body: str
    parts: int
    ttl_seconds: int | None
    message_id: str

    def told(self) -> dict[str, Any]:
        """Return it in the shape of `/box/phones`."""
        told: dict[str, Any] = {"at": written(self.at), "direction": self.direction, "from": self.sender}
        told |= {"to": self.to, "body": self.body, "parts": self.parts}
        return told | {"ttl_seconds": self.ttl_seconds, "message_id": self.message_id}


@dataclass(frozen=True)
class Call:
    """One request to the carrier's API and what came of it: `accepted`, `lost`, or the reason it was refused."""

    at: datetime
    operation: str
    params: dict[str, Any]
    outcome: str


class Network:
    """The carrier's state; whoever changes it holds `lock`."""

    def __init__(self, timer: Timer, publish: Publish, region: str, account: str) -> None:
        self.timer = timer
        self.publish = publish
        self.region = region
        self.account = account
        self.lock = threading.RLock()
        self.faults = Faults()
        self.numbers: dict[str, Number] = {}
        self.pools: dict[str, Pool] = {}
        self.sets: dict[str, ConfigurationSet] = {}
        self.lists: dict[str, OptOutList] = {}
        self.texts: dict[str, Text] = {}
        self.phones: dict[str, list[OnPhone]] = {}
        self.behaviours: dict[str, str] = {}
        self.inbound: dict[str, tuple[str | None, str]] = {}  # id -> topic and payload, for a duplicate's sake
        self.calls: list[Call] = []
        self.tier = "PRODUCTION"
        self.verified: set[str] = set()
        self.spend_limit = 1000  # dollars a month
        self.spent: dict[str, Decimal] = {}
        self.transit = timedelta(0)  # from acceptance to the phone's own receipt; faults make it longer
        self.add_list(DEFAULT_LIST)

    def now(self) -> datetime:
        """Return the box's time."""
        return self.timer.clock.now()

    def arn(self, kind: str, name: str) -> str:
        """Return the ARN of a resource of ours."""
        return f"arn:aws:sms-voice:{self.region}:{self.account}:{kind}/{name}"

    def add_list(self, name: str) -> OptOutList:
        """Make an opt-out list."""
        made = self.lists[name] = OptOutList(name, self.arn("opt-out-list", name), self.now())
        return made

    def add_set(self, name: str) -> ConfigurationSet:
        """Make a configuration set without destinations."""
        made = self.sets[name] = ConfigurationSet(name, self.arn("configuration-set", name), self.now())
        return made

    def add_number(self, number: str, **settings: Any) -> Number:
        """Make a phone number of the practice; `settings` are the fields of `Number`."""
        name = f"phone-{uuid.uuid4().hex}"
        arn = self.arn("phone-number", name)
        made = self.numbers[name] = Number(id=name, arn=arn, created=self.now(), number=number, **settings)
        made.keywords = standard_keywords()
        return made

    def add_pool(self, name: str = "", **settings: Any) -> Pool:
        """Make a pool without numbers, under an id of the carrier's own unless `name` is one; `settings` are its fields."""
        name = name or f"pool-{uuid.uuid4().hex}"
        made = self.pools[name] = Pool(id=name, arn=self.arn("pool", name), created=self.now(), **settings)
        made.keywords = standard_keywords()
        return made

    def number_named(self, name: str) -> Number:
        """Find a number by its id, ARN or E.164 form; raises ResourceNotFoundException."""
        for number in self.numbers.values():
            if name in (number.id, number.arn, number.number):
                return number
        raise not_found("phone-number")

    def pool_named(self, name: str) -> Pool:
        """Find a pool by its id or ARN; raises ResourceNotFoundException."""
        for pool in self.pools.values():
            if name in (pool.id, pool.arn):
                return pool
        raise not_found("pool", name)

    def list_named(self, name: str) -> OptOutList:
        """Find an opt-out list by its name or ARN; raises ResourceNotFoundException."""
        for opt_outs in self.lists.values():
            if name in (opt_outs.name, opt_outs.arn):
                return opt_outs
        raise not_found("opt-out-list", name)

    def set_named(self, name: str) -> ConfigurationSet:
        """Find a configuration set by its name or ARN; raises ResourceNotFoundException."""
        for configuration in self.sets.values():
            if name in (configuration.name, configuration.arn):
                return configuration
        raise not_found("configuration-set", name)

    def governing(self, number: Number) -> Identity:
        """Return whose rules hold for a number: its pool's once it is in one, else its own."""
        return self.pools[number.pool_id] if number.pool_id else number

    def show(self, phone: str, shown: OnPhone) -> None:
        """Put a text on a phone's screen."""
        self.phones.setdefault(phone, []).append(shown)


def standard_keywords() -> dict[str, Keyword]:
    """Return the two keywords every number is born with."""
    texts = {
        "HELP": "Reply STOP to opt out.",
        "STOP": "You are opted out. You will receive no further messages.",
    }
    actions = {"HELP": "AUTOMATIC_RESPONSE", "STOP": "OPT_OUT"}
    return {word: Keyword(word, text, actions[word]) for word, text in texts.items()}
