"""Topics and the event bus: who gets a copy of what is published.

A topic wraps a message in the notification envelope SNS writes; the bus matches an event against each rule's
pattern and sends the envelope EventBridge writes. Both deliver at once, on the box's clock. A pattern or a filter
the box does not understand is refused when it is read, not ignored when it matters.
"""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from box.clock import written
from box.runtime.queues import Queue, Queues
from box.runtime.template import TemplateRefused


@dataclass(frozen=True)
class Subscription:
    """A queue that hears a topic; `raw` leaves out the envelope."""

    queue: Queue
    raw: bool = False


@dataclass
class Topic:
    """A topic and its subscribers."""

    arn: str
    subscriptions: list[Subscription] = field(default_factory=list)


@dataclass
class Rule:
    """An EventBridge rule: a pattern or a schedule, and where it leads."""

    name: str
    arn: str
    bus: str
    pattern: Mapping[str, Any] | None
    schedule: str
    targets: list[Mapping[str, Any]]
    enabled: bool = True


class Topics:
    """Every topic of the box."""

    def __init__(self, queues: Queues) -> None:
        self.queues = queues
        self.by_arn: dict[str, Topic] = {}

    def publish(self, arn: str, message: str, subject: str = "") -> str:
        """Give each subscriber its copy and return the notification's id; raises KeyError for an unknown topic."""
        topic = self.by_arn[arn]
        message_id = str(uuid.uuid4())
        moment = self.queues.timer.clock.now()
        envelope = json.dumps(_notification(arn, message_id, message, subject, moment), ensure_ascii=False)
        for subscription in topic.subscriptions:
            self.queues.send(subscription.queue, message if subscription.raw else envelope)
        return message_id


class Bus:
    """The event buses: matches what is put on them against the rules."""

    def __init__(self, queues: Queues, region: str, account: str) -> None:
        self.queues = queues
        self.region, self.account = region, account
        self.names: list[str] = ["default"]
        self.rules: list[Rule] = []
        self.seen: list[Mapping[str, Any]] = []
        self.invoke: Callable[[str, Mapping[str, Any]], object] = lambda arn, event: None

    def put(self, entry: Mapping[str, Any]) -> str:
        """Take one entry of PutEvents and return its event id; every rule that matches delivers."""
        bus = entry.get("EventBusName", "default").rsplit("/", 1)[-1]
        event = self._envelope(entry)
        self.seen.append({"bus": bus, **event})
        for rule in self.rules:
            if rule.bus == bus and rule.enabled and rule.pattern is not None and matches(rule.pattern, event):
                self.deliver(rule, event)
        return str(event["id"])

    def deliver(self, rule: Rule, event: Mapping[str, Any]) -> None:
        """Send an event to every target of a rule."""
        for target in rule.targets:
            told = json.loads(target["Input"]) if "Input" in target else event
            if ":sqs:" in target["Arn"]:
                self.queues.send(self.queues.named(target["Arn"]), json.dumps(told, ensure_ascii=False))
            else:
                self.invoke(target["Arn"], told)

    def scheduled(self, rule: Rule, moment: datetime) -> dict[str, Any]:
        """The event a rule on a schedule sends at that moment."""
        entry = {"Source": "aws.events", "DetailType": "Scheduled Event", "Detail": "{}", "Resources": [rule.arn]}
        return self._envelope(entry, moment)

    def _envelope(self, entry: Mapping[str, Any], moment: datetime | None = None) -> dict[str, Any]:
        at = moment or self.queues.timer.clock.now()
        return {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": entry["DetailType"],
            "source": entry["Source"],
            "account": self.account,
            "time": written(at.replace(microsecond=0)),
            "region": self.region,
            "resources": list(entry.get("Resources", [])),
            "detail": json.loads(entry["Detail"]),
        }


def check_pattern(pattern: Mapping[str, Any], where: str) -> None:
    """Raise `TemplateRefused` for a matcher the box does not understand."""
    for value in pattern.values():
        if isinstance(value, Mapping):
            check_pattern(value, where)
            continue
        for wanted in value:
            if isinstance(wanted, Mapping) and next(iter(wanted)) not in MATCHERS:
                raise TemplateRefused(f"{where} matches with {next(iter(wanted))}, which the box does not understand.")


def matches(pattern: Mapping[str, Any], event: Any) -> bool:
    """Whether an event fits a pattern: every name in it, any of its values."""
    for name, wanted in pattern.items():
        there = isinstance(event, Mapping) and name in event
        found = event.get(name) if isinstance(event, Mapping) else None
        if isinstance(wanted, Mapping):
            if not matches(wanted, found):
                return False
        elif not any(_fits(each, value, there) for each in wanted for value in _values(found)):
            return False
    return True


MATCHERS: dict[str, Callable[[Any, Any, bool], bool]] = {
    "exists": lambda wanted, value, there: wanted == there,
    "prefix": lambda wanted, value, there: isinstance(value, str) and value.startswith(wanted),
    "suffix": lambda wanted, value, there: isinstance(value, str) and value.endswith(wanted),
    "equals-ignore-case": lambda wanted, value, there: isinstance(value, str) and value.lower() == wanted.lower(),
    "anything-but": lambda wanted, value, there: (
        there and value not in (wanted if isinstance(wanted, list) else [wanted])
    ),
}


def _values(found: Any) -> list[Any]:
    return found if isinstance(found, list) and found else [found]


def _fits(wanted: Any, value: Any, there: bool) -> bool:
    if isinstance(wanted, Mapping):
        ((matcher, given),) = wanted.items()
        return MATCHERS[matcher](given, value, there)
    return there and bool(value == wanted) and type(value) is type(wanted)


def _notification(arn: str, message_id: str, message: str, subject: str, moment: datetime) -> dict[str, Any]:
    """The envelope of SNS; its signature is not one, and says so."""
    region = arn.split(":")[3]
    told: dict[str, Any] = {"Type": "Notification", "MessageId": message_id, "TopicArn": arn}
    told |= {"Subject": subject} if subject else {}
    stamp = moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return told | {
        "Message": message,
        "Timestamp": stamp,
        "SignatureVersion": "1",
        "Signature": "bm90IHNpZ25lZCBpbiBhIGJveA==",
        "SigningCertURL": f"https://sns.{region}.amazonaws.com/none-in-a-box.pem",
        "UnsubscribeURL": f"https://sns.{region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={arn}:none",
    }
