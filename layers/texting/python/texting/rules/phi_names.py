"""Whose name a text holds: the practice's (which may sound clinical) and the patient's (which may not stand in full).

Names are told by their place and their neighbours, never by capitals, so that a text reads the same in any case.
"""

import re
from collections.abc import Iterable, Sequence

from texting.rules.normalise import fold
from texting.rules.phi_tables import FAMILY_NAMES, GIVEN, GIVEN_OR_WORD, KNOWN, LEXICON
from texting.rules.phi_words import Word, words

_BUSINESS = frozenset(
    "spa spas medspa medspas medispa clinic clinics clinica clinicas center centers centre centro bar lounge studio studios "
    "institute instituto aesthetics aesthetic esthetics aesthetica estetica esteticas dermatology dermatologia derm "
    "boutique associates consultorio co company collective haus house group practice md pllc llc inc parlor society "
    "club loft specialists spot shop salon medical wellness bienestar beauty belleza medicine medicina med physicians "
    "atelier sanctuary retreat oasis solutions partners hospital bodywork apothecary rejuvenation vitality surgery "
    "pharmacy farmacia oncology health salud care".split()
)
_SOFT_BUSINESS = frozenset(
    "skin laser lasers face body vein veins brow brows lash lip lips derma hair injectables".split()
)
_LEADING = frozenset("clinica centro instituto estetica consultorio clinicas spa studio casa medspa maison atelier".split())
_JOINERS = frozenset("& + and y of de del the la el n by dr @".split())
_BEFORE_NAME = frozenset(
    "at from to choosing team visit visiting by is en desde equipo call join with the follow about of a de para con "
    "somos soy thanks thank gracias love xo xoxo x . , ! ? : ; / in inside trust trusting elegir preferir contact "
    "text near & its family".split()
)
_NAME_ALONE_AFTER = frozenset("at from choosing team visit visiting equipo join welcome to by elegir somos".split())
_SIGN_OFF = frozenset(
    "thanks thank gracias love xo xoxo atentamente atte saludos regards team cheers best warmly you".split()
)
_NEVER_IN_NAME = frozenset(
    "i you your yours we our ours us my me he she they them their his her it its this that these those is are was were be been being am "
    "do does did done have has had having will would can could should may might must shall not no yes ok okay if or but so because when while "
    "where what who how why which then than as to in on off up down out over under before after since until during about into with without "
    "for from at by today tomorrow tonight yesterday morning afternoon evening noon day days week weeks month months year hour hours minute "
    "minutes min mins am pm monday tuesday wednesday thursday friday saturday sunday mon tue tues wed weds thu thur thurs fri sat sun january "
    "february march april june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec next last "
    "first now soon later again please reply text call click tap visit confirm confirmed confirming cancel canceled cancelled reschedule rescheduled "
    "reminder remind reminding appointment appointments appt appts session sessions treatment treatments consult consultation service services "
    "booking booked book scheduled schedule upcoming update opening openings available availability spot slot time times date here there hi hello "
    "hey dear hola thanks thank gracias see sorry just also only all any some more most new need needs want get got come coming go going let lets "
    "make made take takes ready due set back moved changed change arrive early late left right park parking door free sale special specials offer "
    "deal promo save per each every both one two three four five six seven eight nine ten dr dra mr mrs ms miss nurse np rn pa stop help end "
    "balance payment invoice deposit paid pay owe refund bill message secure link portal form forms code account card fee miss missed love like "
    "look looking forward welcome choosing open closed happy hope ask try learn introducing announcing now's results result follow followup "
    "touchup patient patients pt client room full "
    "en desde somos soy su sus tu tus mi le les te se nos que es son esta estan fue ser para por con sin a ante hoy manana ayer noche tarde tardes dias buenos buenas lunes "
    "martes miercoles jueves viernes sabado domingo enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre "
    "cita citas sesion sesiones tratamiento tratamientos consulta consultas servicio servicios recordatorio recordamos confirmamos confirme confirmada "
    "confirmado confirmar responda llame llamenos favor si no ya aqui nuevo nueva nuestra nuestro nuestros nuestras tenemos tiene queda quedo espacio "
    "hora horas semana semanas mes meses dia saldo pago recibo oferta promocion descuento este como cuando donde gracias elegir visitar esperamos "
    "escribe equipo team mensaje message friends family amigas amigos visita visitas bienvenida bienvenido question preguntas "
    "reagendada cambio cambiada lista listo proxima proximo ultima un una unos unas uno dos tres cuatro cinco seis al lo o u e muy mas".split()
)
_VISIT = frozenset(
    "appointment appointments appt appts visit session sessions treatment treatments consult consultation cita citas sesion "
    "sesiones tratamiento consulta service package special specials promo today tomorrow manana hoy touchup follow is was".split()
)
_WHEN = frozenset("today tomorrow manana hoy is was".split())
_ARTICLES = frozenset("the our your my an la el nuestra nuestro su tu".split())
_MOST_NAME_WORDS = 7
_HOST = re.compile(
    r"(?:https?://|www\.|[a-z0-9._%+-]+@)?((?:[a-z0-9-]+\.)+(?:com|net|org|co|io|health|clinic|me|ly|us|app|care|spa|link"
    r"|page|site|example|test|biz|info|mx|es|online|beauty|center|shop|store|md|tv|gl|st|to))(?![a-z0-9])"
)
_HOST_PLAIN = re.compile(
    r"forms?|book(?:ing|now)?|confirm|appointments?|appts?|consent|after|care|pre|post|portal|my|your|www|info|get|the"
    r"|prep|schedule|online|visit|[^a-z]"
)


