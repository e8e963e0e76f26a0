"""Forms in Chromium that are pressed twice, late, or while the server is away: each ends in a clear page, and does once
what was asked for once.
"""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from mock_server.app import Application, create_app
from mock_server.asgi.context import Receive, Scope, Send
from mock_server.services import world_info
from mock_server.serving.listening import listen
from mock_server.settings import Settings
from mock_server.threaded_server import LiveServer
from tests import ids
from tests.browser.conftest import WORLD, Window
from tests.browser.test_accessibility import violations
from tests.conftest import HandClock, Server
from tests.process import PATIENCE

TOKEN = "a-control-token"


class Held:
    """An application that holds its answers to forms back until they are `released`, as a slow one does."""

    def __init__(self, app: Application) -> None:
        self.app = app
        self.forms: list[str] = []
        self.released = threading.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or self.released.is_set():
            await self.app(scope, receive, send)
            return
        self.forms.append(scope["path"])

        async def send_late(message: Any) -> None:
            await asyncio.to_thread(self.released.wait, PATIENCE)
            await send(message)

        await self.app(scope, receive, send_late)


@pytest.fixture
def held() -> Iterator[tuple[Held, str]]:
    app = create_app(Settings(data_dir=None, random_seed=7), HandClock())
    slow = Held(app)
    with LiveServer(slow) as server:
        yield slow, server.url
        slow.released.set()
    app.worlds.close()


