"""Compiles the TOML tables of the reader of replies into the one JSON file that is read at run time.

python -m texting.rules.replies_compile
"""

import json
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from texting.rules import replies_tables
from texting.rules.replies_patterns import Item, Phrases, needed, pattern, read_item
from texting.rules.replies_spelling import lemma
from texting.rules.replies_tables import COMPILED, tables

TABLES = Path(COMPILED).parent
SOURCES = (
    "words",
    "phrases",
    "asides",
    "asides_texts",
    "optout",
    "frames",
    "frames_visits",
    "turns",
    "turns_es",
    "moves",
    "visits",
    "other",
    "stops",
    "stops_more",
    "stops_told",
    "stops_es",
    "ways",
    "emergency",
    "signs",
    "signs_told",
    "ideas",
    "evidence",
    "signs_plain",
)
# How far the gaps of some intents reach: not into what is said of somebody else, nor past a verb of cancelling.
GAPS = dict.fromkeys(("confirm", "fine", "wrong_number", "opt_in"), " ~") | dict.fromkeys(
    ("reschedule", "asked_time", "offered_time", "clash", "put_off"), " :"
)
BOOKS = {
    "phrases": ("phrases", "asides", "asides_texts"),
    "replies": (
        "optout",
        "frames",
        "frames_visits",
        "turns",
        "turns_es",
        "moves",
        "visits",
        "other",
        "stops",
        "stops_more",
        "stops_told",
        "stops_es",
        "ways",
    ),
    "dangers": ("emergency", "signs", "signs_told", "signs_plain"),
}


def parted() -> dict[str, Any]:
    """The TOML tables, their rules gathered into books; the words of the books not filed yet."""
    sources = {name: tomllib.loads((TABLES / f"replies_{name}.toml").read_text("utf-8")) for name in SOURCES}
    sources["words"]["vocabulary"] = vocabulary(sources)
    sources["words"]["class"] = {name: lemmas(body) for name, body in sources["words"]["class"].items()}
    for part in (sources["emergency"]["doubt"], sources["emergency"]["idiom"]):
        part.update({name: [lemmas(row) for row in rows] for name, rows in part.items()})
    ideas = sources.pop("ideas")
    sources["evidence"] |= {"says": ideas["says"], "idea": {name: spelt(row) for name, row in ideas["idea"].items()}}
    books = {
        book: {
            "rules": [_rule(row) for name in names for row in sources[name].pop("rule")],
            "never": _never([row for name in names for row in sources[name].pop("except", ())]),
        }
        for book, names in BOOKS.items()
    }
    return sources | {"books": books}


def filed(parts: dict[str, Any]) -> dict[str, Any]:
    """The same with every pattern in one list, its key marked, and filed under the words it cannot do without.

    Reads the word classes of the file as it stands.
    """
    books = parts["books"].values()
    rows: list[str] = []
    for book in books:
        book["first"] = len(rows)
        rows += [marked(say) for rule in book["rules"] for say in rule["say"]]
    verbs = {word for row in rows for word in pattern(row).keys if word.endswith("ing")}
    parts["words"]["verbs"] = " ".join(sorted(verbs))
    for book in books:
        book["rules"] = [
            [rule["intent"], rule["why"], len(rule["say"]), _placed(rows, rule["unless"])] for rule in book["rules"]
        ]
        book["never"] = {intent: _placed(rows, unless) for intent, unless in book["never"].items()}
    calls = _calls(rows)
    for part in (parts["emergency"]["doubt"], parts["emergency"]["idiom"]):
        part.update({name: [marked(row) for row in group] for name, group in part.items()})
    return parts | {"rows": "\n".join(rows), "calls": calls}


def _placed(rows: list[str], unless: list[str]) -> list[int]:
    """Puts exceptions into the list of patterns; where the first of them stands, and how many there are."""
    rows += map(marked, unless)
    return [len(rows) - len(unless), len(unless)]


def marked(row: str) -> str:
    """A pattern with `@` at its key: the item whose words are met least often, among those that must stand."""
    items = row.split()
    read = [(place, read_item(item.removeprefix("@"))) for place, item in enumerate(items) if item != "^"]
    place = min((how_often(item.phrases), place) for place, item in read if needed([item]))[1]
    return " ".join((*items[:place], f"@{items[place]}", *items[place + 1 :]))


