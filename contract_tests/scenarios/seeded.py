"""The fake's demo world against the seed file that it is made from: what the file says of an object is what is shown.

Where a field may be missing, an answer without it is as valid as one with it. The file alone says what has to be there.
"""

from collections.abc import Callable
from functools import cache, partial
from importlib.resources import files
from typing import Any

import yaml
from codeocean.data_asset import AWSS3Source, Source

from contract_tests.checks import check
from contract_tests.deployment import ADMIN, OTHER, OWNER, Deployment
from contract_tests.findings import CheckFailed, CheckSkipped, expect
from contract_tests.scenarios import fixtures
from contract_tests.scenarios.files import download, files_of, open_item, walk

SEED = "demo"

Entry = dict[str, Any]

SAME = {
    "capsules": ("id", "slug", "name", "created", "description", "field", "tags", "cloned_from_url", "release_capsule"),
    "computations": ("id", "name", "created", "data_assets", "cloud_workstation"),
    "data_assets": ("id", "created", "provenance"),
}
"""Fields that the file and an answer have alike, and that no request changes; a pipeline has those of a capsule."""

DEPTH = 10
"""Folders in one another, at most."""

PANEL = ("general", "categories", "results")

RULE = "seeds.shown"


@check(
    "get_capsule",
    "get_pipeline",
    "get_capsule_app_panel",
    "get_pipeline_app_panel",
    "get_custom_metadata",
    full=True,
)
def capsules_of_the_seed(deployment: Deployment) -> None:
    """Capsules, pipelines, their app panels and the fields of custom metadata are what the seed file says."""
    seed = _seed(deployment)
    for kind in ("capsules", "pipelines"):
        for entry in seed[kind]:
            shown = _get(deployment, f"/{kind}/{entry['id']}")
            if shown is not None:
                _require(entry, shown, SAME["capsules"])
                _check_origin(entry, shown)
                _check_panel(deployment, kind, entry)
    fields = deployment.http().ask("GET", "/custom_metadata", 200).json()
    expect(fields == seed["custom_metadata"], f"custom metadata fields are {fields}, not those of the seed", RULE)


@check("get_computation", "list_computation_results", "get_result_file_urls", full=True)
def runs_of_the_seed(deployment: Deployment) -> None:
    """Runs of the seed file have ended as it says, with their parameters, times and files."""
    seed = _seed(deployment)
    trees = {entry["id"]: entry.get("results", []) for kind in ("capsules", "pipelines") for entry in seed[kind]}
    for entry in seed["computations"]:
        shown = _get(deployment, f"/computations/{entry['id']}")
        if shown is None:
            continue
        _require(entry, shown, SAME["computations"])
        _require({"owner_email": entry["owner"]}, shown, ("owner_email",))
        if entry.get("parameters"):
            _require(entry, shown, ("parameters",))
        # A workstation of the seed goes on.
        if not entry.get("cloud_workstation"):
            _require(entry | {"state": "completed"}, shown, ("run_time", "state"))
            _check_results(deployment, entry, trees[entry["capsule"]])


def _check_results(deployment: Deployment, entry: Entry, tree: list[Entry]) -> None:
    """A run leaves the files that the seed has for it, else those of its capsule that are no templates."""
    if "scenario" not in entry:
        where = f"/computations/{entry['id']}/results"
        expected = entry.get("files") or [file for file in tree if not {"template", "for_each"} & file.keys()]
        _check_files(deployment, expected, where, partial(_address, deployment, where))


@check(
    "get_data_asset",
    "list_data_asset_files",
    "get_data_asset_file_urls",
    "search_data_assets",
    "get_computation",
    "list_computation_results",
    full=True,
)
def data_assets_of_the_seed(deployment: Deployment) -> None:
    """Data assets of the seed file have its dates, buckets, numbers of files, files and favorites."""
    seed = _seed(deployment)
    for entry in seed["data_assets"]:
        shown = _get(deployment, f"/data_assets/{entry['id']}")
        if shown is None:
            continue
        _require(entry, shown, SAME["data_assets"])
        expected = {"type": entry.get("type", "dataset"), "owner_email": entry["owner"], "state": "ready"}
        expected |= entry.get("simulated") or {}
        _require(expected, shown, tuple(expected))
        if "source_bucket" in entry:
            bucket = {name: value for name, value in entry["source_bucket"].items() if value != ""}
            _require(bucket, shown.get("source_bucket", {}), tuple(bucket))
        if "simulated" in entry and not entry.get("source_bucket", {}).get("external"):
            _check_simulated(deployment, entry)
        if entry.get("files"):
            where = f"/data_assets/{entry['id']}/files"
            _check_files(deployment, entry["files"], where, partial(_address, deployment, where))
        if "captured_from" in entry:
            _check_captured(deployment, entry, shown)
    _check_favorites(deployment, seed)


