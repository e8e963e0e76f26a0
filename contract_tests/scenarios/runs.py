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
from contract_tests.scenarios.expect_error import refused
from contract_tests.scenarios.files import Tree, content, files_of, opened, results_of, some, walk
from contract_tests.scenarios.parameters import Parameter, illegal, legal, panel_of, shown

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
    run = _watched(deployment, fixtures.start_shared(deployment))
    fixtures.require_success(deployment, run)
    _listed(deployment, run)
    client = deployment.sdk().computations
    results = walk(results_of(deployment, run.id))
    expect(results.files, "a run has results, but none are listed")
    found = {}
    for item in some(results):
        found[item.path] = opened(deployment, item, partial(client.get_result_file_urls, run.id, item.path))
        _same_by_old_url(deployment, f"computations/{run.id}/results", item, found[item.path])
    name, about = f"{deployment.tag} captured", "All results of a run."
    source = fixtures.from_run(run.id)
    with fixtures.ready(deployment, name, description=about, mount="captured", source=source) as made:
        told = (made.name, made.description, made.mount, made.tags, made.type)
        expect(told == (name, about, "captured", [deployment.tag], "result"), f"a captured result is shown as {told}")
        expect(made.owner == run.owner, f"a captured result is owned by {made.owner}, its run by {run.owner}")
        expect(made.created >= run.created, "a captured result is older than its run")
        _comes_from(made, run, deployment.capsule)
        _holds(deployment, made, results, found)


def _watched(deployment: Deployment, began: Any) -> Any:
    """The run when it has ended, after its states were looked at on the way."""
    client = deployment.sdk().computations
    seen = [began]

    def look() -> Any:
        items = client.list_computation_results(began.id).items
        seen.append(client.get_computation(began.id))
        over = seen[-1].state.value in TERMINAL
        expect(over or not items, f"a run that is {seen[-1].state.value} lists results")
        return seen[-1]

    run = deployment.poll(look, lambda found: found.state.value in TERMINAL, f"the run {began.id}")
    steps = [STATES.index(moment.state.value) for moment in seen]
    expect(steps == sorted(steps), f"a run went {' → '.join(STATES[step] for step in steps)}")
    for moment in seen:
        fixed = (moment.id, moment.created, moment.name, moment.owner)
        expect(fixed == (began.id, began.created, began.name, began.owner), "a run changed its id, date, name or owner")
        told = moment.end_status is not None or moment.exit_code is not None or moment.has_results
        expect(moment.state.value in TERMINAL or not told, "a run told its end while it went on")
    times = [moment.run_time for moment in seen]
    expect(times == sorted(times) and times[0] >= 0, f"the run time of a run went {times}")
    return run


def _listed(deployment: Deployment, run: Any) -> None:
    listed = [found for found in deployment.sdk().capsules.list_computations(deployment.capsule) if found.id == run.id]
    expect(len(listed) == 1, f"a run is {len(listed)} times in the list of its capsule's runs")
    expect(listed[0] == run, "a run that has ended is listed otherwise than it is shown")


def _same_by_old_url(deployment: Deployment, folder: str, item: Any, known: bytes) -> None:
    """The route with one address, which the newer one replaces, leads to the same file."""

    def address() -> str:
        answer = deployment.http().ask("GET", f"/{folder}/download_url", 200, params={"path": item.path})
        return str(answer.json()["url"])

    same = content(deployment, address).answer[: len(known)] == known
    expect(same, f"{item.path} has other bytes by the older route than by the newer one")


def _comes_from(made: Any, run: Any, capsule: str) -> None:
    told = made.provenance
    expect(told is not None, "a captured result has no provenance")
    expect(told.computation == run.id, f"the provenance of a result names the run {told.computation}, not {run.id}")
    expect(told.capsule in (None, capsule), f"the provenance of a result names the capsule {told.capsule}")
    inputs = [asset.id for asset in run.data_assets or ()]
    known = told.data_assets or []
    expect(sorted(known) == sorted(inputs), f"the provenance of a result names the inputs {known}, not {inputs}")


def _holds(deployment: Deployment, made: Any, results: Tree, known: dict[str, bytes]) -> None:
    """The data asset has the files that were captured; `known` are the bytes of some."""
    files = walk(files_of(deployment, made.id))
    expect(files.sizes == results.sizes, "a captured result lists other files than its run, or of other sizes")
    if files.whole:
        count, size = len(files.files), sum(files.sizes.values())
        expect(made.files in (None, count), f"a data asset of {count} files says that it has {made.files}")
        expect(made.size in (None, size), f"a data asset of {size} bytes says that it has {made.size}")
    client = deployment.sdk().data_assets
    for path, content_before in known.items():
        item = files.files[path]
        held = opened(deployment, item, partial(client.get_data_asset_file_urls, made.id, path))
        expect(held == content_before, f"{path} has other bytes in the data asset than in the run's results")
        _same_by_old_url(deployment, f"data_assets/{made.id}/files", item, held)


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
    wanted = sorted(size for path, size in results.sizes.items() if path.startswith(f"{folder}/"))
    source = fixtures.from_run(run.id, folder)
    with fixtures.ready(deployment, f"{deployment.tag} folder", source=source) as made:
        held = sorted(walk(files_of(deployment, made.id)).sizes.values())
        expect(held == wanted, f"a captured folder of {len(wanted)} files holds {len(held)} files, or of other sizes")


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
    values = legal(panel)
    if not values:
        raise CheckSkipped("the app panel has no parameters with names")
    named = [NamedRunParam(param_name=name, value=value) for name, value in values.items()]
    with fixtures.ended(deployment, capsule_id=capsule, named_parameters=named) as run:
        expect(shown(run.parameters) == values, f"a run given {values} shows {shown(run.parameters)}")
        expect(run.name.startswith("Run With Parameters "), f"a run with parameters is called {run.name!r}")
        fixtures.require_success(deployment, run)
        with fixtures.ready(deployment, f"{deployment.tag} given", source=fixtures.from_run(run.id)) as made:
            told = {entry.name: entry.value for entry in made.app_parameters or ()}
            expect(told == values, f"what was captured from a run given {values} shows {told}")
    ordered = list(values.values())
    with fixtures.started(deployment, capsule_id=capsule, parameters=ordered) as run:
        expect(shown(run.parameters) == values, f"a run given {ordered} in order shows {shown(run.parameters)}")
    _defaults(deployment, panel, values)
    for name, value in {"no_such_parameter": "1", **illegal(panel)}.items():
        wrong = RunParams(capsule_id=capsule, named_parameters=[NamedRunParam(name, value)])
        refused(400, f"a run whose parameter {name} is {value!r}", sdk.computations.run_capsule, wrong)
        mistaken = [run for run in sdk.capsules.list_computations(capsule) if shown(run.parameters).get(name) == value]
        expect(not mistaken, f"a run whose parameter {name} is {value!r} was refused, and started all the same")


