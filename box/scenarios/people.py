"""The people on stage: their names, numbers and birth dates are marks to search every sink for."""

from box.scenarios.player import Person

ANA = Person("P-77", "Ana", "Ruizquez", "+13125550142", "1990-05-17", "es")
BEN = Person("P-78", "Ben", "Thackeraway", "+13125550143", "1984-11-02")
CARMEN = Person("P-79", "Carmen", "Ybarrolla", "+13125550144", "1972-03-29")
DAVID = Person("P-80", "David", "Okonkwosi", "+13125550145", "2001-08-08")
EVERYBODY = (ANA, BEN, CARMEN, DAVID)

SERVICE = "Laser resurfacing"
CLINICAL = "Your biopsy results are back and they show melanoma"
MARKS = (
    *(person.family for person in EVERYBODY),
    *(person.phone.removeprefix("+1") for person in EVERYBODY),
    *(person.born for person in EVERYBODY),
    SERVICE,
    "melanoma",
)
"""What to search every sink for."""
