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


def test_the_way_to_a_folder_keeps_what_is_asked_there(url: str) -> None:
    assert httpx.get(f"{url}/_docs/worlds?h=clock&x=%0d%0a").headers["location"] == "/_docs/worlds/?h=clock&x=%0d%0a"


@pytest.mark.parametrize("known", ["{}", "W/{}", '"other", {}', '"a,b",W/{}', '"other"|{}', "*"])
def test_a_browser_that_has_a_page_is_told_so(url: str, known: str) -> None:
    first = httpx.get(f"{url}/_docs/worlds/")
    tags = known.format(first.headers["etag"]).split("|")
    again = httpx.get(f"{url}/_docs/worlds/", headers=[("if-none-match", tag) for tag in tags])
    assert (again.status_code, again.content) == (304, b"")
    kept = {name: value for name, value in first.headers.items() if not name.startswith("content-")}
    kept["content-security-policy"] = first.headers["content-security-policy"]
    assert dict(again.headers) == kept


@pytest.mark.parametrize("known", ["", '"other"', 'W/"other", "more"', "{bare}", '"x*"', "*, *"])
def test_a_browser_that_has_another_page_is_sent_this_one(url: str, known: str) -> None:
    tag = httpx.get(f"{url}/_docs/worlds/").headers["etag"]
    again = httpx.get(f"{url}/_docs/worlds/", headers={"if-none-match": known.format(bare=tag.strip('"'))})
    assert (again.status_code, again.text) == (200, "this is worlds/index.html")


@pytest.mark.parametrize("asked", ["bytes=0-3", "bytes=-1", "bytes=9999-", "bytes=0-1,3-4", "lines=1-2", "nonsense"])
def test_a_page_is_sent_whole(url: str, asked: str) -> None:
    answer = httpx.get(f"{url}/_docs/worlds/", headers={"range": asked, "accept-encoding": "gzip"})
    assert (answer.status_code, answer.text) == (200, "this is worlds/index.html")
    assert "content-encoding" not in answer.headers


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
        f"/{'x' * 200}.html",
        f"/{'x/' * 15_000}",
        f"/{('x' * 190 + '/') * 25}",
        f"/{('x' * 190 + '/') * 25}index.html",
        "/index.html/x.html",
        "/index.html/",
        "/worlds/%ff",
        "/worlds/index.html%0a",
        "/worlds//",
        "/./",
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
    for path in ("", "/", "/worlds/", "/nothing"):
        assert httpx.head(f"{url}/_docs{path}").headers == httpx.get(f"{url}/_docs{path}").headers


def test_no_token_is_asked_for(site: Path) -> None:
    for url in serving(site, control_token="a-control-token"):
        assert httpx.get(f"{url}/_docs/").status_code == 200


def test_it_answers_to_no_name_that_others_could_make_lead_here(url: str) -> None:
    assert httpx.get(f"{url}/_docs/", headers={"host": "evil.example"}).status_code == 403


def test_its_requests_are_no_business_of_a_world(site: Path) -> None:
    for url in serving(site):
        world = f"{url}/_mock/worlds/default"
        assert httpx.post(f"{world}/faults", json={"status": 503}).status_code == 201
        answers = [httpx.get(f"{url}/_docs{path}", auth=("cop_demo_user@other", "")) for path in ("/", "", "/nothing")]
        assert [answer.status_code for answer in answers] == [200, 308, 404]
        assert httpx.get(f"{world}/journal").json()["requests"] == []
        assert [one["name"] for one in httpx.get(f"{url}/_mock/worlds").json()["worlds"]] == ["default"]


def test_pages_that_are_being_built_anew(url: str, site: Path) -> None:
    """A build removes everything, and writes the hashes last."""
    (site / SCRIPT_HASHES).unlink()
    assert httpx.get(f"{url}/_docs/").json() == {"message": NOT_BUILT}
    (site / SCRIPT_HASHES).write_text("'sha256-three'\n")
    assert "'self' 'sha256-three';" in httpx.get(f"{url}/_docs/").headers["content-security-policy"]


def test_an_installation_without_pages_says_so(tmp_path: Path) -> None:
    for url in serving(tmp_path / "nothing"):
        answer = httpx.get(f"{url}/_docs/")
        assert (answer.status_code, answer.json()) == (404, {"message": NOT_BUILT})


def test_the_dashboard_leads_to_the_pages_where_they_are(server: Server) -> None:
    page = httpx.get(f"{server.url}/_ui", follow_redirects=True).text
    assert ('href="/_docs/"' in page) == is_built()
    assert httpx.get(f"{server.url}/_docs/").status_code == (200 if is_built() else 404)
