"""Runners and servers that are killed with -9. RUNNER_SOAK=yes runs the long form (`make runner-soak`)."""

import os
import random
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

from tests.runner.engines import ENGINES, left_in_docker, require
from tests.runner.fleet import Fleet
from tests.runner.folders import write_capsule
from tests.runner.running import gone, running, until

pytestmark = pytest.mark.slow

LONG = bool(os.environ.get("RUNNER_SOAK"))
VICTIMS = ("server", "runner", "both")
ROUNDS = 20 if LONG else 2
MANY = 60 if LONG else 12
LEASE = "20s" if LONG else "6s"
"""Long enough for a busy machine to renew it in time, and for a server to be started again in the long form."""

SLEEP = f"sleep 0.2{os.getpid():07}"
"""A command that no script of another engine executes, whose test runs beside this one."""

WORKING = f"""
echo "begun $1"
for i in 1 2 3 4 5 6 7 8 9; do echo "$1 line $i"; {SLEEP}; done
head -c 300000 /dev/zero | tr '\\0' x > ../results/large
echo "$1" > ../results/word
echo ended
"""


def whole_log(word: str) -> bytes:
    lines = "".join(f"{word} line {number}\n" for number in range(1, 10))
    return f"begun {word}\n{lines}ended\n".encode()


@pytest.fixture(params=ENGINES if LONG else ["process"])
def options(request: pytest.FixtureRequest, tmp_path: Path) -> list[str]:
    return ["--engine", request.param, *require(request.param, tmp_path), "--slots", "4", "--lease", LEASE]


def test_whatever_is_killed_every_run_ends_in_a_true_state(tmp_path: Path, options: list[str]) -> None:
    chance = random.Random(5)
    folder = write_capsule(tmp_path / "capsule", WORKING)
    words: dict[str, str] = {}
    acknowledged: dict[str, bytes] = {}
    with Fleet(tmp_path, folder, *options) as fleet:
        fleet.start_runner(0)
        for number, victim in enumerate(islice(VICTIMS * ROUNDS, ROUNDS)):
            begun = []
            for at in range(3):
                words[key := fleet.begin(f"word-{number}-{at}")] = f"word-{number}-{at}"
                begun.append(key)
            moment = chance.randrange(1, len(whole_log("word-0-0")))
            until(lambda begun=begun, moment=moment: any(len(fleet.log(key)) >= moment for key in begun))  # type: ignore[misc]
            acknowledged |= {key: fleet.log(key) for key in words}
            if victim != "server":
                fleet.kill_runner(0)
            if victim != "runner":
                fleet.kill_server()
                fleet.start_server()
            if victim != "server":
                fleet.start_runner(0)
        ended = fleet.wait(list(words))
        for key, run in ended.items():
            log = fleet.file(key, "output") or b""
            assert log.startswith(acknowledged[key])
            assert log.count(b"begun") <= 1
            if run["state"] == "completed":
                assert (run["end_status"], run["exit_code"]) == ("succeeded", 0)
                assert log == whole_log(words[key])
                assert fleet.file(key, "large") == b"x" * 300_000
                assert fleet.file(key, "word") == words[key].encode() + b"\n"
            else:
                assert log.endswith(b"codeocean-mock: runner runner-0 was lost\n")
        states = Counter(run["state"] for run in ended.values())
        assert states["completed"] >= len(words) // 4, states
        fleet.end_runner(0)
        assert not running(SLEEP)
        assert list(fleet.work.iterdir()) == []
        assert left_in_docker(tmp_path) == []


@pytest.mark.parametrize("killing", [False, True], ids=["all-live", "one-is-killed"])
def test_each_run_is_executed_once(tmp_path: Path, killing: bool) -> None:
    outside = tmp_path / "outside"
    folder = write_capsule(tmp_path / "capsule", f'echo "$1" >> {outside}\nsleep 0.1\necho done')
    with Fleet(tmp_path, folder, "--engine", "process", "--slots", "4", "--lease", LEASE) as fleet:
        for number in range(2):
            fleet.start_runner(number)
        words = {fleet.begin(f"word-{number}"): f"word-{number}" for number in range(MANY)}
        if killing:
            until(lambda: outside.exists() and len(outside.read_text().splitlines()) >= MANY // 3)
            fleet.kill_runner(1)
            fleet.start_runner(1)
        ended = fleet.wait(list(words))
        executed = Counter(outside.read_text().splitlines())
        assert max(executed.values()) == 1
        completed = [key for key, run in ended.items() if run["state"] == "completed"]
        assert all(executed[words[key]] == 1 and ended[key]["exit_code"] == 0 for key in completed)
        assert len(completed) >= MANY - 4 * killing


@pytest.mark.parametrize("options", ENGINES, indirect=True)
def test_nothing_outlives_a_runner_that_is_killed(tmp_path: Path, options: list[str]) -> None:
    mark = tmp_path.name
    napping = f"exec -a {mark} sleep 300000"
    folder = write_capsule(tmp_path / "capsule", f"(setsid bash -c '{napping}' &)\n{napping}")
    with Fleet(tmp_path, folder, *options, "--retries", "9") as fleet:
        fleet.start_runner(0)
        key = fleet.begin()
        until(lambda: not gone(mark))
        fleet.kill_runner(0)
        until(lambda: gone(mark))
        assert [path.name[:7] for path in fleet.work.iterdir()] == ["runner-"]
        # It is tried again, once its lease has lapsed; what the dead one has left is removed before.
        write_capsule(folder, "echo again")
        fleet.start_runner(0)
        run = fleet.wait([key])[key]
        assert (run["state"], run["exit_code"]) == ("completed", 0)
        assert (fleet.file(key, "output") or b"").endswith(b"the run is offered again\nagain\n")
        assert len(list(fleet.work.iterdir())) == 1
        fleet.end_runner(0)
        assert left_in_docker(tmp_path) == []
