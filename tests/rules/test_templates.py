"""The built-in texts say what the law and courtesy ask, cost what they should, and a practice's own cannot do worse."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from texting.rules import phi
from texting.rules.purposes import PURPOSES
from texting.rules.segments import count
from texting.rules.templates import (
    LANGUAGES,
    MissingField,
    TemplateRefused,
    load,
    purposes,
    render,
    say_when,
    specimen,
    template,
)

PRACTICE = "Lakeview Skin Studio"  # twenty characters: the longest short name we plan one part for
AUTOMATED = ("booking_confirmation", "reminder", "visit_moved", "secure_notice", "consent_confirmation")
REPLIES = (
    "stop_confirmation",
    "stop_confirmation_visit",
    "start_confirmation",
    "start_waits",
    "help_reply",
    "safety_reply",
    "safety_reply_crisis",
    "confirm_reply",
    "cancel_reply",
    "reschedule_reply",
    "which_visit",
    "received_reply",
    "risk_warning",
    "late_reply",
)
EVERY = [(purpose, language) for purpose in AUTOMATED + REPLIES for language in LANGUAGES]


def body(purpose: str, language: str, *, first: bool = False) -> str:
    return render(purpose, language, specimen(purpose, language, PRACTICE), first=first).body


def always(_: str) -> bool:
    return True


def test_every_purpose_has_its_row() -> None:
    """The two languages hold the same purposes, with the same fields, category and tail, and none beside the listed."""
    assert set(purposes()) == {*AUTOMATED, *REPLIES}
    for purpose in purposes():
        english, spanish = template(purpose, "en"), template(purpose, "es")
        assert (english.fields, english.category, english.tier, english.tail) == (
            spanish.fields,
            spanish.category,
            spanish.tier,
            spanish.tail,
        )
        assert english.text != spanish.text


def test_categories_are_those_of_the_gate() -> None:
    """A text asks for the one consent that the gate asks for; what answers the patient asks for none."""
    for purpose in purposes():
        asked = PURPOSES[purpose].category
        assert template(purpose).category == (asked.value if asked else "reply")


@pytest.mark.parametrize(("purpose", "language"), EVERY)
def test_parts_are_locked(purpose: str, language: str) -> None:
    """With fields of usual length every text is one 7-bit part; with the first-text disclosures, two."""
    fields = specimen(purpose, language, PRACTICE)
    plain = render(purpose, language, fields)
    assert (plain.parts, plain.encoding) == (1, "GSM-7"), f"{len(plain.body)}: {plain.body}"
    if template(purpose).tail:
        first = render(purpose, language, fields, first=True)
        assert (first.parts, first.encoding) == (2, "GSM-7"), f"{len(first.body)}: {first.body}"


@pytest.mark.parametrize(("purpose", "language"), EVERY)
def test_the_practice_comes_first_and_the_patient_never(purpose: str, language: str) -> None:
    """Who writes is the first thing read; no field could carry a patient's name, a provider or a service."""
    row = template(purpose, language)
    if purpose != "risk_warning":  # stands behind a reply that has named the practice
        assert row.text.startswith("{practice}: ")
    assert set(row.fields) <= {"practice", "when", "phone", "link", "choices", "hours"}
    assert set(re.findall(r"\{(\w+)\}", row.text)) == set(row.fields)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("purpose", AUTOMATED)
def test_automated_texts_say_how_to_stop(purpose: str, language: str) -> None:
    """47 CFR 64.1200(a)(9)(iv)(F): each message has "an easy means" to opt out; for a text, replying STOP."""
    assert "STOP" in body(purpose, language)


@pytest.mark.parametrize("purpose", AUTOMATED)
def test_the_first_text_discloses_the_programme(purpose: str) -> None:
    """CTIA Principles 5.1: the first text names the programme, how often, rates, HELP and STOP."""
    english, spanish = body(purpose, "en", first=True), body(purpose, "es", first=True)
    for words in ("about your visits", "3 per visit", "Msg & data rates may apply", "HELP", "STOP"):
        assert words in english
    for words in ("sobre sus citas", "3 por cita", "cargos por mensajes y datos", "AYUDA", "STOP"):
        assert words in spanish


def test_the_stop_confirmation_only_confirms() -> None:
    """64.1200(a)(12): one text that confirms the opt-out and holds no marketing; it may say how to come back."""
    for language, nothing_more in (("en", "no more texts"), ("es", "ya no le enviaremos")):
        for purpose in ("stop_confirmation", "stop_confirmation_visit"):
            text = body(purpose, language)
            assert nothing_more in text
            assert "START" in text
            assert "http" not in text


