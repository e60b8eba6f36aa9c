"""When a text may go: by every clock the recipient may live by, every law that may bind, and the practice's courtesy.

`window` joins the rules that apply; `opening` says for one moment whether it may go now, until when or from when, and
which rule decided. Every rule must be open by every clock at once. Consent lifts nothing here, for courts disagree on
whether it may (docs/law.md). Times in and out are aware UTC; wall-clock times are the recipient's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

from texting.rules.holidays_us import holiday
from texting.rules.tables import compiled

Kind = Literal["informational", "marketing"]
Hours = tuple[time, time]

UNKNOWN = "UNKNOWN"
COURTESY: Hours = (time(8), time(20))
_HORIZON = 14  # days ahead in which a window is looked for; no run of Sundays and holidays is half as long


@dataclass(frozen=True, slots=True)
class Places:
    """Where a recipient may be: states in the order they were learnt, zones with the likeliest first."""

    states: tuple[str, ...]
    zones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fence:
    """One rule by one clock. `week` holds the hours of weekdays, Saturday and Sunday; None is closed."""

    name: str
    citation: str
    zone: str
    week: tuple[Hours | None, Hours | None, Hours | None]
    holidays: str = "open"


@dataclass(frozen=True, slots=True)
class Rule:
    """Every fence that a text of this kind must be inside of, at once."""

    kind: Kind
    fences: tuple[Fence, ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether a text may go at the moment asked about; times are UTC.

    `closes_at` is None while closed. `opens_at` is the moment itself while open, and None when the clocks share no hour
    within two weeks. `rule` is a sentence that names the rule which closes first, or opens last.
    """

    open: bool
    closes_at: datetime | None
    opens_at: datetime | None
    rule: str


def places_of(e164: str, stated_state: str | None = None, address_state: str | None = None) -> Places:
    """States and zones that an E.164 US number and what was said of its owner point to; all of them apply.

    A state is its two letters or its name; one that we do not know counts as UNKNOWN, which has every US zone.
    """
    said = [code for code in (_code(address_state), _code(stated_state)) if code]
    area = compiled("area_codes")["area"].get(e164.removeprefix("+1")[:3])
    states = tuple(dict.fromkeys([*said, area["state"]] if area else said or [UNKNOWN]))
    zones = [zone for state in states for zone in zones_of(state)]
    if area and area["state"] == states[0]:
        zones = [*area["zones"], *zones]
    return Places(states, tuple(dict.fromkeys(zones)))


def zones_of(state: str) -> tuple[str, ...]:
    """Every zone of a state, the one most people live by first; every US zone for a state we do not know."""
    rows = _zones()
    return rows[state] if state in rows else tuple(dict.fromkeys(z for code in _rows() for z in rows.get(code, ())))


def window(kind: Kind, states: Sequence[str], zones: Sequence[str], courtesy: Hours = COURTESY) -> Rule:
    """The rules that bind a text of `kind` to someone who may be in any of `states` and `zones`.

    No state limits informational texts: they follow the practice's courtesy window, which marketing keeps as well. A
    state with several zones brings all of them; no state, or one without a row, brings the strictest row. Raises
    ValueError for a courtesy window that does not open before it closes.
    """
    if not courtesy[0] < courtesy[1]:
        raise ValueError("The courtesy window must open before it closes; write for example 08:00 and 20:00.")
    clocks = dict.fromkeys([*zones, *(zone for state in states for zone in zones_of(state))])
    clocks = clocks or dict.fromkeys(zones_of(UNKNOWN))
    fences = [Fence("The practice's courtesy window", "", zone, (courtesy,) * 3) for zone in clocks]
    if kind == "marketing":
        for row in _law_of(states):
            named = [row["also_zone"]] if "also_zone" in row else []
            fences += [_fence(row, zone) for zone in (*clocks, *named)]
    return Rule(kind, tuple(fences))


def caps(states: Sequence[str]) -> int | None:
    """Most marketing texts in 24 hours under the strictest of `states`, or None where none of them sets a cap."""
    found = [row["cap_24h"] for row in _law_of(states) if "cap_24h" in row]
    return min(found, default=None)


def opening(now: datetime, rule: Rule) -> Opening:
    """Whether a text may go at `now` (UTC), until or from when, and by which rule."""
    spans = {fence: _next(fence, now) for fence in rule.fences}
    shut = [fence for fence, span in spans.items() if span is None or span[0] > now]
    if not shut:
        first, closes = min(((f, span[1]) for f, span in spans.items() if span), key=lambda pair: pair[1])
        return Opening(True, closes, now, _until(first, closes))
    last = max(shut, key=lambda fence: _begin(spans[fence]))
    opens = _first_common(rule, now)
    never = "" if opens else " The clocks and rules that apply here share no open hour within two weeks."
    return Opening(False, None, opens, _why_shut(last, now) + never)


def next_local(now: datetime, zones: Sequence[str], at: time, on: date, rule: Rule | None = None) -> datetime | None:
    """UTC moment at which the recipient's clock shows `at` on `on`; None when that is already past at `now`.

    The clock is the first zone's, where the recipient most likely is. A time skipped in spring is the first moment
    after the gap; one that comes twice in autumn is the earlier, or the later when `rule` is closed at the earlier.
    """
    early, late = _moments(on, at, (*zones, *zones_of(UNKNOWN))[0])
    moment = late if rule and early != late and not opening(early, rule).open else early
    return moment if moment >= now else None


