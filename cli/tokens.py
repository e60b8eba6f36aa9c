"""Bearer tokens for the systems that call /v1: made, listed, revoked. A token's value is shown once, and kept nowhere."""

from typing import Annotated

import typer
from texting.errors import Unknown
from texting.flows import callers, operate

from cli.asking import command
from cli.here import Here
from cli.showing import Answer, sentence, stamp, table

Name = Annotated[str, typer.Option("--name", help="Which system will hold it.")]
Scopes = Annotated[
    list[str], typer.Option("--scope", help=f"What it reaches: {', '.join(callers.SCOPES)}. Repeatable.")
]
Which = Annotated[
    str, typer.Argument(metavar="ID_OR_NAME", help="The token's id, c_…, or its name if only one has it.")
]


def add_to(app: typer.Typer) -> None:
    """Put these commands into the app."""
    group = typer.Typer(help="Tokens of the systems that call us.", no_args_is_help=True, rich_markup_mode=None)
    command(group, "new")(new)
    command(group, "list")(listing)
    command(group, "revoke")(revoke)
    app.add_typer(group, name="token")


def new(here: Here, name: Name, scope: Scopes) -> Answer:
    """Make a token, shown once.

    Put it straight into the other system's secrets.
    """
    token = callers.issue(here.world, name, tuple(dict.fromkeys(scope)), here.actor, here.now)
    shown = (sentence(token, "bold"), sentence("Shown once; only its hash is kept."))
    return Answer({"token": token, "name": name, "scopes": list(dict.fromkeys(scope))}, shown)


def listing(here: Here) -> Answer:
    """List the tokens that work, oldest first; never their values."""
    found = here.store.tokens()
    rows = [(operate.token_id(one), one.name, ", ".join(one.scopes), one.created_at) for one in found]
    data = [
        {"id": operate.token_id(one), "name": one.name, "scopes": list(one.scopes), "created_at": stamp(one.created_at)}
        for one in found
    ]
    shown = table(("id", "name", "reaches", "made"), rows) if rows else sentence("There are no tokens.")
    return Answer({"tokens": data}, (shown,))


def revoke(here: Here, which: Which) -> Answer:
    """End a token at once: the next call with it is refused."""
    token = operate.token_named(here.store, which)
    if not callers.revoke(here.world, token.token_hash, here.actor, here.now):
        raise Unknown("It was revoked in this moment by somebody else.")
    return Answer({"revoked": operate.token_id(token)}, (sentence(f"Revoked {operate.token_id(token)}."),))
