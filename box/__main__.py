"""`python -m box`: serve the practice in a box and stay, until Ctrl-C.

PORT chooses another port, BOX_START the day it begins, CLOCK=live lets its clock run, ASSEMBLY names other templates,
STAGE=empty begins without patients.
"""

import os
import signal
import sys
import threading
from datetime import datetime
from pathlib import Path

from rich.console import Console

from box import operator_file
from box.clock import BoxClock, UnreadableTime, written
from box.embedded_aws import EmbeddedAwsFailed
from box.relied_on import NotRelied
from box.runtime.template import TemplateRefused
from box.runtime.workers import ROOT
from box.scenarios.opening import EARLIER, set_the_stage
from box.scenarios.player import Box
from box.world import PORT, StageRefused, World

console = Console(highlight=False)


def main() -> int:
    """Start a box from the environment's wishes and serve it until told to stop."""
    try:
        begins = BoxClock.from_environment(os.environ)
        staged = os.environ.get("STAGE") != "empty" and not begins.live
        clock = BoxClock(begins.now() - EARLIER) if staged else begins
        world = World(
            Path(os.environ.get("ASSEMBLY", ROOT / "cdk.out")), port=int(os.environ.get("PORT", PORT)), clock=clock
        )
        world.on_stage = not staged
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # asked politely, we end as at Ctrl-C
        console.print("Starting the practice in a box …")
        world.start()
    except (TemplateRefused, EmbeddedAwsFailed, NotRelied, StageRefused, UnreadableTime) as error:
        console.print(f"[red]{error}[/red]")
        return 1
    except OSError as error:
        console.print(f"[red]The port cannot be used ({error.strerror}): choose another with PORT=8701.[/red]")
        return 1
    except KeyboardInterrupt:
        return 0
    serve(world, begins.now() if staged else None)
    return 0


def serve(world: World, begins: datetime | None) -> None:
    """Put patients on stage, up to the moment the day begins, and stay until told to end."""
    try:
        operator_file.write(world)
        if begins:
            console.print("Putting patients on stage …")
            set_the_stage(Box(world.address))
            world.move_to(begins)
            world.on_stage = True
        greet(world)
        threading.Event().wait()
    except KeyboardInterrupt:
        console.print("Closing; everything in the box is gone.")
    finally:
        operator_file.remove(world)
        world.stop()


def greet(world: World) -> None:
    """Say where the box is and what to try."""
    console.print(f"\n  [bold]{world.address}[/bold]  the practice in a box · {written(world.clock.now())}")
    for held in world.relied_on:
        console.print(f"  [green]✓[/green] {held}")
    console.print(f"""
  Open the page, play a story, move the clock, text as a patient. Or from a shell:

    curl -X POST {world.address}/box/scenario/main
    curl -X POST {world.address}/box/clock -d '{{"advance": "PT36H"}}'
    curl {world.address}/box/threads

  docs/box.md tells the rest. Nothing here leaves this machine; Ctrl-C ends it and everything in it.
""")


if __name__ == "__main__":
    sys.exit(main())
