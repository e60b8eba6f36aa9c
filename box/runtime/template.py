"""Reads the synthesized templates and resolves what one resource says of another, across stacks.

Only the intrinsic functions our stacks use are understood (Ref, GetAtt, Join, Sub, Select, Split, ImportValue); any
other is refused by its name, so that a template is never half understood.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REGION, ACCOUNT = "us-east-1", "000000000000"
ASSET = re.compile(r"([0-9a-f]{64})\.zip$")


class TemplateRefused(Exception):
    """Raised when a template asks for what the box does not understand; names the stack, the resource and the thing."""


@dataclass(frozen=True)
class Resource:
    """One resource of a template, its properties still unresolved."""

    stack: str
    logical_id: str
    type: str
    properties: Mapping[str, Any]

    @property
    def name(self) -> str:
        """How the box speaks of it: stack and logical id."""
        return f"{self.stack}/{self.logical_id}"

    def generated(self, longest: int = 64) -> str:
        """The physical name CloudFormation would make up, the same at every start."""
        tail = hashlib.sha256(self.name.encode()).hexdigest()[:12]
        return f"{self.stack}-{self.logical_id}"[: longest - 13] + f"-{tail}"


@dataclass
class Made:
    """A resource that exists: what `Ref` gives, and what `GetAtt` gives."""

    ref: str
    attributes: Mapping[str, str] = field(default_factory=dict)


class Assembly:
    """The templates of one synthesis."""

    def __init__(self, folder: Path, templates: Mapping[str, Mapping[str, Any]]) -> None:
        self.folder = folder
        self.region, self.account = _environment(folder)
        self._exports: dict[str, tuple[str, Any]] = {}
        self._resources: dict[str, dict[str, Resource]] = {}
        self._parameters: dict[str, Mapping[str, Any]] = {}
        for stack, template in templates.items():
            self._read(stack, template)

    @classmethod
    def read(cls, folder: Path) -> "Assembly":
        """Read every `*.template.json` of a folder; raises `TemplateRefused` if there is none."""
        found = sorted(folder.glob("*.template.json"))
        if not found:
            raise TemplateRefused(f"There is no template in {folder.name}; synthesize it first: make synth.")
        return cls(folder, {path.name.removesuffix(".template.json"): json.loads(path.read_text()) for path in found})

    def all(self) -> Iterator[Resource]:
        """Every resource, stack by stack, in the order it stands in its template."""
        for resources in self._resources.values():
            yield from resources.values()

    def of(self, *types: str) -> list[Resource]:
        """The resources of these types."""
        return [resource for resource in self.all() if resource.type in types]

    def find(self, stack: str, logical_id: str) -> Resource | None:
        """One resource by its stack and logical id, or None."""
        return self._resources[stack].get(logical_id)

    def parameter(self, stack: str, name: str) -> Any:
        """A parameter's default; raises `TemplateRefused` when it has none."""
        try:
            return self._parameters[stack][name]["Default"]
        except KeyError:
            raise TemplateRefused(f"{stack} refers to {name}, which is neither a resource nor has a default.") from None

    def export(self, name: str) -> tuple[str, Any]:
        """The stack that exports a name, and the value it gives, unresolved."""
        if name not in self._exports:
            raise TemplateRefused(f"No stack exports {name}.")
        return self._exports[name]

    def asset(self, key: str) -> Path:
        """The folder (or file) of an asset, by the object key the template names it with."""
        found = ASSET.search(key)
        for name in (f"asset.{found[1]}", f"asset.{found[1]}.zip") if found else ():
            if (self.folder / name).exists():
                return self.folder / name
        raise TemplateRefused(f"The asset {key} is not in {self.folder.name}.")

    def _read(self, stack: str, template: Mapping[str, Any]) -> None:
        refused = [part for part in ("Mappings", "Transform") if template.get(part)]
        conditional = [
            name for name, body in template.get("Resources", {}).items()
            if "Condition" in body and body["Type"] != "AWS::CDK::Metadata"
        ]  # fmt: skip
        if refused or conditional:
            raise TemplateRefused(f"{stack} uses {', '.join(refused + conditional)}: no mappings or conditions here.")
        self._parameters[stack] = template.get("Parameters", {})
        self._resources[stack] = {
            name: Resource(stack, name, body["Type"], body.get("Properties", {}))
            for name, body in template.get("Resources", {}).items()
        }
        for output in template.get("Outputs", {}).values():
            if "Export" in output:
                self._exports[output["Export"]["Name"]] = (stack, output["Value"])


