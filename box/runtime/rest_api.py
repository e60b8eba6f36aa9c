"""The REST API of the template: its resources and methods as a tree of paths, and the makers that read them."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote

from box.runtime.template import Made, Resource, TemplateRefused

if TYPE_CHECKING:
    from box.runtime.building import Builder


@dataclass
class Node:
    """One resource of the API: a path, and the function behind each method on it."""

    resource_id: str
    path: str
    functions: dict[str, str] = field(default_factory=dict)  # method → function ARN
    children: dict[str, "Node"] = field(default_factory=dict)


@dataclass(frozen=True)
class Route:
    """Where a request goes: the resource it matched, its path parameters, and the function."""

    node: Node
    parameters: dict[str, str]
    function: str


@dataclass
class RestApi:
    """The API. It has one stage, which the box's addresses leave out, as a custom domain would."""

    api_id: str = "box"
    stage: str = "box"
    binary: tuple[str, ...] = ()
    access_log: str = ""
    root: Node = field(default_factory=lambda: Node("root", "/"))

    def route(self, method: str, path: str) -> Route | None:
        """The route for a request, or None: exact parts win over parameters, those over a greedy one."""
        parts = [part for part in path.strip("/").split("/") if part] if path != "/" else []
        found = _match(self.root, parts, {})
        if found is None:
            return None
        node, parameters = found
        function = node.functions.get(method) or node.functions.get("ANY")
        return Route(node, parameters, function) if function else None

    def routes(self) -> list[tuple[str, str, str]]:
        """Every (method, path, function ARN), by path."""
        found: list[tuple[str, str, str]] = []
        waiting = [self.root]
        while waiting:
            node = waiting.pop()
            found += [(method, node.path, function) for method, function in node.functions.items()]
            waiting += node.children.values()
        return sorted(found, key=lambda row: (row[1], row[0]))


def api(builder: "Builder", resource: Resource) -> Made:
    """The API itself; there is one."""
    if builder.of(resource, "Body") or builder.of(resource, "BodyS3Location"):
        raise TemplateRefused(f"{resource.name} is described by a document; the box reads resources and methods.")
    rest = builder.built.rest
    rest.api_id = resource.generated(30).lower()[-10:].replace("-", "0")
    rest.binary = tuple(builder.of(resource, "BinaryMediaTypes", default=[]))
    return Made(rest.api_id, {"RootResourceId": "root", "RestApiId": rest.api_id})


def part(builder: "Builder", resource: Resource) -> Made:
    """One part of a path."""
    name = builder.of(resource, "PathPart")
    parent = _find(builder.built.rest.root, builder.of(resource, "ParentId"))
    path = f"{parent.path.rstrip('/')}/{name}"
    made = parent.children[name] = Node(f"{resource.stack}.{resource.logical_id}", path)
    return Made(made.resource_id, {"ResourceId": made.resource_id})


def method(builder: "Builder", resource: Resource) -> Made:
    """What answers a method on a path: a function by Lambda proxy integration, and nothing else."""
    node = _find(builder.built.rest.root, builder.of(resource, "ResourceId"))
    verb = builder.of(resource, "HttpMethod")
    kind, uri = builder.of(resource, "Integration", "Type"), builder.of(resource, "Integration", "Uri", default="")
    if kind == "MOCK" and verb == "OPTIONS":
        return Made(resource.generated())  # answers for other origins' pages; the box has one origin
    if kind != "AWS_PROXY":
        raise TemplateRefused(f"{resource.name} is integrated by {kind}; the box plays AWS_PROXY only.")
    if builder.of(resource, "AuthorizationType", default="NONE") != "NONE":
        raise TemplateRefused(f"{resource.name} asks for an authorizer, which the box does not play.")
    node.functions[verb] = uri.split("/functions/", 1)[-1].removesuffix("/invocations")
    return Made(resource.generated())


def stage(builder: "Builder", resource: Resource) -> Made:
    """The stage: its name and the format of its access log."""
    rest = builder.built.rest
    rest.stage = builder.of(resource, "StageName", default="box")
    rest.access_log = builder.of(resource, "AccessLogSetting", "Format", default="")
    return Made(rest.stage)


def ignored(builder: "Builder", resource: Resource) -> Made:
    """What changes nothing here: functions check their requests themselves."""
    return Made(resource.generated())


def _find(node: Node, resource_id: str) -> Node:
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if each.resource_id == resource_id:
            return each
        waiting += each.children.values()
    raise TemplateRefused(f"The API has no resource {resource_id}.")


def _match(node: Node, parts: list[str], parameters: dict[str, str]) -> tuple[Node, dict[str, str]] | None:
    if not parts:
        return node, parameters
    head, rest = parts[0], parts[1:]
    if head in node.children:
        found = _match(node.children[head], rest, parameters)
        if found:
            return found
    for name, child in node.children.items():
        if name.startswith("{") and name.endswith("+}"):
            return child, parameters | {name[1:-2]: unquote("/".join(parts))}
        if name.startswith("{"):
            found = _match(child, rest, parameters | {name[1:-1]: unquote(head)})
            if found:
                return found
    return None
