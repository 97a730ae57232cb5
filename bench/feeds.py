"""How long it takes to make feeds: from fragments, and by feedgen from scratch, in the same run.

    .venv/bin/python bench/feeds.py --stories 10000 --sections 20

Stories as long as the one in seeds/, fifty in a feed. All begin with a list of stories and end with the bytes
of the feeds. The peer reads the stories from the store and hands them to feedgen as its own
documentation does, for RSS and Atom; ours joins what the cache holds, for RSS, Atom and JSON Feed. The second
peer has its stories in memory already, in the form that feedgen takes.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from feedgen.feed import FeedGenerator
from run import MARKDOWN, ROOT, write_stories
from sqlalchemy import Connection

from publisher.addresses import section_topic
from publisher.config import Config, load_config
from publisher.feeds import FeedFormat, Item, build_feed, build_item, render_feed
from publisher.pipeline.fragments import FragmentShelf, make_fragments
from publisher.pipeline.topics import all_sections
from publisher.store import stories
from publisher.store.engine import open_store, reading
from publisher.store.fragments import FragmentCache


def by_feedgen(items: list[Item]) -> None:
    """One section's feeds, as a program without fragments makes them."""
    generator = FeedGenerator()
    generator.id("urn:bench")
    generator.title("Сенат")
    generator.link(href="https://news.example.kz/")
    generator.description("Сенат")
    generator.language("kk")
    for item in items:
        entry = generator.add_entry(order="append")
        entry.id(item.id)
        entry.title(item.title)
        entry.link(href=item.url)
        entry.summary(item.summary)
        entry.content(item.content_html, type="html")
        entry.published(item.published_at)
        entry.updated(item.updated_at)
        for category in item.categories:
            entry.category(term=category)
    generator.rss_str(pretty=True)
    generator.atom_str(pretty=True)


def median_ms(work: Callable[[], object], runs: int) -> float:
    figures = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        figures.append(time.perf_counter() - start)
    return statistics.median(figures) * 1000


def measure(config: Config, connection: Connection, runs: int) -> None:
    """Print the table."""
    now = datetime.now(UTC)
    sections = all_sections(config, connection)
    titles = {section.slug: section.title for section in sections}
    topics = [section_topic(section) for section in sections if section not in config.sections]
    limit = config.feeds.limit
    briefs = {
        topic.folder: stories.newest_briefs(connection, topic, limit=limit, now=now) for topic in topics
    }
    texts = {
        folder: stories.with_ids(connection, [brief.id for brief in some]) for folder, some in briefs.items()
    }
    items = {
        folder: [build_item(config.site, story, titles) for story in some] for folder, some in texts.items()
    }
    cache = FragmentCache(config.feeds.cache)
    shelf = FragmentShelf(connection, cache, config.site, titles, rebuild=False)
    feeds = {topic.folder: build_feed(config.site, topic, updated_at=now) for topic in topics}

    def from_memory() -> None:
        for some in items.values():
            by_feedgen(some)

    def from_scratch() -> None:
        for some in briefs.values():
            texts = stories.with_ids(connection, [brief.id for brief in some])
            by_feedgen([build_item(config.site, story, titles) for story in texts])

    def from_fragments() -> None:
        for folder, feed in feeds.items():
            fragments = shelf.take(briefs[folder])
            for format_ in FeedFormat:
                render_feed(feed, [each.of(format_) for each in fragments], format_)

    one = texts[topics[0].folder][0]
    scratch = median_ms(from_scratch, runs)
    memory = median_ms(from_memory, runs)
    ours = median_ms(from_fragments, runs)
    single = median_ms(lambda: make_fragments(config.site, one, titles), runs * 5)
    told = sum(map(len, items.values()))
    print(f"{len(topics)} sections, {told} stories in feeds, median of {runs} runs")
    print(f"from fragments                         {ours:8.1f} ms")
    print(f"feedgen from scratch                   {scratch:8.1f} ms   {scratch / ours:5.1f} × as long")
    print(f"feedgen, with everything in memory     {memory:8.1f} ms   {memory / ours:5.1f} × as long")
    print(f"one changed story, in all its forms    {single:8.2f} ms")


def main() -> None:
    """Publish once, then measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--stories", type=int, default=10_000)
    parser.add_argument("--sections", type=int, default=20)
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        shutil.copy(ROOT / "config.toml", root)
        write_stories(root / "seeds", options.stories, MARKDOWN, sections=options.sections, paragraphs=4)
        subprocess.run(
            [sys.executable, "-m", "publisher", "publish"], cwd=root, check=True, stdout=subprocess.DEVNULL
        )
        config = load_config(root / "config.toml", {})
        with open_store(config.store_url) as engine, reading(engine) as connection:
            measure(config, connection, options.runs)


if __name__ == "__main__":
    main()
