"""The image and its containers, from outside: `make docker-test`. `make test` leaves it out, as it takes an engine."""

import json
import re
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from mock_server.client import Control
from mock_server.version import __version__
from mock_server.worlds import DATABASE_NAME
from tests import ids
from tests.conftest import START, Client
from tests.control.conftest import bytes_of
from tests.docker import engine
from tests.docker.engine import Container, ContainerOptions, run
from tests.process import PATIENCE
from tests.store.test_migrations import CAPSULE, CAPTURED, ENDED, SAVED, old_database
from tests.test_survival import write_until_killed
from tools.sdk_matrix.flow import Flow

ROOT = Path(__file__).parents[2]
TOKEN = "the-token-of-this-test"
STOP_WITHIN_SECONDS = 2
CONTRACT_SECONDS = 600
SMALL_DISK = 8 << 20
WRITERS = 4
MIB = 1 << 20

BYTE_CODE = """
import json, sys
from importlib.util import cache_from_source
from pathlib import Path
import mock_server.cli, mock_server.client, mock_server.server, uvloop
files = {str(file) for file in Path("/opt/codeocean-mock/lib").rglob("*.py")}
files |= {module.__file__ for module in sys.modules.values() if str(getattr(module, "__file__", "")).endswith(".py")}
print(json.dumps([len(files), [file for file in files if not Path(cache_from_source(file)).exists()]]))
"""
"""How many files are installed or imported from the standard library by the server, and those without byte code."""

Start = Callable[..., AbstractContextManager[Container]]


@pytest.fixture
def start(image: str) -> Start:
    """Starts a container whose control token is known, and waits until it is ready."""

    @contextmanager
    def started(data: Path | None = None, disk: int | None = None, **env: str) -> Iterator[Container]:
        known = {"CODEOCEAN_MOCK_CONTROL_TOKEN": TOKEN} | env
        with engine.running(ContainerOptions(image, env=known, data=data, disk=disk)) as container:
            wait_until_ready(container)
            yield container

    return started


