"""Patients' pages: theirs to read without scripts, in their language, under a policy that lets nothing else in."""

import base64
import hashlib
import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from texting.pages import consent, secure
from texting.pages.readers import reader_of
from texting.pages.rendering import Reader
from texting.pages.wording import LANGUAGES, words_of
from texting.practice import parse
from texting.values import Body, Category, Name

from tests.journeys.stories import EXAMPLE

RULES = parse(EXAMPLE)
NOON = datetime(2026, 12, 1, 18, tzinfo=UTC)
EVIL = "<script>alert(1)</script>{{ 7*7 }}{% raw %}\" onload='x' {practice}"


def pages(language="en", rules=RULES, words="Hello."):
    """Every page by its name."""
    reader = Reader(rules, language, others=True)
    shown = consent.document(reader, rules.consent.categories, "42")
    return {
        "consent_form": consent.consent_form(reader, shown, name=words, fault="no_signature"),
        "consent_done": consent.consent_done(reader, shown, ["care"], Name(words), NOON),
        "consent_closed": consent.consent_closed(reader),
        "identity": secure.identity(reader, fault="secure_closed"),
        "message": secure.message(reader, Body(words), NOON, "1.ab", "tok/reply"),
        "reply_again": secure.reply_again(reader, "1.ab", "empty_reply"),
        "reply_sent": secure.reply_sent(reader),
        "reply_closed": secure.reply_closed(reader),
        "sorry": consent.sorry(reader),
    }


