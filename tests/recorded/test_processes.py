"""Processes of a pipeline's runs, as recorded answers of the real service show them: from a Go map, without what is
not there.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests import ids
from tests.conftest import Client, Server
from tests.control.conftest import Plane

LOOKS = 40
"""Two processes are in one order twice as often as not: never all of these times."""

GIVEN = [{"name": "capsule_bwa_alignment_5", "named_parameters": [{"param_name": "NumThreads", "value": ""}]}]


def names(run: Any) -> tuple[str, ...]:
    return tuple(process["name"] for process in run["processes"])


def orders(client: Client, run: str) -> list[tuple[str, ...]]:
    """The orders of the processes of a run in many answers of all kinds: by itself, and in the pipeline's list."""
    found = []
    for _ in range(LOOKS // 2):
        found.append(names(client.ask("GET", f"/computations/{run}")))
        [row] = [row for row in client.ask("GET", f"/pipelines/{ids.PIPELINE}/computations") if row["id"] == run]
        found.append(names(row))
    return found


def start_run(client: Client, **more: Any) -> Any:
    return client.ask("POST", "/computations", json={"pipeline_id": ids.PIPELINE} | more)


def test_processes_come_in_another_order_in_every_answer(client: Client) -> None:
    started = [names(start_run(client)) for _ in range(LOOKS)]
    assert len(set(started)) == 2
    seen = orders(client, start_run(client)["id"])
    assert len(set(seen)) == 2
    alone, listed = seen[::2], seen[1::2]
    assert alone != listed, "the same run has another order in the list than by itself"
    assert all(sorted(order) == sorted(seen[0]) for order in seen)


def test_the_order_is_the_same_for_the_same_seed_and_the_same_calls(start: Callable[..., Server]) -> None:
    told = []
    for seed in (7, 7, 8):
        server = start(random_seed=seed)
        with Client(server.url) as client, Plane(server.url) as plane:
            told.append(orders(client, start_run(client)["id"]))
            plane.ask("POST", "/worlds/default/reset")
            assert orders(client, start_run(client)["id"]) == told[-1], "a reset begins again"
    assert told[0] == told[1]
    assert told[0] != told[2]


def test_asking_for_a_run_writes_nothing(start: Callable[..., Server], tmp_path: Path) -> None:
    server = start(data_dir=tmp_path)
    with Client(server.url) as client:
        run = start_run(client)["id"]
        before = server.app.worlds.default.db.changes
        orders(client, run)
        assert server.app.worlds.default.db.changes == before


def test_stable_order_gives_the_order_of_the_pipeline(start: Callable[..., Server]) -> None:
    with Client(start(stable_order=True).url) as client:
        run = start_run(client)["id"]
        assert set(orders(client, run)) == {("capsule_star_alignment_1", "capsule_bwa_alignment_5")}


def parts(run: Any) -> dict[str, set[str]]:
    """The keys of each process by its name."""
    return {process["name"]: set(process) for process in run["processes"]}


def test_a_process_has_parameters_only_where_there_are_any_and_is_public_only_when_it_is(client: Client) -> None:
    past = parts(client.ask("GET", f"/computations/{ids.PIPELINE_RUN}"))
    assert past.pop("capsule_star_alignment_1") == {"capsule_id", "name", "parameters"}
    assert all(keys == {"capsule_id", "name"} for keys in past.values())
    started = start_run(client, processes=GIVEN)
    assert parts(started) == {
        "capsule_star_alignment_1": {"capsule_id", "name"},
        "capsule_bwa_alignment_5": {"capsule_id", "name", "parameters"},
    }
    [bwa] = [process for process in started["processes"] if "parameters" in process]
    assert bwa["parameters"] == [{"name": "Number of threads", "param_name": "NumThreads", "value": ""}]


def test_a_process_that_is_given_nothing_has_no_parameters(client: Client) -> None:
    run = start_run(client, processes=[{"name": "capsule_bwa_alignment_5"}])
    assert all(set(process) == {"capsule_id", "name"} for process in run["processes"])
