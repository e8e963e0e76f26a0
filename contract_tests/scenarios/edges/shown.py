"""What the API shows and cannot make: the panels of all capsules and pipelines, data assets of each type, buckets."""

from functools import partial
from typing import Any

from codeocean.data_asset import AWSS3Source, DataAssetAttachParams, DataAssetState, Source

from contract_tests.checks import check
from contract_tests.deployment import ADMIN, OTHER, OWNER, Deployment
from contract_tests.findings import CheckSkipped, expect
from contract_tests.scenarios import fixtures
from contract_tests.scenarios.files import download, walk

ROWS = 100
"""Capsules, and pipelines, whose panels are read."""

TYPES = ("dataset", "result", "combined", "model")

DAY = 86400.0

MADE_UP = "seeds.made_up_buckets"

Content = tuple[dict[str, int], bytes]
"""The sizes of files by path, and the first bytes of the first of them."""


@check(
    "search_capsules",
    "search_pipelines",
    "get_capsule_app_panel",
    "get_pipeline_app_panel",
    "run_capsule",
    "delete_computation",
    full=True,
)
def required_parameters(deployment: Deployment) -> None:
    """A run without a parameter that is required, and has no default, is refused by its name; with it, it begins."""
    deployment.steered()
    caller, tried = deployment.http(ADMIN), 0
    for kind in ("capsule", "pipeline"):
        rows = caller.ask("POST", f"/{kind}s/search", 200, json={"limit": ROWS}).json()["results"]
        for row in rows:
            panel = caller.ask("GET", f"/{kind}s/{row['id']}/app_panel").json()
            needed = [entry for entry in panel.get("parameters") or () if _is_needed(entry)]
            if needed:
                tried += 1
                _try_without(deployment, {f"{kind}_id": row["id"]}, needed)
    if not tried:
        raise CheckSkipped("no app panel requires a parameter")


def _is_needed(parameter: dict[str, Any]) -> bool:
    return bool(parameter.get("required") and parameter.get("param_name") and not parameter.get("default_value"))


def _try_without(deployment: Deployment, target: dict[str, str], needed: list[dict[str, Any]]) -> None:
    caller, name = deployment.http(ADMIN), needed[0]["param_name"]
    values = [{"param_name": entry["param_name"], "value": _value(entry)} for entry in needed]
    for given in (values[1:], [{"param_name": name, "value": ""}, *values[1:]]):
        refused = caller.ask("POST", "/computations", json=target | {"named_parameters": given})
        what = f"a run without the parameter {name} returned {refused.status}, expected 400"
        expect(refused.status == 400, what, "runs.parameter_required")
    began = caller.ask("POST", "/computations", 200, json=target | {"named_parameters": values})
    caller.ask("DELETE", f"/computations/{began.json()['id']}", 204)


def _value(parameter: dict[str, Any]) -> str:
    options = parameter.get("value_options") or [str(parameter.get("minimum") or 1)]
    return str(options[0])


@check("search_data_assets", "get_data_asset", full=True)
def types_of_data_assets(deployment: Deployment) -> None:
    """A search for a type finds data assets that are of this type, for their owner and for administrators."""
    deployment.steered()
    for who in (OWNER, ADMIN):
        caller = deployment.http(who)
        for kind in TYPES:
            sent = {"type": kind, "limit": ROWS}
            for row in caller.ask("POST", "/data_assets/search", 200, json=sent).json()["results"]:
                answer = caller.ask("GET", f"/data_assets/{row['id']}")
                # Others may delete it meanwhile.
                shown = answer.json()["type"] if answer.ok else kind
                expect(row["type"] == shown == kind, f"a search for {kind} finds a {shown}", "search.select.type")


