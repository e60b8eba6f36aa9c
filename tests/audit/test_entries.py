"""An entry says what happened, in one spelling, and can never say to whom."""

import json
import re
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from texting.audit import opacity
from texting.audit.entries import BadEntry, Entry, canonical, decode, encode, entry_id, make_entry
from texting.audit.opacity import NotOpaque
from texting.audit.tiles import EntryTooLarge
from texting.values import SYSTEM, Actor, PhoneNumber

from tests.audit.logs import DIGEST, STAFF, START, entry

ID = entry_id("an id")

# What must never get in, by what it is; the word beside it is the one to look for in a leaking message.
PERSONAL = {
    "a phone number": "+13125550142",
    "a phone number without a plus": "13125550142",
    "a phone number as it is written": "(312) 555-0142",
    "a local number": "555-0142",
    "an e-mail address": "ana.ruiz@example.com",
    "a name": "Ana",
    "a full name": "Ana Ruiz",
    "a name in another script": "Ана",
    "free text": "see you on friday",
    "a date of birth": "1990-05-17",
    "a date of birth as a time": "1990-05-17T00:00:00.000Z",
    "a link": "https://example.com/m/abc",
    "a source's own id": "P-77",
    "an account number": "123456789",
    "two lines": "a\nb",
    "nothing": "",
}


class TestWhatMustNotGetIn:
    """Every shape refuses every specimen, and no refusal repeats it."""

    @pytest.mark.parametrize(
        "fact",
        [
            "patient",
            "reason",
            "template",
            "body_digest",
            "erased_at",
            "dispose_on",
            "count",
            "duplicate",
            "categories",
            "carrier_reason",
        ],
    )
    @pytest.mark.parametrize("what", PERSONAL)
    def test_as_a_fact(self, fact: str, what: str) -> None:
        """A fact of any shape refuses it."""
        with pytest.raises(NotOpaque) as refusal:
            opacity.assert_opaque(fact, PERSONAL[what])
        assert not PERSONAL[what] or PERSONAL[what] not in str(refusal.value)

    @pytest.mark.parametrize("what", PERSONAL)
    def test_as_an_id_a_subject_or_an_actor(self, what: str) -> None:
        """It is no id, no subject and no actor, neither of people nor of settings."""
        value = PERSONAL[what]
        for subject, given_id, actor in [
            (value, ID, SYSTEM),
            (ID, value, SYSTEM),
            (ID, ID, Actor("staff", value)),
            (ID, ID, Actor("source", value)),
            (ID, ID, Actor(value, "x")),
        ]:
            with pytest.raises(NotOpaque) as refusal:
                make_entry("message.delivered", START, actor, subject, {}, given_id)
            assert not value or value not in str(refusal.value)

    @pytest.mark.parametrize("number", [3125550142, 13125550142, 5550142, -1, 1_000_000])
    def test_a_phone_number_as_a_count(self, number: int) -> None:
        """A count has six digits at most, so that no phone number passes for one."""
        with pytest.raises(NotOpaque):
            opacity.assert_opaque("count", number)

    @pytest.mark.parametrize(
        "name", ["name", "phone", "email", "birth_date", "body", "address", "+13125550142", "Ana Ruiz"]
    )
    def test_a_fact_that_the_table_does_not_know(self, name: str) -> None:
        """Unknown facts are refused by name, and a name that may itself be personal is not repeated."""
        with pytest.raises(NotOpaque) as refusal:
            opacity.assert_opaque(name, ID)
        assert name in str(refusal.value) or not re.fullmatch("[a-z_]+", name)
        assert name not in str(refusal.value) or re.fullmatch("[a-z_]+", name)

    @pytest.mark.parametrize(
        "value", [None, 1.5, {"a": 1}, [ID, "Ana"], [], PhoneNumber("+13125550142"), b"bytes", ["a", "a"]]
    )
    def test_other_types(self, value: object) -> None:
        """Nothing, fractions, objects, mixed lists and values that refuse to print are refused."""
        for name in opacity.facts():
            with pytest.raises(NotOpaque):
                opacity.assert_opaque(name, value)

    def test_a_hint_says_what_it_looked_like(self) -> None:
        """The refusal helps the one who made the mistake, without repeating it."""
        with pytest.raises(NotOpaque, match="looks like a phone number"):
            opacity.assert_opaque("patient", "+1 312 555 0142")
        with pytest.raises(NotOpaque, match="looks like an e-mail"):
            opacity.assert_opaque("patient", "ana@example.com")
        with pytest.raises(NotOpaque, match="looks like a name"):
            opacity.assert_opaque("patient", "Ana Ruiz")

    def test_a_closed_list_of_words_is_closed(self) -> None:
        """A consent category that the table does not list is refused, alone or among others."""
        with pytest.raises(NotOpaque):
            opacity.assert_opaque("category", "astrology")
        with pytest.raises(NotOpaque):
            opacity.assert_opaque("categories", ["care", "astrology"])


