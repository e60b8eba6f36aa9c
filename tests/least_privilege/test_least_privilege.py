"""Least privilege, proven: every AWS call of the real handlers is judged by the role it would be made under, and every
right that a role holds is seen in use."""

from dataclasses import replace

import pytest

from tests.infra.assembly import FUNCTIONS
from tests.least_privilege.account import Account
from tests.least_privilege.actions import Use
from tests.least_privilege.judging import EXCUSED, excused, stale, ungranted, unused
from tests.least_privilege.recording import Recording
from tests.least_privilege.roles import Grant, grants


@pytest.fixture(scope="session")
def held(account: Account) -> list[Grant]:
    """Every grant of every role."""
    return grants(account)


@pytest.fixture(scope="session")
def used(account: Account, recording: Recording) -> list[Use]:
    """Every use of a right that the recording shows."""
    return sorted(set(recording.uses(account)), key=lambda use: (use.role, use.action, use.resource))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_was_heard(recording: Recording, function: str) -> None:
    """No function is judged by silence: each made calls while the scenes were played."""
    assert recording.calls[function]


def test_every_call_is_granted(account: Account, used: list[Use], held: list[Grant]) -> None:
    """Whatever a function did, its role lets it do: on that resource, under those circumstances."""
    missing = ungranted(account, used, held)
    assert not missing, "\n" + "\n".join(missing)


def test_every_grant_is_used(account: Account, used: list[Use], held: list[Grant]) -> None:
    """Whatever a role may do was done by some call, or is explained in excused.toml."""
    idle = [right for right in unused(account, used, held) if not excused(right, account)]
    assert not idle, "\ngranted and never used:\n" + "\n".join(map(str, idle))


def test_the_excuses_are_needed(account: Account, used: list[Use], held: list[Grant]) -> None:
    """Each row of excused.toml has a reason and speaks of rights that are granted and that no call shows."""
    assert not [row for row in EXCUSED if len(row["reason"]) < 40]
    assert not [str(right) for right in stale(account, unused(account, used, held))]


def test_only_lambda_and_the_trail_are_excused() -> None:
    """The table holds what AWS itself does for us, and no right of our own code's."""
    assert {action.partition(":")[0] for row in EXCUSED for action in row["actions"]} == {"logs", "xray"}


def test_a_missing_grant_is_noticed(account: Account, used: list[Use], held: list[Grant]) -> None:
    """Take any one grant of our code's away, and the verdict names function, action, resource and line."""
    for lost in held:
        if not lost.action.startswith(("logs:", "xray:")):
            its = [use for use in used if use.role == lost.role]
            before = ungranted(account, its, held)
            missing = [
                line for line in ungranted(account, its, [one for one in held if one is not lost]) if line not in before
            ]
            assert missing, lost
            assert all(lost.action in line for line in missing), lost
    send = account.functions["send"].role
    left = [one for one in held if not (one.role == send and one.action == "sms-voice:SendTextMessage")]
    (line,) = ungranted(account, used, left)
    assert line.startswith(
        "send: sms-voice:SendTextMessage on sms-voice: pool/pool-0123456789abcdef0123456789abcdef (for "
    )
    assert "infra/functions/send.py" in line


def test_a_grant_too_many_is_noticed(account: Account, used: list[Use], held: list[Grant]) -> None:
    """Give the sender the right to delete people, or the portal another index, and the verdict names it."""
    people = next(one.resource for one in held if account.word(one.resource) == "people")
    for word, action, resource, on in (
        ("send", "dynamodb:DeleteItem", people, "people"),
        ("portal", "dynamodb:Query", f"{people}/index/by_name", "people/by_name"),
    ):
        more = Grant(account.functions[word].role, action, resource)
        found = [str(right) for right in unused(account, used, [*held, more]) if not excused(right, account)]
        assert found == [f"{word}: {action} on {on}"]


def test_a_right_for_another_service_or_resource_does_not_count(
    account: Account, used: list[Use], held: list[Grant]
) -> None:
    """A pattern that just misses, and a condition that does not hold, grant nothing."""
    schedules = next(one for one in held if one.action == "scheduler:CreateSchedule")
    narrowed = replace(schedules, resource=schedules.resource.replace("m_*", "m-*"))
    assert ungranted(account, used, [narrowed if one is schedules else one for one in held])
    passing = next(one for one in held if one.action == "iam:PassRole")
    other = replace(passing, condition={"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}})
    assert ungranted(account, used, [other if one is passing else one for one in held])
