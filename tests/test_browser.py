"""The digest, the pages and the feeds in Debian's chromium: telephones, darkness, keyboards, paper."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from browsing import AXE, CONTRAST, launch, window
from conftest import Newsroom, make_newsroom
from playwright.sync_api import Browser, Page, expect
from screenshots import CONFIG, STORIES, serve

pytestmark = pytest.mark.browser

KAZAKH = "Ә ә Ғ ғ Қ қ Ң ң Ө ө Ұ ұ Ү ү Һ һ І і"
PIXEL = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00"
    b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
WITHDRAWN = """Сенат • 22 Наурыз, 2024

Қайтарып алынған мақала

Бұл мақаланы енді ешкім оқымайды.
"""

LETTERS_A_LINE = """(selector) => [...document.querySelectorAll(selector)].flatMap((paragraph) => {
  const lines = new Map();
  const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    for (let i = 0; i < walker.currentNode.length; i += 1) {
      const range = document.createRange();
      range.setStart(walker.currentNode, i);
      range.setEnd(walker.currentNode, i + 1);
      const line = Math.round(range.getBoundingClientRect().bottom);
      lines.set(line, (lines.get(line) ?? 0) + 1);
    }
  }
  return [...lines.values()].slice(0, -1);
})"""


@dataclass(frozen=True)
class Site:
    """The newsroom's pages on a web server, under a strict Content-Security-Policy."""

    newsroom: Newsroom
    url: str

    @property
    def pages(self) -> Mapping[str, str]:
        """One of every kind, by a name for it."""
        stories = {path.name: path.read_text() for path in (self.newsroom.feeds / "stories").iterdir()}

        def story(sign: str) -> str:
            (name,) = (name for name, text in stories.items() if sign in text)
            return f"{self.url}stories/{name}"

        return {
            "front": self.url,
            "section": f"{self.url}senat/",
            "tag": f"{self.url}tags/byudzhet/",
            "author": f"{self.url}authors/aigul-serikqyzy/",
            "subscribe": f"{self.url}senat/subscribe.html",
            "subscribe to a tag": f"{self.url}tags/byudzhet/subscribe.html",
            "story": story("С5+1"),
            "story with all there is": story("<table"),
            "story in Arabic script": story('<html lang="kk-Arab"'),
            "story in Russian": story('<html lang="ru"'),
            "hidden story": story("noindex"),
            "missing page": f"{self.url}2019/old/address",
        }

    @property
    def everything(self) -> Mapping[str, str]:
        return {**self.pages, "digest": (self.newsroom.root / "preview" / "senat-daily.html").as_uri()}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A newsroom with one page of every kind."""
    made = make_newsroom(tmp_path_factory.mktemp("browser") / "newsroom")
    for old, new in CONFIG.items():
        made.edit_config(old, new)
    for name, text in {**STORIES, "withdrawn.txt": WITHDRAWN}.items():
        made.drop(name, text)
    made.drop("kesteler.gif", PIXEL)
    for command in (
        ["publish"],
        ["articles", "withdraw", "withdrawn.txt"],
        ["publish"],
        ["digest", "preview"],
    ):
        ran = made.run(*command)
        assert ran.exit_code == 0, ran
    with serve(made.feeds) as url:
        yield Site(made, url)


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    with launch(chromium) as launched:
        yield launched


SCHEMES = pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])


@pytest.mark.parametrize("width", [320, 375, 900])
def test_nothing_sticks_out(site: Site, browser: Browser, width: int) -> None:
    # 320 pixels are what is left of 1280 when everything is four times as large (WCAG 2.2, 1.4.10).
    page = window(browser, width=width)
    for name, address in site.everything.items():
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") == width, name


def test_letters_of_twice_the_size_fit_too(site: Site, browser: Browser) -> None:
    page = window(browser, width=900)
    for name, address in site.pages.items():
        page.goto(address)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate("document.documentElement.scrollWidth") == 900, name
        clipped = page.evaluate(
            "[...document.querySelectorAll('body *:not(.skip, input)')].filter((e) =>"
            " getComputedStyle(e).overflowX === 'hidden' && e.scrollWidth > e.clientWidth).length"
        )
        assert clipped == 0, name


@SCHEMES
def test_every_text_stands_out_from_its_ground(site: Site, browser: Browser, dark: bool) -> None:  # noqa: FBT001
    page = window(browser, dark=dark)
    feeds = {name: f"{site.url}all/{name}" for name in ("rss.xml", "atom.xml")}
    for name, address in {**site.everything, **feeds}.items():
        page.goto(address)
        found = page.evaluate(CONTRAST)
        assert found, name
        # WCAG 2.2, 1.4.3 (AA)
        assert [item for item in found if item[0] < 4.5] == [], name


@SCHEMES
@pytest.mark.parametrize("width", [375, 900])
def test_axe_finds_nothing_to_mend(
    site: Site,
    browser: Browser,
    axe_source: Path,
    width: int,
    dark: bool,  # noqa: FBT001
) -> None:
    page = window(browser, width=width, dark=dark)
    found = []
    for name, address in site.everything.items():
        page.goto(address)
        page.evaluate(axe_source.read_text())
        found += [(name, *finding) for finding in page.evaluate(AXE) if not is_known(name, *finding)]
    assert found == []


def is_known(name: str, kind: str, rule: str, target: str, _: str) -> bool:
    """Findings that were looked at and are none."""
    if rule == "landmark-one-main":
        return (
            name == "digest"
        )  # a letter is shown inside a page of the mail program's, which has a main part
    # A cell that must be scrolled to cannot be judged; its colours are those of its neighbours.
    return (
        (kind, rule) == ("incomplete", "color-contrast")
        and "all there is" in name
        and ("td" in target or "th" in target)
    )


def test_every_page_has_one_heading_and_its_landmarks(site: Site, browser: Browser) -> None:
    page = window(browser)
    for name, address in site.pages.items():
        page.goto(address)
        assert page.locator("h1").count() == 1, name
        for role in ("banner", "main", "contentinfo"):
            assert page.get_by_role(role).count() == 1, (name, role)


def test_the_keyboard_reaches_everything_and_shows_where_it_is(site: Site, browser: Browser) -> None:
    page = window(browser)
    for name, address in site.pages.items():
        page.goto(address)
        wanted = page.locator("a:visible, button:visible, input:visible, [tabindex='0']").count()
        seen = []
        for _ in range(wanted):
            page.keyboard.press("Tab")
            style, place = page.evaluate(
                "[getComputedStyle(document.activeElement).outlineStyle,"
                " [...document.querySelectorAll('*')].indexOf(document.activeElement)]"
            )
            assert style == "solid", name
            seen.append(place)
        assert seen == sorted(set(seen)), name
        assert len(seen) == wanted, name


def test_the_first_key_leads_past_the_navigation(site: Site, browser: Browser) -> None:
    page = window(browser)
    page.goto(site.pages["story"])
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    box = skip.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_navigation_says_where_the_reader_is(site: Site, browser: Browser) -> None:
    page = window(browser)
    here = {"front": ["page"], "section": ["page"], "subscribe": ["true"], "story": ["true"], "tag": []}
    for name, expected in here.items():
        page.goto(site.pages[name])
        assert page.locator("[aria-current]").evaluate_all("e => e.map((x) => x.ariaCurrent)") == expected, (
            name
        )


def test_a_date_reads_the_same_beside_arabic_script(site: Site, browser: Browser) -> None:
    page = window(browser)
    page.goto(site.pages["section"])
    for dateline in page.locator(".teaser .dateline bdi").all():
        assert dateline.evaluate("e => getComputedStyle(e).direction") == "ltr"
    arabic = page.locator('article[dir="rtl"] h2')
    assert arabic.evaluate("e => getComputedStyle(e).direction") == "rtl"


def test_the_pages_ask_nobody_else_for_anything(site: Site, browser: Browser) -> None:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in sorted(site.newsroom.feeds.rglob("*.html")):
        page.goto(path.as_uri())
        assert page.url in asked
    assert [url for url in asked if not url.startswith("file:")] == []


def fonts_of(page: Page, selector: str) -> set[str]:
    """The families that the browser took the letters from."""
    # What was just written has no fonts before it is laid out.
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    session = page.context.new_cdp_session(page)
    for part in ("DOM", "CSS"):
        session.send(f"{part}.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    node = session.send("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
    fonts = session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    return {font["familyName"] for font in fonts}


def test_kazakh_is_set_in_one_font(site: Site, browser: Browser) -> None:
    page = window(browser)
    page.goto(site.pages["story"])
    for selector in (".lead", ".dateline time"):
        page.locator(selector).evaluate("(e, text) => { e.textContent = text }", KAZAKH)
        assert len(fonts_of(page, selector)) == 1, selector
    page.goto(site.pages["story in Arabic script"])
    assert fonts_of(page, ".story > h1") == {"Noto Naskh Arabic"}


def test_a_line_holds_as_many_letters_as_an_eye_follows(site: Site, browser: Browser) -> None:
    page = window(browser)
    page.goto(site.pages["story"])
    lines = page.evaluate(LETTERS_A_LINE, ".story > p:not([class])")
    assert len(lines) > 10
    assert 60 <= sum(lines) / len(lines) <= 70
    assert max(lines) <= 75


def test_paper_gets_the_story_and_its_address(site: Site, browser: Browser) -> None:
    page = window(browser, dark=True)
    page.goto(site.pages["story with all there is"])
    assert not page.locator(".printed").is_visible()
    page.emulate_media(media="print")
    for selector in ("nav", "footer", ".skip"):
        assert not page.locator(selector).first.is_visible(), selector
    (name,) = (path.name for path in site.newsroom.feeds.glob("stories/ukimet-*"))
    assert page.locator(".printed").is_visible()
    assert page.locator(".printed").inner_text() == f"https://news.example.kz/stories/{name}"
    grounds = page.evaluate(
        "[...document.querySelectorAll('body, body *')].map((e) => getComputedStyle(e).backgroundColor)"
    )
    assert set(grounds) <= {"rgba(0, 0, 0, 0)", "rgb(255, 255, 255)"}
    assert page.locator("h1").evaluate("e => getComputedStyle(e).color") == "rgb(0, 0, 0)"
    for heading in page.locator("h1, h2").all():
        assert heading.evaluate("e => getComputedStyle(e).breakAfter") == "avoid"


def test_a_wide_table_scrolls_by_itself(site: Site, browser: Browser) -> None:
    page = window(browser, width=375)
    page.goto(site.pages["story with all there is"])
    box = page.get_by_role("group", name="Кесте")
    assert box.evaluate("e => e.scrollWidth > e.clientWidth")
    box.focus()
    page.keyboard.press("ArrowRight")
    expect(box).not_to_have_js_property("scrollLeft", 0)


@SCHEMES
def test_a_table_is_shaded_where_there_is_more_of_it(site: Site, browser: Browser, dark: bool) -> None:  # noqa: FBT001
    page = window(browser, width=375, dark=dark)
    page.goto(site.pages["story with all there is"])
    box = page.get_by_role("group", name="Кесте")
    box.scroll_into_view_if_needed()

    def pixel(x: float, y: float) -> bytes:
        return page.screenshot(clip={"x": x, "y": y, "width": 1, "height": 1})

    def shaded_sides() -> list[bool]:
        at = box.bounding_box()
        assert at is not None
        sides = (at["x"] + 1, at["x"] + at["width"] - 2)
        return [pixel(side, at["y"] + 2) != pixel(1, 1) for side in sides]

    shades = []
    for place in ("0", "e.scrollWidth / 2 - e.clientWidth / 2", "e.scrollWidth"):
        box.evaluate(f"e => {{ e.scrollLeft = {place} }}")
        shades.append(shaded_sides())
    assert shades == [[False, True], [True, True], [True, False]]


def test_the_place_in_the_navigation_stands_on_its_line(site: Site, browser: Browser) -> None:
    """Bold letters have a box of another height."""
    page = window(browser)
    page.goto(site.pages["section"])
    feet = page.evaluate(
        """[...document.querySelectorAll('.masthead nav a')].map((link) => {
          const foot = link.appendChild(document.createElement('span'));
          foot.style.display = 'inline-block';
          return foot.getBoundingClientRect().bottom;
        })"""
    )
    assert len(feet) == 2
    assert len(set(feet)) == 1


class TestCopying:
    """The buttons of the subscribe page."""

    address = "https://news.example.kz/senat/atom.xml"

    def copied(self, page: Page) -> str:
        """What a paste brings."""
        page.evaluate(
            "document.body.append(Object.assign(document.createElement('textarea'), { id: 'paste' }))"
        )
        page.locator("#paste").focus()
        page.keyboard.press("Control+V")
        return page.locator("#paste").input_value()

    def test_the_keyboard_copies_and_the_page_says_so(self, site: Site, browser: Browser) -> None:
        page = window(browser, permissions=["clipboard-read", "clipboard-write"])
        page.goto(site.pages["subscribe"])
        button = page.get_by_role("button", name="Көшіру Atom")
        button.focus()
        page.keyboard.press("Enter")
        page.get_by_role("status").filter(has_text="Atom: Көшірілді").wait_for()
        copied = page.get_by_role("button", name="Көшірілді Atom")
        assert copied.evaluate("e => e === document.activeElement")
        assert self.copied(page) == self.address

        page.get_by_role("button", name="Көшіру RSS").click()
        page.get_by_role("button", name="Көшірілді RSS").wait_for()
        assert button.inner_text() == "Көшіру"

    def test_it_works_where_the_page_came_by_plain_http(self, site: Site, browser: Browser) -> None:
        page = window(browser)
        page.add_init_script("Object.defineProperty(Navigator.prototype, 'clipboard', { value: undefined })")
        page.goto(site.pages["subscribe"])
        page.get_by_role("button", name="Көшіру Atom").press("Enter")
        copied = page.get_by_role("button", name="Көшірілді Atom")
        copied.wait_for()
        assert copied.evaluate("e => e === document.activeElement")
        assert self.copied(page) == self.address

    def test_where_it_may_not_copy_the_address_is_selected(self, site: Site, browser: Browser) -> None:
        page = window(browser)
        page.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new Error('no'))")
        page.goto(site.pages["subscribe"])
        page.get_by_role("button", name="Көшіру Atom").press("Enter")
        page.get_by_role("status").filter(has_text="Көшіру мүмкін болмады").wait_for()
        assert page.evaluate("document.getSelection().toString()") == self.address

    def test_without_a_script_the_fields_are_enough(self, site: Site, browser: Browser) -> None:
        page = window(browser, java_script_enabled=False)
        page.goto(site.pages["subscribe"])
        assert page.get_by_role("button").count() == 0
        assert page.get_by_role("textbox", name="Atom").input_value() == self.address


@pytest.mark.parametrize("name", ["rss.xml", "atom.xml"])
def test_a_feed_opened_in_a_browser_can_be_read(site: Site, browser: Browser, name: str) -> None:
    page = window(browser, width=375)
    page.goto(f"{site.url}all/{name}")
    note = page.evaluate("getComputedStyle(document.documentElement, '::before').content")
    assert "жаңалықтар таспасы" in note
    shown = page.evaluate(
        "[...document.querySelectorAll('*')].filter((e) => e.getClientRects().length).map((e) => e.localName)"
    )
    item, summary, date = (
        ("item", "description", "pubDate") if name == "rss.xml" else ("entry", "summary", "published")
    )
    assert shown.count(item) == shown.count(summary) == shown.count(date) == 5
    top = {"rss", "channel"} if name == "rss.xml" else {"feed"}
    assert set(shown) == top | {item, "title", summary, date}
    assert page.evaluate("document.documentElement.scrollWidth") == 375
    sides = page.evaluate(
        """[...document.querySelectorAll('item > title, entry > title')].map((title) => {
          const range = document.createRange();
          range.selectNodeContents(title);
          const [text, box] = [range.getBoundingClientRect(), title.getBoundingClientRect()];
          if (Math.abs(text.left - box.left) < 1) return 'left';
          return Math.abs(text.right - box.right) < 1 ? 'right' : '';
        })"""
    )
    assert sides == ["left"] * 4 + ["right"]


def test_a_telephone_shows_a_feed_in_letters_of_its_own_size(site: Site, browser: Browser) -> None:
    page = window(browser, width=390, is_mobile=True, has_touch=True)
    page.goto(f"{site.url}all/rss.xml")
    # XML has no viewport: it is laid out 980 pixels wide, and seen at 390 / 980 of its size.
    size = page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)")
    scale = page.evaluate("screen.width / innerWidth")
    assert scale < 1
    assert 16 <= size * scale <= 20
