"""Is this practice ready to text? Facts about the account, the carrier and our own queues in, findings with remedies out.

Pure: what could not be read comes in as `Untold` and goes out as "cannot tell here", never as fine. Each check picks a
case; marks and sentences of the cases stand in `tables/readiness.toml`.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from texting.rules import readiness_carrier as carrier
from texting.rules.readiness_facts import (
    Alarm,
    Case,
    Chosen,
    Facts,
    Finding,
    Key,
    Listeners,
    Mark,
    Unread,
    Untold,
    Waiting,
)

AGES = {"events": 300, "outbox": 300, "inbound": 300, "receipts": 3600}
"""Seconds the oldest message of a queue may wait; the alarms say the same (`infra/watching.py`)."""
FUNCTIONS = frozenset("intake scheduling send inbound receipts consent portal inbox ledger retention watch".split())
LAG = 900
"""Seconds that evidence may wait to be published; the alarm's threshold."""
BUSINESS_ASSOCIATE = "business associate"

Rule = Callable[[Any, Facts], Iterator[Case]]

CONNECTED = ("identity", "two_way", "opt_outs", "opt_out_list", "receipts")
"""The checks that `quietline connect` can make true, the first one aside."""


def judge(facts: Facts, checks: Sequence[str] = ()) -> tuple[Finding, ...]:
    """Every line there is something to say about, in the order of the checks; all of them unless some are named."""
    found: list[Finding] = []
    for check in checks or _RULES:
        rule = _RULES[check]
        field = _FIELD.get(check, check)
        value = getattr(facts, field)
        if isinstance(value, Untold) and check not in _TAKES_UNTOLD:
            found.append(Finding(check, _table()[check]["title"], Mark.UNKNOWN, value.why))
        else:
            found += [_finding(check, case, details) for case, details in rule(value, facts)]
    return tuple(found)


def ready(findings: Sequence[Finding]) -> bool:
    """Whether nothing is broken; a look and a cannot-tell are for people to weigh."""
    return all(finding.mark is not Mark.BROKEN for finding in findings)


def cases() -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """Every (check, case, row) of the table."""
    for check, rows in _table().items():
        yield from ((check, case, row) for case, row in rows.items() if case != "title")


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(files(__package__).joinpath("tables/readiness.toml").read_text("utf-8"))


def _finding(check: str, case: str, details: Mapping[str, Any]) -> Finding:
    row = _table()[check][case]
    says, remedy = (row.get(part, "").format_map(details) for part in ("says", "remedy"))
    return Finding(check, _table()[check]["title"], Mark(row["mark"]), says, remedy)


def _settings(chosen: Chosen, facts: Facts) -> Iterator[Case]:
    for fault in chosen.faults:
        yield "faulty", {"fault": fault, "file": chosen.file}
    if chosen.faults:
        return
    yield "fine", {"file": chosen.file}
    yield ("same" if chosen.same_sender else "other"), {"file": chosen.file}


def _mode(chosen: Chosen, facts: Facts) -> Iterator[Case]:
    if not chosen.faults:
        yield chosen.mode, {"count": chosen.pilots}


def _switch(stopped_at: datetime | None, facts: Facts) -> Iterator[Case]:
    yield ("stopped", {"at": f"{stopped_at:%Y-%m-%d %H:%M} UTC"}) if stopped_at else ("open", {})


def _functions(missing: tuple[str, ...] | None, facts: Facts) -> Iterator[Case]:
    if missing is not None:
        yield ("missing", {"names": ", ".join(missing)}) if missing else ("all", {"count": len(FUNCTIONS)})


def _baa(agreements: tuple[str, ...] | Untold | None, facts: Facts) -> Iterator[Case]:
    recorded = facts.chosen.baa_on_record
    if facts.chosen.baa_ahead:
        yield "ahead", {}
        return
    if isinstance(agreements, Untold):
        yield ("untold" if recorded else "none"), {"why": agreements.why}
    elif agreements is not None:
        shown = any(BUSINESS_ASSOCIATE in name.lower() for name in agreements)
        cases = {(True, True): "both", (True, False): "unrecorded", (False, True): "unverified"}
        yield cases.get((shown, recorded), "none"), {}


def _clock(skew: float | None, facts: Facts) -> Iterator[Case]:
    if skew is None:
        return
    away = abs(skew)
    case = "right" if away <= 5 else "drifting" if away < 240 else "wrong"
    yield case, {"seconds": 5 if case == "right" else round(away)}


def _alarms(alarms: tuple[Alarm, ...] | None, facts: Facts) -> Iterator[Case]:
    if alarms is None:
        return
    if not facts.alarms_expected:
        yield "none", {}
        return
    missing = facts.alarms_expected - len(alarms)
    raised = [alarm.name for alarm in alarms if alarm.state == "ALARM"]
    mute = [alarm.name for alarm in alarms if not alarm.tells]
    blind = [alarm.name for alarm in alarms if alarm.state == "INSUFFICIENT_DATA"]
    if missing > 0:
        yield "missing", {"count": missing}
    if raised:
        yield "raised", {"names": ", ".join(sorted(raised))}
    if mute:
        yield "mute", {"count": len(mute)}
    if blind:
        yield "blind", {"count": len(blind)}
    if not (missing > 0 or raised or mute or blind):
        yield "quiet", {"count": len(alarms)}


