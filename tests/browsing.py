"""Debian's chromium, and what it is asked about a page."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from screenshots import CHROMIUM_FLAGS

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
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !e.getClientRects().length) continue;
    const [a, b] = [light(channels(getComputedStyle(e).color)), light(ground(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    found.push([ratio, walker.currentNode.data.trim().slice(0, 40)]);
  }
  return found;
}"""
"""The contrast of every text that is seen with its ground, and the text."""
AXE = """async () => {
  const rules = { 'target-size': { enabled: true }, 'identical-links-same-purpose': { enabled: true } };
  const result = await axe.run(document, { rules });
  const told = (kind) => result[kind].flatMap((rule) =>
    rule.nodes.map((node) => [kind, rule.id, node.target.join(' '), node.failureSummary]));
  return [...told('violations'), ...told('incomplete')];
}"""
"""What axe-core, once loaded, finds wrong or cannot judge."""


@contextmanager
def launch(chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield launched
        launched.close()


def window(browser: Browser, *, width: int = 900, dark: bool = False, **more: Any) -> Page:
    """A window; whatever the console complains of fails the test."""
    for context in browser.contexts:
        context.close()
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light", **more
    )
    page = context.new_page()

    def fail(message: ConsoleMessage) -> None:
        if message.type == "error" and "responded with a status of 4" not in message.text:
            raise AssertionError(message.text)

    page.on("console", fail)
    return page
