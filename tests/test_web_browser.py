"""A reader with nothing but a browser and a mailbox."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from browsing import AXE, CONTRAST, launch, window
from conftest import make_newsroom, story
from playwright.sync_api import Browser, Page, expect
from test_subscribing import SLUG, Desk, desk_of, link

pytestmark = pytest.mark.browser

WORDS = {
    "kk": {
        "subscribe": "Жазылу",
        "sent": "Поштаңызды тексеріңіз",
        "confirm": "Иә, жазыламын",
        "settings": "Баптауларыңыз",
        "save": "Сақтау",
        "leave": "Жазылудан бас тарту",
        "left": "Сіз жазылымнан бас тарттыңыз",
    },
    "ru": {
        "subscribe": "Подписаться",
        "sent": "Проверьте почту",
        "confirm": "Да, подписываюсь",
        "settings": "Ваши настройки",
        "save": "Сохранить",
        "leave": "Отписаться",
        "left": "Вы отписались",
    },
    "en": {
        "subscribe": "Subscribe",
        "sent": "Check your mailbox",
        "confirm": "Yes, I subscribe",
        "settings": "Your settings",
        "save": "Save",
        "leave": "Unsubscribe",
        "left": "You have unsubscribed",
    },
}
SECOND = """[[digests]]
slug = "weekly"
title = "Апта шолуы"
sections = ["senat"]
days = ["fri"]

# One block for each digest."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    newsroom = make_newsroom(tmp_path_factory.mktemp("web-browser") / "newsroom")
    newsroom.edit_config("# One block for each digest.", SECOND)
    with desk_of(newsroom) as desk:
        yield desk


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    with launch(chromium) as launched:
        yield launched


class Reader:
    """Somebody at a window; every page they see is looked at by axe too."""

    def __init__(self, page: Page, desk: Desk, axe: str, words: dict[str, str]) -> None:
        self.page = page
        self.desk = desk
        self._axe = axe
        self._words = words
        page.on("request", lambda request: self._is_ours(request.url))

    def _is_ours(self, url: str) -> None:
        assert url.startswith(self.desk.served.url), url

    def look(self, heading: str) -> None:
        expect(self.page.locator("h1")).to_have_text(heading)
        self.page.evaluate(self._axe)
        assert self.page.evaluate(AXE) == []
        assert [item for item in self.page.evaluate(CONTRAST) if item[0] < 4.5] == []
        width = self.page.viewport_size and self.page.viewport_size["width"]
        assert self.page.evaluate("document.documentElement.scrollWidth") == width
        assert self.page.context.cookies() == []

    def press(self, name: str) -> None:
        """By its name, as a screen reader finds it; and with the keyboard."""
        button = self.page.get_by_role("button", name=self._words[name], exact=True)
        button.focus()
        self.page.keyboard.press("Enter")


def send_digest(desk: Desk, language: str) -> None:
    """An edition with something new; each language has a day of its own."""
    desk.newsroom.drop(f"{language}.txt", story(f"Жаңа мақала: {language}"))
    assert desk.newsroom.run("publish").exit_code == 0
    day = date.today() + timedelta(days=2 + list(WORDS).index(language))  # noqa: DTZ011 — no zone is so far ahead
    assert desk.newsroom.run("digest", "send", SLUG, "--date", str(day)).exit_code == 0


