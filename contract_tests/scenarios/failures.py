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
from contract_tests.scenarios.expect_error import expect_error
from contract_tests.scenarios.files import download, open_item, results_of, walk

RUN = ("run_capsule", "get_computation", "list_computation_results", "delete_computation")

DAY = 86400.0


def _check_end(run: Any, state: str, end_status: str | None, exit_code: int | None) -> None:
    actual = (run.state, run.end_status, run.exit_code)
    expected = (state, end_status, exit_code)
    expect(actual == expected, f"a run that should end {expected} ended {tuple(map(str, actual))}")


def _log(deployment: Deployment, run: str) -> str:
    """The log of a run."""
    client = deployment.sdk().computations
    return download(deployment, lambda: str(client.get_result_file_urls(run, "output").download_url)).answer.decode()


@check(*RUN, "get_result_file_urls", full=True)
def failing_run(deployment: Deployment) -> None:
    """A run whose script fails is completed and failed, with the exit code, and leaves its log alone."""
    log = "ValueError: nothing to count"
    with (
        deployment.scenarios(deployment.scenario("fails", like="fails", exit_code=3, log=log)),
        fixtures.run_to_end(deployment, capsule_id=deployment.capsule) as run,
    ):
        _check_end(run, "completed", "failed", 3)
        expect(run.has_results is False, "a failed run that leaves its log alone has results", "runs.log_alone")
        expect(
            list(walk(results_of(deployment, run.id)).files) == ["output"],
            "a failed run leaves more than its log",
            "runs.log_alone",
        )
        expect(log in _log(deployment, run.id), "the log does not say why a run failed", "runs.log_tells")


@check(*RUN, full=True)
def out_of_memory(deployment: Deployment) -> None:
    """A run that is killed because it ran out of memory is completed and failed with exit code 137."""
    with (
        deployment.scenarios(deployment.scenario("memory", like="out-of-memory")),
        fixtures.run_to_end(deployment, capsule_id=deployment.capsule) as run,
    ):
        _check_end(run, "completed", "failed", 137)
        expect(list(walk(results_of(deployment, run.id)).files) == ["output"], "a killed run leaves more than its log")


TELLS = {"fails": "error", "out-of-memory": "memory", "succeeded-exit-1": "error", "failed-exit-0": "error"}
"""A word of the log of a run that fails, by the scenario."""


@check(*RUN, "get_result_file_urls", full=True)
def logs_of_failures(deployment: Deployment) -> None:
    """A script that fails says why in the log, whatever the platform makes of it."""
    for like, word in TELLS.items():
        with (
            deployment.scenarios(deployment.scenario("told", like=like)),
            fixtures.run_to_end(deployment, capsule_id=deployment.capsule) as run,
        ):
            log = _log(deployment, run.id)
            expect(word in log.lower(), f"the log of a run that ends as {like} is {log!r}", "runs.log_tells")


@check(*RUN, "create_data_asset", full=True)
def silent_failure(deployment: Deployment) -> None:
    """A run that fails in silence is called succeeded, but has an exit code and no results, and cannot be captured."""
    with (
        deployment.scenarios(deployment.scenario("silent", like="silent-failure")),
        fixtures.run_to_end(deployment, capsule_id=deployment.capsule) as run,
    ):
        _check_end(run, "completed", "succeeded", 1)
        expect(run.has_results is False, "a run that failed in silence has results", "runs.log_alone")
        files = list(walk(results_of(deployment, run.id)).files)
        expect(files == ["output"], "a run without results lists more than its log", "runs.log_alone")
        nothing = fixtures.asset_params(deployment, "nothing", source=fixtures.from_run(run.id))
        expect_error(
            400,
            "capturing a run without results",
            deployment.sdk().data_assets.create_data_asset,
            nothing,
            rules=("data_assets.capture_too_early",),
        )


@check("run_capsule", "get_computation", "delete_computation", full=True)
def failed_state(deployment: Deployment) -> None:
    """A run that the platform cannot carry out ends in the state failed, and stays there."""
    client = deployment.sdk().computations
    with (
        deployment.scenarios(deployment.scenario("broken", like="fails", state="failed", exit_code=1)),
        fixtures.run_to_end(deployment, capsule_id=deployment.capsule) as run,
    ):
        _check_end(run, "failed", "failed", 1)
        deployment.pass_time(DAY)
        expect(client.get_computation(run.id) == run, "a run that has failed changed a day later")


