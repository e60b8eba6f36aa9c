"""stop-everything and resume, and a suspended number let free."""

from typing import Annotated

import typer
from texting.errors import Reject
from texting.flows import operate
from texting.rules import phone_numbers
from texting.rules.phone_numbers import Unusable
from texting.values import PhoneNumber

from cli.asking import Confirm, command, confirm
from cli.here import Here
from cli.showing import Answer, sentence, stamp

Reason = Annotated[str, typer.Option("--reason", help=f"One of: {', '.join(operate.REASONS)}.")]


def add_to(app: typer.Typer) -> None:
    """Put these commands into the app."""
    command(app, "stop-everything")(stop_everything)
    command(app, "resume")(resume)
    group = typer.Typer(help="Patients' numbers.", no_args_is_help=True, rich_markup_mode=None)
    command(group, "release")(release)
    app.add_typer(group, name="number")


def stop_everything(here: Here, reason: Reason = "incident", confirm_word: Confirm = "") -> Answer:
    """Let no text out, to anybody, until resume.

    What patients write, STOP and emergencies too, is still taken in and shown to staff.
    """
    confirm("STOP", confirm_word, "This stops every text of the practice, reminders and replies included.")
    changed = operate.stop_everything(here.store, reason, here.actor, here.now)
    said = "Stopped: nothing goes out until `quietline resume`." if changed else "It was stopped already."
    return Answer({"stopped": True, "changed": changed, "at": stamp(here.now)}, (sentence(said),))


def resume(here: Here, reason: Reason = "resolved", confirm_word: Confirm = "") -> Answer:
    """Let texts out again.

    What waited asks the gate anew: what is late by now is refused, and says so.
    """
    confirm("RESUME", confirm_word, "Texts will go out again.")
    changed = operate.resume(here.store, reason, here.actor, here.now)
    said = "Sending goes on." if changed else "It was not stopped."
    return Answer({"stopped": False, "changed": changed, "at": stamp(here.now)}, (sentence(said),))


def asked_phone() -> PhoneNumber:
    """A number typed at a hidden prompt: it stands in no argument, so in no shell history. Raises Reject."""
    typed = typer.prompt("Phone number (not shown)", hide_input=True, err=True)
    found = phone_numbers.read(typed)
    if isinstance(found, Unusable):
        raise Reject(found.sentence)
    return PhoneNumber(found)


def release(here: Here) -> Answer:
    """Let a suspended number be texted again.

    For one suspended as a wrong number, a landline or blocked, once somebody has looked.
    The number is asked for at a prompt. A STOP is not lifted by this: only the patient's own START does that, and a new
    consent does not.
    """
    was = operate.release_number(here.world, asked_phone(), here.actor, here.now)
    said = f"Released: it was suspended as {was}." if was else "It was not suspended."
    return Answer({"released": bool(was), "was": was or None}, (sentence(said),))
