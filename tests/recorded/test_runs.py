"""Names, mounts and lineage of runs, as recorded answers of the real service show them."""

import re
from typing import Any

import pytest

from mock_server.domain.naming import is_uuid
from tests import ids
from tests.conftest import Client
from tests.control.conftest import World, asset_of, ended, names_of, started
from tests.control.test_built_in_scenarios import every

ROWS = [{"param_name": "rows", "value": "5"}]
THREADS = [{"param_name": "NumThreads", "value": "2"}]
BWA = {"name": "capsule_bwa_alignment_5"}


@pytest.mark.parametrize(
    ("body", "with_parameters"),
    [
        ({"capsule_id": ids.CAPSULE}, False),
        ({"capsule_id": ids.CAPSULE, "named_parameters": ROWS}, True),
        ({"capsule_id": ids.CAPSULE, "data_assets": [{"id": ids.IRIS}]}, False),
        ({"pipeline_id": ids.PIPELINE}, False),
        ({"pipeline_id": ids.PIPELINE, "processes": [BWA]}, False),
        ({"pipeline_id": ids.PIPELINE, "named_parameters": THREADS}, False),
        ({"pipeline_id": ids.PIPELINE, "processes": [BWA | {"named_parameters": THREADS}]}, True),
        ({"capsule_id": ids.PIPELINE, "processes": [BWA | {"parameters": ["2"]}]}, True),
    ],
)
def test_a_pipelines_run_is_called_one_with_parameters_exactly_when_a_process_has_some(
    client: Client, body: dict[str, Any], with_parameters: bool
) -> None:
    run = client.ask("POST", "/computations", json=body)
    prefix = "Run With Parameters" if with_parameters else "Run"
    assert run["name"] == f"{prefix} {run['created'] % 10_000_000}"


def test_a_past_run_of_a_pipeline_is_called_so_too(client: Client) -> None:
    assert client.ask("GET", f"/computations/{ids.PIPELINE_RUN}")["name"] == "Run With Parameters 8570920"


def release(own: World, user: Client, kind: str = "capsules", key: str = ids.CAPSULE) -> Any:
    """Release a capsule or pipeline; the job, an hour later."""
    user.ask("POST", f"/{kind}/{key}/sync")
    ended(user, own, started(user, capsule_id=key))
    job = user.ask("POST", f"/{kind}/{key}/release")
    own.advance(by="1h")
    return user.ask("GET", f"/{kind}/{key}/release/{job['job_id']}")


@pytest.mark.parametrize(
    ("kind", "key", "released"),
    [
        ("capsules", ids.CAPSULE, ids.RELEASE),
        ("pipelines", ids.TABLE_PIPELINE, ids.RELEASED_PIPELINE),
    ],
)
def test_a_release_makes_a_run_that_is_named_after_the_version(
    own: World, user: Client, kind: str, key: str, released: str
) -> None:
    job = release(own, user, kind, key)
    [run] = user.ask("GET", f"/{kind}/{released}/computations")
    assert run["name"] == "Release v2 Result"
    assert (run["state"], run["end_status"], run["exit_code"], run["has_results"]) == (
        "completed",
        "succeeded",
        0,
        True,
    )
    assert (run["created"], run["run_time"], run["version"]) == (job["started"], job["duration"], 2)
    assert "table.csv" in names_of(user, run["id"])
    release(own, user, kind, key)
    names = [run["name"] for run in user.ask("GET", f"/{kind}/{released}/computations")]
    assert names == ["Release v3 Result", "Release v2 Result"]
    assert [process["name"] for process in run.get("processes", ())] == (
        ["capsule_example_1"] if kind == "pipelines" else []
    )


@pytest.mark.parametrize(
    ("scenario", "shown"),
    [
        ("fails", ("completed", "failed", 1, False)),
        ("stopped", ("completed", "stopped", 0, False)),
        ("stuck", ("running", None, None, False)),
    ],
)
def test_the_run_of_a_release_goes_as_the_release_does(
    own: World, user: Client, scenario: str, shown: tuple[Any, ...]
) -> None:
    own.load(every("release", scenario))
    release(own, user)
    [run] = user.ask("GET", f"/capsules/{ids.RELEASE}/computations")
    assert tuple(run.get(field) for field in ("state", "end_status", "exit_code", "has_results")) == shown


def test_a_capsule_whose_run_leaves_only_its_log_can_be_released(own: World, user: Client) -> None:
    own.load("version: 1\nscenarios: [{name: own, when: {name: '*'}, own_results: false}]")
    assert release(own, user)["status"] == "completed"


def test_who_may_see_the_release_sees_its_run(own: World, user: Client) -> None:
    release(own, user)
    viewer = user.speaking_as("cop_demo_viewer@own")
    assert [run["name"] for run in viewer.ask("GET", f"/capsules/{ids.RELEASE}/computations")] == ["Release v2 Result"]


def test_a_run_keeps_the_mount_of_the_data_asset_that_was_replaced(client: Client) -> None:
    body = {"pipeline_id": ids.RNA_PIPELINE, "data_assets": [{"id": ids.IRIS, "mount": "Reference"}]}
    run = client.ask("POST", "/computations", json=body)
    assert run["data_assets"] == [{"id": ids.IRIS, "mount": "Reference"}]
    assert client.ask("GET", f"/data_assets/{ids.IRIS}")["mount"] == "iris"


def captured(own: World, user: Client, **target: Any) -> Any:
    run = started(user, **target)
    own.advance(by="1h")
    asset = asset_of(user, source={"computation": {"id": run}})
    own.advance(by="1m")
    return user.ask("GET", f"/data_assets/{asset}")["provenance"]


def test_the_docker_image_of_a_capsules_result_is_a_bare_uuid(own: World, user: Client) -> None:
    first, again, other = (captured(own, user, capsule_id=key) for key in (ids.CAPSULE, ids.CAPSULE, ids.FASTQC))
    assert is_uuid(first["docker_image"])
    assert first["docker_image"] == again["docker_image"] != other["docker_image"]
    assert re.fullmatch("[0-9a-f]{40}", first["commit"])
    assert first["run_script"] == "code/run"
    assert is_uuid(user.ask("GET", "/data_assets/c7e4b1a0-92d6-4f38-b5c1-8a0d3e9f4b87")["provenance"]["docker_image"])


def test_the_docker_image_of_a_pipelines_result_is_empty(own: World, user: Client) -> None:
    assert captured(own, user, capsule_id=None, pipeline_id=ids.PIPELINE)["docker_image"] == ""


def test_the_run_time_of_a_run_is_the_whole_seconds_since_it_was_created(own: World, user: Client) -> None:
    own.load(every("computation", "stuck"))
    run = started(user)
    for _ in range(5):
        own.advance(by=0.75)
        shown = user.ask("GET", f"/computations/{run}")
        assert shown["run_time"] == int(own.ask("GET", "/clock")["now"]) - shown["created"]
