"""The pictures in `docs/screenshots`, taken of a demo world in which something has happened (`make screenshots`)."""

import sys
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from playwright.sync_api import Browser

from mock_server.app import create_app
from mock_server.settings import Settings
from mock_server.threaded_server import LiveServer
from tests import ids
from tests.browser.chromium import PHONE, WIDE, Scheme, launched, window
from tests.conftest import USER, HandClock

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"


class TickingClock(HandClock):
    """Real time that goes on a little whenever somebody looks at it, so that requests take some."""

    def __call__(self) -> float:
        self.now += 0.0004
        return self.now


class Shot(NamedTuple):
    """A picture: its name, the page below the world, and how the window is."""

    name: str
    path: str
    size: tuple[int, int] = WIDE
    scheme: Scheme = "light"


class Story:
    """What has happened in the world that is shown."""

    def __init__(self, url: str, clock: HandClock) -> None:
        self._api = httpx.Client(base_url=f"{url}/api/v1", auth=(USER, ""), timeout=20)
        self._plane = httpx.Client(base_url=f"{url}/_mock/worlds/default", timeout=20)
        self._clock = clock

    def tell(self) -> list[Shot]:
        """Let it happen; the pictures to take then."""
        run = self._run(ids.CAPSULE, named_parameters=[{"param_name": "rows", "value": "3"}])
        self._clock.advance(60)
        asset = self._capture(run, "Table of the example")
        self._clock.advance(30)
        second = self._run(ids.FASTQC, data_assets=[{"id": asset, "mount": "reads"}])
        self._clock.advance(90)
        self._capture(second, "Quality report")
        self._clock.advance(60)
        self._fail()
        slow = self._run("fa11ed00-0000-4000-8000-000000000003")
        self._clock.advance(7000)
        self._run(ids.PIPELINE)
        self._clock.advance(2)
        self._api.get("/capsules/1d8288da-0785-4e4f-aa37-2d1db3636bc4")
        return [
            Shot("overview", ""),
            Shot("capsule", f"/capsules/{ids.CAPSULE}"),
            Shot("computation", f"/computations/{slow}"),
            Shot("computation-phone", f"/computations/{run}", PHONE, "dark"),
            Shot("data-asset", f"/data_assets/{asset}"),
            Shot("journal", "/journal"),
            Shot("world-dark", "/world", scheme="dark"),
        ]

    def _run(self, capsule: str, **more: Any) -> str:
        key: str = self._api.post("/computations", json={"capsule_id": capsule} | more).raise_for_status().json()["id"]
        return key

    def _capture(self, run: str, name: str) -> str:
        self._api.get(f"/computations/{run}").raise_for_status()
        body = {
            "name": name,
            "mount": name.split()[0].lower(),
            "tags": ["demo"],
            "source": {"computation": {"id": run}},
            "custom_metadata": {"subject id": "mouse 12", "data level": "derived"},
        }
        key: str = self._api.post("/data_assets", json=body).raise_for_status().json()["id"]
        return key

    def _fail(self) -> None:
        fault = {"name": "busy", "operation": "get_computation", "status": 429, "headers": {"Retry-After": "5"}}
        self._plane.post("/faults", json=fault | {"times": 2}).raise_for_status()
        self._api.get("/computations/86a79b7f-ab60-4141-a97c-b1dbbb94decb")
        self._api.get("/computations/00000000-0000-4000-8000-000000000000")
        self._api.post("/capsules/search", json={"query": "align", "color": "red"}).raise_for_status()


def take(browser: Browser, url: str, shots: list[Shot], folder: Path) -> None:
    """Take the pictures."""
    for shot in shots:
        context = window(browser, shot.size, shot.scheme)
        page = context.new_page()
        page.goto(f"{url}/_ui/worlds/default{shot.path}")
        page.wait_for_function("window.htmx !== undefined")
        page.screenshot(path=folder / f"{shot.name}.png")
        context.close()


def main(folder: Path) -> None:
    """Take all pictures into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    clock = TickingClock()
    app = create_app(Settings(data_dir=None, random_seed=7), clock)
    with LiveServer(app) as server, launched() as browser:
        take(browser, server.url, Story(server.url, clock).tell(), folder)
    app.worlds.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
