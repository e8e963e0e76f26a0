"""How a run is carried to its end, whatever becomes of the server, the lease, or the runner. The engine is the one that
is everywhere.
"""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mock_server.runner.capsules import Machine
from mock_server.runner.engines.engine import Task
from mock_server.runner.job import Conditions, Job
from mock_server.runner.options import RunnerOptions
from mock_server.runner.pacing import now
from mock_server.wire.driven import Renewed
from tests.process import PATIENCE
from tests.runner.conftest import MakeJob
from tests.runner.engines import options
from tests.runner.folders import write_capsule
from tests.runner.recording import Recording, work_of
from tests.runner.running import running, until

COUNTING = "for i in 1 2 3 4 5; do echo $i; sleep 0.2; done"
NAP = f"sleep {100_000 + os.getpid()}"
LONG = f"echo begun\n{NAP}\n"


@pytest.fixture
def engine_name() -> str:
    return "process"


def in_thread(job: Job) -> tuple[threading.Thread, list[str]]:
    outcomes: list[str] = []
    thread = threading.Thread(target=lambda: outcomes.append(job.run()))
    thread.start()
    return thread, outcomes


def test_a_server_that_is_away_for_a_while_loses_nothing(tmp_path: Path, make_job: MakeJob) -> None:
    folder = write_capsule(tmp_path / "capsule", f"{COUNTING}\necho r > ../results/r")
    run = Recording(once_lost=["start", "append_log", "put_results", "finish", "finalize", "renew"])
    thread, outcomes = in_thread(make_job(work_of(folder), run))
    until(lambda: run.states)
    run.away = True
    before = run.renewals
    until(lambda: run.renewals >= before + 2)
    run.away = False
    thread.join(PATIENCE)
    assert outcomes == ["exit code 0"]
    assert run.text == "1\n2\n3\n4\n5\n"
    assert run.results == {"r": b"r\n"}
    assert run.finished == {"state": "completed", "exit_code": 0, "end_status": None}


def test_a_run_whose_lease_is_over_is_killed(tmp_path: Path, make_job: MakeJob) -> None:
    folder = write_capsule(tmp_path / "capsule", LONG)
    run = Recording()
    thread, outcomes = in_thread(make_job(work_of(folder, seconds=2.0), run))
    until(lambda: run.log)
    run.away = True
    thread.join(PATIENCE)
    assert outcomes == ["broken off: lost"]
    assert running(NAP) == 0
    assert run.finished is None


@pytest.mark.parametrize("reason", ["stopped", "finished", "deleted", "lost"])
def test_a_run_that_is_not_to_go_on_is_killed(tmp_path: Path, make_job: MakeJob, reason: str) -> None:
    folder = write_capsule(tmp_path / "capsule", LONG)
    run = Recording()
    thread, outcomes = in_thread(make_job(work_of(folder, seconds=3.0), run))
    until(lambda: run.log)
    run.renewed = Renewed.model_validate({"go_on": False, "reason": reason})
    thread.join(PATIENCE)
    assert outcomes == [f"broken off: {reason}"]
    assert running(NAP) == 0
    assert run.finished is None


def test_a_run_that_takes_too_long_is_stopped_with_what_it_has_left(tmp_path: Path, make_job: MakeJob) -> None:
    folder = write_capsule(tmp_path / "capsule", "echo half > ../results/half\n" + LONG)
    run = Recording()
    assert make_job(work_of(folder), run, max_run_time=1.5).run() == "stopped"
    assert run.text == "begun\ncodeocean-mock: the run took longer than 1.5 seconds and was stopped\n"
    assert run.results == {"half": b"half\n"}
    assert run.finished == {"state": "completed", "exit_code": 0, "end_status": "stopped"}
    assert running(NAP) == 0


