"""Whether a name belongs to the practice's own people, to a place or to somebody famous, by what stands around it."""

from collections.abc import Sequence
from itertools import pairwise

from texting.rules.phi_names import Name
from texting.rules.phi_slots import parted
from texting.rules.phi_tables import FAMILY_NAMES, GIVEN, GIVEN_OR_WORD, WORDS
from texting.rules.phi_words import Row

_ROLES = WORDS["roles"]
_CREDENTIALS = WORDS["credentials"]
_STAFF_LEADS = WORDS["staff_leads"]
_STAFF_DOES = WORDS["staff_does"]
_DESKS = WORDS["desks"]
_NAMED_FOR = WORDS["named_after_people"]
_PLACE_LEADS = WORDS["place_leads"]
_FAMOUS = WORDS["famous"]
_SIGNED = WORDS["sign_off"]
_LEADS_TO = WORDS["leads_to"]
_TITLES = WORDS["titles"]
_PATIENT_LEADS = WORDS["patient_leads"]
_PARTICLES = WORDS["particles"]
_TRYING = frozenset("trying tried unable attempting couldnt tratando tratamos".split())
_HEARD_FROM = frozenset(
    "reply response callback voicemail received heard payment request complaint form review".split()
)
_OFTEN_STAFF = frozenset("from de of with con in ask pregunte see contact".split())
_DEPARTMENTS = frozenset("recepcion reception frontdesk billing scheduling facturacion cobranza caja".split())
_LABELS = _DESKS - {"patient", "guest", "our"} | _ROLES | _STAFF_LEADS | {"who", "quien"}
_LEADS = frozenset(
    (("to", "farewell"), ("here", "is"), *(("for", verb) for verb in ("ask", "asking", "look", "covering", "filling")))
)
_CLOSING_WORDS = frozenset(
    "regards sincerely atentamente atte cordially cordialmente respectfully saludos yours".split()
)
_DAYS_AND_STREETS = WORDS["street_after"] | {"day", "way", "plaza", "square", "center", "family"}
_THANKS = frozenset(("thank", "thanks", "you", "gracias", "love"))
_ABBREVIATED = _TITLES | frozenset("dr dra drs atte att lic st".split())
_SENTENCE_ENDS = frozenset(".!?;:")
_ALSO_WORDS = frozenset("le do pt ma me pa od dc".split())
_FROM = frozenset("from in at de en desde with w @ a".split())
_OWN = frozenset("our your su nuestra nuestro new newest nueva nuevo tu".split())
_ARTICLES = frozenset(("the", "la", "el", "a", "una", "un"))
_BEFORE_ROLE = WORDS["before_role"]
_AFTER_ROLE = frozenset(("", ",", "at", "with", "de", "del", "for", "from", "of", "en", "and", "&"))
_WILL = frozenset("will ll can would podra puede va may".split())
_HELPS = WORDS["staff_helps"]
_PRONOUNS = frozenset("le les te lo los la las".split())
_RELATIVES = WORDS["relatives"]
_COMING = frozenset("coming came come stopping stopped checked checking check way call called calling step".split())
_HELPS_ES = WORDS["staff_helps_es"]
_STATES = WORDS["staff_states"]
_PATIENT_STATES = WORDS["patient_states"]
_HAS = WORDS["staff_has"]
_OF_PATIENT = WORDS["of_patient"]
_CALLING = WORDS["calling"]
_AT_NUMBER = frozenset("at al @ for with to if para si on ext directly".split())
_SPEAKING = WORDS["speaking"]
_SAID = frozenset("my this its name nombre here".split())
_GOOD = frozenset(("good", "buenos", "buenas", "happy"))
_PARTS_OF_DAY = frozenset("morning afternoon evening day dias tardes noches birthday".split())
_NEWCOMERS = frozenset(("new", "newest", "meet", "nueva", "nuevo"))
_SERVICE = frozenset("us service nosotros servicio practice here aqui".split())
_TEAM = frozenset("team equipo staff crew".split())
_JOINING = WORDS["joining"]


def around_name(row: Row, name: Name) -> tuple[str, str, str]:
    """The word before a name, the one before that, and the one after; a title's full stop is left out."""
    texts = row.texts
    before, earlier = ("", "", *texts[: name.first])[:-3:-1]
    if before == "." and earlier in _ABBREVIATED:
        before, earlier = earlier, texts[name.first - 3] if name.first > 2 else ""
    return before, earlier, texts[name.end] if name.end < len(texts) else ""


