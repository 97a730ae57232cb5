"""How many requests a second a published feed is good for, beside nginx with the same file; as ratios.

    make bench
    .venv/bin/python bench/web.py --seconds 10 --rounds 9

wrk asks over 64 connections, for a feed of about 30 KB: all of it, and with the entity tag it has (304).
nginx is as Debian has it, with a worker a core and no cache of open files; both run all the while and are
asked in turn.
"""

import argparse
import http.client
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from run import MARKDOWN, ROOT, write_stories

FEED = "senat/rss.xml"
FEED_BYTES = 30_000
CONNECTIONS = 64
NGINX = """daemon off;
worker_processes auto;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 1024; }}
http {{
    include /etc/nginx/mime.types;
    access_log off;
    sendfile on;
    tcp_nopush on;
    server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


class Figure(NamedTuple):
    """What wrk saw."""

    per_second: float
    p99: float
    """Milliseconds."""


def publish(folder: Path, port: int) -> None:
    """A newsroom whose feed is about as long as a feed of fifty stories."""
    config = (ROOT / "config.toml").read_text()
    (folder / "config.toml").write_text(config.replace("port = 8000", f"port = {port}"))
    write_stories(folder / "seeds", 6, MARKDOWN, paragraphs=3)
    subprocess.run(
        [sys.executable, "-m", "publisher", "publish"], cwd=folder, check=True, capture_output=True
    )


@contextmanager
def running(command: list[str], folder: Path, port: int) -> Iterator[None]:
    """A server, from when it answers."""
    with subprocess.Popen(command, cwd=folder) as process:
        try:
            for _ in range(100):
                if process.poll() is not None:
                    raise SystemExit(f"{command[0]} ended with {process.returncode}")
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            else:
                raise SystemExit(f"{command[0]} does not listen")
            yield
        finally:
            process.terminate()


def answer(port: int, fields: dict[str, str]) -> tuple[str, int]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", f"/{FEED}", headers=fields)
    response = connection.getresponse()
    connection.close()
    return response.getheader("etag", ""), response.status


def etag_of(port: int) -> str:
    """The feed's entity tag, for which there is a 304."""
    etag, _ = answer(port, {})
    _, status = answer(port, {"If-None-Match": etag})
    if status != 304:
        raise SystemExit(f"no 304 for the ETag {etag} from port {port}")
    return etag


def ask(port: int, seconds: int, etag: str | None) -> Figure:
    """Ask for the feed as fast as it comes; with an entity tag, for a 304."""
    fields = ["-H", f"If-None-Match: {etag}"] if etag else []
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", *fields]
    said = subprocess.run(
        [*command, f"http://127.0.0.1:{port}/{FEED}"], check=True, capture_output=True, text=True
    ).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise SystemExit(said)
    latency = re.search(r"99%\s+([\d.]+)(us|ms|s)\b", said)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if latency is None or rate is None:
        raise SystemExit(said)
    return Figure(float(rate[1]), float(latency[1]) * {"us": 0.001, "ms": 1, "s": 1000}[latency[2]])


def report(name: str, ours: list[Figure], nginx: list[Figure]) -> None:
    ratios = [our.per_second / peer.per_second for our, peer in zip(ours, nginx, strict=True)]
    rates = (statistics.median(figure.per_second for figure in figures) for figures in (ours, nginx))
    print(
        "{}  publisher {:8.0f}/s   nginx {:8.0f}/s   ratio {:.2f} ({:.2f} to {:.2f})   p99 {:.1f} ms".format(
            name,
            *rates,
            statistics.median(ratios),
            min(ratios),
            max(ratios),
            statistics.median(figure.p99 for figure in ours),
        )
    )


def free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def main() -> None:
    parser = argparse.ArgumentParser(description="How many requests a second a published feed is good for.")
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    missing = [name for name in ("nginx", "wrk") if shutil.which(name) is None]
    if missing:
        raise SystemExit(f"missing: apt-get install {' '.join(missing)}")
    mine, theirs = free_ports()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)  # nginx gives up root's rights
        publish(folder, mine)
        (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=theirs, root=folder / "feeds"))
        print(f"{FEED}: {(folder / 'feeds' / FEED).stat().st_size} bytes, {os.cpu_count()} cores")
        with (
            running([sys.executable, "-m", "publisher", "serve"], folder, mine),
            running(["nginx", "-c", str(folder / "nginx.conf")], folder, theirs),
        ):
            for name, tags in (("200", (None, None)), ("304", (etag_of(mine), etag_of(theirs)))):
                rounds = [
                    [ask(port, options.seconds, tag) for port, tag in zip((mine, theirs), tags, strict=True)]
                    for _ in range(options.rounds)
                ]
                report(name, [ours for ours, _ in rounds], [nginx for _, nginx in rounds])


if __name__ == "__main__":
    main()
