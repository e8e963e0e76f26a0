"""A window of a real browser in front of a server on a clock that only the test moves."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from mock_server.app import create_app
from mock_server.settings import Settings
from mock_server.threaded_server import LiveServer
from tests.browser.chromium import installed, launched, window
from tests.conftest import HandClock, Server

WORLD = "/_ui/worlds/default"


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    if installed() is None:
        missing = "the dashboard was not tried in a browser: no Chromium is installed here (apt-get install chromium)"
        pytest.fail(missing) if "NEEDS_CHROMIUM" in os.environ else pytest.skip(missing)
    with launched() as browser:
        yield browser


def serving(**chosen: Any) -> Iterator[tuple[Server, HandClock]]:
    """A server of the test's own: its worlds are closed when no page reads them any more."""
    clock = HandClock()
    app = create_app(Settings(**{"data_dir": None, "random_seed": 7} | chosen), clock)
    with LiveServer(app) as server:
        yield Server(server.url, app), clock
    app.worlds.close()


@pytest.fixture
def served() -> Iterator[tuple[Server, HandClock]]:
    yield from serving()


@pytest.fixture
def server(served: tuple[Server, HandClock]) -> Server:
    return served[0]


@pytest.fixture
def clock(served: tuple[Server, HandClock]) -> HandClock:
    return served[1]


class Window:
    """A window, and all that went wrong in it: requests to others than the server, errors, dialogs."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.foreign: list[str] = []
        self.wrong: list[str] = []
        page.context.on("request", lambda request: self._note(request.url))
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("console", lambda message: self._hear(message.type, message.text))
        page.on("dialog", lambda dialog: self.wrong.append(f"dialog {dialog.message}"))

    def _note(self, url: str) -> None:
        if not url.startswith((f"{self.url}/", "data:")):
            self.foreign.append(url)

    def _hear(self, kind: str, text: str) -> None:
        if kind == "error" and not text.startswith("Failed to load resource: the server responded with a status of"):
            self.wrong.append(text)

    def go(self, path: str = "") -> Page:
        """A page of the default world, with its scripts at work."""
        self.page.goto(f"{self.url}{WORLD}{path}")
        self.page.wait_for_function("window.htmx !== undefined")
        return self.page

    def click(self, name: str) -> None:
        """Press a button."""
        self.page.get_by_role("button", name=name, exact=True).click()


def opened(chromium: Browser, url: str) -> Iterator[Window]:
    """A window in which nothing goes wrong."""
    context = window(chromium)
    shown = Window(context.new_page(), url)
    yield shown
    context.close()
    assert shown.foreign == []
    assert shown.wrong == []


@pytest.fixture
def shown(chromium: Browser, server: Server) -> Iterator[Window]:
    yield from opened(chromium, server.url)
