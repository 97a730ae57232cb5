"""Under which names the site answers (RFC 9110, 7.4: 421 under any other)."""

from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import Scope

from publisher.config import Config, is_loopback
from publisher.text.mailboxes import wire_domain

_DEFAULT_PORTS = {"http": 80, "https": 443}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})


class Hosts:
    """The names in `site.url` and `web.hosts`; the machine's own where nobody else can reach the server."""

    def __init__(self, config: Config) -> None:
        address = urlsplit(config.site.url)
        name = wire_domain(address.hostname or "")
        name = f"[{name}]" if ":" in name else name
        port = address.port or _DEFAULT_PORTS.get(address.scheme)
        known = {name, f"{name}:{port}", *config.web.hosts}
        if is_loopback(config.web.host):
            known |= {f"{each}{end}" for each in _LOOPBACK for end in ("", f":{config.web.port}")}
        self._known = frozenset(each.encode() for each in known)
        self.refuse = PlainTextResponse(
            f"This server answers for {name}.\n", 421, headers={"Cache-Control": "no-store"}
        )

    def knows(self, scope: Scope) -> bool:
        for name, value in scope["headers"]:
            if name == b"host":
                return value.lower() in self._known
        return False
