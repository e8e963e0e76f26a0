"""What comes from clients and files stays text: it runs nothing, and breaks no page."""

from pathlib import Path

import httpx
import pytest

from tests import ids
from tests.conftest import Client, HandClock, Server
from tests.control.conftest import Plane
from tests.ui.conftest import WORLD, Browser
from tests.ui.html import Page
from tests.ui.test_pages import in_order, walk

NASTY = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "</textarea></title></bdi></pre><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}<b>",
    "javascript:alert(1)",
    "\u202eevil\u2066 \u200f\u0336\u0001 \U0001f4a9\ufffe\u2028data: x\r\nevent: y",
    "é" * 300,
]


def scripts(page: Page) -> list[str]:
    return [given.get("src") or "inline" for tag, given in page.elements if tag == "script"]


def harmless(page: Page) -> None:
    """Besides what `in_order` asks: the scripts are those of the dashboard, and there is no image but its icon."""
    in_order(page)
    assert [source.split("?")[0] for source in scripts(page)] == [
        "/_ui/static/htmx.min.js",
        "/_ui/static/htmx-sse.min.js",
        "/_ui/static/dashboard.js",
        "/_ui/static/steering.js",
        "/_ui/static/connection.js",
    ]
    for tag, given in page.elements:
        assert tag != "b" or not given
        assert tag != "img" or (given["src"] or "").startswith("/_ui/")


@pytest.mark.parametrize("nasty", NASTY, ids=range(len(NASTY)))
def test_names_descriptions_tags_and_metadata(browser: Browser, client: Client, clock: HandClock, nasty: str) -> None:
    body = {
        "name": nasty,
        "description": nasty,
        "tags": [nasty],
        "mount": "nasty",
        "custom_metadata": {"subject id": nasty, "modalities": [nasty]},
        "source": {"aws": {"bucket": nasty[:60].strip(), "prefix": "x"}},
    }
    asset = client.ask("POST", "/data_assets", json=body)["id"]
    run = client.ask(
        "POST",
        "/computations",
        json={"capsule_id": ids.CAPSULE, "named_parameters": [{"param_name": "label", "value": nasty}]},
    )["id"]
    client.ask("PATCH", f"/computations/{run}", 204, params={"name": nasty})
    client.get("/capsules/search", params={"query": nasty}, headers={"X-Note": ascii(nasty)})
    clock.advance(60)
    told = [*(f"/journal/{number}" for number in range(1, 5)), "/journal", "", "/computations", "/data_assets"]
    for path in (f"/data_assets/{asset}", f"/data_assets/{asset}/files", f"/computations/{run}", *told):
        harmless(browser.page(path))
    found = browser.page(f"/data_assets/{asset}")
    assert "".join(nasty.split())[:5] in "".join(found.text.split())


def test_queries_and_filters_come_back_as_text(browser: Browser) -> None:
    for nasty in NASTY:
        for path in ("/capsules", "/pipelines", "/data_assets", "/journal", "/computations"):
            answer = browser.get(f"{WORLD}{path}", params=dict.fromkeys(("query", "type", "entity", "page"), nasty))
            assert answer.status_code in (200, 400)
            harmless(Page(answer))


def test_a_note_of_somebody_else_is_text(browser: Browser, server: Server) -> None:
    port = httpx.URL(server.url).port
    browser.cookies.set(f"codeocean_mock_note_{port}", "good.%3Cscript%3Ealert(1)%3C/script%3E")
    page = browser.page()
    assert "<script>alert(1)" in page.text
    harmless(page)
    browser.cookies.set(f"codeocean_mock_note_{port}", "evil.text")
    assert "evil" not in browser.page().html


SEED = """
version: 1
users: [{id: 9b17d7b7-8b48-461a-95c6-ddb1a00a4e49, email: "<i>@example.com", name: N}]
tokens: [{token: cop_demo_user, user: "<i>@example.com"}]
capsules:
  - id: 1d8288da-0785-4e4f-aa37-2d1db3636bc4
    slug: "1576467"
    name: "<script>alert(1)</script>"
    owner: "<i>@example.com"
    created: 1646687025
    parameters:
      - {name: "<b>\\"'", param_name: p, default_value: "\\"><script>alert(1)</script>", help_text: "<script>"}
    app_panel:
      general: {title: "<script>alert(1)</script>", instructions: "<script>", help_text: "<script>"}
    results:
      - path: "<script>alert(1)</script>.txt"
        text: "<script>alert(1)</script>"
      - path: page.html
        text: "<script>parent.document.title = 'broken'</script><h1>Report</h1>"
      - path: picture.svg
        text: "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
      - path: table.csv
        text: "<script>,\\"</table>\\"\\n1,<script>alert(1)</script>\\n"
      - path: "a b/ü%2F&c=?#.log"
        text: "odd"
computations:
  - id: 86a79b7f-ab60-4141-a97c-b1dbbb94decb
    capsule: 1d8288da-0785-4e4f-aa37-2d1db3636bc4
    owner: "<i>@example.com"
    created: 1646690405
    run_time: 5
    name: "<script>alert(1)</script>"
"""


@pytest.fixture
def hostile(server: Server, tmp_path: Path, browser: Browser) -> Browser:
    """A browser in front of a world whose seed holds scripts wherever there is text."""
    seed = tmp_path / "seed.yaml"
    seed.write_text(SEED)
    with Plane(server.url) as plane:
        plane.ask("POST", "/worlds", 201, json={"name": "hostile", "seed": str(seed)})
    return browser


FILES = "/_ui/worlds/hostile/computations/86a79b7f-ab60-4141-a97c-b1dbbb94decb"


def test_a_world_full_of_scripts(hostile: Browser) -> None:
    pages = walk(hostile, "/_ui/worlds/hostile")
    assert len(pages) > 15
    for page in pages.values():
        harmless(page)


@pytest.mark.parametrize("path", ["page.html", "picture.svg", "<script>alert(1)</script>.txt", "table.csv", "output"])
def test_the_bytes_of_a_file_are_of_no_origin(hostile: Browser, path: str) -> None:
    for download in ({}, {"download": "1"}):
        answer = hostile.get(f"{FILES}/raw", params={"path": path} | download)
        assert answer.status_code == 200
        rules = answer.headers["content-security-policy"].split("; ")
        assert {"sandbox", "default-src 'none'", "frame-ancestors 'self'"} <= set(rules)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-disposition"].startswith("attachment" if download else "inline")


def test_a_page_is_shown_in_a_frame_without_rights(hostile: Browser) -> None:
    page = hostile.at(f"{FILES}/files?path=page.html")
    [frame] = [given for tag, given in page.elements if tag == "iframe"]
    assert frame["sandbox"] in (None, "")
    assert "Report" not in page.text


def test_files_behind_signed_urls_are_of_no_origin_either(hostile: Browser, server: Server) -> None:
    with Client(server.url, "cop_demo_user@hostile") as client:
        where = "/computations/86a79b7f-ab60-4141-a97c-b1dbbb94decb/results/urls"
        for path, shut in (("page.html", True), ("picture.svg", True), ("output", False)):
            answer = httpx.get(client.ask("GET", where, params={"path": path})["view_url"])
            assert answer.headers.get("content-security-policy", "").startswith("sandbox") == shut


def test_odd_names_lead_to_their_files(hostile: Browser) -> None:
    page = hostile.at(f"{FILES}/files?path=a%20b")
    [link] = [link for link in page.links if "log" in link and "/files?" in link]
    assert "odd" in hostile.at(link).text