class Resolver:
    """Gives the plain value of any property; makes the resource it refers to first, if that does not exist yet."""

    def __init__(self, assembly: Assembly) -> None:
        self.assembly = assembly
        self.make: Any = None  # set by whoever makes resources: Resource -> Made

    def value(self, stack: str, told: Any) -> Any:
        """The value with every intrinsic function carried out."""
        if isinstance(told, list):
            return [item for item in (self.value(stack, item) for item in told) if item is not NOTHING]
        if not isinstance(told, dict):
            return told
        if len(told) == 1:
            (name,) = told
            if name == "Ref" or name.startswith("Fn::"):
                return self._call(stack, name, told[name])
        found = {key: self.value(stack, item) for key, item in told.items()}
        return {key: item for key, item in found.items() if item is not NOTHING}

    def of(self, resource: Resource, *path: str, default: Any = None) -> Any:
        """One property of a resource, resolved, or the default when it is not there."""
        told: Any = resource.properties
        for name in path:
            if not isinstance(told, Mapping) or name not in told:
                return default
            told = told[name]
        return self.value(resource.stack, told)

    def _call(self, stack: str, name: str, given: Any) -> Any:
        known = {
            "Ref": self._ref,
            "Fn::GetAtt": self._attribute,
            "Fn::Join": self._join,
            "Fn::Sub": self._sub,
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::ImportValue": self._import,
        }
        if name not in known:
            raise TemplateRefused(f"{stack} uses {name}, which the box does not understand.")
        return known[name](stack, given)

    def _ref(self, stack: str, name: str) -> Any:
        if name.startswith("AWS::"):
            return self._pseudo(name)
        resource = self.assembly.find(stack, name)
        return self.make(resource).ref if resource else self.assembly.parameter(stack, name)

    def _pseudo(self, name: str) -> Any:
        known = {
            "AWS::Region": self.assembly.region,
            "AWS::AccountId": self.assembly.account,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::NoValue": NOTHING,
        }
        if name not in known:
            raise TemplateRefused(f"{name} is not known here.")
        return known[name]

    def _attribute(self, stack: str, given: Any) -> str:
        logical_id, name = given if isinstance(given, list) else given.split(".", 1)
        resource = self.assembly.find(stack, logical_id)
        if resource is None:
            raise TemplateRefused(f"{stack} has no resource {logical_id}.")
        attributes = self.make(resource).attributes
        if name not in attributes:
            raise TemplateRefused(f"{resource.name} ({resource.type}) has no attribute {name} in the box.")
        return str(attributes[name])

    def _join(self, stack: str, given: Any) -> str:
        glue, parts = given
        return str(glue).join(str(part) for part in self.value(stack, parts))

    def _sub(self, stack: str, given: Any) -> str:
        text, own = (given, {}) if isinstance(given, str) else (given[0], given[1])

        def put(found: re.Match[str]) -> str:
            name = found[1]
            if name in own:
                return str(self.value(stack, own[name]))
            return str(self._attribute(stack, name) if "." in name else self._ref(stack, name))

        return re.sub(r"\$\{([^!}][^}]*)\}", put, text)

    def _select(self, stack: str, given: Any) -> Any:
        return self.value(stack, given[1])[int(self.value(stack, given[0]))]

    def _split(self, stack: str, given: Any) -> list[str]:
        return str(self.value(stack, given[1])).split(given[0])

    def _import(self, stack: str, given: Any) -> Any:
        return self.value(*self.assembly.export(self.value(stack, given)))


NOTHING = type("Nothing", (), {})()
"""What `AWS::NoValue` stands for: the property is left out."""


def _environment(folder: Path) -> tuple[str, str]:
    """Region and account the stacks were synthesized for; the box's own where they leave them open."""
    manifest = folder / "manifest.json"
    artifacts = json.loads(manifest.read_text()).get("artifacts", {}) if manifest.is_file() else {}
    for artifact in artifacts.values():
        found = re.fullmatch(r"aws://(\d{12}|unknown-account)/([a-z0-9-]+)", artifact.get("environment", ""))
        if found and artifact.get("type") == "aws:cloudformation:stack":
            region = REGION if found[2] == "unknown-region" else found[2]
            return region, ACCOUNT if found[1] == "unknown-account" else found[1]
    return REGION, ACCOUNT
