"""Runs and data assets that go wrong: the fake's scenarios say how."""

from base64 import b64encode
from functools import partial
from typing import Any

from codeocean.computation import DataAssetsRunParam, RunParams
from codeocean.data_asset import DataAssetAttachParams

from contract_tests.checks import check
from contract_tests.deployment import TERMINAL, Deployment
from contract_tests.findings import expect
from contract_tests.scenarios import fixtures
from contract_tests.scenarios.expect_error import refused
from contract_tests.scenarios.files import content, opened, results_of, walk

RUN = ("run_capsule", "get_computation", "list_computation_results", "delete_computation")

DAY = 86400.0


def _of_capsule(deployment: Deployment, name: str, **fields: Any) -> dict[str, Any]:
    """A scenario for the runs of the capsule."""
    return {"name": f"{deployment.tag}-{name}", "when": {"capsule": deployment.capsule}, **fields}


def _ends(run: Any, state: str, end_status: str | None, exit_code: int | None) -> None:
    told = (run.state, run.end_status, run.exit_code)
    wanted = (state, end_status, exit_code)
    expect(told == wanted, f"a run that should end {wanted} ended {tuple(map(str, told))}")


@check(*RUN, "get_result_file_urls", full=True)
def failing_run(deployment: Deployment) -> None:
    """A run whose script fails is completed and failed, with the exit code, and leaves its log alone."""
    log = "ValueError: nothing to count"
    with (
        deployment.scenarios(_of_capsule(deployment, "fails", like="fails", exit_code=3, log=log)),
        fixtures.ended(deployment, capsule_id=deployment.capsule) as run,
    ):
        _ends(run, "completed", "failed", 3)
        expect(run.has_results is True, "a failed run has no results, although its log is there")
        expect(list(walk(results_of(deployment, run.id)).files) == ["output"], "a failed run leaves more than its log")
        client = deployment.sdk().computations
        told = content(deployment, lambda: str(client.get_result_file_urls(run.id, "output").download_url)).answer
        expect(log.encode() in told, "the log does not tell why a run failed")


@check(*RUN, full=True)
def out_of_memory(deployment: Deployment) -> None:
    """A run that is killed for want of memory is completed and failed with exit code 137."""
    with (
        deployment.scenarios(_of_capsule(deployment, "memory", like="out-of-memory")),
        fixtures.ended(deployment, capsule_id=deployment.capsule) as run,
    ):
        _ends(run, "completed", "failed", 137)
        expect(list(walk(results_of(deployment, run.id)).files) == ["output"], "a killed run leaves more than its log")


@check(*RUN, "create_data_asset", full=True)
def silent_failure(deployment: Deployment) -> None:
    """A run that fails in silence is called succeeded, but has an exit code and no results, and cannot be captured."""
    with (
        deployment.scenarios(_of_capsule(deployment, "silent", like="silent-failure")),
        fixtures.ended(deployment, capsule_id=deployment.capsule) as run,
    ):
        _ends(run, "completed", "succeeded", 1)
        expect(run.has_results is False, "a run that failed in silence has results")
        expect(not walk(results_of(deployment, run.id)).files, "a run without results lists files")
        nothing = fixtures.asset_params(deployment, "nothing", source=fixtures.from_run(run.id))
        refused(400, "capturing a run without results", deployment.sdk().data_assets.create_data_asset, nothing)


@check("run_capsule", "get_computation", "delete_computation", full=True)
def failed_state(deployment: Deployment) -> None:
    """A run that the platform cannot carry out ends in the state failed, and stays there."""
    client = deployment.sdk().computations
    with (
        deployment.scenarios(_of_capsule(deployment, "broken", like="fails", state="failed", exit_code=1)),
        fixtures.ended(deployment, capsule_id=deployment.capsule) as run,
    ):
        _ends(run, "failed", "failed", 1)
        deployment.pass_time(DAY)
        expect(client.get_computation(run.id) == run, "a run that has failed changed a day later")


@check(*RUN, full=True)
def stopped_run(deployment: Deployment) -> None:
    """A run that is stopped in the app is completed and stopped at once, and loses its results."""
    control = deployment.steered()
    with (
        deployment.scenarios(_of_capsule(deployment, "endless", like="stuck")),
        fixtures.started(deployment, capsule_id=deployment.capsule) as run,
    ):
        deployment.pass_time(DAY)
        control.stop(run.id)
        stopped = deployment.sdk().computations.get_computation(run.id)
        _ends(stopped, "completed", "stopped", stopped.exit_code)
        expect(stopped.run_time >= DAY, f"a run of a day has a run time of {stopped.run_time} seconds")
        expect(not walk(results_of(deployment, run.id)).files, "a run that was stopped lists files")