@pytest.fixture
def data() -> Iterator[Path]:
    """A directory of this machine that anybody can write, the container's user among them."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "data"
        place.mkdir()
        Path(folder).chmod(0o755)
        place.chmod(0o777)
        yield place


def wait_until_ready(container: Container, token: str = TOKEN) -> None:
    with Control(container.url, token) as control:
        control.wait_until_ready(PATIENCE)


def token_in(container: Container) -> str:
    """The control token that a container tells when it starts for the first time."""
    end = time.monotonic() + PATIENCE
    while (told := re.search(r"made the control token (\S+) ", container.logs())) is None:
        assert time.monotonic() < end, container.logs()
        time.sleep(0.1)
    return told[1]


def check_health(image: str, container: Container) -> tuple[int, str]:
    """What the health check of the image gives and says."""
    how, *command = engine.config(image)["Healthcheck"]["Test"]
    assert how == "CMD"
    done = container.exec(*command)
    return done.returncode, done.stderr.strip()


def test_what_the_image_says_of_itself(image: str) -> None:
    config = engine.config(image)
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", config["User"])
    assert (config["Entrypoint"], config["Cmd"]) == (["codeocean-mock"], ["serve"])
    assert config["StopSignal"] == "SIGTERM"
    assert list(config["Volumes"]) == ["/data"]
    assert list(config["ExposedPorts"]) == ["8000/tcp"]
    assert config["Healthcheck"]["Test"][:4] == ["CMD", "codeocean-mock", "wait", "--once"]
    assert "CODEOCEAN_MOCK_HOST=0.0.0.0" in config["Env"]
    labels = {name.removeprefix("org.opencontainers.image."): value for name, value in config["Labels"].items()}
    assert (labels["title"], labels["version"], labels["licenses"]) == ("codeocean-mock", __version__, "MIT AND 0BSD")


def test_it_starts_as_it_is_and_tells_its_token_once(image: str) -> None:
    with engine.running(ContainerOptions(image)) as container:
        token = token_in(container)
        wait_until_ready(container, token)
        assert check_health(image, container) == (0, "")
        assert httpx.get(f"{container.url}/_mock/health", timeout=PATIENCE).status_code == 401
        kept = container.exec("stat", "--format=%a %u:%g", "/data/control-token").stdout.split()
        assert kept == ["600", engine.config(image)["User"]]
        with Client(container.url) as client:
            assert client.ask("GET", f"/capsules/{ids.CAPSULE}")["id"] == ids.CAPSULE
        assert container.stop() == 0
        assert container.logs().count(token) == 1
        assert "Traceback" not in container.logs()


def test_nobody_in_it_can_change_it(start: Start) -> None:
    with start() as container:
        assert container.exec("id", "-u").stdout.strip() not in ("", "0")
        assert container.exec("sh", "-c", "cat /proc/1/comm").stdout.strip() == "codeocean-mock"
        for place in ("/", "/opt/codeocean-mock", "/tmp", "/var", "/home"):
            refused = container.exec("touch", f"{place}/x")
            assert refused.returncode != 0
            assert "Read-only file system" in refused.stderr
        assert container.exec("touch", "/data/x").returncode == 0


def test_what_it_is_made_of(start: Start) -> None:
    with start() as container:
        for compiler in ("cc", "gcc", "g++", "make", "ld"):
            assert container.exec("sh", "-c", f"command -v {compiler}").stdout == ""
        files, without_byte_code = json.loads(container.exec("python", "-c", BYTE_CODE).stdout)
        assert files > 1000
        assert without_byte_code == []
        assert "No module named pip" in container.exec("python", "-m", "pip").stderr
        assert container.exec("sh", "-c", "ls -d /src /wheels").stdout == ""


def test_the_official_sdk(start: Start) -> None:
    # No faster: the answer to a new run is to come while it is initializing, on a busy machine too.
    with start(CODEOCEAN_MOCK_TIME_SCALE="10") as container:
        flow = Flow(container.url, "cop_demo_user")
        flow.everything()
        assert len(flow.called) > 10


def test_the_contract(start: Start) -> None:
    if not (ROOT / "contract_tests").is_dir():
        pytest.skip("there are no contract tests in this checkout")
    command = Path(sys.executable).parent / "codeocean-mock"
    with start() as container:
        place = ("--url", container.url, "--control-token", TOKEN)
        run(str(command), "contract", "--quick", "--quiet", *place, seconds=CONTRACT_SECONDS)


def test_a_stop_is_quick_and_loses_nothing(start: Start, data: Path) -> None:
    runs: list[str] = []
    assets: list[str] = []
    enough = threading.Event()
    with start(data) as container:
        waiter = threading.Thread(target=wait_for_nothing, args=(container.url,))
        writers = [
            threading.Thread(target=write_until_killed, args=(container.url, runs, assets, enough))
            for _ in range(WRITERS)
        ]
        for thread in (waiter, *writers):
            thread.start()
        assert enough.wait(PATIENCE)
        begun = time.perf_counter()
        assert container.stop() == 0
        took = time.perf_counter() - begun
        for thread in (waiter, *writers):
            thread.join()
    assert took < STOP_WITHIN_SECONDS
    with start(data) as container, Client(container.url) as client:
        there = {entry["id"] for entry in client.ask("GET", f"/capsules/{ids.CAPSULE}/computations")}
        assert set(runs) <= there
        for key in assets:
            client.ask("GET", f"/data_assets/{key}")


def wait_for_nothing(url: str) -> None:
    """Wait for a request that never comes, until the server breaks it off."""
    wish = {"match": {"operation": "archive_capsule"}, "timeout": "10m"}
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with suppress(httpx.TransportError):
        httpx.post(f"{url}/_mock/worlds/default/journal/wait", json=wish, headers=headers, timeout=PATIENCE)


def test_a_volume_of_an_earlier_image(start: Start, data: Path) -> None:
    path = data / DATABASE_NAME
    connection = sqlite3.connect(path)
    old_database(connection)
    # As if it had been stopped just now.
    connection.execute("UPDATE world SET clock_real = ?", (time.time() - (SAVED - START),))
    connection.commit()
    connection.close()
    path.chmod(0o666)
    with start(data) as container, Client(container.url, "cop_ann") as client:
        run = client.ask("GET", f"/computations/{ENDED}")
        assert (run["state"], run["end_status"]) == ("completed", "succeeded")
        assert bytes_of(client, ENDED, "table.csv") == b"a,b\n1,2\n"
        assert client.ask("GET", f"/data_assets/{CAPTURED}")["provenance"]["computation"] == ENDED
        new = client.ask("POST", "/computations", json={"capsule_id": CAPSULE})["id"]
        there = [entry["id"] for entry in client.ask("GET", f"/capsules/{CAPSULE}/computations")]
        assert {new, ENDED} <= set(there)


def test_a_health_check_that_fails_says_why(image: str, start: Start, data: Path) -> None:
    with start(data) as container:
        assert check_health(image, container) == (0, "")
        data.chmod(0o555)
        assert check_health(image, container) == (
            1,
            "codeocean-mock: the data directory cannot be written: Permission denied",
        )
        data.chmod(0o777)
        assert check_health(image, container) == (0, "")
        container.exec("mv", "/data/default.sqlite", "/data/elsewhere")
        code, why = check_health(image, container)
        assert (code, "has been removed" in why) == (1, True)
        container.exec("mv", "/data/elsewhere", "/data/default.sqlite")
        assert check_health(image, container) == (0, "")
        container.exec("sh", "-c", "echo this was a database > /data/default.sqlite")
        code, why = check_health(image, container)
        assert (code, "is damaged: " in why) == (1, True)


def test_a_full_disk(image: str, start: Start) -> None:
    with start(disk=SMALL_DISK) as container:
        assert check_health(image, container) == (0, "")
        container.exec("dd", "if=/dev/zero", "of=/data/full", "bs=4096")
        assert check_health(image, container) == (
            1,
            "codeocean-mock: the data directory cannot be written: No space left on device",
        )
        container.exec("rm", "/data/full")
        assert check_health(image, container) == (0, "")


def test_figures(image: str, capsys: pytest.CaptureFixture[str]) -> None:
    with engine.running(ContainerOptions(image, env={"CODEOCEAN_MOCK_CONTROL_TOKEN": TOKEN})) as container:
        begun = time.perf_counter()
        wait_until_ready(container)
        healthy = time.perf_counter() - begun
        rollup = container.exec("cat", "/proc/1/smaps_rollup").stdout
    memory = re.search(r"^Rss:\s+(\d+) kB", rollup, re.MULTILINE)
    assert memory, rollup
    size = engine.size(image)
    with capsys.disabled():
        print(f"\n  compressed size  {size / MIB:.0f} MiB, base image included")
        print(f"  time to healthy  {healthy:.1f} s")
        print(f"  idle memory      {int(memory[1]) / 1024:.0f} MiB")
