"""Whom an answer is for: the visit we asked about, or whoever wrote since. "Great!" to the front desk keeps no visit.

A yes or a no says nothing by itself; it answers what was said last. What names the visit by our own code ("C") means the
visit whenever it comes. Where it may be either, a person reads it: a visit kept by mistake is found out when nobody comes.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from texting.rules.replies import Reading
from texting.rules.replies_normalise import folded
from texting.rules.replies_whole import WHY

VISIT, PERSON, NOBODY = "visit", "person", "nobody"

_WORD = re.compile(r"[a-z0-9]+")
_POLITE = frozenset("please pls por favor yes si i ok".split())
_KEYWORDS = frozenset("c confirm confirmed confirmo confirmar confirmada confirmado".split())
_THANKS = frozenset(
    "thank thanks thx ty tysm thnx you u gracias muchas muchisimas mil very so much a lot again ok".split()
)
_FOR = frozenset(
    "for the your all help reminder reminding letting me know info information message text update everything reply quick "
    "that por el la los las su todo recordatorio recordarme aviso avisar avisarme mensaje ayuda informacion".split()
)  # fmt: skip
_HAPPY = frozenset(
    "ok okay okey okie k kk great good perfect cool alright fine awesome wonderful excellent nice sounds got it gotcha "
    "understood noted sure will do super thumbup muy bien bueno perfecto perfecta excelente genial listo lista vale dale "
    "entendido entendida enterado enterada de acuerdo esta".split()
)  # fmt: skip
_NO = frozenset({WHY["cancel_appointment"], "Opens with a no."})


@dataclass(frozen=True, slots=True)
class Said:
    """When each was last said (UTC): what we wrote to a phone about its visits, what a person wrote to it, what else we
    said by ourselves, and its own request to drop or move a visit."""

    of_visit: datetime | None = None
    by_person: datetime | None = None
    by_us: datetime | None = None
    requested: datetime | None = None


def whose(words: str, reading: Reading, said: Said) -> str:
    """Whom a yes, a no or a bare number is for: the visit, a person, or nobody (an "ok" to an answer of ours)."""
    if _names_visit(words):
        return VISIT
    if reading.intent != "confirm":
        bare = reading.why in _NO or any(code.isdigit() for code in reading.options)
        return PERSON if bare and answers_person(said) else VISIT
    if answers_person(said) or _after(said.requested, said.of_visit):
        return PERSON
    return NOBODY if _after(said.by_us, said.of_visit) and _all_of(words, _HAPPY | _THANKS) else VISIT


def answers_person(said: Said) -> bool:
    """Whether the last thing said to this phone, but for short answers of ours, was written by a person."""
    return _after(said.by_person, said.of_visit)


def only_thanks(words: str) -> bool:
    """Whether a text says thank you and nothing else, and so waits for nobody: "Do you have parking? Thanks" waits."""
    found = _WORD.findall(folded(words))
    what = next((at for at, word in enumerate(found) if word in ("for", "por")), len(found))
    return _THANKS.issuperset(found[:what]) and (_THANKS | _FOR).issuperset(found[what:])


def _names_visit(words: str) -> bool:
    """Whether a text is our own short code or its word: "C", "confirm please"."""
    found = _WORD.findall(folded(words))
    rest = [word for word in found if word not in _POLITE | _THANKS]
    return bool(rest) and all(word in _KEYWORDS or re.fullmatch(r"c\d", word) for word in rest)


def _all_of(words: str, known: frozenset[str]) -> bool:
    return known.issuperset(_WORD.findall(folded(words)))


def _after(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and (other is None or one >= other)
