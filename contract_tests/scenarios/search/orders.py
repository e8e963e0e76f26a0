"""Orders and pages of the searches for data assets: each order, in both directions, in pages of any length."""

from collections.abc import Sequence
from typing import Any

from contract_tests.checks import check
from contract_tests.deployment import Deployment
from contract_tests.findings import CheckFailed, expect
from contract_tests.scenarios.search.catalog import HAS_MORE, LONG, MAKES, Catalog, make_catalog
from contract_tests.scenarios.search.items import FOUND

FIELDS = ("created", "type", "name", "size")

DIRECTIONS = ("asc", "desc")

LEGACY_LIMIT = 10
"""Rows on a page of the older search when nothing is said (the API's documentation)."""

NAMED_MICA = ("seam", "vein9", "lent", "near", "lineage", "far")
"""What mentions mica, the most relevant first."""


def orders(catalog: Catalog) -> list[tuple[dict[str, Any], list[str]]]:
    """The documented orders as parts of a request, and the items in each."""
    newest = catalog.sorted_by("created", "desc")
    listed: list[tuple[dict[str, Any], list[str]]] = [({}, newest), ({"sort_order": "asc"}, newest)]
    for field in FIELDS:
        listed.append(({"sort_field": field}, catalog.sorted_by(field, "asc")))
        for order in DIRECTIONS:
            listed.append(({"sort_field": field, "sort_order": order}, catalog.sorted_by(field, order)))
    return listed


@check(*MAKES, full=True)
def orders_of_data_assets(deployment: Deployment) -> None:
    """Data assets come in each documented order, equal ones by id; pages of any length, by token and by offset, give
    what one long page gives, and the first page holds what comes first.
    """
    with make_catalog(deployment) as catalog:
        for sorting, keys in orders(catalog):
            catalog.expect_order(keys, sorting, rules=rules_of(sorting))
            for limit in (1, 4):
                _expect_walk(catalog, keys, sorting | {"limit": limit}, "token")
            _expect_walk(catalog, keys, sorting | {"limit": 5}, "offset")
        _check_ties(catalog)
        for limit in (1, 2, 4):
            for way in ("token", "from"):
                _expect_walk(catalog, NAMED_MICA, {"query": "mica", "limit": limit}, way)
        # What has both words comes first, though another that has one may count more.
        expected = catalog.find({"query": "mica jade"})
        for limit in (1, 2, 3):
            for way in ("token", "offset"):
                _expect_walk(catalog, expected, {"query": "mica jade", "limit": limit}, way)


def rules_of(sorting: dict[str, Any]) -> list[str]:
    """The rules that an order judges."""
    if "sort_field" not in sorting:
        return ["search.order.default"] if not sorting else ["search.order.ascending"]
    field = [f"search.order.{sorting['sort_field']}"]
    return field if "sort_order" in sorting else [*field, "search.order.ascending"]


def _check_ties(catalog: Catalog) -> None:
    """Equal ones come by id, in the direction of the order."""
    same = [catalog.rows[key] for key in ("twin", "double")]
    for field in ("name", "size", "type"):
        expect(getattr(same[0], field) == getattr(same[1], field), f"two data assets made alike have not one {field}")
        for order in DIRECTIONS:
            expected = sorted((row.id for row in same), reverse=order == "desc")
            page = catalog.page({"limit": LONG, "sort_field": field, "sort_order": order})
            actual = [row["id"] for row in page["results"] if row["id"] in expected]
            expect(actual == expected, f"equal ones by {field} {order} come as {actual}", "search.order.ties")


def _expect_walk(catalog: Catalog, expected: Sequence[str], request: dict[str, Any], way: str) -> None:
    """Walk through a search: by `token`, or by `offset`, which also has the name `from`."""
    by_token = way == "token"
    actual = _by_token(catalog, request) if by_token else _by_offset(catalog, request, way)
    given = f"page by page, {request} gives {actual}, not {list(expected)}"
    expect(actual == list(expected), given, "search.pages.token" if by_token else "search.pages.offset")


def _by_token(catalog: Catalog, request: dict[str, Any]) -> list[str]:
    """A walk by token. Raises `CheckFailed` when a page contradicts itself, or the walk does not end."""
    found: list[str] = []
    token = None
    for _ in range(len(FOUND) + 1):
        page = catalog.page(request | ({"next_token": token} if token else {}))
        _require_page(page, request["limit"])
        found += catalog.keys(page["results"])
        token = page.get("next_token")
        if not token:
            return found
    raise CheckFailed(f"a walk through {len(FOUND)} rows with {request} does not end")


def _by_offset(catalog: Catalog, request: dict[str, Any], name: str) -> list[str]:
    """A walk by offset."""
    found: list[str] = []
    for offset in range(0, len(FOUND) + 1, request["limit"]):
        page = catalog.page(request | {name: offset})
        _require_page(page, request["limit"])
        found += catalog.keys(page["results"])
        if not page["has_more"]:
            break
    return found


def _require_page(page: dict[str, Any], limit: int) -> None:
    rows = len(page["results"])
    expect(rows <= limit, f"a page of {limit} has {rows} rows")
    expect(rows == limit or not page["has_more"], f"a page of {limit} has {rows} rows, and has_more is true")
    expect(bool(page.get("next_token")) is page["has_more"], "has_more and next_token of a page disagree", HAS_MORE)