def test_cancel_is_answered_for_the_visit_too() -> None:
    """A bare CANCEL opts out by law and may have meant the visit: the text says it stands, and whom to call."""
    assert "Your visit still stands: to cancel it, call 312-555-0100" in body("stop_confirmation_visit", "en")
    assert "Su cita sigue en pie; para cancelarla, llame al 312-555-0100" in body("stop_confirmation_visit", "es")


def test_help_says_what_carriers_ask() -> None:
    """HELP is answered with name, phone, frequency, STOP and rates."""
    for language, rates in (("en", "Msg & data rates may apply"), ("es", "cargos por mensajes y datos")):
        text = body("help_reply", language)
        for words in (PRACTICE, "312-555-0100", "3 p", rates, "STOP"):
            assert words in text


def test_safety_replies_send_people_to_help() -> None:
    """911, or 988 for a crisis (then 2 in Spanish); they say that staff were told, and diagnose nothing."""
    assert "call 911 now" in body("safety_reply", "en")
    assert "llame ya al 911" in body("safety_reply", "es")
    assert "988" in body("safety_reply_crisis", "en")
    assert "988 y oprima 2" in body("safety_reply_crisis", "es")
    for purpose in ("safety_reply", "safety_reply_crisis"):
        assert "told our staff" in body(purpose, "en")
        assert "Avisamos a nuestro personal" in body(purpose, "es")


def test_cancel_and_reschedule_promise_nothing_yet() -> None:
    """Until the scheduling system says otherwise the visit stands, and the patient is told so."""
    for purpose in ("cancel_reply", "reschedule_reply"):
        assert "Your visit stands until they confirm" in body(purpose, "en")
        assert "Su cita sigue en pie hasta que le confirmen" in body(purpose, "es")


def test_the_reminder_asks_for_the_letter() -> None:
    """Patients are asked for C, which no carrier reads as an opt-out."""
    assert "Reply C to confirm" in body("reminder", "en")
    assert "Responda C para confirmar" in body("reminder", "es")


SAID = [
    # start (UTC), zone, en, es
    ("2026-12-04T21:00", "America/Chicago", "Fri, Dec 4 at 3:00 PM", "vie 4 de dic a las 3:00 PM"),
    ("2026-12-04T21:00", "America/Denver", "Fri, Dec 4 at 2:00 PM", "vie 4 de dic a las 2:00 PM"),
    ("2026-07-11T18:00", "America/New_York", "Sat, Jul 11 at 2:00 PM", "sab 11 de jul a las 2:00 PM"),
    ("2026-07-15T17:05", "America/New_York", "Wed, Jul 15 at 1:05 PM", "mié 15 de jul a la 1:05 PM"),
    ("2026-07-15T16:00", "America/New_York", "Wed, Jul 15 at 12:00 PM", "mié 15 de jul a las 12:00 PM"),
    ("2026-07-15T04:30", "America/New_York", "Wed, Jul 15 at 12:30 AM", "mié 15 de jul a las 12:30 AM"),
    ("2026-11-01T06:30", "America/New_York", "Sun, Nov 1 at 1:30 AM", "dom 1 de nov a la 1:30 AM"),  # set back at 2
]


@pytest.mark.parametrize(("start", "zone", "english", "spanish"), SAID)
def test_times_are_worded_for_the_reader(start: str, zone: str, english: str, spanish: str) -> None:
    """A visit is worded on its own clock and in its reader's language; one o'clock is singular in Spanish."""
    moment = datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert say_when(moment, zone, "en") == english
    assert say_when(moment, zone, "es") == spanish


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)), st.sampled_from(LANGUAGES))
def test_times_fit_in_seven_bits(moment: datetime, language: str) -> None:
    """No day or month may push a text into 70-character parts."""
    assert count(say_when(moment.replace(tzinfo=UTC), "America/Denver", language)).encoding == "GSM-7"


def test_fields_are_inert() -> None:
    """A name with braces, percent signs or line ends is shown as typed, on one line, and never read as a template."""
    fields = {"practice": "A {when} %s {0.__class__}\nB", "when": "{phone}", "phone": "1"}
    said = render("booking_confirmation", "en", fields).body
    assert said.startswith("A {when} %s {0.__class__} B: You're booked for {phone}. To change it, call 1.")


@given(st.text(max_size=60))
def test_any_field_value_renders(value: str) -> None:
    """Whatever a field holds, the rest of the text stands around it unchanged, or the field counts as missing."""
    fields = {"practice": "Lakeview", "when": value, "phone": "312-555-0100"}
    if not value.strip():
        with pytest.raises(MissingField):
            render("reminder", "en", fields)
        return
    said = render("reminder", "en", fields).body
    assert said.startswith("Lakeview: Your visit is ")
    assert said.endswith(". Reply C to confirm. Questions? Call 312-555-0100. Reply STOP to opt out.")


