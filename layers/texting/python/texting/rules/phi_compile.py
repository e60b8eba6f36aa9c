"""Turns the language guard's source tables (tables/phi_*.toml) into the one file it loads (tables/phi.json).

Run after every change of a table: `python -m texting.rules.phi_compile`. The product never reads TOML.
"""

import json
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from texting.rules.normalise import fold
from texting.rules.phi_slips import consonants, skeleton

TABLES = Path(__file__).parent / "tables"
COMPILED = TABLES / "phi.json"
_FAMILIES = (
    "phi_treatments",
    "phi_menu",
    "phi_drugs",
    "phi_conditions",
    "phi_products",
    "phi_clues",
    "phi_specialties",
)
# Patterns by subject; classes may stand in each and hold for all.
_RULES = (
    *("phi_rules", "phi_rules_clinic", "phi_rules_hints", "phi_rules_findings", "phi_rules_advice", "phi_rules_plans"),
    *(
        "phi_rules_goods",
        "phi_rules_short",
        "phi_rules_told",
        "phi_rules_talk",
        "phi_photos",
        "phi_insurance",
        "phi_office",
    ),
)
_EVERYDAY = ("phi_everyday", "phi_everyday_clinic", "phi_everyday_office")
# Words by the part they play; those of the first tables are everyday words besides.
_KNOWN = ("phi_names", "phi_people", "phi_tips")
_PARTS = (*_KNOWN, "phi_firms", "phi_matters")
_NAMES = ("given", "given_or_word", "family")
_SHORTEST_WITH_TYPOS = 5
# In the place of a pattern element's most tokens: one word that is none of these.
_NONE_OF = 0
_SHORTEST_PHRASE_WITH_TYPOS = 7
# Words in almost every text make poor gates: a pattern is looked at only when its rarest element is present.
_FREQUENT = frozenset(
    "# your the a an is are to at for in on you we of and it that with our this be will by from us or if i "
    "appointment appt visit session tomorrow today please reply call text no not . , ! ? : / & "
    "su tu la el los las de en y a con para por es le te cita manana hoy un una que se".split()
)
# Words in many texts make middling ones.
_COMMON = frozenset(
    "amount $ pm see up have dr youre new time can next ready back before were come hi confirmed was off has portal "
    "about use here ya dont day bring its well out esta week hours confirm do % check desk tuesday monday friday "
    "thursday all skin need take antes weeks visita due thank thanks any office one still so results plan left good "
    "after may get martes now code set been room open team look gracias how hola laser off month days months face sus "
    "last keep no estas son".split()
)


def _weight(word: str) -> int:
    return 50 if word in _FREQUENT else 10 if word in _COMMON else 1


def _likely(words: frozenset[str]) -> int:
    """About how many times as often as a rare word a text has one of these; a number is in every other text."""
    return sum(500 if word == "#" else 200 if word in _FREQUENT else _weight(word) for word in words)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((TABLES / f"{name}.toml").read_text(encoding="utf-8"))


def _terms(family: dict[str, Any]) -> list[list[str]]:
    """The family's terms, each as its folded words."""
    folded = fold(family["words"].replace("\n", " ")).text
    return [re.findall(r"[a-z0-9]+|[^\sa-z0-9]", term) for term in folded.split(",") if term.strip()]


def _plurals(words: list[str]) -> Iterable[list[str]]:
    yield words
    last = words[-1]
    if len(last) > 2 and last.isalpha() and not last.endswith("s"):
        yield [*words[:-1], last + "s"]
        if last[-1] in "xhznrdlj":
            yield [*words[:-1], last + "es"]


