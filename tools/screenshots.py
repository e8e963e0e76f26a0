"""The pictures in `docs/screenshots`: what happens on a morning in the demo world, told in ten (`make screenshots`)."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from playwright.sync_api import Browser, Page, expect

from mock_server.app import create_app
from mock_server.settings import Settings
from mock_server.threaded_server import LiveServer
from tests import ids
from tests.browser.chromium import PHONE, WIDE, Scheme, launched, window
from tests.conftest import USER, HandClock

FOLDER = Path(__file__).parents[1] / "docs" / "screenshots"

MORNING = 1794475800.0
"""When the story begins: 2026-11-12 09:30 UTC, some weeks after the study's figure was drawn."""

SESSION = "5e552026-0000-4000-8000-000000000014"
"""The raw session of mouse 721880 on 2026-09-15."""


ALIGNING = "ca952026-0000-4000-8000-000000000002"

LONGER = f"version: 1\nscenarios: [{{name: a-minute, running: 1m, when: {{capsule: {ALIGNING}}}}}]"

BELOW = 16
"""Pixels below the last part of a page that is to be seen."""


class TickingClock(HandClock):
    """A clock that goes on a little whenever somebody looks at it, so that requests take some time."""

    def __call__(self) -> float:
        self.now += 0.0004
        return self.now


def nothing(_page: Page) -> None:
    """Take the picture of a page as it is."""


class Shot(NamedTuple):
    """A picture: its name, the page below the world, the heading of the last part that is seen, what is done on the
    page before, and how the window is.
    """

    name: str
    path: str
    last: str
    act: Callable[[Page], None] = nothing
    size: tuple[int, int] = WIDE
    scheme: Scheme = "light"


class Story:
    """What happens in the world that is shown."""

    def __init__(self, url: str, clock: HandClock) -> None:
        self._api = httpx.Client(base_url=f"{url}/api/v1", auth=(USER, ""), timeout=20)
        self._plane = httpx.Client(base_url=f"{url}/_mock/worlds/default", timeout=20)
        self._clock = clock
        session = self._api.get(f"/data_assets/{SESSION}").raise_for_status().json()
        self._session = {"id": session["id"], "mount": session["mount"]}

    def tell(self) -> Iterator[Shot]:
        """Each picture when it is its turn."""
        looked_at = self._looked_at("20")
        sorted_twice = [self._sorted(threshold) for threshold in ("6", "4.5")]
        self._run("QC of the behavior videos", ids.SESSION_QC, data_assets=[{"id": ids.BEHAVIOR, "mount": "behavior"}])
        self._clock.advance(120)
        polled = self._polled()
        sorting = self._run("Sort 721880 2026-09-15, again", ids.SORTING_PIPELINE, data_assets=[self._session])
        self._clock.advance(5)
        yield Shot("overview", "", "Latest requests")
        yield Shot("capsule", f"/capsules/{ids.SESSION_QC}", "Start a run", _find_session)
        yield Shot("running", f"/computations/{sorting}", "Results")
        self._clock.advance(60)
        report = f"{self._session['mount']}/report.html"
        yield Shot("results", f"/computations/{looked_at}/files?path={report}", "report.html")
        yield Shot("failed", "/computations/c0de2026-0000-4000-8000-000000000014", "Results")
        yield Shot("lineage", "/data_assets/da7a2026-0000-4000-8000-000000000002", "Files")
        yield Shot("compare", "/computations/compare?run={}&run={}".format(*sorted_twice), "Results")
        yield Shot("polling", f"/journal/polling?entity={polled}", "Requests")
        self._plane.post("/clock/advance", json={"by": "1h"}).raise_for_status()
        yield Shot("steering", "/world", "Faults", _break)
        yield Shot("phone", f"/computations/{looked_at}", "Timeline", size=PHONE, scheme="dark")

    def _run(self, name: str, capsule: str, **more: Any) -> str:
        kind = "pipeline_id" if capsule == ids.SORTING_PIPELINE else "capsule_id"
        key: str = self._api.post("/computations", json={kind: capsule} | more).raise_for_status().json()["id"]
        self._api.patch(f"/computations/{key}", params={"name": name}).raise_for_status()
        return key

    def _looked_at(self, drift: str) -> str:
        """A run of the QC that has ended."""
        parameters = {"session": self._session["mount"], "max_drift_um": drift}
        key = self._run(
            f"QC 721880 2026-09-15, drift up to {drift} µm",
            ids.SESSION_QC,
            data_assets=[self._session],
            named_parameters=[{"param_name": name, "value": value} for name, value in parameters.items()],
        )
        self._clock.advance(300)
        return key

    def _sorted(self, threshold: str) -> str:
        """A run of the pipeline that has ended."""
        parameters = [{"param_name": "threshold", "value": threshold}]
        key = self._run(
            f"Sort 721880 2026-09-15, threshold {threshold}",
            ids.SORTING_PIPELINE,
            data_assets=[self._session],
            processes=[{"name": "capsule_sort_spikes_2", "named_parameters": parameters}],
        )
        self._clock.advance(300)
        return key

    def _polled(self) -> str:
        """A run of a minute that a client has polled: through a fault, once too soon."""
        self._plane.post("/scenarios", content=LONGER).raise_for_status()
        fault = {"name": "busy", "operation": "get_computation", "status": 429, "headers": {"Retry-After": "10"}}
        key = self._run("Align 721880 2026-09-15", ALIGNING, data_assets=[self._session])
        for seconds in (6, 6, 6, 6, 6, 3, 10, 6, 6, 6, 6, 6):
            if seconds == 3:
                self._plane.post("/faults", json=fault | {"times": 1}).raise_for_status()
            self._clock.advance(seconds)
            self._api.get(f"/computations/{key}")
        self._plane.delete("/scenarios").raise_for_status()
        self._plane.delete("/faults").raise_for_status()
        return key


