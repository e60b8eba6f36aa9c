"""The consent form: what was shown is what is kept, nothing is ticked beforehand, and a link signs once."""

import hashlib
import html
import re

import boto3
import pytest

from tests.journeys.stories import ANA

LINKS, FORM, SHOW = "/v1/consent-links", "/c/{token}", "/v1/consents/{patient_id}"
ASKED = {"patient": {"connection": "main", "ref": "P-77"}, "phone": ANA, "language": "en"}


@pytest.fixture
def api(speak):
    """A system of the practice; patients use the same function without its token."""
    return speak("consent", "consents")


def link(api, **more):
    """The token of a new link."""
    reply = api.post(LINKS, ASKED | more)
    assert reply.status == 201
    return re.fullmatch(r"https://text\.glow\.example/c/([\w-]{32})", reply.json["url"])[1]


def fields(page, *ticked, signature="Ana Ruiz"):
    """The form of a page, filled in."""
    told = {name: re.search(rf'name="{name}" value="([^"]*)"', page.text)[1] for name in ("lang", "shown")}
    return [*told.items(), *(("categories", one) for one in ticked), ("signature", signature)]


def people():
    """Every item about people, links and evidence."""
    return [boto3.client("dynamodb").scan(TableName=name)["Items"] for name in ("people", "secure", "ledger")]


def test_looking_at_the_form_writes_nothing(api):
    """C18: a preview may look as often as it likes."""
    token = link(api)
    before = people()

    pages = [
        api.get(FORM, token=token, headers={"User-Agent": agent}) for agent in ("facebookexternalhit/1.1", "iPhone")
    ]

    assert people() == before
    assert [page.status for page in pages] == [200, 200]
    assert "checked" not in pages[0].text


def test_a_signature_is_recorded_with_the_exact_text(api, practice, ledger):
    """CTIA and E-SIGN: text, version, digest, language, time, address and browser; a copy for the patient."""
    token = link(api)
    page = api.get(FORM, token=token)

    done = api.submit(FORM, fields(page, "appointments", "care"), token=token)

    assert done.status == 200
    assert "Ana Ruiz" in done.text
    patient_id = practice.world.ids.patient_id("main", "P-77")
    [line] = practice.world.store.history(patient_id)
    kept = line.evidence
    assert hashlib.sha256(kept["text"].encode()).hexdigest() == kept["text_sha256"] == dict(fields(page))["shown"]
    assert (kept["medium"], kept["text_version"], kept["language"]) == ("web form", "2026-11", "en")
    assert (kept["signed_name"], kept["address"], kept["signed_at"]) == (
        "Ana Ruiz", "203.0.113.7", "2026-12-01T18:00:00Z",
    )  # fmt: skip
    assert "iPhone" in kept["browser"]
    shown = api.get(SHOW, patient_id=patient_id).json
    assert (shown["standing"]["care"], shown["standing"]["billing"]) == ("granted", "never")
    assert (shown["history"][0]["channel"], shown["history"][0]["by"]) == ("form", "patient")
    assert [entry.facts["categories"] for entry in ledger("consent.granted")] == [("appointments", "care")]


def test_every_word_kept_was_on_the_page(api, practice):
    """The evidence is not another text than the one the patient read, line by line."""
    token = link(api)
    page = api.get(FORM, token=token)
    api.submit(FORM, fields(page, "appointments"), token=token)
    [line] = practice.world.store.history(practice.world.ids.patient_id("main", "P-77"))

    read = html.unescape(page.text)
    for words in line.evidence["text"].split("\n\n"):
        assert re.sub(r"^\[ ?\]?|\]$", "", words).strip() in read


def test_the_text_says_what_the_law_asks_for():
    """facts: programme, sender, kinds, frequency, rates, risk, freedom, STOP and HELP, retention, access, contact, 911."""
    from texting.pages.consent import document
    from texting.pages.rendering import Reader
    from texting.practice import parse

    from tests.journeys.stories import EXAMPLE

    rules = parse(EXAMPLE)
    text = document(Reader(rules, "en"), rules.consent.categories, "42").text
    for words in (
        "Glow Laser & Skin", "888-555-0123", "ending in 42", "About 3 texts per visit", "data rates", "not encrypted",
        "do not depend on agreeing", "Reply STOP", "Reply HELP", "10 years", "need them for their work",
        "312-555-0100", "hello@glow.example", "911", "paper copy", "do not sell",
    ):  # fmt: skip
        assert words in text


def test_a_link_signs_once(api):
    """Used, it shows the same page as one that never was; so does one too old."""
    token = link(api)
    page = api.get(FORM, token=token)
    api.submit(FORM, fields(page, "care"), token=token)

    used, unknown = api.get(FORM, token=token), api.get(FORM, token="x" * 32)
    again = api.submit(FORM, fields(page, "billing"), token=token)

    assert [one.status for one in (used, unknown, again)] == [404] * 3
    assert used.text == unknown.text == again.text


