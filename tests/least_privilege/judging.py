"""The verdict in both directions: what was used and is not granted, and what is granted and was not used."""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.permissions import HASH, HOLDERS
from tests.least_privilege.account import Account
from tests.least_privilege.actions import Use
from tests.least_privilege.roles import Grant, allowed

EXCUSED = tomllib.loads((Path(__file__).parent / "excused.toml").read_text(encoding="utf-8"))["excused"]
EVERYBODY = "every function"


@dataclass(frozen=True, order=True)
class Right:
    """One action of one holder on one resource, in the words of docs/permissions.md."""

    of: str
    on: str
    action: str

    def __str__(self) -> str:
        return f"{self.of}: {self.action} on {self.on}"


def ungranted(account: Account, used: Iterable[Use], held: Iterable[Grant]) -> list[str]:
    """Each use that no grant of its role covers, with what was called and the line that would grant it."""
    held, found = list(held), {}
    for use in used:
        if not allowed((one for one in held if one.role == use.role), use.action, use.resource, use.context):
            right = Right(holder(account, use.role), account.word(use.resource), use.action)
            found[right] = (
                f"{right} (for {use.by}) is not granted: infra/functions/{right.of}.py lacks an allow() of it, and "
                f'tests/infra/permissions.toml under [{right.of}] the action in "{right.on}" = ["{right.action}", …]'
            )
    return [found[right] for right in sorted(found)]


def unused(account: Account, used: Iterable[Use], held: Iterable[Grant]) -> list[Right]:
    """Each grant that covers nothing that was used."""
    used = list(used)
    idle = (
        grant
        for grant in held
        if not any(use.role == grant.role and grant.covers(use.action, use.resource, use.context) for use in used)
    )
    return sorted(Right(holder(account, one.role), account.word(one.resource), one.action) for one in idle)


def excused(right: Right, account: Account, table: Iterable[dict[str, Any]] = tuple(EXCUSED)) -> bool:
    """Whether a row of the table explains why a right is granted and never seen in use."""
    return any(
        right.on == row["on"] and right.action in row["actions"] and right.of in named(row["of"], account)
        for row in table
    )


def named(of: str, account: Account) -> set[str]:
    """The holders that a row speaks of."""
    return set(account.functions) if of == EVERYBODY else {of}


def stale(account: Account, idle: Iterable[Right], table: Iterable[dict[str, Any]] = tuple(EXCUSED)) -> Iterator[Right]:
    """What the table excuses although it is not granted, or was seen in use."""
    idle = set(idle)
    for row in table:
        for of in sorted(named(row["of"], account)):
            yield from (right for action in row["actions"] if (right := Right(of, row["on"], action)) not in idle)


def holder(account: Account, role: str) -> str:
    """Who acts under a role: a function, or a service of AWS."""
    for function in account.functions.values():
        if function.role == role:
            return function.word
    (found,) = (one for one in account.assembly.of("AWS::IAM::Role") if account.arn(one) == role)
    word = HASH.sub("", found.logical_id).removesuffix("Role").removesuffix("Writer").lower()
    return HOLDERS.get(word, word)
