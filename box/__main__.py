"""`python -m box`: serve the practice in a box and stay, until Ctrl-C.

PORT chooses another port, BOX_START the day it begins, CLOCK=live lets its clock run, ASSEMBLY names other templates,
STAGE=empty begins without patients.
"""

import errno
import os
import signal
import sys
import threading
from collections.abc import Mapping
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
LAST_PORT = 65_535


def main() -> int:
    """Start a box from the environment's wishes and serve it until told to stop."""
    try:
        port, begins = port_of(os.environ), BoxClock.from_environment(os.environ)
        staged = os.environ.get("STAGE") != "empty" and not begins.live
        clock = BoxClock(begins.now() - EARLIER) if staged else begins
        world = World(Path(os.environ.get("ASSEMBLY", ROOT / "cdk.out")), port=port, clock=clock)
        world.on_stage = not staged
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # asked politely, we end as at Ctrl-C
        console.print("Starting the practice in a box …")
        world.start()
    except (TemplateRefused, EmbeddedAwsFailed, NotRelied, StageRefused, UnreadableTime, PortRefused) as error:
        console.print(f"[red]{error}[/red]")
        return 1
    except OSError as error:
        console.print(f"[red]{_why_not(error)}[/red]")
        return 1
    except KeyboardInterrupt:
        return 0
    serve(world, begins.now() if staged else None)
    return 0


class PortRefused(ValueError):
    """PORT names no port; the sentence says what to write."""


def port_of(environment: Mapping[str, str]) -> int:
    """The port that PORT asks for, 8700 when it says nothing, 0 for any free one. Raises PortRefused."""
    asked = environment.get("PORT", "").strip()
    if not asked:
        return PORT
    if not (asked.isascii() and asked.isdecimal() and int(asked) <= LAST_PORT):
        raise PortRefused(f"PORT is not the number of a port; write one up to {LAST_PORT}, for example PORT=8701.")
    return int(asked)


def _why_not(error: OSError) -> str:
    if error.errno in (errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL):
        return f"The port cannot be used ({error.strerror}): choose another with PORT=8701."
    return f"The box could not start ({error.strerror}); `make setup` sets it up anew."


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
