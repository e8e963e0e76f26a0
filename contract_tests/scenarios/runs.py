"""Runs of a capsule: from start to results, captured, with parameters and data assets, renamed, deleted."""

from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import Any

from codeocean.computation import DataAssetsRunParam, NamedRunParam, RunParams

from contract_tests.checks import check
from contract_tests.deployment import TERMINAL, Deployment
from contract_tests.findings import CheckSkipped, expect
from contract_tests.scenarios import fixtures
from contract_tests.scenarios.expect_error import expect_error
from contract_tests.scenarios.files import Tree, download, files_of, open_item, results_of, smallest, walk
from contract_tests.scenarios.parameters import Parameter, invalid_values, panel_of, valid_values, values_of

STATES = ("initializing", "running", "finalizing", *TERMINAL)
"""In the order in which a run goes through them; source: the API's documentation, "Computations"."""

UNKNOWN = "00000000-0000-4000-8000-000000000000"
"""An id that nothing has."""


@check(
    "run_capsule",
    "get_computation",
    "list_capsule_computations",
    "list_computation_results",
    "get_result_file_urls",
    "get_result_file_download_url",
    "create_data_asset",
    "get_data_asset",
    "list_data_asset_files",
    "get_data_asset_file_urls",
    "get_data_asset_file_download_url",
    "delete_data_asset",
)
def run_and_capture(deployment: Deployment) -> None:
    """A run goes through its states to success; its results can be listed, opened and captured as a data asset, which
    holds the same files and says where they come from.
    """
    run = _follow(deployment, fixtures.start_shared(deployment))
    fixtures.require_success(deployment, run)
    _check_listed(deployment, run)
    client = deployment.sdk().computations
    results = walk(results_of(deployment, run.id))
    expect(results.files, "a run has results but lists none")
    contents = {}
    for item in smallest(results):
        contents[item.path] = open_item(deployment, item, partial(client.get_result_file_urls, run.id, item.path))
        _check_legacy_url(deployment, f"computations/{run.id}/results", item, contents[item.path])
    name, about = f"{deployment.tag} captured", "All results of a run."
    source = fixtures.from_run(run.id)
    with fixtures.create_ready_asset(deployment, name, description=about, mount="captured", source=source) as asset:
        actual = (asset.name, asset.description, asset.mount, asset.tags, asset.type)
        expect(
            actual == (name, about, "captured", [deployment.tag], "result"), f"a captured result is shown as {actual}"
        )
        expect(asset.owner == run.owner, f"a captured result is owned by {asset.owner}, its run by {run.owner}")
        expect(asset.created >= run.created, "a captured result is older than its run")
        expect(asset.source_bucket is None, "a captured result is in a bucket", "data_assets.captured_is_inside")
        _check_provenance(asset, run, deployment.capsule)
        _check_files(deployment, asset, results, contents)


def _follow(deployment: Deployment, began: Any) -> Any:
    """The run when it has ended, after its states were looked at on the way."""
    client = deployment.sdk().computations
    seen = [began]

    def look() -> Any:
        items = client.list_computation_results(began.id).items
        seen.append(client.get_computation(began.id))
        over = seen[-1].state.value in TERMINAL
        expect(over or not items, f"a run that is {seen[-1].state.value} lists results")
        return seen[-1]

    run = deployment.poll(look, lambda current: current.state.value in TERMINAL, f"the run {began.id}")
    steps = [STATES.index(moment.state.value) for moment in seen]
    expect(steps == sorted(steps), f"a run went {' → '.join(STATES[step] for step in steps)}")
    for moment in seen:
        fixed = (moment.id, moment.created, moment.name, moment.owner)
        expect(fixed == (began.id, began.created, began.name, began.owner), "a run changed its id, date, name or owner")
        has_ended = moment.end_status is not None or moment.exit_code is not None or moment.has_results
        expect(moment.state.value in TERMINAL or not has_ended, "a run reported an end before it ended")
    times = [moment.run_time for moment in seen]
    expect(times == sorted(times) and times[0] >= 0, f"the run time of a run went {times}")
    return run


