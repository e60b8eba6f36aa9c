"""What a load says of texts that did not go: each reason is held against what lies outside the gate."""

from datetime import UTC, datetime
from typing import Any

import pytest

from box import refusals
from box.promises import Done, Seen

ANA = "+17735550100"
CAPS = {"per_day": 1, "per_week": 3}
AT = "2026-12-04T16:00:00.000Z"
SIX_DAYS, THREE_DAYS, A_DAY = (f"{day}T16:00:00Z" for day in ("2026-11-28", "2026-12-01", "2026-12-03"))
PLANNED = {"kind": "message.planned", "subject": "m_1", "at": "2026-12-01T15:00:00Z", "facts": {"number": "n_1"}}
STOP = {"kind": "number.stopped", "subject": "n_1", "at": "2026-12-03T22:00:00Z"}
START = {"kind": "number.started", "subject": "n_1", "at": "2026-12-03T23:00:00Z"}


def message(name: str, verdict: str, reason: str, at: str = AT, **more: Any) -> dict[str, Any]:
    last = {"verdict": verdict, "reason": reason, "sentence": more.pop("sentence", f"Because of {reason}."), "at": at}
    told = {"id": name, "thread_id": "t_1", "purpose": "reminder", "answers": None, "state": "refused"}
    return told | {"verdicts": [*more.pop("before", ()), last]} | more


def reminded(*at: str) -> list[dict[str, Any]]:
    """Reminders that reached Ana's phone at these times."""
    return [message(f"m_{when}", "send", "permitted", when, state="delivered") for when in at]


def heard(outcome: str, at: str = "2026-12-03T22:00:00Z") -> list[dict[str, Any]]:
    return [{"from": ANA, "at": at, "outcome": outcome}]


def seen(refused: dict[str, Any], others: Any = (), entries: Any = (), inbound: Any = ()) -> Seen:
    return Seen(
        now=datetime(2026, 12, 20, tzinfo=UTC), messages=[refused, *others], texts=[], phones={"t_1": ANA},
        inbound=list(inbound), entries=[PLANNED, *entries], sinks={}, health={}, accepted=True,
    )  # fmt: skip


def looked_at(found: Seen) -> tuple[str, list[str]]:
    """The lines told of a box, and the sentences about what nothing bears out."""
    known, refused = refusals.outside(found, CAPS), list(refusals.refusals(Done({ANA: ("America/Chicago",)}), found))
    return "\n".join(refusals.told(refused, known)), refusals.unexplained(refused, known)


BUSY = {"verdict": "hold", "reason": "carrier_busy", "sentence": "", "at": AT}
BORNE_OUT = [
    ("the ledger holds a STOP", seen(message("m_1", "refuse", "stopped"), entries=[STOP])),
    ("STOP, START, and STOP again", seen(message("m_1", "refuse", "stopped"), entries=[STOP, START, STOP])),
    ("a reminder had come at the same moment", seen(message("m_1", "refuse", "daily_cap"), reminded(AT))),
    ("three had come in six days", seen(
        message("m_1", "refuse", "weekly_cap"), reminded(SIX_DAYS, THREE_DAYS, A_DAY))),
    ("the patient had confirmed", seen(
        message("m_1", "refuse", "already_confirmed", state="withdrawn"), inbound=heard("confirmed"))),
    ("somebody said it was the wrong number", seen(
        message("m_1", "refuse", "suspended"), inbound=heard("wrong_number"))),
    ("the carrier had put it off", seen(message("m_1", "refuse", "too_late", before=[BUSY]))),
    ("a reply outlived its five minutes", seen(message("m_1", "refuse", "permit_expired", answers="i_1"))),
    ("the number is on the carrier's list", seen(
        message("m_1", "refuse", "carrier_refused", sentence="Refused (PHONE_NUMBER_OPTED_OUT).", state="failed"))),
]  # fmt: skip
NOT_BORNE_OUT = [
    ("nobody said STOP", seen(message("m_1", "refuse", "stopped"))),
    ("START came since", seen(message("m_1", "refuse", "stopped"), entries=[STOP, START])),
    ("STOP came after", seen(message("m_1", "refuse", "stopped"), entries=[STOP | {"at": "2026-12-05T00:00:00Z"}])),
    ("the day's reminder was yesterday's", seen(message("m_1", "refuse", "daily_cap"), reminded("2026-12-04T05:59:00Z"))),
    ("the day's reminder did not reach the carrier", seen(
        message("m_1", "refuse", "daily_cap"), [message("m_2", "refuse", "carrier_refused", state="failed")])),
    ("two are no three", seen(
        message("m_1", "refuse", "weekly_cap"), reminded(THREE_DAYS, A_DAY))),
    ("the first is a week ago", seen(
        message("m_1", "refuse", "weekly_cap"), reminded("2026-11-27T16:00:00Z", THREE_DAYS, A_DAY))),
    ("nobody confirmed", seen(message("m_1", "refuse", "already_confirmed"))),
    ("nothing put it off", seen(message("m_1", "refuse", "too_late"))),
    ("a box has room for all", seen(message("m_1", "refuse", "no_room"))),
    ("the carrier refused the text itself", seen(
        message("m_1", "refuse", "carrier_refused", sentence="Refused (RESOURCE_NOT_ACTIVE).", state="failed"))),
]  # fmt: skip


@pytest.mark.parametrize(("why", "found"), BORNE_OUT, ids=[why for why, _ in BORNE_OUT])
def test_a_refusal_with_a_reason_outside_the_gate_is_as_it_should_be(why: str, found: Seen) -> None:
    """What ledger, phone, patient or carrier bear out is told with its sentence, and fails no run."""
    told, doubtful = looked_at(found)
    assert found.messages[0]["verdicts"][-1]["sentence"] in told
    assert "as it should be" in told
    assert doubtful == []


@pytest.mark.parametrize(("why", "found"), NOT_BORNE_OUT, ids=[why for why, _ in NOT_BORNE_OUT])
def test_a_refusal_without_a_reason_outside_the_gate_is_named(why: str, found: Seen) -> None:
    """A text that may have been able to go is named, and nobody's phone with it."""
    told, doubtful = looked_at(found)
    assert "borne out for 0 only" in told
    assert doubtful[0].startswith("P1: nothing bears out why m_1 was refused on 2026-12-04")
    assert ANA not in "".join(doubtful)


def test_what_was_sent_is_no_refusal() -> None:
    """A text that went, or waits, is not told of."""
    waiting = message("m_2", "hold", "pace", state="held")
    told, doubtful = looked_at(seen(reminded(AT)[0], [waiting]))
    assert (told, doubtful) == ("", [])
