"""The whole way through a real mail server: STARTTLS, a password, readers, signatures that hold."""

import time
from collections import Counter

import dkim
import pytest
from conftest import Newsroom
from mail_sink import Sunk, mail_sink
from postfix import NAME, PASSWORD, postfix

pytestmark = pytest.mark.timeout(200)
READERS = 500


def use_postfix(newsroom: Newsroom, port: int) -> bytes:
    """Send by it, with a DKIM key; the key's DNS record."""
    newsroom.edit_config('transport = "spool"', 'transport = "smtp"')
    newsroom.edit_config("port = 587", f"port = {port}")
    newsroom.edit_config('username = ""', f'username = "{NAME}"')
    made = newsroom.run("config", "dkim", "test", "--output", "dkim.pem", "--json").data
    with (newsroom.root / "config.toml").open("a") as config:
        config.write("\n" + made["config"])
    return str(made["record"]["value"]).encode()


def wait_for(sunk: Sunk, count: int) -> None:
    end = time.monotonic() + 60
    while len(sunk.taken) < count:
        assert time.monotonic() < end, f"{len(sunk.taken)} of {count} came through"
        time.sleep(0.05)


def test_five_hundred_readers_get_their_letter_through_a_real_mail_server(newsroom: Newsroom) -> None:
    addresses = [f"r{number:03}@example.kz" for number in range(READERS)]
    (newsroom.root / "readers.csv").write_text("\n".join(addresses))
    with mail_sink() as (sunk, sink_port), postfix(sink_port) as port:
        record = use_postfix(newsroom, port)
        newsroom.run("publish")
        newsroom.run("subscribers", "import", "readers.csv")
        wrong = newsroom.run("digest", "send", PUBLISHER_SMTP_PASSWORD="a guess")
        assert (wrong.exit_code, wrong.err.count("\n")) == (3, 1)
        assert "the name or the password is refused (535" in wrong.err
        sent = newsroom.run("digest", "send", "--json", PUBLISHER_SMTP_PASSWORD=PASSWORD)
        assert sent.exit_code == 0, sent.err
        assert sent.data["deliveries"] == {"sent": READERS}
        wait_for(sunk, READERS)
        again = newsroom.run("digest", "send", PUBLISHER_SMTP_PASSWORD=PASSWORD)
        assert "already sent" in again.out
        time.sleep(0.5)  # for a second message that must not come
    assert Counter(sunk.recipients) == dict.fromkeys(addresses, 1)
    assert len({message_id for _, message_id in sunk.taken}) == READERS
    for message in sunk.messages[::50]:
        assert dkim.verify(message, dnsfunc=lambda _name, timeout=5: record)  # noqa: ARG005 — dkimpy calls it so