def _check_listed(deployment: Deployment, run: Any) -> None:
    listed = [row for row in deployment.sdk().capsules.list_computations(deployment.capsule) if row.id == run.id]
    expect(len(listed) == 1, f"a run is listed {len(listed)} times among its capsule's runs")
    expect(listed[0] == run, "a run that has ended is listed differently than it is shown")


def _check_legacy_url(deployment: Deployment, folder: str, item: Any, known: bytes) -> None:
    """The route with one address, which the newer one replaces, leads to the same file."""

    def address() -> str:
        answer = deployment.http().ask("GET", f"/{folder}/download_url", 200, params={"path": item.path})
        return str(answer.json()["url"])

    same = download(deployment, address).answer[: len(known)] == known
    expect(same, f"{item.path} has different content by the legacy route")


def _check_provenance(asset: Any, run: Any, capsule: str) -> None:
    provenance = asset.provenance
    expect(provenance is not None, "a captured result has no provenance")
    expect(
        provenance.computation == run.id,
        f"the provenance of a result names the run {provenance.computation}, not {run.id}",
        "data_assets.provenance",
    )
    expect(
        provenance.capsule in (None, capsule),
        f"the provenance of a result names the capsule {provenance.capsule}",
        "data_assets.provenance",
    )
    inputs = [asset.id for asset in run.data_assets or ()]
    known = provenance.data_assets or []
    expect(
        sorted(known) == sorted(inputs),
        f"the provenance of a result names the inputs {known}, not {inputs}",
        "data_assets.provenance",
    )


def _check_files(deployment: Deployment, asset: Any, results: Tree, known: dict[str, bytes]) -> None:
    """The data asset has the files that were captured; `known` are the bytes of some."""
    files = walk(files_of(deployment, asset.id))
    expect(files.sizes == results.sizes, "a captured result lists other files than its run, or of other sizes")
    if files.whole:
        count, size = len(files.files), sum(files.sizes.values())
        expect(asset.files in (None, count), f"a data asset of {count} files says that it has {asset.files}")
        expect(asset.size in (None, size), f"a data asset of {size} bytes says that it has {asset.size}")
    client = deployment.sdk().data_assets
    for path, content_before in known.items():
        item = files.files[path]
        held = open_item(deployment, item, partial(client.get_data_asset_file_urls, asset.id, path))
        expect(held == content_before, f"{path} has different content in the data asset than in the run's results")
        _check_legacy_url(deployment, f"data_assets/{asset.id}/files", item, held)


@check(
    "run_capsule",
    "get_computation",
    "list_computation_results",
    "create_data_asset",
    "get_data_asset",
    "list_data_asset_files",
    "delete_data_asset",
)
def capture_of_folder(deployment: Deployment) -> None:
    """A part of a run's results can be captured: a folder holds what was below it, and nothing else."""
    run = fixtures.shared_run(deployment)
    results = walk(results_of(deployment, run.id))
    folders = sorted({path.rpartition("/")[0] for path in results.files if "/" in path})
    if not folders or not results.whole:
        raise CheckSkipped("a run of the capsule leaves no folder")
    folder = folders[0]
    expected = sorted(size for path, size in results.sizes.items() if path.startswith(f"{folder}/"))
    source = fixtures.from_run(run.id, folder)
    with fixtures.create_ready_asset(deployment, f"{deployment.tag} folder", source=source) as asset:
        held = sorted(walk(files_of(deployment, asset.id)).sizes.values())
        expect(
            held == expected, f"a captured folder of {len(expected)} files holds {len(held)} files, or of other sizes"
        )


