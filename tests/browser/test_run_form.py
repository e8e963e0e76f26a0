"""Data assets are chosen for a run in Chromium, with scripts and without, and by keyboard alone."""

from playwright.sync_api import Browser, Page, Route, expect

from tests import ids
from tests.browser.chromium import PHONE
from tests.browser.conftest import WORLD, Window
from tests.browser.test_accessibility import violations
from tests.conftest import Client, Server

FORM = f"/capsules/{ids.CAPSULE}"


def run_of(page: Page, client: Client) -> list[dict[str, str]]:
    """The data assets of the run whose page is shown."""
    page.wait_for_url(f"**{WORLD}/computations/*")
    shown = client.ask("GET", f"/computations/{page.url.rpartition('/')[2]}")
    return shown["data_assets"]  # type: ignore[no-any-return]


def test_results_come_while_one_types_and_the_rest_of_the_form_stays(shown: Window, client: Client) -> None:
    page = shown.go(FORM)
    page.get_by_label("Label").fill("typed before")
    page.get_by_label("Find data assets").press_sequentially("iris")
    add = page.get_by_role("button", name="Add iris", exact=False).first
    expect(add).to_be_visible()
    page.get_by_label("Find data assets").press("Enter")
    add.focus()
    page.keyboard.press("Enter")
    folder = page.get_by_label("at /data/")
    expect(folder).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("flowers")
    assert violations(page) == []
    page.emulate_media(color_scheme="light")
    expect(page.get_by_label("Label")).to_have_value("typed before")
    shown.click("Start the run")
    assert run_of(page, client) == [{"id": ids.IRIS, "mount": "flowers"}]


def test_it_works_without_scripts_on_a_phone(chromium: Browser, server: Server, client: Client) -> None:
    width, height = PHONE
    context = chromium.new_context(java_script_enabled=False, viewport={"width": width, "height": height})
    page = context.new_page()
    page.goto(f"{server.url}{WORLD}{FORM}")
    page.get_by_label("Label").fill("typed before")
    page.get_by_label("Find data assets").fill("iris")
    page.get_by_label("Find data assets").press("Enter")
    page.get_by_role("button", name="Add iris", exact=False).first.click()
    expect(page.get_by_label("Label")).to_have_value("typed before")
    page.get_by_label("at /data/").fill("flowers")
    page.get_by_label("Find data assets").fill("")
    page.get_by_role("button", name="Start the run").click()
    assert run_of(page, client) == [{"id": ids.IRIS, "mount": "flowers"}]
    context.close()


def test_who_types_and_presses_search_at_once_asks_once(shown: Window) -> None:
    shown.page.clock.install()
    page = shown.go(FORM)
    held: list[Route] = []
    page.route("**/choose", lambda route: held.append(route))
    page.get_by_label("Find data assets").press_sequentially("iris")
    shown.click("Search")
    page.clock.run_for(2000)
    assert len(held) == 1
    held[0].continue_()
    expect(page.get_by_role("button", name="Add iris", exact=False).first).to_be_visible()
    page.get_by_label("Find data assets").press_sequentially(" flowers")
    page.clock.run_for(2000)
    assert len(held) == 2
    held[1].continue_()


def test_who_types_and_presses_enter_in_a_list_asks_once(shown: Window) -> None:
    shown.page.clock.install()
    page = shown.go("/computations")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_label("Name", exact=True).press_sequentially("nothing like this")
    page.get_by_label("Name", exact=True).press("Enter")
    expect(page.get_by_text("No computations found")).to_be_visible()
    page.clock.run_for(2000)
    assert len([url for url in asked if "name=nothing" in url]) == 1
    page.get_by_label("Name", exact=True).press_sequentially("!")
    page.clock.run_for(2000)
    assert len([url for url in asked if "name=nothing" in url]) == 2


def test_a_run_is_started_again_from_its_page(shown: Window, client: Client) -> None:
    body = {"capsule_id": ids.CAPSULE, "named_parameters": [{"param_name": "rows", "value": "9"}]}
    run = client.ask("POST", "/computations", json=body | {"data_assets": [{"id": ids.IRIS, "mount": "flowers"}]})["id"]
    page = shown.go(f"/computations/{run}")
    page.get_by_role("link", name="Run again with these parameters").click()
    expect(page.get_by_label("Number of rows")).to_have_value("9")
    shown.click("Start the run")
    assert run_of(page, client) == [{"id": ids.IRIS, "mount": "flowers"}]
