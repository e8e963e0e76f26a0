"""Fields that few things have, in every answer that shows the thing."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from codeocean.computation import Param
from codeocean.data_asset import AWSS3Target, ResultsInfo, Source, Target, TransferDataParams
from codeocean.data_asset import GCPCloudStorageSource as GCPSource

from contract_tests.checks import check
from contract_tests.deployment import ADMIN, Deployment
from contract_tests.findings import CheckSkipped, expect
from contract_tests.scenarios import fixtures
from contract_tests.scenarios.capsules import sync_idle
from contract_tests.scenarios.parameters import panel_of, valid_values

ASSET = ("create_data_asset", "get_data_asset", "update_data_asset", "search_data_assets", "search_data_assets_legacy")

RUN = ("run_capsule", "run_capsule_legacy", "get_computation", "delete_computation")


def _expect_shown(deployment: Deployment, key: str, *fields: str) -> dict[str, Any]:
    """Return a data asset by GET, after it was compared with all other answers that show it, in fields that it has."""
    caller = deployment.http()
    got: dict[str, Any] = caller.ask("GET", f"/data_assets/{key}", 200).json()
    query = {"query": f"tag:{deployment.tag}", "limit": 1000}
    found = caller.ask("POST", "/data_assets/search", 200, json=query).json()
    old = caller.ask("GET", "/data_assets", 200, params=query).json()
    answers: dict[str, dict[str, Any]] = {
        "get_data_asset.answer": got,
        "update_data_asset.answer": caller.ask("PUT", f"/data_assets/{key}", 200, json={"description": "Seen."}).json(),
        "search_data_assets.answer.results": _row(found["results"], key),
        "search_data_assets_legacy.answer.results": _row(old["results"], key),
    }
    for field in fields:
        expect(got.get(field) is not None, f"data asset {key} has no {field}", f"get_data_asset.answer.{field}")
        for place, shown in answers.items():
            message = f"{field} of data asset {key} is {shown.get(field)!r} in {place}, not {got[field]!r}"
            expect(shown.get(field) == got[field], message, f"{place}.{field}")
    return got


def _row(rows: list[dict[str, Any]], key: str) -> dict[str, Any]:
    return next((row for row in rows if row["id"] == key), {})


@check(*ASSET, *RUN, "get_capsule_app_panel", "transfer_data_asset", "delete_data_asset", full=True)
def uncommon_data_assets(deployment: Deployment) -> None:
    """What few data assets have is the same by GET, by PUT and in both searches: parameters, parts, a reason of
    failure, a transfer, a bucket at Google.
    """
    with ExitStack() as stack:
        given = stack.enter_context(_captured_with_parameters(deployment))
        _expect_shown(deployment, given, "app_parameters", "provenance")
        far = (fixtures.from_bucket(name, external=True) for name in ("uncommon-a", "uncommon-b"))
        parts = [_asset(deployment, stack, name, source=source) for name, source in zip("ab", far, strict=True)]
        whole = _asset(deployment, stack, "whole", data_asset_ids=parts)
        shown = _expect_shown(deployment, whole, "contained_data_assets", "size")
        expect([part["id"] for part in shown["contained_data_assets"]] == parts, "a whole has other parts")
        google = Source(gcp=GCPSource(bucket=fixtures.BUCKET, prefix="uncommon"))
        shown = _expect_shown(deployment, _asset(deployment, stack, "google", source=google), "source_bucket")
        origin, external = shown["source_bucket"]["origin"], shown["source_bucket"].get("external")
        expect(external is True, "a data asset at Google is not external", "data_assets.google_is_external")
        expect(origin == "gcp", f"a data asset at Google is from {origin}", "model.source_bucket.origin.gcp")
        _check_described_results(deployment, stack)
        _check_transfer(deployment, stack)
        _check_failure(deployment, stack)


def _asset(deployment: Deployment, stack: ExitStack, name: str, **fields: Any) -> str:
    asset = fixtures.create_ready_asset(deployment, f"{deployment.tag} {name}", **fields)
    return str(stack.enter_context(asset).id)


@contextmanager
def _captured_with_parameters(deployment: Deployment) -> Iterator[str]:
    values = valid_values(panel_of(deployment, "capsules", deployment.capsule).get("parameters", []))
    if not values:
        raise CheckSkipped("the app panel has no parameters with names")
    named = [{"param_name": name, "value": value} for name, value in values.items()]
    body = {"capsule_id": deployment.capsule, "named_parameters": named}
    begun = deployment.http().ask("POST", "/capsules/computations", 200, json=body).json()
    actual = {entry.get("param_name"): entry.get("value") for entry in begun.get("parameters", ())}
    rules = ("run_capsule_legacy.answer.parameters", "run_capsule_legacy.body.named_parameters")
    expect(actual == values, f"a run given {values} shows {actual} at once", *rules)
    fixtures.wait_for_run(deployment, begun["id"])
    try:
        source = fixtures.from_run(begun["id"])
        with fixtures.create_ready_asset(deployment, f"{deployment.tag} given", source=source) as asset:
            yield asset.id
    finally:
        deployment.sdk().computations.delete_computation(begun["id"])


def _check_described_results(deployment: Deployment, stack: ExitStack) -> None:
    """Results in a bucket, of a run that the platform does not know: the client tells what made them."""
    about = {"pipeline_id": deployment.pipeline, "nextflow_profile": "contract", "run_script": "code/run"}
    info = ResultsInfo(**about, commit="9f2c1d7", parameters=[Param(param_name="depth", value="7")])
    source = fixtures.from_bucket("uncommon", external=False)
    key = _asset(deployment, stack, "described", source=source, results_info=info)
    shown = _expect_shown(deployment, key, "nextflow_profile", "app_parameters", "provenance")
    expected = about | {"parameters": [{"name": "depth", "value": "7"}], "commit": "9f2c1d7"}
    actual = {"nextflow_profile": shown["nextflow_profile"], "parameters": shown["app_parameters"]}
    actual |= {"pipeline_id": shown["provenance"].get("capsule")}
    actual |= {name: shown["provenance"].get(name) for name in ("run_script", "commit")}
    for name, value in expected.items():
        rules = ("data_assets.results_info", f"create_data_asset.body.results_info.{name}")
        expect(actual[name] == value, f"{name} of results that were described as {value} is {actual[name]}", *rules)


def _check_transfer(deployment: Deployment, stack: ExitStack) -> None:
    admin, client = deployment.sdk(ADMIN).data_assets, deployment.sdk().data_assets
    asset = stack.enter_context(fixtures.capture_asset(deployment, f"{deployment.tag} far away"))
    target = Target(aws=AWSS3Target(bucket=fixtures.BUCKET, prefix="uncommon"))
    admin.transfer_data_asset(asset.id, TransferDataParams(target=target))
    deployment.poll(
        lambda: client.get_data_asset(asset.id),
        lambda current: current.last_transferred,
        "the transfer of a data asset",
    )
    _expect_shown(deployment, asset.id, "last_transferred", "source_bucket")


def _check_failure(deployment: Deployment, stack: ExitStack) -> None:
    name = f"{deployment.tag}-lost"
    scenario = {"name": name, "kind": "data_asset", "when": {"name": name}, "failure_reason": "access denied"}
    with deployment.scenarios(scenario):
        source = fixtures.from_bucket("uncommon", external=False)
        draft = stack.enter_context(fixtures.create_asset(deployment, name, source=source))
        fixtures.wait_for_asset(deployment, draft.id)
    shown = _expect_shown(deployment, draft.id, "failure_reason", "state")
    expect(shown["state"] == "failed", f"a data asset that cannot be made is {shown['state']}")
    expect(
        "files" not in shown and "size" not in shown, "a failed data asset has files", "data_assets.failed_without_size"
    )


@check(
    *RUN,
    "search_pipelines",
    "get_pipeline_app_panel",
    "list_capsule_computations",
    "list_pipeline_computations",
    full=True,
)
def uncommon_runs(deployment: Deployment) -> None:
    """What few runs show is the same when they are begun, by GET and in lists: processes, a Nextflow profile."""
    pipeline = _pipeline_with_parameters(deployment)
    with ExitStack() as stack:
        for begin in ("/computations", "/capsules/computations"):
            body = {"pipeline_id": pipeline, "nextflow_profile": "contract"} | _process_parameters(deployment, pipeline)
            begun = deployment.http().ask("POST", begin, 200, json=body).json()
            stack.callback(deployment.sdk().computations.delete_computation, begun["id"])
            _check_run(deployment, begun, pipeline, "run_capsule_legacy" if "capsules" in begin else "run_capsule")


def _check_run(deployment: Deployment, begun: dict[str, Any], pipeline: str, name: str) -> None:
    caller = deployment.http()
    answers = {
        f"{name}.answer": begun,
        "get_computation.answer": caller.ask("GET", f"/computations/{begun['id']}", 200).json(),
        "list_capsule_computations.answer": _row(
            caller.ask("GET", f"/capsules/{pipeline}/computations", 200).json(), begun["id"]
        ),
        "list_pipeline_computations.answer": _row(
            caller.ask("GET", f"/pipelines/{pipeline}/computations", 200).json(), begun["id"]
        ),
    }
    for place, shown in answers.items():
        profile = shown.get("nextflow_profile")
        message = f"a run with a Nextflow profile has {profile!r} in {place}"
        expect(profile == "contract", message, f"{place}.nextflow_profile", f"{name}.body.nextflow_profile")
        given = [entry["value"] for process in shown.get("processes", ()) for entry in process.get("parameters", ())]
        rules = (f"{place}.processes", f"{name}.body.processes", f"{name}.body.processes.named_parameters.value")
        expect("2" in given, f"a process given 2 has {given} in {place}", *rules)


def _process_parameters(deployment: Deployment, pipeline: str) -> dict[str, Any]:
    panel = panel_of(deployment, "pipelines", pipeline)
    for process in panel.get("processes", ()):
        for entry in process.get("parameters", ()):
            if entry.get("value_type") == "integer":
                named = [{"param_name": entry["param_name"], "value": "2"}]
                return {"processes": [{"name": process["name"], "named_parameters": named}]}
    raise CheckSkipped("no process of the pipeline takes an integer")


def _pipeline_with_parameters(deployment: Deployment) -> str:
    search = deployment.http().ask("POST", "/pipelines/search", 200, json={"ownership": "created"}).json()
    for row in search["results"]:
        try:
            _process_parameters(deployment, row["id"])
        except CheckSkipped:
            continue
        return str(row["id"])
    raise CheckSkipped("no pipeline of the owner has a process that takes an integer")


@check("search_pipelines", "get_capsule_app_panel", "get_pipeline_app_panel", "get_capsule", "get_pipeline", full=True)
def pipelines_as_capsules(deployment: Deployment) -> None:
    """A pipeline is found under /capsules too, with the same app panel."""
    caller = deployment.http()
    for row in caller.ask("POST", "/pipelines/search", 200, json={"ownership": "created"}).json()["results"]:
        own = caller.ask("GET", f"/pipelines/{row['id']}", 200).json()
        same = caller.ask("GET", f"/capsules/{row['id']}", 200).json() == own
        expect(same, "a pipeline is another under /capsules", "capsules.pipeline_is_a_capsule")
        panel = caller.ask("GET", f"/pipelines/{row['id']}/app_panel")
        other = caller.ask("GET", f"/capsules/{row['id']}/app_panel")
        rules = [f"get_capsule_app_panel.answer.{field}" for field in panel.json()] if panel.ok else []
        same = panel.status == other.status and (panel.json() == other.json() or not panel.ok)
        expect(same, "a pipeline has another app panel under /capsules", *rules)


@check(*RUN, "search_capsules", full=True)
def runs_of_releases(deployment: Deployment) -> None:
    """The run of a release capsule has the version that was asked for, and `release` for an owner; the newest version
    when none is asked for.
    """
    caller = deployment.http()
    for row in caller.ask("POST", "/capsules/search", 200, json={"status": "release"}).json()["results"]:
        versions = [version["major_version"] for version in row.get("versions", ())]
        for version in (None, *versions[:2]):
            body = {"capsule_id": row["id"]} | ({} if version is None else {"version": version})
            run = caller.ask("POST", "/computations", 200, json=body).json()
            read = caller.ask("GET", f"/computations/{run['id']}", 200).json()
            caller.ask("DELETE", f"/computations/{run['id']}", 204)
            expected = ("release", max(versions) if version is None else version)
            for place, shown in (("run_capsule", run), ("get_computation", read)):
                actual = (shown["owner"], shown.get("version"))
                rules = (f"{place}.answer.version", "run_capsule.body.version", "runs.of_release")
                expect(actual == expected, f"a run of the release {expected[1]} shows {actual}", *rules)
        old = caller.ask("POST", "/capsules/computations", 200, json={"capsule_id": row["id"]}).json()
        caller.ask("DELETE", f"/computations/{old['id']}", 204)
        same = old.get("version") == max(versions)
        expect(same, f"by the older route a run shows {old.get('version')}", "run_capsule_legacy.answer.version")
        body = {"capsule_id": row["id"], "version": max(versions) + 1}
        refused = caller.ask("POST", "/computations", json=body)
        expect(refused.status == 400, f"a version never released returned {refused.status}", "runs.unknown_version")


@check(
    *RUN,
    *(f"{verb}_{kind}" for verb in ("get", "sync", "release") for kind in ("capsule", "pipeline")),
    *("search_capsules", "search_pipelines", "get_capsule_release_job", "get_pipeline_release_job"),
    *("list_capsule_computations", "list_pipeline_computations"),
    full=True,
)
def releases_that_end_otherwise(deployment: Deployment) -> None:
    """A release job that fails or is canceled ends so, with the error, and releases nothing."""
    caller, looked = deployment.http(), False
    for kind in ("capsule", "pipeline"):
        rows = caller.ask("POST", f"/{kind}s/search", 200, json={"ownership": "created"}).json()["results"]
        row = next((row for row in rows if row.get("release_capsule") and row["status"] == "non_release"), None)
        if row is None:
            continue
        looked = True
        # Without a run that has succeeded nothing is released, nor ahead of or behind its repository.
        if row.get("cloned_from_url"):
            sync_idle(deployment, kind, row["id"])
        with fixtures.run_to_end(deployment, **{f"{kind}_id": row["id"]}):
            for status in ("failed", "canceled"):
                name = f"{deployment.tag}-{status}"
                scenario = {"name": name, "kind": "release", "status": status, "error": "no DOI"}
                with deployment.scenarios(scenario | {"when": {kind: row["id"]}}):
                    _check_release(deployment, kind, row, status)
    if not looked:
        raise CheckSkipped("nothing was released before")


def _check_release(deployment: Deployment, kind: str, row: dict[str, Any], status: str) -> None:
    """Release, and look at how that ends; the run that a release makes is deleted."""
    caller, runs = deployment.http(), f"/{kind}s/{row['release_capsule']}/computations"
    known = {run["id"] for run in caller.ask("GET", runs, 200).json()}
    release = caller.ask("POST", f"/{kind}s/{row['id']}/release")
    if release.status == 403:
        raise CheckSkipped(f"the {kind} cannot be released now: {release.response_text()}")
    path = f"/{kind}s/{row['id']}/release/{release.json()['job_id']}"
    before = caller.ask("GET", f"/{kind}s/{row['release_capsule']}", 200).json().get("versions")
    job = deployment.poll(
        lambda: caller.ask("GET", path, 200).json(),
        lambda current: current["status"] not in ("created", "started", "canceling"),
        "a release",
    )
    rules = (f"get_{kind}_release_job.answer.error", f"model.release_job.status.{status}")
    ended = (job["status"], job.get("error"))
    expected = (status, "no DOI" if status == "failed" else None)
    expect(ended == expected, f"a release that is to end {status} ended {ended}", *rules)
    after = caller.ask("GET", f"/{kind}s/{row['release_capsule']}", 200).json().get("versions")
    for run in caller.ask("GET", runs, 200).json():
        if run["id"] not in known and run["name"].startswith("Release "):
            caller.ask("DELETE", f"/computations/{run['id']}", 204)
    expect(after == before and "release_version" not in job, f"a {status} release released", "capsules.release_fails")