def staff_or_place(row: Row, name: Name) -> bool:
    """Whether a name is not a patient's."""
    texts = row.texts
    before, earlier, after = around_name(row, name)
    if after in _NAMED_FOR or _famous(texts, name):
        return True
    if before in _RELATIVES:
        return False
    greeted = before in _PATIENT_LEADS or (before in _PARTS_OF_DAY and earlier in _GOOD)
    if texts[name.end - 1] in _NAMED_FOR and not greeted and not _sure_person(texts, name):
        return True
    if before == ":" and not _LABELS.isdisjoint(texts[max(0, name.first - 5) : name.first - 1]):
        return True
    if before in _TITLES and _surnames_only(texts[name.first : name.end]):
        return True
    if _credited(texts, name) or _of_desk(texts, name) or _acts(texts, name):
        return True
    return _led(row, name, before, earlier, after) or _signs(row, name, before, earlier) or _joins(texts, name)


def _sure_person(texts: Sequence[str], name: Name) -> bool:
    """Whether a name that ends like a place ("Sarah Park") begins with a given name and has just two words."""
    return texts[name.first] in GIVEN and name.end == name.first + 2 and texts[name.end - 1] not in _DAYS_AND_STREETS


def _surnames_only(words: Sequence[str]) -> bool:
    """Whether what follows a title is family names alone ("Sr. Ruiz Mendoza", "Mrs. Van Buren")."""
    start = words[0]
    if "," in words:
        return False
    return start in _PARTICLES or (start in FAMILY_NAMES and start not in GIVEN and start not in GIVEN_OR_WORD)


def _famous(texts: Sequence[str], name: Name) -> bool:
    words = texts[name.first : name.end]
    return any(left + right in _FAMOUS for left, right in pairwise(words))


def _credited(texts: Sequence[str], name: Name) -> bool:
    """Whether letters such as RN or PA follow."""
    place = name.end + (texts[name.end : name.end + 1] == [","])
    after = texts[place : place + 2]
    if not after or after[0] not in _CREDENTIALS:
        return False
    return after[0] not in _ALSO_WORDS or len(after) == 1 or not after[1].isalnum() or after[1] == "c"


def _of_desk(texts: Sequence[str], name: Name) -> bool:
    """Whether a role or a desk follows: "… from the front desk", ", our office manager", "in billing"."""
    after = _clause(texts, name.end, 5)
    if not after:
        return False
    if after[:2] == ["front", "desk"] or after[0] in _DEPARTMENTS or after[:2] == [",", "who"]:
        return True
    if after[0] == ",":
        return _presented(after[1:])
    if after[0] == "at" and name.first and texts[name.first - 1] in _PATIENT_LEADS:
        return False
    if after[0] in _FROM:
        near = after[1:3] if after[0] == "at" else after[1:4]
        return not (_DESKS | _ROLES).isdisjoint(near)
    return (after[0] in _OWN or after[0] in _ARTICLES) and not _ROLES.isdisjoint(after[1:])


def _clause(texts: Sequence[str], start: int, most: int) -> Sequence[str]:
    """The words from here to the sentence's end, at most so many."""
    end = start
    while end < min(len(texts), start + most) and texts[end] not in _SENTENCE_ENDS:
        end += 1
    return texts[start:end]


def _presented(after: Sequence[str]) -> bool:
    """Whether a role stands there by itself (", our office manager", ", front desk"), and begins no sentence."""
    for place, text in enumerate(after):
        if text in _ROLES or text in _DESKS - _OWN:
            then = after[place + 1] if place + 1 < len(after) else ""
            if then not in _DESKS and then not in _ROLES:
                return then in _AFTER_ROLE
        elif text not in _OWN and text not in _ARTICLES and text not in _BEFORE_ROLE:
            return False
    return False


