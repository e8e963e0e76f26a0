"""Scripts in names, tags and files do not run in Chromium, wherever they are shown."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Window
from tests.conftest import Client, HandClock, Server
from tests.control.conftest import Plane
from tests.ui.test_hostile import NASTY, SEED

RUN = "/computations/86a79b7f-ab60-4141-a97c-b1dbbb94decb"
ATTACK = "<img src=x onerror=\"document.documentElement.dataset.hacked='yes'\"><script>alert(1)</script>"


def untouched(shown: Window) -> None:
    assert shown.page.evaluate("document.documentElement.dataset.hacked") is None
    assert shown.page.evaluate("document.querySelectorAll('main script, main img:not(.preview img)').length") == 0
    assert "broken" not in shown.page.title()


def test_names_and_requests_run_nothing(shown: Window, client: Client, clock: HandClock) -> None:
    page = shown.go("/journal")
    keys = []
    for name in [ATTACK, *NASTY]:
        body: dict[str, Any] = {"name": name, "description": name, "tags": [name], "mount": "m"}
        body |= {"custom_metadata": {"subject id": name}, "source": {"aws": {"bucket": "some-bucket"}}}
        keys.append(client.ask("POST", "/data_assets", json=body)["id"])
    expect(page.locator("#results, main table tbody tr").first).to_be_visible()
    clock.advance(60)
    for path in ("", "/journal", "/journal/1", "/data_assets", *(f"/data_assets/{key}" for key in keys)):
        shown.go(path)
        untouched(shown)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.fixture
def seeded(shown: Window, server: Server, tmp_path: Path) -> Window:
    seed = tmp_path / "seed.yaml"
    seed.write_text(SEED)
    with Plane(server.url) as plane:
        plane.ask("POST", "/worlds", 201, json={"name": "hostile", "seed": str(seed)})
    return shown


def test_files_run_nothing(seeded: Window) -> None:
    page = seeded.page
    base = f"{seeded.url}/_ui/worlds/hostile"
    for path in ("", "/capsules", "/computations", RUN, f"{RUN}/files"):
        page.goto(f"{base}{path}")
        untouched(seeded)
    page.goto(f"{base}{RUN}")
    names = page.locator(".files a:not(.button)").all_inner_texts()
    assert len(names) > 4
    for name in ("table.csv", "picture.svg", "<script>alert(1)</"):
        page.goto(f"{base}{RUN}")
        page.get_by_role("link", name=name, exact=True).click()
        untouched(seeded)
    seeded.wrong.clear()
    page.goto(f"{base}{RUN}/files?path=page.html")
    expect(page.frame_locator("iframe").get_by_role("heading")).to_have_text("Report")
    untouched(seeded)
    # What Chromium says of the script that it has not run.
    assert [text for text in seeded.wrong if "sandboxed" not in text] == []
    assert seeded.wrong
    seeded.wrong.clear()


def test_a_page_behind_a_signed_url_is_no_page_of_the_server(seeded: Window, server: Server) -> None:
    with Client(server.url, "cop_demo_user@hostile") as client:
        url = client.ask("GET", f"{RUN}/results/urls", params={"path": "page.html"})["view_url"]
    seeded.page.goto(url)
    assert seeded.page.evaluate("window.origin") == "null"
    seeded.wrong.clear()