class Seen(HTMLParser):
    """What a browser finds on a page: tags with their attributes, in order."""

    def __init__(self, page):
        super().__init__()
        self.tags = []
        self.feed(page.html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def all(self, *names):
        return [attrs for tag, attrs in self.tags if tag in names]


ALL = [(language, name) for language in LANGUAGES for name in pages()]


@pytest.mark.parametrize(("language", "name"), ALL)
def test_the_policy_lets_in_our_style_and_nothing_else(language, name):
    """CSP: no script, no image, no frame, no connection; the one style by its hash, forms only to ourselves."""
    page = pages(language)[name]
    style = re.search(r"<style>(.*?)</style>", page.html, re.S)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    assert page.headers["Content-Security-Policy"] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


@pytest.mark.parametrize(("language", "name"), ALL)
def test_nothing_is_loaded_and_nothing_runs(language, name):
    """No script, no handler, no inline style, no image, no font, no address but our own and the practice's notices."""
    seen = Seen(pages(language)[name])

    assert not seen.all("script", "img", "iframe", "object", "embed", "link", "base")
    for _, attrs in seen.tags:
        assert not [key for key in attrs if key.startswith("on") or key in ("style", "src", "srcset")]
        assert (attrs.get("href") or "?").startswith(("?", "https://glow.example/"))


@pytest.mark.parametrize(("language", "name"), ALL)
def test_every_page_can_be_read_by_everybody(language, name):
    """A language, a title, one first heading, a label for each field, errors said aloud and tied to their field."""
    page = pages(language)[name]
    seen = Seen(page)
    labels = {attrs.get("for") for attrs in seen.all("label")}
    ids = {attrs["id"] for _, attrs in seen.tags if "id" in attrs}

    assert seen.all("html") == [{"lang": language}]
    assert len(seen.all("h1")) == len(seen.all("title")) == len(seen.all("main")) == 1
    assert seen.all("meta")[1] == {"name": "viewport", "content": "width=device-width, initial-scale=1"}
    for field in seen.all("input", "textarea"):
        assert field.get("type") == "hidden" or field["id"] in labels
        assert set((field.get("aria-describedby") or "").split()) <= ids
    if 'class="fault"' in page.html:
        assert any("fault" in (field.get("aria-describedby") or "") for field in seen.all("input", "textarea"))


@pytest.mark.parametrize(("language", "name"), ALL)
def test_every_page_says_who_we_are_and_how_to_check(language, name):
    """C34: patients distrust links: the practice's name on top, our address, our phone, and what we never ask for."""
    page = pages(language)[name].html

    assert page.index("Glow Laser &amp; Skin</p>") < page.index("<h1>")
    for words in ("https://text.glow.example", "312-555-0100", "911"):
        assert words in page


@pytest.mark.parametrize("name", [*pages()])
def test_what_a_person_wrote_stays_letters(name):
    """Autoescape: neither markup nor template signs in a message, a name or a practice's own name do anything."""
    rules = parse(EXAMPLE.replace('name = "Glow Laser & Skin"            ', 'name = "Glow <b>&</b> {phone} {{ 1 }}"'))
    page = pages(rules=rules, words=EVIL)[name]
    plain = {"html", "head", "meta", "title", "style", "body", "header", "nav", "main", "footer", "form", "fieldset"}
    plain |= {"legend", "div", "input", "label", "textarea", "button", "p", "h1", "h2", "ul", "li", "br", "a"}

    assert {tag for tag, _ in Seen(page).tags} <= plain
    assert "<b>" not in page.html
    assert "Glow &lt;b&gt;&amp;&lt;/b&gt; {phone} {{ 1 }}" in page.html


HEADINGS = {
    "en": {
        "consent_form": "Texts from Glow Laser &amp; Skin",
        "consent_done": "You are signed up",
        "consent_closed": "This link is not open",
        "identity": "You have a secure message",
        "message": "Your message",
        "reply_again": "Answer us",
        "reply_sent": "Your answer was sent",
        "reply_closed": "Your answer was not sent",
        "sorry": "Please try again",
    },
    "es": {
        "consent_form": "Mensajes de texto de Glow Laser &amp; Skin",
        "consent_done": "Su inscripción está lista",
        "consent_closed": "Este enlace no está abierto",
        "identity": "Tiene un mensaje seguro",
        "message": "Su mensaje",
        "reply_again": "Respóndanos",
        "reply_sent": "Su respuesta fue enviada",
        "reply_closed": "Su respuesta no se envió",
        "sorry": "Inténtelo de nuevo",
    },
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_headings_by_language(language):
    """A snapshot: what a patient reads first on each page."""
    found = {name: re.search(r"<h1>(.*?)</h1>", page.html)[1] for name, page in pages(language).items()}

    assert found == HEADINGS[language]


def shape(table):
    """A words table without its words: rows, and the places that are filled in."""
    if isinstance(table, dict):
        return {key: shape(value) for key, value in table.items()}
    if isinstance(table, list):
        return [shape(value) for value in table]
    return sorted(set(re.findall(r"\{\w+\}", table)))


def test_both_languages_say_the_same_things():
    """Row by row the same, with the same facts filled in."""
    assert shape(words_of("en")) == shape(words_of("es"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_category_has_words(language):
    """A practice may offer any of them, marketing too."""
    assert set(words_of(language)["categories"]) == set(Category)


def test_another_text_has_another_digest():
    """The digest kept as evidence tells apart what was offered, to which number, in which language."""
    reader, offered = Reader(RULES, "en"), RULES.consent.categories
    digests = {
        consent.document(reader, offered, "42").digest,
        consent.document(reader, offered, "43").digest,
        consent.document(reader, offered[:1], "42").digest,
        consent.document(Reader(RULES, "es"), offered, "42").digest,
    }

    assert len(digests) == 4
    assert consent.document(reader, offered, "42").digest in digests


@pytest.mark.parametrize(
    ("asked", "accepted", "known", "language"),
    [
        ("", "", "", "en"),
        ("es", "en", "en", "es"),
        ("", "en-US,en;q=0.9", "es", "es"),
        ("", "es-MX,es;q=0.9,en;q=0.8", "", "es"),
        ("", "fr-FR,fr;q=0.9,es;q=0.1", "", "es"),
        ("fr", "fr", "fr", "en"),
        ("<script>", "\x00,;;,", "", "en"),
        ("", "zz," * 5000 + "es", "", "en"),
    ],
)
def test_which_language_leads(asked, accepted, known, language):
    """What was asked for, then what is known of the patient, then the browser; never one the practice does not speak."""
    assert reader_of(RULES, asked, accepted, known).language == language


def test_a_practice_of_one_language_offers_no_other():
    """No link to a page nobody wrote."""
    rules = parse(EXAMPLE.replace('languages = ["en", "es"]', 'languages = ["es"]'))

    assert "<nav>" not in secure.identity(reader_of(rules, "en", "en")).html
    assert '<html lang="es">' in secure.identity(reader_of(rules, "en", "en")).html


def test_only_pages_that_a_link_can_bring_back_offer_another_language():
    """A page that answers a form would be lost by following a link."""
    assert {name for name, page in pages().items() if "<nav>" in page.html} == {"consent_form", "identity"}
