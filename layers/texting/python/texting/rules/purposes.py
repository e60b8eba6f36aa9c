"""What each text is for: its category of consent, and how it may travel. One row per purpose, for gate and flows."""

from dataclasses import dataclass

from texting.values import Category


@dataclass(frozen=True, slots=True)
class Purpose:
    """One purpose. `category` None means no consent is asked (a reply to the patient's own text).

    `capped` texts count towards the caps. `despite_stop` replies may go to a number that said STOP, by permit.
    `about_visit` texts stop being true when the visit changes. `asks` texts ask the patient to confirm.
    """

    name: str
    category: Category | None
    capped: bool = False
    despite_stop: bool = False
    about_visit: bool = False
    asks: bool = False


_ROWS = (
    Purpose("booking_confirmation", Category.APPOINTMENTS, about_visit=True, asks=True),
    Purpose("visit_moved", Category.APPOINTMENTS, about_visit=True, asks=True),
    Purpose("reminder", Category.APPOINTMENTS, capped=True, about_visit=True, asks=True),
    Purpose("secure_notice", Category.GENERAL),
    Purpose("consent_confirmation", None),
    Purpose("staff_text", Category.GENERAL),
    Purpose("stop_confirmation", None, despite_stop=True),
    Purpose("stop_confirmation_visit", None, despite_stop=True),
    Purpose("start_confirmation", None),
    Purpose("start_waits", None, despite_stop=True),
    Purpose("help_reply", None, despite_stop=True),
    Purpose("safety_reply", None, despite_stop=True),
    Purpose("safety_reply_crisis", None, despite_stop=True),
    Purpose("confirm_reply", None),
    Purpose("cancel_reply", None),
    Purpose("reschedule_reply", None),
    Purpose("late_reply", None),
    Purpose("which_visit", None),
    Purpose("received_reply", None),
    Purpose("risk_warning", None),
)
PURPOSES = {row.name: row for row in _ROWS}
PERSONAL = frozenset({"staff_text"})
"""Written by a person: refused with its reason, never diverted behind the writer's back."""
