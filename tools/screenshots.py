"""Take pictures of the digest, the pages and the feeds, light and dark, 375 and 900 px wide.

They are to look at; one is README's.

The newsroom in the pictures holds the real story and a few short ones, in two scripts and two languages.
"""

import argparse
import http.server
import shutil
import subprocess
import sys
import tempfile
import threading
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parent.parent
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CONFIG = {
    '"Парламент Сенаты"]': '"Парламент Сенаты", "سەنات"]',
    "tags = []": 'tags = ["Бюджет"]',
    "authors = []": 'authors = ["Айгүл Серікқызы"]',
}
STORIES = {
    "komitet.txt": """Сенат • 25 Наурыз, 2024

Сенат комитеті бюджет түсімдерін қарады

1 мин
оқу үшін

Комитет отырысында республикалық бюджеттің алғашқы тоқсандағы түсімдері талқыланды.

Депутаттар министрлік өкілдеріне сұрақ қойды.
""",
    "budget.txt": """Сенат • 24 марта 2024

Комитет Сената рассмотрел поправки к бюджету

Депутаты обсудили доходы республиканского бюджета за первый квартал.

Голосование пройдёт на неделе.
""",
    "senat-ar.txt": """سەنات • 23 ناۋرىز, 2024

سەنات كوميتەتى بيۋدجەت تۇسىمدەرىن قارادى

كوميتەت وتىرىسىندا رەسپۋبليكالىق بيۋدجەتتىڭ تۇسىمدەرى تالقىلاندى.

دەپۋتاتتار سۇراق قويدى.
""",
    "kesteler.md": """---
title: Үкімет үш айдағы бюджет түсімін жариялады
date: 2024-03-27T09:30+05:00
section: Экономика
author: Айгүл Серікқызы
lead: Жылдың алғашқы үш айында республикалық бюджетке былтырғыдан көп қаражат түсті.
tags: [Бюджет, Салық]
photo_caption: Қаржы министрлігінің ғимараты, Астана
photo_credit: Айдос Маратұлы
correction: Алғашқы нұсқада наурыздағы түсім 1 389 млрд теңге деп қате көрсетілген еді.
---
Қаржы министрлігі қаңтар мен наурыз аралығындағы есебін ұсынды. Түсімнің басым бөлігі салықтан құралды.

## Түсім қалай өзгерді

| Ай | Жоспар, млрд теңге | Түсім, млрд теңге | Орындалуы | Былтырғы кезеңмен салыстырғанда |
| --- | --- | --- | --- | --- |
| Қаңтар | 1 204 | 1 251 | 103,9 % | 8,1 % артты |
| Ақпан | 1 187 | 1 170 | 98,6 % | 2,4 % артты |
| Наурыз | 1 322 | 1 398 | 105,7 % | 11,0 % артты |

> Жоспар орындалды, бірақ екінші тоқсанда қиынырақ болады.

Министрлік келесі есебін шілдеде жариялайды.
""",
}


def main() -> None:
    """Write the pictures into a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT / "preview" / "screenshots")
    output: Path = parser.parse_args().output
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        root = Path(folder)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_FLAGS)
        _make_newsroom(root, browser)
        with serve(root / "feeds") as site:
            _shoot_all(browser, _addresses(root, site), output)
        _pair(browser, output, ROOT / "docs" / "digest.png")
        browser.close()
    print(f"pictures in {output}")


def _make_newsroom(root: Path, browser: Browser) -> None:
    config = (ROOT / "config.toml").read_text()
    for old, new in CONFIG.items():
        config = config.replace(old, new)
    (root / "config.toml").write_text(config)
    shutil.copytree(ROOT / "seeds", root / "seeds")
    for name, text in STORIES.items():
        (root / "seeds" / name).write_text(text)
    _draw(browser, root / "seeds" / "kesteler.jpg")
    for command in (["publish"], ["digest", "preview"]):
        subprocess.run([sys.executable, "-m", "publisher", *command], cwd=root, check=True)


def _draw(browser: Browser, target: Path) -> None:
    """Something that stands for a photo."""
    page = browser.new_page(viewport={"width": 1200, "height": 800})
    page.set_content(
        "<style>body { margin: 0; height: 100vh; "
        "background: linear-gradient(#7fb2c8, #dfe7e4 62%, #6f7d5c 62%) }</style>"
    )
    page.screenshot(path=target, type="jpeg")
    page.close()


def _addresses(root: Path, site: str) -> dict[str, str]:
    """What is shown, by the name of its picture."""
    stories = {path.name: path.read_text() for path in (root / "feeds" / "stories").iterdir()}

    def story(sign: str) -> str:
        return f"{site}stories/{next(name for name, text in stories.items() if sign in text)}"

    return {
        "digest": (root / "preview" / "senat-daily.html").as_uri(),
        "front": site,
        "section": f"{site}senat/",
        "tag": f"{site}tags/byudzhet/",
        "story": story("С5+1"),
        "story-table": story("<table"),
        "story-arabic": story('<html lang="kk-Arab"'),
        "subscribe": f"{site}senat/subscribe.html",
        "not-found": f"{site}2019/old/address",
        "rss": f"{site}all/rss.xml",
        "atom": f"{site}all/atom.xml",
    }


def _shoot_all(browser: Browser, addresses: Mapping[str, str], output: Path) -> None:
    for scheme in ("light", "dark"):
        for width in (375, 900):
            context = browser.new_context(
                viewport={"width": width, "height": 700},
                color_scheme="dark" if scheme == "dark" else "light",
            )
            page = context.new_page()
            for name, address in addresses.items():
                page.goto(address)
                # A window as high as the page: `full_page` never returns for XML, which has no body.
                height = page.evaluate("document.documentElement.scrollHeight")
                page.set_viewport_size({"width": width, "height": height})
                page.screenshot(path=output / f"{name}-{scheme}-{width}.png")
                page.set_viewport_size({"width": width, "height": 700})
            context.close()


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """A web server for the folder, as a newsroom has one; gives its address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(_Site, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def _pair(browser: Browser, folder: Path, target: Path) -> None:
    """The digest on a telephone, light beside dark: README's picture."""
    pictures = "".join(
        f'<img src="data:image/png;base64,{b64encode(path.read_bytes()).decode()}">'
        for path in (folder / "digest-light-375.png", folder / "digest-dark-375.png")
    )
    page = browser.new_page(viewport={"width": 830, "height": 860})
    page.set_content(
        "<style>body { margin: 20px; display: flex; gap: 40px; background: #c9cfcd }"
        "img { width: 375px; height: 820px; object-fit: cover; object-position: top; border-radius: 18px }"
        f"</style>{pictures}"
    )
    page.screenshot(path=target)


class _Site(http.server.SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        # As strict as a newsroom may be: nothing inline, nothing from elsewhere.
        self.send_header(
            "Content-Security-Policy",
            "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'",
        )
        super().end_headers()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        missing = Path(self.directory) / "404.html"
        if code != http.HTTPStatus.NOT_FOUND or not missing.exists():
            super().send_error(code, message, explain)
            return
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(missing.read_bytes())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — the base class calls it so
        """Say nothing."""


if __name__ == "__main__":
    main()
