"""Web addresses."""

import re
from urllib.parse import quote, urlsplit

from publisher.text.mailboxes import wire_domain


def web_address(url: str) -> str | None:
    """The address in the ASCII form that feeds and mail need (RFC 3986, IDNA); None if it is no base URL."""
    try:
        parts = urlsplit(url)
        host = wire_domain(parts.hostname or "")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    extra = parts.query or parts.fragment or parts.username or parts.port == 0
    if parts.scheme not in {"http", "https"} or not host or extra or re.search(r"\s", url):
        return None
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}{port}{quote(parts.path, safe='/%:@!$&()*+,;=~')}"
