"""practice.toml: what is wrong is said in a sentence with its line and remedy, and what is true as a whole loads."""

import re
import tomllib
import types
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import pytest
from pydantic import BaseModel
from texting import practice
from texting.errors import Misconfigured
from texting.flows.wording import templates_of
from texting.rules import templates

TEXT = Path("practice.example.toml").read_text("utf-8")
LINES = TEXT.splitlines()
MAIN = 'id = "main"        '
THIRD = 'purpose = "reminder"\nslot = "d3"'


def spoilt(good, bad, text=TEXT):
    """The example with one thing changed."""
    assert text.count(good) >= 1, good
    return text.replace(good, bad, 1)


def said_of(text):
    """The sentence with which the file is refused."""
    with pytest.raises(Misconfigured) as refused:
        practice.parse(text)
    return refused.value.sentence


# setting, as it stands in the example, a bad specimen, what the sentence must say besides the line
SPECIMENS = [
    ("practice.name", 'name = "Glow Laser & Skin" ', 'name = "G"', "at least 2 characters"),
    ("practice.short_name", 'short_name = "Glow Laser & Skin"', f'short_name = "{"G" * 31}"', "30 characters at most"),
    ("practice.phone", 'phone = "+13125550100"  ', 'phone = "312-555-0100"', "+1 and ten digits"),
    ("practice.phone", 'phone = "+13125550100"  ', "phone = 13125550100", "text between quotes"),
    ("practice.phone", 'phone = "+13125550100"  ', 'phone = "+1312555٠١٠٠"', "+1 and ten digits"),
    ("practice.email", 'email = "hello@glow.example"', "email = 1", "text between quotes"),
    ("practice.privacy_url", '"https://glow.example/privacy"', '"glow.example"', "write it with https://"),
    ("practice.terms_url", '"https://glow.example/terms"', '"http://glow.example"', "write it with https://"),
    ("practice.languages", 'languages = ["en", "es"]', 'languages = ["fr"]', "'en' or 'es'"),
    ("practice.languages", 'languages = ["en", "es"]', "languages = []", "at least 1"),
    ("practice.staff", 'staff = ["Dr. Lee", "Maria Santos"]', 'staff = "Dr. Lee"', "must be a list"),
    ("sending.mode", 'mode = "pilot"', 'mode = "maybe"', "'off', 'pilot' or 'on'"),
    ("sending.pilot_numbers", '"+13125550142", "+13125550143"', '"555"', "+1 and ten digits"),
    ("sending.numbers", '["+18885550123"]', '["8885550123"]', "+1 and ten digits"),
    ("sending.pool", 'pool = ""', "pool = 5", "text between quotes"),
    ("sending.simulator", "simulator = false", 'simulator = "perhaps"', "true or false"),
    ("sending.max_price_usd", '"0.05"', '"cheap"', 'like "0.05"'),
    ("sending.max_price_usd", '"0.05"', '"-0.05"', "at least 0"),
    ("sending.max_price_usd", '"0.05"', '"150.00"', "smaller"),
    ("sending.price_per_part_usd", '"0.01002"', '"0.0100201"', "five digits"),
    ("sending.monthly_limit_usd", '"200.00"', "true", 'like "0.05"'),
    ("sending.courtesy_from", "courtesy_from = 08:00:00", 'courtesy_from = "eight"', "like 10:00:00"),
    ("sending.courtesy_until", "courtesy_until = 20:00:00", "courtesy_until = [20]", "like 10:00:00"),
    ("sending.per_day", "per_day = 1", "per_day = 9", "at most 3"),
    ("sending.per_day", "per_day = 1", 'per_day = "one"', "whole number"),
    ("sending.per_week", "per_week = 3", "per_week = 0", "at least 1"),
    ("sending.per_week", "per_week = 3", "per_week = 2.5", "whole number"),
    ("sending.per_weak", "per_week = 3", "per_weak = 3", "check its spelling"),
    ("sending.texts_per_second", "texts_per_second = 1.0", "texts_per_second = 0", "at least 0.1"),
    ("sending.texts_per_second", "texts_per_second = 1.0", 'texts_per_second = "fast"', "must be a number"),
    ("baa.accepted_on", 'accepted_on = ""', 'accepted_on = "soon"', 'like "2026-11-02"'),
    ("baa.accepted_on", 'accepted_on = ""', 'accepted_on = "2026-13-01"', 'like "2026-11-02"'),
    ("baa.accepted_on", 'accepted_on = ""', 'accepted_on = "1999-01-01"', 'like "2026-11-02"'),
    ("baa.accepted_by", 'accepted_by = ""', "accepted_by = 1", "text between quotes"),
    ("web.address", '"https://text.glow.example"', '"text.glow.example"', "write it with https://"),
    ("web.certificate_arn", 'certificate_arn = ""', "certificate_arn = false", "text between quotes"),
    ("locations.id", MAIN, 'id = ""', "at least 1 characters"),
    ("locations.id", MAIN, "", "copy its line from practice.example.toml"),
    ("locations.name", 'name = "Main Street"', "name = 1", "text between quotes"),
    ("locations.address", 'address = "100 Main Street, Chicago"', "address = 100", "text between quotes"),
    ("locations.state", 'state = "IL"', 'state = "Illinois"', "two letters"),
    ("locations.state", 'state = "IL"', 'state = "ZZ"', "two letters"),
    ("locations.time_zone", 'time_zone = "America/Chicago"  ', 'time_zone = "CST"', "IANA name"),
    ("locations.time_zone", 'time_zone = "America/Chicago"  ', 'time_zone = "America/Chicagoo"', "IANA name"),
    ("locations.phone", 'phone = "+13125550100"\nhours', 'phone = "5550100"\nhours', "+1 and ten digits"),
    ("locations.hours.mon", 'mon = "09:00-18:00"', 'mon = "9-6"', '"09:00-18:00"'),
    ("locations.hours.mon", 'mon = "09:00-18:00"', 'mon = "18:00-09:00"', '"09:00-18:00"'),
    ("locations.hours.monday", 'mon = "09:00-18:00"', 'monday = "09:00-18:00"', "'mon', 'tue'"),
    ("reminders.purpose", THIRD, THIRD.replace("reminder", "advert"), "'booking_confirmation' or"),
    ("reminders.slot", 'slot = "d3"', 'slot = "D 3"', "small letters"),
    ("reminders.days_before", "days_before = 3", "days_before = 61", "at most 60"),
    ("reminders.at", "at = 10:00:00", 'at = "noon"', "like 10:00:00"),
    ("consent.categories", 'categories = ["appointments"', 'categories = ["botox"', "'appointments', 'care'"),
    ("consent.categories", '["appointments", "care", "billing", "results", "general"]', "[]", "at least 1"),
    ("consent.text_version", 'text_version = "2026-11"', "text_version = 2026", "text between quotes"),
    ("retention.years", "years = 10", "years = 5", "at least 6"),
    ("retention.minor_until_age", "minor_until_age = 28", "minor_until_age = 17", "at least 18"),
    ("retention.task_years", "task_years = 10", "task_years = 5", "at least 6"),
    ("retention.quarantine_days", "quarantine_days = 90", "quarantine_days = 29", "at least 30"),
    ("retention.link_hours", "link_hours = 72", "link_hours = 721", "at most 720"),
    ("answering.minutes_to_answer", "minutes_to_answer = 60", "minutes_to_answer = 1", "at least 5"),
    ("answering.after_hours", 'after_hours = "We will answer when we open."', "after_hours = 1", "text between quotes"),
    ("answering.on_call", 'on_call = ""', "on_call = []", "text between quotes"),
    ("answering.on_call", 'on_call = ""', 'on_call = "maria@glow.example"', "write its ARN"),
    ("connections.name", 'name = "ehr"', 'name = "E H R"', "small letters"),
    ("connections.kind", 'kind = "standard-webhooks"', 'kind = "hl7"', "'standard-webhooks' or 'fhir'"),
    ("connections.secret_name", '"quietline/connections/main"', '"my secret"', "AWS Secrets Manager"),
    ("connections.fhir_base", '"https://fhir.example.com/r4"', '"ftp://fhir"', "write it with https://"),
    ("connections.time_zone", 'time_zone = "America/Chicago"         # FHIR', 'time_zone = "Chicago" # FHIR', "IANA name"),
    ("connections.location_id", 'location_id = "main"', "location_id = 1", "text between quotes"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("setting", "good", "bad", "remedy"), SPECIMENS, ids=[f"{s[0]}-{s[2][:24]}" for s in SPECIMENS]
)
def test_a_bad_setting_is_told_with_its_line_and_its_remedy(setting, good, bad, remedy):
    """One fault, one sentence: the file, the line it stands on, the setting's name, and what to write instead."""
    text = spoilt(good, bad)
    changed = next(at for at, (old, new) in enumerate(zip(LINES, text.splitlines(), strict=False), 1) if old != new)
    missing = "copy its line" in remedy

    sentence = said_of(text)

    assert sentence.startswith(f"practice.toml, line {changed - missing}: {setting} ")
    assert remedy in sentence
    assert sentence.count("\n") == 0
    assert not re.search(r"Input should|pydantic|function-|literal\[|Value error", sentence)


def fields(model=practice.Practice, path=()):
    """Every setting there is, as the path of its keys."""
    for name, field in model.model_fields.items():
        inner = _model_in(field.annotation)
        if inner:
            yield from fields(inner, (*path, name))
        else:
            yield (*path, name)


def _model_in(hint: Any) -> type[BaseModel] | None:
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return hint
    if get_origin(hint) in (list, Annotated, types.UnionType):
        return next((found for found in map(_model_in, get_args(hint)) if found), None)
    return None


def test_every_setting_has_a_bad_specimen():
    """A setting that no specimen above spoils could say anything when it is wrong. Wordings have tests of their own."""
    spoiled = {setting.removesuffix(".mon") for setting, *_ in SPECIMENS}

    assert {".".join(path) for path in fields()} - {"templates"} <= spoiled


def test_every_setting_stands_in_the_example_with_a_word_about_it():
    """The example is the manual: each setting of the code is in it, and what is in it the code knows."""
    given = tomllib.loads(TEXT)
    shown = set()
    for table, content in given.items():
        for part in content if isinstance(content, list) else [content]:
            shown |= {(table, key) for key in part}

    assert {path[:2] for path in fields()} - {("templates",)} == shown
    assert "# [templates." in TEXT


def test_the_example_is_a_practice():
    """Copied as it is, the example loads, sends to its pilot numbers only, and offers no marketing."""
    found = practice.parse(TEXT)

    assert found.sending.mode == "pilot"
    assert "marketing" not in found.consent.categories
    assert found.sending.origination == "+18885550123"


def test_the_example_of_an_own_wording_is_taken():
    """The lines at the end of the example work when their marks are removed."""
    own = TEXT.replace("# [templates", "[templates").replace("# en =", "en =")
    said = templates_of(practice.parse(own)).render("reminder", "en", {"when": "Wed", "phone": "312"}, first=False).body

    assert said.startswith("Glow Laser & Skin: See you on Wed.")


def test_a_sentence_for_closed_hours_passes_the_guard_or_is_told():
    """It goes out behind a reply, so it may say no more than our own words do."""
    spoken = TEXT.replace("We will answer when we open.", "Ask us about your Botox tomorrow.")

    with pytest.raises(Misconfigured, match=r"answering.after_hours: The language guard would stop it. Take out"):
        templates_of(practice.parse(spoken))


def test_a_fault_of_our_own_texts_is_not_blamed_on_the_practice(monkeypatch):
    """Whoever reads "practice.toml" looks for the fault there, for ever: our tables are named where they are at fault."""
    own = TEXT.replace("# [templates", "[templates").replace("# en =", "en =")
    monkeypatch.setitem(templates.compiled("templates_en")["tail"], "opt_out", " Your Botox is ready, John Smith.")

    with pytest.raises(Misconfigured, match=r"^templates_en.toml, reminder, which came with Quietline: ") as told:
        templates_of(practice.parse(own))
    assert "practice.toml is not at fault" in told.value.sentence


def test_a_short_name_that_the_guard_would_stop_is_told_at_once():
    """It begins every text: each would be stopped at the last hop, one patient after the other."""
    named = TEXT.replace('short_name = "Glow Laser & Skin"', 'short_name = "HIV Care"')

    with pytest.raises(Misconfigured, match=r"^practice.toml, practice.short_name: The language guard would stop"):
        templates_of(practice.parse(named))


WHOLES = [
    ('mode = "pilot"', 'mode = "on"', "[sending]", "Business Associate Addendum"),
    ('numbers = ["+18885550123"]', "numbers = []", "[sending]", 'fill "numbers" or "pool"'),
    ("courtesy_until = 20:00:00", "courtesy_until = 07:00:00", "[sending]", "courtesy_from must be earlier"),
    ('slot = "d1"', 'slot = "d3"', "[[reminders]]", "d3 stands there twice"),
    ('name = "ehr"', 'name = "main"', "[[connections]]", "main stands there twice"),
    ("at = 10:00:00", "at = 21:00:00", "[[reminders]]", "outside the courtesy hours"),
    ("days_before = 3\n", "", "[[reminders]]", "a reminder needs days_before"),
    ('slot = "booked"', 'slot = "booked"\ndays_before = 1', "[[reminders]]", "goes out at once"),
]  # fmt: skip


@pytest.mark.parametrize(("good", "bad", "head", "remedy"), WHOLES, ids=[whole[3] for whole in WHOLES])
def test_settings_that_contradict_each_other_name_their_table(good, bad, head, remedy):
    """What is wrong between two lines is told at the head of their table."""
    sentence = said_of(spoilt(good, bad))
    line = int(re.match(r"practice.toml, line (\d+): ", sentence)[1])

    assert spoilt(good, bad).splitlines()[line - 1].startswith(head)
    assert remedy in sentence


def test_sending_is_on_only_with_the_baa_on_record():
    """Mode "on" refuses to start until the date of the addendum with AWS is written down."""
    on = spoilt('mode = "pilot"', 'mode = "on"')

    assert "accepted_on" in said_of(on)
    assert practice.parse(spoilt('accepted_on = ""', 'accepted_on = "2026-11-02"', on)).baa.on_record


def test_all_faults_are_told_at_once():
    """Three faults are three lines; nobody mends one and is told the next."""
    text = spoilt(
        'state = "IL"', 'state = "XX"', spoilt("years = 10", "years = 1", spoilt("per_day = 1", "per_day = 9"))
    )

    assert len(said_of(text).splitlines()) == 3


@pytest.mark.parametrize("text", ["[practice", 'x = "', "a = 1\na = 2", "= 3"])
def test_what_is_no_toml_is_told_with_the_place(text):
    """A file that cannot be read says where it stops making sense and what to compare it with."""
    sentence = said_of(text)

    assert "at line" in sentence or "at end of document" in sentence
    assert "practice.example.toml" in sentence


def test_an_empty_file_asks_for_its_tables():
    """Nothing is a default for who the practice is."""
    assert [line.split(": ")[1].split()[0] for line in said_of("").splitlines()] == ["practice", "web", "locations"]


def test_an_unknown_table_is_a_typing_error():
    """A misspelt table is never silently a default."""
    line = LINES.index("[retention]") + 1

    assert said_of(spoilt("[retention]", "[retenion]")).startswith(
        f"practice.toml, line {line}: retenion is not a setting"
    )


def test_a_missing_file_says_how_to_make_it(tmp_path):
    """The first mistake of a new practice has its remedy."""
    with pytest.raises(Misconfigured, match=r"practice.toml is not there; copy practice.example.toml"):
        practice.load(str(tmp_path / "practice.toml"))


def test_a_file_from_any_editor_loads(tmp_path):
    """A byte order mark and Windows line ends are no fault; another encoding is told."""
    marked, latin = tmp_path / "marked.toml", tmp_path / "latin.toml"
    marked.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    latin.write_bytes(spoilt("Main Street", "Cañada Street").encode("latin-1"))

    assert practice.load(str(marked)) == practice.parse(TEXT)
    with pytest.raises(Misconfigured, match="not saved as UTF-8"):
        practice.load(str(latin))


def test_what_is_asked_of_a_practice():
    """Unknown places fall back on the first one, unknown languages on the practice's first, unknown systems on nobody."""
    found = practice.parse(TEXT)

    assert found.location("nowhere").id == found.location(None).id == "main"
    assert found.connection("ehr").kind == "fhir"
    assert found.connection("nobody") is None
    assert [found.language(wanted) for wanted in ("es-MX", "ES", "fr", None)] == ["es", "es", "en", "en"]


def test_a_pool_is_sent_from_before_a_number():
    """Once numbers are in a pool, the pool's rules hold."""
    assert practice.parse(spoilt('pool = ""', 'pool = "pool-1"')).sending.origination == "pool-1"


def test_money_is_exact():
    """Prices are decimals, as written."""
    assert practice.parse(TEXT).sending.price_per_part_usd == Decimal("0.01002")