def _defaults(deployment: Deployment, panel: list[Parameter], values: dict[str, str]) -> None:
    """What a run is not given has the default of the panel."""
    first = next(iter(values))
    defaults = {entry.get("param_name"): entry.get("default_value") for entry in panel}
    wanted = {name: value for name, value in defaults.items() if name and value} | {first: values[first]}
    if any(entry.get("required") and entry.get("param_name") not in wanted for entry in panel):
        return
    given = [NamedRunParam(param_name=first, value=values[first])]
    with fixtures.started(deployment, capsule_id=deployment.capsule, named_parameters=given) as run:
        told = shown(run.parameters)
        expect(told == wanted, f"a run given {first} alone shows {told}, not {wanted}")


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
        fixtures.captured(deployment, f"{deployment.tag} one", mount="one") as one,
        fixtures.captured(deployment, f"{deployment.tag} two", mount="two") as two,
    ):
        given = [DataAssetsRunParam(id=one.id), DataAssetsRunParam(id=two.id, mount="elsewhere")]
        with fixtures.ended(deployment, capsule_id=capsule, data_assets=given) as run:
            mounts = {asset.id: asset.mount for asset in run.data_assets or ()}
            told = (mounts.get(one.id), mounts.get(two.id))
            expect(told == ("one", "elsewhere"), f"data assets given at one and elsewhere are mounted at {told}")
            fixtures.require_success(deployment, run)
            with fixtures.ready(deployment, f"{deployment.tag} made", source=fixtures.from_run(run.id)) as made:
                inputs = made.provenance.data_assets or []
                expect(sorted(inputs) == sorted(mounts), f"the provenance names {inputs}, not {sorted(mounts)}")
        used = deployment.sdk().data_assets.get_data_asset(one.id).last_used
        expect(used >= run.created, f"a data asset was last used at {used}, but a run had it at {run.created}")
        for what, wrong in {
            "a run with two data assets at one mount": [DataAssetsRunParam(one.id), DataAssetsRunParam(two.id, "one")],
            "a run with a data asset that does not exist": [DataAssetsRunParam(UNKNOWN)],
        }.items():
            refused(400, what, client.run_capsule, RunParams(capsule_id=capsule, data_assets=wrong))


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
    with fixtures.ended(deployment, capsule_id=deployment.capsule) as run:
        name = f"{deployment.tag} über 名前"
        client.rename_computation(run.id, name)
        after = client.get_computation(run.id)
        expect(after.name == name, f"a run renamed to {name!r} is called {after.name!r}")
        expect(replace(after, name=run.name) == run, "a run that was renamed differs in more than its name")
        listed = [found.name for found in sdk.capsules.list_computations(deployment.capsule) if found.id == run.id]
        expect(listed == [name], f"a run renamed to {name!r} is listed as {listed}")
        client.delete_computation(run.id)
        refused(404, "a run that was deleted", client.get_computation, run.id)
        refused(404, "the results of a run that was deleted", client.list_computation_results, run.id)
        refused(404, "a file of a run that was deleted", client.get_result_file_urls, run.id, "output")
        refused(404, "renaming a run that was deleted", client.rename_computation, run.id, name)
        refused(404, "deleting a run for the second time", client.delete_computation, run.id)
        left = [found.id for found in sdk.capsules.list_computations(deployment.capsule)]
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
        mark = stack.enter_context(fixtures.captured(deployment, f"{deployment.tag} mark"))
        given = [DataAssetsRunParam(id=mark.id)]
        started = []
        for _ in range(2):
            started.append(stack.enter_context(fixtures.started(deployment, capsule_id=capsule, data_assets=given)).id)
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
        told = sdk.computations.get_computation(started[-1]).id
        expect(told == started[-1], "a run that the older route started is shown with another id")


@check("delete_computation", "get_computation")
def nothing_left(deployment: Deployment) -> None:
    """The runs that scenarios shared can be deleted, and are gone then."""
    client = deployment.sdk().computations
    for run in fixtures.release_shared(deployment):
        refused(404, "a run that was deleted", client.get_computation, run)