def _acts(texts: Sequence[str], name: Name) -> bool:
    """Whether what the name does is what the practice's own do: "… will call you", "… is out", "… le atenderá"."""
    does, what, then = (*texts[name.end : name.end + 3], "", "", "")[:3]
    if does in _STAFF_DOES or does in ("looks", "hopes", "says"):
        return does != "says" or what in ("hi", "hello", "hola", "thanks")
    if does in ("and", "&", "y"):
        return not _STAFF_DOES.isdisjoint(texts[name.end : name.end + 5])
    if does == "here":
        return what in (",", "with", "from", "calling", "returning", "at", ".", "checking")
    if does in _WILL:
        return what in _HELPS or (what in ("not", "only") and then in _HELPS)
    if does in _PRONOUNS:
        return what in _HELPS_ES
    if does in ("is", "are", "esta", "es", "ya", "was"):
        return (what in _STATES and then not in _PATIENT_STATES) or (what == "next" and then in ("door", "to"))
    if does in ("no", "estara"):
        return does == "estara" or what in ("estara", "estaran", "viene")
    return does in ("has", "have", "tiene", "tienen") and (what in _HAS or then in _HAS)


def _led(row: Row, name: Name, before: str, earlier: str, after: str) -> bool:
    """Whether what stands before leads to staff or to a place."""
    texts = row.texts
    if before in _CALLING:
        return after in _AT_NUMBER or after[:1].isdigit()
    if before in ("and", "&", "y"):
        return _led_by_other(texts, name.first)
    if not _TRYING.isdisjoint(texts[max(0, name.first - 4) : name.first]):
        return False
    if before in ("is", "es"):
        return earlier in _SAID or _of_role(texts, name.first)
    if (before, earlier) in _LEADS or (before == "to" and (earlier in _LEADS_TO or _handed_over(texts, name.first))):
        return True
    if before in _OFTEN_STAFF:
        return not _of_reader(before, earlier, after)
    return before in _STAFF_LEADS or before in _PLACE_LEADS or before in _HELPS_ES or _of_role(texts, name.first)


def _handed_over(texts: Sequence[str], first: int) -> bool:
    """Whether one of the staff is exchanged for another: "… changed from Ana Ruiz to …"."""
    return "from" in texts[max(0, first - 5) : first]


def _of_reader(before: str, earlier: str, after: str) -> bool:
    """Whether a word that mostly leads to staff leads to a patient here: "cita de …", "am I speaking with …"."""
    if before in ("de", "of"):
        return earlier in _OF_PATIENT
    if before == "from":
        return earlier in _HEARD_FROM
    if before in ("with", "con"):
        return earlier in _SPEAKING and after == "?"
    return earlier in _COMING if before == "in" else after == "to"


def _led_by_other(texts: Sequence[str], first: int) -> bool:
    """Whether the name before "and" was led to as staff's."""
    earlier = texts[max(0, first - 7) : first - 1]
    return not (_STAFF_LEADS - {"and", "&"} | _ROLES | _OWN).isdisjoint(earlier)


def _of_role(texts: Sequence[str], first: int) -> bool:
    """Whether a role stands shortly before in the same clause: "your coordinator is", "our new front desk lead,"."""
    start = max(0, first - 6)
    for place in range(first - 1, start - 1, -1):
        if texts[place] in _SENTENCE_ENDS and not (texts[place] == "." and texts[place - 1] in _ABBREVIATED):
            start = place + 1
            break
    window = texts[start:first]
    if _ROLES.isdisjoint(window):
        presented = not _NEWCOMERS.isdisjoint(window) and _RELATIVES.isdisjoint(window)
        return presented and texts[first - 1] not in _PATIENT_LEADS
    near = window[-3:]
    return not _OWN.isdisjoint(window) or ("," not in near and not _ROLES.isdisjoint(near))


def _signs(row: Row, name: Name, before: str, earlier: str) -> bool:
    """Whether the name ends the text as a signature."""
    texts = row.texts
    if before == "," and earlier in _CLOSING_WORDS:
        return True
    if any(text.isalnum() for text in texts[name.end :]):
        return False
    thanked = earlier != "you" or "thank" in texts[: name.first]
    if (before in _SIGNED and before not in _THANKS) or (before == "," and earlier in _SIGNED and thanked):
        return True
    dashed = name.first > 0 and (parted(row, name.first) or row.gap(name.first).rstrip(" ").endswith("-"))
    return dashed and not before[:1].isdigit() and before not in ("am", "pm")


def _joins(texts: Sequence[str], name: Name) -> bool:
    """Whether the text welcomes somebody to the team or honours years of work."""
    if not _TEAM.isdisjoint(texts) and not _JOINING.isdisjoint(texts):
        return True
    later = texts[name.end : name.end + 6]
    return ("years" in later or "year" in later) and not _SERVICE.isdisjoint(later)
