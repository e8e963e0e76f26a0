"""Data assets that were made in one second: what is left of their order is that of their ids."""

from contextlib import ExitStack
from typing import Any

from contract_tests.checks import check
from contract_tests.deployment import Deployment
from contract_tests.findings import CheckFailed, expect
from contract_tests.scenarios import fixtures

COUNT = 60
"""So many that new ones no longer fit between those that are there without moving them."""

LOOKED = 12
"""After how many new ones the search is looked at."""

RULES = ("search.order.ties", "search.pages.token")


@check("create_data_asset", "search_data_assets", "delete_data_asset", full=True)
def made_in_one_second(deployment: Deployment) -> None:
    """Dozens of data assets of one second are found as soon as they are made, each once, by id, in both directions and
    in pages of any length; so are those that are left when some are deleted.
    """
    caller, tag = deployment.http(), f"{deployment.tag}-crowd"
    made: dict[str, int] = {}
    with deployment.clock_held(), ExitStack() as stack:
        for number in range(COUNT):
            source = fixtures.from_bucket(f"crowd/{number % 3}", external=False)
            asset = stack.enter_context(
                fixtures.create_asset(deployment, f"crowd {number}", tags=[tag], mount="crowd", source=source)
            )
            made[asset.id] = asset.created
            if number % LOOKED == LOOKED - 1:
                _check_found(deployment, tag, made)
        for key in sorted(made)[:: COUNT // LOOKED]:
            caller.ask("DELETE", f"/data_assets/{key}", 204)
            del made[key]
        _check_found(deployment, tag, made)


def _check_found(deployment: Deployment, tag: str, made: dict[str, int]) -> None:
    """Look at all, from both ends, on a long page and on short ones; words find them too."""
    newest = sorted(made, key=lambda key: (made[key], key), reverse=True)
    query = {"query": f"tag:{tag}"}
    for search, expected in (
        (query, newest),
        (query | {"sort_field": "created", "sort_order": "asc"}, newest[::-1]),
        ({"query": f"tag:{tag} crowd"}, newest),
    ):
        whole = _walk(deployment, search | {"limit": 1000})
        expect(whole == expected, _message(search, whole, expected), "search.order.ties")
        pages = _walk(deployment, search | {"limit": 7})
        expect(pages == expected, _message(search | {"limit": 7}, pages, expected), *RULES)


def _message(search: dict[str, Any], actual: list[str], expected: list[str]) -> str:
    what = "others" if set(actual) != set(expected) else "them in another order"
    return f"{search} finds {len(actual)} data assets of {len(expected)} that were made at once, or {what}"


def _walk(deployment: Deployment, search: dict[str, Any]) -> list[str]:
    """The ids of a search, page by page. Raises `CheckFailed` when it does not end."""
    found: list[str] = []
    token: dict[str, Any] = {}
    while len(found) <= COUNT:
        page = deployment.http().ask("POST", "/data_assets/search", 200, json=search | token).json()
        found += [row["id"] for row in page["results"]]
        if not page["has_more"]:
            return found
        token = {"next_token": page["next_token"]}
    raise CheckFailed(f"a walk through {COUNT} rows with {search} does not end")
