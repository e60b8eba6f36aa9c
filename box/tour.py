"""`python -m box.tour`: plays the main story in a box of its own, and says of each step what shows it.

Exits 0 when every promise of the story was kept, 1 with the surprise otherwise. `--export FOLDER` leaves the ledger
behind.
"""

import argparse
import sys
import time
from pathlib import Path

from rich.console import Console

from box.clock import BoxClock
from box.runtime.workers import ROOT
from box.scenarios import STORIES
from box.scenarios.player import Box, Step, play
from box.world import World

console = Console(highlight=False)


def main(arguments: list[str] | None = None) -> int:
    """Play a story from start to end on a free port."""
    options = asked(arguments)
    console.print(f"[bold]{STORIES[options.story].about}[/bold]\n")
    began = time.monotonic()
    with World(options.assembly, port=0, clock=BoxClock()) as world:
        for held in world.relied_on:
            console.print(f"[green]✓[/green] {held}")
        told = play(STORIES[options.story], world.address, show)
        if options.export:
            leave(world, options.export)
    spent = time.monotonic() - began
    if not told["ok"]:
        console.print(f"\n[red bold]✗ A surprise:[/red bold] {told['surprise']}", soft_wrap=True)
        return 1
    console.print(f"\n[green bold]All {len(told['steps'])} steps as promised[/green bold], in {spent:.0f} s.")
    return 0


def show(step: Step) -> None:
    """One step as it happens."""
    console.print(f"\n[green]✓[/green] [bold]{step.title}[/bold]", soft_wrap=True)
    for line in step.evidence:
        console.print(f"    {line}", markup=False, soft_wrap=True)


def leave(world: World, folder: Path) -> None:
    """Export the ledger, and write how to verify it beside it."""
    head = Box(world.address).post("/box/ledger/export", {"to": str(folder.resolve())})
    folder.with_suffix(".vkey").write_text(f"{head['vkey']}\n", encoding="utf-8")
    folder.with_suffix(".anchor").write_text(f"{head['size']}:{head['root']}\n", encoding="utf-8")
    console.print(f"\nThe ledger is in {folder}; its key and anchor are beside it.")


def asked(arguments: list[str] | None) -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m box.tour", description="Play a story in a box of its own.")
    parser.add_argument("story", nargs="?", default="main", choices=sorted(STORIES))
    parser.add_argument("--assembly", type=Path, default=ROOT / "cdk.out", help="the synthesized templates")
    parser.add_argument("--export", type=Path, help="a new folder for the ledger's files, to be verified later")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
