"""Scores the language guard on the labelled sets beside plain keywords, and beside Presidio where it is installed.

    python bench/score_phi.py [--json] [--errors]

Presidio and how speeds are compared: `bench/side_by_side.py`.
Texts of the unseen set are never printed: `--errors` lists the errors on the tuning set, and counts by item for the other.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "layers" / "texting" / "python")]

from texting.rules.phi import check  # noqa: E402

from bench import side_by_side as pace  # noqa: E402

SETS = ROOT / "tests" / "rules"
# What a first version of such a guard usually is: the commonest words, matched anywhere.
KEYWORDS = (
    "botox dysport xeomin filler juvederm restylane laser microneedling peel coolsculpting facial injection semaglutide "
    "ozempic prescription diagnosis results swelling bruising acne rosacea insurance ssn láser relleno receta"
).split()
IGNORED = {"DATE_TIME", "URL", "LOCATION", "PHONE_NUMBER"}
"""What Presidio finds and the policy lets travel: when and where a visit is, and whom to call."""


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SETS / f"phi_outbound_{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def keywords(text: str) -> str:
    lowered = text.lower()
    return "phi" if any(word in lowered for word in KEYWORDS) else "allow"


def score(labelled: list[dict[str, Any]], answers: Sequence[str]) -> dict[str, float]:
    """Recall on phi and the share of allowed texts that were stopped."""
    pairs = Counter((row["label"], answer) for row, answer in zip(labelled, answers, strict=True))
    phi, allowed = pairs["phi", "phi"] + pairs["phi", "allow"], pairs["allow", "allow"] + pairs["allow", "phi"]
    return {
        "recall": pairs["phi", "phi"] / phi,
        "false_alarms": pairs["allow", "phi"] / allowed,
        "texts": phi + allowed,
    }


def by_item(labelled: list[dict[str, Any]], answers: Sequence[str]) -> dict[str, str]:
    """Errors of all, for each policy item."""
    total, wrong = Counter(row["item"] for row in labelled), Counter[str]()
    for row, answer in zip(labelled, answers, strict=True):
        wrong[row["item"]] += row["label"] != answer
    return {item: f"{wrong[item]} of {count}" for item, count in sorted(total.items())}


def guard(text: str) -> str:
    return check(text).label


def told_by(found: Sequence[Sequence[str]]) -> list[str]:
    """Presidio's answers as labels."""
    return ["phi" if set(kinds) - IGNORED else "allow" for kinds in found]


def entry(labelled: list[dict[str, Any]]) -> dict[str, Any]:
    """The scores of one set, ours and the keywords'."""
    texts = [row["text"] for row in labelled]
    ours = list(map(guard, texts))
    return {
        "guard": score(labelled, ours),
        "keywords": score(labelled, list(map(keywords, texts))),
        "errors_by_item": by_item(labelled, ours),
    }


def measure() -> dict[str, Any]:
    """Scores on both sets; speeds on the unseen one, where Presidio is scored too."""
    report: dict[str, Any] = {"sets": {name: entry(rows(name)) for name in ("tune", "unseen")}}
    unseen = rows("unseen")
    texts = [row["text"] for row in unseen]
    with pace.presidio() as other:
        if other:
            report["sets"]["unseen"]["presidio"] = score(unseen, told_by(other(texts)[0]))
        report["speed"] = pace.speeds(pace.timed(guard), pace.timed(keywords), other, texts)
    report["speed"]["cold"] = pace.cold("texting.rules.phi", "check", texts)
    report["start_up"] = pace.start_up("texting.rules.phi")
    report["errors_on_tuning_set"] = [
        row | {"said": guard(row["text"])} for row in rows("tune") if guard(row["text"]) != row["label"]
    ]
    return report


def show(report: dict[str, Any], *, errors: bool) -> None:
    for name, found in report["sets"].items():
        print(f"{name} ({found['guard']['texts']:.0f} texts)")
        for who in ("guard", "keywords", "presidio"):
            if who in found:
                recall, stopped = found[who]["recall"], found[who]["false_alarms"]
                print(f"  {who:9} recall {recall:6.1%}   falsely stopped {stopped:6.1%}")
        for item, count in found["errors_by_item"].items():
            print(f"    {item:22} {count} wrong")
    print("\n".join(pace.told(report["speed"], report["start_up"])))
    if errors:
        for row in report["errors_on_tuning_set"]:
            print(f"  said {row['said']}, is {row['label']} ({row['item']}): {row['text']}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    parser.add_argument("--errors", action="store_true", help="list every known error on the tuning set")
    options = parser.parse_args()
    figures = measure()
    print(json.dumps(figures, ensure_ascii=False, indent=1)) if options.json else show(figures, errors=options.errors)