@check(
    "get_capsule_app_panel",
    "run_capsule",
    "get_computation",
    "delete_computation",
    "list_capsule_computations",
    "create_data_asset",
    "get_data_asset",
    "delete_data_asset",
    full=True,
)
def run_with_parameters(deployment: Deployment) -> None:
    """Parameters that a run is given, by name or in order, are shown with it and with what is captured from it; what
    the app panel does not allow is refused, and starts nothing.
    """
    capsule, sdk = deployment.capsule, deployment.sdk()
    panel = panel_of(deployment, "capsules", capsule).get("parameters", [])
    values = valid_values(panel)
    if not values:
        raise CheckSkipped("the app panel has no parameters with names")
    named = [NamedRunParam(param_name=name, value=value) for name, value in values.items()]
    with fixtures.run_to_end(deployment, capsule_id=capsule, named_parameters=named) as run:
        expect(
            values_of(run.parameters) == values,
            f"a run given {values} shows {values_of(run.parameters)}",
            "run_capsule.body.named_parameters",
        )
        expect(
            run.name.startswith("Run With Parameters "),
            f"a run with parameters is called {run.name!r}",
            "runs.name_with_parameters",
        )
        fixtures.require_success(deployment, run)
        with fixtures.create_ready_asset(
            deployment, f"{deployment.tag} given", source=fixtures.from_run(run.id)
        ) as asset:
            actual = {entry.name: entry.value for entry in asset.app_parameters or ()}
            expect(
                actual == values,
                f"what was captured from a run given {values} shows {actual}",
                "run_capsule.body.named_parameters",
            )
    ordered = list(values.values())
    with fixtures.start_run(deployment, capsule_id=capsule, parameters=ordered) as run:
        expect(
            values_of(run.parameters) == values,
            f"a run given {ordered} in order shows {values_of(run.parameters)}",
            "run_capsule.body.parameters",
            "runs.ordered_parameters",
        )
    _check_defaults(deployment, panel, values)
    for name, value in {"no_such_parameter": "1", **invalid_values(panel)}.items():
        wrong = RunParams(capsule_id=capsule, named_parameters=[NamedRunParam(name, value)])
        expect_error(
            400,
            f"a run whose parameter {name} is {value!r}",
            sdk.computations.run_capsule,
            wrong,
            rules=("runs.parameter_checked",),
        )
        mistaken = [
            run for run in sdk.capsules.list_computations(capsule) if values_of(run.parameters).get(name) == value
        ]
        expect(
            not mistaken,
            f"a run whose parameter {name} is {value!r} was refused, and started all the same",
            "runs.parameter_checked",
        )


def _check_defaults(deployment: Deployment, panel: list[Parameter], values: dict[str, str]) -> None:
    """Check that missing parameters take the panel's defaults."""
    first = next(iter(values))
    defaults = {entry.get("param_name"): entry.get("default_value") for entry in panel}
    expected = {name: value for name, value in defaults.items() if name and value} | {first: values[first]}
    if any(entry.get("required") and entry.get("param_name") not in expected for entry in panel):
        return
    params = [NamedRunParam(param_name=first, value=values[first])]
    with fixtures.start_run(deployment, capsule_id=deployment.capsule, named_parameters=params) as run:
        actual = values_of(run.parameters)
        expect(actual == expected, f"a run given {first} alone shows {actual}, not {expected}", "runs.defaults")


@check(
    "run_capsule",
    "get_computation",
    "delete_computation",
    "create_data_asset",
    "get_data_asset",
    "delete_data_asset",
    full=True,
)
def run_with_data_assets(deployment: Deployment) -> None:
    """Data assets that a run is given are shown with it, at their own mount or the one asked for, and in the
    provenance of what is captured from it; what cannot be mounted is refused.
    """
    client, capsule = deployment.sdk().computations, deployment.capsule
    with (
        fixtures.capture_asset(deployment, f"{deployment.tag} one", mount="one") as first,
        fixtures.capture_asset(deployment, f"{deployment.tag} two", mount="two") as second,
    ):
        params = [DataAssetsRunParam(id=first.id), DataAssetsRunParam(id=second.id, mount="elsewhere")]
        with fixtures.run_to_end(deployment, capsule_id=capsule, data_assets=params) as run:
            mounts = {asset.id: asset.mount for asset in run.data_assets or ()}
            actual = (mounts.get(first.id), mounts.get(second.id))
            expect(
                actual == ("one", "elsewhere"),
                f"data assets given at one and elsewhere are mounted at {actual}",
                "run_capsule.body.data_assets.mount",
            )
            fixtures.require_success(deployment, run)
            with fixtures.create_ready_asset(
                deployment, f"{deployment.tag} made", source=fixtures.from_run(run.id)
            ) as asset:
                inputs = asset.provenance.data_assets or []
                expect(sorted(inputs) == sorted(mounts), f"the provenance names {inputs}, not {sorted(mounts)}")
        used = deployment.sdk().data_assets.get_data_asset(first.id).last_used
        expect(used >= run.created, f"a data asset was last used at {used}, but a run had it at {run.created}")
        for what, wrong in {
            "a run with two data assets at one mount": [
                DataAssetsRunParam(first.id),
                DataAssetsRunParam(second.id, "one"),
            ],
            "a run with a data asset that does not exist": [DataAssetsRunParam(UNKNOWN)],
        }.items():
            expect_error(
                400,
                what,
                client.run_capsule,
                RunParams(capsule_id=capsule, data_assets=wrong),
                rules=(
                    "runs.one_mount",
                    "runs.unknown_inputs",
                ),
            )


