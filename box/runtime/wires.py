"""Makers for what the box runs itself: queues, topics, the bus, rules, schedules, functions and their mappings."""

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

from box.runtime.building import Builder
from box.runtime.bus import Rule, Subscription, Topic, check_pattern
from box.runtime.pollers import Mapping
from box.runtime.queues import Queue, redrive
from box.runtime.template import Made, Resource, TemplateRefused
from box.runtime.workers import Function


def queue(builder: Builder, resource: Resource) -> Made:
    """A standard queue with its dead letters."""
    if builder.of(resource, "FifoQueue", default=False):
        raise TemplateRefused(f"{resource.name} is a FIFO queue, which the box does not play.")
    name = builder.of(resource, "QueueName", default=resource.generated())
    arn = builder.arn("sqs", name)
    url = f"https://sqs.{builder.assembly.region}.amazonaws.com/{builder.assembly.account}/{name}"
    policy = builder.of(resource, "RedrivePolicy")
    dead, most = redrive(policy) if policy else ("", 0)
    queues = builder.parts.queues
    queues.add(
        Queue(
            name, arn, url,
            visibility=timedelta(seconds=int(builder.of(resource, "VisibilityTimeout", default=30))),
            delay=timedelta(seconds=int(builder.of(resource, "DelaySeconds", default=0))),
            retention=timedelta(seconds=int(builder.of(resource, "MessageRetentionPeriod", default=345600))),
            dead=queues.named(dead) if dead else None,
            most_receives=most,
        )
    )  # fmt: skip
    return Made(url, {"Arn": arn, "QueueName": name, "QueueUrl": url})


def topic(builder: Builder, resource: Resource) -> Made:
    """A topic, without subscribers yet."""
    name = builder.of(resource, "TopicName", default=resource.generated())
    arn = builder.arn("sns", name)
    made = builder.parts.topics.by_arn[arn] = Topic(arn)
    for told in builder.of(resource, "Subscription", default=[]):
        _subscribe(builder, resource, made, told)
    return Made(arn, {"TopicArn": arn, "TopicName": name})


def subscription(builder: Builder, resource: Resource) -> Made:
    """A queue that hears a topic."""
    arn = builder.of(resource, "TopicArn")
    told = {name: builder.of(resource, name) for name in ("Protocol", "Endpoint", "RawMessageDelivery", "FilterPolicy")}
    _subscribe(builder, resource, builder.parts.topics.by_arn[arn], told)
    return Made(f"{arn}:{resource.generated(36)}", {})


def bus(builder: Builder, resource: Resource) -> Made:
    """An event bus."""
    name = builder.of(resource, "Name")
    builder.parts.bus.names.append(name)
    return Made(name, {"Arn": builder.arn("events", f"event-bus/{name}"), "Name": name})


def rule(builder: Builder, resource: Resource) -> Made:
    """A rule by pattern or by schedule."""
    name = builder.of(resource, "Name", default=resource.generated())
    on = str(builder.of(resource, "EventBusName", default="default")).rsplit("/", 1)[-1]
    pattern = builder.of(resource, "EventPattern")
    if pattern:
        check_pattern(pattern, resource.name)
    path = name if on == "default" else f"{on}/{name}"
    made = Rule(
        name, builder.arn("events", f"rule/{path}"), on, pattern,
        builder.of(resource, "ScheduleExpression", default=""),
        [_target(resource, told) for told in builder.of(resource, "Targets", default=[])],
        builder.of(resource, "State", default="ENABLED") == "ENABLED",
    )  # fmt: skip
    builder.parts.bus.rules.append(made)
    return Made(name if on == "default" else f"{on}|{name}", {"Arn": made.arn})


def schedule_group(builder: Builder, resource: Resource) -> Made:
    """A group for schedules that functions make."""
    name = builder.of(resource, "Name", default=resource.generated())
    builder.parts.schedules.groups.add(name)
    return Made(name, {"Arn": builder.arn("scheduler", f"schedule-group/{name}")})


def layer(builder: Builder, resource: Resource) -> Made:
    """A layer; those holding compiled libraries are stood in for by this machine's own."""
    path = builder.assembly.asset(builder.of(resource, "Content", "S3Key"))
    if path.is_dir() and (path / "python" / "texting").is_dir():
        builder.built.layers.append(path)
    name = builder.of(resource, "LayerName", default=resource.generated())
    return Made(builder.arn("lambda", f"layer:{name}:1"), {"LayerVersionArn": builder.arn("lambda", f"layer:{name}:1")})