def practice_words(folded: str, row: Sequence[Word], practice: str) -> frozenset[int]:
    """Indices of the words that belong to the practice's own name, given or inferred, or to its web address."""
    inside: set[int] = set()
    if practice:
        inside.update(_given(row, practice))
    inside.update(_inferred(folded, row))
    inside.update(_hosts(folded, row))
    inside.update(_streets(row))
    return frozenset(inside)


def _given(row: Sequence[Word], practice: str) -> Iterable[int]:
    name = [word.text for word in words(fold(practice).text) if word.text.isalnum()]
    places = [place for place, word in enumerate(row) if word.text.isalnum()]
    texts = [row[place].text for place in places]
    for first in range(len(texts) - len(name) + 1):
        if name and texts[first : first + len(name)] == name:
            yield from range(places[first], places[first + len(name) - 1] + 1)


def _part_of_name(text: str) -> bool:
    return text in _BUSINESS or text in _JOINERS or (text.isalpha() and text not in _NEVER_IN_NAME)


def _inferred(folded: str, row: Sequence[Word]) -> Iterable[int]:
    first = 0
    while first < len(row):
        if not _part_of_name(row[first].text) or row[first].text in _JOINERS - {"the", "dr", "la", "el"}:
            first += 1
            continue
        end = first + 1
        while end < len(row) and _part_of_name(row[end].text) and not _dash(folded, row, end):
            end += 1
        while end > first and row[end - 1].text in _JOINERS:
            end -= 1
        if end > first:
            yield from _name_in_run(folded, row, first, end)
        first = max(end, first + 1)


def _dash(folded: str, row: Sequence[Word], place: int) -> bool:
    """Whether a dash with space around it, a line or a bracket parts this word from the one before."""
    between = folded[row[place - 1].end : row[place].start] if place else ""
    return (
        " -" in between
        or "- " in between
        or "--" in between
        or "|" in between
        or "~" in between
        or "(" in between
        or ")" in between
    )


def _name_in_run(folded: str, row: Sequence[Word], first: int, end: int) -> Iterable[int]:
    texts = [word.text for word in row[first:end]]
    before = row[first - 1].text if first else "."
    after = row[end].text if end < len(row) else "."
    begins = first == 0 or before in _BEFORE_NAME or _dash(folded, row, first)
    begins = begins or (before in _ARTICLES and _proper(texts[0]) and not _BUSINESS.isdisjoint(texts))
    if not begins or end - first > _MOST_NAME_WORDS + 3:
        return
    proper = [place for place, text in enumerate(texts) if _proper(text)]
    if texts[0] in _LEADING and len(texts) > 1 and after not in _VISIT - _WHEN and before not in _ARTICLES:
        yield from range(first, end)
        return
    last_business = max(
        (place for place, text in enumerate(texts) if text in _BUSINESS and text not in _JOINERS), default=-1
    )
    if last_business >= 0 and len(texts) > 1:
        kept = last_business + 1
        while kept + 1 < len(texts) and texts[kept] in ("&", "and", "+", "y"):
            kept += 2
        following = row[first + kept].text if first + kept < len(row) else "."
        ended = following in ".,!?:;" or following in ("team", "family", "here", "equipo")
        named = any(place < last_business for place in proper)
        opens = texts[0] in ("la", "el", "the")
        described = not named and (following in _VISIT - _WHEN or before in _ARTICLES or (opens and not ended))
        if not described:
            yield from range(first, first + min(kept, len(texts)))
        return
    introduced = before == "its" or (before == "is" and first > 1 and row[first - 2].text == "this")
    alone = introduced or (first == 0 and after == ":") or before in _NAME_ALONE_AFTER or _signature(row, folded, first, end, before)
    if alone and proper and proper[0] == 0 and len(texts) > 1 and after not in _VISIT and texts[0] not in GIVEN:
        yield from range(first, end)


