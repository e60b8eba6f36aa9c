"""Which visit an answer can mean: the one it must be, or none, or several for a person or a short code to settle.

Property (household phones): no answer ever changes a visit that it did not uniquely name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from texting.values import Visit, VisitState

ASKED_LATELY = timedelta(hours=24)
"""How long a list of short codes stands open for an answer."""
AHEAD = timedelta(days=45)
"""How far ahead a visit may lie for an unasked answer to mean it."""


@dataclass(frozen=True, slots=True)
class Bound:
    """The visit an answer means, or the ones it could mean (soonest first)."""

    visit: Visit | None
    several: tuple[Visit, ...] = ()


def bind(
    visits: Sequence[Visit],
    asked: frozenset[str],
    choices: Sequence[str],
    options: Sequence[str],
    asked_at: datetime | None,
    now: datetime,
) -> Bound:
    """Bind an answer. `asked` are appointment ids whose confirmation we asked for; `choices` the ids behind the short
    codes 1, 2, …, put to the patient at `asked_at`; `options` the codes the answer names.
    """
    open_visits = sorted((one for one in visits if _open(one, now)), key=lambda one: str(one.start))
    if options and choices and asked_at is not None and now - asked_at <= ASKED_LATELY:
        return _by_code(open_visits, choices, options)
    ours = [one for one in open_visits if one.appointment_id in asked]
    waiting = [one for one in ours if one.state is VisitState.BOOKED]
    for group in (waiting, ours, open_visits):
        if len(group) == 1:
            return Bound(group[0])
        if group:
            return Bound(None, tuple(group[:9]))
    return Bound(None)


def _open(visit: Visit, now: datetime) -> bool:
    standing = visit.state in (VisitState.BOOKED, VisitState.CONFIRMED)
    return standing and visit.start is not None and now < visit.start <= now + AHEAD


def _by_code(visits: Sequence[Visit], choices: Sequence[str], options: Sequence[str]) -> Bound:
    """The visit behind one short code; two codes, or one we never gave, settle nothing."""
    digits = {option[-1:] for option in options}
    named = [choices[int(digit) - 1] for digit in digits if digit.isdigit() and 0 < int(digit) <= len(choices)]
    found = [one for one in visits if one.appointment_id in named]
    return Bound(found[0]) if len(found) == 1 and len(digits) == 1 else Bound(None, tuple(visits[:9]))
