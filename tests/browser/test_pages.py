"""Pages of runs, folders and the journal in Chromium: with scripts and without, on a phone and on a desk."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests import ids
from tests.browser.chromium import PHONE
from tests.browser.conftest import WORLD, Window
from tests.browser.test_accessibility import violations
from tests.conftest import Client, HandClock, Server


@pytest.fixture
def plain(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser without scripts on a phone."""
    width, height = PHONE
    context = chromium.new_context(java_script_enabled=False, viewport={"width": width, "height": height})
    yield context
    context.close()


@pytest.fixture
def two(client: Client, clock: HandClock) -> list[str]:
    """Two runs of one capsule with different parameters, the later one first."""
    runs = []
    for rows in ("3", "5"):
        body = {"capsule_id": ids.CAPSULE, "named_parameters": [{"param_name": "rows", "value": rows}]}
        runs.append(client.ask("POST", "/computations", json=body)["id"])
        clock.advance(60)
    return runs[::-1]


def compared(page: Page, two: list[str]) -> None:
    """Tick two runs in the list, and look at what differs in one of their files."""
    for run in two:
        page.locator(f'input[value="{run}"]').check()
    page.get_by_role("button", name="Compare selected runs").click()
    parameters = page.get_by_role("table", name="Parameters of both")
    expect(parameters.get_by_role("row", name="Number of rows differs 3 5")).to_be_visible()
    page.get_by_role("link", name="output", exact=True).click()
    expect(page.locator("pre.diff del")).to_contain_text("--rows=3")
    expect(page.locator("pre.diff ins")).to_contain_text("--rows=5")


def test_two_runs_are_ticked_and_compared(shown: Window, two: list[str]) -> None:
    compared(shown.go("/computations"), two)


def test_two_runs_are_compared_without_scripts(plain: BrowserContext, server: Server, two: list[str]) -> None:
    page = plain.new_page()
    page.goto(f"{server.url}{WORLD}/capsules/{ids.CAPSULE}")
    compared(page, two)


def test_a_request_on_a_phone_has_room_for_its_words(plain: BrowserContext, server: Server, two: list[str]) -> None:
    page = plain.new_page()
    page.goto(f"{server.url}{WORLD}")
    requests = page.locator("table.requests td.what")
    expect(requests).to_have_count(2)
    assert requests.evaluate_all("cells => cells.filter(cell => cell.clientWidth < 200).length") == 0


OPTIONS_TOO_LONG = """selects => selects.flatMap(select => {
    const style = getComputedStyle(select), measure = document.createElement("canvas").getContext("2d")
    measure.font = style.font
    const room = select.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - 16
    return [...select.options].map(option => option.text).filter(text => measure.measureText(text).width > room)
})"""
"""The options that do not fit beside a select's arrow."""


def test_the_options_on_the_page_of_a_world_are_not_cut_off(shown: Window) -> None:
    page = shown.go("/world")
    page.get_by_text("Set another fault", exact=True).click()
    assert page.locator("main .fields select:visible").count() == 3
    assert page.locator("main .fields select:visible").evaluate_all(OPTIONS_TOO_LONG) == []


def test_a_list_is_filtered_while_one_types(shown: Window, two: list[str], client: Client) -> None:
    client.ask("PATCH", f"/computations/{two[0]}", 204, params={"name": "Something else"})
    page = shown.go("/computations")
    page.get_by_label("Name", exact=True).press_sequentially("something")
    rows = page.get_by_role("row")
    expect(rows).to_have_count(2)
    page.get_by_label("State").select_option("failed")
    expect(page.get_by_text("No computations found")).to_be_visible()
    assert "state=failed" in page.url


def columns(page: Page) -> set[float]:
    """Where the cells of the last column begin."""
    cells = page.locator(".runs-list tbody td:last-child")
    return {round(box["x"]) for one in cells.all() if (box := one.bounding_box())}


