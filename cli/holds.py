"""Legal holds: what one covers is not disposed of, whatever its clocks say."""

from typing import Annotated, Literal

import typer
from texting.errors import Reject, Unknown
from texting.flows import legal_hold

from cli.asking import Confirm, command, confirm
from cli.here import Here
from cli.sending import asked_phone
from cli.showing import Answer, sentence, table

Why = Literal["litigation", "investigation", "audit", "patient_request", "other"]
Patient = Annotated[
    str, typer.Option("--patient", help="A patient: p_…, or CONNECTION:REF as the system numbers them.")
]
Phone = Annotated[bool, typer.Option("--phone", help="Whatever lies under a phone number; asked for at a prompt.")]
Everything = Annotated[bool, typer.Option("--everything", help="All that the practice keeps.")]
Reason = Annotated[Why, typer.Option("--reason", help="A word for the ledger; never the name of a case.")]
HoldId = Annotated[str, typer.Argument(metavar="HOLD_ID", help="The hold's id, h_….")]


def add_to(app: typer.Typer) -> None:
    """Put these commands into the app."""
    group = typer.Typer(help="Legal holds.", no_args_is_help=True, rich_markup_mode=None)
    command(group, "place")(place)
    command(group, "list")(listing)
    command(group, "release")(release)
    app.add_typer(group, name="hold")


def place(
    here: Here,
    patient: Patient = "",
    phone: Phone = False,
    everything: Everything = False,
    reason: Reason = "litigation",
) -> Answer:
    """Keep everything about somebody, until release.

    Write the hold's id into the case's own file: the ledger and this list know no names.
    """
    subject = _subject(here, patient, phone, everything)
    hold_id = legal_hold.place_hold(here.world, subject, here.actor, here.now, reason)
    return Answer({"hold": hold_id, "subject": subject}, (sentence(f"Placed {hold_id} on {subject}."),))


def listing(here: Here, patient: Patient = "", phone: Phone = False, everything: Everything = False) -> Answer:
    """List the holds that stand on somebody."""
    subject = _subject(here, patient, phone, everything)
    standing = here.store.holds(subject).standing
    shown = table(("hold",), [(one,) for one in standing]) if standing else sentence("No hold stands on it.")
    return Answer({"subject": subject, "holds": list(standing)}, (shown,))


def release(
    here: Here,
    hold_id: HoldId,
    patient: Patient = "",
    phone: Phone = False,
    everything: Everything = False,
    reason: Reason = "litigation",
    confirm_word: Confirm = "",
) -> Answer:
    """Lift one hold; others on the same subject stand.

    What is past its clocks is then disposed of in one of the next nights, for good.
    """
    subject = _subject(here, patient, phone, everything)
    confirm("RELEASE", confirm_word, "What this hold kept may be destroyed from tonight on.")
    legal_hold.release_hold(here.world, subject, hold_id, here.actor, here.now, reason)
    return Answer({"released": hold_id, "subject": subject}, (sentence(f"Released {hold_id}."),))


def _subject(here: Here, patient: str, phone: bool, everything: bool) -> str:
    """What a hold is about, which must exist: a typing error would make a hold that covers nobody."""
    if sum(map(bool, (patient, phone, everything))) != 1:
        raise Reject("Name one thing: --patient, --phone or --everything.")
    if everything:
        return legal_hold.ALL
    if phone:
        number_id = here.world.ids.number_id(asked_phone())
        if here.store.number(number_id) is None:
            raise Unknown("Nobody is known by this number here.")
        return number_id
    source, _, ref = patient.partition(":")
    patient_id = here.world.ids.patient_id(source, ref) if ref else patient
    if here.store.patient(patient_id) is None:
        raise Unknown("No patient of this id is known; look at the connection's name and the id.")
    return patient_id