def _code(state: str | None) -> str | None:
    """The two letters of a state as people write it; None for nothing, UNKNOWN for what we do not know."""
    text = _plain(state or "")
    if not text:
        return None
    return text if text in _zones() else _codes().get(text, UNKNOWN)


def _plain(name: str) -> str:
    return " ".join(name.replace(".", "").split()).upper()


@cache
def _zones() -> dict[str, tuple[str, ...]]:
    return {row["code"]: tuple(row["zones"]) for row in compiled("state_zones")["state"]}


@cache
def _codes() -> dict[str, str]:
    return {_plain(row["name"]): row["code"] for row in compiled("state_zones")["state"]}


@cache
def _names() -> dict[str, str]:
    states = {row["code"]: row["name"] for row in compiled("state_zones")["state"]}
    return {**states, "US": "Federal law", UNKNOWN: "The row for an unknown state"}


@cache
def _rows() -> dict[str, dict[str, Any]]:
    return {row["state"]: row for row in compiled("quiet_hours")["window"]}


def _law_of(states: Sequence[str]) -> list[dict[str, Any]]:
    """The federal row and one for each state; the strictest row for a state without one, and for no state at all."""
    rows = _rows()
    names = dict.fromkeys(state if state in rows else UNKNOWN for state in states or [UNKNOWN])
    return [rows["US"], *(rows[name] for name in names)]


def _fence(row: dict[str, Any], zone: str) -> Fence:
    def hours(field: str) -> Hours | None:
        return (
            None if row[field] == "closed" else (time.fromisoformat(row[field][0]), time.fromisoformat(row[field][1]))
        )

    calendar = {"open": "open", "federal": "federal", "state": row["state"]}[row["holidays"]]
    return Fence(
        _names()[row["state"]], row["citation"], zone, (hours("weekday"), hours("saturday"), hours("sunday")), calendar
    )


def _hours(fence: Fence, day: date) -> Hours | None:
    """The hours of `day` under `fence`; None when closed."""
    if fence.holidays != "open" and holiday(day, fence.holidays):
        return None
    return fence.week[max(0, day.weekday() - 4)]


def _spans(fence: Fence, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The fence's open spans in UTC, [start, end), in order, from the one that `now` may be in."""
    today = now.astimezone(_clock(fence.zone)).date()
    for ahead in range(_HORIZON + 1):
        hours = _hours(fence, today + timedelta(days=ahead))
        if hours:
            # Strict at both ends of an hour that comes twice: open from its later start, closed from its earlier end.
            start = _moments(today + timedelta(days=ahead), hours[0], fence.zone)[1]
            end = _moments(today + timedelta(days=ahead), hours[1], fence.zone)[0]
            if end > now and start < end:
                yield start, end


def _next(fence: Fence, now: datetime) -> tuple[datetime, datetime] | None:
    return next(_spans(fence, now), None)


def _begin(span: tuple[datetime, datetime] | None) -> datetime:
    return span[0] if span else datetime.max.replace(tzinfo=UTC)


def _first_common(rule: Rule, now: datetime) -> datetime | None:
    """The first moment from `now` on at which every fence is open, or None within the horizon."""
    moment, limit = now, now + timedelta(days=_HORIZON)
    while moment < limit:
        begins = [_begin(_next(fence, moment)) for fence in rule.fences]
        latest = max(begins)
        if latest <= moment:
            return moment
        moment = latest
    return None


@cache
def _clock(zone: str) -> ZoneInfo:
    return ZoneInfo(zone)  # which keeps only eight by itself, and an unknown place has ten


@lru_cache(maxsize=4096)
def _moments(day: date, at: time, zone: str) -> tuple[datetime, datetime]:
    """The first and last UTC moment at which the clock of `zone` shows `at` on `day`.

    They differ where the clock is set back. Where it is set forward over `at`, both are the first moment after the gap.
    """
    local = datetime.combine(day, at, _clock(zone))
    first, second = local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)
    if first <= second:
        return first, second
    # In a gap: fold=0 reads the old offset and lands after the change, fold=1 the new one and lands before it.
    before, after = second, first
    old = before.astimezone(_clock(zone)).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(_clock(zone)).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after, after


def _until(fence: Fence, closes: datetime) -> str:
    local = closes.astimezone(_clock(fence.zone))
    return f"{_cited(fence)} allows it until {local:%H:%M} in {fence.zone}."


def _why_shut(fence: Fence, now: datetime) -> str:
    local = now.astimezone(_clock(fence.zone))
    day = holiday(local.date(), fence.holidays) if fence.holidays != "open" else None
    hours = _hours(fence, local.date())
    if day:
        return f"{_cited(fence)} closes holidays, and it is {day} in {fence.zone}."
    if not hours:
        return f"{_cited(fence)} closes {local:%A}s, and it is {local:%A} in {fence.zone}."
    return f"{_cited(fence)} allows {hours[0]:%H:%M} to {hours[1]:%H:%M}, and it is {local:%H:%M} in {fence.zone}."


def _cited(fence: Fence) -> str:
    return f"{fence.name} ({fence.citation})" if fence.citation else fence.name
