"""Where a text holds a patient's first and last name.

A name is told by its place and its neighbours, never by capitals, so that a text reads the same in any case.
"""

from collections.abc import Sequence

from texting.rules.normalise import fold
from texting.rules.phi_slots import owner, parted
from texting.rules.phi_tables import FAMILY_NAMES, GIVEN, GIVEN_OR_WORD, KNOWN, LEXICON, WORDS
from texting.rules.phi_words import Row

_BUSINESS = WORDS["business"]
_STAFF_BEFORE = WORDS["staff_before"]
_STAFF_AFTER = WORDS["staff_after"]
_ROLES = _STAFF_AFTER - frozenset(
    ("our", "and", "from", "at", "en", "will", "who", "has", "here", "desde", "accepts", "hopes")
)
_PATIENT_BEFORE = WORDS["patient_before"]
_TITLES = WORDS["titles"]
_ABBREVIATED = _TITLES | frozenset("dr dra atte att lic".split())
_GREETINGS = WORDS["greetings"]
_NOT_A_NAME = WORDS["not_a_name"]
_DOUBLE_FIRST = WORDS["double_first"]
_DOUBLE_SECOND = WORDS["double_second"]
_CELEBRATING = frozenset(
    "birthday anniversary cumpleanos felicidades congrats congratulations bienvenida bienvenido".split()
)
_MAY_BE_NAMED = _CELEBRATING | GIVEN | GIVEN_OR_WORD | _GREETINGS | {"for", "para", "patient", "paciente", "pt", ":"}
_STREET = WORDS["street"]
_NOT_A_SURNAME = WORDS["not_a_surname"]


def full_names(row: Row, staff: Sequence[str], patient: str) -> list[tuple[int, int]]:
    """Word ranges that hold a patient's first and last name; staff and the practice's people are left out."""
    texts = row.texts
    if _MAY_BE_NAMED.isdisjoint(texts) and not patient and ("," not in texts or FAMILY_NAMES.isdisjoint(texts)):
        return []
    known_staff = {tuple(fold(name).text.split()) for name in staff}
    whole = tuple(fold(patient).text.split())
    found = []
    for first, text in enumerate(texts[:-1]):
        end = _end_of_name(texts, first, row)
        if not end or any(_covers(name, texts[first:end]) for name in known_staff):
            continue
        if _covers(whole, texts[first:end]) or _is_patient(texts, first, end, text, row):
            found.append((first, end))
    if len(whole) > 1:
        found += [(n, n + len(whole)) for n in range(len(texts)) if tuple(texts[n : n + len(whole)]) == whole]
    return found


def _covers(name: Sequence[str], texts: Sequence[str]) -> bool:
    return len(name) > 1 and all(text in name for text in texts if len(text) > 1)


def _surname(text: str) -> bool:
    if len(text) < 2 or not text.isalpha() or text in _NOT_A_NAME or text in _NOT_A_SURNAME or text in _BUSINESS:
        return False
    return text in FAMILY_NAMES or (text not in KNOWN and text not in LEXICON) or text in GIVEN


def _end_of_name(texts: Sequence[str], first: int, row: Row) -> int:
    """Where a full name that begins here ends, or 0."""
    start = texts[first]
    sure = start in GIVEN
    greeted = _announced(texts, first) or _closes(texts, first)
    if not sure and start not in GIVEN_OR_WORD and not (greeted and _surname(start)):
        return 0
    place = first + 1
    while place < len(texts) - 1 and (
        (len(texts[place]) == 1 and texts[place] in _INITIALS) or texts[place] in ("de", "del", "la", "van", "von")
    ):
        place += 2 if texts[place + 1] == "." else 1
    if place >= len(texts) or parted(row, place) or owner(row, first):
        return 0
    last = texts[place]
    if not _may_follow(start, last, sure):
        return 0
    end = place + 1
    if greeted and end + 1 < len(texts) and texts[end + 1] in (",", "!", ".") and _surname(texts[end]):
        end += 1
    while end < len(texts) and texts[end] in FAMILY_NAMES and not parted(row, end):
        end += 1
    if end == first + 2 and start in _DOUBLE_FIRST and last in _DOUBLE_SECOND:
        return 0
    ends = end >= len(texts) or texts[end] in _ENDS_NAME or texts[end][0].isdigit()
    return end if ends or sure or start in GIVEN_OR_WORD else 0


def _may_follow(start: str, last: str, sure: bool) -> bool:
    """Whether two words make a first and a last name: a doubtful first name needs a listed family name."""
    if not _surname(last) or (start in _TITLES and last in GIVEN):
        return False
    return sure or (start not in _NOT_A_NAME and (start not in GIVEN_OR_WORD or last in FAMILY_NAMES))


