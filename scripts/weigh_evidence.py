"""Finds what each piece of evidence is worth (rules/replies_evidence.py), from our own labelled texts.

    .venv/bin/python scripts/weigh_evidence.py                     the points, beside those of the table
    .venv/bin/python scripts/weigh_evidence.py --everyday FILE     … everyday texts, one a line, weighed in as no opt-outs
    .venv/bin/python scripts/weigh_evidence.py FILE.jsonl …        … other labelled sets as well
    .venv/bin/python scripts/weigh_evidence.py --write             the same, put into the table

Logistic regression with a price on every piece, so that few are kept; none may speak against the side a person chose.
Rounded to whole points, so that anybody can add them up. The same texts give the same points.
"""

import argparse
import json
import math
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.progress import track
from texting.rules import replies_compile
from texting.rules.replies_evidence import evidence
from texting.rules.replies_normalise import folded, plain
from texting.rules.replies_phrases import reworded
from texting.rules.replies_quotes import own_words, without_ours
from texting.rules.replies_tables import tables
from texting.rules.replies_tokens import chunked

ROOT = Path(__file__).parent.parent
TABLE = replies_compile.TABLES / "replies_evidence.toml"
TUNE = ROOT / "tests" / "rules" / "replies_inbound_tune.jsonl"
PRICE = 1e-4  # of a unit of weight: at 3e-4 a third of the pieces were left, and a tenth more opt-outs missed
ROUNDS = 300  # the points no longer change after about 250
POINTS = 2  # to a unit of weight: whole points are then a quarter off at most
EVERYDAY = 2.0  # so much weighs an everyday text: a false alarm in one of ten thousand would still be many


def pieces(text: str) -> set[str]:
    """The evidence of one text as it comes."""
    return evidence(reworded(plain(chunked(without_ours(own_words(folded(text))))))[0].clauses)


class Fit:
    """The weights of a set of pieces, found by accelerated proximal descent."""

    def __init__(self, chosen: dict[str, int], rows: list[tuple[list[int], bool, float]]) -> None:
        self.signs = list(chosen.values())
        total = sum(weight for _, _, weight in rows)
        self.rows = [(held, opted, weight / total) for held, opted, weight in rows]
        longest = max(len(held) for held, _, _ in rows)
        self.step = 4 / (longest / 4 + 0.4)  # about the inverse of the steepest curve; found safe by halving
        self.weights, self.bias = [0.0] * len(self.signs), -1.0

    def run(self, rounds: Iterable[int]) -> None:
        """So many rounds, each over all texts."""
        ahead, pace = list(self.weights), 1.0
        for _ in rounds:
            slope, tilt = self._slope(ahead)
            moved = [self._moved(*one) for one in zip(ahead, slope, self.signs, strict=True)]
            faster = (1 + math.sqrt(1 + 4 * pace * pace)) / 2
            push = (pace - 1) / faster
            ahead = [new + push * (new - old) for new, old in zip(moved, self.weights, strict=True)]
            self.weights, pace = moved, faster
            self.bias -= self.step * tilt

    def _slope(self, weights: list[float]) -> tuple[list[float], float]:
        slope, tilt = [0.0] * len(weights), 0.0
        for held, opted, weight in self.rows:
            worth = self.bias + sum(weights[piece] for piece in held)
            off = (1 / (1 + math.exp(-max(min(worth, 30), -30))) - opted) * weight
            tilt += off
            for piece in held:
                slope[piece] += off
        return slope, tilt

    def _moved(self, weight: float, slope: float, sign: int) -> float:
        """One weight a step on, less its price, never on the other side of nought."""
        new = (weight - self.step * slope) * sign - self.step * PRICE
        return max(new, 0.0) * sign


def labelled(sets: Iterable[Path], everyday: Path | None) -> list[tuple[set[str], bool, float]]:
    """Each text's evidence, whether it opts out, and what it weighs."""
    ours = [json.loads(line) for path in sets for line in path.read_text("utf-8").splitlines()]
    rows = [(pieces(row["text"]), "opt_out" in (row["intent"], *row.get("also", ())), 1.0) for row in ours]
    lines = everyday.read_text("utf-8").splitlines()[::4] if everyday else []
    return rows + [(pieces(line), False, EVERYDAY) for line in lines]


def found(sets: Iterable[Path], everyday: Path | None) -> tuple[dict[str, int], float]:
    """The points of each piece worth any, and how many make an even bet."""
    table = tables()["evidence"]
    chosen = dict.fromkeys(table["may_speak_for"], 1) | dict.fromkeys(table["may_speak_against"], -1)
    number = {piece: at for at, piece in enumerate(chosen)}
    rows = [([number[p] for p in held if p in number], opted, w) for held, opted, w in labelled(sets, everyday)]
    fit = Fit(chosen, rows)
    fit.run(track(range(ROUNDS), "weighing", console=Console(stderr=True)))
    points = {piece: round(fit.weights[at] * POINTS) for piece, at in number.items()}
    return {piece: worth for piece, worth in points.items() if worth}, -fit.bias * POINTS


def written(points: dict[str, int]) -> str:
    """The points as lines of the table, the weightiest first."""
    ranked = sorted(points.items(), key=lambda row: (-row[1], row[0]))
    return "".join(f'"{piece}" = {worth}\n' for piece, worth in ranked)


def main() -> None:
    """Finds the points; shows them or writes them."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("sets", type=Path, nargs="*", metavar="FILE.jsonl")
    options.add_argument("--everyday", type=Path)
    options.add_argument("--write", action="store_true")
    chosen = options.parse_args()
    points, even = found((TUNE, *chosen.sets), chosen.everyday)
    sys.stdout.write(f"{written(points)}# {len(points)} pieces; an even bet at {even:.1f} points\n")
    if chosen.write:
        text = TABLE.read_text("utf-8")
        TABLE.write_text(re.sub(r'(?m)^".*" = -?\d+\n', "", text) + written(points), "utf-8")
        replies_compile.main()


if __name__ == "__main__":
    main()
