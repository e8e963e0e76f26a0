"""Pipelines: runs with parameters for each process, resumed, and with a Nextflow profile."""

from dataclasses import replace
from typing import Any

from codeocean.computation import NamedRunParam, PipelineProcessParams, RunParams

from contract_tests.checks import check
from contract_tests.deployment import Deployment
from contract_tests.findings import CheckSkipped, expect
from contract_tests.scenarios import fixtures
from contract_tests.scenarios.expect_error import expect_error
from contract_tests.scenarios.files import results_of, walk
from contract_tests.scenarios.parameters import panel_of, valid_values, values_of
from contract_tests.scenarios.runs import UNKNOWN


@check(
    "get_pipeline",
    "get_pipeline_app_panel",
    "run_capsule",
    "get_computation",
    "list_pipeline_computations",
    "list_computation_results",
    "create_data_asset",
    "get_data_asset",
    "delete_data_asset",
    "delete_computation",
    full=True,
)
def pipeline_with_processes(deployment: Deployment) -> None:
    """A pipeline's run shows the parameters of each process as they were given, and leaves Nextflow's reports beside
    its results; it is listed with the pipeline, and captured with its provenance.
    """
    sdk, pipeline = deployment.sdk(), deployment.pipeline
    expect(sdk.pipelines.get_pipeline(pipeline).id == pipeline, "a pipeline is shown with a different id")
    processes = panel_of(deployment, "pipelines", pipeline).get("processes") or []
    expected = {entry["name"]: valid_values(entry.get("parameters") or []) for entry in processes}
    if not any(expected.values()):
        raise CheckSkipped("the pipeline has no process with parameters")
    params = [
        PipelineProcessParams(name=name, named_parameters=_run_params(values)) for name, values in expected.items()
    ]
    with fixtures.run_to_end(deployment, pipeline_id=pipeline, processes=params) as run:
        actual = {process.name: values_of(process.parameters) for process in run.processes or ()}
        expect(actual == expected, f"processes given {expected} show {actual}", "run_capsule.body.processes")
        fixtures.require_success(deployment, run)
        listed = [_ordered(row) for row in sdk.pipelines.list_computations(pipeline) if row.id == run.id]
        expect(listed == [_ordered(run)], "a pipeline's run is listed differently than it is shown")
        results = walk(results_of(deployment, run.id)).files
        expect("output" in results, "a pipeline's run leaves no output")
        expect(any(path.startswith("nextflow/") for path in results), "a pipeline's run leaves no folder nextflow")
        with fixtures.create_ready_asset(
            deployment, f"{deployment.tag} piped", source=fixtures.from_run(run.id)
        ) as asset:
            source = (asset.provenance.computation, asset.provenance.capsule)
            expect(
                source == (run.id, pipeline),
                f"the provenance of a pipeline's result names {source}",
                "data_assets.provenance",
            )
    wrong = RunParams(pipeline_id=pipeline, processes=[PipelineProcessParams(name="no_such_process")])
    expect_error(
        400, "a run with an unknown process", sdk.computations.run_pipeline, wrong, rules=("runs.unknown_inputs",)
    )
    both = RunParams(pipeline_id=pipeline, capsule_id=pipeline)
    expect_error(
        400,
        "a run of a capsule and a pipeline at once",
        sdk.computations.run_pipeline,
        both,
        rules=("runs.capsule_or_pipeline",),
    )


def _run_params(values: dict[str, str]) -> list[Any]:
    return [NamedRunParam(param_name=name, value=value) for name, value in values.items()]


@check(
    "run_capsule",
    "get_computation",
    "create_data_asset",
    "get_data_asset",
    "delete_data_asset",
    "delete_computation",
    full=True,
)
def resume_and_profile(deployment: Deployment) -> None:
    """A pipeline's run can take up an earlier one, and shows its Nextflow profile, as does what is captured from it."""
    client, pipeline = deployment.sdk().computations, deployment.pipeline
    with (
        fixtures.run_to_end(deployment, pipeline_id=pipeline) as before,
        fixtures.run_to_end(
            deployment, pipeline_id=pipeline, resume_run_id=before.id, nextflow_profile="standard"
        ) as run,
    ):
        expect(run.id != before.id, "a run that takes up another has its id")
        expect(run.nextflow_profile == "standard", f"a run with the profile standard shows {run.nextflow_profile}")
        expect(before.nextflow_profile is None, f"a run without a profile shows {before.nextflow_profile}")
        fixtures.require_success(deployment, run)
        with fixtures.create_ready_asset(
            deployment, f"{deployment.tag} resumed", source=fixtures.from_run(run.id)
        ) as asset:
            profile = asset.nextflow_profile
            expect(profile == "standard", f"what was captured from a run with a profile shows {profile}")
    unknown = RunParams(pipeline_id=pipeline, resume_run_id=UNKNOWN)
    expect_error(
        400,
        "a run that takes up an unknown one",
        client.run_pipeline,
        unknown,
        rules=(
            "runs.unknown_inputs",
            "run_capsule.body.resume_run_id",
        ),
    )


def _ordered(run: Any) -> Any:
    """Return a run with its processes by name: the service lists them in another order each time (recorded answers)."""
    return replace(run, processes=sorted(run.processes or (), key=lambda process: process.name))
