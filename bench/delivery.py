"""How fast an edition is sent, beside Postfix's own load generator into the same sink; as a ratio.

    .venv/bin/python bench/delivery.py --messages 20000 --sessions 10
    .venv/bin/python bench/delivery.py --messages 100000 --runs 1      memory

A Kazakh letter of 40 KB HTML and 20 KB text; each message is signed with DKIM (RSA-2048), and journalled in
SQLite at full durability. `smtp-source` sends as many messages of as many bytes over as many sessions; it
makes them once, signs nothing and keeps no books. Both are whole processes, from start to end, in turn.
smtp-source and smtp-sink are in Debian's package postfix.
"""

import argparse
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from run import ROOT, WORDS
from sqlalchemy import insert

from publisher.config import Config, load_config
from publisher.digest import UNSUBSCRIBE_TOKEN
from publisher.model import EditionText, SubscriptionState
from publisher.store import editions
from publisher.store.engine import open_store, writing
from publisher.store.schema import subscribers, subscriptions

HTML_BYTES, TEXT_BYTES = 40_000, 20_000


class Figure(NamedTuple):
    seconds: float
    peak_mib: float


def letter() -> EditionText:
    """Prose of the size that the aim names, with the reader's token near the end, as in a digest."""
    words = (" ".join(WORDS) + " ") * 200
    html, text = (words.encode()[:size].decode(errors="ignore") for size in (HTML_BYTES, TEXT_BYTES))
    head, tail = '<!doctype html><html lang="kk"><body><p>', "</body></html>\n"
    leave = f"https://news.example.kz/unsubscribe/senat-daily/{UNSUBSCRIBE_TOKEN}"
    return EditionText(
        language="kk",
        subject="Сенат: күн жаңалықтары, 2026 ж. 25 қараша",
        html=f'{head}{html}</p><p><a href="{leave}">×</a></p>{tail}',
        text=f"{text}\n{leave}\n",
    )


def prepare(folder: Path, *, port: int, readers: int, sessions: int) -> Config:
    """A newsroom with so many readers and an edition that nobody has got yet."""
    text = (ROOT / "config.toml").read_text()
    text = text.replace('transport = "spool"', 'transport = "smtp"').replace("port = 587", f"port = {port}")
    text = text.replace('security = "starttls"', 'security = "none"')
    text = text.replace("connections = 4 ", f"connections = {sessions} ")
    key = folder / "dkim.pem"
    subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
    text += f'\n[[delivery.dkim]]\nselector = "bench"\nkey = "{key}"\n'
    (folder / "config.toml").write_text(text)
    (folder / "seeds").mkdir()
    config = load_config(folder / "config.toml", {})
    now = datetime.now(UTC)
    with open_store(config.store_url) as engine, writing(engine) as connection:
        people = [
            {"id": number, "address": f"r{number:06}@example.kz", "created_at": now}
            for number in range(1, readers + 1)
        ]
        connection.execute(
            insert(subscribers), [person | {"address_key": person["address"]} for person in people]
        )
        values = {"digest": "senat-daily", "state": SubscriptionState.CONFIRMED, "origin": "bench"}
        connection.execute(
            insert(subscriptions),
            [{"subscriber_id": person["id"], "changed_at": now} | values for person in people],
        )
        editions.freeze(
            connection,
            digest="senat-daily",
            local_date=now.astimezone(config.site.timezone).date(),
            told=(),
            shown=0,
            language="kk",
            texts=[letter()],
            now=now,
        )
    return config


def measure(command: list[str], folder: Path) -> Figure:
    """A whole process: its time, and the most memory that it ever had."""
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, peak_of(process.pid))
        time.sleep(0.02)
    seconds = time.perf_counter() - started
    if process.returncode:
        raise SystemExit(f"{command[0]} ended with {process.returncode}")
    return Figure(seconds, peak)


def peak_of(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    lines = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(lines[0].split()[1]) / 1024 if lines else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description="How fast an edition is sent.")
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--sessions", type=int, default=10)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    sink = shutil.which("smtp-sink")
    if sink is None:
        raise SystemExit("smtp-sink is missing: apt-get install postfix")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with subprocess.Popen([sink, "-u", "nobody", f"127.0.0.1:{port}", "1024"]) as server:
        try:
            report(arguments.messages, arguments.sessions, arguments.runs, port)
        finally:
            server.terminate()


def report(messages: int, sessions: int, runs: int, port: int) -> None:
    ours, peers = [], []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            prepare(folder, port=port, readers=messages, sessions=sessions)
            ours.append(measure([sys.executable, "-m", "publisher", "digest", "send"], folder))
        peer = ["smtp-source", "-d", "-s", str(sessions), "-m", str(messages), "-l", str(message_bytes())]
        peers.append(measure([*peer, f"127.0.0.1:{port}"], ROOT))
    for name, figures in (("publisher", ours), ("smtp-source", peers)):
        seconds = statistics.median(figure.seconds for figure in figures)
        peak = max(figure.peak_mib for figure in figures)
        print(f"{name:12} {messages / seconds:8.0f} messages/s   {peak:6.1f} MiB at the most")
    ratios = [peer.seconds / our.seconds for our, peer in zip(ours, peers, strict=True)]
    print(f"ratio        {statistics.median(ratios):8.2f}   ({min(ratios):.2f} to {max(ratios):.2f})")


def message_bytes() -> int:
    """Of one message on the wire: its two parts in base64, with line ends, and some headers."""
    return round((HTML_BYTES + TEXT_BYTES) * 4 / 3 * 78 / 76) + 2000


if __name__ == "__main__":
    main()