def test_a_link_is_open_for_fourteen_days(api, clock):
    """On the fourteenth day it opens, after it no more, and says nothing about why."""
    token = link(api)
    clock("2026-12-15T17:59:00Z")
    assert api.get(FORM, token=token).status == 200
    clock("2026-12-15T18:00:00Z")
    assert api.get(FORM, token=token).text == api.get(FORM, token="x" * 32).text


def test_two_signatures_at_once_are_one(api, practice, rivals):
    """Race: of two taps the one that writes first is recorded, the other finds the link used."""
    token = link(api)
    page = api.get(FORM, token=token)
    done = []
    rivals(lambda: done.append(api.submit(FORM, fields(page, "care"), token=token)))

    done.append(api.submit(FORM, fields(page, "care"), token=token))

    assert [one.status for one in done] == [200, 404]
    assert len(practice.world.store.history(practice.world.ids.patient_id("main", "P-77"))) == 1


@pytest.mark.parametrize(
    ("ticked", "signature", "said"),
    [
        ((), "Ana Ruiz", "tick at least one"),
        (("marketing",), "Ana Ruiz", "tick at least one"),  # not on offer here
        (("<script>",), "Ana Ruiz", "tick at least one"),
        (("care",), "", "type your name"),
        (("care",), "   ", "type your name"),
        (("care",), "x" * 201, "type your name"),
        (("care",), "Ana\x00", "type your name"),
    ],
)
def test_what_is_missing_is_asked_for_on_the_same_page(api, practice, ticked, signature, said):
    """Nothing is recorded, what was ticked stays ticked, and the link stays open."""
    token = link(api)
    page = api.submit(FORM, fields(api.get(FORM, token=token), *ticked, signature=signature), token=token)

    assert page.status == 422
    assert said in page.text
    assert page.text.count(" checked") == (1 if ticked == ("care",) else 0)
    assert practice.world.store.history(practice.world.ids.patient_id("main", "P-77")) == ()
    assert api.get(FORM, token=token).status == 200


def test_a_text_that_changed_meanwhile_is_read_again(api, practice):
    """Nobody signs words they did not see: another digest than the shown text's brings the page once more."""
    token = link(api)
    told = [
        (name, "0" * 64 if name == "shown" else value) for name, value in fields(api.get(FORM, token=token), "care")
    ]

    page = api.submit(FORM, told, token=token)

    assert (page.status, "changed since you opened" in page.text) == (422, True)


def test_a_spanish_link_is_spanish_and_its_evidence_says_so(api, practice):
    """The patient's language leads; another of the practice's is one tap away, and what is kept is what was shown."""
    token = link(api, language="es")
    page = api.get(FORM, token=token)
    assert '<html lang="es">' in page.text
    assert "Mensajes de texto de Glow" in page.text
    english = api.get(FORM, token=token, query={"lang": "en"})
    assert '<html lang="en">' in english.text

    api.submit(FORM, fields(page, "care"), token=token)

    [line] = practice.world.store.history(practice.world.ids.patient_id("main", "P-77"))
    assert (line.evidence["language"], "no van cifrados" in line.evidence["text"]) == ("es", True)


def test_what_a_patient_types_is_never_read_as_html(api):
    """A name with markup comes back as letters."""
    token = link(api)
    evil = '"><script>alert(1)</script>{{ 7*7 }}'

    again = api.submit(FORM, fields(api.get(FORM, token=token), signature=evil), token=token)
    done = api.submit(FORM, fields(api.get(FORM, token=token), "care", signature=evil), token=token)

    for page in (again, done):
        assert "<script" not in page.text
        assert "{{ 7*7 }}" in page.text


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"patient": {"connection": "nobody", "ref": "x"}}, "patient.connection"),
        ({"patient": None}, "patient"),
        ({"phone": "12"}, "phone"),
        ({"language": "the one we speak"}, "language"),
    ],
)
def test_a_link_is_made_for_somebody_we_can_text(api, more, field):
    """422 names the field, as everywhere."""
    reply = api.post(LINKS, ASKED | more)

    assert (reply.status, reply.json["field"]) == (422, field)


def test_the_token_stands_nowhere(api, capsys, ledger):
    """Only its hash is kept; it is the patient's key."""
    token = link(api)
    page = api.get(FORM, token=token)
    api.submit(FORM, fields(page, "care"), token=token)

    assert token not in str(people()) + capsys.readouterr().out
    assert ("consent_form",) in [entry.facts["scopes"] for entry in ledger("token.issued")]


def test_strange_bytes_in_a_form_are_no_fault_of_ours(api):
    """Broken encoding, hundreds of fields, no body at all: the form again or the closed page, never an error of ours."""
    token = link(api)

    said = [
        api.call("POST", FORM, {"token": token}, body)
        for body in ("%ff%fe=%00", "&".join(f"f{n}=1" for n in range(500)), "", "categories=care" * 3, "x" * 70_000)
    ]

    assert {one.status for one in said} <= {404, 422}
    assert {one.headers["Content-Type"] for one in said} == {"text/html; charset=utf-8"}