@check(
    "create_data_asset",
    "get_data_asset",
    "delete_data_asset",
    "attach_capsule_data_assets",
    "detach_capsule_data_assets",
    "get_capsule_app_panel",
    full=True,
)
def combined_on_a_panel(deployment: Deployment) -> None:
    """A panel says that an attached data asset is a combined one."""
    deployment.steered()
    client, capsule, tag = deployment.sdk().capsules, deployment.capsule, deployment.tag
    left, right = (fixtures.from_bucket(word, external=True) for word in ("left", "right"))
    with (
        fixtures.create_ready_asset(deployment, f"{tag} left", mount="left", source=left) as one,
        fixtures.create_ready_asset(deployment, f"{tag} right", mount="right", source=right) as other,
        fixtures.create_ready_asset(deployment, f"{tag} both", data_asset_ids=[one.id, other.id]) as both,
    ):
        client.attach_data_assets(capsule, [DataAssetAttachParams(id=both.id, mount=f"{tag}-both")])
        try:
            panel = deployment.http().ask("GET", f"/capsules/{capsule}/app_panel", 200).json()
            kinds = {entry["id"]: entry["kind"] for entry in panel["data_assets"]}
            what = f"a panel says that a combined data asset is {kinds.get(both.id)}"
            expect(kinds.get(both.id) == "combined", what, "model.panel_data_asset.kind.combined")
        finally:
            client.detach_data_assets(capsule, [both.id])


PRIVATE, PREFIX = "codeocean-datasetapi-test-cs", "external"
"""A bucket of the fake's demo world that is not public, and what lies in it."""


@check("create_data_asset", "get_data_asset", "delete_data_asset", full=True)
def buckets_that_refuse(deployment: Deployment) -> None:
    """A data asset from a private bucket, or from where nothing lies, fails with the reason; the private bucket works
    unless it is said to be public.
    """
    deployment.steered()
    private = {"bucket": PRIVATE, "prefix": PREFIX}
    works, fails = "data_assets.private_bucket", "data_assets.bad_bucket"
    tried: tuple[tuple[str, dict[str, Any], str | None], ...] = (
        (fails, private | {"public": True}, "not public"),
        (fails, private | {"prefix": "no/such/prefix"}, "no files found"),
        (works, private, None),
        (works, private | {"keep_on_external_storage": True}, None),
    )
    for rule, bucket, reason in tried:
        source = Source(aws=AWSS3Source(**bucket))
        with fixtures.create_asset(deployment, f"{deployment.tag} refused", source=source) as draft:
            asset = fixtures.wait_for_asset(deployment, draft.id)
            if reason and asset.state == DataAssetState.Ready:
                raise CheckSkipped(f"the deployment does not know the bucket {PRIVATE}")
            expected = DataAssetState.Failed if reason else DataAssetState.Ready
            right = asset.state == expected and (reason or "") in (asset.failure_reason or "")
            expect(right, f"a data asset from {bucket} is {asset.state.value}: {asset.failure_reason}", rule)


@check(
    "create_data_asset",
    "get_data_asset",
    "list_data_asset_files",
    "get_data_asset_file_urls",
    "delete_data_asset",
    full=True,
)
def made_up_buckets(deployment: Deployment) -> None:
    """A bucket that the fake makes up holds the same whoever looks and whenever: files, sizes and bytes. Another
    bucket, and another prefix, hold something else.
    """
    deployment.steered()
    held: dict[tuple[str, str], Content] = {}
    for bucket, prefix in (("one", "a"), ("one", "b"), ("two", "a")):
        place = (f"contract-{bucket}", prefix)
        held[place] = _content(deployment, OWNER, *place)
        deployment.pass_time(DAY)
        again = _content(deployment, OTHER, *place)
        expect(again == held[place], f"the bucket {place} holds {again}, and held {held[place]} a day before", MADE_UP)
    expect(len(set(map(str, held.values()))) == len(held), f"different buckets hold the same: {held}", MADE_UP)


def _content(deployment: Deployment, who: str, bucket: str, prefix: str) -> Content:
    """What a data asset holds that a user makes from a bucket."""
    source, client = Source(aws=AWSS3Source(bucket=bucket, prefix=prefix)), deployment.sdk(who).data_assets
    with fixtures.create_ready_asset(deployment, f"{deployment.tag} made up", who, source=source) as asset:
        tree = walk(lambda path: client.list_data_asset_files(asset.id, path))
        endless = [path for path in tree.files if "." not in path]
        expect(not endless, f"made-up files have names without an ending: {endless[:3]}", MADE_UP)
        first = min(tree.files)
        address = partial(client.get_data_asset_file_urls, asset.id, first)
        part = download(deployment, lambda: str(address().download_url), headers={"Range": "bytes=0-99"}).answer
        return tree.sizes, part


CHECKS = (required_parameters, types_of_data_assets, combined_on_a_panel, buckets_that_refuse, made_up_buckets)