@check(*MAKES, "search_data_assets_legacy", full=True)
def totals_of_data_assets(deployment: Deployment) -> None:
    """The older search by GET gives the same rows in the same orders, ten on a page; its total is the number of all
    that match, also when one of them has just been archived or is back.
    """
    with make_catalog(deployment) as catalog:
        for sorting, keys in orders(catalog):
            _expect_old_pages(catalog, sorting, keys)
        for request, finds in (
            ({"type": "dataset"}, ("theirs", "near", "remote", "far")),
            ({"type": "result", "query": "mica"}, ("seam", "vein9", "lent", "lineage")),
            ({"type": "result", "ownership": "owner", "query": "raw"}, ("lineage",)),
            ({"ownership": "shared"}, ("theirs",)),
            ({"archived": "true"}, ("old",)),
            ({"favorite": "true"}, ()),
            ({"query": "mica"}, NAMED_MICA),
        ):
            _expect_old_page(catalog, request, list(finds), len(finds))
        client = deployment.sdk().data_assets
        newest = catalog.sorted_by("created", "desc")
        without = [key for key in newest if key != "lineage"]
        client.archive_data_asset(catalog.rows["lineage"].id, True)
        _expect_old_page(catalog, {"limit": 2}, without[:2], len(without))
        _expect_old_page(catalog, {"limit": 1, "archived": "true"}, ["old"], 2)
        client.archive_data_asset(catalog.rows["lineage"].id, False)
        _expect_old_page(catalog, {"limit": 2}, newest[:2], len(newest))


def _expect_old_pages(catalog: Catalog, sorting: dict[str, Any], keys: list[str]) -> None:
    """Walk through the older search."""
    count = len(keys)
    beginnings = ((0, None), (LEGACY_LIMIT, None), (0, 3), (4, 1), (count - 1, 5), (count, 5), (2**63 - 1, 1))
    for start, limit in beginnings:
        page = sorting | ({"start": start} if start else {}) | ({"limit": limit} if limit else {})
        expected = keys[start : start + (limit or LEGACY_LIMIT)]
        _expect_old_page(catalog, page, expected, len(keys), more=start + len(expected) < len(keys))


def _expect_old_page(
    catalog: Catalog, request: dict[str, Any], expected: list[str], total: int, *, more: bool | None = None
) -> None:
    params = catalog.tagged(request)
    answer = catalog.deployment.http().ask("GET", "/data_assets", 200, params=params).json()
    actual = catalog.keys(answer["results"])
    rules = [f"search_data_assets_legacy.query.{name}" for name in request]
    expect(
        actual == expected,
        f"the older search with {request} gives {actual}, not {expected}",
        *rules,
        *(["search.pages.limit"] if "limit" not in request else []),
    )
    counted = f"the older search with {request} counts {answer['total']}, not {total}"
    expect(answer["total"] == total, counted, "search.pages.total", "search_data_assets_legacy.answer.total")
    more = more if more is not None else len(expected) < total
    expect(answer["has_more"] is more, f"the older search with {request} says has_more={answer['has_more']}", HAS_MORE)
    expect("next_token" not in answer, "the older search gives a token")


@check(*MAKES, full=True)
def page_limits(deployment: Deployment) -> None:
    """Limits and offsets are taken from the lowest to the highest value, and refused beyond; behind the end there is
    nothing, and no more.
    """
    with make_catalog(deployment) as catalog:
        newest = catalog.sorted_by("created", "desc")
        for limit in (1, len(newest) - 1, len(newest), len(newest) + 1, 999, 1000):
            for way in ({}, {"sort_field": "created", "sort_order": "desc"}):
                page = catalog.page(way | {"limit": limit})
                held = catalog.keys(page["results"])
                expect(held == newest[:limit], f"a page of {limit} holds others than the newest", "search.pages.limit")
                more = f"a page of {limit} says has_more={page['has_more']}"
                expect(page["has_more"] is (limit < len(newest)), more, HAS_MORE)
        count = len(newest)
        for sorting in ({}, {"sort_field": "name"}, {"query": "mica"}):
            every = catalog.find(sorting)
            for offset in (0, 1, len(every) - 1, len(every), count + 1, 300, 301, 2**31, 2**53 + 1, 2**63 - 1):
                for name in ("offset", "from"):
                    page = catalog.page(sorting | {"limit": 2, name: offset})
                    actual = catalog.keys(page["results"])
                    given = f"{sorting} gives {actual} behind {name} {offset}"
                    expect(actual == every[offset : offset + 2], given, "search.pages.offset")
                    more = f"{name} {offset} says {page['has_more']}"
                    expect(page["has_more"] is (offset + 2 < len(every)), more, HAS_MORE)
        page = catalog.page({"limit": 2, "offset": 1, "from": 5})
        expect(catalog.keys(page["results"]) == newest[1:3], "from takes precedence over offset", "search.pages.offset")
        _check_refused_numbers(catalog)


def _check_refused_numbers(catalog: Catalog) -> None:
    wrong: list[dict[str, Any]] = [{"limit": limit} for limit in (0, -1, 1001, 2**31, 2**63, 2**64 + 1, 1.5)]
    wrong += [{name: offset} for name in ("offset", "from") for offset in (-1, 2**63, 2**64, -(2**63), 0.5)]
    for request in wrong:
        catalog.expect_refused(request, f"search.pages.{'limit' if 'limit' in request else 'offset'}")
