"""Scenarios that only read: runs, data assets, capsules, pipelines, pages of searches."""

from collections.abc import Callable
from functools import partial
from typing import Any

from codeocean.capsule import CapsuleSearchParams
from codeocean.components import UserRole
from codeocean.data_asset import DataAssetSearchParams

from contract_tests.checks import check
from contract_tests.deployment import TERMINAL, Deployment
from contract_tests.findings import CheckSkipped, expect
from contract_tests.scenarios.eventually import undisturbed
from contract_tests.scenarios.expect_error import expect_error
from contract_tests.scenarios.files import Listing, files_of, open_item, results_of, smallest, walk
from contract_tests.scenarios.parameters import panel_of

ROWS = 30
"""How many rows of a search are walked through."""


def _open_files(deployment: Deployment, listing: Listing, urls: Callable[[str, str], Any], key: str) -> int:
    """List files and open some; how many there are."""
    files = walk(listing)
    for item in smallest(files):
        open_item(deployment, item, partial(urls, key, item.path))
    return len(files.files)


@check("get_computation", "list_computation_results", "get_result_file_urls")
def read_run(deployment: Deployment) -> None:
    """A completed run is shown the same twice, and its results are listed and open."""
    client, key = deployment.sdk().computations, deployment.computation
    run = client.get_computation(key)
    expect(run.id == key, "a run is shown with a different id")
    expect(run.state.value in TERMINAL, f"a run that was completed is {run.state.value}")
    expect(run.end_status and run.exit_code is not None, "a completed run does not say how it ended")
    expect(run.created > 0 and run.run_time >= 0, f"a run was made at {run.created} and took {run.run_time} seconds")
    count = _open_files(deployment, results_of(deployment, key), client.get_result_file_urls, key)
    expect(count or not run.has_results, "a run with results lists none")
    again = client.get_computation(key)
    actual = (again.created, again.run_time, again.state, again.end_status, again.exit_code)
    expected = (run.created, run.run_time, run.state, run.end_status, run.exit_code)
    expect(actual == expected, "a completed run has changed")
    expect_error(404, "a missing result", client.get_result_file_urls, key, "no/such/file")


@check("get_data_asset", "list_data_asset_files", "get_data_asset_file_urls", "get_data_asset_permissions")
def read_data_asset(deployment: Deployment) -> None:
    """A ready data asset is shown, and its files are listed and open."""
    client, key = deployment.sdk().data_assets, deployment.data_asset
    asset = client.get_data_asset(key)
    expect(asset.id == key, "a data asset is shown with a different id")
    expect(asset.state == "ready", f"a data asset that was ready is {asset.state}")
    expect(asset.created > 0 and asset.name and asset.mount, "a data asset has no date, name or mount")
    count = _open_files(deployment, files_of(deployment, key), client.get_data_asset_file_urls, key)
    expect(count, "a data asset with files lists none")
    _check_owner_permission(client.get_permissions(key), asset)


def _check_owner_permission(permissions: Any, of: Any) -> None:
    roles = {user.email: user.role for user in permissions.users or ()}
    if of.owner_email and roles:
        expect(roles.get(of.owner_email) == UserRole.Owner, "the permissions do not list the owner as an owner")


def _check_capsule(deployment: Deployment, kind: str, key: str) -> None:
    client = getattr(deployment.sdk(), f"{kind}s")
    thing = getattr(client, f"get_{kind}")(key)
    expect(thing.id == key, f"a {kind} is shown with a different id")
    expect(thing.created > 0 and thing.name and thing.slug, f"a {kind} has no date, name or slug")
    runs = client.list_computations(key)
    ids, dates = [run.id for run in runs], [run.created for run in runs]
    expect(len(set(ids)) == len(ids), f"a run of a {kind} is listed twice")
    expect(dates == sorted(dates, reverse=True), f"the runs of a {kind} are not listed newest first")
    for run in [run for run in runs if run.state.value in TERMINAL][:3]:
        actual = deployment.sdk().computations.get_computation(run.id)
        same = (actual.created, actual.state, actual.end_status, actual.run_time, actual.exit_code)
        listed = (run.created, run.state, run.end_status, run.run_time, run.exit_code)
        expect(same == listed, f"a run that has ended is listed differently than it is shown: {listed}, {same}")
    _check_owner_permission(client.get_permissions(key), thing)


