"""`python -m box.page.picture`: plays the first visits and takes the page's picture for the docs, docs/images/box.png."""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from box.runtime.workers import ROOT
from box.world import World

PICTURE = ROOT / "docs" / "images" / "box.png"


def main() -> int:
    """Take the picture with the Chromium on the PATH; 1 when there is none."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        print("There is no Chromium on the PATH; install one to take the picture.")
        return 1
    with World(Path(os.environ.get("ASSEMBLY", ROOT / "cdk.out")), port=0) as world, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1500, "height": 1180})
        page.set_default_timeout(120_000)
        expect.set_options(timeout=120_000)
        page.goto(world.address)
        act(page)
        PICTURE.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURE)
        browser.close()
    print(f"{PICTURE.relative_to(Path.cwd())} was taken.")
    return 0


def act(page: Page) -> None:
    """Do what makes a telling picture: patients on stage, a STOP, a reminder confirmed, a text the guard keeps in."""
    page.get_by_role("button", name="Put patients on stage").click()
    expect(page.get_by_role("article", name="Ana Ruizquez").first).to_be_visible()
    expect(page.locator("[aria-busy]")).to_have_count(0)
    say(page, "Text the practice as Ben", "please stop texting me")
    for _ in range(3):
        page.get_by_role("button", name="Next event").click()
        expect(page.locator("[aria-busy]")).to_have_count(0)
    say(page, "Text the practice as Ana", "Sí, ahí estaré")
    say(page, "Reply to Carmen Ybarrolla as front desk", "Your biopsy shows a melanoma, please call us")
    page.mouse.wheel(0, -10_000)


def say(page: Page, label: str, words: str) -> None:
    """Type something where a label says so, and send it."""
    page.get_by_label(label).first.fill(words)
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)
    expect(page.locator("[aria-busy]")).to_have_count(0)


if __name__ == "__main__":
    sys.exit(main())