@pytest.mark.parametrize(
    ("language", "width", "dark"), [("kk", 900, False), ("ru", 375, True), ("en", 375, False)]
)
def test_from_the_site_to_the_mailbox_and_out_again(
    desk: Desk,
    browser: Browser,
    axe_source: Path,
    language: str,
    width: int,
    dark: bool,  # noqa: FBT001
) -> None:
    address, words = f"reader-{language}@example.kz", WORDS[language]
    page = window(browser, width=width, dark=dark, locale=language, java_script_enabled=True)
    reader = Reader(page, desk, axe_source.read_text(), words)

    page.goto(desk.served.url)  # the site's own pages lead to the form
    page.locator("footer a").nth(1).click()
    page.locator("h1").wait_for()
    assert page.locator("html").get_attribute("lang") == language
    for title in ("Апта шолуы", "Сенат: күн жаңалықтары"):
        page.get_by_label(title).check()
    page.locator("#address").fill(address)
    page.wait_for_timeout(2100)  # no person is faster
    reader.look(page.locator("h1").inner_text())
    reader.press("subscribe")
    reader.look(words["sent"])

    (letter,) = desk.letters(address, 1)
    assert letter["Content-Language"] == language
    page.goto(link(letter, "confirm"))
    reader.look(page.locator("h1").inner_text())
    assert page.locator("main li").all_inner_texts() == ["Сенат: күн жаңалықтары", "Апта шолуы"]
    reader.press("confirm")
    reader.look(words["settings"])
    assert desk.person(address)["subscriptions"] == {SLUG: "confirmed", "weekly": "confirmed"}

    send_digest(desk, language)
    digest = desk.letters(address, 2)[1]
    assert link(digest, "preferences").rpartition("/")[0] == f"{desk.served.url}preferences/{SLUG}"
    page.goto(link(digest, "preferences"))
    reader.look(words["settings"])
    page.get_by_label("Апта шолуы").uncheck()
    page.locator("#language").select_option("ru")
    page.locator("#pause").select_option("7")
    reader.press("save")
    expect(page.get_by_role("status")).to_be_visible()
    reader.look(words["settings"])
    person = desk.person(address)
    assert person["subscriptions"] == {SLUG: "confirmed", "weekly": "unsubscribed"}
    assert (person["language"], bool(person["paused_until"])) == ("ru", True)

    page.goto(link(digest, "unsubscribe"))
    reader.look(words["leave"])
    reader.press("leave")
    reader.look(words["left"])
    assert desk.person(address)["subscriptions"] == {SLUG: "unsubscribed", "weekly": "unsubscribed"}
    page.go_back()
    page.reload()
    reader.look(words["left"])


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_on_any_other_page(
    desk: Desk,
    browser: Browser,
    axe_source: Path,
    dark: bool,  # noqa: FBT001
) -> None:
    if not desk.newsroom.run("digest", "list", "--json").data:
        assert desk.newsroom.run("subscribers", "add", "other@example.kz", "--digest", SLUG).exit_code == 0
        assert desk.newsroom.run("digest", "send", SLUG).exit_code == 0
    page = window(browser, width=375, dark=dark, locale="kk")
    reader = Reader(page, desk, axe_source.read_text(), WORDS["kk"])
    for path in ("preferences", "editions/", f"editions/{SLUG}/", "editions/weekly/", "subscribe/sent"):
        page.goto(desk.served.url + path)
        reader.look(page.locator("h1").inner_text())
    page.goto(f"{desk.served.url}subscribe")
    page.locator("form").evaluate("form => { form.noValidate = true }")
    page.locator("#address").fill("aigul@")
    page.wait_for_timeout(2100)
    reader.press("subscribe")
    reader.look(page.locator("h1").inner_text())
    expect(page.locator("#address")).to_be_focused()
    described = page.locator("#address").get_attribute("aria-describedby")
    expect(page.locator(f"#{described}")).to_contain_text("name@example.kz")
    page.goto(f"{desk.served.url}editions/{SLUG}/")
    page.locator("article a").first.click()
    page.evaluate(axe_source.read_text())
    found = [finding for finding in page.evaluate(AXE) if finding[1] != "landmark-one-main"]
    assert found == []  # the letter stands alone here, and in a mail program's page everywhere else


@pytest.mark.parametrize("name", ["rss.xml", "atom.xml"])
def test_a_feed_that_is_opened_in_a_browser_can_be_read(desk: Desk, browser: Browser, name: str) -> None:
    page = window(browser, width=375)
    page.goto(f"{desk.served.url}all/{name}")
    assert page.evaluate("document.documentElement.localName") in {"rss", "feed"}
    assert page.evaluate("[...document.styleSheets].map((sheet) => sheet.cssRules.length > 0)") == [True]
