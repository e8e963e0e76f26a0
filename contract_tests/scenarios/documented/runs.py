"""What runs take, refuse and show, and who sees them: one small scenario for each documented rule."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from contract_tests.checks import check
from contract_tests.deployment import ADMIN, OTHER, TERMINAL, Deployment
from contract_tests.findings import CheckSkipped, expect
from contract_tests.scenarios import fixtures
from contract_tests.transport.sample_requests import NOWHERE

RUN = ("run_capsule", "get_computation", "delete_computation")


@contextmanager
def _run(deployment: Deployment, *rules: str, **body: Any) -> Iterator[dict[str, Any]]:
    """A run that is accepted by these rules, as it is shown at once."""
    caller = deployment.http()
    run: dict[str, Any] = caller.ask("POST", "/computations", 200, json=body, rules=rules).json()
    try:
        yield run
    finally:
        caller.ask("DELETE", f"/computations/{run['id']}")


def _refused(deployment: Deployment, status: int, rule: str, **body: Any) -> None:
    deployment.http().ask("POST", "/computations", status, json=body, rules=(rule,))


@check("run_capsule", "delete_computation", full=True)
def runs_of_nothing(deployment: Deployment) -> None:
    """A run needs one capsule or pipeline, which exists, and a capsule takes no processes."""
    _refused(deployment, 404, "runs.unknown_capsule", capsule_id=NOWHERE)
    _refused(deployment, 404, "runs.unknown_capsule", pipeline_id=NOWHERE)
    _refused(deployment, 400, "runs.capsule_or_pipeline")
    processes = [{"name": "a_process"}]
    _refused(deployment, 400, "runs.processes_of_capsule", capsule_id=deployment.capsule, processes=processes)
    with _run(deployment, capsule_id=deployment.capsule, nextflow_profile="contract") as run:
        shown = run.get("nextflow_profile")
        expect(shown is None, f"a capsule's run has the profile {shown}", "runs.processes_of_capsule")


@check(*RUN, full=True)
def runs_without_parameters(deployment: Deployment) -> None:
    """A run that is given no parameters shows none, and a pipeline's ignores ordered ones."""
    with _run(deployment, capsule_id=deployment.capsule) as run:
        expect("parameters" not in run, f"a run given nothing shows {run.get('parameters')}", "runs.no_defaults")
    rule = "runs.ordered_parameters_of_pipelines"
    with _run(deployment, rule, pipeline_id=deployment.pipeline, parameters=["no such value"]) as run:
        shown = [entry["value"] for entry in run.get("parameters", ())]
        expect("no such value" not in shown, f"an ordered parameter of a pipeline is shown: {shown}", rule)


@check(*RUN, "list_pipeline_computations", full=True)
def pipelines_run_as_capsules(deployment: Deployment) -> None:
    """A pipeline can be run as `capsule_id`, and the run is the pipeline's."""
    with _run(deployment, "runs.pipeline_as_capsule", capsule_id=deployment.pipeline) as run:
        listed = deployment.http().ask("GET", f"/pipelines/{deployment.pipeline}/computations", 200).json()
        found = run["id"] in [row["id"] for row in listed]
        expect(found, "a pipeline that was run as a capsule does not list the run", "runs.pipeline_as_capsule")


@check(*RUN, "list_computation_results", full=True)
def logs_of_pipelines_come_last(deployment: Deployment) -> None:
    """A pipeline that runs may list results, but not yet its log; it says that it has none."""
    caller = deployment.http()
    with _run(deployment, pipeline_id=deployment.pipeline) as begun:
        path = f"/computations/{begun['id']}"

        def look() -> Any:
            items = caller.ask("POST", f"{path}/results", 200, json={"path": ""}).json()["items"]
            run = caller.ask("GET", path, 200).json()
            if run["state"] not in TERMINAL:
                names = {item["name"] for item in items}
                early = names & {"output", "nextflow"} or run.get("has_results")
                expect(not early, f"a running pipeline lists {sorted(names)}", "runs.pipeline_results_on_the_way")
            return run

        deployment.poll(look, lambda run: run["state"] in TERMINAL, "the run of a pipeline")


