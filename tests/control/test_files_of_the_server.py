"""Files of the server's machine that the control plane names, seeds and folders of scenarios: regular ones alone, of a
limited size, from the folders that the operator allows, and nothing is told of what is in others.
"""

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from mock_server.documents import problems, scenario_file
from tests import ids
from tests.conftest import USER, Client
from tests.control.conftest import Plane, World, bytes_of, ended, names_of, serving, started
from tests.process import PATIENCE
from tests.process import started as started_command
from tests.ui.conftest import Browser

SEED = "version: 1\nusers: [{id: u1, email: a@b, name: A}]\ntokens: [{token: cop_mine, user: a@b}]\n"
SCENARIO = "version: 1\nscenarios: [{name: mine, directory: %s}]"
TOKEN = "token-of-the-test"
NOT_ALLOWED = "cannot be read: not in a folder that --seed-dir allows"


def make(plane: Plane, seed: str | Path, status: int = 201) -> Any:
    """Make a world of a seed; its message when it is refused."""
    answer = plane.ask("POST", "/worlds", status, json={"name": "w", "seed": str(seed), "replace": True})
    return answer if status == 201 else answer["message"]


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


@pytest.mark.parametrize("seed", ["/dev/zero", "/dev/random", "/dev/tty", "/", "/proc", "pipe", "/proc/self/fd/0"])
def test_a_seed_that_is_no_regular_file_is_refused_at_once(still: Plane, pipe: Path, seed: str) -> None:
    """A pipe once held up the server for good, and a device filled its memory."""
    found = make(still, pipe if seed == "pipe" else seed, 400)
    assert found.startswith("seed ")
    assert "cannot be read: " in found
    still.ask("GET", "/health")


def test_a_file_that_tells_no_size_is_read_no_further_than_the_limit(still: Plane, monkeypatch: Any) -> None:
    monkeypatch.setattr(problems, "MAX_BYTES", 100)
    assert Path("/proc/self/status").stat().st_size == 0
    assert make(still, "/proc/self/status", 400).endswith("cannot be read: larger than 100 bytes")


def test_a_seed_that_is_too_large_is_not_read(still: Plane, tmp_path: Path) -> None:
    seed = tmp_path / "large.yaml"
    with seed.open("wb") as file:
        file.truncate(problems.MAX_BYTES + 1)
    assert make(still, seed, 400).endswith("cannot be read: larger than 134217728 bytes")


@pytest.mark.parametrize(
    "text",
    ["secret", "secret: secret", "- secret", "secret: [", "secret: secret: secret", "root:x:0:0:secret\nuser:secret",
     "version: secret\nusers: secret\ntokens: secret", "version: 2\nusers: 1\ntokens: 2\nsecret: 3", "!secret x",
     "secret: 1\nsecret: 2", "*secret", "{version: 1, users: [], secret: secret}", "'secret", "\x01secret",
     "version: '3'\nservices: {secret: {environment: secret}}", "x" * 400 + "secret"],
)  # fmt: skip
@pytest.mark.parametrize("ending", ["\n", "\n\xff"], ids=["text", "bytes"])
def test_nothing_is_told_of_a_file_that_is_not_a_seed(still: Plane, tmp_path: Path, text: str, ending: str) -> None:
    file = tmp_path / "other"
    file.write_bytes((text + ending).encode("latin-1"))
    answer = still.request("POST", "/worlds", json={"name": "w", "seed": str(file)})
    assert answer.status_code == 400
    assert "secret" not in answer.text
    assert len(answer.json().get("problems", [""])) == 1


def test_seeds_and_folders_of_the_own_machine_are_read_without_a_token(
    own: World, user: Client, tmp_path: Path
) -> None:
    (tmp_path / "own.yaml").write_text(SEED)
    assert make(own.plane, tmp_path / "own.yaml")["seed"] == str(tmp_path / "own.yaml")
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.txt").write_text("here")
    own.load(
        "version: 1\nscenarios: [{name: mine, when: {name: '*'}, directory: files}]",
        params={"source": str(tmp_path / "own.yaml")},
    )
    run = started(user)
    ended(user, own, run)
    assert bytes_of(user, run, "a.txt") == b"here"
    assert "a.txt" in names_of(user, run)


