"""TLS as a filter of bytes: no sockets here."""

import ssl

from publisher.config import Smtp, is_loopback

_CHUNK = 65_536


def build_context(smtp: Smtp) -> ssl.SSLContext:
    """What is demanded of the server: a good certificate, unless it is this machine."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # RFC 8996; what OpenSSL allows differs by machine
    if is_loopback(smtp.host):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


class Tls:
    """One side of a conversation that is encrypted."""

    def __init__(self, context: ssl.SSLContext, host: str) -> None:
        self.is_up = False
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._object = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)

    def receive(self, data: bytes) -> bytes:
        """Bytes from the wire; what they say."""
        self._incoming.write(data)
        if not self.is_up:
            try:
                self._object.do_handshake()
            except ssl.SSLWantReadError:
                return b""
            self.is_up = True
        plain = bytearray()
        try:
            while part := self._object.read(_CHUNK):
                plain += part
        except ssl.SSLWantReadError:
            pass
        return bytes(plain)

    def send(self, data: bytes) -> bytes:
        """What to put on the wire so that the peer hears `data`."""
        self._object.write(data)
        return self.take()

    def take(self) -> bytes:
        return self._outgoing.read()
