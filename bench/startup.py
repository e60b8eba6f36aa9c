"""What each function's cold start costs beside the floor of a bare interpreter with boto3, as ratios within one run.

    .venv/bin/python bench/startup.py [--rounds 7] [--json]

Each round starts fresh processes in turn: the floor, then every function's handler module. CPU seconds of the child are
compared (they are steadier than the clock); the median of the rounds is printed. Byte code is warm, as it is in the layer.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
from pathlib import Path

FUNCTIONS = sorted(path.parent.name for path in Path("functions").glob("*/handler.py"))
FLOOR = "import boto3"


def cpu_of(code: str) -> float:
    """CPU seconds that a fresh interpreter needs for `code`."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    around = os.environ | {"PYTHONPATH": "layers/texting/python", "POWERTOOLS_SERVICE_NAME": "bench"}
    around.pop("PYTHONDONTWRITEBYTECODE", None)
    subprocess.run([sys.executable, "-c", code], check=True, env=around)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


def measured(rounds: int) -> list[dict[str, object]]:
    """Median CPU milliseconds and the ratio to the floor, for each function."""
    code = {name: f"import functions.{name}.handler" for name in FUNCTIONS} | {"import boto3": FLOOR}
    for text in code.values():
        cpu_of(text)
    times: dict[str, list[float]] = {name: [] for name in code}
    for _ in range(rounds):
        for name, text in code.items():
            times[name].append(cpu_of(text))
    floor = statistics.median(times["import boto3"])
    return [
        {
            "function": name,
            "cpu_ms": round(1000 * statistics.median(found)),
            "of_boto3_alone": round(statistics.median(found) / floor, 2),
        }
        for name, found in times.items()
    ]


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=7)
    asked.add_argument("--json", action="store_true")
    given = asked.parse_args()
    rows = measured(given.rounds)
    if given.json:
        print(json.dumps(rows))
        return
    for row in rows:
        print(f"{row['function']:>14}  {row['cpu_ms']:>5} ms CPU  {row['of_boto3_alone']:>5} x import boto3")


if __name__ == "__main__":
    main()