@check(
    "create_data_asset",
    "get_data_asset",
    "list_data_asset_files",
    "get_data_asset_file_urls",
    "delete_data_asset",
    full=True,
)
def buckets_of_the_seed(deployment: Deployment) -> None:
    """A data asset that is made from a bucket of the seed file holds what the seed has there, and nothing else: of the
    whole bucket, of each of its folders, and of a single file.
    """
    for bucket in _seed(deployment)["buckets"]:
        for prefix, holds in _by_prefix(bucket["files"]).items():
            source = Source(aws=AWSS3Source(bucket=bucket["name"], prefix=prefix))
            with fixtures.create_ready_asset(deployment, f"{deployment.tag} seeded", source=source) as asset:
                listed = walk(files_of(deployment, asset.id)).sizes
                counts, expected = (asset.files, asset.size), (len(listed), sum(listed.values()))
                what = f"{prefix!r} of the bucket {bucket['name']}"
                paths = {file["path"] for file in holds}
                expect(listed.keys() == paths, f"{what} holds {sorted(listed)}, and {sorted(paths)} in the seed", RULE)
                expect(counts == expected, f"{what} is said to hold {counts} files and bytes, and lists {expected}")
                where = f"/data_assets/{asset.id}/files"
                _check_files(deployment, holds, where, partial(_address, deployment, where))


def _by_prefix(holds: list[Entry]) -> dict[str, list[Entry]]:
    """The files of a bucket by prefix, with their paths below it: all, those of each folder, and its first file."""
    found = {"": holds, holds[0]["path"]: [holds[0] | {"path": holds[0]["path"].rpartition("/")[2]}]}
    for file in holds:
        parts = file["path"].split("/")
        for depth in range(1, len(parts)):
            below = file | {"path": "/".join(parts[depth:])}
            found.setdefault("/".join(parts[:depth]), []).append(below)
    return found


def _seed(deployment: Deployment) -> Entry:
    """The seed of the run's own world. Raises `CheckSkipped` for another than the demo's."""
    if deployment.steered().info().seed != SEED:
        raise CheckSkipped("the world is made from another seed than the demo's")
    return _packaged()


@cache
def _packaged() -> Entry:
    seed: Entry = yaml.safe_load((files("mock_server.seeds") / f"{SEED}.yaml").read_text())
    return seed


def _get(deployment: Deployment, path: str) -> Entry | None:
    """An object as an administrator sees it; None for one that was deleted."""
    answer = deployment.http(ADMIN).ask("GET", path)
    if answer.status == 404:
        return None
    expect(answer.status == 200, f"{path}, which the seed has, returned {answer.status}", RULE)
    shown: Entry = answer.json()
    return shown


def _require(entry: Entry, shown: Entry, fields: tuple[str, ...]) -> None:
    for field in fields:
        if field in entry:
            what = f"{field} of {shown.get('id', entry)} is {shown.get(field)!r}, and {entry[field]!r} in the seed"
            expect(shown.get(field) == entry[field], what, RULE)


def _check_origin(entry: Entry, shown: Entry) -> None:
    """Whose a capsule is, and what was released of it: versions may be added."""
    actual = (shown.get("owner_email"), shown.get("status"))
    expected = (entry["owner"], entry.get("status", "non_release"))
    expect(actual == expected, f"{entry['id']} is of {actual}, and of {expected} in the seed", RULE)
    versions = entry.get("versions", [])
    released = (shown.get("versions") or [])[: len(versions)]
    expect(released == versions, f"{entry['id']} has the versions {released}, and {versions} in the seed", RULE)


def _check_panel(deployment: Deployment, kind: str, entry: Entry) -> None:
    """The panel of a capsule or pipeline; there is none where nothing can be given."""
    path = f"/{kind}/{entry['id']}/app_panel"
    parts = {name: part for name, part in entry.get("app_panel", {}).items() if name in PANEL}
    parameters, processes = entry.get("parameters", []), entry.get("processes", [])
    if not parts and not parameters and not any("parameters" in process for process in processes):
        status = deployment.http(ADMIN).ask("GET", path).status
        expect(status == 404, f"a GET of the panel of {entry['id']}, which takes nothing, returned {status}", RULE)
        return
    panel = _get(deployment, path) or {}
    _require(parts, panel, PANEL)
    _check_parameters(entry["id"], panel, parameters)
    names = [process["name"] for process in panel.get("processes", ())]
    expected = [process["name"] for process in processes]
    expect(names == expected, f"the panel of {entry['id']} has the processes {names}, not {expected}", RULE)
    for one, process in zip(panel.get("processes", ()), processes, strict=True):
        # A pipeline with parameters of its own names its processes without theirs.
        _check_parameters(process["name"], one, [] if parameters else process.get("parameters", []))


