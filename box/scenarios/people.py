"""The people on stage: their names, numbers and birth dates are marks to search every sink for."""

from box.scenarios.player import Person

ANA = Person("P-77", "Ana", "Ruizquez", "+13125550142", "1990-05-17", "es")
BEN = Person("P-78", "Ben", "Thackeraway", "+13125550143", "1984-11-02")
CARMEN = Person("P-79", "Carmen", "Ybarrolla", "+13125550144", "1972-03-29")
DAVID = Person("P-80", "David", "Okonkwosi", "+13125550145", "2001-08-08")
EVE = Person("S-1", "Evelyn", "Marchetti", "+17735550161", "1988-02-20")
FELIX = Person("S-2", "Félix", "Quintanilla", "+17735550162", "1979-09-14", "es")
GRACE = Person("S-3", "Grace", "Lindqvist", "+17735550163", "1995-12-03")
HUGO = Person("S-4", "Hugo", "Abernathy", "+17735550164", "1966-06-30")
ON_STAGE = (EVE, FELIX, GRACE, HUGO)
"""Who is there when the demo opens; the stories bring people of their own."""
EVERYBODY = (ANA, BEN, CARMEN, DAVID, *ON_STAGE)

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
