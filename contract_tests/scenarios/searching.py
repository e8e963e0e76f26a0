"""Searching for data assets: filters, the search language, orders, pages. Only what the scenario made is judged."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

from codeocean.data_asset import DataAssetSearchParams

from contract_tests.checks import check
from contract_tests.deployment import Deployment
from contract_tests.findings import expect
from contract_tests.scenarios import fixtures
from contract_tests.scenarios.eventually import eventually
from contract_tests.scenarios.expect_error import expect_error
from contract_tests.scenarios.pages import rows_of

CAPTURE = ("run_capsule", "get_computation", "create_data_asset", "get_data_asset", "delete_data_asset")

NAMES = ("alpha", "beta", "gamma")

UNDISTURBED = "search.pages.undisturbed"

STEPS = 20
"""Pages that are asked for before a walk counts as endless."""


class TaggedAssets(NamedTuple):
    """Data assets that carry a tag of their own, by a short name, oldest first."""

    deployment: Deployment
    tag: str
    ids: dict[str, str]

    def names_of(self, rows: Iterable[Any]) -> list[str]:
        """Return the names of those among `rows`, in that order."""
        names = {key: name for name, key in self.ids.items()}
        return [names[row.id] for row in rows if row.id in names]

    def search(self, query: str = "", **filters: Any) -> list[str]:
        """Search page by page; the names found, in order. `query` is added to the tag."""
        params = DataAssetSearchParams(query=f'tag:"{self.tag}" {query}'.strip(), **{"limit": 100} | filters)
        return self.names_of(rows_of(self.deployment.sdk().data_assets.search_data_assets, params))

    def expect_found(self, expected: Iterable[str], query: str = "", **filters: Any) -> None:
        """Raise `CheckFailed` unless a search gives these, in any order."""
        request = " ".join(filter(None, (query, *(f"{name}={value}" for name, value in filters.items()))))
        eventually(
            self.deployment,
            lambda: sorted(self.search(query, **filters)) == sorted(expected),
            f"a search for {request or 'their tag'} does not give {', '.join(expected) or 'nothing'}",
        )


@contextmanager
def _three_assets(deployment: Deployment) -> Iterator[TaggedAssets]:
    tag = f"{deployment.tag}-found"
    about = {"alpha": "A zebra.", "beta": "A giraffe.", "gamma": "Zebra and giraffe."}
    with ExitStack() as stack:
        ids = {}
        for name in NAMES:
            tags = [tag, f"{tag}-{name}"]
            asset = fixtures.capture_asset(deployment, f"{name} {deployment.tag}", tags=tags, description=about[name])
            ids[name] = stack.enter_context(asset).id
            deployment.pass_time(2)
        yield TaggedAssets(deployment, tag, ids)


@check(*CAPTURE, "search_data_assets", "archive_data_asset")
def search_and_page(deployment: Deployment) -> None:
    """Data assets are found by tag, name, word and filter, in the order asked for, page by page without one dropped or
    repeated.
    """
    with _three_assets(deployment) as assets:
        assets.expect_found(NAMES)
        _check_filters(assets)
        _check_queries(assets)
        _check_archived(assets)
        _check_order(assets)
        _check_offsets(assets)


def _check_filters(assets: TaggedAssets) -> None:
    for filters, matches in (
        ({"type": "result"}, True),
        ({"type": "dataset"}, False),
        ({"type": "combined"}, False),
        ({"type": "model"}, False),
        ({"origin": "internal"}, True),
        ({"origin": "external"}, False),
        ({"ownership": "created"}, True),
        ({"ownership": "shared"}, False),
        ({"favorite": False}, True),
        ({"favorite": True}, False),
        ({"type": "result", "origin": "internal", "ownership": "created"}, True),
        ({"type": "result", "origin": "external", "ownership": "created"}, False),
    ):
        assets.expect_found(NAMES if matches else (), **filters)


def _check_queries(assets: TaggedAssets) -> None:
    for query, expected in (
        ("name:alpha", ("alpha",)),
        ("name:ALPHA", ("alpha",)),
        ("name:alpha name:gamma", ("alpha", "gamma")),
        ("name:alpha zebra", ("alpha",)),
        ("name:beta zebra", ()),
        ("zebra", ("alpha", "gamma")),
        ("name:nosuchname", ()),
        ("nosuchword", ()),
        (f'tag:"{assets.tag}-beta" name:beta', ("beta",)),
    ):
        assets.expect_found(expected, query)
    # Whether both words have to match is not documented.
    expect("gamma" in assets.search("zebra giraffe"), "a search for two words does not find what has both")


def _check_archived(assets: TaggedAssets) -> None:
    client = assets.deployment.sdk().data_assets
    assets.expect_found((), archived=True)
    client.archive_data_asset(assets.ids["beta"], True)
    assets.expect_found(("beta",), archived=True)
    assets.expect_found(("alpha", "gamma"))
    assets.expect_found(("alpha", "gamma"), archived=False)
    client.archive_data_asset(assets.ids["beta"], False)
    assets.expect_found(NAMES, archived=False)


def _check_order(assets: TaggedAssets) -> None:
    for field in ("name", "created"):
        for order, expected in (("asc", list(NAMES)), ("desc", list(reversed(NAMES)))):
            for limit in (1, 2, 100):
                actual = assets.search(sort_field=field, sort_order=order, limit=limit)
                expect(actual == expected, f"sorted by {field} {order}, {limit} a page, {expected} come as {actual}")


def _check_offsets(assets: TaggedAssets) -> None:
    """Pages can be reached by offset too, and the SDK's iterator goes through them."""
    client = assets.deployment.sdk().data_assets
    params = {"query": f'tag:"{assets.tag}"', "sort_field": "name", "sort_order": "asc", "limit": 1}
    actual: list[str] = []
    for offset in range(STEPS):
        page = client.search_data_assets(DataAssetSearchParams(offset=offset, **params))
        expect(len(page.results) <= 1, f"a page of 1 has {len(page.results)} rows")
        actual += assets.names_of(page.results)
        if not page.has_more:
            break
    expect(actual == list(NAMES), f"by offset, {list(NAMES)} come as {actual}")
    actual = assets.names_of(client.search_data_assets_iterator(DataAssetSearchParams(**params)))
    expect(actual == list(NAMES), f"by the SDK's iterator, {list(NAMES)} come as {actual}")