@check("get_capsule", "list_capsule_computations", "get_computation", "get_capsule_permissions")
def read_capsule(deployment: Deployment) -> None:
    """A capsule is shown, with its permissions and its runs, newest first, as each is shown by itself."""
    undisturbed(lambda: _check_capsule(deployment, "capsule", deployment.capsule))


@check("get_pipeline", "list_pipeline_computations", "get_computation", "get_pipeline_permissions")
def read_pipeline(deployment: Deployment) -> None:
    """A pipeline is shown, with its permissions and its runs, newest first, as each is shown by itself."""
    undisturbed(lambda: _check_capsule(deployment, "pipeline", deployment.pipeline))


@check("get_capsule_app_panel", "get_pipeline_app_panel")
def app_panel(deployment: Deployment) -> None:
    """An app panel shows parameters that a run can be given: named once, in categories that there are, with a default
    among the options.
    """
    looked = 0
    for route, key in (("capsules", deployment.subjects.capsule), ("pipelines", deployment.subjects.pipeline)):
        if key is None:
            continue
        try:
            panel = panel_of(deployment, route, key)
        except CheckSkipped:
            continue
        looked += 1
        _check_panel(panel)
        for process in panel.get("processes", ()):
            expect(process.get("name"), "a process of an app panel has no name")
            _check_panel(process)
    if not looked:
        raise CheckSkipped("neither the capsule nor the pipeline has an app panel")


def _check_panel(panel: dict[str, Any]) -> None:
    """A panel, or a process of one."""
    parameters, categories = panel.get("parameters", []), {entry["id"] for entry in panel.get("categories", ())}
    names = [entry["param_name"] for entry in parameters if entry.get("param_name")]
    expect(len(set(names)) == len(names), "an app panel has two parameters of one name")
    for entry in parameters:
        name, options = entry.get("name"), entry.get("value_options")
        expect(name, "a parameter of an app panel has no name")
        expect(entry.get("type") in ("text", "list", "file"), f"the parameter {name} has the type {entry.get('type')}")
        expect(
            not entry.get("category") or entry["category"] in categories, f"{name} is in a category that is not there"
        )
        expect(
            not options or entry.get("default_value") in (None, "", *options),
            f"{name} has a default but not its option",
        )


@check("search_capsules", "search_pipelines", "search_data_assets")
def walk_searches(deployment: Deployment) -> None:
    """Short pages of a search give what one long page gives, in its order, each row once."""
    sdk = deployment.sdk()
    for what, search, params in (
        ("capsules", sdk.capsules.search_capsules, CapsuleSearchParams),
        ("pipelines", sdk.pipelines.search_pipelines, CapsuleSearchParams),
        ("data assets", sdk.data_assets.search_data_assets, DataAssetSearchParams),
    ):
        for order in ("asc", "desc"):
            sorting = {"sort_field": "created", "sort_order": order}
            undisturbed(partial(_check_walk, what, search, params, sorting))


def _check_walk(what: str, search: Callable[[Any], Any], params: Any, sorting: dict[str, Any]) -> None:
    """Compare a walk with a long page before and one after it: others may make and delete things meanwhile."""
    before = search(params(limit=ROWS, **sorting)).results
    dates = [row.created for row in before]
    expect(dates == sorted(dates, reverse=sorting["sort_order"] == "desc"), f"{what} are not sorted by their date")
    walked: list[str] = []
    token = None
    while len(walked) < ROWS:
        page = search(params(limit=5, next_token=token, **sorting))
        expect(len(page.results) <= 5, f"a page of 5 {what} has {len(page.results)} rows")
        walked += [row.id for row in page.results]
        token = page.next_token
        if not page.has_more:
            break
        expect(page.results and token, f"there are more {what}, but no rows or no token")
    after = {row.id for row in search(params(limit=ROWS, **sorting)).results}
    expect(len(set(walked)) == len(walked), f"a walk through {what} gives a row twice")
    stayed = [row.id for row in before if row.id in after]
    new = len(set(walked) - set(stayed))
    expected = stayed[: max(0, len(stayed) - new)]
    actual = [key for key in walked if key in set(expected)]
    expect(actual == expected, f"a walk through {what} drops rows or gives them in another order")