def how_often(phrases: Phrases) -> int:
    """How often any of these phrases may be met: as often as the rarest word of each; what was never counted, once."""
    return sum(_frequency(word) for word in rarest_words(phrases))


def rarest_words(phrases: Phrases) -> set[str]:
    """Of each phrase the word that is met least often."""
    return {min((word, *rest), key=_frequency) for word, rests in phrases.items() for rest in rests}


def _frequency(word: str) -> int:
    frequency: dict[str, int] = tables()["words"]["frequency"]
    return frequency.get(word, 1)


def _calls(rows: list[str]) -> dict[str, Any]:
    """Which patterns each word is in a key of, serves before it and after it; and which need nothing before or after.

    Where nothing but the beginning of a clause stands before the key, it is `first`.
    """
    words: dict[str, dict[str, list[str]]] = {"keys": {}, "leads": {}, "follows": {}}
    free: dict[str, list[str]] = {"opens": [], "ends": [], "first": []}
    for number, row in enumerate(rows):
        wanted = pattern(row)
        leads, follows = _rarest(wanted.before), _rarest(wanted.after)
        for way, served in zip(words, (rarest_words(wanted.keys), leads, follows), strict=True):
            for word in served:
                words[way].setdefault(word, []).append(str(number))
        first = wanted.opens and not wanted.before and not wanted.more
        for side, unneeded in (("opens", not leads and not first), ("ends", not follows), ("first", first)):
            free[side] += (str(number),) if unneeded else ()
    filed = {
        way: {word: " ".join(numbers) for word, numbers in sorted(served.items())} for way, served in words.items()
    }
    return filed | {side: " ".join(numbers) for side, numbers in free.items()}


def _rarest(items: Iterable[Item]) -> set[str]:
    """The words of the rarest item that must stand on one side of a key, of several words in a row the rarest; or none."""
    return rarest_words(min([item.phrases for item in needed(items)], key=how_often, default={}))


def vocabulary(sources: dict[str, Any]) -> str:
    """Every word the tables know, as it is written there: none of them is a slip for another."""
    rows: list[str] = list(sources["words"]["class"].values())
    for name in SOURCES:
        for rule in sources[name].get("rule", ()):
            rows += [*rule["say"], *rule.get("unless", ())]
        rows += [row for rule in sources[name].get("except", ()) for row in rule["unless"]]
    return " ".join(sorted(set(re.findall(r"(?<![{#a-z])[a-z]{3,}(?![}a-z])", " ".join(rows)))))


def _rule(row: dict[str, Any]) -> dict[str, Any]:
    intent = row.get("intent") or row.get("as") or f"{row['kind']}:{row.get('guard', 'hard')}"
    say, unless = list(map(lemmas, row["say"])), list(map(lemmas, row.get("unless", [])))
    say = [one.replace(" .", GAPS.get(intent, " .")) for one in say]
    return {"intent": intent, "why": row.get("why", ""), "say": say, "unless": unless}


def _never(rows: list[dict[str, Any]]) -> dict[str, list[str]]:
    """What is never this intent, by any of its rules: the patterns of the `except` rows."""
    never: dict[str, list[str]] = {}
    for row in rows:
        for intent in row["intents"]:
            never.setdefault(intent, []).extend(map(lemmas, row["unless"]))
    return never


def lemmas(row: str) -> str:
    """A pattern as the reader meets its words: Spanish verbs as infinitives, the adverbs it drops left out."""
    row = re.sub(r"\b(?:really|very|super|literally|extremely|muy)_", "", row)
    return re.sub(r"(?<![{#a-z])[a-z]+(?![}a-z])", lambda word: "_".join(lemma(word[0])), row)


def spelt(words: str) -> str:
    """The words of an idea, and beside each the infinitive that the reader may make of it."""
    return " ".join(sorted({form for word in words.split() for form in (word, lemmas(word))}))


def _write(path: Path, parts: dict[str, Any]) -> None:
    """The file as a whole or not at all: somebody may be reading it."""
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(parts, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")
    draft.replace(path)


def main() -> None:
    """Writes the compiled file anew."""
    parts = parted()
    draft = Path(f"{COMPILED}.draft")
    _write(draft, parts)  # the classes must be there before a pattern can be read
    replies_tables.COMPILED = str(draft)
    try:
        tables.cache_clear()
        _write(Path(COMPILED), filed(parts))
    finally:
        draft.unlink()


if __name__ == "__main__":
    main()
