"""Scores the language guard on the labelled sets beside plain keywords, and beside Presidio where it is installed.

    python bench/score_phi.py [--json] [--errors]

PRESIDIO_PYTHON names a Python that has presidio-analyzer and a spaCy model (en_core_web_lg, or the one that
PRESIDIO_MODEL names); without it Presidio is left out.
Texts of the unseen set are never printed: `--errors` lists the errors on the tuning set, and counts by item for the other.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from texting.rules.phi import check

SETS = Path(__file__).parent.parent / "tests" / "rules"
# What a first version of such a guard usually is: the commonest words, matched anywhere.
KEYWORDS = (
    "botox dysport xeomin filler juvederm restylane laser microneedling peel coolsculpting facial injection semaglutide "
    "ozempic prescription diagnosis results swelling bruising acne rosacea insurance ssn láser relleno receta"
).split()
PRESIDIO = """
import json, os, sys
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NlpEngineProvider
model = {"lang_code": "en", "model_name": os.environ.get("PRESIDIO_MODEL", "en_core_web_lg")}
nlp = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": [model]}).create_engine()
engine = AnalyzerEngine(nlp_engine=nlp)
for line in sys.stdin:
    found = engine.analyze(text=json.loads(line)["text"], language="en", score_threshold=0.4)
    kinds = {result.entity_type for result in found} - {"DATE_TIME", "URL", "LOCATION", "PHONE_NUMBER"}
    print("phi" if kinds else "allow", flush=True)
"""


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


def speed(judge: Callable[[str], str], texts: list[str], seconds: float = 2.0) -> float:
    """Texts per second of CPU time on one core, after one pass to warm up."""
    for text in texts:
        judge(text)
    begun, done = time.process_time(), 0
    while time.process_time() - begun < seconds:
        for text in texts:
            judge(text)
        done += len(texts)
    return done / (time.process_time() - begun)


def start_ups(*commands: tuple[str, ...]) -> list[float]:
    """The least CPU seconds of twelve starts of each, taken in turn, so that a busy machine burdens all alike."""
    rounds = [[_one_start(command) for command in commands] for _ in range(12)]
    return [min(taken) for taken in zip(*rounds, strict=True)]


def _one_start(command: tuple[str, ...]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def presidio(texts: Sequence[str]) -> tuple[list[str], float] | None:
    """Presidio's answers and texts per second, or None where it is not installed."""
    python = os.environ.get("PRESIDIO_PYTHON")
    if not python:
        return None
    with subprocess.Popen([python, "-c", PRESIDIO], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as engine:
        assert engine.stdin
        assert engine.stdout
        answers, begun = [], 0.0
        for text in [texts[0], *texts]:
            engine.stdin.write(json.dumps({"text": text}) + "\n")
            engine.stdin.flush()
            answers.append(engine.stdout.readline().strip())
            begun = begun or time.perf_counter()
        taken = time.perf_counter() - begun
        engine.stdin.close()
    return answers[1:], len(texts) / taken


def measure() -> dict[str, Any]:
    report: dict[str, Any] = {"sets": {}}
    for name in ("tune", "unseen"):
        labelled = rows(name)
        texts = [row["text"] for row in labelled]
        ours = [check(text).label for text in texts]
        entry: dict[str, Any] = {
            "guard": score(labelled, ours),
            "keywords": score(labelled, list(map(keywords, texts))),
        }
        entry["errors_by_item"] = by_item(labelled, ours)
        other = presidio(texts) if name == "unseen" else None
        if other:
            entry["presidio"] = score(labelled, other[0])
            report["presidio_texts_per_second"] = round(other[1])
        report["sets"][name] = entry
    texts = [row["text"] for name in ("tune", "unseen") for row in rows(name)]
    report["texts_per_second"] = round(speed(lambda text: check(text).label, texts))
    report["keywords_texts_per_second"] = round(speed(keywords, texts))
    bare, full = start_ups(("-c", "import json,re,dataclasses"), ("-m", "texting.rules.phi"))
    report["start_up"] = {
        "bare_ms": round(bare * 1000, 1),
        "guard_ms": round(full * 1000, 1),
        "ratio": round(full / bare, 2),
    }
    report["errors_on_tuning_set"] = [
        row | {"said": check(row["text"]).label} for row in rows("tune") if check(row["text"]).label != row["label"]
    ]
    return report


def show(report: dict[str, Any], *, errors: bool) -> None:
    for name, entry in report["sets"].items():
        print(f"{name} ({entry['guard']['texts']:.0f} texts)")
        for who in ("guard", "keywords", "presidio"):
            if who in entry:
                print(
                    f"  {who:9} recall {entry[who]['recall']:6.1%}   falsely stopped {entry[who]['false_alarms']:6.1%}"
                )
        for item, count in entry["errors_by_item"].items():
            print(f"    {item:22} {count} wrong")
    print(
        f"texts per second, one core: guard {report['texts_per_second']}, keywords {report['keywords_texts_per_second']}",
        end="",
    )
    print(f", presidio {report['presidio_texts_per_second']}" if "presidio_texts_per_second" in report else "")
    print(f"start-up: {report['start_up']['guard_ms']} ms of CPU, {report['start_up']['ratio']} x a bare interpreter")
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
