"""doctor: looks at everything a text depends on, and says what is not so. connect: wires the practice's number to us."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo

import typer
from texting.aws import account, inspection, numbers
from texting.errors import Misconfigured, QuietlineError, Reject, Unknown
from texting.flows import operate
from texting.flows.wording import templates_of
from texting.practice import Practice
from texting.rules.quarantine import NOTICE, goes_on
from texting.rules.readiness import CONNECTED, FUNCTIONS, judge, ready
from texting.rules.readiness_facts import Chosen, Facts, Finding, Identity, Mark, Unread, Untold

from cli.asking import command
from cli.here import KEY, TOPIC, Here
from cli.showing import Answer, findings_data, findings_table, sentence

T = TypeVar("T")
NONE_YET = "none-yet"
"""What the stacks deploy as the sender while no number is named (`infra/carrier.py`)."""
ALARM, RULE = "AWS::CloudWatch::Alarm", "AWS::Events::Rule"


def add_to(app: typer.Typer) -> None:
    """Put these commands into the app."""
    command(app, "doctor")(doctor)
    command(app, "connect")(connect)


def doctor(here: Here) -> Answer:
    """Look at all that a text depends on.

    One line each: ok, look, BROKEN or cannot tell, and what to do about it.
    """
    findings = judge(gather(here))
    ok = ready(findings)
    broken = sum(one.mark is Mark.BROKEN for one in findings)
    last = sentence("Ready to text.", "green") if ok else sentence(f"{broken} lines are broken.", "bold red")
    return Answer({"ready": ok, "findings": findings_data(findings)}, (findings_table(findings), last), ok)


def tried(ask: Callable[[], T]) -> T | Untold:
    """An answer, or why there is none."""
    try:
        return ask()
    except QuietlineError as refusal:
        return Untold(refusal.sentence)


def gather(here: Here) -> Facts:
    """Everything the doctor looks at, each asked for by itself: one refusal costs one line."""
    assert here.deployed
    origination = here.deployed.variable("ORIGINATION")
    identity = tried(lambda: identity_of(origination))
    switch = tried(here.store.switch)
    if isinstance(switch, Untold):
        stopped: datetime | Untold | None = switch
    else:
        stopped = (switch.at or datetime.now(UTC)) if switch.stopped else None
    return Facts(
        chosen=chosen(here, origination),
        stopped_at=stopped,
        functions_missing=tuple(sorted(FUNCTIONS - here.deployed.environment.keys())),
        tier=tried(numbers.tier),
        spend=tried(numbers.spend),
        rate=_on_aws(here, account.texts_per_second, "The box has no quotas."),
        identity=identity,
        identity_named=origination != NONE_YET,
        registration=tried(lambda: numbers.registration(identity)) if isinstance(identity, Identity) else "",
        wiring=here.wiring,
        destinations=tried(lambda: numbers.destinations(here.wiring.configuration_set)),
        agreements=_on_aws(here, account.agreements, "The box has no agreements."),
        skew=_on_aws(here, account.skew, "The box has a clock of its own."),
        alarms=_on_aws(here, lambda: inspection.alarms(here.deployed.all(ALARM)), "The box has no alarms."),
        alarms_expected=len(here.deployed.all(ALARM)),
        listeners=_on_aws(
            here, lambda: inspection.listeners(here.deployed.one(TOPIC, "Alarms")), "The box has no alarms."
        ),
        dead_letters=tried(lambda: inspection.depths(here.dead_letters)),
        ages=_on_aws(
            here, lambda: inspection.ages(here.work_queues, here.now), "The box prints its metrics and keeps none."
        ),
        quarantined=tried(lambda: unread(here)),
        doubtful=tried(lambda: len(operate.doubtful(here.store, here.now))),
        overdue=tried(lambda: operate.overdue(here.store, here.now)),
        ledger=tried(lambda: inspection.waiting(here.deployed.variable("LEDGER_TABLE"), here.now)),
        keys=_on_aws(here, lambda: inspection.keys(here.deployed.all(KEY)), "The box rotates no keys."),
        lock=tried(lambda: inspection.lock(here.deployed.variable("LEDGER_BUCKET"))),
        rules=_on_aws(here, lambda: inspection.rules(here.deployed.all(RULE)), "The box's timetables are always on."),
        secrets=tried(lambda: secrets_of(here.practice)),
    )


def _on_aws(here: Here, ask: Callable[[], T], otherwise: str) -> T | Untold:
    return Untold(otherwise) if here.box else tried(ask)


def unread(here: Here) -> Unread:
    """What waits in quarantine, and when the first of it goes. Raises Misconfigured."""
    found = here.store.in_quarantine()
    if not found:
        return Unread(0)
    first = goes_on(min(one.at for one in found).date(), here.practice.retention.quarantine_days)
    return Unread(len(found), first, soon=first <= here.now.date() + NOTICE)


def identity_of(origination: str) -> Identity | None:
    """The number or pool texts are sent from; None when none is named, or it is not there."""
    try:
        return None if origination == NONE_YET else numbers.find(origination)
    except Unknown:
        return None


def chosen(here: Here, origination: str) -> Chosen:
    """What the settings file says, or what is wrong with it."""
    file = here.practice_path.name
    try:
        rules = here.practice
        templates_of(rules)
    except Misconfigured as fault:
        return Chosen(file, faults=tuple(fault.sentence.splitlines()))
    wanted = rules.sending.origination
    today = here.now.astimezone(ZoneInfo(rules.locations[0].time_zone)).date()
    return Chosen(
        file,
        mode=rules.sending.mode,
        pilots=len(rules.sending.pilot_numbers),
        monthly_limit_usd=rules.sending.monthly_limit_usd,
        baa_on_record=rules.baa.on_record,
        baa_ahead=rules.baa.on_record and not rules.baa.in_force(today),
        same_sender=wanted == origination or (not wanted and not origination.startswith(("+", "pool-"))),
    )


def secrets_of(rules: Practice) -> dict[str, bool]:
    """Whether each connection has a secret that can be understood."""
    found: dict[str, bool] = {}
    for connection in rules.connections:
        try:
            found[connection.name] = bool((account.read_secret(connection.secret_name) or {}).get("current"))
        except Misconfigured:
            found[connection.name] = False
    return found


NumberName = Annotated[str, typer.Option("--number", help="A number of the account: its id, or +1 and ten digits.")]
PoolName = Annotated[str, typer.Option("--pool", help="A pool of the account, by its id.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be changed.")]


def connect(here: Here, number: NumberName = "", pool: PoolName = "", dry_run: DryRun = False) -> Answer:
    """Wire your number or pool to Quietline.

    Two-way, opt-outs, opt-out list and receipts are set, then everything is read back.
    Without --number or --pool, the one that practice.toml names. What is right already is not touched.
    """
    assert here.deployed
    if number and pool:
        raise Reject("Name a number or a pool, not both: a number in a pool takes the pool's settings.")
    named = pool or number or here.practice.sending.origination
    if not named:
        raise Reject("Name what to connect: [sending] numbers or pool in practice.toml, or --number, or --pool.")
    before = _wired(here, named)
    if dry_run:
        would = [one.check for one in before if one.check in CONNECTED and one.mark is Mark.BROKEN]
        said = sentence(f"Would change: {', '.join(would)}." if would else "Nothing would be changed.")
        data = {"would_change": would, "findings": findings_data(before)}
        return Answer(data, (findings_table(before), said), ready(before))
    identity = numbers.find(named)
    changed = list(numbers.wire(identity, here.wiring))
    found = numbers.destinations(here.wiring.configuration_set)
    changed += numbers.wire_receipts(found, here.wiring) if found is not None else ()
    after = _wired(here, named)
    said = sentence(f"Changed: {', '.join(changed)}." if changed else "Nothing had to be changed.")
    data = {"changed": changed, "findings": findings_data(after)}
    return Answer(data, (findings_table(after), said), ready(after))


def _wired(here: Here, named: str) -> tuple[Finding, ...]:
    """How a number or pool stands towards us. Raises what keeps it from being looked at, apart from its absence."""
    facts = Facts(
        chosen=Chosen(here.practice_path.name),
        identity=identity_of(named),
        wiring=here.wiring,
        destinations=numbers.destinations(here.wiring.configuration_set),
    )
    return judge(facts, CONNECTED)
