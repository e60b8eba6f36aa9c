"""What joins us to others: the connections' secrets, the settings file, and who this command speaks as."""

import base64
import secrets
from pathlib import Path
from typing import Annotated

import typer
from texting import practice
from texting.aws import account
from texting.errors import Misconfigured, Unknown
from texting.flows.wording import templates_of

from cli.asking import command
from cli.here import Here, operator_id
from cli.showing import Answer, sentence

BYTES = 32
"""Standard Webhooks asks for 24 to 64 bytes of randomness."""

Name = Annotated[str, typer.Argument(metavar="NAME", help="The connection's name in practice.toml.")]
End = Annotated[
    bool, typer.Option("--end-rotation", help="Let the previous secret be good no longer; make no new one.")
]
Outbound = Annotated[bool, typer.Option("--outbound", help="Ask for the token we show when we read back (FHIR).")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="A settings file.")]


def add_to(app: typer.Typer) -> None:
    """Put these commands into the app."""
    group = typer.Typer(help="Scheduling systems that speak to us.", no_args_is_help=True, rich_markup_mode=None)
    command(group, "secret")(secret)
    app.add_typer(group, name="connection")
    group = typer.Typer(help="The practice's settings.", no_args_is_help=True, rich_markup_mode=None)
    command(group, "check")(check)
    app.add_typer(group, name="settings")
    command(app, "whoami")(whoami)


def secret(here: Here, name: Name, end_rotation: End = False, outbound: Outbound = False) -> Answer:
    """Make a connection's secret, or rotate it.

    The old one stays good until --end-rotation. The new one is shown once.
    """
    connection = here.practice.connection(name)
    if connection is None:
        raise Unknown("practice.toml has no connection of this name; look at its [[connections]].")
    assert here.deployed
    if end_rotation:
        ended = account.end_rotation(connection.secret_name)
        said = "Only the current secret is good now." if ended else "There was no previous secret."
        return Answer({"connection": name, "ended": ended}, (sentence(said),))
    fresh = "whsec_" + base64.b64encode(secrets.token_bytes(BYTES)).decode()
    shows = typer.prompt("Token for reading back (not shown)", hide_input=True, err=True) if outbound else None
    rotated = account.rotate_secret(connection.secret_name, fresh, shows)
    then = (
        f"Give it to {name}, then: quietline connection secret {name} --end-rotation"
        if rotated
        else f"Give it to {name}."
    )
    data = {"connection": name, "secret": fresh, "rotated": rotated}
    return Answer(data, (sentence(fresh, "bold"), sentence(f"Shown once; seen by us within five minutes. {then}")))


def check(here: Here, file: File = Path("practice.toml")) -> Answer:
    """Check a settings file and its wordings.

    Every fault comes with its line and remedy; wordings are read by the language guard.
    """
    try:
        templates_of(practice.load(str(file)))
    except Misconfigured as fault:
        faults = fault.sentence.splitlines()
        return Answer({"valid": False, "faults": faults}, [sentence(one, "red") for one in faults], ok=False)
    return Answer({"valid": True, "faults": []}, (sentence(f"{file.name} is valid."),))


def whoami(here: Here) -> Answer:
    """Say who this command speaks as.

    The account, the identity, and the opaque id by which the ledger knows it.
    """
    assert here.deployed
    number, arn = account.caller()
    data = {"account": number, "identity": arn, "operator": operator_id(arn)}
    return Answer(data, [sentence(f"{part}: {value}") for part, value in data.items()])