def _closes(texts: Sequence[str], first: int) -> bool:
    """Whether a listed family name ends what follows a comma or "for": "…, Itzayana Robles."."""
    before, after = texts[first - 1] if first else "", texts[first + 2] if first + 2 < len(texts) else ""
    led = before == "," or (before == "for" and first > 1 and texts[first - 2].isdigit())
    return led and texts[first + 1] in FAMILY_NAMES and after in _CLOSING and after != ","


def _announced(texts: Sequence[str], first: int) -> bool:
    """Whether what stands before can only be followed by a person: a greeting, "reminder for", "patient"."""
    before = texts[first - 1] if first else ""
    if before in ("for", "para", ":"):
        earlier = texts[first - 2] if first > 1 else ""
        return earlier in _ANNOUNCING or earlier[:1].isdigit()
    if before == ",":
        return first > 1 and texts[first - 2] in _CELEBRATING
    return before in _GREETINGS or before in ("patient", "paciente", "pt")


_INITIALS = frozenset("bcdefghjklmnpqstvwxz")
_ANNOUNCING = frozenset(
    (
        "reminder",
        "appointment",
        "appt",
        "visit",
        "booking",
        "confirmation",
        "recordatorio",
        "cita",
        "consulta",
        "reserva",
        "table",
        "spot",
        "slot",
        "confirmed",
        "booked",
        "scheduled",
        "cancelled",
        "canceled",
        "rescheduled",
        "noshow",
        "to",
        "name",
        "confirmada",
        "cancelada",
        "agendada",
        "time",
    )
)
_ENDS_NAME = frozenset((",", "!", ".", ":", "on", "at", "@", "el", "tomorrow", "today", "manana", "hoy"))


def _is_patient(texts: Sequence[str], first: int, end: int, start: str, row: Row) -> bool:
    """Whether a full name is a patient's, by its neighbours; what cannot be told is left to the other rules."""
    before, after = _neighbours(texts, first, end)
    following = texts[end + 1] if end + 1 < len(texts) else ""
    if after in _STREET or before[:1].isdigit() or before == "ask":
        return False
    if _announced(texts, first):
        return True
    if after in ("has", "tiene") and following in ("a", "an", "una", "appointment", "cita"):
        return before not in _STAFF_BEFORE
    if before in _PATIENT_BEFORE or before in _TITLES:
        return not (after in _STAFF_AFTER and before not in _GREETINGS)
    if before in _STAFF_BEFORE or parted(row, first) or after in _STAFF_AFTER:
        return False
    if before == "," and not _PRESENTED.isdisjoint(texts[max(0, first - 7) : first - 1]):
        return False
    if after == "," and not _ROLES.isdisjoint(texts[end + 1 : end + 4]):
        return False
    listed = texts[end - 1] in FAMILY_NAMES
    if after in _CLOSING and before and before not in ".!?:":
        return (listed or start in GIVEN) and _closing_patient(texts, first, before, after)
    if not before or before in ".!?:":
        return (listed or start in GIVEN) and after in _NAMED_AFTER
    return listed and after in _NAMED_AFTER - _NAME_MARKS


def _neighbours(texts: Sequence[str], first: int, end: int) -> tuple[str, str]:
    """The telling words before and after a name: what a full stop abbreviates, "thank you" as thanks, "ask for"."""
    before, earlier = ("", "", *texts[:first])[:-3:-1]
    after = texts[end] if end < len(texts) else ""
    if before == "." and earlier in _ABBREVIATED:
        return earlier, after
    if before == "you" and earlier == "thank":
        return "thanks", after
    if before in ("for", "por") and earlier in ("ask", "asking", "look", "looking", "pregunte"):
        return "ask", after
    return before, after


# Words that present one of the practice's own people: "our new front desk lead, …".
_PRESENTED = frozenset(("our", "meet", "nuestra", "nuestro", "conozca"))


def _closing_patient(texts: Sequence[str], first: int, before: str, after: str) -> bool:
    """Whether a name that ends its clause is the reader's: after a comma that signs nothing, a time, or "for"."""
    if before == ",":
        return texts[first - 2] not in _SIGNED or after == "," or "miss" in texts[:first]
    if before == "for":
        return _COVERING.isdisjoint(texts[max(0, first - 3) : first - 1])
    return (before in _BEFORE_VOCATIVE or before[:1].isdigit()) and _WITH.isdisjoint(texts[:first])


_CLOSING = frozenset(("", ",", "!", ".", "?"))
_SIGNED = WORDS["sign_off"]
_COVERING = frozenset(
    "ask asking look looking covering cover filling standing vote applause thanks parking gift party".split()
)
_BEFORE_VOCATIVE = frozenset("soon tomorrow later there today confirmed again pronto manana hoy luego then".split())
_WITH = frozenset(("with", "con", "w", "from", "de", "by", "team", "dr", "dra"))
_NAME_MARKS = frozenset((",", ":"))
_NAMED_AFTER = WORDS["named_after"] | _NAME_MARKS