def test_columns_stand_below_each_other_and_cards_on_a_phone(shown: Window, client: Client, two: list[str]) -> None:
    client.ask("POST", "/computations", json={"capsule_id": ids.CAPSULE})
    for path in ("/computations", f"/capsules/{ids.CAPSULE}"):
        page = shown.go(path)
        assert len(columns(page)) == 1
    width, height = PHONE
    page.set_viewport_size({"width": width, "height": height})
    for path in ("/computations", "/capsules", "/data_assets", "/journal", f"/capsules/{ids.CAPSULE}"):
        page = shown.go(path)
        cell = page.locator(".list tbody tr").first.locator("td.what")
        box = cell.bounding_box()
        # What a thing is called has the whole width of its card.
        assert box
        assert box["width"] > width * 0.8, path


def test_a_failed_run_is_red_where_it_failed(shown: Window, client: Client, clock: HandClock) -> None:
    run = client.ask("POST", "/computations", json={"capsule_id": ids.FAILS})["id"]
    page = shown.go(f"/computations/{run}")
    expect(page.locator(".timeline .went-bad")).to_have_count(0)
    clock.advance(60)
    expect(page.locator(".timeline .went-bad")).to_have_count(2)
    expect(page.locator("ol.states")).to_contain_text("failed here")
    color = "bar => getComputedStyle(bar).fill"
    good, bad, _ = (bar.evaluate(color) for bar in page.locator(".timeline .past").all())
    assert good != bad


def test_a_long_folder_is_turned_page_by_page(plain: BrowserContext, server: Server) -> None:
    page = plain.new_page()
    page.goto(f"{server.url}{WORLD}/data_assets/{ids.COMMONCRAWL}")
    expect(page.locator(".files li")).to_have_count(25)
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_role("main")).to_contain_text("26 to 50 of 100")
    page.get_by_role("link", name="Previous").click()
    page.locator(".files a").first.click()
    expect(page.get_by_role("navigation", name="Where this is")).to_contain_text("files")


def polls(page: Page, run: str) -> None:
    """Look at how a run was polled, from its own page."""
    page.get_by_role("link", name="Polling history").click()
    expect(page.get_by_role("img", name="4 requests in 11 s, 1 of them marked")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("1 s apart, wanted at least 5 s")
    page.get_by_label("Minimum interval").fill("1s")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("img", name="4 requests in 11 s, 0 of them marked")).to_be_visible()


@pytest.fixture
def polled(client: Client, clock: HandClock) -> str:
    run: str = client.ask("POST", "/computations", json={"capsule_id": ids.SLOW})["id"]
    for seconds in (5, 5, 1, 5):
        clock.advance(seconds)
        client.ask("GET", f"/computations/{run}")
    return run


def test_polls_are_drawn(shown: Window, polled: str) -> None:
    polls(shown.go(f"/computations/{polled}"), polled)


def test_polls_are_drawn_without_scripts(plain: BrowserContext, server: Server, polled: str) -> None:
    page = plain.new_page()
    page.goto(f"{server.url}{WORLD}/computations/{polled}")
    polls(page, polled)


def sent_again(page: Page) -> None:
    """Send the first request of the journal again, which is a POST."""
    page.get_by_role("button", name="Send it again…").click()
    assert violations(page) == []
    page.get_by_role("dialog").get_by_role("button", name="Send it again", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Request 6")
    expect(page.get_by_role("main")).to_contain_text("run_capsule")


def test_a_request_is_sent_again(shown: Window, polled: str) -> None:
    sent_again(shown.go("/journal/1"))


def test_a_page_of_the_journal_names_what_was_never_called(shown: Window, polled: str) -> None:
    page = shown.go("/journal")
    page.get_by_role("link", name="Operations never called").click()
    region = page.get_by_role("region", name="Computations")
    expect(region).to_contain_text("delete_computation")
    expect(region.get_by_role("link", name="get_computation")).to_be_visible()
