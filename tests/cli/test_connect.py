"""connect: an untouched number or pool becomes ours, twice is the same as once, and what cannot be mended is said."""

import pytest

from tests.cli.conftest import LISTED, TOPICS
from tests.journeys.stories import OURS

CHANGES = {"UpdatePhoneNumber", "UpdatePool", "CreateEventDestination", "UpdateEventDestination"}


@pytest.fixture
def untouched(operator):
    """A number as it is bought, and a configuration set that sends nowhere."""
    number = next(iter(operator.carrier.network.numbers.values()))
    number.two_way_topic, number.self_managed_opt_outs, number.opt_out_list = None, False, "Default"
    operator.carrier.network.sets["texts"].destinations.clear()
    return operator


def changes(operator):
    """The calls that changed something at the carrier."""
    return [call.operation for call in operator.carrier.calls() if call.operation in CHANGES]


def test_an_untouched_number_becomes_ours(untouched):
    """Two-way, opt-outs, list and receipts are set and read back, and nothing is broken any more."""
    told = untouched.json("connect")

    assert told["changed"] == ["two_way", "opt_outs", "opt_out_list", "receipts"]
    assert {one["mark"] for one in told["findings"]} == {"ok"}
    number = next(iter(untouched.carrier.network.numbers.values()))
    assert (number.two_way_topic, number.self_managed_opt_outs, number.opt_out_list) == (
        TOPICS + "inbound",
        True,
        LISTED,
    )
    (destination,) = untouched.carrier.network.sets["texts"].destinations.values()
    assert destination["SnsDestination"] == {"TopicArn": TOPICS + "receipts"}
    assert destination["MatchingEventTypes"] == ["TEXT_ALL"]


def test_two_way_comes_before_self_managed_opt_outs(untouched):
    """The carrier refuses self-managed opt-outs while two-way is off."""
    untouched.run("connect")

    first, second = [call.params for call in untouched.carrier.calls("UpdatePhoneNumber")]
    assert first["TwoWayEnabled"] is True
    assert "SelfManagedOptOutsEnabled" not in first
    assert second["SelfManagedOptOutsEnabled"] is True


def test_connecting_twice_changes_nothing_the_second_time(untouched):
    """What is right already is not touched."""
    untouched.run("connect")
    before = changes(untouched)

    told = untouched.run("connect")
    assert changes(untouched) == before
    assert "Nothing had to be changed." in told.output
    assert told.exit_code == 0


def test_a_dry_run_says_what_it_would_change_and_changes_nothing(untouched):
    """The exit code of a dry run tells whether there is anything to do."""
    told = untouched.run("connect", "--dry-run")

    assert "Would change: two_way, opt_outs, opt_out_list, receipts." in told.output
    assert told.exit_code == 1
    assert not changes(untouched)


def test_a_number_in_a_pool_is_wired_through_its_pool(untouched):
    """A pooled number takes the pool's settings; the carrier would refuse to change it itself."""
    number = next(iter(untouched.carrier.network.numbers.values()))
    pool = untouched.carrier.add_pool([number])

    told = untouched.json("connect", "--number", number.id)
    assert told["changed"][:3] == ["two_way", "opt_outs", "opt_out_list"]
    assert (pool.two_way_topic, pool.self_managed_opt_outs) == (TOPICS + "inbound", True)
    assert "UpdatePhoneNumber" not in changes(untouched)


def test_a_pool_is_wired_by_its_id(untouched):
    """--pool names a pool and nothing else."""
    number = next(iter(untouched.carrier.network.numbers.values()))
    pool = untouched.carrier.add_pool([number])

    assert untouched.run("connect", "--pool", pool.id).exit_code == 0
    assert pool.opt_out_list == LISTED


def test_a_destination_that_leads_elsewhere_is_led_to_our_topic(operator):
    """A destination of our name is mended in place: a set has room for five only."""
    operator.carrier.network.sets["texts"].destinations["receipts"] = {
        "EventDestinationName": "receipts", "Enabled": False, "MatchingEventTypes": ["TEXT_BLOCKED"],
        "SnsDestination": {"TopicArn": TOPICS + "other"},
    }  # fmt: skip
    del operator.carrier.network.sets["texts"].destinations["events"]

    assert operator.json("connect")["changed"] == ["receipts"]
    (row,) = operator.carrier.network.sets["texts"].destinations.values()
    assert (row["Enabled"], row["SnsDestination"]["TopicArn"]) == (True, TOPICS + "receipts")


def test_a_number_that_waits_for_its_registration_is_wired_and_called_inactive(untouched):
    """Wiring may run ahead of the registration; that the number cannot send yet is still broken."""
    number = next(iter(untouched.carrier.network.numbers.values()))
    number.status = "PENDING"

    told = untouched.run("connect")
    assert told.exit_code == 1
    assert "PENDING" in told.output
    assert number.self_managed_opt_outs


def test_a_number_that_is_not_there_is_a_sentence(operator):
    """No traceback, and the number that was typed is not repeated."""
    told = operator.run("connect", "--number", "+18335559999")

    assert told.exit_code == 1
    assert "8335559999" not in told.output
    assert "no such number" in told.output


def test_our_own_number_is_shown_by_its_id(operator):
    """Even the practice's own number is named by its id."""
    assert OURS[2:] not in operator.run("connect").output


def test_what_the_carrier_refuses_is_said_in_its_own_word(untouched):
    """A list that is not there: the refusal names the call and the reason, and no traceback."""
    del untouched.carrier.network.lists[LISTED]

    told = untouched.run("connect")
    assert told.exit_code == 1
    assert "UpdatePhoneNumber" in told.output
