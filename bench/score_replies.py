"""Measures the reading of replies: what it gets right and misses, how fast it is, and how a keyword list does beside it.

    .venv/bin/python bench/score_replies.py                       the labelled sets of tests/rules
    .venv/bin/python bench/score_replies.py FILE.jsonl …          other labelled sets: {"text", "intent", "also", "lang"}
    .venv/bin/python bench/score_replies.py --everyday FILE       false alarms in everyday texts, one a line
    … --json                                                      the same figures for machines

Speed is measured on the blind set whatever else is read, beside Presidio's where it is installed: `bench/side_by_side.py`.
Texts of the blind set are never printed, nor given as JSON: its errors are counted alone.
Everyday collections are read where they lie; none is kept here.
"""

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "layers" / "texting" / "python")]

from texting.rules.replies import meaning  # noqa: E402

from bench import side_by_side as pace  # noqa: E402

SETS = sorted((ROOT / "tests" / "rules").glob("replies_inbound_*.jsonl"))
BLIND = ROOT / "tests" / "rules" / "replies_inbound_blind.jsonl"
INTENTS = "emergency opt_out reschedule cancel_appointment confirm wrong_number opt_in help question_or_other".split()
# The carrier's own opt-out words: what a provider-managed list acts on, and nothing else.
CARRIER = frozenset("arret cancel end opt-out optout quit remove stop td unsubscribe".split())


def keywords(text: str) -> str:
    """The plain reference: a text that is exactly one of the carrier's words opts out; C or YES confirms; HELP helps."""
    word = text.strip().lower()
    if word in CARRIER:
        return "opt_out"
    if word in ("c", "y", "yes", "1", "confirm"):
        return "confirm"
    if word in ("help", "info", "start", "unstop"):
        return "help" if word in ("help", "info") else "opt_in"
    return "question_or_other"


def scored(rows: list[dict[str, Any]], readings: list[set[str]], firsts: list[str]) -> dict[str, Any]:
    """Accuracy, recall and precision by intent, and what was missed or wrongly raised for the two that matter most."""
    wanted = [row["intent"] for row in rows]
    right = Counter(w for w, f in zip(wanted, firsts, strict=True) if w == f)
    total, given = Counter(wanted), Counter(firsts)
    out: dict[str, Any] = {
        "texts": len(rows),
        "accuracy": round(sum(right.values()) / max(len(rows), 1), 4),
        "intents": {
            name: {
                "texts": total[name],
                "recall": round(right[name] / total[name], 3) if total[name] else None,
                "precision": round(right[name] / given[name], 3) if given[name] else None,
            }
            for name in INTENTS
        },
    }
    for name in ("opt_out", "emergency"):
        meant = [name in {row["intent"], *row.get("also", ())} for row in rows]
        read = [name in reading for reading in readings]
        out[name] = {
            "texts": sum(meant),
            "missed": sum(m and not r for m, r in zip(meant, read, strict=True)),
            "false": sum(r and not m for m, r in zip(meant, read, strict=True)),
        }
    return out


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def labelled(path: Path) -> dict[str, Any]:
    """The figures of one labelled set, ours and the keyword list's, with every error but those of the blind set."""
    rows = rows_of(path)
    read = [meaning(row["text"]) for row in rows]
    plain = [keywords(row["text"]) for row in rows]
    ours = scored(rows, [{r.intent, *r.also} for r in read], [r.intent for r in read])
    ours["language"] = round(sum(r.lang == row["lang"] for r, row in zip(read, rows, strict=True)) / len(rows), 4)
    ours["errors"] = [
        {"text": row["text"], "wanted": row["intent"], "read": r.intent}
        for row, r in zip(rows, read, strict=True)
        # A rule written to the blind set would make it measure nothing any more.
        if row["intent"] != r.intent and "blind" not in path.name
    ]
    return {"set": path.name, "ours": ours, "keywords": scored(rows, [{p} for p in plain], plain)}


def everyday(path: Path) -> dict[str, Any]:
    """False opt-outs and emergencies among texts that friends send one another."""
    lines = (line.rstrip("\n") for line in path.open(encoding="utf-8", errors="replace"))
    texts = [line.split("\t", 1)[1] if re.match(r"[a-z]{2,8}\t", line) else line for line in lines]
    found: dict[str, list[str]] = {"opt_out": [], "emergency": []}
    for text in texts:
        read = meaning(text)
        for name, hits in found.items():
            if name in (read.intent, *read.also):
                hits.append(text)
    per = 10_000 / max(len(texts), 1)
    return {
        "texts": len(texts),
        **{name: {"count": len(hits), "per_10000": round(len(hits) * per, 2)} for name, hits in found.items()},
        "keywords_opt_out": sum(keywords(text) == "opt_out" for text in texts),
        "examples": {name: hits[:40] for name, hits in found.items()},
    }


def speed() -> dict[str, float]:
    """Texts per second on the blind set, ours and the keyword list's, and Presidio's where it is installed."""
    texts = [row["text"] for row in rows_of(BLIND)]
    with pace.presidio() as other:
        found = pace.speeds(pace.timed(meaning), pace.timed(keywords), other, texts)
    return found | {"cold": pace.cold("texting.rules.replies", "meaning", texts)}


def _say(result: dict[str, Any]) -> Iterable[str]:
    for name, row in (("ours", result["ours"]), ("keywords", result["keywords"])):
        stop, danger = row["opt_out"], row["emergency"]
        yield (
            f"{result['set']:36} {name:9} accuracy {row['accuracy']:.1%} of {row['texts']};"
            f" opt-outs missed {stop['missed']} of {stop['texts']}, false {stop['false']};"
            f" emergencies missed {danger['missed']} of {danger['texts']}, false {danger['false']}"
        )
    for intent, row in result["ours"]["intents"].items():
        if row["texts"]:
            yield f"    {intent:20} {row['texts']:4} texts   recall {row['recall']}   precision {row['precision']}"
    for error in result["ours"]["errors"]:
        yield f"    known error: {error['wanted']} read as {error['read']}: {error['text']!r}"


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", type=Path, default=SETS)
    parser.add_argument("--everyday", type=Path, action="append", default=[])
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    report: dict[str, Any] = {
        "sets": [labelled(path) for path in asked.sets],
        "everyday": [everyday(path) for path in asked.everyday],
        "speed": speed(),
        "start_up": pace.start_up("texting.rules.replies"),
    }
    if asked.json:
        print(json.dumps(report, ensure_ascii=False, indent=1))
        return
    for result in report["sets"]:
        print("\n".join(_say(result)))
    for day in report["everyday"]:
        print(f"everyday: {day['texts']} texts; opt-outs {day['opt_out']}; emergencies {day['emergency']}")
    print("\n".join(pace.told(report["speed"], report["start_up"])))


if __name__ == "__main__":
    main()
