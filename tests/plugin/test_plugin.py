"""The plugin in sessions of its own: worlds of tests, the marker, options, failures."""

import re
from pathlib import Path

import pytest

from mock_server.client import Control
from tests.plugin.sessions import session
from tests.process import started

RUN = """
from codeocean.computation import RunParams

def run(world):
    return world.client.computations.run_capsule(RunParams(capsule_id="1d8288da-0785-4e4f-aa37-2d1db3636bc4"))
"""

IDS = (
    RUN
    + """
def test_one(codeocean_world):
    note(test="one", id=run(codeocean_world).id, world=codeocean_world.name)

def test_two(codeocean_world):
    note(test="two", id=run(codeocean_world).id, world=codeocean_world.name)
"""
)


@pytest.mark.slow
def test_ids_belong_to_the_test(tmp_path: Path) -> None:
    first = session(tmp_path, IDS)
    assert first.outcomes == {"passed": 2}, first.out
    ids = {str(noted["test"]): noted["id"] for noted in first.noted}
    assert ids["one"] != ids["two"]
    again = session(tmp_path, IDS, "-k", "test_two")
    assert {str(noted["test"]): noted["id"] for noted in again.noted} == {"two": ids["two"]}


ALL_AT_ONCE = (
    RUN
    + """
import pytest

@pytest.mark.parametrize("number", range(60))
def test_world(codeocean_world, number):
    world, control = codeocean_world, codeocean_world.control
    control.freeze()
    start = control.clock().now
    control.set_fault(operation="get_computation", nth=number % 3 + 1, status=503, name=f"fault-{number}")
    runs = [run(world) for _ in range(number % 4 + 1)]
    control.advance(3600 + number)
    answers = []
    for _ in range(3):
        try:
            answers.append(world.client.computations.get_computation(runs[0].id).state.value)
        except Exception as problem:
            answers.append(problem.status_code)
    expected = ["completed"] * 3
    expected[number % 3] = 503
    assert answers == expected
    info = control.info()
    assert info.counts.requests == len(runs) + 3
    assert [fault.name for fault in control.faults()] == [f"fault-{number}"]
    assert control.clock().now == start + 3600 + number
    assert {entry.entity for entry in control.journal(operation="get_computation").requests} == {runs[0].id}
    note(url=world.url, world=world.name, counted=info.counts.computations - len(runs))
"""
)


@pytest.mark.slow
def test_sixty_worlds_at_once(tmp_path: Path) -> None:
    done = session(tmp_path, ALL_AT_ONCE, "-n", "2")
    assert done.outcomes == {"passed": 60}, done.out[-3000:]
    assert len({noted["url"] for noted in done.noted}) == 1
    assert len({noted["world"] for noted in done.noted}) == 60
    assert len({noted["counted"] for noted in done.noted}) == 1, "a world holds another's runs"
    assert len(list((tmp_path / "notes").iterdir())) == 2, "both workers had some"


@pytest.mark.slow
@pytest.mark.parametrize("options", [("-n", "0"), ("-p", "no:xdist"), ("-n", "2", "--dist", "loadscope")], ids=" ".join)
def test_other_ways_to_run(tmp_path: Path, options: tuple[str, ...]) -> None:
    done = session(tmp_path, IDS, *options)
    assert done.outcomes == {"passed": 2}, done.out


@pytest.mark.slow
def test_a_worker_that_crashes_is_replaced_by_one_with_the_same_server(tmp_path: Path) -> None:
    crash = IDS + "def test_zero(codeocean_world):\n    os._exit(1)\n"
    done = session(tmp_path, crash, "-n", "1")
    assert done.outcomes == {"failed": 1, "passed": 2}, done.out


def test_nothing_is_started_for_tests_that_do_not_ask(tmp_path: Path) -> None:
    quiet = """
import sys

def test_it():
    note(loaded=sorted({"fastapi", "httpx", "sqlmodel", "codeocean"} & set(sys.modules)))
"""
    done = session(tmp_path, quiet, "-p", "no:schemathesis", "-p", "no:anyio")
    assert done.outcomes == {"passed": 1}, done.out
    assert done.noted == [{"loaded": []}]


