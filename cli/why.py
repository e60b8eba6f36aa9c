"""why: what became of a text, verdict by verdict, in the sentences the gate itself wrote down."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import RenderableType
from texting.errors import Reject
from texting.flows import operate
from texting.flows.operate import Said, Why

from cli.asking import command
from cli.here import Here
from cli.sending import asked_phone
from cli.showing import Answer, sentence, stamp, table, when

MessageId = Annotated[str, typer.Argument(metavar="MESSAGE_ID", help="A text's id, m_….")]
Appointment = Annotated[str, typer.Option("--appointment", help="CONNECTION:ID, as the scheduling system numbers it.")]
Phone = Annotated[bool, typer.Option("--phone", help="Ask for a phone number at a prompt; it is never an argument.")]


def add_to(app: typer.Typer) -> None:
    """Put this command into the app."""
    command(app, "why")(why)


def why(here: Here, message_id: MessageId = "", appointment: Appointment = "", phone: Phone = False) -> Answer:
    """Say why a text went out, or did not.

    Each text with its verdicts, deadline, state and receipts, in time order.
    Shows ids and our own sentences, never a number or a word of a text. That you looked is written into the ledger.
    """
    if sum(map(bool, (message_id, appointment, phone))) != 1:
        raise Reject("Name one thing to explain: a message id, --appointment CONNECTION:ID, or --phone.")
    head: list[RenderableType] = []
    data: dict[str, object] = {}
    if phone:
        number, found = operate.why_phone(here.world, asked_phone(), here.actor, here.now)
        data["number"] = {"stopped": number.stopped, "suspended": number.suspended or None}
        head.append(sentence(_stands(number.stopped, number.suspended)))
    elif appointment:
        source, _, source_id = appointment.partition(":")
        if not source_id:
            raise Reject("Write the appointment as CONNECTION:ID, for example main:A-1001.")
        found = operate.why_appointment(here.world, source, source_id, here.actor, here.now)
    else:
        found = (operate.why_message(here.world, message_id, here.actor, here.now),)
    data["texts"] = [_data(one) for one in found]
    return Answer(data, (*head, *_shown(found)))


def _stands(stopped: bool, suspended: str) -> str:
    if stopped:
        return "This number opted out (STOP): nothing goes to it until it texts START."
    if suspended:
        return f"This number is suspended ({suspended}) until somebody has looked: quietline number release."
    return "This number may be texted."


def _shown(found: Sequence[Why]) -> list[RenderableType]:
    if not found:
        return [sentence("No text was planned.")]
    shown: list[RenderableType] = []
    for one in found:
        until = f", no later than {when(one.deadline)}" if one.deadline else ""
        shown.append(sentence(f"\n{one.purpose} {one.message_id}: {one.state or 'taken in'}{until}", "bold"))
        lines = sorted((*one.verdicts, *one.evidence), key=lambda said: said.at)
        rows = [(line.at[:19].replace("T", " "), line.code, line.sentence) for line in lines]
        none = sentence(f"Due {when(one.at)}; nothing is decided yet.")
        shown.append(table(("when (UTC)", "what", "why"), rows) if rows else none)
    return shown


def _data(one: Why) -> dict[str, object]:
    return {
        "id": one.message_id,
        "direction": one.direction,
        "purpose": one.purpose,
        "state": one.state,
        "at": stamp(one.at),
        "deadline": stamp(one.deadline),
        "verdicts": [_line(line) for line in one.verdicts],
        "evidence": [_line(line) for line in one.evidence],
    }


def _line(line: Said) -> dict[str, str]:
    return {"at": line.at, "code": line.code, "sentence": line.sentence}