class _Compiler:
    """Gathers the compiled form table by table."""

    def __init__(self) -> None:
        self.sets: list[str] = []
        self.unheard = -1
        self.stems: list[tuple[int, str]] = []
        self.families: list[list[str]] = []
        self.lexicon: dict[str, int] = {}
        self.skeletons: dict[str, str] = {}
        self.consonants: dict[str, str] = {}
        self.patterns: list[list[Any]] = []
        # The patterns that a word is the rarest of, and those that it is the next rarest of.
        self.gates: dict[str, tuple[list[int], list[int]]] = {}
        self.vocabulary: set[str] = set()

    def add_family(self, family: dict[str, Any]) -> None:
        index = len(self.families)
        typos = bool(family.get("typos"))
        self.families.append([family["kind"], family["why"]])
        for words in _terms(family):
            for form in _plurals(words) if family.get("plural", True) else (words,):
                self._add_term(index, form, typos)
            if typos:
                self._add_typos("".join(words), len(words))

    def add_stems(self, row: dict[str, Any]) -> None:
        self.stems.append((len(self.families), " ".join(stem for words in _terms(row) for stem in words)))
        self.families.append([row["kind"], row["why"]])

    def add_unheard(self, row: dict[str, Any]) -> None:
        self.unheard = len(self.families)
        self.families.append([row["kind"], row["why"]])

    def _add_term(self, index: int, words: list[str], typos: bool) -> None:
        key = "".join(words)
        known = self.lexicon.get(key)
        if known is None or (typos and not known & 1):
            self.lexicon[key] = index << 4 | min(len(words), 7) << 1 | int(typos)
        self.vocabulary.update(words)

    def _add_typos(self, key: str, size: int) -> None:
        shortest = _SHORTEST_WITH_TYPOS if size == 1 else _SHORTEST_PHRASE_WITH_TYPOS
        if len(key) < shortest or not key.isalpha():
            return
        self.skeletons.setdefault(skeleton(key), key)
        bones = consonants(key)
        if len(bones) >= 4:
            self.consonants.setdefault(bones, key)

    def set_index(self, words: Iterable[str]) -> int:
        row = " ".join(sorted(set(words)))
        if row not in self.sets:
            self.sets.append(row)
        return self.sets.index(row)

    def add_rule(self, rule: dict[str, Any], classes: dict[str, str]) -> None:
        everyday = "kind" not in rule
        family = -1
        if not everyday:
            family = len(self.families)
            self.families.append([rule["kind"], rule["why"]])
        unless = self.set_index(_words(rule["unless"], classes)) if "unless" in rule else -1
        for pattern in rule["patterns"]:
            self._add_pattern(pattern, family, unless, classes)

    def _add_pattern(self, pattern: str, family: int, unless: int, classes: dict[str, str]) -> None:
        elements: list[list[int]] = []
        needed: list[frozenset[str]] = []
        for part in pattern.split():
            if part.startswith(".."):
                covers = part.startswith("...")
                elements.append([-1, int(covers), int(part.lstrip(".") or 4)])
                continue
            if part.startswith("!<"):
                elements.append([self.set_index(_words(part[1:], classes)), 1, _NONE_OF])
                continue
            optional = part.endswith("?") and part != "?"
            words = frozenset(_words(part.removesuffix("?") if optional else part, classes))
            self.vocabulary.update(words)
            elements.append([self.set_index(words), int(not optional), 1])
            if not optional:
                needed.append(words)
        if not needed:
            raise ValueError(f"A pattern needs one word that must be there: {pattern}")
        # A pattern is looked up by its two rarest, one that needs a single word by that alone.
        gate, *others = sorted(needed, key=lambda words: sum(map(_weight, words)))
        others.sort(key=_likely)
        for rank, words in enumerate((gate, others[0] if others else gate)):
            for word in sorted(words):
                self.gates.setdefault(word, ([], []))[rank].append(len(self.patterns))
        self.patterns.append([family, elements, unless, list(map(self.set_index, others[1:]))])

    def _lexicon(self) -> dict[int, str]:
        rows: dict[int, list[str]] = {}
        for term, entry in self.lexicon.items():
            rows.setdefault(entry, []).append(term)
        return {entry: " ".join(terms) for entry, terms in rows.items()}

    def _known(self, near: str, words: dict[str, str]) -> Iterable[str]:
        """Every word that stands for itself and is no term: the rules' own, everyday ones, and those with a part."""
        endings = tuple(ending for _, row in self.stems for ending in row.split())
        known = {word for word in self.vocabulary if word.isalnum() and not (len(word) > 7 and word.endswith(endings))}
        known.update(fold(near).text.split())
        return known.union(*map(str.split, words.values())) - self.lexicon.keys()

    def document(self) -> dict[str, Any]:
        everyday, names = _read("phi_everyday"), _read("phi_names")
        return {
            "families": self.families,
            "stems": self.stems,
            "unheard": self.unheard,
            "lexicon": self._lexicon(),
            "longest": max(map(len, self.lexicon)),
            "skeletons": [" ".join(self.skeletons), " ".join(self.skeletons.values())],
            "consonants": [" ".join(self.consonants), " ".join(self.consonants.values())],
            "sets": "\n".join(self.sets),
            "patterns": "\n".join(map(_row, self.patterns)),
            "clinical": sum(family >= 0 for family, *_ in self.patterns),
            "gates": [" ".join(self.gates), "\n".join(map(_gate, self.gates.values()))],
            "known": " ".join(
                sorted(self._known(_gathered("near"), _words_by_part(_KNOWN) | _read("phi_common")["words"]))
            ),
            "inside": everyday["inside"],
            "chat": dict(pair.split() for pair in _gathered("chat", ",").split(",")),
            "spelled": " ".join(_gathered("spelled").split()),
            "words": {name: " ".join(row.split()) for name, row in _words_by_part(_PARTS).items()},
            **_names(names),
        }


