"""Under which names the site answers (RFC 9110, 7.4: 421 under any other)."""

from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import Scope

from publisher.config import Config, is_loopback

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})


class Hosts:
    """The names in `site.url` and `web.hosts`; the machine's own where nobody else can reach the server."""

    def __init__(self, config: Config) -> None:
        name = urlsplit(config.site.url).netloc.rpartition("@")[2].lower()
        known = {name, name.partition(":")[0] if not name.startswith("[") else name, *config.web.hosts}
        if is_loopback(config.web.host):
            known |= {each for name in _LOOPBACK for each in (name, f"{name}:{config.web.port}")}
        self._known = frozenset(name.encode("idna" if not name.isascii() else "ascii") for name in known)
        self.refuse = PlainTextResponse(
            f"This server answers for {name}.\n", 421, headers={"Cache-Control": "no-store"}
        )

    def knows(self, scope: Scope) -> bool:
        for name, value in scope["headers"]:
            if name == b"host":
                return value.lower() in self._known
        return False