@check(*CAPTURE, "search_data_assets", full=True)
def pages_hold(deployment: Deployment) -> None:
    """A walk through pages neither repeats nor drops a row, although others are made and deleted meanwhile."""
    client = deployment.sdk().data_assets
    with _three_assets(deployment) as assets:
        for order, first in (("desc", "gamma"), ("asc", "alpha")):
            params = {"query": f'tag:"{assets.tag}"', "sort_field": "created", "sort_order": order, "limit": 1}
            page = client.search_data_assets(DataAssetSearchParams(**params))
            actual = assets.names_of(page.results)
            with fixtures.capture_asset(deployment, "late", tags=[assets.tag]):
                actual += assets.names_of(_rows_after(client, params, page, 1))
            made = f"while one was made, a walk {order} gave {actual}"
            expect(sorted(actual) == sorted(NAMES), made, UNDISTURBED)
            expect(actual[0] == first, f"a walk by creation, {order}, began with {actual[0]}")
        with fixtures.capture_asset(deployment, "between", tags=[assets.tag]) as between:
            params = {"query": f'tag:"{assets.tag}"', "sort_field": "created", "sort_order": "desc", "limit": 1}
            page = client.search_data_assets(DataAssetSearchParams(**params))
            client.delete_data_asset(between.id)
            actual = assets.names_of(page.results) + assets.names_of(_rows_after(client, params, page, 1))
        expect(actual == list(reversed(NAMES)), f"while one was deleted, a walk gave {actual}", UNDISTURBED)
        other = DataAssetSearchParams(**params | {"next_token": "made-up"})
        expect_error(400, "a search with a forged token", client.search_data_assets, other)


def _rows_after(client: Any, params: dict[str, Any], page: Any, limit: int) -> Iterator[Any]:
    """The rows of the pages behind a page."""
    for _ in range(STEPS):
        if not page.has_more:
            return
        page = client.search_data_assets(DataAssetSearchParams(**params, next_token=page.next_token))
        expect(len(page.results) <= limit, f"a page of {limit} has {len(page.results)} rows")
        yield from page.results