class TestWhatGetsIn:
    """Each shape takes what it is for, and writes it in one way."""

    @pytest.mark.parametrize(
        "value",
        [
            "0f3a5c7e9b1d2f40",
            "msg_0f3a5c7e9b1d2f400f3a5c7e9b1d2f40",
            "3f2b1c4d-5e6f-4a7b-8c9d-0e1f2a3b4c5d",
            "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "p_0f3a5c7e9b1d2f40.n_0f3a5c7e9b1d2f40",
            "0f3a5c7e9b1d2f40:2",
            "31255501423125550142",  # digits only, but twenty of them: a digest can look like this
        ],
    )
    def test_ids(self, value: str) -> None:
        """Hexadecimal, UUID and ULID, with a short prefix, joined, or with a number behind."""
        assert opacity.assert_opaque("patient", value) == value

    @pytest.mark.parametrize(
        ("fact", "value", "written"),
        [
            ("erased_at", datetime(2026, 12, 1, 10, tzinfo=timezone(timedelta(hours=-5))), "2026-12-01T15:00:00.000Z"),
            ("erased_at", datetime(2026, 12, 1, 15, 0, 0, 999_999, tzinfo=UTC), "2026-12-01T15:00:00.999Z"),
            ("dispose_on", date(2033, 1, 1), "2033-01-01"),
            ("categories", {"care", "billing"}, ("billing", "care")),
            ("reason", "quiet_hours", "quiet_hours"),
            ("carrier_reason", "DESTINATION_PHONE_NUMBER_OPTED_OUT", "DESTINATION_PHONE_NUMBER_OPTED_OUT"),
            ("text_version", "2026-11", "2026-11"),
            ("connection", "main", "main"),
            ("body_digest", DIGEST, DIGEST),
            ("count", 0, 0),
            ("size", 2**53 - 1, 2**53 - 1),
            ("duplicate", True, True),
        ],
    )
    def test_facts(self, fact: str, value: object, written: object) -> None:
        """Times become RFC 3339 in UTC with milliseconds, days ISO dates, sets sorted lists."""
        assert opacity.assert_opaque(fact, value) == written

    def test_every_id_of_ours(self) -> None:
        """No id made from a digest is ever refused by chance, whatever digits it happens to have."""
        for number in range(3000):
            opacity.assert_id("an id", entry_id(str(number)))


class TestTheTable:
    """The closed list is itself in order."""

    def test_needs_are_known_facts(self) -> None:
        """A kind asks only for facts that the table has."""
        for kind, rule in opacity.kinds().items():
            assert rule.needs <= opacity.facts().keys(), kind
            assert rule.meaning.endswith("."), kind

    def test_no_fact_is_about_a_person(self) -> None:
        """No row of the table is named after something that identifies a person."""
        personal = re.compile(r"name|phone$|mail|address|birth|^body$|words|text$|service|provider|location_name|zip")
        assert not [name for name in opacity.facts() if personal.search(name) and name != "shared_phone"]
        assert all(rule.meaning for rule in opacity.facts().values())

    def test_every_row_is_told_in_the_format_document(self) -> None:
        """A second implementer finds every kind and every fact in docs/evidence.md."""
        document = Path("docs/evidence.md").read_text("utf-8")
        missing = [name for name in [*opacity.kinds(), *opacity.facts()] if f"`{name}`" not in document]
        assert not missing

    def test_an_unknown_kind_is_refused(self) -> None:
        """A kind that is not in the table makes no entry."""
        with pytest.raises(BadEntry, match="no such kind"):
            entry(1, "message.wished")

    def test_a_missing_fact_is_named(self) -> None:
        """An entry that would prove nothing is not made, and says what it lacks."""
        with pytest.raises(BadEntry, match="needs the facts deadline, purpose"):
            entry(1, "message.planned")


