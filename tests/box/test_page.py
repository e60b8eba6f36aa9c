"""The page in a real browser: what a visitor does, what they see, and that everybody can use it."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from box.control.pages import POLICY
from box.runtime.workers import ROOT
from box.world import World

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
QUIETLY = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
           "--disable-sync", "--no-first-run"]  # fmt: skip
PATIENCE = 90_000  # milliseconds; two cores may be busy with other tests

browsing = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on the PATH: install it to try the page in a browser"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIETLY)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def page(browser: Browser, world: World) -> Page:
    """The page with patients on stage, nothing said yet."""
    page = browser.new_page(viewport={"width": 1440, "height": 1000})
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    page.goto(world.address)
    page.get_by_role("button", name="Put patients on stage").click()
    expect(page.get_by_role("article", name="Ana Ruizquez").first).to_be_visible()
    expect(page.locator("[aria-busy]")).to_have_count(0)
    return page


def settled(page: Page) -> None:
    """Wait until the page has shown what was done."""
    expect(page.locator("[aria-busy]")).to_have_count(0)


def violations(page: Page) -> list[str]:
    """What axe-core objects to, as sentences."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run().then(told => told.violations)")
    return [f"{one['id']}: {one['help']} ({one['nodes'][0]['html'][:120]})" for one in found]


def test_the_page_is_guarded_and_all_ours(world: World) -> None:
    """One policy allows our own script and style and nothing else; nothing is loaded from elsewhere."""
    answer = httpx.get(world.address)
    assert answer.headers["content-security-policy"] == POLICY
    assert "https://" not in answer.text
    for path in ("/box/page.js", "/box/page.css", "/box/icon.svg"):
        assert httpx.get(world.address + path).status_code == 200


@browsing
def test_a_patient_texts_stop_by_keyboard_and_the_practice_sees_it(page: Page) -> None:
    """Typing and pressing Enter is enough: the opt-out stands in the thread, and its confirmation on the phone."""
    page.get_by_label("Text the practice as Ben").fill("please stop texting me")
    page.keyboard.press("Enter")
    thread = page.locator("article.thread", has=page.get_by_role("heading", name="Ben Thackeraway"))
    expect(thread.get_by_text("opted out", exact=True)).to_be_visible()
    settled(page)
    expect(page.get_by_label("Texts on Ben’s phone").get_by_role("listitem")).to_have_count(3)


@browsing
def test_the_guard_tells_front_desk_why_and_offers_the_link(page: Page) -> None:
    """Clinical words are refused with their reason; one click seals them, and a neutral notice is on the phone."""
    reply = page.get_by_label("Reply to Carmen Ybarrolla as front desk")
    reply.fill("Your biopsy shows a melanoma, please call us")
    page.keyboard.press("Enter")
    offer = page.get_by_role("button", name="Send it as a secure message")
    expect(offer).to_be_visible()
    settled(page)
    offer.click()
    phone = page.get_by_label("Texts on Carmen’s phone")
    expect(phone.get_by_text("secure message")).to_be_visible()
    expect(phone).not_to_contain_text("melanoma")
    settled(page)


@browsing
def test_the_next_event_moves_the_clock(page: Page) -> None:
    """One button goes to the moment the next text falls due, and the planned reminder is then decided on."""
    before = page.locator(".clock").inner_text()
    page.get_by_role("button", name="Next event").click()
    expect(page.locator(".clock")).not_to_have_text(before, use_inner_text=True)
    settled(page)


@browsing
def test_what_somebody_types_survives_what_happens_meanwhile(page: Page, world: World) -> None:
    """A half-written reply and the cursor stay where they are while the page brings itself up to date."""
    reply = page.get_by_label("Reply to Ana Ruizquez as front desk")
    reply.fill("Half a sen")
    httpx.post(f"{world.address}/box/phones/+13125550142/texts", json={"body": "gracias!"}, timeout=60)
    expect(page.get_by_label("Texts on Ana’s phone")).to_contain_text("gracias!")
    assert reply.input_value() == "Half a sen"
    assert page.evaluate("document.activeElement.id").startswith("reply-")


@browsing
@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: npm ci")
@pytest.mark.parametrize("width", [1440, 900, 390])
def test_axe_objects_to_nothing(page: Page, width: int) -> None:
    """On a desk, a tablet and a phone, with all that the page can show open, no accessibility rule is broken."""
    page.set_viewport_size({"width": width, "height": 900})
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "the page scrolls sideways"


@browsing
@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: npm ci")
def test_axe_would_object(browser: Browser) -> None:
    """The check can fail: a page with an unnamed field and pale words is objected to."""
    page = browser.new_page()
    page.set_content('<main><input><p style="color:#ccc;background:#fff">pale</p></main>')
    found = json.dumps(violations(page))
    page.close()
    assert "label" in found
    assert "color-contrast" in found


def test_what_patients_write_is_text_and_never_markup(world: World) -> None:
    """A patient who texts HTML is shown what they typed."""
    httpx.post(f"{world.address}/box/phones/+17735550177/texts", json={"body": "<script>alert(1)</script>"}, timeout=60)
    told = httpx.get(world.address).text
    assert "<script>alert" not in told
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in told


def test_the_screenshot_in_the_docs_is_there() -> None:
    """The page's picture stands where the docs show it."""
    assert Path("docs/images/box.png").stat().st_size > 50_000
