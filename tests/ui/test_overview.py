"""The overview says first what needs attention."""

import re

import pytest

from mock_server.services.dashboard import attention
from tests import ids
from tests.conftest import Client, HandClock, Server
from tests.control.conftest import Plane
from tests.ui.conftest import Browser, started
from tests.ui.html import Page


def needing(page: Page) -> list[str]:
    """The ids of the links in the first part of the overview."""
    part = page.html.partition('sse-swap="attention"')[2].partition("</section>")[0]
    return re.findall(r'<a id="([^"]+)"', part)


def test_nothing_is_said_where_nothing_is_wrong(browser: Browser) -> None:
    page = browser.page()
    assert needing(page) == []
    assert "All clear: no run or data asset failed" in page.text
    assert page.html.index("Needs attention") < page.html.index("Running now")


def test_what_failed_hangs_or_is_set_to_fail_is_named(
    browser: Browser, client: Client, clock: HandClock, server: Server
) -> None:
    failed, stuck = started(client, ids.FAILS), started(client, ids.SLOW, data_assets=None)
    with Plane(server.url) as plane:
        plane.ask("POST", "/worlds/default/faults", 201, json={"name": "f", "operation": "get_capsule", "status": 503})
        plane.of("default").load("version: 1\nscenarios: [{name: hangs, like: stuck, when: {name: '*'}}]")
        hanging = started(client, ids.CAPSULE)
    body = {"name": "lost", "mount": "lost", "tags": ["mock:scenario=fails"], "source": {"aws": {"bucket": "b"}}}
    asset = client.ask("POST", "/data_assets", json=body)["id"]
    for _ in range(3):
        client.ask("GET", f"/computations/{ids.NOBODYS}", 404)
    clock.advance(600)
    page = browser.page()
    found = needing(page)
    assert {f"failed-{failed}", f"failed-{asset}", f"stuck-{hanging}", "fault-1"} <= set(found)
    assert f"stuck-{stuck}" not in found
    assert f"stuck-{ids.WORKSTATION}" not in found
    assert "3 requests" in page.text
    assert "lost" in page.text
    clock.advance(attention.LATELY + 600)
    later = needing(browser.page())
    assert f"failed-{failed}" not in later
    assert f"failed-{asset}" not in later
    assert f"stuck-{hanging}" in later


def test_faults_that_can_hit_nothing_more_are_not_named(browser: Browser, client: Client, server: Server) -> None:
    with Plane(server.url) as plane:
        fault = {"name": "once", "operation": "get_capsule", "status": 503, "times": 1}
        plane.ask("POST", "/worlds/default/faults", 201, json=fault)
    assert "once is in force for get_capsule" in browser.page().text
    client.ask("GET", f"/capsules/{ids.CAPSULE}", 503)
    assert "in force" not in browser.page().text


@pytest.mark.parametrize("token", ["cop_demo_noscope", "cop_demo_viewer"])
def test_others_do_not_see_what_is_not_theirs(browser: Browser, client: Client, clock: HandClock, token: str) -> None:
    run = started(client, ids.FAILS)
    clock.advance(60)
    assert f"failed-{run}" in needing(browser.page())
    browser.submit(browser.page(), "/user", token=token)
    assert f"failed-{run}" not in needing(browser.page())
