"""Take pictures of the digest and the pages, light and dark, wide and 375 px: to look at, and for README.

The newsroom in the pictures holds the real story and a few short ones, in two scripts and three languages.
"""

import argparse
import http.server
import shutil
import subprocess
import sys
import tempfile
import threading
from base64 import b64encode
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
}


def main() -> None:
    """Write the pictures into a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT / "preview" / "screenshots")
    output: Path = parser.parse_args().output
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        _make_newsroom(root)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=CHROMIUM_FLAGS
            )
            _shoot_all(browser, root, output)
            _pair(browser, output, ROOT / "docs" / "digest.png")
            browser.close()
    print(f"pictures in {output}")


def _make_newsroom(root: Path) -> None:
    config = (ROOT / "config.toml").read_text().replace('"Парламент Сенаты"]', '"Парламент Сенаты", "سەنات"]')
    (root / "config.toml").write_text(config)
    shutil.copytree(ROOT / "seeds", root / "seeds")
    for name, text in STORIES.items():
        (root / "seeds" / name).write_text(text)
    for command in (["publish"], ["digest", "preview"]):
        subprocess.run([sys.executable, "-m", "publisher", *command], cwd=root, check=True)


def _shoot_all(browser: Browser, root: Path, output: Path) -> None:
    handler = partial(_Quiet, directory=str(root))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    stories = sorted((root / "feeds" / "stories").glob("*.html"))
    pages = {
        "digest": "preview/senat-daily.html",
        "section": "feeds/senat/index.html",
        "story": next(f"feeds/stories/{path.name}" for path in stories if "ashimbaev" in path.name),
        "story-arabic": next(
            f"feeds/stories/{path.name}" for path in stories if 'dir="rtl"' in path.read_text()[:100]
        ),
    }
    for name, path in pages.items():
        for scheme in ("light", "dark"):
            for width in (375, 900):
                context = browser.new_context(
                    viewport={"width": width, "height": 700},
                    color_scheme="dark" if scheme == "dark" else "light",
                )
                page = context.new_page()
                page.goto(f"{base}/{path}")
                page.screenshot(path=output / f"{name}-{scheme}-{width}.png", full_page=True)
                context.close()
    server.shutdown()


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


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — the base class calls it so
        """Say nothing."""


if __name__ == "__main__":
    main()
