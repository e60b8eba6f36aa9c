"""Measures the reading of replies: what it gets right and misses, how fast it is, and how a keyword list does beside it.

    .venv/bin/python bench/score_replies.py                       the labelled sets of tests/rules
    .venv/bin/python bench/score_replies.py FILE.jsonl …          other labelled sets: {"text", "intent", "also", "lang"}
    .venv/bin/python bench/score_replies.py --everyday FILE       false alarms in everyday texts, one a line
    … --json                                                      the same figures for machines

Everyday collections are read where they lie; none is kept here.
"""

import argparse
import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "layers" / "texting" / "python"))

from texting.rules.replies import meaning  # noqa: E402

SETS = sorted((ROOT / "tests" / "rules").glob("replies_inbound_*.jsonl"))
INTENTS = "emergency opt_out reschedule cancel_appointment confirm wrong_number opt_in help question_or_other".split()
# The carrier's own opt-out words: what a provider-managed list acts on, and nothing else.
CARRIER = frozenset("arret cancel end opt-out optout quit remove stop td unsubscribe".split())
BARE_FLOOR = "import json, re, dataclasses"


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


def labelled(path: Path) -> dict[str, Any]:
    """The figures of one labelled set, ours and the keyword list's, with every error."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    read = [meaning(row["text"]) for row in rows]
    plain = [keywords(row["text"]) for row in rows]
    ours = scored(rows, [{r.intent, *r.also} for r in read], [r.intent for r in read])
    ours["language"] = round(sum(r.lang == row["lang"] for r, row in zip(read, rows, strict=True)) / len(rows), 4)
    ours["errors"] = [
        {"text": row["text"], "wanted": row["intent"], "read": r.intent}
        for row, r in zip(rows, read, strict=True)
        if row["intent"] != r.intent
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


def speed(texts: list[str]) -> dict[str, float]:
    """Texts per second of processor time on one core, on a first pass and on those after it; and the start-up ratio."""
    passes = []
    for _ in range(4):
        before = time.process_time()
        for text in texts:
            meaning(text)
        passes.append(len(texts) / max(time.process_time() - before, 1e-9))
    return {
        "texts_per_second": round(max(passes[1:])),
        "texts_per_second_first_pass": round(passes[0]),
        "start_up_ratio": round(_start(["-m", "texting.rules.replies"]) / _start(["-c", BARE_FLOOR]), 2),
    }


def _start(arguments: list[str], runs: int = 7) -> float:
    """The least wall time, of several, that an interpreter takes to start and read one text."""
    path = {"PYTHONPATH": str(ROOT / "layers" / "texting" / "python")}
    best = 9.0
    for _ in range(runs):
        before = time.perf_counter()
        subprocess.run(
            [sys.executable, *arguments], input=b'{"text": "stop"}\n', stdout=subprocess.DEVNULL, env=path, check=True
        )
        best = min(best, time.perf_counter() - before)
    return best


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
    # The blind set is scored by its counts alone: a rule written to it would measure nothing any more.
    for error in () if "blind" in result["set"] else result["ours"]["errors"]:
        yield f"    known error: {error['wanted']} read as {error['read']}: {error['text']!r}"


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", type=Path, default=SETS)
    parser.add_argument("--everyday", type=Path, action="append", default=[])
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    results = [labelled(path) for path in asked.sets]
    texts = [
        json.loads(line)["text"] for path in asked.sets for line in path.read_text("utf-8").splitlines() if line.strip()
    ]
    report = {"sets": results, "everyday": [everyday(path) for path in asked.everyday], "speed": speed(texts)}
    if asked.json:
        print(json.dumps(report, ensure_ascii=False, indent=1))
        return
    for result in results:
        print("\n".join(_say(result)))
    for day in report["everyday"]:
        print(f"everyday: {day['texts']} texts; opt-outs {day['opt_out']}; emergencies {day['emergency']}")
    print("speed:", report["speed"])


if __name__ == "__main__":
    main()
