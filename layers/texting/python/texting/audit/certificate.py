"""The proof of a disposal: what, how many, how, who, for which intent, and from when nothing can bring it back.

A certificate is an entry of the ledger and a page for people, made from the same facts. It names two dates because
erasing is not the end: until the last backup that held the keys has aged out, a restore could bring them back.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Self

from texting.audit.entries import Entry, make_entry
from texting.errors import Bug
from texting.values import Actor

INTENDED = "retention.intended"
ISSUED = "certificate.issued"


class BadCertificate(Bug):
    """Raised when a certificate would say something that its intent does not bear out."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was disposed of. `intent` is the entry id of the intent; `erased_at` is UTC, `beyond_backups_on` a UTC day.

    `count` were erased and `kept` of those intended were not, because a hold or a new contact came in between. `witness` is
    the opaque id of a second person, where the practice asks for one.
    """

    intent: str
    record_class: str
    count: int
    kept: int
    method: str
    records_digest: str
    erased_at: datetime
    beyond_backups_on: date
    actor: str
    witness: str = ""

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """Read a certificate back from its entry; raises BadCertificate for an entry of another kind."""
        if entry.kind != ISSUED:
            raise BadCertificate(f"An entry of kind {entry.kind} is not a certificate.")
        told = entry.facts
        return cls(
            intent=str(told["intent"]),
            record_class=str(told["record_class"]),
            count=int(str(told["count"])),
            kept=int(str(told["kept"])),
            method=str(told["method"]),
            records_digest=str(told["records_digest"]),
            erased_at=datetime.fromisoformat(str(told["erased_at"])),
            beyond_backups_on=date.fromisoformat(str(told["beyond_backups_on"])),
            actor=entry.actor,
            witness=str(told.get("witness", "")),
        )

    def facts(self) -> dict[str, object]:
        """The certificate as the facts of its entry."""
        told: dict[str, object] = {
            "intent": self.intent,
            "record_class": self.record_class,
            "count": self.count,
            "kept": self.kept,
            "method": self.method,
            "records_digest": self.records_digest,
            "erased_at": self.erased_at,
            "beyond_backups_on": self.beyond_backups_on,
        }
        return told | ({"witness": self.witness} if self.witness else {})

    def entry(self, at: datetime, entry_id: str) -> Entry:
        """The entry to append once everything is gone, written at `at` (aware)."""
        kind, _, name = self.actor.partition(":")
        return make_entry(ISSUED, at, Actor(kind, name), self.intent, self.facts(), entry_id)

    def text(self, practice: str, entry_id: str) -> str:
        """The certificate for people, in plain text; `practice` heads the page and is not in the ledger."""
        method = _methods()[self.method]
        rows = {
            "Certificate": entry_id,
            "Records": f"{self.count} of class {self.record_class}",
            "Kept back": f"{self.kept}, under a hold placed or a contact made after the intent"
            if self.kept
            else "none",
            "Method": method["sentence"],
            "Standard": method["standard"],
            "Erased": f"{self.erased_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC",
            "Beyond the reach of any backup": f"from {self.beyond_backups_on.isoformat()}",
            "Done by": self.actor,
            "Witness": self.witness or "none asked for",
            "Intent": self.intent,
            "Digest of the records' ids": self.records_digest,
        }
        lines = [f"{label}: {words}" for label, words in rows.items()]
        return "\n".join(["CERTIFICATE OF DISPOSAL", practice, "", *lines, "", _FOOT]) + "\n"


_FOOT = (
    "The intent and this certificate are entries of the practice's ledger under the ids above.\n"
    "Anyone who holds an export of the ledger can check both: python verifier/verify.py FOLDER --vkey KEY --entry ID"
)


def certify(
    intent: Entry,
    *,
    count: int,
    kept: int,
    method: str,
    records_digest: str,
    erased_at: datetime,
    backups_reach: timedelta,
    actor: Actor,
    witness: str = "",
) -> Certificate:
    """Certify what an intent has led to. `backups_reach` is how far back any backup of keys or items can restore.

    Raises BadCertificate unless every intended record is either erased or kept, under the digest that was intended
    when none was kept, and after the intent was written.
    """
    told = intent.facts
    if intent.kind != INTENDED:
        raise BadCertificate(f"A certificate answers an intent, and an entry of kind {intent.kind} is none.")
    if min(count, kept) < 0 or count + kept != told["count"]:
        raise BadCertificate("Not every record of the intent is accounted for: erased and kept do not add up to it.")
    if kept == 0 and records_digest != told["records_digest"]:
        raise BadCertificate("The records erased are not those that the intent named.")
    if erased_at < datetime.fromisoformat(intent.at):
        raise BadCertificate("The records were erased before the intent was written.")
    return Certificate(
        intent=intent.id,
        record_class=str(told["record_class"]),
        count=count,
        kept=kept,
        method=method,
        records_digest=records_digest,
        erased_at=erased_at,
        beyond_backups_on=_first_day_after(erased_at + backups_reach),
        actor=f"{actor.kind}:{actor.actor_id}",
        witness=witness,
    )


def _first_day_after(moment: datetime) -> date:
    """The first UTC day that lies wholly after the moment: the date on a certificate may be late, never early."""
    return moment.astimezone(UTC).date() + timedelta(days=1)


@cache
def _methods() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(files("texting.audit").joinpath("tables/methods.toml").read_text("utf-8"))
