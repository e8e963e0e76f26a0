"""Every shape that was recorded from the real service is one that the suite does not call broken."""

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from contract_tests.suite import watch_of
from contract_tests.transport.exchange import Exchange
from mock_server.api import openapi, routers
from mock_server.api.versioning import ApiVersion
from mock_server.domain.versions import NEWEST, platform_version
from tests import ids
from tests.contract.sequences import make_exchange
from tests.contract.stand_in import TOKEN, run_stand_in
from tests.process import run_long

BEFORE_3_0 = "2.22"
"""A platform version of the time without `cloud_workstation`, `owner` and `mount`."""

STAR = {"capsule_id": ids.FASTQC, "name": "capsule_sort_1", "version": 3}
GIVEN = STAR | {
    "name": "capsule_align_2",
    "parameters": [{"name": "Probe", "value": ""}, {"name": "Rows", "value": "5"}],
}

RUN_2024: dict[str, Any] = {
    "created": 1717175506, "data_assets": [{"id": ids.IRIS, "mount": "ecephys"}], "has_results": False, "id": "run-1",
    "name": "Run With Parameters 7175506", "processes": [STAR, GIVEN], "run_time": 12, "state": "running",
}  # fmt: skip
RUN = RUN_2024 | {"cloud_workstation": False, "owner": ids.DEMO_USER}
ENDED = {"state": "completed", "run_time": 1391}
ASSET_2024: dict[str, Any] = {
    "created": 1700000000, "description": "", "id": "asset-1", "last_used": 0, "name": "multiplane-ophys_472271",
    "state": "ready", "type": "result", "tags": ["zebra", "685789", "Apple"],
    "custom_metadata": {"subject id": 685789, "data level": "derived"},
    "provenance": {"capsule": ids.CAPSULE, "commit": "c0ffee", "data_assets": [ids.MOUSE],
                   "docker_image": "3d0f6b1c-8a52-4e7d-9b36-c1f4a07e52d8", "run_script": "code/run"},
}  # fmt: skip
ASSET = ASSET_2024 | {"mount": "multiplane-ophys_472271", "owner": ids.DEMO_USER}


def run(shape: dict[str, Any], **fields: Any) -> Exchange:
    return make_exchange("get_computation", shape | fields)


def listed(*rows: dict[str, Any]) -> Exchange:
    return make_exchange("list_capsule_computations", list(rows), key="pipeline-1")


def folders(*names: str) -> Exchange:
    items = [{"name": name, "path": name, "type": "folder"} for name in names]
    return make_exchange("list_computation_results", {"items": items}, sent={"path": ""})


LOG = make_exchange(
    "list_computation_results", {"items": [{"name": "output", "path": "output", "size": 20, "type": "file"}]}
)


def attached(**fields: Any) -> Exchange:
    result = {"external": False, "id": ids.IRIS, "job_id": "", "mount": "iris", "mount_state": "mounted", "ready": True}
    return make_exchange("attach_capsule_data_assets", [result | fields], sent=[{"name": "a", "id": ids.IRIS}])


def asset(shape: dict[str, Any], *left_out: str, **fields: Any) -> Exchange:
    shown = {key: value for key, value in (shape | fields).items() if key not in left_out}
    return make_exchange("get_data_asset", shown, key="asset-1")


SHAPES: dict[str, list[Exchange]] = {
    "a data asset that is attached is mounted at once, without a job": [attached()],
    "one that is attached already is unchanged": [attached(), attached(mount_state="unchanged")],
    "an external one that cannot be mounted": [attached(external=True, mount="", mount_state="error")],
    "processes in another order in the list than alone": [
        run(RUN), listed(RUN | {"processes": [GIVEN, STAR]}), run(RUN, run_time=13, processes=[GIVEN, STAR]),
    ],
    "a pipeline that is running lists its results so far": [
        run(RUN), folders("experiment_1", "experiment_2"), run(RUN, run_time=40), listed(RUN | {"run_time": 41}),
    ],
    "a stopped run with results": [
        run(RUN), folders("experiment_1"), run(RUN, **ENDED, end_status="stopped", exit_code=0, has_results=True),
        folders("experiment_1"),
    ],
    "a stopped run without": [run(RUN, **ENDED, end_status="stopped", exit_code=0), folders()],
    "a run that succeeded without results": [run(RUN, **ENDED, end_status="succeeded", exit_code=0), folders()],
    "a run that failed with exit code 0": [run(RUN, **ENDED, end_status="failed", exit_code=0), LOG],
    "a run that succeeded with exit code 1": [run(RUN, **ENDED, end_status="succeeded", exit_code=1), LOG],
    "the run that a release makes": [listed(RUN | ENDED | {"name": "Release v2 Result", "end_status": "succeeded"})],
    "a result of a capsule with a bare image": [asset(ASSET)],
    "a result without provenance, tags and custom metadata": [asset(ASSET, "provenance", "tags", "custom_metadata")],
    "a data asset whose size is known": [asset(ASSET, files=3, size=120)],
    "an external data asset": [
        asset(ASSET, "provenance", type="dataset",
              source_bucket={"bucket": "b", "external": True, "origin": "aws", "prefix": "p"}),
    ],
    "an id of another form": [make_exchange("get_computation", {"message": "invalid id"}, 400)],
}  # fmt: skip

