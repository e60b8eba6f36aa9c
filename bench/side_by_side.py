"""Speed told so that it holds on a busy machine: ours and Presidio's on the same texts, in turns, in one run.

A machine's own speed can change by half from one minute to the next, so two readers are compared only on what they read
within the same seconds: Presidio two hundred texts, ours the same ones fifty times over, and so three times in turn before
the next; of each reader's three the least counts, as what else the machine does only ever takes away. What counts is CPU
time of each reader's own process, held to one thread, the pipe between them left out. Both have read every text once
before: that is "warm". "Cold" is the first pass of a fresh process, our tables' loading included.

PRESIDIO_PYTHON names a Python that has presidio-analyzer and a spaCy model (en_core_web_lg, or the one that
PRESIDIO_MODEL names); without it Presidio is left out.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LAYER = ROOT / "layers" / "texting" / "python"
TURN, AGAIN, ROUNDS = 200, 50, 3
"""Texts of one turn, how often ours reads them in it, so that both turns last a second or two, and how often both have one.

A process that waited reads its first 50 milliseconds at half its speed; with five times over, that was most of our turn."""
STARTS, FRESH = 12, 5
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "BLIS")}
PRESIDIO = """
import json, os, sys, time
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NlpEngineProvider
model = {"lang_code": "en", "model_name": os.environ.get("PRESIDIO_MODEL", "en_core_web_lg")}
nlp = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": [model]}).create_engine()
engine = AnalyzerEngine(nlp_engine=nlp)
for line in sys.stdin:
    texts, begun = json.loads(line), time.process_time()
    found = [engine.analyze(text=text, language="en", score_threshold=0.4) for text in texts]
    taken = time.process_time() - begun
    print(json.dumps([[sorted({one.entity_type for one in results}) for results in found], taken]), flush=True)
"""
COLD = """
import json, sys, time
texts, begun = json.load(sys.stdin), time.process_time()
from {module} import {name} as read
for text in texts:
    read(text)
print(len(texts) / (time.process_time() - begun))
"""

Timed = Callable[[Sequence[str]], tuple[list[Any], float]]
"""Reads texts; its answers, and the CPU seconds they took."""


def timed(read: Callable[[str], Any]) -> Timed:
    """A reader of this process, timed."""

    def batch(texts: Sequence[str]) -> tuple[list[Any], float]:
        begun = time.process_time()
        answers = [read(text) for text in texts]
        return answers, time.process_time() - begun

    return batch


@contextmanager
def presidio() -> Iterator[Timed | None]:
    """Presidio in its own process, which answers with the kinds it found in each text; None where it is not installed."""
    python = os.environ.get("PRESIDIO_PYTHON")
    if not python:
        yield None
        return
    command, pipe = [python, "-c", PRESIDIO], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=os.environ | ONE_THREAD) as engine:

        def batch(texts: Sequence[str]) -> tuple[list[Any], float]:
            assert engine.stdin
            assert engine.stdout
            print(json.dumps(texts), file=engine.stdin, flush=True)
            answers, taken = json.loads(engine.stdout.readline())
            return answers, taken

        yield batch


def in_turns(readers: Mapping[str, tuple[Timed, int]], texts: Sequence[str]) -> dict[str, float]:
    """Texts per CPU second of each reader; all read the texts of one turn, so many times over, before those of the next.

    Of several rounds of a turn each reader's fastest counts.
    """
    taken, done = dict.fromkeys(readers, 0.0), dict.fromkeys(readers, 0)
    for begin in range(0, len(texts), TURN):
        turn = texts[begin : begin + TURN]
        rounds = [
            {name: sum(read(turn)[1] for _ in range(times)) for name, (read, times) in readers.items()}
            for _ in range(ROUNDS)
        ]
        for name, (_, times) in readers.items():
            taken[name] += min(seconds[name] for seconds in rounds)
            done[name] += len(turn) * times
    return {name: done[name] / taken[name] for name in readers}


def speeds(ours: Timed, keywords: Timed, other: Timed | None, texts: Sequence[str]) -> dict[str, float]:
    """Texts per second, warm, of ours, the keywords and Presidio, and how many times Presidio's speed ours is."""
    readers = {"ours": (ours, AGAIN), "keywords": (keywords, AGAIN)}
    if other:
        readers["presidio"] = (other, 1)
    for read, _ in readers.values():
        read(texts)
    found = in_turns(readers, texts)
    report: dict[str, float] = {"texts": len(texts)}
    report.update({name: round(rate) for name, rate in found.items()})
    return report | ({"times_presidio": round(found["ours"] / found["presidio"], 1)} if other else {})


def cold(module: str, name: str, texts: Sequence[str]) -> int:
    """Texts per CPU second of the first pass of `module.name` in a fresh process, from before its import.

    The best of five: what else the machine does only ever takes away.
    """
    code = COLD.format(module=module, name=name)
    runs = [
        subprocess.run([sys.executable, "-c", code], input=json.dumps(texts), **_quietly(), check=True, text=True)
        for _ in range(FRESH)
    ]
    return round(max(float(run.stdout) for run in runs))


def start_up(module: str) -> dict[str, float]:
    """CPU milliseconds in which an interpreter starts with `module` and reads nothing, beside one with what it must have.

    The least of twelve starts of each, taken in turn.
    """
    commands = (("-c", "import json,re,dataclasses"), ("-m", module))
    rounds = [[_one_start(command) for command in commands] for _ in range(STARTS)]
    bare, ours = (min(taken) for taken in zip(*rounds, strict=True))
    return {"bare_ms": round(bare * 1000, 1), "ours_ms": round(ours * 1000, 1), "ratio": round(ours / bare, 2)}


def told(speed: Mapping[str, float], start: Mapping[str, float]) -> Iterator[str]:
    """The figures of `speeds`, with `cold`, and of `start_up`, as lines."""
    both = f"ours {speed['ours']}, keywords {speed['keywords']}"
    yield f"texts per second of one core, the same {speed['texts']} texts read in turns: {both}"
    if "presidio" in speed:
        yield f"    Presidio {speed['presidio']}: ours is {speed['times_presidio']} times as fast"
    yield f"    ours cold, the first pass of a fresh process with its tables: {speed['cold']}"
    yield f"start-up: {start['ours_ms']} ms of CPU, {start['ratio']} times a bare interpreter"


def _one_start(command: Sequence[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *command], stdin=subprocess.DEVNULL, **_quietly(), check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _quietly() -> dict[str, Any]:
    """How a child of ours runs: on the sources of this tree, with their byte code kept, its output taken in."""
    around = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {"stdout": subprocess.PIPE, "env": around | {"PYTHONPATH": str(LAYER)}}
