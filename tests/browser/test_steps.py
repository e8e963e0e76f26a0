"""What somebody does in front of the dashboard, step by step, in Chromium."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests import ids
from tests.browser.conftest import Window, opened, serving
from tests.conftest import Client, HandClock


def test_a_run_is_started_watched_looked_into_captured_and_traced(
    shown: Window, clock: HandClock, client: Client
) -> None:
    page = shown.go("/capsules")
    page.locator(f"main a[href$='/capsules/{ids.CAPSULE}']").click()
    page.get_by_label("Number of rows").fill("3")
    shown.click("Start the run")
    status = page.get_by_role("status").last
    expect(status).to_contain_text("initializing")
    clock.advance(3)
    expect(status).to_contain_text("running")
    expect(page.locator("svg.timeline .now")).to_be_visible()
    expect(page.get_by_role("button", name="Stop the run…")).to_be_visible()
    clock.advance(60)
    expect(status).to_contain_text("succeeded, exit code 0")
    expect(page.get_by_role("button", name="Stop the run…")).to_have_count(0)

    page.get_by_role("link", name="table.csv", exact=True).click()
    expect(page.get_by_role("cell", name="0.25")).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="figures/", exact=True).click()
    page.get_by_role("link", name="overview.svg", exact=True).click()
    picture = page.locator(".preview img")
    expect(picture).to_be_visible()
    assert picture.evaluate("picture => picture.naturalWidth") > 0
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "overview.svg"

    page.get_by_role("navigation", name="Where this is").get_by_role("link").first.click()
    page.get_by_label("Name", exact=True).last.wait_for()
    page.locator("#capture-name").fill("My table")
    shown.click("Capture")
    expect(page.get_by_role("status").last).to_contain_text("draft")
    clock.advance(60)
    expect(page.get_by_role("status").last).to_contain_text("ready")
    expect(page.get_by_role("link", name="table.csv", exact=True)).to_be_visible()
    drawn = page.locator("svg.provenance")
    expect(drawn.locator("g.box")).to_have_count(3)
    expect(drawn.locator("g.itself")).to_contain_text("My table")
    drawn.locator("a").last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Run With Parameters")
    expect(page.get_by_role("link", name="My table")).to_be_visible()


def test_a_fault_is_set_and_seen_in_the_journal_as_it_hits(shown: Window, client: Client) -> None:
    page = shown.go("/world")
    page.get_by_text("Set another fault", exact=True).click()
    page.get_by_label("Operation").select_option("get_computation")
    page.get_by_label("Status", exact=True).fill("503")
    page.locator("#faults-name").fill("gone-fishing")
    shown.click("Set the fault")
    expect(page.get_by_role("status").first).to_contain_text("The fault gone-fishing is set")
    shown.go("/journal")
    expect(page.locator("main")).to_contain_text("No matching requests")
    client.ask("GET", f"/computations/{ids.PAST_RUN}", 503)
    expect(page.locator("main")).to_contain_text("fault: gone-fishing")
    page.get_by_role("link", name="GET get_computation").click()
    expect(page.locator("main")).to_contain_text("curl -X GET")


def test_the_search_finds_while_one_types(shown: Window) -> None:
    page = shown.go("/capsules")
    page.get_by_label("Search").press_sequentially("tag:alignment", delay=5)
    expect(page.locator("#results tbody tr")).to_have_count(2)
    expect(page).to_have_url(f"{shown.url}/_ui/worlds/default/capsules?query=tag%3Aalignment")
    page.get_by_label("Search").fill('name:""')
    expect(page.get_by_role("alert")).to_contain_text("has no value")


def test_the_overview_is_alive(shown: Window, client: Client, clock: HandClock) -> None:
    page = shown.go()
    expect(page.locator("main")).to_contain_text("No requests yet")
    run = client.ask("POST", "/computations", json={"capsule_id": ids.SLOW})["id"]
    expect(page.locator(f"#going-{run}")).to_be_visible()
    link = page.locator(f"#going-{run}")
    link.focus()
    before = page.locator("progress").first.get_attribute("value")
    clock.advance(3600)
    expect(page.locator("progress").first).not_to_have_attribute("value", before or "")
    expect(link).to_be_focused()
    client.ask("GET", f"/capsules/{ids.NOBODYS}", 404)
    expect(page.get_by_role("region", name="Needs attention")).to_contain_text("404")


def test_lines_can_be_copied(shown: Window) -> None:
    page = shown.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    shown.go()
    page.get_by_role("button", name="Copy: A curl line").click()
    assert page.evaluate("navigator.clipboard.readText()").startswith("curl -u cop_demo_user:")


def test_the_dashboard_works_without_scripts(chromium: Browser, clock: HandClock, client: Client) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{client.url}/_ui")
    page.get_by_role("link", name="Capsules", exact=True).click()
    page.get_by_label("Search").fill("name:fastqc")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="FastQC").click()
    page.get_by_role("button", name="Start the run").click()
    page.wait_for_url("**/computations/*")
    clock.advance(60)
    page.reload()
    expect(page.get_by_role("main")).to_contain_text("succeeded, exit code 0")
    context.close()


@pytest.fixture
def guarded(chromium: Browser) -> Iterator[Window]:
    for server, _ in serving(control_token="a-control-token"):
        yield from opened(chromium, server.url)


def test_somebody_logs_in_and_out(guarded: Window) -> None:
    page = guarded.page
    page.goto(f"{guarded.url}/")
    page.get_by_label("Control token").fill("something else")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("not the control token")
    page.get_by_label("Control token").fill("a-control-token")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_label("Control token")).to_be_visible()