@check(*RUN, full=True)
def stopped_run(deployment: Deployment) -> None:
    """A capsule's run that is stopped in the app is completed and stopped at once, and has no results."""
    control = deployment.steered()
    with (
        deployment.scenarios(deployment.scenario("endless", like="stuck")),
        fixtures.start_run(deployment, capsule_id=deployment.capsule) as run,
    ):
        deployment.pass_time(DAY)
        control.stop(run.id)
        stopped = deployment.sdk().computations.get_computation(run.id)
        _check_end(stopped, "completed", "stopped", stopped.exit_code)
        expect(stopped.run_time >= DAY, f"a run of a day has a run time of {stopped.run_time} seconds")
        expect(not walk(results_of(deployment, run.id)).files, "a run that was stopped lists files", "runs.stopped")


@check(*RUN, "list_capsule_computations", "create_data_asset", full=True)
def stuck_run(deployment: Deployment) -> None:
    """A run that hangs goes on until it is deleted, and is gone then."""
    sdk = deployment.sdk()
    client = sdk.computations
    with (
        deployment.scenarios(deployment.scenario("stuck", like="stuck")),
        fixtures.start_run(deployment, capsule_id=deployment.capsule) as run,
    ):
        deployment.pass_time(DAY)
        late = client.get_computation(run.id)
        expect(late.state.value not in TERMINAL, f"a run that hangs is {late.state.value} after a day")
        expect(late.run_time >= DAY, f"a run that has been running for a day has a run time of {late.run_time} seconds")
        expect(not client.list_computation_results(run.id).items, "a running run lists results")
        early = fixtures.asset_params(deployment, "early", source=fixtures.from_run(run.id))
        expect_error(
            400,
            "capturing a running run",
            sdk.data_assets.create_data_asset,
            early,
            rules=("data_assets.capture_too_early",),
        )
        client.delete_computation(run.id)
        expect_error(404, "a run that was deleted while running", client.get_computation, run.id)
        left = [row.id for row in sdk.capsules.list_computations(deployment.capsule)]
        expect(run.id not in left, "a run that was deleted while running is still listed")


@check(*RUN, "get_result_file_urls", "create_data_asset", full=True)
def written_files(deployment: Deployment) -> None:
    """Files that the code of a run writes are listed folder by folder and downloaded byte for byte."""
    text, data, large = "word,count\nküche,2\n", bytes(range(256)), 300_000
    empty = "deep/file with spaces & more.txt"
    wrote = [
        {"path": "counts.csv", "text": text},
        {"path": "deep/er/data.bin", "base64": b64encode(data).decode()},
        {"path": empty, "text": ""},
        {"path": "large.bin", "size": large},
    ]
    sizes = {"counts.csv": len(text.encode()), "deep/er/data.bin": 256, empty: 0, "large.bin": large}
    scenario = deployment.scenario("writes", own_results=False, results=wrote)
    with deployment.scenarios(scenario), fixtures.run_to_end(deployment, capsule_id=deployment.capsule) as run:
        listed = walk(results_of(deployment, run.id))
        actual = {path: size for path, size in listed.sizes.items() if path != "output"}
        expect(actual == sizes, f"a run that wrote {sizes} lists {actual}")
        client = deployment.sdk().computations
        for path, expected in {"counts.csv": text.encode(), "deep/er/data.bin": data, empty: b""}.items():
            downloaded = open_item(deployment, listed.files[path], partial(client.get_result_file_urls, run.id, path))
            expect(downloaded == expected, f"{path} has different content than the run wrote")
        expect_error(
            404, "a missing file", client.get_result_file_urls, run.id, "deep/counts.csv", rules=("files.missing",)
        )
        expect_error(
            404, "a missing folder", client.list_computation_results, run.id, "deeper", rules=("files.missing",)
        )
        nothing = fixtures.asset_params(deployment, "nothing", source=fixtures.from_run(run.id, "deeper"))
        expect_error(400, "capturing a missing folder", deployment.sdk().data_assets.create_data_asset, nothing)


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
    with (
        deployment.scenarios(scenario),
        fixtures.create_asset(deployment, "denied", tags=[tag], source=source) as created,
    ):
        failed = fixtures.wait_for_asset(deployment, created.id)
        end = (failed.state, failed.failure_reason)
        expect(end == ("failed", reason), f"a data asset that cannot be made ended {end}")
        expect(not sdk.data_assets.list_data_asset_files(created.id).items, "a data asset that failed lists files")
        attach = [DataAssetAttachParams(id=created.id)]
        expect_error(
            400,
            "attaching a failed data asset",
            sdk.capsules.attach_data_assets,
            deployment.capsule,
            attach,
            rules=("data_assets.failed_unusable",),
        )
        run = RunParams(capsule_id=deployment.capsule, data_assets=[DataAssetsRunParam(id=created.id)])
        expect_error(
            400,
            "a run with a failed data asset",
            sdk.computations.run_capsule,
            run,
            rules=(
                "runs.asset_not_ready",
                "data_assets.failed_unusable",
            ),
        )
