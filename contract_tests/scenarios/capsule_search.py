"""Searching for capsules and pipelines, which the API cannot make: what is there is compared with itself."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from codeocean.capsule import CapsuleSearchParams

from contract_tests.checks import check
from contract_tests.deployment import Deployment
from contract_tests.findings import CheckSkipped, expect
from contract_tests.scenarios.eventually import undisturbed
from contract_tests.scenarios.expect_error import expect_error
from contract_tests.scenarios.pages import rows_of

Search = Callable[..., list[Any]]
"""A search with the fields of `CapsuleSearchParams`, through all pages."""

LONGEST_NAME = 20
"""The service has been observed to find no name by a longer term."""

LIMITS = (1, 3, 1000)
"""Rows on a page. What moves with each run, `last_accessed`, is looked at on the last alone: others start runs too."""


def _search(deployment: Deployment, kind: str) -> Search:
    client = getattr(deployment.sdk(), f"{kind}s")

    def rows(**filters: Any) -> list[Any]:
        return rows_of(getattr(client, f"search_{kind}s"), CapsuleSearchParams(**{"limit": 1000} | filters))

    return rows


def _check_search(deployment: Deployment, kind: str) -> None:
    search = _search(deployment, kind)
    if not search():
        raise CheckSkipped(f"there is no {kind}")
    undisturbed(lambda: _check_filters(search, kind))
    undisturbed(lambda: _check_queries(search, kind))
    for order in ("asc", "desc"):
        for field, limits in (("name", LIMITS), ("created", LIMITS), ("last_accessed", LIMITS[-1:])):
            undisturbed(partial(_check_order, search, field, order, limits, kind))
    undisturbed(lambda: _check_offsets(deployment, kind))


def _ids(rows: Iterable[Any]) -> set[str]:
    return {row.id for row in rows}


def _check_filters(search: Search, kind: str) -> None:
    """Each filter gives what it says, and the two sides of it together give everything."""
    rows = search()
    me = {row.owner for row in search(ownership="created")}
    expect(len(me) <= 1, f"the {kind}s that a user created belong to {len(me)} users")
    sides = (
        ("status", ("release", "non_release"), lambda row: row.status.value),
        ("ownership", ("created", "shared"), lambda row: "created" if row.owner in me else "shared"),
    )
    for name, values, of in sides:
        for value in values:
            expected = _ids(row for row in rows if of(row) == value)
            actual = _ids(search(**{name: value}))
            expect(
                actual == expected, f"a search for {kind}s with {name}={value} finds {len(actual)}, not {len(expected)}"
            )
    hidden = _ids(search(archived=True))
    expect(not hidden & _ids(rows), f"archived {kind}s are found among the rest")
    private = _ids(search(ownership="private"))
    expect(private <= _ids(row for row in rows if row.owner in me), f"{kind}s of others are called private")
    favorites = _ids(search(favorite=True))
    expect(favorites <= _ids(rows), f"favorite {kind}s are not found among all")


def _check_queries(search: Search, kind: str) -> None:
    """Names by their beginnings, and tags, in any case, alone and together. Other parts of names may match too."""
    rows = search()
    for row in rows[:3]:
        word = row.name.split()[0].strip(':"')[:LONGEST_NAME]
        begun = _ids(other for other in rows if other.name.lower().startswith(word.lower()))
        holding = _ids(other for other in rows if word.lower() in other.name.lower())
        for query in (f'name:"{word}"', f'name:"{word.upper()}"'):
            actual = _ids(search(query=query))
            right = begun <= actual <= holding
            expect(right, f"a search for {kind}s with {query} finds {len(actual)}, not {len(begun)} to {len(holding)}")
        for tag in (row.tags or ())[:2]:
            tagged = _ids(other for other in rows if tag.lower() in map(str.lower, other.tags or ()))
            actual = _ids(search(query=f'tag:"{tag}"'))
            expect(actual == tagged, f"a search for {kind}s with a tag finds {len(actual)}, not {len(tagged)}")
            actual = _ids(search(query=f'tag:"{tag}" name:"{word}"'))
            right = tagged & begun <= actual <= tagged & holding
            expect(right, f"a search for {kind}s with a tag and a name finds {len(actual)}")
        expect(row.id in _ids(search(query=f'"{row.name}"')), f"a search for the name of a {kind} does not find it")
    expect(not search(query="name:nosuchname"), f"a search for {kind}s with an unused name finds some")
    expect(not search(query="nosuchword"), f"a search for {kind}s with an unused word finds some")


def _check_order(search: Search, field: str, order: str, limits: Iterable[int], kind: str) -> None:
    """One long page is sorted, and shorter ones give the same."""
    walks = {limit: search(sort_field=field, sort_order=order, limit=limit) for limit in limits}
    whole = walks[LIMITS[-1]]
    values = [getattr(row, field) or 0 for row in whole]
    expect(values == sorted(values, reverse=order == "desc"), f"{kind}s are not sorted by {field} {order}")
    for limit, rows in walks.items():
        same = [row.id for row in rows] == [row.id for row in whole]
        expect(same, f"{kind}s by {field} {order}, {limit} a page, differ from those of one long page")


def _check_offsets(deployment: Deployment, kind: str) -> None:
    client = getattr(deployment.sdk(), f"{kind}s")
    ask = getattr(client, f"search_{kind}s")
    whole = [row.id for row in ask(CapsuleSearchParams(limit=1000)).results]
    actual: list[str] = []
    for offset in range(0, len(whole), 2):
        page = ask(CapsuleSearchParams(limit=2, offset=offset))
        expect(len(page.results) <= 2, f"a page of 2 has {len(page.results)} rows")
        expect(page.has_more is (offset + 2 < len(whole)), f"page {offset} of {kind}s says has_more={page.has_more}")
        expect(bool(page.next_token) is page.has_more, f"page {offset} of {kind}s and its token disagree")
        actual += [row.id for row in page.results]
    expect(actual == whole, f"{kind}s by offset differ from those of one long page")
    for wrong in (0, 1001, -1):
        expect_error(400, f"a search for {kind}s with limit={wrong}", ask, CapsuleSearchParams(limit=wrong))
    expect_error(400, "a forged token", ask, CapsuleSearchParams(next_token="made-up"))  # noqa: S106


@check("search_capsules", full=True)
def search_capsules(deployment: Deployment) -> None:
    """Capsules are found by name, tag and filter, in the order asked for, page by page without one dropped or
    repeated.
    """
    _check_search(deployment, "capsule")


@check("search_pipelines", full=True)
def search_pipelines(deployment: Deployment) -> None:
    """Pipelines are found by name, tag and filter, in the order asked for, page by page without one dropped or
    repeated.
    """
    _check_search(deployment, "pipeline")