@pytest.fixture(params=[True, False], ids=["scripts", "plain"])
def browsing(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[BrowserContext]:
    """A window that runs scripts, and one that does not."""
    context = chromium.new_context(java_script_enabled=request.param)
    context.set_default_timeout(PATIENCE * 1000)
    yield context
    context.close()


def ready(page: Page) -> Page:
    page.wait_for_function("window.htmx !== undefined")
    return page


def clicked(page: Page, slow: Held, name: str, times: int) -> None:
    """Click on a button before anything is answered, each time when the server has the form of the time before."""
    button = page.get_by_role("button", name=name, exact=True)
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box
    for many in range(1, times + 1):
        # A button would wait for the page that comes, the mouse does not.
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        while len(slow.forms) < many:
            page.wait_for_timeout(5)


def test_a_double_click_starts_one_run(browsing: BrowserContext, held: tuple[Held, str]) -> None:
    slow, url = held
    before = world_info.counts(slow.app.worlds.default).computations
    page = browsing.new_page()
    page.goto(f"{url}{WORLD}/capsules/{ids.CAPSULE}")
    clicked(page, slow, "Start the run", 2)
    slow.released.set()
    expect(page.locator("#notes")).to_contain_text("The run has been started")
    assert world_info.counts(slow.app.worlds.default).computations == before + 1


def test_buttons_that_are_pressed_at_once_are_all_obeyed(chromium: Browser, held: tuple[Held, str]) -> None:
    slow, url = held
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{url}{WORLD}/world")
    ready(page)
    clicked(page, slow, "429 on polls", 1)
    for name in ("429 on polls", "Lost response to a run", "Two-second delay", "Lost response to a run"):
        page.get_by_role("button", name=name, exact=True).click()
    assert len(slow.forms) == 1
    slow.released.set()
    expect(page.locator("#faults-set li")).to_have_count(3)
    expect(page.locator("#in-force")).to_have_text("3 faults in force")
    page.evaluate("for (const key of ['remove-slow', 'remove-rate-limit']) document.getElementById(key).click()")
    expect(page.locator("#faults-set li")).to_have_count(1)
    expect(page.locator("#notes")).to_contain_text("The fault rate-limit has been removed")
    context.close()


def test_what_is_pressed_again_after_its_answer_is_meant_again(shown: Window, server: Server) -> None:
    page = shown.go("/world")
    for _ in range(2):
        shown.click("429 on polls")
        expect(page.locator("#in-force")).to_have_text("1 fault in force")
        shown.click("Remove 1 fault")
        expect(page.locator("#in-force")).to_have_count(0)


def test_a_page_that_was_put_aside_can_be_sent_again(shown: Window, server: Server) -> None:
    page = shown.go(f"/capsules/{ids.CAPSULE}")
    drawn = page.locator("[name=once]").first.input_value()
    page.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    assert page.locator("[name=once]").first.input_value() != drawn


@pytest.mark.parametrize("name", ["+1 h", "429 on polls", "Reset to its seed…"])
def test_a_world_that_is_gone_is_said_to_be(shown: Window, server: Server, name: str) -> None:
    server.app.worlds.create("short")
    page = shown.page
    page.goto(f"{shown.url}/_ui/worlds/short/world")
    ready(page)
    server.app.worlds.drop("short")
    shown.click(name)
    expect(page.get_by_role("main")).to_contain_text("there is no such world")
    expect(page.get_by_role("main").get_by_role("link", name="To the dashboard")).to_be_visible()
    expect(page.locator("#bar")).to_be_visible()


def test_addresses_are_not_broken_in_a_word(shown: Window) -> None:
    for path in ("/capsules", "/computations", f"/capsules/{ids.SESSION_QC}"):
        page = shown.go(path)
        expect(page.locator("td .person").first).to_be_visible()
        heights = page.evaluate("[...document.querySelectorAll('.person span')].map(part => part.offsetHeight)")
        assert max(heights) < 30, path


class Restarted:
    """A server that stops and starts again where it was."""

    def __init__(self, token: str | None) -> None:
        self._token = token
        listener = listen("127.0.0.1", 0)
        self._port = listener.getsockname()[1]
        self._start(listener)

    def _start(self, listener: Any) -> None:
        self._app = create_app(Settings(data_dir=None, random_seed=7, control_token=self._token), HandClock())
        self._server = LiveServer(self._app, listener)
        self._server.__enter__()
        self.url = self._server.url

    def start(self) -> None:
        self._start(listen("127.0.0.1", self._port))

    def stop(self) -> None:
        self._server.__exit__(None, None, None)
        self._app.worlds.close()


def log_in(page: Page, url: str, path: str = WORLD) -> None:
    page.goto(f"{url}{path}")
    page.get_by_label("Control token").fill(TOKEN)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{url}{path}")


def test_nothing_is_lost_while_the_server_is_away(chromium: Browser) -> None:
    server = Restarted(None)
    context = chromium.new_context()
    page, live = context.new_page(), context.new_page()
    page.goto(f"{server.url}{WORLD}/world")
    live.goto(f"{server.url}{WORLD}/computations/{ids.PAST_RUN}")
    ready(page)
    ready(live)
    server.stop()
    expect(live.locator("#stale")).to_contain_text("The server does not answer")
    page.get_by_label("Save this world as").fill("kept")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#notes")).to_contain_text("The server did not answer")
    server.start()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#notes")).to_have_text("The world has been saved as kept.")
    expect(live.locator("#stale")).to_be_empty()
    context.close()
    server.stop()


def test_a_form_after_a_restart_asks_to_log_in_and_is_sent_then(browsing: BrowserContext) -> None:
    server = Restarted(TOKEN)
    page, other = browsing.new_page(), browsing.new_page()
    log_in(page, server.url, f"{WORLD}/capsules/{ids.CAPSULE}")
    page.get_by_label("Number of rows").fill("7")
    server.stop()
    server.start()
    page.get_by_role("button", name="Start the run", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Log in again")
    log_in(other, server.url)
    page.get_by_role("button", name="Send again").click()
    expect(page.locator("#notes")).to_contain_text("The run has been started")
    expect(page.locator("dl div", has_text="Number of rows").locator("dd")).to_have_text("7")
    browsing.close()
    server.stop()


def test_a_form_that_is_sent_in_place_keeps_what_was_typed(chromium: Browser) -> None:
    server = Restarted(TOKEN)
    context = chromium.new_context()
    page, other = context.new_page(), context.new_page()
    log_in(page, server.url, f"{WORLD}/world")
    ready(page)
    log_in_again = page.get_by_role("dialog", name="Log in again")
    other.goto(f"{server.url}{WORLD}")
    other.get_by_role("button", name="Log out").click()
    expect(other.get_by_label("Control token")).to_be_visible()
    page.get_by_label("By", exact=True).fill("2h")
    page.get_by_role("button", name="Move the clock").click()
    expect(log_in_again).to_be_visible()
    assert violations(page) == []
    log_in(other, server.url)
    log_in_again.get_by_role("link", name="Cancel").click()
    expect(page.get_by_label("By", exact=True)).to_have_value("2h")
    page.get_by_role("button", name="Move the clock").click()
    expect(page.locator("#notes")).to_contain_text("The clock moved by 2 h")
    context.close()
    server.stop()
