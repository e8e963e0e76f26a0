"""The environments of Docker Compose, as the docs start them: `make docker-test`."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests import ids
from tests.conftest import USER
from tests.docker.engine import BUILD_SECONDS, run
from tests.process import PATIENCE, until

PROJECT = "codeocean-mock-under-test"
CAPTURED = "captured by the demo"


class Project:
    """What a compose file starts, under a name of its own, so that nobody's own one is touched."""

    def __init__(self, file: Path) -> None:
        self._command = ["docker", "compose", "--file", str(file)]

    def call(self, *arguments: str) -> str:
        return run(*self._command, *arguments, seconds=BUILD_SECONDS)

    @property
    def url(self) -> str:
        return f"http://{self.call('port', 'codeocean', '8000').strip()}"

    def is_up(self) -> bool:
        """Whether its server has been started and answers."""
        place = subprocess.run(
            [*self._command, "port", "codeocean", "8000"], capture_output=True, text=True, check=False
        )
        try:
            return httpx.get(f"http://{place.stdout.strip()}/_mock/health").status_code in (200, 401)
        except (httpx.TransportError, httpx.InvalidURL):
            return False

    def start_run(self) -> str:
        """Start a run; its id."""
        answer = httpx.post(f"{self.url}/api/v1/computations", auth=(USER, ""), json={"capsule_id": ids.CAPSULE})
        key: str = answer.json()["id"]
        return key

    def knows(self, run_id: str) -> bool:
        return httpx.get(f"{self.url}/api/v1/computations/{run_id}", auth=(USER, "")).status_code == 200

    def control_token(self) -> str:
        return self.call("exec", "--no-TTY", "codeocean", "cat", "/data/control-token").strip()


@pytest.fixture(autouse=True)
def _settings(image: str, base_image: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPOSE_PROJECT_NAME", PROJECT)
    monkeypatch.setenv("CODEOCEAN_MOCK_IMAGE", image)
    monkeypatch.setenv("CODEOCEAN_MOCK_DEMO_IMAGE", f"{image}-demo")
    # A port that is free.
    monkeypatch.setenv("PORT", "0")
    if base_image is None:
        # Empty it would take the place of the one that the Dockerfile names.
        monkeypatch.delenv("BASE_IMAGE", raising=False)


def project(file: Path) -> Iterator[Project]:
    one = Project(file)
    try:
        yield one
    finally:
        one.call("--profile", "demo", "down", "--volumes", "--timeout", "2")


@pytest.fixture
def demo(checkout: Path) -> Iterator[Project]:
    yield from project(checkout / "docker/compose.yaml")


@pytest.fixture
def ci(checkout: Path) -> Iterator[Project]:
    yield from project(checkout / "docker/compose.ci.yaml")


def test_the_demo_works_until_its_client_has_captured_a_result(
    demo: Project, checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CODEOCEAN_MOCK_TIME_SCALE", "1000")
    monkeypatch.setenv("DEMO_PAUSE", "0.5")
    log = tmp_path / "log"
    with log.open("w") as written:
        make = subprocess.Popen(
            ["make", "docker-demo", "PORT=0"], cwd=checkout, stdout=written, stderr=subprocess.STDOUT, text=True
        )
    try:
        until(lambda: make.poll() is not None or demo.is_up())
        assert make.poll() is None, log.read_text()
        until(lambda: captured(demo.url) > 0)
        until(lambda: re.search(r"captured [1-9]", log.read_text()) is not None)
        shown = re.search(r"^ +(docker compose .* cat /data/control-token)$", log.read_text(), re.MULTILINE)
        assert shown, log.read_text()
        token = run("sh", "-c", shown[1].replace(" exec ", " exec --no-TTY ")).strip()
        see_the_dashboard(demo.url, token)
    finally:
        make.terminate()
        make.wait(PATIENCE)
        print(log.read_text())


def captured(url: str) -> int:
    """How many data assets the client has captured."""
    search = {"query": f'tag:"{CAPTURED}"', "limit": 1000}
    return len(httpx.post(f"{url}/api/v1/data_assets/search", auth=(USER, ""), json=search).json()["results"])


def see_the_dashboard(url: str, token: str) -> None:
    with httpx.Client(base_url=url, follow_redirects=True) as browser:
        assert "control token" in browser.get("/_ui").text
        page = browser.post("/_ui/login", data={"control_token": token})
    assert (page.status_code, page.url.path) == (200, "/_ui/worlds/default")


def test_the_volume_outlives_its_containers(demo: Project) -> None:
    up = ("up", "--detach", "--wait", "codeocean")
    demo.call(*up)
    runs, token = [demo.start_run()], demo.control_token()
    for end in (["restart"], ["down"], ["kill", "--signal", "KILL"]):
        demo.call(*end)
        demo.call(*up)
        assert [key for key in runs if not demo.knows(key)] == [], end
        assert demo.control_token() == token
        runs.append(demo.start_run())


def test_each_job_sees_the_same_ids(ci: Project) -> None:
    seen = []
    for _ in range(2):
        ci.call("up", "--detach", "--wait")
        seen.append(ci.start_run())
        worlds = httpx.get(f"{ci.url}/_mock/worlds", headers={"Authorization": "Bearer only-for-this-job"}).json()
        assert [world["name"] for world in worlds["worlds"]] == ["default"]
        assert json.loads(ci.call("ps", "--format", "json"))["Health"] == "healthy"
        ci.call("down")
    assert seen[0] == seen[1]
