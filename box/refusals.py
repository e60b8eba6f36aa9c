"""Why texts did not go, in the gate's own words, and whether what lies outside the gate bears each of them out.

A refusal is borne out by other evidence than its own: the ledger's STOPs, what reached that phone, what the patient wrote,
what the carrier was told to do. One that nothing bears out is named, for somebody to look into: it may be a text that
could have gone.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from box.promises import HANDED, Done, Seen

WEEK = timedelta(days=7)
NAMED = 5
"""Refusals that nothing bears out which are named one by one, for each of the gate's sentences."""


@dataclass(frozen=True)
class Refusal:
    """One text that did not go: the gate's reason and sentence, when, and for whom."""

    message: Mapping[str, Any]
    reason: str
    sentence: str
    at: datetime
    phone: str
    zone: ZoneInfo

    @property
    def day(self) -> str:
        """The day at the recipient."""
        return f"{self.at.astimezone(self.zone):%Y-%m-%d}"


@dataclass
class Outside:
    """What is known of each phone and number without asking the gate, and the practice's caps."""

    per_day: int
    per_week: int
    reminded: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    stopped: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    started: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    heard: dict[str, list[tuple[datetime, str]]] = field(default_factory=lambda: defaultdict(list))
    numbers: dict[str, str] = field(default_factory=dict)


def outside(seen: Seen, sending: Mapping[str, Any]) -> Outside:
    """Gather it from what a visitor sees of a box; `sending` is that section of the practice's settings."""
    known = Outside(sending["per_day"], sending["per_week"])
    for one in seen.messages:
        last = one["verdicts"][-1] if one["verdicts"] else {}
        if one["purpose"] == "reminder" and one["state"] in HANDED and last["verdict"] == "send":
            known.reminded[seen.phones.get(one["thread_id"], "")].append(_time(last["at"]))
    for entry in seen.entries:
        if entry["kind"] in ("number.stopped", "number.started"):
            kept = known.stopped if entry["kind"] == "number.stopped" else known.started
            kept[entry["subject"]].append(_time(entry["at"]))
        if entry["kind"] == "message.planned":
            known.numbers[entry["subject"]] = entry["facts"]["number"]
    for text in seen.inbound:
        known.heard[text["from"]].append((_time(text["at"]), text["outcome"]))
    return known


def refusals(done: Done, seen: Seen) -> Iterator[Refusal]:
    """The texts whose last verdict was that they may not go, whatever state that left them in."""
    for one in seen.messages:
        last = one["verdicts"][-1] if one["verdicts"] else {}
        if last.get("verdict") == "refuse":
            phone = seen.phones.get(one["thread_id"], "")
            zone = ZoneInfo(done.zones.get(phone, ("UTC",))[0])
            yield Refusal(one, last["reason"], last["sentence"], _time(last["at"]), phone, zone)


def told(found: Iterable[Refusal], known: Outside) -> Iterator[str]:
    """The refusals as lines, most frequent first: how many, how they ended, the sentence, and what bears it out."""
    groups: dict[tuple[str, str, str], list[Refusal]] = defaultdict(list)
    for one in found:
        groups[one.message["state"], one.reason, one.sentence].append(one)
    for (state, reason, sentence), group in sorted(groups.items(), key=lambda each: -len(each[1])):
        because = BECAUSE[reason][0] if reason in BECAUSE else "nothing that happens to a box brings this about"
        borne = sum(_borne_out(one, known) for one in group)
        verdict = "as it should be" if borne == len(group) else f"borne out for {borne} only"
        yield f"  {len(group):>5} {state}, {reason}: {sentence}\n        {verdict}: {because}"


def unexplained(found: Iterable[Refusal], known: Outside) -> list[str]:
    """A sentence for each refusal that nothing outside the gate bears out, a few for each of the gate's sentences."""
    counts, sentences = Counter[str](), list[str]()
    for one in found:
        if not _borne_out(one, known):
            counts[one.sentence] += 1
            if counts[one.sentence] <= NAMED:
                sentences.append(
                    f"P1: nothing bears out why {one.message['id']} was refused on {one.day}: {one.sentence}"
                )
    return sentences


def _borne_out(one: Refusal, known: Outside) -> bool:
    return one.reason in BECAUSE and BECAUSE[one.reason][1](one, known)


def _stopped(one: Refusal, known: Outside) -> bool:
    number = known.numbers.get(one.message["id"], "")
    stops, starts = ([at for at in kept[number] if at <= one.at] for kept in (known.stopped, known.started))
    return len(stops) > len(starts)


def _had_the_days(one: Refusal, known: Outside) -> bool:
    days = [f"{at.astimezone(one.zone):%Y-%m-%d}" for at in known.reminded[one.phone] if at <= one.at]
    return days.count(one.day) >= known.per_day


def _had_the_weeks(one: Refusal, known: Outside) -> bool:
    return sum(timedelta(0) <= one.at - at < WEEK for at in known.reminded[one.phone]) >= known.per_week


def _said(outcome: str) -> Callable[[Refusal, Outside], bool]:
    return lambda one, known: any(at <= one.at and said == outcome for at, said in known.heard[one.phone])


def _held_up(one: Refusal, known: Outside) -> bool:
    """Whether the carrier put it off; a reply, which has five minutes, may also have died with its worker."""
    busy = any(verdict["reason"] == "carrier_busy" for verdict in one.message["verdicts"])
    return busy or bool(one.message["answers"])


def _on_the_list(one: Refusal, known: Outside) -> bool:
    return "OPTED_OUT" in one.sentence


BECAUSE: Mapping[str, tuple[str, Callable[[Refusal, Outside], bool]]] = {
    "stopped": ("the ledger holds that number's STOP, and no START since", _stopped),
    "daily_cap": ("the day's number of reminders had gone to that phone", _had_the_days),
    "weekly_cap": ("the week's number of reminders had gone to that phone", _had_the_weeks),
    "already_confirmed": ("a text from that phone confirmed", _said("confirmed")),
    "suspended": ("a text from that phone said that it was the wrong number", _said("wrong_number")),
    "too_late": ("the carrier had put it off", _held_up),
    "too_late_for_window": ("the carrier had put it off", _held_up),
    "permit_expired": ("a reply lives five minutes, and carrier or worker failed meanwhile", _held_up),
    "carrier_refused": ("the laboratory's carrier was told to say so", _on_the_list),
}
"""What must be so outside, for each reason that a load can bring about. `no_room` is not among them: the pace of a box has
room for any load, so a text refused for it could have gone."""


def _time(at: str) -> datetime:
    return datetime.fromisoformat(at)