class Allowed:
    """A server whose control plane may have some files read, and files in and outside of these folders."""

    def __init__(self, plane: Plane, folder: Path) -> None:
        self.plane, self.folder = plane, folder
        self.inside, self.outside = folder / "inside", folder / "outside"


@pytest.fixture(params=["with a token", "without a token"])
def allowed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Allowed]:
    guarded = request.param == "with a token"
    for name in ("inside/deep/files", "outside/files", "own"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "seed.yaml").write_text(SEED)
        (tmp_path / name / "secret.txt").write_text("secret")
    (tmp_path / "inside/link.yaml").symlink_to(tmp_path / "outside/files/seed.yaml")
    (tmp_path / "inside/linked").symlink_to(tmp_path / "outside/files")
    (tmp_path / "inside/back.yaml").symlink_to(tmp_path / "inside/deep/files/seed.yaml")
    chosen: dict[str, Any] = {"seed_dirs": (tmp_path / "inside", tmp_path / "nowhere")}
    for plane in serving(control_token=TOKEN if guarded else None, seed=str(tmp_path / "own/seed.yaml"), **chosen):
        plane.headers["Authorization"] = f"Bearer {TOKEN}"
        yield Allowed(plane, tmp_path)


def test_seeds_come_from_the_folders_that_are_allowed(allowed: Allowed) -> None:
    for seed in ("inside/deep/files/seed.yaml", "inside/back.yaml", "inside/../inside/deep/files/seed.yaml"):
        make(allowed.plane, allowed.folder / seed)
    for seed in (
        "outside/files/seed.yaml", "inside/link.yaml", "inside/linked/seed.yaml", "inside/../outside/files/seed.yaml",
        "outside/files/not-there.yaml", "inside", "outside/files", "own/secret.txt",
    ):  # fmt: skip
        where = "cannot be read: not a regular file" if seed == "inside" else NOT_ALLOWED
        assert make(allowed.plane, allowed.folder / seed, 400) == f"seed {allowed.folder / seed}: line 1: {where}"
    for seed in ("demo", "empty"):
        make(allowed.plane, seed)


def test_the_servers_own_seed_is_read_wherever_it_is(allowed: Allowed) -> None:
    make(allowed.plane, allowed.folder / "own/seed.yaml")
    allowed.plane.ask("POST", "/worlds/default/reset")
    allowed.plane.ask("POST", "/worlds/w/reset")


def test_folders_of_scenarios_come_from_the_folders_that_are_allowed(allowed: Allowed) -> None:
    def load(source: str, directory: str) -> httpx.Response:
        params = {"source": str(allowed.folder / source)}
        return allowed.plane.put("/worlds/default/scenarios", content=SCENARIO % directory, params=params)

    assert load("inside/own.yaml", "deep/files").status_code == 200
    for directory in ("linked", "../outside/files", str(allowed.outside), "deep/../../outside", "/etc", "/"):
        answer = load("inside/own.yaml", directory)
        assert answer.status_code == 400
        assert answer.json()["problems"][0]["message"] == (
            f"{directory} cannot be used: not in a folder that --seed-dir allows"
        )
    # A link to a single file is not followed either.
    (allowed.inside / "deep/files/linked.txt").symlink_to(allowed.outside / "files/secret.txt")
    assert "not in a folder" in load("inside/own.yaml", "deep/files").json()["message"]


def test_the_folders_of_a_seeds_scenarios_too(allowed: Allowed) -> None:
    for directory, status in (("deep/files", 201), ("../outside/files", 400)):
        (allowed.inside / "seed.yaml").write_text(f"{SEED}scenarios: [{{name: mine, directory: {directory}}}]")
        make(allowed.plane, allowed.inside / "seed.yaml", status)