def function(builder: Builder, resource: Resource) -> Made:
    """A function, from its asset's folder."""
    key = builder.of(resource, "Code", "S3Key")
    if not key or not str(builder.of(resource, "Runtime", default="")).startswith("python"):
        raise TemplateRefused(f"{resource.name} is not a Python function with an asset; the box runs no other.")
    name = builder.of(resource, "FunctionName", default=resource.generated())
    arn = builder.arn("lambda", f"function:{name}")
    told = builder.of(resource, "Environment", "Variables", default={})
    builder.built.functions[arn] = Function(
        name, arn, builder.of(resource, "Handler"), _unpacked(builder, builder.assembly.asset(key)),
        {variable: str(value) for variable, value in told.items()},
        timeout=float(builder.of(resource, "Timeout", default=3)),
        memory=int(builder.of(resource, "MemorySize", default=128)),
        role=builder.of(resource, "Role", default=""),
    )  # fmt: skip
    return Made(name, {"Arn": arn})


def function_version(builder: Builder, resource: Resource) -> Made:
    """A version or alias of a function: the function itself."""
    named = str(builder.of(resource, "FunctionName"))
    arn = named if named.startswith("arn:") else builder.arn("lambda", f"function:{named}")
    return Made(arn, {"Version": "1", "FunctionArn": arn, "AliasArn": arn})


def mapping(builder: Builder, resource: Resource) -> Made:
    """What feeds a function from a queue."""
    named = str(builder.of(resource, "FunctionName"))
    arn = named if named.startswith("arn:") else builder.arn("lambda", f"function:{named}")
    builder.built.mappings.append(
        Mapping(
            builder.parts.queues.named(builder.of(resource, "EventSourceArn")),
            arn,
            int(builder.of(resource, "BatchSize", default=10)),
            "ReportBatchItemFailures" in builder.of(resource, "FunctionResponseTypes", default=[]),
            bool(builder.of(resource, "Enabled", default=True)),
        )
    )
    return Made(resource.generated(36), {"Id": resource.generated(36)})


def role(builder: Builder, resource: Resource) -> Made:
    """A role: recorded, so that it can be named; nothing here enforces it."""
    name = builder.of(resource, "RoleName", default=resource.generated())
    arn = f"arn:aws:iam::{builder.assembly.account}:role/{name}"
    builder.built.roles[arn] = resource
    return Made(name, {"Arn": arn, "RoleId": "AROABOX"})


def configuration_set(builder: Builder, resource: Resource) -> Made:
    """The carrier's configuration set with its event destinations."""
    name = builder.of(resource, "ConfigurationSetName", default=resource.generated())
    made = builder.parts.carrier.add_configuration_set(name)
    for told in builder.of(resource, "EventDestinations", default=[]):
        made.destinations[told["EventDestinationName"]] = told
    return Made(name, {"Arn": made.arn})


def opt_out_list(builder: Builder, resource: Resource) -> Made:
    """The carrier's opt-out list."""
    name = builder.of(resource, "OptOutListName", default=resource.generated())
    return Made(name, {"Arn": builder.parts.carrier.add_opt_out_list(name).arn})


def phone_number(builder: Builder, resource: Resource) -> Made:
    """A number of the carrier's, as the template would rent it: a simulator's, production numbers come from outside."""
    two_way = builder.of(resource, "TwoWay", default={})
    made = builder.parts.carrier.add_number(
        "+12065550199",
        type=builder.of(resource, "NumberType", default="SIMULATOR"),
        two_way_topic=two_way.get("ChannelArn") if two_way.get("Enabled") else None,
        self_managed_opt_outs=bool(builder.of(resource, "SelfManagedOptOutsEnabled", default=False)),
        opt_out_list=builder.of(resource, "OptOutListName", default="Default"),
    )
    return Made(made.id, {"Arn": made.arn, "PhoneNumber": made.number, "PhoneNumberId": made.id})


def _subscribe(builder: Builder, resource: Resource, topic: Topic, told: dict[str, Any]) -> None:
    if told["Protocol"] in ("email", "email-json"):
        return  # somebody's mailbox: not simulated
    if told["Protocol"] != "sqs" or told.get("FilterPolicy"):
        raise TemplateRefused(f"{resource.name} is not a plain subscription of a queue; the box plays no other.")
    heard = builder.parts.queues.named(told["Endpoint"])
    topic.subscriptions.append(Subscription(heard, str(told.get("RawMessageDelivery")).lower() == "true"))


def _target(resource: Resource, told: dict[str, Any]) -> dict[str, Any]:
    odd = [name for name in ("InputTransformer", "InputPath", "EcsParameters") if name in told]
    if odd:
        raise TemplateRefused(f"{resource.name} uses {odd[0]}, which the box does not understand.")
    return json.loads(json.dumps(told))  # type: ignore[no-any-return]


def _unpacked(builder: Builder, asset: Path) -> Path:
    if asset.is_dir():
        return asset
    target = builder.parts.scratch / asset.stem
    if not target.exists():
        shutil.unpack_archive(asset, target)
    return target
