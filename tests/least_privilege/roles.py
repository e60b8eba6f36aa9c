"""What IAM would answer: a small evaluator of identity policies, as much of the language as ours speak."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.least_privilege.account import Account


@dataclass(frozen=True)
class Grant:
    """One action on one pattern of resources, allowed to one role under its conditions."""

    role: str
    action: str
    resource: str
    condition: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False, compare=False)

    def covers(self, action: str, resource: str, context: Mapping[str, str]) -> bool:
        """Whether it allows this. Raises KeyError for an operator that is not known here."""
        return (
            matches(self.action.lower(), action.lower())
            and matches(self.resource, resource)
            and all(
                OPERATORS[operator](wanted, context.get(key, ""))
                for operator, keys in self.condition.items()
                for key, wanted in keys.items()
            )
        )


OPERATORS = {"StringEquals": lambda wanted, said: said == wanted}


def matches(pattern: str, text: str) -> bool:
    """IAM's wildcards: any characters, colons and slashes included, for `*`, and one for `?`."""
    return _compiled(pattern).fullmatch(text) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile("".join({"*": ".*", "?": "."}.get(sign) or re.escape(sign) for sign in pattern))


def grants(account: Account) -> list[Grant]:
    """Every grant of every role, each once. Raises AssertionError for a statement in a form that is not judged here."""
    found = []
    for role, statement in account.granted():
        assert set(statement) <= {"Effect", "Action", "Resource", "Condition", "Sid"}, f"not judged here: {statement}"
        assert statement["Effect"] == "Allow", "a Deny in a role's policy needs an evaluator that knows Deny"
        for action in listed(statement["Action"]):
            for resource in listed(statement["Resource"]):
                found.append(Grant(role, action, resource, statement.get("Condition", {})))
    return list(dict.fromkeys(found))


def allowed(held: Iterable[Grant], action: str, resource: str, context: Mapping[str, str]) -> bool:
    """Whether a role that holds these grants may do this; what nothing allows is denied."""
    return any(grant.covers(action, resource, context) for grant in held)


def listed(value: Any) -> list[Any]:
    """One or several, as IAM writes them."""
    return value if isinstance(value, list) else [value]