def _listeners(listeners: Listeners | None, facts: Facts) -> Iterator[Case]:
    if listeners is None:
        return
    if listeners.confirmed:
        yield "some", {"count": listeners.confirmed}
    else:
        yield ("pending", {"count": listeners.pending}) if listeners.pending else ("nobody", {})


def _dead_letters(depths: Mapping[str, int] | None, facts: Facts) -> Iterator[Case]:
    if depths is None:
        return
    waiting = {name: count for name, count in sorted(depths.items()) if count}
    for name, count in waiting.items():
        yield "some", {"name": name, "count": count}
    if not waiting:
        yield "none", {}


def _ages(ages: Mapping[str, int] | None, facts: Facts) -> Iterator[Case]:
    if ages is None:
        return
    old = {name: seconds for name, seconds in sorted(ages.items()) if seconds >= AGES[name]}
    for name, seconds in old.items():
        yield "old", {"name": name, "seconds": seconds, "most": AGES[name]}
    if not old:
        yield "fresh", {"seconds": max(ages.values(), default=0)}


def _counted(some: str) -> Rule:
    def rule(count: int | None, facts: Facts) -> Iterator[Case]:
        if count is not None:
            yield (some if count else "none"), {"count": count}

    return rule


def _quarantine(unread: Unread | None, facts: Facts) -> Iterator[Case]:
    if unread is None:
        return
    if unread.goes_on is None:
        yield "none", {}
    else:
        yield ("ending" if unread.soon else "some"), {"count": unread.count, "day": unread.goes_on.isoformat()}


def _ledger(waiting: Waiting | None, facts: Facts) -> Iterator[Case]:
    if waiting is not None:
        case = "current" if waiting.seconds < LAG else "behind"
        yield case, {"pending": waiting.pending, "seconds": waiting.seconds}


def _keys(keys: tuple[Key, ...] | None, facts: Facts) -> Iterator[Case]:
    if keys is None:
        return
    for key in keys:
        if key.state != "Enabled":
            yield "disabled", {"name": key.name, "state": key.state}
        elif key.rotates is False:
            yield "still", {"name": key.name}
    if all(key.state == "Enabled" and key.rotates is not False for key in keys):
        yield "right", {"count": len(keys)}


def _lock(mode: str | None, facts: Facts) -> Iterator[Case]:
    if mode is not None:
        yield mode.lower() if mode in ("COMPLIANCE", "GOVERNANCE") else "none", {}


def _rules(rules: Mapping[str, bool] | None, facts: Facts) -> Iterator[Case]:
    if rules is None:
        return
    off = sorted(name for name, enabled in rules.items() if not enabled)
    yield ("off", {"names": ", ".join(off)}) if off else ("all", {"count": len(rules)})


def _secrets(secrets: Mapping[str, bool] | None, facts: Facts) -> Iterator[Case]:
    if secrets is None:
        return
    missing = sorted(name for name, there in secrets.items() if not there)
    for name in missing:
        yield "missing", {"name": name}
    if not missing:
        yield ("all" if secrets else "none"), {"count": len(secrets)}


_FIELD = {
    "settings": "chosen",
    "mode": "chosen",
    "switch": "stopped_at",
    "functions": "functions_missing",
    "pace": "rate",
    "two_way": "identity",
    "opt_outs": "identity",
    "opt_out_list": "identity",
    "receipts": "destinations",
    "baa": "agreements",
    "clock": "skew",
    "quarantine": "quarantined",
    "tasks": "overdue",
}
"""The field a check reads, where it is not the check's own name."""
_TAKES_UNTOLD = frozenset({"baa"})
_RULES: Mapping[str, Rule] = {
    "settings": _settings,
    "mode": _mode,
    "switch": _switch,
    "functions": _functions,
    "tier": carrier.tier,
    "spend": carrier.spend,
    "pace": carrier.pace,
    "identity": carrier.identity,
    "registration": carrier.registration,
    "two_way": carrier.two_way,
    "opt_outs": carrier.opt_outs,
    "opt_out_list": carrier.opt_out_list,
    "receipts": carrier.receipts,
    "baa": _baa,
    "clock": _clock,
    "alarms": _alarms,
    "listeners": _listeners,
    "dead_letters": _dead_letters,
    "ages": _ages,
    "quarantine": _quarantine,
    "doubtful": _counted("some"),
    "tasks": _counted("overdue"),
    "ledger": _ledger,
    "keys": _keys,
    "lock": _lock,
    "rules": _rules,
    "secrets": _secrets,
}
