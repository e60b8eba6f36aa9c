"""The language guard: whether an outbound text may travel as a plain text message.

Everything is looked up in tables that a person can read and is explained by the finding's sentence; nothing is
learned. The channel is plain SMS and the recipient's number already identifies the patient, so health information
alone is enough to stop a text. The policy's fifteen items are the fifteen kinds.

As a command it reads JSON lines `{"text": …}` and answers each with its verdict: `python -m texting.rules.phi`.
"""

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from texting.rules.normalise import Folded, fold
from texting.rules.phi_everyday import everyday_words
from texting.rules.phi_frames import framed_words
from texting.rules.phi_identifiers import identifiers
from texting.rules.phi_matters import matter_words
from texting.rules.phi_patterns import Hit, matches, places, terms, unheard
from texting.rules.phi_people import full_names, rosters
from texting.rules.phi_practice import practice_words
from texting.rules.phi_tables import FAMILIES, WORDS
from texting.rules.phi_tips import tip_words
from texting.rules.phi_words import Row

_FULL_NAME = "It holds a patient's first and last name."
_ROSTER = "It lists patients by name and time."
_UNREADABLE = "The line is not a JSON object with a text."
_BILL = WORDS["bill"]
_OFFER = WORDS["offer"]
_LIGHT = WORDS["light"]
_LIGHT_IN_BILL = _LIGHT | _BILL
# What a tip for everybody may be taken for.
_TIPS = frozenset({"clinical_advice", "treatment_plan"})
# What words may seem to say together, each of them harmless.
_VAGUE = frozenset(
    {"clinical_advice", "clinical_question", "treatment_plan", "treatment_clue", "result", "bill_with_service"}
)
# What a practice's name may sound like.
_NAMES_OF = frozenset({"treatment", "treatment_clue", "condition", "place_or_role", "medication", "retail_product"})
_TREATMENT_KINDS = frozenset({"treatment", "treatment_clue", "medication", "retail_product"})

# A finding before it is put in order: kind, sentence, and where it begins and ends in the original.
_Found = tuple[str, str, int, int]


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason to keep a text off SMS: its kind, half-open span in the original text, and a sentence for staff."""

    kind: str
    span: tuple[int, int]
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the text may go as plain SMS, and every finding that says why not, in reading order."""

    label: str  # "allow" or "phi"; typing.Literal would cost a fifth of the start-up
    found: tuple[Finding, ...]


_ALLOW = Verdict("allow", ())


def check(text: str, *, practice: str = "", staff: Sequence[str] = (), patient: str = "") -> Verdict:
    """The verdict on an outbound text as the patient will read it (policy: language section 1).

    `practice` is the practice's own name, whose words never count; `staff` are full names of people who may be
    named; `patient` is the patient's full name, if known. None of the three is needed.
    """
    folded = fold(text)
    row = Row(folded.text)
    where = places(row.texts)
    there = frozenset(where)
    named = terms(row)
    hits = [*named, *unheard(row.texts), *matches(row.texts, where, everyday=False)]
    found: list[_Found] = []
    if hits:
        for family, covered in _standing(hits, named, row, where, there, practice):
            kind, why = FAMILIES[family]
            found.append((kind, why, *_span(covered[0], covered[-1] + 1, row, folded)))
    for first, end in full_names(text, folded, row, staff, patient):
        found.append(("full_name", _FULL_NAME, *_span(first, end, row, folded)))
    for first, end in rosters(text, folded, row, where):
        found.append(("staff_patient_detail", _ROSTER, *_span(first, end, row, folded)))
    for kind, why, first, end in identifiers(folded.text, there):
        found.append((kind, why, *folded.span(first, end)))
    return Verdict("phi", tuple(_tidy(found, there))) if found else _ALLOW


def _standing(
    hits: list[Hit], named: list[Hit], row: Row, where: dict[str, list[int]], there: frozenset[str], practice: str
) -> list[Hit]:
    """The hits, `named` by terms or told by patterns, that no everyday meaning and no practice name explains away."""
    asked: set[int] = set()
    called: set[int] = set()
    kinds: set[str] = set()
    for family, covered in hits:
        kind = FAMILIES[family][0]
        kinds.add(kind)
        asked.update(covered)
        if kind in _NAMES_OF:
            called.update(covered)
    excused = practice_words(row, there, practice, asked)
    excused.update(everyday_words(row, there))
    called -= excused
    if called:
        excused.update(framed_words(row, called, named))
    for _, covered in matches(row.texts, where, everyday=True):
        excused.update(covered)
    vague = excused.union(matter_words(row, there)) if not _VAGUE.isdisjoint(kinds) else excused
    tips = vague.union(tip_words(row, there)) if not _TIPS.isdisjoint(kinds) else vague
    if not tips:
        return hits
    by_kind = dict.fromkeys(_VAGUE, vague) | dict.fromkeys(_TIPS, tips)
    return [hit for hit in hits if not _excused(hit, by_kind.get(FAMILIES[hit[0]][0], excused), row)]


def _excused(hit: Hit, excused: set[int], row: Row) -> bool:
    """Whether all that tells something in a hit is explained; words without weight need no explanation."""
    telling = [n for n in hit[1] if n not in excused]
    light = _LIGHT_IN_BILL if FAMILIES[hit[0]][0] == "bill_with_service" else _LIGHT
    return len(telling) < len(hit[1]) and all(row.texts[n] in light or not row.texts[n].isalpha() for n in telling)


def _span(first: int, end: int, row: Row, folded: Folded) -> tuple[int, int]:
    return folded.span(row.spans[first][0], row.spans[end - 1][1])


def _tidy(found: list[_Found], present: frozenset[str]) -> Iterable[Finding]:
    """Each kind's widest spans once, in reading order; a named service in a bill or an offer is called that."""
    last: dict[str, int] = {}
    if len(found) > 1:
        found.sort(key=lambda finding: (finding[2], -finding[3]))
    for kind, why, start, end in found:
        called = _sold(kind, present) if kind in _TREATMENT_KINDS else kind
        if end > last.get(called, -1):
            last[called] = end
            yield Finding(called, (start, end), why)


def _sold(kind: str, present: frozenset[str]) -> str:
    if not _BILL.isdisjoint(present):
        return "bill_with_service"
    return kind if _OFFER.isdisjoint(present) else "marketing_treatment"


def suggestion(verdict: Verdict, practice_name: str, link: str) -> str:
    """A neutral text that says nothing of what was found and leads to the secure page at `link`."""
    about = {finding.kind for finding in verdict.found}
    matter = (
        "a message about your account" if about and about <= {"bill_with_service", "insurance"} else "a message for you"
    )
    return f"{practice_name}: we have {matter}. Read it securely here: {link}"


def _answer(line: bytes) -> dict[str, object]:
    try:
        request = json.loads(line)
        text = request["text"]
    except (ValueError, TypeError, KeyError, RecursionError):
        text = None
    if not isinstance(text, str):
        return {"label": "phi", "found": [{"kind": "unreadable", "span": [0, 0], "why": _UNREADABLE}]}
    verdict = check(text)
    found = [{"kind": finding.kind, "span": list(finding.span), "why": finding.why} for finding in verdict.found]
    return {"label": verdict.label, "found": found}


def main() -> None:
    """Answers each JSON line of standard input with one on standard output; an unreadable line is never allowed."""
    for line in sys.stdin.buffer:
        if line.strip():
            sys.stdout.write(json.dumps(_answer(line)) + "\n")


if __name__ == "__main__":
    main()