def _find_session(page: Page) -> None:
    """Search for the sessions of a mouse in the form, and choose one."""
    page.get_by_label("Find data assets").fill("ecephys_721880 tag:raw")
    page.locator("#found").get_by_role("button", name="Add ecephys_721880_2026-09-17").click()
    expect(page.locator(".choices li")).to_have_count(1)
    page.locator(".choices input").blur()


def _break(page: Page) -> None:
    """Set two faults by their buttons."""
    for label, name in (("429 on polls", "rate-limit"), ("Two-second delay", "slow")):
        page.get_by_role("button", name=label).click()
        expect(page.locator("#notes")).to_contain_text(f"The fault {name} is set")


def _end_below(page: Page, heading: str) -> None:
    """Make the window so high that its end cuts through nothing."""
    part = page.locator(".card, main").filter(has=page.get_by_role("heading", name=heading, exact=True)).last
    bottom = part.evaluate("part => part.getBoundingClientRect().bottom + window.scrollY")
    assert page.viewport_size
    page.set_viewport_size({"width": page.viewport_size["width"], "height": round(bottom) + BELOW})
    page.evaluate("window.scrollTo(0, 0)")


def take(browser: Browser, url: str, shots: Iterator[Shot], folder: Path) -> None:
    """Take the pictures."""
    for shot in shots:
        context = window(browser, shot.size, shot.scheme)
        page = context.new_page()
        page.goto(f"{url}/_ui/worlds/default{shot.path}")
        page.wait_for_function("window.htmx !== undefined")
        shot.act(page)
        _end_below(page, shot.last)
        page.screenshot(path=folder / f"{shot.name}.png")
        context.close()


def main(folder: Path) -> None:
    """Take all pictures into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    clock = TickingClock(MORNING)
    app = create_app(Settings(data_dir=None, random_seed=7), clock)
    with LiveServer(app) as server, launched() as browser:
        take(browser, server.url, Story(server.url, clock).tell(), folder)
    app.worlds.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
