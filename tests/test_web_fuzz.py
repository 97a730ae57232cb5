"""Every address of the web, asked what it does not expect: nothing is answered with 5xx."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from conftest import make_newsroom
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from served import Served
from test_subscribing import SLUG, Desk, desk_of

TEXT = {"type": "string"}
FORM = {
    "address": TEXT,
    "digest": {"anyOf": [{"enum": [SLUG]}, TEXT]},
    "language": {"anyOf": [{"enum": ["kk", "ru", "en"]}, TEXT]},
    "issued": TEXT,
    "website": TEXT,
    "pause": {"anyOf": [{"enum": ["0", "7", "keep"]}, TEXT]},
    "end": TEXT,
    "leave": {"anyOf": [{"enum": ["all"]}, TEXT]},
}
QUERY = ("lang", "done", "page")
PATHS = {
    "/": "get",
    "/senat/rss.xml": "get",
    "/{section}/{file}": "get",
    "/healthz": "get",
    "/readyz": "get",
    "/metrics": "get",
    "/subscribe": "get post",
    "/subscribe/sent": "get",
    "/confirm/{token}": "get post",
    "/preferences": "get post",
    "/preferences/{digest}/{token}": "get post",
    "/unsubscribe": "get",
    "/unsubscribe/{digest}/{token}": "get post",
    "/editions/": "get",
    "/editions/{digest}/": "get",
    "/editions/{digest}/atom.xml": "get",
    "/editions/{digest}/{day}/": "get",
    "/editions/{digest}/{day}/atom.xml": "get",
}
KNOWN = {
    "digest": {"anyOf": [{"enum": [SLUG]}, TEXT]},
    "day": {"anyOf": [{"type": "string", "format": "date"}, TEXT]},
    "token": {"anyOf": [{"type": "string", "pattern": r"^[0-9]{10}\.[A-Za-z0-9_-]{43}$"}, TEXT]},
}


def describe(path: str, method: str) -> dict[str, Any]:
    """An operation of OpenAPI 3."""
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    headers = ("Accept-Language", "If-None-Match", "If-Modified-Since", "Range", "X-Forwarded-For")
    parameters = [
        *({"name": name, "in": "path", "required": True, "schema": KNOWN.get(name, TEXT)} for name in names),
        *({"name": name, "in": "query", "schema": TEXT} for name in QUERY),
        *({"name": name, "in": "header", "schema": TEXT} for name in headers),
    ]
    operation: dict[str, Any] = {"parameters": parameters, "responses": {"default": {"description": ""}}}
    if method == "post":
        schema = {"type": "object", "properties": FORM}
        operation["requestBody"] = {"content": {"application/x-www-form-urlencoded": {"schema": schema}}}
    return operation


SCHEMA = schemathesis.openapi.from_dict(
    {
        "openapi": "3.0.3",
        "info": {"title": "The site", "version": "1"},
        "paths": {
            path: {method: describe(path, method) for method in methods.split()}
            for path, methods in PATHS.items()
        },
    }
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk_of(make_newsroom(tmp_path_factory.mktemp("fuzz") / "newsroom")) as desk:
        yield desk


@pytest.fixture(scope="module")
def served(desk: Desk) -> Served:
    return desk.served


@SCHEMA.parametrize()
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_request_makes_the_server_fail(case: Any, served: Served) -> None:
    response = case.call(base_url=served.url.rstrip("/"))
    case.validate_response(response, checks=[schemathesis.checks.not_a_server_error])


def test_no_form_makes_the_settings_fail(desk: Desk) -> None:
    address = "aigul@example.kz"
    where = desk.join(address, desk.open_form())
    words = st.text(max_size=30) | st.sampled_from([SLUG, "ru", "keep", "7", "-1", "all", "9" * 30])
    forms = st.dictionaries(st.sampled_from([*FORM, "x"]) | st.text(max_size=5), words, max_size=8)

    @settings(max_examples=150, deadline=None)
    @given(forms)
    def change(form: dict[str, str]) -> None:
        assert desk.served.ask(where, form).status == (303 if "end" in form else 400)

    change()
    assert desk.person(address)["subscriptions"].keys() == {SLUG}