def _proper(text: str) -> bool:
    return text not in LEXICON and text not in _BUSINESS and text not in _SOFT_BUSINESS and text not in _JOINERS


def _streets(row: Sequence[Word]) -> Iterable[int]:
    """Words that name a street ("Chin Street"), with the street's kind after them."""
    return (place for place in range(len(row) - 1) if row[place + 1].text in _STREET_AFTER and row[place].text.isalpha())


_STREET_AFTER = frozenset("st street ave avenue rd road blvd boulevard lane ln drive court plaza parkway pkwy highway hwy hall bldg".split())


def _signature(row: Sequence[Word], folded: str, first: int, end: int, before: str) -> bool:
    ends = end == len(row) or (end == len(row) - 1 and row[end].text in ".!")
    signed = before in _SIGN_OFF or (before == "," and first > 1 and row[first - 2].text in _SIGN_OFF)
    return ends and (signed or _dash(folded, row, first))


def _hosts(folded: str, row: Sequence[Word]) -> Iterable[int]:
    if "." not in folded:
        return
    for host in _HOST.finditer(folded):
        name = host[1].rsplit(".", 1)[0]
        inside = [place for place, word in enumerate(row) if host.start() <= word.start and word.end <= host.end(1)]
        bare = name
        for place in inside:
            bare = bare.replace(row[place].text, " ")
        own = len(re.sub(r"[^a-z]", "", _HOST_PLAIN.sub(" ", bare))) > 3
        if own and name.count(".") == (1 if name.startswith("www.") else 0):
            yield from inside
        elif any(word in name for word in ("spa", "clinic", "lounge", "studio", "skin", "bar", "center", "aesthetic")):
            yield from inside[-2:] if name.count(".") else inside


# ---------------------------------------------------------------- patients
_STAFF_BEFORE = frozenset(
    "with w by from dr dra doctor doctora nurse provider np pa rn md enfermera enfermero ask see meet is con soy saluda habla "
    "team join via atte att lic licda & proveedor especialista esthetician aesthetician owner manager founder welcome doctor's colleague "
    "specialist coordinator concierge llama me i'm im congratulations congrats injector".split()
)
_STAFF_AFTER = frozenset(
    "rn np pa md do dnp aprn lpn le cma esthetician aesthetician from at en provider owner manager front will who our and "
    "joins joined here desde msn fnp bsn phd dds coordinator concierge our has accepts hopes".split()
)
_PATIENT_BEFORE = frozenset(
    "hi hello hey dear hola estimada estimado querida querido for para patient paciente pt attn name nombre confirming "
    "confirmed reminding reminder recordatorio greetings morning afternoon evening dias tardes noches mr mrs ms miss sra sr "
    "senora senor welcome bienvenida bienvenido re about client clienta cliente of de mx bday birthday thanks thank gracias "
    "cumpleanos congratulations felicidades sorry member named".split()
)
_TITLES = frozenset("mr mrs ms miss sra sr senora senor mx don dona srta".split())
_ABBREVIATED = _TITLES | frozenset("dr dra atte att lic".split())
_GREETINGS = frozenset("hi hello hey dear hola estimada estimado querida querido".split())
_NOT_A_NAME = frozenset(
    "there everyone all friend friends family team beautiful gorgeous lovely ladies patient patients guest guests member members "
    "neighbor neighbors valued dear folks love honey sunshine bella hermosa linda amiga amigas amigo amigos clienta clientas cliente "
    "clientes paciente pacientes again it its we this just your from and y a de la el the mi our you to me its here happy good is im "
    "everybody babe beauty beauties queen insider vip vips club community buenos buenas muy nueva nuevo nuestra nuestro todos todas "
    "tu su le te les nos se esta este es soy somos ya familia equipo hope hoping thank thanks gracias quick please i ".split()
)
_DOUBLE_FIRST = frozenset(
    "ana maria rosa luz jose juan luis carlos mary anna ann billy bobby jo lee miguel jean sarah emma john marco luis".split()
)
_DOUBLE_SECOND = frozenset(
    "maria luisa isabel carmen jose luis carlos ann anne beth lou kate jo jane ellen lynn lee grace rose fernanda elena alberto angel "
    "antonio manuel pablo paul marie claire katherine louise bob ray teresa cristina victoria sofia paula laura lucia mae".split()
)
_STREET = frozenset(
    "st street ave avenue rd road blvd boulevard lane ln drive way plaza park suite county mall hwy highway parkway center".split()
)
_NOT_A_SURNAME = frozenset(
    "a an the your you we our us is at on for and to it its this tu su le te la el y i am pm ok sent".split()
)


