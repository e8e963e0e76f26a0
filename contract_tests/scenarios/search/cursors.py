"""Tokens of searches: each belongs to one search of one user, and none can be made up."""

from collections.abc import Iterator
from typing import Any

from contract_tests.checks import check
from contract_tests.deployment import ADMIN, OTHER, OWNER, READER, Deployment
from contract_tests.findings import expect
from contract_tests.scenarios.search.catalog import HAS_MORE, MAKES, SEARCH, Catalog, make_catalog

SEARCHED: dict[str, Any] = {
    "query": "mica",
    "sort_field": "name",
    "sort_order": "asc",
    "ownership": "created",
    "origin": "internal",
    "filters": [{"key": "tags", "values": ["mica", "raw", "granite"]}],
    "limit": 1,
}
"""A search of which each part can be changed."""

CHANGES: tuple[dict[str, Any], ...] = (
    {"query": "talc"},
    {"query": "mica talc"},
    {"query": None},
    {"sort_field": "size"},
    {"sort_field": "created"},
    {"sort_field": "type"},
    {"sort_field": None},
    {"sort_order": "desc"},
    {"ownership": "private"},
    {"ownership": None},
    {"origin": "external"},
    {"origin": None},
    {"type": "result"},
    {"archived": True},
    {"favorite": True},
    {"filters": None},
    {"filters": [{"key": "tags", "values": ["mica", "raw"]}]},
    {"filters": [{"key": "tags", "values": ["mica", "raw", "granite"], "exclude": True}]},
    {"filters": [{"key": "name", "values": ["mica", "raw", "granite"]}]},
)

OF_ITS_SEARCH = "search.pages.token_of_its_search"

BEGINNINGS: tuple[dict[str, Any], ...] = (
    {},
    {"sort_field": "name"},
    {"sort_field": "created"},
    {"sort_field": "size", "sort_order": "desc"},
    {"query": "mica"},
    {"query": "mica jade"},
)
"""Searches of each way to find the next page."""


@check(*MAKES, "search_capsules", "search_pipelines", full=True)
def tokens_of_searches(deployment: Deployment) -> None:
    """A token goes on with its own search, in pages of any length and whatever the offset; with another query, filter,
    order, user or collection, and with any character of it changed, it is refused.
    """
    with make_catalog(deployment) as catalog:
        token = _token(catalog, SEARCHED)
        for change in CHANGES:
            changed = {name: value for name, value in (SEARCHED | change).items() if value is not None}
            _refused(catalog, changed, token, f"another search ({change})")
        for who in (OTHER, ADMIN):
            _refused(catalog, SEARCHED, token, f"another user, {who},", who)
        for forged in _forged(token, _token(catalog, SEARCHED | {"sort_order": "desc"})):
            if forged != token:
                _refused(catalog, SEARCHED, forged, "a forged token", rule="search.refused.token")
        for search in BEGINNINGS:
            _check_going_on(catalog, search)
            _check_behind_an_offset(catalog, search)
        _check_collections(deployment)


def _token(catalog: Catalog, search: dict[str, Any]) -> str:
    page = catalog.page(search | {"limit": 1})
    expect(page.get("next_token"), f"a page of 1 of {search} has no token")
    return str(page["next_token"])


def _refused(
    catalog: Catalog, search: dict[str, Any], token: str, what: str, who: str = OWNER, *, rule: str = OF_ITS_SEARCH
) -> None:
    request = catalog.tagged(search | {"next_token": token})
    answer = catalog.deployment.http(who).ask("POST", SEARCH, json=request)
    expect(answer.status == 400, f"a token with {what} returned {answer.status}, expected 400", rule)


def _forged(token: str, other: str) -> Iterator[str]:
    """Tokens that differ from a right one in one place, or are put together from two."""
    places = [
        0,
        1,
        len(token) // 3,
        *(at + shift for at, char in enumerate(token) if char == "." for shift in (-1, 0, 1)),
    ]
    for place in sorted({*places, len(token) - 2, len(token) - 1}):
        yield f"{token[:place]}{'B' if token[place] == 'A' else 'A'}{token[place + 1 :]}"
        yield token[:place] + token[place + 1 :]
    yield from (f"{token}A", f"A{token}", token * 2, token.swapcase(), token[::-1], token[: len(token) // 2])
    body, dot, seal = token.rpartition(".")
    if dot:
        other_body, _, other_seal = other.rpartition(".")
        yield from (f"{body}.{other_seal}", f"{other_body}.{seal}", f"{body}.{seal.swapcase()}", body, f"{body}.")


def _check_going_on(catalog: Catalog, search: dict[str, Any]) -> None:
    """The token of a page of two leads to the rest, whatever else says where a page begins."""
    every = catalog.find(search)
    page = catalog.page(search | {"limit": 2})
    token = page["next_token"]
    again = catalog.page(search | {"limit": 2})
    expect(catalog.keys(again["results"]) == every[:2], f"{search} gives another first page when asked again")
    for more in (
        {"limit": 1},
        {"limit": 1000},
        {"limit": 3, "offset": 1},
        {"limit": 3, "from": 4},
        {"limit": 2, "offset": 0},
    ):
        rest = catalog.page(search | more | {"next_token": token})
        actual, expected = catalog.keys(rest["results"]), every[2 : 2 + more["limit"]]
        given = f"the token of {search} with {more} gives {actual}, not {expected}"
        expect(actual == expected, given, "search.pages.token")
        behind = len(every) > 2 + more["limit"]
        expect(
            rest["has_more"] is behind, f"the token of {search} with {more} says has_more={rest['has_more']}", HAS_MORE
        )
    # A reader of the same user sees the same.
    reading = catalog.page(search | {"limit": 2, "next_token": token}, READER)
    expect(catalog.keys(reading["results"]) == every[2:4], "a token is not taken from another token of the same user")
    for unset in (None, ""):
        first = catalog.page(search | {"limit": 2, "next_token": unset})
        expect(catalog.keys(first["results"]) == every[:2], f"next_token={unset!r} does not begin with the first page")


def _check_behind_an_offset(catalog: Catalog, search: dict[str, Any]) -> None:
    """A walk that begins behind an offset goes on by token through all that follows, and gives nothing twice."""
    every = catalog.find(search)
    for offset, limit in ((1, 1), (1, 2), (2, 2), (3, 1)):
        page = catalog.page(search | {"limit": limit, "offset": offset})
        walked = catalog.keys(page["results"])
        while (token := page.get("next_token")) and len(walked) < len(every):
            page = catalog.page(search | {"limit": limit, "next_token": token})
            walked += catalog.keys(page["results"])
        message = f"{search} from the offset {offset} on gives {walked} by token, not {every[offset:]}"
        expect(walked == every[offset:], message, "search.pages.token", "search.pages.offset")


def _check_collections(deployment: Deployment) -> None:
    """A token of one collection is none of another, although the request is the same."""
    caller = deployment.http()
    paths = (SEARCH, "/capsules/search", "/pipelines/search")
    request = {"limit": 1, "sort_field": "name", "sort_order": "asc"}
    for path in paths:
        token = caller.ask("POST", path, 200, json=request).json().get("next_token")
        for other in paths if token else ():
            if other != path:
                answer = caller.ask("POST", other, json=request | {"next_token": token})
                taken = f"{other} took a token of {path}: {answer.status}, expected 400"
                expect(answer.status == 400, taken, OF_ITS_SEARCH)
