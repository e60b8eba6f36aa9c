"""The doctor's decisions as one table: facts on the left, the case they make on the right. Every case there is, is here."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from texting.rules import readiness
from texting.rules.readiness import judge, ready
from texting.rules.readiness_facts import (
    Alarm,
    Chosen,
    Destination,
    Facts,
    Identity,
    Key,
    Listeners,
    Mark,
    Spend,
    Unread,
    Untold,
    Waiting,
    Wiring,
)

FILE = "practice.toml"
ON = Chosen(FILE, mode="on", monthly_limit_usd=Decimal(200), baa_on_record=True)
OFF = Chosen(FILE, mode="off", monthly_limit_usd=Decimal(200))
OURS = Wiring("arn:inbound", "ours", "texts", "arn:receipts")


def a_number(**more):
    """A toll-free number in order, but for `more`."""
    right = {"name": "phone-1", "pool": False, "type": "TOLL_FREE", "status": "ACTIVE", "message_type": "TRANSACTIONAL"}
    right |= {"two_way_topic": "arn:inbound", "self_managed": True, "opt_out_list": "ours"}
    return Identity(**(right | more))


def sends(**more):
    """A destination in order, but for `more`."""
    right = {"name": "receipts", "enabled": True, "events": ("TEXT_ALL",), "topic": "arn:receipts"}
    return (Destination(**(right | more)),)


def facts(chosen=ON, **more):
    return Facts(chosen, wiring=OURS, **more)


TABLE = [
    # what practice.toml says
    ("settings", facts(), ["fine", "same"]),
    ("settings", facts(Chosen(FILE, same_sender=False)), ["fine", "other"]),
    ("settings", facts(Chosen(FILE, faults=("line 1: no.", "line 2: no."))), ["faulty", "faulty"]),
    ("mode", facts(), ["on"]),
    ("mode", facts(Chosen(FILE, mode="pilot", pilots=3)), ["pilot"]),
    ("mode", facts(OFF), ["off"]),
    ("mode", facts(Chosen(FILE, faults=("no.",))), []),
    # ours
    ("switch", facts(), ["open"]),
    ("switch", facts(stopped_at=datetime(2026, 12, 1, tzinfo=UTC)), ["stopped"]),
    ("functions", facts(functions_missing=()), ["all"]),
    ("functions", facts(functions_missing=("send",)), ["missing"]),
    ("dead_letters", facts(dead_letters={"events-dead": 0}), ["none"]),
    ("dead_letters", facts(dead_letters={"events-dead": 2, "inbound-dead": 1}), ["some", "some"]),
    ("ages", facts(ages={"events": 299, "receipts": 3599}), ["fresh"]),
    ("ages", facts(ages={}), ["fresh"]),
    ("ages", facts(ages={"events": 300, "receipts": 3600}), ["old", "old"]),  # the alarms' own thresholds
    ("quarantine", facts(quarantined=Unread(0)), ["none"]),
    ("quarantine", facts(quarantined=Unread(1, date(2027, 3, 2))), ["some"]),
    ("quarantine", facts(quarantined=Unread(1, date(2027, 3, 2), soon=True)), ["ending"]),
    ("doubtful", facts(doubtful=0), ["none"]),
    ("doubtful", facts(doubtful=1), ["some"]),
    ("tasks", facts(overdue=0), ["none"]),
    ("tasks", facts(overdue=1), ["overdue"]),
    ("ledger", facts(ledger=Waiting(500, 899)), ["current"]),
    ("ledger", facts(ledger=Waiting(1, 900)), ["behind"]),
    ("secrets", facts(secrets={"main": True}), ["all"]),
    ("secrets", facts(secrets={}), ["none"]),
    ("secrets", facts(secrets={"main": True, "ehr": False}), ["missing"]),
    # the carrier
    ("tier", facts(tier="PRODUCTION"), ["production"]),
    ("tier", facts(tier="SANDBOX"), ["sandbox"]),
    ("spend", facts(spend=Spend(200, 200)), ["enough"]),
    ("spend", facts(spend=Spend(1, 1000)), ["low"]),
    ("spend", facts(spend=Spend(1, 1)), ["capped"]),
    ("spend", facts(Chosen(FILE, faults=("no.",)), spend=Spend(1, 1)), []),  # nobody knows what is wanted
    ("pace", facts(rate=1.0), ["slow"]),
    ("pace", facts(rate=20.0), ["enough"]),
    ("identity", facts(identity=a_number()), ["active"]),
    ("identity", facts(identity=a_number(status="PENDING")), ["inactive"]),
    ("identity", facts(identity=a_number(message_type="PROMOTIONAL")), ["active", "promotional"]),
    ("identity", facts(identity=a_number(type="SIMULATOR")), ["active", "simulator_on"]),
    ("identity", facts(OFF, identity=a_number(type="SIMULATOR")), ["active", "simulator"]),
    ("identity", facts(identity=None), ["gone"]),
    ("identity", facts(OFF, identity=None, identity_named=False), ["none"]),
    ("identity", facts(identity=None, identity_named=False), ["none_on"]),
    ("registration", facts(identity=a_number(), registration="COMPLETE"), ["complete"]),
    ("registration", facts(identity=a_number(), registration="REVIEWING"), ["waiting"]),
    ("registration", facts(identity=a_number(), registration="REQUIRES_UPDATES"), ["rejected"]),
    ("registration", facts(identity=a_number(), registration=""), ["none"]),
    ("registration", facts(identity=a_number(type="SIMULATOR"), registration=""), ["needless"]),
    ("registration", facts(identity=None), []),
    ("two_way", facts(identity=a_number()), ["right"]),
    ("two_way", facts(identity=a_number(two_way_topic="")), ["off"]),
    ("two_way", facts(identity=a_number(two_way_topic="arn:other")), ["elsewhere"]),
    ("opt_outs", facts(identity=a_number()), ["self_managed"]),
    ("opt_outs", facts(identity=a_number(self_managed=False)), ["carrier_managed"]),
    ("opt_out_list", facts(identity=a_number()), ["right"]),
    ("opt_out_list", facts(identity=a_number(opt_out_list="Default")), ["other"]),
    ("receipts", facts(destinations=sends()), ["right"]),
    ("receipts", facts(destinations=sends(events=("ALL",))), ["right"]),
    ("receipts", facts(destinations=sends(enabled=False)), ["off"]),
    ("receipts", facts(destinations=sends(events=("TEXT_DELIVERED",))), ["partial"]),
    ("receipts", facts(destinations=sends(topic="arn:other")), ["elsewhere"]),
    ("receipts", facts(destinations=sends(topic="")), ["none"]),
    ("receipts", facts(destinations=()), ["none"]),
    ("receipts", facts(destinations=None), ["no_set"]),
    # the account
    ("baa", facts(agreements=("AWS BUSINESS ASSOCIATE Addendum",)), ["both"]),  # its exact name is not documented
    ("baa", facts(OFF, agreements=("AWS Business Associate Addendum",)), ["unrecorded"]),
    ("baa", facts(agreements=("AWS Customer Agreement",)), ["unverified"]),
    ("baa", facts(OFF, agreements=()), ["none"]),
    (
        "baa",
        facts(Chosen(FILE, baa_on_record=True, baa_ahead=True), agreements=("AWS Business Associate Addendum",)),
        ["ahead"],
    ),
    ("baa", facts(agreements=Untold("no right")), ["untold"]),
    ("baa", facts(OFF, agreements=Untold("no right")), ["none"]),
    ("clock", facts(skew=-5.0), ["right"]),
    ("clock", facts(skew=6.0), ["drifting"]),
    ("clock", facts(skew=-240.0), ["wrong"]),
    ("alarms", facts(alarms=(Alarm("a", "OK", True),), alarms_expected=1), ["quiet"]),
    ("alarms", facts(alarms=(), alarms_expected=0), ["none"]),
    ("alarms", facts(alarms=(), alarms_expected=1), ["missing"]),
    ("alarms", facts(alarms=(Alarm("a", "ALARM", False),), alarms_expected=1), ["raised", "mute"]),
    ("alarms", facts(alarms=(Alarm("a", "INSUFFICIENT_DATA", True),), alarms_expected=1), ["blind"]),
    ("listeners", facts(listeners=Listeners(1, 1)), ["some"]),
    ("listeners", facts(listeners=Listeners(0, 1)), ["pending"]),
    ("listeners", facts(listeners=Listeners(0, 0)), ["nobody"]),
    ("keys", facts(keys=(Key("Seal", "Enabled", True), Key("Signing", "Enabled", None))), ["right"]),
    ("keys", facts(keys=(Key("Seal", "PendingDeletion", None),)), ["disabled"]),
    ("keys", facts(keys=(Key("Seal", "Enabled", False),)), ["still"]),
    ("lock", facts(lock="COMPLIANCE"), ["compliance"]),
    ("lock", facts(lock="GOVERNANCE"), ["governance"]),
    ("lock", facts(lock=""), ["none"]),
    ("rules", facts(rules={"tick": True}), ["all"]),
    ("rules", facts(rules={"tick": True, "tock": False}), ["off"]),
]


@pytest.mark.parametrize(("check", "told", "expected"), TABLE)
def test_the_decision_table(check, told, expected):
    """These facts make these cases, and each comes out with its mark and a whole sentence."""
    rows = {(name, case): row for name, case, row in readiness.cases()}
    found = judge(told, [check])

    assert [str(one.mark) for one in found] == [rows[check, case]["mark"] for case in expected]
    for one, case in zip(found, expected, strict=True):
        head = rows[check, case]["says"].split("{")[0]
        assert one.says.startswith(head)
        assert "{" not in one.says + one.remedy


def test_every_case_of_the_words_is_in_the_decision_table():
    """A sentence that no facts lead to would be a sentence nobody has checked."""
    reached = {(check, case) for check, _, expected in TABLE for case in expected}

    assert {(check, case) for check, case, _ in readiness.cases()} == reached


def test_whatever_is_broken_says_what_to_do():
    """A fault without a remedy leaves the operator alone with it."""
    assert not [
        (check, case) for check, case, row in readiness.cases() if row["mark"] == "broken" and "remedy" not in row
    ]


def test_what_cannot_be_read_is_never_fine():
    """Untold facts come out as cannot-tell with their reason, and do not make a practice unready by themselves."""
    found = judge(facts(tier=Untold("You may not ask."), identity=Untold("You may not ask.")))
    unknown = {one.check: one.says for one in found if one.mark is Mark.UNKNOWN}

    assert unknown == dict.fromkeys(("tier", "identity", "two_way", "opt_outs", "opt_out_list"), "You may not ask.")


def test_ready_means_that_nothing_is_broken():
    """A look is for people to weigh; a broken line is not."""
    assert ready(judge(facts(OFF, tier="PRODUCTION"), ["mode", "tier"]))
    assert not ready(judge(facts(OFF, tier="SANDBOX"), ["mode", "tier"]))
