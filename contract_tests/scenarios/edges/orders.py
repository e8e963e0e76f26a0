"""Lists whose order means something: it is the order in which they were sent, or that of the names."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from codeocean.capsule import Capsules
from codeocean.components import EveryoneRole, Permissions, UserPermissions, UserRole
from codeocean.computation import DataAssetsRunParam, NamedRunParam
from codeocean.data_asset import DataAssetAttachParams, DataAssetUpdateParams

from contract_tests.checks import check
from contract_tests.deployment import ADMIN, OTHER, Deployment
from contract_tests.findings import CheckSkipped, expect
from contract_tests.scenarios import fixtures
from contract_tests.scenarios.expect_error import expect_error
from contract_tests.scenarios.files import files_of, results_of
from contract_tests.scenarios.parameters import panel_of, valid_values
from contract_tests.scenarios.sharing import email_of

ASSET = ("create_data_asset", "get_data_asset", "delete_data_asset")
RUN = ("run_capsule", "get_computation", "delete_computation")

NOT_FOUND = 404

UNSORTED = ("m", "z", "a", "k")
"""Words in no order, forwards or backwards."""


@check(*ASSET, "update_data_asset", full=True)
def tags_keep_their_order(deployment: Deployment) -> None:
    """Tags are shown as they were written, unsorted, when a data asset is made and changed (recorded answers)."""
    deployment.steered()
    client = deployment.sdk().data_assets
    tags = [f"{word} tag" for word in UNSORTED]
    source = fixtures.from_bucket("tags", external=False)
    with fixtures.create_asset(deployment, f"{deployment.tag} tags", tags=tags, source=source) as asset:
        _same_order(
            "create_data_asset.answer.tags", "the tags of a new data asset", asset.tags, [deployment.tag, *tags]
        )
        again = [*tags[2:], deployment.tag, *tags[:2]]
        changed = client.update_metadata(asset.id, DataAssetUpdateParams(tags=again))
        _same_order("update_data_asset.answer.tags", "tags that were changed", changed.tags, again)
        _same_order(
            "get_data_asset.answer.tags",
            "the tags of a changed data asset",
            client.get_data_asset(asset.id).tags,
            again,
        )


@check("get_capsule_app_panel", *RUN, *ASSET, full=True)
def parameters_keep_their_order(deployment: Deployment) -> None:
    """A run shows its parameters as they were given, then the defaults of the others in the order of the panel; what is
    captured from it shows them in the same order.
    """
    deployment.steered()
    panel = panel_of(deployment, "capsules", deployment.capsule).get("parameters", [])
    values = valid_values(panel)
    if len(values) < 2:
        raise CheckSkipped("the app panel has fewer than two parameters with names")
    labels = {entry["param_name"]: entry["name"] for entry in panel if entry.get("param_name")}
    backwards = [(name, values[name]) for name in reversed(values)]
    named = [NamedRunParam(param_name=name, value=value) for name, value in backwards]
    with fixtures.run_to_end(deployment, capsule_id=deployment.capsule, named_parameters=named) as run:
        shown = [(entry.param_name, entry.name, entry.value) for entry in run.parameters or ()]
        expected = [(name, labels[name], value) for name, value in backwards]
        _same_order("get_computation.answer.parameters", "the parameters of a run", shown[: len(expected)], expected)
        source = fixtures.from_run(run.id)
        with fixtures.create_asset(deployment, f"{deployment.tag} given", source=source) as asset:
            captured = [(entry.name, entry.value) for entry in asset.app_parameters or ()]
            _same_order(
                "create_data_asset.answer.app_parameters",
                "the parameters of a result",
                captured,
                [(name, value) for name, _, value in shown],
            )
    last, value = backwards[0]
    given = [NamedRunParam(param_name=last, value=value)]
    with fixtures.start_run(deployment, capsule_id=deployment.capsule, named_parameters=given) as run:
        defaults = [entry.get("param_name") for entry in panel if entry.get("default_value")]
        shown = [entry.param_name for entry in run.parameters or ()]
        _same_order(
            "runs.defaults", "a parameter and defaults", shown, [last, *(name for name in defaults if name != last)]
        )


@check("search_capsules", "get_capsule_app_panel", *RUN, full=True)
def parameters_without_a_panel(deployment: Deployment) -> None:
    """A capsule without an app panel takes every parameter: those in order, without a name, then those by name."""
    deployment.steered()
    http = deployment.http()
    rows = http.ask("POST", "/capsules/search", 200, json={"ownership": "created", "limit": 1000}).json()["results"]
    bare = (row["id"] for row in rows if http.ask("GET", f"/capsules/{row['id']}/app_panel").status == NOT_FOUND)
    capsule = next(bare, None)
    if capsule is None:
        raise CheckSkipped("every capsule has an app panel")
    named = [{"param_name": word, "value": f"{word} named"} for word in UNSORTED]
    body = {"capsule_id": capsule, "parameters": list(UNSORTED), "named_parameters": named}
    run = http.ask("POST", "/computations", 200, json=body).json()
    try:
        shown = [(entry.get("param_name"), entry.get("value")) for entry in run.get("parameters", ())]
        expected = [(None, word) for word in UNSORTED] + [(word, f"{word} named") for word in UNSORTED]
        _same_order("runs.any_parameter", "the parameters of a run without a panel", shown, expected)
        numbered = f"Run With Parameters {run['created'] % 10_000_000}"
        what = f"a run with parameters and no panel is called {run['name']}"
        expect(run["name"] == numbered, what, "runs.name_with_parameters")
    finally:
        http.ask("DELETE", f"/computations/{run['id']}", 204)


@contextmanager
def _assets(deployment: Deployment, *, external: bool = False) -> Iterator[list[Any]]:
    """Data assets made in this order, whose names and mounts are in another."""
    with ExitStack() as stack:
        made = []
        for word in UNSORTED:
            source = fixtures.from_bucket(word, external=external)
            name, mount = f"{deployment.tag} {word}", f"{deployment.tag}-{word}"
            made.append(stack.enter_context(fixtures.create_ready_asset(deployment, name, mount=mount, source=source)))
        yield made


@check(*RUN, *ASSET, "attach_capsule_data_assets", "detach_capsule_data_assets", full=True)
def data_assets_keep_their_order(deployment: Deployment) -> None:
    """The data assets of a run, of its results' provenance and of an attachment are in the order in which they were
    given.
    """
    deployment.steered()
    capsules, capsule = deployment.sdk().capsules, deployment.capsule
    with _assets(deployment) as made:
        ids = [asset.id for asset in made]
        given = [DataAssetsRunParam(id=key) for key in ids]
        with fixtures.run_to_end(deployment, capsule_id=capsule, data_assets=given) as run:
            mounted = [asset.id for asset in run.data_assets or ()]
            _same_order(
                "get_computation.answer.data_assets",
                "the data assets of a run",
                [key for key in mounted if key in ids],
                ids,
            )
            source = fixtures.from_run(run.id)
            with fixtures.create_asset(deployment, f"{deployment.tag} inputs", source=source) as asset:
                _same_order(
                    "model.provenance.data_assets", "the inputs of a result", asset.provenance.data_assets, mounted
                )
        _check_attaching(capsules, capsule, ids)


def _check_attaching(capsules: Capsules, capsule: str, ids: list[str]) -> None:
    try:
        attached = capsules.attach_data_assets(capsule, [DataAssetAttachParams(id=key) for key in ids[:2]])
        _same_order(
            "attach_capsule_data_assets.answer.id",
            "what is said of attachments",
            [entry.id for entry in attached],
            ids[:2],
        )
        attached = capsules.attach_data_assets(capsule, [DataAssetAttachParams(id=key) for key in reversed(ids)])
        _same_order(
            "attaching.unchanged",
            "what is said of old and new attachments",
            [entry.id for entry in attached],
            ids[::-1],
        )
    finally:
        capsules.detach_data_assets(capsule, ids)


@check(*ASSET, full=True)
def parts_keep_their_order(deployment: Deployment) -> None:
    """A combined data asset shows its parts in the order in which they were named."""
    deployment.steered()
    with _assets(deployment, external=True) as made:
        ids = [asset.id for asset in made]
        for order in (ids, ids[::-1]):
            with fixtures.create_asset(deployment, f"{deployment.tag} whole", data_asset_ids=order) as whole:
                _same_order(
                    "create_data_asset.answer.contained_data_assets",
                    "the parts of a data asset",
                    [part.id for part in whole.contained_data_assets],
                    order,
                )


@check(*RUN, *ASSET, "list_computation_results", "list_data_asset_files", full=True)
def listings_are_sorted(deployment: Deployment) -> None:
    """A folder is listed by name, character by character, whatever was written first and whether it is a folder."""
    names = ("b.txt", "a10.txt", "a9.txt", "B.txt", "dir/x", "a/z", "\N{LATIN SMALL LETTER A WITH DIAERESIS}", "_x")
    wrote = [{"path": name, "text": "x"} for name in names]
    scenario = deployment.scenario("sorted", own_results=False, results=wrote)
    expected = sorted({name.partition("/")[0] for name in names})
    with deployment.scenarios(scenario), fixtures.run_to_end(deployment, capsule_id=deployment.capsule) as run:
        listed = [item.name for item in results_of(deployment, run.id)("").items]
        _same_order(
            "list_computation_results.answer.items", "the results of a run", listed, sorted([*expected, "output"])
        )
        source = fixtures.from_run(run.id)
        with fixtures.create_ready_asset(deployment, f"{deployment.tag} sorted", source=source) as asset:
            held = [item.name for item in files_of(deployment, asset.id)("").items]
            _same_order("list_data_asset_files.answer.items", "the files of a data asset", held, listed)


@check(*ASSET, "get_data_asset_permissions", "update_data_asset_permissions", full=True)
def owner_comes_first(deployment: Deployment) -> None:
    """Permissions name the owner first, then the others by address, however they were sent."""
    deployment.steered()
    client = deployment.sdk().data_assets
    others = sorted(email_of(deployment, who) for who in (OTHER, ADMIN))
    source = fixtures.from_bucket("roles", external=False)
    with fixtures.create_asset(deployment, f"{deployment.tag} roles", source=source) as asset:
        for order in (others, others[::-1]):
            users = [UserPermissions(email=email, role=UserRole.Viewer) for email in order]
            client.update_permissions(asset.id, Permissions(users=users))
            shown = [user.email for user in client.get_permissions(asset.id).users]
            _same_order(
                "get_data_asset_permissions.answer.users",
                "the users of permissions",
                shown,
                [asset.owner_email, *others],
            )
        nobody = [UserPermissions(email=f"nobody-{others[0]}", role=UserRole.Viewer)]
        wrong = Permissions(users=nobody, everyone=EveryoneRole.Viewer)
        rule, what = "sharing.unknown_user", "sharing with a user who does not exist"
        expect_error(400, what, client.update_permissions, asset.id, wrong, rules=[rule])
        everyone = client.get_permissions(asset.id).everyone
        expect(everyone == EveryoneRole.None_, f"a share that was refused left everyone as {everyone}", rule)


def _same_order(rule: str, what: str, actual: list[Any] | None, expected: list[Any]) -> None:
    """Raise `CheckFailed` unless a list is in this order, which `rule` is judged by."""
    expect(actual == expected, f"{what} come as {actual}, not as {expected}", rule)


CHECKS = (
    tags_keep_their_order,
    parameters_keep_their_order,
    parameters_without_a_panel,
    data_assets_keep_their_order,
    parts_keep_their_order,
    listings_are_sorted,
    owner_comes_first,
)
