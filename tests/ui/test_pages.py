"""Every page is there, is whole, and is shut to other hosts and to scripts that are not the server's own."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
import pytest

from mock_server.ui import static_files
from mock_server.ui.dashboard import PARTS
from tests import ids
from tests.conftest import Client, HandClock, Server
from tests.ui.conftest import WORLD, Browser, captured, started
from tests.ui.html import Page

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-src": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}

MOST = 250
"""How many pages a walk looks at."""


def in_order(page: Page) -> None:
    """A page that holds nothing that its policy forbids; ids are unique, and all elements closed."""
    assert page.open == []
    for tag, given in page.elements:
        assert "style" not in given
        assert not [name for name in given if name.startswith("on")]
        assert tag not in ("style", "object", "embed", "base")
        if tag == "script":
            assert (given["src"] or "").startswith("/_ui/static/")
        for name in ("src", "href", "action"):
            assert not re.match(r"\s*(javascript|data|https?|//)", given.get(name) or ""), given
    keys = [given["id"] for _, given in page.elements if "id" in given]
    assert len(keys) == len(set(keys))
    assert [tag for tag, _ in page.elements].count("h1") == 1
    assert [tag for tag, _ in page.elements].count("main") == 1


def walk(browser: Browser, start: str) -> dict[str, Page]:
    """The pages that links lead to, by URL; files are not opened."""
    seen: dict[str, Page] = {}
    waiting = [start]
    while waiting and len(seen) < MOST:
        url = waiting.pop(0)
        if url in seen or "/raw?" in url or url.endswith("/log") or not urlsplit(url).path.startswith("/_ui"):
            continue
        seen[url] = browser.at(url)
        waiting += seen[url].links
    return seen


def policy_of(answer: httpx.Response) -> dict[str, str]:
    return dict(rule.split(" ", 1) for rule in answer.headers["content-security-policy"].split("; "))


def test_the_root_leads_to_the_dashboard(browser: Browser) -> None:
    for path in ("/", "/_ui", "/_ui/"):
        page = browser.at(path)
        assert page.answer.url.path == WORLD
        assert "Overview" in page.text


def test_every_link_leads_to_a_page_in_order(browser: Browser, client: Client, clock: HandClock) -> None:
    run = started(client, ids.CAPSULE)
    clock.advance(60)
    captured(client, run)
    clock.advance(60)
    started(client, ids.SLOW)
    client.ask("GET", f"/computations/{ids.NOBODYS}", 404)
    pages = walk(browser, WORLD)
    for page in pages.values():
        in_order(page)
    kinds = {url.split("/worlds/default")[-1].split("/")[1].partition("?")[0] for url in pages if url.count("/") > 5}
    assert kinds == {"capsules", "pipelines", "computations", "data_assets", "journal", "world", "worlds"}


@pytest.mark.parametrize("path", ["", "/journal", "/nowhere", f"/computations/{ids.NOBODYS}", "/journal/99"])
def test_what_every_page_carries(browser: Browser, path: str) -> None:
    answer = browser.get(f"{WORLD}{path}")
    assert policy_of(answer) == POLICY
    assert answer.headers["date"] == "Fri, 15 Jan 2027 08:00:00 GMT"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "same-origin"


def test_pages_that_are_not_there_say_so(browser: Browser) -> None:
    assert "not found" in browser.at("/_ui/nowhere", 404).text
    assert "no such world" in browser.at("/_ui/worlds/nobody", 404).text
    assert "computation not found" in browser.page(f"/computations/{ids.NOBODYS}", 404).text
    assert "invalid id" in browser.page("/capsules/1234567", 400).text
    assert "no request 99" in browser.page("/journal/99", 404).text
    assert "method not allowed" in Page(browser.post(f"{WORLD}/capsules")).text


def test_what_is_served_beside_the_pages_may_be_kept(browser: Browser) -> None:
    for name, kind in static_files.KINDS.items():
        answer = browser.get(static_files.url(name))
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
        assert "immutable" in answer.headers["cache-control"]
        again = browser.get(static_files.url(name), headers={"If-None-Match": f'"other", {answer.headers["etag"]}'})
        assert (again.status_code, again.content) == (304, b"")
        assert browser.get(static_files.url(name).partition("?")[0]).headers["cache-control"] == "no-cache"
    assert browser.at("/_ui/static/nothing.js", 404).status == 404
    assert browser.at("/_ui/static/LICENSES.md", 404).status == 404


def test_nothing_that_is_served_asks_another_host(browser: Browser) -> None:
    for name in ("dashboard.css", "dashboard.js"):
        assert "//" not in re.sub(r"^//.*$", "", browser.get(static_files.url(name)).text, flags=re.MULTILINE)


def test_no_two_pages_are_in_one_place() -> None:
    places = [(page.method, page.path) for part in PARTS for page in part.PAGES]
    assert len(places) == len(set(places))


def test_the_public_api_shows_no_trace_of_it(client: Client, server: Server) -> None:
    assert "_ui" not in httpx.get(f"{server.url}/openapi.json").text
    assert client.get("/_ui").headers["content-type"] == "application/json"


@pytest.mark.parametrize("path", ["/capsules", "/data_assets", "/computations", "/journal", "/journal/polling"])
def test_what_is_typed_to_be_found_fits_into_a_url(browser: Browser, path: str) -> None:
    searches = browser.page(path).html.partition("<main")[2].partition('method="post"')[0]
    fields = re.findall(r"<input(?! type=.checkbox)[^>]*>", searches)
    assert fields
    for field in fields:
        [most] = re.findall(r'maxlength="(\d+)"', field)
        assert int(most) <= 1000


def test_looking_leaves_no_trace_in_the_journal(browser: Browser, server: Server) -> None:
    walk(browser, f"{WORLD}/capsules")
    assert server.app.worlds.default.journal.last == 0


def test_it_costs_nothing_until_somebody_looks(start: Callable[..., Server]) -> None:
    server = start()
    httpx.get(f"{server.url}/openapi.json")
    assert "_app" not in vars(server.app._dashboard)
    httpx.get(f"{server.url}/_ui")
    assert "_app" in vars(server.app._dashboard)


def test_dates_among_custom_metadata_are_dates(browser: Browser) -> None:
    text = browser.page(f"/data_assets/{ids.IRIS}").text
    assert "acquisition date 2022-02-15 00:00:00" in text
    assert "sampling rate 30.5" in text