def test_missing_fields_are_named_without_values() -> None:
    """A text without its fields is not sent half empty; the error names the fields and no value."""
    with pytest.raises(MissingField, match=r"^The text reminder needs when and phone\.$"):
        render("reminder", "en", {"practice": "Lakeview", "phone": " "})


def test_unwritten_languages_get_english() -> None:
    """A language we do not write falls to English; a regional tag to its language."""
    fields = specimen("confirm_reply", "en", PRACTICE)
    assert render("confirm_reply", "fr", fields) == render("confirm_reply", "en", fields)
    assert render("confirm_reply", "es-MX", fields).template_version.startswith("confirm_reply.es.")


def test_the_version_follows_the_wording() -> None:
    """Evidence names the exact wording: fields do not change the version, words and disclosures do."""
    one = render("reminder", "en", specimen("reminder", "en", PRACTICE))
    other = render("reminder", "en", specimen("reminder", "en", "Elm"))
    first = render("reminder", "en", specimen("reminder", "en", PRACTICE), first=True)
    assert one.template_version == other.template_version != first.template_version


def test_a_practices_own_wording_is_used() -> None:
    """A fit wording replaces ours in its language alone, and keeps the line on opting out."""
    own = "{practice}: See you {when}! Reply C to confirm or call {phone}."
    mine = load(PRACTICE, {"reminder": {"en": own}}, always)
    said = mine.render("reminder", "en", {"when": "Fri, Dec 4 at 3:00 PM", "phone": "312-555-0100"})
    assert said.body == (
        "Lakeview Skin Studio: See you Fri, Dec 4 at 3:00 PM! Reply C to confirm or call 312-555-0100. "
        "Reply STOP to opt out."
    )
    assert said.template_version != render("reminder", "en", specimen("reminder", "en", PRACTICE)).template_version
    assert "Le esperamos" in mine.render("reminder", "es", {"when": "hoy", "phone": "1"}).body


REFUSED = [
    ("no_such", "en", "{practice}", "unknown"),
    ("reminder", "fr", "{practice}: {when} {phone}", "unknown"),
    ("reminder", "en", "Your visit is {when}. Call {phone}.", "no_name"),
    ("reminder", "en", "{practice}: see you soon. Call {phone}.", "missing_field"),
    ("reminder", "en", "{practice}: {patient}, your visit is {when}. Call {phone}.", "strange_field"),
    ("reminder", "en", "{practice}: Botox on {when}. Call {phone}.", "guard"),
    ("reminder", "es", "{practice}: Su próxima cita es el {when}. Responda C o llame al {phone}.", "longer"),
    ("reminder", "en", "{practice}: " + "We look forward to it. " * 5 + "{when} {phone}", "longer"),
    ("safety_reply", "en", "{practice}: We will call you back soon.", "must_say"),
    ("safety_reply_crisis", "es", "{practice}: Llame al 911.", "must_say"),
    ("help_reply", "en", "{practice}: call {phone}.", "must_say"),
]


@pytest.mark.parametrize(("purpose", "language", "text", "code"), REFUSED)
def test_an_unfit_wording_is_refused(purpose: str, language: str, text: str, code: str) -> None:
    """Each refusal names the template, its reason and the remedy; nothing unfit is taken and sent later."""
    with pytest.raises(TemplateRefused) as refused:
        load(PRACTICE, {purpose: {language: text}}, lambda said: "Botox" not in said)
    assert refused.value.code == code
    sentence = str(refused.value)
    assert sentence.startswith(f"templates.{purpose}.{language}: ")
    assert sentence.count(". ") >= 1
    assert sentence.endswith(".")


def test_the_practices_name_may_stand_in_full() -> None:
    """Naming the practice in letters instead of the field is naming it."""
    own = f"See you at {PRACTICE} on {{when}}. C confirms. {{phone}}"
    assert load(PRACTICE, {"reminder": {"en": own}}, always).overrides["reminder"]["en"] == own


@pytest.mark.parametrize(("purpose", "language"), EVERY)
def test_our_own_wordings_pass_as_a_practices(purpose: str, language: str) -> None:
    """What we ask of a practice's wording, ours does."""
    load(PRACTICE, {purpose: {language: template(purpose, language).text}}, always)


@pytest.mark.parametrize(("purpose", "language"), EVERY)
def test_our_own_wordings_pass_the_language_guard(purpose: str, language: str) -> None:
    """Nothing we send by ourselves is stopped at the last hop by our own guard, first text or later."""
    for first in (False, True):
        found = phi.check(body(purpose, language, first=first), practice=PRACTICE)
        assert found.label == "allow", found
