"""The page in a real browser: what a visitor does, what they see, and that everybody can use it."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

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
    page = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
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


@pytest.fixture
def pages(page: Page, world: World) -> Iterator[tuple[Page, Page]]:
    """Two people of front desk, each at a page of their own in one browser; the second has just opened theirs."""
    other = page.context.new_page()
    other.set_viewport_size({"width": 1440, "height": 1000})
    other.goto(world.address)
    expect(other.get_by_label("You write as")).to_have_value("front-desk-2")
    yield page, other
    other.close()


def answer(page: Page, words: str) -> Locator:
    """Begin an answer to Ana; it is not sent yet."""
    field = page.get_by_label("Reply to Ana Ruizquez as front desk")
    field.clear()  # what was begun before is given up
    field.fill(words)
    return field


def told_since(page: Page) -> Locator:
    """What stands beneath the answer to Ana."""
    return page.locator("article.thread", has=page.get_by_role("heading", name="Ana Ruizquez")).get_by_role("status")


@browsing
def test_two_people_at_two_pages_never_talk_over_one_another(pages: tuple[Page, Page], world: World) -> None:
    """C32: the second is told by name who wrote since they began, keeps their words, reads, and sends by choice."""
    first, second = pages
    expect(first.get_by_label("You write as")).to_have_value("front-desk-1")
    late = answer(second, "The ramp is behind the house.")
    answer(first, "There is parking behind the house.").press("Enter")
    phone = second.get_by_label("Texts on Ana’s phone")
    expect(phone).to_contain_text("There is parking behind the house.")

    for _ in range(2):  # pressed again without a choice, nothing goes either
        late.press("Enter")
        expect(told_since(second)).to_contain_text("Front desk 1 wrote at ")
        settled(second)
    expect(told_since(second)).to_contain_text("Nothing was sent, and your words are kept.")
    assert late.input_value() == "The ramp is behind the house."
    assert second.evaluate("document.activeElement.id").startswith("reply-"), "the cursor was taken away"
    assert not AXE.exists() or violations(second) == []

    second.keyboard.press("Tab")  # past the button that sends
    second.keyboard.press("Tab")
    second.keyboard.press("Enter")
    assert second.evaluate("document.activeElement.getAttribute('aria-label')") == "Texts with Ana Ruizquez"
    expect(phone).not_to_contain_text("The ramp is behind the house.")
    again = second.get_by_role("button", name="Send mine all the same")
    again.focus()
    again.press("Enter")
    expect(phone).to_contain_text("The ramp is behind the house.")
    settled(second)
    expect(told_since(second)).to_be_empty()
    assert second.evaluate("document.activeElement.id").startswith("reply-"), "the cursor was lost"
    assert late.input_value() == ""


@browsing
def test_a_text_of_the_patient_stops_what_was_begun_before_it(pages: tuple[Page, Page], world: World) -> None:
    """What came while somebody typed is told though the page showed it; changed words are the writer's choice, and go."""
    _, second = pages
    late = answer(second, "Yes, at ten.")
    httpx.post(f"{world.address}/box/phones/+13125550142/texts", json={"body": "no, at eleven?"}, timeout=60)
    expect(second.get_by_label("Texts with Ana Ruizquez")).to_contain_text("no, at eleven?")
    late.press("Enter")
    expect(told_since(second)).to_contain_text("A text came from the patient’s phone at ")
    settled(second)
    late.fill("Yes, at eleven.")
    late.press("Enter")
    phone = second.get_by_label("Texts on Ana’s phone")
    expect(phone).to_contain_text("Yes, at eleven.")
    expect(phone).not_to_contain_text("Yes, at ten.")
    settled(second)


@browsing
def test_a_secure_message_is_held_to_the_same(pages: tuple[Page, Page]) -> None:
    """Between the guard's offer and the click a colleague wrote: nothing is sealed until the writer chooses to."""
    first, second = pages
    thread = second.get_by_label("Texts with Ana Ruizquez").text_content() or ""
    expect(first.get_by_label("Texts with Ana Ruizquez")).to_have_text(thread)  # a page that lags has not seen it all
    answer(second, "Your biopsy shows a melanoma, please call us").press("Enter")
    offered = second.get_by_role("button", name="Send it as a secure message")
    expect(offered).to_be_visible()
    settled(second)
    answer(first, "The doctor will write to you.").press("Enter")
    expect(second.get_by_label("Texts on Ana’s phone")).to_contain_text("The doctor will write to you.")
    offered.click()
    expect(told_since(second)).to_contain_text("Front desk 1 wrote at ")
    settled(second)
    expect(second.get_by_label("Texts on Ana’s phone")).not_to_contain_text("mensaje seguro")
    second.get_by_role("button", name="Send mine all the same").click()
    expect(second.get_by_label("Texts on Ana’s phone")).to_contain_text("mensaje seguro")
    settled(second)


@browsing
def test_whoever_writes_alone_is_never_stopped(pages: tuple[Page, Page]) -> None:
    """One answer after another from one page goes at once, and nobody overtakes themselves."""
    _, second = pages
    for words in ("One moment, please.", "We have found it."):
        answer(second, words).press("Enter")
        expect(second.get_by_label("Texts on Ana’s phone")).to_contain_text(words)
        settled(second)
        expect(told_since(second)).to_be_empty()


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
