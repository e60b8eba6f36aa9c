"""The ledger's head, to be kept outside it, and its export for the verifier."""

from pathlib import Path
from typing import Annotated

import typer
from texting.aws import ledger
from texting.errors import Reject
from texting.flows import operate

from cli.asking import command
from cli.here import Here
from cli.showing import Answer, sentence

MOST_COUNTED = 999_999
Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="A new or empty folder.")]


def add_to(app: typer.Typer) -> None:
    """Put these commands into the app."""
    group = typer.Typer(help="Evidence that survives us.", no_args_is_help=True, rich_markup_mode=None)
    command(group, "head")(head)
    command(group, "export")(export)
    app.add_typer(group, name="ledger")


def head(here: Here) -> Answer:
    """Print the ledger's anchor and its key.

    Size and root, after the signature was checked.
    Keep the anchor somewhere else every day (an e-mail to yourself will do): it shows later that nothing was cut off.
    """
    found = ledger.head(here.deployed.variable("LEDGER_BUCKET"), *_keys(here))
    anchor = f"{found.size}:{found.root}"
    data = {"size": found.size, "root": found.root, "vkey": found.vkey or None, "anchor": anchor}
    shown = [sentence(f"anchor {anchor}"), sentence(f"vkey   {found.vkey or 'none yet: nothing was published'}")]
    return Answer(data, shown)


def export(here: Here, folder: Folder) -> Answer:
    """Copy the ledger for the verifier.

    Then: python verifier/verify.py FOLDER --vkey KEY --anchor ANCHOR.
    The ledger names nobody, and with the practice's tables beside it, it could: keep the copy as you keep records.
    """
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise Reject("The folder is not empty; name a new one.")
    bucket = here.deployed.variable("LEDGER_BUCKET")
    found = ledger.head(bucket, *_keys(here))
    operate.note_export(here.store, "ledger", min(found.size, MOST_COUNTED), here.actor, here.now)
    files = ledger.export(bucket, folder)
    verify = f"python verifier/verify.py {folder} --vkey '{found.vkey}' --anchor {found.size}:{found.root}"
    data = {"folder": str(folder), "files": files, "size": found.size, "root": found.root, "vkey": found.vkey}
    return Answer(data, (sentence(f"{files} files."), sentence(verify)))


def _keys(here: Here) -> tuple[str, str]:
    """The signing key, and the one before it, under which the ledger stands until it is handed over."""
    return here.deployed.variable("SIGNING_KEY"), here.deployed.variable("FORMER_SIGNING_KEY")