@pytest.mark.parametrize(("attempt", "given_back"), [(1, True), (2, False)])
def test_when_the_runner_ends_a_run_is_given_back_if_it_may_be_tried_again(
    tmp_path: Path, make_job: MakeJob, attempt: int, given_back: bool
) -> None:
    folder = write_capsule(tmp_path / "capsule", LONG)
    run = Recording()
    job = make_job(work_of(folder, attempt=attempt), run, retries=1)
    thread, outcomes = in_thread(job)
    until(lambda: run.log)
    job.break_off()
    thread.join(PATIENCE)
    assert running(NAP) == 0
    assert run.given_back is given_back
    if given_back:
        assert outcomes == ["given back"]
        assert run.finished is None
    else:
        assert outcomes == ["failed: the runner was stopped"]
        assert run.text == "begun\ncodeocean-mock: the runner was stopped\n"
        assert run.finished == {"state": "failed", "exit_code": None, "end_status": None}


@pytest.mark.parametrize(
    ("mounts", "size", "message"),
    [
        ({"../x": "one"}, 1, "the data asset one cannot be mounted at '../x': not a folder below /data"),
        ({"/etc": "one"}, 1, "the data asset one cannot be mounted at '/etc': not a folder below /data"),
        ({"": "one"}, 1, "the data asset one cannot be mounted at '': not a folder below /data"),
        ({"a": "one", "a/b": "two"}, 1, "two data assets are to be mounted at /data/a and /data/a/b"),
        ({"a": "one"}, 1000, "the data of this run has 1006 bytes, and --max-input allows 999"),
    ],
)
def test_what_cannot_be_mounted_fails_the_run_and_says_so(
    tmp_path: Path, make_job: MakeJob, mounts: dict[str, str], size: int, message: str
) -> None:
    folder = write_capsule(tmp_path / "capsule", LONG, **{"data/local": "local\n"})
    run = Recording()
    assert make_job(work_of(folder, mounts=mounts, size=size), run, max_input=999).run() == "failed"
    assert run.text == f"codeocean-mock: {message}\n"
    assert run.finished == {"state": "failed", "exit_code": None, "end_status": None}
    assert run.states == []


def test_results_that_the_server_cannot_take_yet_are_sent_again_and_the_log_says_why(
    tmp_path: Path, make_job: MakeJob
) -> None:
    run = Recording()
    run.full_disk = 3
    assert make_job(work_of(write_capsule(tmp_path / "capsule", "echo r > ../results/r")), run).run() == "exit code 0"
    assert run.results == {"r": b"r\n"}
    reason = "the file cannot be written: No space left on device"
    assert run.text == f"codeocean-mock: the results are not taken yet: {reason}; trying again\n"


def test_a_folder_that_is_not_there_fails_the_run_and_says_so(tmp_path: Path, make_job: MakeJob) -> None:
    run = Recording()
    assert make_job(work_of(tmp_path / "none"), run).run() == "failed"
    assert run.text == f"codeocean-mock: the capsule's folder is not on this machine: {tmp_path}/none\n"


class EndedEngine:
    """An engine that is ended while a run is prepared."""

    name = "ended"
    note = None

    def machine(self) -> Machine:
        return Machine(1, 2**30)

    def execution(self, task: Task, check: Callable[[], None]) -> Any:
        raise ConnectionResetError("the engine is gone")


def test_an_engine_that_is_gone_fails_the_run_and_says_so(tmp_path: Path) -> None:
    folder = write_capsule(tmp_path / "capsule", LONG)
    run: Any = Recording()
    engine: Any = EndedEngine()
    conditions = Conditions(engine, options(tmp_path), RunnerOptions(name="runner"), engine.machine())
    assert Job(work_of(folder), now(), run, run, run, conditions).run() == "failed"
    assert run.text == "codeocean-mock: the runner could not go on: ConnectionResetError: the engine is gone\n"
    assert run.finished == {"state": "failed", "exit_code": None, "end_status": None}


def test_a_log_is_never_held_as_a_whole(tmp_path: Path, make_job: MakeJob) -> None:
    folder = write_capsule(tmp_path / "capsule", "yes 0123456789abcdef | head -n 300000")
    run = Recording()
    assert make_job(work_of(folder), run).run() == "exit code 0"
    assert run.text == "0123456789abcdef\n" * 300_000