@check(
    "run_capsule",
    "get_computation",
    "rename_computation",
    "list_capsule_computations",
    "list_computation_results",
    "get_result_file_urls",
    "delete_computation",
)
def rename_and_delete(deployment: Deployment) -> None:
    """A run that has ended can be renamed, which changes nothing else, and deleted, after which it is nowhere."""
    sdk = deployment.sdk()
    client = sdk.computations
    with fixtures.run_to_end(deployment, capsule_id=deployment.capsule) as run:
        name = f"{deployment.tag} über 名前"
        client.rename_computation(run.id, name)
        after = client.get_computation(run.id)
        expect(after.name == name, f"a run renamed to {name!r} is called {after.name!r}")
        expect(replace(after, name=run.name) == run, "a run that was renamed differs in more than its name")
        listed = [row.name for row in sdk.capsules.list_computations(deployment.capsule) if row.id == run.id]
        expect(listed == [name], f"a run renamed to {name!r} is listed as {listed}")
        client.delete_computation(run.id)
        expect_error(404, "a run that was deleted", client.get_computation, run.id)
        expect_error(404, "the results of a run that was deleted", client.list_computation_results, run.id)
        expect_error(404, "a file of a run that was deleted", client.get_result_file_urls, run.id, "output")
        expect_error(404, "renaming a run that was deleted", client.rename_computation, run.id, name)
        expect_error(404, "deleting a run a second time", client.delete_computation, run.id)
        left = [row.id for row in sdk.capsules.list_computations(deployment.capsule)]
        expect(run.id not in left, "a run that was deleted is still listed")


@check(
    "run_capsule_legacy",
    "run_capsule",
    "list_capsule_computations",
    "get_computation",
    "delete_computation",
    "create_data_asset",
    "get_data_asset",
    "delete_data_asset",
    full=True,
)
def newest_first(deployment: Deployment) -> None:
    """The runs of a capsule are listed from the newest to the oldest, one for each time that it was started, by
    whichever route.
    """
    capsule, sdk = deployment.capsule, deployment.sdk()
    with ExitStack() as stack:
        mark = stack.enter_context(fixtures.capture_asset(deployment, f"{deployment.tag} mark"))
        params = [DataAssetsRunParam(id=mark.id)]
        started = []
        for _ in range(2):
            started.append(
                stack.enter_context(fixtures.start_run(deployment, capsule_id=capsule, data_assets=params)).id
            )
            deployment.pass_time(2)
        body = {"capsule_id": capsule, "data_assets": [{"id": mark.id}]}
        started.append(deployment.http().ask("POST", "/capsules/computations", 200, json=body).json()["id"])
        stack.callback(sdk.computations.delete_computation, started[-1])
        runs = sdk.capsules.list_computations(capsule)
        listed = [run.id for run in runs if mark.id in {asset.id for asset in run.data_assets or ()}]
        expect(len(listed) == len(started), f"{len(started)} runs were started, but {len(listed)} are listed")
        expect(listed == started[::-1], "the runs of a capsule are not listed newest first")
        ages = [run.created for run in runs]
        expect(ages == sorted(ages, reverse=True), "the runs of a capsule are not sorted by their date")
        key = sdk.computations.get_computation(started[-1]).id
        expect(key == started[-1], "a run that the older route started is shown with a different id")


@check("delete_computation", "get_computation")
def nothing_left(deployment: Deployment) -> None:
    """The runs that scenarios shared can be deleted, and are gone then."""
    client = deployment.sdk().computations
    for run in fixtures.release_shared(deployment):
        expect_error(404, "a run that was deleted", client.get_computation, run)
