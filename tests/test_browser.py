"""The digest and the pages in Debian's chromium: on a phone, in the dark, in both directions."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Newsroom, make_newsroom, story
from playwright.sync_api import Browser, Page, Request, sync_playwright
from screenshots import CHROMIUM_FLAGS

pytestmark = pytest.mark.browser

CONTRAST = """() => {
  const channels = (c) => c.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => v / 255).map((v) =>
      v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const c = channels(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] > 0) return c;
    }
    return matchMedia('(prefers-color-scheme: dark)').matches ? [18, 18, 18] : [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !e.offsetParent) continue;
    const [a, b] = [light(channels(getComputedStyle(e).color)), light(ground(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    found.push([ratio, walker.currentNode.data.trim().slice(0, 40)]);
  }
  return found;
}"""


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    """The seed, and a story in Arabic script."""
    made = make_newsroom(tmp_path_factory.mktemp("browser") / "newsroom")
    made.drop("ar.txt", story("سەنات كوميتەتى بيۋدجەت تۇسىمدەرىن قارادى", "كوميتەت وتىرىسىندا تالقىلاندى."))
    assert made.run("publish").exit_code == 0
    assert made.run("digest", "preview").exit_code == 0
    return made


@pytest.fixture
def browser(chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield launched
        launched.close()


def pages(newsroom: Newsroom) -> list[Path]:
    return [newsroom.root / "preview" / "senat-daily.html", *sorted(newsroom.feeds.rglob("*.html"))]


def open_page(browser: Browser, path: Path, *, width: int, dark: bool) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light"
    )
    page = context.new_page()
    page.goto(path.as_uri())
    return page


def test_nothing_sticks_out_on_a_phone(newsroom: Newsroom, browser: Browser) -> None:
    for path in pages(newsroom):
        page = open_page(browser, path, width=375, dark=False)
        assert page.evaluate("document.documentElement.scrollWidth") == 375, path


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_text_stands_out_from_its_ground(newsroom: Newsroom, browser: Browser, dark: bool) -> None:  # noqa: FBT001
    for path in pages(newsroom):
        page = open_page(browser, path, width=900, dark=dark)
        found = page.evaluate(CONTRAST)
        assert found, path
        # WCAG 2.2, 1.4.3 (AA)
        assert [item for item in found if item[0] < 4.5] == [], path


def test_a_date_reads_the_same_beside_arabic_script(newsroom: Newsroom, browser: Browser) -> None:
    page = open_page(browser, newsroom.feeds / "senat" / "index.html", width=900, dark=False)
    for dateline in page.locator(".teaser .dateline bdi").all():
        assert dateline.evaluate("e => getComputedStyle(e).direction") == "ltr"
    arabic = page.locator('article[dir="rtl"] h2')
    assert arabic.evaluate("e => getComputedStyle(e).direction") == "rtl"


def test_the_pages_ask_nobody_else_for_anything(newsroom: Newsroom, browser: Browser) -> None:
    for path in pages(newsroom):
        context = browser.new_context()
        page = context.new_page()
        asked: list[str] = []

        def note(request: Request, asked: list[str] = asked) -> None:
            asked.append(request.url)

        page.on("request", note)
        page.goto(path.as_uri())
        assert asked
        assert [url for url in asked if not url.startswith("file:")] == []
