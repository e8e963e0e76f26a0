"""For everybody: axe finds nothing on any page, light and dark; the keyboard is enough, and so is a phone."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests import ids
from tests.browser.chromium import PHONE, WIDE
from tests.browser.conftest import WORLD, Window, opened, serving
from tests.conftest import USER, Client, HandClock, Server
from tests.control.conftest import Plane

SCENARIO = f"version: 1\nscenarios:\n  - name: quick\n    like: fails\n    when: {{capsule: {ids.NOBODYS}}}\n"


class Story:
    """A world in which something of everything is to be seen."""

    def __init__(self, server: Server, clock: HandClock) -> None:
        with Client(server.url, USER) as client, Plane(server.url) as plane:
            done = client.ask("POST", "/computations", json={"capsule_id": ids.CAPSULE})["id"]
            report = client.ask("POST", "/computations", json={"capsule_id": ids.FASTQC})["id"]
            clock.advance(60)
            source = {"computation": {"id": done}}
            body = {"name": "made", "mount": "made", "tags": ["a tag"], "source": source}
            asset = client.ask("POST", "/data_assets", json=body | {"custom_metadata": {"subject id": "m"}})["id"]
            clock.advance(60)
            failed = client.ask("POST", "/computations", json={"capsule_id": ids.FAILS})["id"]
            lost = body | {"mount": "lost", "tags": ["mock:scenario=fails"], "source": {"aws": {"bucket": "nowhere"}}}
            client.ask("POST", "/data_assets", json=lost)
            for seconds in (2, 6, 1, 60, 5):
                clock.advance(seconds)
                client.ask("GET", f"/computations/{failed}")
            going = client.ask("POST", "/computations", json={"capsule_id": ids.SLOW})["id"]
            clock.advance(600)
            plane.ask("POST", "/worlds/default/faults", 201, json={"operation": "get_capsule", "status": 503})
            plane.ask("POST", "/worlds/default/scenarios", content=SCENARIO)
            plane.ask("PUT", "/worlds/default/snapshots/kept", 201)
            client.ask("GET", f"/capsules/{ids.CAPSULE}", 503)
            client.ask("POST", "/capsules/search", json={"color": "red"})
        self.pages = [
            "",
            "/capsules",
            "/capsules?query=run_script:x",
            "/capsules?query=nothing-like-this",
            f"/capsules/{ids.CAPSULE}",
            f"/capsules/{ids.RELEASE}",
            f"/capsules/{ids.FAILS}",
            "/pipelines",
            f"/pipelines/{ids.BOTH_PIPELINE}",
            "/computations",
            f"/computations/{going}",
            f"/computations/{done}",
            f"/computations/{ids.PIPELINE_RUN}",
            f"/computations/{failed}",
            "/computations?state=failed&name=run",
            f"/computations/compare?run={done}&run={ids.PAST_RUN}",
            f"/computations/compare?run={done}&run={failed}&path=output",
            f"/computations/compare?run={done}&run={ids.PAST_RUN}&path=figures/overview.svg",
            f"/capsules/{ids.CAPSULE}?again={ids.PAST_RUN}",
            f"/computations/{done}/files",
            f"/computations/{done}/files?path=table.csv",
            f"/computations/{done}/files?path=output",
            f"/computations/{done}/files?path=figures/overview.svg",
            f"/computations/{report}/files?path=GSM12345_R1_fastqc.html",
            "/data_assets",
            f"/data_assets/{asset}",
            f"/data_assets/{ids.IMAGING}",
            f"/data_assets/{ids.COMMONCRAWL}",
            f"/data_assets/{ids.COMMONCRAWL}/files?page=1",
            f"/journal/polling?entity={failed}",
            "/journal/polling?at_least=soon",
            "/journal/unused",
            "/journal",
            "/journal?status=5xx",
            f"/journal/{server.app.worlds.default.journal.last}",
            "/world",
            "/worlds",
            "/journal/999",
        ]


@pytest.fixture
def story(server: Server, clock: HandClock) -> Story:
    return Story(server, clock)


def violations(page: Page) -> list[str]:
    """What axe finds, light and dark."""
    found: list[str] = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        result: dict[str, Any] = Axe().run(page).response
        assert result["passes"]
        for rule in result["violations"]:
            found += [f"{page.url} {scheme} {rule['id']}: {node['html'][:200]}" for node in rule["nodes"]]
    return found


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing_on_any_page(shown: Window, story: Story, size: tuple[int, int]) -> None:
    found = []
    shown.page.set_viewport_size({"width": size[0], "height": size[1]})
    for path in story.pages:
        page = shown.go(path)
        for details in page.locator("main details").all():
            details.evaluate("details => { details.open = true; }")
        found += violations(page)
    assert found == []


def test_axe_finds_nothing_on_pages_that_ask_and_tell(shown: Window, story: Story) -> None:
    page = shown.go("/world")
    page.get_by_role("button", name="Next change").click()
    page.locator("#notes .note").wait_for()
    found = violations(page)
    page.goto(f"{shown.url}/_ui/worlds/nobody")
    found += violations(page)
    shown.go("/world")
    page.get_by_label("To", exact=True).fill("never")
    page.get_by_role("button", name="Move the clock").click()
    page.locator("#advance-to-wrong").wait_for()
    found += violations(page)
    assert found == []


def test_axe_finds_nothing_on_the_login(chromium: Browser) -> None:
    for server, _ in serving(control_token="a-control-token"):
        for shown in opened(chromium, server.url):
            shown.page.goto(f"{server.url}/_ui")
            found = violations(shown.page)
            shown.page.get_by_label("Control token").fill("wrong")
            shown.page.get_by_role("button").click()
            assert found + violations(shown.page) == []


def test_a_phone_shows_every_page_without_scrolling_sideways(shown: Window, story: Story) -> None:
    width, height = PHONE
    shown.page.set_viewport_size({"width": width, "height": height})
    wide = []
    for path in story.pages:
        page = shown.go(path)
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wide.append(path)
    assert wide == []


def test_the_keyboard_is_enough(shown: Window, clock: HandClock) -> None:
    page = shown.go(f"/capsules/{ids.CAPSULE}")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.get_by_label("Number of rows").evaluate("field => field === document.activeElement"):
            break
    page.keyboard.press("Control+a")
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{shown.url}{WORLD}/computations/*")
    expect(page.get_by_role("main")).to_contain_text("Run With Parameters")
