"""Who may do what, read from the synthesized templates: the page docs/permissions.md, and what the tests hold it to.

.venv/bin/python -m infra.permissions cdk.out > docs/permissions.md
"""

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

Templates = Mapping[str, Mapping[str, Any]]
Rights = dict[str, dict[str, set[str]]]

HASH = re.compile(r"[0-9A-F]{8}$")
WORDS = {
    "Data/TablesKey": "key: tables",
    "Data/SealKey": "key: seal",
    "Audit/AuditKey": "key: audit",
    "Audit/SigningKey": "key: signing",
    "Audit/SigningKey2": "key: signing, the second",
    "Audit/Ledger": "bucket: ledger",
    "Messaging/ChannelsKey": "key: channels",
    "Messaging/ChannelsBus": "bus",
    "Messaging/ChannelsEventsQueue": "queue: events",
    "Messaging/ChannelsOutboxQueue": "queue: outbox",
    "Messaging/ChannelsInboundQueue": "queue: inbound",
    "Messaging/ChannelsReceiptsQueue": "queue: receipts",
    "Messaging/ChannelsSchedulesDead": "queue: schedules-dead",
    "Messaging/ChannelsTimersDead": "queue: timers-dead",
    "Messaging/ChannelsSchedulesRole": "role: schedules",
    "Messaging/CarrierOptOutList": "list: opt-outs",
}
HOLDERS = {"channelsschedules": "EventBridge Scheduler", "trail": "CloudTrail"}
HEAD = """# Who may do what

Generated from the synthesized templates (`.venv/bin/python -m infra.permissions cdk.out > docs/permissions.md`); a test
fails when this page and the templates differ, and another when a right is not in `tests/infra/permissions.toml`.
`table/index` is a global secondary index. Every role may besides write its own log and send traces to X-Ray.
Nobody may `Scan`; only `retention` deletes; nobody deletes from, unlocks or relaxes the ledger's bucket.
"""


def read(folder: Path) -> dict[str, dict[str, Any]]:
    """The templates in `folder`, by stack."""
    return {path.name.split(".")[0]: json.loads(path.read_text()) for path in sorted(folder.glob("*.template.json"))}


class Names:
    """Turns what a template says of a resource into one readable name."""

    def __init__(self, templates: Templates) -> None:
        self._exports = {
            output["Export"]["Name"]: (stack, output["Value"])
            for stack, template in templates.items()
            for output in template.get("Outputs", {}).values()
            if "Export" in output
        }

    def of(self, stack: str, value: Any) -> str:
        """The name of an ARN, a queue's URL, a table's name, as `stack` refers to it."""
        match value:
            case str():
                return self._literal(value)
            case {"Ref": name}:
                return self._word(stack, name)
            case {"Fn::GetAtt": [name, _]}:
                return self._word(stack, name)
            case {"Fn::ImportValue": name}:
                return self.of(*self._exports[name])
            case {"Fn::Join": [glue, parts]}:
                return str(glue).join(self.of(stack, part) for part in parts).replace("/index/", "/").removesuffix("/*")
        raise ValueError(f"{stack} refers to a resource in a way not known here: {value}")

    def _literal(self, value: str) -> str:
        parts = value.split(":", 5)
        if parts[0] != "arn" or len(parts) < 6:
            return value
        if parts[2] == "scheduler":
            return "schedules: m_*"
        return f"{parts[2]}: {parts[5].removeprefix('secret:')}"

    def _word(self, stack: str, logical_id: str) -> str:
        plain = HASH.sub("", logical_id)
        if stack == "Data" and f"{stack}/{plain}" not in WORDS:
            return plain.lower()
        own_log = "own log" if plain.endswith("Log") else f"{stack}/{plain}"
        return WORDS.get(f"{stack}/{plain}", own_log)


def rights(templates: Templates) -> Rights:
    """Holder (a function, or a role that AWS takes on) → resource → exact actions, from every managed policy."""
    names = Names(templates)
    found: Rights = defaultdict(lambda: defaultdict(set))
    for stack, template in templates.items():
        for logical_id, resource in template["Resources"].items():
            if resource["Type"] == "AWS::IAM::ManagedPolicy":
                holder = HASH.sub("", logical_id).removesuffix("Permissions").removesuffix("Writing").lower()
                for name, action in _allowed(stack, resource["Properties"]["PolicyDocument"], names):
                    found[holder][name].add(action)
    return {HOLDERS.get(holder, holder): dict(resources) for holder, resources in sorted(found.items())}


def _allowed(stack: str, document: Mapping[str, Any], names: Names) -> Iterator[tuple[str, str]]:
    for statement in document["Statement"]:
        assert statement["Effect"] == "Allow"
        for resource in _listed(statement["Resource"]):
            for action in _listed(statement["Action"]):
                yield names.of(stack, resource), action


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def page(templates: Templates) -> str:
    """The whole of docs/permissions.md."""
    parts = [HEAD]
    for holder, resources in rights(templates).items():
        parts.append(f"\n## {holder}\n\n| on | may |\n| --- | --- |\n")
        for name, actions in sorted(resources.items()):
            if name != "*" and (name != "own log" or len(resources) == 1):
                parts.append(f"| {name} | {', '.join(sorted(actions))} |\n")
    return "".join(parts)


if __name__ == "__main__":
    sys.stdout.write(page(read(Path(sys.argv[1]))))
