"""A real Postfix with a queue of its own: it takes mail from whoever logs in, and relays it."""

import os
import shutil
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme
from mail_server import free_port

NAME, PASSWORD = "news", "құпия сөз"
_HOST = "mail.example.kz"
_SERVICES = """
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
_SETTINGS = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log/mail.log
maillog_file_prefixes = {folder}
myhostname = {host}
mydestination =
mynetworks =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
relayhost = [127.0.0.1]:{sink}
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_tls_cert_file = {folder}/server.pem
smtpd_tls_key_file = {folder}/server.pem
smtpd_sasl_auth_enable = yes
smtpd_sasl_local_domain = {host}
cyrus_sasl_config_path = {folder}/sasl
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_client_connection_rate_limit = 0
"""
_SASL = """pwcheck_method: auxprop
auxprop_plugin: sasldb
mech_list: PLAIN LOGIN
sasldb_path: {folder}/sasl/sasldb2
"""


@contextmanager
def postfix(sink: int) -> Iterator[int]:
    """The port on which it listens; what it takes goes to the port `sink`."""
    missing = [name for name in ("postfix", "saslpasswd2") if shutil.which(name) is None]
    if missing or os.geteuid() != 0:
        pytest.skip("needs root, and: apt-get install postfix sasl2-bin libsasl2-modules")
    # Postfix gives up its rights, so its folder must be one that everybody may enter.
    folder = Path(tempfile.mkdtemp(prefix="publisher-postfix-"))
    port = free_port()
    try:
        _prepare(folder, port=port, sink=sink)
        subprocess.run(["postfix", "-c", folder, "start"], check=True, capture_output=True, timeout=60)
        try:
            _wait_for(folder / "queue" / "pid" / "master.pid")
            yield port
        finally:
            subprocess.run(["postfix", "-c", folder, "stop"], check=True, capture_output=True, timeout=60)
    finally:
        shutil.rmtree(folder)


def _prepare(folder: Path, *, port: int, sink: int) -> None:
    folder.chmod(0o755)
    for name in ("queue", "data", "log", "sasl"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    values = {"folder": folder, "port": port, "sink": sink, "host": _HOST}
    (folder / "main.cf").write_text(_SETTINGS.format(**values))
    (folder / "master.cf").write_text(_SERVICES.format(**values))
    (folder / "sasl" / "smtpd.conf").write_text(_SASL.format(**values))
    users = folder / "sasl" / "sasldb2"
    command = ["saslpasswd2", "-c", "-p", "-f", str(users), "-u", _HOST, NAME]
    subprocess.run(command, input=PASSWORD.encode(), check=True, capture_output=True)
    shutil.chown(users, "postfix")
    certificate = trustme.CA().issue_cert("localhost")
    certificate.private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    ssl.create_default_context().load_cert_chain(folder / "server.pem")


def _wait_for(path: Path) -> None:
    end = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < end
        time.sleep(0.02)
