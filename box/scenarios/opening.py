"""What is on stage when the demo opens: a few patients with their first visits, come in through the doors like any other.

They are put there a little before the box's first moment, so that their first texts are on the phones and the clock still
begins exactly where it was told to.
"""

from datetime import timedelta

from box.scenarios.people import EVE, FELIX, GRACE, HUGO
from box.scenarios.player import Box

EARLIER = timedelta(minutes=10)
"""How long before the box's first moment the stage is set."""


def set_the_stage(box: Box) -> None:
    """Three patients with consent and a visit each, and one who has a visit and never agreed to texts."""
    for person in (EVE, FELIX, GRACE):
        box.consent(person)
    for turn, (person, days) in enumerate(((EVE, 6), (FELIX, 4), (GRACE, 9), (HUGO, 5)), 1):
        box.webhook(box.visit("booked", f"V-{turn}", person, box.day(days, 11)))