def full_names(row: Sequence[Word], folded: str, staff: Sequence[str], patient: str) -> list[tuple[int, int]]:
    """Word ranges that hold a patient's first and last name; staff and the practice's people are left out."""
    texts = [word.text for word in row]
    known_staff = {tuple(fold(name).text.split()) for name in staff}
    whole = tuple(fold(patient).text.split())
    found = []
    for first, text in enumerate(texts[:-1]):
        end = _end_of_name(texts, first, row, folded)
        if not end or any(_covers(name, texts[first:end]) for name in known_staff):
            continue
        if _covers(whole, texts[first:end]) or _is_patient(texts, first, end, text, row, folded):
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


def _end_of_name(texts: Sequence[str], first: int, row: Sequence[Word], folded: str) -> int:
    """Where a full name that begins here ends, or 0."""
    start = texts[first]
    sure = start in GIVEN
    greeted = first > 0 and texts[first - 1] in _GREETINGS
    if not sure and start not in GIVEN_OR_WORD and not (greeted and _surname(start)):
        return 0
    place = first + 1
    while place < len(texts) - 1 and (
        len(texts[place]) == 1 and texts[place].isalnum() or texts[place] in ("de", "del", "la", "van", "von")
    ):
        place += 2 if texts[place + 1] == "." else 1
    if place >= len(texts) or _dash(folded, row, place):
        return 0
    last = texts[place]
    if not _surname(last) or start in _NOT_A_NAME and not sure:
        return 0
    if start in GIVEN_OR_WORD and not sure and last not in FAMILY_NAMES:
        return 0
    end = place + 1
    while end < len(texts) and texts[end] in FAMILY_NAMES and not _dash(folded, row, end):
        end += 1
    if end == first + 2 and start in _DOUBLE_FIRST and last in _DOUBLE_SECOND:
        return 0
    if not sure and start not in GIVEN_OR_WORD and (end >= len(texts) or texts[end] not in ",!.:"):
        return 0
    return end


def _is_patient(texts: Sequence[str], first: int, end: int, start: str, row: Sequence[Word], folded: str) -> bool:
    before = texts[first - 1] if first else ""
    after = texts[end] if end < len(texts) else ""
    if after in _STREET or (before and before[0].isdigit()):
        return False
    if before == "." and first > 1 and texts[first - 2] in _ABBREVIATED:
        before = texts[first - 2]
    last_known = texts[end - 1] in FAMILY_NAMES
    if after in ("has", "tiene") and end + 1 < len(texts) and texts[end + 1] in ("a", "an", "una", "appointment", "cita"):
        return before not in _STAFF_BEFORE
    if before in _PATIENT_BEFORE or before in _TITLES:
        return not (after in _STAFF_AFTER and before not in _GREETINGS)
    if before in _STAFF_BEFORE or _dash(folded, row, first):
        return False
    if after == "," and end + 1 < len(texts) and texts[end + 1] in _STAFF_AFTER:
        return False
    if after in _STAFF_AFTER:
        return False
    if not before or before in ".!?:":
        return (last_known or start in GIVEN) and (after in ",:" or after in _NAMED_AFTER) and after != ""
    return last_known and after in _NAMED_AFTER


_NAMED_AFTER = frozenset(
    "your you please has is tu su le te confirmed we this scheduled appointment appt arrived checked needs called cita at on "
    "tomorrow today manana visit consult consultation follow session treatment booked tiene".split()
)