@pytest.mark.slow
def test_the_marker_says_what_the_world_is_like(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("version: 1\nusers: []\ntokens: []\n")
    (tmp_path / "scenarios.yaml").write_text("version: 1\nscenarios: [{name: mine, like: fails}]\n")
    done = session(
        tmp_path,
        """
import pathlib, pytest
pytestmark = pytest.mark.codeocean(random_seed=5, clock="frozen")

FAULT = {"operation": "run_capsule", "close": True}

@pytest.mark.codeocean(seed="empty", scenarios=pathlib.Path("scenarios.yaml"), faults=[FAULT])
def test_both(codeocean_world):
    info = codeocean_world.control.info()
    note(seed=info.seed, random_seed=info.random_seed, mode=info.clock.mode, capsules=info.counts.capsules,
         scenarios=[one.name for one in codeocean_world.control.scenarios().scenarios],
         faults=[one.spec.operation for one in codeocean_world.control.faults()])

@pytest.mark.codeocean(seed="own.yaml")
def test_a_file_beside_the_test(codeocean_world):
    note(seed=pathlib.Path(codeocean_world.control.info().seed).name)

@pytest.mark.codeocean(random_seed=None, clock=None, faults=None)
def test_what_is_none_is_as_without_a_marker(codeocean_world):
    info = codeocean_world.control.info()
    note(mode=info.clock.mode, other_seed=info.random_seed != 5)
""",
    )
    assert done.outcomes == {"passed": 3}, done.out
    assert done.noted == [
        {
            "seed": "empty",
            "random_seed": 5,
            "mode": "frozen",
            "capsules": 0,
            "scenarios": ["mine"],
            "faults": ["run_capsule"],
        },
        {"seed": "own.yaml"},
        {"mode": "wall", "other_seed": True},
    ]


WRONG_MARKERS = {
    "sed=3": "takes seed, snapshot, random_seed, clock, scenarios, faults, by name; not sed",
    "'empty'": "by name; not 'empty'",
    "seed='nope.yaml'": "nope.yaml",
    "clock='backwards'": "clock.mode",
    "random_seed='x'": "random_seed",
    "snapshot='gone'": "gone",
    "scenarios='scenarios: [{nam: x}]'": "nam",
    "faults=[{'operation': 'run_capsul', 'status': 500}]": "run_capsul",
    "faults='get_capsule'": "takes a list of faults",
    "faults=['get_capsule']": "'get_capsule' is no fault",
    "seed=3": "seed: must be text",
}


@pytest.mark.slow
def test_a_marker_that_cannot_be_followed_fails_in_one_line(tmp_path: Path) -> None:
    tests = [
        f"@pytest.mark.codeocean({marker})\ndef test_{number}_(codeocean_world): pass\n"
        for number, marker in enumerate(WRONG_MARKERS)
    ]
    done = session(tmp_path, "import pytest\n" + "".join(tests))
    assert done.outcomes == {"error": len(WRONG_MARKERS)}, done.out
    _, *failures = re.split(r"^_+ ERROR at setup of test_\d+_ _+$", done.out, flags=re.MULTILINE)
    for failure, message in zip(failures, WRONG_MARKERS.values(), strict=True):
        assert message in failure.partition("short test summary")[0]
    assert "Traceback" not in done.out
    assert "pytest_plugin.py" not in done.out


@pytest.mark.slow
@pytest.mark.parametrize("fixture", ["codeocean_fast_wait", "codeocean_world"])
def test_without_the_sdk(tmp_path: Path, fixture: str) -> None:
    (tmp_path / "conftest.py").write_text("import sys\nsys.modules['codeocean'] = None\n")
    done = session(tmp_path, f"def test_it({fixture}):\n    {fixture}.client\n")
    assert "the official SDK" in done.out
    assert "pip install codeocean" in done.out
    assert done.outcomes in ({"error": 1}, {"failed": 1})


@pytest.mark.slow
def test_a_server_that_runs_already(tmp_path: Path) -> None:
    tests = IDS + "def test_gone(codeocean_world):\n    codeocean_world.control.delete()\n"
    with started("--in-memory") as server:
        for options in ((), ("-n", "2")):
            done = session(tmp_path, tests, "--codeocean-url", server.url, *options)
            assert done.outcomes == {"passed": 3}, done.out
        with Control(server.url) as control:
            assert [world.name for world in control.worlds()] == ["default"]


ALLOWED = """
import httpx
import pytest


@pytest.mark.parametrize("number", range(2))
def test_it(codeocean_server, number):
    for host, status in (("codeocean.test", 200), ("other.test", 403)):
        assert httpx.get(f"{codeocean_server.url}/docs", headers={"Host": host}).status_code == status
"""


@pytest.mark.slow
@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_the_server_answers_to_names_that_were_allowed(tmp_path: Path, workers: tuple[str, ...]) -> None:
    done = session(tmp_path, ALLOWED, "--codeocean-allow-host-name", "codeocean.test", *workers)
    assert done.outcomes == {"passed": 2}, done.out


def test_a_host_name_that_cannot_be_one(tmp_path: Path) -> None:
    done = session(tmp_path, "def test_it(codeocean_server): ...", "--codeocean-allow-host-name", "http://x")
    why = 'not a host name: "http://x"; write a name without scheme and port, or *'
    assert done.out == f"ERROR: --codeocean-allow-host-name: {why}\n\n"
