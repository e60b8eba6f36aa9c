"""A certificate says what was disposed of, names its two dates, and nothing that its intent does not bear out."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from texting.audit.certificate import BadCertificate, Certificate, certify
from texting.audit.entries import decode, encode, entry_id
from texting.audit.opacity import NotOpaque

from tests.audit.logs import DIGEST, STAFF, START, entry

INTENT = entry(1, "retention.intended", record_class="message", count=12, records_digest=DIGEST)
ERASED = datetime(2026, 12, 2, 3, 0, 5, tzinfo=UTC)


def certified(**changes: Any) -> Certificate:
    """A certificate for the twelve records of the intent."""
    given: dict[str, Any] = {
        "count": 12,
        "kept": 0,
        "method": "keys_destroyed_and_items_deleted",
        "records_digest": DIGEST,
        "erased_at": ERASED,
        "backups_reach": timedelta(days=35),
        "actor": STAFF,
    }
    return certify(INTENT, **(given | changes))


def test_it_names_two_dates() -> None:
    """Erased on the day, and beyond any backup's reach on the first day that no backup can reach back from."""
    certificate = certified()
    assert certificate.erased_at == ERASED
    assert certificate.beyond_backups_on == date(2027, 1, 7)  # 35 days reach into January 6th, the 7th is safe


def test_it_survives_the_ledger() -> None:
    """Written as an entry and read back from its bytes, it is the same certificate."""
    for certificate in [certified(), certified(witness=entry_id("staff", "2"), count=9, kept=3)]:
        written = certificate.entry(START + timedelta(days=2), entry_id("certificate"))
        assert (written.kind, written.subject) == ("certificate.issued", INTENT.id)
        assert Certificate.of(decode(encode(written))) == certificate


def test_people_can_read_it() -> None:
    """The page says who, what, how many, how, both dates, and how to check it."""
    page = certified(witness=entry_id("staff", "2")).text("Lakeside Practice", entry_id("certificate"))
    for words in [
        "Lakeside Practice",
        "12 of class message",
        "keys of the records were destroyed",
        "NIST SP 800-88",
        "Erased: 2026-12-02 03:00:05 UTC",
        "Beyond the reach of any backup: from 2027-01-07",
        f"Done by: staff:{STAFF.actor_id}",
        f"Witness: {entry_id('staff', '2')}",
        f"Intent: {INTENT.id}",
        entry_id("certificate"),
        "--entry",
    ]:
        assert words in page


def test_people_can_read_what_was_kept() -> None:
    """Records that a hold saved between intent and deed are told, and told apart from none."""
    assert "Kept back: 3, under a hold placed or a contact" in certified(
        count=9, kept=3, records_digest="00" * 32
    ).text("P", entry_id("c"))
    assert "Kept back: none" in certified().text("P", entry_id("c"))
    assert "Witness: none" in certified().text("P", entry_id("c"))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"count": 11}, "accounted for"),
        ({"count": 12, "kept": 1}, "accounted for"),
        ({"count": 13, "kept": -1}, "accounted for"),
        ({"records_digest": "00" * 32}, "not those that the intent named"),
        ({"erased_at": START - timedelta(days=1)}, "before the intent"),
    ],
)
def test_it_says_nothing_beyond_its_intent(changes: dict[str, Any], why: str) -> None:
    """Records unaccounted for, other records, or a deed before its intent are not certified."""
    with pytest.raises(BadCertificate, match=why):
        certified(**changes)


def test_only_an_intent_can_be_certified() -> None:
    """Another kind of entry is no intent, and no certificate."""
    with pytest.raises(BadCertificate, match="answers an intent"):
        certify(
            entry(1),
            count=0,
            kept=0,
            method="items_deleted",
            records_digest=DIGEST,
            erased_at=ERASED,
            backups_reach=timedelta(),
            actor=STAFF,
        )
    with pytest.raises(BadCertificate, match="is not a certificate"):
        Certificate.of(INTENT)


def test_a_method_must_be_one_of_the_table() -> None:
    """A disposal in words that the table does not know does not enter the ledger."""
    with pytest.raises(NotOpaque):
        certified(method="shredded").entry(START, entry_id("c"))