@check(*RUN, "create_data_asset", "delete_data_asset", "get_data_asset", "attach_capsule_data_assets", full=True)
def unusable_data_assets(deployment: Deployment) -> None:
    """A draft has no files yet, and can neither be run with nor attached nor combined."""
    caller, rule = deployment.http(), "data_assets.failed_unusable"
    source = fixtures.from_bucket("drafts", external=True)
    hung = {"name": f"{deployment.tag}-hung", "kind": "data_asset", "like": "stuck", "when": {"tag": deployment.tag}}
    with ExitStack() as stack:
        inside = fixtures.from_bucket("drafts", external=False)
        stack.enter_context(deployment.scenarios(hung))
        for kind in (source, inside):
            draft = stack.enter_context(fixtures.create_asset(deployment, f"{deployment.tag} draft", source=kind))
            expect(draft.state == "draft", f"a data asset that hangs is {draft.state}")
            empty = (draft.files, draft.size)
            expect(empty == (0, 0), f"a draft has the files and size {empty}", "data_assets.draft_is_empty")
            given = [{"id": draft.id}]
            _refused(deployment, 400, "runs.asset_not_ready", capsule_id=deployment.capsule, data_assets=given)
            caller.ask("POST", f"/capsules/{deployment.capsule}/data_assets", 400, json=given, rules=(rule,))
        body = {"name": "both", "mount": "both", "tags": [deployment.tag], "data_asset_ids": [draft.id, draft.id]}
        caller.ask("POST", "/data_assets", 400, json=body, rules=(rule,))


@check(*RUN, "search_pipelines", "create_data_asset", "delete_data_asset", "get_data_asset", full=True)
def mounts_of_runs(deployment: Deployment) -> None:
    """One data asset can be at two mounts; at a mount that a pipeline with data assets does not know a run fails."""
    with fixtures.capture_asset(deployment, f"{deployment.tag} twice") as asset:
        given = [{"id": asset.id, "mount": "one"}, {"id": asset.id, "mount": "two"}]
        with _run(deployment, "runs.two_mounts", capsule_id=deployment.capsule, data_assets=given) as run:
            mounts = sorted(entry["mount"] for entry in run["data_assets"] if entry["id"] == asset.id)
            expect(mounts == ["one", "two"], f"a data asset at two mounts is at {mounts}", "runs.two_mounts")
        pipeline = _pipeline_with_assets(deployment)
        with _run(deployment, pipeline_id=pipeline, data_assets=[{"id": asset.id, "mount": deployment.tag}]) as run:
            ended = fixtures.wait_for_run(deployment, run["id"])
            message = f"a pipeline's run with an unknown mount ended {ended.state}, {ended.end_status}"
            expect(ended.end_status == "failed", message, "runs.unknown_mount")


def _pipeline_with_assets(deployment: Deployment) -> str:
    """A pipeline of the owner's whose runs have data assets. Raises `CheckSkipped`."""
    rows = deployment.http().ask("POST", "/pipelines/search", 200, json={"ownership": "created"}).json()["results"]
    for row in rows:
        with _run(deployment, pipeline_id=row["id"]) as run:
            if run.get("data_assets"):
                return str(row["id"])
    raise CheckSkipped("no pipeline of the owner has data assets")


@check(*RUN, "search_capsules", "get_capsule_app_panel", full=True)
def capsules_without_panel(deployment: Deployment) -> None:
    """A capsule without an app panel takes every parameter."""
    caller = deployment.http()
    for row in caller.ask("POST", "/capsules/search", 200, json={"ownership": "created"}).json()["results"]:
        if caller.ask("GET", f"/capsules/{row['id']}/app_panel").status != 404:
            continue
        named = [{"param_name": "anything", "value": "goes"}]
        with _run(deployment, "runs.any_parameter", capsule_id=row["id"], named_parameters=named) as run:
            shown = [(entry.get("param_name"), entry["value"]) for entry in run.get("parameters", ())]
            expect(shown == [("anything", "goes")], f"a run given a parameter shows {shown}", "runs.any_parameter")
        return
    raise CheckSkipped("every capsule of the owner has an app panel")


@check(*RUN, "search_capsules", "get_capsule", full=True)
def runs_of_releases_are_private(deployment: Deployment) -> None:
    """Of a release capsule that all see, only the starter and administrators see a run."""
    other, admin = deployment.http(OTHER), deployment.http(ADMIN)
    rows = other.ask("POST", "/capsules/search", 200, json={"status": "release"}).json()["results"]
    if not rows:
        raise CheckSkipped("there is no released capsule that both users see")
    with _run(deployment, capsule_id=rows[0]["id"]) as run:
        path, rules = f"/computations/{run['id']}", ("runs.of_release_are_private",)
        deployment.http().ask("GET", path, 200, rules=rules)
        admin.ask("GET", path, 200, rules=rules)
        other.ask("GET", path, 404, rules=rules)
