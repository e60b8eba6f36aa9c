"""The checks of chaos and load: each notices the breach it is there for, and is silent where all is well."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from box.promises import Done, Seen, broken

ANA = "+13125550161"
NOON = "2026-12-02T18:00:00Z"
MESSAGE = {"id": "m_1", "carrier_id": "c-1", "thread_id": "t_1", "state": "delivered", "answers": None,
           "purpose": "reminder", "deadline": "2026-12-03T02:00:00Z", "verdicts": [{"verdict": "send"}],
           "appointment_id": "X-1"}  # fmt: skip
TEXT = {"direction": "out", "to": ANA, "message_id": "c-1", "at": NOON}
CLAIM = {"kind": "message.claimed", "subject": "m_1", "at": NOON,
         "facts": {"number": "n_1", "purpose": "reminder", "standing_version": 0}}  # fmt: skip
STOP = {"kind": "number.stopped", "subject": "n_1", "at": "2026-12-02T17:00:00Z"}
HEARD = {"id": "i_1", "inbound_id": "in-1", "outcome": "confirmed"}
WELL = Seen(
    now=datetime(2026, 12, 20, tzinfo=UTC), messages=[MESSAGE], texts=[TEXT], phones={"t_1": ANA}, inbound=[HEARD],
    entries=[CLAIM], sinks={"logs": ["all is well"], "dead_letters": []}, health={"lost": [], "troubles": []},
    accepted=True,
)  # fmt: skip
DONE = Done({ANA: ("America/Chicago",)}, {"in-1"}, {"X-1"}, {"Quiverstone"})


def test_a_box_where_all_is_well_breaks_nothing() -> None:
    """No promise is seen broken where none was."""
    assert broken(DONE, WELL) == []


def test_a_text_in_doubt_may_be_on_the_phone() -> None:
    """One text without a name is no breach when one message is in doubt."""
    seen = replace(WELL, messages=[MESSAGE | {"state": "in_doubt", "carrier_id": None}])
    assert broken(DONE, seen) == []


def test_a_claim_after_start_is_no_breach() -> None:
    """STOP and START in the same second, told by the version the claim was decided on."""
    restart = STOP | {"kind": "number.started"}
    claim = CLAIM | {"facts": CLAIM["facts"] | {"standing_version": 2}}  # type: ignore[operator]
    assert broken(DONE, replace(WELL, entries=[restart, STOP, claim])) == []


BREACHES = {
    "P3: 1 texts": {"texts": [TEXT, TEXT | {"message_id": "c-2"}]},
    "P3: the carrier": {"texts": [TEXT, TEXT]},
    "P2: a reminder was claimed at 2026-12-02T18:00:00Z on": {"entries": [STOP, CLAIM]},
    "P2: a reminder was claimed at 2026-12-02T18:00:00Z, after": {
        "entries": [STOP, CLAIM | {"facts": CLAIM["facts"] | {"standing_version": 1}}]  # type: ignore[operator]
    },
    "P4: m_1": {"texts": [TEXT | {"at": "2026-12-03T02:01:00Z"}]},
    "2 reminders": {
        "texts": [TEXT, TEXT | {"message_id": "c-2"}],
        "messages": [MESSAGE, MESSAGE | {"id": "m_2", "carrier_id": "c-2"}],
    },
    "P10: the patient's text in-1 is kept 0": {"inbound": []},
    "P10: the patient's text in-1 is kept 2": {"inbound": [HEARD, HEARD]},
    "P10: the patient's text i_1 has no": {"inbound": [HEARD | {"outcome": ""}]},
    "P10: m_1 hangs": {"messages": [MESSAGE | {"state": "held"}]},
    "P1: m_1 ended": {"messages": [MESSAGE | {"verdicts": []}]},
    "P10: the visit X-1": {"messages": [MESSAGE | {"appointment_id": "X-2"}]},
    "P10: a dead letter": {"sinks": {"logs": [], "dead_letters": [{"queue": "outbox-dead"}]}},
    "P10: the function": {"health": {"lost": ["ledger"], "troubles": []}},
    "P9: a patient is named in logs": {"sinks": {"logs": ["for Quiverstone"], "dead_letters": []}},
    "P7": {"accepted": False},
}


@pytest.mark.parametrize("sentence", BREACHES)
def test_each_breach_is_noticed_and_named(sentence: str) -> None:
    """A sentence for each, that begins with its promise and holds no patient."""
    found = broken(DONE, replace(WELL, **BREACHES[sentence]))  # type: ignore[arg-type]
    assert any(one.startswith(sentence) for one in found), found
    assert not any("Quiverstone" in one or ANA in one for one in found)