OLD_SHAPES: dict[str, list[Exchange]] = {
    "a run that is going on": [run(RUN_2024), listed(RUN_2024 | {"processes": [GIVEN, STAR]})],
    "a run that has ended": [run(RUN_2024, **ENDED, end_status="stopped", has_results=True)],
    "an external data asset of early 2024": [
        asset(ASSET_2024, "provenance", type="dataset", sourceBucket={"bucket": "b", "origin": "aws", "prefix": ""}),
    ],
    "a result of early 2024": [asset(ASSET_2024)],
}  # fmt: skip


@cache
def document(version: str) -> dict[str, Any]:
    served = platform_version(version)
    return openapi.document(openapi.declare(routers.routers(), served), ApiVersion(served))


def problems(version: str, exchanges: list[Exchange]) -> list[Any]:
    """What all oracles and the spec of a platform version say of exchanges, one after the other."""
    watch = watch_of(document(version))
    for exchange in exchanges:
        exchange.problems = []
        watch.observe(exchange)
    return [problem for exchange in exchanges for problem in exchange.problems] + watch.finish()


@pytest.mark.parametrize("shape", SHAPES)
def test_a_recorded_shape_is_not_called_broken(shape: str) -> None:
    assert problems(str(NEWEST), SHAPES[shape]) == []


@pytest.mark.parametrize("shape", OLD_SHAPES)
def test_a_shape_of_2024_is_not_called_broken_with_the_spec_of_its_time(shape: str) -> None:
    assert problems(BEFORE_3_0, OLD_SHAPES[shape]) == []
    assert problems(str(NEWEST), OLD_SHAPES[shape]), "today's spec asks for more"


@pytest.mark.parametrize(
    "exchanges",
    [
        [run(RUN), listed(RUN | {"processes": [GIVEN]})],
        [run(RUN), listed(RUN | {"processes": [GIVEN, GIVEN]})],
        [run(RUN), listed(RUN | {"processes": [GIVEN, STAR | {"version": 4}]})],
        [folders("experiment_1", "nextflow"), run(RUN)],
        [folders("experiment_1"), run({key: value for key, value in RUN.items() if key != "processes"})],
    ],
    ids=["a process is missing", "one stands twice", "one differs", "Nextflow's reports are early", "of a capsule"],
)
def test_what_differs_in_more_than_that_is(exchanges: list[Exchange]) -> None:
    assert problems(str(NEWEST), exchanges)


SCENARIOS = f"""
version: 1
scenarios:
  - {{name: hang, like: stuck, when: {{pipeline: {ids.PIPELINE}, nth: 1}}}}
  - {{name: halted, end_status: stopped, when: {{pipeline: {ids.PIPELINE}, nth: 2}}}}
  - {{name: lost, has_results: false, when: {{pipeline: {ids.PIPELINE}, nth: 3}}}}
  - {{name: one-way, when: {{pipeline: {ids.PIPELINE}, nth: 4}}, mix: {{failed-exit-0: 1}}}}
  - {{name: other-way, when: {{pipeline: {ids.PIPELINE}, nth: 5}}, mix: {{succeeded-exit-1: 1}}}}
"""


@pytest.mark.slow
def test_observe_passes_on_a_deployment_that_answers_as_recorded(tmp_path: Path) -> None:
    scenarios = tmp_path / "scenarios.yaml"
    scenarios.write_text(SCENARIOS)
    with run_stand_in(tmp_path, newer=False, scenarios=scenarios) as deployment:
        for number in range(6):
            given = [{"name": "capsule_bwa_alignment_5", "parameters": ["2"]}] if number % 2 else None
            deployment.post("/computations", {"pipeline_id": ids.PIPELINE, "processes": given})
        named = ("--pipeline", ids.PIPELINE)
        done = contract(deployment.url, "--profile", "observe", "--json", "--quick", *named)
        report = json.loads(done.stdout)
    assert [check for check in report["checks"] if check["status"] in ("failed", "error")] == []
    assert report["verdict"] == "passed", done.stderr


def contract(url: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return run_long("contract", *arguments, "--url", url, "--token", TOKEN, "--rate", "500", "--quiet")
