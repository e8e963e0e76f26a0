"""Streams of server-sent events: what has changed is sent, nothing else is, and they end with the server."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from mock_server.app import create_app
from mock_server.settings import Settings
from mock_server.threaded_server import LiveServer
from mock_server.ui import event_stream
from mock_server.ui.page_context import PageContext
from mock_server.world import World
from tests import ids
from tests.conftest import Client, HandClock, Server
from tests.control.conftest import Plane
from tests.process import PATIENCE
from tests.process import started as started_command
from tests.ui.conftest import WORLD, Browser, started


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "SECONDS", 0.02)


@pytest.fixture
def server(clock: HandClock) -> Iterator[Server]:
    """A server of the test's own: its worlds are closed when no stream reads them any more."""
    app = create_app(Settings(data_dir=None, random_seed=7), clock)
    with LiveServer(app) as live_server:
        yield Server(live_server.url, app)
    app.worlds.close()


class Events:
    """The events of a stream as they come."""

    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.iter_lines()

    def next(self) -> tuple[str, str]:
        """The next event: its name and its data."""
        name, data = "", []
        for line in self._lines:
            kind, _, text = line.partition(": ")
            if kind == "event":
                name = text
            elif kind == "data":
                data.append(text)
            elif not line and name:
                return name, "\n".join(data)
        return "", ""

    def until(self, name: str, text: str) -> str:
        """The first event of that name that holds a text."""
        while True:
            found, data = self.next()
            assert found, "the stream has ended"
            if found == name and text in data:
                return data


@contextmanager
def streaming(browser: Browser, path: str) -> Iterator[Events]:
    with browser.stream("GET", f"{WORLD}{path}") as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Events(answer)


def test_the_overview_shows_requests_and_runs_as_they_come(browser: Browser, client: Client) -> None:
    with streaming(browser, "/live") as events:
        names = [events.next()[0] for _ in range(5)]
        assert names == ["attention", "counts", "running", "runs", "requests"]
        run = started(client, ids.CAPSULE)
        assert run in events.until("running", "progress")
        client.ask("GET", f"/computations/{ids.NOBODYS}", 404)
        assert "404" in events.until("attention", "get_computation")


def test_a_run_completes_while_one_looks(browser: Browser, client: Client, clock: HandClock) -> None:
    run = started(client, ids.CAPSULE)
    with streaming(browser, f"/computations/{run}/live") as events:
        events.until("status", "initializing")
        clock.advance(3)
        events.until("status", "running")
        events.until("log", "+ ./run")
        clock.advance(60)
        events.until("status", "exit code 0")
        events.until("results", "table.csv")
        events.until("actions", "Capture")
        events.until("log", "Run completed.")


