"""Texts in doubt: nobody knows whether the carrier took them. Receipts settle most; people settle the rest, one by one."""

from typing import Annotated, Literal

import typer
from texting.flows import operate
from texting.values import State

from cli.asking import Confirm, command, confirm
from cli.here import Here
from cli.showing import Answer, sentence, stamp, table

MessageId = Annotated[str, typer.Argument(metavar="MESSAGE_ID", help="A text's id, m_….")]
Outcome = Annotated[Literal["delivered", "failed"], typer.Option("--as", help="What a person found out.")]


def add_to(app: typer.Typer) -> None:
    """Put these commands into the app."""
    group = typer.Typer(help="Texts that may or may not have gone out.", no_args_is_help=True, rich_markup_mode=None)
    command(group, "doubtful")(doubtful)
    command(group, "settle")(settle)
    command(group, "resend")(resend)
    app.add_typer(group, name="messages")


def doubtful(here: Here) -> Answer:
    """List the texts in doubt, oldest first."""
    found = operate.doubtful(here.store, here.now)
    data = [
        {
            "id": one.message_id,
            "purpose": one.purpose,
            "claimed_at": stamp(one.claimed_at),
            "deadline": stamp(one.deadline),
        }
        for one in found
    ]
    rows = [(one.message_id, one.purpose, one.claimed_at, one.deadline) for one in found]
    shown = table(("id", "purpose", "handed over at", "deadline"), rows) if rows else sentence("No text is in doubt.")
    return Answer({"doubtful": data}, (shown,))


def settle(here: Here, message_id: MessageId, outcome: Outcome) -> Answer:
    """Write down what became of a text in doubt.

    Once a person knows: the patient has it, or has not.
    """
    settled = operate.settle_doubt(here.world, message_id, State(outcome), here.actor, here.now)
    return Answer({"id": message_id, "state": str(settled.state)}, (sentence(f"Settled as {settled.state}."),))


def resend(here: Here, message_id: MessageId, confirm_word: Confirm = "") -> Answer:
    """Say a text in doubt once more.

    It goes as a new text that asks the gate. The patient may get it twice: that is your decision.
    """
    confirm("TWICE", confirm_word, "The patient may already have this text, and could get it twice.")
    new_id = operate.resend_doubtful(here.world, message_id, here.actor, here.now)
    said = f"Planned as {new_id}; `quietline why {new_id}` tells what becomes of it."
    return Answer({"id": message_id, "replaced_by": new_id}, (sentence(said),))
