"""What scheduling systems call places in the United States: Windows' names of time zones, and states in full.

Zones are those rows of `supplemental/windowsZones.xml` of Unicode CLDR (2021a and later agree) whose territory is US, each
with the city that stands first in its row. Windows says "Standard" all year round and means the clock on the wall. States
are those of USPS Publication 28, appendix B: fifty, the District of Columbia, and the territories that have a code.
Checked 2026-11-21.
"""

WINDOWS_ZONES = {
    "Eastern Standard Time": "America/New_York",
    "US Eastern Standard Time": "America/Indiana/Indianapolis",
    "Central Standard Time": "America/Chicago",
    "Mountain Standard Time": "America/Denver",
    "US Mountain Standard Time": "America/Phoenix",
    "Pacific Standard Time": "America/Los_Angeles",
    "Alaskan Standard Time": "America/Anchorage",
    "Hawaiian Standard Time": "Pacific/Honolulu",
    "Aleutian Standard Time": "America/Adak",
}
"""The IANA zone by Windows' name of it."""

_STATES = """
AL Alabama; AK Alaska; AZ Arizona; AR Arkansas; CA California; CO Colorado; CT Connecticut; DE Delaware;
DC District of Columbia; DC Washington DC; FL Florida; GA Georgia; HI Hawaii; ID Idaho; IL Illinois; IN Indiana; IA Iowa;
KS Kansas; KY Kentucky; LA Louisiana; ME Maine; MD Maryland; MA Massachusetts; MI Michigan; MN Minnesota; MS Mississippi;
MO Missouri; MT Montana; NE Nebraska; NV Nevada; NH New Hampshire; NJ New Jersey; NM New Mexico; NY New York;
NC North Carolina; ND North Dakota; OH Ohio; OK Oklahoma; OR Oregon; PA Pennsylvania; RI Rhode Island; SC South Carolina;
SD South Dakota; TN Tennessee; TX Texas; UT Utah; VT Vermont; VA Virginia; WA Washington; WV West Virginia; WI Wisconsin;
WY Wyoming; AS American Samoa; GU Guam; MP Northern Mariana Islands; PR Puerto Rico; VI Virgin Islands;
VI US Virgin Islands
"""
_CODES = {name.lower(): code for code, _, name in (row.strip().partition(" ") for row in _STATES.split(";"))}


def state(said: object) -> str | None:
    """The two letters of a state said as such, with its country before it (`US-IL`), or in full; None for anything else.

    Two letters that are no state's are passed on: what is not known is bound by the strictest rule.
    """
    if not isinstance(said, str):
        return None
    name = " ".join(said.translate(_MARKS).split()).lower().removeprefix("us-")
    if len(name) == 2 and name.isascii() and name.isalpha():
        return name.upper()
    return _CODES.get(name)


_MARKS = str.maketrans({".": "", ",": " "})
