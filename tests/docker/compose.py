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
from tests.docker import engine
from tests.docker.engine import BUILD_SECONDS, run
from tests.process import PATIENCE, until

PROJECT = "codeocean-mock-under-test"
CAPTURED = "captured by the demo"
TOKEN = "the-token-of-all-servers"
WORLDS = {f"ci-{number}" for number in range(12)}
HAPROXY_IMAGE = "codeocean-mock-haproxy-under-test"
HAPROXY_ON_DEBIAN = """
RUN apt-get update -qq && apt-get install -qq --yes --no-install-recommends haproxy
USER 99
ENTRYPOINT ["haproxy", "-db", "-f", "/usr/local/etc/haproxy/haproxy.cfg"]
"""


class Project:
    """What a compose file starts, under a name of its own, so that nobody's own one is touched."""

    def __init__(self, file: Path) -> None:
        self._command = ["docker", "compose", "--file", str(file)]

    def call(self, *arguments: str) -> str:
        return run(*self._command, *arguments, seconds=BUILD_SECONDS)

    def up(self, *services: str) -> None:
        """Start services, and wait until the server answers."""
        self.call("up", "--detach", *services)
        until(self.is_up)

    @property
    def url(self) -> str:
        return self.url_of("codeocean")

    def url_of(self, service: str) -> str:
        return f"http://{self.call('port', service, '8000').strip()}"

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
    demo: Project, image: str, checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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
        assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", engine.config(f"{image}-demo")["User"])
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
    demo.up("codeocean")
    runs, token = [demo.start_run()], demo.control_token()
    for end in (["restart"], ["down"], ["kill", "--signal", "KILL"]):
        demo.call(*end)
        demo.up("codeocean")
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


@pytest.fixture(scope="session")
def haproxy(base_image: str | None) -> str | None:
    """The image of HAProxy, when it is not the one that the compose file says: on another base it is Debian's."""
    if base_image is None:
        return None
    lines = f"FROM {base_image}\n{HAPROXY_ON_DEBIAN}"
    run("docker", "build", "--tag", HAPROXY_IMAGE, "-", input=lines, seconds=BUILD_SECONDS)
    return HAPROXY_IMAGE


@pytest.fixture
def scaled(checkout: Path, haproxy: str | None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    if haproxy:
        monkeypatch.setenv("HAPROXY_IMAGE", haproxy)
    for name, value in {"CODEOCEAN_MOCK_CONTROL_TOKEN": TOKEN, "PORT_0": "0", "PORT_1": "0"}.items():
        monkeypatch.setenv(name, value)
    yield from project(checkout / "docker/compose.scale.yaml")


def test_two_servers_behind_haproxy_share_the_worlds(scaled: Project) -> None:
    scaled.call("up", "--detach", "--wait")
    url = scaled.url_of("balancer")
    with httpx.Client(base_url=url) as client:
        assert {status_of(client, world) for world in WORLDS} == {200}
        first, second = (worlds_of(scaled.url_of(f"codeocean-{number}")) for number in (0, 1))
        assert (first | second, first & second) == (WORLDS, set())
        assert first
        assert second
        scaled.call("kill", "--signal", "KILL", "codeocean-1")
        # Its address is gone with it, which HAProxy has to find out.
        until(lambda: {status_of(client, world) for world in second} == {503})
        assert {status_of(client, world) for world in first} == {200}
        assert worlds_of(scaled.url_of("codeocean-0")) == first
        scaled.call("up", "--detach", "codeocean-1")
        until(lambda: {status_of(client, world) for world in second} == {200})
        assert worlds_of(scaled.url_of("codeocean-1")) == second


def status_of(client: httpx.Client, world: str) -> int | None:
    """The status that a world answers with; None when the connection is closed before."""
    try:
        return client.get(f"/api/v1/capsules/{ids.CAPSULE}", auth=(f"{USER}@{world}", "")).status_code
    except httpx.RemoteProtocolError:
        return None


def worlds_of(url: str) -> set[str]:
    """The worlds of one server, `default` aside."""
    answer = httpx.get(f"{url}/_mock/worlds", headers={"Authorization": f"Bearer {TOKEN}"}).json()
    return {world["name"] for world in answer["worlds"]} - {"default"}