@check(*RUN, "list_capsule_computations", "create_data_asset", full=True)
def stuck_run(deployment: Deployment) -> None:
    """A run that hangs goes on until it is deleted, and is gone then."""
    sdk = deployment.sdk()
    client = sdk.computations
    with (
        deployment.scenarios(_of_capsule(deployment, "stuck", like="stuck")),
        fixtures.started(deployment, capsule_id=deployment.capsule) as run,
    ):
        deployment.pass_time(DAY)
        late = client.get_computation(run.id)
        expect(late.state.value not in TERMINAL, f"a run that hangs is {late.state.value} after a day")
        expect(late.run_time >= DAY, f"a run that goes on for a day has a run time of {late.run_time} seconds")
        expect(not client.list_computation_results(run.id).items, "a run that goes on lists results")
        early = fixtures.asset_params(deployment, "early", source=fixtures.from_run(run.id))
        refused(400, "capturing a run that goes on", sdk.data_assets.create_data_asset, early)
        client.delete_computation(run.id)
        refused(404, "a run that was deleted while it went on", client.get_computation, run.id)
        left = [found.id for found in sdk.capsules.list_computations(deployment.capsule)]
        expect(run.id not in left, "a run that was deleted while it went on is still listed")


@check(*RUN, "get_result_file_urls", "create_data_asset", full=True)
def written_files(deployment: Deployment) -> None:
    """What the code of a run writes is listed folder by folder and downloaded byte for byte."""
    text, data, large = "word,count\nküche,2\n", bytes(range(256)), 300_000
    empty = "deep/file with spaces & more.txt"
    wrote = [
        {"path": "counts.csv", "text": text},
        {"path": "deep/er/data.bin", "base64": b64encode(data).decode()},
        {"path": empty, "text": ""},
        {"path": "large.bin", "size": large},
    ]
    sizes = {"counts.csv": len(text.encode()), "deep/er/data.bin": 256, empty: 0, "large.bin": large}
    scenario = _of_capsule(deployment, "writes", own_results=False, results=wrote)
    with deployment.scenarios(scenario), fixtures.ended(deployment, capsule_id=deployment.capsule) as run:
        listed = walk(results_of(deployment, run.id))
        found = {path: size for path, size in listed.sizes.items() if path != "output"}
        expect(found == sizes, f"a run that wrote {sizes} lists {found}")
        client = deployment.sdk().computations
        for path, wanted in {"counts.csv": text.encode(), "deep/er/data.bin": data, empty: b""}.items():
            told = opened(deployment, listed.files[path], partial(client.get_result_file_urls, run.id, path))
            expect(told == wanted, f"{path} has other bytes than the run wrote")
        refused(404, "a file that is not there", client.get_result_file_urls, run.id, "deep/counts.csv")
        refused(404, "a folder that is not there", client.list_computation_results, run.id, "deeper")
        nothing = fixtures.asset_params(deployment, "nothing", source=fixtures.from_run(run.id, "deeper"))
        refused(400, "capturing a folder that is not there", deployment.sdk().data_assets.create_data_asset, nothing)


@check(
    "create_data_asset",
    "get_data_asset",
    "list_data_asset_files",
    "attach_capsule_data_assets",
    "run_capsule",
    "delete_data_asset",
    full=True,
)
def failed_data_asset(deployment: Deployment) -> None:
    """A data asset that cannot be made ends failed with the reason, holds nothing, and cannot be used."""
    sdk, tag, reason = deployment.sdk(), f"{deployment.tag}-denied", "access to the bucket was denied"
    scenario = {"name": tag, "kind": "data_asset", "when": {"tag": tag}, "failure_reason": reason}
    source = fixtures.from_bucket("denied", external=False)
    with deployment.scenarios(scenario), fixtures.asset(deployment, "denied", tags=[tag], source=source) as made:
        failed = fixtures.settle(deployment, made.id)
        told = (failed.state, failed.failure_reason)
        expect(told == ("failed", reason), f"a data asset that cannot be made ended {told}")
        expect(not sdk.data_assets.list_data_asset_files(made.id).items, "a data asset that failed lists files")
        attach = [DataAssetAttachParams(id=made.id)]
        refused(400, "attaching a failed data asset", sdk.capsules.attach_data_assets, deployment.capsule, attach)
        run = RunParams(capsule_id=deployment.capsule, data_assets=[DataAssetsRunParam(id=made.id)])
        refused(400, "a run with a failed data asset", sdk.computations.run_capsule, run)
