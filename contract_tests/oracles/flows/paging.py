"""Walks through searches, page by page."""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice
from typing import Any

from contract_tests.checks import check
from contract_tests.deployment import Deployment
from contract_tests.findings import CheckFailed, CheckSkipped, expect
from contract_tests.oracles.flows.fixtures import complete_json, temporary_data_asset, value_at

MAX_PAGES = 60
"""A walk that is longer goes in circles, or is too long to be walked."""

MAX_ROWS = 2000
"""A search that finds more is not walked through."""

LONG = 250
"""Rows of a page that is long, and yet short enough to be kept."""

SEARCHES = ("/data_assets/search", "/capsules/search", "/pipelines/search")

SIZES = (1, 3, 7)

ORDERS: tuple[dict[str, Any], ...] = (
    {},
    {"sort_field": "created", "sort_order": "asc"},
    {"sort_field": "name", "sort_order": "desc"},
)


def _walk(deployment: Deployment, path: str, limit: int, *, by_token: bool = True, **filters: Any) -> Iterator[str]:
    """The ids of a search, page by page."""
    caller, count = deployment.http(), 0
    position: dict[str, Any] = {}
    for _ in range(MAX_PAGES):
        answer = complete_json(caller.ask("POST", path, 200, json=filters | {"limit": limit} | position))
        rows = [str(row.get("id")) for row in value_at(answer, "results") if isinstance(row, dict)]
        yield from rows
        count += len(rows)
        if not value_at(answer, "has_more"):
            return
        position = {"next_token": value_at(answer, "next_token")} if by_token else {"offset": count}
    raise CheckFailed(f"{path} still has more after {MAX_PAGES} pages of {limit}")


def _old_walk(deployment: Deployment, limit: int, **filters: Any) -> Iterator[str]:
    """The ids of the oldest documented search, page by page."""
    caller, start = deployment.http(), 0
    for _ in range(MAX_PAGES):
        answer = complete_json(
            caller.ask("GET", "/data_assets", 200, params=filters | {"limit": limit, "start": start})
        )
        rows = [str(row.get("id")) for row in value_at(answer, "results") if isinstance(row, dict)]
        yield from rows
        start += len(rows)
        if not value_at(answer, "has_more"):
            return
    raise CheckFailed(f"the legacy search still has more after {MAX_PAGES} pages of {limit}")


@check("create_data_asset", "search_data_assets", "search_data_assets_legacy", "delete_data_asset", full=True)
def pages_of_created_data_assets(deployment: Deployment) -> None:
    """A search for seven data assets of the check finds each once, in one order, with pages of any length, by token and
    by offset.
    """
    tag = f"{deployment.tag}-pages"
    with ExitStack() as stack:
        created = {
            stack.enter_context(temporary_data_asset(deployment, f"contract-page-{number}", tags=[deployment.tag, tag]))
            for number in range(7)
        }
        query = f"tag:{tag}"
        for order in ORDERS:
            every = list(_walk(deployment, SEARCHES[0], LONG, query=query, **order))
            expect(set(every) == created and len(every) == 7, f"a search for 7 data assets found {len(every)} rows")
            for limit in SIZES:
                for by_token in (True, False):
                    walked = list(_walk(deployment, SEARCHES[0], limit, by_token=by_token, query=query, **order))
                    way = "token" if by_token else "offset"
                    expect(
                        walked == every,
                        f"pages of {limit} by {way} have {len(walked)} rows, or others, of {len(every)}",
                    )
        for limit in SIZES:
            walked = list(_old_walk(deployment, limit, query=query))
            expect(
                sorted(walked) == sorted(created), f"pages of {limit} of the legacy search have {len(walked)} rows of 7"
            )


@check("search_data_assets", "search_capsules", "search_pipelines", "search_data_assets_legacy")
def pages_of_existing_rows(deployment: Deployment) -> None:
    """Each search is walked in long pages, in short ones, and in long ones again."""
    walked = [path for path in SEARCHES if _walk_existing(deployment, path)]
    if SEARCHES[0] in walked:
        for limit in (LONG, LONG // 2, LONG):
            list(_old_walk(deployment, limit))
    if not walked:
        raise CheckSkipped("there is too much to be walked through")


def _walk_existing(deployment: Deployment, path: str) -> bool:
    """Walk through a search, unless it is too long."""
    count = len(list(islice(_walk(deployment, path, LONG), MAX_ROWS)))
    if count == MAX_ROWS:
        return False
    short = max(1, count // 10)
    for limit, by_token in ((short, True), (LONG, True), (short, False), (LONG, True)):
        list(_walk(deployment, path, limit, by_token=by_token))
    return True


@check("search_data_assets", "search_capsules", "search_pipelines")
def searches_sorted_and_filtered(deployment: Deployment) -> None:
    """Each search is filtered by type, status, ownership and origin, and sorted by creation time."""
    caller = deployment.http()
    for path in SEARCHES:
        assets = path == SEARCHES[0]
        requests: list[dict[str, Any]] = [{"sort_field": "created", "sort_order": order} for order in ("asc", "desc")]
        requests += [{"ownership": value} for value in ("created", "private", "shared")]
        if assets:
            requests += [{"type": value} for value in ("dataset", "result", "combined", "model")]
            requests += [{"origin": value} for value in ("internal", "external")]
        else:
            requests += [{"status": value} for value in ("release", "non_release")]
        before = _rows(complete_json(caller.ask("POST", path, 200, json={})))
        answers = [complete_json(caller.ask("POST", path, 200, json=request | {"limit": LONG})) for request in requests]
        after = _ids(complete_json(caller.ask("POST", path, 200, json={})))
        stable = [row for row in before if row.get("id") in after]
        for request, answer in zip(requests, answers, strict=True):
            if not value_at(answer, "has_more"):
                _require_all(stable, request, _ids(answer))


def _rows(answer: Any) -> list[dict[str, Any]]:
    return [row for row in value_at(answer, "results") if isinstance(row, dict)]


def _ids(answer: Any) -> set[str]:
    return {str(row.get("id")) for row in _rows(answer)}


def _require_all(stable: list[dict[str, Any]], request: dict[str, Any], found_ids: set[str]) -> None:
    """Require that a search found every stable row of the requested type or status."""
    for field in {"type", "status"} & set(request):
        missing = {str(row.get("id")) for row in stable if row.get(field) == request[field]} - found_ids
        expect(not missing, f"a search for {field} {request[field]} did not find {', '.join(sorted(missing))}")


CHECKS = (pages_of_created_data_assets, pages_of_existing_rows, searches_sorted_and_filtered)
