"""Driven runs that runners claim: by lease, in real time."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mock_server import MockCodeOcean
from mock_server.client import CodeOceanWorld, ControlError
from mock_server.wire.driven import Renewed, Work
from tests import ids
from tests.control.test_driven_runs import DRIVEN
from tests.process import until

SHORT = 1
"""Seconds of a lease that is to lapse."""


@pytest.fixture(scope="module")
def server() -> Iterator[MockCodeOcean]:
    with MockCodeOcean(random_seed=7) as server:
        yield server


@pytest.fixture
def world(server: MockCodeOcean, request: pytest.FixtureRequest) -> Iterator[CodeOceanWorld]:
    world = server.new_world(f"w{abs(hash(request.node.name))}", random_seed=7, clock={"mode": "frozen"})
    world.control.load_scenarios(DRIVEN)
    yield world
    world.control.delete()
    world.close()


def start(world: CodeOceanWorld, capsule: str = ids.CAPSULE, **params: Any) -> str:
    from codeocean.computation import RunParams

    run: str = world.client.computations.run_capsule(RunParams(capsule_id=capsule, **params)).id
    return run


def claim(server: MockCodeOcean, world: CodeOceanWorld, **how: Any) -> Work | None:
    return server.control.claim("a-runner", world=world.name, **how)


def state(world: CodeOceanWorld, run: str) -> str:
    return str(world.client.computations.get_computation(run).state.value)


def test_the_oldest_run_comes_first_and_each_once(server: MockCodeOcean, world: CodeOceanWorld) -> None:
    runs = []
    for _ in range(3):
        runs.append(start(world))
        world.control.advance(1)
    claimed = [claim(server, world) for _ in range(4)]
    assert [work.id if work else None for work in claimed] == [*runs, None]
    assert len({work.lease for work in claimed if work}) == 3


def test_what_the_work_says(server: MockCodeOcean, world: CodeOceanWorld) -> None:
    from codeocean.computation import DataAssetsRunParam

    run = start(world, ids.ORDERED, parameters=["$(touch x)", ""], data_assets=[DataAssetsRunParam(ids.IRIS, "iris")])
    work = claim(server, world, lease=45)
    assert work is not None
    assert (work.id, work.world, work.kind, work.capsule_id) == (run, world.name, "capsule", ids.ORDERED)
    assert (work.seconds, work.attempt, work.log_length, work.folder) == (45, 1, 0, None)
    assert work.arguments[0] == "--read_length=$(touch x)"
    [asset] = [one for one in work.data_assets if one.id == ids.IRIS]
    assert (asset.mount, asset.files > 0, asset.size > 0) == ("iris", True, True)
    assert world.computation(run).plan().runner == "a-runner"


def test_only_what_is_asked_for(server: MockCodeOcean, world: CodeOceanWorld) -> None:
    run = start(world)
    assert claim(server, world, capsules=[ids.SLOW]) is None
    assert claim(server, world, folders=True) is None
    work = claim(server, world, capsules=[ids.SLOW, ids.CAPSULE])
    assert work is not None
    assert work.id == run


def test_a_claim_waits_for_work(server: MockCodeOcean, world: CodeOceanWorld) -> None:
    found: list[Work | None] = []
    waiting = threading.Thread(target=lambda: found.append(claim(server, world, wait=50)))
    waiting.start()
    run = start(world)
    waiting.join()
    assert [work.id if work else None for work in found] == [run]


def test_of_many_who_claim_one_gets_it(server: MockCodeOcean, world: CodeOceanWorld) -> None:
    runs = {start(world) for _ in range(12)}
    found: list[str] = []

    def work() -> None:
        while (work := claim(server, world)) is not None:
            found.append(work.id)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(runs)


def test_the_runner_drives_it_and_nobody_else_with_a_lease(server: MockCodeOcean, world: CodeOceanWorld) -> None:
    run = start(world)
    work = claim(server, world)
    assert work is not None
    mine = server.control.driving(work)
    assert mine.start().state == "running"
    others = world.control.computation(run, lease="another")
    tells: list[Callable[[], object]] = [
        others.finalize,
        others.finish,
        lambda: others.append_log("x"),
        lambda: others.put_result("a", "x"),
        others.give_back,
    ]
    for tell in tells:
        with pytest.raises(ControlError) as problem:
            tell()
        assert problem.value.status == 409
    assert mine.append_log("line\n", offset=0) == 5
    mine.finish(exit_code=2, results={"a.csv": "1\n"})
    assert mine.finish(exit_code=2).state == "completed"
    assert world.client.computations.get_computation(run).exit_code == 2


def test_what_a_renewal_tells(server: MockCodeOcean, world: CodeOceanWorld) -> None:
    told = []
    for end in ("stop", "finish", "delete", "lose"):
        run = start(world)
        work = claim(server, world)
        assert work is not None
        mine = server.control.driving(work)
        assert mine.renew(60) == Renewed(go_on=True)
        if end == "stop":
            world.computation(run).stop()
        elif end == "finish":
            world.computation(run).finish()
        elif end == "delete":
            world.client.computations.delete_computation(run)
        else:
            mine = world.control.computation(run, lease="another")
        told.append((end, mine.renew(60)))
    assert told == [
        ("stop", Renewed(go_on=False, reason="stopped")),
        ("finish", Renewed(go_on=False, reason="finished")),
        ("delete", Renewed(go_on=False, reason="deleted")),
        ("lose", Renewed(go_on=False, reason="lost")),
    ]


def test_what_is_given_back_is_handed_out_again(server: MockCodeOcean, world: CodeOceanWorld) -> None:
    run = start(world)
    first = claim(server, world)
    assert first is not None
    mine = server.control.driving(first)
    mine.start()
    mine.append_log("half a line")
    mine.put_result("half", "x")
    mine.give_back()
    with pytest.raises(ControlError, match="the lease has lapsed, or is another's"):
        mine.finish()
    second = claim(server, world)
    assert second is not None
    assert (second.id, second.attempt) == (run, 2)
    log = world.computation(run).log()
    assert log == b"half a line\ncodeocean-mock: runner a-runner gave the run back; the run is offered again\n"
    assert second.log_length == len(log)
    assert state(world, run) == "running"
    server.control.driving(second).finish()
    assert [item.name for item in world.client.computations.list_computation_results(run).items] == ["output"]


def test_the_run_of_a_lost_runner_fails_as_on_a_lost_machine(server: MockCodeOcean, world: CodeOceanWorld) -> None:
    run = start(world)
    work = claim(server, world, lease=SHORT)
    assert work is not None
    server.control.driving(work).put_result("half", "x")
    until(lambda: state(world, run) == "failed")
    shown = world.client.computations.get_computation(run)
    assert (shown.end_status, shown.exit_code, shown.has_results) == (None, None, False)
    assert [item.name for item in world.client.computations.list_computation_results(run).items] == ["output"]
    assert world.computation(run).log() == b"codeocean-mock: runner a-runner was lost\n"
    assert server.control.driving(work).renew(60) == Renewed(go_on=False, reason="finished")
    assert claim(server, world) is None


def test_a_lost_runner_with_retries(server: MockCodeOcean, world: CodeOceanWorld) -> None:
    run = start(world)
    attempts = []
    for _ in range(3):
        work = claim(server, world, lease=SHORT, retries=2, wait=50)
        assert work is not None
        attempts.append(work.attempt)
    assert attempts == [1, 2, 3]
    until(lambda: state(world, run) == "failed")


def test_a_clock_that_stands_or_jumps_lets_no_lease_lapse(server: MockCodeOcean, world: CodeOceanWorld) -> None:
    run = start(world)
    work = claim(server, world, lease=3000)
    assert work is not None
    world.control.advance("1000h")
    assert state(world, run) == "initializing"
    assert server.control.driving(work).renew(3000).go_on


def test_files_of_a_data_asset_come_as_a_tar(world: CodeOceanWorld) -> None:
    import io
    import tarfile

    packed = io.BytesIO()
    size = world.data_asset(ids.IRIS).download(packed)
    assert size == packed.tell()
    packed.seek(0)
    asset = world.client.data_assets.get_data_asset(ids.IRIS)
    with tarfile.open(fileobj=packed) as tar:
        files = [member.size for member in tar]
    assert (len(files), sum(files)) == (asset.files, asset.size)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"lease": 0}, "lease"),
        ({"lease": "2h"}, "lease"),
        ({"wait": 61}, "wait"),
        ({"retries": -1}, "retries"),
    ],
)
def test_claims_that_cannot_be(server: MockCodeOcean, fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(ControlError, match=reason):
        server.control.claim("r", **fields)


def test_a_world_that_is_not_there(server: MockCodeOcean) -> None:
    with pytest.raises(ControlError, match="there is no world called nowhere") as problem:
        server.control.claim("r", world="nowhere", wait=5)
    assert problem.value.status == 404