def test_with_a_token_no_file_is_read_unless_a_folder_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "seed.yaml").write_text(SEED)
    for plane in serving(control_token=TOKEN):
        plane.headers["Authorization"] = f"Bearer {TOKEN}"
        assert make(plane, tmp_path / "seed.yaml", 400).endswith(NOT_ALLOWED)
        assert make(plane, "/etc/passwd", 400).endswith(NOT_ALLOWED)
        text = SCENARIO % tmp_path
        assert "not in a folder" in plane.put("/worlds/default/scenarios", content=text).json()["message"]
        make(plane, "empty")


def test_the_dashboard_reads_no_more_than_the_control_plane(tmp_path: Path) -> None:
    (tmp_path / "allowed").mkdir()
    (tmp_path / "seed.yaml").write_text(SEED)
    for plane in serving(seed_dirs=(tmp_path / "allowed",)):
        with Browser(plane.url) as browser:
            page = browser.submit(browser.page("/worlds"), "/worlds/make", 400, name="w", seed=tmp_path / "seed.yaml")
            assert "not in a folder that --seed-dir allows" in page.text
            page = browser.submit(browser.page("/world"), "/scenarios", 400, text=SCENARIO % tmp_path)
            assert "not in a folder that --seed-dir allows" in page.text


def test_a_folder_is_walked_no_further_than_the_limit(own: World, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(scenario_file, "MAX_ENTRIES", 50)
    for number in range(60):
        (tmp_path / str(number)).mkdir()
    answer = own.ask("PUT", "/scenarios", 400, content=SCENARIO % tmp_path)
    assert "it holds more than 50 files and folders" in answer["message"]


def test_a_folder_with_a_pipe_in_it_holds_nothing_up(own: World, pipe: Path) -> None:
    (pipe.parent / "a.txt").write_text("here")
    own.load(SCENARIO % pipe.parent)


def test_files_that_tell_no_size_are_read_no_further_than_the_limit(own: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(scenario_file, "MAX_BYTES", 100)
    assert "cannot be used: " in own.ask("PUT", "/scenarios", 400, content=SCENARIO % "/proc/self/net")["message"]


def test_others_are_answered_while_a_file_is_read(still: Plane, tmp_path: Path, monkeypatch: Any) -> None:
    """Reading waits for the disk; the event loop does not."""
    (tmp_path / "own.yaml").write_text(SEED)
    reading, go_on = threading.Event(), threading.Event()
    text_of = problems.text_of

    def slow(*given: Any) -> str:
        reading.set()
        assert go_on.wait(PATIENCE)
        return text_of(*given)

    monkeypatch.setattr(problems, "text_of", slow)
    maker = threading.Thread(target=make, args=(still, tmp_path / "own.yaml"))
    maker.start()
    try:
        assert reading.wait(PATIENCE)
        still.ask("GET", "/health")
        with Client(still.url, USER) as client:
            client.ask("GET", f"/capsules/{ids.CAPSULE}")
    finally:
        go_on.set()
        maker.join()
    assert still.ask("GET", "/worlds/w")["counts"]["capsules"] == 0
    still.ask("DELETE", "/worlds/w", 204)


@pytest.mark.slow
def test_the_command_takes_several_folders(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "seed.yaml").write_text(SEED)
    one, two = str(tmp_path / "a"), str(tmp_path / "b")
    with started_command("--in-memory", "--seed-dir", one, "--seed-dir", two) as server, Plane(server.url) as plane:
        for name, status in (("a", 201), ("b", 201), ("c", 400)):
            make(plane, tmp_path / name / "seed.yaml", status)
    folders = f"{one}{os.pathsep}{two}"
    with started_command("--in-memory", CODEOCEAN_MOCK_SEED_DIR=folders) as server, Plane(server.url) as plane:
        for name, status in (("a", 201), ("b", 201), ("c", 400)):
            make(plane, tmp_path / name / "seed.yaml", status)
