"""Numbers for Prometheus. The only importer of prometheus_client."""

from collections.abc import Iterable, Mapping
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from publisher.store.engine import reading
from publisher.store.gauges import read_gauges
from publisher.web.site import Site

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Meters:
    """What this process has answered, and what the store holds."""

    def __init__(self, site: Site, files: Mapping[int, int]) -> None:
        """`files` counts the answers of published files by their status."""
        self._registry = CollectorRegistry()
        self._registry.register(_Store(site))
        self._registry.register(_Files(files))
        self._answers = Counter(
            "publisher_page_answers", "Answers but for files.", ("page", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "publisher_page_seconds", "Time to the end of an answer.", ("page",), registry=self._registry
        )

    def read(self) -> bytes:
        """All of it, in Prometheus's text format.

        Raises:
            StoreError: the store cannot be read.
        """
        return generate_latest(self._registry)

    def note(self, page: str, status: int, seconds: float) -> None:
        self._answers.labels(page, str(status)).inc()
        self._seconds.labels(page).observe(seconds)


class Measured:
    """Notes each answer of an application."""

    def __init__(self, app: ASGIApp, meters: Meters, *, pages: Iterable[str]) -> None:
        """`pages` are the first parts of known paths: nothing else that is asked for becomes a label."""
        self._app = app
        self._meters = meters
        self._pages = frozenset(pages)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500
        since = perf_counter()

        async def noting(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            path = scope["path"].removeprefix(scope.get("root_path", ""))
            page = path[1:].partition("/")[0]
            self._meters.note(page if page in self._pages else "other", status, perf_counter() - since)


class _Files(Collector):
    def __init__(self, counts: Mapping[int, int]) -> None:
        self._counts = counts

    def collect(self) -> Iterable[Metric]:
        family = CounterMetricFamily(
            "publisher_file_answers", "Answers from published files.", labels=["status"]
        )
        for status, count in sorted(self._counts.items()):
            family.add_metric([str(status)], count)
        yield family


class _Store(Collector):
    def __init__(self, site: Site) -> None:
        self._site = site

    def describe(self) -> Iterable[Metric]:
        return ()  # the store is not open yet when this is asked

    def collect(self) -> Iterable[Metric]:
        with reading(self._site.engine) as connection:
            for gauge in read_gauges(connection):
                family = GaugeMetricFamily(f"publisher_{gauge.name}", gauge.about, labels=gauge.labels)
                for labels, value in gauge.values:
                    family.add_metric(labels, value)
                yield family
