"""Data assets from draft to deleted, watched at each step."""

from typing import Any

from contract_tests.checks import check
from contract_tests.deployment import Deployment
from contract_tests.findings import expect
from contract_tests.oracles.flows.fixtures import get_data_asset, temporary_data_asset, value_at, wait_for_data_asset

LIFE = (
    "create_data_asset",
    "get_data_asset",
    "search_data_assets",
    "search_data_assets_legacy",
    "list_data_asset_files",
    "delete_data_asset",
)

LATER = {
    "name": "Contract \N{LATIN SMALL LETTER E WITH ACUTE}\N{SNOWMAN} renamed",
    "description": "Written by a check.\nTwo lines, \N{GREEK SMALL LETTER MU} and \N{GRINNING FACE}.",
    "mount": "contract-renamed",
}


def _search(deployment: Deployment, name: str, **filters: Any) -> set[str]:
    """The ids of what a search for a name finds."""
    answer = deployment.http().ask("POST", "/data_assets/search", 200, json={"query": f"name:{name}"} | filters).json()
    return {str(row.get("id")) for row in value_at(answer, "results") if isinstance(row, dict)}


def _look(deployment: Deployment, key: str, name: str) -> Any:
    """A data asset as it is now, seen from all sides."""
    caller = deployment.http()
    _search(deployment, name)
    caller.ask("GET", "/data_assets", 200, params={"query": f"name:{name}", "limit": 100})
    return get_data_asset(deployment, key)


@check(
    *LIFE,
    "update_data_asset",
    "archive_data_asset",
    "get_data_asset_file_urls",
    "get_data_asset_permissions",
    full=True,
)
def data_asset_lifecycle(deployment: Deployment) -> None:
    """A data asset is read in each of its states, by GET and in searches, then changed and deleted."""
    caller, name = deployment.http(), "contract-life"
    with temporary_data_asset(deployment, name, description="Made by a check.") as key:
        asset = deployment.poll(
            lambda: _look(deployment, key, name),
            lambda seen: value_at(seen, "state") != "draft",
            f"the data asset {key}",
        )
        expect(asset["state"] == "ready", f"a captured result ended {asset['state']}")
        caller.ask("POST", f"/data_assets/{key}/files", 200, json={"path": ""})
        caller.ask("PUT", f"/data_assets/{key}", 200, json=LATER | {"tags": [deployment.tag, "second"]})
        _look(deployment, key, "Contract")
        caller.ask("PUT", f"/data_assets/{key}", 200, json={"name": name})
        deployment.pass_time(60)
        _look(deployment, key, name)
        caller.ask("DELETE", f"/data_assets/{key}", 204)
        for method, path in (
            ("GET", f"/data_assets/{key}"),
            ("PUT", f"/data_assets/{key}"),
            ("POST", f"/data_assets/{key}/files"),
            ("GET", f"/data_assets/{key}/files/urls?path=output"),
            ("PATCH", f"/data_assets/{key}/archive?archive=true"),
            ("GET", f"/data_assets/{key}/permissions"),
            ("DELETE", f"/data_assets/{key}"),
        ):
            caller.ask(method, path, 404, json={} if method == "PUT" else None)
        expect(key not in _search(deployment, name), f"data asset {key} is in a search although it is deleted")


@check(*LIFE, full=True)
def data_asset_failure(deployment: Deployment) -> None:
    """A data asset that cannot be created fails with a reason, and stays failed."""
    name = "contract-failing"
    scenario = {"name": name, "kind": "data_asset", "when": {"name": name}, "failure_reason": "access denied"}
    with deployment.scenarios(scenario), temporary_data_asset(deployment, name) as key:
        asset = wait_for_data_asset(deployment, key)
        ended = (asset["state"], asset.get("failure_reason"))
        expect(ended == ("failed", "access denied"), f"a data asset that cannot be made is {ended}")
        deployment.pass_time(60)
        _look(deployment, key, name)


@check(*LIFE, "archive_data_asset", full=True)
def data_asset_archive_and_restore(deployment: Deployment) -> None:
    """An archived data asset is found only among archived ones, and in other searches once it is restored."""
    caller, name = deployment.http(), "contract-archived"
    with temporary_data_asset(deployment, name) as key:
        wait_for_data_asset(deployment, key)
        for flag, archived in (("true", True), ("false", False), ("True", True), ("False", False)):
            caller.ask("PATCH", f"/data_assets/{key}/archive", 204, params={"archive": flag})
            now = f"after it was archived with {flag}"
            expect(
                (key in _search(deployment, name)) != archived,
                f"the default search is wrong {now}",
                "search.select.archived",
                "requests.flag_case",
            )
            expect(
                (key in _search(deployment, name, archived=True)) == archived,
                f"archived: true is wrong {now}",
                "search.select.archived",
            )
            expect(
                (key in _search(deployment, name, archived=False)) != archived,
                f"archived: false is wrong {now}",
                "search.select.archived",
            )
            old = caller.ask("GET", "/data_assets", 200, params={"query": f"name:{name}", "archived": "true"}).json()
            listed = key in [row.get("id") for row in value_at(old, "results")]
            expect(listed == archived, f"the legacy search for archived ones is wrong {now}")


CHECKS = (data_asset_lifecycle, data_asset_failure, data_asset_archive_and_restore)