def test_a_run_that_completes_while_it_is_drawn(
    browser: Browser, client: Client, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = started(client, ids.CAPSULE)
    fragment = PageContext.fragment
    drawn: list[str] = []

    def slow(visit: PageContext, template: str, **values: Any) -> str:
        html = fragment(visit, template, **values)
        if "status" in template and not drawn:
            drawn.append(template)
            clock.advance(60)
        return html

    monkeypatch.setattr(PageContext, "fragment", slow)
    with streaming(browser, f"/computations/{run}/live") as events:
        events.until("status", "initializing")
        events.until("status", "exit code 0")
    assert drawn


def test_only_what_has_changed_is_sent(browser: Browser, client: Client) -> None:
    with streaming(browser, "/live") as events:
        for _ in range(5):
            events.next()
        client.ask("GET", f"/capsules/{ids.CAPSULE}")
        assert {events.next()[0], events.next()[0]} == {"counts", "requests"}
        client.ask("GET", f"/capsules/{ids.NOBODYS}", 404)
        assert {events.next()[0] for _ in range(3)} == {"attention", "counts", "requests"}


def test_the_journal_shows_what_fits(browser: Browser, client: Client) -> None:
    with streaming(browser, "/journal/live?operation=get_capsule") as events:
        events.until("requests", "No matching requests")
        client.ask("GET", f"/computations/{ids.PAST_RUN}")
        client.ask("GET", f"/capsules/{ids.CAPSULE}")
        shown = events.until("requests", "get_capsule")
        assert "get_computation" not in shown


def test_what_is_steered_elsewhere_is_seen(browser: Browser, client: Client, server: Server) -> None:
    run = started(client, ids.SLOW)
    with streaming(browser, f"/computations/{run}/live") as events, Plane(server.url) as plane:
        events.until("status", "initializing")
        plane.ask("POST", "/worlds/default/clock/advance", json={"by": "9h"})
        events.until("status", "exit code 0")
        client.ask("DELETE", f"/computations/{run}", 204)
        events.until("status", "no longer exists")


@pytest.fixture
def driven(client: Client, server: Server) -> str:
    """The page of a driven run that has said something."""
    with Plane(server.url) as plane:
        plane.of("default").load("version: 1\nscenarios: [{name: by-hand, like: driven, when: {name: '*'}}]")
        where = f"/computations/{started(client, ids.CAPSULE)}"
        plane.of("default").ask("POST", f"{where}/log", content="first\n")
    return where


def test_the_log_of_a_driven_run_is_sent_as_it_grows(browser: Browser, server: Server, driven: str) -> None:
    with Plane(server.url) as plane, streaming(browser, f"{driven}/live") as events:
        world = plane.of("default")
        assert "no planned end" in events.until("timeline", "initializing")
        events.until("log", "first")
        events.until("driving", "Drive it by hand")
        world.ask("POST", f"{driven}/log", content="second\n")
        # Nothing else has changed: what somebody has typed meanwhile is left alone.
        name, shown = events.next()
        assert (name, "first\nsecond\n" in shown) == ("log", True)
        world.ask("POST", f"{driven}/finish", json={"exit_code": 2})
        events.until("status", "exit code 2")
        assert "Drive it by hand" not in events.until("driving", "")


def test_a_stream_of_what_is_not_there(browser: Browser) -> None:
    assert browser.get(f"{WORLD}/computations/{ids.NOBODYS}/live").status_code == 404


def test_a_stream_ends_with_its_world(browser: Browser, server: Server) -> None:
    with Plane(server.url) as plane:
        plane.ask("POST", "/worlds", 201, json={"name": "short"})
        with browser.stream("GET", "/_ui/worlds/short/live") as answer:
            events = Events(answer)
            events.until("counts", "Capsules")
            plane.ask("DELETE", "/worlds/short", 204)
            while events.next() != ("", ""):
                pass


def test_a_stream_does_not_hold_up_a_server_that_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "SECONDS", 600.0)
    app = create_app(Settings(data_dir=None, random_seed=7), HandClock())
    server = LiveServer(app)
    server.__enter__()
    with Browser(server.url) as browser, browser.stream("GET", f"{WORLD}/live") as answer:
        events = Events(answer)
        events.until("requests", "No requests yet")
        stopping = threading.Thread(target=server.__exit__, args=(None, None, None))
        stopping.start()
        # An answer that was cut off would raise here: the stream is ended in order.
        assert events.next() == ("", "")
        stopping.join(PATIENCE)
        assert not stopping.is_alive()
    app.worlds.close()


def test_the_command_stops_in_order_while_a_page_is_open() -> None:
    with started_command("--in-memory") as process, Browser(process.url) as browser:
        assert process.ready["dashboard"] == f"{process.url}/_ui"
        with browser.stream("GET", f"{WORLD}/live") as answer:
            Events(answer).until("requests", "No requests yet")
            assert process.stop() == (0, "")


@pytest.mark.parametrize("page", ["the overview", "a driven run"])
def test_what_is_idle_is_looked_at_but_not_drawn_again(
    browser: Browser, driven: str, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, draws = [], []
    enough = threading.Event()
    mark, moves = event_stream._mark, event_stream._moves

    def marked(world: World) -> object:
        looks.append(world)
        if len(looks) == 20:
            enough.set()
        return mark(world)

    def moved(world: World) -> bool:
        draws.append(world)
        return moves(world)

    monkeypatch.setattr(event_stream, "_mark", marked)
    monkeypatch.setattr(event_stream, "_moves", moved)
    with streaming(browser, f"{driven if page == 'a driven run' else ''}/live"):
        assert enough.wait(PATIENCE)
    assert len(draws) == 1
