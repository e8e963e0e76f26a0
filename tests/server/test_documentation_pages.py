"""The documentation at `/_docs`: the pages that were built into the package, and nothing else from the disk."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import httpx
import pytest

from mock_server.app import create_app
from mock_server.manual.pages import NOT_BUILT, SCRIPT_HASHES, Manual, is_built
from mock_server.settings import Settings
from mock_server.threaded_server import LiveServer
from tests.conftest import HandClock, Server
from tests.process import PATIENCE

FILES = {
    "index.html": "text/html; charset=utf-8",
    "worlds/index.html": "text/html; charset=utf-8",
    "assets/site.css": "text/css; charset=utf-8",
    "assets/bundle.1.min.js": "text/javascript; charset=utf-8",
    "search/search_index.json": "application/json",
    "screenshots/overview.png": "image/png",
    "assets/icon.svg": "image/svg+xml",
}


def serving(site: Path, **settings: str) -> Iterator[str]:
    app = create_app(Settings(data_dir=None, **settings), HandClock())  # type: ignore[arg-type]
    app._manual = Manual(app.worlds.default, site)
    with LiveServer(app) as server:
        yield server.url
    app.worlds.close()


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A built site, beside a file that is no part of it."""
    made = tmp_path / "site"
    for name in FILES:
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text(f"this is {name}")
    (made / SCRIPT_HASHES).write_text("'sha256-one'\n'sha256-two'\n")
    (tmp_path / "secret.html").write_text("a secret")
    return made


@pytest.fixture
def url(site: Path) -> Iterator[str]:
    yield from serving(site)


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_typed_dated_and_shut_to_other_hosts(url: str, name: str) -> None:
    answer = httpx.get(f"{url}/_docs/{name}")
    assert (answer.status_code, answer.text) == (200, f"this is {name}")
    assert answer.headers["content-type"] == FILES[name]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["date"] == "Fri, 15 Jan 2027 08:00:00 GMT"
    policy = dict(rule.split(" ", 1) for rule in answer.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["connect-src"] == "'self'"
    assert policy["script-src"] == "'self' 'sha256-one' 'sha256-two'"


@pytest.mark.parametrize(("path", "name"), [("", "index.html"), ("/worlds", "worlds/index.html")])
def test_a_folder_is_its_page_behind_a_slash(url: str, path: str, name: str) -> None:
    led = httpx.get(f"{url}/_docs{path}")
    assert (led.status_code, led.headers["location"]) == (308, f"/_docs{path}/")
    assert httpx.get(f"{url}/_docs{path}/").text == f"this is {name}"


def test_a_browser_that_has_a_page_is_told_so(url: str) -> None:
    first = httpx.get(f"{url}/_docs/worlds/")
    again = httpx.get(f"{url}/_docs/worlds/", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.html",
        "/%2e%2e/secret.html",
        "/worlds/../../secret.html",
        "/..%2fsecret.html",
        "/..%5csecret.html",
        "//secret.html",
        "/worlds/%00.html",
        f"/{'x' * 3000}.html",
        f"/{SCRIPT_HASHES}",
        "/assets/",
        "/nothing/",
        "/nothing",
    ],
)
def test_nothing_else_is_served(url: str, path: str) -> None:
    # httpx would resolve the dots itself.
    connection = HTTPConnection(url.removeprefix("http://"), timeout=PATIENCE)
    connection.request("GET", f"/_docs{path}")
    answer = connection.getresponse()
    assert (answer.status, json.load(answer)) == (404, {"message": "the documentation has no such page"})
    connection.close()


def test_it_is_only_read(url: str) -> None:
    answer = httpx.post(f"{url}/_docs/", content="x")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert httpx.head(f"{url}/_docs/").headers["content-length"] == str(len("this is index.html"))


def test_no_token_is_asked_for(site: Path) -> None:
    for url in serving(site, control_token="a-control-token"):
        assert httpx.get(f"{url}/_docs/").status_code == 200


def test_it_answers_to_no_name_that_others_could_make_lead_here(url: str) -> None:
    assert httpx.get(f"{url}/_docs/", headers={"host": "evil.example"}).status_code == 403


def test_an_installation_without_pages_says_so(tmp_path: Path) -> None:
    for url in serving(tmp_path / "nothing"):
        answer = httpx.get(f"{url}/_docs/")
        assert (answer.status_code, answer.json()) == (404, {"message": NOT_BUILT})


def test_the_dashboard_leads_to_the_pages_where_they_are(server: Server) -> None:
    page = httpx.get(f"{server.url}/_ui", follow_redirects=True).text
    assert ('href="/_docs/"' in page) == is_built()
    assert httpx.get(f"{server.url}/_docs/").status_code == (200 if is_built() else 404)
