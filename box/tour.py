"""`python -m box.tour`: plays the main story in a box of its own, and says of each step what shows it.

Exits 0 when every promise of the story was kept, 1 with the surprise otherwise. `--export FOLDER` leaves the ledger
behind with its key and anchor; `--verify` also runs the independent verifier on it (in build/ledger, unless told where).
"""

import argparse
import shutil
import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console

from box.clock import BoxClock
from box.runtime.workers import ROOT
from box.scenarios import STORIES
from box.scenarios.main import VERIFIER
from box.scenarios.player import Box, Step, play
from box.world import World

console = Console(highlight=False)
LEDGER = ROOT / "build" / "ledger"


def main(arguments: list[str] | None = None) -> int:
    """Play a story from start to end on a free port."""
    options = asked(arguments)
    console.print(f"[bold]{STORIES[options.story].about}[/bold]\n")
    began = time.monotonic()
    with World(options.assembly, port=0, clock=BoxClock()) as world:
        for held in world.relied_on:
            console.print(f"[green]✓[/green] {held}")
        told = play(STORIES[options.story], world.address, show)
        verified = leave(world, options) if options.export else True
    spent = time.monotonic() - began
    if not verified:
        console.print("\n[red bold]✗ The verifier does not accept the ledger.[/red bold]")
        return 1
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


def leave(world: World, options: argparse.Namespace) -> bool:
    """Export the ledger with its key and anchor beside it; have it verified if asked to. Whether that went well."""
    folder: Path = options.export.resolve()
    if options.verify and folder == LEDGER:
        shutil.rmtree(folder, ignore_errors=True)
    head = Box(world.address).post("/box/ledger/export", {"to": str(folder)})
    anchor = f"{head['size']}:{head['root']}"
    folder.with_suffix(".vkey").write_text(f"{head['vkey']}\n", encoding="utf-8")
    folder.with_suffix(".anchor").write_text(f"{anchor}\n", encoding="utf-8")
    command = [sys.executable, str(VERIFIER), str(folder), "--vkey", head["vkey"], "--anchor", anchor]
    console.print(f"\nThe ledger is in {folder}. To verify it again:", soft_wrap=True)
    console.print("  python " + " ".join(command[1:]), markup=False, soft_wrap=True)
    return not options.verify or subprocess.run(command, check=False).returncode == 0


def asked(arguments: list[str] | None) -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m box.tour", description="Play a story in a box of its own.")
    parser.add_argument("story", nargs="?", default="main", choices=sorted(STORIES))
    parser.add_argument("--assembly", type=Path, default=ROOT / "cdk.out", help="the synthesized templates")
    parser.add_argument("--export", type=Path, help="a new folder for the ledger's files, to be verified later")
    parser.add_argument("--verify", action="store_true", help="run the independent verifier on the exported ledger")
    options = parser.parse_args(arguments)
    options.export = options.export or (LEDGER if options.verify else None)
    return options


if __name__ == "__main__":
    sys.exit(main())
