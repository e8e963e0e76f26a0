"""The page at `/docs`: whole, shut to other hosts, and made from the spec that is served beside it."""

import re

import httpx
import pytest

from mock_server.api import openapi, routers
from mock_server.api.docs_page import ASSETS, DOCS_PATH, SPEC_PATH
from tests.conftest import START, HandClock, Server

REFERENCE = re.compile(r"""(?:src|href|url|action)\s*[=:(]\s*["']?([^"'\s)>]+)""")
"""What a browser would fetch for HTML, CSS or the settings of Swagger UI."""


DASHBOARD = "/_ui"


def text(server: Server, path: str) -> str:
    return httpx.get(f"{server.url}{path}").raise_for_status().text


@pytest.mark.parametrize("path", [SPEC_PATH, *ASSETS])
def test_everything_is_typed_dated_and_shut_to_other_hosts(server: Server, clock: HandClock, path: str) -> None:
    answer = httpx.get(f"{server.url}{path}")
    assert answer.status_code == 200
    assert answer.content
    kind = ASSETS[path].kind.decode() if path in ASSETS else "application/json"
    assert answer.headers["content-type"] == kind
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert clock.now == START
    assert answer.headers["date"] == "Fri, 15 Jan 2027 08:00:00 GMT"
    policy = dict(rule.split(" ", 1) for rule in answer.headers["content-security-policy"].split("; "))
    assert policy.pop("default-src") == "'none'"
    assert policy.pop("img-src") == "'self' data:"
    assert set(policy.values()) == {"'self'", "'none'"}


def test_the_page_refers_to_nothing_but_what_is_served_here(server: Server) -> None:
    for path in (DOCS_PATH, f"{DOCS_PATH}/docs.js", f"{DOCS_PATH}/docs.css", f"{DOCS_PATH}/swagger-ui.css"):
        served = text(server, path)
        assert "@import" not in served
        for target in REFERENCE.findall(served):
            assert target in {SPEC_PATH, DASHBOARD, *ASSETS} or target.startswith("data:"), (path, target)


def test_the_page_loads_every_asset(server: Server) -> None:
    assert set(REFERENCE.findall(text(server, DOCS_PATH))) == {SPEC_PATH, DASHBOARD, *ASSETS} - {DOCS_PATH}


def test_the_page_has_no_script_or_style_that_the_policy_forbids(server: Server) -> None:
    page = text(server, DOCS_PATH)
    assert re.findall(r"<script[^>]*>([^<]*)<", page) == ["", ""]
    assert "<style" not in page
    assert not re.search(r"\s(?:style|on\w+)=", page)


def test_every_operation_is_in_the_data_of_the_page(server: Server) -> None:
    [source] = REFERENCE.findall(text(server, f"{DOCS_PATH}/docs.js"))
    shown = httpx.get(f"{server.url}{source}").json()
    ids = {operation["operationId"] for path in shown["paths"].values() for operation in path.values()}
    assert ids == {route.operation_id for route in routers.routes(routers.routers())}
    assert shown == openapi.document(openapi.declare(routers.routers()))


@pytest.mark.parametrize("path", [SPEC_PATH, DOCS_PATH])
def test_it_is_there_with_a_trailing_slash_too(server: Server, path: str) -> None:
    assert text(server, f"{path}/") == text(server, path)


@pytest.mark.parametrize("method", ["HEAD", "POST", "OPTIONS", "DELETE"])
@pytest.mark.parametrize("path", [SPEC_PATH, DOCS_PATH, f"{DOCS_PATH}/docs.js"])
def test_it_is_only_read(server: Server, method: str, path: str) -> None:
    answer = httpx.request(method, f"{server.url}{path}")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"
    assert answer.headers["content-type"] == "application/json"
    if method != "HEAD":
        assert answer.json() == {"message": "method not allowed"}


def test_nothing_else_lies_beneath_it(server: Server) -> None:
    for path in ("/docs/docs.html", "/docs/../app.py", "/docs/%2e%2e/docs_page.py", "/docs/swagger-ui.css.map"):
        assert httpx.get(f"{server.url}{path}").status_code == 404
