"""Who may steer with forms: the pages of this server, in the browser that was shown them, and nobody else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from mock_server.app import create_app
from mock_server.settings import Settings
from mock_server.threaded_server import LiveServer
from mock_server.ui.dashboard import PARTS
from tests import ids
from tests.conftest import HandClock, Server
from tests.ui.conftest import WORLD, Browser
from tests.ui.html import Page

POSTS = [page.path.format(key=ids.PAST_RUN) for part in PARTS for page in part.PAGES if page.method == "POST"]
TOKEN = "a-control-token"


def changes(server: Server) -> tuple[int, int]:
    world = server.app.worlds.default
    return world.db.changes, len(server.app.worlds.all())


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Host": "rebound.example"},
        {"Host": "rebound.example", "Origin": "http://rebound.example", "Sec-Fetch-Site": "same-origin"},
    ],
)
def test_a_form_of_another_site_is_refused(
    browser: Browser, server: Server, path: str, headers: dict[str, str]
) -> None:
    before = changes(server)
    fields = {"confirmed": "yes", "name": "made", "by": "1h", "mode": "frozen", "status": "503"}
    assert browser.post(f"{WORLD}{path}", data=fields, headers=headers).status_code == 403
    assert changes(server) == before


def test_a_page_of_another_name_shows_nothing(browser: Browser) -> None:
    assert browser.get(WORLD, headers={"Host": "rebound.example"}).status_code == 403


def test_cookies_are_for_no_script_and_no_other_site(browser: Browser) -> None:
    answer = browser.get(WORLD)
    assert answer.headers["set-cookie"].lower().endswith("httponly; path=/_ui; samesite=strict")
    assert "set-cookie" not in browser.get(WORLD).headers


def test_a_form_that_is_too_large_is_refused(browser: Browser) -> None:
    answer = browser.post(f"{WORLD}/world/scenarios", data={"text": "x" * 5_000_000})
    assert answer.status_code == 413
    answer = browser.post(f"{WORLD}/world/scenarios", content=b"a=b&" * 6000)
    assert answer.status_code == 400


@pytest.fixture
def guarded() -> Iterator[Browser]:
    app = create_app(Settings(data_dir=None, random_seed=7, control_token=TOKEN), HandClock())
    with LiveServer(app) as server, Browser(server.url) as browser:
        yield browser
    app.worlds.close()


def test_without_the_control_token_there_is_nothing_but_the_login(guarded: Browser) -> None:
    for path in (WORLD, f"{WORLD}/journal", f"{WORLD}/live", f"{WORLD}/computations/{ids.PAST_RUN}/raw?path=output"):
        page = guarded.at(path)
        assert page.answer.url.path == "/_ui/login"
        assert "default" not in page.text
    for path in POSTS:
        answer = guarded.post(f"{WORLD}{path}")
        assert (answer.status_code, "default" in Page(answer).text) == (403, False)


def test_a_form_that_comes_after_the_session_is_not_lost(guarded: Browser) -> None:
    guarded.submit(guarded.at(f"{WORLD}/world"), "", control_token=TOKEN)
    page = guarded.page("/world")
    guarded.submit(page, "/logout")
    late = guarded.submit(page, "/save", 403, name="kept & <odd>")
    assert "was not done" in late.text
    assert "/_ui/login" in late.paths
    guarded.submit(guarded.at("/_ui/login"), "", control_token=TOKEN)
    said = guarded.submit(late, "/save", 400)
    assert "kept & <odd>" in said.html or "kept &amp; &lt;odd&gt;" in said.html
    done = guarded.submit(late, "/save", name="kept")
    assert "saved as kept" in done.text
    assert done.answer.url.path == f"{WORLD}/world"


def test_a_script_that_has_to_log_in_first_is_told_so(guarded: Browser) -> None:
    asked = {"HX-Request": "true"}
    assert guarded.get(f"{WORLD}/capsules?query=a", headers=asked).headers["hx-redirect"] == (
        "/_ui/login?next=%2F_ui%2Fworlds%2Fdefault%2Fcapsules%3Fquery%3Da"
    )
    assert guarded.post(f"{WORLD}/clock/step", headers=asked).headers["hx-retarget"] == "#ask"


def test_the_login(guarded: Browser) -> None:
    page = guarded.at(f"{WORLD}/journal")
    wrong = guarded.submit(page, "", 403, control_token="something else")
    assert "not the control token" in wrong.text
    page = guarded.submit(page, "", control_token=TOKEN)
    assert page.answer.url.path == f"{WORLD}/journal"
    again = guarded.page("/world")
    guarded.submit(again, "/logout")
    assert guarded.at(WORLD).answer.url.path == "/_ui/login"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "as --control-token , in the variable CODEOCEAN_MOCK_CONTROL_TOKEN , or as control_token in a program"),
        ({"control_token_file": Path("/a b/token")}, "in the file /a b/token . This shows it: cat '/a b/token'"),
        (
            {"control_token_file": Path("/data/control-token"), "container": "0123456789ab"},
            "of its container. This shows it: docker exec 0123456789ab cat /data/control-token",
        ),
        (
            {"control_token_file": Path("/data/control-token"), "container": "codeocean.local"},
            "This shows it: docker exec CONTAINER cat /data/control-token",
        ),
        ({"container": "0123456789ab"}, "It was given when the server was started"),
    ],
)
def test_the_login_says_where_the_token_is(settings: dict[str, Any], said: str) -> None:
    app = create_app(Settings(data_dir=None, random_seed=7, control_token=TOKEN, **settings), HandClock())
    with LiveServer(app) as server, Browser(server.url) as browser:
        text = browser.at("/_ui/login").text
    app.worlds.close()
    assert said in text
    assert TOKEN not in text
    assert ("docker" in text) == ("container" in settings and "control_token_file" in settings)


def test_a_server_without_a_token_asks_for_none(browser: Browser) -> None:
    page = browser.at("/_ui/login")
    assert "no control token" in page.text
    assert not [given for tag, given in page.elements if tag == "input"]


def test_the_login_leads_to_no_other_site(guarded: Browser) -> None:
    for elsewhere in ("https://evil.example/", "//evil.example", "/_ui//evil.example", "/_ui/\\evil.example", "/docs"):
        page = guarded.at(f"/_ui/login?next={elsewhere}")
        page = guarded.submit(page, "", control_token=TOKEN)
        assert page.answer.url.path == WORLD


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_no_other_site_logs_a_browser_in_or_out(guarded: Browser, headers: dict[str, str]) -> None:
    assert guarded.post("/_ui/login", data={"control_token": TOKEN}, headers=headers).status_code == 403
    page = guarded.at(f"{WORLD}/journal")
    guarded.submit(page, "", control_token=TOKEN)
    assert guarded.post("/_ui/logout", headers=headers).status_code == 403
    assert guarded.at(WORLD).answer.url.path == WORLD


def test_a_cookie_that_was_made_up_opens_nothing(guarded: Browser) -> None:
    port = guarded.base_url.port
    guest = guarded.get("/_ui/login").headers["set-cookie"].partition("=")[2].partition(";")[0]
    for forged in ("trusted.x.y", guest.replace("guest", "trusted"), "", "...", "é".encode().decode("latin-1")):
        answer = httpx.get(
            f"http://127.0.0.1:{port}{WORLD}",
            headers=[(b"cookie", f"codeocean_mock_session_{port}={forged}".encode("latin-1"))],
        )
        assert answer.headers["location"].startswith("/_ui/login")