def _words_by_part(tables: Iterable[str]) -> dict[str, str]:
    return {name: row for table in tables for name, row in _read(table)["words"].items()}


def _names(names: dict[str, Any]) -> dict[str, str]:
    """Given names, those that are also words, and family names, of every table that holds some."""
    more = (names, _read("phi_census"), _read("phi_surnames"))
    kinds = {
        kind: {name for table in more for name in fold(table.get(kind, "").replace("\n", " ")).text.split()}
        for kind in _NAMES
    }
    kinds["given"] -= set(names["given_or_word"].split())
    return {kind: " ".join(sorted(found)) for kind, found in kinds.items()}


def _row(pattern: list[Any]) -> str:
    """A pattern as one string, for reading numbers is what costs the product's start: family;unless;others;elements."""
    family, elements, unless, others = pattern
    return f"{family};{unless};{' '.join(map(str, others))};" + " ".join(",".join(map(str, part)) for part in elements)


def _gate(numbers: tuple[list[int], list[int]]) -> str:
    """The patterns that a word is the rarest of, and those that it is the next rarest of: "3 17;4 5"."""
    return ";".join(" ".join(map(str, part)) for part in numbers)


def _words(part: str, classes: dict[str, str]) -> Iterable[str]:
    for choice in part.split("|"):
        if choice.startswith("<"):
            yield from _words(classes[choice.strip("<>")], classes)
        elif choice:
            yield fold(choice).text


def _gathered(key: str, between: str = " ") -> str:
    """What the tables of everyday meanings have under a key: `near`, `spelled` and `chat` are read of each."""
    return between.join(found for name in _EVERYDAY if (found := _read(name).get(key, "")))


def _everyday(name: str) -> dict[str, Any]:
    return {"patterns": _read(name)["patterns"]}


def rows() -> list[dict[str, Any]]:
    """Every family and rule of the source tables."""
    found: list[dict[str, Any]] = []
    for name in (*_FAMILIES, *_RULES):
        source = _read(name)
        for section in ("family", "stems", "unheard", "rule"):
            found += source.get(section, ())
    return found


def compiled() -> str:
    """The text of tables/phi.json as the source tables have it now."""
    compiler = _Compiler()
    for name in _FAMILIES:
        for family in _read(name).get("family", ()):
            compiler.add_family(family)
        for row in _read(name).get("stems", ()):
            compiler.add_stems(row)
        for row in _read(name).get("unheard", ()):
            compiler.add_unheard(row)
    classes: dict[str, str] = {"name": "|".join(_read("phi_names")["given"].split())}
    for name in _RULES:
        classes |= _read(name).get("classes", {})
    for rule in (*(rule for name in _RULES for rule in _read(name).get("rule", ())), *map(_everyday, _EVERYDAY)):
        compiler.add_rule(rule, classes)
    return json.dumps(compiler.document(), separators=(",", ":")) + "\n"


if __name__ == "__main__":
    COMPILED.write_text(compiled(), encoding="utf-8")