@check(*CAPTURE, "search_data_assets", full=True)
def search_by_kind(deployment: Deployment) -> None:
    """Data assets are filtered by type and origin, sorted by size and type; equal ones keep one order on all pages."""
    tag = f"{deployment.tag}-kinds"
    external, internal = (fixtures.from_bucket("kinds", external=external) for external in (True, False))
    with ExitStack() as stack:
        rows = {}
        for name, source in (("result", None), ("far", external), ("further", external), ("near", internal)):
            source = source or fixtures.from_run(fixtures.shared_run(deployment).id)
            asset = fixtures.create_ready_asset(deployment, f"{name} kind", tags=[tag], mount=name, source=source)
            rows[name] = stack.enter_context(asset)
        parts = [rows["far"].id, rows["further"].id]
        whole = fixtures.create_ready_asset(deployment, "whole kind", tags=[tag], data_asset_ids=parts)
        rows["whole"] = stack.enter_context(whole)
        assets = TaggedAssets(deployment, tag, {name: row.id for name, row in rows.items()})
        assets.expect_found(("result",), type="result")
        assets.expect_found(("far", "further", "near"), type="dataset")
        assets.expect_found(("whole",), type="combined")
        assets.expect_found(("result", "near"), origin="internal")
        assets.expect_found(("far", "further", "whole"), origin="external")
        assets.expect_found(tuple(rows), ownership="private")
        for field in ("size", "type"):
            for order in ("asc", "desc"):
                _check_sorting(assets, rows, field, order)


def _check_sorting(assets: TaggedAssets, rows: dict[str, Any], field: str, order: str) -> None:
    walks = {limit: assets.search(sort_field=field, sort_order=order, limit=limit) for limit in (1, 2, 100)}
    for limit, names in walks.items():
        values = [getattr(rows[name], field) for name in names]
        expect(
            len(names) == len(rows), f"sorted by {field} {order}, {limit} a page, {len(names)} of {len(rows)} are found"
        )
        expected = sorted(values, reverse=order == "desc")
        expect(values == expected, f"sorted by {field} {order}, {limit} a page, the values come as {values}")
        expect(names == walks[100], f"sorted by {field} {order}, {limit} a page, equal ones come in another order")


@check(*CAPTURE, "search_data_assets_legacy", full=True)
def legacy_search(deployment: Deployment) -> None:
    """The older search by GET finds the same, with the number of all that match."""
    caller = deployment.http()
    with _three_assets(deployment) as assets:
        tag = f'tag:"{assets.tag}"'
        names = {key: name for name, key in assets.ids.items()}
        for query, expected in (
            ({"sort_field": "name", "sort_order": "asc"}, list(NAMES)),
            ({"sort_field": "name", "sort_order": "desc"}, list(reversed(NAMES))),
            ({"type": "dataset"}, []),
            ({"type": "result", "ownership": "owner", "sort_field": "name", "sort_order": "asc"}, list(NAMES)),
            ({"ownership": "shared"}, []),
            ({"archived": "true"}, []),
            ({"favorite": "true"}, []),
            ({"query": f"{tag} name:beta"}, ["beta"]),
        ):
            answer = caller.ask("GET", "/data_assets", 200, params={"query": tag} | query).json()
            actual = [names.get(row["id"]) for row in answer["results"]]
            rules = [f"search_data_assets_legacy.query.{name}" for name in query]
            expect(actual == expected, f"the legacy search for {query} gives {actual}, not {expected}", *rules)
            expect(answer["total"] == len(expected), f"the legacy search counts {answer['total']}, not {len(expected)}")
        actual = []
        for start in range(len(NAMES)):
            page = {"query": tag, "sort_field": "name", "sort_order": "asc", "start": start, "limit": 1}
            answer = caller.ask("GET", "/data_assets", 200, params=page).json()
            actual += [names.get(row["id"]) for row in answer["results"]]
            more = start + 1 < len(NAMES)
            expect(answer["has_more"] is more, f"the legacy search says of page {start} has_more={answer['has_more']}")
            expect(answer["total"] == len(NAMES), "the legacy search counts one page alone")
        expect(actual == list(NAMES), f"by the legacy search, page by page, {list(NAMES)} come as {actual}")
