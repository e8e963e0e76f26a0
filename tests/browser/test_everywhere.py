"""What the dashboard can do, one thing after another, in one window for each of light and dark, desk and phone: with
scripts, where axe looks at what is open as well, and without.
"""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests import ids
from tests.browser.chromium import PHONE, WIDE, Scheme
from tests.browser.conftest import WORLD, Window, serving
from tests.conftest import USER, Client, HandClock

TOKEN = "a-control-token"
SCHEMES: list[Scheme] = ["light", "dark"]
COMBINATIONS = list(product((WIDE, PHONE), SCHEMES, (True, False)))


class Everything:
    """A window that has logged in, and what is tried in it."""

    def __init__(self, page: Page, url: str, clock: HandClock, client: Client, *, scripts: bool) -> None:
        self.page, self.url, self.clock, self.client, self.scripts = page, url, clock, client, scripts
        self.phone = page.viewport_size is not None and page.viewport_size["width"] == PHONE[0]

    def go(self, path: str = "") -> Page:
        self.page.goto(f"{self.url}{WORLD}{path}")
        if self.scripts:
            self.page.wait_for_function("window.htmx !== undefined")
        return self.page

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def looks(self) -> None:
        """Nothing is wider than the window, and axe finds nothing in what is open."""
        assert self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), self.page.url
        if not self.scripts:
            return
        result: dict[str, Any] = Axe().run(self.page).response
        assert result["passes"]
        assert [(rule["id"], node["html"][:200]) for rule in result["violations"] for node in rule["nodes"]] == []

    def run(self, capsule: str, **more: Any) -> str:
        key: str = self.client.ask("POST", "/computations", json={"capsule_id": capsule} | more)["id"]
        return key

    def login(self) -> None:
        page = self.page
        page.goto(f"{self.url}/_ui")
        page.get_by_label("Control token").fill("wrong")
        page.get_by_role("button").click()
        expect(page.get_by_role("main")).to_contain_text("not the control token")
        self.looks()
        page.get_by_label("Control token").fill(TOKEN)
        page.get_by_role("button").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Overview")

    def tour(self) -> None:
        page = self.go()
        self.press("+1 min")
        expect(page.locator("#tour .done")).to_have_count(1)
        self.looks()
        self.press("Dismiss the tour")
        expect(page.locator("#tour")).to_have_count(0)

    def bar(self) -> None:
        page = self.go("/journal")
        for name in ("Speed \u00d760", "Freeze"):
            self.press(name)
        expect(page.locator("#in-force")).to_contain_text("Frozen at")
        self.looks()
        self.press("Resume")
        expect(page.locator("#bar time")).to_have_attribute("data-scale", "1.0")

    def presets_and_dialogs(self) -> None:
        page = self.go("/world")
        self.press("429 on polls")
        expect(page.locator("#in-force")).to_contain_text("1 fault in force")
        page.get_by_text("Set another fault", exact=True).click()
        page.get_by_label("Status", exact=True).fill("99")
        self.press("Set the fault")
        expect(page.locator("#faults-status-wrong")).to_have_text("Status: at least 400")
        expect(page.get_by_label("Status", exact=True)).to_have_value("99")
        self.looks()
        self.press("Remove 1 fault")
        expect(page.get_by_role("main")).to_contain_text("No faults are set")
        self.press("Reset to its seed…")
        question = page.get_by_role("heading", name="Reset the world default?")
        expect(question).to_be_visible()
        self.looks()
        page.get_by_role("link", name="Cancel").click()
        expect(question).to_have_count(0)

    def picker(self) -> None:
        page = self.go(f"/capsules/{ids.CAPSULE}")
        page.get_by_label("Number of rows").fill("4")
        page.get_by_label("Find data assets").fill("iris")
        self.press("Search")
        add = page.get_by_role("button", name="Add iris", exact=False).first
        expect(add).to_be_visible()
        self.looks()
        add.click()
        page.get_by_label("at /data/").fill("flowers")
        self.looks()
        expect(page.get_by_label("Number of rows")).to_have_value("4")
        page.get_by_label("Find data assets").fill("")
        self.press("Start the run")
        page.wait_for_url(f"**{WORLD}/computations/*")
        run = self.client.ask("GET", f"/computations/{page.url.rpartition('/')[2]}")
        assert run["data_assets"] == [{"id": ids.IRIS, "mount": "flowers"}]

    def failed_run(self) -> None:
        run = self.run(ids.FAILS)
        self.clock.advance(60)
        page = self.go(f"/computations/{run}")
        expect(page.locator(".timeline .went-bad")).to_have_count(2)
        expect(page.locator("ol.states")).to_contain_text("failed here")
        self.looks()

    def comparison(self) -> None:
        for rows in ("3", "5"):
            self.run(ids.CAPSULE, named_parameters=[{"param_name": "rows", "value": rows}])
            self.clock.advance(60)
        page = self.go(f"/capsules/{ids.CAPSULE}")
        for tick in page.locator("#last-runs input[type=checkbox]").all()[:2]:
            tick.check()
        self.press("Compare selected runs")
        expect(page.get_by_role("row", name="Number of rows differs 3 5")).to_be_visible()
        self.looks()
        page.get_by_role("link", name="output", exact=True).click()
        expect(page.locator("pre.diff ins")).to_contain_text("--rows=5")
        self.looks()

    def polling_and_replay(self) -> None:
        run = self.run(ids.SLOW)
        for seconds in (5, 1, 5):
            self.clock.advance(seconds)
            self.client.ask("GET", f"/computations/{run}")
        page = self.go(f"/computations/{run}")
        page.get_by_role("link", name="Polling history").click()
        expect(page.get_by_role("img", name="3 requests in 6 s, 1 of them marked")).to_be_visible()
        self.looks()
        page = self.go("/journal")
        page.get_by_role("link", name="GET get_computation").first.click()
        number = int(page.url.rpartition("/")[2])
        self.press("Send it again")
        expect(page.get_by_role("heading", level=1)).to_have_text(f"Request {number + 1}")
        self.looks()

    def lists(self) -> None:
        page = self.go("/computations")
        first = page.locator(".runs-list tbody tr").first
        expect(first).to_have_css("display", "flex" if self.phone else "table-row")
        self.looks()

    def folders(self) -> None:
        page = self.go(f"/data_assets/{ids.COMMONCRAWL}")
        expect(page.locator(".files li")).to_have_count(25)
        page.get_by_role("link", name="Next", exact=True).click()
        expect(page.get_by_role("main")).to_contain_text("26 to 50 of 100")
        self.looks()

    def side(self) -> None:
        """The column at the side stays on a desk while a long page is scrolled."""
        page = self.go("/computations")
        page.get_by_role("link", name="Older").scroll_into_view_if_needed()
        box = page.get_by_role("navigation", name="Pages").bounding_box()
        assert box
        assert (box["y"] >= 0) is not self.phone


def _named(combination: tuple[tuple[int, int], Scheme, bool]) -> str:
    size, scheme, scripts = combination
    return f"{'phone' if size == PHONE else 'desk'}-{scheme}-{'scripts' if scripts else 'plain'}"


@pytest.fixture(params=COMBINATIONS, ids=_named)
def everything(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Everything]:
    (width, height), scheme, scripts = request.param
    for server, clock in serving(control_token=TOKEN):
        context = chromium.new_context(
            java_script_enabled=scripts, viewport={"width": width, "height": height}, color_scheme=scheme
        )
        page = context.new_page()
        shown = Window(page, server.url)
        with Client(server.url, USER) as client:
            yield Everything(page, server.url, clock, client, scripts=scripts)
        context.close()
        assert (shown.foreign, shown.wrong) == ([], [])


def test_everything_works_everywhere(everything: Everything) -> None:
    everything.login()
    everything.tour()
    everything.bar()
    everything.presets_and_dialogs()
    everything.picker()
    everything.failed_run()
    everything.comparison()
    everything.polling_and_replay()
    everything.lists()
    everything.folders()
    everything.side()
