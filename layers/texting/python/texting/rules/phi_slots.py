"""Where in a text the name of a business may stand, and where nothing else can."""

from texting.rules.phi_tables import GIVEN, WORDS
from texting.rules.phi_words import Row

_VISIT = WORDS["visit"]
_WHEN = WORDS["when"]
_OFFER = WORDS["offer"]
_NAME_ALONE_AFTER = WORDS["name_alone_after"]
_SIGN_OFF = WORDS["sign_off"]
_LEADS_STRAIGHT = WORDS["leads_straight"]
_SENDING = WORDS["sending"]
_BUSINESS_VERBS = WORDS["business_verbs"]
_BUSINESS_STATES = WORDS["business_states"]
_OPENS_MESSAGE = WORDS["opens_message"]
_LEADS_TO_NAME = frozenset(
    ("welcome", "visit", "directions", "closer", "bienvenida", "bienvenido", "visita", "coming", "payment")
)
_HELD = frozenset("saldo balance code codigo cuenta account points puntos membresia membership deposit".split())
_WRITING = frozenset(
    "saluda saludan escribe escriben habla hablan llama llaman escribimos hablamos llamamos somos".split()
)
_CALLING = frozenset(("call", "text", "llame", "llama", "llamar", "reach"))
_NEWS = frozenset("now new a an extended added three two more".split())
_PARTING = (" -", "- ", "--", "|", "~", "(", ")", "[", "]")
# Words before "at", "de" or "from" and a business ("the team at"), and before "for" and one ("parking for").
TEAMS = WORDS["teams"]
ASKED_FOR = WORDS["asked_for"]
# What a patient has with a business: "your Luxe Injectables points", "the Laser Lounge app".
KEPT = frozenset(
    "points rewards account membership portal receipt statement app profile login credit code website sign page waitlist"
    " newsletter card gift balance logo survey passcode wallet".split()
)
INTRODUCING = frozenset(
    "is its stopping stopped sent dropping habla soy escribe saluda im hablo hablamos llamo llamamos escribo escribimos"
    " comunico comunicamos saludamos llaman escriben hablan".split()
)


# What only a business follows: the word before it, and the words before that one.
_LEADING_PAIRS: dict[str, frozenset[str]] = {
    ",": frozenset(("preferencia", "regards", "saludos")),
    "to": _LEADS_TO_NAME,
    "a": _LEADS_TO_NAME,
    "at": TEAMS,
    "from": TEAMS | _SENDING,
    "de": TEAMS | _SENDING | ASKED_FOR,
    "for": ASKED_FOR | _HELD,
    "con": _HELD,
    "with": _HELD,
    "en": _HELD,
    "by": frozenset(("coming", "stopping", "swinging", "dropping", "stop", "come", "swing")),
    "is": frozenset(("this", "name")),
    "es": frozenset(("this", "nombre")),
}


def parted(row: Row, place: int) -> bool:
    """Whether a dash with space around it, a line or a bracket parts this word from the one before."""
    if not row.partable:
        return False
    between = row.gap(place)
    return len(between) > 1 and any(mark in between for mark in _PARTING)


def raw(row: Row, place: int) -> str:
    return row.folded[row.spans[place][0] : row.spans[place][1]]


def owner(row: Row, place: int) -> bool:
    return "'" in row.folded and raw(row, place).endswith("'s")


def around(row: Row, first: int, end: int) -> tuple[str, str]:
    after = row.texts[end] if end < len(row.texts) and not parted(row, end) else "."
    return row.texts[first - 1] if first else ".", after


def slot(row: Row, first: int, end: int, shape: int) -> int:
    """2 where only a business can stand, 1 where one may, else 0."""
    texts = row.texts
    before, after = around(row, first, end)
    if _only_business_before(row, first, before) or _only_business_after(row, first, end, shape):
        return 2
    at = before in ("with", "at", "from", "to", "con", "en") and after != "was"
    if after in _VISIT and not (at and shape > 1 and after in _WHEN):
        return 0
    framed = end < len(texts) and parted(row, end)
    opening = first == 0 or (first == 1 and before in ("from", "de"))
    titled = ((opening or parted(row, first)) and after == ":") or (framed and (first == 0 or parted(row, first)))
    if titled and _OFFER.isdisjoint(texts) and not _OPENS_MESSAGE.isdisjoint(texts[end : end + 2]):
        return 2
    alone = end == len(texts) or (end == len(texts) - 1 and texts[end] in ".!")
    closing = alone and before in ".!" and first > 0 and shape > 1
    led = titled or closing or _introduced(row, first, before) or _signature(row, first, end, before)
    return int(led or before in _NAME_ALONE_AFTER or (at and shape > 1))


def _only_business_before(row: Row, first: int, before: str) -> bool:
    earlier = row.texts[first - 2] if first > 1 else ""
    if before in _LEADS_STRAIGHT or before in _WRITING or earlier in _LEADING_PAIRS.get(before, ()):
        return True
    return we_are(row, first, before) or (before in ("from", "de") and _sent_by(row, first, earlier))


def _sent_by(row: Row, first: int, earlier: str) -> bool:
    """Whether before "from" or "de" someone presents themself ("soy Ana de")."""
    if INTRODUCING.isdisjoint(row.texts[max(0, first - 4) : first - 1]):
        return False
    return earlier in GIVEN or earlier == "," or (first > 2 and row.texts[first - 3] in INTRODUCING)


def we_are(row: Row, first: int, before: str) -> bool:
    """Whether "we are" or "we're" stands before."""
    earlier = row.texts[first - 2] if first > 1 else ""
    return (before == "are" and earlier == "we") or (before == "were" and "'" in raw(row, first - 1))


def _only_business_after(row: Row, first: int, end: int, shape: int) -> bool:
    texts = row.texts
    before, after = texts[first - 1] if first else "", texts[end : end + 3]
    if owner(row, end - 1):
        return True
    if before in _CALLING or (before == "a" and first > 1 and texts[first - 2] in _CALLING):
        return bool(after) and after[0] in ("at", "al", "on", "@", "after", "anytime", "during")
    if not after or parted(row, end):
        return False
    if after[0] in ("le", "les", "te", "lo", "la"):
        after = after[1:]
    if after[0] == "is" and after[1:2] == ["moved"]:
        return False
    if after[0] in ("is", "will", "has", "are", "be", "esta", "estara"):
        return not _BUSINESS_STATES.isdisjoint(after[1:]) or (shape > 1 and not _NEWS.isdisjoint(after))
    if after[0] in _BUSINESS_STATES and shape > 1:
        return True
    return after[0] in _BUSINESS_VERBS or (shape > 1 and after[0] in KEPT)


def _introduced(row: Row, first: int, before: str) -> bool:
    """Whether "it's", "this is" or "this is Mia with" stands before."""
    earlier = row.texts[max(0, first - 4) : first - 1]
    if before == "its" or (before == "is" and earlier[-1:] == ["this"]):
        return True
    return before in ("with", "from", "at", "by", "de") and not INTRODUCING.isdisjoint(earlier[-2:])


def _signature(row: Row, first: int, end: int, before: str) -> bool:
    ends = end == len(row.texts) or (end == len(row.texts) - 1 and row.texts[end] in ".!")
    signed = before in _SIGN_OFF or (before in ",." and first > 1 and row.texts[first - 2] in _SIGN_OFF)
    return ends and (signed or parted(row, first))