def _check_parameters(whose: str, panel: Entry, expected: list[Entry]) -> None:
    shown = panel.get("parameters", [])
    pairs = list(zip(shown, expected, strict=False))
    same = len(shown) == len(expected) and all(given.items() <= one.items() for one, given in pairs)
    expect(same, f"the panel of {whose} has {shown}, and {expected} in the seed", RULE)


def _check_files(deployment: Deployment, wrote: list[Entry], where: str, address: Callable[[str], str]) -> None:
    """Files that the seed lists are listed with their sizes, and those whose text it has are opened."""
    listed: dict[str, int] = {}
    for folder in {file["path"].rpartition("/")[0] for file in wrote}:
        items = deployment.http(ADMIN).ask("POST", where, 200, json={"path": folder}).json()["items"]
        listed |= {item["path"]: item["size"] for item in items if item["type"] == "file"}
    for file in wrote:
        text = file.get("text")
        size = file["size"] if text is None else len(text.encode())
        path = file["path"]
        expect(listed.get(path) == size, f"{path} of {where} has {listed.get(path)} bytes, not {size}", RULE)
        if text is not None:
            content = download(deployment, partial(address, path)).answer.decode()
            expect(content == text, f"{path} of {where} holds {content[:80]!r}, and {text[:80]!r} in the seed", RULE)


def _check_captured(deployment: Deployment, entry: Entry, shown: Entry) -> None:
    """A data asset that is captured from a run names it, its capsule and its inputs, and holds as much as it left."""
    run = next(run for run in _packaged()["computations"] if run["id"] == entry["captured_from"])
    expected = {"computation": run["id"], "capsule": run["capsule"]}
    expected |= {"data_assets": [asset["id"] for asset in run["data_assets"]]} if run.get("data_assets") else {}
    _require(expected, shown.get("provenance", {}), ("computation", "capsule", "data_assets"))
    if _get(deployment, f"/computations/{run['id']}") is not None:
        left = walk(partial(deployment.sdk(ADMIN).computations.list_computation_results, run["id"])).sizes
        counts, sizes = (shown.get("files"), shown.get("size")), (len(left), sum(left.values()))
        what = f"{entry['id']} is said to hold {counts} files and bytes"
        expect(counts == sizes, f"{what}, and the run that it is captured from left {sizes}", RULE)


def _check_simulated(deployment: Deployment, entry: Entry) -> None:
    """A tree of millions of files has some at its ends: the first and the last of its folders lead to one."""
    listing, client = files_of(deployment, entry["id"]), deployment.sdk().data_assets
    for end in (0, -1):
        path = ""
        for _ in range(DEPTH):
            items = listing(path).items
            expect(items, f"{path or 'the root'} of {entry['name']}, which has {entry['simulated']}, is empty", RULE)
            path = items[end].path
            if items[end].type == "file":
                open_item(deployment, items[end], partial(client.get_data_asset_file_urls, entry["id"], path))
                break
        else:
            raise CheckFailed(f"{entry['name']} has no file at {path}", (RULE,))


def _address(deployment: Deployment, where: str, path: str) -> str:
    return str(deployment.http(ADMIN).ask("GET", f"{where}/urls", 200, params={"path": path}).json()["download_url"])


def _check_favorites(deployment: Deployment, seed: Entry) -> None:
    """Each user finds their favorites, and nobody else's: no request makes one."""
    favorites = {entry["id"] for entry in seed["data_assets"] if entry.get("favorite_of")}
    expected = {key for key in favorites if _get(deployment, f"/data_assets/{key}") is not None}
    search = {"favorite": True, "limit": 1000}
    for who, finds in ((OWNER, expected), (OTHER, set())):
        rows = deployment.http(who).ask("POST", "/data_assets/search", 200, json=search).json()["results"]
        found = {row["id"] for row in rows}
        expect(found == finds, f"the favorites of the {who} are {found}, not {finds}", RULE, "search.select.favorite")


CHECKS = (capsules_of_the_seed, runs_of_the_seed, data_assets_of_the_seed, buckets_of_the_seed)