class TestSpelling:
    """Equal entries have equal bytes, and no other bytes are read as that entry."""

    def test_a_specimen(self) -> None:
        """The bytes of one entry, as a second implementation must write them."""
        made = make_entry(
            "consent.revoked",
            datetime(2026, 12, 1, 15, 4, 5, 678_901, tzinfo=UTC),
            STAFF,
            "0f3a5c7e9b1d2f40",
            {"patient": "p_0f3a5c7e9b1d2f40", "number": "aa" * 32, "categories": ["care", "billing"], "channel": "sms"},
            "e_00000000000000ff",
        )
        assert encode(made).decode() == (
            '{"actor":"staff:' + STAFF.actor_id + '","at":"2026-12-01T15:04:05.678Z",'
            '"facts":{"categories":["billing","care"],"channel":"sms","number":"' + "aa" * 32 + '",'
            '"patient":"p_0f3a5c7e9b1d2f40"},"id":"e_00000000000000ff","kind":"consent.revoked",'
            '"subject":"0f3a5c7e9b1d2f40","v":1}'
        )

    @given(
        st.sampled_from(["message.delivered", "number.unlisted"]),
        st.datetimes(
            datetime(2000, 1, 2),
            datetime(2100, 1, 1),
            timezones=st.sampled_from([UTC, ZoneInfo("America/Chicago"), ZoneInfo("Asia/Kathmandu")]),
        ),
        st.fixed_dictionaries(
            {},
            optional={
                "parts": st.integers(0, 999_999),
                "duplicate": st.booleans(),
                "patient": st.just(ID),
                "reasons": st.sets(st.sampled_from(["quiet_hours", "opted_out", "stale", "late"]), min_size=1),
            },
        ),
    )
    def test_there_and_back(self, kind: str, at: datetime, facts: dict[str, object]) -> None:
        """Whatever is made is encoded canonically and read back equal."""
        made = make_entry(kind, at, SYSTEM, "practice", facts, ID)
        assert decode(encode(made)) == made
        assert canonical(json.loads(encode(made))) == encode(made)

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda raw: raw.replace(b'{"actor"', b'{ "actor"'),
            lambda raw: raw + b"\n",
            lambda raw: b"\xef\xbb\xbf" + raw,
            lambda raw: raw.replace(b'"v":1', b'"v":1.0'),
            lambda raw: raw.replace(b'"v":1', b'"v":true'),
            lambda raw: raw.replace(b'"v":1', b'"v":2'),
            lambda raw: raw.replace(b'"v":1', b'"v":1,"w":1'),
            lambda raw: raw.replace(b'"v":1', b'"v":1,"v":1'),
            lambda raw: raw.replace(b'"parts":1', b'"parts":1,"parts":2'),
            lambda raw: raw.replace(b'"parts":1', b'"parts":1e0'),
            lambda raw: raw.replace(b'"parts":1', b'"parts":NaN'),
            lambda raw: raw.replace(b'"parts":1', b'"parts":01'),
            lambda raw: raw.replace(b'"parts":1', b'"parts":-0'),
            lambda raw: raw.replace(b'"parts":1', b'"parts":' + b"9" * 5000),
            lambda raw: raw.replace(b'"parts":1', b'"parts":' + b"[" * 5000),
            lambda raw: raw.replace(b"message", b"\\u006dessage"),
            lambda raw: raw.replace(b".000Z", b"Z"),
            lambda raw: raw.replace(b".000Z", b".000+00:00"),
            lambda raw: raw.replace(b"2026-12-01", b"2026-13-01"),
            lambda raw: raw.replace(b"system:", b"robot:"),
            lambda raw: raw.replace(b'"facts":{"parts":1}', b'"facts":[]'),
            lambda raw: b"[]",
            lambda raw: b"",
            lambda raw: b"\xff",
        ],
    )
    def test_any_other_spelling_is_refused(self, spoil: object) -> None:
        """Spaces, doubled keys, fractions, escapes and other forms of a time are not the same entry."""
        raw = encode(entry(0, parts=1))
        spoiled = spoil(raw)  # type: ignore[operator]
        assert spoiled != raw
        with pytest.raises((BadEntry, NotOpaque)):
            decode(spoiled)

    def test_a_naive_time_is_refused(self) -> None:
        """A time without its zone could be any of twenty-six hours."""
        with pytest.raises(NotOpaque, match="time in UTC"):
            make_entry("message.delivered", datetime(2026, 12, 1), SYSTEM, ID, {}, ID)

    def test_an_entry_that_is_too_large_is_refused(self) -> None:
        """What the format cannot frame is refused when encoded, before it could be sequenced."""
        huge = Entry(
            ID, "2026-12-01T15:00:00.000Z", "message.delivered", "system:quietline", ID, {"reason": "a" * 65_536}
        )
        with pytest.raises(EntryTooLarge):
            encode(huge)


def test_ids_are_the_same_again_and_only_then() -> None:
    """An entry id depends on its parts and where they are divided, and on nothing else."""
    assert entry_id("a", "b") == entry_id("a", "b")
    assert len({entry_id("a", "b"), entry_id("ab"), entry_id("a", "b", ""), entry_id("b", "a")}) == 4
